import Core
import MarketData
import Sessions
import Testing

@Suite("New bars judged by their series")
struct SeriesCheckTests {
    private static func judge(
        _ new: [Bar], after stored: [Bar], _ timeframe: Timeframe = .fiveMinutes, mic: String = "XNAS",
        now: Instant = BarSamples.lastDay
    ) throws -> (sound: [Bar], doubts: [BarDoubt]) {
        try SeriesCheck(timeframe: timeframe, calendar: TestData.calendar(mic)).judge(new, after: stored, now: now)
    }

    private static func days(_ from: String, _ through: String, seed: UInt64 = 1) throws -> [Bar] {
        try BarSamples.bars(TestData.calendar("XNAS"), .fiveMinutes, from: from, through: through, seed: seed)
    }

    private static func scaled(_ bar: Bar, _ factor: Int) throws -> Bar {
        func times(_ price: Price) throws -> Price {
            Price(try price.value.multiplied(by: FixedPoint(factor), rounding: .halfEven))
        }
        return Bar(
            openAt: bar.openAt, open: try times(bar.open), high: try times(bar.high), low: try times(bar.low),
            close: try times(bar.close), volume: bar.volume, source: bar.source)
    }

    @Test("A newest bar a hundred times off passes the validator alone and is held here", arguments: [10, 60, 77])
    func hundredTimesOff(index: Int) throws {
        let bars = try Self.days("2026-11-24", "2026-11-24")
        let wrong = try Self.scaled(bars[index], 100)
        let validator = BarValidator(timeframe: .fiveMinutes, calendar: try TestData.calendar("XNAS"), instrument: nil)
        #expect(validator.validate([wrong]).accepted == [wrong])
        let result = try Self.judge([wrong], after: Array(bars[..<index]))
        #expect(result.sound.isEmpty)
        #expect(result.doubts.map(\.code) == ["unconfirmed-jump"])
        #expect(result.doubts.first?.message.hasSuffix("and no later bar bears it out yet") == true)
        // With the right bar behind it, it stays out and the right one passes.
        if index + 1 < bars.count {
            let next = try Self.judge([wrong, bars[index + 1]], after: Array(bars[..<index]))
            #expect(next.sound == [bars[index + 1]])
            #expect(next.doubts.map(\.openAt) == [wrong.openAt])
        }
    }

    @Test(
        "The first bar of a recorded split's ex-date is no jump, whatever the day; without the record it is held",
        arguments: ["2026-11-24", "2026-11-23"])
    func recordedSplit(exDate: String) throws {
        // The last session before is Friday the 20th or Monday the 23rd.
        let before = try Self.days("2026-11-20", exDate == "2026-11-24" ? "2026-11-23" : "2026-11-20")
        let first = try Self.scaled(try Self.days(exDate, exDate)[0], 1)
        let calendar = try TestData.calendar("XNAS")
        let stored = try before.map { try Self.scaled($0, 10) }
        let action = CorporateAction(
            symbol: Symbol("X"), exDate: try BarSamples.date(exDate), kind: .split(new: 10, old: 1))
        #expect(try Self.judge([first], after: stored).doubts.map(\.code) == ["unconfirmed-jump"])
        let check = SeriesCheck(timeframe: .fiveMinutes, calendar: calendar, actions: [action])
        #expect(check.judge([first], after: stored, now: BarSamples.lastDay).sound == [first])
        // The old price on the new scale is a jump all the same.
        let old = try Self.scaled(first, 10)
        #expect(check.judge([old], after: stored, now: BarSamples.lastDay).doubts.map(\.code) == ["unconfirmed-jump"])
    }

    @Test("A bar whose time is not over is held, to the instant; a day's bar until its session ends")
    func forming() throws {
        let bars = try Self.days("2026-11-24", "2026-11-24")
        let close = bars[10].openAt.advanced(bySeconds: 300)
        let early = try Self.judge([bars[10]], after: Array(bars[..<10]), now: close.advanced(by: .microseconds(-1)))
        #expect(early.sound.isEmpty && early.doubts.map(\.code) == ["forming-bar"])
        #expect(try Self.judge([bars[10]], after: Array(bars[..<10]), now: close).sound == [bars[10]])
        let day = Bar.fixture(bars[0].openAt, open: 100, high: 102, low: 98, close: 100)
        for (seconds, isHeld) in [(6 * 3600, true), (6 * 3600 + 1800, false)] {
            let now = bars[0].openAt.advanced(bySeconds: Int64(seconds))
            #expect(try Self.judge([day], after: [], .oneDay, now: now).sound.isEmpty == isHeld)
        }
    }

