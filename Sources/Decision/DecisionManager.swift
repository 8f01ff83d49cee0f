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

/// Turns votes into decisions: aggregate, size, filter, propose. A pure function of its input.
///
/// Each vote counts as `s = +confidence` for buy, `−confidence` for sell and 0 for hold. The signal is `Σ w·s / Σ w`,
/// added up in the order of the agents; above zero means buy, below zero sell, and zero (a tie) hold. An agent without
/// an opinion counts as a hold and so dampens the others.
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
    /// Entries that were decided on earlier in the list count for the limits on entries of the later ones.
    public func decide(_ input: DecisionInput) -> [SymbolDecision] {
        var accepted: [AcceptedEntry] = []
        return input.symbols.map { decide($0, input, &accepted) }
    }

    private func decide(
        _ symbol: SymbolInput, _ input: DecisionInput, _ accepted: inout [AcceptedEntry]
    ) -> SymbolDecision {
        let view = input.view(symbol)
        let votes = agents.map { $0.agent.vote(view) }
        let signal = Self.signal(votes, agents.map(\.weight))
        let action: Action = signal > 0 ? .buy : signal < 0 ? .sell : .hold
        let proposal = Proposal(action, confidence: abs(signal), symbol, input)
        var filters: [FilterVerdict] = []
        if let proposal {
            let context = FilterContext(
                proposal: proposal, symbol: symbol, input: input, confidence: abs(signal), accepted: accepted)
            filters = Filter.table.filter { $0.isOn(input.settings) }.map { $0.verdict(context) }
        }
        let isClear = filters.allSatisfy(\.passed)
        if isClear, let proposal, proposal.purpose == .entry {
            accepted.append(AcceptedEntry(symbol: symbol.symbol, side: proposal.side, value: proposal.value))
        }
        return SymbolDecision(
            symbol: symbol.symbol, action: action, confidence: abs(signal), signal: signal, votes: votes,
            filters: filters, target: proposal?.target, sizing: proposal?.sizing ?? .null,
            intent: isClear ? proposal?.intent(symbol, input) : nil)
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
            switch vote.action {
            case .buy: sum += part
            case .sell: sum -= part
            case .hold: break
            }
        }
        return total > 0 ? sum / total : 0
    }
}
