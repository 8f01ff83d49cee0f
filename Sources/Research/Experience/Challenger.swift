public import Core
public import Cycle
public import Learning
public import Policy

/// The policy that learns from what the champion lives through. It lies beside the champion under a name of its own, decides nothing
/// unless somebody names it in the configuration, and never writes the champion's files.
public struct Challenger {
    public static let suffix = "-challenger"

    /// Where it stands.
    public struct Standing: Hashable, Sendable {
        public let updates: Int
        /// The newest decision that has counted; `nil` before the first update.
        public let through: CycleID?
    }

    /// What came of a look at the buffer.
    public enum Outcome: Hashable, Sendable {
        case learned(IterationRecord.Update)
        /// An update whose policy a crash had left unwritten.
        case finished
        /// Too little, or the same reward everywhere; nothing was written.
        case nothing
    }

    public let champion: Policy
    public let files: PolicyFiles
    private let championTensors: [Tensor]
    private let settings: TrainingSettings
    private let version: String

    /// - Parameters:
    ///   - championFiles: where the champion lies.
    ///   - settings: of an update; `batch` is what one draws.
    public init(of championFiles: PolicyFiles, settings: TrainingSettings, version: String) throws {
        champion = try championFiles.load()
        let folder = championFiles.sidecar.dropLast(PolicyFiles.last(championFiles.sidecar).count)
        championTensors = try Checkpoint.read(
            try FileWriting.read(folder + champion.sidecar.weights.file, limit: Checkpoint.sizeLimit)
        ).tensors
        let base = championFiles.sidecar.dropLast(PolicyFiles.sidecarSuffix.count)
        files = PolicyFiles(sidecar: base + Self.suffix + PolicyFiles.sidecarSuffix)
        (self.settings, self.version) = (settings, version)
    }

    /// The state of learning lies beside its policy.
    private var checkpointPath: String {
        files.sidecar.dropLast(PolicyFiles.sidecarSuffix.count) + ".learning" + PolicyFiles.weightsSuffix
    }

    /// Learning goes on for one champion and one set of settings; with another it begins anew.
    private var configuration: Digest { Digest(of: "challenger of \(champion.sidecar.digest.hex)") }

    public func standing() throws -> Standing {
        guard FileWriting.exists(files.sidecar) else { return Standing(updates: 0, through: nil) }
        let sidecar = try files.load().sidecar
        guard sidecar.note("champion") == champion.sidecar.digest.hex else { return Standing(updates: 0, through: nil) }
        return Standing(
            updates: sidecar.note("updates").flatMap { Int($0) } ?? 0,
            through: sidecar.note("through").flatMap { CycleID($0) })
    }

    /// One update along the buffer, written as a policy of its own.
    ///
    /// - Parameter experience: oldest first, not empty.
    /// The state is written before the policy. One that is ahead of its policy tells of a crash in between: then the policy is
    /// written, and nothing is learned twice.
    public func update(_ experience: LiveExperience) throws -> Outcome {
        guard let last = experience.items.last else { return .nothing }
        let trainer = try trainer()
        var outcome = Outcome.finished
        if try trainer.updates == standing().updates {
            guard let update = try trainer.update(experience.items.map(\.experience), drawing: settings.batch) else {
                return .nothing
            }
            try FileWriting.replace(checkpointPath, with: trainer.checkpoint(), isDurable: true)
            outcome = .learned(update)
        }
        _ = try policy(trainer, experience.items.count, through: last.cycle).write()
        return outcome
    }

    private func trainer() throws -> ReplayTrainer {
        if FileWriting.exists(checkpointPath) {
            let bytes = try FileWriting.read(checkpointPath, limit: Checkpoint.sizeLimit)
            do { return try ReplayTrainer.resume(bytes, settings: settings, configuration: configuration) } catch {
                guard case .differs = error else { throw error }
            }
        }
        return try ReplayTrainer(champion: championTensors, settings: settings, configuration: configuration)
    }

    private func policy(_ trainer: ReplayTrainer, _ count: Int, through: CycleID) throws -> TrainedPolicy {
        let weights = Safetensors.bytes(of: trainer.tensors)
        let network = try Network(trainer.tensors, heads: nil)
        let own = champion.sidecar
        let notes = [
            ("champion", own.digest.hex), ("updates", "\(trainer.updates)"), ("experiences", "\(count)"),
            ("through", through.text),
        ]
        let sidecar = try PolicySidecar(
            name: files.name, network: network, history: 0, actions: own.actions,
            weights: .init(file: String(PolicyFiles.last(files.weights)), digest: Digest(of: weights)),
            features: own.features, normaliser: own.normaliser, timeframe: own.timeframe, training: own.training,
            provenance: .init(
                source: "takt learn", digest: own.weights.digest, format: .safetensors,
                notes: (notes + settings.fields.map { ($0.key, $0.text) }).map { Checkpoint.Note($0.0, $0.1) },
                version: version), golden: try GoldenVector.record(try Evaluator(network, history: 0)))
        let text = sidecar.json.utf8 + [UInt8(ascii: "\n")]
        let policy = try Policy.load(sidecar: text, weights: weights)
        return TrainedPolicy(files: files, policy: policy, sidecar: text, weights: weights, picture: nil)
    }
}

extension PolicySidecar {
    fileprivate func note(_ key: String) -> String? { provenance.notes.first { $0.key == key }?.text }
}
