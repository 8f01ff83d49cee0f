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
                try follow(order, to: revision.type, list, in: writer)
                try end(order.clientOrderID, as: order.state.rawValue, in: writer)
            } else if order.type == revision.type {
                try end(order.clientOrderID, as: "listed", in: writer)
            } else if try isWithoutEffect(order, revision, broker.capabilities, list) {
                try end(order.clientOrderID, as: "without-effect", in: writer)
                try alertFailure(order, revision, in: writer)
            } else if list.takenAt >= Self.shownFrom(revision, broker.capabilities) {
                try alertUnsettled(order, revision, in: writer)
            }
        }
    }

    /// An order that ended before any list showed its new prices ended at them, if it is listed so now.
    private func follow(
        _ order: ManagedOrder, to type: OrderType, _ list: Snapshot<BrokerOrder>, in writer: StoreWriter
    ) throws {
        let isListed = list.items.contains {
            $0.brokerOrderID == order.brokerOrderID && $0.tellsType && $0.type == type
        }
        guard isListed else { return }
        var revised = order
        revised.type = type
        try OrderRecorder(context: context, now: now).record(revised, before: order, in: writer)
    }

    /// The list as it is to be read while what it says of revised orders may be an echo: for as long as a revision may lack in it.
    ///
    /// An order whose revision has not shown yet may look cancelled, since its shares have moved on to a row that is not listed;
    /// and one that has been seen at its new prices may be listed at the old ones by another list. Neither is believed so early; a
    /// cancellation that is true is believed when that time is over.
    func withoutEchoes(
        _ list: Snapshot<BrokerOrder>, of broker: any Broker, _ reader: StoreReader
    ) throws -> Snapshot<BrokerOrder> {
        let recent = try reader.operatorOrders(
            ListFilter(since: list.takenAt.advanced(by: .zero - Self.delay(broker.capabilities))), kind: .revise)
        guard !recent.isEmpty else { return list }
        var items = list.items
        for wish in recent {
            guard let revision = wish.revision, let order = try reader.order(ClientOrderID(wish.scope)),
                order.broker == broker.id, order.account == broker.account, !order.state.isFinal,
                let index = items.firstIndex(where: { $0.brokerOrderID == order.brokerOrderID })
            else { continue }
            let listed = items[index]
            let isOld = order.type == revision.type && listed.type != revision.type
            items[index] = listed.seen(
                as: listed.status == .cancelled ? .inactive : listed.status, at: isOld ? order.type : listed.type)
        }
        return list.with(items)
    }

    /// How long a revision may be missing from the lists.
    private static func delay(_ capabilities: BrokerCapabilities) -> Duration {
        capabilities.requestDeadline + capabilities.visibilityDelay
    }

    private static func shownFrom(
        _ revision: StoredOperatorOrder.Revision, _ capabilities: BrokerCapabilities
    ) -> Instant {
        revision.sentAt.advanced(by: delay(capabilities))
    }

    private func isWithoutEffect(
        _ order: ManagedOrder, _ revision: StoredOperatorOrder.Revision, _ capabilities: BrokerCapabilities,
        _ list: Snapshot<BrokerOrder>
    ) throws -> Bool {
        list.isComplete && list.takenAt >= Self.shownFrom(revision, capabilities)
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

    /// Said of each revision from time to time: lists that do not come to their end settle nothing, and neither does a held order.
    private func alertUnsettled(
        _ order: ManagedOrder, _ revision: StoredOperatorOrder.Revision, in writer: StoreWriter
    ) throws {
        try raise(
            "revision-unsettled", .warning, order, at: revision.sentAt,
            "Whether \(order.clientOrderID) stands at \(Self.text(revision.type)) cannot be told from \(order.broker)'s lists since "
                + "\(revision.sentAt). Nothing more is opened in \(order.symbol) there meanwhile; look at the broker, or cancel the "
                + "order.", in: writer)
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
        _ kind: String, _ severity: AlertSeverity, _ order: ManagedOrder, at moment: Instant? = nil, _ body: String,
        in writer: StoreWriter
    ) throws {
        let what = "\(order.side.rawValue) \(order.quantity) \(order.symbol) at \(order.broker)"
        try AlertDesk(context: context, now: now).raise(
            key: "\(kind):\(order.clientOrderID):\(moment ?? now)", severity: severity, kind: kind,
            title: kind == "revision-without-effect" ? "Not revised: \(what)" : "Revision in doubt: \(what)",
            body: body,
            fields: [
                "symbol": JSONValue(order.symbol), "broker": JSONValue(order.broker),
                "client_order_id": JSONValue(order.clientOrderID), "broker_order_id": JSONValue(order.brokerOrderID),
            ], in: writer)
    }
}

extension StoreReader {
    /// Orders of the open accounts of which the prices are not known: while there is one, nothing more is opened in its
    /// instrument.
    func ordersUnderRevision(_ context: CycleContext) throws -> [ManagedOrder] {
        try pendingOperatorOrders(kind: .revise).compactMap { try order(ClientOrderID($0.scope)) }
            .filter { !$0.state.isFinal && context.brokers[$0.broker]?.account == $0.account }
    }

    /// Revisions that have left since then: to a broker each is a message like an order.
    func countRevisions(since instant: Instant) throws -> Int {
        try operatorOrders(ListFilter(since: instant), kind: .revise).count
    }

    /// Live orders as risk counts them: one whose new prices are under way at those that bind or risk more.
    func liveOrdersAtWorst() throws -> [ManagedOrder] {
        let revisions = try pendingOperatorOrders(kind: .revise)
        guard !revisions.isEmpty else { return try openOrders() }
        return try openOrders().map { order in
            guard let asked = revisions.first(where: { $0.scope == order.clientOrderID.text })?.revision?.type,
                let new = asked.limitPrice ?? asked.stopPrice,
                let old = order.type.limitPrice ?? order.type.stopPrice, new > old
            else { return order }
            var order = order
            order.type = asked
            return order
        }
    }
}
