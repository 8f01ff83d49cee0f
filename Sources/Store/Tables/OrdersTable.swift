public import Core
internal import GRDB

extension StoreReader {
    public func order(_ id: ClientOrderID) throws -> ManagedOrder? {
        try firstRow("SELECT * FROM orders WHERE client_order_id = ?", [id.text], table: "orders", managedOrder)
    }

    public func order(broker: BrokerID, account: AccountID, brokerOrderID: BrokerOrderID) throws -> ManagedOrder? {
        let sql = "SELECT * FROM orders WHERE broker = ? AND account = ? AND broker_order_id = ?"
        return try firstRow(sql, [broker.text, account.text, brokerOrderID.text], table: "orders", managedOrder)
    }

    /// Every sending attempt of an intent, in their order.
    public func orders(intent: IntentID) throws -> [ManagedOrder] {
        let sql = "SELECT * FROM orders WHERE intent_id = ? ORDER BY attempt"
        return try rows(sql, [intent.text], table: "orders", managedOrder)
    }

    /// Orders by the time of their write-ahead row.
    public func orders(_ filter: ListFilter = .all) throws -> [ManagedOrder] {
        try orders(
            where: Conditions(
                filter, time: "submitted_at", symbol: "symbol", state: "state", broker: "broker", profile: "profile"))
    }

    /// All orders in any of the states, of one profile or of all.
    public func orders(states: [OrderState], profile: ProfileName? = nil) throws -> [ManagedOrder] {
        guard !states.isEmpty else { return [] }
        return try orders(ListFilter(states: states.map(\.rawValue), profile: profile))
    }

    /// Every sending attempt of any of the intents.
    public func orders(intents: [IntentID]) throws -> [ManagedOrder] {
        try intents.flatMap { try orders(intent: $0) }
    }

    /// Every order that may stand at the broker (``OrderState/mayBeLive``), ours and external ones.
    public func openOrders(broker: BrokerID? = nil, account: AccountID? = nil) throws -> [ManagedOrder] {
        let live = OrderState.allCases.filter(\.mayBeLive).map(\.rawValue)
        return try orders(ListFilter(states: live, broker: broker)).filter { account == nil || $0.account == account }
    }

    /// How many orders of our own were submitted in [from, until).
    public func countOrders(
        submittedFrom from: Instant, until: Instant, profile: ProfileName? = nil
    ) throws -> Int {
        var conditions = Conditions(
            ListFilter(since: from, until: until, profile: profile), time: "submitted_at", profile: "profile")
        conditions.add("origin = ?", ManagedOrder.Origin.takt.rawValue)
        let (clause, arguments) = conditions.sql
        return try scalar("SELECT count(*) FROM orders\(clause)", arguments) ?? 0
    }

    private func orders(where conditions: Conditions) throws -> [ManagedOrder] {
        let order = ["submitted_at", "client_order_id"]
        return try list("SELECT * FROM orders", conditions, order: order, table: "orders", managedOrder)
    }

    private func managedOrder(_ fields: Fields) throws -> ManagedOrder {
        ManagedOrder(
            clientOrderID: try fields.id("client_order_id"), intentID: fields.optionalID("intent_id"),
            attempt: try fields.int("attempt"), origin: try fields.choice("origin"),
            profile: fields.optionalID("profile"), broker: try fields.id("broker"), account: try fields.id("account"),
            brokerOrderID: fields.optionalID("broker_order_id"), symbol: try fields.id("symbol"),
            side: try fields.choice("side"), type: try fields.orderType(), quantity: try fields.quantity("quantity"),
            timeInForce: try fields.choice("time_in_force"), handling: try fields.handling(),
            state: try fields.choice("state"),
            filledQuantity: try fields.quantity("filled_quantity"),
            filledBefore: try fields.quantity("filled_before"),
            averageFillPrice: try fields.optionalPrice("average_fill_price"),
            submittedAt: try fields.instant("submitted_at"), acknowledgedAt: fields.optionalInstant("acknowledged_at"),
            finishedAt: fields.optionalInstant("finished_at"), doubtedAt: fields.optionalInstant("doubted_at"),
            cancelRequestedAt: fields.optionalInstant("cancel_requested_at"),
            absenceProofs: try fields.int("absence_proofs"),
            lastAbsenceAt: fields.optionalInstant("last_absence_at"), reasons: try fields.reasons("reasons"))
    }
}

extension StoreWriter {
    /// Stores a new order: the write-ahead row of a sending attempt, or an external order.
    ///
    /// Broker order ids must be unique within broker and account: an adapter whose broker starts over every day puts
    /// the day in front.
    public func insertOrder(_ order: ManagedOrder) throws {
        try run(
            """
            INSERT INTO orders
                (client_order_id, intent_id, attempt, origin, profile, broker, account, broker_order_id, symbol, side,
                 order_type, limit_price, stop_price, trail_amount, trail_share, limit_offset, quantity, time_in_force,
                 handling, state, filled_quantity, filled_before,
                 average_fill_price, submitted_at, acknowledged_at, finished_at, doubted_at, cancel_requested_at,
                 absence_proofs, last_absence_at, reasons)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                order.clientOrderID.text, order.intentID?.text, order.attempt, order.origin.rawValue,
                order.profile?.text, order.broker.text, order.account.text, order.brokerOrderID?.text,
                order.symbol.text, order.side.rawValue,
            ] + order.type.columns + [
                order.quantity.description, order.timeInForce.rawValue, order.handling.json?.text,
                order.state.rawValue, order.filledQuantity.description, order.filledBefore.description,
                order.averageFillPrice?.description, order.submittedAt.microseconds,
                order.acknowledgedAt?.microseconds, order.finishedAt?.microseconds, order.doubtedAt?.microseconds,
                order.cancelRequestedAt?.microseconds, order.absenceProofs, order.lastAbsenceAt?.microseconds,
                order.reasons.json.text,
            ])
    }

    /// Replaces everything that may change of an order, if it still is in the state the caller saw.
    ///
    /// - Throws: ``StoreError/staleState(what:expected:found:)`` if it is not, ``StoreError/notFound(what:)``.
    public func updateOrder(_ order: ManagedOrder, expecting expected: OrderState) throws {
        let changed = try run(
            """
            UPDATE orders
            SET broker_order_id = ?, order_type = ?, limit_price = ?, stop_price = ?, trail_amount = ?, trail_share = ?,
                limit_offset = ?, quantity = ?, time_in_force = ?, state = ?, filled_quantity = ?, filled_before = ?, average_fill_price = ?, acknowledged_at = ?,
                finished_at = ?, doubted_at = ?, cancel_requested_at = ?, absence_proofs = ?, last_absence_at = ?, reasons = ?
            WHERE client_order_id = ? AND state = ?
            """,
            [order.brokerOrderID?.text] + order.type.columns + [
                order.quantity.description, order.timeInForce.rawValue,
                order.state.rawValue, order.filledQuantity.description, order.filledBefore.description,
                order.averageFillPrice?.description, order.acknowledgedAt?.microseconds,
                order.finishedAt?.microseconds, order.doubtedAt?.microseconds, order.cancelRequestedAt?.microseconds,
                order.absenceProofs, order.lastAbsenceAt?.microseconds,
                order.reasons.json.text, order.clientOrderID.text, expected.rawValue,
            ])
        guard changed == 0 else { return }
        let id = order.clientOrderID
        let found: String? = try scalar("SELECT state FROM orders WHERE client_order_id = ?", [id.text])
        guard let found else { throw StoreError.notFound(what: "order \(id)") }
        throw StoreError.staleState(what: "order \(id)", expected: expected.rawValue, found: found)
    }
}
