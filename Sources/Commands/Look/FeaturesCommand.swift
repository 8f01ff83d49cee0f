internal import ArgumentParser
internal import Core
internal import Cycle
internal import Features
internal import Glibc
internal import Settings
internal import Store

struct FeaturesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "features", abstract: "Prints what a policy sees of each symbol; fits its normaliser.",
        discussion: """
            The list stands in `features:` of trading.yaml. One record per symbol: names, values, whether it is ready and \
            what is missing. A value is null where it does not exist.

            Examples: takt features --format ndjson | your-model
                      takt features fit --since 2026-01-01 --until 2026-06-30 --output config/features.json
            """,
        subcommands: [Show.self, Fit.self], defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints feature vectors (the default): of one cycle, or of every bar since a time.",
            discussion: """
                The bars are those that `decide` takes, as they stand now; the position is the ledger's at the time of the \
                decision. With --format ndjson a record is a line and the last line counts them.

                Example: takt features --symbol NVDA --since 2026-11-20 --raw --format ndjson
                """)
        @OptionGroup var global: GlobalOptions
        @OptionGroup var cycle: CycleOption
        @Option(name: .long, help: .init("Only this symbol; may be repeated.", valueName: "symbol"))
        var symbol: [String] = []
        @OptionGroup var span: FeatureSpan
        @Flag(name: .long, help: "Before normalisation.") var raw = false
        @Option(name: .long, help: .init("The fitted normaliser, instead of the configured one.", valueName: "file"))
        var normaliser: String?

        func validate() throws {
            if span.until != nil, span.since == nil { throw ValidationError("--until needs --since.") }
            if let since = span.since.flatMap({ FilterOptions.instant($0, endOfDay: false) }),
                let until = span.until.flatMap({ FilterOptions.instant($0, endOfDay: true) }), until <= since
            {
                throw ValidationError("--until ends before --since begins.")
            }
            if cycle.cycle != nil, span.since != nil {
                throw ValidationError("--cycle is one bar, --since begins a stretch of them; give one of both.")
            }
            if raw, normaliser != nil { throw ValidationError("--raw prints what stands before the normaliser.") }
        }

        func run() async throws {
            let context = try CommandContext(global)
            let list = FeatureList(settings: context.settings)
            let computer = try list.computer(normaliser: normaliser, isRaw: raw)
            let store = try context.openStoreForReading()
            let cycleContext = try context.cycleContext(store)
            let form = raw ? FeatureVector.Form.raw : .normalised
            let (profile, records) = try records(context, cycleContext, store) { profile in
                do throws(FeatureError) {
                    return try FeatureDesk(
                        cycleContext, profile: profile, computer: computer, form: form, now: context.clock.now())
                } catch {
                    throw list.refusal(error, normaliser ?? context.settings.features.normaliserFile)
                }
            }
            let fitted = computer.normaliser?.span.symbols ?? records.map { $0.symbol }
            let strangers = Set(records.map { $0.symbol }).subtracting(fitted)
            let warnings = strangers.sorted().map { symbol in
                "\(symbol) is not among the symbols that the normaliser was fitted on"
            }
            for warning in warnings {
                FileWriting.writeAll(Array("takt: warning: \(warning)\n".utf8), to: STDERR_FILENO)
            }
            let document: JSONValue = [
                "schema": "takt.feature-list/1", "profile": JSONValue(profile.name),
                "schema_hash": JSONValue(computer.spec.schemaHash), "window": .int(Int64(computer.spec.window)),
                "normaliser": JSONValue(computer.normaliser?.json.digest), "count": .int(Int64(records.count)),
                "ready": .int(Int64(records.count { $0.isReady })),
                "warnings": .array(warnings.map { .string($0) }), "items": .array(records.map(\.json)),
            ]
            try context.output.emit(document) { FeatureText(records: records).rendered(context.output.style) }
        }

        private func records(
            _ context: CommandContext, _ cycleContext: CycleContext, _ store: StateDatabase,
            _ desk: (Profile) throws -> FeatureDesk
        ) throws -> (Profile, [FeatureRecord]) {
            guard let since = span.since else {
                let (profile, id) = try CycleTarget(context: context, named: cycle.cycle).resolve(cycleContext)
                let wanted = try FeatureList.symbols(symbol, of: profile)
                return (profile, try store.read { try desk(profile).records(of: id, symbols: Set(wanted), in: $0) })
            }
            let profile = try context.profile()
            let wanted = try FeatureList.symbols(symbol, of: profile)
            let from = FilterOptions.instant(since, endOfDay: false) ?? context.clock.now()
            let end = span.until.flatMap { FilterOptions.instant($0, endOfDay: true) } ?? context.clock.now()
            let records = try store.read { reader in
                try wanted.flatMap { try desk(profile).history(of: $0, since: from, until: end, in: reader) }
            }
            return (profile, records)
        }
    }
}

/// A stretch of bars.
struct FeatureSpan: ParsableArguments {
    @Option(name: .long, help: .init("Bars that open at or after this time or day (UTC).", valueName: "time"))
    var since: String?
    @Option(name: .long, help: .init("Bars that have closed by this time, or in this day.", valueName: "time"))
    var until: String?

    func validate() throws {
        for text in [since, until].compactMap({ $0 }) where FilterOptions.instant(text, endOfDay: false) == nil {
            throw ValidationError("'\(text)' is no time; write 2026-11-20 or 2026-11-20T15:35:00Z.")
        }
    }
}

extension FeatureList {
    /// Those of the profile's symbols that are named, or all of them, in the profile's order.
    static func symbols(_ names: [String], of profile: Profile) throws -> [Symbol] {
        guard let stranger = names.first(where: { !profile.symbols.contains(Symbol($0)) }) else {
            return names.isEmpty ? profile.symbols : profile.symbols.filter { names.contains($0.text) }
        }
        let known = profile.symbols.map(\.text).joined(separator: ", ")
        throw StepFailure(
            code: "unknown-name", message: "Profile '\(profile.name)' does not trade '\(stranger)'.",
            hint: "Nothing was done. It trades: \(known). --profile chooses another one.", isRetryable: false,
            exitCode: .usage)
    }
}

/// Feature vectors for a person: a line per feature.
private struct FeatureText {
    let records: [FeatureRecord]

    func rendered(_ style: TextStyle) -> String {
        let items = records.flatMap { record in
            zip(record.names, record.vector.values).enumerated().map { index, pair -> JSONValue in
                [
                    "symbol": index == 0 ? JSONValue(record.symbol) : "",
                    "bar": index == 0 ? JSONValue(record.bar) : "",
                    "feature": .string(pair.0), "value": .string(pair.1.isFinite ? "\(pair.1)" : "-"),
                    "ready": index > 0 ? "" : .string(record.gap.map(Self.text) ?? "ready"),
                ]
            }
        }
        let table = TextTable(
            columns: [
                .init("symbol", "symbol"), .init("bar", "bar"), .init("feature", "feature"),
                .init("value", "value", numeric: true), .init("", "ready"),
            ], items: items, empty: "No bars.")
        return table.rendered(style)
    }

    private static func text(_ gap: FeatureRecord.Gap) -> String {
        switch gap {
        case .noBar: "no bar yet"
        case .splitSuspected(let text), .mixedBars(let text), .scaleDoubted(let text): text
        case .warmingUp(let bars): "\(bars) bar(s) are missing"
        case .noValue: "a feature has no value"
        }
    }
}
