public import Core

/// Everything about a profile's decisions that the configuration says.
public struct DecisionSettings: Hashable, Sendable {
    public let agents: [AgentSpec]
    public let sizing: PositionSizing
    public let orders: OrderDefaults
    /// The aggregate below which nothing is done; the value itself suffices.
    public let minimumConfidence: Fraction
    /// Bars that must have closed since the last fill of the symbol before it is entered again; 0 turns it off.
    public let cooldownBars: Int
    /// No entries at a bar that closes so long before the session's close, or nearer; zero turns it off.
    public let noEntryBeforeClose: Duration
    /// The smallest value of an entry in base currency; the value itself suffices.
    public let minimumOrderValue: FixedPoint
    /// How much older than the cycle's bar the newest bar may be.
    public let staleAfter: Duration
    /// Whether a sale may open a short position.
    public let allowsShort: Bool
    /// A position within this share of its target counts as there: price moves the target a little at every bar, and
    /// following it would pay commissions for nothing.
    public let rebalanceTolerance: Fraction
    public let limits: EntryLimits

    public init(
        agents: [AgentSpec], sizing: PositionSizing, orders: OrderDefaults, minimumConfidence: Fraction = .zero,
        cooldownBars: Int = 0, noEntryBeforeClose: Duration = .zero, minimumOrderValue: FixedPoint = .zero,
        staleAfter: Duration = .zero, allowsShort: Bool = false, rebalanceTolerance: Fraction = Self.defaultTolerance,
        limits: EntryLimits = .none
    ) throws(DecisionError) {
        guard agents.contains(where: { $0.weight.isPositive && $0.kind.votes }) else { throw .noAgents }
        try sizing.validate()
        try Self.share("filters.minimum_confidence", minimumConfidence)
        try Self.share("filters.rebalance_tolerance", rebalanceTolerance)
        guard (0...100_000).contains(cooldownBars) else {
            throw .parameter(name: "filters.cooldown_bars", value: "\(cooldownBars)", allowed: "0 to 100000")
        }
        guard noEntryBeforeClose >= .zero, staleAfter >= .zero else {
            throw .parameter(
                name: "filters", value: "\(min(noEntryBeforeClose, staleAfter))", allowed: "durations of 0 s or more")
        }
        guard !minimumOrderValue.isNegative else {
            throw .parameter(name: "filters.minimum_order_value", value: "\(minimumOrderValue)", allowed: "0 or more")
        }
        self.agents = agents
        self.sizing = sizing
        self.orders = orders
        self.minimumConfidence = minimumConfidence
        self.cooldownBars = cooldownBars
        self.noEntryBeforeClose = noEntryBeforeClose
        self.minimumOrderValue = minimumOrderValue
        self.staleAfter = staleAfter
        self.allowsShort = allowsShort
        self.rebalanceTolerance = rebalanceTolerance
        self.limits = limits
    }

    /// One fifth.
    public static let defaultTolerance = Fraction(FixedPoint(int64Units: 20_000_000))

    /// The longest history any agent, the sizing or the cooldown looks at, in bars.
    public func barsNeeded() throws(DecisionError) -> Int {
        var needed = max(sizing.barsNeeded, cooldownBars + 1, limits.barsNeeded)
        for agent in agents { needed = max(needed, try agent.agent().barsNeeded) }
        return needed
    }

    private static func share(_ name: String, _ value: Fraction) throws(DecisionError) {
        guard !value.isNegative, value <= .one else {
            throw .parameter(name: name, value: "\(value)", allowed: "0 to 1")
        }
    }

    public var json: JSONValue {
        let json: JSONValue = [
            "agents": .array(agents.map(\.json)), "sizing": sizing.json, "orders": orders.json,
            "minimum_confidence": JSONValue(minimumConfidence), "cooldown_bars": .int(Int64(cooldownBars)),
            "no_entry_before_close_us": .int(noEntryBeforeClose.wholeMicroseconds),
            "minimum_order_value": JSONValue(minimumOrderValue), "stale_after_us": .int(staleAfter.wholeMicroseconds),
            "allows_short": .bool(allowsShort), "rebalance_tolerance": JSONValue(rebalanceTolerance),
        ]
        return limits == .none ? json : json.setting("limits", limits.json)
    }

    init(_ reader: EvidenceReader) throws(DecisionError) {
        var agents: [AgentSpec] = []
        for agent in try reader.objects("agents") { agents.append(try AgentSpec(agent)) }
        try self.init(
            agents: agents, sizing: try PositionSizing(try reader.object("sizing")),
            orders: try OrderDefaults(try reader.object("orders")),
            minimumConfidence: Fraction(try reader.decimal("minimum_confidence")),
            cooldownBars: try reader.int("cooldown_bars"),
            noEntryBeforeClose: try reader.duration("no_entry_before_close_us"),
            minimumOrderValue: try reader.decimal("minimum_order_value"),
            staleAfter: try reader.duration("stale_after_us"), allowsShort: try reader.bool("allows_short"),
            rebalanceTolerance: Fraction(try reader.decimal("rebalance_tolerance")),
            limits: reader.value["limits"] == nil ? .none : try EntryLimits(try reader.object("limits")))
    }
}
