internal import Core
internal import Execution
internal import Store
internal import Settings

/// Writes what happened to orders: the order's row, its intent, the audit trail and the alert, always in one transaction.
struct OrderRecorder {
    let context: CycleContext
    let now: Instant

    /// Stores the new value of an order whose old value is `before`, and lets its intent follow.
    func record(_ order: ManagedOrder, before: ManagedOrder, in writer: StoreWriter) throws {
        guard order != before else { return }
        try writer.updateOrder(order, expecting: before.state)
        if order.state != before.state || order.filledQuantity != before.filledQuantity {
            try writer.appendAudit(
                at: now, actor: "takt", kind: "order.\(order.state.rawValue)", subject: order.clientOrderID.text,
                payload: DocumentItems.order(order))
        }
        if order.hasOtherTerms(than: before) { try tellOfAmendment(order, before: before, in: writer) }
        try follow(order, in: writer)
        if order.state.isFinal, !before.state.isFinal { try completeCancels(of: order.clientOrderID, in: writer) }
        if before.state.isFinal, !order.state.isFinal || order.filledQuantity > before.filledQuantity {
            try alertRevival(order, before: before, in: writer)
        }
        guard order.state != before.state else { return }
        if OrderMachine.isBeingCancelled(before), order.state.mayBeLive, !OrderMachine.isBeingCancelled(order) {
            try alertFailedCancel(order, in: writer)
        }
        try alert(order, in: writer)
    }

    /// Nothing is left to cancel of an order that is final: wishes to cancel it have come true or come too late.
    func completeCancels(of id: ClientOrderID, in writer: StoreWriter) throws {
        for wish in try writer.pendingOperatorOrders(kind: .cancel) where wish.scope == id.text {
            try writer.completeOperatorOrder(wish.id, at: now)
            try writer.appendAudit(
                at: now, actor: "takt", kind: "cancel.done", subject: wish.scope,
                payload: ["outcome": "the order is final"])
        }
    }

    /// The intent's state is that of its newest order; one that never arrived, or never left, becomes sendable again while
    /// its window is open.
    private func follow(_ order: ManagedOrder, in writer: StoreWriter) throws {
        guard let id = order.intentID, var intent = try writer.intent(id) else { return }
        guard intent.attempt == order.attempt else { return try withdraw(intent, for: order, in: writer) }
        let old = intent.state
        if order.neverReachedItsBroker {
            intent.reasons += order.reasons.suffix(1)
            if try isCancelWished(order, in: writer) {
                // Whoever wanted it gone does not want its replacement.
                intent.state = .cancelled
                intent.reasons.append(
                    Reason(code: "cancelled-unsent", message: "its cancellation was ordered before it had arrived"))
            } else if try isFlattened(intent, in: writer) {
                intent.state = .expired
                intent.reasons.append(
                    Reason(code: "flatten", message: "a flatten was ordered before it had arrived"))
            } else if intent.handling.protects != nil {
                // It goes with its entry, or not at all.
                intent.state = .expired
            } else if now < intent.expiresAt {
                intent.state = .approved
                intent.attempt += 1
            } else {
                intent.state = .expired
                try UnsentOrders.alert(intent, at: now, in: writer)
            }
        } else {
            intent.state = order.state
            // Why the order was wanted stays on record beside what became of it.
            intent.reasons += order.reasons.filter { !intent.reasons.contains($0) }
        }
        guard intent.state != old || intent.attempt != order.attempt else { return }
        try writer.updateIntent(
            intent.id, expecting: old, state: intent.state, attempt: intent.attempt, reasons: intent.reasons)
    }

    private func isCancelWished(_ order: ManagedOrder, in writer: StoreWriter) throws -> Bool {
        try writer.pendingOperatorOrders(kind: .cancel).contains { $0.scope == order.clientOrderID.text }
    }

    /// Whether an entry was decided before an operator ordered its symbol to be closed, done by now or not.
    private func isFlattened(_ intent: OrderIntent, in reader: StoreReader) throws -> Bool {
        guard !intent.purpose.reducesRisk else { return false }
        return try reader.operatorOrders(ListFilter(since: intent.createdAt), kind: .flatten).contains { order in
            order.scope == HaltScope.all.description || order.scope == HaltScope.symbol(intent.symbol).description
        }
    }

