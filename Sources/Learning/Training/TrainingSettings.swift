public import Core

/// A number that goes in a straight line from one value to another, and stays there.
public struct Schedule: Hashable, Sendable {
    public let first: Double
    public let last: Double
    /// When `last` is reached; 0 for `last` from the beginning.
    public let iterations: Int

    public init(from first: Double, to last: Double, over iterations: Int) {
        (self.first, self.last, self.iterations) = (first, last, iterations)
    }

    public static func constant(_ value: Double) -> Schedule { Schedule(from: value, to: value, over: 0) }

    public func value(at iteration: Int) -> Double {
        iteration < iterations ? first + (last - first) * Double(iteration) / Double(iterations) : last
    }
}

/// How a policy is trained. The same settings, weights and environment give the same weights, on any number of threads.
public struct TrainingSettings: Hashable, Sendable {
    public var seed: UInt64 = 1
    /// Groups of an iteration, each from a start of its own.
    public var groups = 16
    /// Rollouts of a group; at least two.
    public var rollouts = 8
    /// An episode that is not over after so many steps is cut there, and what is held is closed: a bound, not a length.
    public var stepLimit = 10_000
    /// How often the steps of an iteration are gone through, at most.
    public var epochs = 3
    /// Steps per update of the weights, about: an iteration is cut into equal parts.
    public var batch = 1024
    /// How far the ratio of new to old probabilities pulls.
    public var clip = 0.2
    /// Weight of the divergence from the reference.
    public var divergenceWeight = 0.02
    public var entropyWeight = Schedule(from: 0.01, to: 0.001, over: 100)
    public var learningRate = Schedule.constant(3e-4)
    /// A longer gradient is shortened to this.
    public var gradientLimit = 0.5
    /// KL(π_old‖π) beyond which the steps of an iteration are not gone through any further.
    public var driftLimit = 0.02
    public var advantage = AdvantageForm()
    /// What an iteration's size of advantages still counts one iteration later.
    public var scaleDecay = 0.9
    /// The reference becomes the present policy after so many iterations; 0 for never.
    public var referenceRefresh = 10

    public init() {}

    /// Every setting by its key, as text that can be read back without loss: what is compared when training is resumed.
    public var fields: [(key: String, text: String)] {
        [
            ("seed", "\(seed)"), ("groups", "\(groups)"), ("rollouts", "\(rollouts)"), ("step_limit", "\(stepLimit)"),
            ("epochs", "\(epochs)"), ("batch", "\(batch)"), ("clip", "\(clip)"),
            ("divergence_weight", "\(divergenceWeight)"), ("entropy_weight", Self.text(entropyWeight)),
            ("learning_rate", Self.text(learningRate)), ("gradient_limit", "\(gradientLimit)"),
            ("drift_limit", "\(driftLimit)"), ("advantage_horizon", advantage.horizon.rawValue),
            ("advantage_scale", advantage.scale.rawValue), ("scale_decay", "\(scaleDecay)"),
            ("reference_refresh", "\(referenceRefresh)"),
        ]
    }

    public var digest: Digest { Digest(of: fields.map { "\($0.key)=\($0.text)" }.joined(separator: "\n")) }

    private static func text(_ schedule: Schedule) -> String {
        "\(schedule.first) to \(schedule.last) over \(schedule.iterations)"
    }

    /// - Throws: ``LearningError/setting(_:problem:)`` with the first that makes no sense.
    public func validate() throws(LearningError) {
        func require(_ key: String, _ isSound: Bool, _ problem: String) throws(LearningError) {
            if !isSound { throw .setting(key, problem: "is out of range: \(problem)") }
        }
        try require("groups", (1...65_536).contains(groups), "1 to 65536")
        try require("rollouts", (2...4096).contains(rollouts), "2 to 4096; one has nothing to be compared with")
        try require("step_limit", (1...10_000_000).contains(stepLimit), "1 to 10000000")
        try require("epochs", (1...1000).contains(epochs), "1 to 1000")
        try require("batch", (1...1_048_576).contains(batch), "1 to 1048576")
        try require("clip", clip > 0 && clip < 1, "between 0 and 1")
        try require("divergence_weight", divergenceWeight >= 0 && divergenceWeight.isFinite, "0 or more")
        for (key, schedule) in [("entropy_weight", entropyWeight), ("learning_rate", learningRate)] {
            let isSound = [schedule.first, schedule.last].allSatisfy { $0 >= 0 && $0 <= 1 } && schedule.iterations >= 0
            try require(key, isSound, "0 to 1 at both ends")
        }
        try require("gradient_limit", gradientLimit > 0 && gradientLimit.isFinite, "more than 0")
        try require("drift_limit", driftLimit > 0 && driftLimit.isFinite, "more than 0")
        try require("scale_decay", (0..<1).contains(scaleDecay), "0 to less than 1")
        try require("reference_refresh", referenceRefresh >= 0, "0 or more")
    }
}
