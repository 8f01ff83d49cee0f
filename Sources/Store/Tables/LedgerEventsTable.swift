public import Core
internal import GRDB

extension StoreReader {
    /// Whether anything is on the books of the account.
    public func hasAccount(_ broker: BrokerID, _ account: AccountID) throws -> Bool {
        let key: [Argument] = [broker.text, account.text]
        if try exists("SELECT 1 FROM ledger_events WHERE broker = ? AND account = ?", key) { return true }
        return try exists("SELECT 1 FROM fills WHERE broker = ? AND account = ?", key)
    }

    /// The accounts of a broker that anything is on the books of.
    public func accounts(of broker: BrokerID) throws -> [AccountID] {
        try rows(
            """
            SELECT DISTINCT account FROM ledger_events WHERE broker = ?
            UNION
            SELECT DISTINCT account FROM fills WHERE broker = ?
            """, [broker.text, broker.text], table: "ledger_events"
        ) { try $0.id("account") }
    }

    /// Whether the event is booked, with whatever content.
    public func hasLedgerEvent(broker: BrokerID, account: AccountID, externalID: String) throws -> Bool {
        try exists(
            "SELECT 1 FROM ledger_events WHERE broker = ? AND account = ? AND external_id = ?",
            [broker.text, account.text, externalID])
    }

    /// Everything the ledger is folded from: fills that are not busted, and events, by time and arrival.
    public func ledgerEntries(broker: BrokerID? = nil) throws -> [LedgerEntry] {
        let filter = broker == nil ? "" : " AND broker = ?"
        let arguments: [Argument] = broker.map { [$0.text] } ?? []
        let fills = try rows(
            "SELECT * FROM fills WHERE is_busted = 0\(filter)", arguments, table: "fills", fillEntry)
        let events = try rows(
            "SELECT * FROM ledger_events WHERE 1\(filter)", arguments, table: "ledger_events", eventEntry)
        return (fills + events).sorted { ($0.at, $0.sequence) < ($1.at, $1.sequence) }
    }

    /// The splits that an account has booked, by time and arrival.
    public func splitEntries(_ broker: BrokerID, _ account: AccountID) throws -> [LedgerEntry] {
        try rows(
            """
            SELECT * FROM ledger_events WHERE broker = ? AND account = ? AND kind = 'split' ORDER BY at, arrival_seq
            """, [broker.text, account.text], table: "ledger_events", eventEntry)
    }

    private func fillEntry(_ fields: Fields) throws -> LedgerEntry {
        let fill = try fill(fields)
        return LedgerEntry(
            broker: fill.broker, account: fill.account, at: fill.filledAt, sequence: try fields.int("arrival_seq"),
            fact: .fill(
                fill.executionID, fill.symbol, fill.side, quantity: fill.quantity, price: fill.price,
                multiplier: try fields.amount("multiplier"), fee: fill.fee, tax: fill.tax, fill.currency))
    }

    private func eventEntry(_ fields: Fields) throws -> LedgerEntry {
        let payload = try fields.json("payload")
        guard let fact = LedgerFactCoding.fact(kind: try fields.text("kind"), payload) else {
            throw fields.damaged("payload", payload.text)
        }
        return LedgerEntry(
            broker: try fields.id("broker"), account: try fields.id("account"), at: try fields.instant("at"),
            sequence: try fields.int("arrival_seq"), fact: fact)
    }
}

extension StoreWriter {
    /// Books an event of an account, once per `externalID`. Returns `false` if it is known with the same content.
    ///
    /// - Throws: ``StoreError/conflictingContent(what:stored:given:)`` if it is known with other content, or for fills
    ///   and busts, which belong into `insertFill` and `bustFill`.
    @discardableResult
    public func appendLedgerEvent(
        broker: BrokerID, account: AccountID, at: Instant, fact: LedgerEntry.Fact, externalID: String
    ) throws -> Bool {
        let what = "ledger event \(broker):\(account):\(externalID)"
        guard let (kind, payload) = LedgerFactCoding.coded(fact) else {
            throw StoreError.conflictingContent(what: what, stored: "an account event", given: "an execution")
        }
        let key: [Argument] = [broker.text, account.text, externalID]
        let stored = try firstRow(
            "SELECT * FROM ledger_events WHERE broker = ? AND account = ? AND external_id = ?", key,
            table: "ledger_events"
        ) { "\(try $0.text("kind")) \(try $0.text("payload"))" }
        if let stored {
            let given = "\(kind) \(payload.text)"
            guard stored == given else {
                throw StoreError.conflictingContent(what: what, stored: stored, given: given)
            }
            return false
        }
        try run(
            """
            INSERT INTO ledger_events (arrival_seq, broker, account, external_id, at, kind, payload)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """, [try nextSequence()] + key + [at.microseconds, kind, payload.text])
        return true
    }
}

