public import Core

/// An agent with its share in the aggregate.
public struct WeightedAgent: Sendable {
    public let agent: any Agent
    /// Zero or more.
    public let weight: Fraction
    public init(_ agent: any Agent, weight: Fraction) {
        self.agent = agent
        self.weight = weight
    }
}

/// Turns votes into decisions: aggregate, restrain, size, filter, propose. A pure function of its input.
///
/// Each vote counts as `s = +confidence` for buy, `−confidence` for sell and 0 for hold. The signal is `Σ w·s / Σ w`,
/// added up in the order of the agents; above zero means buy, below zero sell, and zero (a tie) hold. An agent without
/// an opinion counts as a hold and so dampens the others; an advisor has no share at all.
///
/// The strictest restraint of all votes then holds for the target, whatever the signal says: it can only bring it nearer to
/// zero.
public struct DecisionManager: Sendable {
    let agents: [WeightedAgent]

    public init(agents: [WeightedAgent]) { self.agents = agents }

    /// One decision for each symbol of the input, in its order, by the agents of its settings.
    public static func decide(_ input: DecisionInput) throws(DecisionError) -> [SymbolDecision] {
        var agents: [WeightedAgent] = []
        for spec in input.settings.agents { agents.append(WeightedAgent(try spec.agent(), weight: spec.weight)) }
        return DecisionManager(agents: agents).decide(input)
    }

    /// The same by the agents of this manager, whatever the settings of the input name.
    ///
    /// What was decided on earlier in the list counts for the limits on entries of the later ones.
    public func decide(_ input: DecisionInput) -> [SymbolDecision] {
        var accepted: [AcceptedOrder] = []
        return input.symbols.map { decide($0, input, &accepted) }
    }

    private func decide(
        _ symbol: SymbolInput, _ input: DecisionInput, _ accepted: inout [AcceptedOrder]
    ) -> SymbolDecision {
        let view = input.view(symbol)
        let (votes, signal, odds) = vote(view)
        let wish = Wish(
            signal, odds, votes, position: symbol.positionQuantity, minimum: input.settings.minimumConfidence)
        let proposal = Proposal(wish, symbol, input)
        var filters: [FilterVerdict] = []
        if let proposal {
            let context = FilterContext(
                proposal: proposal, symbol: symbol, input: input, wish: wish, accepted: accepted)
            filters = Filter.table.filter { $0.isOn(input.settings, wish.restraint) }.map { $0.verdict(context) }
        }
        let isClear = filters.allSatisfy(\.passed)
        if isClear, let proposal, proposal.purpose == .entry || input.rules != .first {
            accepted.append(AcceptedOrder(symbol.symbol, proposal))
        }
        return SymbolDecision(
            symbol: symbol.symbol, action: wish.action, confidence: wish.confidence, signal: signal, votes: votes,
            filters: filters, target: proposal?.target, sizing: proposal?.sizing ?? .null,
            intent: isClear ? proposal?.intent(symbol, input) : nil,
            withdrawn: Withdrawal(wish: wish, votes: votes, symbol: symbol, input: input, proposal: proposal)
                .orders(filters))
    }

    /// The votes in the order of the agents, those of the advisors on what the others came to.
    private func vote(_ view: MarketView) -> (votes: [Vote], signal: Double, odds: (buy: Double, sell: Double)) {
        let own = agents.map { $0.agent is any Advisor ? nil : $0.agent.vote(view) }
        let voters = zip(own, agents).compactMap { vote, agent in vote.map { ($0, agent.weight) } }
        let signal = Self.signal(voters.map(\.0), voters.map(\.1))
        let aggregate = Vote.rule(
            AgentName("aggregate"), Wish.action(signal), abs(signal), ["signal": .double(signal)])
        let votes = zip(own, agents).compactMap { vote, agent in
            vote ?? (agent.agent as? any Advisor)?.vote(view, on: aggregate)
        }
        return (votes, signal, Self.odds(voters.map(\.0), voters.map(\.1)))
    }

    /// The weighted sums of the probabilities of buying and of selling. Only their proportion matters.
    private static func odds(_ votes: [Vote], _ weights: [Fraction]) -> (buy: Double, sell: Double) {
        func sound(_ share: Double) -> Double { share.isNaN ? 0 : min(max(share, 0), 1) }
        return zip(votes, weights).reduce((0, 0)) { sum, part in
            let weight = part.1.doubleValue
            return (
                sum.0 + weight * sound(part.0.probabilities.buy), sum.1 + weight * sound(part.0.probabilities.sell)
            )
        }
    }

    /// Confidences outside 0…1 and not-a-number count as the nearest sound value, so that no agent can outweigh its share.
    static func signal(_ votes: [Vote], _ weights: [Fraction]) -> Double {
        var sum = 0.0
        var total = 0.0
        for (vote, weight) in zip(votes, weights) {
            let weight = weight.doubleValue
            total += weight
            let confidence = vote.confidence.isNaN ? 0 : min(max(vote.confidence, 0), 1)
            let part = weight * confidence
            switch vote.countedAction {
            case .buy: sum += part
            case .sell: sum -= part
            case .hold: break
            }
        }
        return total > 0 ? sum / total : 0
    }
}
