internal import Broker
internal import Core
internal import GRDB

/// Rows to values and back.
enum PaperRows {
    /// A value that was stored but cannot be read.
    struct Damage: Error { let detail: String }

    static func fixed(_ row: Row, _ column: String) throws -> FixedPoint {
        let text: String = row[column]
        do {
            return try FixedPoint(text)
        } catch {
            throw Damage(detail: "column \(column): \(error)")
        }
    }

    static func optionalPrice(_ row: Row, _ column: String) throws -> Price? {
        guard let text: String = row[column] else { return nil }
        guard let price = try? Price(text) else { throw Damage(detail: "column \(column): \(text)") }
        return price
    }

    static func instant(_ row: Row, _ column: String) -> Instant { Instant(microseconds: row[column]) }

    static func optionalInstant(_ row: Row, _ column: String) -> Instant? {
        let microseconds: Int64? = row[column]
        return microseconds.map { Instant(microseconds: $0) }
    }

    static func currency(_ row: Row, _ column: String = "currency") throws -> Currency {
        let text: String = row[column]
        guard let currency = Currency(text) else { throw Damage(detail: "column \(column): \(text)") }
        return currency
    }

    static func named<Value: RawRepresentable>(_ row: Row, _ column: String) throws -> Value
    where Value.RawValue == String {
        let text: String = row[column]
        guard let value = Value(rawValue: text) else { throw Damage(detail: "column \(column): \(text)") }
        return value
    }

    static func clientOrderID(_ row: Row) -> ClientOrderID? {
        let text: String? = row["client_order_id"]
        return text.map { ClientOrderID($0) }
    }

    // MARK: Orders

    static func order(_ row: Row) throws -> PaperOrder {
        let name: String = row["type"]
        guard
            let type = OrderType(
                name: name,
                OrderPrices(
                    limit: try optionalPrice(row, "limit_price"), stop: try optionalPrice(row, "stop_price"),
                    trail: try trail(row), limitOffset: try optionalPrice(row, "limit_offset")))
        else { throw Damage(detail: "order \(row["number"] as Int64): type \(name) and prices do not fit") }
        let feeDay: Int? = row["fee_day"]
        return PaperOrder(
            number: row["number"], clientOrderID: clientOrderID(row), symbol: Symbol(row["symbol"]),
            side: try named(row, "side"), type: type, quantity: Quantity(try fixed(row, "quantity")),
            filled: Quantity(try fixed(row, "filled_quantity")), timeInForce: try named(row, "time_in_force"),
            status: try named(row, "status"), placedAt: instant(row, "placed_at"),
            updatedAt: instant(row, "updated_at"),
            expiresAt: optionalInstant(row, "expires_at"), finishedAt: optionalInstant(row, "finished_at"),
            isTriggered: row["is_triggered"], trailedStop: try optionalPrice(row, "trailed_stop"),
            reservePrice: Price(try fixed(row, "reserve_price")),
            basis: CommissionBasis(
                day: feeDay.map { CivilDate(daysSinceEpoch: $0) }, quantity: Quantity(try fixed(row, "fee_quantity")),
                value: try fixed(row, "fee_value"), charged: try fixed(row, "fee_charged")),
            message: row["message"], entry: row["entry_number"], worksFrom: optionalInstant(row, "works_from"))
    }

    private static func trail(_ row: Row) throws -> Trail? {
        if let amount = try optionalPrice(row, "trail_amount") { return .amount(amount) }
        return (row["trail_share"] as String?) == nil ? nil : .share(Fraction(try fixed(row, "trail_share")))
    }

    /// Inserts the order or replaces its row.
    static func save(_ order: PaperOrder, _ db: Database) throws {
        let sql = """
            INSERT INTO orders (
                number, client_order_id, symbol, side, type, limit_price, stop_price, trail_amount, trail_share,
                limit_offset, trailed_stop, quantity, filled_quantity,
                time_in_force, status, placed_at, updated_at, expires_at, finished_at, is_triggered, reserve_price,
                fee_day, fee_quantity, fee_value, fee_charged, message, entry_number, works_from)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (number) DO UPDATE SET
                limit_price = excluded.limit_price, stop_price = excluded.stop_price,
                trail_amount = excluded.trail_amount, trail_share = excluded.trail_share,
                limit_offset = excluded.limit_offset, trailed_stop = excluded.trailed_stop, quantity = excluded.quantity,
                filled_quantity = excluded.filled_quantity, status = excluded.status, updated_at = excluded.updated_at,
                finished_at = excluded.finished_at, is_triggered = excluded.is_triggered,
                reserve_price = excluded.reserve_price, fee_day = excluded.fee_day,
                fee_quantity = excluded.fee_quantity, fee_value = excluded.fee_value, fee_charged = excluded.fee_charged,
                message = excluded.message, works_from = excluded.works_from
            """
        let arguments: StatementArguments = [
            order.number, order.clientOrderID?.text, order.symbol.text, order.side.rawValue, order.type.name,
            order.type.limitPrice?.description, order.type.stopPrice?.description,
            order.type.trail?.amount?.description, order.type.trail?.share?.description,
            order.type.limitOffset?.description, order.trailedStop?.description, order.quantity.description,
            order.filled.description, order.timeInForce.rawValue, order.status.rawValue, order.placedAt.microseconds,
            order.updatedAt.microseconds, order.expiresAt?.microseconds, order.finishedAt?.microseconds,
            order.isTriggered, order.reservePrice.description, order.basis.day?.daysSinceEpoch,
            order.basis.quantity.description, order.basis.value.description, order.basis.charged.description,
            order.message, order.entry, order.worksFrom?.microseconds,
        ]
        try db.cachedStatement(sql: sql).execute(arguments: arguments)
    }

