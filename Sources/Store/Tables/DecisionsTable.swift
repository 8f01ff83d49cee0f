public import Core
internal import GRDB

/// What was decided for one symbol in one cycle.
public struct StoredDecision: Hashable, Sendable {
    public enum Action: String, Hashable, Sendable, CaseIterable { case hold, buy, sell }

    /// Whose word it is. There may be one of each per symbol and cycle, and at most one of them with an intent.
    public enum Origin: String, Hashable, Sendable, CaseIterable {
        /// The profile's agents.
        case decide
        /// Somebody outside, through `takt propose`.
        case propose
    }

    /// What the audit trail calls a decision: `CYCLE|SYMBOL`, and `CYCLE|SYMBOL|propose` where it was proposed.
    public struct Key: Hashable, Sendable, CustomStringConvertible {
        public let cycle: CycleID
        public let symbol: Symbol
        public let origin: Origin

        public init(_ cycle: CycleID, _ symbol: Symbol, _ origin: Origin) {
            self.cycle = cycle
            self.symbol = symbol
            self.origin = origin
        }

        public init?(_ text: String) {
            let parts = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            guard (2...3).contains(parts.count), let cycle = CycleID(parts[0]),
                parts.count == 2 || parts[2] == Origin.propose.rawValue
            else { return nil }
            self.init(cycle, Symbol(parts[1]), parts.count == 2 ? .decide : .propose)
        }

        public var description: String { "\(cycle)|\(symbol)\(origin == .propose ? "|\(origin.rawValue)" : "")" }
    }

    public var key: Key { Key(cycle, symbol, origin) }
    public let origin: Origin
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
        intentID: IntentID?, inputDigest: Digest?, createdAt: Instant, origin: Origin = .decide
    ) {
        self.origin = origin
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
    /// What the profile's agents decided for the symbol.
    public func decision(_ cycle: CycleID, _ symbol: Symbol) throws -> StoredDecision? {
        try decisions(cycle: cycle, origin: .decide).first { $0.symbol == symbol }
    }

    /// The decision that an intent came of; `nil` for intents that the risk check made.
    public func decision(of intent: OrderIntent) throws -> StoredDecision? {
        try decisions(cycle: intent.cycle).first { $0.intentID == intent.id }
    }

    /// - Parameter origin: only those; `nil` for all.
    public func decisions(cycle: CycleID, origin: StoredDecision.Origin? = nil) throws -> [StoredDecision] {
        let sql = """
            \(Self.selection(origin))
            WHERE profile = ? AND cycle_close_at = ?
            ORDER BY symbol, origin
            """
        return try rows(sql, [cycle.profile.text, cycle.barClose.microseconds], table: "decisions", decision)
    }

    /// Decisions and proposals by the close of their bar. `states` of the filter are actions.
    public func decisions(_ filter: ListFilter = .all) throws -> [StoredDecision] {
        let conditions = Conditions(
            filter, time: "cycle_close_at", symbol: "symbol", state: "action", profile: "profile")
        let order = ["cycle_close_at", "profile", "symbol", "origin"]
        return try list(Self.selection(nil), conditions, order: order, table: "decisions", decision)
    }

    private static func selection(_ origin: StoredDecision.Origin?) -> String {
        let columns = """
            profile, cycle_close_at, symbol, action, confidence, votes, filters, intent_id, input_digest, created_at
            """
        func select(_ origin: StoredDecision.Origin) -> String {
            "SELECT \(columns), '\(origin.rawValue)' AS origin FROM \(origin.table)"
        }
        let parts = origin.map { [select($0)] } ?? StoredDecision.Origin.allCases.map(select)
        return "SELECT * FROM (\(parts.joined(separator: " UNION ALL ")))"
    }

    private func decision(_ fields: Fields) throws -> StoredDecision {
        StoredDecision(
            cycle: try fields.cycle(), symbol: try fields.id("symbol"), action: try fields.choice("action"),
            confidence: try fields.double("confidence"), votes: try fields.json("votes"),
            filters: try fields.json("filters"), intentID: fields.optionalID("intent_id"),
            inputDigest: try fields.optionalDigest("input_digest"), createdAt: try fields.instant("created_at"),
            origin: try fields.choice("origin"))
    }
}

extension StoredDecision.Origin {
    fileprivate var table: String {
        switch self {
        case .decide: "decisions"
        case .propose: "proposals"
        }
    }
}

extension StoreWriter {
    /// Stores a decision once. Returns `false` if the cycle has one of that origin for the symbol: the first stays, whatever
    /// the second says, because an intent may already follow from it.
    @discardableResult
    public func insertDecision(_ decision: StoredDecision) throws -> Bool {
        let columns: [(name: String, value: Argument)] = [
            ("profile", decision.cycle.profile.text), ("cycle_close_at", decision.cycle.barClose.microseconds),
            ("symbol", decision.symbol.text), ("action", decision.action.rawValue),
            ("confidence", decision.confidence), ("votes", decision.votes.text), ("filters", decision.filters.text),
            ("intent_id", decision.intentID?.text), ("input_digest", decision.inputDigest?.hex),
            ("created_at", decision.createdAt.microseconds),
        ]
        // The older of the two tables has its key as a column.
        let key: [(name: String, value: Argument)] =
            decision.origin == .decide ? [("id", decision.key.description)] : []
        let all = key + columns
        return try run(
            """
            INSERT INTO \(decision.origin.table) (\(all.map(\.name).joined(separator: ", ")))
            VALUES (\(all.map { _ in "?" }.joined(separator: ", ")))
            ON CONFLICT DO NOTHING
            """, all.map(\.value)) > 0
    }
}
