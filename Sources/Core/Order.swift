public enum Side: String, Hashable, Sendable, CaseIterable {
    case buy, sell
    public var opposite: Side { self == .buy ? .sell : .buy }
    /// The quantity with the sign it gives a position.
    public func signed(_ quantity: Quantity) -> Quantity { self == .buy ? quantity : -quantity }
}

/// How an order meets the market. Prices are in the instrument's currency.
public enum OrderType: Hashable, Sendable {
    case market
    case limit(Price)
    case stop(Price)
    case stopLimit(stop: Price, limit: Price)

    /// `market`, `limit`, `stop`, `stop-limit`.
    public var name: String {
        switch self {
        case .market: "market"
        case .limit: "limit"
        case .stop: "stop"
        case .stopLimit: "stop-limit"
        }
    }

    public var limitPrice: Price? {
        switch self {
        case .market, .stop: nil
        case .limit(let limit), .stopLimit(_, let limit): limit
        }
    }

    public var stopPrice: Price? {
        switch self {
        case .market, .limit: nil
        case .stop(let stop), .stopLimit(let stop, _): stop
        }
    }

    /// Puts a stored order type together again; `nil` if the prices do not fit the name.
    public init?(name: String, limitPrice: Price?, stopPrice: Price?) {
        switch (name, limitPrice, stopPrice) {
        case ("market", nil, nil): self = .market
        case ("limit", let limit?, nil): self = .limit(limit)
        case ("stop", nil, let stop?): self = .stop(stop)
        case ("stop-limit", let limit?, let stop?): self = .stopLimit(stop: stop, limit: limit)
        default: return nil
        }
    }
}

public enum TimeInForce: String, Hashable, Sendable, CaseIterable {
    /// Until the end of the session.
    case day
    /// Good till cancelled.
    case goodTillCancelled = "gtc"
    /// Immediate or cancel: what is not filled at once is cancelled.
    case immediateOrCancel = "ioc"
    /// Fill or kill: filled whole at once, or cancelled whole.
    case fillOrKill = "fok"
    /// For the opening auction; what it does not fill is cancelled. FIX: at the opening.
    case atOpen = "at-open"
    /// For the closing auction; what it does not fill is cancelled. FIX: at the close.
    case atClose = "at-close"
}

/// The states of an order intent and of the order made from it (design, section 3). Raw values are the names outside.
public enum OrderState: String, Hashable, Sendable, CaseIterable {
    case proposed
    case approved
    /// Refused by our own risk check; never left the machine.
    case rejected
    /// The request is on record and about to be sent.
    case submitting
    /// Sent or perhaps sent; only the broker's own lists can tell.
    case inDoubt = "in-doubt"
    case acknowledged
    case working
    case partiallyFilled = "partially-filled"
    case filled
    case cancelling
    case cancelInDoubt = "cancel-in-doubt"
    case cancelled
    case expired
    /// The broker refused it. Final: a person looks.
    case rejectedByBroker = "rejected-by-broker"

    /// No further event is expected; a late fill is booked all the same.
    public var isFinal: Bool {
        switch self {
        case .rejected, .filled, .cancelled, .expired, .rejectedByBroker: true
        case .proposed, .approved, .submitting, .inDoubt, .acknowledged, .working, .partiallyFilled, .cancelling,
            .cancelInDoubt:
            false
        }
    }

    /// The order may stand at the broker: it counts at full remaining size in risk.
    public var mayBeLive: Bool {
        switch self {
        case .submitting, .inDoubt, .acknowledged, .working, .partiallyFilled, .cancelling, .cancelInDoubt: true
        case .proposed, .approved, .rejected, .filled, .cancelled, .expired, .rejectedByBroker: false
        }
    }
}
