public import Core

/// Always for buying, with certainty: the benchmark every other agent has to beat.
public struct BuyAndHoldAgent: Agent {
    public let name: AgentName

    public init(name: AgentName = AgentName("buy-and-hold")) { self.name = name }

    public var barsNeeded: Int { 1 }

    public func vote(_ view: MarketView) -> Vote {
        guard let last = view.bars.last else { return .warmingUp(name, bars: 0, needed: 1) }
        return .rule(name, .buy, 1, ["close": JSONValue(last.close)])
    }
}
