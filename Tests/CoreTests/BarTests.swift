import Core
import TestSupport
import Testing

@Suite struct BarTests {
    @Test(
        "Timeframes are minutes that divide an hour, hours that divide a day, or one day",
        arguments: [
            ("1m", 60, "1m"), ("2m", 120, "2m"), ("5m", 300, "5m"), ("15m", 900, "15m"), ("30m", 1800, "30m"),
            ("60m", 3600, "1h"), ("1h", 3600, "1h"), ("4h", 14_400, "4h"), ("12h", 43_200, "12h"),
            ("1d", 86_400, "1d"),
        ])
    func accepted(text: String, seconds: Int, canonical: String) throws {
        let timeframe = try #require(Timeframe(text))
        #expect(timeframe.seconds == seconds)
        #expect(timeframe.description == canonical)
        #expect(Timeframe(seconds: seconds) == timeframe)
        #expect(timeframe.isDaily == (seconds == 86_400))
    }

    @Test(
        "Other texts are no timeframe",
        arguments: [
            "", "m", "5", "0m", "-5m", "+5m", "05m", "7m", "90m", "61m", "5h", "24h", "2d", "1w", "5M", "1 m",
            "５m", "1.5h",
        ])
    func refused(text: String) {
        #expect(Timeframe(text) == nil)
    }

    @Test("Other numbers of seconds are no timeframe", arguments: [0, -60, 1, 59, 61, 90, 420, 18_000, 172_800])
    func refusedSeconds(seconds: Int) {
        #expect(Timeframe(seconds: seconds) == nil)
    }

    @Test("The named timeframes are the ones of their texts")
    func named() {
        let named: [Timeframe] = [.oneMinute, .fiveMinutes, .fifteenMinutes, .oneHour, .oneDay]
        #expect(named.map(\.description) == ["1m", "5m", "15m", "1h", "1d"])
        #expect(named == named.sorted())
        #expect(named.map { Timeframe($0.description) } == named)
    }

    @Test("The fixture is a sound bar")
    func fixture() {
        let bar = Bar.fixture(open: Price(98), close: Price(100))
        #expect(bar.low < bar.open && bar.high > bar.close)
    }
}
