public import Core

/// The best bid and ask of an instrument. Sizes are in shares or contracts.
public struct IBStreamQuote: Hashable, Sendable {
    public let symbol: Symbol
    /// `nil` where there is none.
    public internal(set) var bid: Price?
    public internal(set) var bidQuantity: Quantity?
    public internal(set) var ask: Price?
    public internal(set) var askQuantity: Quantity?
    public internal(set) var isHalted = false
    public internal(set) var feed: IBFeed
    public internal(set) var receivedAt: Instant

    public var isDelayed: Bool { feed.isDelayed }
}

/// A trade, as IB samples them: some are left out, so quantities do not add up to the day's volume. Bars are whole.
public struct IBStreamTrade: Hashable, Sendable {
    public let symbol: Symbol
    public let price: Price
    /// `nil` where it is not told.
    public let quantity: Quantity?
    /// To the second, as told last; `nil` before the gateway has told any.
    public let at: Instant?
    public let feed: IBFeed
    public let receivedAt: Instant

    public var isDelayed: Bool { feed.isDelayed }
}

/// What an instrument has done today; `nil` for what has not been told. A change of the volume alone is no event.
public struct IBStreamDay: Hashable, Sendable {
    public let symbol: Symbol
    public internal(set) var open: Price?
    public internal(set) var high: Price?
    public internal(set) var low: Price?
    public internal(set) var previousClose: Price?
    public internal(set) var volume: Quantity?
    public internal(set) var feed: IBFeed
    public internal(set) var receivedAt: Instant

    public var isDelayed: Bool { feed.isDelayed }
}

/// Five seconds of live trades.
public struct IBStreamSlice: Hashable, Sendable {
    public let symbol: Symbol
    public let openAt: Instant
    public let open: Price
    public let high: Price
    public let low: Price
    public let close: Price
    /// Zero where nothing was traded; the prices are those of the trade before then.
    public let volume: Quantity
    public let receivedAt: Instant
}

/// A bar of a stream, live.
public struct IBStreamBar: Hashable, Sendable {
    public enum Standing: Hashable, Sendable {
        /// It is not over.
        case forming
        case final
        /// It is over, and parts of it were not seen: the opens of its minutes of which something is missing; none where only
        /// the end was not seen. It is no basis for a decision; a request for the past heals it.
        case incomplete(missing: [Instant])
    }

    public enum Making: String, Hashable, Sendable {
        /// Made here, of bars of five seconds.
        case fiveSeconds = "five-seconds"
        /// Made by IB, and kept up to date. Its volume is filtered, and lower than that of live data.
        case keptUpToDate = "kept-up-to-date"
    }

    public let symbol: Symbol
    public let timeframe: Timeframe
    public let bar: Bar
    public let standing: Standing
    public let making: Making
    public let receivedAt: Instant

    /// The bar, if all of it was seen and it is over; `nil` for any other.
    public var final: Bar? { standing == .final ? bar : nil }
}

/// A slot of the calendar that is over without a bar.
public struct IBStreamSlot: Hashable, Sendable {
    public enum Reason: String, Hashable, Sendable {
        /// All of it was seen, and nothing was traded.
        case quiet
        /// Nothing of it was seen, or not enough to know of any trade.
        case unobserved
    }

    public let symbol: Symbol
    public let timeframe: Timeframe
    public let openAt: Instant
    public let closeAt: Instant
    public let reason: Reason
}

/// An execution. It is told at once, again when its commission comes, and again when it is corrected: keep the last of each
/// ``root``.
public struct IBStreamExecution: Hashable, Sendable {
    public enum Occasion: Hashable, Sendable {
        case new
        /// The same, with its costs.
        case commission
        /// It takes the place of the execution with that id.
        case correction(of: ExecutionID)
    }

    public let executionID: ExecutionID
    /// What it has in common with its corrections.
    public let root: String
    public internal(set) var occasion: Occasion
    public let account: AccountID
    /// IB's own number of the order.
    public let brokerOrderID: BrokerOrderID
    /// The key the order was placed with; `nil` for one that was placed without.
    public let clientOrderID: ClientOrderID?
    /// `nil` for a contract that no subscription is of; its price is then as IB quotes it.
    public let symbol: Symbol?
    /// IB's number and name of the contract.
    public let conID: Int64
    public let localSymbol: String
    public let currency: String
    public let side: Side
    public let quantity: Quantity
    public let price: Price
    /// `nil` where its zone is not known.
    public let at: Instant?
    public let exchange: String
    /// Of the order, this execution included.
    public let cumulativeQuantity: Quantity?
    /// `nil` until IB tells it; negative for a rebate. Of another client's orders only a master client is told.
    public internal(set) var commission: FixedPoint?
    public internal(set) var commissionCurrency: String?
    /// Profit of what it closed; `nil` where it closed nothing.
    public internal(set) var realized: FixedPoint?
    public internal(set) var receivedAt: Instant
}

/// What an order is doing. Fills are told by executions, never by this.
public struct IBStreamOrder: Hashable, Sendable {
    /// `nil` before IB has given it a number.
    public let brokerOrderID: BrokerOrderID?
    public let orderID: Int64
    public let clientID: Int64
    /// `nil` while the order itself has not been shown.
    public let clientOrderID: ClientOrderID?
    /// In IB's words: `Submitted`, `Filled` …
    public let status: String
    /// Nothing more becomes of it.
    public let isDone: Bool
    public let filled: Quantity?
    public let remaining: Quantity?
    public let averagePrice: Price?
    /// `locate`, while shares to borrow are looked for.
    public let whyHeld: String?
    public let receivedAt: Instant
}

/// What the gateway says of an order in an error frame: a rejection, a warning, a note.
public struct IBStreamOrderMessage: Hashable, Sendable {
    public let orderID: Int64
    public let code: Int
    public let sentence: String
    public let receivedAt: Instant
}

/// Profit and loss, of an account or of one position; amounts are in the account's own currency, `nil` where IB tells none.
public struct IBStreamProfit: Hashable, Sendable {
    public let account: AccountID
    /// `nil` for the whole account.
    public let symbol: Symbol?
    public let position: Quantity?
    public let daily: FixedPoint?
    public let unrealized: FixedPoint?
    public let realized: FixedPoint?
    /// Of the position.
    public let value: FixedPoint?
    public let receivedAt: Instant
}

/// One value of an account, in IB's words: `NetLiquidation`, `1000000.00`, `USD`.
public struct IBStreamAccountValue: Hashable, Sendable {
    public let account: AccountID
    public let key: String
    public let value: String
    public let currency: String?
    /// Whether IB stands by its values at present.
    public let isReliable: Bool
    public let receivedAt: Instant
}

/// A holding of an account.
public struct IBStreamHolding: Hashable, Sendable {
    public let account: AccountID
    /// `nil` for a contract that no subscription is of; its prices are then as IB quotes them.
    public let symbol: Symbol?
    public let conID: Int64
    public let localSymbol: String
    /// Short is negative; zero for one that was closed.
    public let quantity: Quantity
    public let marketPrice: Price?
    public let marketValue: FixedPoint?
    public let averageCost: Price?
    public let unrealized: FixedPoint?
    public let realized: FixedPoint?
    public let receivedAt: Instant
}
