internal import Broker
internal import Core
internal import GRDB

/// The state of the books as a whole: opened, loaded, saved.
extension PaperState {
    /// Opens the books of an account, unless they are open. Returns the account they belong to.
    static func open(_ configuration: PaperConfiguration, at instant: Instant, _ db: Database) throws -> AccountID {
        if let stored = try String.fetchOne(db, sql: "SELECT account FROM account") {
            try reopenEarlier(instant, db)
            return AccountID(stored)
        }
        let sql = """
            INSERT INTO account (
                id, account, opened_at, booked_through_at, next_order, next_execution, next_activity, submissions,
                revision)
            VALUES (1, ?, ?, ?, 1, 1, 1, 0, 0)
            """
        try db.execute(
            sql: sql, arguments: [configuration.account.text, instant.microseconds, instant.microseconds])
        try payIn(configuration, at: instant, db)
        return configuration.account
    }

    /// Moves the opening of books that nobody has used yet back to an earlier clock: a replay of the past may start on
    /// a file that was made today.
    private static func reopenEarlier(_ instant: Instant, _ db: Database) throws {
        let sql = "SELECT opened_at > ? AND NOT EXISTS (SELECT 1 FROM orders) FROM account"
        guard try Bool.fetchOne(db, sql: sql, arguments: [instant.microseconds]) == true else { return }
        try db.execute(
            sql: "UPDATE account SET opened_at = ?, booked_through_at = ?, revision = revision + 1",
            arguments: [instant.microseconds, instant.microseconds])
        try db.execute(
            sql: "UPDATE activities SET at = ?, recorded_at = ? WHERE kind = 'deposit'",
            arguments: [instant.microseconds, instant.microseconds])
    }

    /// Closes the books and opens new ones with the configured cash. Numbers go on where they were, so that no number
    /// ever names two orders.
    static func reset(_ configuration: PaperConfiguration, at instant: Instant, _ db: Database) throws {
        for table in ["executions", "orders", "activities", "positions", "cash", "applied_actions", "cursors"] {
            try db.execute(sql: "DELETE FROM \(table)")
        }
        try db.execute(
            sql: "UPDATE account SET opened_at = ?, booked_through_at = ?, revision = revision + 1",
            arguments: [instant.microseconds, instant.microseconds])
        try payIn(configuration, at: instant, db)
    }

    private static func payIn(_ configuration: PaperConfiguration, at instant: Instant, _ db: Database) throws {
        var state = try load(db)
        for money in configuration.initialCash.sorted(by: { $0.currency < $1.currency }) {
            try state.credit(money.amount, money.currency)
            state.activities.append(
                PaperActivity(number: state.nextActivity, at: instant, recordedAt: instant, kind: .deposit(money)))
            state.nextActivity += 1
        }
        try state.save(over: try load(db), db)
    }

    static func load(_ db: Database) throws -> PaperState {
        guard let account = try Row.fetchOne(db, sql: "SELECT * FROM account") else {
            throw PaperRows.Damage(detail: "the account row is missing")
        }
        var state = PaperState(
            openedAt: PaperRows.instant(account, "opened_at"),
            bookedThrough: PaperRows.instant(account, "booked_through_at"), nextOrder: account["next_order"],
            nextExecution: account["next_execution"], nextActivity: account["next_activity"],
            submissions: account["submissions"], cash: [:], positions: [:], orders: [], cursors: [:], appliedActions: []
        )
        for row in try Row.fetchAll(db, sql: "SELECT * FROM cash") {
            state.cash[try PaperRows.currency(row)] = try PaperRows.fixed(row, "amount")
        }
        for row in try Row.fetchAll(db, sql: "SELECT * FROM positions") {
            state.positions[Symbol(row["symbol"])] = PaperPosition(
                quantity: Quantity(try PaperRows.fixed(row, "quantity")),
                averageCost: Price(try PaperRows.fixed(row, "average_cost")), currency: try PaperRows.currency(row))
        }
        let open = "SELECT * FROM orders WHERE status IN ('working', 'partially-filled') ORDER BY number"
        state.orders = try Row.fetchAll(db, sql: open).map(PaperRows.order)
        for row in try Row.fetchAll(db, sql: "SELECT * FROM cursors") {
            state.cursors[Symbol(row["symbol"])] = PaperCursor(
                closedThrough: PaperRows.optionalInstant(row, "closed_through_at"),
                barAt: PaperRows.optionalInstant(row, "bar_at"),
                openUsed: Quantity(try PaperRows.fixed(row, "open_used")),
                used: Quantity(try PaperRows.fixed(row, "used")))
        }
        state.appliedActions = Set(try String.fetchAll(db, sql: "SELECT id FROM applied_actions"))
        return state
    }

    /// Writes what differs from the state that was loaded in the same transaction. `false`: nothing differs.
    @discardableResult
    func save(over old: PaperState, _ db: Database) throws -> Bool {
        guard self != old else { return false }
        for (currency, amount) in cash where old.cash[currency] != amount {
            try db.cachedStatement(sql: "INSERT OR REPLACE INTO cash (currency, amount) VALUES (?, ?)")
                .execute(arguments: [currency.code, amount.description])
        }
        for (symbol, position) in positions where old.positions[symbol] != position {
            let sql = "INSERT OR REPLACE INTO positions (symbol, quantity, average_cost, currency) VALUES (?, ?, ?, ?)"
            try db.cachedStatement(sql: sql).execute(arguments: [
                symbol.text, position.quantity.description, position.averageCost.description, position.currency.code,
            ])
        }
        let before = Dictionary(uniqueKeysWithValues: old.orders.map { ($0.number, $0) })
        for order in orders where before[order.number] != order { try PaperRows.save(order, db) }
        for fill in fills { try PaperRows.insert(fill, db) }
        for activity in activities { try PaperRows.insert(activity, db) }
        for (symbol, cursor) in cursors where old.cursors[symbol] != cursor { try save(cursor, of: symbol, db) }
        for id in old.appliedActions.subtracting(appliedActions) {
            try db.cachedStatement(sql: "DELETE FROM applied_actions WHERE id = ?").execute(arguments: [id])
        }
        for id in appliedActions.subtracting(old.appliedActions) {
            try db.cachedStatement(sql: "INSERT INTO applied_actions (id) VALUES (?)").execute(arguments: [id])
        }
        let sql = """
            UPDATE account
            SET booked_through_at = ?, next_order = ?, next_execution = ?, next_activity = ?, submissions = ?,
                revision = revision + 1
            """
        try db.execute(
            sql: sql,
            arguments: [bookedThrough.microseconds, nextOrder, nextExecution, nextActivity, submissions])
        return true
    }

    private func save(_ cursor: PaperCursor, of symbol: Symbol, _ db: Database) throws {
        let sql = """
            INSERT OR REPLACE INTO cursors (symbol, closed_through_at, bar_at, open_used, used)
            VALUES (?, ?, ?, ?, ?)
            """
        try db.cachedStatement(sql: sql).execute(arguments: [
            symbol.text, cursor.closedThrough?.microseconds, cursor.barAt?.microseconds, cursor.openUsed.description,
            cursor.used.description,
        ])
    }
}
