internal import Core
internal import Risk
internal import Store
internal import Settings

/// The account first, then every proposed intent; what is decided is recorded in the transaction that read the facts, so two
/// profiles that check at the same time cannot both use the same room under a limit.
struct RiskCheckStep: Step {
    let name = StepName.riskCheck

    func hasNewWork(_ beat: Beat) throws -> Bool {
        try beat.context.store.read { reader in
            let proposed = try reader.intents(cycle: beat.cycle).contains { $0.state == .proposed }
            return try proposed || !reader.pendingOperatorOrders(kind: .flatten).isEmpty
        }
    }

    func run(_ beat: Beat) async throws -> StepResult {
        if beat.isDryRun { return try beat.context.store.read { try preview(beat, $0) } }
        if let wait = try RestoreGuard.wait(beat) { return wait }
        beat.context.failpoints.hit(.riskBeforeWrite)
        let outcome = try beat.context.store.write(durable: true) { try judge(beat, in: $0) }
        beat.context.failpoints.hit(.riskAfterWrite)
        return try result(beat, outcome)
    }

    struct Outcome {
        let account: AccountVerdict
        let digest: Digest
    }

    private func judge(_ beat: Beat, in writer: StoreWriter) throws -> Outcome {
        try IntentExpiry.sweep(at: beat.now, in: writer)
        let proposed = try writer.intents(cycle: beat.cycle).filter { $0.state == .proposed }
        let first = try RiskView(beat, writer).check(proposed)
        let account = first.account()
        let record = RiskRecord(beat: beat, writer: writer)
        try record.halts(account.newHalts)
        try record.cancellations(account, live: first.state.liveOrders)
        try record.warnings(account.warnings)
        var exits: [OrderIntent] = []
        for exit in account.protectiveExits {
            if let intent = try record.intent(for: exit, first, besides: exits) { exits.append(intent) }
        }
        exits += try FlattenOrders(beat: beat, writer: writer).exits(first, besides: exits)
        // Halts of this very check bind the intents of this very check: the state is read again after they are stored.
        let all = proposed + exits
        let second = try RiskView(beat, writer).check(all)
        for intent in exits { _ = try writer.insertIntent(intent) }
        let byID = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let verdicts = second.intents(all)
        for verdict in verdicts {
            guard let intent = byID[verdict.intentID] else { continue }
            try record.verdict(verdict, on: intent)
        }
        let digest = try RiskEvidence.record(
            account: (first, account), verdicts: (second, all, verdicts), beat, in: writer)
        return Outcome(account: account, digest: digest)
    }

    /// The document is made from the rows, so a resumed run says the same as an unbroken one.
    private func result(_ beat: Beat, _ outcome: Outcome) throws -> StepResult {
        try beat.context.store.read { reader in
            let intents = try reader.intents(cycle: beat.cycle)
            let verdicts = try reader.riskVerdicts(cycle: beat.cycle)
            let halts = try reader.activeHalts()
            let approved = verdicts.filter { $0.verdict == .approved }.count
            let summary: [JSONValue.Member] = [
                .init("approved", .int(Int64(approved))), .init("rejected", .int(Int64(verdicts.count - approved))),
                .init(
                    "protective_exits",
                    .int(Int64(intents.filter { $0.purpose == .stopLoss || $0.purpose == .flatten }.count))),
                .init("halts", .int(Int64(halts.count))), .init("limits", outcome.account.numbers),
            ]
            let items = intents.map { DocumentItems.intent($0) }
            let warnings =
                outcome.account.warnings.map(\.description)
                + halts.map {
                    "halt \($0.code) (\($0.scope)) since \($0.setAt): \($0.message)"
                }
            let code: ExitCode =
                halts.contains { $0.scope == "all" || $0.scope == "profile:\(beat.profile.name)" } ? .halted : .success
            return StepResult(
                .succeeded, summary: summary, items: items, warnings: warnings, exitCode: code,
                inputDigest: outcome.digest)
        }
    }

