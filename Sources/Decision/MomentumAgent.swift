public import Core

/// The move of the close over a number of bars: buy above a threshold, sell below its negative.
///
/// A move of exactly the threshold holds; the comparison is exact. Confidence is `min(1, |move| / (σ·√lookback))` with σ the
/// sample deviation of the one-bar returns over the lookback.
public struct MomentumAgent: Agent {
    public let name: AgentName
    /// Bars.
    public let lookback: Int
    /// A relative move: `0.01` is one per cent.
    public let threshold: Fraction

    public init(
        name: AgentName = AgentName("momentum"), lookback: Int, threshold: Fraction
    ) throws(DecisionError) {
        guard (2...10_000).contains(lookback) else {
            throw .parameter(name: "\(name).lookback", value: "\(lookback)", allowed: "2 to 10000 bars")
        }
        guard !threshold.isNegative, threshold <= .one else {
            throw .parameter(name: "\(name).threshold", value: "\(threshold)", allowed: "0 to 1")
        }
        self.name = name
        self.lookback = lookback
        self.threshold = threshold
    }

    public var barsNeeded: Int { lookback + 1 }

    public func vote(_ view: MarketView) -> Vote {
        guard view.bars.count >= barsNeeded else {
            return .warmingUp(name, bars: view.bars.count, needed: barsNeeded)
        }
        let closes = view.closes(barsNeeded)
        let (first, last) = (closes[0], closes[closes.count - 1])
        guard let returns = Statistics.returns(closes), let deviation = Statistics.deviation(returns),
            let change = try? last - first,
            // A change is a multiple of 10^-8, so it exceeds the exact product just when it exceeds it rounded down.
            let room = try? first.value.multiplied(by: threshold.value, rounding: .down)
        else { return .rule(name, .hold, 0, ["reason": "price-not-positive"]) }
        let action: Action = change.value > room ? .buy : change.value < -room ? .sell : .hold
        let move = last.doubleValue / first.doubleValue - 1
        let confidence =
            action == .hold ? 0 : Statistics.confidence(move: move, deviation: deviation, bars: lookback)
        return .rule(
            name, action, confidence,
            ["move": .double(move), "threshold": JSONValue(threshold), "deviation": .double(deviation)])
    }
}
