public import Core

/// How a policy is trained, where a command says nothing else.
public struct LearningSettings: Hashable, Sendable {
    public enum Network: String, Hashable, Sendable, CaseIterable {
        /// Layers with ReLU between them.
        case perceptron = "mlp"
        case transformer
    }

    public var network: Network
    /// Of every layer.
    public var width: Int
    public var layers: Int
    /// Of a transformer's attention.
    public var heads: Int
    /// The bars before that a transformer sees.
    public var history: Int
    /// Whole sessions that an episode lasts.
    public var episodeSessions: Int
    public var iterations: Int
    public var groups: Int
    public var rollouts: Int
    public var epochs: Int
    public var stepsPerUpdate: Int
    public var learningRate: Fraction
    public var clip: Fraction
    public var divergenceWeight: FixedPoint
    public var entropyWeight: Fraction
    /// Iterations.
    public var checkpointEvery: Int
    /// How many of the newest are kept.
    public var checkpoints: Int
    /// Whether anything is learned from live decisions.
    public var isEnabled: Bool
    /// Decisions.
    public var replayBufferSize: Int
    public var batchSize: Int
    public var updateEvery: Int
}
