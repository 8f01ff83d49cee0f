public import Core
public import Decision

extension TokenUsage {
    /// US dollars, rounded up at the eighth decimal.
    public func cost(_ prices: ClaudePrices) throws(ArithmeticError) -> FixedPoint {
        var millionths = FixedPoint.zero
        for (tokens, price) in [
            (input, prices.input), (output, prices.output), (cacheWrite, prices.cacheWrite),
            (cacheRead, prices.cacheRead),
        ] {
            millionths = try millionths + price.multiplied(by: FixedPoint(tokens), rounding: .up)
        }
        return try millionths.divided(by: FixedPoint(1_000_000), rounding: .up)
    }
}
