public enum Side: String, Hashable, Sendable, CaseIterable {
    case buy, sell
    public var opposite: Side { self == .buy ? .sell : .buy }
    /// The quantity with the sign it gives a position.
    public func signed(_ quantity: Quantity) -> Quantity { self == .buy ? quantity : -quantity }
}

/// How an order meets the market. Prices and distances are in the instrument's currency.
public enum OrderType: Hashable, Sendable {
    case market
    case limit(Price)
    case stop(Price)
    case stopLimit(stop: Price, limit: Price)
    /// At the best price of the other side; what that does not fill rests as a limit there. FIX: market with left over as
    /// limit. KRX: best limit (최유리지정가).
    case marketToLimit
    /// A limit that becomes a market order in the closing auction. KRX: conditional limit (조건부지정가).
    case conditionalLimit(Price)
    /// A limit at the best price of its own side when it arrives. KRX: first limit (최우선지정가).
    case bestOwnSide
    /// A stop that follows the market at a distance, and never back.
    case trailingStop(Trail)
    /// The same from a first stop on; touched, it becomes a limit, so far from the stop: below it for a sell, above it for a buy.
    case trailingStopLimit(Trail, firstStop: Price, limitOffset: Price)

    /// `market`, `limit`, `stop`, `stop-limit`, `market-to-limit`, `conditional-limit`, `best-own-side`, `trailing-stop`,
    /// `trailing-stop-limit`.
    public var name: String {
        switch self {
        case .market: "market"
        case .limit: "limit"
        case .stop: "stop"
        case .stopLimit: "stop-limit"
        case .marketToLimit: "market-to-limit"
        case .conditionalLimit: "conditional-limit"
        case .bestOwnSide: "best-own-side"
        case .trailingStop: "trailing-stop"
        case .trailingStopLimit: "trailing-stop-limit"
        }
    }

    public var limitPrice: Price? {
        switch self {
        case .limit(let limit), .stopLimit(_, let limit), .conditionalLimit(let limit): limit
        case .market, .stop, .marketToLimit, .bestOwnSide, .trailingStop, .trailingStopLimit: nil
        }
    }

    public var stopPrice: Price? {
        switch self {
        case .stop(let stop), .stopLimit(let stop, _), .trailingStopLimit(_, let stop, _): stop
        case .market, .limit, .marketToLimit, .conditionalLimit, .bestOwnSide, .trailingStop: nil
        }
    }

    public var trail: Trail? {
        switch self {
        case .trailingStop(let trail), .trailingStopLimit(let trail, _, _): trail
        case .market, .limit, .stop, .stopLimit, .marketToLimit, .conditionalLimit, .bestOwnSide: nil
        }
    }

    /// Of a limit that follows its stop.
    public var limitOffset: Price? {
        switch self {
        case .trailingStopLimit(_, _, let offset): offset
        case .market, .limit, .stop, .stopLimit, .marketToLimit, .conditionalLimit, .bestOwnSide, .trailingStop: nil
        }
    }

    /// The prices and distances, as tables and documents have them.
    public var prices: OrderPrices {
        OrderPrices(limit: limitPrice, stop: stopPrice, trail: trail, limitOffset: limitOffset)
    }

    /// Whether nothing of it is executed before the market has touched a stop.
    public var waitsForTouch: Bool {
        switch self {
        case .stop, .stopLimit, .trailingStop, .trailingStopLimit: true
        case .market, .limit, .marketToLimit, .conditionalLimit, .bestOwnSide: false
        }
    }

    /// Whether it is meant to be executed when it arrives, at whatever price there is.
    public var takesAnyPrice: Bool {
        switch self {
        case .market, .marketToLimit: true
        case .limit, .stop, .stopLimit, .conditionalLimit, .bestOwnSide, .trailingStop, .trailingStopLimit: false
        }
    }

    /// Whether a broker that lists these terms speaks of the same order: a stop that follows the market stands elsewhere at every
    /// look.
    public func isListed(as listed: OrderType) -> Bool {
        if case .trailingStopLimit(let trail, _, let offset) = self,
            case .trailingStopLimit(let listedTrail, _, let listedOffset) = listed
        {
            return trail == listedTrail && offset == listedOffset
        }
        return self == listed
    }

