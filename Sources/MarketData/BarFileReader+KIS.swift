internal import Core
internal import Sessions

/// The answers of KIS' chart calls, as they were sent: one JSON object with the rows in `output2`.
///
/// What a request asked for is not in its answer. So the length of overseas minutes comes from the name or the caller, and
/// adjusted prices look like raw ones: ask for raw ones (domestic days: FID_ORG_ADJ_PRC 1, overseas days: MODP 0).
extension BarFileReader {
    private static let list = "output2"

    func readKIS(_ bytes: [UInt8], _ name: BarFileName, path: String, options: Options) throws(BarFileError)
        -> ParsedBars
    {
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        let answer = try answer(text, path)
        let found = answer[Self.list]?.arrayValue ?? []
        let places = JSONPlaces(text)
        let rows = zip(found, places.objects(of: Self.list)).enumerated()
            .map { KISRow(index: $0.offset, value: $0.element.0, offset: $0.element.1, path: path, places: places) }
            .filter { $0.value != .object([]) }
        guard let first = rows.first else {
            throw .unsupportedKIS(.init(path), what: "the answer holds no rows of bars")
        }
        let charts = KISChart.fitting(first.value)
        guard charts.count == 1 else {
            throw .unsupportedKIS(
                .init(path, line: places.line(at: first.offset)),
                what:
                    "the rows of \(Self.list) fit \(charts.isEmpty ? "none" : "several") of the charts that takt knows")
        }
        let about = KISSubject(charts[0], answer["output1"])
        let subject = try subject(charts[0], about, name, path, options)
        var resolver = StampResolver(timeframe: subject.timeframe, calendar: subject.calendar)
        let zone = about.zone.flatMap { ZoneRules.named($0) } ?? subject.calendar?.zone
        var bars: [RawBar] = []
        for row in rows { bars.append(try row.bar(charts[0], zone, &resolver)) }
        // The newest comes first; anything else is left for validation to name.
        if zip(bars, bars.dropFirst()).allSatisfy({ $0.openAt > $1.openAt }) { bars.reverse() }
        try checkDays(bars, subject, path)
        return subject.bars(bars, layout: .kis, warnings: subject.warnings)
    }

    private func answer(_ text: [UInt8], _ path: String) throws(BarFileError) -> JSONValue {
        let answer: JSONValue
        do { answer = try JSONValue(parsing: text) } catch {
            throw .brokenJSON(.init(path, line: JSONPlaces(text).line(at: error.offset)), what: error.message)
        }
        if let code = answer["rt_cd"]?.stringValue, code != "0" {
            let words = ["msg_cd", "msg1"].compactMap { answer[$0]?.stringValue }.joined(separator: " ")
            throw .unsupportedKIS(.init(path), what: "KIS answered with an error: \(KISRow.shown(words))")
        }
        guard answer[Self.list]?.arrayValue != nil else {
            throw .unsupportedKIS(.init(path), what: "there is no list '\(Self.list)' as KIS' charts have one")
        }
        return answer
    }

    // MARK: What the bars are about

    private func subject(
        _ chart: KISChart, _ about: KISSubject, _ name: BarFileName, _ path: String, _ options: Options
    ) throws(BarFileError) -> Subject {
        guard let symbol = options.symbol ?? name.symbol ?? about.symbol.map({ Symbol($0) }) else {
            throw .unknownSymbol(.init(path))
        }
        let given = options.timeframe ?? name.timeframe
        if let given, let own = chart.timeframe, given != own {
            throw .timeframeMismatch(.init(path), inFile: own, given: given)
        }
        guard let timeframe = chart.timeframe ?? given else { throw .unknownTimeframe(.init(path)) }
        let subject = try subject(
            symbol, timeframe, options.symbol == nil ? name.exchange ?? about.exchange : about.exchange, name.variant,
            path)
        let names = [symbol.text, subject.instrument?.brokerSymbols[BrokerID("kis")]]
        // The content itself where it names the stock, else the name that the answer was saved under.
        if let other = about.symbol ?? name.symbol?.text, !names.contains(other) {
            throw .symbolMismatch(.init(path), inFile: other, given: symbol)
        }
        return subject
    }
}

/// One object of the list.
struct KISRow {
    let index: Int
    let value: JSONValue
    let offset: Int
    let path: String
    let places: JSONPlaces

    func text(_ field: String) -> String? { value[field]?.stringValue }

    func place(_ field: String) -> BarFileError.Place {
        .init(path, line: places.line(of: field, inObjectAt: offset))
    }

