public import Core

/// Why a file of bars is refused. Nothing of a refused file is imported.
public enum BarFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where in the file: its path, and the line counted from one.
    public struct Place: Hashable, Sendable, CustomStringConvertible {
        public let file: String
        public let line: Int?
        public init(_ file: String, line: Int? = nil) {
            self.file = file
            self.line = line
        }
        public var description: String { line.map { "\(file):\($0)" } ?? file }
    }

    case empty(Place)
    case noBars(Place)
    case tooLarge(Place, bytes: Int, limit: Int)
    /// `kind` says what the bytes look like: `UTF-16 text`, `gzip data`, `binary data`.
    case notText(Place, kind: String)
    case unknownHeader(Place, found: String)
    case missingColumn(Place, column: String)
    case repeatedColumn(Place, column: String)
    case unknownColumn(Place, column: String)
    case columnCount(Place, found: Int, expected: Int)
    case notANumber(Place, column: String, text: String)
    case tooPrecise(Place, column: String, text: String)
    case unsupportedTimestamp(Place, column: String, text: String, expected: String)
    case unknownSymbol(Place)
    case notConfigured(Place, Symbol)
    case unknownTimeframe(Place)
    case unsupportedTimeframe(Place, text: String)
    case timeframeMismatch(Place, inFile: Timeframe, given: Timeframe)
    case noCalendar(Place, what: String)
    case quotes(Place)
    case unsupportedLean(Place, what: String)
    case brokenZip(Place, what: String)

    public var description: String {
        let (what, cure) = parts
        return "\(place): \(what); nothing of this file was imported. \(cure)"
    }

    public var place: Place {
        switch self {
        case .empty(let place), .noBars(let place), .tooLarge(let place, _, _), .notText(let place, _),
            .unknownHeader(let place, _), .missingColumn(let place, _), .repeatedColumn(let place, _),
            .unknownColumn(let place, _), .columnCount(let place, _, _), .notANumber(let place, _, _),
            .tooPrecise(let place, _, _), .unsupportedTimestamp(let place, _, _, _),
            .unknownSymbol(let place), .notConfigured(let place, _), .unknownTimeframe(let place),
            .unsupportedTimeframe(let place, _), .timeframeMismatch(let place, _, _), .noCalendar(let place, _),
            .quotes(let place),
            .unsupportedLean(let place, _), .brokenZip(let place, _):
            place
        }
    }

    /// The column at fault, as the file names it.
    public var column: String? {
        switch self {
        case .missingColumn(_, let column), .repeatedColumn(_, let column), .unknownColumn(_, let column),
            .notANumber(_, let column, _), .tooPrecise(_, let column, _),
            .unsupportedTimestamp(_, let column, _, _):
            column
        case .empty, .noBars, .tooLarge, .notText, .unknownHeader, .columnCount, .unknownSymbol, .notConfigured,
            .unknownTimeframe, .unsupportedTimeframe, .timeframeMismatch, .noCalendar, .quotes, .unsupportedLean,
            .brokenZip:
            nil
        }
    }

    /// What is wrong, and what to do about it.
    private var parts: (what: String, cure: String) {
        switch self {
        case .empty: ("the file is empty", "Download it again.")
        case .noBars: ("there is a header but not one bar", "Download it again, or leave the file out.")
        case .tooLarge(_, let bytes, let limit):
            ("\(bytes) bytes are more than the limit of \(limit)", "Split the file by date.")
        case .notText(_, let kind):
            ("this is \(kind), not a CSV file in UTF-8", "Unpack or convert it to UTF-8 text first.")
        case .unknownHeader(_, let found):
            (
                "the first line '\(found)' is no header that takt knows",
                "Expected 'ts,open,high,low,close,volume' (takt) or 'Date,Open,High,Low,Close,Adj Close,Volume' in any "
                    + "order (yahoo)."
            )
        case .missingColumn(_, let column): ("the header lacks the column '\(column)'", "Add the column.")
        case .repeatedColumn(_, let column):
            ("the header names the column '\(column)' twice", "Remove one of the two columns.")
        case .unknownColumn(_, let column):
            ("the header names the unknown column '\(column)'", "Remove the column, or rename it.")
        case .columnCount(_, let found, let expected):
            (
                "\(found) columns where the header has \(expected)",
                "Repair the line; numbers carry no thousands separators."
            )
        case .notANumber(_, let column, let text):
            ("column '\(column)': '\(text)' is not a number", "Write a plain decimal number such as 184.25.")
        case .tooPrecise(_, let column, let text):
            ("column '\(column)': '\(text)' has more than eight decimals", "Round the numbers, or use --layout yahoo.")
        case .unsupportedTimestamp(_, let column, let text, let expected):
            ("column '\(column)': '\(text)' is no time that takt can read", "Expected \(expected).")
        default: naming
        }
    }

    private var naming: (what: String, cure: String) {
        switch self {
        case .unknownSymbol:
            ("the name does not say which symbol it holds", "Name it like XNAS.NVDA.5m.csv, or give --symbol.")
        case .notConfigured(_, let symbol):
            ("the symbol '\(symbol)' is not in symbols.yaml", "Add it there, or give --symbol with a configured one.")
        case .unknownTimeframe:
            ("the name does not say how long a bar is", "Name it like XNAS.NVDA.5m.csv, or give --timeframe.")
        case .unsupportedTimeframe(_, let text):
            (
                "the name says bars of '\(text)', which takt does not know",
                "Bars last minutes that divide an hour, hours that divide a day, or one session: 1m, 5m, 15m, 1h, 1d."
            )
        case .timeframeMismatch(_, let inFile, let given):
            ("the bars are \(inFile), not \(given)", "Leave --timeframe out, or give the right one.")
        case .noCalendar(_, let what):
            ("there is no exchange calendar for \(what)", "Give --symbol with a symbol of symbols.yaml.")
        case .quotes: ("this LEAN archive holds quotes, not trades", "Import the *_trade.zip beside it.")
        case .unsupportedLean(_, let what):
            (what, "takt reads LEAN's equity/usa minute, hour and daily trade archives.")
        case .brokenZip(_, let what): ("the zip archive is broken: \(what)", "Download it again.")
        default: ("the file cannot be read", "Download it again.")
        }
    }
}
