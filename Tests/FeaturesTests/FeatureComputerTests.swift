import Core
import Indicators
import TestSupport
import Testing

@testable import Features

struct FeatureComputerTests {
    private let holding = FeatureHolding(side: 1, entryPrice: 48, barsHeld: 7)

    @Test("No bar behind its own changes a vector, and none before its window", arguments: propertySeeds)
    func looksNeitherAheadNorFurtherBack(seed: UInt64) throws {
        let computer = try FeatureComputer(try FeatureSpec(mixedTexts, window: 90))
        let walk = Walk(260, seed: seed)
        let other = Walk(260, seed: seed + 1000)
        let original = try computer.vectors(
            over: try walk.columns(), 0..<260, places: (0..<260).map(Walk.place), holding: holding)
        var random = SeededGenerator(seed: seed, stream: "cuts")
        for _ in 0..<12 {
            let bar = random.int(0...259)
            var changed = walk
            for later in bar + 1..<260 where random.chance(0.5) { changed.replace(later, with: other) }
            for earlier in 0..<max(0, bar - 89) { changed.replace(earlier, with: other) }
            let vector = try computer.vectors(
                over: try changed.columns(), bar..<bar + 1, places: (0..<260).map(Walk.place), holding: holding)[0]
            #expect(identical(vector.values, original[bar].values), "bar \(bar)")
            #expect(vector.missingBars == original[bar].missingBars)
        }
    }

    @Test("A changed bar within the window does change the vector: the test before would notice")
    func looksAtItsWindow() throws {
        let computer = try FeatureComputer(try FeatureSpec(mixedTexts, window: 90))
        let walk = Walk(200, seed: 1)
        var changed = walk
        changed.replace(150, with: Walk(200, seed: 2))
        let before = try computer.vectors(over: try walk.columns(), 150..<151, places: (0..<200).map(Walk.place))[0]
        let after = try computer.vectors(over: try changed.columns(), 150..<151, places: (0..<200).map(Walk.place))[0]
        #expect(!identical(before.values, after.values))
    }

    @Test("A prepared vector, completed with a position, is the vector of that position, to the last bit")
    func prepared() throws {
        let texts = [
            "close / SMA:20 - 1", "position", "unrealised / ATR:14", "held = bars_held / 100",
            "(unrealised - ATR:14) / close + position * RSI:14", "entry_gap", "portfolio_drawdown",
            "SMA:5 | rolling:10",
        ]
        var features: [Feature] = []
        for text in texts { features.append(try Feature(text)) }
        let computer = try FeatureComputer(try FeatureSpec(features, window: 60))
        let walk = Walk(120, seed: 5)
        let holdings = [
            FeatureHolding.none, holding, FeatureHolding(side: -1, entryPrice: 53.25, barsHeld: 2, drawdown: .nan),
        ]
        for bar in [0, 10, 40, 59, 60, 100, 119] {
            let columns = try walk.columns(max(0, bar - 70)..<bar + 1)
            let prepared = try computer.prepare(FeatureWindow(columns, place: Walk.place(bar)))
            for held in holdings {
                var values = prepared.flat.values
                computer.evaluate(prepared, held) { values[$0] = $1 }
                let whole = try computer.vector(FeatureWindow(columns, place: Walk.place(bar), holding: held))
                #expect(identical(values, whole.values), "bar \(bar), \(held)")
                #expect(whole.missingBars == prepared.flat.missingBars)
            }
        }
        #expect(computer.holdingFeatures == [1, 2, 3, 4, 5, 6])
    }

    @Test("A history's vectors are those of its windows one by one, to the last bit", arguments: propertySeeds)
    func batchEqualsSingle(seed: UInt64) throws {
        let spec = try FeatureSpec(mixedTexts, window: 90)
        let computer = try FeatureComputer(spec)
        let walk = Walk(220, seed: seed)
        let batch = try computer.vectors(
            over: try walk.columns(), 0..<220, places: (0..<220).map(Walk.place), holding: holding)
        for bar in 0..<220 {
            // Now and then with more bars than a window holds: they are not looked at.
            let first = max(0, bar + 1 - (bar % 3 == 0 ? 90 : 131))
            let window = FeatureWindow(
                try walk.columns(first..<bar + 1), place: Walk.place(bar), holding: holding)
            let single = try computer.vector(window)
            #expect(identical(single.values, batch[bar].values), "bar \(bar)")
            #expect(single.isReady == batch[bar].isReady)
        }
        #expect(batch.last?.isReady == true)
    }

    @Test("A vector says how many bars it lacks and which features have no value")
    func notReady() throws {
        let spec = try FeatureSpec(["close", "SMA:20", "log_return:30"], window: 100)
        let computer = try FeatureComputer(spec)
        let walk = Walk(40, seed: 3)
        #expect(spec.barsNeeded == 31)
        let few = computer.raw(FeatureWindow(try walk.columns(0..<25)))
        #expect(few.missingBars == 6)
        #expect(few.missing == [2])
        #expect(!few.isReady)
        let enough = computer.raw(FeatureWindow(try walk.columns(0..<31)))
        #expect(enough.isReady)
        #expect(enough.missing.isEmpty)
        let none = computer.raw(FeatureWindow(try walk.columns(0..<0)))
        #expect(none.missingBars == 31)
        #expect(none.missing == [0, 1, 2])
    }

