internal import Core

/// The price rules of the Korea Exchange.
enum KRXPrices {
    /// A share may move so far from its base price within a day, up or down.
    static let dailyLimit = Fraction(FixedPoint(int64Units: 30_000_000))

    /// The highest and lowest price of the day: the base price ± 30 %, onto the price steps, inwards.
    static func limits(
        base: Price, ticks: TickRule
    ) throws(ArithmeticError) -> (lower: Price, upper: Price) {
        let move = try base.value.multiplied(by: dailyLimit.value, rounding: .towardZero)
        return (
            try ticks.rounded(Price(try base.value - move), .up), try ticks.rounded(Price(try base.value + move), .down)
        )
    }
}
