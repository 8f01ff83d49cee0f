public import Core
internal import Execution
internal import Ledger
internal import Settings
public import Store

/// Books what explains a break that no list of the broker's ever will: a transfer, a spin-off, interest, a fee of the
/// account. The entry is a person's, recorded with who and why; takt itself never adjusts its books.
public struct BreakDesk {
    /// What a difference in cash is.
    public enum CashKind: String, Hashable, Sendable, CaseIterable {
        /// Money paid in or taken out: no profit and no loss.
        case deposit
        /// Interest, a fee of the account, a correction: profit or loss.
        case adjustment
    }

    /// What a person knows of the difference beyond its size.
    public struct Explanation: Sendable {
        /// Needed for cash.
        public var cashKind: CashKind?
        /// What a unit cost, in the currency of the position; needed where units came in. Units that left do so at their
        /// average cost unless it is given.
        public var price: Price?
        /// The currency of a symbol that neither our books nor symbols.yaml know.
        public var currency: Currency?
        public var reason: String

        public init(cashKind: CashKind?, price: Price?, currency: Currency?, reason: String) {
            self.cashKind = cashKind
            self.price = price
            self.currency = currency
            self.reason = reason
        }
    }

    private let context: CycleContext
    private let now: Instant
    private let actor: String
    private let isDryRun: Bool

    public init(context: CycleContext, now: Instant, actor: String, isDryRun: Bool) {
        self.context = context
        self.now = now
        self.actor = actor
        self.isDryRun = isDryRun
    }

    /// Books the difference as the last reconcile saw it, and closes the break.
    ///
    /// - Returns: The break as it was, and what is booked for it.
    /// - Throws: ``StepFailure`` where the two sides may yet come to agree by themselves, where they have moved since the last
    ///   reconcile, and where something about the difference is missing.
    public func book(_ id: Int64, as explanation: Explanation) throws -> (BookBreak, LedgerEntry.Fact) {
        guard !isDryRun else { return try context.store.read { try plan(id, explanation, $0) } }
        return try context.store.write(durable: true) { writer in
            let (found, fact) = try plan(id, explanation, writer)
            let entry = "break:\(id)"
            try writer.appendLedgerEvent(
                broker: found.broker, account: found.account, at: now, fact: fact, externalID: entry)
            _ = try writer.closeBreak(id, isAccepted: false, at: now)
            try writer.appendAudit(
                at: now, actor: actor, kind: "break.booked",
                subject: "\(found.kind) \(found.subject) at \(found.broker)",
                payload: [
                    "id": .int(id), "ours": .string(found.ours), "theirs": .string(found.theirs),
                    "fact": .string("\(fact)"), "entry": .string(entry), "reason": .string(explanation.reason),
                ])
            return (found, fact)
        }
    }

    private func plan(
        _ id: Int64, _ explanation: Explanation, _ reader: StoreReader
    ) throws -> (BookBreak, LedgerEntry.Fact) {
        guard let found = try reader.openBreaks().first(where: { $0.id == id }) else {
            throw refusal(id, "it is not open", "`takt breaks --state open` lists those that are.")
        }
        let watermark = try reader.meta(ReconciliationWriter.watermarkKey(found.broker, found.account))
        guard watermark.flatMap({ Instant(rfc3339: $0) }) == found.lastSeenAt else {
            throw refusal(id, "the last reconcile did not look at it", Self.lookAgain)
        }
        try refuseWhileOpen(found, reader)
        let ledger = try Ledger.fold(try reader.ledgerEntries(broker: found.broker))
        switch BookDifference.Kind(rawValue: found.kind) {
        case .position: return (found, try transfer(found, explanation, ledger))
        case .cash: return (found, try cash(found, explanation, ledger))
        case .missingFills, .missingOrder, .duplicateOrder, .changedActivity, nil:
            throw refusal(
                id, "a break of kind \(found.kind) is no difference in what is held",
                "`takt breaks close --help` and `takt orders settle --help` say what ends it.")
        }
    }

