public import Core

/// What a broker itself says now, of the market and of the account, apart from takt's books.
///
/// For people and for checks: nothing here is booked, and nothing that is sent depends on it. Every call only reads. What
/// a broker does not tell is `nil` or left out, and a note or an incomplete snapshot says so.
public protocol BrokerInquiry: Sendable {
    /// Proves that the credentials are good, changing nothing.
    ///
    /// - Returns: What was proven, a sentence each. Nothing secret stands in them.
    func signIn() async throws(BrokerError) -> [String]

    /// The market of an instrument now.
    ///
    /// - Parameter depth: Whether the order book is wanted as well.
    /// - Returns: `nil` when the broker does not know the instrument, or does not serve its kind or its exchange.
    func quote(of instrument: Instrument, depth: Bool) async throws(BrokerError) -> BrokerQuote?

    /// What the account may buy and sell of an instrument.
    ///
    /// - Parameter price: Of a limit; `nil` asks for what takt would send as a market order.
    /// - Returns: `nil` when the broker does not know the instrument, or does not serve its kind or its exchange.
    func buyingPower(for instrument: Instrument, at price: Price?) async throws(BrokerError) -> BuyingPower?

    /// The account's cash by currency and by day, ascending by currency. A currency of which the broker tells no deposit
    /// is left out, and the snapshot is then incomplete.
    func deposits() async throws(BrokerError) -> Snapshot<BrokerDeposit>

    /// The days of an exchange as the broker announces them, both ends included, ascending. Incomplete when the broker
    /// does not announce so many. ``BrokerError/unavailable(broker:detail:)`` for an exchange whose days it does not tell.
    func marketDays(
        _ exchange: ExchangeID, from: CivilDate, through: CivilDate
    ) async throws(BrokerError) -> Snapshot<BrokerMarketDay>

    /// The exchange on whose calendar the broker counts the days of ``chargedCosts(on:)``.
    var costCalendar: ExchangeID { get }

    /// What the broker says that all executions of a day cost, for each currency in which it says so.
    func chargedCosts(on day: CivilDate) async throws(BrokerError) -> [BrokerDayCosts]
}

/// The market of an instrument as a broker shows it. Prices are for one share; `nil` is what the broker does not tell.
public struct BrokerQuote: Hashable, Sendable {
    /// One price of an order book.
    public struct Level: Hashable, Sendable {
        public let price: Price
        /// All that is offered or wanted at it.
        public let quantity: Quantity

        public init(price: Price, quantity: Quantity) {
            self.price = price
            self.quantity = quantity
        }
    }

    /// Of the last trade.
    public let last: Price
    /// What the prices are in; `nil` where the broker does not say, and then that of the instrument.
    public var currency: Currency?
    /// Of today's session; `nil` as long as nothing was traded.
    public var open: Price?
    public var high: Price?
    public var low: Price?
    /// What the day's change and limits are measured from: the close of the session before, corrected for splits.
    public var base: Price?
    /// The day's price limits; `nil` also where the market has none.
    public var upperLimit: Price?
    public var lowerLimit: Price?
    /// Shares traded today.
    public var volume: Quantity?
    /// The price step at the last price.
    public var tick: Price?
    /// Orders are multiples of it.
    public var lot: Quantity?
    public var isHalted: Bool?
    /// The best price first; `nil` if the book was not asked for or is not to be had, empty if nobody offers.
    public var asks: [Level]?
    public var bids: [Level]?
    /// On our clock.
    public let readAt: Instant
    /// What is missing and why, and what was reckoned here: a sentence each.
    public var notes: [String] = []

    public init(last: Price, readAt: Instant) {
        self.last = last
        self.readAt = readAt
    }
}

/// What an account may buy and sell of one instrument. Amounts are in `currency`.
public struct BuyingPower: Hashable, Sendable {
    public let currency: Currency
    /// What orders may use, less what open ones block.
    public let cash: FixedPoint
    /// What one order may come to, without borrowing and in that currency alone.
    public let amount: FixedPoint
    /// So many shares at `price`, as the broker reckons it.
    public let buyable: Quantity
    /// With the account's other currencies exchanged, where the broker offers that and says so.
    public var buyableWithExchange: Quantity?
    /// Shares that are held and not in open orders; `nil` when that is not known.
    public var sellable: Quantity?
    /// What the broker calculated with: a market order may count at the day's upper limit.
    public let price: Price
    /// On our clock.
    public let readAt: Instant
    /// What is missing and why: a sentence each.
    public var notes: [String] = []

    public init(
        currency: Currency, cash: FixedPoint, amount: FixedPoint, buyable: Quantity, price: Price, readAt: Instant
    ) {
        self.currency = currency
        self.cash = cash
        self.amount = amount
        self.buyable = buyable
        self.price = price
        self.readAt = readAt
    }
}

/// The cash of one currency, by the day on which it is there. `nil` is what the broker does not tell.
public struct BrokerDeposit: Hashable, Sendable {
    public let currency: Currency
    /// On the account now: trades that are not settled have changed nothing.
    public let settled: FixedPoint
    /// On the next business day.
    public var nextDay: FixedPoint?
    /// When all that was traded until now is settled.
    public var afterSettlement: FixedPoint?
    /// What trades that are not settled cost and bring in; both are positive amounts.
    public var unsettledBuys: FixedPoint?
    public var unsettledSales: FixedPoint?
    /// Fees and taxes of today's trades.
    public var costsToday: FixedPoint?

    public init(currency: Currency, settled: FixedPoint) {
        self.currency = currency
        self.settled = settled
    }
}

/// A day of an exchange as a broker announces it.
public struct BrokerMarketDay: Hashable, Sendable {
    /// On the exchange's own calendar.
    public let date: CivilDate
    /// Orders are taken and matched.
    public let isOpen: Bool
    /// Trades are settled.
    public let isSettlementDay: Bool

    public init(date: CivilDate, isOpen: Bool, isSettlementDay: Bool) {
        self.date = date
        self.isOpen = isOpen
        self.isSettlementDay = isSettlementDay
    }
}

/// What a broker says that the executions of a day cost: a check on the configured rates.
public struct BrokerDayCosts: Hashable, Sendable {
    public let date: CivilDate
    /// Fees and taxes together.
    public let costs: Money
    /// Σ price × quantity of the executions it speaks of, both sides; `nil` if the broker does not say.
    public let traded: Money?
    /// Reckoned by the broker, and not charged yet.
    public let isEstimate: Bool

    public init(date: CivilDate, costs: Money, traded: Money?, isEstimate: Bool) {
        self.date = date
        self.costs = costs
        self.traded = traded
        self.isEstimate = isEstimate
    }
}
