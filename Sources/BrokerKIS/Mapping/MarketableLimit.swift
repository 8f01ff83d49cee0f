internal import Core

/// The limit that stands in for a market order where there are none: so far beyond the best price that it is executed
/// like one, and no further, so that an empty book costs at most the collar.
struct MarketableLimit: Hashable, Sendable {
    /// What the price was measured from.
    enum Source: String, Hashable, Sendable {
        case book = "the best price of the book"
        case last = "the last price"
    }

    let price: Price
    let reference: Price
    let source: Source

    /// - Parameters:
    ///   - best: The best price of the other side; `nil` where no book can be had.
    ///   - last: The price of the last trade.
    ///   - limits: What the exchange allows today, where it does.
    init(
        _ side: Side, best: Price?, last: Price, collar: Fraction, ticks: TickRule, lower: Price? = nil,
        upper: Price? = nil
    ) throws(ArithmeticError) {
        reference = best ?? last
        source = best == nil ? .last : .book
        let move = try reference.value.multiplied(by: collar.value, rounding: .awayFromZero)
        switch side {
        case .buy:
            let beyond = try ticks.rounded(Price(try reference.value + move), .up)
            price = upper.map { min($0, beyond) } ?? beyond
        case .sell:
            let beyond = try ticks.rounded(Price(try reference.value - move), .down)
            // A share of a few cents: never a price of nothing.
            let floor = lower ?? ticks.tick(at: reference)
            price = max(floor, beyond)
        }
    }
}
