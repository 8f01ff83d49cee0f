internal import ArgumentParser
internal import Core
internal import Cycle
internal import Features
internal import Glibc
internal import Learning
internal import Policy
internal import Research
internal import Settings
internal import Store

struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Trains a policy on imported bars, for `decide` to ask.",
        discussion: """
            The policy plays whole sessions of the span, over and over, by the rules of the live path: its sizes, its risk \
            limits, the paper exchange's fees and fills, the ledger. The scale of the features is measured on the span and \
            frozen; nothing behind the span is read. What an option leaves open stands in `learning:` of trading.yaml.

            Writes NAME.safetensors, NAME.policy.json and NAME.svg, the learning curve; checkpoints lie in NAME.training \
            until that folder is removed. The same span, settings and seed give the same bytes, on any number of threads and \
            after any interruption.

            Examples: takt train --since 2026-01-01 --until 2026-06-30 --output models/grpo
                      takt train --since 2026-01-01 --until 2026-06-30 --output models/grpo --resume
            """)
    @OptionGroup var global: GlobalOptions
    @Option(name: .long, help: .init("Only this symbol; may be repeated.", valueName: "symbol"))
    var symbol: [String] = []
    @OptionGroup var span: FeatureSpan
    @Option(name: .long, help: .init("The beginning of the files' names, or one of them.", valueName: "path"))
    var output: String
    @Option(name: .long, help: .init("mlp or transformer.", valueName: "name")) var network: String?
    @Option(
        name: .long,
        help: .init("Widths of the hidden layers, such as 64,64; of a transformer its one width.", valueName: "units"))
    var hidden: String?
    @Option(name: .long, help: .init("Layers of a transformer's encoder.", valueName: "count")) var layers: Int?
    @Option(name: .long, help: .init("Attention heads of a transformer.", valueName: "count")) var heads: Int?
    @Option(name: .long, help: .init("Bars before that a transformer sees.", valueName: "bars")) var history: Int?
    @Option(name: .long, help: .init("Whole sessions of an episode, 1 to 5.", valueName: "sessions"))
    var episode: Int?
    @Option(name: .long, help: .init("Places that are played in an iteration.", valueName: "count")) var groups: Int?
    @Option(name: .long, help: .init("How often each is played.", valueName: "count")) var rollouts: Int?
    @Option(name: .long, help: .init("How many iterations in all.", valueName: "count")) var iterations: Int?
    @Option(name: .long, help: .init("Where all randomness comes from; default: 1.", valueName: "number"))
    var seed: UInt64?
    @Option(name: .long, help: .init("How many work at once; default: one per processor.", valueName: "count"))
    var threads: Int?
    @Flag(name: .long, help: "Goes on from the newest checkpoint, where there is one.") var resume = false
    @Flag(name: .long, help: "Puts it in the place of another policy of that name.") var replace = false

    func validate() throws {
        guard span.since != nil, span.until != nil else {
            throw ValidationError("Give the training span: --since and --until.")
        }
        if let network, LearningSettings.Network(rawValue: network) == nil {
            throw ValidationError("There is no network '\(network)'; write mlp or transformer.")
        }
        if let hidden, Self.widths(hidden) == nil {
            throw ValidationError("'\(hidden)' are no widths; write 64,64.")
        }
        for (name, value, most) in [
            ("--layers", layers, 16), ("--heads", heads, 64), ("--history", history, 1000),
            ("--groups", groups, 65_536),
            ("--iterations", iterations, 1_000_000), ("--threads", threads, 1024),
        ] {
            if let value, !(1...most).contains(value) { throw ValidationError("\(name) must be 1 to \(most).") }
        }
        if let rollouts, rollouts < 2 {
            throw ValidationError("--rollouts must be at least 2: one has nothing to be compared with.")
        }
        if let episode, !(1...5).contains(episode) { throw ValidationError("--episode must be 1 to 5 sessions.") }
    }

    private static func widths(_ text: String) -> [Int]? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        let widths = parts.compactMap { $0 }
        return widths.count == parts.count && widths.allSatisfy { $0 > 0 } ? widths : nil
    }

    func run() async throws {
        let context = try CommandContext(global)
        let signals = Signals()
        let call = try TrainingCall(self, context)
        let document = try call.run(stop: signals.stop)
        try context.output.emit(document) { TrainingCall.text(document) }
    }

    /// The configured plan with what the options say.
    fileprivate func plan(_ learning: LearningSettings) -> TrainingPlan {
        var learning = learning
        if let network = network.flatMap({ LearningSettings.Network(rawValue: $0) }) { learning.network = network }
        var plan = TrainingPlan(learning)
        if let widths = hidden.flatMap(Self.widths) { plan.hidden = widths }
        plan.layers = layers ?? plan.layers
        plan.heads = heads ?? plan.heads
        plan.history = history ?? plan.history
        plan.episodeSessions = episode ?? plan.episodeSessions
        plan.iterations = iterations ?? plan.iterations
        plan.settings.groups = groups ?? plan.settings.groups
        plan.settings.rollouts = rollouts ?? plan.settings.rollouts
        plan.settings.seed = seed ?? plan.settings.seed
        return plan
    }
}

