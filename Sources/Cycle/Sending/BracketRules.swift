internal import Core
internal import Execution
internal import Store

/// What holds among the orders of a bracket: what protects an entry ends with one that is over with less than was wanted, an entry
/// whose protection does not stand is withdrawn, and a position that is held without the protection it was to have is told.
struct BracketRules {
    let context: CycleContext
    let now: Instant

    static let unprotectedCode = "entry-unprotected"

    /// To be asked in the transaction in which orders have changed, once all of its changes are written: what one of a bracket
    /// means, the others say.
    func follow(_ changed: [ClientOrderID], in writer: StoreWriter) throws {
        for id in changed {
            guard let order = try writer.order(id) else { continue }
            if order.handling.bracket != nil {
                if order.state.isFinal, order.state != .filled {
                    try withdrawProtection(of: order, in: writer)
                } else {
                    for exit in try protection(of: order, writer) { try look(at: order, beside: exit, in: writer) }
                }
            } else if let entry = order.handling.protects,
                let other = try writer.orders(intent: entry).first(where: { $0.attempt == order.attempt })
            {
                try look(at: other, beside: order, in: writer)
            }
        }
    }

    /// Orders for all of an entry no longer fit what is held of it: that is left to the stop-loss of the risk check.
    private func withdrawProtection(of entry: ManagedOrder, in writer: StoreWriter) throws {
        let why = "its entry \(entry.clientOrderID) is \(entry.state.rawValue)"
        let live = try protection(of: entry, writer).filter(\.state.mayBeLive)
        try writer.wishCancelled(live.map(\.clientOrderID), because: why, by: "takt", at: now)
        guard entry.filledQuantity.isPositive, !live.isEmpty else { return }
        try tell(
            entry,
            "It is \(entry.state.rawValue) with \(entry.filledQuantity) of \(entry.quantity) filled, and what was to protect all "
                + "of it is withdrawn.",
            in: writer)
    }

    /// Whether one of the orders that protect an entry is over before its time. Of an entry in doubt nobody knows whether it is
    /// there to be protected: it is looked at when that is settled.
    private func look(at entry: ManagedOrder, beside exit: ManagedOrder, in writer: StoreWriter) throws {
        guard exit.state.isFinal, exit.state != .filled, ![.submitting, .inDoubt].contains(entry.state),
            entry.state.mayBeLive || entry.filledQuantity.isPositive, try !isClosed(entry, writer),
            try !isWanted(exit, writer)
        else { return }
        let isOpen = entry.state.mayBeLive && entry.leavesQuantity.isPositive
        if isOpen {
            try writer.wishCancelled(
                [entry.clientOrderID], because: "its protection \(exit.clientOrderID) is \(exit.state.rawValue)",
                by: "takt", at: now)
        }
        try tell(
            entry,
            "\(exit.clientOrderID), which was to protect it, is \(exit.state.rawValue): "
                + "\(exit.reasons.last?.message ?? "no reason given")."
                + (isOpen ? " What is open of the entry is withdrawn with the next submit." : ""), in: writer)
    }

    /// Whether what protects an entry has closed all that it has opened.
    private func isClosed(_ entry: ManagedOrder, _ reader: StoreReader) throws -> Bool {
        guard entry.filledQuantity.isPositive else { return false }
        var closed = Quantity.zero
        for exit in try protection(of: entry, reader) { closed = try closed + exit.filledQuantity }
        return closed >= entry.filledQuantity
    }

    /// Whether somebody, takt or a person, has ordered its cancellation.
    private func isWanted(_ exit: ManagedOrder, _ reader: StoreReader) throws -> Bool {
        try reader.operatorOrders(ListFilter(since: exit.submittedAt), kind: .cancel)
            .contains { $0.scope == exit.clientOrderID.text }
    }

    /// Of the same attempt.
    private func protection(of entry: ManagedOrder, _ reader: StoreReader) throws -> [ManagedOrder] {
        guard let intent = try entry.intentID.flatMap({ try reader.intent($0) }) else { return [] }
        return try intent.protection(at: now).compactMap {
            try reader.order(ClientOrderID(intent: $0.id, attempt: entry.attempt))
        }
    }

    private func tell(_ entry: ManagedOrder, _ what: String, in writer: StoreWriter) throws {
        try AlertDesk(context: context, now: now).raise(
            key: "\(Self.unprotectedCode):\(entry.clientOrderID)", severity: .error, kind: Self.unprotectedCode,
            title:
                "Without its protection: \(entry.side.rawValue) \(entry.quantity) \(entry.symbol) at \(entry.broker)",
            body: "\(entry.clientOrderID): \(what) What is held of it is watched by the stop-loss of every risk check; "
                + "`takt positions` shows it, `takt flatten --symbol \(entry.symbol)` closes it.",
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
