import Core
import Testing

@testable import Decision

@Suite("Rule agents")
struct AgentTests {
    /// Expected confidences come from Python: `statistics.stdev` over the returns, then the formula of the agent.
    @Test(
        "The moving-average cross votes with the state of the averages",
        arguments: [
            (["100", "102", "101", "105"], Action.buy, 0.19703365932611147),
            (["105", "101", "102", "100"], Action.sell, 0.20249257794845718),
            (["100", "100", "100", "100"], Action.hold, 0),
            (["101", "99", "99", "101"], Action.hold, 0),
            (["1", "100", "102", "101", "105"], Action.buy, 0.19703365932611147),
        ] as [([String], Action, Double)])
    func smaCross(closes: [String], action: Action, confidence: Double) throws {
        let vote = try SMACrossAgent(fast: 2, slow: 4).vote(view(closes))
        #expect(vote.action == action)
        #expect(abs(vote.confidence - confidence) < 1e-12)
    }

    @Test("The averages are part of the vote's detail")
    func detail() throws {
        let detail = try SMACrossAgent(fast: 2, slow: 4).vote(view(["100", "102", "101", "105"])).detail
        #expect(detail["fast"]?.doubleValue == 103)
        #expect(detail["slow"]?.doubleValue == 102)
    }

    @Test("Averages that differ in the eighth decimal are not equal")
    func exactCross() throws {
        let agent = try SMACrossAgent(fast: 1, slow: 3)
        #expect(try agent.vote(view(["100", "100", "100.00000001"])).action == .buy)
        #expect(try agent.vote(view(["100", "100", "99.99999999"])).action == .sell)
    }

    @Test(
        "Momentum votes beyond its threshold and holds at it",
        arguments: [
            ("0.02", ["100", "101", "99", "104", "103"], Action.buy),
            ("0.03", ["100", "101", "99", "104", "103"], .hold),
            ("0.03", ["100", "101", "99", "104", "103.00000001"], .buy),
            ("0.03", ["100", "101", "99", "104", "97"], .hold),
            ("0.03", ["100", "101", "99", "104", "96.99999999"], .sell), ("0", ["100", "1", "1", "1", "100"], .hold),
        ] as [(String, [String], Action)])
    func momentum(threshold: String, closes: [String], action: Action) throws {
        let agent = try MomentumAgent(lookback: 4, threshold: Fraction(threshold))
        #expect(try agent.vote(view(closes)).action == action)
    }

    @Test("Momentum's confidence is the move in units of what chance moves")
    func momentumConfidence() throws {
        let agent = try MomentumAgent(lookback: 4, threshold: Fraction("0.02"))
        let vote = try agent.vote(view(["100", "101", "99", "104", "103"]))
        #expect(abs(vote.confidence - 0.48297360808066153) < 1e-12)
    }

    @Test("Confidence never exceeds one, also without any volatility")
    func capped() throws {
        let agent = try MomentumAgent(lookback: 2, threshold: .zero)
        #expect(try agent.vote(view(["100", "110", "121"])).confidence == 1)
        #expect(Statistics.confidence(move: 5, deviation: 0.1, bars: 4) == 1)
        #expect(Statistics.confidence(move: 0, deviation: 0, bars: 4) == 0)
    }

    @Test(
        "With one bar too few an agent holds and says that it is warming up",
        arguments: [
            AgentSpec.Kind.smaCross(fast: 2, slow: 4), .momentum(lookback: 3, threshold: .zero),
        ])
    func warmingUp(kind: AgentSpec.Kind) throws {
        let agent = try AgentSpec(kind).agent()
        #expect(agent.barsNeeded == 4)
        let vote = agent.vote(try view(["100", "101", "103"]))
        #expect(vote.action == .hold)
        #expect(vote.detail["reason"] == "warming-up")
        #expect(vote.detail["needed"] == 4)
        #expect(agent.vote(try view(["100", "101", "103", "109"])).action == .buy)
    }

    @Test("Prices that are not positive are no ground for a vote", arguments: ["0", "-1"])
    func negative(close: String) throws {
        let closes = ["100", close, "100", "101"]
        #expect(try SMACrossAgent(fast: 2, slow: 4).vote(view(closes)).action == .hold)
        #expect(try MomentumAgent(lookback: 3, threshold: .zero).vote(view(closes)).detail["reason"] != nil)
    }

    @Test("Buy and hold buys from the first bar on")
    func buyAndHold() throws {
        #expect(try BuyAndHoldAgent().vote(view(["100"])).action == .buy)
        #expect(try BuyAndHoldAgent().vote(view([])).action == .hold)
    }

    @Test("Probabilities add up to one and follow the confidence", arguments: Action.allCases, [0.0, 0.25, 1.0])
    func probabilities(action: Action, confidence: Double) {
        let all = Probabilities.rule(action, confidence: confidence)
        let sum = all.hold + all.buy + all.sell
        #expect(abs(sum - 1) < 1e-12)
        let own: Double =
            switch action {
            case .hold: all.hold
            case .buy: all.buy
            case .sell: all.sell
            }
        let expected = (1 + 2 * confidence) / 3
        #expect(abs(own - expected) < 1e-12)
    }

    @Test("Parameters that cannot be meant are refused by name")
    func parameters() throws {
        #expect(throws: DecisionError.self) { try SMACrossAgent(fast: 0, slow: 4) }
        #expect(throws: DecisionError.self) { try SMACrossAgent(fast: 4, slow: 4) }
        #expect(throws: DecisionError.self) { try MomentumAgent(lookback: 1, threshold: .zero) }
        #expect(throws: DecisionError.self) { try MomentumAgent(lookback: 5, threshold: Fraction(2)) }
        #expect(throws: DecisionError.self) { try AgentSpec(.buyAndHold, weight: Fraction(-1)) }
        let error = DecisionError.parameter(name: "sma-cross.fast", value: "0", allowed: "1 bar or more")
        #expect("\(error)".contains("sma-cross.fast"))
    }
}

@Suite("Statistics")
struct StatisticsTests {
    @Test("The short way from a price to a binary number gives the bits of the long way", arguments: 0..<50)
    func double(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "double")
        for _ in 0..<40 {
            let shift = Int.random(in: 0..<63, using: &random)
            let price = Price(FixedPoint(int64Units: Int64.random(in: .min ... .max, using: &random) >> shift))
            #expect(Statistics.double(price) == price.doubleValue, "seed \(seed)")
        }
        let beyond = try Price("123456789012345678.12345678")
        #expect(Statistics.double(beyond) == beyond.doubleValue)
    }

    @Test("The sample deviation divides by one less than the count")
    func deviation() {
        // Python: statistics.stdev([2, 4, 4, 4, 5, 5, 7, 9]) = 2.138089935299395
        let value = Statistics.deviation([2, 4, 4, 4, 5, 5, 7, 9]) ?? 0
        #expect(abs(value - 2.138089935299395) < 1e-12)
        #expect(Statistics.deviation([1]) == nil)
    }
}