    /// Puts a stored order type together again; `nil` if the prices do not fit the name.
    public init?(name: String, _ prices: OrderPrices) {
        switch (name, prices.limit, prices.stop, prices.trail, prices.limitOffset) {
        case ("market", nil, nil, nil, nil): self = .market
        case ("limit", let limit?, nil, nil, nil): self = .limit(limit)
        case ("stop", nil, let stop?, nil, nil): self = .stop(stop)
        case ("stop-limit", let limit?, let stop?, nil, nil): self = .stopLimit(stop: stop, limit: limit)
        case ("market-to-limit", nil, nil, nil, nil): self = .marketToLimit
        case ("conditional-limit", let limit?, nil, nil, nil): self = .conditionalLimit(limit)
        case ("best-own-side", nil, nil, nil, nil): self = .bestOwnSide
        case ("trailing-stop", nil, nil, let trail?, nil): self = .trailingStop(trail)
        case ("trailing-stop-limit", nil, let stop?, let trail?, let offset?):
            self = .trailingStopLimit(trail, firstStop: stop, limitOffset: offset)
        default: return nil
        }
    }
}

extension OrderType {
    /// Where a stop that follows the market begins, when that stands at `reference`; `nil` for all other orders.
    public func firstStop(_ side: Side, at reference: Price) throws(ArithmeticError) -> Price? {
        switch self {
        case .trailingStop(let trail):
            let distance = try trail.distance(at: reference)
            return side == .buy ? try reference + distance : try reference - distance
        case .trailingStopLimit(_, let stop, _): return stop
        case .market, .limit, .stop, .stopLimit, .marketToLimit, .conditionalLimit, .bestOwnSide: return nil
        }
    }

    /// The prices by which it counts beside the market's: its limit, its stop, and where one that follows the market begins, with
    /// its limit behind that.
    public func countedPrices(_ side: Side, at reference: Price) throws(ArithmeticError) -> [Price] {
        var prices = [limitPrice, stopPrice].compactMap { $0 }
        guard let first = try firstStop(side, at: reference) else { return prices }
        prices.append(first)
        if let limitOffset { prices.append(side == .buy ? try first + limitOffset : try first - limitOffset) }
        return prices
    }

    /// The names of all types, in the order of the cases.
    public static let names = [
        "market", "limit", "stop", "stop-limit", "market-to-limit", "conditional-limit", "best-own-side",
        "trailing-stop", "trailing-stop-limit",
    ]
}

/// How far behind the market a trailing stop stays.
public enum Trail: Hashable, Sendable {
    /// In the instrument's currency, above zero.
    case amount(Price)
    /// Of the market's price: 0.02 is two per cent. Above zero, below one.
    case share(Fraction)

    /// In the instrument's currency, where the market stands at a price.
    public func distance(at price: Price) throws(ArithmeticError) -> Price {
        switch self {
        case .amount(let amount): amount
        case .share(let share): Price(try price.value.multiplied(by: share.value, rounding: .awayFromZero))
        }
    }

    public var amount: Price? {
        switch self {
        case .amount(let amount): amount
        case .share: nil
        }
    }

    public var share: Fraction? {
        switch self {
        case .amount: nil
        case .share(let share): share
        }
    }
}

/// What prices and distances an order type has; `nil` for those it has not.
public struct OrderPrices: Hashable, Sendable {
    public var limit: Price?
    public var stop: Price?
    public var trail: Trail?
    public var limitOffset: Price?

    public init(limit: Price? = nil, stop: Price? = nil, trail: Trail? = nil, limitOffset: Price? = nil) {
        self.limit = limit
        self.stop = stop
        self.trail = trail
        self.limitOffset = limitOffset
    }

    /// - Parameters:
    ///   - trailAmount: One of both, at the most.
    ///   - trailShare: The other.
    /// `nil` where both are given.
    public init?(limit: Price?, stop: Price?, trailAmount: Price?, trailShare: Fraction?, limitOffset: Price?) {
        let trail: Trail?
        switch (trailAmount, trailShare) {
        case (nil, nil): trail = nil
        case (let amount?, nil): trail = .amount(amount)
        case (nil, let share?): trail = .share(share)
        case (_?, _?): return nil
        }
        self.init(limit: limit, stop: stop, trail: trail, limitOffset: limitOffset)
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
    /// Until an instant that its handling names (``OrderHandling/goodUntil``).
    case goodTillDate = "gtd"
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
