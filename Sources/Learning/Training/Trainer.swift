public import Core
public import Policy

/// Group Relative Policy Optimization: groups of rollouts from the same start, advantages relative to the group, clipped
/// ratios, and a bond to a reference policy. No critic.
///
/// Everything that is drawn comes from streams named by iteration, group and rollout, every sum has one order, and nothing
/// depends on which thread does what: the same settings give the same weights, to the last bit, on any number of threads,
/// and after any interruption.
public final class Trainer<Environment: TrainingEnvironment> {
    public let settings: TrainingSettings
    /// What it trains on, as the caller names it: bars, costs, limits. Training is resumed only on the same.
    public let configuration: Digest
    /// Of the transformer's attention.
    public let heads: Int?
    /// Rows of history that the network is given; 0 for a network that takes none.
    public let history: Int
    /// How many are done.
    public var iteration: Int { state.iteration }

    private let environment: Environment
    private let layout: ParameterLayout
    private let engine: GradientEngine
    private(set) var state: TrainingState

    /// - Parameters:
    ///   - tensors: the network to begin with: ``NewNetwork``'s, or a policy's. A value network in it is dropped.
    ///   - reference: the policy that the trained one is bound to; `nil` for itself as it begins.
    /// - Throws: ``LearningError`` if settings, network and environment do not fit each other.
    public convenience init(
        _ environment: Environment, tensors: [Tensor], heads: Int? = nil, history: Int = 0,
        reference: [Tensor]? = nil, settings: TrainingSettings, configuration: Digest
    ) throws(LearningError) {
        let layout = ParameterLayout(tensors)
        guard let parameters = layout.values(of: tensors) else {
            throw .unfit("the network has a tensor twice, in two shapes")
        }
        guard let bond = layout.values(of: reference ?? tensors) else {
            throw .unfit("the reference has other tensors than the network; it has to be of the same shape")
        }
        try self.init(
            environment, layout, TrainingState(parameters: parameters, reference: bond), heads: heads,
            history: history, settings: settings, configuration: configuration)
    }

    init(
        _ environment: Environment, _ layout: ParameterLayout, _ state: TrainingState, heads: Int?, history: Int,
        settings: TrainingSettings, configuration: Digest
    ) throws(LearningError) {
        try settings.validate()
        let network: Network
        do {
            network = try Network(layout.tensors(of: state.parameters) + layout.constants, heads: heads)
            _ = try Network(layout.tensors(of: state.reference) + layout.constants, heads: heads)
            // Refuses a history that the network does not take.
            _ = try Evaluator(network, history: history)
        } catch { throw .network(error) }
        guard network.inputs == environment.inputs, network.actions == environment.actions else {
            throw .unfit(
                "the network takes \(network.inputs) numbers for \(network.actions) actions, and the environment gives "
                    + "\(environment.inputs) for \(environment.actions)")
        }
        guard environment.startCount > 0 else { throw .unfit("the environment has no place to start from") }
        (self.environment, self.layout, self.state) = (environment, layout, state)
        (self.settings, self.configuration) = (settings, configuration)
        (self.heads, self.history) = (network.heads, history)
        engine = GradientEngine(layout, network, history: history, rollouts: settings.rollouts)
    }

    /// The trained network as `Policy` reads it.
    public var tensors: [Tensor] { layout.tensors(of: state.parameters) + layout.constants }

    /// Everything that resuming takes.
    public func checkpoint() -> [UInt8] {
        TrainingCheckpoint(
            layout: layout, state: state, heads: heads, history: history, settings: settings,
            configuration: configuration
        ).bytes
    }

    /// Goes on where a checkpoint was written.
    ///
    /// - Throws: ``LearningError/differs(field:checkpoint:running:)`` for other settings or another configuration,
    ///   ``LearningError/checkpoint(problem:)`` for what is no checkpoint or a damaged one.
    public static func resume(
        _ bytes: [UInt8], _ environment: Environment, settings: TrainingSettings, configuration: Digest
    ) throws(LearningError) -> Trainer {
        let stored = try TrainingCheckpoint(bytes, settings: settings, configuration: configuration)
        return try Trainer(
            environment, stored.layout, stored.state, heads: stored.heads, history: stored.history,
            settings: settings, configuration: configuration)
    }

