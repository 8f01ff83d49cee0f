import Core
import Indicators
import TestSupport
import Testing

@testable import Features

/// The state vectors of the original system, made by running its own code.
struct FeaturePresetTests {
    /// The original computes over its whole table up to a row, and drops the rows of the warm-up. What is anchored or fades
    /// is the same here in a window that is exactly as long.
    private static let tableRows = 500
    private static let warmUp = 19

    private static func normaliser(_ spec: FeatureSpec, _ statistics: String) throws -> FittedNormaliser {
        let golden = try Golden.json("indicators-goog.json")
        let block = statistics == "frozen" ? golden["frozen"]?["stats"] : golden["stats"]
        let scales = try spec.features.map { feature -> FittedNormaliser.Scale in
            guard feature.normalisation == .zscoreOriginal else { return .none }
            let entry = try #require(block?[String(feature.name.dropLast(5))])
            return .zscoreOriginal(
                mean: try #require(entry["mean"]?.doubleValue), deviation: try #require(entry["std"]?.doubleValue))
        }
        let span = TrainingSpan(
            symbols: [Symbol("GOOG")], timeframe: .oneDay, first: Instant(epochSeconds: 0),
            last: Instant(epochSeconds: 1))
        return try FittedNormaliser(spec, span: span, count: 300, scales: scales)
    }

    @Test("legacy-14 has the original's names in the original's order")
    func names() throws {
        #expect(
            try FeaturePreset.legacy14.spec().names == [
                "RSI_norm", "ForceIndex2_norm", "%K_norm", "%D_norm", "MACD_norm", "MACDSignal_norm", "BBWidth_norm",
                "ATR_norm", "VPT_norm", "VPT_MA_norm", "OBV_norm", "ROC_norm", "position", "portfolio_return",
            ])
    }

    @Test(
        "legacy-14 and legacy-20 give the original environments' observations, as 32-bit numbers",
        .enabled(if: SharedFolder.exists, "the folder `shared` is not beside the repository"),
        arguments: [(FeaturePreset.legacy14, "state-trading-goog.json"), (.legacy20, "state-enhanced-goog.json")])
    func observations(preset: FeaturePreset, file: String) throws {
        let bars = try Golden.bars()
        let steps = try #require(try Golden.json(file)["steps"]?.arrayValue)
        #expect(steps.count >= 60)
        for step in steps {
            let row = Int(try #require(step["row"]?.intValue)) + Self.warmUp
            let spec = try preset.spec(window: row + 1)
            let computer = try FeatureComputer(spec, normaliser: try Self.normaliser(spec, "all"))
            let expected = try #require(step["obs"]?.arrayValue).compactMap(\.doubleValue)
            try #require(expected.count == spec.features.count)
            let holding = Self.holding(preset, step, expected)
            let vector = try computer.vector(FeatureWindow(bars[0..<row + 1], holding: holding))
            #expect(vector.isReady)
            for (index, value) in vector.values.enumerated() {
                // Half a unit of the last place of a 32-bit number, and the golden's own rounding once more.
                #expect(
                    abs(value - expected[index]) <= max(1e-9, 1.2e-7 * abs(expected[index])),
                    "step \(step["step"]?.intValue ?? -1), \(spec.names[index])")
            }
        }
    }

    /// What the environment says of its position; what it says of its equity (with its wrong accounting) is taken over.
    private static func holding(_ preset: FeaturePreset, _ step: JSONValue, _ observed: [Double]) -> FeatureHolding {
        var holding = FeatureHolding(
            side: Int(step["position"]?.intValue ?? 0), entryPrice: step["entry_price"]?.doubleValue ?? .nan,
            barsHeld: Int(step["position_duration"]?.intValue ?? 0))
        switch preset {
        case .legacy20:
            (holding.totalReturn, holding.drawdown, holding.winningShare) = (observed[15], observed[16], observed[17])
            (holding.fillsPerStep, holding.deviation) = (observed[18], observed[19])
        case .legacy14, .takt16: holding.portfolioReturn = observed[13]
        }
        return holding
    }

    @Test(
        "With the statistics of the first 300 bars legacy-14 gives the original's leak-free columns for the whole table",
        .enabled(if: SharedFolder.exists, "the folder `shared` is not beside the repository"))
    func frozenStatistics() throws {
        let golden = try Golden.table("indicators-goog-frozen.csv")
        let bars = try Golden.bars()
        let vectors = try (Self.warmUp..<Self.tableRows).map { row in
            let spec = try FeaturePreset.legacy14.spec(window: row + 1)
            let computer = try FeatureComputer(spec, normaliser: try Self.normaliser(spec, "frozen"))
            return try computer.vectors(over: bars, row..<row + 1)[0]
        }
        #expect(vectors.count == 481)
        for (index, name) in try FeaturePreset.legacy14.spec().names.prefix(12).enumerated() {
            let column = try #require(golden[name])
            for (row, vector) in vectors.enumerated() {
                // The table has twelve digits of numbers that are themselves differences.
                #expect(
                    abs(vector.values[index] - column[row]) <= 1e-9 * max(1, abs(column[row])), "\(name), row \(row)")
            }
        }
    }

    @Test(
        "Fitted on the first 300 bars, the normaliser finds the original's means and deviations",
        .enabled(if: SharedFolder.exists, "the folder `shared` is not beside the repository"))
    func fitsTheOriginalStatistics() throws {
        let spec = try FeaturePreset.legacy14.spec()
        let golden = try Self.normaliser(spec, "frozen")
        let bars = try Golden.bars()
        let raw = try (Self.warmUp..<300).map { row in
            // The vector of a window that is the table up to the row, as if it were one of the list's own windows.
            let whole = try FeatureComputer(try FeaturePreset.legacy14.spec(window: row + 1))
            let vector = try whole.vectors(over: bars, row..<row + 1, form: .raw)[0]
            return FeatureVector(schemaHash: spec.schemaHash, form: .raw, values: vector.values, missingBars: 0)
        }
        let fitted = try FittedNormaliser(spec, fitting: raw, span: golden.span)
        #expect(fitted.count == 300 - Self.warmUp)
        for (name, (mine, theirs)) in zip(spec.names, zip(fitted.scales, golden.scales)) {
            guard case .zscoreOriginal(let mean, let deviation) = mine, case .zscoreOriginal(let m, let d) = theirs
            else { continue }
            #expect(abs(mean - m) <= 1e-9 * d, "\(name)")
            #expect(abs(deviation - d) <= 1e-9 * d, "\(name)")
        }
    }

    @Test("The default preset is complete behind its warm-up, finite, and of the size of one")
    func stationary() throws {
        let spec = try FeaturePreset.takt16.spec()
        let walk = Walk(400, seed: 11)
        let vectors = try FeatureComputer(spec).vectors(
            over: try walk.columns(), 0..<400, places: (0..<400).map(Walk.place))
        #expect(vectors.firstIndex(where: \.isReady) == spec.barsNeeded - 1)
        #expect(vectors.dropFirst(spec.barsNeeded - 1).allSatisfy { $0.isReady })
        #expect(vectors.flatMap(\.values).filter(\.isFinite).allSatisfy { abs($0) < 25 })
    }
}
