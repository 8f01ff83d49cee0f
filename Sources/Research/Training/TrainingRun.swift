public import Core
public import Cycle
internal import Features
public import Learning
internal import Policy

/// A training from its first iteration, or its newest checkpoint, to a policy that trades.
public final class TrainingRun {
    public let plan: TrainingPlan
    public let market: TrainingMarket
    /// Where the policy will lie.
    public let files: PolicyFiles
    /// The iteration that was gone on from; `nil` for a new training.
    public let resumedFrom: Int?
    /// A point per iteration, the earlier ones as they were recorded.
    public private(set) var curve: [JSONValue]
    /// Where an episode may begin.
    public let startCount: Int
    private let trainer: Trainer<MarketEnvironment>
    private let folder: TrainingFolder
    private let version: String
    /// Held while the run lives: two of them would write each other's checkpoints.
    private let lock: StepLock?

    /// - Parameters:
    ///   - resumes: whether to go on from the newest checkpoint, where there is one. It may also write over the policy of the
    ///     same training.
    ///   - replaces: whether to write over any policy.
    ///   - isDryRun: nothing will be trained, and nothing is written.
    ///   - version: of the program, for the policy's provenance.
    ///   - holder: how this process describes itself to another one that wants the same.
    /// - Throws: ``MarketError``, ``LearningError``; ``TrainingRefusal`` where checkpoints of an earlier training lie in the
    ///   way, or another process is at it.
    public init(
        _ plan: TrainingPlan, on market: TrainingMarket, to files: PolicyFiles, resumes: Bool, replaces: Bool = false,
        isDryRun: Bool = false, version: String, holder: String
    ) throws {
        (self.plan, self.market, self.files, self.version) = (plan, market, files, version)
        folder = TrainingFolder(path: Self.folder(of: files))
        lock = isDryRun ? nil : try folder.lock(holder)
        let environment = try MarketEnvironment(
            market.tapes, market.computer, market.rules, sessions: plan.episodeSessions, history: plan.rows)
        startCount = environment.startCount
        let configuration = market.configuration(plan)
        let newest = folder.iterations.last
        if let newest, !resumes { throw TrainingRefusal.underWay(folder.path, iteration: newest) }
        if let newest {
            let checkpoint = try folder.checkpoint(newest)
            do {
                trainer = try Trainer.resume(
                    checkpoint, environment, settings: plan.settings, configuration: configuration)
            } catch {
                // Two digests tell nobody what to change.
                guard case .differs("configuration", _, _) = error else { throw error.naming(folder.file(newest)) }
                throw try folder.difference(from: market.conditions(plan)) ?? error
            }
            curve = try folder.curve(before: newest)
        } else {
            trainer = try Trainer(
                environment, tensors: try plan.newNetwork(inputs: environment.inputs, actions: environment.actions),
                heads: plan.attentionHeads, history: plan.rows, settings: plan.settings, configuration: configuration)
            curve = []
        }
        resumedFrom = newest
        // Better now than when everything is trained.
        if !replaces, FileWriting.exists(files.sidecar) {
            guard resumes, try hasWritten(files.sidecar) else { throw TrainingRefusal.exists(files.sidecar) }
        }
    }

    /// Whether a policy came of this very training, at whatever iteration: of the same market, plan, settings and seed.
    private func hasWritten(_ sidecar: String) throws -> Bool {
        // What cannot be read is certainly not known to be ours.
        guard let made = try? Policy.sidecar(FileWriting.read(sidecar, limit: PolicySidecar.sizeLimit)).provenance
        else { return false }
        let isOfSettings = plan.settings.fields.allSatisfy { field in
            made.notes.contains { $0.key == field.key && $0.text == field.text }
        }
        return made.source == Self.source && made.digest == trainer.configuration && isOfSettings
    }

    /// Where a policy of a training says that it comes from.
    private static let source = "takt train"

    /// The folder of a policy's checkpoints.
    public static func folder(of files: PolicyFiles) -> String {
        files.sidecar.dropLast(PolicyFiles.sidecarSuffix.count) + TrainingFolder.suffix
    }

    /// Trains until all iterations are done.
    ///
    /// - Parameters:
    ///   - threads: how many work at once; nothing of the outcome depends on it.
    ///   - stop: asked after every iteration. What was trained is put on record before it ends the run.
    ///   - progress: told after every iteration.
    public func train(
        threads: Int, stop: StopSignal, progress: (IterationRecord) -> Void = { _ in }
    ) throws -> TrainedPolicy {
        while trainer.iteration < plan.iterations {
            let record = try trainer.iterate(threads: threads)
            curve.append(record.json)
            do { try stop.checkpoint() } catch {
                try save()
                throw StepFailure(
                    code: error.code, message: error.message,
                    hint: "What was trained is on record; run the same command with --resume to carry on.",
                    isRetryable: error.isRetryable, exitCode: error.exitCode)
            }
            if trainer.iteration.isMultiple(of: plan.checkpointEvery) || trainer.iteration == plan.iterations {
                try save()
            }
            progress(record)
        }
        return try policy()
    }

    private func save() throws {
        try folder.write(conditions: market.conditions(plan))
        try folder.write(
            trainer.checkpoint(), trainer.iteration, curve: curve,
            keeping: Retention(newest: plan.checkpoints, best: 1))
    }

    private func policy() throws -> TrainedPolicy {
        let weights = Safetensors.bytes(of: trainer.tensors)
        let network = try Network(trainer.tensors, heads: trainer.heads)
        let evaluator = try Evaluator(network, history: trainer.history)
        let sidecar = try PolicySidecar(
            name: files.name, network: network, history: trainer.history,
            weights: .init(file: try files.weightsFile(for: weights), digest: Digest(of: weights)),
            features: market.computer.spec, normaliser: market.computer.normaliser, timeframe: market.rules.timeframe,
            training: market.span,
            provenance: .init(
                source: Self.source, digest: trainer.configuration, format: .safetensors, notes: notes,
                version: version), golden: try GoldenVector.record(evaluator))
        let text = sidecar.json.utf8 + [UInt8(ascii: "\n")]
        // As the next reader will: what cannot be read back is not written.
        let policy = try Policy.load(sidecar: text, weights: weights)
        return TrainedPolicy(files: files, policy: policy, sidecar: text, weights: weights, picture: picture(network))
    }

    private var notes: [Checkpoint.Note] {
        let own = [
            ("iterations", "\(trainer.iteration)"), ("bars", market.barsDigest.hex),
            ("bar_count", "\(market.barCount)"), ("starts", "\(startCount)"),
        ]
        return (own + plan.fields + plan.settings.fields).map { Checkpoint.Note($0.0, $0.1) }
    }

    private func picture(_ network: Network) -> [UInt8] {
        let symbols = market.span.symbols.map(\.text).joined(separator: ", ")
        let note =
            "\(network.family.rawValue) \(network.text) · \(symbols) \(market.span.timeframe), "
            + "\(market.span.first) to \(market.span.last) · seed \(plan.settings.seed)"
        return Array(LearningCurve(curve).svg(title: "\(files.name): \(trainer.iteration) iterations", note: note).utf8)
    }
}

/// What a training refuses to run over.
public enum TrainingRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case underWay(String, iteration: Int)
    case busy(String, holder: String)
    /// A policy that this training has not written.
    case exists(String)

    public var description: String {
        switch self {
        case .underWay(let folder, let iteration):
            "the folder \(folder) holds a training that stands at iteration \(iteration)"
        case .busy(let folder, let holder): "\(holder) trains in \(folder)"
        case .exists(let sidecar): "another policy lies at \(sidecar)"
        }
    }
}
