public import Core

/// A price with the time it was made. It can only be read with a limit on its age.
public struct PricedAt: Hashable, Sendable {
    private let value: Price
    /// When the price was made: the close of its bar, UTC.
    public let asOf: Instant

    public init(_ price: Price, asOf: Instant) {
        value = price
        self.asOf = asOf
    }

    /// The price as it goes into evidence, whatever its age.
    var recorded: Price { value }

    /// The price unless it is older than `maxAge` at `now`; an age of exactly `maxAge` is young enough.
    public func price(at now: Instant, maxAge: Duration) -> Price? { now.duration(since: asOf) <= maxAge ? value : nil }
}

/// What is held of one symbol at one broker.
public struct RiskPosition: Hashable, Sendable {
    public let symbol: Symbol
    public let broker: BrokerID
    /// Short is negative.
    public let quantity: Quantity
    /// What the broker's books say where they differ from ours, as reconcile saw it last; `nil` where both agree. What is
    /// not there cannot be closed: the attempt would open a position the other way.
    public let brokerQuantity: Quantity?
    /// What exits on their way have executed by the broker's own word, and nobody has booked.
    public let unbookedExits: Quantity
    /// Per unit, in the instrument's currency.
    public let averageCost: Price
    /// The newest mark; `nil` if there is none.
    public let lastPrice: PricedAt?
    /// Whether nothing is known for sure of the scale of its price.
    public let isPriceDoubted: Bool
    /// What an operator says that a unit is worth where no market tells, of any age. It values the position and does nothing else.
    public let statedPrice: Price?
    public let currency: Currency
    /// Currency per point of price and unit of quantity.
    public let multiplier: FixedPoint

    public init(
        symbol: Symbol, broker: BrokerID, quantity: Quantity, brokerQuantity: Quantity? = nil,
        unbookedExits: Quantity = .zero, averageCost: Price,
        lastPrice: PricedAt?, isPriceDoubted: Bool = false, statedPrice: Price? = nil, currency: Currency,
        multiplier: FixedPoint = .one
    ) {
        self.symbol = symbol
        self.broker = broker
        self.quantity = quantity
        self.brokerQuantity = brokerQuantity
        self.unbookedExits = unbookedExits
        self.averageCost = averageCost
        self.lastPrice = lastPrice
        self.isPriceDoubted = isPriceDoubted
        self.statedPrice = statedPrice
        self.currency = currency
        self.multiplier = multiplier
    }
}

/// A halt in force, as far as a verdict needs it.
public struct HaltView: Hashable, Sendable {
    public let scope: HaltScope
    /// `daily-loss`, `emergency-shutdown`, `operator`, …
    public let code: String
    public init(scope: HaltScope, code: String) {
        self.scope = scope
        self.code = code
    }
}

/// Everything about the accounts that limits are held against, as of one instant.
public struct AccountState: Hashable, Sendable {
    public let baseCurrency: Currency
    /// Equity over all brokers in base currency; `nil` when it cannot be known, and then nothing new is opened and no loss
    /// limit is judged, because an account that is missing a price would look like a loss.
    public let equityNow: Money?
    /// Equity at the start of the trading day; `nil` before it is known.
    public let equityAtDayStart: Money?
    /// Paid-in capital, the base of the emergency limit. An operator who resumes after an emergency re-bases it.
    public let equityInitial: Money?
    public let highWaterMark: Money?
    /// Base units for one unit of the currency. The base currency itself needs no entry.
    public let rates: [Currency: FixedPoint]
    public let positions: [RiskPosition]
    /// All orders that may be live, ours and external ones. What is in doubt counts at its full remaining size.
    public let liveOrders: [ManagedOrder]
    /// Approved earlier and not yet sent: they count like live orders.
    public let approvedIntents: [OrderIntent]
    /// Orders sent since the start of the trading day, all attempts.
    public let ordersSentToday: Int
    /// Orders sent in the 60 s before now.
    public let ordersSentInLastMinute: Int
    public let activeHalts: [HaltView]
    /// What operators ordered to be closed and is not done yet, oldest first.
    public let flattens: [FlattenRequest]
    /// Symbols held or owed whose price is missing, as valuation reports them.
    public let unpriced: [Symbol]
    /// Symbols of which our books and a broker's say different things, as reconcile has found.
    public let disputed: [Symbol]
    /// Brokers of which it is not known what is held there; none of their positions is in ``positions``.
    public let unreconciled: [BrokerID]

