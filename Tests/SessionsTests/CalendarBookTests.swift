import Core
import Sessions
import Testing

@Suite("The book of calendars")
struct CalendarBookTests {
    let date = CivilDate(year: 2026, month: 12, day: 3)

    @Test("Every listed exchange has a calendar under its own code")
    func complete() throws {
        for exchange in CalendarBook.embedded.exchanges {
            let calendar = try #require(CalendarBook.embedded.calendar(exchange), "\(exchange)")
            #expect(calendar.exchange == exchange)
            let open = try #require(calendar.nextOpen(after: Instant(epochSeconds: 1_750_000_000)))
            #expect(calendar.session(at: open)?.exchange == exchange)
        }
        #expect(CalendarBook.embedded.calendar(ExchangeID("FX")) == nil)
    }

    @Test("A venue follows the hours and the overrides of its exchange", arguments: ["ARCX", "BATS", "XASE"])
    func venues(mic: String) throws {
        let date = try #require(date)
        let book = try CalendarBook.embedded.overriding([
            CalendarOverride(exchange: ExchangeID("XNYS"), date: date, change: .closed)
        ])
        #expect(CalendarBook.embedded.calendar(ExchangeID(mic))?.isTradingDay(date) == true)
        #expect(book.calendar(ExchangeID(mic))?.isTradingDay(date) == false)
        #expect(book.calendar(ExchangeID("XNAS"))?.isTradingDay(date) == true)
    }

    @Test("Changed hours keep the lunch break that lies inside them, and none that does not")
    func lunch() throws {
        let tokyo = ExchangeID("XTKS")
        let usual = try #require(CalendarBook.embedded.calendar(tokyo))
        let date = try #require(usual.nextSession(after: Instant(epochSeconds: 1_796_000_000))?.date)
        func breaks(_ open: Int, _ close: Int) throws -> [Range<Instant>]? {
            let change = CalendarOverride(
                exchange: tokyo, date: date, change: .hours(openSecondOfDay: open, closeSecondOfDay: close))
            return try CalendarBook.embedded.overriding([change]).calendar(tokyo)?.session(on: date)?.breaks
        }
        let lunch = try #require(usual.session(on: date)?.breaks)
        #expect(lunch.count == 1)
        #expect(try breaks(36_000, 55_800) == lunch)
        // 09:00 to 11:00, and 12:40 to 15:30.
        #expect(try breaks(32_400, 39_600) == [])
        #expect(try breaks(45_600, 55_800) == [])
    }

    @Test("An override closes a day, opens a holiday, or changes the hours, and nothing else")
    func overrides() throws {
        let date = try #require(date)
        let saturday = date.advanced(byDays: 2)
        let book = try CalendarBook.embedded.overriding([
            CalendarOverride(exchange: ExchangeID("XKRX"), date: date, change: .closed),
            CalendarOverride(
                exchange: ExchangeID("XKRX"), date: saturday,
                change: .hours(openSecondOfDay: 36_000, closeSecondOfDay: 43_200)),
        ])
        let changed = try #require(book.calendar(ExchangeID("XKRX")))
        let original = try #require(CalendarBook.embedded.calendar(ExchangeID("XKRX")))
        #expect(changed.session(on: date) == nil)
        let special = try #require(changed.session(on: saturday))
        #expect(special.open == Instant(rfc3339: "2026-12-05T01:00:00Z"))
        #expect(special.kind == .earlyClose)
        #expect(special.isShortened)
        for day in original.coverage.lowerBound.daysSinceEpoch...original.coverage.upperBound.daysSinceEpoch {
            let other = CivilDate(daysSinceEpoch: day)
            guard other != date, other != saturday else { continue }
            #expect(changed.session(on: other) == original.session(on: other))
        }
        let again = try book.overriding([
            CalendarOverride(
                exchange: ExchangeID("XKRX"), date: date,
                change: .hours(openSecondOfDay: 32_400, closeSecondOfDay: 55_800))
        ])
        #expect(again.calendar(ExchangeID("XKRX"))?.session(on: date)?.kind == .regular)
    }

    @Test("An impossible override says which, why and what to do")
    func refusals() throws {
        let date = try #require(date)
        func message(_ overrides: [CalendarOverride]) -> String? {
            do throws(SessionsError) {
                _ = try CalendarBook.embedded.overriding(overrides)
                return nil
            } catch { return error.description }
        }
        let closed = CalendarOverride(exchange: ExchangeID("XKRX"), date: date, change: .closed)
        #expect(message([closed, closed]) == "XKRX 2026-12-03 is overridden twice; keep one of the two overrides")
        #expect(
            message([
                CalendarOverride(
                    exchange: ExchangeID("XKRX"), date: date,
                    change: .hours(openSecondOfDay: 36_000, closeSecondOfDay: 36_000))
            ]) == "XKRX 2026-12-03: a session from 10:00 to 10:00 is impossible; give an open before the close, both "
                + "between 00:00 and 24:00 local time")
        #expect(
            message([CalendarOverride(exchange: ExchangeID("XKRX"), date: date.advanced(byDays: 900), change: .closed)])
                == "XKRX 2029-05-21 cannot be overridden: the calendar covers 2005-01-01 to 2027-12-31; remove the "
                + "override or update takt")
        #expect(
            message([CalendarOverride(exchange: ExchangeID("NOPE"), date: date, change: .closed)])?
                .hasPrefix("there is no calendar for the exchange 'NOPE'; use one of ARCX, BATS") == true)
    }
}
