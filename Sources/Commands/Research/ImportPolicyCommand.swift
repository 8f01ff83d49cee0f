internal import ArgumentParser
internal import Core
internal import Cycle
internal import Features
internal import Policy
internal import Settings

extension PolicyCommand {
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a policy of a PyTorch checkpoint or a safetensors file.",
            discussion: """
                Reads tensors and executes nothing. A checkpoint says neither what its inputs are nor how they were scaled: \
                --normaliser gives both (`takt features fit` writes such a file), --features names a list that needs no \
                fitting. Without either the policy can be asked, and trades nowhere. The same call changes nothing.

                Examples: takt policy import grpo.pth --normaliser config/features.json
                          takt policy import deepseek.pth --output models/deepseek --heads 8 --history 50
                """)
        @OptionGroup var global: GlobalOptions
        @Argument(help: .init("A .pth or .safetensors file.", valueName: "file")) var file: String
        @Option(
            name: .long,
            help: .init(
                "Where to: a folder, or the beginning of both files' names; default: the folder models.",
                valueName: "path"))
        var output: String?
        @Option(
            name: .long, help: .init("Attention heads of a transformer, which no weight shows.", valueName: "count"))
        var heads: Int?
        @Option(
            name: .long,
            help: .init("Rows of history of a transformer; default: what the file says.", valueName: "rows"))
        var history: Int?
        @Option(name: .long, help: .init("The normaliser it was trained with.", valueName: "file"))
        var normaliser: String?
        @Option(
            name: .long,
            help: .init("What its inputs are: a preset such as takt-16, or `configured`.", valueName: "list"))
        var features: String?
        @Option(
            name: .long, help: .init("The bars it was trained on; default: the normaliser's.", valueName: "timeframe"))
        var timeframe: String?
        @Flag(name: .long, help: "Puts it in the place of another policy of that name.") var replace = false

        func validate() throws {
            if let timeframe, Timeframe(timeframe) == nil {
                throw ValidationError("'\(timeframe)' is no timeframe; write 5m.")
            }
            for (name, value) in [("--heads", heads), ("--history", history)] {
                if let value, value < 1 { throw ValidationError("\(name) must be at least 1.") }
            }
        }

        func run() async throws {
            let context = try CommandContext(global)
            let made = try PolicyImport(self, context).make()
            let state = try made.write(replaces: replace, isDryRun: context.isDryRun)
            let document = made.document(state)
            try context.output.emit(document) { made.text(state) }
        }
    }
}

/// The two files of a policy to be.
private struct PolicyImport {
    private let call: PolicyCommand.Import
    private let context: CommandContext
    private let files: PolicyFiles

    init(_ call: PolicyCommand.Import, _ context: CommandContext) throws {
        (self.call, self.context) = (call, context)
        files = PolicyFiles(sidecar: Self.base(call, home: context.settings.paths.home) + PolicyFiles.sidecarSuffix)
        guard !files.name.isEmpty, !files.name.hasPrefix(".") else {
            throw StepFailure(
                code: "no-name", message: "No name for the policy follows from '\(call.output ?? call.file)'.",
                hint: "Nothing was written. Give --output models/NAME.", isRetryable: false, exitCode: .usage)
        }
    }

    /// The common beginning of both files.
    private static func base(_ call: PolicyCommand.Import, home: String) -> String {
        let file = PolicyFiles.last(call.file)
        let stem = file.lastIndex(of: ".").map { file[..<$0] } ?? file
        guard let output = call.output else { return "\(PolicyFiles.folder(home))/\(stem)" }
        if output.hasSuffix("/") { return output + stem }
        if FileWriting.exists(output + "/.") { return "\(output)/\(stem)" }
        for suffix in [PolicyFiles.weightsSuffix, PolicyFiles.sidecarSuffix] where output.hasSuffix(suffix) {
            return String(output.dropLast(suffix.count))
        }
        return output
    }

