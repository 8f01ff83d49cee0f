import Core
import Foundation
import Indicators
import Testing

/// What every indicator owes, written once and run for each.
struct IndicatorBatteryTests {
    /// Every name with its defaults, and the shortest or odd parameters of those whose windows could go wrong.
    static let specs =
        IndicatorCatalogue.entries.map(\.name) + [
            "SMA:2", "WMA:2", "LINEARREG_SLOPE:2", "EMA:2", "STDDEV:2", "STDDEV_SAMPLE:2,2.5", "BBANDS:20,2,1.5",
            "STOCH:1,1,1", "STOCH:7,4,2", "STOCH:14,3,3", "STOCHF:1,1", "STOCHRSI:2,1,1", "CCI:2", "CCI:33", "MFI:2",
            "WILLR:2", "AROON:2", "AROON:25", "ULTOSC:1,2,3", "MOM:1", "ROC:1", "ATR:1", "ADX:2", "PLUS_DI:2", "KAMA:2",
            "MACD:2,3,1", "MACD:12,26,1", "ADOSC:2,3", "VWAP_ROLLING:1", "SAR:0.1,0.1", "RSI:2", "RSI_SIMPLE:2",
        ]

    /// The only one whose two forms add in different order.
    static func addsInOtherOrder(_ spec: String) -> Bool { spec.hasPrefix("CCI") }

    static func agree(_ spec: String, _ left: [[Double]], _ right: [[Double]]) -> Bool {
        left.count == right.count
            && zip(left, right).allSatisfy {
                addsInOtherOrder(spec)
                    ? Tolerance(relative: 1e-9, absolute: 1e-9).difference($0, $1) == nil : identical($0, $1)
            }
    }

    @Test("The batch form returns what the incremental form returns bar by bar", arguments: specs)
    func formsAgree(spec: String) throws {
        let indicator = try AnyIndicator(spec)
        for (seed, count) in [(1, 400), (2, 0), (3, 1), (4, 5), (5, 47)] as [(UInt64, Int)] {
            let bars = Series.walk(count, seed: seed)
            let batch = indicator.columns(over: try BarColumns(bars))
            #expect(batch.count == indicator.columnNames.count)
            #expect(batch.allSatisfy { $0.count == count })
            #expect(Self.agree(spec, batch, indicator.fed(bars)), "seed \(seed)")
        }
    }

    @Test("The batch form of a value that has seen bars goes on from there", arguments: specs)
    func batchContinues(spec: String) throws {
        let bars = Series.walk(160, seed: 6)
        let whole = try AnyIndicator(spec).fed(bars)
        for split in [1, 30, 77] {
            var indicator = try AnyIndicator(spec)
            for bar in bars.prefix(split) { _ = indicator.update(bar) }
            let before = indicator
            let rest = indicator.columns(over: try BarColumns(Array(bars.dropFirst(split))))
            #expect(Self.agree(spec, rest, whole.map { Array($0.dropFirst(split)) }), "from bar \(split)")
            #expect(indicator == before, "the batch form must not change the value")
        }
    }

    @Test("Restored from JSON at any bar, an indicator goes on to the last bit", arguments: specs)
    func survivesStorage(spec: String) throws {
        let bars = Series.walk(140, seed: 7)
        var generator = SeededGenerator(seed: 8, stream: spec)
        var kept = try AnyIndicator(spec)
        var travelled = kept
        for (index, bar) in bars.enumerated() {
            if index == 0 || generator.uniform() < 0.15 {
                travelled = try travelled.restored()
                #expect(travelled == kept, "bar \(index)")
            }
            #expect(identical(kept.update(bar), travelled.update(bar)), "bar \(index)")
        }
    }

