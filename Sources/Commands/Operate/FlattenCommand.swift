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
            With --dry-run it says what would be closed and cancelled, from the books as they stand.

            Example: takt flatten --reason "leaving for two weeks"
            """)
    @OptionGroup var global: GlobalOptions
    @Option(name: .long, help: .init("Only this symbol.", valueName: "symbol")) var symbol: String?
    @OptionGroup var why: ReasonOption
    @Flag(name: .long, help: "Do not halt: the agents may open positions again.") var keepTrading = false
    @Flag(name: .long, help: "Take back flattens that are still pending, instead of ordering one.") var withdraw = false

    private var reason: String { why.reason }

    func validate() throws {
        try global.refuseProfile(
            "Nothing was done. A flatten concerns all positions, or with --symbol those of one symbol.")
    }

    func run() async throws {
        let context = try CommandContext(global)
        try context.requireKnown(symbol: symbol)
        let scope: HaltScope = symbol.map { .symbol(Symbol($0)) } ?? .all
        let store = try context.openStore()
        if withdraw { return try withdrawPending(scope, context, store) }
        if context.isDryRun { return try rehearse(scope, context, store) }
        try record(scope, context, store)
        let signals = Signals()
        try FileWriting.createFolder(context.settings.paths.state)
        let cycleContext = try await context.tradingContext(store, stop: signals.stop)
        var documents: [CycleDocument] = []
        for profile in context.settings.profiles {
            let id = try cycleContext.lastClosedCycle(of: profile, at: context.clock.now())
            let cycle = TradingCycle(context: cycleContext, profile: profile)
            documents.append(await cycle.run(from: .riskCheck, until: .submit, cycle: id))
            let again = TradingCycle(context: cycleContext, profile: profile, isForced: true)
            documents.append(await again.run(from: .reconcile, until: .reconcile, cycle: id))
            // What was filled just now may have been the last of it.
            documents.append(await again.run(from: .riskCheck, until: .riskCheck, cycle: id))
        }
        try tell(documents, scope, context, store)
        try CommandEnd.check(Cycle.ExitCode.mostUrgent(documents.map(\.exitCode).filter { $0 != .halted }))
    }

    private func tell(
        _ documents: [CycleDocument], _ scope: HaltScope, _ context: CommandContext, _ store: StateDatabase
    ) throws {
        let (pending, foreign) = try store.read { reader in
            let orders = try reader.openOrders().filter { order in
                !order.isOurs && (symbol == nil || order.symbol.text == symbol)
            }
            return (try reader.pendingOperatorOrders(kind: .flatten), orders)
        }
        let document: JSONValue = [
            "schema": "takt.flatten/1", "scope": JSONValue(scope), "reason": .string(reason),
            "pending": .bool(!pending.isEmpty), "foreign_orders": .array(foreign.map { JSONValue($0.clientOrderID) }),
            "items": .array(documents.flatMap(\.steps).map(\.json)),
        ]
        try context.output.emit(document) {
            let steps = documents.map { StepText(style: context.output.style).cycle($0) }.joined(separator: "\n")
            let end =
                pending.isEmpty
                ? "\(symbol ?? "Everything") is flat."
                : "Recorded; the next beat that reaches the broker carries on until all is flat."
            // What is not ours may open a position again.
            let others = foreign.map { order in
                "The foreign order \(order.brokerOrderID?.text ?? "?") to \(order.side.rawValue) \(order.leavesQuantity) "
                    + "\(order.symbol) at \(order.broker) stands; takt leaves it alone: cancel it there."
            }
            return ([steps, end] + others).joined(separator: "\n")
        }
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
            try IntentExpiry.withdrawEntries(
                of: symbol.map { Symbol($0) },
                because: Reason(code: "flatten", message: "a flatten was ordered: \(reason)"),
                by: actor, at: now, in: writer)
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
        let isDryRun = context.isDryRun
        if !isDryRun {
            try store.write(durable: true) { writer in
                for order in pending {
                    try writer.completeOperatorOrder(order.id, at: now)
                    try writer.appendAudit(
                        at: now, actor: actor, kind: "flatten.withdrawn", subject: order.scope,
                        payload: ["reason": .string(reason)])
                }
            }
        }
        let document: JSONValue = [
            "schema": "takt.flatten-withdraw/1", "withdrawn": .int(Int64(pending.count)), "dry_run": .bool(isDryRun),
        ]
        try context.output.emit(document) {
            isDryRun
                ? "Would withdraw \(pending.count) pending flatten(s); halts would stay until `takt resume`."
                : "\(pending.count) pending flatten(s) withdrawn; halts stay until `takt resume`."
        }
    }
}

// MARK: - Dry run

extension FlattenCommand {
    /// Says what ordering it would come to; nothing is recorded and nothing sent.
    private func rehearse(_ scope: HaltScope, _ context: CommandContext, _ store: StateDatabase) throws {
        let preview = try FlattenPreview(
            of: symbol.map { Symbol($0) }, reason: reason, by: "operator \(CommandContext.process.user)",
            try context.cycleContext(store), at: context.clock.now())
        let isHalted = try store.read { try $0.activeHalts() }.contains {
            $0.scope == scope.description && $0.code == "flatten"
        }
        let wouldHalt = !keepTrading && !isHalted
        let document: JSONValue = [
            "schema": "takt.flatten-preview/1", "scope": JSONValue(scope), "reason": .string(reason),
            "would_halt": .bool(wouldHalt), "flat": .bool(preview.isFlat), "items": .array(preview.exits.map(\.json)),
            "cancel_orders": .array(preview.cancelOrders.map { JSONValue($0) }),
            "warnings": .array(preview.warnings.map { .string($0.description) }),
        ]
        try context.output.emit(document) {
            let head =
                wouldHalt ? "Would halt (\(scope))." : keepTrading ? "Would not halt." : "Already halted (\(scope))."
            return ([head] + Self.lines(preview) + ["Dry run: nothing was recorded and nothing sent."])
                .joined(separator: "\n")
        }
    }

    private static func lines(_ preview: FlattenPreview) -> [String] {
        let exits = preview.exits.map { exit -> String in
            let order = "\(exit.side.rawValue) \(exit.quantity) \(exit.symbol) at \(exit.broker)"
            switch exit.fate {
            case .now: return "Would \(order), at the market."
            case .whenOpen: return "Would \(order), at the market, when its exchange takes orders again."
            case .refused:
                let why = exit.reasons.dropFirst().map(\.description).joined(separator: " ")
                return "Would ask to \(order), and risk would refuse: \(why)"
            }
        }
        let cancels = preview.cancelOrders.map { "Would cancel \($0)." }
        let flat = preview.isFlat ? ["Nothing is held or open there: it would be done at once."] : []
        return flat + exits + cancels + preview.warnings.map(\.description)
    }
}
