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
        if let wait = try RestoreGuard.wait(beat, forAll: false) { return wait }
        var notes = try await ActivityBooking.bringUpToDate(beat)
        notes += try beat.context.store.read { reader in
            let unknown = try RestoreGuard.unknown(beat.context, reader)
            return unknown.isEmpty ? [] : [try RestoreGuard.note(unknown, reader)]
        }
        beat.context.failpoints.hit(.riskBeforeWrite)
        // The account, its exits and all that nobody has to be asked about come first: nothing shall hold up a stop-loss.
        let asking = OrderPreviews(beat.context)
        var outcome = try beat.context.store.write(durable: true) {
            try judge(beat, [:], { !asking.isAsked($0) }, in: $0)
        }
        let answers = try await asking.ask(beat)
        if !answers.known.isEmpty {
            // As of now: the asking may have taken a while, and others may have sent orders meanwhile.
            let later = beat.refreshed()
            outcome = try beat.context.store.write(durable: true) {
                try judge(later, answers.known, { !asking.isAsked($0) || answers.known[$0.id] != nil }, in: $0)
            }
        }
        beat.context.failpoints.hit(.riskAfterWrite)
        var result = try result(beat, outcome)
        result.warnings = notes + result.warnings
        answers.tell(in: &result)
        return result
    }

    struct Outcome {
        let account: AccountVerdict
        let doubts: [ScaleDoubt]
        let digest: Digest
    }

    /// - Parameters:
    ///   - previews: What brokers say of intents.
    ///   - isDue: Whether an intent is judged now; the others stay proposed.
    private func judge(
        _ beat: Beat, _ previews: [IntentID: OrderPreview], _ isDue: (OrderIntent) -> Bool, in writer: StoreWriter
    ) throws -> Outcome {
        try IntentExpiry.sweep(at: beat.now, in: writer)
        let proposed = try writer.intents(cycle: beat.cycle).filter { $0.state == .proposed && isDue($0) }
        try OpeningValuation.settle(beat.context, at: beat.now, in: writer)
        let view = try RiskView(beat, writer)
        let first = try view.check(proposed, previews)
        let account = first.account()
        let record = RiskRecord(beat: beat, writer: writer)
        try writer.keep(view.books.readings)
        try record.doubts(view.books.doubts(beat.context))
        try record.endedStatements(view.books.readings)
        try record.halts(account.newHalts)
        try record.cancellations(account.cancelOrders)
        try record.warnings(account.warnings)
        let exits = try ProtectiveIntents(beat: beat, reader: writer).make(account.protectiveExits)
        // Halts of this very check bind the intents of this very check: the state is read again after they are stored.
        let all = proposed + exits
        let second = try RiskView(beat, writer).check(all, previews)
        for intent in exits { _ = try writer.insertIntent(intent) }
        let byID = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let verdicts = second.intents(all)
        for verdict in verdicts {
            guard let intent = byID[verdict.intentID] else { continue }
            try record.verdict(verdict, on: intent)
        }
        try record.finished(account.finishedFlattens, of: first.state.flattens)
        let digest = try RiskEvidence.record(
            account: (first, account), verdicts: (second, all, verdicts), beat, in: writer)
        return Outcome(account: account, doubts: view.books.doubts(beat.context), digest: digest)
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
                    .int(Int64(intents.filter { $0.purpose.isProtective && $0.handling.protects == nil }.count))),
                .init("halts", .int(Int64(halts.count))), .init("limits", outcome.account.numbers),
            ]
            let items = intents.map { DocumentItems.intent($0) }
            let warnings =
                outcome.doubts.map(\.warning) + Self.warnings(outcome.account)
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

    /// A closed exchange is in the nature of things: it is said with each beat, and nobody is woken for it.
    private static func warnings(_ account: AccountVerdict) -> [String] {
        account.warnings.map(\.description)
            + account.deferredExits.map { exit in
                "exit-deferred: \(exit.side.rawValue) \(exit.quantity) \(exit.symbol) at \(exit.broker) "
                    + "(\(exit.purpose.rawValue)) waits until \(exit.exchange) takes orders again"
            }
    }

    private func preview(_ beat: Beat, _ reader: StoreReader) throws -> StepResult {
        let proposed = try reader.intents(cycle: beat.cycle).filter { $0.state == .proposed }
        let check = try RiskView(beat, reader).check(proposed)
        let account = check.account()
        let exits = try ProtectiveIntents(beat: beat, reader: reader).make(account.protectiveExits)
        let verdicts = check.intents(proposed + exits)
        return StepResult(
            .succeeded,
            summary: [
                .init("would_approve", .int(Int64(verdicts.filter(\.isApproved).count))),
                .init("would_halt", .int(Int64(account.newHalts.count))),
                .init("would_cancel", .int(Int64(account.cancelOrders.count))), .init("limits", account.numbers),
            ],
            items: verdicts.map(\.json), warnings: Self.warnings(account))
    }
}
