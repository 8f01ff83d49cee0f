public import Core

/// Two simple moving averages of the close: buy while the fast one is above the slow one, sell while it is below.
///
/// The state counts, not the moment of crossing, so a missed bar loses nothing. The comparison is exact; equal averages
/// hold. Confidence is `min(1, |fast / slow − 1| / (σ·√slow))` with σ the sample deviation of the one-bar returns inside the
/// slow window.
public struct SMACrossAgent: Agent {
    public let name: AgentName
    /// Bars.
    public let fast: Int
    public let slow: Int

    public init(name: AgentName = AgentName("sma-cross"), fast: Int, slow: Int) throws(DecisionError) {
        guard fast >= 1 else { throw .parameter(name: "\(name).fast", value: "\(fast)", allowed: "1 bar or more") }
        guard slow > fast, slow >= 3, slow <= 10_000 else {
            throw .parameter(
                name: "\(name).slow", value: "\(slow)", allowed: "3 to 10000 bars and more than fast (\(fast))")
        }
        self.name = name
        self.fast = fast
        self.slow = slow
    }

    public var barsNeeded: Int { slow }

    public func vote(_ view: MarketView) -> Vote {
        guard view.bars.count >= barsNeeded else {
            return .warmingUp(name, bars: view.bars.count, needed: barsNeeded)
        }
        let closes = view.closes(slow)
        guard let returns = Statistics.returns(closes), let deviation = Statistics.deviation(returns) else {
            return .rule(name, .hold, 0, ["reason": "price-not-positive"])
        }
        // Sums of whole units: |price| ≤ 10^26 and at most 10^4 bars stay far inside 128 bits, products included below.
        let slowSum = closes.reduce(Int128(0)) { $0 + $1.value.units }
        let fastSum = closes.suffix(fast).reduce(Int128(0)) { $0 + $1.value.units }
        let (fastScaled, slowScaled) = (fastSum * Int128(slow), slowSum * Int128(fast))
        let fastAverage = Double(fastSum) / Double(fast) / 100_000_000
        let slowAverage = Double(slowSum) / Double(slow) / 100_000_000
        let action: Action = fastScaled > slowScaled ? .buy : fastScaled < slowScaled ? .sell : .hold
        let move = action == .hold ? 0 : fastAverage / slowAverage - 1
        return .rule(
            name, action, Statistics.confidence(move: move, deviation: deviation, bars: slow),
            [
                "fast": .double(fastAverage), "slow": .double(slowAverage), "move": .double(move),
                "deviation": .double(deviation),
            ])
    }
}
