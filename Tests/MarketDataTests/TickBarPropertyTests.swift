import Core
import Foundation
import MarketData
import Sessions
import Testing

@Suite("Laws of bars from ticks")
struct TickBarPropertyTests {
    /// Ticks that trade along the path of each bar: its open first, its extremes, its close last, with its volume.
    private static func ticks(_ bars: [Bar], _ random: inout SeededGenerator) throws -> [Tick] {
        var ticks: [Tick] = []
        for bar in bars {
            let path =
                Bool.random(using: &random)
                ? [bar.open, bar.high, bar.low, bar.close] : [bar.open, bar.low, bar.high, bar.close]
            var seconds = (0..<2).map { _ in Int64.random(in: 1...58, using: &random) }.sorted()
            seconds = [0] + seconds + [59]
            var left = bar.volume.value.units / FixedPoint.unitsPerOne
            for (index, price) in path.enumerated() {
                let share = index == 3 ? left : max(1, left / 4)
                left -= share
                ticks.append(
                    Tick(
                        price: price, quantity: Quantity(Int(share)),
                        at: bar.openAt.advanced(bySeconds: seconds[index]),
                        sequence: Int64(ticks.count), id: "t\(ticks.count)"))
            }
        }
        return ticks
    }

    private static func bars(_ events: [TickBarEvent]) -> [Bar] {
        events.compactMap { event in
            guard case .closed(let built) = event, !built.isPartial, built.edition == 0 else { return nil }
            return built.bar
        }
    }

    /// The latest edition of each bar.
    private static func latest(_ events: [TickBarEvent]) -> [Instant: BuiltBar] {
        var latest: [Instant: BuiltBar] = [:]
        for event in events {
            switch event {
            case .closed(let built), .late(_, let built): latest[built.bar.openAt] = built
            case .refused, .quiet, .doubtful, .unobserved, .clockWentBack: break
            }
        }
        return latest
    }

    @Test("Ticks along minute bars give the bars that resampling gives", arguments: [UInt64](1...6))
    func equalsResampling(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "ticks")
        let mic = ["XNAS", "XHKG", "XKRX"][Int(seed % 3)]
        let timeframe = [Timeframe.oneMinute, .fiveMinutes, .fifteenMinutes, .oneHour, .oneDay][Int(seed % 5)]
        let calendar = try TestData.calendar(mic)
        let minutes = try BarSamples.bars(calendar, .oneMinute, from: "2026-11-19", through: "2026-11-20", seed: seed)
        var builder = TickBarBuilder(
            timeframe: timeframe, calendar: calendar, startingAt: try #require(minutes.first).openAt)
        var events: [TickBarEvent] = []
        for tick in try Self.ticks(minutes, &random) {
            events.append(contentsOf: builder.advance(to: tick.at))
            events.append(contentsOf: builder.take(tick))
        }
        events.append(contentsOf: builder.advance(to: try TestData.instant("2026-11-21T00:00:00Z")))
        let expected =
            timeframe == .oneMinute
            ? minutes
            : try BarResampler(from: .oneMinute, to: timeframe, calendar: calendar)
                .resample(minutes, policy: .completeOnly, now: BarSamples.lastDay).bars.map(\.bar)
        #expect(Self.bars(events) == BarSamples.marked(expected, .stream), "seed \(seed)")
        #expect(events.count == expected.count, "seed \(seed)")
        #expect(builder.refusals.isEmpty, "seed \(seed)")
    }