    @Test("What fades or begins with the window has a value in a whole window only; what forgets, as soon as it can")
    func wholeWindow() throws {
        let spec = try FeatureSpec(["RSI", "SMA:20", "OBV@window", "MACD.hist", "RSI_SIMPLE", "EMA:5"], window: 60)
        let computer = try FeatureComputer(spec)
        let walk = Walk(80, seed: 5)
        #expect(spec.barsNeeded == 60)
        let part = computer.raw(FeatureWindow(try walk.columns(0..<59)))
        #expect(part.missing == [0, 2, 3, 5])
        #expect(part.missingBars == 1)
        #expect(computer.raw(FeatureWindow(try walk.columns(0..<60))).isReady)
        #expect(try FeatureSpec(["SMA:20", "RSI_SIMPLE", "OBV@session", "return:7"], window: 60).barsNeeded == 20)
    }

    @Test("A value that does not exist is missing, never infinite: a flat window, no volume, an unknown session")
    func missingValues() throws {
        let spec = try FeatureSpec(
            ["ORIGINAL.RSI", "1 / (high - low)", "volume_ratio:10", "session_sin", "close"], window: 50)
        let flat = [Double](repeating: 70, count: 50)
        let bars = try BarColumns(
            open: flat, high: flat, low: flat, close: flat, volume: [Double](repeating: 0, count: 50))
        let vector = try FeatureComputer(spec).raw(FeatureWindow(bars))
        #expect(vector.missing == [0, 1, 2, 3])
        #expect(vector.values.prefix(4).allSatisfy { $0.isNaN })
        #expect(vector.missingBars == 0)
        #expect(!vector.isReady)
    }

    @Test("Transforms, time and position are what they say")
    func definitions() throws {
        let spec = try FeatureSpec(
            [
                "return:2", "log_return:1", "volume_ratio:4", "volatility:2", "session_fraction", "bars_since_open",
                "bars_to_close", "position", "unrealised", "entry_gap", "bars_held", "close - open * 2 / 4",
            ], window: 4)
        let bars = try BarColumns(
            open: [1, 1, 1, 6], high: [200, 200, 200, 200], low: [1, 1, 1, 1], close: [100, 110, 121, 125],
            volume: [1, 2, 3, 6])
        let window = FeatureWindow(
            bars, place: SessionPlace(index: 19, of: 78),
            holding: FeatureHolding(side: -1, entryPrice: 130, barsHeld: 3))
        let values = try FeatureComputer(spec).raw(window).values
        #expect(abs(values[0] - (125.0 / 110 - 1)) < 1e-15)
        #expect(abs(values[1] - 0.032523191705560064) < 1e-15)  // ln(125/121)
        #expect(values[2] == 2)
        // The deviation of ln(1.1) and ln(125/121) is their distance over √2.
        #expect(abs(values[3] - 0.04439710505491579) < 1e-14)
        #expect(values[4] == 20.0 / 78)
        #expect(values[5] == 19)
        #expect(values[6] == 58)
        #expect(values[7] == -1)
        #expect(values[8] == 5)
        #expect(abs(values[9] - 0.04) < 1e-15)
        #expect(values[10] == 3)
        #expect(values[11] == 122)
    }

    @Test(
        "What is anchored at the session begins with it, and has no value where the window does not reach its first bar"
    )
    func sessionAnchor() throws {
        let spec = try FeatureSpec(["OBV@session", "VWAP@session", "OBV@window"], window: 40)
        let computer = try FeatureComputer(spec)
        let walk = Walk(120, seed: 4)
        let bar = 3 * Walk.sessionBars + 10
        let vector = computer.raw(FeatureWindow(try walk.columns(0..<bar + 1)))
        let session = try walk.columns(3 * Walk.sessionBars..<bar + 1)
        #expect(vector.values[0] == OBV().columns(over: session)[0].last)
        #expect(vector.values[1] == VWAP().columns(over: session)[0].last)
        #expect(vector.values[2] == OBV().columns(over: try walk.columns(bar - 39..<bar + 1))[0].last)
        let short = try FeatureComputer(try FeatureSpec(["OBV@session", "close"], window: 5))
        #expect(short.raw(FeatureWindow(try walk.columns(0..<bar + 1))).missing == [0])
    }

    @Test("A rolling normalisation is the last value in deviations from the mean of the last so many")
    func rolling() throws {
        let spec = try FeatureSpec(["r = close | rolling:5", "c = open | rolling:5"], window: 10)
        let bars = try BarColumns(
            open: [7, 7, 7, 7, 7, 7, 7], high: [9, 9, 9, 9, 9, 9, 9], low: [1, 1, 1, 1, 1, 1, 1],
            close: [900, -40, 1, 2, 3, 4, 5], volume: [1, 1, 1, 1, 1, 1, 1])
        let computer = try FeatureComputer(spec)
        let values = try computer.vector(FeatureWindow(bars)).values
        #expect(abs(values[0] - 2 / 2.5.squareRoot()) < 1e-15)
        // Nothing moves: no deviation to measure in.
        #expect(values[1] == 0)
        #expect(computer.raw(FeatureWindow(bars)).values == [5, 7])
        #expect(try computer.vector(FeatureWindow(bars[3..<7])).missingBars == 1)
    }
}