    func make() throws -> MadePolicy {
        let bytes = try FileWriting.read(call.file, limit: Checkpoint.sizeLimit)
        do {
            let checkpoint = try Checkpoint.read(bytes)
            let heads = call.heads ?? Self.number(checkpoint, "heads")
            let network = try Network(checkpoint.tensors, heads: heads)
            let recorded = network.family == .transformer ? Self.number(checkpoint, "seq_length") : nil
            let evaluator = try Evaluator(network, history: call.history ?? recorded ?? 0)
            let weights = Safetensors.bytes(of: checkpoint.tensors)
            let (spec, normaliser) = try seen()
            let sidecar = try PolicySidecar(
                name: files.name, network: network, history: evaluator.history,
                weights: .init(file: try files.weightsFile(for: weights), digest: Digest(of: weights)),
                features: spec, normaliser: normaliser,
                timeframe: call.timeframe.flatMap { Timeframe($0) } ?? normaliser?.span.timeframe,
                training: normaliser?.span,
                provenance: .init(
                    source: String(PolicyFiles.last(call.file)), digest: Digest(of: bytes), format: checkpoint.format,
                    notes: checkpoint.notes, version: TaktVersion.text),
                golden: try GoldenVector.record(evaluator))
            let text = sidecar.json.utf8 + [UInt8(ascii: "\n")]
            // As the next reader will: what cannot be read back is not written.
            let policy = try Policy.load(sidecar: text, weights: weights)
            return MadePolicy(
                files: files, policy: policy, sidecar: text, weights: weights, tensors: checkpoint.tensors.count)
        } catch let error as PolicyError {
            throw PolicyFiles.refusal(of: call.file, error)
        }
    }

    private static func number(_ checkpoint: Checkpoint, _ key: String) -> Int? {
        checkpoint[note: key].flatMap { Int($0) }
    }

    /// What its inputs are and how they were scaled, as far as the call says.
    private func seen() throws -> (FeatureSpec?, FittedNormaliser?) {
        let list = FeatureList(settings: context.settings)
        let normaliser = try call.normaliser.map { try list.read($0, isConfigured: false) }
        guard let name = call.features else { return (normaliser?.spec, normaliser) }
        do {
            let spec = name == "configured" ? try list.spec() : try FeaturePreset(named: name).spec()
            try normaliser?.requireSchema(of: spec)
            if normaliser == nil, !spec.fitted.isEmpty { throw FeatureError.notFitted(spec.fitted.map(\.name)) }
            return (spec, normaliser)
        } catch let error as FeatureError {
            throw StepFailure(
                code: "bad-features", message: "--features \(name): \(error).", hint: "Nothing was written.",
                isRetryable: false, exitCode: .usage)
        }
    }
}

/// A policy that is ready to be written.
private struct MadePolicy {
    enum State { case written, unchanged, dryRun }

    let files: PolicyFiles
    let policy: Policy
    let sidecar: [UInt8]
    let weights: [UInt8]
    let tensors: Int

    private var weightsPath: String { files.weights(of: policy.sidecar) }

    func write(replaces: Bool, isDryRun: Bool) throws -> State {
        let file = policy.sidecar.weights.file
        if try files.hold(sidecar: sidecar, weights: weights, in: file) { return .unchanged }
        for (path, bytes) in [(weightsPath, weights), (files.sidecar, sidecar)] where !replaces {
            guard FileWriting.exists(path), try FileWriting.read(path, limit: Checkpoint.sizeLimit) != bytes else {
                continue
            }
            throw StepFailure(
                code: "policy-exists", message: "\(path) exists and has another content.",
                hint: "Nothing was written. Give --output another name, or --replace to put this one in its place.",
                isRetryable: false, exitCode: .usage)
        }
        if isDryRun { return .dryRun }
        try files.write(sidecar: sidecar, weights: weights, in: file)
        return .written
    }

    func document(_ state: State) -> JSONValue {
        let sidecar = policy.sidecar
        return [
            "schema": "takt.policy-import/1", "name": .string(sidecar.name), "weights": .string(weightsPath),
            "sidecar": .string(files.sidecar), "written": .bool(state == .written),
            "unchanged": .bool(state == .unchanged), "digest": JSONValue(sidecar.digest),
            "weights_sha256": JSONValue(sidecar.weights.digest), "family": .string(sidecar.family.rawValue),
            "network": .string(policy.network.text), "tensors": .int(Int64(tensors)),
            "schema_hash": JSONValue(sidecar.features?.schemaHash), "timeframe": JSONValue(sidecar.timeframe),
            "warnings": .array(warnings.map { .string($0) }),
        ]
    }

    private var warnings: [String] {
        var warnings: [String] = []
        if policy.sidecar.features == nil {
            warnings.append("it names no features, so nothing trades on it; import it with --normaliser or --features")
        }
        if policy.sidecar.timeframe == nil {
            warnings.append("it names no timeframe, so nothing trades on it; import it with --timeframe")
        }
        return warnings
    }

    func text(_ state: State) -> String {
        let said =
            switch state {
            case .written: "Written to"
            case .unchanged: "Unchanged in"
            case .dryRun: "Would be written to"
            }
        let head = "\(policy.sidecar.family.rawValue) \(policy.network.text), \(tensors) tensors."
        return ([head, "\(said) \(weightsPath) and \(files.sidecar)."] + warnings.map { "warning: \($0)" })
            .joined(separator: "\n")
    }
}
