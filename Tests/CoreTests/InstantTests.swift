import Core
import TestSupport
import Testing

@Suite struct InstantTests {
    @Test("RFC 3339 texts are read and written as Python's datetime does")
    func goldens() throws {
        let rows = try Fixture.rows("instants.csv")
        #expect(rows.count > 150)
        for row in rows {
            let instant = try #require(Instant(rfc3339: row[0]), "\(row)")
            #expect("\(instant.microseconds)" == row[1], "\(row)")
            #expect(instant.description == row[2], "\(row)")
            #expect(Instant(rfc3339: row[2]) == instant, "\(row)")
        }
    }

    @Test(
        "The separators, letters and parts that RFC 3339 allows are read",
        arguments: [
            "2026-11-20T15:35:00Z", "2026-11-20t15:35:00z", "2026-11-20 15:35:00Z", "2026-11-20T15:35Z",
            "2026-11-20T15:35:00.000000000Z", "2026-11-20T15:35:00-00:00", "2026-11-21T00:35:00+09:00",
            "2026-11-20T10:35:00-05:00",
        ])
    func spellings(text: String) {
        #expect(Instant(rfc3339: text) == .fixture)
    }

    @Test(
        "Anything else is refused",
        arguments: [
            "", "2026-11-20", "2026-11-20T15:35:00", "2026-11-20T15:35:60Z", "2026-11-20T24:00:00Z",
            "2026-11-20T15:60:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
            "2026-00-10T00:00:00Z", "2026-11-31T00:00:00Z", "2026-11-20T15:35:00.Z", "2026-11-20T15:35:00+9:00",
            "2026-11-20T15:35:00+0900", "2026-11-20T15:35:00+24:00", "2026-11-20T15:35:00+09:60",
            "2026-11-20T15:35:00Z ", " 2026-11-20T15:35:00Z", "2026-11-20T15:35:00ZZ", "2026-11-20X15:35:00Z",
            "26-11-20T15:35:00Z", "2026-1-20T15:35:00ZZ", "2026-11-20T1:35:00Z", "+026-11-20T15:35:00Z",
            "2026-11-20T15:35:00,5Z", "２０２６-11-20T15:35:00Z", "2026-11-20T-5:35:00Z", "1795188900",
        ])
    func refused(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    @Test("What is printed reads back as the same instant", arguments: propertySeeds)
    func printedReadsBack(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let instant = Instant(microseconds: Int64(random.int(-62_000_000_000_000_000...250_000_000_000_000_000)))
            #expect(Instant(rfc3339: instant.description) == instant)
        }
    }

    @Test(
        "Seconds before 1970 are rounded towards the past, and so are days",
        arguments: [
            (-1, -1, "1969-12-31"), (-1_000_000, -1, "1969-12-31"), (-1_000_001, -2, "1969-12-31"),
            (0, 0, "1970-01-01"), (999_999, 0, "1970-01-01"), (-86_400_000_000, -86_400, "1969-12-31"),
            (-86_400_000_001, -86_401, "1969-12-30"),
        ] as [(Int64, Int64, String)])
    func beforeTheEpoch(microseconds: Int64, seconds: Int64, date: String) {
        let instant = Instant(microseconds: microseconds)
        #expect(instant.epochSeconds == seconds)
        #expect(instant.utcDate.description == date)
    }

    @Test("Durations go forwards and back")
    func durations() {
        let later = Instant.fixture.advanced(by: .milliseconds(1500))
        #expect(later.description == "2026-11-20T15:35:01.500Z")
        #expect(later.duration(since: .fixture) == .milliseconds(1500))
        #expect(Instant.fixture.duration(since: later) == .milliseconds(-1500))
        #expect(later.advanced(by: .milliseconds(-1500)) == .fixture)
        #expect(!later.isWholeSecond && Instant.fixture.isWholeSecond)
        #expect(Instant.fixture.advanced(bySeconds: -3600) < .fixture)
    }

    @Test("A fixed clock stands still")
    func fixedClock() async throws {
        let clock = FixedClock(.fixture)
        try await clock.sleep(for: .seconds(3600))
        #expect(clock.now() == .fixture)
    }
}
