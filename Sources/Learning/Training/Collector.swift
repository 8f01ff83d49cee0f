internal import Core

/// Rolls out groups: some episodes from the same start that differ in what is drawn.
struct Collector<Environment: TrainingEnvironment> {
    let environment: Environment
    let settings: TrainingSettings
    let history: Int
    let iteration: Int

    /// One group after another start; all its rollouts take their steps together, so that a network answers them at once.
    ///
    /// Where it starts and what each rollout draws comes from streams of their own, named by iteration, group and rollout.
    ///
    /// - Parameters:
    ///   - pass: of the policy, for as many samples as there are rollouts.
    ///   - reference: of the reference, for `chunk` samples.
    func group(
        _ group: Int, _ pass: NetworkPass<Float>, reference: NetworkPass<Float>, chunk: Int
    ) throws(LearningError) -> [Trajectory] {
        var origin = SeededGenerator(seed: settings.seed, stream: "start \(iteration)/\(group)")
        let start = min(Int(origin.uniform() * Double(environment.startCount)), environment.startCount - 1)
        let first = try CheckedEnvironment(environment, start: start)
        var environments = Array(repeating: first, count: settings.rollouts)
        var random = environments.indices.map {
            SeededGenerator(seed: settings.seed, stream: "rollout \(iteration)/\(group)/\($0)")
        }
        let trajectories = environments.indices.map { _ in
            Trajectory(prior: first.prior, inputs: environment.inputs, actions: environment.actions, steps: 64)
        }
        var running = Array(environments.indices)
        for step in 0..<settings.stepLimit where !running.isEmpty {
            for rollout in running { trajectories[rollout].see(environments[rollout].observation) }
            let logits = pass.forward(running.map { trajectories[$0].input(at: step, history: history) })
            for (row, rollout) in running.enumerated() {
                let action = draw(logits.row(row), trajectories[rollout], &random[rollout])
                trajectories[rollout].take(action, reward: try environments[rollout].take(action))
            }
            running.removeAll { environments[$0].isDone }
        }
        for rollout in running { trajectories[rollout].extend(reward: try environments[rollout].cut()) }
        for (trajectory, environment) in zip(trajectories, environments) { trajectory.turnover = environment.turnover }
        for trajectory in trajectories { judge(trajectory, reference, chunk) }
        return trajectories
    }

    private func draw(
        _ logits: UnsafePointer<Float>, _ trajectory: Trajectory, _ random: inout SeededGenerator
    ) -> Int {
        let allowed = trajectory.allowed[trajectory.steps]
        let logarithms = trajectory.old.grow(by: environment.actions)
        Distribution.logarithms(of: logits, count: environment.actions, allowed, to: logarithms)
        return Distribution.draw(
            random.uniform(), logarithms: logarithms, count: environment.actions, allowed)
    }

    /// ln π of the reference at every step.
    private func judge(_ trajectory: Trajectory, _ reference: NetworkPass<Float>, _ chunk: Int) {
        for first in stride(from: 0, to: trajectory.steps, by: chunk) {
            let steps = first..<min(first + chunk, trajectory.steps)
            let logits = reference.forward(steps.map { trajectory.input(at: $0, history: history) })
            for (row, step) in steps.enumerated() {
                let logarithms = trajectory.reference.grow(by: environment.actions)
                Distribution.logarithms(
                    of: logits.row(row), count: environment.actions, trajectory.allowed[step], to: logarithms)
            }
        }
    }
}
