public import Core

/// A quantity that was opened together and is closed first in, first out.
public struct Lot: Hashable, Sendable {
    /// What is left of it; negative for a short.
    public let quantity: Quantity
    /// The price it was opened at, restated for splits, rounded half to even at the eighth decimal.
    public let price: Price
    /// Money paid for what is left, multiplier included.
    public let cost: PreciseAmount
    public let openedAt: Instant
}

/// One instrument in one account. A flat position stays in the books with its realised profit.
public struct LedgerPosition: Hashable, Sendable {
    public let broker: BrokerID
    public let account: AccountID
    public let symbol: Symbol
    public let currency: Currency
    /// Currency per point of price and unit of quantity.
    public let multiplier: FixedPoint
    /// Negative for a short.
    public let quantity: Quantity
    /// Average price of what is held, restated for splits, rounded half to even at the eighth decimal; zero when flat.
    public let averageCost: Price
    /// Oldest first.
    public let lots: [Lot]
    /// Price of the last fill, restated for splits, rounded half to even; `nil` for a position that was there before.
    public let lastTradePrice: Price?
    public let lastTradeAt: Instant?
    /// The same as ``averageCost`` with more digits.
    public let exactAverageCost: PreciseAmount
    /// Money paid for what is held, under average cost and as the sum of the lots.
    public let cost: PreciseAmount
    public let costFIFO: PreciseAmount
    public let exactRealisedAverage: PreciseAmount
    public let exactRealisedFIFO: PreciseAmount
    /// Money spent on the instrument less money received for it, fees, taxes and dividends aside.
    /// Realised + unrealised = market value − this, under both methods.
    public let netPaid: PreciseAmount

    public var isFlat: Bool { quantity.isZero }
    /// Realised profit before fees and taxes, rounded half to even at the eighth decimal.
    public var realisedAverage: Money { Money(exactRealisedAverage.rounded, currency) }
    public var realisedFIFO: Money { Money(exactRealisedFIFO.rounded, currency) }
    /// When the oldest lot was opened; `nil` when flat.
    public var openedAt: Instant? { lots.first?.openedAt }

    public func realised(_ method: CostMethod) -> Money {
        switch method {
        case .average: realisedAverage
        case .fifo: realisedFIFO
        }
    }

    /// quantity × price × multiplier; negative for a short.
    public func marketValue(at price: Price) throws(ArithmeticError) -> PreciseAmount {
        try PreciseAmount.product(price.value, quantity.value).multiplied(by: multiplier)
    }

    /// Market value less cost, before the fees of closing.
    public func unrealised(at price: Price, _ method: CostMethod) throws(ArithmeticError) -> PreciseAmount {
        try marketValue(at: price) - (method == .average ? cost : costFIFO)
    }
}

/// One instrument over all accounts. Quantities and profits are added up; costs are never netted against each other.
public struct UnifiedPosition: Hashable, Sendable {
    public let symbol: Symbol
    public let currency: Currency
    /// The net quantity: long here and short there may be zero.
    public let quantity: Quantity
    public let realisedAverage: PreciseAmount
    public let realisedFIFO: PreciseAmount
    /// The positions it is made of, by account.
    public let parts: [LedgerPosition]

    public func marketValue(at price: Price) throws(ArithmeticError) -> PreciseAmount {
        var sum = PreciseAmount.zero
        for part in parts { sum = try sum + part.marketValue(at: price) }
        return sum
    }

    public func unrealised(at price: Price, _ method: CostMethod) throws(ArithmeticError) -> PreciseAmount {
        var sum = PreciseAmount.zero
        for part in parts { sum = try sum + part.unrealised(at: price, method) }
        return sum
    }
}

extension LedgerPosition {
    init(_ state: PositionState) {
        broker = state.account.broker
        account = state.account.account
        symbol = state.symbol
        currency = state.currency
        multiplier = state.multiplier
        quantity = state.average.signedQuantity
        exactAverageCost = state.average.price(multiplier: state.multiplier)
        averageCost = Price(exactAverageCost.rounded)
        lots = state.lots.map { lot in
            Lot(
                quantity: lot.parcel.signedQuantity,
                price: Price(lot.parcel.price(multiplier: state.multiplier).rounded), cost: lot.parcel.cost,
                openedAt: lot.openedAt)
        }
        cost = state.average.cost
        costFIFO = state.costFIFO
        lastTradePrice = state.lastTradePrice
        lastTradeAt = state.lastTradeAt
        exactRealisedAverage = state.realisedAverage
        exactRealisedFIFO = state.realisedFIFO
        netPaid = state.netPaid
    }
}
