public import Core
public import Settings

/// Where in the day a trade was made.
public enum KISSessionPhase: String, Hashable, Sendable {
    case beforeOpen = "before-open"
    case regular
    case afterClose = "after-close"
    /// Domestic off-hours trading at one price.
    case offHours = "off-hours"
    /// Overseas.
    case preMarket = "pre-market"
    case afterMarket = "after-market"
}

/// Which instrument a record is of, in KIS's words.
public struct KISStreamSymbol: Hashable, Sendable {
    /// What the stream was registered with: `005930`, `DNASAAPL`.
    public let key: KISCode
    /// `005930`, `AAPL`.
    public let code: KISCode
    /// `NAS`, `NYS`, `BAQ` …; `nil` for a domestic instrument, and where the record does not say.
    public let market: KISCode?
}

/// What lies between a trade and the one before it. KIS gives trades no number; the volume of the day must grow.
public enum KISContinuity: Hashable, Sendable {
    /// The first of this instrument and day that was seen.
    case first
    case next
    /// So many shares were traded in between and not sent, or not received.
    case gap(Quantity)
    /// The volume of the day has not grown: it was sent before, or late.
    case repeated
}

/// One trade.
public struct KISStreamTrade: Hashable, Sendable {
    public let stream: KISStreamKind
    public let symbol: KISStreamSymbol
    /// Of the exchange, to the second.
    public let at: Instant
    /// The business day on the exchange.
    public let tradingDay: CivilDate
    public let price: Price
    public let quantity: Quantity
    /// Of the day, this trade included.
    public let cumulativeQuantity: Quantity
    public let bid: Price?
    public let ask: Price?
    public let bidQuantity: Quantity?
    public let askQuantity: Quantity?
    /// `nil` where KIS gives none that is known.
    public let phase: KISSessionPhase?
    public let isHalted: Bool
    public var continuity: KISContinuity
    public let receivedAt: Instant

    public var isRepeated: Bool { continuity == .repeated }
}

/// The order book.
public struct KISStreamBook: Hashable, Sendable {
    public struct Level: Hashable, Sendable {
        public let price: Price
        public let quantity: Quantity
    }

    public let stream: KISStreamKind
    public let symbol: KISStreamSymbol
    public let at: Instant
    /// Best first; levels without a price are left out.
    public let bids: [Level]
    public let asks: [Level]
    /// In an auction.
    public let expectedPrice: Price?
    public let receivedAt: Instant
}

/// What KIS says about one of the customer's orders. It is a witness: the order's state is decided by reconciliation.
public struct KISOrderNotice: Hashable, Sendable {
    public enum Purpose: String, Hashable, Sendable { case new, revision, cancellation }

    public enum Event: Hashable, Sendable {
        /// Received by KIS.
        case received
        /// Confirmed by the exchange.
        case confirmed
        /// What was left of an order for immediate execution was cancelled.
        case restCancelled
        case refused
        /// `quantity` and `price` are of this fill.
        case filled
    }

    public let stream: KISStreamKind
    /// Eight or ten digits.
    public let account: Secret
    /// As sent: with zeros before it, or without.
    public let orderNumber: BrokerOrderID
    public let originalOrderNumber: BrokerOrderID?
    public let side: Side
    public let purpose: Purpose
    public let event: Event
    /// KIS's code of the order type: `ORD_DVSN` at home, `ODER_KIND2` overseas.
    public let orderKind: String
    public let symbol: KISCode
    /// `XNAS` and the like are for the mapping: KIS's own code of the market overseas, `nil` at home.
    public let market: String?
    /// Of this fill, or of the order.
    public let quantity: Quantity
    /// Of this fill, or of the order; `nil` where there is none, and where the market's decimals are not known.
    public let price: Price?
    /// Of the order, on a fill.
    public let orderQuantity: Quantity?
    public let orderPrice: Price?
    /// As stated; the receipt where nothing is stated, which is the rule overseas.
    public let at: Instant
    public let isStampedOnReceipt: Bool
    public let receivedAt: Instant
}

/// What a frame brings.
public enum KISStreamData: Hashable, Sendable {
    case trade(KISStreamTrade)
    case book(KISStreamBook)
    case orderNotice(KISOrderNotice)
}
