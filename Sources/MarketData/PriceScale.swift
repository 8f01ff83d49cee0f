internal import Core

/// Exact factors of prices and volumes, each good for the bars that open before an instant.
struct PriceScale: Hashable, Sendable {
    struct Step: Hashable, Sendable {
        let until: Instant
        let price: Factor
        let volume: Factor
    }

    /// A ratio with its inverse, so that what was scaled can be scaled back.
    struct Factor: Hashable, Sendable {
        let forward: ExactRatio
        let back: ExactRatio
        static let one = Factor(forward: .one, back: .one)

        private init(forward: ExactRatio, back: ExactRatio) { (self.forward, self.back) = (forward, back) }

        /// `nil` when the product is out of range.
        func multiplied(by numerator: Int128, over denominator: Int128) -> Factor? {
            guard let forward = forward.multiplied(by: numerator, over: denominator), let back = forward.inverse
            else { return nil }
            return Factor(forward: forward, back: back)
        }
    }

    /// Ascending; a bar that opens before `until` has the factors of the first such step, a later bar has none.
    let steps: [Step]

    func step(at instant: Instant) -> Step? { steps.first { instant < $0.until } }

    /// The bar on this scale; `change` multiplies one number.
    func scaled(
        _ bar: Bar, _ change: (FixedPoint, Factor) throws(ArithmeticError) -> FixedPoint
    ) throws(BarMakingError) -> Bar {
        guard let step = step(at: bar.openAt) else { return bar }
        var changed = bar
        do throws(ArithmeticError) {
            changed.open = Price(try change(bar.open.value, step.price))
            changed.high = Price(try change(bar.high.value, step.price))
            changed.low = Price(try change(bar.low.value, step.price))
            changed.close = Price(try change(bar.close.value, step.price))
            changed.volume = Quantity(try change(bar.volume.value, step.volume))
        } catch { throw .overflow(at: bar.openAt, error) }
        return changed
    }
}
