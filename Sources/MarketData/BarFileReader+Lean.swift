internal import Core
internal import Sessions
internal import Zip

/// The zip archives of QuantConnect's LEAN engine.
///
/// Layout: Data/equity/readme.md of github.com/QuantConnect/Lean. Minute archives hold one New York day, stamped in
/// milliseconds since its midnight; prices are in ten-thousandths of a dollar.
extension BarFileReader {
    func readLean(_ bytes: [UInt8], path: String, options: Options) throws(BarFileError) -> ParsedBars {
        let lean = try LeanPath(path)
        let subject = try subject(lean, path, options)
        let entry = try Self.onlyCSV(bytes, path: path)
        let isMinute = lean.resolution == .minute
        var parser = CSVBars(
            file: "\(path)#\(entry.name)", roles: [.stamp, .open, .high, .low, .close, .volume],
            names: [isMinute ? "milliseconds" : "date", "open", "high", "low", "close", "volume"],
            precision: .tenThousandths,
            expectedStamp: isMinute ? "milliseconds since midnight in New York" : "YYYYMMDD HH:MM")
        guard let zone = ZoneRules.named("America/New_York") else { throw .noCalendar(.init(path), what: "New York") }
        var resolver = StampResolver(timeframe: lean.timeframe, calendar: subject.calendar)
        let rows = try parser.rows(entry.content.span, from: 0, firstLine: 1) { text, from, to in
            if let date = lean.date { return CSVBars.Opening(Self.minute(text, from, to, of: date, zone)) }
            guard let (date, second) = Self.leanStamp(text, from, to) else { return .unreadable }
            if lean.resolution == .daily { return .at(resolver.dailyOpen(date.daysSinceEpoch)) }
            return .at(zone.instant(of: date, secondOfDay: second))
        }
        guard !rows.isEmpty else { throw .noBars(.init(path)) }
        return subject.bars(rows, layout: .lean, warnings: subject.warnings)
    }

    /// A day of minute bars unpacks to 20 KB, twenty years of hourly bars to 2 MB.
    private static let archiveLimits = ZipArchive.Limits(entries: 64, contentBytes: 64 * 1024 * 1024)

    /// The one CSV file that LEAN's archives hold.
    private static func onlyCSV(_ bytes: [UInt8], path: String) throws(BarFileError) -> (name: String, content: [UInt8])
    {
        let found: Int
        do throws(ZipError) {
            let archive = try ZipArchive(bytes, limits: archiveLimits)
            let entries = archive.entries.filter { $0.name.hasSuffix(".csv") }
            if let entry = entries.first, entries.count == 1 {
                return (entry.name, Array(try archive.content(of: entry)))
            }
            found = entries.count
        } catch {
            throw .brokenZip(.init(path), what: "\(error)")
        }
        throw .brokenZip(.init(path), what: "it holds \(found) CSV files, expected one")
    }

    private func subject(_ lean: LeanPath, _ path: String, _ options: Options) throws(BarFileError) -> Subject {
        if let given = options.timeframe, given != lean.timeframe {
            throw .timeframeMismatch(.init(path), inFile: lean.timeframe, given: given)
        }
        var subject = try subject(options.symbol ?? lean.symbol, lean.timeframe, nil, nil, path)
        // LEAN's folder `usa` has one clock and one calendar for every US exchange.
        if subject.calendar == nil { subject.calendar = calendars.calendar(ExchangeID("XNYS")) }
        return subject
    }

    /// Whole seconds, as milliseconds since the day's midnight.
    private static func minute(
        _ text: Span<UInt8>, _ start: Int, _ end: Int, of date: CivilDate, _ zone: ZoneRules
    ) -> Instant? {
        guard start < end, case .exact(let units) = CSVBars.decimal(text, start, end), units >= 0 else { return nil }
        let milliseconds = units / 100_000_000
        guard milliseconds < 86_400_000, milliseconds % 1000 == 0 else { return nil }
        return zone.instant(of: date, secondOfDay: Int(milliseconds / 1000))
    }

    /// `YYYYMMDD HH:MM`, New York time.
    private static func leanStamp(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> (CivilDate, Int)? {
        guard end - start == 14, text[start + 8] == UInt8(ascii: " "), text[start + 11] == UInt8(ascii: ":"),
            let date = CivilDate(compact: CSVBars.string(text, start, start + 8)),
            let hour = Int(CSVBars.string(text, start + 9, start + 11)), (0..<24).contains(hour),
            let minute = Int(CSVBars.string(text, start + 12, end)), (0..<60).contains(minute)
        else { return nil }
        return (date, hour * 3600 + minute * 60)
    }
}
