public import Features
public import Settings

/// The features that the configuration declares.
public enum FeatureDeclaration {
    /// - Throws: ``FeatureError``; of a configuration that passed its check only where nothing is declared and the buffer
    ///   is too short for what is built in.
    public static func spec(_ features: FeatureSettings, window: Int) throws(FeatureError) -> FeatureSpec {
        let standard = try Normalisation(features.normalisation)
        if let preset = features.preset {
            return try FeaturePreset(named: preset).spec(window: window, normalisation: standard)
        }
        var list: [Feature] = []
        for text in features.list { list.append(try Feature(text, normalisation: standard)) }
        return try FeatureSpec(list, window: window)
    }

    /// What is wrong with them, each in its place.
    @Sendable
    public static func objections(_ features: FeatureSettings, window: Int) -> [FeatureObjection] {
        let standard: Normalisation
        do { standard = try Normalisation(features.normalisation) } catch {
            return [FeatureObjection(.normalisation, error.description)]
        }
        var objections: [FeatureObjection] = []
        for (index, text) in features.list.enumerated() {
            do { _ = try Feature(text, normalisation: standard) } catch {
                objections.append(FeatureObjection(.feature(index), error.description))
            }
        }
        guard objections.isEmpty else { return objections }
        do { _ = try spec(features, window: window) } catch {
            let isUnknown = if case .unknownPreset = error { true } else { false }
            objections.append(FeatureObjection(isUnknown ? .preset : .list, error.description))
        }
        return objections
    }
}