/// One call of `takt train`.
private struct TrainingCall {
    private let command: TrainCommand
    private let context: CommandContext
    private let plan: TrainingPlan
    private let files: PolicyFiles
    private let profile: Profile

    init(_ command: TrainCommand, _ context: CommandContext) throws {
        (self.command, self.context) = (command, context)
        plan = command.plan(context.settings.learning)
        files = PolicyFiles(sidecar: Self.base(command.output, context) + PolicyFiles.sidecarSuffix)
        profile = try context.profile()
        guard !files.name.isEmpty, !files.name.hasPrefix(".") else {
            throw Self.failure("no-name", "No name for the policy follows from '\(command.output)'", .usage)
        }
        let ofTransformers = [("--layers", command.layers), ("--heads", command.heads), ("--history", command.history)]
        if plan.network != .transformer, let given = ofTransformers.first(where: { $0.1 != nil }) {
            throw Self.failure(
                "not-of-mlp", "\(given.0) is of a transformer, and the network is an mlp; leave it out", .usage)
        }
        // Before any bar is read. Whether one is of the training that is resumed, the run tells.
        guard command.replace || command.resume || !FileWriting.exists(files.sidecar) else {
            throw Self.refusal(of: .exists(files.sidecar))
        }
    }

    /// The common beginning of all files: a bare name lies in the folder of policies.
    private static func base(_ output: String, _ context: CommandContext) -> String {
        for suffix in [PolicyFiles.weightsSuffix, PolicyFiles.sidecarSuffix] where output.hasSuffix(suffix) {
            return String(output.dropLast(suffix.count))
        }
        return output.contains("/") ? output : "\(PolicyFiles.folder(context.settings.paths.home))/\(output)"
    }

    func run(stop: StopSignal) throws -> JSONValue {
        do {
            let market = try market()
            let run = try TrainingRun(
                plan, on: market, to: files, resumes: command.resume, replaces: command.replace,
                isDryRun: context.isDryRun, version: TaktVersion.text, holder: "process \(CommandContext.process.pid)")
            guard !context.isDryRun else { return document(run, nil, nil) }
            let trained = try run.train(threads: threads, stop: stop, progress: progress)
            clearProgress()
            return document(run, trained, try trained.write())
        } catch {
            clearProgress()
            throw Self.refusal(error)
        }
    }

