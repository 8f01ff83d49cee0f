import Core
import TestSupport
import Testing

@testable import Decision

/// An agent whose vote is restrained.
private struct Restrained: Agent {
    let name = AgentName("restrained")
    var barsNeeded: Int { 1 }
    let action: Action
    let restraint: Restraint

    func vote(_ view: MarketView) -> Vote {
        let rule = Vote.rule(name, action, 0.8, .null)
        return Vote(
            agent: name, action: action, probabilities: rule.probabilities, confidence: 0.8, detail: .null,
            restraint: restraint, countedAction: .hold)
    }
}

@Suite("Decisions under a restraint")
struct RestrainedDecisionTests {
    private static let policy = AgentName("grpo")

    /// A policy's vote and a consultant's advice, through the configured agents, and once more from the document.
    private func decide(
        _ action: Action, position: String = "0", _ advice: Advice?, held: Bool = false,
        standing: Advice? = nil, missing: Bool = false, confidence: Double = 0.6,
        agents: [AgentSpec]? = nil, settings: HybridSettings? = nil, lot: String = "1", minimumConfidence: String = "0"
    ) throws -> SymbolDecision {
        var scene = try Scene()
        scene.position = position
        scene.instrument = try .fixture(lot: lot)
        let hybrid = try AgentSpec(
            .hybrid(policy: AgentSpec(.outside, name: Self.policy), settings ?? HybridSettings()))
        let fixture = try DecisionSettings.fixture()
        let plain = try scene.input(
            DecisionSettings(
                agents: agents ?? [hybrid], sizing: fixture.sizing, orders: fixture.orders,
                minimumConfidence: Fraction(minimumConfidence)))
        let symbol = plain.symbols[0]
        let input = try DecisionInput(
            cycle: plain.cycle, timeframe: plain.timeframe, now: plain.now, settings: plain.settings,
            baseCurrency: plain.baseCurrency, equity: plain.equity,
            symbols: [
                SymbolInput(
                    instrument: symbol.instrument, broker: symbol.broker, bars: symbol.bars,
                    positionQuantity: symbol.positionQuantity, isOpen: symbol.isOpen,
                    sessionClose: symbol.sessionClose, opinions: [.rule(Self.policy, action, confidence, .null)],
                    consultation: advice.map {
                        ConsultedAdvice(
                            $0, standing: standing?.opinion, isHeld: held, isMissing: missing,
                            question: Digest(of: "question"))
                    })
            ])
        let decision = try DecisionManager.decide(input)[0]
        let read = try DecisionInput(json: try JSONValue(parsing: input.json().text))
        #expect(read == input)
        #expect(try DecisionManager.decide(read)[0].json.text == decision.json.text)
        return decision
    }

    private func said(
        _ action: SuggestedAction, _ confidence: Double = 0.9, risk: Double = 0.1, factor: String = "1",
        veto: Bool = false
    ) throws -> Advice {
        .opinion(
            try Opinion(
                action: action, confidence: confidence, riskScore: risk, sizeFactor: Fraction(factor), isVeto: veto))
    }

    @Test("Without a consultant's word a hybrid agent decides as its policy: 10 % of 100,000 at 100 are 100 shares")
    func alone() throws {
        let decision = try decide(.buy, nil)
        #expect(decision.intent?.quantity == Quantity(100) && decision.intent?.side == .buy)
        #expect(decision.confidence == 0.6)
        #expect(decision.votes[0].detail["claude_consulted"] == false)
        #expect(decision.votes[0].detail["policy_vote"]?["agent"] == "grpo")
        #expect(!decision.filters.contains { $0.name == "consultant" })
    }

    @Test("The shrink factor sizes an entry, rounded down to the lot; what is held already stays")
    func shrinks() throws {
        let shrunk = try decide(.buy, said(.buy, factor: "0.333"))
        #expect(shrunk.intent?.quantity == Quantity(33) && shrunk.target == Quantity(33))
        #expect(shrunk.sizing["restraint"]?["name"] == "shrink")
        #expect(try decide(.buy, said(.buy, factor: "0.333"), lot: "10").intent?.quantity == Quantity(30))
        let held = try decide(.buy, position: "50", said(.buy, factor: "0.333"))
        #expect(held.intent == nil && held.target == Quantity(50))
        #expect(held.stoppers == ["already-positioned"])
        #expect(try decide(.buy, said(.buy, factor: "0.001")).stoppers == ["sized"])
    }