    private func preview(_ beat: Beat, _ reader: StoreReader) throws -> StepResult {
        let proposed = try reader.intents(cycle: beat.cycle).filter { $0.state == .proposed }
        let check = try RiskView(beat, reader).check(proposed)
        let account = check.account()
        let verdicts = check.intents(proposed)
        return StepResult(
            .succeeded,
            summary: [
                .init("would_approve", .int(Int64(verdicts.filter(\.isApproved).count))),
                .init("would_halt", .int(Int64(account.newHalts.count))), .init("limits", account.numbers),
            ],
            items: verdicts.map(\.json), warnings: account.warnings.map(\.description))
    }
}

/// Writes what the risk check decided.
private struct RiskRecord {
    let beat: Beat
    let writer: StoreWriter

    func halts(_ orders: [HaltOrder]) throws {
        for order in orders {
            let id = try writer.setHalt(
                scope: order.scope, code: order.code, message: order.message, at: beat.now, by: "risk-check")
            guard let id else { continue }
            try writer.appendAudit(
                at: beat.now, actor: "risk-check", kind: "halt.set", subject: order.scope.description,
                payload: ["code": .string(order.code), "message": .string(order.message)])
            try AlertDesk(context: beat.context, now: beat.now).raise(
                key: "halt:\(id)", severity: .critical, kind: order.code,
                title: order.isEmergency ? "EMERGENCY SHUTDOWN" : "Trading halted: \(order.code)", body: order.message,
                in: writer)
        }
    }

    /// Cancellations become operator orders: durable wishes that `submit` carries out.
    func cancellations(_ verdict: AccountVerdict, live: [ManagedOrder]) throws {
        let wished = Set(try writer.pendingOperatorOrders(kind: .cancel).map(\.scope))
        for id in verdict.cancelOrders where !wished.contains(id.text) {
            _ = try writer.addOperatorOrder(
                kind: .cancel, scope: id.text, reason: "in the way of a protective exit", by: "risk-check",
                at: beat.now)
        }
    }

    func warnings(_ warnings: [Reason]) throws {
        for warning in warnings {
            // The first words name the subject; the numbers behind them change with every beat.
            let subject = warning.message.split(separator: " ").prefix(6).joined(separator: " ")
            // Without equity no loss limit is judged: that is worse than a limit half used.
            try AlertDesk(context: beat.context, now: beat.now).raise(
                key: "risk:\(warning.code):\(beat.now.utcDate):\(subject)",
                severity: warning.code == "equity-unknown" ? .error : .warning, kind: warning.code,
                title: "Risk: \(warning.code)", body: warning.message, in: writer)
        }
    }

    func intent(
        for exit: ProtectiveExit, _ check: RiskCheck, besides taken: [OrderIntent]
    ) throws -> OrderIntent? {
        try ProtectiveIntents(beat: beat, writer: writer)
            .intent(
                exit.symbol, exit.broker, exit.side, exit.quantity, exit.purpose, exit.reason, check, besides: taken)
    }

    func verdict(_ verdict: IntentVerdict, on intent: OrderIntent) throws {
        let state: OrderState = verdict.isApproved ? .approved : .rejected
        let reasons = intent.reasons + verdict.reasons
        try writer.updateIntent(
            intent.id, expecting: .proposed, state: state, attempt: intent.attempt, reasons: reasons)
        try writer.putRiskVerdict(
            RiskVerdict(
                intentID: intent.id, cycle: beat.cycle, verdict: verdict.isApproved ? .approved : .rejected,
                reasons: verdict.reasons, numbers: verdict.json, decidedAt: beat.now))
        try writer.appendAudit(
            at: beat.now, actor: "risk-check", kind: "intent.\(state.rawValue)", subject: intent.id.text,
            payload: ["reasons": DocumentItems.reasons(verdict.reasons)])
    }
}

/// Puts a protective exit into the form of an intent.
struct ProtectiveIntents {
    let beat: Beat
    let writer: StoreWriter

