internal import ArgumentParser
internal import Core
internal import Cycle
internal import Ledger
internal import Settings
internal import Store

/// Which part of trading an operator's order concerns.
struct ScopeOption: ParsableArguments {
    @Option(name: .long, help: .init("Only this symbol.", valueName: "symbol")) var symbol: String?
    @Option(name: .customLong("only-profile"), help: .init("Only this profile.", valueName: "name")) var onlyProfile:
        String?

    func validate() throws {
        if symbol != nil, onlyProfile != nil { throw ValidationError("Give --symbol or --only-profile, not both.") }
    }

    var scope: HaltScope {
        if let symbol { return .symbol(Symbol(symbol)) }
        return onlyProfile.map { .profile(ProfileName($0)) } ?? .all
    }
}

/// Why an operator acts: recorded with who and when.
struct ReasonOption: ParsableArguments {
    @Option(name: .long, help: "Why; recorded with who and when.") var reason: String

    func validate() throws {
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say why.") }
    }
}

struct HaltCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "halt", abstract: "Forbids new risk until `takt resume`: durable, at once, for every process.",
        discussion: """
            Open orders stay as they are and exits still go out; use `takt flatten` to close positions.

            Example: takt halt --reason "earnings tonight" --symbol NVDA
            """)
    @OptionGroup var global: GlobalOptions
    @OptionGroup var target: ScopeOption
    @OptionGroup var why: ReasonOption

    private var reason: String { why.reason }

    func run() async throws {
        let context = try CommandContext(global)
        try context.requireKnown(symbol: target.symbol, profile: target.onlyProfile)
        let now = context.clock.now()
        let actor = "operator \(CommandContext.process.user)"
        var isNew = false
        if !context.isDryRun {
            isNew = try context.openStore().write(durable: true) { writer in
                let id = try writer.setHalt(scope: target.scope, code: "operator", message: reason, at: now, by: actor)
                guard id != nil else { return false }
                try writer.appendAudit(
                    at: now, actor: actor, kind: "halt.set", subject: target.scope.description,
                    payload: ["code": "operator", "message": .string(reason)])
                _ = try writer.enqueueAlert(
                    key: "halt:\(target.scope):operator", severity: .warning, kind: "halt",
                    title: "Trading halted by hand (\(target.scope))", body: reason, at: now, dedupeWindowSeconds: 60)
                return true
            }
        }
        let document: JSONValue = [
            "schema": "takt.halt/1", "scope": JSONValue(target.scope), "reason": .string(reason), "new": .bool(isNew),
            "at": JSONValue(now),
        ]
        try context.output.emit(document) {
            isNew
                ? "Halted (\(target.scope)): no new risk until `takt resume`."
                : "Already halted (\(target.scope)); nothing changed."
        }
    }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Lifts halts; the only thing that does.",
        discussion: """
            After a loss limit has halted trading, resuming accepts the loss: today's equity becomes the base that the \
            limit is measured against, else the next beat would halt again at once.

            Example: takt resume --reason "limits reviewed"
            """)
    @OptionGroup var global: GlobalOptions
    @OptionGroup var target: ScopeOption
    @Option(name: .long, help: .init("Only halts of this code.", valueName: "code")) var code: String?
    @OptionGroup var why: ReasonOption

    private var reason: String { why.reason }

    func run() async throws {
        let context = try CommandContext(global)
        try context.requireKnown(symbol: target.symbol, profile: target.onlyProfile)
        let now = context.clock.now()
        let actor = "operator \(CommandContext.process.user)"
        let store = try context.openStore()
        let scope: HaltScope? = target.symbol == nil && target.onlyProfile == nil ? nil : target.scope
        let lifted =
            try context.isDryRun
            ? 0
            : store.write(durable: true) { writer -> Int in
                let active = try writer.activeHalts().filter { halt in
                    (code == nil || halt.code == code) && (scope == nil || halt.scope == scope?.description)
                }
                let count = try writer.liftHalts(scope: scope, code: code, by: actor, reason: reason, at: now)
                guard count > 0 else { return 0 }
                let accepted = try rebase(active, context, in: writer, at: now)
                try writer.appendAudit(
                    at: now, actor: actor, kind: "halt.lifted", subject: scope?.description ?? "every halt",
                    payload: [
                        "count": .int(Int64(count)), "reason": .string(reason), "code": JSONValue(code),
                        "accepted_equity": JSONValue(accepted),
                    ])
                return count
            }
        let remaining = try store.read { try $0.activeHalts() }
        let flattens = try store.read { try $0.pendingOperatorOrders(kind: .flatten) }
        let document: JSONValue = [
            "schema": "takt.resume/1", "lifted": .int(Int64(lifted)), "remaining": .int(Int64(remaining.count)),
            "pending_flattens": .int(Int64(flattens.count)),
            "reason": .string(reason), "at": JSONValue(now),
        ]
        try context.output.emit(document) {
            let halts =
                remaining.isEmpty ? "no halt is in force" : "\(remaining.count) still in force: see `takt status`"
            let closing =
                flattens.isEmpty
                ? "" : " A flatten is still pending and closes what is opened: `takt flatten --withdraw` ends it."
            return "\(lifted) halt(s) lifted; \(halts).\(closing)"
        }
    }

    /// Returns the equity that was accepted as the new base, if a loss limit had halted.
    private func rebase(
        _ halts: [Halt], _ context: CommandContext, in writer: StoreWriter, at now: Instant
    ) throws -> FixedPoint? {
        let codes = Set(halts.map(\.code))
        guard !codes.isDisjoint(with: ["daily-loss", "emergency-shutdown"]) else { return nil }
        let books = try Books.load(writer, settings: context.settings, at: now)
        guard books.portfolio.isComplete else {
            let missing = books.portfolio.missing.map(\.text) + books.portfolio.missingRates.map(\.code)
            throw StepFailure(
                code: "equity-unknown",
                message: "Equity is not known: no price or rate for \(missing.joined(separator: ", ")).",
                hint:
                    "No halt was lifted. Run `takt fetch-bars`, then resume again: the equity is the new base of the limit.",
                isRetryable: true, exitCode: .unavailable)
        }
        let baseline = try Baselines(at: now, accepting: books).text
        if codes.contains("emergency-shutdown") { try writer.setMeta(Baselines.total, baseline) }
        try writer.setMeta(Baselines.daily, baseline)
        return books.portfolio.equity.amount
    }
}

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
