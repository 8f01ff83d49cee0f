import Core
import MarketData
import Sessions
import Testing

@Suite("Adjusted bars")
struct AdjustedBarsTests {
    private static func actions() throws -> [CorporateAction] {
        try CorporateActionsReader.read(TestData.bytes(shared: "actions/actions.csv"), path: "actions.csv")
    }

    private static func split(_ symbol: String, _ day: String, _ new: Int, _ old: Int) throws -> CorporateAction {
        CorporateAction(
            symbol: Symbol(symbol), exDate: try BarSamples.date(day), kind: .split(new: new, old: old))
    }

    private static func dividend(_ symbol: String, _ day: String, _ perShare: String) throws -> CorporateAction {
        CorporateAction(
            symbol: Symbol(symbol), exDate: try BarSamples.date(day),
            kind: .dividend(perShare: try FixedPoint(perShare), taxRate: .zero))
    }

    private static func view(
        _ actions: [CorporateAction], asOf: String = "2026-11-25", scope: AdjustedBars.Scope = .splits,
        closes: [Bar] = [], of timeframe: Timeframe = .oneDay, mic: String = "XNAS", symbol: String = "X"
    ) throws -> AdjustedBars {
        try AdjustedBars(
            symbol: Symbol(symbol), actions: actions, asOf: BarSamples.date(asOf), scope: scope, closes: closes,
            of: timeframe,
            calendar: TestData.calendar(mic))
    }

    /// The largest relative difference of any price.
    private static func largestMiss(_ ours: [Bar], _ theirs: [Bar]) -> Double {
        zip(ours, theirs).flatMap { ours, theirs in
            [\Bar.open, \.high, \.low, \.close].map { path in
                abs(ours[keyPath: path].doubleValue / theirs[keyPath: path].doubleValue - 1)
            }
        }.max() ?? .infinity
    }

    // MARK: Real files

    @Test(
        "Samsung Electronics' 50:1 split turns the raw file into the vendor's adjusted one exactly, volume too",
        .enabled(if: TestData.hasShared, "the shared folder is not there"))
    func samsung() throws {
        let raw = try BarSamples.shared("bars/1d/XKRX.005930.1d.raw.csv")
        let vendor = try BarSamples.shared("bars/1d/XKRX.005930.1d.adj.csv")
        let adjusted = try Self.view(Self.actions(), scope: .splits, mic: "XKRX", symbol: "005930")
        let byDay = Dictionary(uniqueKeysWithValues: vendor.map { ($0.openAt, $0) })
        let ours = try adjusted.view(of: raw).filter { byDay[$0.openAt] != nil }
        #expect(ours.count == 521)
        #expect(ours == ours.compactMap { byDay[$0.openAt] })
        // And back: the vendor's bars before the split become what traded.
        let rawByDay = Dictionary(uniqueKeysWithValues: raw.map { ($0.openAt, $0) })
        let common = vendor.filter { rawByDay[$0.openAt] != nil }
        #expect(try adjusted.raw(of: common) == common.compactMap { rawByDay[$0.openAt] })
        // Behind the split nothing changes.
        let later = vendor.filter { $0.openAt.description >= "2018-05-04" }
        #expect(try adjusted.view(of: later) == later)
    }

    @Test(
        "Dividend factors agree with the vendor's adjusted prices within a twentieth of a permille",
        .enabled(if: TestData.hasShared, "the shared folder is not there"),
        arguments: [("XNAS", "NVDA", 0.000_01), ("ARCX", "SPY", 0.000_05)])
    func vendorDividends(mic: String, symbol: String, tolerance: Double) throws {
        // The vendor's own factors carry about five digits (its factor of SPY's dividend of 2026-03-20 differs from the
        // formula by 4 × 10^-5), so the prices cannot agree better. Splits and volumes are exact.
        let raw = try BarSamples.shared("bars/1d/\(mic).\(symbol).1d.raw.csv")
        let vendor = try BarSamples.shared("bars/1d/\(mic).\(symbol).1d.adjdiv.csv")
        let adjusted = try Self.view(
            Self.actions(), asOf: "2026-03-31", scope: .splitsAndDividends, closes: raw, mic: mic, symbol: symbol)
        #expect(adjusted.applied.count == (symbol == "NVDA" ? 9 : 8))
        let ours = try adjusted.view(of: raw)
        #expect(ours.map(\.openAt) == vendor.map(\.openAt))
        #expect(ours.map(\.volume) == vendor.map(\.volume))
        #expect(Self.largestMiss(ours, vendor) < tolerance)
        // Without the dividends they disagree by more than that, so the test sees them.
        let splitsOnly = try Self.view(Self.actions(), asOf: "2026-03-31", mic: mic, symbol: symbol).view(of: raw)
        #expect(Self.largestMiss(splitsOnly, vendor) > 10 * tolerance)
    }