    /// An earlier attempt, proven absent, stands at the broker after all: the next attempt must not leave as well.
    private func withdraw(_ intent: OrderIntent, for order: ManagedOrder, in writer: StoreWriter) throws {
        guard intent.attempt > order.attempt, order.state.mayBeLive || order.filledQuantity.isPositive,
            intent.state == .approved
        else { return }
        let reason = Reason(
            code: "arrived-after-all",
            message: "attempt \(order.attempt) stands at \(order.broker) as \(order.brokerOrderID?.text ?? "?")")
        try writer.updateIntent(
            intent.id, expecting: .approved, state: order.state, attempt: order.attempt,
            reasons: intent.reasons + [reason])
    }

    /// Takt changes no order but by `takt orders revise`: a split did, or a hand at the broker. What is left of it counts as it
    /// stands there.
    private func tellOfAmendment(_ order: ManagedOrder, before: ManagedOrder, in writer: StoreWriter) throws {
        try writer.appendAudit(
            at: now, actor: order.broker.text, kind: "order.amended", subject: order.clientOrderID.text,
            payload: ["before": DocumentItems.order(before), "after": DocumentItems.order(order)])
        guard order.isOurs, try !isRevision(order, before: before, in: writer),
            !order.isReducedByItsBracket(before)
        else { return }
        try raise(
            "amended:\(order.clientOrderID):\(order.termsText)", .warning, "order-amended",
            "Order changed at \(order.broker): \(order.side.rawValue) \(order.symbol)",
            "\(order.clientOrderID) was \(before.termsText) and stands at \(order.broker) as \(order.termsText), with "
                + "\(order.filledQuantity) filled: a split, or a change by hand. It counts as it stands there; "
                + "`takt orders cancel \(order.clientOrderID)` withdraws it.",
            order, in: writer)
    }

    /// Whether the order has the prices now that it was to be given, and nothing else has changed.
    private func isRevision(_ order: ManagedOrder, before: ManagedOrder, in reader: StoreReader) throws -> Bool {
        guard order.quantity == before.quantity else { return false }
        return try reader.pendingOperatorOrders(kind: .revise).contains {
            $0.scope == order.clientOrderID.text && $0.revision?.type == order.type
        }
    }

    /// An order thought dead lives or was filled: its quantity counts again, and somebody has to know.
    private func alertRevival(_ order: ManagedOrder, before: ManagedOrder, in writer: StoreWriter) throws {
        try raise(
            "revived:\(order.clientOrderID):\(order.filledQuantity)", .critical, "order-revived",
            "Order thought \(before.state.rawValue) is \(order.state.rawValue): \(order.symbol) at \(order.broker)",
            "\(order.clientOrderID) was on our books as \(before.state.rawValue); \(order.broker) shows it as "
                + "\(order.state.rawValue) with \(order.filledQuantity) filled. It is booked and counts in risk; look at it.",
            order, in: writer)
    }

    private func alert(_ order: ManagedOrder, in writer: StoreWriter) throws {
        let what = "\(order.side.rawValue) \(order.quantity) \(order.symbol) at \(order.broker)"
        switch order.state {
        case .inDoubt:
            try raise(
                "in-doubt:\(order.clientOrderID)", .critical, "order-in-doubt", "Order in doubt: \(what)",
                "\(order.clientOrderID) may be live at \(order.broker): \(order.reasons.last?.message ?? "no answer"). "
                    + "Nothing is sent twice and \(order.symbol) is blocked there until reconcile has settled it.",
                order, in: writer)
        case .rejectedByBroker:
            try raise(
                "rejected:\(order.clientOrderID)", .error, "order-rejected", "Order rejected: \(what)",
                "\(order.broker) refused \(order.clientOrderID): \(order.reasons.last?.message ?? "no reason given"). "
                    + "It is not tried again; look at it before the next entry.",
                order, in: writer)
        case .cancelInDoubt:
            try raise(
                "cancel-in-doubt:\(order.clientOrderID)", .critical, "cancel-in-doubt", "Cancel in doubt: \(what)",
                "Whether \(order.broker) cancelled \(order.clientOrderID) is not known: \(order.reasons.last?.message ?? "no answer"). "
                    + "It counts as live; reconcile tells, and the cancel is tried again if it still works.",
                order, in: writer)
        case .proposed, .approved, .rejected, .submitting, .acknowledged, .working, .partiallyFilled, .filled,
            .cancelling, .cancelled, .expired:
            break
        }
    }

