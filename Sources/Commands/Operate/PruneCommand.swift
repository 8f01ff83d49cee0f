internal import ArgumentParser
internal import Core
internal import Cycle
internal import Store

struct PruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Takes old bars away; orders, fills, decisions and the audit trail stay for good.",
        discussion: """
            With the bars go their rejections and closed gaps; superseded versions of bars stay. Decisions made from bars \
            that are gone stay on record and are no longer made again by `audit verify --decisions`. Runs beside everything \
            else, in small transactions; stopped half-way, run it again. The file keeps its size and fills the room again.

            Example: takt db prune --older-than 730d --timeframe 5m --dry-run
            """)
    @OptionGroup var global: GlobalOptions
    @Option(name: .long, help: .init("Bars that opened so many days ago, at least 30d.", valueName: "days"))
    var olderThan: String
    @Option(name: .long, help: .init("Bars of this length; may be repeated.", valueName: "timeframe"))
    var timeframe: [String]

    /// Bars deleted in one transaction: some tens of milliseconds.
    private static let batch = 20_000

    func validate() throws {
        guard days != nil else {
            throw ValidationError("'\(olderThan)' is no age to prune by; write 730d, at least 30d.")
        }
        guard !timeframe.isEmpty else { throw ValidationError("Name the bars' length: --timeframe 5m.") }
        for text in timeframe where Timeframe(text) == nil {
            throw ValidationError("'\(text)' is no timeframe; write 5m.")
        }
    }

    private var days: Int? {
        guard olderThan.hasSuffix("d"), let days = Int(olderThan.dropLast()), days >= 30, days < 100_000 else {
            return nil
        }
        return days
    }

    func run() async throws {
        let context = try CommandContext(global)
        let before = context.clock.now().advanced(bySeconds: -86_400 * Int64(days ?? 0))
        let frames = Set(timeframe.compactMap { Timeframe($0) }).sorted()
        var items: [JSONValue] = []
        if context.isDryRun {
            let store = try context.openStoreForReading()
            for frame in frames {
                items.append(Self.item(frame, before, try store.read { try $0.prunable(frame, before: before) }))
            }
        } else {
            let store = try context.openStore()
            let signals = Signals()
            for frame in frames {
                items.append(Self.item(frame, before, try prune(frame, before, store, context, signals)))
            }
        }
        let document: JSONValue = [
            "schema": "takt.db-prune/1", "before": JSONValue(before), "count": .int(Int64(items.count)),
            "items": .array(items),
        ]
        try context.output.emit(document) {
            TextTable(
                columns: [
                    .init("tf", "timeframe"), .init("before", "before"), .init("bars", "bars", numeric: true),
                    .init("rejections", "rejections", numeric: true), .init("closed gaps", "gaps", numeric: true),
                ], items: items, empty: ""
            ).rendered(context.output.style)
        }
    }

    private func prune(
        _ frame: Timeframe, _ before: Instant, _ store: StateDatabase, _ context: CommandContext, _ signals: Signals
    ) throws -> PruneOutcome {
        let (now, actor) = (context.clock.now(), "operator \(CommandContext.process.user)")
        guard try store.read({ try $0.prunable(frame, before: before) }) != PruneOutcome() else {
            return PruneOutcome()
        }
        var outcome = try store.write(durable: true) { writer in
            try writer.recordPrune(frame, before: before, at: now, by: actor)
            return try writer.pruneBarQuality(frame, before: before)
        }
        for series in try store.read({ try $0.barSeries() }) where series.timeframe == frame {
            while true {
                try signals.stop.checkpoint()
                let count = try store.write(durable: false) {
                    try $0.pruneBars(series, before: before, limit: Self.batch)
                }
                outcome.bars += count
                if count < Self.batch { break }
            }
        }
        return outcome
    }

    private static func item(_ frame: Timeframe, _ before: Instant, _ outcome: PruneOutcome) -> JSONValue {
        [
            "timeframe": JSONValue(frame), "before": JSONValue(before), "bars": .int(Int64(outcome.bars)),
            "rejections": .int(Int64(outcome.rejections)), "gaps": .int(Int64(outcome.gaps)),
        ]
    }
}
