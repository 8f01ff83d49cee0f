internal import Core

/// The limit that stands in for a market order where there are none: so far beyond the best price that it is executed
/// like one, and no further, so that a book that is nearly empty does not cost whatever it asks.
struct MarketableLimit: Hashable, Sendable {
    /// What the price was measured from.
    enum Source: String, Hashable, Sendable {
        case book = "the best price of the book"
        case last = "the last price"
        /// The book is further away than that.
        case reach = "a collar from the last price"
    }

    let price: Price
    let reference: Price
    let source: Source

    /// A book that is further from the last trade than the collar is nearly empty: the limit is then measured from a
    /// collar beyond the last price, and so never lies two of them away.
    ///
    /// - Parameters:
    ///   - best: The best price of the other side; `nil` where no book can be had.
    ///   - last: The price of the last trade.
    ///   - lower: What the exchange allows today, where it says so; as `upper`.
    init(
        _ side: Side, best: Price?, last: Price, collar: Fraction, ticks: TickRule, lower: Price? = nil,
        upper: Price? = nil
    ) throws(ArithmeticError) {
        let reach = try last.value.multiplied(by: collar.value, rounding: .halfEven)
        switch (best, side) {
        case (nil, _): reference = last
        case (let best?, .buy): reference = min(best, Price(try last.value + reach))
        case (let best?, .sell): reference = max(best, Price(try last.value - reach))
        }
        source = best == nil ? .last : reference == best ? .book : .reach
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
