public import Core

/// The first line of a report: how the day went, in one word and one sentence.
public struct ReportVerdict: Hashable, Sendable {
    public enum Level: String, Hashable, Sendable, CaseIterable { case traded, idle, degraded, halted }

    public var level: Level
    /// What follows the level's word: `3 order(s), 2 fill(s), this cycle`.
    public var headline: String
    /// What needs a hand or an eye, one sentence each.
    public var details: [String]

    public init(level: Level, headline: String, details: [String] = []) {
        self.level = level
        self.headline = headline
        self.details = details
    }

    /// Both in one line: `Traded: 3 order(s), 2 fill(s), this cycle`.
    public var sentence: String { "\(level.rawValue.capitalizedFirst): \(headline)" }
}

/// The account at one instant, in the base currency.
public struct EquityMark: Hashable, Sendable {
    public var at: Instant
    public var equity: FixedPoint
    public var grossExposure: FixedPoint
    public var netExposure: FixedPoint
    public var cash: FixedPoint
    /// What was paid in (negative: taken out) since the mark before: no profit, and no way out of a drawdown.
    public var flow: FixedPoint

    public init(
        at: Instant, equity: FixedPoint, grossExposure: FixedPoint = .zero, netExposure: FixedPoint = .zero,
        cash: FixedPoint = .zero, flow: FixedPoint = .zero
    ) {
        self.at = at
        self.equity = equity
        self.grossExposure = grossExposure
        self.netExposure = netExposure
        self.cash = cash
        self.flow = flow
    }
}

/// Profit over one stretch of time, in the base currency.
public struct ProfitPeriod: Hashable, Sendable {
    /// `Day`, `Week`, `Month`, `Year`.
    public var label: String
    /// Deposits taken out.
    public var profit: Money
    /// Of the equity at the beginning.
    public var share: Fraction?
    /// The part that comes from exchange rates alone; contained in `profit`.
    public var fxEffect: Money?
    /// The return of the benchmark over the same time.
    public var benchmark: Fraction?
    public var benchmarkName: String?

    public init(
        label: String, profit: Money, share: Fraction? = nil, fxEffect: Money? = nil, benchmark: Fraction? = nil,
        benchmarkName: String? = nil
    ) {
        self.label = label
        self.profit = profit
        self.share = share
        self.fxEffect = fxEffect
        self.benchmark = benchmark
        self.benchmarkName = benchmarkName
    }
}

/// Profit of the day in one trading currency.
public struct LocalProfit: Hashable, Sendable {
    /// Before fees and taxes.
    public var realised: Money
    /// The change over the day, or the open profit, as the caller means it.
    public var unrealised: Money
    /// Positive when paid.
    public var fees: Money
    /// Positive when paid.
    public var taxes: Money
    /// After tax.
    public var dividends: Money

    public init(realised: Money, unrealised: Money, fees: Money, taxes: Money, dividends: Money) {
        self.realised = realised
        self.unrealised = unrealised
        self.fees = fees
        self.taxes = taxes
        self.dividends = dividends
    }
}

/// One step of the way from the cash at the beginning to the cash at the end.
public struct CashStep: Hashable, Sendable {
    public var label: String
    public var amount: Money

    public init(label: String, amount: Money) {
        self.label = label
        self.amount = amount
    }
}

/// One open position.
public struct PositionRow: Hashable, Sendable {
    public var broker: BrokerID
    public var account: AccountID
    public var symbol: Symbol
    public var name: String
    /// Negative for a short.
    public var quantity: Quantity
    public var averageCost: Price
    public var currency: Currency
    public var lastPrice: Price?
    public var lastPriceAsOf: Instant?
    public var marketValue: Money?
    public var baseValue: Money?
    /// Under average cost.
    public var unrealised: Money?
    /// Of equity.
    public var weight: Fraction?
    public var stop: Price?
    /// Where the stop lives: `broker`, `watcher`.
    public var stopKeptBy: String?
    public var openedAt: Instant?
    public var lots: Int

    public init(
        broker: BrokerID, account: AccountID, symbol: Symbol, name: String = "", quantity: Quantity,
        averageCost: Price, currency: Currency, lastPrice: Price? = nil, lastPriceAsOf: Instant? = nil,
        marketValue: Money? = nil, baseValue: Money? = nil, unrealised: Money? = nil, weight: Fraction? = nil,
        stop: Price? = nil, stopKeptBy: String? = nil, openedAt: Instant? = nil, lots: Int = 1
    ) {
        self.broker = broker
        self.account = account
        self.symbol = symbol
        self.name = name
        self.quantity = quantity
        self.averageCost = averageCost
        self.currency = currency
        self.lastPrice = lastPrice
        self.lastPriceAsOf = lastPriceAsOf
        self.marketValue = marketValue
        self.baseValue = baseValue
        self.unrealised = unrealised
        self.weight = weight
        self.stop = stop
        self.stopKeptBy = stopKeptBy
        self.openedAt = openedAt
        self.lots = lots
    }
}

/// One order of the day.
public struct OrderRow: Hashable, Sendable {
    public var id: String
    public var at: Instant
    public var broker: BrokerID
    public var symbol: Symbol
    public var name: String
    public var side: Side
    public var type: OrderType
    public var quantity: Quantity
    public var filled: Quantity
    public var averagePrice: Price?
    public var currency: Currency
    public var state: OrderState
    public var isExternal: Bool
    public var millisecondsToAcknowledge: Double?
    public var millisecondsToFill: Double?
    /// Against the price at the decision; positive when it cost.
    public var slippageBasisPoints: Double?
    public var reasons: [Reason]

    public init(
        id: String, at: Instant, broker: BrokerID, symbol: Symbol, name: String = "", side: Side, type: OrderType,
        quantity: Quantity, filled: Quantity = .zero, averagePrice: Price? = nil, currency: Currency,
        state: OrderState, isExternal: Bool = false, millisecondsToAcknowledge: Double? = nil,
        millisecondsToFill: Double? = nil, slippageBasisPoints: Double? = nil, reasons: [Reason] = []
    ) {
        self.id = id
        self.at = at
        self.broker = broker
        self.symbol = symbol
        self.name = name
        self.side = side
        self.type = type
        self.quantity = quantity
        self.filled = filled
        self.averagePrice = averagePrice
        self.currency = currency
        self.state = state
        self.isExternal = isExternal
        self.millisecondsToAcknowledge = millisecondsToAcknowledge
        self.millisecondsToFill = millisecondsToFill
        self.slippageBasisPoints = slippageBasisPoints
        self.reasons = reasons
    }
}

/// One fill of the day.
public struct FillRow: Hashable, Sendable {
    public var executionID: ExecutionID
    public var at: Instant
    public var broker: BrokerID
    public var symbol: Symbol
    public var name: String
    public var side: Side
    public var quantity: Quantity
    public var price: Price
    public var currency: Currency
    public var fee: FixedPoint
    public var tax: FixedPoint

    public init(
        executionID: ExecutionID, at: Instant, broker: BrokerID, symbol: Symbol, name: String = "", side: Side,
        quantity: Quantity, price: Price, currency: Currency, fee: FixedPoint = .zero, tax: FixedPoint = .zero
    ) {
        self.executionID = executionID
        self.at = at
        self.broker = broker
        self.symbol = symbol
        self.name = name
        self.side = side
        self.quantity = quantity
        self.price = price
        self.currency = currency
        self.fee = fee
        self.tax = tax
    }
}
