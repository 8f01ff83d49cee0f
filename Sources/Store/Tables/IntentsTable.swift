public import Core
internal import GRDB

extension StoreReader {
    public func intent(_ id: IntentID) throws -> OrderIntent? {
        try firstRow("SELECT * FROM intents WHERE intent_id = ?", [id.text], table: "intents", intent)
    }

    /// The intents of a cycle, by symbol, leg and purpose.
    public func intents(cycle: CycleID) throws -> [OrderIntent] {
        let sql = """
            SELECT * FROM intents
            WHERE profile = ? AND cycle_close_at = ?
            ORDER BY symbol, leg, purpose
            """
        return try rows(sql, [cycle.profile.text, cycle.barClose.microseconds], table: "intents", intent)
    }

    /// Intents by their creation.
    public func intents(_ filter: ListFilter = .all) throws -> [OrderIntent] {
        let conditions = Conditions(
            filter, time: "created_at", symbol: "symbol", state: "state", broker: "broker", profile: "profile")
        let order = ["created_at", "intent_id"]
        return try list("SELECT * FROM intents", conditions, order: order, table: "intents", intent)
    }

    /// All intents in any of the states, of one profile or of all.
    public func intents(states: [OrderState], profile: ProfileName? = nil) throws -> [OrderIntent] {
        guard !states.isEmpty else { return [] }
        return try intents(ListFilter(states: states.map(\.rawValue), profile: profile))
    }

    /// The intents whose id ends, behind a dash, with the text: what lists show of an id.
    public func intents(endingWith tail: String) throws -> [OrderIntent] {
        let sql = "SELECT * FROM intents WHERE substr(intent_id, -length(?1) - 1) = '-' || ?1 ORDER BY intent_id"
        return tail.isEmpty ? [] : try rows(sql, [tail], table: "intents", intent)
    }

    private func intent(_ fields: Fields) throws -> OrderIntent {
        let intent = OrderIntent(
            cycle: try fields.cycle(), symbol: try fields.id("symbol"), leg: try fields.int("leg"),
            purpose: try fields.choice("purpose"), side: try fields.choice("side"), type: try fields.orderType(),
            quantity: try fields.quantity("quantity"), timeInForce: try fields.choice("time_in_force"),
            handling: try fields.handling(), state: try fields.choice("state"), broker: try fields.id("broker"),
            attempt: try fields.int("attempt"),
            referencePrice: try fields.price("reference_price"), createdAt: try fields.instant("created_at"),
            expiresAt: try fields.instant("expires_at"), reasons: try fields.reasons("reasons"))
        let stored = try fields.text("intent_id")
        guard stored == intent.id.text else { throw fields.damaged("intent_id", stored) }
        return intent
    }
}

extension OrderIntent {
    /// What a repeated decision must agree with: all but the state it has come to and the time it was first stored.
    fileprivate var terms: String {
        let prices = "limit \(type.limitPrice?.description ?? "-") stop \(type.stopPrice?.description ?? "-")"
        let beside = [
            type.trail.map { "trail \($0.amount?.description ?? $0.share?.description ?? "-")" },
            type.limitOffset.map { "limit offset \($0)" }, handling.json?.text,
        ].compactMap { $0 }.map { " \($0)" }.joined()
        return
            "\(side.rawValue) \(quantity) \(symbol) \(type.name) \(prices)\(beside) \(timeInForce.rawValue) at \(broker), "
            + "reference \(referencePrice), until \(expiresAt)"
    }
}

extension StoreWriter {
    /// Stores an intent once. Returns `false` if it is there with the same terms; state, attempt, reasons and time of
    /// creation are not compared.
    ///
    /// - Throws: ``StoreError/conflictingContent(what:stored:given:)`` if the same id was stored with other terms.
    @discardableResult
    public func insertIntent(_ intent: OrderIntent) throws -> Bool {
        if let stored = try self.intent(intent.id) {
            guard stored.terms == intent.terms else {
                throw StoreError.conflictingContent(
                    what: "intent \(intent.id)", stored: stored.terms, given: intent.terms)
            }
            return false
        }
        try run(
            """
            INSERT INTO intents
                (intent_id, profile, cycle_close_at, symbol, leg, purpose, side, order_type, limit_price, stop_price,
                 trail_amount, trail_share, limit_offset, quantity, time_in_force, handling, state, broker, attempt,
                 reference_price, created_at, expires_at, reasons)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                intent.id.text, intent.cycle.profile.text, intent.cycle.barClose.microseconds, intent.symbol.text,
                intent.leg, intent.purpose.rawValue, intent.side.rawValue,
            ] + intent.type.columns + [
                intent.quantity.description, intent.timeInForce.rawValue, intent.handling.json?.text,
                intent.state.rawValue, intent.broker.text, intent.attempt,
                intent.referencePrice.description, intent.createdAt.microseconds, intent.expiresAt.microseconds,
                intent.reasons.json.text,
            ])
        return true
    }

    /// Moves an intent on, if it still is in the state the caller saw. `nil` leaves attempt or reasons as they are.
    ///
    /// - Throws: ``StoreError/staleState(what:expected:found:)`` if it is not, ``StoreError/notFound(what:)``.
    public func updateIntent(
        _ id: IntentID, expecting expected: OrderState, state: OrderState, attempt: Int? = nil,
        reasons: [Reason]? = nil
    ) throws {
        let changed = try run(
            """
            UPDATE intents
            SET state = ?, attempt = coalesce(?, attempt), reasons = coalesce(?, reasons)
            WHERE intent_id = ? AND state = ?
            """,
            [state.rawValue, attempt, reasons?.json.text, id.text, expected.rawValue])
        guard changed == 0 else { return }
        let found: String? = try scalar("SELECT state FROM intents WHERE intent_id = ?", [id.text])
        guard let found else { throw StoreError.notFound(what: "intent \(id)") }
        throw StoreError.staleState(what: "intent \(id)", expected: expected.rawValue, found: found)
    }
}
