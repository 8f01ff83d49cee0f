import Core
import MarketData
import Sessions
import Testing

@Suite("Gaps and staleness")
struct GapFinderTests {
    @Test("Missing bars are counted per session, in any order of the bars there are")
    func gaps() throws {
        let calendar = try TestData.calendar("XNAS")
        let from = try TestData.instant("2026-11-25T00:00:00Z")
        let until = try TestData.instant("2026-11-28T00:00:00Z")
        let slots = calendar.slots(from: from, until: until, timeframe: .fiveMinutes)
        #expect(slots.count == 78 + 42)
        let present = slots.enumerated().filter { $0.offset < 70 || $0.offset > 85 }.map(\.element.openAt)
        let gaps = GapFinder.gaps(
            present: present.reversed(), calendar: calendar, timeframe: .fiveMinutes, from: from, until: until)
        #expect(
            gaps.map(\.description) == [
                "8 missing from 2026-11-25T20:20:00Z to 2026-11-25T21:00:00Z",
                "8 missing from 2026-11-27T14:30:00Z to 2026-11-27T15:10:00Z",
            ])
        #expect(
            GapFinder.gaps(present: [], calendar: calendar, timeframe: .oneDay, from: from, until: until)
                .map(\.missing) == [1, 1])
        #expect(
            GapFinder.gaps(
                present: slots.map(\.openAt), calendar: calendar, timeframe: .fiveMinutes, from: from, until: until
            ).isEmpty)
    }

    @Test("Data are stale once a bar is missing after its close plus the grace, and fresh over the night")
    func staleness() throws {
        let calendar = try TestData.calendar("XNAS")
        func check(_ latest: String?, _ now: String) throws -> Staleness {
            Staleness(
                latestOpenAt: try latest.map { try TestData.instant($0) }, calendar: calendar, timeframe: .fiveMinutes,
                now: try TestData.instant(now), grace: .seconds(20))
        }
        let fresh = try check("2026-11-20T15:00:00Z", "2026-11-20T15:10:19Z")
        #expect(!fresh.isStale)
        #expect(fresh.age == .seconds(319))
        let stale = try check("2026-11-20T15:00:00Z", "2026-11-20T15:10:20Z")
        #expect(stale.isStale)
        #expect(stale.missing == 1)
        #expect(try !check("2026-11-20T20:55:00Z", "2026-11-23T14:35:00Z").isStale)
        #expect(try check("2026-11-20T20:55:00Z", "2026-11-23T14:35:20Z").missing == 1)
        #expect(try check("2026-11-20T20:50:00Z", "2026-11-23T14:35:20Z").missing == 2)
        #expect(try check(nil, "2026-11-23T14:35:20Z").isStale)
        #expect(try check("2027-12-31T20:55:00Z", "2028-02-01T15:00:00Z").isStale)
    }
}