    private func column(_ field: String) -> String { "output2[\(index)].\(field)" }

    func bar(
        _ chart: KISChart, _ zone: ZoneRules?, _ resolver: inout StampResolver
    ) throws(BarFileError) -> RawBar {
        let fields = chart.fields
        let openAt = try openAt(fields, chart, zone, &resolver)
        var (empty, tooLarge): (BarFields, BarFields) = ([], [])
        func number(_ name: String, _ field: BarFields) throws(BarFileError) -> Int64 {
            let text = Array(try string(name).utf8)
            if text.isEmpty {
                empty.insert(field)
                return 0
            }
            switch CSVBars.decimal(text.span, 0, text.count) {
            case .exact(let units): return units
            case .rounded: throw .tooPrecise(place(name), column: column(name), text: try string(name))
            case .malformed: throw .notANumber(place(name), column: column(name), text: Self.shown(try string(name)))
            case .tooLarge:
                tooLarge.insert(field)
                return 0
            }
        }
        let values = RawBar.Values(
            open: try number(fields.open, .open), high: try number(fields.high, .high),
            low: try number(fields.low, .low), close: try number(fields.close, .close),
            volume: try number(fields.volume, .volume))
        return RawBar(
            line: Int32(clamping: places.line(at: offset)), openAt: openAt, empty: empty, tooLarge: tooLarge,
            values: values)
    }

    private func string(_ field: String) throws(BarFileError) -> String {
        guard let found = value[field] else { throw .unsupportedKIS(place(field), what: "\(column(field)) is missing") }
        // A number that is not a string has been through a program that may have rounded it.
        guard let text = found.stringValue else {
            throw .notANumber(place(field), column: column(field), text: "\(found.text), without quotation marks,")
        }
        return text
    }

    // MARK: Times

    private func openAt(
        _ fields: KISChart.Fields, _ chart: KISChart, _ zone: ZoneRules?, _ resolver: inout StampResolver
    ) throws(BarFileError) -> Instant {
        let day = try day(fields.day)
        guard let time = fields.time else { return resolver.dailyOpen(day) }
        guard let zone else {
            throw .noCalendar(.init(path), what: "this answer, and its times are the exchange's local ones")
        }
        let local = BarStamp(day: day, secondOfDay: try second(time), microsecond: 0, offset: nil)
        let opening = resolver.localOpening(local, zone)
        guard chart == .overseasMinute, let seoul = ZoneRules.named("Asia/Seoul") else {
            guard case .at(let instant) = opening else { throw unreadable(time) }
            return instant
        }
        // Korean clocks never change, so they settle which of two equal New York times is meant.
        let korean = seoul.instant(
            of: CivilDate(daysSinceEpoch: try self.day("kymd")), secondOfDay: try second("khms"))
        guard zone.local(korean) == (CivilDate(daysSinceEpoch: day), local.secondOfDay ?? 0) else {
            throw .clocksDiffer(
                place(time), column: column(time),
                text: try "\(string(fields.day)) \(string(time)) \(zone.identifier)",
                other: try "\(string("kymd")) \(string("khms")) Asia/Seoul")
        }
        return korean
    }

    private func day(_ field: String) throws(BarFileError) -> Int {
        guard let date = CivilDate(compact: try string(field)) else {
            throw .unsupportedTimestamp(
                place(field), column: column(field), text: Self.shown(try string(field)),
                expected: "a day that exists, YYYYMMDD")
        }
        return date.daysSinceEpoch
    }

    private func second(_ field: String) throws(BarFileError) -> Int {
        let digits = try string(field).utf8.map { Int($0) - 48 }
        guard digits.count == 6, digits.allSatisfy({ (0...9).contains($0) }) else { throw unreadable(field) }
        let (hour, minute, second) = (
            digits[0] * 10 + digits[1], digits[2] * 10 + digits[3], digits[4] * 10 + digits[5]
        )
        guard hour < 24, minute < 60, second < 60 else { throw unreadable(field) }
        return hour * 3600 + minute * 60 + second
    }

    private func unreadable(_ field: String) -> BarFileError {
        .unsupportedTimestamp(
            place(field), column: column(field), text: Self.shown(text(field) ?? ""),
            expected: "a time of the day, HHMMSS, such as 093000")
    }

    /// For messages: cut short, control characters made visible.
    static func shown(_ text: String) -> String {
        let bytes = Array(text.utf8)
        return CSVBars.string(bytes.span, 0, bytes.count)
    }
}
