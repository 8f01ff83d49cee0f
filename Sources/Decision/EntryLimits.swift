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

/// An entry that was decided on earlier in the same cycle.
struct AcceptedEntry {
    let symbol: Symbol
    let side: Side
    /// In base currency; `nil` where it is not known.
    let value: FixedPoint?
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

    @Sendable static func correlation(_ c: FilterContext) -> (passed: Bool, reason: String) {
        guard let limit = c.settings.limits.maximumCorrelation?.doubleValue else { return (true, "The filter is off.") }
        var highest: (value: Double, symbol: Symbol)?
        for other in c.input.symbols where other.symbol != c.symbol.symbol {
            guard let side = c.held(other), let value = Statistics.correlation(c.symbol.bars, other.bars) else {
                continue
            }
            let together = side == c.proposal.side ? value : -value
            if together > highest?.value ?? -.infinity { highest = (together, other.symbol) }
        }
        guard let highest else { return (true, "Nothing else is held that it could be compared with.") }
        return (
            highest.value <= limit,
            "With what is held of \(highest.symbol) it goes together by \(highest.value), allowed are \(limit)."
        )
    }

    @Sendable static func turnover(_ c: FilterContext) -> (passed: Bool, reason: String) {
        guard let limit = c.settings.limits.maximumTurnover else { return (true, "The filter is off.") }
        guard var sum = c.input.turnoverToday, let own = c.proposal.value, let equity = c.input.equity else {
            return (false, "The turnover of the day, the order's value or equity is not known.")
        }
        do {
            for entry in c.accepted {
                guard let value = entry.value else {
                    return (false, "The value of the entry in \(entry.symbol) is not known.")
                }
                sum = try sum + value
            }
            sum = try sum + own
            let most = try equity.multiplied(by: limit.value, rounding: .down)
            return (
                sum <= most, "With it the turnover of the day is \(sum) \(c.input.baseCurrency), allowed are \(most)."
            )
        } catch {
            return (false, "The turnover of the day cannot be calculated exactly.")
        }
    }
}

extension FilterContext {
    /// On which side of a symbol something is held, on its way or decided on.
    fileprivate func held(_ other: SymbolInput) -> Side? {
        if !other.positionQuantity.isZero { return other.positionQuantity.isNegative ? .sell : .buy }
        return other.workingOrders.first?.side ?? accepted.first { $0.symbol == other.symbol }?.side
    }
}

extension Statistics {
    /// Pearson's correlation of the one-bar returns that two symbols have in common, of the newest of them; `nil` where they
    /// have too few in common, or one did not move.
    static func correlation(_ first: [Bar], _ second: [Bar]) -> Double? {
        let others = Dictionary(second.map { ($0.openAt, $0.close) }) { first, _ in first }
        let common = first.suffix(EntryLimits.lookback + 1).compactMap { bar in
            others[bar.openAt].map { (bar.close, $0) }
        }
        guard common.count > EntryLimits.leastCommon, let x = returns(common.map(\.0)), let y = returns(common.map(\.1))
        else { return nil }
        let (meanX, meanY) = (mean(x), mean(y))
        var (xy, xx, yy) = (0.0, 0.0, 0.0)
        for (a, b) in zip(x, y) {
            let (dx, dy) = (a - meanX, b - meanY)
            xy += dx * dy
            xx += dx * dx
            yy += dy * dy
        }
        guard xx > 0, yy > 0 else { return nil }
        return xy / (xx * yy).squareRoot()
    }

    private static func mean(_ values: [Double]) -> Double {
        var sum = 0.0
        for value in values { sum += value }
        return sum / Double(values.count)
    }
}
