public import Core

/// What the exchange's conditions make of a price and a volume: the same for its own matching and for research.
extension PaperConfiguration {
    /// The price that a market or touched stop order pays: with slippage, on the tick grid of the day, rounded against the
    /// taker. Without slippage the price stands as it is.
    public func taking(
        _ price: Price, _ side: Side, _ instrument: Instrument, on day: CivilDate
    ) throws(ArithmeticError) -> Price {
        guard !slippage.isZero else { return price }
        let slip = try price.value.magnitude.multiplied(by: slippage.value, rounding: .up)
        let moved = Price(side == .buy ? try price.value + slip : try price.value - slip)
        let rule = instrument.ticks.rule(on: day)
        let rounded = try rule.rounded(moved, side == .buy ? .up : .down)
        return rounded.isPositive ? rounded : rule.tick(at: price)
    }

    /// What our orders may still take of a volume of which they have taken so much.
    public func capacity(of volume: Quantity, used: Quantity) throws(ArithmeticError) -> Quantity {
        let share = try volume.value.multiplied(by: participation.value, rounding: .down)
        return try max(Quantity(share) - used, .zero)
    }
}
