import Core
import Sessions
import Testing

@Suite("Extended hours")
struct ExtendedHoursTests {
    private static func extended(_ exchange: String, _ book: CalendarBook = .embedded) throws -> ExchangeCalendar {
        try #require(book.calendar(ExchangeID(exchange))?.extended)
    }

    private static func hours(_ exchange: String, _ day: String, _ book: CalendarBook = .embedded) throws -> String {
        let date = try #require(CivilDate(iso: day))
        guard let session = try extended(exchange, book).session(on: date) else { return "closed" }
        return "\(session.open) \(session.close) \(session.kind.rawValue)"
    }

    @Test(
        "New York trades from 04:00 to 20:00, three hours less on an early close, in exchange time",
        arguments: [
            ("2026-11-24", "2026-11-24T09:00:00Z 2026-11-25T01:00:00Z regular"),
            ("2026-07-24", "2026-07-24T08:00:00Z 2026-07-25T00:00:00Z regular"),
            ("2026-11-27", "2026-11-27T09:00:00Z 2026-11-27T22:00:00Z early-close"), ("2026-11-26", "closed"),
            ("2026-11-28", "closed"),
        ])
    func newYork(day: String, expected: String) throws {
        for exchange in ["XNYS", "XNAS", "ARCX"] { #expect(try Self.hours(exchange, day) == expected) }
    }

    @Test("Which exchanges have extended hours is told as their calendars have it")
    func known() {
        let found = CalendarBook.embedded.exchanges.filter { CalendarBook.embedded.calendar($0)?.extended != nil }
        #expect(found == CalendarBook.extendedExchanges)
        #expect(CalendarBook.embedded.calendar(ExchangeID("XKRX"))?.extended == nil)
    }

    @Test("The regular calendar stays what it was, and the grid of half hours holds the regular session's bars")
    func grid() throws {
        let regular = try #require(CalendarBook.embedded.calendar(ExchangeID("XNAS")))
        let extended = try Self.extended("XNAS")
        #expect(!regular.isExtended && extended.isExtended)
        let day = try #require(CivilDate(iso: "2026-11-27"))
        let (inner, outer) = (try #require(regular.session(on: day)), try #require(extended.session(on: day)))
        for text in ["1m", "5m", "10m", "15m", "30m"] {
            let timeframe = try #require(Timeframe(text))
            let all = Set(extended.slots(of: outer, timeframe: timeframe).map(\.openAt))
            #expect(all.isSuperset(of: regular.slots(of: inner, timeframe: timeframe).map(\.openAt)), "\(text)")
        }
        #expect(extended.slots(of: outer, timeframe: .fiveMinutes).count == 13 * 12)
        let early = try #require(Instant(rfc3339: "2026-11-27T09:05:00Z"))
        #expect(extended.slot(closingAt: early, timeframe: .fiveMinutes)?.openAt == outer.open)
        #expect(regular.slot(closingAt: early, timeframe: .fiveMinutes) == nil)
    }

    @Test("An operator's change of a day moves its extended hours with it")
    func overrides() throws {
        let day = try #require(CivilDate(iso: "2026-11-24"))
        func book(_ change: CalendarOverride.Change) throws -> CalendarBook {
            try CalendarBook.embedded.overriding([
                CalendarOverride(exchange: ExchangeID("XNAS"), date: day, change: change)
            ])
        }
        #expect(try Self.hours("XNAS", "2026-11-24", book(.closed)) == "closed")
        let shortened = CalendarOverride.Change.hours(openSecondOfDay: 10 * 3600, closeSecondOfDay: 14 * 3600)
        #expect(
            try Self.hours("XNAS", "2026-11-24", book(shortened))
                == "2026-11-24T09:30:00Z 2026-11-24T23:00:00Z early-close")
    }
}
