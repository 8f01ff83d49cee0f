import Core
import Sessions
import Testing

@Suite("Sessions and bar slots")
struct ExchangeCalendarTests {
    let newYork = calendar("XNAS")
    let korea = calendar("XKRX")
    let hongKong = calendar("XHKG")

    static func calendar(_ mic: String) -> ExchangeCalendar? { CalendarBook.embedded.calendar(ExchangeID(mic)) }

    static func at(_ text: String) throws -> Instant { try #require(Instant(rfc3339: text)) }
    static func day(_ text: String) throws -> CivilDate { try #require(CivilDate(iso: text)) }

    @Test("A US half day has 42 five-minute bars and ends at 13:00 New York")
    func halfDay() throws {
        let calendar = try #require(newYork)
        let session = try #require(calendar.session(on: Self.day("2025-11-28")))
        #expect(session.kind == .earlyClose)
        #expect(session.isShortened)
        let slots = calendar.slots(of: session, timeframe: .fiveMinutes)
        #expect(slots.count == 42)
        #expect(slots.last?.closeAt == Instant(rfc3339: "2025-11-28T18:00:00Z"))
    }

    @Test("The end of a calendar is announced 45 days ahead, and said when it is passed")
    func notice() throws {
        let calendar = try #require(newYork)
        #expect(calendar.notice(at: try Self.at("2027-11-16T15:00:00Z")) == nil)
        #expect(calendar.notice(at: try Self.at("2027-11-17T15:00:00Z"))?.contains("in 44 days") == true)
        // Still the last day in New York.
        #expect(calendar.notice(at: try Self.at("2028-01-01T03:00:00Z"))?.contains("in 0 days") == true)
        #expect(calendar.notice(at: try Self.at("2028-01-01T15:00:00Z"))?.contains("is not known") == true)
        #expect(calendar.notice(at: try Self.at("2004-12-31T15:00:00Z"))?.contains("begins on 2005-01-01") == true)
    }

    @Test("On the Korean exam day trading is an hour late, not shorter; the year's first session is shorter")
    func examDay() throws {
        let calendar = try #require(korea)
        let exam = try #require(calendar.session(on: Self.day("2025-11-13")))
        #expect(exam.kind == .lateOpenAndClose)
        #expect(!exam.isShortened)
        #expect(exam.open == Instant(rfc3339: "2025-11-13T01:00:00Z"))
        #expect(exam.close == Instant(rfc3339: "2025-11-13T07:30:00Z"))
        #expect(calendar.slots(of: exam, timeframe: .fiveMinutes).count == 78)
        let first = try #require(calendar.session(on: Self.day("2026-01-02")))
        #expect(first.kind == .lateOpen)
        #expect(first.isShortened)
        #expect(calendar.slots(of: first, timeframe: .fiveMinutes).count == 66)
    }

    @Test("The local grid stays through the change of clocks: New York opens at 09:30 before and after")
    func daylightSaving() throws {
        let calendar = try #require(newYork)
        let opens = calendar.sessions(from: try Self.day("2025-10-31"), through: try Self.day("2025-11-03")).map(\.open)
        #expect(opens.map(\.description) == ["2025-10-31T13:30:00Z", "2025-11-03T14:30:00Z"])
        for date in ["2025-10-31", "2025-11-03", "2026-03-06", "2026-03-09"] {
            let session = try #require(calendar.session(on: Self.day(date)))
            #expect(calendar.localClock(of: session.open).secondOfDay == 34_200)
            #expect(calendar.slots(of: session, timeframe: .fiveMinutes).count == 78)
        }
    }

    @Test("Hourly bars start at the open; the last is half an hour")
    func hourly() throws {
        let calendar = try #require(newYork)
        let session = try #require(calendar.session(on: Self.day("2026-11-20")))
        let slots = calendar.slots(of: session, timeframe: .oneHour)
        #expect(slots.count == 7)
        #expect(slots.last?.openAt == Instant(rfc3339: "2026-11-20T20:30:00Z"))
        #expect(slots.last?.closeAt == session.close)
        #expect(calendar.lastClosedSlot(at: session.close, timeframe: .oneHour) == slots.last)
        #expect(calendar.slot(closingAt: session.close, timeframe: .oneHour) == slots.last)
    }

    @Test("A lunch break is inside the session but not open, and no bar crosses it")
    func lunch() throws {
        let calendar = try #require(hongKong)
        let noon = try Self.at("2025-12-01T04:00:00Z")
        #expect(calendar.state(at: noon) == .break)
        #expect(calendar.session(at: noon) != nil)
        #expect(!calendar.isOpen(at: noon))
        #expect(calendar.isOpen(at: try Self.at("2025-12-01T05:00:00Z")))
        #expect(calendar.slot(openingAt: noon, timeframe: .fifteenMinutes) == nil)
        let session = try #require(calendar.session(on: Self.day("2025-12-01")))
        let slots = calendar.slots(of: session, timeframe: .oneHour)
        #expect(slots.count == 6)
        #expect(
            slots.allSatisfy { slot in
                session.breaks.allSatisfy { slot.closeAt <= $0.lowerBound || slot.openAt >= $0.upperBound }
            })
        #expect(
            calendar.lastClosedSlot(at: try Self.at("2025-12-01T04:20:00Z"), timeframe: .fifteenMinutes)?.closeAt
                == noon)
    }

