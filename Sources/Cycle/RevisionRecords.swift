internal import Broker
internal import Core
internal import Execution
internal import Settings
internal import Store

/// What became of revisions that have left, as the broker's lists show it.
struct RevisionRecords {
    let context: CycleContext
    let now: Instant

    /// Ends the revisions whose order is final or stands at the new prices. One that a complete list, read late enough, shows at
    /// the old ones was lost or taken in vain: a person is told, and it is not sent again.
    func settle(_ broker: any Broker, _ list: Snapshot<BrokerOrder>, in writer: StoreWriter) throws {
        for wish in try writer.pendingOperatorOrders(kind: .revise) {
            guard let order = try writer.order(ClientOrderID(wish.scope)), let revision = wish.revision,
                order.broker == broker.id, order.account == broker.account
            else { continue }
            if order.state.isFinal {
                try end(order.clientOrderID, as: order.state.rawValue, in: writer)
            } else if order.type == revision.type {
                try end(order.clientOrderID, as: "listed", in: writer)
            } else if try isWithoutEffect(order, revision, broker.capabilities, list) {
                try end(order.clientOrderID, as: "without-effect", in: writer)
                try alertFailure(order, revision, in: writer)
            }
        }
    }

    private func isWithoutEffect(
        _ order: ManagedOrder, _ revision: StoredOperatorOrder.Revision, _ capabilities: BrokerCapabilities,
        _ list: Snapshot<BrokerOrder>
    ) throws -> Bool {
        let shownFrom = revision.sentAt.advanced(by: capabilities.requestDeadline + capabilities.visibilityDelay)
        return list.isComplete && list.takenAt >= shownFrom
            && list.items.contains { listed in
                listed.brokerOrderID == order.brokerOrderID && [.working, .partiallyFilled].contains(listed.status)
                    && listed.type != revision.type
            }
    }

    func end(_ id: ClientOrderID, as outcome: String, in writer: StoreWriter) throws {
        for wish in try writer.pendingOperatorOrders(kind: .revise) where wish.scope == id.text {
            try writer.completeOperatorOrder(wish.id, at: now)
            try writer.appendAudit(
                at: now, actor: "takt", kind: "revision.done", subject: id.text,
                payload: ["outcome": .string(outcome)])
        }
    }

    func alertDoubt(_ order: ManagedOrder, _ detail: String, in writer: StoreWriter) throws {
        try raise(
            "revision-in-doubt", .critical, order,
            "Whether \(order.broker) gave \(order.clientOrderID) its new prices is not known: \(detail). Nothing is sent again; "
                + "reconcile tells from the broker's list, and until then the dearer price counts.", in: writer)
    }

    private func alertFailure(
        _ order: ManagedOrder, _ revision: StoredOperatorOrder.Revision, in writer: StoreWriter
    ) throws {
        try raise(
            "revision-without-effect", .warning, order,
            "\(order.clientOrderID) was to stand at \(Self.text(revision.type)) and \(order.broker) lists it at "
                + "\(Self.text(order.type)). It is not sent again by itself: run `takt orders revise` once more, or cancel it.",
            in: writer)
    }

    private static func text(_ type: OrderType) -> String {
        [type.stopPrice.map { "stop \($0)" }, type.limitPrice.map { "limit \($0)" }].compactMap { $0 }
            .joined(separator: ", ")
    }

    private func raise(
        _ kind: String, _ severity: AlertSeverity, _ order: ManagedOrder, _ body: String, in writer: StoreWriter
    ) throws {
        let what = "\(order.side.rawValue) \(order.quantity) \(order.symbol) at \(order.broker)"
        try AlertDesk(context: context, now: now).raise(
            key: "\(kind):\(order.clientOrderID):\(now)", severity: severity, kind: kind,
            title: kind == "revision-in-doubt" ? "Revision in doubt: \(what)" : "Not revised: \(what)", body: body,
            fields: [
                "symbol": JSONValue(order.symbol), "broker": JSONValue(order.broker),
                "client_order_id": JSONValue(order.clientOrderID), "broker_order_id": JSONValue(order.brokerOrderID),
            ], in: writer)
    }
}

extension StoreReader {
    /// Live orders as risk counts them: one whose new prices are under way at those that bind or risk more.
    func liveOrdersAtWorst() throws -> [ManagedOrder] {
        let revisions = try pendingOperatorOrders(kind: .revise)
        guard !revisions.isEmpty else { return try openOrders() }
        return try openOrders().map { order in
            guard let asked = revisions.first(where: { $0.scope == order.clientOrderID.text })?.revision?.type,
                order.side == .buy, let new = asked.limitPrice ?? asked.stopPrice,
                let old = order.type.limitPrice ?? order.type.stopPrice, new > old
            else { return order }
            var order = order
            order.type = asked
            return order
        }
    }
}
