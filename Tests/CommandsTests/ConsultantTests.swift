import ClaudeServers
import Core
import Foundation
import TestSupport
import Testing

/// Whole processes that ask the consultant over the wire: a stand-in of the Messages API on the loopback.
@Suite("The consultant")
struct ConsultantTests {
    private static let key = "sk-ant-api03-KeyThatMustNeverShow"

    /// A desk whose hybrid agent looks over buy-and-hold and asks at every decision, with its bars of the morning.
    private func desk(agents: String = "hybrid", more: String = "") throws -> Desk {
        let desk = try Desk(
            agents: agents,
            more: """
                  claude_consultation_frequency: 1
                agents:
                  hybrid_agent: {policy: buy-and-hold}
                \(more)
                """)
        #expect(try desk.takt("fetch-bars").code == 0)
        return desk
    }

    private func environment(_ standIn: StandIn, failpoint: String? = nil) -> [String: String] {
        var environment = ["ANTHROPIC_API_KEY": Self.key, "ANTHROPIC_BASE_URL": standIn.baseURL]
        environment["TAKT_FAILPOINT"] = failpoint
        return environment
    }

    private func opinion(_ action: String, factor: Double = 1, veto: Bool = false) -> ScriptedReply {
        .opinion([
            "action": .string(action), "confidence": .double(0.6), "risk_score": .double(0.2),
            "size_factor": .double(factor), "delay_bars": 0, "veto": .bool(veto), "observations": ["calm"],
            "risks": [],
        ])
    }

    private func quantities(_ desk: Desk) throws -> [String: Int] {
        try desk.list("orders").reduce(into: [:]) { found, order in
            found[order["symbol"]?.stringValue ?? ""] = order["quantity"]?.stringValue.flatMap { Int($0) }
        }
    }

    @Test(
        "A cycle trades half of what the policy wants; run again nobody is asked; the decision is made again without him"
    )
    func cycle() async throws {
        let plain = try desk(agents: "buy-and-hold")
        #expect(try plain.takt("cycle").code == 0)
        let whole = try quantities(plain)
        let standIn = try await StandIn([opinion("buy", factor: 0.5), opinion("buy", factor: 0.5)])
        let desk = try desk()
        let run = try desk.takt("cycle", environment: environment(standIn))
        #expect(run.code == 0, "\(run.errors)\(run.output)")
        #expect(try quantities(desk) == whole.mapValues { $0 / 2 })
        #expect(try desk.takt("cycle", environment: environment(standIn)).document()["replayed"] == true)
        let seen = try await standIn.seen()
        #expect(seen.count == 2 && seen.allSatisfy { $0.headers["x-api-key"] == .string(Self.key) })
        let verified = try desk.takt("decide", "--verify")
        #expect(verified.code == 0, "\(verified.output)\(verified.errors)")
        #expect(try verified.document()["decisions"] == 2 && verified.document()["differing"] == 0)
        #expect(try desk.takt("audit", "verify", "--decisions").code == 0)
    }

    @Test(
        "From the order one can walk back to what was asked and said, and status tells what it cost; the key is nowhere"
    )
    func explained() async throws {
        let standIn = try await StandIn([opinion("buy"), opinion("buy")])
        let desk = try desk()
        #expect(try desk.takt("cycle", environment: environment(standIn)).code == 0)
        let intent = try #require(try desk.list("decisions").first?["intent_id"]?.stringValue)
        let story = try desk.takt("explain", intent).document()
        let told = try #require(story["consultations"]?.arrayValue?.first)
        #expect(told["outcome"] == "opinion" && told["advice"]?["opinion"]?["observations"] == ["calm"])
        #expect(told["request"]?["tools"]?.arrayValue?.first?["name"] == "give_opinion")
        #expect(told["answer"]?["stop_reason"] == "tool_use")
        #expect(try desk.takt("explain", intent, "--format", "table").output.contains("Consultant"))
        let limits = try desk.takt("status", environment: environment(standIn)).document()["limits"]
        #expect(limits?["claude_calls_today"] == ["used": 2, "limit": 200])
        #expect(limits?["claude_usd_this_month"]?["limit"] == "50")
        let cost = try #require(limits?["claude_usd_this_month"]?["used"]?.stringValue)
        // Twice 900 tokens of input, 90 of output and 2,000 written to the cache: prices of the standard model.
        #expect(try FixedPoint(cost) == FixedPoint("0.0154"))
        for name in try desk.files().keys {
            let bytes = try #require(FileManager.default.contents(atPath: desk.folder.path(name)))
            #expect(bytes.range(of: Data(Self.key.utf8)) == nil, "\(name)")
        }
    }

