public import Core
internal import GRDB

/// What was decided for one symbol in one cycle.
public struct StoredDecision: Hashable, Sendable {
    public enum Action: String, Hashable, Sendable, CaseIterable { case hold, buy, sell }

    /// `CYCLE|SYMBOL`.
    public var id: String { "\(cycle)|\(symbol)" }
    public let cycle: CycleID
    public let symbol: Symbol
    public let action: Action
    /// 0 to 1.
    public let confidence: Double
    /// `[{agent, action, probabilities, detail}]`.
    public let votes: JSONValue
    public let filters: JSONValue
    public let intentID: IntentID?
    /// The evidence it was made from.
    public let inputDigest: Digest?
    public let createdAt: Instant

    public init(
        cycle: CycleID, symbol: Symbol, action: Action, confidence: Double, votes: JSONValue, filters: JSONValue,
        intentID: IntentID?, inputDigest: Digest?, createdAt: Instant
    ) {
        self.cycle = cycle
        self.symbol = symbol
        self.action = action
        self.confidence = confidence
        self.votes = votes
        self.filters = filters
        self.intentID = intentID
        self.inputDigest = inputDigest
        self.createdAt = createdAt
    }
}

extension StoreReader {
    public func decision(_ cycle: CycleID, _ symbol: Symbol) throws -> StoredDecision? {
        try firstRow("SELECT * FROM decisions WHERE id = ?", ["\(cycle)|\(symbol)"], table: "decisions", decision)
    }

    public func decisions(cycle: CycleID) throws -> [StoredDecision] {
        let sql = "SELECT * FROM decisions WHERE profile = ? AND cycle_close_at = ? ORDER BY symbol"
        return try rows(sql, [cycle.profile.text, cycle.barClose.microseconds], table: "decisions", decision)
    }

    /// Decisions by the close of their bar. `states` of the filter are actions.
    public func decisions(_ filter: ListFilter = .all) throws -> [StoredDecision] {
        let conditions = Conditions(
            filter, time: "cycle_close_at", symbol: "symbol", state: "action", profile: "profile")
        let order = ["cycle_close_at", "profile", "symbol"]
        return try list("SELECT * FROM decisions", conditions, order: order, table: "decisions", decision)
    }

    private func decision(_ fields: Fields) throws -> StoredDecision {
        StoredDecision(
            cycle: try fields.cycle(), symbol: try fields.id("symbol"), action: try fields.choice("action"),
            confidence: try fields.double("confidence"), votes: try fields.json("votes"),
            filters: try fields.json("filters"), intentID: fields.optionalID("intent_id"),
            inputDigest: try fields.optionalDigest("input_digest"), createdAt: try fields.instant("created_at"))
    }
}

extension StoreWriter {
    /// Stores a decision once. Returns `false` if the cycle has one for the symbol: the first stays, whatever the
    /// second says, because an intent may already follow from it.
    @discardableResult
    public func insertDecision(_ decision: StoredDecision) throws -> Bool {
        try run(
            """
            INSERT INTO decisions
                (id, profile, cycle_close_at, symbol, action, confidence, votes, filters, intent_id, input_digest,
                 created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO NOTHING
            """,
            [
                decision.id, decision.cycle.profile.text, decision.cycle.barClose.microseconds, decision.symbol.text,
                decision.action.rawValue, decision.confidence, decision.votes.text, decision.filters.text,
                decision.intentID?.text, decision.inputDigest?.hex, decision.createdAt.microseconds,
            ]) > 0
    }
}
