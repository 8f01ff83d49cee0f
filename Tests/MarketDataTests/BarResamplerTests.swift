import Core
import MarketData
import Sessions
import Testing

@Suite("Resampling")
struct BarResamplerTests {
    private func resample(
        _ bars: [Bar], _ source: Timeframe, _ target: Timeframe, _ mic: String = "XNAS",
        _ policy: BarResampler.Policy = .completeOnly, now: Instant = BarSamples.lastDay
    ) throws -> Resampling {
        let resampler = try BarResampler(from: source, to: target, calendar: try TestData.calendar(mic))
        return try resampler.resample(bars, policy: policy, now: now)
    }

    private func frame(_ text: String) throws -> Timeframe { try #require(Timeframe(text)) }

    @Test(
        "Real one-minute bars give exactly the vendor's five-minute bars, volume too",
        .enabled(if: TestData.hasShared, "the shared folder is not there"), arguments: ["XNAS.NVDA", "ARCX.SPY"])
    func realMinutes(name: String) throws {
        let minutes = try BarSamples.shared("bars/1m/\(name).1m.csv")
        let first = try #require(minutes.first?.openAt)
        let last = try #require(minutes.last?.openAt)
        let expected = try BarSamples.shared("bars/5m/\(name).5m.csv").filter {
            $0.openAt >= first && $0.openAt <= last
        }
        let made = try resample(minutes, .oneMinute, .fiveMinutes)
        #expect(made.withheld.isEmpty)
        #expect(made.misplaced.isEmpty)
        #expect(made.bars.map(\.bar) == BarSamples.marked(expected, .resampled))
        #expect(expected.count == 31 * 78)
    }

    @Test(
        "Five-minute bars of a real session give its open, extremes, close and the sum of its volume as one day",
        .enabled(if: TestData.hasShared, "the shared folder is not there"))
    func realDay() throws {
        // The half day of 2025-11-28: computed from the file with a spreadsheet's MAX, MIN and SUM.
        let bars = try BarSamples.shared("bars/5m/XNAS.NVDA.5m.csv").filter {
            $0.openAt.description.hasPrefix("2025-11-28")
        }
        let made = try resample(bars, .fiveMinutes, .oneDay).bars
        #expect(made.count == 1)
        let day = try #require(made.first)
        #expect(day.slot.closeAt.description == "2025-11-28T18:00:00Z")
        #expect(day.bar.openAt.description == "2025-11-28T14:30:00Z")
        #expect(day.bar.open == bars.first?.open)
        #expect(day.bar.close == bars.last?.close)
        #expect(day.bar.high == bars.map(\.high).max())
        #expect(day.bar.low == bars.map(\.low).min())
        #expect(day.bar.volume.value.units == bars.reduce(0) { $0 + $1.volume.value.units })
    }

    @Test("The last bar of a half day is short, and every daily bar opens with its session")
    func halfDay() throws {
        let calendar = try TestData.calendar("XNAS")
        let minutes = try BarSamples.bars(calendar, .oneMinute, from: "2026-11-25", through: "2026-11-30", seed: 1)
        let hours = try resample(minutes, .oneMinute, .oneHour).bars
        // 7 bars on a full day, the last of 30 minutes; 4 on the Friday after Thanksgiving.
        #expect(hours.count == 7 + 4 + 7)
        #expect(
            hours.filter { $0.slot.closeAt.duration(since: $0.slot.openAt) != .seconds(3600) }
                .map { "\($0.slot.openAt) \($0.slot.closeAt)" } == [
                    "2026-11-25T20:30:00Z 2026-11-25T21:00:00Z", "2026-11-27T17:30:00Z 2026-11-27T18:00:00Z",
                    "2026-11-30T20:30:00Z 2026-11-30T21:00:00Z",
                ])
        let days = try resample(minutes, .oneMinute, .oneDay).bars
        #expect(
            days.map(\.bar.openAt.description) == [
                "2026-11-25T14:30:00Z", "2026-11-27T14:30:00Z", "2026-11-30T14:30:00Z",
            ])
        #expect(days.allSatisfy { $0.bar.source == .resampled })
    }

    @Test("A lunch break ends a bar, and the grid starts again behind it")
    func lunch() throws {
        let calendar = try TestData.calendar("XHKG")
        let bars = try BarSamples.bars(calendar, .fifteenMinutes, from: "2026-11-24", through: "2026-11-24", seed: 2)
        let hours = try resample(bars, .fifteenMinutes, .oneHour, "XHKG").bars
        #expect(
            hours.map { "\($0.slot.openAt.description.dropFirst(11)) \($0.slot.closeAt.description.dropFirst(11))" }
                == [
                    "01:30:00Z 02:30:00Z", "02:30:00Z 03:30:00Z", "03:30:00Z 04:00:00Z", "05:00:00Z 06:00:00Z",
                    "06:00:00Z 07:00:00Z", "07:00:00Z 08:00:00Z",
                ])
        #expect(try resample(bars, .fifteenMinutes, .oneDay, "XHKG").bars.count == 1)
    }

    @Test("A bar with a hole is withheld for decisions, with the hole named, and given for research with it named")
    func holes() throws {
        let calendar = try TestData.calendar("XNAS")
        var minutes = try BarSamples.bars(calendar, .oneMinute, from: "2026-11-24", through: "2026-11-24", seed: 3)
        // Two holes of one minute, and a whole lost bar from 15:00 to 15:05.
        minutes.removeAll { bar in
            let clock = bar.openAt.description.dropFirst(11).prefix(5)
            return ["14:33", "14:37"].contains(clock) || (clock >= "15:00" && clock < "15:05")
        }
        let strict = try resample(minutes, .oneMinute, .fiveMinutes)
        #expect(strict.bars.count == 78 - 3)
        #expect(strict.bars.allSatisfy { $0.isComplete })
        #expect(
            strict.withheld.map { "\($0.slot.openAt) \($0.missing.map(\.description).joined(separator: " "))" } == [
                "2026-11-24T14:30:00Z 2026-11-24T14:33:00Z", "2026-11-24T14:35:00Z 2026-11-24T14:37:00Z",
                "2026-11-24T15:00:00Z " + (0..<5).map { "2026-11-24T15:0\($0):00Z" }.joined(separator: " "),
            ])
        let loose = try resample(minutes, .oneMinute, .fiveMinutes, "XNAS", .whatThereIs)
        #expect(loose.bars.count == 78 - 1)
        #expect(
            loose.bars.filter { !$0.isComplete }.map(\.slot.openAt.description) == [
                "2026-11-24T14:30:00Z", "2026-11-24T14:35:00Z",
            ])
        #expect(loose.withheld.map(\.slot.openAt.description) == ["2026-11-24T15:00:00Z"])
        #expect(loose.bars.first?.bar.volume.value.units == minutes.prefix(4).reduce(0) { $0 + $1.volume.value.units })
    }

    @Test("The slot still forming is never given, under either policy; at its close it is")
    func forming() throws {
        let calendar = try TestData.calendar("XNAS")
        let minutes = try BarSamples.bars(calendar, .oneMinute, from: "2026-11-24", through: "2026-11-24", seed: 4)
        for policy in [BarResampler.Policy.completeOnly, .whatThereIs] {
            let before = try resample(
                minutes, .oneMinute, .fiveMinutes, "XNAS", policy, now: TestData.instant("2026-11-24T15:04:59.999999Z"))
            #expect(before.bars.last?.slot.closeAt.description == "2026-11-24T15:00:00Z")
            #expect(before.withheld.isEmpty)
            let after = try resample(
                minutes, .oneMinute, .fiveMinutes, "XNAS", policy, now: TestData.instant("2026-11-24T15:05:00Z"))
            #expect(after.bars.last?.slot.closeAt.description == "2026-11-24T15:05:00Z")
        }
    }

    @Test("A series that starts inside a slot does not pass it off as whole")
    func startsInside() throws {
        let calendar = try TestData.calendar("XNAS")
        let minutes = try BarSamples.bars(calendar, .oneMinute, from: "2026-11-24", through: "2026-11-24", seed: 5)
        let made = try resample(Array(minutes[7..<20]), .oneMinute, .fiveMinutes)
        #expect(made.bars.map(\.slot.openAt.description) == ["2026-11-24T14:40:00Z", "2026-11-24T14:45:00Z"])
        #expect(made.withheld.map(\.slot.openAt.description) == ["2026-11-24T14:35:00Z"])
        #expect(made.withheld.first?.missing.count == 2)
    }

    @Test(
        "Two steps give the same bars as one, with holes and without, on every kind of session",
        arguments: [UInt64](1...12))
    func twoSteps(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "steps")
        let mic = ["XNAS", "XKRX", "XHKG", "XTKS"][Int.random(in: 0..<4, using: &random)]
        let calendar = try TestData.calendar(mic)
        var bars = try BarSamples.bars(calendar, .oneMinute, from: "2025-12-23", through: "2026-01-05", seed: seed)
        if seed % 3 != 0 {
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                bars.remove(at: Int.random(in: bars.indices, using: &random))
            }
        }
        let chains = [
            ["1m", "5m", "15m"], ["1m", "5m", "1h"], ["1m", "15m", "30m"], ["1m", "30m", "1d"], ["1m", "1h", "1d"],
        ]
        for chain in chains {
            let (first, middle, last) = (try frame(chain[0]), try frame(chain[1]), try frame(chain[2]))
            for policy in [BarResampler.Policy.completeOnly, .whatThereIs] {
                let once = try resample(bars, first, last, mic, policy)
                let halfway = try resample(bars, first, middle, mic, policy)
                let twice = try BarResampler(from: middle, to: last, calendar: calendar)
                    .resample(halfway.bars, policy: policy, now: BarSamples.lastDay)
                #expect(twice.bars.map(\.bar) == once.bars.map(\.bar), "seed \(seed) \(mic) \(chain)")
                #expect(twice.bars.map(\.isComplete) == once.bars.map(\.isComplete), "seed \(seed) \(mic) \(chain)")
            }
        }
    }

    @Test("Nothing is lost or invented: volume in equals volume out", arguments: [UInt64](1...8))
    func volume(seed: UInt64) throws {
        let calendar = try TestData.calendar("XKRX")
        let bars = try BarSamples.bars(calendar, .oneMinute, from: "2026-11-18", through: "2026-11-20", seed: seed)
        let total = bars.reduce(Int128(0)) { $0 + $1.volume.value.units }
        for target in ["5m", "15m", "30m", "1h", "1d"] {
            let made = try resample(bars, .oneMinute, try frame(target), "XKRX").bars
            #expect(made.reduce(Int128(0)) { $0 + $1.bar.volume.value.units } == total, "seed \(seed) \(target)")
            #expect(made.map(\.bar.high).max() == bars.map(\.high).max())
            #expect(made.map(\.bar.low).min() == bars.map(\.low).min())
        }
    }

    @Test("Bars off the grid and outside the session are named and in no bar")
    func misplaced() throws {
        let calendar = try TestData.calendar("XNAS")
        let minutes = try BarSamples.bars(calendar, .oneMinute, from: "2026-11-24", through: "2026-11-24", seed: 6)
        let strays = try [
            "2026-11-24T14:00:00Z", "2026-11-24T14:31:30Z", "2026-11-24T21:00:00Z", "2026-11-26T15:00:00Z",
        ]
        .map { Bar.fixture(try TestData.instant($0), high: 100_000) }
        let mixed = (minutes + strays).sorted { $0.openAt < $1.openAt }
        let made = try resample(mixed, .oneMinute, .fiveMinutes)
        #expect(made.misplaced == strays.map(\.openAt))
        #expect(try made.bars == resample(minutes, .oneMinute, .fiveMinutes).bars)
    }

    @Test("Bars in disorder, doubled bars, impossible lengths and a volume out of range are refused by name")
    func refusals() throws {
        let calendar = try TestData.calendar("XNAS")
        let at = try TestData.instant("2026-11-24T14:30:00Z")
        let (first, second) = (Bar.fixture(at), Bar.fixture(at.advanced(bySeconds: 60)))
        #expect(throws: BarMakingError.disorder(at: at, after: second.openAt)) {
            try resample([second, first], .oneMinute, .fiveMinutes)
        }
        #expect(throws: BarMakingError.disorder(at: at, after: at)) {
            try resample([first, first], .oneMinute, .fiveMinutes)
        }
        for (source, target) in [("5m", "5m"), ("5m", "1m"), ("15m", "20m"), ("1d", "1d")] {
            #expect(throws: BarMakingError.cannotResample(from: try frame(source), to: try frame(target))) {
                try BarResampler(from: try frame(source), to: try frame(target), calendar: calendar)
            }
        }
        let huge = try Quantity(FixedPoint(units: FixedPoint.magnitudeLimit))
        let bars = (0..<5).map { index -> Bar in
            var bar = Bar.fixture(at.advanced(bySeconds: Int64(60 * index)))
            bar.volume = huge
            return bar
        }
        do {
            _ = try resample(bars, .oneMinute, .fiveMinutes)
            Issue.record("a volume out of range was given out")
        } catch {
            #expect("\(error)".hasPrefix("the bar of 2026-11-24T14:30:00Z: the amount is too large"))
        }
        #expect(try resample([], .oneMinute, .fiveMinutes).bars.isEmpty)
    }
}