    /// `nil` when the cycle already has an open intent for it, or nothing to measure its price against.
    func intent(
        _ symbol: Symbol, _ broker: BrokerID, _ side: Side, _ quantity: Quantity, _ purpose: OrderPurpose,
        _ reason: Reason, _ check: RiskCheck, besides taken: [OrderIntent]
    ) throws -> OrderIntent? {
        let earlier = try writer.intents(cycle: beat.cycle).filter { $0.symbol == symbol && $0.purpose == purpose }
        guard earlier.allSatisfy({ $0.state.isFinal || $0.broker != broker }) else { return nil }
        // Legs tell apart what one cycle, instrument and purpose have more than one of: retries, and two brokers.
        let leg =
            max(
                earlier.map(\.leg).max() ?? 0,
                taken.filter { $0.symbol == symbol && $0.purpose == purpose }.map(\.leg).max() ?? 0) + 1
        guard
            let reference = check.markets[symbol]?.lastPrice?.price(at: beat.now, maxAge: check.limits.valuationMaxAge)
        else { return nil }
        return OrderIntent(
            cycle: beat.cycle, symbol: symbol, leg: leg, purpose: purpose, side: side, type: .market,
            quantity: quantity, timeInForce: .day, broker: broker, referencePrice: reference, createdAt: beat.now,
            expiresAt: max(beat.expiresAt, beat.now.advanced(bySeconds: Int64(beat.profile.timeframe.seconds))),
            reasons: [reason])
    }
}

/// "Close all positions" as the operator ordered it: durable, carried out by whichever beat next can, done when nothing is
/// left to close.
struct FlattenOrders {
    let beat: Beat
    let writer: StoreWriter

    func exits(_ check: RiskCheck, besides planned: [OrderIntent]) throws -> [OrderIntent] {
        let orders = try writer.pendingOperatorOrders(kind: .flatten)
        guard !orders.isEmpty else { return [] }
        let projection = try check.projection()
        var exits: [OrderIntent] = []
        for order in orders {
            let positions = check.state.positions.filter { covers(order.scope, $0.symbol) && !$0.quantity.isZero }
            // Foreign orders are never touched, so nothing here waits for them.
            let live = check.state.liveOrders.filter { covers(order.scope, $0.symbol) && $0.origin == .takt }
            if positions.isEmpty, live.isEmpty {
                try complete(order)
                continue
            }
            try cancel(live)
            for position in positions {
                let key = HoldingKey(symbol: position.symbol, broker: position.broker)
                let rest = try projection.holding(key).exitable()
                let isPlanned = (planned + exits).contains {
                    $0.symbol == position.symbol && $0.broker == position.broker
                }
                guard rest.isPositive, !isPlanned, check.markets[position.symbol]?.isOpen ?? false else { continue }
                let reason = Reason(code: "flatten", message: "ordered by \(order.createdBy): \(order.reason)")
                let side: Side = position.quantity.isPositive ? .sell : .buy
                let intent = try ProtectiveIntents(beat: beat, writer: writer)
                    .intent(
                        position.symbol, position.broker, side, rest, .flatten, reason, check,
                        besides: planned + exits)
                if let intent { exits.append(intent) }
            }
        }
        return exits
    }

    private func covers(_ scope: String, _ symbol: Symbol) -> Bool { scope == "all" || scope == "symbol:\(symbol)" }

    /// Whatever could open a position again is withdrawn; exits at the market stay.
    private func cancel(_ live: [ManagedOrder]) throws {
        let wished = Set(try writer.pendingOperatorOrders(kind: .cancel).map(\.scope))
        for order in live
        where order.origin == .takt && order.brokerOrderID != nil && !wished.contains(order.clientOrderID.text) {
            let isExit = try order.intentID.flatMap { try writer.intent($0) }?.purpose.reducesRisk ?? false
            guard !(isExit && order.type == .market), ![.cancelling, .cancelInDoubt].contains(order.state) else {
                continue
            }
            _ = try writer.addOperatorOrder(
                kind: .cancel, scope: order.clientOrderID.text, reason: "flatten", by: "risk-check", at: beat.now)
        }
    }

    private func complete(_ order: StoredOperatorOrder) throws {
        try writer.completeOperatorOrder(order.id, at: beat.now)
        try writer.appendAudit(
            at: beat.now, actor: "risk-check", kind: "flatten.done", subject: order.scope,
            payload: ["id": .int(order.id)])
    }
}
