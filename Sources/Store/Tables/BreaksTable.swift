public import Core
internal import GRDB

/// A difference between our books and a broker's, with its age. Never adjusted silently.
public struct BookBreak: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable { case open, closed }

    public let id: Int64
    public let kind: String
    public let broker: BrokerID
    public let account: AccountID
    public let symbol: Symbol?
    /// What it is about: the symbol, the currency, the order.
    public let subject: String
    public let ours: String
    public let theirs: String
    public let firstSeenAt: Instant
    public let lastSeenAt: Instant
    public let state: State
    public let closedAt: Instant?
}

extension StoreReader {
    /// Breaks by their first sight.
    public func breaks(_ filter: ListFilter = .all) throws -> [BookBreak] {
        let conditions = Conditions(filter, time: "first_seen_at", symbol: "symbol", state: "state", broker: "broker")
        let order = ["first_seen_at", "break_id"]
        return try list("SELECT * FROM breaks", conditions, order: order, table: "breaks") { fields in
            BookBreak(
                id: try fields.int64("break_id"), kind: try fields.text("kind"), broker: try fields.id("broker"),
                account: try fields.id("account"), symbol: fields.optionalID("symbol"),
                subject: try fields.text("subject"), ours: try fields.text("ours"), theirs: try fields.text("theirs"),
                firstSeenAt: try fields.instant("first_seen_at"), lastSeenAt: try fields.instant("last_seen_at"),
                state: try fields.choice("state"), closedAt: fields.optionalInstant("closed_at"))
        }
    }

    public func openBreaks(broker: BrokerID? = nil) throws -> [BookBreak] {
        try breaks(ListFilter(states: [BookBreak.State.open.rawValue], broker: broker))
    }
}

extension StoreWriter {
    /// Records that a break was seen: a new one, or the open one of the same kind, account and subject with the present
    /// numbers. Returns whether it is new; one that a person accepted as it is stays closed.
    ///
    /// - Parameters:
    ///   - subject: what tells the breaks of one kind apart: a symbol, a currency, an order id.
    ///   - symbol: for filters, where the break is about one.
    @discardableResult
    public func upsertOpenBreak(
        kind: String, broker: BrokerID, account: AccountID, subject: String, symbol: Symbol? = nil, ours: String,
        theirs: String, at: Instant
    ) throws -> Bool {
        let place: [Argument] = [kind, broker.text, account.text, subject]
        let changed = try run(
            """
            UPDATE breaks SET ours = ?, theirs = ?, last_seen_at = ?
            WHERE kind = ? AND broker = ? AND account = ? AND subject = ? AND state = 'open'
            """, [ours, theirs, at.microseconds] + place)
        guard changed == 0 else { return false }
        let isAccepted = try exists(
            """
            SELECT 1 FROM breaks
            WHERE kind = ? AND broker = ? AND account = ? AND subject = ? AND is_accepted = 1 AND ours = ? AND theirs = ?
            """, place + [ours, theirs])
        guard !isAccepted else { return false }
        try run(
            """
            INSERT INTO breaks
                (kind, broker, account, subject, symbol, ours, theirs, first_seen_at, last_seen_at, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open')
            """,
            place + [symbol?.text, ours, theirs, at.microseconds, at.microseconds])
        return true
    }

    /// Closes one break by hand. Returns it as it was, `nil` if there is no such open break.
    ///
    /// - Parameter isAccepted: whether it stays closed as long as both sides look the same; else it opens anew when it is
    ///   seen again.
    public func closeBreak(_ id: Int64, isAccepted: Bool, at: Instant) throws -> BookBreak? {
        guard let found = try openBreaks().first(where: { $0.id == id }) else { return nil }
        try run(
            "UPDATE breaks SET state = 'closed', closed_at = ?, is_accepted = ? WHERE break_id = ?",
            [at.microseconds, isAccepted, id])
        return found
    }

    /// Closes the open breaks of an account that were not seen again. Returns their ids.
    ///
    /// - Parameters:
    ///   - seen: those that stay open, as `KIND|SUBJECT`.
    ///   - kinds: only these kinds, `nil` for all; a kind whose snapshot was incomplete must be left out.
    @discardableResult
    public func closeBreaks(
        broker: BrokerID, account: AccountID, except seen: Set<String>, kinds: Set<String>? = nil, at: Instant
    ) throws -> [Int64] {
        let gone = try openBreaks(broker: broker).filter { found in
            found.account == account && kinds?.contains(found.kind) ?? true
                && !seen.contains("\(found.kind)|\(found.subject)")
        }
        for found in gone {
            try run(
                "UPDATE breaks SET state = 'closed', closed_at = ? WHERE break_id = ?", [at.microseconds, found.id])
        }
        return gone.map(\.id)
    }
}