    @Test(
        "Killed right before a request is sent, or right after its answer is on file: rerun, no answer is paid for twice",
        arguments: [("consultation.after-write-ahead", 2), ("consultation.after-record", 1)])
    func killed(failpoint: String, counted: Int) async throws {
        let standIn = try await StandIn(Array(repeating: opinion("buy", veto: true), count: 6))
        let desk = try desk(more: "  claude: {attempts: 1}")
        try desk.folder.write(
            try desk.folder.text("config/trading.yaml").replacing("[NVDA, PLTR]", with: "[NVDA]"),
            to: "config/trading.yaml")
        let killed = try desk.takt("decide", environment: environment(standIn, failpoint: failpoint))
        #expect(killed.code == 9)
        #expect(try await standIn.seen().count == 2 - counted)
        let again = try desk.takt("decide", environment: environment(standIn))
        #expect(again.code == 0, "\(again.errors)")
        #expect(try await standIn.seen().count == 1)
        #expect(try desk.list("decisions").map { $0["action"] } == ["hold"])
        let used = try desk.takt("status", environment: environment(standIn)).document()["limits"]
        #expect(used?["claude_calls_today"]?["used"] == .int(Int64(counted)))
    }

    @Test("An overloaded service, no key and a refused one: the policy decides alone, and it is said why")
    func silent() async throws {
        let overloaded = try await StandIn(
            Array(repeating: .error(529, "overloaded_error", headers: ["retry-after": "0"]), count: 20))
        let refused = try await StandIn(Array(repeating: .error(401, "authentication_error"), count: 20))
        for (standIn, reason, hasKey) in [
            (overloaded, "unavailable", true), (refused, "credentials", true), (refused, "credentials", false),
        ] {
            let desk = try desk()
            var environment = environment(standIn)
            if !hasKey { environment["ANTHROPIC_API_KEY"] = nil }
            let run = try desk.takt("decide", environment: environment)
            #expect(run.code == 0, "\(run.errors)")
            #expect(try desk.list("decisions").map { $0["action"] } == ["buy", "buy"])
            let warnings = try run.document()["warnings"]?.text ?? ""
            #expect(warnings.contains("has no opinion on NVDA, PLTR: the consultant: \(reason)"), "\(warnings)")
        }
    }

    @Test("What the client refuses is refused with file, line and key before anything is decided")
    func refused() throws {
        let desk = try desk()
        let text = try desk.folder.text("config/trading.yaml")
        for (line, key, message) in [
            ("  claude: {market_analysis_prompt: \"RSI {rsi}\"}", "agents.claude.market_analysis_prompt", "rsi"),
            ("  claude: {model: claude-sonnet-4}", "agents.claude.model", "claude-sonnet-4"),
            ("  claude: {max_tokens: 12}", "agents.claude.max_tokens", "256 to 32000"),
        ] {
            try desk.folder.write(
                text.replacing("buy-and-hold}\n", with: "buy-and-hold}\n\(line)\n"), to: "config/trading.yaml")
            for command in [["config", "check"], ["decide"]] {
                let run = try desk.call(command)
                #expect(run.code == 78)
                #expect(run.errors.contains("trading.yaml:7:"), "\(run.errors)")
                #expect(run.errors.contains(key) && run.errors.contains(message), "\(run.errors)")
            }
        }
        try desk.folder.write(text, to: "config/trading.yaml")
        #expect(try desk.list("decisions").isEmpty)
    }

    @Test("--verify says which decision no longer comes out the same, and refuses what it cannot look at")
    func verify() async throws {
        let desk = try desk(agents: "buy-and-hold")
        let nothing = try desk.takt("decide", "--verify")
        #expect(nothing.code == 65 && nothing.errors.contains("No decision of \(Desk.cycle) is recorded"))
        #expect(try desk.takt("decide").code == 0)
        #expect(try desk.takt("decide", "--verify", "--again").code == 64)
        #expect(try desk.takt("decide", "--verify", "--cycle", Desk.cycle).code == 0)
        try desk.meddle("DELETE FROM bars WHERE symbol = 'NVDA'")
        let changed = try desk.takt("decide", "--verify")
        #expect(changed.code == 65)
        let items = try #require(try changed.document()["items"]?.arrayValue)
        #expect(items.map { $0["verdict"] } == ["different", "different"])
        #expect(items.allSatisfy { $0["reason"]?.stringValue?.contains("NVDA") == true })
    }
}
