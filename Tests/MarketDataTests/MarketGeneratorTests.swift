import Core
import MarketData
import Sessions
import Testing

@Suite("Generated markets")
struct MarketGeneratorTests {
    static let frames: [Timeframe] = [.oneMinute, .fiveMinutes, .fifteenMinutes, .oneHour, .oneDay]

    @Test("The same bars come out whichever range is asked for", arguments: ["XNAS", "XKRX", "XHKG"], frames)
    func ranges(mic: String, frame: Timeframe) throws {
        let (instrument, calendar) = (try TestData.instrument("DEMO", mic), try TestData.calendar(mic))
        let generator = MarketGenerator(seed: 11)
        var random = SeededGenerator(seed: 3, stream: "\(mic)\(frame)")
        // Both sides of the anchor, over a change of clocks.
        for start in ["2024-12-16T00:00:00Z", "2026-10-25T00:00:00Z"] {
            let from = try TestData.instant(start)
            let until = from.advanced(bySeconds: 21 * 86_400)
            let all = generator.bars(instrument, calendar, frame, from: from, until: until)
            let expected = calendar.slots(from: from, until: until, timeframe: frame).map(\.openAt)
            #expect(all.map(\.openAt).starts(with: expected))
            for _ in 0..<8 {
                let first = from.advanced(bySeconds: Int64.random(in: 0..<20 * 86_400, using: &random))
                let last = first.advanced(bySeconds: Int64.random(in: 1...3 * 86_400, using: &random))
                let part = generator.bars(instrument, calendar, frame, from: first, until: last)
                #expect(part.allSatisfy { $0.openAt >= first && $0.openAt < last })
                let cut = all.filter { $0.openAt >= first && $0.openAt < last }
                #expect(part.filter { $0.openAt < until } == cut)
                let closed = generator.lastBars(7, of: instrument, calendar, frame, closedBy: last)
                #expect(closed.count == 7)
                #expect(closed.last?.openAt == calendar.lastClosedSlot(at: last, timeframe: frame)?.openAt)
            }
        }
    }

    @Test("Longer bars are made of shorter ones", arguments: ["XNAS", "XKRX", "XHKG"])
    func timeframesAgree(mic: String) throws {
        let (instrument, calendar) = (try TestData.instrument("DEMO", mic), try TestData.calendar(mic))
        // With the Korean exam day, or a US half day behind it.
        let from = try TestData.instant(mic == "XNAS" ? "2025-11-25T00:00:00Z" : "2025-11-12T00:00:00Z")
        let until = from.advanced(bySeconds: 5 * 86_400)
        let generator = MarketGenerator(seed: 5)
        let minutes = generator.bars(instrument, calendar, .oneMinute, from: from, until: until)
        for frame in Self.frames.dropFirst() {
            for bar in generator.bars(instrument, calendar, frame, from: from, until: until) {
                let slot = try #require(calendar.slot(openingAt: bar.openAt, timeframe: frame))
                let parts = minutes.filter { $0.openAt >= slot.openAt && $0.openAt < slot.closeAt }
                #expect(parts.first?.open == bar.open)
                #expect(parts.map(\.high).max() == bar.high)
                #expect(parts.map(\.low).min() == bar.low)
                #expect(parts.last?.close == bar.close)
                #expect(try parts.reduce(Quantity.zero) { try $0 + $1.volume } == bar.volume)
            }
        }
    }

    @Test(
        "Generated bars pass our own validation without a word",
        arguments: ["NVDA", "PLTR", "AAA", "BBB", "CCC", "005930", "000660", "035720"],
        [Timeframe.fiveMinutes, .oneMinute, .oneDay])
    func valid(symbol: String, frame: Timeframe) throws {
        let mic = symbol.first?.isNumber == true ? "XKRX" : "XNAS"
        let (instrument, calendar) = (try TestData.instrument(symbol, mic), try TestData.calendar(mic))
        let from = try TestData.instant(frame == .oneDay ? "2025-06-02T00:00:00Z" : "2026-11-02T00:00:00Z")
        let bars = MarketGenerator(seed: 1).bars(
            instrument, calendar, frame, from: from, until: try TestData.instant("2026-11-26T00:00:00Z"))
        #expect(bars.count > 79)
        let result = BarValidator(timeframe: frame, calendar: calendar, instrument: instrument).validate(bars)
        #expect(result.accepted == bars)
        #expect(result.rejected.isEmpty, "\(result.rejected.prefix(2))")
        #expect(result.warnings.isEmpty, "\(result.warnings.prefix(2))")
        #expect(result.gaps.isEmpty)
    }

    @Test("Regimes lean the way their name says, and all three come up")
    func regimes() throws {
        let calendar = try TestData.calendar("XNAS")
        let generator = MarketGenerator(seed: 2)
        var sums: [MarketRegime: (log: Double, count: Int)] = [:]
        for index in 0..<12 {
            let instrument = try TestData.instrument("S\(index)", "XNAS")
            let bars = generator.bars(
                instrument, calendar, .oneDay, from: try TestData.instant("2025-01-02T00:00:00Z"),
                until: try TestData.instant("2025-12-31T00:00:00Z"))
            for bar in bars {
                let regime = generator.regime(of: instrument, on: calendar.localDate(of: bar.openAt))
                let change = bar.close.doubleValue / bar.open.doubleValue - 1
                let old = sums[regime] ?? (0, 0)
                sums[regime] = (old.log + change, old.count + 1)
            }
        }
        #expect(sums.count == 3)
        #expect(sums.values.allSatisfy { $0.count > 600 })
        let mean = sums.mapValues { $0.log / Double($0.count) }
        #expect((mean[.rising] ?? 0) > 0.002)
        #expect((mean[.falling] ?? 0) < -0.002)
        #expect((mean[.sideways] ?? 1).magnitude < 0.0018)
    }

