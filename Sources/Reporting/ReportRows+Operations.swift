public import Core

/// What one agent, or the decision manager, had decided.
public struct DecisionRow: Hashable, Sendable {
    public var agent: String
    public var buys: Int
    public var holds: Int
    public var sells: Int
    /// How often it agreed with the final action.
    public var agreement: Fraction?
    public var p50Milliseconds: Double?
    public var p95Milliseconds: Double?

    public init(
        agent: String, buys: Int = 0, holds: Int = 0, sells: Int = 0, agreement: Fraction? = nil,
        p50Milliseconds: Double? = nil, p95Milliseconds: Double? = nil
    ) {
        self.agent = agent
        self.buys = buys
        self.holds = holds
        self.sells = sells
        self.agreement = agreement
        self.p50Milliseconds = p50Milliseconds
        self.p95Milliseconds = p95Milliseconds
    }
}

/// What the language model was asked.
public struct ConsultationSummary: Hashable, Sendable {
    public var calls: Int
    public var vetoes: Int
    public var cacheHits: Int
    public var failures: Int
    public var cost: Money?
    public var p50Milliseconds: Double?
    public var p95Milliseconds: Double?

    public init(
        calls: Int = 0, vetoes: Int = 0, cacheHits: Int = 0, failures: Int = 0, cost: Money? = nil,
        p50Milliseconds: Double? = nil, p95Milliseconds: Double? = nil
    ) {
        self.calls = calls
        self.vetoes = vetoes
        self.cacheHits = cacheHits
        self.failures = failures
        self.cost = cost
        self.p50Milliseconds = p50Milliseconds
        self.p95Milliseconds = p95Milliseconds
    }
}

/// How much of one limit was used.
public struct LimitUse: Hashable, Sendable {
    /// The stable name: `daily-loss`.
    public var name: String
    public var used: Fraction
    /// Both in the same unit: shares of one, or plain numbers with `isCount`.
    public var limit: Fraction
    /// Plain numbers (orders a day) instead of shares.
    public var isCount: Bool
    /// The highest use within the day.
    public var worst: Fraction?
    public var note: String?

    public init(
        name: String, used: Fraction, limit: Fraction, isCount: Bool = false, worst: Fraction? = nil,
        note: String? = nil
    ) {
        self.name = name
        self.used = used
        self.limit = limit
        self.isCount = isCount
        self.worst = worst
        self.note = note
    }
}

/// A difference between our books and a broker's.
public struct BreakRow: Hashable, Sendable {
    public var broker: BrokerID
    public var kind: String
    public var object: String
    public var ours: String
    public var theirs: String
    public var since: Instant
    public var state: String

    public init(
        broker: BrokerID, kind: String, object: String, ours: String, theirs: String, since: Instant, state: String
    ) {
        self.broker = broker
        self.kind = kind
        self.object = object
        self.ours = ours
        self.theirs = theirs
        self.since = since
        self.state = state
    }
}

/// A halt that was on during the day.
public struct HaltRow: Hashable, Sendable {
    public var scope: String
    public var reason: String
    public var since: Instant
    public var liftedAt: Instant?
    public var liftedBy: String?

    public init(scope: String, reason: String, since: Instant, liftedAt: Instant? = nil, liftedBy: String? = nil) {
        self.scope = scope
        self.reason = reason
        self.since = since
        self.liftedAt = liftedAt
        self.liftedBy = liftedBy
    }
}

/// How complete the bars of one instrument are.
public struct DataRow: Hashable, Sendable {
    public var symbol: Symbol
    public var name: String
    public var timeframe: String
    public var expected: Int
    public var received: Int
    public var late: Int
    public var rejected: Int
    public var revised: Int
    public var gaps: Int
    public var lastBarAt: Instant?

    public init(
        symbol: Symbol, name: String = "", timeframe: String, expected: Int, received: Int, late: Int = 0,
        rejected: Int = 0, revised: Int = 0, gaps: Int = 0, lastBarAt: Instant? = nil
    ) {
        self.symbol = symbol
        self.name = name
        self.timeframe = timeframe
        self.expected = expected
        self.received = received
        self.late = late
        self.rejected = rejected
        self.revised = revised
        self.gaps = gaps
        self.lastBarAt = lastBarAt
    }
}

/// How one step ran.
public struct StepRow: Hashable, Sendable {
    public var step: String
    public var runs: Int
    public var failures: Int
    public var replays: Int
    public var p50Milliseconds: Double?
    public var p95Milliseconds: Double?

    public init(
        step: String, runs: Int, failures: Int, replays: Int = 0, p50Milliseconds: Double? = nil,
        p95Milliseconds: Double? = nil
    ) {
        self.step = step
        self.runs = runs
        self.failures = failures
        self.replays = replays
        self.p50Milliseconds = p50Milliseconds
        self.p95Milliseconds = p95Milliseconds
    }
}

/// An alert of the day.
public struct AlertRow: Hashable, Sendable {
    public enum Severity: String, Hashable, Sendable, CaseIterable { case info, warning, critical }

    public var at: Instant
    public var severity: Severity
    public var code: String
    public var message: String
    public var isDelivered: Bool

    public init(at: Instant, severity: Severity, code: String, message: String, isDelivered: Bool = true) {
        self.at = at
        self.severity = severity
        self.code = code
        self.message = message
        self.isDelivered = isDelivered
    }
}

/// Something the coming days bring.
public struct UpcomingRow: Hashable, Sendable {
    public var day: CivilDate
    /// `Half day at XNYS, closes 13:00`.
    public var what: String

    public init(day: CivilDate, what: String) {
        self.day = day
        self.what = what
    }
}
