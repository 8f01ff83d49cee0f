public import Core

/// The tokens of one request, as the service bills them.
public struct TokenUsage: Hashable, Sendable {
    /// Input that was neither written to nor read from the cache.
    public let input: Int
    public let output: Int
    public let cacheWrite: Int
    public let cacheRead: Int

    public init(input: Int, output: Int, cacheWrite: Int = 0, cacheRead: Int = 0) {
        self.input = input
        self.output = output
        self.cacheWrite = cacheWrite
        self.cacheRead = cacheRead
    }

    public var json: JSONValue {
        [
            "input_tokens": .int(Int64(input)), "output_tokens": .int(Int64(output)),
            "cache_creation_input_tokens": .int(Int64(cacheWrite)), "cache_read_input_tokens": .int(Int64(cacheRead)),
        ]
    }
}
