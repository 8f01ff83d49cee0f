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

    public mutating func set(_ currency: Currency, perBase: FixedPoint, asOf: Instant, source: String) {
        rates[currency] = RateMark(perBase: perBase, asOf: asOf, source: source)
    }

    /// Base units for one unit of the currency: one for the base itself, `nil` when no rate is known.
    public func rate(_ currency: Currency) -> FixedPoint? {
        currency == base ? .one : rates[currency]?.perBase
    }

    /// These marks, with the price of the last fill where that is newer or the only one.
    public func withLastTrades(of ledger: Ledger) -> Marks {
        var result = self
        for position in ledger.positions {
            guard let price = position.lastTradePrice, let at = position.lastTradeAt else { continue }
            if let known = result.prices[position.symbol], known.asOf >= at { continue }
            result.set(position.symbol, price: price, asOf: at)
        }
        return result
    }

    /// The marks no older than `maximumAge` at `now`; what is older counts as unknown.
    public func fresh(at now: Instant, prices maximumAge: Duration, rates maximumRateAge: Duration) -> Marks {
        Marks(
            base: base, prices: prices.filter { now.duration(since: $0.value.asOf) <= maximumAge },
            rates: rates.filter { now.duration(since: $0.value.asOf) <= maximumRateAge })
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
