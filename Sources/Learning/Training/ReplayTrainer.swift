public import Core
public import Policy

/// What was seen, done, and came of it, with no siblings to compare it with.
public struct Experience: Hashable, Sendable {
    public let state: [Float]
    public let action: Int
    /// Of the policy that acted, one per action.
    public let logits: [Float]
    /// Net log return of all that came of it.
    public let reward: Double

    public init(state: [Float], action: Int, logits: [Float], reward: Double) {
        (self.state, self.action, self.logits, self.reward) = (state, action, logits, reward)
    }
}

/// Changes a copy of a policy along experience that the policy itself has made: its challenger.
///
/// Every experience answers for its own reward, relative to the mean of those that are looked at and in units of their
/// deviation; the ratio to the policy that acted is clipped, and the divergence from it is what keeps the challenger near. There
/// are no siblings from the same start as in training, so the signal is weak and the bond is what bounds the harm. For
/// networks without history: of that, live evidence keeps a digest only.
public final class ReplayTrainer {
    public let settings: TrainingSettings
    public let configuration: Digest
    /// How often it was changed.
    public var updates: Int { state.iteration }
    private let layout: ParameterLayout
    private let engine: GradientEngine
    private let inputs: Int
    private var state: TrainingState

    /// Begins with the champion's weights.
    public convenience init(
        champion tensors: [Tensor], settings: TrainingSettings, configuration: Digest
    ) throws(LearningError) {
        let layout = ParameterLayout(tensors)
        guard let parameters = layout.values(of: tensors) else {
            throw .unfit("the network has a tensor twice, in two shapes")
        }
        try self.init(
            layout, TrainingState(parameters: parameters, reference: parameters), settings, configuration)
    }

    private init(
        _ layout: ParameterLayout, _ state: TrainingState, _ settings: TrainingSettings, _ configuration: Digest
    ) throws(LearningError) {
        try settings.validate()
        let network: Network
        do { network = try Network(layout.tensors(of: state.parameters) + layout.constants, heads: nil) } catch {
            throw .network(error)
        }
        guard network.family == .perceptron else {
            throw .unfit("the network takes history, of which live evidence keeps a digest only")
        }
        (self.layout, self.state, self.settings, self.configuration) = (layout, state, settings, configuration)
        inputs = network.inputs
        engine = GradientEngine(layout, network, history: 0, rollouts: 1)
    }

    public var tensors: [Tensor] { layout.tensors(of: state.parameters) + layout.constants }

    /// Everything that going on takes.
    public func checkpoint() -> [UInt8] {
        TrainingCheckpoint(
            layout: layout, state: state, heads: nil, history: 0, settings: settings, configuration: configuration
        ).bytes
    }

    public static func resume(
        _ bytes: [UInt8], settings: TrainingSettings, configuration: Digest
    ) throws(LearningError) -> ReplayTrainer {
        let stored = try TrainingCheckpoint(bytes, settings: settings, configuration: configuration)
        return try ReplayTrainer(stored.layout, stored.state, settings, configuration)
    }

    /// One update along a drawn part of the experience.
    ///
    /// - Parameter count: how many are drawn, each at most once; all of them if there are no more.
    /// - Returns: `nil` where nothing is to be learned: fewer than two, or all with the same reward. An update that changed the
    ///   weights not once, as the very first look was beyond the limit of drift, is none either and is not counted.
    /// - Throws: ``LearningError``; then nothing has changed.
    public func update(_ experience: [Experience], drawing count: Int) throws(LearningError) -> IterationRecord.Update?
    {
        let actions = engine.network.actions
        for item in experience {
            let isSound =
                item.state.count == inputs && item.logits.count == actions && (0..<actions).contains(item.action)
                && item.reward.isFinite && (item.state + item.logits).allSatisfy(\.isFinite)
            guard isSound else { throw .unfit("an experience is not of this network, or not finite") }
        }
        let drawn = draw(experience, count)
        let mean = drawn.reduce(0) { $0 + $1.reward } / Double(max(drawn.count, 1))
        let squares = drawn.reduce(0) { $0 + ($1.reward - mean) * ($1.reward - mean) }
        let deviation = (squares / Double(max(drawn.count - 1, 1))).squareRoot()
        guard drawn.count > 1, deviation > 1e-12 else { return nil }
        var next = state
        engine.load(next.parameters, into: engine.network)
        let states = FloatStore(capacity: drawn.count * inputs)
        let (old, before) = (FloatStore(capacity: drawn.count * actions), FloatStore(capacity: drawn.count * actions))
        let present = try present()
        for item in drawn {
            states.append(item.state)
            append(item.logits, to: old)
            do { try present.evaluate(item.state, history: []) } catch { throw .network(error) }
            append(present.logits, to: before)
        }
        let samples = drawn.enumerated().map { index, item in
            let logarithms = UnsafePointer(old.start + index * actions)
            let seen = UnsafePointer(states.start + index * inputs)
            return LossSample<Float>(
                input: NetworkInput(state: seen, history: seen, historyRows: 0), allowed: .all(actions),
                action: item.action, advantage: Float((item.reward - mean) / deviation), old: logarithms,
                reference: logarithms, start: UnsafePointer(before.start + index * actions))
        }
        let update = try withExtendedLifetime((states, old, before)) { () throws(LearningError) in
            try WeightUpdate(engine: engine, layout: layout, settings: settings).run(samples, &next, Workers(1))
        }
        guard let update, update.count > 0 else { return update }
        next.iteration += 1
        state = next
        return update
    }

    /// The weights as they stand. Drift is measured from them, not from the champion: he is another's standard, and a challenger
    /// that has once left him by more than the limit would never move again. What keeps it near is the divergence.
    private func present() throws(LearningError) -> Evaluator {
        do { return try Evaluator(try Network(tensors, heads: nil), history: 0) } catch { throw .network(error) }
    }

    /// Logarithms of the probabilities that logits stand for.
    private func append(_ logits: [Float], to store: FloatStore) {
        let target = store.grow(by: logits.count)
        logits.withUnsafeBufferPointer { logits in
            guard let start = logits.baseAddress else { return }
            Distribution.logarithms(of: start, count: logits.count, .all(logits.count), to: target)
        }
    }

    private func draw(_ experience: [Experience], _ count: Int) -> [Experience] {
        guard experience.count > count else { return experience }
        var random = SeededGenerator(seed: settings.seed, stream: "replay \(state.iteration)")
        var items = experience
        random.shuffle(&items)
        return Array(items.prefix(count))
    }
}