    public init(
        baseCurrency: Currency, equityNow: Money?, equityAtDayStart: Money?, equityInitial: Money?,
        highWaterMark: Money? = nil, rates: [Currency: FixedPoint] = [:], positions: [RiskPosition] = [],
        liveOrders: [ManagedOrder] = [], approvedIntents: [OrderIntent] = [], ordersSentToday: Int = 0,
        ordersSentInLastMinute: Int = 0, activeHalts: [HaltView] = [], flattens: [FlattenRequest] = [],
        unpriced: [Symbol] = [], disputed: [Symbol] = [], unreconciled: [BrokerID] = []
    ) {
        self.baseCurrency = baseCurrency
        self.equityNow = equityNow
        self.equityAtDayStart = equityAtDayStart
        self.equityInitial = equityInitial
        self.highWaterMark = highWaterMark
        self.rates = rates
        self.positions = positions
        self.liveOrders = liveOrders
        self.approvedIntents = approvedIntents
        self.ordersSentToday = ordersSentToday
        self.ordersSentInLastMinute = ordersSentInLastMinute
        self.activeHalts = activeHalts
        self.flattens = flattens
        self.unpriced = unpriced
        self.disputed = disputed
        self.unreconciled = unreconciled
    }

    /// Base units for one unit of the currency, `nil` if unknown or not positive.
    public func rate(_ currency: Currency) -> FixedPoint? {
        if currency == baseCurrency { return .one }
        guard let rate = rates[currency], rate.isPositive else { return nil }
        return rate
    }
}

/// One symbol and its exchange at the instant of the check.
public struct MarketCondition: Hashable, Sendable {
    public let instrument: Instrument
    /// Whether an order may go to the exchange now. For a profile that trades on the next open (daily bars), the caller
    /// says so between the sessions too.
    public let isOpen: Bool
    /// When the last closed bar closed, UTC; `nil` if there is none.
    public let lastBarClose: Instant?
    public let lastPrice: PricedAt?

    public init(instrument: Instrument, isOpen: Bool, lastBarClose: Instant?, lastPrice: PricedAt?) {
        self.instrument = instrument
        self.isOpen = isOpen
        self.lastBarClose = lastBarClose
        self.lastPrice = lastPrice
    }
}

/// What a broker takes, and the cash there.
public struct BrokerCondition: Hashable, Sendable {
    /// By the names of ``OrderType``.
    public let orderTypes: Set<String>
    public let timesInForce: Set<TimeInForce>
    /// What it does beside, by the words of ``OrderHandling/wishes``.
    public let handling: Set<String>
    public let allowsShort: Bool
    /// Cash by currency; orders still working are not yet taken off. A currency without entry has no cash.
    public let cash: [Currency: FixedPoint]
    /// When its lists were compared with our books last, if that has failed for some beats since; `nil` while it works.
    public let booksStaleSince: Instant?

    public init(
        orderTypes: Set<String>, timesInForce: Set<TimeInForce>, handling: Set<String> = [], allowsShort: Bool,
        cash: [Currency: FixedPoint], booksStaleSince: Instant? = nil
    ) {
        self.booksStaleSince = booksStaleSince
        self.orderTypes = orderTypes
        self.timesInForce = timesInForce
        self.handling = handling
        self.allowsShort = allowsShort
        self.cash = cash
    }
}
