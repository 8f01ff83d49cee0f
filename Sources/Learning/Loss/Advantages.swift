/// How good a step was beside the same step of the group's other rollouts.
///
/// All rollouts of a group see the same bars, so what the group has in common is the market's own move; what is left is the
/// doing of the actions.
public struct AdvantageForm: Hashable, Sendable {
    public enum Horizon: String, Hashable, Sendable, CaseIterable {
        /// A step answers for what comes after it.
        case toGo = "to-go"
        /// Every step answers for the whole episode, as in the literature of language models.
        case episode
    }

    public enum Scale: String, Hashable, Sendable, CaseIterable {
        /// Relative to the mean of the others, and divided by one running scale for all groups.
        case running
        /// Relative to the mean of the whole group, and divided by the deviation of its returns (population's, plus 1e-8).
        /// A quiet group then counts as much as a lively one.
        case group
    }

    public let horizon: Horizon
    public let scale: Scale

    public init(horizon: Horizon = .toGo, scale: Scale = .running) { (self.horizon, self.scale) = (horizon, scale) }

    /// Differences of returns up to this are rounding.
    private static let smallestSpread = 1e-12

    /// Per rollout and step, before the running scale.
    ///
    /// - Parameter rewards: per rollout and step; rollouts that ended earlier get nothing afterwards.
    /// - Returns: `nil` for a group without spread: nothing is to be learned from it.
    func advantages(_ rewards: [[Double]]) -> [[Double]]? {
        let count = Double(rewards.count)
        let returns = rewards.map { $0.reversed().reduce(0, +) }
        let toGo = rewards.map { rewards in
            var sum = 0.0
            return Array(
                rewards.reversed().map { reward in
                    sum += reward
                    return sum
                }.reversed())
        }
        func value(_ rollout: Int, _ step: Int) -> Double {
            horizon == .episode ? returns[rollout] : step < toGo[rollout].count ? toGo[rollout][step] : 0
        }
        let totals = (0..<(rewards.map(\.count).max() ?? 0)).map { step in
            rewards.indices.reduce(0) { $0 + value($1, step) }
        }
        let mean = returns.reduce(0, +) / count
        let deviation = (returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
        var spread = 0.0
        let advantages = rewards.indices.map { rollout in
            rewards[rollout].indices.map { step in
                let own = value(rollout, step)
                switch scale {
                case .running:
                    let difference = own - (totals[step] - own) / (count - 1)
                    spread = max(spread, abs(difference))
                    return difference
                case .group:
                    spread = max(spread, abs(own - totals[step] / count))
                    return (own - totals[step] / count) / (deviation + 1e-8)
                }
            }
        }
        return spread > Self.smallestSpread ? advantages : nil
    }
}

/// The size of advantages, averaged over the iterations so far, later ones more: their root mean square.
struct RunningScale: Hashable, Sendable {
    /// Σ decay^age · mean square, and Σ decay^age.
    var squares = 0.0
    var weight = 0.0

    /// - Parameter meanSquare: of one iteration.
    mutating func add(meanSquare: Double, decay: Double) {
        squares = squares * decay + meanSquare
        weight = weight * decay + 1
    }

    /// What advantages are divided by.
    var value: Double { weight > 0 ? max((squares / weight).squareRoot(), Self.smallest) : 1 }

    private static let smallest = 1e-12
}
