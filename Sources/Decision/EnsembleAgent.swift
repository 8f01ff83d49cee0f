public import Core

/// How the members of an ensemble come to one vote. Each counts by its weight; only the proportions matter.
public enum EnsembleRule: String, Hashable, Sendable, CaseIterable {
    /// The action with the highest mean probability (soft voting).
    case mean
    /// The action that more than half of the weight votes for (hard voting), else hold.
    case majority
    /// The action that all vote for, else hold.
    case unanimous
}

/// Several agents that vote as one. The restraint of a consulted member is the ensemble's.
public struct EnsembleAgent: Agent {
    public let name: AgentName
    public let rule: EnsembleRule
    private let members: [WeightedAgent]

    /// - Throws: ``DecisionError/parameter(name:value:allowed:)`` if nobody in it has a weight, or a member is an advisor: he
    ///   has no vote to count.
    public init(name: AgentName, members specs: [AgentSpec], rule: EnsembleRule) throws(DecisionError) {
        guard specs.contains(where: { $0.weight.isPositive }) else {
            throw .parameter(
                name: "\(name).members", value: "\(specs.count) members", allowed: "one with a weight above 0")
        }
        var members: [WeightedAgent] = []
        for spec in specs {
            let agent = try spec.agent()
            guard !(agent is any Advisor) else {
                throw .parameter(name: "\(name).members", value: "\(spec.name)", allowed: "agents that vote")
            }
            members.append(WeightedAgent(agent, weight: spec.weight))
        }
        self.name = name
        self.rule = rule
        self.members = members
    }

    public var barsNeeded: Int { members.map(\.agent.barsNeeded).max() ?? 1 }

    public func vote(_ view: MarketView) -> Vote {
        let votes = members.map { $0.agent.vote(view) }
        let weights = members.map(\.weight.doubleValue)
        let total = weights.reduce(0, +)
        func mean(_ share: (Vote) -> Double) -> Double {
            total > 0 ? zip(votes, weights).reduce(0) { $0 + $1.1 * Self.sound(share($1.0)) } / total : 0
        }
        let probabilities = Probabilities(
            hold: mean(\.probabilities.hold), buy: mean(\.probabilities.buy), sell: mean(\.probabilities.sell))
        let action = action(votes, weights, total, probabilities)
        let confidence = action == .hold ? 0 : confidence(in: action, probabilities) { mean($0) }
        return Vote(
            agent: name, action: action, probabilities: probabilities, confidence: confidence,
            detail: ["rule": .string(rule.rawValue), "votes": .array(votes.map(\.json))],
            restraint: .strictest(of: votes))
    }

    private func action(
        _ votes: [Vote], _ weights: [Double], _ total: Double, _ probabilities: Probabilities
    ) -> Action {
        func weight(for action: Action) -> Double {
            zip(votes, weights).reduce(0) { $0 + ($1.0.countedAction == action ? $1.1 : 0) }
        }
        switch rule {
        case .mean:
            if probabilities.buy > max(probabilities.hold, probabilities.sell) { return .buy }
            return probabilities.sell > max(probabilities.hold, probabilities.buy) ? .sell : .hold
        case .majority: return [.buy, .sell].first { weight(for: $0) * 2 > total } ?? .hold
        case .unanimous: return [.buy, .sell].first { weight(for: $0) == total } ?? .hold
        }
    }

    /// Of mean probabilities the one that a rule with that probability would have (``Probabilities/rule(_:confidence:)``); of
    /// counted votes the mean over all, where those who do not want it count as none.
    private func confidence(
        in action: Action, _ probabilities: Probabilities, _ mean: ((Vote) -> Double) -> Double
    ) -> Double {
        switch rule {
        case .mean: max(0, (3 * (action == .buy ? probabilities.buy : probabilities.sell) - 1) / 2)
        case .majority, .unanimous: mean { $0.countedAction == action ? $0.confidence : 0 }
        }
    }

    /// Not-a-number and what is out of range count as the nearest sound value.
    private static func sound(_ share: Double) -> Double { share.isNaN ? 0 : min(max(share, 0), 1) }
}
