internal import Core

extension SettingsBuilder {
    mutating func buildFeatures(window: Int) -> FeatureSettings {
        let keys = (preset: ConfigPath("features.preset"), list: ConfigPath("features.list"))
        let list = resolver.texts(keys.list)
        let preset = resolver.resolve(keys.preset)
        let isListGiven = resolver.resolve(keys.list).value != nil
        if isListGiven, preset.origin != .builtIn {
            resolver.fail(
                preset.origin, keys.preset, "a preset is named and a list is written", hint: "keep one of them")
        }
        let features = FeatureSettings(
            preset: isListGiven ? nil : resolver.text(keys.preset) ?? FeatureSettings.standardPreset, list: list,
            normalisation: resolver.text("features.normalise") ?? "none", normaliserFile: file("features.normaliser"))
        check(features, window)
        return features
    }

    /// Written features are checked by the room that computes them. Nothing written is nothing to check: what holds then
    /// is built in, and a buffer too short for it is no concern of whoever uses no features.
    private mutating func check(_ features: FeatureSettings, _ window: Int) {
        let keys: [ConfigPath] = ["features.preset", "features.list", "features.normalise"]
        guard keys.contains(where: { resolver.resolve($0).origin != .builtIn }),
            !resolver.hasError(below: "features")
        else { return }
        for objection in checks.features(features, window) {
            switch objection.place {
            case .preset: fail("features.preset", objection)
            case .normalisation: fail("features.normalise", objection)
            case .list: fail(features.preset == nil ? "features.list" : "features.preset", objection)
            case .feature(let index):
                let items = resolver.resolve("features.list").items
                fail("features.list", objection, at: items.indices.contains(index) ? items[index] : nil)
            }
        }
    }

    private mutating func fail(_ key: ConfigPath, _ objection: FeatureObjection, at origin: Origin? = nil) {
        resolver.fail(origin ?? resolver.resolve(key).origin, key, objection.message)
    }
}
