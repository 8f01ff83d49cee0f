internal import Core

/// What somebody asks for.
struct OrderTicket: Hashable, Sendable {
    let account: String
    let venue: SimulatedVenue
    let code: String
    let isBuy: Bool
    /// `ORD_DVSN`.
    let type: String
    let quantity: Int
    /// Zero for orders without one.
    let price: FixedPoint
    var conditionPrice = FixedPoint.zero
    /// Given in the broker's own program, not by this protocol.
    var isByHand = false
}

/// An order, a revision or a cancellation: each has a number of its own.
struct SimulatedOrder: Hashable, Sendable {
    enum Kind: Hashable, Sendable { case new, revision, cancellation }

    /// Unique on its day.
    let number: Int
    let kind: Kind
    let original: Int?
    let ticket: OrderTicket
    let terms: OrderTerms
    let acceptedAt: Instant
    /// The Korean day, and the day at the exchange.
    let koreanDate: CivilDate
    let exchangeDate: CivilDate
    /// When the order lists begin to show it.
    var visibleAt: Instant
    /// The limit in force; `nil` takes any price.
    var limit: FixedPoint?
    var filled = 0
    /// Price times shares of all fills.
    var value = FixedPoint.zero
    var costs = FixedPoint.zero
    var cancelled = 0
    /// Shares that went on under the number of a revision.
    var moved = 0
    var refused = 0
    var isLive = true
    /// A stop order that has woken, or no stop order.
    var isAwake = true

    var remaining: Int { isLive ? ticket.quantity - filled - cancelled - moved : 0 }

    var averagePrice: FixedPoint { filled == 0 ? .zero : value.over(FixedPoint(filled), .halfAwayFromZero) }
}

/// One execution.
struct SimulatedFill: Hashable, Sendable {
    let order: Int
    let account: String
    let venue: SimulatedVenue
    let code: String
    let isBuy: Bool
    let quantity: Int
    let price: FixedPoint
    let costs: FixedPoint
    let at: Instant
    let koreanDate: CivilDate
    let exchangeDate: CivilDate
}

/// What the exchange tells an account's owner.
struct SimulatedNotice: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case accepted, confirmed, refused
        /// The rest of an immediate order.
        case restCancelled(Int)
        case fill(quantity: Int, price: FixedPoint)
    }
    let kind: Kind
    let order: SimulatedOrder
    /// Of the symbol.
    let name: String
    let at: Instant
}

/// What happened, in order.
enum SimulatedEvent: Sendable {
    case trade(SimulatedQuote, SimulatedTrade)
    case notice(SimulatedNotice)
}

/// A symbol's prices at one moment.
struct SimulatedQuote: Sendable {
    struct Level: Hashable, Sendable {
        let price: FixedPoint
        var quantity: Int
    }

    let symbol: SimulatedSymbol
    let at: Instant
    let date: CivilDate
    let base: FixedPoint
    let last: FixedPoint
    let lastAt: Instant?
    let total: SimulatedBar?
    let highAt: Instant?
    let lowAt: Instant?
    let openAt: Instant?
    let bought: (shares: Int, trades: Int)
    let sold: (shares: Int, trades: Int)
    let previousVolume: Int
    /// Best first.
    let asks: [Level]
    let bids: [Level]

    var change: FixedPoint { last.minus(base) }
    /// KIS's sign: 2 up, 3 unchanged, 5 down; 1 and 4 at the limits.
    var sign: String {
        if symbol.venue == .krx, last == upperLimit { return "1" }
        if symbol.venue == .krx, last == lowerLimit { return "4" }
        return last > base ? "2" : last < base ? "5" : "3"
    }
    /// In per cent.
    var changeRate: FixedPoint { change.times(100).over(base, .halfEven) }

    /// ±30 % of the previous close, on the grid towards it.
    var upperLimit: FixedPoint {
        let raw = base.times(FixedPoint(int64Units: 130_000_000), .towardZero)
        return (try? raw.rounded(toMultipleOf: symbol.venue.tick(at: raw), .down)) ?? raw
    }
    var lowerLimit: FixedPoint {
        let raw = base.times(FixedPoint(int64Units: 70_000_000), .awayFromZero)
        return (try? raw.rounded(toMultipleOf: symbol.venue.tick(at: raw), .up)) ?? raw
    }
}
