internal import Core
internal import Execution
internal import Store

/// What holds among the orders of a bracket, whatever their broker does with them: what protects an entry ends with one that is
/// over unfilled, and an entry whose protection does not stand is withdrawn.
struct BracketRules {
    let context: CycleContext
    let now: Instant

    static let unprotectedCode = "entry-unprotected"

    /// To be asked whenever an order has changed.
    func follow(_ order: ManagedOrder, before: ManagedOrder, in writer: StoreWriter) throws {
        guard order.state != before.state, order.state.isFinal else { return }
        if order.handling.bracket != nil, order.state != .filled {
            try withdrawProtection(of: order, in: writer)
        } else if let entry = order.handling.protects, order.state == .rejectedByBroker || order.neverReachedItsBroker {
            try withdraw(entry, without: order, in: writer)
        }
    }

    /// An entry that is over with less than was wanted: orders for all of it no longer fit. What is held of it is left to the
    /// stop-loss of the risk check.
    private func withdrawProtection(of entry: ManagedOrder, in writer: StoreWriter) throws {
        guard let intent = try entry.intentID.flatMap({ try writer.intent($0) }) else { return }
        let exits = intent.protection(state: .approved, at: now).map {
            ClientOrderID(intent: $0.id, attempt: entry.attempt)
        }
        let live = try exits.filter { try writer.order($0)?.state.mayBeLive ?? false }
        try writer.wishCancelled(
            live, because: "its entry \(entry.clientOrderID) is \(entry.state.rawValue)", by: "takt", at: now)
    }

    private func withdraw(_ id: IntentID, without exit: ManagedOrder, in writer: StoreWriter) throws {
        let entries = try writer.orders(intent: id).filter { $0.attempt == exit.attempt && $0.state.mayBeLive }
        guard let entry = entries.first, entry.leavesQuantity.isPositive else { return }
        try writer.wishCancelled(
            [entry.clientOrderID], because: "its protection \(exit.clientOrderID) is \(exit.state.rawValue)",
            by: "takt", at: now)
        try AlertDesk(context: context, now: now).raise(
            key: "\(Self.unprotectedCode):\(entry.clientOrderID)", severity: .error, kind: Self.unprotectedCode,
            title:
                "Entry without its protection: \(entry.side.rawValue) \(entry.quantity) \(entry.symbol) at \(entry.broker)",
            body: "\(exit.clientOrderID), which was to protect \(entry.clientOrderID), is \(exit.state.rawValue): "
                + "\(exit.reasons.last?.message ?? "no reason given"). The entry is withdrawn with the next submit; what is "
                + "held of it is watched by the stop-loss of every risk check.",
            fields: [
                "symbol": JSONValue(entry.symbol), "broker": JSONValue(entry.broker),
                "client_order_id": JSONValue(entry.clientOrderID), "state": .string(entry.state.rawValue),
            ], in: writer)
    }
}

extension StoreWriter {
    /// Puts an order of a bracket among the intents, approved with its entry; again, where an attempt before reached nobody.
    func approve(protection intent: OrderIntent) throws {
        guard try !insertIntent(intent), let stored = try self.intent(intent.id), stored.state != .approved else {
            return
        }
        try updateIntent(
            intent.id, expecting: stored.state, state: .approved, attempt: intent.attempt, reasons: intent.reasons)
    }
}