    @Test("A veto, a high risk and a running delay open nothing, and the decision says why")
    func stops() throws {
        for advice in [try said(.buy, veto: true), try said(.buy, risk: 0.7)] {
            let decision = try decide(.buy, advice)
            #expect(decision.action == .hold && decision.intent == nil)
            #expect(decision.votes[0].detail["restraint"] == "no-entry")
        }
        #expect(try decide(.buy, said(.buy), held: true).intent == nil)
        #expect(try decide(.buy, .noOpinion(.deadline, "too late")).intent?.quantity == Quantity(100))
        let careful = try HybridSettings(missing: .hold)
        #expect(try decide(.buy, .noOpinion(.deadline, "too late"), settings: careful).intent == nil)
    }

    @Test("A convinced consultant closes or reduces a position of either side; what is kept is rounded down to the lot")
    func closes() throws {
        let closed = try decide(.hold, position: "70", said(.exit))
        #expect(closed.action == .sell && closed.intent?.quantity == Quantity(70))
        #expect(closed.intent?.purpose == .exit && closed.confidence == 0.9)
        let reduced = try decide(.hold, position: "70", said(.reduce, factor: "0.25"))
        #expect(reduced.target == Quantity(17) && reduced.intent?.quantity == Quantity(53))
        let short = try decide(.hold, position: "-70", said(.reduce, factor: "0.25"))
        #expect(short.target == Quantity(-17) && short.intent?.quantity == Quantity(53) && short.intent?.side == .buy)
        #expect(try decide(.hold, position: "1", said(.reduce, factor: "0.9")).intent?.quantity == Quantity(1))
        // It would have added to the position.
        let against = try decide(.buy, position: "70", said(.exit))
        #expect(against.action == .sell && against.intent?.quantity == Quantity(70))
    }

    @Test("The policy's own exit closes all of the position, whatever the consultant would keep")
    func ownExit() throws {
        for advice in [try said(.reduce, factor: "0.5"), try said(.hold, veto: true), try said(.buy, 1)] {
            let decision = try decide(.sell, position: "70", advice)
            #expect(decision.intent?.quantity == Quantity(70) && decision.intent?.purpose == .exit)
            #expect(decision.confidence == 0.6)
        }
    }

    @Test("What a consultant closes passes the minimum confidence: that is asked of agents")
    func unasked() throws {
        let settings = try HybridSettings(overrideThreshold: Fraction("0.1"))
        let decision = try decide(
            .hold, position: "70", said(.exit, 0.2), settings: settings, minimumConfidence: "0.5")
        #expect(decision.intent?.quantity == Quantity(70))
        #expect(try decide(.sell, position: "70", nil, minimumConfidence: "0.7").stoppers == ["minimum-confidence"])
    }

    @Test("A consultant's exit is not lost because the policy agrees with it, and too weakly")
    func weaklyAgreed() throws {
        for action in Action.allCases {
            let decision = try decide(
                action, position: "100", said(.exit, 0.95), confidence: 0.1, minimumConfidence: "0.5")
            #expect(decision.intent?.quantity == Quantity(100) && decision.action == .sell, "\(action)")
        }
        // Sure enough, the policy's own exit closes all of it, whatever the consultant would keep.
        let own = try decide(.sell, position: "100", said(.reduce, 0.95, factor: "0.5"), minimumConfidence: "0.5")
        #expect(own.intent?.quantity == Quantity(100))
        let weak = try decide(
            .sell, position: "100", said(.reduce, 0.95, factor: "0.5"), confidence: 0.1, minimumConfidence: "0.5")
        #expect(weak.intent?.quantity == Quantity(50))
    }

    @Test(
        "Between two consultations the last word stands: no entry after an exit or a veto, no second half after a half")
    func standingWord() throws {
        let silent = Advice.noOpinion(.notDue, "not yet")
        for word in [try said(.exit), try said(.reduce, factor: "0.5"), try said(.buy, veto: true)] {
            let decision = try decide(.buy, silent, standing: word)
            #expect(decision.intent == nil && decision.action == .hold)
            #expect(decision.votes[0].detail["reasoning"]?.stringValue?.contains("last word stands") == true)
        }
        let half = try decide(.buy, position: "50", silent, standing: said(.buy, factor: "0.5"))
        #expect(half.intent == nil && half.target == Quantity(50))
        // It closes nothing a second time, and keeps nobody from closing.
        #expect(try decide(.hold, position: "50", silent, standing: said(.exit)).intent == nil)
        #expect(try decide(.sell, position: "50", silent, standing: said(.exit)).intent?.quantity == Quantity(50))
        #expect(try decide(.buy, silent, standing: said(.buy)).intent?.quantity == Quantity(100))
        // What is said for the bar itself takes its place.
        #expect(try decide(.buy, said(.buy), standing: said(.buy, veto: true)).intent?.quantity == Quantity(100))
    }

