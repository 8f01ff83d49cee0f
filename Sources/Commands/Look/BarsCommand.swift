internal import ArgumentParser
internal import Core
internal import Cycle
internal import Store

struct BarsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bars",
        abstract: "Lists bars, or with --rejected, --gaps or --revisions what was wrong with them.",
        discussion:
            "States are the bars' sources, such as imported. Example: takt bars --symbol NVDA --timeframe 5m --limit 12"
    )
    @OptionGroup var global: GlobalOptions
    @OptionGroup var filters: FilterOptions
    @Option(name: .long, help: .init("Only bars of this length.", valueName: "timeframe")) var timeframe: String?
    @Flag(name: .long, help: "The bars that were rejected, with reasons.") var rejected = false
    @Flag(name: .long, help: "The bars the calendar expects and nobody has brought.") var gaps = false
    @Flag(name: .long, help: "The versions of bars that a later one has replaced.") var revisions = false

    func validate() throws {
        if let timeframe, Timeframe(timeframe) == nil {
            throw ValidationError("'\(timeframe)' is no timeframe; write 5m.")
        }
        guard [rejected, gaps, revisions].filter({ $0 }).count <= 1 else {
            throw ValidationError("Give one of --rejected, --gaps and --revisions.")
        }
    }

    func run() async throws {
        let context = try CommandContext(global)
        if revisions { return try printRevisions(context) }
        if rejected { return try printRejected(context) }
        if gaps { return try printGaps(context) }
        let columns: [TextTable.Column] = [
            .init("symbol", "symbol"), .init("tf", "timeframe"), .init("open at", "open_at"),
            .init("open", "open", numeric: true), .init("high", "high", numeric: true),
            .init("low", "low", numeric: true),
            .init("close", "close", numeric: true), .init("volume", "volume", numeric: true), .init("source", "source"),
        ]
        try Listing(kind: "bars", columns: columns, empty: "No bars.").print(context) { reader in
            try reader.storedBars(
                filters.filter(by: [.symbol, .state], states: BarSourceKind.allCases.map(\.rawValue), global),
                timeframe: timeframe.flatMap { Timeframe($0) }
            )
            .map { DocumentItems.bar($0.symbol, $0.timeframe, $0.bar) }
        }
    }

    private func printRevisions(_ context: CommandContext) throws {
        let columns: [TextTable.Column] = [
            .init("symbol", "symbol"), .init("tf", "timeframe"), .init("open at", "open_at"),
            .init("version", "revision", numeric: true), .init("close", "close", numeric: true),
            .init("volume", "volume", numeric: true), .init("source", "source"),
        ]
        try Listing(kind: "bar-revisions", columns: columns, empty: "No bar was replaced.").print(context) { reader in
            let filter = try filters.filter(
                by: [.symbol, .state], states: BarSourceKind.allCases.map(\.rawValue), global)
            return try reader.barRevisions(filter, timeframe: timeframe.flatMap { Timeframe($0) }).map { old in
                DocumentItems.bar(old.symbol, old.timeframe, old.bar).setting("revision", .int(Int64(old.revision)))
            }
        }
    }

    private func printRejected(_ context: CommandContext) throws {
        let columns: [TextTable.Column] = [
            .init("symbol", "symbol"), .init("tf", "timeframe"), .init("open at", "open_at"), .init("code", "code"),
            .init("source", "source"), .init("line", "line", numeric: true), .init("message", "message"),
        ]
        try Listing(kind: "bar-rejections", columns: columns, empty: "No rejected bars.").print(context) { reader in
            try reader.barRejections(filters.filter(by: [.symbol], global)).map { rejection in
                [
                    "symbol": JSONValue(rejection.symbol), "timeframe": JSONValue(rejection.timeframe),
                    "open_at": .string(rejection.openAtText), "code": .string(rejection.code),
                    "message": .string(rejection.message), "source": .string(rejection.source),
                    "line": rejection.line.map { .int(Int64($0)) } ?? .null,
                    "rejected_at": JSONValue(rejection.rejectedAt),
                ]
            }
        }
    }

    private func printGaps(_ context: CommandContext) throws {
        let columns: [TextTable.Column] = [
            .init("symbol", "symbol"), .init("tf", "timeframe"), .init("from", "from"), .init("until", "until"),
            .init("missing", "missing", numeric: true), .init("state", "state"),
        ]
        try Listing(kind: "bar-gaps", columns: columns, empty: "No gaps.").print(context) { reader in
            try reader.barGaps(
                filters.filter(by: [.symbol, .state], states: StoredBarGap.State.allCases.map(\.rawValue), global),
                timeframe: timeframe.flatMap { Timeframe($0) }
            ).map { gap in
                [
                    "symbol": JSONValue(gap.symbol), "timeframe": JSONValue(gap.timeframe), "from": JSONValue(gap.from),
                    "until": JSONValue(gap.until), "missing": .int(Int64(gap.missing)),
                    "state": .string(gap.state.rawValue),
                    "found_at": JSONValue(gap.foundAt), "closed_at": JSONValue(gap.closedAt),
                ]
            }
        }
    }
}
