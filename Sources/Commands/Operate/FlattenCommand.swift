internal import ArgumentParser
internal import Core
internal import Cycle
internal import Settings
internal import Store

struct FlattenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flatten", abstract: "Cancels what is open and closes all positions: durable until it is done.",
        discussion: """
            The order is recorded first; then risk-check, submit and reconcile run once. Where a market is closed or a \
            broker away, whichever beat next can carries on. Trading is halted as well unless --keep-trading is given.

            Example: takt flatten --reason "leaving for two weeks"
            """)
    @OptionGroup var global: GlobalOptions
    @Option(name: .long, help: .init("Only this symbol.", valueName: "symbol")) var symbol: String?
    @OptionGroup var why: ReasonOption
    @Flag(name: .long, help: "Do not halt: the agents may open positions again.") var keepTrading = false
    @Flag(name: .long, help: "Take back flattens that are still pending, instead of ordering one.") var withdraw = false

    private var reason: String { why.reason }

    func run() async throws {
        let context = try CommandContext(global)
        try context.requireKnown(symbol: symbol)
        let scope: HaltScope = symbol.map { .symbol(Symbol($0)) } ?? .all
        let store = try context.openStore()
        if withdraw { return try withdrawPending(scope, context, store) }
        if !context.isDryRun { try record(scope, context, store) }
        let signals = Signals()
        if !context.isDryRun { try FileWriting.createFolder(context.settings.paths.state) }
        let cycleContext = try context.cycleContext(store, stop: signals.stop)
        var documents: [CycleDocument] = []
        for profile in context.settings.profiles {
            let id = try cycleContext.lastClosedCycle(of: profile, at: context.clock.now())
            let cycle = TradingCycle(
                context: cycleContext, profile: profile, isDryRun: context.isDryRun, isForced: false)
            documents.append(await cycle.run(from: .riskCheck, until: .submit, cycle: id))
            let again = TradingCycle(
                context: cycleContext, profile: profile, isDryRun: context.isDryRun, isForced: true)
            documents.append(await again.run(from: .reconcile, until: .reconcile, cycle: id))
        }
        let pending = try store.read { try $0.pendingOperatorOrders().filter { $0.kind == .flatten } }
        let document: JSONValue = [
            "schema": "takt.flatten/1", "scope": JSONValue(scope), "reason": .string(reason),
            "pending": .bool(!pending.isEmpty), "items": .array(documents.flatMap(\.steps).map(\.json)),
        ]
        try context.output.emit(document) {
            let steps = documents.map { StepText(style: context.output.style).cycle($0) }.joined(separator: "\n")
            let end =
                pending.isEmpty
                ? "Everything is flat."
                : "Recorded; the next beat that reaches the broker carries on until all is flat."
            return steps + "\n" + end
        }
        try CommandEnd.check(Cycle.ExitCode.mostUrgent(documents.map(\.exitCode).filter { $0 != .halted }))
    }

    private func record(_ scope: HaltScope, _ context: CommandContext, _ store: StateDatabase) throws {
        let now = context.clock.now()
        let actor = "operator \(CommandContext.process.user)"
        try store.write(durable: true) { writer in
            let isPending = try writer.pendingOperatorOrders().contains {
                $0.kind == .flatten && $0.scope == scope.description
            }
            if !isPending {
                _ = try writer.addOperatorOrder(
                    kind: .flatten, scope: scope.description, reason: reason, by: actor, at: now)
            }
            if !keepTrading,
                try writer.setHalt(scope: scope, code: "flatten", message: reason, at: now, by: actor) != nil
            {
                try writer.appendAudit(
                    at: now, actor: actor, kind: "halt.set", subject: scope.description,
                    payload: ["code": "flatten", "message": .string(reason)])
            }
            try writer.appendAudit(
                at: now, actor: actor, kind: "flatten.ordered", subject: scope.description,
                payload: ["reason": .string(reason), "halted": .bool(!keepTrading)])
            _ = try writer.enqueueAlert(
                key: "flatten:\(scope)", severity: .critical, kind: "flatten", title: "Flatten ordered (\(scope))",
                body: reason, at: now, dedupeWindowSeconds: 60)
        }
    }

    private func withdrawPending(_ scope: HaltScope, _ context: CommandContext, _ store: StateDatabase) throws {
        let (now, actor) = (context.clock.now(), "operator \(CommandContext.process.user)")
        let pending = try store.read { try $0.pendingOperatorOrders(kind: .flatten) }
            .filter { symbol == nil || $0.scope == scope.description }
        if !context.isDryRun {
            try store.write(durable: true) { writer in
                for order in pending {
                    try writer.completeOperatorOrder(order.id, at: now)
                    try writer.appendAudit(
                        at: now, actor: actor, kind: "flatten.withdrawn", subject: order.scope,
                        payload: ["reason": .string(reason)])
                }
            }
        }
        let document: JSONValue = ["schema": "takt.flatten-withdraw/1", "withdrawn": .int(Int64(pending.count))]
        try context.output.emit(document) {
            "\(pending.count) pending flatten(s) withdrawn; halts stay until `takt resume`."
        }
    }
}
