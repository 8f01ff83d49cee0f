internal import ArgumentParser
internal import Core
internal import Cycle
internal import Features
internal import Policy
internal import Settings

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Learned policies: brings them in, shows and checks them, asks them.",
        discussion: """
            A policy is two files: NAME.safetensors, the weights, and NAME.policy.json, its sidecar: what it sees, what it \
            answers, where it comes from, and what its weights must give. A policy is named by either file, by their common \
            beginning, or by its name in the folder `models`.

            Examples: takt policy import grpo.pth --normaliser config/features.json
                      takt policy check grpo
            """,
        subcommands: [Import.self, Show.self, Check.self, List.self, Infer.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows what a policy is made for and where it comes from.",
            discussion: "Example: takt policy show models/grpo.safetensors")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .init("The policy.", valueName: "policy")) var policy: String

        func run() async throws {
            let context = try CommandContext(global)
            let files = try PolicyFiles(policy, home: context.settings.paths.home)
            let loaded = try files.load()
            let document: JSONValue = [
                "schema": "takt.policy-info/1", "sidecar": .string(files.sidecar),
                "weights": .string(files.weights(of: loaded.sidecar)),
                "digest": JSONValue(loaded.sidecar.digest), "network": .string(loaded.network.text),
                "policy": loaded.sidecar.json,
            ]
            try context.output.emit(document) { PolicyText(files: files, policy: loaded).rendered }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks a policy's files and whether it fits the running configuration.",
            discussion: """
                The weights must be those of the sidecar and give what it recorded; the profile's timeframe, the features and \
                the normaliser must be those it was made for. Exit codes: 0 it fits, 65 the files are damaged, 78 it was made \
                for something else.

                Example: takt policy check grpo --profile us-5m
                """)
        @OptionGroup var global: GlobalOptions
        @Argument(help: .init("The policy.", valueName: "policy")) var policy: String

        func run() async throws {
            let context = try CommandContext(global)
            let files = try PolicyFiles(policy, home: context.settings.paths.home)
            let loaded = try files.load()
            let objections = try loaded.sidecar.objections(to: PolicyUse(running: context.settings, context.profile()))
            let findings = PolicyFinding.all(loaded, objections)
            let document: JSONValue = [
                "schema": "takt.policy-check/1", "sidecar": .string(files.sidecar),
                "digest": JSONValue(loaded.sidecar.digest), "fits": .bool(objections.isEmpty),
                "items": .array(findings.map(\.json)),
            ]
            try context.output.emit(document) {
                TextTable(
                    columns: [.init("check", "check"), .init("ok", "ok"), .init("detail", "detail")],
                    items: findings.map(\.json), empty: ""
                ).rendered(context.output.style)
            }
            try CommandEnd.check(objections.isEmpty ? .success : .configuration)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the policies of a folder, and whether each fits the running configuration.",
            discussion: "Example: takt policy list --folder models")
        @OptionGroup var global: GlobalOptions
        @Option(name: .long, help: .init("The folder; default: models.", valueName: "dir")) var folder: String?

        func run() async throws {
            let context = try CommandContext(global)
            let folder = folder ?? PolicyFiles.folder(context.settings.paths.home)
            let running = try PolicyUse(running: context.settings, context.profile())
            let items = PolicyFiles.sidecars(in: folder).map { Self.item($0, running) }
            let document: JSONValue = [
                "schema": "takt.policy-list/1", "folder": .string(folder), "count": .int(Int64(items.count)),
                "items": .array(items),
            ]
            try context.output.emit(document) {
                TextTable(
                    columns: [
                        .init("policy", "name"), .init("network", "network"), .init("tf", "timeframe"),
                        .init("fits", "fits"), .init("", "detail"),
                    ], items: items, empty: "No policies in \(folder). `takt policy import FILE` brings one."
                ).rendered(context.output.style)
            }
        }

        /// One that is damaged is listed too: a list that leaves it out would hide it.
        private static func item(_ files: PolicyFiles, _ running: PolicyUse) -> JSONValue {
            do {
                let policy = try files.load()
                let objections = policy.sidecar.objections(to: running)
                return [
                    "name": .string(policy.sidecar.name), "sidecar": .string(files.sidecar),
                    "digest": JSONValue(policy.sidecar.digest), "family": .string(policy.network.family.rawValue),
                    "network": .string(policy.network.text), "timeframe": JSONValue(policy.sidecar.timeframe),
                    "schema_hash": JSONValue(policy.sidecar.features?.schemaHash), "fits": .bool(objections.isEmpty),
                    "detail": .string(objections.first?.description ?? ""),
                ]
            } catch {
                let reason = (error as? StepFailure)?.message ?? "\(error)"
                return [
                    "name": .string(files.name), "sidecar": .string(files.sidecar), "digest": nil, "family": nil,
                    "network": nil, "timeframe": nil, "schema_hash": nil, "fits": false, "detail": .string(reason),
                ]
            }
        }
    }
}

