/// Floats that stay where they are while nobody appends.
final class FloatStore {
    private(set) var start: UnsafeMutablePointer<Float>
    private(set) var count = 0
    private var capacity: Int

    init(capacity: Int) {
        self.capacity = max(capacity, 64)
        start = .allocate(capacity: self.capacity)
    }

    deinit { start.deallocate() }

    /// Room for some more, yet without a value.
    func grow(by added: Int) -> UnsafeMutablePointer<Float> {
        if count + added > capacity {
            capacity = max(2 * capacity, count + added)
            let larger = UnsafeMutablePointer<Float>.allocate(capacity: capacity)
            larger.update(from: start, count: count)
            start.deallocate()
            start = larger
        }
        defer { count += added }
        return start + count
    }

    func append(_ values: [Float]) {
        let place = grow(by: values.count)
        for (index, value) in values.enumerated() { place[index] = value }
    }
}

/// What one rollout saw and did.
final class Trajectory {
    /// Rows: those before the episode, then one per step.
    let states: FloatStore
    let inputs: Int
    let actionCount: Int
    private let priorRows: Int
    private(set) var actions: [Int] = []
    private(set) var allowed: [ActionMask] = []
    private(set) var rewards: [Double] = []
    /// ln π of every action at every step, then and of the reference.
    let old: FloatStore
    let reference: FloatStore
    var turnover = 0.0

    init(prior: [Float], inputs: Int, actions: Int, steps: Int) {
        (self.inputs, actionCount, priorRows) = (inputs, actions, prior.count / inputs)
        states = FloatStore(capacity: prior.count + steps * inputs)
        old = FloatStore(capacity: steps * actions)
        reference = FloatStore(capacity: steps * actions)
        states.append(prior)
    }

    var steps: Int { actions.count }
    var totalReturn: Double { rewards.reduce(0, +) }

    func see(_ observation: Observation) {
        states.append(observation.state)
        allowed.append(observation.allowed)
    }

    func take(_ action: Int, reward: Double) {
        actions.append(action)
        rewards.append(reward)
    }

    /// What came after the last step and belongs to it.
    func extend(reward: Double) {
        if let last = rewards.indices.last { rewards[last] += reward }
    }

    /// Valid until the next observation.
    ///
    /// - Parameter history: the most rows.
    func input(at step: Int, history: Int) -> NetworkInput<Float> {
        let state = states.start + (priorRows + step) * inputs
        let rows = min(history, priorRows + step)
        return NetworkInput(state: state, history: UnsafePointer(state - rows * inputs), historyRows: rows)
    }

    func sample(at step: Int, history: Int, advantage: Double) -> LossSample<Float> {
        LossSample(
            input: input(at: step, history: history), allowed: allowed[step], action: actions[step],
            advantage: Float(advantage), old: UnsafePointer(old.start + step * actionCount),
            reference: UnsafePointer(reference.start + step * actionCount))
    }
}
