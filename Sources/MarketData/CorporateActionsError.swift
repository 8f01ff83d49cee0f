public import Core

/// Why a file of corporate actions is refused. Nothing of a refused file is used.
public enum CorporateActionsError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty(BarFileError.Place)
    case tooLarge(BarFileError.Place, bytes: Int, limit: Int)
    /// `kind` says what the bytes look like: `UTF-16 text`, `gzip data`, `a zip archive`, `binary data`.
    case notText(BarFileError.Place, kind: String)
    case unknownHeader(BarFileError.Place, found: String)
    case missingColumn(BarFileError.Place, column: String)
    case repeatedColumn(BarFileError.Place, column: String)
    case unknownColumn(BarFileError.Place, column: String)
    case columnCount(BarFileError.Place, found: Int, expected: Int)
    /// Neither a column nor the file's name says whose actions these are.
    case unknownSymbol(BarFileError.Place)
    /// `allowed` says what may stand there.
    case badValue(BarFileError.Place, column: String, text: String, allowed: String)
    /// The same action as in an earlier line.
    case duplicate(BarFileError.Place, CorporateAction, firstLine: Int)
    /// Another split of the same symbol and day as in an earlier line.
    case conflict(BarFileError.Place, CorporateAction, first: CorporateAction, firstLine: Int)

    public var place: BarFileError.Place {
        switch self {
        case .empty(let place), .tooLarge(let place, _, _), .notText(let place, _), .unknownHeader(let place, _),
            .missingColumn(let place, _), .repeatedColumn(let place, _), .unknownColumn(let place, _),
            .unknownSymbol(let place), .columnCount(let place, _, _), .badValue(let place, _, _, _),
            .duplicate(let place, _, _),
            .conflict(let place, _, _, _):
            place
        }
    }

    public var description: String {
        let (what, cure) = parts
        return "\(place): \(what); no corporate action of this file is used. \(cure)"
    }

    private var parts: (what: String, cure: String) {
        switch self {
        case .empty: ("the file is empty", "Write the header 'symbol,ex_date,kind,value', or leave the file out.")
        case .tooLarge(_, let bytes, let limit):
            ("\(bytes) bytes are more than the limit of \(limit)", "Keep only the symbols of symbols.yaml.")
        case .notText(_, let kind):
            ("this is \(kind), not a CSV file in UTF-8", "Unpack or convert it to UTF-8 text first.")
        case .unknownHeader(_, let found):
            ("the first line '\(found)' is no header of corporate actions", "Expected 'symbol,ex_date,kind,value'.")
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
        case .unknownSymbol:
            ("the name does not say which symbol's bars these are", "Name it like NVDA.1d.csv or NVDA_daily.csv.")
        case .badValue(_, let column, let text, let allowed):
            ("column '\(column)': '\(text)' is not allowed", "Expected \(allowed).")
        case .duplicate(_, let action, let line):
            ("\(action) stands in line \(line) already", "Remove one of the two lines.")
        case .conflict(_, let action, let first, let line):
            (
                "\(action) contradicts line \(line): \(first)",
                "A share is split once a day: remove the wrong line, or write both as one ratio."
            )
        }
    }
}
