import Core
import TestSupport
import Testing

@testable import Features

struct FittedNormaliserTests {
    private static let span = TrainingSpan(
        symbols: [Symbol("NVDA")], timeframe: .fiveMinutes, first: Instant(epochSeconds: 0),
        last: Instant(epochSeconds: 300 * 299))

    private static let texts = [
        "a = close | zscore", "b = log_return:1 | robust", "c = volume | minmax", "d = RSI | tanh",
        "e = ORIGINAL.%K | zscore-original", "f = volume | log", "g = ADX | rolling:30", "position",
    ]

    private func fitted(_ count: Int = 300, seed: UInt64 = 1) throws -> (FeatureSpec, FittedNormaliser) {
        let spec = try FeatureSpec(Self.texts, window: 80)
        let raw = try FeatureComputer(spec).vectors(over: try Walk(count, seed: seed).columns(), 0..<count, form: .raw)
        return (spec, try FittedNormaliser(spec, fitting: raw, span: Self.span))
    }

    @Test(
        "Only complete vectors of the span count, and nothing behind it changes what was fitted",
        arguments: propertySeeds)
    func fitsOnTheSpanOnly(seed: UInt64) throws {
        let spec = try FeatureSpec(Self.texts, window: 80)
        let computer = try FeatureComputer(spec)
        var walk = Walk(400, seed: seed)
        func fit() throws -> FittedNormaliser {
            let raw = try computer.vectors(over: try walk.columns(), 0..<300, form: .raw)
            return try FittedNormaliser(spec, fitting: raw, span: Self.span)
        }
        let before = try fit()
        #expect(before.count == 300 - (spec.barsNeeded - 1))
        for index in 300..<400 { walk.replace(index, with: Walk(400, seed: seed + 99)) }
        #expect(try fit() == before)
        walk.replace(200, with: Walk(400, seed: seed + 99))
        #expect(try fit() != before)
    }

    @Test("Stored and read back it is the same value, to the last bit of every parameter", arguments: propertySeeds)
    func roundTrip(seed: UInt64) throws {
        let (_, normaliser) = try fitted(seed: seed)
        let text = normaliser.json.text
        let read = try FittedNormaliser(json: try JSONValue(parsing: text))
        #expect(read == normaliser)
        #expect(read.json.text == text)
    }

