public import Core
internal import GRDB

extension StoreReader {
    public func fill(broker: BrokerID, account: AccountID, executionID: ExecutionID) throws -> Fill? {
        let sql = "SELECT * FROM fills WHERE broker = ? AND account = ? AND execution_id = ?"
        return try firstRow(sql, [broker.text, account.text, executionID.text], table: "fills", fill)
    }

    /// Fills by their time at the broker, busted ones too. `states` of the filter are `booked` and `busted`.
    public func fills(_ filter: ListFilter = .all, profile: ProfileName? = nil) throws -> [Fill] {
        var conditions = Conditions(
            filter, time: "filled_at", symbol: "symbol",
            state: "CASE is_busted WHEN 0 THEN 'booked' ELSE 'busted' END", broker: "broker")
        if let profile = profile ?? filter.profile {
            conditions.add("client_order_id IN (SELECT client_order_id FROM orders WHERE profile = ?)", profile.text)
        }
        let order = ["filled_at", "arrival_seq"]
        return try list("SELECT * FROM fills", conditions, order: order, table: "fills", fill)
    }

    /// When a symbol was last traded: the time of its newest fill that stands.
    public func lastTradeAt(_ symbol: Symbol) throws -> Instant? {
        let sql = """
            SELECT filled_at FROM fills
            WHERE symbol = ? AND is_busted = 0
            ORDER BY filled_at DESC
            LIMIT 1
            """
        let time: Int64? = try scalar(sql, [symbol.text])
        return time.map { Instant(microseconds: $0) }
    }

    /// Fills at or after `since`.
    public func fills(since: Instant) throws -> [Fill] { try fills(ListFilter(since: since)) }

    /// The fills of one order, by their time.
    public func fills(order: ClientOrderID) throws -> [Fill] {
        let sql = "SELECT * FROM fills WHERE client_order_id = ? ORDER BY filled_at, arrival_seq"
        return try rows(sql, [order.text], table: "fills", fill)
    }

    /// The fills of all orders of an intent, by their time.
    public func fills(intent: IntentID) throws -> [Fill] {
        let sql = "SELECT * FROM fills WHERE intent_id = ? ORDER BY filled_at, arrival_seq"
        return try rows(sql, [intent.text], table: "fills", fill)
    }

    func fill(_ fields: Fields) throws -> Fill {
        Fill(
            broker: try fields.id("broker"), account: try fields.id("account"),
            executionID: try fields.id("execution_id"), brokerOrderID: try fields.id("broker_order_id"),
            clientOrderID: try fields.id("client_order_id"), intentID: fields.optionalID("intent_id"),
            symbol: try fields.id("symbol"), side: try fields.choice("side"),
            quantity: try fields.quantity("quantity"), price: try fields.price("price"),
            fee: try fields.amount("fee"), tax: try fields.amount("tax"), currency: try fields.currency("currency"),
            filledAt: try fields.instant("filled_at"), recordedAt: try fields.instant("recorded_at"),
            isBusted: try fields.flag("is_busted"))
    }
}

extension Fill {
    /// What two reports of one execution must agree on. Times are left out: a stream and an inquiry round differently.
    fileprivate var terms: String {
        "\(side.rawValue) \(quantity) \(symbol) at \(price) \(currency), fee \(fee), tax \(tax)"
    }
}

extension StoreWriter {
    /// Books a fill, once. Returns whether the books changed: `false` for one that is known already.
    ///
    /// A known fill that is now reported as busted is busted; a busted one stays so.
    ///
    /// - Parameter multiplier: the instrument's, for the ledger.
    /// - Throws: ``StoreError/conflictingFill(id:booked:reported:)`` if it is known with other terms.
    @discardableResult
    public func insertFill(_ fill: Fill, multiplier: FixedPoint = .one) throws -> Bool {
        let known = try self.fill(broker: fill.broker, account: fill.account, executionID: fill.executionID)
        if let known {
            if fill.isBusted {
                return try bustFill(broker: fill.broker, account: fill.account, executionID: fill.executionID)
            }
            guard known.terms == fill.terms else {
                throw StoreError.conflictingFill(id: fill.id, booked: known.terms, reported: fill.terms)
            }
            return false
        }
        try run(
            """
            INSERT INTO fills
                (broker, account, execution_id, broker_order_id, client_order_id, intent_id, symbol, side, quantity,
                 price, fee, tax, currency, multiplier, filled_at, recorded_at, is_busted, arrival_seq)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                fill.broker.text, fill.account.text, fill.executionID.text, fill.brokerOrderID.text,
                fill.clientOrderID.text, fill.intentID?.text, fill.symbol.text, fill.side.rawValue,
                fill.quantity.description, fill.price.description, fill.fee.description, fill.tax.description,
                fill.currency.code, multiplier.description, fill.filledAt.microseconds, fill.recordedAt.microseconds,
                fill.isBusted, try nextSequence(),
            ])
        return true
    }

    /// Adds what an execution cost to one that was booked before its broker told it. Returns `false` if its costs were on record:
    /// those stay.
    @discardableResult
    public func bookCosts(
        broker: BrokerID, account: AccountID, executionID: ExecutionID, fee: FixedPoint, tax: FixedPoint
    ) throws -> Bool {
        let key: [Argument] = [broker.text, account.text, executionID.text]
        let place = "broker = ? AND account = ? AND execution_id = ?"
        let none = FixedPoint.zero.description
        let sql = "UPDATE fills SET fee = ?, tax = ? WHERE \(place) AND fee = ? AND tax = ?"
        if try run(sql, [fee.description, tax.description] + key + [none, none]) > 0 { return true }
        guard try exists("SELECT 1 FROM fills WHERE \(place)", key) else {
            throw StoreError.notFound(what: "fill \(broker):\(account):\(executionID)")
        }
        return false
    }

    /// Marks an execution that the exchange took back. Returns `false` if it was marked before.
    @discardableResult
    public func bustFill(broker: BrokerID, account: AccountID, executionID: ExecutionID) throws -> Bool {
        let key: [Argument] = [broker.text, account.text, executionID.text]
        let place = "broker = ? AND account = ? AND execution_id = ?"
        if try run("UPDATE fills SET is_busted = 1 WHERE \(place) AND is_busted = 0", key) > 0 { return true }
        guard try exists("SELECT 1 FROM fills WHERE \(place)", key) else {
            throw StoreError.notFound(what: "fill \(broker):\(account):\(executionID)")
        }
        return false
    }
}