    @Test(
        "Nvidia's exact factor of 2024-04-01 is the product of one split and eight dividends, rounded once",
        .enabled(if: TestData.hasShared, "the shared folder is not there"))
    func exactFactor() throws {
        // python3, fractions.Fraction over the closes in the raw file.
        let raw = try BarSamples.shared("bars/1d/XNAS.NVDA.1d.raw.csv")
        let adjusted = try Self.view(
            Self.actions(), asOf: "2026-03-31", scope: .splitsAndDividends, closes: raw, symbol: "NVDA")
        let first = try #require(try adjusted.view(of: raw).first)
        #expect(
            "\(first.open) \(first.high) \(first.low) \(first.close) \(first.volume)"
                == "90.24807046 92.17298417 89.15368805 90.31203436 448117330")
        let factors = try adjusted.factors(at: first.openAt)
        #expect("\(factors.price) \(factors.volume)" == "0.0999436 10")
    }

    @Test(
        "Apple's raw and split-adjusted series meet: the splits since 2013 put the raw close on the vendor's scale",
        .enabled(if: TestData.hasShared, "the shared folder is not there"))
    func apple() throws {
        // 7:1 on 2014-06-09 and 4:1 on 2020-08-31. Both files have 2013-01-02 to 2013-03-01; the vendor rounds adjusted
        // prices to six decimals and its raw file to cents, so a price of 20 may differ by 3 × 10^-5.
        let splits = [try Self.split("AAPL", "2014-06-09", 7, 1), try Self.split("AAPL", "2020-08-31", 4, 1)]
        let raw = try BarSamples.shared("bars/1d/XNAS.AAPL.1d.raw.csv")
        let vendor = try BarSamples.shared("bars/1d/XNAS.AAPL.1d.adj.csv")
        let byDay = Dictionary(uniqueKeysWithValues: vendor.map { ($0.openAt, $0) })
        let adjusted = try Self.view(splits, asOf: "2023-09-21", symbol: "AAPL")
        let ours = try adjusted.view(of: raw).filter { byDay[$0.openAt] != nil }
        #expect(ours.count == 41)
        let closes = zip(ours, ours.compactMap { byDay[$0.openAt] }).map { ours, theirs in
            abs(ours.close.doubleValue / theirs.close.doubleValue - 1)
        }
        #expect(closes.allSatisfy { $0 < 0.000_05 })
        #expect(try adjusted.factors(at: raw[0].openAt).price.description == "0.03571429")
    }

    @Test(
        "A study of the past does not see a later split: point in time",
        .enabled(if: TestData.hasShared, "the shared folder is not there"))
    func pointInTime() throws {
        let raw = try BarSamples.shared("bars/1d/XNAS.NVDA.1d.raw.csv")
        let before = try Self.view(Self.actions(), asOf: "2024-06-07", scope: .splits, symbol: "NVDA")
        #expect(before.applied.isEmpty)
        let seen = try before.view(of: raw)
        #expect(seen == raw.filter { $0.openAt.description < "2024-06-08" })
        #expect(seen.last?.close.description == "1208.88")
        let after = try Self.view(Self.actions(), asOf: "2024-06-10", scope: .splits, symbol: "NVDA").view(of: raw)
        #expect(after.count == seen.count + 1)
        #expect(after.dropLast().last?.close.description == "120.888")
        #expect(after.dropLast().last?.volume.description == "412385800")
        #expect(after.last == raw.first { $0.openAt.description.hasPrefix("2024-06-10") })
    }

    // MARK: Rules

    @Test("The split takes effect with the local day of its ex-date, in every timeframe")
    func boundary() throws {
        let calendar = try TestData.calendar("XKRX")
        let bars = try BarSamples.bars(calendar, .fiveMinutes, from: "2026-11-19", through: "2026-11-20", seed: 1)
        let view = try Self.view([try Self.split("X", "2026-11-20", 2, 1)], mic: "XKRX").view(of: bars)
        for (raw, adjusted) in zip(bars, view) {
            let isBefore = calendar.localDate(of: raw.openAt) == (try BarSamples.date("2026-11-19"))
            #expect(adjusted.close.value.units * (isBefore ? 2 : 1) == raw.close.value.units)
            #expect(adjusted.volume.value.units == raw.volume.value.units * (isBefore ? 2 : 1))
        }
        // The open of the ex-date is 00:00 UTC there, on the same UTC day as nothing else.
        #expect(view.first { $0.openAt.description == "2026-11-20T00:00:00Z" } != nil)
    }

    @Test("Split and dividend of one day: the dividend is paid on the new shares")
    func sameDay() throws {
        let calendar = try TestData.calendar("XNAS")
        var bars = try BarSamples.bars(calendar, .oneDay, from: "2026-11-23", through: "2026-11-24", seed: 1)
        bars[0].close = Price(100)
        let both = [try Self.split("X", "2026-11-24", 4, 1), try Self.dividend("X", "2026-11-24", "5")]
        // 100 becomes 25, of which 5 are paid: 20.
        for actions in [both, both.reversed()] {
            let view = try Self.view(actions, scope: .splitsAndDividends, closes: bars).view(of: bars)
            #expect(view[0].close == Price(20))
            #expect(view[0].volume.value.units == 4 * bars[0].volume.value.units)
            #expect(view[1] == bars[1])
        }
    }

    @Test("Two dividends of one day come off the same close together: 100 less 5 and 15 is 80, not 80.75")
    func twoDividends() throws {
        let calendar = try TestData.calendar("XNAS")
        var bars = try BarSamples.bars(calendar, .oneDay, from: "2026-11-23", through: "2026-11-24", seed: 1)
        bars[0].close = Price(100)
        let both = [try Self.dividend("X", "2026-11-24", "5"), try Self.dividend("X", "2026-11-24", "15")]
        for actions in [both, both.reversed()] {
            let view = try Self.view(actions, scope: .splitsAndDividends, closes: bars).view(of: bars)
            #expect(view[0].close == Price(80))
        }
    }

    @Test("The close before a dividend is that of the session's last bar, half day or not, and of no other bar")
    func intradayClose() throws {
        let calendar = try TestData.calendar("XNAS")
        // 2026-11-27 is a half day.
        let bars = try BarSamples.bars(calendar, .fiveMinutes, from: "2026-11-25", through: "2026-11-30", seed: 1)
        let paid = try Self.dividend("X", "2026-11-30", "1")
        func view(_ closes: [Bar]) throws -> [Bar] {
            try Self.view([paid], asOf: "2026-11-30", scope: .splitsAndDividends, closes: closes, of: .fiveMinutes)
                .view(of: bars)
        }
        let eve = try #require(bars.last { calendar.localDate(of: $0.openAt).description == "2026-11-27" })
        #expect(eve.openAt.description == "2026-11-27T17:55:00Z")
        let adjusted = try #require(view(bars).first { $0.openAt == eve.openAt })
        #expect(adjusted.close == Price(try eve.close.value - .one))
        let holed = bars.filter { $0 != eve }
        let latest = eve.openAt.advanced(bySeconds: -300)
        #expect(throws: BarMakingError.noCloseBefore(paid, latest: latest)) { try view(holed) }
    }

    @Test("A split adjustment is the view of splits, and needs nothing but its splits to be made again")
    func splitAdjustment() throws {
        let calendar = try TestData.calendar("XNAS")
        let bars = try BarSamples.bars(calendar, .fiveMinutes, from: "2026-11-17", through: "2026-11-24", seed: 1)
        let actions = [
            try Self.split("X", "2026-11-20", 3, 2), try Self.split("X", "2026-11-24", 1, 7),
            try Self.dividend("X", "2026-11-23", "1"), try Self.split("Y", "2026-11-23", 2, 1),
            try Self.split("X", "2026-11-17", 5, 1), try Self.split("X", "2026-11-25", 5, 1),
        ]
        let adjustment = try SplitAdjustment(actions, to: bars, of: Symbol("X"), calendar: calendar)
        #expect(adjustment.splits.map(\.new) == [3, 1], "those before and behind the bars touch none")
        let adjusted = try adjustment.adjusted(bars)
        #expect(try adjusted == Self.view(actions, asOf: "2026-11-24", scope: .splits).view(of: bars))
        #expect(adjusted != bars)
        #expect(try SplitAdjustment(adjustment.splits, of: Symbol("X")).adjusted(bars) == adjusted)
        #expect(throws: BarMakingError.unsoundSplit(new: 0, old: 1)) {
            try SplitAdjustment([.init(before: bars[1].openAt, new: 0, old: 1)], of: Symbol("X"))
        }
    }

    @Test("A dividend without the close of the session right before it is named, not guessed")
    func missingClose() throws {
        let calendar = try TestData.calendar("XNAS")
        let bars = try BarSamples.bars(calendar, .oneDay, from: "2026-11-17", through: "2026-11-24", seed: 1)
        let paid = try Self.dividend("X", "2026-11-24", "1")
        let holed = Array(bars.dropLast(2)) + bars.suffix(1)
        let adjusted = try Self.view([paid], scope: .splitsAndDividends, closes: holed)
        #expect(throws: BarMakingError.noCloseBefore(paid, latest: bars[bars.count - 3].openAt)) {
            try adjusted.view(of: bars)
        }
        // Bars that the factor does not touch are given.
        #expect(try adjusted.view(of: [bars[bars.count - 1]]) == [bars[bars.count - 1]])
        #expect(throws: BarMakingError.noCloseBefore(paid, latest: nil)) {
            try Self.view([paid], scope: .splitsAndDividends).view(of: bars)
        }
        #expect(try Self.view([paid], scope: .splits).view(of: bars) == bars)
    }

    @Test("Actions of other symbols, of the future and doubled ones count for nothing")
    func irrelevant() throws {
        let calendar = try TestData.calendar("XNAS")
        let bars = try BarSamples.bars(calendar, .oneDay, from: "2026-11-17", through: "2026-11-24", seed: 1)
        let split = try Self.split("X", "2026-11-20", 3, 2)
        let once = try Self.view([split]).view(of: bars)
        let noise = [split, try Self.split("Y", "2026-11-20", 2, 1), split, try Self.split("X", "2026-11-26", 2, 1)]
        #expect(try Self.view(noise).view(of: bars) == once)
        #expect(once != bars)
    }

    @Test("Actions without a meaning, too high dividends and absurd factors are refused by name")
    func refusals() throws {
        let calendar = try TestData.calendar("XNAS")
        let bars = try BarSamples.bars(calendar, .oneDay, from: "2026-11-17", through: "2026-11-24", seed: 1)
        let unsound = try Self.split("X", "2026-11-24", 0, 1)
        #expect(throws: BarMakingError.unsoundAction(unsound)) { try Self.view([unsound]) }
        let close = try #require(bars.dropLast().last?.close)
        let high = try Self.dividend("X", "2026-11-24", close.description)
        #expect(throws: BarMakingError.dividendTooHigh(high, close: close)) {
            try Self.view([high], scope: .splitsAndDividends, closes: bars)
        }
        let absurd = try (0..<7).map { try Self.split("X", "2026-11-\(10 + $0)", 1000, 1) }
        #expect(throws: BarMakingError.factorTooLarge(Symbol("X"))) { try Self.view(absurd) }
    }

    @Test("The order of prices survives, and raw bars come back exactly", arguments: [UInt64](1...12))
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "actions")
        let calendar = try TestData.calendar("XNAS")
        let bars = try BarSamples.bars(calendar, .oneDay, from: "2025-01-02", through: "2026-11-24", seed: seed)
        var actions: [CorporateAction] = []
        for index in stride(from: 20, to: bars.count, by: 25) {
            let day = calendar.localDate(of: bars[index].openAt).description
            if Int.random(in: 0..<4, using: &random) == 0 {
                let (new, old) = [(2, 1), (3, 2), (1, 4), (10, 1), (21, 20)][Int.random(in: 0..<5, using: &random)]
                actions.append(try Self.split("X", day, new, old))
            } else {
                actions.append(try Self.dividend("X", day, "0.\(Int.random(in: 1...99, using: &random))"))
            }
        }
        let adjusted = try Self.view(actions, scope: .splitsAndDividends, closes: bars)
        let view = try adjusted.view(of: bars)
        #expect(view != bars)
        #expect(
            view.allSatisfy { $0.high >= max($0.open, $0.close) && $0.low <= min($0.open, $0.close) }, "seed \(seed)")
        #expect(try adjusted.raw(of: view) == bars, "seed \(seed)")
        // Batch equals one by one, in any order.
        #expect(try bars.reversed().flatMap { try adjusted.view(of: [$0]) } == view.reversed(), "seed \(seed)")
    }

    @Test("A later day's view of the same bars differs by one constant factor, so returns do not change")
    func returnsStay() throws {
        let calendar = try TestData.calendar("XNAS")
        let bars = try BarSamples.bars(calendar, .oneDay, from: "2026-10-01", through: "2026-11-24", seed: 3)
        let actions = [
            try Self.dividend("X", "2026-10-20", "0.25"), try Self.split("X", "2026-11-10", 2, 1),
            try Self.dividend("X", "2026-11-20", "0.3"),
        ]
        let early = try Self.view(actions, asOf: "2026-10-30", scope: .splitsAndDividends, closes: bars).view(of: bars)
        let late = try Self.view(actions, asOf: "2026-11-24", scope: .splitsAndDividends, closes: bars).view(of: bars)
        let ratios = zip(early, late).map { $0.close.doubleValue / $1.close.doubleValue }
        let first = try #require(ratios.first)
        #expect(first > 1.99)
        #expect(ratios.allSatisfy { abs($0 / first - 1) < 1e-9 })
    }
}