    /// An order that was to be cancelled lives on. One that was filled meanwhile does not come here.
    private func alertFailedCancel(_ order: ManagedOrder, in writer: StoreWriter) throws {
        let reason = order.reasons.last
        try raise(
            "cancel-failed:\(order.clientOrderID)", .warning, reason?.code ?? OrderMachine.cancelWithoutEffectCode,
            "Not cancelled: \(order.side.rawValue) \(order.quantity) \(order.symbol) at \(order.broker)",
            "\(order.clientOrderID) was to be cancelled and is \(order.state.rawValue): \(reason?.message ?? "no reason given"). "
                + "The cancellation is sent again with every beat until the order is final; `takt orders` shows it.",
            order, in: writer)
    }

    /// An order in our account that nobody here placed, or that was sent after the copy which this database was put back from.
    func adopt(_ order: ManagedOrder, in writer: StoreWriter) throws {
        try writer.insertOrder(order)
        guard !order.isOurs else {
            try writer.appendAudit(
                at: now, actor: "takt", kind: "order.recovered", subject: order.clientOrderID.text,
                payload: DocumentItems.order(order))
            return try raise(
                "recovered:\(order.clientOrderID)", .warning, "order-recovered",
                "Order of before the restore: \(order.side.rawValue) \(order.quantity) \(order.symbol) at \(order.broker)",
                "\(order.clientOrderID) was sent after the copy that this database was restored from, and is "
                    + "\(order.state.rawValue) at \(order.broker) as \(order.brokerOrderID?.text ?? "?"). It counts in risk and "
                    + "is withdrawn like any order of ours: `takt orders cancel \(order.clientOrderID)`.",
                order, in: writer)
        }
        try writer.appendAudit(
            at: now, actor: "takt", kind: "order.external", subject: order.clientOrderID.text,
            payload: DocumentItems.order(order))
        try raise(
            "external:\(order.clientOrderID)", .warning, "external-order",
            "Foreign order: \(order.side.rawValue) \(order.quantity) \(order.symbol) at \(order.broker)",
            "\(order.broker) lists order \(order.brokerOrderID?.text ?? "?") which takt did not place. It counts in risk "
                + "and is left alone.", order, in: writer)
    }

    private func raise(
        _ key: String, _ severity: AlertSeverity, _ kind: String, _ title: String, _ body: String,
        _ order: ManagedOrder,
        in writer: StoreWriter
    ) throws {
        let fields: JSONValue = [
            "symbol": JSONValue(order.symbol), "broker": JSONValue(order.broker),
            "client_order_id": JSONValue(order.clientOrderID), "broker_order_id": JSONValue(order.brokerOrderID),
            "state": .string(order.state.rawValue),
        ]
        try AlertDesk(context: context, now: now).raise(
            key: key, severity: severity, kind: kind, title: title, body: body, fields: fields, in: writer)
    }
}

/// Puts alerts into the outbox, in the transaction of the fact they tell about: an alert is neither lost nor invented.
struct AlertDesk {
    let context: CycleContext
    let now: Instant

    /// - Parameter dedupeSeconds: For how long the key is told once; as configured unless given.
    func raise(
        key: String, severity: AlertSeverity, kind: String, title: String, body: String, fields: JSONValue = [:],
        dedupeSeconds: Int? = nil, in writer: StoreWriter
    ) throws {
        _ = try writer.enqueueAlert(
            key: key, severity: severity, kind: kind, title: title, body: body, fields: fields, at: now,
            dedupeWindowSeconds: dedupeSeconds ?? context.settings.alerts.dedupeSeconds)
    }
}

extension ManagedOrder {
    fileprivate func hasOtherTerms(than other: ManagedOrder) -> Bool {
        quantity != other.quantity || !type.isListed(as: other.type) || timeInForce != other.timeInForce
    }

    /// What the other order of a bracket has executed is taken off this one.
    fileprivate func isReducedByItsBracket(_ before: ManagedOrder) -> Bool {
        handling.protects != nil && quantity < before.quantity && type.isListed(as: before.type)
            && timeInForce == before.timeInForce
    }

    /// `limit 100 at 120 gtc`.
    fileprivate var termsText: String {
        let prices = [
            type.stopPrice?.description, type.limitPrice?.description, type.trail?.amount?.description,
            type.trail?.share.map { "\($0) of the price" }, type.limitOffset?.description,
        ].compactMap { $0 }
        let at = prices.isEmpty ? "" : " at \(prices.joined(separator: ", "))"
        return "\(type.name) \(quantity)\(at) \(timeInForce.rawValue)"
    }
}
