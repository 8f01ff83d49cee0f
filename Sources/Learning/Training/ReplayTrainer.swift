public import Core
public import Policy

/// What was seen, done, and came of it, with no siblings to compare it with.
public struct Experience: Hashable, Sendable {
    public let state: [Float]
    /// Rows × inputs before the state, oldest first; empty for a network that takes none.
    public let history: [Float]
    public let action: Int
    /// Of the policy that acted, one per action.
    public let logits: [Float]
    /// Net log return of all that came of it.
    public let reward: Double

    public init(state: [Float], history: [Float] = [], action: Int, logits: [Float], reward: Double) {
        (self.state, self.history, self.action) = (state, history, action)
        (self.logits, self.reward) = (logits, reward)
    }
}

/// Changes a copy of a policy along experience that the policy itself has made: its challenger.
///
/// Every experience answers for its own reward, relative to the mean of those that are looked at and in units of their
/// deviation; the ratio to the policy that acted is clipped, and the divergence from it is what keeps the challenger near. There
/// are no siblings from the same start as in training, so the signal is weak and the bond is what bounds the harm.
public final class ReplayTrainer {
    public let settings: TrainingSettings
    public let configuration: Digest
    /// How often it was changed.
    public var updates: Int { state.iteration }
    private let layout: ParameterLayout
    private let engine: GradientEngine
    private let inputs: Int
    /// Of a transformer, which no weight shows.
    private let heads: Int?
    /// Rows.
    private let history: Int
    private var state: TrainingState

    /// Begins with the champion's weights.
    ///
    /// - Parameters:
    ///   - heads: of a transformer.
    ///   - history: rows that it takes; every experience has as many.
    public convenience init(
        champion tensors: [Tensor], heads: Int? = nil, history: Int = 0, settings: TrainingSettings,
        configuration: Digest
    ) throws(LearningError) {
        let layout = ParameterLayout(tensors)
        guard let parameters = layout.values(of: tensors) else {
            throw .unfit("the network has a tensor twice, in two shapes")
        }
        try self.init(
            layout, TrainingState(parameters: parameters, reference: parameters), heads: heads, history: history,
            settings, configuration)
    }

    private init(
        _ layout: ParameterLayout, _ state: TrainingState, heads: Int?, history: Int, _ settings: TrainingSettings,
        _ configuration: Digest
    ) throws(LearningError) {
        try settings.validate()
        let network: Network
        do {
            network = try Network(layout.tensors(of: state.parameters) + layout.constants, heads: heads)
            _ = try Evaluator(network, history: history)
        } catch { throw .network(error) }
        (self.layout, self.state, self.settings, self.configuration) = (layout, state, settings, configuration)
        (self.heads, self.history) = (heads, history)
        inputs = network.inputs
        engine = GradientEngine(layout, network, history: history, rollouts: 1)
    }

    public var tensors: [Tensor] { layout.tensors(of: state.parameters) + layout.constants }

    /// Everything that going on takes.
    public func checkpoint() -> [UInt8] {
        TrainingCheckpoint(
            layout: layout, state: state, heads: heads, history: history, settings: settings,
            configuration: configuration
        ).bytes
    }

    public static func resume(
        _ bytes: [UInt8], settings: TrainingSettings, configuration: Digest
    ) throws(LearningError) -> ReplayTrainer {
        let stored = try TrainingCheckpoint(bytes, settings: settings, configuration: configuration)
        return try ReplayTrainer(
            stored.layout, stored.state, heads: stored.heads, history: stored.history, settings, configuration)
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
                item.state.count == inputs && item.history.count == history * inputs && item.logits.count == actions
                && (0..<actions).contains(item.action) && item.reward.isFinite
                && [item.state, item.history, item.logits].allSatisfy { $0.allSatisfy(\.isFinite) }
            guard isSound else { throw .unfit("an experience is not of this network, or not finite") }
        }
        let drawn = draw(experience, count)
        let mean = drawn.reduce(0) { $0 + $1.reward } / Double(max(drawn.count, 1))
        let squares = drawn.reduce(0) { $0 + ($1.reward - mean) * ($1.reward - mean) }
        let deviation = (squares / Double(max(drawn.count - 1, 1))).squareRoot()
        guard drawn.count > 1, deviation > 1e-12 else { return nil }
        var next = state
        engine.load(next.parameters, into: engine.network)
        // What a sample looks back on lies right before its state.
        let width = (history + 1) * inputs
        let seen = FloatStore(capacity: drawn.count * width)
        let (old, before) = (FloatStore(capacity: drawn.count * actions), FloatStore(capacity: drawn.count * actions))
        let present = try present()
        for item in drawn {
            seen.append(item.history)
            seen.append(item.state)
            append(item.logits, to: old)
            do { try present.evaluate(item.state, history: item.history) } catch { throw .network(error) }
            append(present.logits, to: before)
        }
        let samples = drawn.enumerated().map { index, item in
            let logarithms = UnsafePointer(old.start + index * actions)
            let rows = UnsafePointer(seen.start + index * width)
            return LossSample<Float>(
                input: NetworkInput(state: rows + history * inputs, history: rows, historyRows: history),
                allowed: .all(actions),
                action: item.action, advantage: Float((item.reward - mean) / deviation), old: logarithms,
                reference: logarithms, start: UnsafePointer(before.start + index * actions))
        }
        let update = try withExtendedLifetime((seen, old, before)) { () throws(LearningError) in
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
        do { return try Evaluator(try Network(tensors, heads: heads), history: history) } catch {
            throw .network(error)
        }
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