    /// One iteration: rollouts, then some epochs over their steps.
    ///
    /// - Parameter threads: how many work at once; no result depends on it.
    /// - Throws: ``LearningError``; then nothing has changed.
    public func iterate(threads: Int = 1) throws(LearningError) -> IterationRecord {
        let workers = Workers(threads)
        var next = state
        let groups = try collect(workers)
        let (samples, skipped, scale) = judge(groups, &next)
        let update = try WeightUpdate(engine: engine, layout: layout, settings: settings).run(samples, &next, workers)
        next.iteration += 1
        if settings.referenceRefresh > 0, next.iteration.isMultiple(of: settings.referenceRefresh) {
            next.reference = next.parameters
        }
        let record = record(groups, skipped: skipped, scale: scale, update)
        state = next
        return record
    }
}

// MARK: The parts of an iteration

extension Trainer {
    private func collect(_ workers: Workers) throws(LearningError) -> [[Trajectory]] {
        engine.load(state.parameters, into: engine.network)
        engine.load(state.reference, into: engine.reference)
        let collector = Collector(
            environment: environment, settings: settings, history: history, iteration: state.iteration)
        let (desks, chunk) = (engine.desks(workers.count), engine.chunk)
        let results = workers.map(settings.groups) { group, worker in
            Result<[Trajectory], LearningError> { () throws(LearningError) in
                try collector.group(group, desks[worker].pass, reference: desks[worker].reference, chunk: chunk)
            }
        }
        var groups: [[Trajectory]] = []
        for result in results { groups.append(try result.get()) }
        return groups
    }

    /// The steps of all groups that have spread, with their advantages.
    private func judge(
        _ groups: [[Trajectory]], _ state: inout TrainingState
    ) -> (samples: [LossSample<Float>], skipped: Int, scale: Double) {
        let advantages = groups.map { settings.advantage.advantages($0.map(\.rewards)) }
        let all = advantages.compactMap { $0 }.joined().joined()
        var scale = 1.0
        if settings.advantage.scale == .running, !all.isEmpty {
            let meanSquare = all.reduce(0) { $0 + $1 * $1 } / Double(all.count)
            state.scale.add(meanSquare: meanSquare, decay: settings.scaleDecay)
            scale = state.scale.value
        }
        var samples: [LossSample<Float>] = []
        for (group, advantages) in zip(groups, advantages) {
            guard let advantages else { continue }
            for (trajectory, advantages) in zip(group, advantages) {
                for step in 0..<trajectory.steps {
                    samples.append(
                        trajectory.sample(at: step, history: history, advantage: advantages[step] / scale))
                }
            }
        }
        return (samples, advantages.count { $0 == nil }, scale)
    }

    private func record(
        _ groups: [[Trajectory]], skipped: Int, scale: Double, _ update: IterationRecord.Update?
    ) -> IterationRecord {
        let returns = groups.map { $0.map(\.totalReturn) }
        let all = Array(returns.joined())
        let turnover = groups.joined().reduce(0) { $0 + $1.turnover } / Double(all.count)
        return IterationRecord(
            iteration: state.iteration, steps: groups.joined().reduce(0) { $0 + $1.steps },
            meanReturn: Moments(all).mean, returnDeviation: Moments(all).deviation,
            groupDeviation: Moments(returns.map { Moments($0).deviation }).mean, turnover: turnover,
            skippedGroups: skipped, advantageScale: scale,
            learningRate: settings.learningRate.value(at: state.iteration),
            entropyWeight: settings.entropyWeight.value(at: state.iteration), update: update)
    }
}

/// Mean and standard deviation (n − 1).
private struct Moments {
    let mean: Double
    let deviation: Double

    init(_ values: [Double]) {
        let mean = values.reduce(0, +) / Double(max(values.count, 1))
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        (self.mean, deviation) = (mean, (squares / Double(max(values.count - 1, 1))).squareRoot())
    }
}
