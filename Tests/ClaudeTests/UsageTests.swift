import Claude
import ClaudeServers
import Core
import Decision
import Testing

@Suite("Tokens and money", .timeLimit(.minutes(2)))
struct UsageTests {
    @Test("Tokens are billed by the four prices and rounded up")
    func cost() throws {
        let model = try ClaudeModel.named("claude-haiku-5-5")
        // 1 × 0.10 + 1 × 0.50 + 1 × 0.125 + 1 × 0.01 dollars per million: 0.735 µ$.
        let usage = TokenUsage(input: 1, output: 1, cacheWrite: 1, cacheRead: 1)
        #expect(try usage.cost(model.prices) == FixedPoint("0.00000074"))
        #expect(try TokenUsage(input: 0, output: 0).cost(model.prices) == .zero)
        #expect(try TokenUsage(input: 1_000_000, output: 0).cost(model.prices) == FixedPoint("0.1"))
    }

    @Test(
        "A usage that is missing or cannot be true costs the worst case, and the opinion stands",
        arguments: [
            nil, [:], ["input_tokens": 900], ["input_tokens": "900", "output_tokens": 90],
            ["input_tokens": -1, "output_tokens": 90], ["input_tokens": 900, "output_tokens": -90],
            ["input_tokens": .double(900.5), "output_tokens": 90], ["input_tokens": 0, "output_tokens": 90],
            ["input_tokens": 900, "output_tokens": 0], ["input_tokens": 900, "output_tokens": 2049],
            ["input_tokens": 9_000_000, "output_tokens": 90],
            ["input_tokens": 9_223_372_036_854_775_807, "output_tokens": 90],
            ["input_tokens": 900, "output_tokens": 90, "cache_read_input_tokens": "x"],
            ["input_tokens": 900, "output_tokens": 90, "cache_creation_input_tokens": 999_999_999],
            [
                "input_tokens": 900, "output_tokens": 90, "cache_creation_input_tokens": 5,
                "cache_creation": ["ephemeral_1h_input_tokens": 5],
            ], [1, 2], "900",
        ] as [JSONValue?])
    func lyingUsage(usage: JSONValue?) async throws {
        let standIn = try await StandIn([.opinion(usage: usage)])
        let journal = MemoryJournal()
        let result = await (try ClaudeConsultant.fixture(standIn))
            .consult(try .fixture(), calls: 1, journal: journal)
        #expect(result.advice.opinion != nil)
        #expect(journal.exchanges.first?.usage == nil)
        #expect(result.cost == journal.planned.first?.worstCase)
    }

    @Test("Null and missing cache counts are zero")
    func nullCounts() async throws {
        let usage: JSONValue = [
            "input_tokens": 900, "output_tokens": 90, "cache_creation_input_tokens": nil,
            "cache_read_input_tokens": nil, "service_tier": "standard",
        ]
        let standIn = try await StandIn([.opinion(usage: usage)])
        let journal = MemoryJournal()
        _ = await (try ClaudeConsultant.fixture(standIn)).consult(try .fixture(), calls: 1, journal: journal)
        #expect(journal.exchanges.first?.usage == TokenUsage(input: 900, output: 90))
    }

    @Test("No request can cost more than its worst case", arguments: ClaudeModel.known.map(\.id))
    func worstCase(id: String) throws {
        let model = try ClaudeModel.named(id)
        let request = try ClaudeRequest(try .fixture(), try ClaudeSettings(model: model))
        let most = request.body.count
        for usage in [
            TokenUsage(input: most, output: 2048), TokenUsage(input: 0, output: 2048, cacheWrite: most),
            TokenUsage(input: 1, output: 2048, cacheRead: most - 1),
        ] { #expect(try usage.cost(model.prices) < request.worstCase) }
        // Neither is it absurd: less than a dollar for the dearest model.
        #expect(request.worstCase < .one)
    }
}
