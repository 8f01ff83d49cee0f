public import Core

/// US dollars per million tokens.
public struct ClaudePrices: Hashable, Sendable {
    public let input: FixedPoint
    public let output: FixedPoint
    /// Input that is written to the cache for five minutes.
    public let cacheWrite: FixedPoint
    /// Input that is read from the cache.
    public let cacheRead: FixedPoint

    /// - Throws: ``ClaudeError/parameter(name:value:allowed:)`` for a price below zero or above a million.
    public init(
        input: FixedPoint, output: FixedPoint, cacheWrite: FixedPoint, cacheRead: FixedPoint
    ) throws(ClaudeError) {
        for (name, price) in [
            ("input", input), ("output", output), ("cache_write", cacheWrite), ("cache_read", cacheRead),
        ] where price.isNegative || price > FixedPoint(1_000_000) {
            throw .parameter(name: "prices.\(name)", value: "\(price)", allowed: "0 to 1000000 USD per million tokens")
        }
        self.init(checked: (input, output, cacheWrite, cacheRead))
    }

    private init(checked: (FixedPoint, FixedPoint, FixedPoint, FixedPoint)) {
        (input, output, cacheWrite, cacheRead) = checked
    }

    /// In thousandths of a dollar per million tokens.
    fileprivate static func mils(_ input: Int64, _ output: Int64, write: Int64, read: Int64) -> ClaudePrices {
        func price(_ mils: Int64) -> FixedPoint { FixedPoint(int64Units: mils * 100_000) }
        return ClaudePrices(checked: (price(input), price(output), price(write), price(read)))
    }
}

/// A model: its prices, and which parts of a request it takes.
///
/// The models differ in what they refuse with status 400, so a request cannot be the same for all of them.
public struct ClaudeModel: Hashable, Sendable {
    /// How the answer is made to be a call of our tool.
    public enum ToolChoice: String, Hashable, Sendable, CaseIterable {
        /// The API forces the call.
        case forced
        /// The model refuses to be forced: it is told to call the tool, and an answer without a call is no opinion.
        case offered
    }

    /// What is said about thinking before the answer; it costs time and output tokens.
    public enum Thinking: String, Hashable, Sendable, CaseIterable {
        /// Nothing: the model does not think unless asked to, or cannot be told.
        case unsaid
        /// It thinks by default, and a forced call needs that switched off.
        case disabled
        /// It thinks by default, and this word switches off thinking ahead of the call.
        case betweenTools = "between_tools"
    }

    public let id: String
    public let prices: ClaudePrices
    public let toolChoice: ToolChoice
    public let thinking: Thinking
    /// Whether `temperature` is accepted.
    public let takesTemperature: Bool
    /// Whether the tool's input is held to its schema while it is written (`strict`).
    public let isStrict: Bool

    /// - Throws: ``ClaudeError/parameter(name:value:allowed:)`` for an id that is no plain word.
    public init(
        id: String, prices: ClaudePrices, toolChoice: ToolChoice, thinking: Thinking, takesTemperature: Bool,
        isStrict: Bool
    ) throws(ClaudeError) {
        let isWord = id.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") }
        guard (1...128).contains(id.utf8.count), isWord else {
            throw .parameter(name: "model", value: id.debugDescription, allowed: "1 to 128 printable characters")
        }
        self.init(id, prices, toolChoice, thinking, takesTemperature, isStrict)
    }

    private init(
        _ id: String, _ prices: ClaudePrices, _ toolChoice: ToolChoice, _ thinking: Thinking, _ takesTemperature: Bool,
        _ isStrict: Bool
    ) {
        self.id = id
        self.prices = prices
        self.toolChoice = toolChoice
        self.thinking = thinking
        self.takesTemperature = takesTemperature
        self.isStrict = isStrict
    }

    /// The newest of the documented models that take a forced call.
    public static let standardID = "claude-sonnet-5"