    @Test("Any order of the ticks inside the grace, with any repeats, gives the same bars", arguments: [UInt64](1...8))
    func anyOrder(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "order")
        let calendar = try TestData.calendar("XNAS")
        let minutes = try BarSamples.bars(calendar, .oneMinute, from: "2026-11-24", through: "2026-11-24", seed: seed)
        let start = try #require(minutes.first).openAt
        // A wide grace: the whole first hour arrives before any bar ends.
        let rules = TickBarBuilder.Rules(grace: .seconds(7200))
        var ticks = try Self.ticks(Array(minutes.prefix(60)), &random)
        // Some far off, so that their judgement too is shown not to depend on the order.
        for index in stride(from: 7, to: ticks.count, by: 31) {
            let tick = ticks[index]
            ticks[index] = Tick(
                price: Price(FixedPoint(int64Units: 77_777_700_000_000)), quantity: tick.quantity, at: tick.at,
                sequence: tick.sequence, id: tick.id)
        }
        func run(_ ticks: [Tick]) -> [TickBarEvent] {
            var builder = TickBarBuilder(timeframe: .fiveMinutes, calendar: calendar, startingAt: start, rules: rules)
            _ = builder.advance(to: start.advanced(bySeconds: 3600))
            for tick in ticks { _ = builder.take(tick) }
            return builder.advance(to: start.advanced(bySeconds: 3600 + 7200))
        }
        let expected = run(ticks)
        #expect(Self.bars(expected).count == 12)
        #expect(expected.count > 12)
        for _ in 0..<6 {
            var shuffled = ticks.shuffled(using: &random)
            for _ in 0..<20 { shuffled.append(shuffled[Int.random(in: shuffled.indices, using: &random)]) }
            #expect(run(shuffled) == expected, "seed \(seed)")
        }
    }

    @Test("Whatever comes late, the last edition is the bar that all ticks in time give", arguments: [UInt64](1...8))
    func lateEqualsInTime(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "late")
        let calendar = try TestData.calendar("XNAS")
        let minutes = try BarSamples.bars(calendar, .oneMinute, from: "2026-11-24", through: "2026-11-24", seed: seed)
        let start = try #require(minutes.first).openAt
        let ticks = try Self.ticks(Array(minutes.prefix(40)), &random)
        func run(_ arrivals: [(tick: Tick, at: Instant)]) -> [TickBarEvent] {
            var builder = TickBarBuilder(timeframe: .fiveMinutes, calendar: calendar, startingAt: start)
            var events: [TickBarEvent] = []
            for arrival in arrivals.sorted(by: { $0.at < $1.at }) {
                events += builder.advance(to: arrival.at) + builder.take(arrival.tick)
            }
            return events + builder.advance(to: start.advanced(bySeconds: 4000))
        }
        let inTime = Self.latest(run(ticks.map { ($0, $0.at) }))
        let delayed = run(
            ticks.map { tick in
                let delay = Int.random(in: 0..<5, using: &random) == 0 ? Int64.random(in: 1...1500, using: &random) : 0
                return (tick, tick.at.advanced(bySeconds: delay))
            })
        let late = Self.latest(delayed)
        #expect(late.mapValues(\.bar) == inTime.mapValues(\.bar), "seed \(seed)")
        #expect(delayed.contains { if case .late = $0 { true } else { false } }, "seed \(seed)")
        // Editions count up without a hole, so that the history is whole.
        var editions: [Instant: Int] = [:]
        for event in delayed {
            switch event {
            case .closed(let built), .late(_, let built):
                #expect(built.edition == editions[built.bar.openAt, default: 0], "seed \(seed)")
                editions[built.bar.openAt] = built.edition + 1
            case .refused, .quiet, .doubtful, .unobserved, .clockWentBack: break
            }
        }
    }

    @Test(
        "A builder restored from its state at any moment goes on as if nothing had happened", arguments: [UInt64](1...8)
    )
    func restored(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "restore")
        let calendar = try TestData.calendar("XNAS")
        let start = try TestData.instant("2026-11-24T14:30:00Z")
        var one = TickBarBuilder(timeframe: .oneMinute, calendar: calendar, startingAt: start)
        var other = one
        for step in 0..<400 {
            let events: ([TickBarEvent], [TickBarEvent])
            if step % 5 == 0 {
                let now = start.advanced(bySeconds: Int64(step * 2) + Int64.random(in: -90...90, using: &random))
                events = (one.advance(to: now), other.advance(to: now))
            } else {
                let tick = Self.anyTick(start.advanced(bySeconds: Int64(step * 2)), &random)
                events = (one.take(tick), other.take(tick))
            }
            #expect(events.0 == events.1, "seed \(seed), step \(step)")
            if Int.random(in: 0..<10, using: &random) == 0 {
                let saved = try JSONEncoder().encode(other.state)
                other = try TickBarBuilder(
                    restoring: JSONDecoder().decode(TickBarBuilder.State.self, from: saved), timeframe: .oneMinute,
                    calendar: calendar)
                #expect(other.state == one.state, "seed \(seed), step \(step)")
            }
        }
        #expect(one.refusals == other.refusals)
        #expect(!one.refusals.isEmpty)
    }

    private static func anyTick(_ around: Instant, _ random: inout SeededGenerator) -> Tick {
        let cents = [10_000, 10_010, 9_990, 9_000, 100_000, 0, 9_995][Int.random(in: 0..<7, using: &random)]
        let quantity = [100, 1, 7, 0][Int.random(in: 0..<4, using: &random)]
        let id = Int.random(in: 0..<3, using: &random) == 0 ? nil : "i\(Int.random(in: 0..<300, using: &random))"
        return Tick(
            price: BarSamples.cents(cents), quantity: Quantity(quantity),
            at: around.advanced(bySeconds: Int64.random(in: -200...80, using: &random)),
            sequence: Int64.random(in: 0..<5, using: &random), id: id)
    }

    @Test(
        "Nothing is lost in silence: every tick is in a last edition or was refused by name", arguments: [UInt64](1...8)
    )
    func everyTickIsAccountedFor(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "account")
        let start = try TestData.instant("2026-11-24T14:30:00Z")
        var builder = TickBarBuilder(
            timeframe: .fiveMinutes, calendar: try TestData.calendar("XNAS"), startingAt: start)
        var events: [TickBarEvent] = []
        let count = 2000
        for step in 0..<count {
            let now = start.advanced(bySeconds: Int64(step))
            events += builder.take(Self.anyTick(now, &random))
            // The clock runs, with steps back and ahead.
            events += builder.advance(to: now.advanced(bySeconds: Int64.random(in: -20...20, using: &random)))
        }
        events += builder.advance(to: start.advanced(bySeconds: 3000))
        let inBars = Self.latest(events).values.reduce(0) { $0 + $1.ticks }
        let told = events.count { if case .refused = $0 { true } else { false } }
        let refused = builder.refusals.values.reduce(0, +)
        #expect(told == refused, "seed \(seed)")
        #expect(inBars + refused == count, "seed \(seed)")
        #expect(inBars > 500, "seed \(seed)")
        for built in Self.latest(events).values {
            let bar = built.bar
            #expect(bar.high >= max(bar.open, bar.close) && bar.low <= min(bar.open, bar.close) && bar.low > Price(80))
        }
    }

    @Test("A state of another exchange or timeframe, or a damaged one, is refused by name")
    func badStates() throws {
        let calendar = try TestData.calendar("XNAS")
        let start = try TestData.instant("2026-11-24T14:30:00Z")
        var builder = TickBarBuilder(timeframe: .fiveMinutes, calendar: calendar, startingAt: start)
        _ = builder.take(Tick(price: Price(100), quantity: Quantity(1), at: start))
        let state = builder.state
        #expect(throws: BarMakingError.badState("it holds bars of 300 seconds of XNAS")) {
            try TickBarBuilder(restoring: state, timeframe: .oneMinute, calendar: calendar)
        }
        #expect(throws: BarMakingError.self) {
            try TickBarBuilder(restoring: state, timeframe: .fiveMinutes, calendar: TestData.calendar("XKRX"))
        }
        let text = String(decoding: try JSONEncoder().encode(state), as: UTF8.self)
        for (find, put) in [("\"price\":\"100\"", "\"price\":\"NaN\""), ("\"openAt\":17", "\"openAt\":18")] {
            let damaged = text.replacingOccurrences(of: find, with: put)
            #expect(damaged != text)
            let decoded = try JSONDecoder().decode(TickBarBuilder.State.self, from: Data(damaged.utf8))
            #expect(throws: BarMakingError.self) {
                try TickBarBuilder(restoring: decoded, timeframe: .fiveMinutes, calendar: calendar)
            }
        }
    }
}