    @Test("Changing later bars never changes an earlier value", arguments: specs)
    func neverLooksAhead(spec: String) throws {
        let indicator = try AnyIndicator(spec)
        let bars = Series.walk(200, seed: 9)
        let before = indicator.columns(over: try BarColumns(bars))
        for cut in [1, 20, 60, 123, 199] {
            let changed = Array(bars.prefix(cut)) + Series.walk(200 - cut, seed: 10, start: 7)
            let after = indicator.columns(over: try BarColumns(changed))
            for (old, new) in zip(before, after) {
                #expect(identical(Array(old.prefix(cut)), Array(new.prefix(cut))), "cut at \(cut)")
            }
        }
    }

    @Test("The first complete value belongs to the bar that the warm-up names", arguments: specs)
    func warmsUp(spec: String) throws {
        let indicator = try AnyIndicator(spec)
        let columns = indicator.columns(over: try BarColumns(Series.walk(200, seed: 11)))
        let complete = (0..<200).map { row in columns.allSatisfy { !$0[row].isNaN } }
        #expect(complete.firstIndex(of: true) == indicator.warmUp)
        if indicator.spec.name != "ORIGINAL" {
            let early = columns.flatMap { $0.prefix(indicator.warmUp) }
            #expect(early.allSatisfy { $0.isNaN }, "all columns begin together")
        }
    }

    @Test(
        "A bar that lacks an input has no value and leaves the rest as if it had not been there",
        arguments: specs.filter { $0 != "ORIGINAL" })
    func missingBars(spec: String) throws {
        let indicator = try AnyIndicator(spec)
        let bars = Series.walk(150, seed: 12).map { $0.with() }
        var generator = SeededGenerator(seed: 13, stream: spec)
        let lost = (0..<150).map { _ in generator.uniform() < 0.2 }
        let broken = zip(bars, lost).map { bar, isLost in
            guard isLost else { return bar }
            return indicator.inputs.contains(.close) ? bar.with(close: .infinity) : bar.with(high: .nan)
        }
        let expected = indicator.fed(zip(bars, lost).filter { !$0.1 }.map(\.0))
        for columns in [indicator.columns(over: try BarColumns(broken)), indicator.fed(broken)] {
            for (column, reference) in zip(columns, expected) {
                #expect(zip(column, lost).allSatisfy { !$0.1 || $0.0.isNaN })
                let present = zip(column, lost).filter { !$0.1 }.map(\.0)
                #expect(Self.agree(spec, [present], [reference]))
            }
        }
    }

    @Test("A value that is not read may be missing", arguments: specs.filter { $0 != "ORIGINAL" })
    func unreadInputs(spec: String) throws {
        let indicator = try AnyIndicator(spec)
        let bars = Series.walk(120, seed: 14)
        let stripped = bars.map { bar in
            bar.with(
                open: .nan, high: indicator.inputs.contains(.high) ? nil : .nan,
                volume: indicator.inputs.contains(.volume) ? nil : .nan)
        }
        let whole = indicator.columns(over: try BarColumns(bars.map { $0.with() }))
        #expect(Self.agree(spec, indicator.columns(over: try BarColumns(stripped)), whole))
    }

    /// The specs of one kind of memory; each of the three tests below runs for all of its kind and for no other.
    static func remembering(_ isWanted: (IndicatorMemory) -> Bool) -> [String] {
        specs.filter { spec in (try? AnyIndicator(spec)).map { isWanted($0.memory) } ?? false }
    }
    static let windows = remembering { if case .window = $0 { true } else { false } }
    static let fading = remembering { if case .fading = $0 { true } else { false } }
    static let anchored = remembering { $0 == .anchored }

    @Test("Every spec is tested by the kind of its memory")
    func kindsOfMemory() {
        #expect(Set(Self.windows + Self.fading + Self.anchored) == Set(Self.specs))
        #expect(Self.windows.count >= 30 && Self.fading.count >= 20)
        #expect(Set(Self.anchored) == ["OBV", "AD", "VPT", "VWAP", "SAR", "SAR:0.1,0.1", "ORIGINAL"])
    }

