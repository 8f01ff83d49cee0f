internal import Core
internal import Features
public import Policy
public import Settings

/// Where the two files of a policy lie.
public struct PolicyFiles {
    public static let sidecarSuffix = ".policy.json"
    public static let weightsSuffix = ".safetensors"

    public let sidecar: String

    /// What the sidecar and the weights have in common, without the folder.
    public var name: String { String(Self.last(sidecar).dropLast(Self.sidecarSuffix.count)) }

    /// The file that the sidecar usually names; only reading it tells.
    public var weights: String { sidecar.dropLast(Self.sidecarSuffix.count) + Self.weightsSuffix }

    public init(sidecar: String) { self.sidecar = sidecar }

    /// Where the weights of a policy that lies here are.
    public func weights(of policy: PolicySidecar) -> String { folder + policy.weights.file }

    /// - Parameter text: either file, their common beginning, or a name in the folder `models`.
    /// - Throws: a failure that names the places where nothing was found.
    public init(_ text: String, home: String) throws {
        let candidates: [String]
        if text.hasSuffix(Self.sidecarSuffix) {
            candidates = [text]
        } else if text.hasSuffix(Self.weightsSuffix) {
            candidates = [text.dropLast(Self.weightsSuffix.count) + Self.sidecarSuffix]
        } else {
            candidates = [text + Self.sidecarSuffix, "\(Self.folder(home))/\(text)\(Self.sidecarSuffix)"]
        }
        guard let found = candidates.first(where: FileWriting.exists) else {
            throw StepFailure(
                code: "no-policy",
                message: "There is no policy '\(text)': no \(candidates.joined(separator: " and no ")).",
                hint: "`takt policy list` shows what there is; `takt policy import FILE` brings one.",
                isRetryable: false,
                exitCode: .badInput)
        }
        sidecar = found
    }

    /// Those that the configuration names for an agent.
    ///
    /// - Throws: as ``init(_:home:)``.
    public init(_ named: AgentSettings.Policy, _ settings: Settings) throws {
        let home = settings.paths.home
        let isPlace = named.path.contains("/") && !named.path.hasPrefix("/") && home != "."
        try self.init(isPlace ? "\(home)/\(named.path)" : named.path, home: home)
    }

    /// How many bars the policy looks back, that of the cycle included: over its history, and over the window of the features
    /// of the oldest row.
    ///
    /// - Throws: where its sidecar cannot be read.
    func barsNeeded() throws -> Int {
        let sidecar = try Policy.sidecar(FileWriting.read(sidecar, limit: PolicySidecar.sizeLimit))
        return sidecar.history + (sidecar.features?.window ?? 0)
    }

    public static func folder(_ home: String) -> String { home == "." ? "models" : "\(home)/models" }

    public static func sidecars(in folder: String) -> [PolicyFiles] {
        FileWriting.names(in: folder).filter { $0.hasSuffix(sidecarSuffix) }
            .map { PolicyFiles(sidecar: "\(folder)/\($0)") }
    }

    /// The last part of a path.
    public static func last(_ path: String) -> Substring {
        path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
    }

    /// Both files, read and checked.
    public func load() throws -> Policy { try read().policy }

    /// The same, and the bytes of the weights.
    public func read() throws -> (policy: Policy, weights: [UInt8]) {
        let text = try FileWriting.read(sidecar, limit: PolicySidecar.sizeLimit)
        do { return try read(text) } catch {
            // Another policy may have come in between, and the weights of this one may be gone with it.
            let newer = try FileWriting.read(sidecar, limit: PolicySidecar.sizeLimit)
            guard newer != text else { throw error }
            return try read(newer)
        }
    }

    private func read(_ text: [UInt8]) throws -> (policy: Policy, weights: [UInt8]) {
        do {
            let named = try Policy.sidecar(text).weights.file
            let weights = try FileWriting.read(folder + named, limit: Checkpoint.sizeLimit)
            return (try Policy.load(sidecar: text, weights: weights), weights)
        } catch let error as PolicyError {
            throw Self.refusal(of: sidecar, error)
        }
    }

    public static func refusal(of path: String, _ error: PolicyError) -> StepFailure {
        StepFailure(
            code: "bad-policy", message: "\(path) is refused: \(error).", hint: cure(error), isRetryable: false,
            exitCode: isCall(error) ? .usage : .badInput)
    }

    /// What an option cures.
    private static func isCall(_ error: PolicyError) -> Bool {
        switch error {
        case .headsUnknown, .heads, .history: true
        default: false
        }
    }

    private static func cure(_ error: PolicyError) -> String {
        switch error {
        case .headsUnknown: "Nothing was written. Give --heads; the original's default is 8."
        case .heads: "Nothing was written. Give --heads as it was when the network was trained."
        case .history:
            "Nothing was written. Give --history, the rows it was trained with; leave it out for a perceptron."
        case .forbiddenGlobal, .pickle:
            "Nothing in it was executed and nothing was written. Take weights only from whom you trust."
        case .otherWeights, .golden:
            "Restore the two files together, or import the policy again from where it came."
        case .notACheckpoint, .tooLarge, .archive, .header, .tensor, .missingTensor, .extraTensors, .shape, .notFinite,
            .unknownFamily, .input, .evidence, .differs:
            "Nothing was written. Get the file again from where it came."
        }
    }
}
