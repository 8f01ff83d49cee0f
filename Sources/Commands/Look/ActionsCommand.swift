internal import ArgumentParser
internal import Core
internal import Cycle
internal import Settings
internal import Store

struct ActionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "actions",
        abstract: "Lists splits and dividends; says that a jump was none; withdraws a wrong one.",
        discussion: "Example: takt actions --symbol NVDA",
        subcommands: [List.self, NoSplit.self, Withdraw.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists the actions in force (the default).",
            discussion: """
                --since and --until are days of the ex-date. States are in-force and replaced, the history of corrections.

                Example: takt actions --state replaced
                """)
        @OptionGroup var global: GlobalOptions
        @OptionGroup var filters: FilterOptions

        func run() async throws {
            let columns: [TextTable.Column] = [
                .init("id", "action_id", numeric: true), .init("symbol", "symbol"), .init("ex-date", "ex_date"),
                .init("kind", "kind"), .init("value", "value", numeric: true), .init("ccy", "currency"),
                .init("source", "source"), .init("state", "state"), .init("replaced by", "replaced_by"),
            ]
            try Listing(kind: "actions", columns: columns, empty: "No actions.").print(CommandContext(global)) {
                reader in
                var filter = try filters.filter(
                    by: [.symbol, .state], states: StoredAction.State.allCases.map(\.rawValue), global)
                if filter.states.isEmpty { filter.states = [StoredAction.State.inForce.rawValue] }
                return try reader.actions(filter).map(ActionsCommand.item)
            }
        }
    }

    struct NoSplit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "no-split", abstract: "Says that a jump of prices was the market's, so that it is traded on.",
            discussion: """
                A jump between two sessions that looks like a split keeps its symbol from decisions until the split is \
                imported or this is said. A split imported later for the same day takes its place.

                Example: takt actions no-split NVDA 2026-11-24 --reason "fell by half on its results"
                """)
        @OptionGroup var global: GlobalOptions
        @Argument(help: .init("The symbol.", valueName: "symbol")) var symbol: String
        @Argument(help: .init("The first day at the new price, of the exchange.", valueName: "day")) var day: String
        @OptionGroup var why: ReasonOption

        func validate() throws {
            guard CivilDate(iso: day) != nil else { throw ValidationError("'\(day)' is no day; write 2026-11-24.") }
        }

        func run() async throws {
            let context = try CommandContext(global)
            try context.requireKnown(symbol: symbol)
            guard let exDate = CivilDate(iso: day) else { return }
            let (now, actor) = (context.clock.now(), "operator \(CommandContext.process.user)")
            let word = NewAction(
                symbol: Symbol(symbol), exDate: exDate, content: .noSplit, source: "\(actor): \(why.reason)")
            let store = try context.openStore()
            let plan =
                try context.isDryRun
                ? store.read { try $0.plan([word]) }
                : store.write(durable: true) { writer in
                    let plan = try writer.record([word], at: now)
                    guard !plan.new.isEmpty else { return plan }
                    try writer.appendAudit(
                        at: now, actor: actor, kind: "action.no-split", subject: "\(symbol) \(exDate)",
                        payload: ["reason": .string(why.reason)])
                    return plan
                }
            let document: JSONValue = [
                "schema": "takt.action-no-split/1", "symbol": .string(symbol), "ex_date": .string(exDate.description),
                "new": .bool(!plan.new.isEmpty), "replaced": .int(Int64(plan.replaced.count)),
                "reason": .string(why.reason), "dry_run": .bool(context.isDryRun),
            ]
            try context.output.emit(document) {
                if plan.new.isEmpty { return "That was said already; nothing changed." }
                let end = plan.replaced.isEmpty ? "" : " It replaces the split recorded for that day."
                return context.isDryRun
                    ? "\(symbol) would be traded on over the jump of \(exDate).\(end) Nothing was changed."
                    : "\(symbol) had no split on \(exDate): its jump is the market's.\(end)"
            }
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "withdraw", abstract: "Takes an action out of force that never was one; it stays as history.",
            discussion: "Example: takt actions withdraw 12 --reason \"the dividend was cancelled\"")
        @OptionGroup var global: GlobalOptions
        @Argument(help: .init("The id that `takt actions` shows.", valueName: "id")) var id: Int64
        @OptionGroup var why: ReasonOption

        func run() async throws {
            let context = try CommandContext(global)
            let (now, actor) = (context.clock.now(), "operator \(CommandContext.process.user)")
            let store = try context.openStore()
            let filter = ListFilter(states: [StoredAction.State.inForce.rawValue])
            guard let action = try store.read({ try $0.actions(filter).first { $0.id == id } }) else { throw refusal }
            if !context.isDryRun {
                try store.write(durable: true) { writer in
                    guard try writer.withdrawAction(id, by: "\(actor): \(why.reason)", at: now) else { throw refusal }
                    try writer.appendAudit(
                        at: now, actor: actor, kind: "action.withdrawn", subject: "\(action.symbol) \(action.exDate)",
                        payload: ["action": ActionsCommand.item(action), "reason": .string(why.reason)])
                }
            }
            let document: JSONValue = [
                "schema": "takt.action-withdraw/1", "withdrawn": .bool(!context.isDryRun),
                "reason": .string(why.reason), "dry_run": .bool(context.isDryRun),
                "action": ActionsCommand.item(action),
            ]
            let what = [action.symbol.text, action.exDate.description, action.content.kind, action.content.value ?? ""]
            try context.output.emit(document) {
                what.filter { !$0.isEmpty }.joined(separator: " ")
                    + (context.isDryRun ? " would be withdrawn. Nothing was changed." : " is withdrawn.")
            }
        }

        private var refusal: StepFailure {
            StepFailure(
                code: "no-such-action", message: "There is no action \(id) in force.",
                hint: "Nothing was changed. `takt actions` lists them.", isRetryable: false, exitCode: .badInput)
        }
    }

    private static func item(_ action: StoredAction) -> JSONValue {
        [
            "action_id": .string(String(action.id)), "symbol": JSONValue(action.symbol),
            "ex_date": .string(action.exDate.description), "kind": .string(action.content.kind),
            "value": JSONValue(action.content.value), "currency": JSONValue(action.content.currency?.code),
            "source": .string(action.source), "state": .string(action.state.rawValue),
            "recorded_at": JSONValue(action.recordedAt), "replaced_at": JSONValue(action.replacedAt),
            "replaced_by": JSONValue(action.replacedBy),
        ]
    }
}
