public import Core

/// A point of the learning curve.
public struct IterationRecord: Hashable, Sendable {
    /// From zero.
    public let iteration: Int
    /// Steps that all rollouts took together.
    public let steps: Int
    /// Of all rollouts, net log return of an episode.
    public let meanReturn: Double
    /// Standard deviation (n − 1) of the same.
    public let returnDeviation: Double
    /// The same within a group, on average: what is left when the market's own move is gone.
    public let groupDeviation: Double
    /// Value traded in an episode as a multiple of equity, on average.
    public let turnover: Double
    /// Groups without spread, from which nothing was learned.
    public let skippedGroups: Int
    /// What advantages were divided by; 1 where each group has its own.
    public let advantageScale: Double
    public let learningRate: Double
    public let entropyWeight: Double
    /// `nil` if all groups were skipped.
    public let update: Update?

    /// What happened to the weights.
    public struct Update: Hashable, Sendable {
        /// How many times they were changed.
        public let count: Int
        /// Averages over all steps that were gone through, with the weights of that moment.
        public let loss: Double
        /// KL(π‖π_ref).
        public let divergence: Double
        public let entropy: Double
        /// Share of steps whose ratio lay beyond the clip and pulled no longer.
        public let clipFraction: Double
        /// KL(π_old‖π) of the last batch that was looked at.
        public let drift: Double
        /// Before it was shortened, on average.
        public let gradientNorm: Double
        /// The drift went beyond its limit before all epochs were through.
        public let isStopped: Bool
    }

    public var json: JSONValue {
        [
            "iteration": .int(Int64(iteration)), "steps": .int(Int64(steps)), "mean_return": .double(meanReturn),
            "return_deviation": .double(returnDeviation), "group_deviation": .double(groupDeviation),
            "turnover": .double(turnover), "skipped_groups": .int(Int64(skippedGroups)),
            "advantage_scale": .double(advantageScale), "learning_rate": .double(learningRate),
            "entropy_weight": .double(entropyWeight), "update": update?.json ?? .null,
        ]
    }
}

extension IterationRecord.Update {
    fileprivate var json: JSONValue {
        [
            "count": .int(Int64(count)), "loss": .double(loss), "divergence": .double(divergence),
            "entropy": .double(entropy), "clip_fraction": .double(clipFraction), "drift": .double(drift),
            "gradient_norm": .double(gradientNorm), "stopped": .bool(isStopped),
        ]
    }
}
