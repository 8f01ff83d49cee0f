import Core
import Synchronization
import Testing

@testable import Settings

/// What the configuration makes of features; what they mean is another room's business.
struct FeatureSettingsTests {
    private func load(
        _ features: String, check: @escaping FeatureCheck = { _, _ in [] }
    ) throws(SettingsErrors) -> Settings {
        try SettingsLoader(
            knownExchanges: ["XNAS", "XKRX"], knownZones: ["UTC"], checks: SettingsChecks(features: check)
        )
        .load(texts: ConfigurationTexts(trading: features + "\n"), home: "/h")
    }

    @Test("Nothing written is the built-in list, and nobody is asked about it")
    func nothing() throws {
        let settings = try load("decision: {buffer_bars: 3}") { _, _ in [FeatureObjection(.list, "asked")] }
        #expect(settings.features.preset == "takt-16")
        #expect(settings.features.list.isEmpty)
        #expect(settings.features.normalisation == "none")
        #expect(settings.features.normaliserFile == nil)
    }

    @Test("A list stands in the place of the preset, in its order, and is checked for the buffer's length")
    func list() throws {
        let asked = Mutex<[(FeatureSettings, Int)]>([])
        let settings = try load(
            "decision: {buffer_bars: 77}\nfeatures: {list: [b, \"a = c | d\"], normalise: zscore, normaliser: f.json}"
        ) { features, window in
            asked.withLock { $0.append((features, window)) }
            return []
        }
        #expect(settings.features.preset == nil)
        #expect(settings.features.list == ["b", "a = c | d"])
        #expect(settings.features.normaliserFile == "/h/config/f.json")
        #expect(settings.namedFiles.map(\.key) == ["features.normaliser"])
        #expect(asked.withLock { $0.map(\.0) } == [settings.features])
        #expect(asked.withLock { $0.map(\.1) } == [77])
    }

    @Test("Each objection is told at its own place")
    func places() {
        let objections = [
            FeatureObjection(.feature(1), "one"), FeatureObjection(.list, "two"),
            FeatureObjection(.normalisation, "three"),
        ]
        do throws(SettingsErrors) {
            _ = try load("features:\n  list:\n    - a\n    - b\n  normalise: c") { _, _ in objections }
            Issue.record("it was accepted")
        } catch {
            #expect(
                error.all.map(\.description) == [
                    "/h/config/trading.yaml:4:7: features.list: one", "/h/config/trading.yaml:3:5: features.list: two",
                    "/h/config/trading.yaml:5:14: features.normalise: three",
                ])
        }
    }
}
