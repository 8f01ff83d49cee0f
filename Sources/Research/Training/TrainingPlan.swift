internal import Core
public import Learning
internal import Policy
public import Settings

/// What is trained, and for how long.
public struct TrainingPlan: Hashable, Sendable {
    public var network: LearningSettings.Network
    /// Widths of the hidden layers, of a transformer the one width of all its layers.
    public var hidden: [Int]
    /// Of a transformer's encoder.
    public var layers: Int
    public var heads: Int
    /// Bars before that a transformer sees.
    public var history: Int
    /// Whole sessions of an episode.
    public var episodeSessions: Int
    public var iterations: Int
    public var settings: TrainingSettings
    /// Iterations.
    public var checkpointEvery: Int
    /// How many of the newest checkpoints are kept, beside the best.
    public var checkpoints: Int

    /// As the configuration has it.
    public init(_ learning: LearningSettings) {
        network = learning.network
        hidden = Array(repeating: learning.width, count: learning.network == .perceptron ? learning.layers : 1)
        (layers, heads, history) = (learning.layers, learning.heads, learning.history)
        (episodeSessions, iterations) = (learning.episodeSessions, learning.iterations)
        (checkpointEvery, checkpoints) = (learning.checkpointEvery, learning.checkpoints)
        settings = TrainingSettings()
        (settings.groups, settings.rollouts, settings.epochs) = (learning.groups, learning.rollouts, learning.epochs)
        (settings.batch, settings.clip) = (learning.stepsPerUpdate, learning.clip.doubleValue)
        settings.learningRate = .constant(learning.learningRate.doubleValue)
        settings.divergenceWeight = learning.divergenceWeight.doubleValue
        let entropy = learning.entropyWeight.doubleValue
        settings.entropyWeight = Schedule(from: entropy, to: entropy / 10, over: 100)
    }

    /// Rows of history that the environment gives.
    var rows: Int { network == .transformer ? history : 0 }

    /// Of a transformer.
    var attentionHeads: Int? { network == .transformer ? heads : nil }

    static let largestWidth = 4096

    /// Weights before any training, drawn from the plan's seed.
    ///
    /// - Throws: ``LearningError/setting(_:problem:)`` for a shape that no network has.
    func newNetwork(inputs: Int, actions: Int) throws(LearningError) -> [Tensor] {
        guard !hidden.isEmpty, hidden.count <= 16, hidden.allSatisfy({ (1...Self.largestWidth).contains($0) }) else {
            throw .setting("hidden", problem: "is out of range: 1 to 16 layers of 1 to \(Self.largestWidth) units")
        }
        var random = SeededGenerator(seed: settings.seed, stream: "weights")
        switch network {
        case .perceptron: return NewNetwork.perceptron([inputs] + hidden + [actions], &random)
        case .transformer:
            guard hidden.count == 1, hidden[0].isMultiple(of: 2), heads > 0, hidden[0].isMultiple(of: heads) else {
                throw .setting(
                    "hidden",
                    problem: "of a transformer is one width, even and a multiple of its \(heads) heads; "
                        + "it is \(hidden.map(String.init).joined(separator: ","))")
            }
            return NewNetwork.transformer(
                inputs: inputs, width: hidden[0], layers: layers, actions: actions, &random)
        }
    }

    /// What is compared when training is resumed, beside the trainer's own settings.
    var fields: [(key: String, text: String)] {
        [
            ("network", network.rawValue), ("hidden", hidden.map(String.init).joined(separator: ",")),
            ("layers", network == .transformer ? "\(layers)" : "\(hidden.count)"),
            ("heads", network == .transformer ? "\(heads)" : "none"), ("history", "\(rows)"),
            ("episode_sessions", "\(episodeSessions)"),
        ]
    }
}
