/// Every reason for which an order may be refused before it leaves the machine. The raw value is stable and is what reports
/// group by; the list is closed, and a test demands a case for each entry.
///
/// The order of the cases is the order in which ``IntentRule/table`` asks.
public enum RiskCode: String, Hashable, Sendable, CaseIterable {
    case instrumentUnknown = "instrument-unknown"
    case brokerUnknown = "broker-unknown"
    case expired
    case marketClosed = "market-closed"
    case emergency
    case dailyLoss = "daily-loss"
    case tradingHalted = "trading-halted"
    case symbolHalted = "symbol-halted"
    case flattening
    case booksDiffer = "books-differ"
    case booksStale = "books-stale"
    case inDoubtBlock = "in-doubt-block"
    case duplicateWorking = "duplicate-working"
    case quantityNotPositive = "quantity-not-positive"
    case offLot = "off-lot"
    case offTick = "off-tick"
    case unsupportedOrderType = "unsupported-order-type"
    case unsupportedTimeInForce = "unsupported-time-in-force"
    case unsupportedHandling = "unsupported-handling"
    case exitExceedsPosition = "exit-exceeds-position"
    case staleData = "stale-data"
    case noPrice = "no-price"
    case noRate = "no-rate"
    case priceBand = "price-band"
    case notionalBelowMinimum = "notional-below-minimum"
    case notionalAboveMaximum = "notional-above-maximum"
    case maxDailyOrders = "max-daily-orders"
    case maxOrdersPerMinute = "max-orders-per-minute"
    case shortNotAllowed = "short-not-allowed"
    case maxPositionCount = "max-position-count"
    case maxPositionSize = "max-position-size"
    case maxLeverage = "max-leverage"
    case insufficientCash = "insufficient-cash"
    /// Not a rule of the table: the outcome of any rule whose numbers leave the exact range.
    case notCalculable = "not-calculable"

    /// What the code means, in one sentence, for people and for the reference of the configuration.
    public var sentence: String {
        switch self {
        case .instrumentUnknown: "The symbol is not configured."
        case .brokerUnknown: "The broker the intent is for is not configured or not enabled."
        case .expired: "The time until which the intent may be sent has passed; a late command is a new decision."
        case .marketClosed: "The exchange takes no orders now, or its session is not known."
        case .emergency: "Total loss has reached the emergency limit, or its halt is in force; only exits go on."
        case .dailyLoss: "The loss of the day has reached its limit, or its halt is in force; only exits go on."
        case .tradingHalted: "A halt of the account, the profile or the broker is in force; only exits go on."
        case .symbolHalted: "A halt of the symbol is in force; only exits go on."
        case .flattening:
            "Positions of that symbol are being closed on an operator's order; nothing new is opened there."
        case .booksDiffer: "Our books and a broker's differ on that symbol; nothing new is opened on either."
        case .booksStale:
            "The broker cannot be reconciled; what was filled since is not known, and nothing new is opened there."
        case .inDoubtBlock: "An order of that symbol at that broker is in doubt; nothing is sent until it is settled."
        case .duplicateWorking: "An identical order is live already; two of them could not be told apart."
        case .quantityNotPositive: "The quantity is zero or negative."
        case .offLot: "The quantity is no multiple of the lot."
        case .offTick: "A price is not on the tick grid of the exchange."
        case .unsupportedOrderType: "The broker does not take orders of that type."
        case .unsupportedTimeInForce: "The broker does not take that time in force."
        case .unsupportedHandling: "The broker does not work orders that way."
        case .exitExceedsPosition: "The exit is larger than what is held less the exits already on their way."
        case .staleData: "The last closed bar is older than allowed; nothing new is opened on old data."
        case .noPrice: "A price is missing that is needed to value the order or the account."
        case .noRate: "An exchange rate is missing that is needed to value the order or the account."
        case .priceBand: "A limit, stop or reference price is too far from the last price."
        case .notionalBelowMinimum: "The value of the order is below the minimum."
        case .notionalAboveMaximum: "The value of the order is above the maximum."
        case .maxDailyOrders: "The number of orders allowed per day is used up."
        case .maxOrdersPerMinute: "The number of orders allowed per minute is used up."
        case .shortNotAllowed: "The sale would open or enlarge a short position that limits or broker do not allow."
        case .maxPositionCount: "The order would open one more position than allowed."
        case .maxPositionSize: "The position would become larger than its share of equity allows."
        case .maxLeverage: "Gross exposure would exceed its multiple of equity."
        case .insufficientCash: "The cash at the broker in the instrument's currency does not cover the purchase."
        case .notCalculable: "The numbers leave the exact range in which amounts are calculated."
        }
    }
}
