/// What other rooms say of values that only they can read; each complains at the place of the value.
public struct SettingsChecks: Sendable {
    let features: FeatureCheck
    let claude: ClaudeCheck

    public init(
        features: @escaping FeatureCheck = { _, _ in [] }, claude: @escaping ClaudeCheck = { _, _ in [] }
    ) {
        self.features = features
        self.claude = claude
    }
}

/// What is wrong with the consultant's settings.
public struct ClaudeObjection: Hashable, Sendable {
    /// Below `agents.claude`: `model`; or `base_url`, which only the environment sets.
    public let key: String
    public let message: String

    public init(key: String, message: String) { (self.key, self.message) = (key, message) }
}

/// Reads the consultant's settings as its client will. Only a configuration in which somebody listens to it asks.
public typealias ClaudeCheck = @Sendable (_ claude: AgentSettings.Claude, _ baseURL: String?) -> [ClaudeObjection]
