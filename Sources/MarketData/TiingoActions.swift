internal import Core
internal import Sessions

/// Splits and dividends beside Tiingo's daily bars: `divCash` is cash per share, zero on an ordinary day, and
/// `splitFactor` new shares per old one, one on an ordinary day. The symbol is in the file's name.
struct TiingoActions {
    private let symbol: Symbol
    private let columns: [String]
    private let date: Int
    private let dividend: Int
    private let split: Int

    /// `nil` if the header is none of Tiingo's.
    init?(header: ArraySlice<UInt8>, _ path: String) throws(CorporateActionsError) {
        let place = BarFileError.Place(path, line: 1)
        let columns = Self.fields(header)
        let keys = columns.map { $0.lowercased() }
        guard keys.contains("divcash") || keys.contains("splitfactor") else { return nil }
        func index(_ name: String) throws(CorporateActionsError) -> Int {
            let found = keys.indices.filter { keys[$0] == name.lowercased() }
            guard let first = found.first else { throw .missingColumn(place, column: name) }
            guard found.count == 1 else { throw .repeatedColumn(place, column: columns[found[1]]) }
            return first
        }
        (date, dividend, split) = (try index("date"), try index("divCash"), try index("splitFactor"))
        guard let symbol = BarFileName(path: path, calendars: .embedded).symbol else {
            throw .unknownSymbol(.init(path))
        }
        self.symbol = symbol
        self.columns = columns
    }

    /// None on an ordinary day; two where a share was split and paid on one day.
    func actions(
        of line: ArraySlice<UInt8>, _ place: BarFileError.Place
    ) throws(CorporateActionsError) -> [CorporateAction] {
        let fields = Self.fields(line)
        guard fields.count == columns.count else {
            throw .columnCount(place, found: fields.count, expected: columns.count)
        }
        func bad(_ column: Int, _ allowed: String) -> CorporateActionsError {
            let text = CorporateActionsReader.excerpt(fields[column])
            return .badValue(place, column: columns[column], text: text, allowed: allowed)
        }
        guard let day = Self.day(fields[date]) else {
            throw bad(date, "a day that exists, such as 2024-06-10 or 2024-06-10T00:00:00.000Z")
        }
        var actions: [CorporateAction] = []
        guard let factor = try? FixedPoint(fields[split]) else {
            throw bad(split, "a number: 1.0 on a day without a split")
        }
        if factor != .one {
            guard let (new, old) = CorporateActionsReader.ratio(fields[split]) else {
                throw bad(
                    split,
                    "new shares per old share in whole numbers of at most \(CorporateActionsReader.ratioLimit); a third is "
                        + "written 1:3 in a table of symbol,ex_date,kind,value")
            }
            actions.append(CorporateAction(symbol: symbol, exDate: day, kind: .split(new: new, old: old)))
        }
        guard let cash = try? FixedPoint(fields[dividend]), !cash.isNegative else {
            throw bad(dividend, "cash per share, 0.0 on a day without a dividend, with at most eight decimals")
        }
        if cash.isPositive {
            actions.append(
                CorporateAction(symbol: symbol, exDate: day, kind: .dividend(perShare: cash, taxRate: .zero)))
        }
        return actions
    }

    /// A date, or its midnight in UTC.
    private static func day(_ text: String) -> CivilDate? {
        let bytes = Array(text.utf8)
        guard let stamp = BarStamp(bytes.span, 0, bytes.count), (stamp.secondOfDay ?? 0) == 0, stamp.microsecond == 0,
            (stamp.offset ?? 0) == 0
        else { return nil }
        return CivilDate(daysSinceEpoch: stamp.day)
    }

    private static func fields(_ line: ArraySlice<UInt8>) -> [String] {
        line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
