/// Something that can be traded, as the configuration and the exchange define it.
public struct Instrument: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case stock
        case etf
        case future(expiry: CivilDate)
        case option(OptionTerms)
    }

    public enum Right: String, Hashable, Sendable { case call, put }

    public struct OptionTerms: Hashable, Sendable {
        public let underlying: Symbol
        public let expiry: CivilDate
        public let strike: Price
        public let right: Right
        public init(underlying: Symbol, expiry: CivilDate, strike: Price, right: Right) {
            self.underlying = underlying
            self.expiry = expiry
            self.strike = strike
            self.right = right
        }
    }

    public let symbol: Symbol
    public let name: String
    public let kind: Kind
    public let exchange: ExchangeID
    public let currency: Currency
    /// Orders are multiples of it. Positive.
    public let lotSize: Quantity
    public let ticks: TickSchedule
    /// Currency per point of price and unit of quantity: 1 for shares, 50 for an E-mini S&P 500 future. Positive.
    public let multiplier: FixedPoint
    /// Free text of the configuration, for concentration limits and reports.
    public let sector: String?
    /// The name each broker uses, where it differs from ours.
    public let brokerSymbols: [BrokerID: String]

    public enum Problem: Error, Hashable, Sendable { case lotNotPositive(Quantity), multiplierNotPositive(FixedPoint) }

    public init(
        symbol: Symbol, name: String, kind: Kind = .stock, exchange: ExchangeID, currency: Currency,
        lotSize: Quantity = Quantity(1), ticks: TickSchedule, multiplier: FixedPoint = .one, sector: String? = nil,
        brokerSymbols: [BrokerID: String] = [:]
    ) throws(Problem) {
        guard lotSize.isPositive else { throw .lotNotPositive(lotSize) }
        guard multiplier.isPositive else { throw .multiplierNotPositive(multiplier) }
        self.symbol = symbol
        self.name = name
        self.kind = kind
        self.exchange = exchange
        self.currency = currency
        self.lotSize = lotSize
        self.ticks = ticks
        self.multiplier = multiplier
        self.sector = sector
        self.brokerSymbols = brokerSymbols
    }

    public var id: InstrumentID { InstrumentID(exchange: exchange, symbol: symbol) }

    /// price × quantity × multiplier in the instrument's currency, rounded half to even at the eighth decimal.
    public func notional(_ price: Price, _ quantity: Quantity) throws(ArithmeticError) -> Money {
        let points = try price.value.multiplied(by: quantity.value, rounding: .halfEven)
        let amount = multiplier == .one ? points : try points.multiplied(by: multiplier, rounding: .halfEven)
        return Money(amount, currency)
    }
}
