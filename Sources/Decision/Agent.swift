public import Core

/// What an agent is for, against, or neither.
public enum Action: String, Hashable, Sendable, CaseIterable {
    case hold, buy, sell
}

/// How likely an agent holds each action to be the right one. They add up to one.
public struct Probabilities: Hashable, Sendable {
    public let hold: Double
    public let buy: Double
    public let sell: Double

    public init(hold: Double, buy: Double, sell: Double) {
        self.hold = hold
        self.buy = buy
        self.sell = sell
    }

    /// A rule has no probabilities of its own: `(1 + 2c) / 3` for its action and `(1 − c) / 3` for the others, so that
    /// confidence 0 means "all alike" and 1 means certainty.
    public static func rule(_ action: Action, confidence: Double) -> Probabilities {
        let favoured = (1 + 2 * confidence) / 3
        let other = (1 - confidence) / 3
        return Probabilities(
            hold: action == .hold ? favoured : other, buy: action == .buy ? favoured : other,
            sell: action == .sell ? favoured : other)
    }

    var json: JSONValue { ["hold": .double(hold), "buy": .double(buy), "sell": .double(sell)] }
}

/// One agent's opinion of one symbol at one bar.
public struct Vote: Hashable, Sendable {
    public let agent: AgentName
    public let action: Action
    public let probabilities: Probabilities
    /// 0 (none) to 1 (certain); a vote to hold carries 0 in the aggregate whatever it says here.
    public let confidence: Double
    /// What led to it, for `explain`: indicator values, or the reason for not having an opinion.
    public let detail: JSONValue
    /// What holds the decision back, whatever the other agents want. Its numbers stand in ``detail``.
    public let restraint: Restraint
    /// What it counts as in the aggregate: the action, unless that is the work of its restraint, which is carried out without
    /// a majority.
    public let countedAction: Action

    /// - Parameter countedAction: `nil` for the action itself.
    public init(
        agent: AgentName, action: Action, probabilities: Probabilities, confidence: Double, detail: JSONValue,
        restraint: Restraint = .none, countedAction: Action? = nil
    ) {
        self.agent = agent
        self.action = action
        self.probabilities = probabilities
        self.confidence = confidence
        self.detail = detail
        self.restraint = restraint
        self.countedAction = countedAction ?? action
    }

    /// A rule's vote with the probabilities that follow from its confidence.
    public static func rule(_ agent: AgentName, _ action: Action, _ confidence: Double, _ detail: JSONValue) -> Vote {
        Vote(
            agent: agent, action: action, probabilities: .rule(action, confidence: confidence), confidence: confidence,
            detail: detail)
    }

    /// No opinion yet: fewer bars than the agent needs.
    static func warmingUp(_ agent: AgentName, bars: Int, needed: Int) -> Vote {
        Vote(
            agent: agent, action: .hold, probabilities: Probabilities(hold: 1, buy: 0, sell: 0), confidence: 0,
            detail: ["reason": "warming-up", "bars": .int(Int64(bars)), "needed": .int(Int64(needed))])
    }

    /// The form of the contract, with confidence added.
    public var json: JSONValue {
        [
            "agent": JSONValue(agent), "action": .string(action.rawValue), "probabilities": probabilities.json,
            "confidence": .double(confidence), "detail": detail,
        ]
    }
}

/// What an agent sees: one symbol up to and including the bar of the cycle. Later bars cannot be put in.
public struct MarketView: Hashable, Sendable {
    public let symbol: Symbol
    public let instrument: Instrument
    public let timeframe: Timeframe
    /// Oldest first; the last one is the newest bar closed at the cycle's bar close.
    public let bars: [Bar]
    /// Over the symbol's broker; short is negative.
    public let positionQuantity: Quantity
    /// The votes that were gathered outside before the decision.
    public let opinions: [Vote]
    /// What a consultant said before the decision; `nil` where none is configured.
    public let consultation: ConsultedAdvice?

    /// Only ``DecisionInput`` makes views, from bars it has already cut at the bar close.
    init(
        instrument: Instrument, timeframe: Timeframe, bars: [Bar], positionQuantity: Quantity, opinions: [Vote] = [],
        consultation: ConsultedAdvice? = nil
    ) {
        symbol = instrument.symbol
        self.instrument = instrument
        self.timeframe = timeframe
        self.bars = bars
        self.positionQuantity = positionQuantity
        self.opinions = opinions
        self.consultation = consultation
    }

    /// The newest so many closes, oldest first.
    public func closes(_ count: Int) -> [Price] { bars.suffix(count).map(\.close) }
}

/// Something with an opinion. An agent is a pure function of the view: no clock, no randomness, no memory.
public protocol Agent: Sendable {
    var name: AgentName { get }
    /// Bars below which it only votes to hold.
    var barsNeeded: Int { get }
    func vote(_ view: MarketView) -> Vote
}

/// Somebody who wants nothing himself and looks over what the others want. He has no share in the aggregate; what he says
/// holds it back.
public protocol Advisor: Agent {
    /// - Parameter aggregate: what the other agents came to, as one vote.
    func vote(_ view: MarketView, on aggregate: Vote) -> Vote
}

extension Advisor {
    public func vote(_ view: MarketView) -> Vote {
        vote(view, on: Vote.rule(name, .hold, 0, ["reason": "nobody-else"]))
    }
}
