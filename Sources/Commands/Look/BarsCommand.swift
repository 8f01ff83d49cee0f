internal import ArgumentParser
internal import Core
internal import Cycle
internal import MarketData
internal import Store

struct BarsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bars", abstract: "Lists bars, or what was wrong with them; accepts gaps.",
        discussion: "Example: takt bars --symbol NVDA --timeframe 1h --split-adjusted --limit 12",
        subcommands: [ListBarsCommand.self, AcceptGapCommand.self], defaultSubcommand: ListBarsCommand.self)
}

struct ListBarsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists bars, or with --rejected, --gaps or --revisions what was wrong with them (the default).",
        discussion: """
            Bars of a length that is not stored are made of the longest shorter ones there are, session by session: their \
            source is resampled, and "missing" counts the bars that are not there inside. The bar still forming is not shown.

            --adjusted shows earlier prices as if every split and dividend in force (`takt actions`) had happened before \
            them, back from the last stored bar; --split-adjusted leaves the dividends out, as decisions do. States are the \
            bars' sources, such as imported.

            Example: takt bars --symbol NVDA --timeframe 1h --split-adjusted --limit 12
            """)
    @OptionGroup var global: GlobalOptions
    @OptionGroup var filters: FilterOptions
    @Option(name: .long, help: .init("Only bars of this length.", valueName: "timeframe")) var timeframe: String?
    @Option(
        name: .long,
        help: .init("Makes bars of this length of shorter ones (of --timeframe, if given).", valueName: "timeframe"))
    var resample: String?
    @Flag(name: .long, help: "Prices adjusted for splits and dividends.") var adjusted = false
    @Flag(name: .customLong("split-adjusted"), help: "Prices and volumes adjusted for splits only.")
    var splitAdjusted = false
    @Flag(name: .long, help: "The bars that were rejected, with reasons.") var rejected = false
    @Flag(name: .long, help: "The bars the calendar expects and nobody has brought.") var gaps = false
    @Flag(name: .long, help: "The versions of bars that a later one has replaced.") var revisions = false

    func validate() throws {
        for text in [timeframe, resample].compactMap({ $0 }) where Timeframe(text) == nil {
            throw ValidationError("'\(text)' is no timeframe; write 5m.")
        }
        try validateViews()
        guard [rejected, gaps, revisions].filter({ $0 }).count <= 1 else {
            throw ValidationError("Give one of --rejected, --gaps and --revisions.")
        }
    }

    private func validateViews() throws {
        if adjusted, splitAdjusted { throw ValidationError("Give --adjusted or --split-adjusted, not both.") }
        if rejected || gaps || revisions, adjusted || splitAdjusted || resample != nil {
            throw ValidationError("--adjusted, --split-adjusted and --resample are views of the bars themselves.")
        }
        guard let target = resample.flatMap({ Timeframe($0) }), let source = timeframe.flatMap({ Timeframe($0) })
        else { return }
        guard !source.isDaily, source < target, target.isDaily || target.seconds.isMultiple(of: source.seconds) else {
            throw ValidationError("Bars of \(target) cannot be made of bars of \(source).")
        }
    }

    func run() async throws {
        let context = try CommandContext(global)
        if revisions { return try printRevisions(context) }
        if rejected { return try printRejected(context) }
        if gaps { return try printGaps(context) }
        try printBars(context)
    }

    private func printBars(_ context: CommandContext) throws {
        var columns: [TextTable.Column] = [
            .init("symbol", "symbol"), .init("tf", "timeframe"), .init("open at", "open_at"),
            .init("open", "open", numeric: true), .init("high", "high", numeric: true),
            .init("low", "low", numeric: true),
            .init("close", "close", numeric: true), .init("volume", "volume", numeric: true), .init("source", "source"),
        ]
        let filter = try filters.filter(by: [.symbol, .state], states: BarSourceKind.allCases.map(\.rawValue), global)
        let view = BarView(
            context: context, filter: filter, timeframe: timeframe.flatMap { Timeframe($0) },
            resampled: resample.flatMap { Timeframe($0) },
            adjustment: adjusted ? .splitsAndDividends : splitAdjusted ? .splits : nil)
        if resample != nil { columns.append(.init("missing", "missing", numeric: true)) }
        try Listing(kind: "bars", columns: columns, empty: "No bars.").print(context) { reader in
            guard try view.isPlain(reader) else { return try view.items(reader) }
            return try reader.storedBars(filter, timeframe: view.timeframe).map {
                DocumentItems.bar($0.symbol, $0.timeframe, $0.bar)
            }
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
