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
    /// Rows that are called daily and lie four days or more apart.
    case notDaily(Place)
    case noCalendar(Place, what: String)
    /// A local time that clocks skip when summer time begins.
    case skippedTime(Place, column: String, text: String, zone: String)
    /// A local time that clocks show twice when summer time ends.
    case repeatedTime(Place, column: String, text: String, zone: String)
    /// The content fits several layouts.
    case ambiguousLayout(Place, [BarLayout])
    /// The content fits other layouts than the one that was asked for.
    case otherLayout(Place, found: [BarLayout], asked: BarLayout)
    case quotes(Place)
    case unsupportedLean(Place, what: String)
    case brokenZip(Place, what: String)
    case brokenJSON(Place, what: String)
    case unsupportedKIS(Place, what: String)
    /// The content or its name is about another symbol than the one that was asked for.
    case symbolMismatch(Place, inFile: String, given: Symbol)
    /// One row names two instants.
    case clocksDiffer(Place, column: String, text: String, other: String)

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
            .unknownSymbol(let place), .notDaily(let place), .notConfigured(let place, _), .unknownTimeframe(let place),
            .unsupportedTimeframe(let place, _), .timeframeMismatch(let place, _, _), .noCalendar(let place, _),
            .quotes(let place), .unsupportedLean(let place, _), .brokenZip(let place, _),
            .skippedTime(let place, _, _, _), .repeatedTime(let place, _, _, _), .ambiguousLayout(let place, _),
            .otherLayout(let place, _, _), .brokenJSON(let place, _), .unsupportedKIS(let place, _),
            .symbolMismatch(let place, _, _), .clocksDiffer(let place, _, _, _):
            place
        }
    }

    /// The column at fault, as the file names it.
    public var column: String? {
        switch self {
        case .missingColumn(_, let column), .repeatedColumn(_, let column), .unknownColumn(_, let column),
            .notANumber(_, let column, _), .tooPrecise(_, let column, _),
            .unsupportedTimestamp(_, let column, _, _), .skippedTime(_, let column, _, _),
            .repeatedTime(_, let column, _, _), .clocksDiffer(_, let column, _, _):
            column
        case .empty, .noBars, .tooLarge, .notText, .unknownHeader, .columnCount, .unknownSymbol, .notDaily,
            .notConfigured,
            .unknownTimeframe, .unsupportedTimeframe, .timeframeMismatch, .noCalendar, .quotes, .unsupportedLean,
            .brokenZip, .ambiguousLayout, .otherLayout, .brokenJSON, .unsupportedKIS, .symbolMismatch:
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
                    + "order (yahoo), or another layout that `takt import-bars --help` names."
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
            ("column '\(column)': '\(text)' has more than eight decimals", "Round the numbers.")
        case .unsupportedTimestamp(_, let column, let text, let expected):
            ("column '\(column)': '\(text)' is no time that takt can read", "Expected \(expected).")
        case .skippedTime(_, let column, let text, let zone):
            (
                "column '\(column)': clocks in \(zone) never show '\(text)': they skip that hour",
                "The file's times may be of another zone: give each its offset, such as 2025-11-28 09:30:00-05:00."
            )
        case .repeatedTime(_, let column, let text, let zone):
            (
                "column '\(column)': clocks in \(zone) show '\(text)' twice",
                "Give the times their offset, such as 2025-11-28 09:30:00-05:00, or remove the line."
            )
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
        case .notDaily:
            (
                "no two rows are closer than four days, so these are weeks or months, or dates with the day first",
                "Bring daily bars, with dates such as 2025-11-28."
            )
        case .noCalendar(_, let what):
            ("there is no exchange calendar for \(what)", "Give --symbol with a symbol of symbols.yaml.")
        case .ambiguousLayout(_, let layouts):
            (
                "the content fits several layouts: \(Self.list(layouts))",
                "Say which one with --layout; --timeframe may tell them apart too."
            )
        case .otherLayout(_, let found, let asked):
            (
                "this is the layout \(Self.list(found)), not \(asked.rawValue)",
                "Leave --layout out, or give the right one."
            )
        case .quotes: ("this LEAN archive holds quotes, not trades", "Import the *_trade.zip beside it.")
        case .unsupportedLean(_, let what):
            (what, "takt reads LEAN's equity/usa minute, hour and daily trade archives.")
        case .brokenZip(_, let what): ("the zip archive is broken: \(what)", "Download it again.")
        case .brokenJSON(_, let what): ("this is no whole JSON text: \(what)", "Download it again.")
        case .unsupportedKIS(_, let what):
            (what, "takt reads KIS' answers of domestic and overseas charts of minutes and days, as they were sent.")
        case .symbolMismatch(_, let inFile, let given):
            (
                "this is about '\(inFile)', not '\(given)'",
                "Leave --symbol out, or give that symbol 'broker_symbols: {kis: \(inFile)}' in symbols.yaml."
            )
        case .clocksDiffer(_, let column, let text, let other):
            (
                "column '\(column)': \(text) is another instant than \(other) in the same row",
                "Download it again; nobody can tell which of the two holds."
            )
        default: ("the file cannot be read", "Download it again.")
        }
    }

    private static func list(_ layouts: [BarLayout]) -> String {
        layouts.map(\.rawValue).joined(separator: ", ")
    }
}
