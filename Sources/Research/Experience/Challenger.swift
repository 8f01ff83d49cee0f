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
        /// The newest decision by which anything was known that has counted; `nil` before the first update.
        public let through: CycleID?
    }

    /// What came of a look at the buffer.
    public enum Outcome: Hashable, Sendable {
        case learned(IterationRecord.Update)
        /// The same, anew from the champion's weights: what lay there had learned by other settings, or in part only.
        case restarted(IterationRecord.Update)
        /// An update whose policy a crash had left unwritten.
        case finished
        /// Nothing was written, as already the first look was beyond the limit of drift.
        case atBound(IterationRecord.Update)
        /// Too little, or the same reward everywhere; nothing was written.
        case nothing
    }

    public let champion: Policy
    public let files: PolicyFiles
    private let championTensors: [Tensor]
    private let profile: ProfileName
    private let agent: AgentName
    private let settings: TrainingSettings
    private let version: String

    /// - Parameters:
    ///   - championFiles: where the champion lies.
    ///   - profile: whose decisions are learned from, of this agent.
    ///   - settings: of an update; `batch` is what one draws.
    public init(
        of championFiles: PolicyFiles, for profile: ProfileName, _ agent: AgentName, settings: TrainingSettings,
        version: String
    ) throws {
        let (champion, weights) = try championFiles.read()
        self.champion = champion
        championTensors = try Checkpoint.read(weights).tensors
        let base = championFiles.sidecar.dropLast(PolicyFiles.sidecarSuffix.count)
        files = PolicyFiles(sidecar: base + Self.suffix + PolicyFiles.sidecarSuffix)
        (self.profile, self.agent, self.settings, self.version) = (profile, agent, settings, version)
    }

    private var base: Substring { files.sidecar.dropLast(PolicyFiles.sidecarSuffix.count) }

    /// The state of learning lies beside its policy.
    private var checkpointPath: String { base + ".learning" + PolicyFiles.weightsSuffix }

    /// Learning goes on for one champion, one agent of one profile and one set of settings; with others it begins anew.
    private var configuration: Digest {
        let lines = ["challenger of \(champion.sidecar.digest.hex)", "profile \(profile)", "agent \(agent)"]
        return Digest(of: (lines + settings.fields.map { "\($0.key) \($0.text)" }).joined(separator: "\n"))
    }

    /// Held by whoever changes the challenger: two of them would learn from the same decisions twice.
    ///
    /// - Throws: ``ChallengerRefusal/busy(_:holder:)``.
    public func lock(_ holder: String) throws -> StepLock {
        switch try StepLock.acquire(path: base + ".lock", holder: holder) {
        case .acquired(let lock): return lock
        case .busy(let other): throw ChallengerRefusal.busy(files.sidecar, holder: other)
        }
    }

    /// Looks whether the challenger may be written over.
    ///
    /// - Parameter policies: where the policies lie that agents ask.
    /// - Throws: ``ChallengerRefusal``.
    public func requireFree(of policies: [AgentName: PolicyFiles]) throws {
        let own = Set(try places(of: files).map(FileWriting.resolved))
        for (agent, files) in policies.sorted(by: { $0.key < $1.key }) {
            guard own.isDisjoint(with: try places(of: files).map(FileWriting.resolved)) else {
                throw ChallengerRefusal.inUse(self.files.sidecar, by: agent)
            }
        }
        guard let sidecar = try sidecar(), let owner = sidecar.note("profile"), let asker = sidecar.note("agent"),
            owner != profile.text || asker != agent.text
        else { return }
        throw ChallengerRefusal.ofAnother(files.sidecar, profile: ProfileName(owner), agent: AgentName(asker))
    }

    /// The files that a policy has, or would have.
    private func places(of files: PolicyFiles) throws -> [String] {
        guard FileWriting.exists(files.sidecar) else { return [files.sidecar, files.weights] }
        let named = try? Policy.sidecar(FileWriting.read(files.sidecar, limit: PolicySidecar.sizeLimit))
        return [files.sidecar, files.weights] + (named.map { [files.weights(of: $0)] } ?? [])
    }

    /// The sidecar alone: the weights beside it may be those of an update that a crash has cut short.
    private func sidecar() throws -> PolicySidecar? {
        guard FileWriting.exists(files.sidecar) else { return nil }
        let text = try FileWriting.read(files.sidecar, limit: PolicySidecar.sizeLimit)
        do { return try Policy.sidecar(text) } catch { throw PolicyFiles.refusal(of: files.sidecar, error) }
    }

    /// Of the learning that would go on; a challenger of another champion, or by other settings, stands nowhere.
    public func standing() throws -> Standing {
        guard let sidecar = try sidecar(), sidecar.note("configuration") == configuration.hex else {
            return Standing(updates: 0, through: nil)
        }
        return Standing(
            updates: sidecar.note("updates").flatMap { Int($0) } ?? 0,
            through: sidecar.note("through").flatMap { CycleID($0) })
    }

    /// One update along the buffer, written as a policy of its own.
    ///
    /// The state is written before the policy. One that is an update ahead of its policy tells of a crash in between: then the
    /// policy is written, and nothing is learned twice. Where the two have nothing to do with each other, learning begins anew.
    ///
    /// - Parameter experience: oldest first, not empty.
    public func update(_ experience: LiveExperience) throws -> Outcome {
        guard let through = experience.through else { return .nothing }
        let standing = try standing()
        let stored = try storedTrainer()
        if let stored, stored.updates == standing.updates + 1 {
            _ = try policy(stored, experience.items.count, through: through).write()
            return .finished
        }
        let goesOn = stored.map { $0.updates == standing.updates } ?? false
        let isFirst = try stored == nil && !FileWriting.exists(checkpointPath) && sidecar() == nil
        let trainer =
            try (goesOn ? stored : nil)
            ?? ReplayTrainer(
                champion: championTensors, heads: champion.network.heads, history: champion.sidecar.history,
                settings: settings, configuration: configuration)
        guard let update = try trainer.update(experience.items.map(\.experience), drawing: settings.batch) else {
            return .nothing
        }
        guard update.count > 0 else { return .atBound(update) }
        try FileWriting.replace(checkpointPath, with: trainer.checkpoint(), isDurable: true)
        _ = try policy(trainer, experience.items.count, through: through).write()
        return goesOn || isFirst ? .learned(update) : .restarted(update)
    }

    /// The trainer of the last update; `nil` where there was none, or one by other settings.
    private func storedTrainer() throws -> ReplayTrainer? {
        guard FileWriting.exists(checkpointPath) else { return nil }
        let bytes = try FileWriting.read(checkpointPath, limit: Checkpoint.sizeLimit)
        do { return try ReplayTrainer.resume(bytes, settings: settings, configuration: configuration) } catch {
            if case .differs = error { return nil }
            throw error.naming(checkpointPath)
        }
    }

    private func policy(_ trainer: ReplayTrainer, _ count: Int, through: CycleID) throws -> TrainedPolicy {
        let weights = Safetensors.bytes(of: trainer.tensors)
        let own = champion.sidecar
        let network = try Network(trainer.tensors, heads: own.heads)
        let notes = [
            ("champion", own.digest.hex), ("profile", profile.text), ("agent", agent.text),
            ("configuration", configuration.hex), ("updates", "\(trainer.updates)"), ("experiences", "\(count)"),
            ("through", through.text),
        ]
        let sidecar = try PolicySidecar(
            name: files.name, network: network, history: own.history, actions: own.actions,
            weights: .init(file: try files.weightsFile(for: weights), digest: Digest(of: weights)),
            features: own.features, normaliser: own.normaliser, timeframe: own.timeframe, training: own.training,
            provenance: .init(
                source: "takt learn", digest: own.weights.digest, format: .safetensors,
                notes: (notes + settings.fields.map { ($0.key, $0.text) }).map { Checkpoint.Note($0.0, $0.1) },
                version: version), golden: try GoldenVector.record(try Evaluator(network, history: own.history)))
        let text = sidecar.json.utf8 + [UInt8(ascii: "\n")]
        let policy = try Policy.load(sidecar: text, weights: weights)
        return TrainedPolicy(files: files, policy: policy, sidecar: text, weights: weights, picture: nil)
    }
}

extension PolicySidecar {
    fileprivate func note(_ key: String) -> String? { provenance.notes.first { $0.key == key }?.text }
}

/// Why a challenger is left as it is.
public enum ChallengerRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case busy(String, holder: String)
    /// An agent asks it, or its weights.
    case inUse(String, by: AgentName)
    /// It learns from the decisions of another profile, or another agent.
    case ofAnother(String, profile: ProfileName, agent: AgentName)

    public var description: String {
        switch self {
        case .busy(let sidecar, let holder): "\(holder) changes the challenger \(sidecar)"
        case .inUse(let sidecar, let agent): "agent '\(agent)' asks the challenger \(sidecar)"
        case .ofAnother(let sidecar, let profile, let agent):
            "the challenger \(sidecar) learns from what agent '\(agent)' of profile '\(profile)' lives through"
        }
    }
}
