internal import Core

/// The daily files of Korean vendors: no header, and every number in quotation marks with its thousands separated.
extension BarFileReader {
    private static let columns = ["date", "open", "high", "low", "close", "volume"]

    func readKorean(
        _ bytes: [UInt8], _ name: BarFileName, path: String, options: Options
    ) throws(BarFileError) -> ParsedBars {
        if let given = options.timeframe ?? name.timeframe, !given.isDaily {
            throw .timeframeMismatch(.init(path), inFile: .oneDay, given: given)
        }
        let subject = try subject(name, implied: .oneDay, path, options)
        var resolver = StampResolver(timeframe: .oneDay, calendar: subject.calendar)
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var rows: [RawBar] = []
        let lines = bytes[start...].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            guard !line.isEmpty else { continue }
            rows.append(try row(QuotedRow(line), BarFileError.Place(path, line: index + 1), &resolver))
        }
        try checkDays(rows, subject, path)
        let assumed = BarWarning(
            .assumedColumns, line: 1, openAtText: nil, count: 1,
            message: "the file has no header; its columns were read as \(Self.columns.joined(separator: ", "))")
        return subject.bars(rows, layout: .korean, warnings: subject.warnings + [assumed])
    }

    private func row(
        _ fields: QuotedRow, _ place: BarFileError.Place, _ resolver: inout StampResolver
    ) throws(BarFileError) -> RawBar {
        guard fields.areClosed else {
            throw .notANumber(
                place, column: Self.columns[min(fields.count, 6) - 1], text: fields.text(fields.count - 1))
        }
        guard fields.count == Self.columns.count else {
            throw .columnCount(place, found: fields.count, expected: Self.columns.count)
        }
        guard let day = fields.day else {
            throw .unsupportedTimestamp(
                place, column: "date", text: fields.text(0), expected: "a date such as 2025-11-28")
        }
        var empty: BarFields = []
        var tooLarge: BarFields = []
        func number(_ index: Int, _ field: BarFields) throws(BarFileError) -> Int64 {
            if fields.isEmpty(index) {
                empty.insert(field)
                return 0
            }
            switch fields.number(index) {
            case .exact(let units): return units
            case .rounded: throw .tooPrecise(place, column: Self.columns[index], text: fields.text(index))
            case .malformed: throw .notANumber(place, column: Self.columns[index], text: fields.text(index))
            case .tooLarge:
                tooLarge.insert(field)
                return 0
            }
        }
        let values = RawBar.Values(
            open: try number(1, .open), high: try number(2, .high), low: try number(3, .low),
            close: try number(4, .close), volume: try number(5, .volume))
        return RawBar(
            line: Int32(clamping: place.line ?? 0), openAt: resolver.dailyOpen(day), empty: empty, tooLarge: tooLarge,
            values: values)
    }
}

/// A line of fields of which some stand in quotation marks: `2016-01-13,"28,100","3,481,523"`.
struct QuotedRow {
    private let fields: [[UInt8]]
    /// Whether the last quotation mark that opens also closes, at the end of its field.
    let areClosed: Bool
    var count: Int { fields.count }

    init(_ line: some Sequence<UInt8>) {
        let (mark, comma) = (UInt8(ascii: "\""), UInt8(ascii: ","))
        var fields: [[UInt8]] = [[]]
        var isQuoted = false
        var isSound = true
        var hasClosed = false
        for byte in line {
            if byte == mark {
                // A mark opens at the beginning of a field only.
                if !isQuoted { isSound = isSound && !hasClosed && fields[fields.count - 1].isEmpty }
                hasClosed = isQuoted
                isQuoted.toggle()
            } else if byte == comma, !isQuoted {
                fields.append([])
                hasClosed = false
            } else {
                // Nothing follows the mark that closes.
                isSound = isSound && !hasClosed
                fields[fields.count - 1].append(byte)
            }
        }
        self.fields = fields
        areClosed = isSound && !isQuoted
    }

    /// Whether a first line is a row of the Korean layout: a date, then five numbers, at least one of them quoted.
    static func isKorean(_ line: String) -> Bool {
        let row = QuotedRow(line.utf8)
        return line.contains("\"") && row.areClosed && row.count == 6 && row.day != nil
            && (1..<6).allSatisfy { row.isEmpty($0) || row.number($0) != .malformed }
    }

    /// The day of the first field.
    var day: Int? {
        let field = fields[0]
        guard field.count == 10, field[4] == UInt8(ascii: "-") else { return nil }
        return BarStamp(field.span, 0, field.count)?.day
    }

    func isEmpty(_ index: Int) -> Bool { fields[index].isEmpty }

    /// The number with its thousands separated, or none of them.
    func number(_ index: Int) -> CSVBars.Decimal {
        let comma = UInt8(ascii: ",")
        let field = fields[index]
        let parts = field.split(separator: comma, omittingEmptySubsequences: false)
        guard let first = parts.first, !first.isEmpty else { return .malformed }
        guard parts.count > 1 else { return CSVBars.decimal(field.span, 0, field.count) }
        let whole = first.drop { $0 == UInt8(ascii: "-") }
        let groups = parts.dropFirst().enumerated().map { at, part in
            at == parts.count - 2 ? part.prefix { $0 != UInt8(ascii: ".") } : part
        }
        guard (1...3).contains(whole.count), whole.allSatisfy(BarStamp.isDigit),
            groups.allSatisfy({ $0.count == 3 && $0.allSatisfy(BarStamp.isDigit) })
        else { return .malformed }
        let plain = field.filter { $0 != comma }
        return CSVBars.decimal(plain.span, 0, plain.count)
    }

    /// For messages.
    func text(_ index: Int) -> String {
        let field = fields[index]
        return CSVBars.string(field.span, 0, field.count)
    }
}
