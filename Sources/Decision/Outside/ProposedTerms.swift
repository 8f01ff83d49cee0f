public import Core

/// What a proposal from outside settles itself, in the place of the configured sizing and order type.
public struct ProposedTerms: Hashable, Sendable {
    /// The position aimed at, short is negative; `nil` leaves the size to the sizing.
    ///
    /// It is reached exactly, whatever the tolerance for rebalancing is. One on the other side of zero closes the position
    /// first; the rest is the next cycle's business.
    public let target: Quantity?
    /// The price of a limit order, rounded to the tick on the passive side; `nil` leaves the type to the configuration.
    public let limitPrice: Price?

    public init(target: Quantity? = nil, limitPrice: Price? = nil) {
        self.target = target
        self.limitPrice = limitPrice
    }

    var isEmpty: Bool { target == nil && limitPrice == nil }

    /// What it takes to come from a position to the target.
    public static func action(from position: Quantity, to target: Quantity) -> Action {
        target > position ? .buy : target < position ? .sell : .hold
    }

    var json: JSONValue { ["target": JSONValue(target), "limit_price": JSONValue(limitPrice)] }

    init(_ reader: EvidenceReader) throws(DecisionError) {
        self.init(
            target: try reader.optionalDecimal("target").map { Quantity($0) },
            limitPrice: try reader.optionalDecimal("limit_price").map { Price($0) })
    }
}
