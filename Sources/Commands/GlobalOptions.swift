internal import ArgumentParser

/// The options every command takes; see the contract for their environment names and defaults.
struct GlobalOptions: ParsableArguments {
    @Option(name: .long, help: .init("The working folder.", valueName: "dir"))
    var home: String?

    @Option(name: .long, help: .init("The folder of the four YAML files.", valueName: "dir"))
    var config: String?

    @Option(name: .long, help: .init("The state database.", valueName: "file"))
    var db: String?

    @Option(name: .long, help: .init("A trading profile of trading.yaml.", valueName: "name"))
    var profile: String?

    @Option(name: .long, help: "What stdout carries: json, ndjson or table.")
    var format: OutputFormat?

    @Option(name: .long, help: .init("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?

    @Option(
        name: .long,
        help: .init("The clock, RFC 3339, for replays and rehearsals; refused in live mode.", valueName: "time"))
    var now: String?

    @Flag(name: .long, help: "Compute and print; write nothing, send nothing.")
    var dryRun = false

    @Flag(name: .long, help: "Only errors on stderr.")
    var quiet = false

    @Flag(name: .long, help: "No colours.")
    var noColor = false

    @Flag(name: .long, help: "No progress lines.")
    var noProgress = false

    var values: CallOptions {
        CallOptions(
            home: home, config: config, db: db, profile: profile, format: format, logLevel: logLevel, now: now,
            dryRun: dryRun, quiet: quiet, noColor: noColor, noProgress: noProgress)
    }
}

/// What stdout carries.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument, Sendable { case json, ndjson, table }

/// Picks the cycle a step works on.
struct CycleOption: ParsableArguments {
    @Option(
        name: .long, help: .init("The cycle, PROFILE/BAR-CLOSE-UTC; default: the last closed bar.", valueName: "id"))
    var cycle: String?
}