    // MARK: Executions

    static func fill(_ row: Row) throws -> PaperFill {
        PaperFill(
            number: row["number"], order: row["order_number"], clientOrderID: clientOrderID(row),
            symbol: Symbol(row["symbol"]), side: try named(row, "side"), quantity: Quantity(try fixed(row, "quantity")),
            price: Price(try fixed(row, "price")), fee: try fixed(row, "fee"), tax: try fixed(row, "tax"),
            currency: try currency(row), filledAt: instant(row, "filled_at"), recordedAt: instant(row, "recorded_at"))
    }

    static func insert(_ fill: PaperFill, _ db: Database) throws {
        let sql = """
            INSERT INTO executions (
                number, order_number, client_order_id, symbol, side, quantity, price, fee, tax, currency, filled_at,
                recorded_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        let arguments: StatementArguments = [
            fill.number, fill.order, fill.clientOrderID?.text, fill.symbol.text, fill.side.rawValue,
            fill.quantity.description, fill.price.description, fill.fee.description, fill.tax.description,
            fill.currency.code, fill.filledAt.microseconds, fill.recordedAt.microseconds,
        ]
        try db.cachedStatement(sql: sql).execute(arguments: arguments)
    }

    /// Bought less sold at or after an instant.
    static func traded(_ symbol: Symbol, since: Instant, _ db: Database) throws -> Quantity {
        let sql = "SELECT side, quantity FROM executions WHERE symbol = ? AND filled_at >= ?"
        var sum = Quantity.zero
        for row in try Row.fetchAll(db, sql: sql, arguments: [symbol.text, since.microseconds]) {
            let side: Side = try named(row, "side")
            sum = try sum + side.signed(Quantity(try fixed(row, "quantity")))
        }
        return sum
    }

    // MARK: Activities

    static func activity(_ row: Row) throws -> PaperActivity {
        PaperActivity(
            number: row["number"], at: instant(row, "at"), recordedAt: instant(row, "recorded_at"),
            kind: try activityKind(row))
    }

    private static func activityKind(_ row: Row) throws -> AccountActivity.Kind {
        let name: String = row["kind"]
        let symbol: String? = row["symbol"]
        switch (name, symbol) {
        case ("deposit", _): return .deposit(Money(try fixed(row, "first"), try currency(row)))
        case ("dividend", let symbol?):
            return .dividend(
                Symbol(symbol), perShare: try fixed(row, "first"), taxRate: Fraction(try fixed(row, "second")),
                currency: try currency(row))
        case ("split", let symbol?):
            let texts: (String, String?) = (row["first"], row["second"])
            guard let new = Int(texts.0), let old = texts.1.flatMap({ Int($0) }) else {
                throw Damage(detail: "the ratio of a split of \(symbol)")
            }
            return .split(Symbol(symbol), new: new, old: old, cashInLieuPrice: try optionalPrice(row, "third"))
        default: throw Damage(detail: "activity \(row["number"] as Int64): kind \(name)")
        }
    }

    static func insert(_ activity: PaperActivity, _ db: Database) throws {
        let fields: [String?]
        switch activity.kind {
        case .deposit(let money): fields = ["deposit", nil, money.currency.code, money.amount.description, nil, nil]
        case .dividend(let symbol, let perShare, let taxRate, let currency):
            fields = ["dividend", symbol.text, currency.code, perShare.description, taxRate.description, nil]
        case .split(let symbol, let new, let old, let price):
            fields = ["split", symbol.text, nil, String(new), String(old), price?.description]
        case .conversion: return  // The exchange never converts money.
        }
        let sql = """
            INSERT INTO activities (kind, symbol, currency, first, second, third, number, at, recorded_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        var arguments = StatementArguments(fields)
        arguments += [activity.number, activity.at.microseconds, activity.recordedAt.microseconds]
        try db.cachedStatement(sql: sql).execute(arguments: arguments)
    }
}