    @Test("A damaged, changed, incomplete or newer file is refused, and the message names the place")
    func refusesDamage() throws {
        let json = try fitted().1.json
        func reading(_ change: (JSONValue) -> JSONValue) -> String {
            do {
                _ = try FittedNormaliser(json: change(json))
                return ""
            } catch { return error.description }
        }
        #expect(reading { $0 } == "")
        #expect(reading { $0.removing("window") } == "normaliser.window is missing")
        #expect(reading { $0.setting("window", 81) }.contains("normaliser.schema_hash is not that of its features"))
        #expect(reading { $0.setting("schema", "takt.normaliser/2") }.contains("this program reads takt.normaliser/1"))
        #expect(reading { $0.setting("features_schema", "takt.features/2") }.contains("fit it again"))
        func damaged(_ parameters: JSONValue) -> String {
            reading { json in
                var items = json["features"]?.arrayValue ?? []
                items[0] = items[0].setting("parameters", parameters)
                return json.setting("features", .array(items))
            }
        }
        #expect(
            damaged(["mean": 1, "deviation": .null]) == "normaliser.features[0].parameters.deviation is no number")
        #expect(
            damaged(["mean": 1, "deviation": -1]) == "parameters.a are no finite parameters of zscore")
    }

    @Test("Features of another list are refused by name, before anything is computed")
    func refusesAnotherList() throws {
        let (spec, normaliser) = try fitted()
        var texts = Self.texts
        texts[3] = "d = RSI:21 | tanh"
        let other = try FeatureSpec(texts, window: 80)
        let error = #expect(throws: FeatureError.self) { try FeatureComputer(other, normaliser: normaliser) }
        #expect(
            error?.description.contains("feature 4 is 'd = RSI:21 | tanh' here and 'd = RSI:14 | tanh' there") == true)
        let bars = try Walk(120, seed: 9).columns()
        let foreign = try FeatureComputer(other).raw(FeatureWindow(bars))
        #expect(throws: FeatureError.self) {
            try FittedNormaliser(spec, fitting: [foreign, foreign], span: normaliser.span)
        }
        let applied = try FeatureComputer(spec, normaliser: normaliser).vector(FeatureWindow(bars))
        #expect(throws: FeatureError.schemaDiffers("a vector is normalised already")) {
            try FittedNormaliser(spec, fitting: [applied, applied], span: normaliser.span)
        }
    }

    @Test("A list that needs a normaliser gives no normalised vector without one")
    func needsFit() throws {
        let spec = try FeatureSpec(Self.texts, window: 80)
        let window = FeatureWindow(try Walk(120, seed: 9).columns())
        #expect(throws: FeatureError.notFitted(["a", "b", "c", "d", "e", "f"])) {
            try FeatureComputer(spec).vector(window)
        }
        #expect(try FeatureComputer(spec).raw(window).isReady)
    }

    @Test("A span without two complete vectors is refused with how many there are")
    func tooFew() throws {
        let spec = try FeatureSpec(["SMA:20"], window: 80)
        let raw = try FeatureComputer(spec).vectors(over: try Walk(20, seed: 1).columns(), 0..<20, form: .raw)
        #expect(throws: FeatureError.tooFewVectors(1, least: 2)) {
            try FittedNormaliser(spec, fitting: raw, span: Self.span)
        }
    }

    @Test("What computing leaves behind of values that are all alike is no deviation")
    func roundingNoise() throws {
        // close / SMA:20 - 1 of a share that stands still.
        var noise: [Double] = []
        for index in 0..<40 { noise.append(index % 3 == 0 ? 4.4e-16 : 0) }
        #expect(Set(noise).count > 1)
        let methods: [Normalisation] = [.zscore, .tanh, .minmax, .robust]
        for method in methods {
            let scale = FittedNormaliser.Scale(method, fitting: noise)
            let scaled = noise.map { scale($0) }
            #expect(scaled.allSatisfy { abs($0 - scaled[0]) < 1e-9 }, "\(method)")
        }
        #expect(Rolling.score(Array(noise.suffix(20)), of: 20) == 0)
        // Small, and more than that.
        #expect(Rolling.score([1e-9, 2e-9, 3e-9], of: 3) == 1)
    }

    @Test("A feature that never moved in the span comes out finite")
    func constant() {
        let same = [Double](repeating: 0.1, count: 7)
        for method in [Normalisation.zscore, .zscoreOriginal, .minmax, .robust, .tanh, .log] {
            let scale = FittedNormaliser.Scale(method, fitting: same)
            #expect(scale.fits(method))
            #expect(scale(0.1).isFinite)
            #expect(scale(0.3).isFinite)
        }
        #expect(FittedNormaliser.Scale(.zscore, fitting: same)(0.1) == 0)
        #expect(FittedNormaliser.Scale(.minmax, fitting: same)(0.1) == 0.5)
    }

    @Test(
        "Each method gives the original normaliser's numbers, fitted on its last hundred rows",
        .enabled(if: SharedFolder.exists, "the folder `shared` is not beside the repository"))
    func golden() throws {
        let golden = try Golden.json("normalizer-golden.json")
        let lookback = Int(try #require(golden["lookback"]?.intValue))
        let methods: [String: Normalisation] = [
            "zscore": .zscore, "minmax": .minmax, "robust": .robust, "tanh": .tanh, "log": .log,
        ]
        var seen: Set<String> = []
        // With clipping the original compares normalised values with raw bounds: no model for anything.
        for item in try #require(golden["cases"]?.arrayValue) where item["clip_outliers"]?.boolValue == false {
            let name = try #require(item["method"]?.stringValue)
            let x = try #require(item["x"]?.arrayValue).compactMap(\.doubleValue)
            let y = try #require(item["y"]?.arrayValue).compactMap(\.doubleValue)
            try #require(x.count == 130 && y.count == 130)
            let scale = FittedNormaliser.Scale(try #require(methods[name]), fitting: x.suffix(lookback))
            for (value, expected) in zip(x, y) {
                #expect(abs(scale(value) - expected) <= 1e-12 * max(1, abs(expected)), "\(name) \(value)")
            }
            seen.insert(name)
        }
        #expect(seen == Set(methods.keys))
    }
}