    @Test(
        "What says it needs so many bars gives the same from those alone, and not from one bar less", arguments: windows
    )
    func forgets(spec: String) throws {
        let indicator = try AnyIndicator(spec)
        guard case .window(let length) = indicator.memory else { throw NotOfThisKind(spec: spec) }
        #expect(length == indicator.warmUp + 1, "as many bars as the first value takes")
        let bars = Series.walk(200, seed: 15)
        let whole = indicator.fed(bars)
        let tolerance = Tolerance(relative: 1e-9, absolute: 1e-9)
        for end in [length, 90, 131, 200] where end >= length {
            let alone = indicator.fed(Array(bars[(end - length)..<end]))
            for (long, short) in zip(whole, alone) {
                let (left, right) = (long[end - 1], short.last ?? 0)
                #expect(tolerance.accepts(left, right), "bar \(end): \(left) and \(right)")
            }
        }
    }

    @Test("What says it fades agrees, after the bars it names, from wherever it started", arguments: fading)
    func fades(spec: String) throws {
        let indicator = try AnyIndicator(spec)
        let needed = indicator.warmUp + (try #require(indicator.memory.barsToFade(to: 1e-11)))
        let bars = Series.walk(needed + 300, seed: 16)
        let whole = indicator.fed(bars)
        let late = indicator.fed(Array(bars.dropFirst(300)))
        for (long, short) in zip(whole, late) {
            let scale = long.suffix(100).map(abs).max() ?? 0
            let difference = abs((long.last ?? 0) - (short.last ?? 1))
            #expect(difference <= 1e-8 * max(scale, 1), "\(difference) of \(scale)")
        }
    }

    @Test(
        "A linear average forgets a change of its first price no slower than it says, and not much faster",
        arguments: [
            ("EMA:20", 1, 1), ("EMA_FIRST:20", 1, 1), ("DEMA:20", 2, 3), ("TEMA:20", 3, 7), ("TRIX:20", 3, 10),
            ("MACD:19,20,20.signal", 2, 2), ("ATR:14", 1, 1),
        ])
    func fadesAsMeasured(spec: String, stages: Int, coefficients: Double) throws {
        let indicator = try AnyIndicator(spec)
        // Still prices but for the first bar: what is left of it is all there is to see.
        let still = Series.constant(2000, volume: 1000)
        let changed = [still[0].with(high: still[0].high * 2, close: still[0].close * 2)] + still.dropFirst()
        let (one, other) = (indicator.fed(still)[0], indicator.fed(Array(changed))[0])
        let left = zip(one, other).map { abs($0 - $1) }
        let begin = indicator.warmUp
        let first = try #require(left.dropFirst(begin).max())
        try #require(first > 0)
        for share in [1e-3, 1e-6, 1e-9] {
            let bars = try #require(indicator.memory.barsToFade(to: share))
            #expect(left[begin + bars] <= share * coefficients * first, "\(share) after \(bars) bars")
            // A claim of twice the bars would be safe and worthless.
            #expect(left[begin + bars / 2] > share * coefficients * first, "half of \(bars) bars are not enough")
        }
        guard case .fading(_, stages) = indicator.memory else { throw NotOfThisKind(spec: spec) }
    }

    @Test("A series without movement or volume never yields an infinite value", arguments: specs)
    func standsStill(spec: String) throws {
        let indicator = try AnyIndicator(spec)
        for volume in [0.0, 1000] {
            let columns = indicator.columns(over: try BarColumns(Series.constant(150, volume: volume)))
            #expect(columns.joined().allSatisfy { !$0.isInfinite })
        }
    }
}

/// A spec in a test that is meant for another kind of memory.
struct NotOfThisKind: Error { let spec: String }

extension BarValues {
    /// A copy that begins no session, with some values replaced.
    func with(
        open: Double? = nil, high: Double? = nil, close: Double? = nil, volume: Double? = nil
    ) -> BarValues {
        BarValues(
            open: open ?? self.open, high: high ?? self.high, low: low, close: close ?? self.close,
            volume: volume ?? self.volume)
    }
}