    /// What is still to come would be booked twice: once by hand, and once when it comes.
    private func refuseWhileOpen(_ found: BookBreak, _ reader: StoreReader) throws {
        func concerns(_ symbol: Symbol?) -> Bool { found.symbol == nil || symbol == found.symbol }
        let missing: Set<String> = [
            BookDifference.Kind.missingFills.rawValue, BookDifference.Kind.missingOrder.rawValue,
        ]
        let others = try reader.openBreaks(broker: found.broker).filter {
            $0.account == found.account && missing.contains($0.kind) && concerns($0.symbol)
        }
        if let other = others.first {
            throw refusal(
                found.id, "break \(other.id) (\(other.kind) \(other.subject)) is open and may explain it",
                "Settle that one first.")
        }
        let doubtful = try reader.openOrders(broker: found.broker, account: found.account).first { order in
            concerns(order.symbol) && [.submitting, .inDoubt, .cancelInDoubt].contains(order.state)
        }
        if let doubtful {
            throw refusal(
                found.id, "order \(doubtful.clientOrderID) is \(doubtful.state.rawValue) and may explain it",
                Self.lookAgain)
        }
    }

    private func transfer(
        _ found: BookBreak, _ explanation: Explanation, _ ledger: Ledger
    ) throws -> LedgerEntry.Fact {
        let symbol = Symbol(found.subject)
        let position = ledger.position(symbol, broker: found.broker, account: found.account)
        let ours = position?.quantity ?? .zero
        let delta = Quantity(try difference(found, ours: ours.value))
        let instrument = context.settings.instruments[symbol]
        guard let currency = position?.currency ?? instrument?.currency ?? explanation.currency else {
            throw refusal(found.id, "the currency of \(symbol) is not known", "Give --currency, such as USD.")
        }
        if let given = explanation.currency, given != currency {
            throw refusal(found.id, "\(symbol) is in \(currency)", "Leave --currency out.")
        }
        guard explanation.cashKind == nil else {
            throw refusal(found.id, "a difference in a position is a transfer", "Leave --as out.")
        }
        let isOpening = ours.isZero || ours.isNegative == delta.isNegative || delta.magnitude > ours.magnitude
        guard let price = explanation.price ?? (isOpening ? nil : position?.averageCost) else {
            throw refusal(
                found.id, "\(delta) \(symbol) came in, and what a unit cost is not known",
                "Give --price in \(currency): stop-losses and profit are measured against it.")
        }
        return .transfer(
            symbol, delta, averageCost: price, multiplier: position?.multiplier ?? instrument?.multiplier ?? .one,
            currency)
    }

    private func cash(_ found: BookBreak, _ explanation: Explanation, _ ledger: Ledger) throws -> LedgerEntry.Fact {
        guard let currency = Currency(found.subject) else {
            throw refusal(found.id, "'\(found.subject)' is no currency", Self.lookAgain)
        }
        guard explanation.price == nil, explanation.currency == nil else {
            throw refusal(found.id, "it is about cash", "Leave --price and --currency out.")
        }
        let held = try ledger.cashByCurrency(AccountKey(found.broker, found.account))[currency]?.rounded ?? .zero
        let delta = Money(try difference(found, ours: held), currency)
        switch explanation.cashKind {
        case .deposit: return .deposit(delta)
        case .adjustment: return .adjustment(delta)
        case nil:
            throw refusal(
                found.id, "it must be said what \(delta) are",
                "Give --as deposit for money paid in or taken out, --as adjustment for interest, fees and corrections.")
        }
    }

    /// Theirs less ours, if ours still is what the break says.
    private func difference(_ found: BookBreak, ours: FixedPoint) throws -> FixedPoint {
        guard let noted = try? FixedPoint(found.ours), let theirs = try? FixedPoint(found.theirs), noted == ours else {
            throw refusal(found.id, "our books have moved since: \(found.ours) then, \(ours) now", Self.lookAgain)
        }
        return try theirs - ours
    }

    private static let lookAgain = "Run `takt reconcile --again` and look at `takt breaks`."

    private func refusal(_ id: Int64, _ why: String, _ cure: String) -> StepFailure {
        StepFailure(
            code: "not-booked", message: "Break \(id) cannot be booked so: \(why).",
            hint: "Nothing was changed. \(cure)",
            isRetryable: false, exitCode: .badInput)
    }
}
