import Core
import Synchronization
import Testing

@testable import Settings

/// Agents that are made of others, and the consultant.
@Suite("Hybrid, consultant and ensemble in the configuration")
struct ConsultedAgentsTests {
    private static let profile = "trading: {profiles: {p: {symbols: [NVDA], agents: [AGENTS]}}}\n"

    private func settings(_ agents: String, _ rest: String) throws -> Settings {
        let head = Self.profile.split(separator: "AGENTS", omittingEmptySubsequences: false).joined(separator: agents)
        return try load(ConfigurationTexts(trading: head + rest))
    }

    @Test("What is left out is the original's: sequential, 0.7 and 0.3, thresholds of 0.7, protective")
    func standard() throws {
        let hybrid = try settings("sma-cross", "").agents.hybrid
        #expect(hybrid.mode == .sequential && hybrid.semantics == .protective && hybrid.missingAdvice == .rl)
        #expect(try hybrid.rlWeight == Fraction("0.7") && hybrid.claudeWeight == Fraction("0.3"))
        #expect(try hybrid.riskThreshold == Fraction("0.7") && hybrid.overrideThreshold == Fraction("0.7"))
        #expect(hybrid.allowsOverride && hybrid.policy == nil)
        let claude = try settings("sma-cross", "").agents.claude
        #expect(claude.everyDecisions == 10 && claude.deadlineSeconds == 20 && claude.attempts == 3)
        #expect(claude.monthlyBudget == FixedPoint(50) && claude.model == nil && claude.prices == nil)
    }

    @Test("Hybrid looks over the agent that is named, or that rl_agent names, or the only policy there is")
    func policy() throws {
        let cases = [
            ("agents: {hybrid_agent: {policy: momentum}}", "momentum"),
            ("agents: {rl_agent: {type: DeepSeek, model_path: m}}", "deepseek"),
            ("agents: {grpo: {model_path: m}}", "grpo"), ("agents: {deepseek_agent: {model_path: m}}", "deepseek"),
            ("agents: {mine: {command: [x]}, hybrid_agent: {policy: mine}}", "mine"),
        ]
        for (text, name) in cases { #expect(try settings("hybrid", text).agents.hybrid.policy?.text == name) }
    }

    @Test("Whoever votes is found inside of others, once; a consultant is asked where one of them listens")
    func voters() throws {
        let text = """
            agents:
              hybrid_agent: {policy: momentum}
              ensemble: {members: [hybrid, sma-cross], weights: {hybrid: 2}, rule: majority}
            """
        let agents = try settings("ensemble, sma-cross", text).agents
        let names = [AgentSettings.ensembleName, AgentName("sma-cross")]
        #expect(agents.voters(in: names).map(\.text) == ["ensemble", "sma-cross", "hybrid", "momentum"])
        #expect(agents.consults(names) && !agents.consults([AgentName("sma-cross")]))
        #expect(agents.ensemble.rule == .majority && agents.ensemble.weights == [AgentName("hybrid"): Fraction(2)])
    }

    static let broken: [(agents: String, rest: String, key: String, message: String)] = [
        ("hybrid", "", "trading.profiles.p.agents", "has nobody to look over"),
        ("hybrid", "agents: {hybrid_agent: {policy: grpo}}", "trading.profiles.p.agents", "'grpo'"),
        ("hybrid", "agents: {hybrid_agent: {policy: claude}}", "agents.hybrid_agent.policy", "no agent 'claude'"),
        ("hybrid", "agents: {hybrid_agent: {policy: hybrid}}", "agents.hybrid_agent.policy", "no agent 'hybrid'"),
        ("claude", "", "trading.profiles.p.agents", "nobody who decides"),
        ("ensemble", "", "trading.profiles.p.agents", "no member with a weight above 0"),
        (
            "ensemble", "agents: {ensemble: {members: [momentum], weights: {momentum: 0}}}",
            "trading.profiles.p.agents", "no member with a weight above 0"
        ),
        ("ensemble", "agents: {ensemble: {members: [ensemble]}}", "agents.ensemble.members", "no agent 'ensemble'"),
        (
            "ensemble", "agents: {ensemble: {members: [momentum, momentum]}}", "agents.ensemble.members",
            "a second time"
        ),
        (
            "ensemble", "agents: {ensemble: {members: [momentum], weights: {sma-cross: 1}}}",
            "agents.ensemble.weights.sma-cross", "is no member"
        ),
        (
            "momentum", "agents: {hybrid_agent: {semantics: legacy, decision_mode: claude_override}}",
            "agents.hybrid_agent.semantics", "had no decision_mode"
        ),
        ("momentum", "agents: {hybrid_agent: {rl_weight: 0.6}}", "agents.hybrid_agent.rl_weight", "add up to 0.9"),
        ("momentum", "agents: {claude: {prices: {input: 3}}}", "agents.claude.prices", "lack output, cache_write"),
        (
            "momentum, claude", "agents: {claude: {deadline_seconds: 151}}", "agents.claude.deadline_seconds",
            "more than half of a bar"
        ),
    ]

    @Test("What cannot be meant is refused at its key", arguments: broken)
    func refused(_ sample: (agents: String, rest: String, key: String, message: String)) throws {
        let head = Self.profile.split(separator: "AGENTS", omittingEmptySubsequences: false)
            .joined(separator: sample.agents)
        let found = errors(ConfigurationTexts(trading: head + sample.rest))
        try #require(!found.isEmpty)
        #expect(found.contains { $0.key == sample.key && $0.message.contains(sample.message) }, "\(found)")
    }

    @Test("The consultant's client reads its settings only where somebody listens, and complains at their place")
    func objections() throws {
        let asked = Mutex(0)
        let loader = SettingsLoader(
            knownExchanges: ["XNAS", "XKRX"], knownZones: ["UTC"],
            checks: SettingsChecks(claude: { claude, url in
                asked.withLock { $0 += 1 }
                #expect(claude.model == "m" && url == "http://127.0.0.1:9")
                return [
                    ClaudeObjection(key: "model", message: "one"), ClaudeObjection(key: "base_url", message: "two"),
                ]
            }))
        func load(_ agents: String) -> [SettingsError] {
            let head = Self.profile.split(separator: "AGENTS", omittingEmptySubsequences: false)
                .joined(separator: agents)
            do throws(SettingsErrors) {
                _ = try loader.load(
                    texts: ConfigurationTexts(trading: head + "agents: {claude: {model: m}}\n"),
                    environment: Environment(["ANTHROPIC_BASE_URL": "http://127.0.0.1:9"]), home: "/h")
                return []
            } catch { return error.all }
        }
        #expect(load("momentum").isEmpty && asked.withLock { $0 } == 0)
        let found = load("momentum, claude")
        #expect(Set(found.map(\.message)) == ["one", "two"])
        #expect(
            found.first { $0.message == "one" }?.origin == .yaml(file: "/h/config/trading.yaml", line: 2, column: 26))
    }
}
