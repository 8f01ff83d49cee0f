import Core
import Decision

/// An answer with status 200, read strictly: exactly one call of our tool with a sound opinion, or no opinion.
///
/// Members that the service adds to its own objects are passed over, as its versioning allows them; the tool's input is
/// ours, and there nothing is passed over.
struct ClaudeAnswer: Hashable, Sendable {
    let advice: Advice
    /// `nil` when it is missing, incomplete or impossible.
    let usage: TokenUsage?

    init(_ body: [UInt8], to request: ClaudeRequest, _ settings: ClaudeSettings) {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: body)
        } catch {
            advice = .noOpinion(.malformed, "the answer is no JSON: \(error)")
            usage = nil
            return
        }
        usage = Self.usage(json["usage"], request, settings)
        do {
            advice = .opinion(try Self.opinion(json, settings))
        } catch {
            advice = .noOpinion(error.none)
        }
    }

    private struct Refusal: Error {
        let none: NoOpinion
        init(_ reason: NoOpinion.Reason, _ message: String) { none = NoOpinion(reason, message) }
    }

    private static func opinion(_ json: JSONValue, _ settings: ClaudeSettings) throws(Refusal) -> Opinion {
        guard json["type"]?.stringValue == "message", json["role"]?.stringValue == "assistant" else {
            throw Refusal(.malformed, "the answer is no message of the assistant")
        }
        let model = json["model"]?.stringValue ?? ""
        guard ClaudeModel.sameFamily(model, settings.model.id) else {
            throw Refusal(.malformed, "the answer is of the model '\(model)', asked was \(settings.model.id)")
        }
        try check(stopReason: json["stop_reason"]?.stringValue, json["stop_details"], settings)
        let input = try toolInput(json["content"])
        do {
            return try Opinion(json: input)
        } catch {
            throw Refusal(.malformed, "the opinion cannot be taken: \(error)")
        }
    }

    /// Only `tool_use` leads on. Source: platform.claude.com/docs/en/build-with-claude/handling-stop-reasons.
    private static func check(
        stopReason: String?, _ details: JSONValue?, _ settings: ClaudeSettings
    ) throws(Refusal) {
        switch stopReason {
        case "tool_use": return
        case "max_tokens":
            throw Refusal(
                .truncated, "the answer was cut off at \(settings.maxTokens) tokens; raise claude.max_tokens")
        case "model_context_window_exceeded":
            throw Refusal(.truncated, "the answer was cut off at the end of the model's context window")
        case "refusal":
            let category = details?["category"]?.stringValue.map { " (\($0))" } ?? ""
            throw Refusal(.refused, "the model would not answer\(category)")
        case "end_turn", "stop_sequence", "pause_turn":
            throw Refusal(.malformed, "the answer ended with \(stopReason ?? "") instead of a call of the tool")
        case .some(let other): throw Refusal(.malformed, "the answer ended with the unknown reason '\(other)'")
        case nil: throw Refusal(.malformed, "the answer does not say why it ended")
        }
    }

    /// Blocks of one answer: far more than thinking, a word before the call and the call itself.
    private static let blocksLimit = 64

    private static func toolInput(_ content: JSONValue?) throws(Refusal) -> JSONValue {
        guard let blocks = content?.arrayValue, blocks.count <= blocksLimit else {
            throw Refusal(.malformed, "the answer has no list of at most \(blocksLimit) blocks")
        }
        var input: JSONValue?
        for block in blocks {
            switch block["type"]?.stringValue {
            case "text", "thinking", "redacted_thinking": continue
            case "tool_use":
                let name = block["name"]?.stringValue ?? ""
                guard name == OpinionTool.name else {
                    throw Refusal(.malformed, "the answer calls the tool '\(name)', which was not offered")
                }
                guard input == nil else { throw Refusal(.malformed, "the answer calls the tool more than once") }
                guard let given = block["input"] else { throw Refusal(.malformed, "the call has no input") }
                input = given
            case .some(let type): throw Refusal(.malformed, "the answer has a block of the type '\(type)'")
            case nil: throw Refusal(.malformed, "the answer has a block without a type")
            }
        }
        guard let input else { throw Refusal(.malformed, "the answer does not call the tool") }
        return input
    }
}

// MARK: - Usage

extension ClaudeAnswer {
    /// What cannot be true is not believed: an answer without tokens, one that is longer than allowed, or a request of
    /// more tokens than it has bytes.
    private static func usage(
        _ json: JSONValue?, _ request: ClaudeRequest, _ settings: ClaudeSettings
    ) -> TokenUsage? {
        let inputLimit = request.body.count + ClaudeRequest.addedTokens
        guard let json, let input = tokens(json["input_tokens"]), let output = tokens(json["output_tokens"]),
            let cacheWrite = optionalTokens(json["cache_creation_input_tokens"]),
            let cacheRead = optionalTokens(json["cache_read_input_tokens"]),
            // An hour in the cache costs more than the five minutes that were asked for.
            optionalTokens(json["cache_creation"]?["ephemeral_1h_input_tokens"]) == 0,
            (1...settings.maxTokens).contains(output), (1...inputLimit).contains(input + cacheWrite + cacheRead)
        else { return nil }
        return TokenUsage(input: input, output: output, cacheWrite: cacheWrite, cacheRead: cacheRead)
    }

    /// Far above any bill, and far below where a sum of three could overflow.
    private static let tokensLimit: Int64 = 1_000_000_000

    private static func tokens(_ json: JSONValue?) -> Int? {
        json?.intValue.flatMap { (0...tokensLimit).contains($0) ? Int($0) : nil }
    }

    /// Missing and `null` are zero; anything else that is no count is `nil`.
    private static func optionalTokens(_ json: JSONValue?) -> Int? {
        json == nil || json == .null ? 0 : tokens(json)
    }
}