/// Facts of the ledger as JSON. Amounts are decimal strings.
enum LedgerFactCoding {
    /// `nil` for fills and busts: they live in the table of fills.
    static func coded(_ fact: LedgerEntry.Fact) -> (kind: String, payload: JSONValue)? {
        switch fact {
        case .fill, .bust: nil
        case .deposit(let money): ("deposit", coded(money))
        case .openingPosition(let symbol, let quantity, let averageCost, let paidIn, let multiplier, let currency):
            ("opening-position", coded(symbol, quantity, averageCost, paidIn, multiplier, currency))
        case .transfer(let symbol, let quantity, let averageCost, let paidIn, let multiplier, let currency):
            ("transfer", coded(symbol, quantity, averageCost, paidIn, multiplier, currency))
        case .dividend(let symbol, let perShare, let taxRate, let currency):
            (
                "dividend",
                [
                    "symbol": JSONValue(symbol), "per_share": JSONValue(perShare), "tax_rate": JSONValue(taxRate),
                    "currency": JSONValue(currency),
                ]
            )
        case .split(let symbol, let new, let old, let cashInLieuPrice):
            (
                "split",
                [
                    "symbol": JSONValue(symbol), "new": .int(Int64(new)), "old": .int(Int64(old)),
                    "cash_in_lieu_price": JSONValue(cashInLieuPrice),
                ]
            )
        case .conversion(let from, let to): ("conversion", ["from": coded(from), "to": coded(to)])
        case .adjustment(let money): ("adjustment", coded(money))
        case .valuation(let symbol, let money): ("valuation", coded(money).setting("symbol", JSONValue(symbol)))
        }
    }

    static func fact(kind: String, _ payload: JSONValue) -> LedgerEntry.Fact? {
        let symbol = payload["symbol"]?.stringValue.map { Symbol($0) }
        let currency = payload["currency"]?.stringValue.flatMap { Currency($0) }
        switch kind {
        case "deposit": return money(payload).map { .deposit($0) }
        case "adjustment": return money(payload).map { .adjustment($0) }
        case "valuation":
            guard let symbol, let money = money(payload) else { return nil }
            return .valuation(symbol, money)
        case "opening-position", "transfer":
            guard let symbol, let currency, let quantity = amount(payload["quantity"]),
                let cost = amount(payload["average_cost"]), let multiplier = amount(payload["multiplier"])
            else { return nil }
            let paidIn = Price(amount(payload["paid_in_price"]) ?? cost)
            return kind == "transfer"
                ? .transfer(
                    symbol, Quantity(quantity), averageCost: Price(cost), paidIn: paidIn, multiplier: multiplier,
                    currency)
                : .openingPosition(
                    symbol, Quantity(quantity), averageCost: Price(cost), paidIn: paidIn, multiplier: multiplier,
                    currency)
        case "dividend":
            guard let symbol, let currency, let perShare = amount(payload["per_share"]),
                let taxRate = amount(payload["tax_rate"])
            else { return nil }
            return .dividend(symbol, perShare: perShare, taxRate: Fraction(taxRate), currency)
        case "split":
            guard let symbol, let new = payload["new"]?.intValue, let old = payload["old"]?.intValue else { return nil }
            let price = amount(payload["cash_in_lieu_price"]).map { Price($0) }
            return .split(symbol, new: Int(new), old: Int(old), cashInLieuPrice: price)
        case "conversion":
            guard let from = payload["from"].flatMap(money), let to = payload["to"].flatMap(money) else { return nil }
            return .conversion(from: from, to: to)
        default: return nil
        }
    }

    private static func coded(_ money: Money) -> JSONValue {
        ["amount": JSONValue(money.amount), "currency": JSONValue(money.currency)]
    }

    private static func coded(
        _ symbol: Symbol, _ quantity: Quantity, _ averageCost: Price, _ paidIn: Price, _ multiplier: FixedPoint,
        _ currency: Currency
    ) -> JSONValue {
        let known: JSONValue = [
            "symbol": JSONValue(symbol), "quantity": JSONValue(quantity), "average_cost": JSONValue(averageCost),
            "multiplier": JSONValue(multiplier), "currency": JSONValue(currency),
        ]
        return paidIn == averageCost ? known : known.setting("paid_in_price", JSONValue(paidIn))
    }

    private static func money(_ value: JSONValue) -> Money? {
        guard let amount = amount(value["amount"]), let code = value["currency"]?.stringValue,
            let currency = Currency(code)
        else { return nil }
        return Money(amount, currency)
    }

    private static func amount(_ value: JSONValue?) -> FixedPoint? {
        value?.stringValue.flatMap { try? FixedPoint($0) }
    }
}
