public import Core
internal import GRDB

/// A split or a dividend as it was recorded, or a person's word that there was none.
public struct StoredAction: Hashable, Sendable {
    public enum Content: Hashable, Sendable {
        /// New shares for old ones.
        case split(new: Int, old: Int)
        /// Cash per share.
        case dividend(perShare: FixedPoint, Currency)
        /// The jump of that day was the market's: no split.
        case noSplit

        public var kind: String {
            switch self {
            case .split: "split"
            case .dividend: "dividend"
            case .noSplit: "no-split"
            }
        }

        /// `10:1`, `0.25`, or nothing.
        public var value: String? {
            switch self {
            case .split(let new, let old): "\(new):\(old)"
            case .dividend(let perShare, _): perShare.description
            case .noSplit: nil
            }
        }

        public var currency: Currency? {
            if case .dividend(_, let currency) = self { currency } else { nil }
        }

        func action(of symbol: Symbol, on exDate: CivilDate) -> CorporateAction? {
            switch self {
            case .split(let new, let old):
                CorporateAction(symbol: symbol, exDate: exDate, kind: .split(new: new, old: old))
            case .dividend(let perShare, _):
                CorporateAction(symbol: symbol, exDate: exDate, kind: .dividend(perShare: perShare, taxRate: .zero))
            case .noSplit: nil
            }
        }
    }

    public enum State: String, Hashable, Sendable, CaseIterable {
        case inForce = "in-force"
        /// Corrected by a later import, or withdrawn.
        case replaced
    }

    public let id: Int64
    public let symbol: Symbol
    public let exDate: CivilDate
    public let content: Content
    /// The file it was imported from, or the operator who said so.
    public let source: String
    public let recordedAt: Instant
    public let recordedSequence: Int
    public let replacedAt: Instant?
    /// What took its place: a source, or an operator with a reason.
    public let replacedBy: String?

    public var state: State { replacedAt == nil ? .inForce : .replaced }

    /// What the sources of actions begin with that nobody has brought but a broker.
    public static let brokerSource = "broker "
    public var isToldByBroker: Bool { source.hasPrefix(Self.brokerSource) }

    /// What adjusts prices; `nil` for the word that there was no split.
    public var action: CorporateAction? { content.action(of: symbol, on: exDate) }
}

/// An action that somebody brings.
public struct NewAction: Hashable, Sendable {
    public let symbol: Symbol
    public let exDate: CivilDate
    public let content: StoredAction.Content
    /// The file or the operator it comes from; also recorded with what it replaces.
    public let source: String

    public init(symbol: Symbol, exDate: CivilDate, content: StoredAction.Content, source: String) {
        self.symbol = symbol
        self.exDate = exDate
        self.content = content
        self.source = source
    }

    var action: CorporateAction? { content.action(of: symbol, on: exDate) }
}

/// What recording actions does, or would do.
public struct ActionsPlan: Hashable, Sendable {
    public struct Replacement: Hashable, Sendable {
        /// In force until now, and no longer.
        public let old: StoredAction
        /// The source of what took its place.
        public let by: String
    }

    public private(set) var new: [NewAction] = []
    public private(set) var replaced: [Replacement] = []
    public private(set) var unchanged = 0

    /// All that one import may contradict.
    private struct Place: Hashable {
        let symbol: Symbol
        let exDate: CivilDate
        let isDividend: Bool

        init(_ symbol: Symbol, _ exDate: CivilDate, _ content: StoredAction.Content) {
            (self.symbol, self.exDate, isDividend) = (symbol, exDate, content.kind == "dividend")
        }
    }

    /// Whoever brings an action of a symbol, day and kind brings all of that kind: what else is in force there is
    /// replaced. A share is split once a day or not at all, so a split replaces the word that there was none, and the
    /// other way round. The dividends of one day (an ordinary and an extra one) come in one import.
    ///
    /// - Parameter actions: without contradictions among themselves; the same one twice counts once.
    public init(_ actions: [NewAction], onto inForce: [StoredAction]) {
        let held = Dictionary(grouping: inForce) { Place($0.symbol, $0.exDate, $0.content) }
        for (place, brought) in Dictionary(grouping: actions, by: { Place($0.symbol, $0.exDate, $0.content) }) {
            let stored = held[place] ?? []
            let contents = Set(brought.map(\.content))
            var seen = Set(stored.map(\.content))
            new += brought.filter { seen.insert($0.content).inserted }
            unchanged += stored.count { contents.contains($0.content) }
            for old in stored where !contents.contains(old.content) {
                replaced.append(Replacement(old: old, by: brought[0].source))
            }
        }
        replaceOtherDays(actions, inForce)
        new.sort { ($0.exDate, $0.symbol, $0.content.value ?? "") < ($1.exDate, $1.symbol, $1.content.value ?? "") }
        replaced.sort { $0.old.id < $1.old.id }
    }

