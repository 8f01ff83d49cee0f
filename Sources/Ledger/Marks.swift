public import Core

/// Prices and exchange rates to value the books with, each with its age.
public struct Marks: Hashable, Sendable {
    public struct PriceMark: Hashable, Sendable {
        /// In the instrument's currency.
        public let price: Price
        public let asOf: Instant
        public init(price: Price, asOf: Instant) {
            self.price = price
            self.asOf = asOf
        }
    }

    public struct RateMark: Hashable, Sendable {
        /// Units of the base currency for one unit of the other. Positive.
        public let perBase: FixedPoint
        public let asOf: Instant
        /// Where the rate comes from: a broker, a central bank, the configuration.
        public let source: String
        public init(perBase: FixedPoint, asOf: Instant, source: String) {
            self.perBase = perBase
            self.asOf = asOf
            self.source = source
        }
    }

    public var prices: [Symbol: PriceMark]
    /// The prices of single accounts' holdings where they have one of their own: two accounts need not have booked a split on
    /// the same day, and then what they hold of a symbol is of two scales.
    private var held: [AccountKey: [Symbol: PriceMark]] = [:]
    public var rates: [Currency: RateMark]
    public let base: Currency

    public init(base: Currency, prices: [Symbol: PriceMark] = [:], rates: [Currency: RateMark] = [:]) {
        self.base = base
        self.prices = prices
        self.rates = rates
    }

    public mutating func set(_ symbol: Symbol, price: Price, asOf: Instant) {
        prices[symbol] = PriceMark(price: price, asOf: asOf)
    }

    /// The price of one holding, which counts for no other.
    public mutating func set(_ position: LedgerPosition, _ mark: PriceMark) {
        held[AccountKey(position.broker, position.account), default: [:]][position.symbol] = mark
    }

    /// The price that a holding is valued at: its own, or else that of the symbol.
    public func price(of position: LedgerPosition) -> PriceMark? {
        held[AccountKey(position.broker, position.account)]?[position.symbol] ?? prices[position.symbol]
    }

    public mutating func set(_ currency: Currency, perBase: FixedPoint, asOf: Instant, source: String) {
        rates[currency] = RateMark(perBase: perBase, asOf: asOf, source: source)
    }

    /// Base units for one unit of the currency: one for the base itself, `nil` when no rate is known.
    public func rate(_ currency: Currency) -> FixedPoint? {
        currency == base ? .one : rates[currency]?.perBase
    }

    /// These marks, with the price of a holding's last fill where that is newer or the only one.
    public func withLastTrades(of positions: [LedgerPosition]) -> Marks {
        var result = self
        for position in positions {
            guard let price = position.lastTradePrice, let at = position.lastTradeAt else { continue }
            if let known = self.price(of: position), known.asOf >= at { continue }
            result.set(position, PriceMark(price: price, asOf: at))
        }
        return result
    }
}

/// Exchange rates over time: what an amount was worth in the base currency when it arose.
public struct RateHistory: Hashable, Sendable {
    public let base: Currency
    private var series: [Currency: [Marks.RateMark]] = [:]

    public init(base: Currency) { self.base = base }

    /// Takes in a rate; at the same instant the later one counts. `perBase`: base units for one unit of the currency.
    public mutating func add(_ currency: Currency, perBase: FixedPoint, at: Instant, source: String) {
        let mark = Marks.RateMark(perBase: perBase, asOf: at, source: source)
        var rates = series[currency, default: []]
        let index = rates.lastIndex { $0.asOf <= at }.map { $0 + 1 } ?? 0
        rates.insert(mark, at: index)
        series[currency] = rates
    }

    /// The latest rate at or before the instant.
    public func rate(_ currency: Currency, at: Instant) -> FixedPoint? {
        guard currency != base else { return .one }
        guard let rates = series[currency] else { return nil }
        var low = 0
        var high = rates.count
        while low < high {
            let middle = (low + high) / 2
            if rates[middle].asOf <= at { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : rates[low - 1].perBase
    }
}
