public import Core
public import Decision

/// One request to the Messages API, complete but for the key. The same question and settings give the same bytes.
public struct ClaudeRequest: Hashable, Sendable {
    /// Compact JSON.
    public let body: [UInt8]
    /// Of ``body``: of the question, the model and the prompts together. What answers may be cached by.
    public let digest: Digest
    /// What it can cost at most, US dollars.
    ///
    /// No token is shorter than a byte of what is sent, so the bytes of the body bound the tokens; to them come what the
    /// service adds of its own for tools, and the longest answer that is allowed.
    public let worstCase: FixedPoint

    /// Bytes of a body. Far above what a question of full length takes, and below the length at which some models become
    /// dearer, whatever a byte is worth in tokens.
    public static let bytesLimit = 90_000
    /// Input tokens that the service adds for tools: at most 804 are documented (pricing, "Tool use pricing").
    static let addedTokens = 4_000

    /// - Throws: ``ClaudeError/parameter(name:value:allowed:)`` when prompts and question are longer than ``bytesLimit``.
    public init(_ question: MarketQuestion, _ settings: ClaudeSettings) throws(ClaudeError) {
        body = Self.json(question, settings).utf8
        guard body.count <= Self.bytesLimit else {
            throw .parameter(
                name: "market_analysis_prompt", value: "\(body.count) bytes long with its values",
                allowed: "at most \(Self.bytesLimit) with the system prompt")
        }
        digest = Digest(of: body)
        do {
            worstCase = try Self.worstCase(bytes: body.count, settings)
        } catch {
            throw .parameter(name: "prices", value: "\(error)", allowed: "prices whose product with the tokens fits")
        }
    }

    /// Tools, then system, then messages is the order in which the service's cache compares requests; the mark on the
    /// system text covers the tools as well.
    private static func json(_ question: MarketQuestion, _ settings: ClaudeSettings) -> JSONValue {
        let model = settings.model
        var json: JSONValue = ["model": .string(model.id), "max_tokens": .int(Int64(settings.maxTokens))]
        if let temperature = settings.temperature {
            json = json.setting("temperature", .double(temperature.doubleValue))
        }
        if model.thinking != .unsaid {
            json = json.setting("thinking", ["type": .string(model.thinking.rawValue)])
        }
        json = json.setting("tools", [OpinionTool.json(isStrict: model.isStrict)])
        json = json.setting("tool_choice", toolChoice(model.toolChoice))
        json = json.setting(
            "system",
            [["type": "text", "text": .string(settings.prompts.fixedPart), "cache_control": ["type": "ephemeral"]]])
        return json.setting(
            "messages", [["role": "user", "content": .string(settings.prompts.filled(with: question))]])
    }

    private static func toolChoice(_ choice: ClaudeModel.ToolChoice) -> JSONValue {
        switch choice {
        case .forced: ["type": "tool", "name": .string(OpinionTool.name), "disable_parallel_tool_use": true]
        case .offered: ["type": "auto", "disable_parallel_tool_use": true]
        }
    }

    private static func worstCase(bytes: Int, _ settings: ClaudeSettings) throws(ArithmeticError) -> FixedPoint {
        let (input, output) = (bytes + addedTokens, settings.maxTokens)
        let usages = [
            TokenUsage(input: input, output: output), TokenUsage(input: 0, output: output, cacheWrite: input),
            TokenUsage(input: 0, output: output, cacheRead: input),
        ]
        var dearest = FixedPoint.zero
        for usage in usages { dearest = max(dearest, try usage.cost(settings.model.prices)) }
        return dearest
    }
}