    /// Who brings a split corrects what stands of it on a day nearby, be it the day or the ratio: no share is split twice within
    /// a few weeks, unless one import brings both. A broker's booking day corrects nothing.
    private mutating func replaceOtherDays(_ actions: [NewAction], _ inForce: [StoredAction]) {
        for stored in inForce {
            guard let action = stored.action, action.isSplit else { continue }
            let same = actions.filter { brought in
                !brought.source.hasPrefix(StoredAction.brokerSource) && brought.action?.isSameEvent(as: action) ?? false
            }
            guard let better = same.first, !same.contains(where: { $0.exDate == stored.exDate }) else { continue }
            replaced.append(Replacement(old: stored, by: better.source))
        }
    }
}

extension StoreReader {
    /// The actions of a symbol that are in force, by ex-date.
    public func actionsInForce(_ symbol: Symbol) throws -> [StoredAction] {
        try rows(
            """
            SELECT * FROM actions
            WHERE symbol = ? AND replaced_seq IS NULL
            ORDER BY ex_date, id
            """, [symbol.text], table: "actions", storedAction)
    }

    /// The symbols with any action in force.
    public func symbolsWithActions() throws -> Set<Symbol> {
        let sql = "SELECT DISTINCT symbol FROM actions WHERE replaced_seq IS NULL"
        return Set(try rows(sql, table: "actions") { try $0.id("symbol") })
    }

    /// Actions by ex-date. `since` and `until` of the filter are days, its `states` ``StoredAction/State``.
    public func actions(_ filter: ListFilter = .all) throws -> [StoredAction] {
        var conditions = Conditions()
        conditions.limit = filter.limit.map { max(0, $0) }
        if let since = filter.since { conditions.add("ex_date >= ?", since.utcDate.description) }
        // A filter of days ends where the day after the last one begins.
        if let until = filter.until {
            let isMidnight = until == until.utcDate.startUTC
            conditions.add(isMidnight ? "ex_date < ?" : "ex_date <= ?", until.utcDate.description)
        }
        if let symbol = filter.symbol { conditions.add("symbol = ?", symbol.text) }
        if !filter.states.isEmpty {
            let state = "CASE WHEN replaced_seq IS NULL THEN 'in-force' ELSE 'replaced' END"
            conditions.addAny(state, of: filter.states)
        }
        return try list(
            "SELECT * FROM actions", conditions, order: ["ex_date", "symbol", "id"], table: "actions", storedAction)
    }

    /// What ``StoreWriter/record(_:at:)`` would do.
    public func plan(_ actions: [NewAction]) throws -> ActionsPlan {
        let symbols = Set(actions.map(\.symbol)).sorted()
        return ActionsPlan(actions, onto: try symbols.flatMap { try actionsInForce($0) })
    }

    private func storedAction(_ fields: Fields) throws -> StoredAction {
        let date = try fields.text("ex_date")
        guard let exDate = CivilDate(iso: date) else { throw fields.damaged("ex_date", date) }
        return StoredAction(
            id: try fields.int64("id"), symbol: try fields.id("symbol"), exDate: exDate, content: try content(fields),
            source: try fields.text("source"), recordedAt: try fields.instant("recorded_at"),
            recordedSequence: try fields.int("recorded_seq"), replacedAt: fields.optionalInstant("replaced_at"),
            replacedBy: fields.optionalText("replaced_by"))
    }

    private func content(_ fields: Fields) throws -> StoredAction.Content {
        let kind = try fields.text("kind")
        switch kind {
        case "split":
            let value = try fields.text("value")
            let parts = value.split(separator: ":").compactMap { Int($0) }
            guard parts.count == 2, parts[0] > 0, parts[1] > 0 else { throw fields.damaged("value", value) }
            return .split(new: parts[0], old: parts[1])
        case "dividend": return .dividend(perShare: try fields.amount("value"), try fields.currency("currency"))
        case "no-split": return .noSplit
        default: throw fields.damaged("kind", kind)
        }
    }
}

extension StoreWriter {
    /// Records actions; those in force already are left alone, those they contradict become history.
    @discardableResult
    public func record(_ actions: [NewAction], at: Instant) throws -> ActionsPlan {
        let plan = try plan(actions)
        guard !plan.new.isEmpty || !plan.replaced.isEmpty else { return plan }
        let sequence = try nextSequence()
        for change in plan.replaced { try replace(change.old.id, by: change.by, at: at, sequence) }
        for action in plan.new {
            try run(
                """
                INSERT INTO actions (symbol, ex_date, kind, value, currency, source, recorded_at, recorded_seq)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    action.symbol.text, action.exDate.description, action.content.kind, action.content.value,
                    action.content.currency?.code, action.source, at.microseconds, sequence,
                ])
        }
        return plan
    }

    /// Takes an action out of force without another in its place. Returns whether it was in force.
    @discardableResult
    public func withdrawAction(_ id: Int64, by source: String, at: Instant) throws -> Bool {
        guard try exists("SELECT 1 FROM actions WHERE id = ? AND replaced_seq IS NULL", [id]) else { return false }
        try replace(id, by: source, at: at, try nextSequence())
        return true
    }

    private func replace(_ id: Int64, by source: String, at: Instant, _ sequence: Int) throws {
        try run(
            "UPDATE actions SET replaced_at = ?, replaced_seq = ?, replaced_by = ? WHERE id = ?",
            [at.microseconds, sequence, source, id])
    }
}