    /// The model of that id with its built-in prices, or with those given.
    ///
    /// A dated id (`claude-haiku-4-5-20251001`) is the model of its undated one. An unknown model needs prices and is
    /// asked in the way that all models take: a tool that is offered, nothing said about thinking, no temperature.
    public static func named(_ id: String, prices: ClaudePrices? = nil) throws(ClaudeError) -> ClaudeModel {
        guard let row = known.first(where: { sameFamily($0.id, id) }) else {
            guard let prices else { throw .unknownModel(id: id, known: known.map(\.id)) }
            return try ClaudeModel(
                id: id, prices: prices, toolChoice: .offered, thinking: .unsaid, takesTemperature: false,
                isStrict: false)
        }
        return ClaudeModel(
            id, prices ?? row.prices, row.toolChoice, row.thinking, row.takesTemperature, row.isStrict)
    }

    /// Whether two ids are the same model, one of them perhaps with the date of its snapshot.
    static func sameFamily(_ left: String, _ right: String) -> Bool { undated(left) == undated(right) }

    private static func undated(_ id: String) -> Substring {
        guard let dash = id.lastIndex(of: "-") else { return id[...] }
        let tail = id[id.index(after: dash)...].utf8
        let isDate = tail.count == 8 && tail.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return isDate ? id[..<dash] : id[...]
    }

    /// The models that are sold, as of 2026-11-27.
    ///
    /// Prices: platform.claude.com/docs/en/about-claude/pricing, and the page of each model under /docs/en/models. The
    /// price of Haiku 5.5 is that of prompts up to 100,000 tokens; a request of ours is never that long
    /// (``ClaudeRequest/bytesLimit``). Refusals: the pages "What's new" and "Migration guide" of each model. Opus 5.5,
    /// Sonnet 5.5 and the Fables refuse forced tool use, and Haiku 5.5 is not documented to take it; from Opus 4.7 on
    /// models refuse sampling parameters; the models of the fifth generation think by default, which excludes forced
    /// tool use unless thinking is disabled.
    public static let known: [ClaudeModel] = {
        let sonnet4 = ClaudePrices.mils(3_000, 15_000, write: 3_750, read: 300)
        let opus4 = ClaudePrices.mils(5_000, 25_000, write: 6_250, read: 500)
        return [
            ClaudeModel("claude-haiku-4-5", .mils(1_000, 5_000, write: 1_250, read: 100), .forced, .unsaid, true, true),
            ClaudeModel("claude-sonnet-4-5", sonnet4, .forced, .unsaid, true, true),
            ClaudeModel("claude-sonnet-4-6", sonnet4, .forced, .unsaid, true, true),
            ClaudeModel("claude-opus-4-5", opus4, .forced, .unsaid, true, true),
            ClaudeModel("claude-opus-4-6", opus4, .forced, .unsaid, true, true),
            ClaudeModel("claude-opus-4-7", opus4, .forced, .unsaid, false, true),
            ClaudeModel("claude-opus-4-8", opus4, .forced, .unsaid, false, true),
            ClaudeModel(
                "claude-sonnet-5", .mils(2_000, 10_000, write: 2_500, read: 200), .forced, .disabled, false, true),
            ClaudeModel("claude-opus-5", opus4, .forced, .disabled, false, true),
            ClaudeModel("claude-haiku-5-5", .mils(100, 500, write: 125, read: 10), .offered, .disabled, false, true),
            ClaudeModel(
                "claude-sonnet-5-5", .mils(2_000, 10_000, write: 2_500, read: 100), .offered, .betweenTools, false,
                true),
            ClaudeModel(
                "claude-opus-5-5", .mils(4_000, 20_000, write: 5_000, read: 200), .offered, .unsaid, false, true),
            ClaudeModel(
                "claude-fable-5-1", .mils(10_000, 50_000, write: 12_500, read: 250), .offered, .unsaid, false, true),
            ClaudeModel(
                "claude-fable-5-2", .mils(8_000, 40_000, write: 10_000, read: 200), .offered, .unsaid, false, true),
        ]
    }()
}