    @Test(
        "A threefold price that the next bar does not keep stays out, and a stored bar is no witness against its own correction"
    )
    func threefold() throws {
        let bars = try Self.days("2026-11-24", "2026-11-24")
        let wrong = try Self.scaled(bars[50], 3)
        let stored = Array(bars[45..<50])
        let result = try Self.judge([wrong, bars[51], bars[52]], after: stored)
        #expect(result.doubts.map(\.openAt) == [wrong.openAt])
        #expect(result.doubts.first?.message.contains("and the next bar trades at \(bars[51].open)") == true)
        #expect(result.sound == Array(bars[51...52]))
        // The wrong bar was stored once; its correction comes with the bar behind it.
        #expect(try Self.judge([bars[50]], after: stored + [wrong]).sound == [bars[50]])
    }

    @Test("A real crash is held for one bar and passes with the next")
    func crash() throws {
        let bars = try Self.days("2026-11-24", "2026-11-24")
        let stored = try bars[..<40].map { try Self.scaled($0, 3) }
        let first = try Self.judge([bars[40]], after: stored)
        #expect(first.doubts.map(\.reason) == [.unconfirmedJump])
        let second = try Self.judge(Array(bars[40...41]), after: stored)
        #expect(second.doubts.isEmpty)
        #expect(second.sound == Array(bars[40...41]))
    }

    @Test("A stretch of prices a hundred times off is kept out whole, and what follows it passes")
    func stretch() throws {
        let bars = try Self.days("2026-11-24", "2026-11-24")
        var series = Array(bars[40..<50])
        for index in 2..<6 { series[index] = try Self.scaled(series[index], 100) }
        let result = try Self.judge(series, after: Array(bars[..<40]))
        #expect(result.doubts.map(\.openAt) == bars[42..<46].map(\.openAt))
        #expect(result.sound == Array(bars[40..<42] + bars[46..<50]))
        // The validator takes them for a market that moved.
        let validator = BarValidator(timeframe: .fiveMinutes, calendar: try TestData.calendar("XNAS"), instrument: nil)
        #expect(validator.validate(series).rejected.isEmpty)
    }

    @Test("Overnight a third up or down is news, a hundredfold price is not")
    func overnight() throws {
        let bars = try Self.days("2026-11-23", "2026-11-24")
        let stored = Array(bars[..<78])
        let close = try #require(stored.last).close.value
        for (percent, isHeld) in [(135, false), (70, false), (50, true), (10_000, true)] {
            let price = Price(
                try close.scaled(by: FixedPoint(percent), over: FixedPoint(100), rounding: .halfEven))
            let bar = Bar(
                openAt: bars[78].openAt, open: price, high: price, low: price, close: price, volume: Quantity(1),
                source: .imported)
            #expect(try Self.judge([bar], after: stored).doubts.isEmpty != isHeld, "\(percent) %")
        }
    }

    @Test(
        "One wrong end of the newest bar is enough, and the next bar does not make it right", arguments: [true, false])
    func oneEnd(isOpen: Bool) throws {
        let bars = try Self.days("2026-11-24", "2026-11-24")
        var wrong = bars[50]
        wrong.high = try Self.scaled(wrong, 100).high
        if isOpen { wrong.open = wrong.high } else { wrong.close = wrong.high }
        let stored = Array(bars[48..<50])
        #expect(try Self.judge([wrong], after: stored).doubts.map(\.reason) == [.unconfirmedJump])
        let both = try Self.judge([wrong, bars[51]], after: stored)
        #expect(both.sound == [bars[51]])
        #expect(both.doubts.map(\.openAt) == [wrong.openAt])
        #expect(try Self.judge([bars[50]], after: stored + [bars[51]]).doubts.isEmpty)
    }

    @Test("A bar from the future is named: one of the clocks is wrong")
    func future() throws {
        let bars = try Self.days("2026-11-24", "2026-11-24")
        let result = try Self.judge(bars, after: [], now: bars[30].openAt)
        #expect(result.sound == Array(bars[..<30]))
        #expect(result.doubts.count == 78 - 30)
        #expect(result.doubts.map(\.code) == ["forming-bar"] + Array(repeating: "future-bar", count: 47))
    }