    @Test("Volume and movement are U-shaped within the day")
    func uShape() throws {
        let (instrument, calendar) = (try TestData.instrument("UUU", "XNAS"), try TestData.calendar("XNAS"))
        let bars = MarketGenerator(seed: 4).bars(
            instrument, calendar, .fiveMinutes, from: try TestData.instant("2026-01-02T00:00:00Z"),
            until: try TestData.instant("2026-06-30T00:00:00Z"))
        var volume = [Double](repeating: 0, count: 3)
        var range = [Double](repeating: 0, count: 3)
        for bar in bars {
            let second = calendar.localClock(of: bar.openAt).secondOfDay - 34_200
            let part = second < 3600 ? 0 : (second >= 19_800 ? 2 : (second >= 9000 && second < 12_600 ? 1 : -1))
            guard part >= 0 else { continue }
            volume[part] += bar.volume.doubleValue
            range[part] += (bar.high.doubleValue - bar.low.doubleValue) / bar.open.doubleValue
        }
        #expect(volume[0] > 1.5 * volume[1] && volume[2] > 1.5 * volume[1] * 0.6)
        #expect(range[0] > 1.2 * range[1] && range[2] > range[1])
    }

    @Test("Start prices are plausible, and two symbols or seeds do not move together")
    func startsAndStreams() throws {
        let anchor = MarketGenerator.defaultAnchor
        let expected: [(String, String, ClosedRange<Double>)] = [
            ("NVDA", "XNAS", 160...200), ("PLTR", "XNAS", 155...195), ("005930", "XKRX", 90_000...110_000),
            ("ZZZ", "XNAS", 15...340),
        ]
        var returns: [[Double]] = []
        for (symbol, mic, range) in expected {
            let (instrument, calendar) = (try TestData.instrument(symbol, mic), try TestData.calendar(mic))
            let bars = MarketGenerator(seed: 42).bars(
                instrument, calendar, .oneDay, from: anchor.startUTC,
                until: try TestData.instant("2025-12-31T00:00:00Z"))
            #expect(range.contains(try #require(bars.first).open.doubleValue), "\(symbol)")
            #expect(bars.allSatisfy { $0.low.isPositive })
            returns.append(bars.prefix(200).map { $0.close.doubleValue / $0.open.doubleValue - 1 })
        }
        let other = MarketGenerator(seed: 43).bars(
            try TestData.instrument("NVDA", "XNAS"), try TestData.calendar("XNAS"), .oneDay, from: anchor.startUTC,
            until: try TestData.instant("2025-12-31T00:00:00Z"))
        returns.append(other.prefix(200).map { $0.close.doubleValue / $0.open.doubleValue - 1 })
        for left in returns.indices {
            for right in returns.indices where left < right {
                let product = zip(returns[left], returns[right]).reduce(0) { $0 + $1.0 * $1.1 }
                let scale = [left, right].map { returns[$0].reduce(0) { $0 + $1 * $1 } }.reduce(1, *).squareRoot()
                #expect((product / scale).magnitude < 0.25)
            }
        }
    }

    @Test("A day closed by the operator leaves the other days' bars as they are")
    func overrideKeepsOthers() throws {
        let instrument = try TestData.instrument("DEMO", "XNAS")
        let date = try #require(CivilDate(iso: "2026-11-18"))
        let book = try CalendarBook.embedded.overriding([
            CalendarOverride(exchange: ExchangeID("XNAS"), date: date, change: .closed)
        ])
        let (from, until) = (try TestData.instant("2026-11-16T00:00:00Z"), try TestData.instant("2026-11-25T00:00:00Z"))
        let changed = try #require(book.calendar(ExchangeID("XNAS")))
        let generator = MarketGenerator(seed: 9)
        let before = generator.bars(instrument, try TestData.calendar("XNAS"), .fiveMinutes, from: from, until: until)
        let after = generator.bars(instrument, changed, .fiveMinutes, from: from, until: until)
        #expect(after == before.filter { changed.localDate(of: $0.openAt) != date })
        #expect(after.count == before.count - 78)
    }

    @Test("A hundred symbols' last hundred bars take milliseconds")
    func fast() throws {
        let calendar = try TestData.calendar("XNAS")
        let instruments = try (0..<100).map { try TestData.instrument("F\($0)", "XNAS") }
        let now = try TestData.instant("2026-11-24T18:00:00Z")
        let generator = MarketGenerator(seed: 8)
        var bars = 0
        let clock = ContinuousClock()
        let time = clock.measure {
            for instrument in instruments {
                bars += generator.lastBars(100, of: instrument, calendar, .fiveMinutes, closedBy: now).count
            }
        }
        #expect(bars == 10_000)
        print("generator: 100 symbols x 100 bars in \(time)")
        // Unoptimised builds are some thirty times slower than the release build this bound is meant for.
        #expect(time < .seconds(2))
    }

    @Test("The source answers for its exchange's instruments and refuses others")
    func source() async throws {
        let source = GeneratorSource(generator: MarketGenerator(seed: 1), calendars: .embedded)
        let (from, until) = (try TestData.instant("2026-11-20T14:30:00Z"), try TestData.instant("2026-11-20T15:02:00Z"))
        let bars = try await source.bars(
            try TestData.instrument("NVDA", "XNAS"), .fiveMinutes, from: from, until: until)
        #expect(bars.count == 7)
        #expect(bars.allSatisfy { $0.source == .generator && $0.openAt < until })
        await #expect(throws: BarSourceError.self) {
            try await source.bars(try TestData.instrument("X", "NOPE"), .fiveMinutes, from: from, until: until)
        }
    }
}
