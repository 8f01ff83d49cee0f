public import Core
public import Transport

/// How the consultant is asked. Checked as a whole when it is made.
public struct ClaudeSettings: Hashable, Sendable {
    public let model: ClaudeModel
    /// The longest answer, tokens; the thinking of models that think counts too.
    public let maxTokens: Int
    /// 0 to 1; `nil` leaves it to the model, as the newer ones demand.
    public let temperature: Fraction?
    public let prompts: PromptTemplates
    /// For a consultation as a whole, all attempts and waits included.
    public let deadline: Duration
    /// Requests of one consultation at most, the first included.
    public let attempts: Int
    /// Where the API is; the path of the messages is put behind it.
    public let baseURL: RedactedURL

    /// An opinion with its eight times two texts takes some 1,100 tokens; the newer tokenisers count a third more.
    public static let standardMaxTokens = 2048
    /// A fifteenth of a five-minute beat.
    public static let standardDeadline: Duration = .seconds(20)
    public static let standardAttempts = 3
    public static let standardBaseURL = "https://api.anthropic.com"
    /// The version of the API that this client speaks: the header `anthropic-version`. The later one, 2026-10-21, is the
    /// same for what is used here but knows no temperature (docs/en/api/versioning).
    static let apiVersion = "2023-06-01"

    /// - Parameters:
    ///   - baseURL: https, or http to this machine only, so that the key never travels in clear.
    /// - Throws: ``ClaudeError/parameter(name:value:allowed:)`` naming the key.
    public init(
        model: ClaudeModel, maxTokens: Int = Self.standardMaxTokens, temperature: Fraction? = nil,
        prompts: PromptTemplates = .standard, deadline: Duration = Self.standardDeadline,
        attempts: Int = Self.standardAttempts, baseURL: String = Self.standardBaseURL
    ) throws(ClaudeError) {
        guard (256...32_000).contains(maxTokens) else {
            throw .parameter(name: "max_tokens", value: "\(maxTokens)", allowed: "256 to 32000")
        }
        guard (.seconds(1)...(.seconds(600))).contains(deadline) else {
            throw .parameter(name: "deadline", value: "\(deadline)", allowed: "1 to 600 seconds")
        }
        guard (1...10).contains(attempts) else {
            throw .parameter(name: "attempts", value: "\(attempts)", allowed: "1 to 10")
        }
        try Self.check(temperature, of: model)
        self.model = model
        self.maxTokens = maxTokens
        self.temperature = temperature
        self.prompts = prompts
        self.deadline = deadline
        self.attempts = attempts
        self.baseURL = try Self.checkedURL(baseURL)
    }

    private static func check(_ temperature: Fraction?, of model: ClaudeModel) throws(ClaudeError) {
        guard let temperature else { return }
        guard !temperature.isNegative, temperature <= .one else {
            throw .parameter(name: "temperature", value: "\(temperature)", allowed: "0 to 1")
        }
        guard model.takesTemperature else {
            throw .parameter(
                name: "temperature", value: "\(temperature)", allowed: "to leave it out: \(model.id) refuses one")
        }
    }

    /// Whether the service is a stand-in on this machine.
    public var isLoopback: Bool { Self.isLoopback(baseURL) }

    private static func isLoopback(_ url: RedactedURL) -> Bool {
        ["127.0.0.1", "localhost", "[::1]"].contains(url.host)
    }

    private static func checkedURL(_ text: String) throws(ClaudeError) -> RedactedURL {
        let allowed = "https://HOST[:PORT][/PATH], or http://127.0.0.1:PORT, without user, query and fragment"
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        // The text is not quoted: an address may carry a password.
        guard let url = RedactedURL(text) else {
            throw .parameter(name: "base_url", value: "no address", allowed: allowed)
        }
        guard url.scheme == "https" || (url.scheme == "http" && isLoopback(url)), url.user == nil,
            !text.contains("?"), !text.contains("#")
        else { throw .parameter(name: "base_url", value: url.description, allowed: allowed) }
        return url
    }
}
