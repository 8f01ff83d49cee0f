import Core
import TestSupport
import Testing

@testable import Decision

@Suite("Ensembles")
struct EnsembleAgentTests {
    private static let names = ["a", "b", "c"].map { AgentName($0) }

    private func vote(
        _ rule: EnsembleRule, _ opinions: [Vote], weights: [String] = ["1", "1", "1"]
    ) throws -> Vote {
        let members = try zip(Self.names, weights).map { try AgentSpec(.outside, name: $0, weight: Fraction($1)) }
        let view = MarketView(
            instrument: try .fixture(), timeframe: .fiveMinutes, bars: try bars(["100"]), positionQuantity: .zero,
            opinions: opinions)
        return try EnsembleAgent(name: AgentName("ensemble"), members: members, rule: rule).vote(view)
    }

    private func opinion(_ index: Int, _ action: Action, _ hold: Double, _ buy: Double, _ sell: Double) -> Vote {
        Vote(
            agent: Self.names[index], action: action,
            probabilities: Probabilities(hold: hold, buy: buy, sell: sell), confidence: 0.6, detail: .null)
    }

    @Test("Soft voting takes the highest mean probability, even where fewer of the members vote for it")
    func mean() throws {
        let opinions = [
            opinion(0, .buy, 0.05, 0.9, 0.05), opinion(1, .hold, 0.45, 0.35, 0.2), opinion(2, .hold, 0.4, 0.25, 0.35),
        ]
        let soft = try vote(.mean, opinions)
        #expect(soft.action == .buy)
        #expect(abs(soft.probabilities.buy - 0.5) < 1e-12 && abs(soft.probabilities.hold - 0.3) < 1e-12)
        #expect(abs(soft.confidence - 0.25) < 1e-12)
        #expect(try vote(.majority, opinions).action == .hold)
        #expect(try vote(.mean, opinions, weights: ["0", "1", "1"]).action == .hold)
    }

    @Test("A majority is more than half of the weight; unanimous is all of it")
    func counts() throws {
        let two = [opinion(0, .sell, 0.1, 0.1, 0.8), opinion(1, .sell, 0.1, 0.1, 0.8), opinion(2, .buy, 0, 1, 0)]
        let majority = try vote(.majority, two)
        #expect(majority.action == .sell && abs(majority.confidence - 0.4) < 1e-12)
        #expect(try vote(.majority, two, weights: ["1", "1", "2"]).action == .hold)
        #expect(try vote(.unanimous, two).action == .hold)
        #expect(try vote(.unanimous, two, weights: ["1", "3", "0"]).action == .sell)
    }

    @Test("A member without an opinion counts as a hold, and the votes of all stand in the detail")
    func missing() throws {
        let one = try vote(.unanimous, [opinion(0, .buy, 0, 1, 0), opinion(1, .buy, 0, 1, 0)])
        #expect(one.action == .hold && one.confidence == 0)
        #expect(one.detail["votes"]?.arrayValue?.count == 3)
        #expect(one.detail["votes"]?.arrayValue?[2]["detail"]?["reason"] == "no-answer")
    }

    @Test("The restraint of a consulted member is the ensemble's")
    func restrained() throws {
        let hybrid = try AgentSpec(.hybrid(policy: AgentSpec(.outside, name: Self.names[0]), HybridSettings()))
        let ensemble = try EnsembleAgent(
            name: AgentName("ensemble"), members: [hybrid, AgentSpec(.outside, name: Self.names[1])], rule: .majority)
        let view = MarketView(
            instrument: try .fixture(), timeframe: .fiveMinutes, bars: try bars(["100"]), positionQuantity: .zero,
            opinions: [opinion(0, .buy, 0, 1, 0), opinion(1, .buy, 0, 1, 0)],
            consultation: ConsultedAdvice(
                .opinion(try Opinion(action: .hold, confidence: 0.5, riskScore: 0.1, isVeto: true))))
        #expect(ensemble.vote(view).restraint == .noEntry)
    }

    @Test("An ensemble that nobody can be heard in is refused")
    func refused() throws {
        let silent = try AgentSpec(.outside, name: Self.names[0], weight: .zero)
        let advisor = try AgentSpec(.consultant(HybridSettings()))
        for members in [[silent], [], [advisor]] {
            #expect(throws: DecisionError.self) {
                try EnsembleAgent(name: AgentName("ensemble"), members: members, rule: .mean)
            }
        }
    }

    @Test("An ensemble is made again from its document")
    func document() throws {
        let spec = try AgentSpec(
            .ensemble(
                members: [
                    AgentSpec(.smaCross(fast: 2, slow: 5), weight: Fraction("0.25")),
                    AgentSpec(
                        .hybrid(
                            policy: AgentSpec(.momentum(lookback: 3, threshold: Fraction("0.01"))), HybridSettings())),
                ], .majority), name: AgentName("ensemble"))
        let settings = try DecisionSettings(
            agents: [spec], sizing: .percentOfEquity(Fraction("0.1")), orders: OrderDefaults())
        let reader = try EvidenceReader(try JSONValue(parsing: settings.json.text), path: "settings")
        #expect(try DecisionSettings(reader) == settings)
        #expect(try settings.barsNeeded() == 5)
    }
}