    @Test("Where a missing opinion holds, it holds between the attempts as well")
    func missingBetween() throws {
        let careful = try HybridSettings(missing: .hold)
        let silent = Advice.noOpinion(.notDue, "not yet")
        #expect(try decide(.buy, silent, missing: true, settings: careful).intent == nil)
        #expect(try decide(.buy, silent, missing: true).intent?.quantity == Quantity(100))
        #expect(try decide(.buy, silent, settings: careful).intent?.quantity == Quantity(100))
    }

    @Test("In an ensemble of probabilities a legacy consultant is heard as he is alone")
    func legacyInEnsemble() throws {
        let legacy = try HybridSettings(mode: .ensemble, semantics: .legacy)
        let hybrid = try AgentSpec(.hybrid(policy: AgentSpec(.outside, name: Self.policy), legacy))
        let ensemble = try AgentSpec(.ensemble(members: [hybrid], .mean), name: AgentName("ensemble"))
        for agents in [[hybrid], [ensemble]] {
            #expect(try decide(.buy, said(.hold), confidence: 1, agents: agents).intent == nil)
        }
    }

    @Test("One agent's restraint holds whatever the others want, and has no share in what they want")
    func outvoted() throws {
        var scene = try Scene()
        func decide(_ restraint: Restraint, others: [Parrot]) throws -> SymbolDecision {
            let agents = [WeightedAgent(Restrained(action: .hold, restraint: restraint), weight: .one)]
            return DecisionManager(agents: agents + others.map { WeightedAgent($0, weight: .one) })
                .decide(try scene.input(.fixture()))[0]
        }
        let stopped = try decide(.noEntry, others: [Parrot(.buy), Parrot(.buy)])
        #expect(stopped.action == .buy && stopped.stoppers == ["consultant"] && stopped.intent == nil)
        #expect(abs(stopped.signal - 2.0 / 3) < 1e-12)
        scene.position = "40"
        let closed = try decide(.exit, others: [Parrot(.buy), Parrot(.buy)])
        #expect(closed.action == .sell && closed.intent?.quantity == Quantity(40))
        // What the others close is closed as a whole.
        let whole = try decide(.reduce(keep: Fraction("0.5")), others: [Parrot(.sell)])
        #expect(whole.intent?.quantity == Quantity(40))
    }

    @Test("A consultant of his own looks over what the others came to and has no share in it")
    func advisor() throws {
        let agents = [
            try AgentSpec(.outside, name: Self.policy),
            try AgentSpec(.consultant(HybridSettings()), name: AgentName("claude")),
        ]
        let shrunk = try decide(.buy, said(.buy, factor: "0.5"), agents: agents)
        #expect(shrunk.signal == 0.6 && shrunk.intent?.quantity == Quantity(50))
        #expect(shrunk.votes.map(\.agent.text) == ["grpo", "claude"])
        #expect(shrunk.votes[1].detail["rl_action"] == "buy")
        #expect(try decide(.buy, said(.hold), agents: agents).stoppers == ["consultant"])
        #expect(try decide(.hold, position: "9", said(.exit), agents: agents).intent?.quantity == Quantity(9))
        #expect(try decide(.hold, said(.buy, 1), agents: agents).intent == nil)
    }

    @Test("A consultant alone decides nothing, and none of his own may open positions")
    func advisorAlone() throws {
        let consultant = try AgentSpec(.consultant(HybridSettings()), name: AgentName("claude"))
        #expect(throws: DecisionError.noAgents) {
            try DecisionSettings(
                agents: [consultant], sizing: .percentOfEquity(Fraction("0.1")), orders: OrderDefaults())
        }
        #expect(throws: DecisionError.self) {
            try AgentSpec(.consultant(HybridSettings(mode: .weighted, semantics: .legacy)))
        }
    }

    @Test("Under the legacy semantics a consultant opens positions, as the existing system let it")
    func legacy() throws {
        let legacy = try HybridSettings(mode: .sequential, semantics: .legacy)
        let opened = try decide(.hold, said(.buy), settings: legacy)
        #expect(opened.action == .buy && opened.intent?.quantity == Quantity(100))
        #expect(try decide(.hold, said(.buy)).intent == nil)
    }
}