    @Test("A session that repeats an earlier one number by number is kept out, whole or in its first half hour")
    func repeated() throws {
        let monday = try Self.days("2026-11-23", "2026-11-23")
        let tuesday = try Self.days("2026-11-24", "2026-11-24", seed: 2)
        let copy = zip(tuesday, monday).map { place, bar in
            var bar = bar
            bar.openAt = place.openAt
            return bar
        }
        let whole = try Self.judge(copy, after: monday)
        #expect(whole.sound.isEmpty)
        #expect(
            whole.doubts.first?.description
                == "2026-11-24T14:30:00Z: repeated-session: the bars of 2026-11-24 are those of 2026-11-23, number by "
                + "number")
        // Both days in one answer.
        #expect(try Self.judge(monday + copy, after: []).sound == monday)
        // Bar by bar: from the sixth on it is noticed.
        #expect(try Self.judge([copy[4]], after: monday + copy[..<4]).doubts.isEmpty)
        #expect(try Self.judge([copy[5]], after: monday + copy[..<5]).doubts.map(\.reason) == [.repeatedSession])
        #expect(try Self.judge(tuesday, after: monday).doubts.isEmpty)
        // Quiet days without trades look alike and prove nothing.
        let flat = (monday + tuesday).map {
            Bar.fixture($0.openAt, open: 100, high: 100, low: 100, close: 100, volume: 0)
        }
        #expect(try Self.judge(Array(flat[78...]), after: Array(flat[..<78])).doubts.isEmpty)
    }

    @Test(
        "A repeated session of long bars is noticed after half of it",
        arguments: [("1h", 4), ("2h", 2), ("4h", 1)])
    func repeatedLongBars(text: String, least: Int) throws {
        let (calendar, timeframe) = (try TestData.calendar("XNAS"), try #require(Timeframe(text)))
        func day(_ day: String, seed: UInt64) throws -> [Bar] {
            try BarSamples.bars(calendar, timeframe, from: day, through: day, seed: seed)
        }
        let (monday, tuesday) = (try day("2026-11-23", seed: 1), try day("2026-11-24", seed: 2))
        let copy = zip(tuesday, monday).map { place, bar in
            var bar = bar
            bar.openAt = place.openAt
            return bar
        }
        for count in 1...copy.count {
            let judged = try Self.judge(Array(copy[..<count]), after: monday, timeframe)
            #expect(judged.sound.isEmpty == (count >= least), "\(count) bars")
        }
        #expect(try Self.judge(tuesday, after: monday, timeframe).doubts.isEmpty)
    }

    @Test("The first bar of a series is judged by the bars that come with it", arguments: [1, 2, 30])
    func first(wrong: Int) throws {
        var bars = try Self.days("2026-11-24", "2026-11-24")
        for index in 0..<wrong { bars[index] = try Self.scaled(bars[index], 100) }
        let judged = try Self.judge(bars, after: [])
        #expect(judged.sound == Array(bars[wrong...]))
        #expect(judged.doubts.map(\.openAt) == bars[..<wrong].map(\.openAt))
        #expect(judged.doubts.allSatisfy { $0.reason == .unconfirmedJump })
    }

    @Test("Of two first bars that contradict each other neither is taken; one alone is believed")
    func firstOfTwo() throws {
        let bars = try Self.days("2026-11-24", "2026-11-24")
        let pair = [try Self.scaled(bars[0], 3), bars[1]]
        #expect(try Self.judge(pair, after: []).sound.isEmpty)
        #expect(try Self.judge([pair[0]], after: []).sound == [pair[0]])
        // With trusted bars behind them, those decide.
        #expect(try Self.judge(pair, after: Array(bars[2...])).sound == [bars[1]])
        // A second bar off by itself does not harm the first.
        let second = [bars[0], try Self.scaled(bars[1], 3), bars[2], bars[3]]
        #expect(try Self.judge(second, after: []).sound == [bars[0], bars[2], bars[3]])
    }

    @Test(
        "Real bars, fetched one by one, raise no doubt but for what really jumped",
        .enabled(if: TestData.hasShared, "the shared folder is not there"),
        arguments: [
            "5m/XNAS.NVDA.5m", "5m/XNAS.PLTR.5m", "5m/XNAS.AAPL.5m", "5m/ARCX.SPY.5m", "5m/XKRX.005930.5m",
            "5m/XKRX.000660.5m", "1m/XNAS.NVDA.1m", "1d/XNAS.NVDA.1d.adj", "1d/XNAS.GOOG.1d.raw", "1d/XNAS.AAPL.1d.raw",
        ])
    func realBars(file: String) throws {
        let bars = try BarSamples.shared("bars/\(file).csv")
        let mic = file.contains("XKRX") ? "XKRX" : "XNAS"
        let timeframe: Timeframe = file.hasPrefix("1d") ? .oneDay : file.hasPrefix("1m") ? .oneMinute : .fiveMinutes
        let check = SeriesCheck(timeframe: timeframe, calendar: try TestData.calendar(mic))
        var doubts: [String] = []
        for index in bars.indices.dropFirst().prefix(4000) {
            let context = Array(bars[max(0, index - 3)..<index])
            let result = check.judge([bars[index]], after: context, now: BarSamples.lastDay)
            doubts += result.doubts.map { "\($0.openAt.utcDate) \($0.code)" }
        }
        // Apple's two splits and its crash, each held for one day.
        let expected =
            file.hasSuffix("AAPL.1d.raw")
            ? ["2000-06-21", "2000-09-29", "2005-02-28"].map { "\($0) unconfirmed-jump" } : []
        #expect(doubts == expected)
        // Fetched at once they all pass.
        let whole = check.judge(bars, after: [], now: BarSamples.lastDay)
        #expect(whole.sound == bars)
    }
}
