internal import ArgumentParser
internal import Core
internal import Cycle
internal import Store

struct AcceptGapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept-gap", abstract: "Accepts that bars are missing: there was no trade, or nobody has them.",
        discussion: """
            `takt bars --gaps` lists the gaps. An accepted one is asked for no more and counted as missing no more; bars that \
            come all the same are taken. Recorded with who and why.

            Example: takt bars accept-gap NVDA 5m 2026-11-20T15:05:00Z --reason "trading halt"
            """)
    @OptionGroup var global: GlobalOptions
    @Argument(help: .init("The symbol.", valueName: "symbol")) var symbol: String
    @Argument(help: .init("The bars' length.", valueName: "timeframe")) var timeframe: String
    @Argument(help: .init("When the gap begins, as the list says.", valueName: "time")) var from: String
    @OptionGroup var why: ReasonOption

    func validate() throws {
        guard Timeframe(timeframe) != nil else { throw ValidationError("'\(timeframe)' is no timeframe; write 5m.") }
        guard Instant(rfc3339: from) != nil else {
            throw ValidationError("'\(from)' is no time; write 2026-11-20T15:05:00Z.")
        }
    }

    func run() async throws {
        let context = try CommandContext(global)
        let store = try context.openStore()
        guard let length = Timeframe(timeframe), let begin = Instant(rfc3339: from) else { return }
        let name = Symbol(symbol)
        let gap =
            try context.isDryRun
            ? store.read { try open(name, length, begin, $0) }
            : store.write(durable: true) { writer in
                let gap = try open(name, length, begin, writer)
                let now = context.clock.now()
                try writer.closeBarGap(name, length, from: gap.from, until: gap.until, as: .accepted, at: now)
                try writer.appendAudit(
                    at: now, actor: "operator \(CommandContext.process.user)", kind: "gap.accepted",
                    subject: "\(name) \(length) \(gap.from)",
                    payload: [
                        "until": JSONValue(gap.until), "missing": .int(Int64(gap.missing)),
                        "reason": .string(why.reason),
                    ])
                return gap
            }
        let document: JSONValue = [
            "schema": "takt.gap-accept/1", "symbol": JSONValue(name), "timeframe": JSONValue(length),
            "from": JSONValue(gap.from), "until": JSONValue(gap.until), "missing": .int(Int64(gap.missing)),
            "reason": .string(why.reason), "accepted": .bool(!context.isDryRun), "dry_run": .bool(context.isDryRun),
        ]
        try context.output.emit(document) {
            let what = "\(gap.missing) bar(s) of \(name) \(length) from \(gap.from) to \(gap.until)"
            return context.isDryRun ? "Would accept that \(what) are missing." : "Accepted that \(what) are missing."
        }
    }

    private func open(
        _ symbol: Symbol, _ timeframe: Timeframe, _ from: Instant, _ reader: StoreReader
    ) throws -> StoredBarGap {
        let filter = ListFilter(symbol: symbol, states: [StoredBarGap.State.open.rawValue])
        guard let gap = try reader.barGaps(filter, timeframe: timeframe).first(where: { $0.from == from }) else {
            throw StepFailure(
                code: "no-such-gap", message: "There is no open gap of \(symbol) \(timeframe) that begins at \(from).",
                hint: "Nothing was changed. `takt bars --gaps --symbol \(symbol)` lists them.", isRetryable: false,
                exitCode: .badInput)
        }
        return gap
    }
}
