import Core
import Foundation
import Sessions
import Testing

@Suite("Calendars against independent answers")
struct GoldenCalendarTests {
    @Test("Every golden question gets the golden answer")
    func golden() throws {
        let lines = try SharedFolder.fixture("golden_300.csv").split(separator: "\n").dropFirst()
        #expect(lines.count == 300)
        for line in lines {
            let field = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            let calendar = try #require(CalendarBook.embedded.calendar(ExchangeID(field[1])), "\(line)")
            let at = try #require(Instant(rfc3339: field[2]), "\(line)")
            #expect(calendar.isOpen(at: at) == (field[3] == "true"), "\(line)")
            #expect(calendar.state(at: at).rawValue == field[4], "\(line)")
            #expect(calendar.nextOpen(after: at) == Instant(rfc3339: field[5]), "\(line)")
            #expect(calendar.nextClose(after: at) == Instant(rfc3339: field[6]), "\(line)")
        }
    }

    @Test(
        "Every day of the coverage is what the source file says",
        .enabled(if: SharedFolder.exists, "the shared folder is not there"),
        arguments: ["XASX", "XETR", "XHKG", "XKRX", "XLON", "XNAS", "XNYS", "XPAR", "XSHG", "XTKS"])
    func everyDay(mic: String) throws {
        let calendar = try #require(CalendarBook.embedded.calendar(ExchangeID(mic)))
        let source = try SourceCalendar(mic)
        #expect(calendar.zone.identifier == source.zone)
        #expect("\(calendar.coverage.lowerBound)" == source.from)
        #expect("\(calendar.coverage.upperBound)" == source.to)
        for day in calendar.coverage.lowerBound.daysSinceEpoch...calendar.coverage.upperBound.daysSinceEpoch {
            let date = CivilDate(daysSinceEpoch: day)
            let session = calendar.session(on: date)
            #expect((session != nil) == calendar.isTradingDay(date))
            let said = session.map { session in
                ([session.open, session.close] + session.breaks.flatMap { [$0.lowerBound, $0.upperBound] }).map {
                    source.clock($0)
                }
            }
            #expect(said == source.hours["\(date)"] ?? source.usual(date), "\(mic) \(date)")
            if let kind = source.kinds["\(date)"] { #expect(session?.kind.rawValue == kind, "\(mic) \(date)") }
        }
    }
}

/// An independent reading of a calendar file: Foundation's JSON, Foundation's time zones.
private struct SourceCalendar {
    let zone: String
    let from: String
    let to: String
    /// Clock times by day; `nil` for a closed day.
    var hours: [String: [String]?] = [:]
    var kinds: [String: String] = [:]
    private var regular: [(from: String, hours: [String])] = []
    private let formatter = DateFormatter()

    init(_ mic: String) throws {
        let file = SharedFolder.shared.appendingPathComponent("fixtures/calendar/\(mic).json")
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
        zone = json["tz"] as? String ?? ""
        let coverage = json["coverage"] as? [String: String] ?? [:]
        from = coverage["from"] ?? ""
        to = coverage["to"] ?? ""
        for row in json["regular"] as? [[String: Any]] ?? [] {
            regular.append((Self.text(row["from"]), Self.clock(row)))
        }
        for day in (json["holidays"] as? [String: Any] ?? [:]).keys { hours[day] = .some(nil) }
        for row in json["special"] as? [[String: Any]] ?? [] {
            hours[Self.text(row["date"])] = Self.clock(row)
            kinds[Self.text(row["date"])] =
                [
                    "early_close": "early-close", "late_open": "late-open",
                    "late_open+late_close": "late-open-and-close",
                ][Self.text(row["kind"])]
        }
        formatter.timeZone = TimeZone(identifier: zone)
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "HH:mm"
    }

    func usual(_ date: CivilDate) -> [String]? {
        date.isoWeekday > 5 ? nil : regular.last { $0.from <= "\(date)" }?.hours
    }

    func clock(_ instant: Instant) -> String {
        formatter.string(from: Date(timeIntervalSince1970: Double(instant.epochSeconds)))
    }

    private static func text(_ value: Any?) -> String { value as? String ?? "" }

    private static func clock(_ row: [String: Any]) -> [String] {
        [text(row["open"]), text(row["close"])] + (row["break"] as? [String] ?? [])
    }
}
