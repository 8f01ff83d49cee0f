internal import Claude
internal import Core
internal import Cycle
internal import Decision
internal import Settings

/// Connects the consultant that the configuration describes.
enum ConsultantWiring {
    /// `nil` where no agent of any profile listens to one.
    static func consultant(_ settings: Settings, clock: any WallClock) throws -> (any RiskConsultant)? {
        guard settings.profiles.contains(where: { settings.agents.consults($0.agents) }) else { return nil }
        do {
            return ClaudeConsultant(
                settings: try client(settings.agents.claude, settings.anthropicBaseURL),
                key: settings.anthropicKey.flatMap { ClaudeKey($0.reveal()) }, clock: clock,
                // Of waits between attempts only; processes that start together shall not wait alike.
                seed: UInt64.random(in: .min ... .max))
        } catch {
            throw StepFailure(
                code: "bad-consultant", message: "The consultant cannot be asked: \(error).",
                hint: "Nothing was done. `takt config check` names the line.", isRetryable: false,
                exitCode: .configuration)
        }
    }

    /// What the client says of its settings, for `config check` and everybody who loads them.
    static func objections(_ claude: AgentSettings.Claude, baseURL: String?) -> [ClaudeObjection] {
        do throws(ClaudeError) {
            _ = try client(claude, baseURL)
            return []
        } catch {
            return [ClaudeObjection(key: key(of: error), message: "\(error)")]
        }
    }

    private static func client(
        _ claude: AgentSettings.Claude, _ baseURL: String?
    ) throws(ClaudeError) -> ClaudeSettings {
        var prices: ClaudePrices?
        if let own = claude.prices {
            prices = try ClaudePrices(
                input: own.input, output: own.output, cacheWrite: own.cacheWrite, cacheRead: own.cacheRead)
        }
        return try ClaudeSettings(
            model: .named(claude.model ?? ClaudeModel.standardID, prices: prices),
            maxTokens: claude.maxTokens ?? ClaudeSettings.standardMaxTokens, temperature: claude.temperature,
            prompts: PromptTemplates(
                fixedPart: claude.systemPrompt ?? PromptTemplates.standard.fixedPart,
                question: claude.questionPrompt ?? PromptTemplates.standard.question),
            deadline: .seconds(claude.deadlineSeconds), attempts: claude.attempts,
            baseURL: baseURL ?? ClaudeSettings.standardBaseURL)
    }

    /// Below `agents.claude`, or `base_url`.
    private static func key(of error: ClaudeError) -> String {
        switch error {
        case .parameter("deadline", _, _): "deadline_seconds"
        case .parameter(let name, _, _): name
        case .unknownModel: "model"
        case .unknownPlaceholder: "market_analysis_prompt"
        case .strayBrace(let template, _): template
        }
    }
}
