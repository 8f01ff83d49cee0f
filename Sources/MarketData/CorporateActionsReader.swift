public import Core

/// Reads the table of splits and dividends: `symbol,ex_date,kind,value` in any order of columns, one action a line.
///
/// - `kind` is `split` or `dividend`.
/// - The value of a split is new shares per old share: `10`, `0.1`, or exactly `10:1`, `1:10`, `3/2`.
/// - The value of a dividend is cash per share, before tax, in the currency the instrument trades in.
///
/// A file of Tiingo's daily bars is as good: its columns `divCash` and `splitFactor` are read, see ``TiingoActions``.
///
/// A file is read whole or not at all. Byte order mark, CRLF and empty lines are fine.
public enum CorporateActionsReader {
    /// Some fifty thousand actions.
    public static let byteLimit = 4 * 1024 * 1024
    /// The largest part of a ratio in lowest terms. The largest splits known have four digits.
    public static let ratioLimit = 1_000_000

    /// The actions in order of ex-date, then symbol. `path` is used in messages; nothing is opened.
    public static func read(_ bytes: [UInt8], path: String) throws(CorporateActionsError) -> [CorporateAction] {
        guard !bytes.isEmpty else { throw .empty(.init(path)) }
        guard bytes.count <= byteLimit else { throw .tooLarge(.init(path), bytes: bytes.count, limit: byteLimit) }
        try checkText(bytes, path)
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var lines = bytes[start...].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        }
        let layout = try Layout(lines.removeFirst(), path)
        var actions: [CorporateAction] = []
        var seen = Seen()
        for (index, line) in lines.enumerated() where !line.isEmpty {
            let place = BarFileError.Place(path, line: index + 2)
            for action in try layout.actions(of: line, place) {
                try seen.check(action, index + 2, place)
                actions.append(action)
            }
        }
        return actions.sorted { ($0.exDate, $0.symbol, $0.id) < ($1.exDate, $1.symbol, $1.id) }
    }

    /// Reads `10`, `0.1`, `10:1`, `3/2` as new and old shares in lowest terms; `nil` for anything else, for 1:1, and for
    /// ratios that need numbers above ``ratioLimit``, such as a third written as `0.33333333`.
    public static func ratio(_ text: some StringProtocol) -> (new: Int, old: Int)? {
        let parts = text.split(separator: text.contains("/") ? "/" : ":", omittingEmptySubsequences: false)
        var (new, old): (Int128, Int128) = (0, 1)
        switch parts.count {
        case 1:
            guard let value = try? FixedPoint(text), text.first != "+" else { return nil }
            (new, old) = (value.units, FixedPoint.unitsPerOne)
        case 2:
            guard let first = whole(parts[0]), let second = whole(parts[1]) else { return nil }
            (new, old) = (Int128(first), Int128(second))
        default: return nil
        }
        guard new > 0, old > 0, new != old else { return nil }
        var (divisor, rest) = (new, old)
        while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
        (new, old) = (new / divisor, old / divisor)
        guard new <= ratioLimit, old <= ratioLimit else { return nil }
        return (Int(new), Int(old))
    }

    private static func whole(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 9, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }

    private static func checkText(_ bytes: [UInt8], _ path: String) throws(CorporateActionsError) {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw .notText(.init(path), kind: "UTF-16 text")
        }
        if bytes.starts(with: [0x1F, 0x8B]) { throw .notText(.init(path), kind: "gzip data") }
        if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) { throw .notText(.init(path), kind: "a zip archive") }
        if let zero = bytes.firstIndex(of: 0) {
            let line = bytes[..<zero].count { $0 == UInt8(ascii: "\n") } + 1
            throw .notText(.init(path, line: line), kind: "binary data")
        }
    }

    private enum Layout {
        case table(Header)
        case tiingo(TiingoActions)

        init(_ header: ArraySlice<UInt8>, _ path: String) throws(CorporateActionsError) {
            if let tiingo = try TiingoActions(header: header, path) {
                self = .tiingo(tiingo)
            } else {
                self = .table(try Header(header, path))
            }
        }

        func actions(
            of line: ArraySlice<UInt8>, _ place: BarFileError.Place
        ) throws(CorporateActionsError) -> [CorporateAction] {
            switch self {
            case .table(let header): [try CorporateActionsReader.action(header.fields(of: line, place), place)]
            case .tiingo(let bars): try bars.actions(of: line, place)
            }
        }
    }

    // MARK: One line

    private static func action(
        _ fields: [Column: String], _ place: BarFileError.Place
    ) throws(CorporateActionsError) -> CorporateAction {
        func bad(_ column: Column, _ allowed: String) -> CorporateActionsError {
            .badValue(place, column: column.rawValue, text: excerpt(fields[column] ?? ""), allowed: allowed)
        }
        let symbol = fields[.symbol] ?? ""
        guard !symbol.isEmpty, symbol.utf8.allSatisfy({ $0 > 32 && $0 != 127 && $0 != UInt8(ascii: "\"") }) else {
            throw bad(.symbol, "a symbol as in symbols.yaml, without blanks and quotation marks, such as NVDA")
        }
        guard let exDate = CivilDate(iso: fields[.exDate] ?? "") else {
            throw bad(.exDate, "a day that exists, as YYYY-MM-DD, such as 2024-06-10")
        }
        let value = fields[.value] ?? ""
        switch fields[.kind] {
        case "split":
            guard let (new, old) = ratio(value) else {
                throw bad(
                    .value,
                    "new shares per old share, positive and not one: 10, 0.1, 10:1, 1:10 or 3/2 "
                        + "(a third is written 1:3), in whole numbers of at most \(ratioLimit)")
            }
            return CorporateAction(symbol: Symbol(symbol), exDate: exDate, kind: .split(new: new, old: old))
        case "dividend":
            guard let perShare = try? FixedPoint(value), perShare.isPositive else {
                throw bad(.value, "cash per share, above zero, with at most eight decimals, such as 0.25")
            }
            return CorporateAction(
                symbol: Symbol(symbol), exDate: exDate, kind: .dividend(perShare: perShare, taxRate: .zero))
        default: throw bad(.kind, "split or dividend")
        }
    }

    /// For messages: cut to 60 characters, control characters made visible.
    static func excerpt(_ text: String) -> String {
        let shown = String(text.unicodeScalars.prefix(60).map { $0.value < 32 ? "?" : Character($0) })
        return text.unicodeScalars.count > 60 ? shown + "…" : shown
    }

    // MARK: Columns

    private enum Column: String, CaseIterable {
        case symbol
        case exDate = "ex_date"
        case kind, value
    }

    private struct Header {
        private let columns: [Column]

        init(_ line: ArraySlice<UInt8>, _ path: String) throws(CorporateActionsError) {
            let place = BarFileError.Place(path, line: 1)
            let names = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
            let known = names.map { Column(rawValue: $0.lowercased()) }
            guard known.contains(.symbol) || known.contains(.exDate) else {
                let found = String(decoding: line.prefix(240), as: UTF8.self)
                throw .unknownHeader(place, found: CorporateActionsReader.excerpt(found))
            }
            var columns: [Column] = []
            for (name, column) in zip(names, known) {
                guard let column else {
                    throw .unknownColumn(place, column: CorporateActionsReader.excerpt(name))
                }
                guard !columns.contains(column) else { throw .repeatedColumn(place, column: name) }
                columns.append(column)
            }
            for column in Column.allCases where !columns.contains(column) {
                throw .missingColumn(place, column: column.rawValue)
            }
            self.columns = columns
        }

        func fields(
            of line: ArraySlice<UInt8>, _ place: BarFileError.Place
        ) throws(CorporateActionsError) -> [Column: String] {
            let parts = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            guard parts.count == columns.count else {
                throw .columnCount(place, found: parts.count, expected: columns.count)
            }
            var fields: [Column: String] = [:]
            for (column, part) in zip(columns, parts) { fields[column] = String(decoding: part, as: UTF8.self) }
            return fields
        }
    }

    /// Remembers the lines so far. Two different dividends of one day are an ordinary and an extra one.
    private struct Seen {
        private var lines: [String: Int] = [:]
        private var splits: [String: (action: CorporateAction, line: Int)] = [:]

        mutating func check(
            _ action: CorporateAction, _ line: Int, _ place: BarFileError.Place
        ) throws(CorporateActionsError) {
            if let first = lines[action.id] { throw .duplicate(place, action, firstLine: first) }
            lines[action.id] = line
            guard case .split = action.kind else { return }
            let day = "\(action.symbol)|\(action.exDate)"
            if let (first, firstLine) = splits[day] {
                throw .conflict(place, action, first: first, firstLine: firstLine)
            }
            splits[day] = (action, line)
        }
    }
}
