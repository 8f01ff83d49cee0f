public import Core

/// What keeps new positions back besides the filters that everybody has. Each is off until it is configured; exits are never
/// asked.
public struct EntryLimits: Hashable, Sendable {
    /// The move that may be hoped for, beside what it costs to take it.
    public struct Edge: Hashable, Sendable {
        /// What one side of a trade costs, as a share of its value: half the spread, commission, slippage.
        public let costPerSide: Fraction
        /// How many bars a position is usually held.
        public let horizon: Int
        /// How many times the cost of both sides the hoped-for move has to be.
        public let ratio: Fraction

        public init(costPerSide: Fraction, horizon: Int, ratio: Fraction) {
            self.costPerSide = costPerSide
            self.horizon = horizon
            self.ratio = ratio
        }
    }

    /// No entries at a bar that closes so soon after the session's open; zero turns it off.
    public let noEntryAfterOpen: Duration
    public let edge: Edge?
    /// The correlation of returns above which nothing is added to what is held already; `nil` turns it off.
    public let maximumCorrelation: Fraction?
    /// How many times equity may be traded in a day, both sides counted; `nil` turns it off.
    public let maximumTurnover: Fraction?

    /// Returns that the volatility of an edge and a correlation are taken from.
    public static let lookback = 60
    /// Returns in common below which two symbols are not compared.
    static let leastCommon = 20

    public static let none = EntryLimits()

    private init() {
        noEntryAfterOpen = .zero
        edge = nil
        maximumCorrelation = nil
        maximumTurnover = nil
    }

    /// - Throws: ``DecisionError/parameter(name:value:allowed:)``.
    public init(
        noEntryAfterOpen: Duration = .zero, edge: Edge? = nil, maximumCorrelation: Fraction? = nil,
        maximumTurnover: Fraction? = nil
    ) throws(DecisionError) {
        guard noEntryAfterOpen >= .zero else {
            throw .parameter(name: "no_entry_after_open", value: "\(noEntryAfterOpen)", allowed: "0 s or more")
        }
        if let edge {
            guard !edge.costPerSide.isNegative, edge.costPerSide <= .one, edge.ratio.isPositive,
                (1...10_000).contains(edge.horizon)
            else {
                throw .parameter(
                    name: "edge", value: "\(edge.costPerSide), \(edge.horizon), \(edge.ratio)",
                    allowed: "a cost of 0 to 1, 1 to 10000 bars, a ratio above 0")
            }
        }
        if let limit = maximumCorrelation, limit.isNegative || limit > .one {
            throw .parameter(name: "maximum_correlation", value: "\(limit)", allowed: "0 to 1")
        }
        if let limit = maximumTurnover, !limit.isPositive {
            throw .parameter(name: "maximum_turnover", value: "\(limit)", allowed: "above 0")
        }
        self.noEntryAfterOpen = noEntryAfterOpen
        self.edge = edge
        self.maximumCorrelation = maximumCorrelation
        self.maximumTurnover = maximumTurnover
    }

    /// Bars that they look back.
    var barsNeeded: Int { edge == nil && maximumCorrelation == nil ? 1 : Self.lookback + 1 }

    var json: JSONValue {
        [
            "no_entry_after_open_us": .int(noEntryAfterOpen.wholeMicroseconds),
            "edge": edge.map { edge in
                [
                    "cost_per_side": JSONValue(edge.costPerSide), "horizon": .int(Int64(edge.horizon)),
                    "ratio": JSONValue(edge.ratio),
                ]
            } ?? .null,
            "maximum_correlation": JSONValue(maximumCorrelation), "maximum_turnover": JSONValue(maximumTurnover),
        ]
    }

    init(_ reader: EvidenceReader) throws(DecisionError) {
        var edge: Edge?
        if try reader.member("edge") != .null {
            let terms = try reader.object("edge")
            edge = Edge(
                costPerSide: Fraction(try terms.decimal("cost_per_side")), horizon: try terms.int("horizon"),
                ratio: Fraction(try terms.decimal("ratio")))
        }
        func share(_ name: String) throws(DecisionError) -> Fraction? {
            try reader.member(name) == .null ? nil : Fraction(try reader.decimal(name))
        }
        try self.init(
            noEntryAfterOpen: try reader.duration("no_entry_after_open_us"), edge: edge,
            maximumCorrelation: try share("maximum_correlation"), maximumTurnover: try share("maximum_turnover"))
    }
}

/// An order that was decided on earlier in the same run.
struct AcceptedOrder {
    let symbol: Symbol
    let side: Side
    let isEntry: Bool
    /// In base currency; `nil` where it is not known.
    let value: FixedPoint?

    init(_ symbol: Symbol, _ proposal: Proposal) {
        self.symbol = symbol
        (side, isEntry, value) = (proposal.side, proposal.purpose == .entry, proposal.value)
    }
}

extension Filter {
    /// By the bar's close and not by the clock, so that a rerun answers the same.
    @Sendable static func nearOpen(_ c: FilterContext) -> (passed: Bool, reason: String) {
        let room = c.settings.limits.noEntryAfterOpen
        guard let open = c.symbol.sessionOpen else { return (true, "No session is running.") }
        let since = c.input.cycle.barClose.duration(since: open)
        return (
            since >= room,
            "\(since.components.seconds) s have passed of the session; \(room.components.seconds) s are needed."
        )
    }

    /// The move that is hoped for is confidence × σ × √horizon, with σ the deviation of one-bar returns: a forecast is worth
    /// its score times the volatility (Grinold, "Alpha is volatility times IC times score", 1994).
    @Sendable static func minimumEdge(_ c: FilterContext) -> (passed: Bool, reason: String) {
        guard let edge = c.settings.limits.edge else { return (true, "The filter is off.") }
        let closes = c.symbol.bars.suffix(EntryLimits.lookback + 1).map(\.close)
        guard closes.count == EntryLimits.lookback + 1, let returns = Statistics.returns(closes),
            let deviation = Statistics.deviation(returns)
        else { return (false, "There are \(closes.count) bars, \(EntryLimits.lookback + 1) are needed.") }
        let hoped = c.wish.confidence * deviation * Double(edge.horizon).squareRoot()
        let needed = 2 * edge.costPerSide.doubleValue * edge.ratio.doubleValue
        return (
            hoped >= needed,
            "The move to hope for in \(edge.horizon) bars is \(hoped) of the price, needed are \(needed)."
        )
    }
}
