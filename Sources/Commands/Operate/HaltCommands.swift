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

    static let insteadOfProfile = "Nothing was done. Use --only-profile NAME for the halts of one profile."

    func validate() throws {
        if symbol != nil, onlyProfile != nil { throw ValidationError("Give --symbol or --only-profile, not both.") }
    }

    var scope: HaltScope {
        if let symbol { return .symbol(Symbol(symbol)) }
        return onlyProfile.map { .profile(ProfileName($0)) } ?? .all
    }
}

extension GlobalOptions {
    /// Refuses `--profile` where it chooses nothing: an order that silently concerns more than was asked for is worse than
    /// none. `TAKT_PROFILE` stands in timers' environments and stays without effect here.
    func refuseProfile(_ instead: String) throws {
        guard profile == nil else { throw ValidationError("--profile does not narrow this command. \(instead)") }
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

    private static let code = "operator"
    private var reason: String { why.reason }

    func validate() throws { try global.refuseProfile(ScopeOption.insteadOfProfile) }

    func run() async throws {
        let context = try CommandContext(global)
        try context.requireKnown(symbol: target.symbol, profile: target.onlyProfile)
        let now = context.clock.now()
        let actor = "operator \(CommandContext.process.user)"
        let store = try context.openStore()
        let isDryRun = context.isDryRun
        let isNew = try isDryRun ? !store.read(isHalted) : store.write(durable: true) { try halt($0, actor, at: now) }
        let document: JSONValue = [
            "schema": "takt.halt/1", "scope": JSONValue(target.scope), "reason": .string(reason), "new": .bool(isNew),
            "dry_run": .bool(isDryRun), "at": JSONValue(now),
        ]
        try context.output.emit(document) {
            switch (isNew, isDryRun) {
            case (true, true): "Would halt (\(target.scope)): no new risk until `takt resume`. Nothing was changed."
            case (true, false): "Halted (\(target.scope)): no new risk until `takt resume`."
            case (false, _): "Already halted (\(target.scope)); nothing changed."
            }
        }
    }

    private func isHalted(_ reader: StoreReader) throws -> Bool {
        try reader.activeHalts().contains { $0.scope == target.scope.description && $0.code == Self.code }
    }

    /// Returns whether the halt is new.
    private func halt(_ writer: StoreWriter, _ actor: String, at now: Instant) throws -> Bool {
        let id = try writer.setHalt(scope: target.scope, code: Self.code, message: reason, at: now, by: actor)
        guard id != nil else { return false }
        try writer.appendAudit(
            at: now, actor: actor, kind: "halt.set", subject: target.scope.description,
            payload: ["code": .string(Self.code), "message": .string(reason)])
        _ = try writer.enqueueAlert(
            key: "halt:\(target.scope):operator", severity: .warning, kind: "halt",
            title: "Trading halted by hand (\(target.scope))", body: reason, at: now, dedupeWindowSeconds: 60)
        return true
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

    func validate() throws { try global.refuseProfile(ScopeOption.insteadOfProfile) }

    func run() async throws {
        let context = try CommandContext(global)
        try context.requireKnown(symbol: target.symbol, profile: target.onlyProfile)
        let now = context.clock.now()
        let actor = "operator \(CommandContext.process.user)"
        let store = try context.openStore()
        let isDryRun = context.isDryRun
        let desk = try context.cycleContext(store)
        let outcome =
            try isDryRun
            ? store.read { reader in try weigh(reader) { try Baselines.previewing(desk, at: now, reader) } }
            : store.write(durable: true) { try lift($0, desk, actor, at: now) }
        let flattens = try store.read { try $0.pendingOperatorOrders(kind: .flatten) }
        let document: JSONValue = [
            "schema": "takt.resume/1", "lifted": .int(Int64(outcome.lifted.count)),
            "remaining": .int(Int64(outcome.remaining.count)), "pending_flattens": .int(Int64(flattens.count)),
            "accepted_equity": JSONValue(outcome.accepted?.equity), "reason": .string(reason),
            "dry_run": .bool(isDryRun),
            "at": JSONValue(now),
        ]
        try context.output.emit(document) {
            let closing =
                flattens.isEmpty
                ? "" : " A flatten is still pending and closes what is opened: `takt flatten --withdraw` ends it."
            return outcome.sentence(isDryRun: isDryRun) + closing
        }
    }

    /// What resuming comes to.
    private struct Outcome {
        let lifted: [Halt]
        let remaining: [Halt]
        /// Today's equity, with what had been paid in, if a loss limit had halted: the new base of that limit.
        let accepted: Baselines?

        func sentence(isDryRun: Bool) -> String {
            let (count, left) = (lifted.count, remaining.count)
            if isDryRun {
                let rest = left == 0 ? "no halt would be in force" : "\(left) would stay in force: see `takt status`"
                return "Would lift \(count) halt(s); \(rest). Nothing was changed."
            }
            let rest = left == 0 ? "no halt is in force" : "\(left) still in force: see `takt status`"
            return "\(count) halt(s) lifted; \(rest)."
        }
    }

    private var scope: HaltScope? { target.symbol == nil && target.onlyProfile == nil ? nil : target.scope }

    /// - Parameter accepted: Today's equity as the new base of a loss limit.
    private func weigh(_ reader: StoreReader, accepting accepted: () throws -> Baselines) throws -> Outcome {
        let active = try reader.activeHalts()
        func isMeant(_ halt: Halt) -> Bool {
            (code == nil || halt.code == code) && (scope == nil || halt.scope == scope?.description)
        }
        let lifted = active.filter(isMeant)
        let isOfLoss = lifted.contains { ["daily-loss", "emergency-shutdown"].contains($0.code) }
        return Outcome(
            lifted: lifted, remaining: active.filter { !isMeant($0) }, accepted: isOfLoss ? try accepted() : nil)
    }

    private func lift(
        _ writer: StoreWriter, _ context: CycleContext, _ actor: String, at now: Instant
    ) throws -> Outcome {
        let outcome = try weigh(writer) { try Baselines.accepting(context, at: now, in: writer) }
        guard !outcome.lifted.isEmpty else { return outcome }
        let count = try writer.liftHalts(scope: scope, code: code, by: actor, reason: reason, at: now)
        if let baseline = outcome.accepted?.text {
            if outcome.lifted.contains(where: { $0.code == "emergency-shutdown" }) {
                try writer.setMeta(Baselines.total, baseline)
            }
            try writer.setMeta(Baselines.daily, baseline)
        }
        try writer.appendAudit(
            at: now, actor: actor, kind: "halt.lifted", subject: scope?.description ?? "every halt",
            payload: [
                "count": .int(Int64(count)), "reason": .string(reason), "code": JSONValue(code),
                "accepted_equity": JSONValue(outcome.accepted?.equity),
            ])
        return outcome
    }
}
