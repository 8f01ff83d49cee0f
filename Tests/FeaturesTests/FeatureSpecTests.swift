import Core
import TestSupport
import Testing

@testable import Features

struct FeatureSpecTests {
    @Test(
        "A feature has one canonical spelling, whatever blanks, defaults and parentheses it was written with",
        arguments: [
            ("RSI:14", "RSI:14 | none"),
            ("rsi", "RSI:14 | none"),
            ("  RSI   |  zscore ", "RSI:14 | zscore"),
            ("trend=close/SMA:20-1|robust", "trend = close / SMA:20 - 1 | robust"),
            ("((close - (SMA:20)))/ATR", "(close - SMA:20) / ATR:14 | none"),
            ("a = close - (open - low)", "a = close - (open - low) | none"),
            ("a = (close - open) - low", "a = close - open - low | none"),
            ("a = close * (open / low)", "a = close * (open / low) | none"),
            ("x = MACD.hist / 2.50", "x = MACD:12,26,9.hist / 2.5 | none"),
            ("v = VWAP@session | rolling:30", "v = VWAP@session | rolling:30"),
            ("k = ORIGINAL.%K", "k = ORIGINAL.%K | none"),
            ("position", "position | none"),
        ])
    func canonical(text: String, expected: String) throws {
        let feature = try Feature(text)
        #expect(feature.description == expected)
        #expect(try Feature(feature.description) == feature)
    }

    @Test(
        "What cannot be read is refused, and the message says what to write",
        arguments: [
            ("RSII:14", "did you mean RSI?"), ("clos / SMA:20", "did you mean close?"),
            ("sesion_sin", "did you mean session_sin?"), ("MACD:12,26,9", "choose MACD:12,26,9.macd"),
            ("OBV", "write OBV@session"), ("ORIGINAL.OBV", "ORIGINAL.OBV@window"), ("RSI@window", "leave out the @"),
            ("OBV@day", "session or window"), ("close /", "missing at its end"), ("(close", "closing parenthesis"),
            ("close open", "where an operator"), ("1 + 2", "depends on no bar"), ("log_return", "log_return:20"),
            ("log_return:0", "from 1"), ("volatility:1", "from 2"), ("close:3", "takes no parameter"),
            ("RSI:14 | zcore", "did you mean zscore?"), ("RSI | zscore | none", "more than once"),
            ("position | zscore", "no training span"), ("session_sin | rolling:20", "last bar"),
            ("a b = close", "is no name"), ("close | rolling:1", "from 2"), ("RSI:1", "timeperiod"),
            ("close # 2", "'#'"), ("", "missing at its end"), ("2x + close", "is not a number"),
        ])
    func refused(text: String, expected: String) {
        let error = #expect(throws: FeatureError.self) { try Feature(text) }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
    }

    @Test("A number in an expression reads back as itself, however large or small", arguments: propertySeeds)
    func numbers(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let value = Double(random.int(1...999_999_999)) * (try #require(Double("1e\(random.int(-30...30))")))
            let expression = FeatureExpression.operation(.times, .term(try FeatureTerm("volume")), .number(value))
            #expect(try FeatureExpression(expression.description) == expression, "\(value): \(expression.description)")
        }
    }

    @Test("A list refuses two features of one name, none at all, and one that needs more bars than its window")
    func lists() throws {
        let rsi = try Feature("RSI")
        #expect(throws: FeatureError.noFeatures) { try FeatureSpec([Feature]()) }
        #expect(throws: FeatureError.nameTwice("RSI:14")) { try FeatureSpec([rsi, rsi]) }
        #expect(throws: FeatureError.windowTooShort(feature: "SMA:200", needed: 200, window: 100)) {
            try FeatureSpec([try Feature("SMA:200")], window: 100)
        }
        #expect(throws: FeatureError.windowTooShort(feature: "RSI:14", needed: 104, window: 103)) {
            try FeatureSpec([try Feature("RSI | rolling:90")], window: 103)
        }
        #expect(try FeatureSpec([try Feature("RSI | rolling:90")], window: 104).barsNeeded == 104)
    }

    @Test("A rolling normalisation without a length takes all values that a full window has")
    func rollingLength() throws {
        let spec = try FeatureSpec([try Feature("r = RSI | rolling")], window: 100)
        #expect(spec.features[0].description == "r = RSI:14 | rolling:86")
        #expect(spec.barsNeeded == 100)
    }

    @Test("The hash follows everything that changes what a vector means, and nothing else")
    func hash() throws {
        func hash(_ texts: [String], window: Int = 100) throws -> Digest {
            try FeatureSpec(try texts.map { try Feature($0) }, window: window).schemaHash
        }
        let base = try hash(["a = RSI:14", "b = close / SMA:20"])
        #expect(try hash(["a=rsi", "b = (close/SMA:20.0)"]) == base)
        #expect(try hash(["b = close / SMA:20", "a = RSI:14"]) != base)
        #expect(try hash(["c = RSI:14", "b = close / SMA:20"]) != base)
        #expect(try hash(["a = RSI:15", "b = close / SMA:20"]) != base)
        #expect(try hash(["a = RSI:14 | zscore", "b = close / SMA:20"]) != base)
        #expect(try hash(["a = RSI:14", "b = close / SMA:20"], window: 101) != base)
        // A change of the canonical text makes every trained policy unusable: it has to be meant.
        let pinned = try FeatureSpec([try Feature("RSI")], window: 100)
        #expect(pinned.canonicalText == "takt.features/1\nwindow 100\nRSI:14 | none\n")
        #expect(pinned.schemaHash == Digest(of: "takt.features/1\nwindow 100\nRSI:14 | none\n"))
    }

    @Test("The difference between two lists is told by the feature")
    func difference() throws {
        func spec(_ texts: [String], window: Int = 100) throws -> FeatureSpec {
            try FeatureSpec(try texts.map { try Feature($0) }, window: window)
        }
        let base = try spec(["RSI", "ADX"])
        #expect(base.difference(from: base) == nil)
        #expect(
            try spec(["RSI", "ADX:20"]).difference(from: base)
                == "feature 2 is 'ADX:20 | none' here and 'ADX:14 | none' there")
        #expect(
            try spec(["RSI"]).difference(from: base)
                == "there are 1 features here and 2 there; 'ADX:14 | none' stands only there")
        #expect(
            try spec(["RSI", "ADX"], window: 80).difference(from: base) == "a window has 80 bars here and 100 there")
    }

    @Test("Every preset is a list, needs no more than a usual window, and has the size its name says")
    func presets() throws {
        for preset in FeaturePreset.allCases {
            let spec = try preset.spec()
            #expect(preset.rawValue.hasSuffix("-\(spec.features.count)"))
            #expect(spec.barsNeeded == FeatureSpec.standardWindow)
            #expect(throws: Never.self) { try preset.spec(window: 51) }
        }
        #expect(try FeaturePreset.takt16.spec().fitted.isEmpty)
        #expect(try FeaturePreset.takt16.spec(normalisation: .zscore).fitted.count == 11)
        #expect(throws: FeatureError.unknownPreset("legacy14", nearest: "legacy-14")) {
            try FeaturePreset(named: "legacy14")
        }
    }
}
