public import Policy

/// Why training stops. The trainer stands where it stood before the iteration, and its last checkpoint is good.
public enum LearningError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A setting that makes no sense.
    case setting(_ key: String, problem: String)
    /// A network that cannot be read.
    case network(PolicyError)
    /// The network and what it is trained on, or for, do not fit each other.
    case unfit(String)
    /// The environment failed, or gave what no environment may give. `step` counts from zero; `nil` while it was reset.
    case environment(start: Int, step: Int?, problem: String)
    /// The numbers left what a float can hold.
    case diverged(iteration: Int)
    /// A training checkpoint that cannot be resumed.
    case checkpoint(problem: String)
    /// A training checkpoint of other settings.
    case differs(field: String, checkpoint: String, running: String)

    public var description: String {
        switch self {
        case .setting(let key, let problem): "the training setting '\(key)' \(problem)"
        case .network(let error): "\(error)"
        case .unfit(let problem): problem
        case .environment(let start, let step?, let problem):
            "the episode from start \(start) failed at step \(step): \(problem)"
        case .environment(let start, nil, let problem): "the episode from start \(start) cannot begin: \(problem)"
        case .diverged(let iteration):
            "the gradient of iteration \(iteration) is not finite, and its update was not taken; look for absurd "
                + "rewards, or begin anew under another name with a smaller learning rate"
        case .checkpoint(let problem): "the training checkpoint cannot be resumed: \(problem)"
        case .differs(let field, let checkpoint, let running):
            "the training checkpoint was made with another \(field): \(checkpoint) there, \(running) here; resume with "
                + "the same, or begin anew from its weights"
        }
    }

    /// The same with the file in which a checkpoint lies.
    public func naming(_ path: String) -> LearningError {
        guard case .checkpoint(let problem) = self else { return self }
        return .checkpoint(problem: "\(path): \(problem)")
    }
}
