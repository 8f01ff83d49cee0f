public import Policy

/// What a policy does in an environment when it does not learn: the same evaluator and choice as in trading.
public struct Episode: Hashable, Sendable {
    public let actions: [Int]
    /// Net log return of every step.
    public let rewards: [Double]
    public let turnover: Double

    public var totalReturn: Double { rewards.reduce(0, +) }

    /// Plays an episode to its end.
    ///
    /// - Parameters:
    ///   - choice: the most likely action, or one that is drawn; for each step by a stream of its own.
    ///   - limit: an episode that is not over after so many steps is cut there; what is held is closed.
    public static func play(
        _ environment: some TrainingEnvironment, start: Int, _ evaluator: Evaluator, choice: ActionChoice = .best,
        limit: Int = 10_000
    ) throws(LearningError) -> Episode {
        var environment = try CheckedEnvironment(environment, start: start)
        let width = evaluator.network.inputs
        var (actions, rewards, seen) = ([Int](), [Double](), environment.prior)
        while !environment.isDone, actions.count < limit {
            let (state, allowed) = (environment.observation.state, environment.observation.allowed)
            do { try evaluator.evaluate(state, history: Array(seen.suffix(evaluator.history * width))) } catch {
                throw .network(error)
            }
            let action = Self.action(evaluator.probabilities, allowed, choice, step: actions.count)
            rewards.append(try environment.take(action))
            actions.append(action)
            if evaluator.history > 0 { seen += state }
        }
        if let last = rewards.indices.last { rewards[last] += try environment.cut() }
        return Episode(actions: actions, rewards: rewards, turnover: environment.turnover)
    }

    private static func action(
        _ probabilities: [Float], _ allowed: ActionMask, _ choice: ActionChoice, step: Int
    ) -> Int {
        let possible = probabilities.indices.filter { allowed.allows($0) }
        let total = possible.reduce(0) { $0 + probabilities[$1] }
        let shares = possible.map { total > 0 ? probabilities[$0] / total : 1 / Float(possible.count) }
        switch choice {
        case .best: return possible[choice.index(of: shares)]
        case .drawn(let seed, let stream):
            return possible[ActionChoice.drawn(seed: seed, stream: "\(stream) \(step)").index(of: shares)]
        }
    }
}
