internal import ArgumentParser
internal import Core
internal import Cycle
internal import Features
internal import Settings
internal import Store

extension FeaturesCommand {
    struct Fit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Measures the scale of the features on a training span and writes it to a file.",
            discussion: """
                Only complete vectors of bars inside the span count, and nothing behind it is read. The file belongs to this \
                list of features: another list is refused by the feature that differs.

                Example: takt features fit --since 2026-01-01 --until 2026-06-30 --output config/features.json
                """)
        @OptionGroup var global: GlobalOptions
        @Option(name: .long, help: .init("Only this symbol; may be repeated.", valueName: "symbol"))
        var symbol: [String] = []
        @OptionGroup var span: FeatureSpan
        @Option(name: .long, help: .init("Where to write the normaliser.", valueName: "file")) var output: String

        func validate() throws {
            guard span.since != nil, span.until != nil else {
                throw ValidationError("Give the training span: --since and --until.")
            }
        }

        func run() async throws {
            let context = try CommandContext(global)
            let spec = try FeatureList(settings: context.settings).spec()
            guard !spec.fitted.isEmpty else {
                throw StepFailure(
                    code: "nothing-to-fit", message: "No feature has a normalisation that is fitted.",
                    hint:
                        "Nothing was written. Write `normalise: zscore`, or ` | zscore` behind a feature, in `features:` of "
                        + "trading.yaml.", isRetryable: false, exitCode: .configuration)
            }
            let profile = try context.profile()
            let symbols = try FeatureList.symbols(symbol, of: profile)
            let store = try context.openStoreForReading()
            let desk = try FeatureDesk(
                try context.cycleContext(store), profile: profile, computer: try FeatureComputer(spec), form: .raw,
                now: context.clock.now())
            let (normaliser, leftOut) = try fitted(desk, symbols, store, context.clock.now())
            try refuseOverwriting()
            if !context.isDryRun { try write(normaliser) }
            let document = Self.document(normaliser, leftOut, profile, output, isDryRun: context.isDryRun)
            try context.output.emit(document) { Self.text(document) }
        }

        /// A normaliser may be fitted again; any other file is somebody else's.
        private func refuseOverwriting() throws {
            guard FileWriting.exists(output) else { return }
            let found = try? JSONValue(parsing: try FileWriting.read(output))
            guard found?["schema"]?.stringValue?.hasPrefix("takt.normaliser/") != true else { return }
            throw StepFailure(
                code: "not-a-normaliser", message: "\(output) exists and is no normaliser.",
                hint: "Nothing was written. Name another file with --output.", isRetryable: false, exitCode: .usage)
        }

        /// What cannot be read back is not left behind.
        private func write(_ normaliser: FittedNormaliser) throws {
            let content = normaliser.json.utf8 + [UInt8(ascii: "\n")]
            guard try FittedNormaliser(json: try JSONValue(parsing: content)) == normaliser else {
                throw StepFailure(
                    code: "unreadable-normaliser", message: "The normaliser does not read back as what was fitted.",
                    hint: "Nothing was written. Please report this with the features of trading.yaml.",
                    isRetryable: false, exitCode: .internalError)
            }
            try FileWriting.replace(output, with: content, isDurable: true)
        }

        private func fitted(
            _ desk: FeatureDesk, _ symbols: [Symbol], _ store: StateDatabase, _ now: Instant
        ) throws -> (FittedNormaliser, Int) {
            let since = span.since.flatMap { FilterOptions.instant($0, endOfDay: false) } ?? now
            let until = span.until.flatMap { FilterOptions.instant($0, endOfDay: true) } ?? now
            do {
                return try store.read { try desk.fit(symbols, since: since, until: until, in: $0) }
            } catch let error as FeatureError {
                throw StepFailure(
                    code: "cannot-fit", message: "The normaliser cannot be fitted: \(error).",
                    hint: "Nothing was written.", isRetryable: false, exitCode: .badInput)
            }
        }

        private static func document(
            _ normaliser: FittedNormaliser, _ leftOut: Int, _ profile: Profile, _ output: String, isDryRun: Bool
        ) -> JSONValue {
            [
                "schema": "takt.features-fit/1", "profile": JSONValue(profile.name), "output": .string(output),
                "written": .bool(!isDryRun), "digest": JSONValue(normaliser.json.digest),
                "schema_hash": JSONValue(normaliser.spec.schemaHash), "vectors": .int(Int64(normaliser.count)),
                "left_out": .int(Int64(leftOut)),
                "symbols": .array(normaliser.span.symbols.map { JSONValue($0) }),
                "first_open_at": JSONValue(normaliser.span.first), "last_open_at": JSONValue(normaliser.span.last),
            ]
        }

        private static func text(_ document: JSONValue) -> String {
            func said(_ key: String) -> String { document[key].map(TextTable.plain) ?? "" }
            return """
                \(said("vectors")) vectors of \(said("symbols")), \(said("first_open_at")) to \(said("last_open_at")); \
                \(said("left_out")) bars gave none.
                \(document["written"] == true ? "Written to" : "Would be written to") \(said("output")).
                """
        }
    }
}