    @Test(
        "The slot questions agree with the list of slots", arguments: ["XNAS", "XKRX", "XHKG", "XTKS"],
        ["1m", "5m", "15m", "1h", "1d"])
    func slotsAgree(mic: String, frame: String) throws {
        let calendar = try #require(Self.calendar(mic))
        let timeframe = try #require(Timeframe(frame))
        var random = SeededGenerator(seed: 7, stream: mic + frame)
        let from = try Self.at("2025-10-20T00:00:00Z")
        let until = try Self.at("2026-01-10T00:00:00Z")
        let slots = calendar.slots(from: from, until: until, timeframe: timeframe)
        for slot in slots.shuffled(using: &random).prefix(60) {
            #expect(calendar.slot(openingAt: slot.openAt, timeframe: timeframe) == slot)
            #expect(calendar.slot(closingAt: slot.closeAt, timeframe: timeframe) == slot)
            #expect(calendar.slot(openingAt: slot.openAt.advanced(bySeconds: 1), timeframe: timeframe) == nil)
        }
        for _ in 0..<60 {
            let seconds = Int64.random(in: from.epochSeconds + 864_000..<until.epochSeconds, using: &random)
            let instant = Instant(epochSeconds: seconds)
            let expected = slots.last { $0.closeAt <= instant }
            #expect(calendar.lastClosedSlot(at: instant, timeframe: timeframe) == expected, "\(instant)")
            let part = calendar.slots(from: from, until: instant, timeframe: timeframe)
            #expect(part.last == expected)
        }
    }

    @Test("Beyond the coverage there is no answer, not a guess")
    func coverage() throws {
        let calendar = try #require(newYork)
        let late = try Self.at("2027-12-31T21:00:00Z")
        #expect(calendar.nextOpen(after: late) == nil)
        #expect(calendar.nextClose(after: late) == nil)
        #expect(calendar.nextOpen(after: try Self.at("2004-12-01T12:00:00Z")) == nil)
        #expect(calendar.previousSession(before: try Self.at("2028-02-01T12:00:00Z")) == nil)
        #expect(calendar.session(on: try Self.day("2028-01-03")) == nil)
        #expect(calendar.lastClosedSlot(at: try Self.at("2028-02-01T12:00:00Z"), timeframe: .oneDay) == nil)
    }

    @Test("Trading day and open are two questions; a holiday has its name")
    func tradingDay() throws {
        let calendar = try #require(newYork)
        let thanksgiving = try Self.day("2026-11-26")
        #expect(!calendar.isTradingDay(thanksgiving))
        #expect(calendar.holidayName(on: thanksgiving)?.contains("Thanksgiving") == true)
        #expect(calendar.isTradingDay(try Self.day("2026-11-27")))
        #expect(!calendar.isOpen(at: try Self.at("2026-11-27T05:00:00Z")))
    }
}
