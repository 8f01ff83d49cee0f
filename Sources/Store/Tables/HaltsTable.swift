public import Core
internal import GRDB

/// A stop of trading that stands until somebody lifts it.
public struct Halt: Hashable, Sendable {
    public let id: Int64
    /// `all`, `symbol:NVDA`, `profile:us-5m` or `broker:kis`.
    public let scope: String
    /// Stable, kebab-case: `kill-switch`, `daily-loss`.
    public let code: String
    public let message: String
    public let setAt: Instant
    public let setBy: String
    public let liftedAt: Instant?
    public let liftedBy: String?
    public let liftReason: String?
}

extension StoreReader {
    /// The halts that stand, oldest first.
    public func activeHalts() throws -> [Halt] {
        try rows("SELECT * FROM halts WHERE lifted_at IS NULL ORDER BY id", table: "halts", halt)
    }

    /// Halts by their beginning. `states` of the filter are `active` and `lifted`.
    public func halts(_ filter: ListFilter = .all) throws -> [Halt] {
        let state = "CASE WHEN lifted_at IS NULL THEN 'active' ELSE 'lifted' END"
        let conditions = Conditions(filter, time: "set_at", state: state)
        return try list("SELECT * FROM halts", conditions, order: ["set_at", "id"], table: "halts", halt)
    }

    private func halt(_ fields: Fields) throws -> Halt {
        Halt(
            id: try fields.int64("id"), scope: try fields.text("scope"), code: try fields.text("code"),
            message: try fields.text("message"), setAt: try fields.instant("set_at"), setBy: try fields.text("set_by"),
            liftedAt: fields.optionalInstant("lifted_at"), liftedBy: fields.optionalText("lifted_by"),
            liftReason: fields.optionalText("lift_reason"))
    }
}

extension StoreWriter {
    /// Sets a halt. Returns its id, or `nil` if one of the same scope and code stands already.
    ///
    /// - Parameter scope: in the form of ``Halt/scope``; any other form is refused.
    @discardableResult
    public func setHalt(
        scope: some CustomStringConvertible, code: String, message: String, at: Instant, by actor: String
    ) throws -> Int64? {
        let changed = try run(
            """
            INSERT INTO halts (scope, code, message, set_at, set_by)
            VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (scope, code) WHERE lifted_at IS NULL DO NOTHING
            """,
            [scope.description, code, message, at.microseconds, actor])
        return changed > 0 ? db.lastInsertedRowID : nil
    }

    /// Lifts the halts that stand, of one scope or code or of all. Returns how many.
    @discardableResult
    public func liftHalts(
        scope: (some CustomStringConvertible)? = String?.none, code: String? = nil, by actor: String, reason: String,
        at: Instant
    ) throws -> Int {
        try run(
            """
            UPDATE halts SET lifted_at = ?, lifted_by = ?, lift_reason = ?
            WHERE lifted_at IS NULL AND (?4 IS NULL OR scope = ?4) AND (?5 IS NULL OR code = ?5)
            """,
            [at.microseconds, actor, reason, scope?.description, code])
    }
}
