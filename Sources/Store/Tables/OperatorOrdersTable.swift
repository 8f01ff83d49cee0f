public import Core
internal import GRDB

/// What an operator, or the risk check in their place, wants done as soon as the broker can be reached.
public enum OperatorOrder: String, Hashable, Sendable, CaseIterable {
    /// Close positions. The scope is one of a halt: `all`, `symbol:NVDA`.
    case flatten
    /// Cancel an order. The scope is its client order id.
    case cancel
    /// Give an order new prices. The scope is its client order id.
    case revise
}

/// An operator order: durable until whichever process reaches the broker has carried it out.
public struct StoredOperatorOrder: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable { case pending, done }

    public let id: Int64
    public let kind: OperatorOrder
    public let scope: String
    public let reason: String
    public let createdBy: String
    public let createdAt: Instant
    public let state: State
    public let doneAt: Instant?
    /// Of a revision: the new terms, and when it was written ahead of its send.
    public let revision: Revision?

    public struct Revision: Hashable, Sendable {
        public let type: OrderType
        public let sentAt: Instant
    }
}

extension StoreReader {
    /// What is still to be done, of one kind or of all, oldest first.
    public func pendingOperatorOrders(kind: OperatorOrder? = nil) throws -> [StoredOperatorOrder] {
        try operatorOrders(ListFilter(states: [StoredOperatorOrder.State.pending.rawValue]), kind: kind)
    }

    public func operatorOrders(
        _ filter: ListFilter = .all, kind: OperatorOrder? = nil
    ) throws -> [StoredOperatorOrder] {
        var conditions = Conditions(filter, time: "created_at", state: "state")
        if let kind { conditions.add("kind = ?", kind.rawValue) }
        let order = ["created_at", "id"]
        return try list("SELECT * FROM operator_orders", conditions, order: order, table: "operator_orders") { fields in
            StoredOperatorOrder(
                id: try fields.int64("id"), kind: try fields.choice("kind"), scope: try fields.text("scope"),
                reason: try fields.text("reason"), createdBy: try fields.text("created_by"),
                createdAt: try fields.instant("created_at"), state: try fields.choice("state"),
                doneAt: fields.optionalInstant("done_at"), revision: try revision(fields))
        }
    }

    private func revision(_ fields: Fields) throws -> StoredOperatorOrder.Revision? {
        guard let sentAt = fields.optionalInstant("sent_at") else { return nil }
        return StoredOperatorOrder.Revision(type: try fields.orderType(), sentAt: sentAt)
    }
}

extension StoreWriter {
    @discardableResult
    public func addOperatorOrder(
        kind: OperatorOrder, scope: String, reason: String, by actor: String, at: Instant
    ) throws -> Int64 {
        try insert(
            """
            INSERT INTO operator_orders (kind, scope, reason, created_by, created_at, state)
            VALUES (?, ?, ?, ?, ?, 'pending')
            """, [kind.rawValue, scope, reason, actor, at.microseconds])
    }

    /// A revision, written ahead: it is about to be sent, once.
    @discardableResult
    public func addRevision(
        of order: ClientOrderID, to type: OrderType, reason: String, by actor: String, at: Instant
    ) throws -> Int64 {
        try insert(
            """
            INSERT INTO operator_orders
                (kind, scope, reason, created_by, created_at, state, order_type, limit_price, stop_price, trail_amount,
                 trail_share, limit_offset, sent_at)
            VALUES ('revise', ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?)
            """, [order.text, reason, actor, at.microseconds] + type.columns + [at.microseconds])
    }

    /// Returns `false` if it was done before.
    @discardableResult
    public func completeOperatorOrder(_ id: Int64, at: Instant) throws -> Bool {
        try run(
            "UPDATE operator_orders SET state = 'done', done_at = ? WHERE id = ? AND state = 'pending'",
            [at.microseconds, id]) > 0
    }
}