/// One line of a policy's check.
private struct PolicyFinding {
    let check: String
    let problem: String?
    let detail: String

    static func all(_ policy: Policy, _ objections: [PolicyError]) -> [PolicyFinding] {
        let sidecar = policy.sidecar
        let recorded = sidecar.golden.count
        return [
            PolicyFinding(check: "weights", problem: nil, detail: "\(policy.network.text); every number is finite"),
            PolicyFinding(check: "recorded inferences", problem: nil, detail: "all \(recorded) come out"),
            finding("timeframe", objections, sidecar.timeframe.map { "\($0)" }),
            finding("session", objections, sidecar.training.map { $0.isExtended ? "extended" : "regular" }),
            finding("list of features", objections, sidecar.features.map { "\($0.features.count), as declared" }),
            finding(
                "normaliser", objections, sidecar.normaliser == nil ? "none is needed" : "the policy's own, frozen"),
        ]
    }

    private static func finding(_ field: String, _ objections: [PolicyError], _ detail: String?) -> PolicyFinding {
        let objection = objections.first { if case .differs(field, _, _) = $0 { true } else { false } }
        return PolicyFinding(check: field, problem: objection?.description, detail: detail ?? "none is named")
    }

    var json: JSONValue {
        ["check": .string(check), "ok": .bool(problem == nil), "detail": .string(problem ?? detail)]
    }
}

/// A policy for a person.
private struct PolicyText {
    let files: PolicyFiles
    let policy: Policy

    var rendered: String {
        let sidecar = policy.sidecar
        let from = sidecar.provenance
        var lines = [
            ("policy", "\(sidecar.name), \(policy.network.family.rawValue) \(policy.network.text)"),
            ("digest", sidecar.digest.hex), ("weights", files.weights(of: sidecar)), ("sidecar", files.sidecar),
            ("answers", sidecar.actions.joined(separator: ", ")),
            ("timeframe", sidecar.timeframe.map { "\($0)" } ?? "none is named"),
            (
                "features",
                sidecar.features.map { "\($0.schemaHash.hex.prefix(12)), window \($0.window)" } ?? "none are named"
            ),
        ]
        if sidecar.history > 0 { lines.append(("history", "\(sidecar.history) rows")) }
        for feature in sidecar.features?.features ?? [] { lines.append(("", "\(feature)")) }
        if let span = sidecar.training {
            let symbols = span.symbols.map(\.text).joined(separator: ", ")
            lines.append(("trained on", "\(symbols) \(span.timeframe), \(span.first) to \(span.last)"))
        }
        lines.append(("from", "\(from.source) (\(from.format.rawValue), SHA-256 \(from.digest.hex.prefix(12)))"))
        for note in from.notes { lines.append(("", "\(note.key) = \(note.text)")) }
        let width = lines.map(\.0.count).max() ?? 0
        return lines.map { "\($0)\(String(repeating: " ", count: width - $0.count))  \($1)" }.joined(separator: "\n")
    }
}