    /// Nothing of the outcome depends on it.
    private var threads: Int { command.threads ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    private func market() throws -> TrainingMarket {
        let list = FeatureList(settings: context.settings)
        let symbols = try FeatureList.symbols(command.symbol, of: profile)
        let now = context.clock.now()
        let since = command.span.since.flatMap { FilterOptions.instant($0, endOfDay: false) } ?? now
        let until = command.span.until.flatMap { FilterOptions.instant($0, endOfDay: true) } ?? now
        let normaliser = try context.settings.features.normaliserFile.map { try list.read($0, isConfigured: true) }
        let store = try context.openStoreForReading()
        let cycleContext = try context.cycleContext(store)
        let exchange = PaperWiring(
            settings: context.settings, calendars: context.calendars, clock: context.clock, store: store
        ).conditions
        return try store.read { reader in
            try TrainingMarket(
                cycleContext, profile, symbols: symbols, since: since, until: min(until, now), spec: try list.spec(),
                normaliser: normaliser, exchange: exchange, now: now, in: reader)
        }
    }

    // MARK: What goes wrong

    private static func refusal(_ error: any Error) -> any Error {
        switch error {
        case let error as MarketReadingError: return failure("no-market", "\(error)", .badInput)
        case let error as MarketError: return failure("no-market", "\(error)", code(of: error))
        case let error as FeatureError: return failure("bad-features", "\(error)", .badInput)
        case let error as TrainingRefusal: return refusal(of: error)
        case let error as LearningError: return failure("training", "\(error)", code(of: error))
        default: return error
        }
    }

    private static func refusal(of error: TrainingRefusal) -> StepFailure {
        switch error {
        case .underWay:
            failure(
                "training-exists", "\(error)", .usage,
                "Give --resume to go on with it, --output another name, or remove that folder to begin anew.")
        case .busy: failure("training-busy", "\(error)", .busy, "Wait for it, or give --output another name.")
        case .exists:
            failure(
                "policy-exists", "\(error)", .usage,
                "Give --output another name, --replace to put this one in its place, or --resume where it is of this very "
                    + "training: the same bars, settings and seed.")
        }
    }

    private static func code(of error: MarketError) -> Cycle.ExitCode {
        switch error {
        case .noStart: .badInput
        case .orderType, .noCash, .noRate, .derivative, .portfolioFeatures: .configuration
        }
    }

    private static func code(of error: LearningError) -> Cycle.ExitCode {
        switch error {
        case .setting, .network, .unfit, .differs: .usage
        case .checkpoint: .badInput
        case .environment, .diverged: .internalError
        }
    }

    private static func failure(
        _ code: String, _ message: String, _ exitCode: Cycle.ExitCode, _ hint: String = "No policy was written."
    ) -> StepFailure {
        let capital = message.prefix(1).uppercased() + message.dropFirst()
        return StepFailure(
            code: code, message: "\(capital).",
            hint: hint == "No policy was written." ? hint : "No policy was written. \(hint)",
            isRetryable: false, exitCode: exitCode)
    }

    // MARK: What is told

    private func progress(_ record: IterationRecord) {
        guard context.showsProgress else { return }
        let done = record.iteration + 1
        let filled = 30 * done / max(1, plan.iterations)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
        let value = (record.meanReturn * 1_000_000).rounded() / 10_000
        FileWriting.writeAll(
            Array("\r\(bar) \(done)/\(plan.iterations) mean return \(value) %\u{1B}[K".utf8), to: STDERR_FILENO)
    }

    private func clearProgress() {
        if context.showsProgress { FileWriting.writeAll(Array("\r\u{1B}[K".utf8), to: STDERR_FILENO) }
    }

    private func document(_ run: TrainingRun, _ trained: TrainedPolicy?, _ state: TrainedPolicy.State?) -> JSONValue {
        let (market, span) = (run.market, run.market.span)
        let best = run.curve.max { ($0["mean_return"]?.doubleValue ?? 0) < ($1["mean_return"]?.doubleValue ?? 0) }
        return [
            "schema": "takt.train/1", "profile": JSONValue(profile.name),
            "weights": .string(trained.map { files.weights(of: $0.policy.sidecar) } ?? files.weights),
            "sidecar": .string(files.sidecar), "picture": JSONValue(trained?.picturePath),
            "checkpoints": .string(TrainingRun.folder(of: files)), "written": .bool(state == .written),
            "unchanged": .bool(state == .unchanged), "digest": JSONValue(trained?.policy.sidecar.digest),
            "weights_sha256": JSONValue(trained?.policy.sidecar.weights.digest),
            "family": JSONValue(trained?.policy.network.family.rawValue),
            "network": JSONValue(trained?.policy.network.text), "seed": .string("\(plan.settings.seed)"),
            "iterations": .int(Int64(run.curve.count)),
            "resumed_from": run.resumedFrom.map { .int(Int64($0)) } ?? .null,
            "symbols": .array(span.symbols.map { JSONValue($0) }), "timeframe": JSONValue(span.timeframe),
            "first_open_at": JSONValue(span.first), "last_open_at": JSONValue(span.last),
            "bars": .int(Int64(market.barCount)), "bars_sha256": JSONValue(market.barsDigest),
            "left_out": .int(Int64(market.leftOut)), "starts": .int(Int64(run.startCount)),
            "schema_hash": JSONValue(market.computer.spec.schemaHash),
            "normaliser": JSONValue(market.computer.normaliser?.json.digest),
            "mean_return": run.curve.last?["mean_return"] ?? .null,
            "best": best.map {
                ["iteration": $0["iteration"] ?? .null, "mean_return": $0["mean_return"] ?? .null]
            } ?? .null,
            "items": .array(run.curve), "warnings": .array(warnings.map { .string($0) }),
        ]
    }

    /// What a trained policy will meet live and has not met in training, where every action is certain.
    private var warnings: [String] {
        let least = context.settings.decision.minimumConfidence
        var warnings: [String] = []
        if least.value.isPositive {
            warnings.append(
                "decision.minimum_confidence is \(least): live, what the policy is less sure of is not acted on, and in "
                    + "training every action was")
        }
        if case .kelly = context.settings.orders.sizing {
            warnings.append(
                "orders are sized by Kelly's share of the policy's probabilities: live, an unsure action is small, and in "
                    + "training every action was sized as certain")
        }
        return warnings
    }

    static func text(_ document: JSONValue) -> String {
        func said(_ key: String) -> String { document[key].map(TextTable.plain) ?? "" }
        func percent(_ value: JSONValue?) -> String {
            value?.doubleValue.map { "\(($0 * 1_000_000).rounded() / 10_000) %" } ?? "-"
        }
        guard document["picture"] != .null else {
            return """
                Would train on \(said("bars")) bars of \(said("symbols")), \(said("first_open_at")) to \
                \(said("last_open_at")), from \(said("starts")) places.
                """
        }
        return """
            \(said("family")) \(said("network")) after \(said("iterations")) iterations on \(said("bars")) bars of \
            \(said("symbols")); mean return of an episode \(percent(document["mean_return"])).
            \(document["written"] == true ? "Written to" : "Unchanged in") \(said("weights")), \(said("sidecar")) and \
            \(said("picture")).
            """
                + (document["warnings"]?.arrayValue ?? []).map { "\nwarning: \(TextTable.plain($0))." }.joined()
    }
}
