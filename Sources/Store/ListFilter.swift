public import Core
internal import GRDB

/// The common filters of every list. A filter that a table has no column for is ignored.
public struct ListFilter: Hashable, Sendable {
    /// Inclusive.
    public var since: Instant?
    /// Exclusive.
    public var until: Instant?
    public var symbol: Symbol?
    /// Any of these states; empty means all.
    public var states: [String]
    public var broker: BrokerID?
    public var profile: ProfileName?
    /// At most so many, the newest ones; lists are ascending in time all the same.
    public var limit: Int?

    public static let all = ListFilter()

    public init(
        since: Instant? = nil, until: Instant? = nil, symbol: Symbol? = nil, states: [String] = [],
        broker: BrokerID? = nil, profile: ProfileName? = nil, limit: Int? = nil
    ) {
        self.since = since
        self.until = until
        self.symbol = symbol
        self.states = states
        self.broker = broker
        self.profile = profile
        self.limit = limit
    }
}

/// The WHERE clause of a list.
struct Conditions {
    private var clauses: [String] = []
    private var arguments: [Argument] = []
    var limit: Int?

    init() {}

    /// Takes those parts of the filter for which the table names a column.
    init(
        _ filter: ListFilter, time: String, symbol: String? = nil, state: String? = nil, broker: String? = nil,
        profile: String? = nil
    ) {
        limit = filter.limit.map { max(0, $0) }
        if let since = filter.since { add("\(time) >= ?", since.microseconds) }
        if let until = filter.until { add("\(time) < ?", until.microseconds) }
        if let symbol, let wanted = filter.symbol { add("\(symbol) = ?", wanted.text) }
        if let broker, let wanted = filter.broker { add("\(broker) = ?", wanted.text) }
        if let profile, let wanted = filter.profile { add("\(profile) = ?", wanted.text) }
        if let state, !filter.states.isEmpty { addAny(state, of: filter.states) }
    }

    mutating func add(_ clause: String, _ argument: Argument) {
        clauses.append(clause)
        arguments.append(argument)
    }

    mutating func addAny(_ column: String, of values: [String]) {
        clauses.append("\(column) IN (\(Array(repeating: "?", count: values.count).joined(separator: ", ")))")
        arguments += values.map { $0 as Argument }
    }

    /// ` WHERE …`, or nothing.
    var sql: (clause: String, arguments: [Argument]) {
        (clauses.isEmpty ? "" : " WHERE " + clauses.joined(separator: " AND "), arguments)
    }
}
