internal import Core

/// The states of an order, by the gateway's own names.
enum OrderStatus: String, Hashable, Sendable {
    /// Held in the application, not sent on.
    case apiPending = "ApiPending"
    /// Sent, not confirmed: the gateway has lost its servers.
    case pendingSubmit = "PendingSubmit"
    /// Held by IB: stops that sleep, children that wait for their parent, orders outside hours.
    case preSubmitted = "PreSubmitted"
    case submitted = "Submitted"
    case pendingCancel = "PendingCancel"
    case cancelled = "Cancelled"
    case apiCancelled = "ApiCancelled"
    case filled = "Filled"
    case inactive = "Inactive"

    /// Whether nothing more comes of it. Only a refused order is inactive here for good.
    var isFinal: Bool {
        switch self {
        case .cancelled, .apiCancelled, .filled, .inactive: true
        case .apiPending, .pendingSubmit, .preSubmitted, .submitted, .pendingCancel: false
        }
    }
}

/// An order in the books of the simulated gateway.
struct GatewayOrder: Hashable, Sendable {
    /// Its place in the list of all orders.
    let index: Int
    /// 0 until it is sent on.
    var permId = 0
    /// Ids belong to the client; an order made by hand has 0 and 0 until it is bound to an id.
    let clientId: Int
    var orderId: Int
    let contract: GatewayContract
    /// The exchange that the client named.
    let exchange: String
    var ticket: GatewayTicket
    var status = OrderStatus.apiPending
    var filled = FixedPoint.zero
    /// Price times quantity of all fills, without the multiplier.
    var value = FixedPoint.zero
    var lastFillPrice = FixedPoint.zero
    var commission = FixedPoint.zero
    /// The index of the order that it waits for.
    var parent: Int?
    /// The stop price in force; moves with a trailing stop.
    var stop: FixedPoint?
    /// A stop that has been reached, or an order without one.
    var isTriggered = true
    /// When the lists begin to show it, and its executions; `nil` for at once.
    var visibleAt: Instant?
    /// Made by hand, in the application.
    var isByHand = false
    let acceptedAt: Instant
    var completedAt: Instant?
    var completedText = ""
    /// Shares taken out of it by others of its group.
    var reduced = FixedPoint.zero
    /// The execution ids given so far.
    var fillCount = 0

    var remaining: FixedPoint {
        status.isFinal && status != .filled
            ? .zero : max(.zero, ticket.quantity.minus(reduced).minus(filled))
    }

    /// What orderStatus says: a cancelled order still tells what was left.
    var shownRemaining: FixedPoint { max(.zero, ticket.quantity.minus(reduced).minus(filled)) }

    var averagePrice: FixedPoint { filled.isZero ? .zero : value.over(filled, .halfEven) }

    var isOpen: Bool { !status.isFinal }

    /// Only in the auction that opens the session.
    var isForOpening: Bool { ticket.tif == "OPG" }
    /// Only in the auction that closes the session.
    var isForClosing: Bool { ticket.orderType == "MOC" || ticket.orderType == "LOC" }

    /// The price beyond which it does not trade; `nil` takes any price.
    var limit: FixedPoint? {
        switch ticket.orderType {
        case "LMT", "STP LMT", "LOC": ticket.limit
        case "TRAIL LIMIT":
            stop.map { stop in
                let offset = ticket.limitOffset ?? .zero
                return ticket.isBuy ? stop.plus(offset) : stop.minus(offset)
            }
        default: nil
        }
    }

    var isStop: Bool { Self.stopTypes.contains(ticket.orderType) }
    var isTrailing: Bool { ticket.orderType.hasPrefix("TRAIL") }

    static let stopTypes: Set<String> = ["STP", "STP LMT", "TRAIL", "TRAIL LIMIT"]
    static let types: Set<String> = stopTypes.union(["MKT", "LMT", "MOC", "LOC"])
}

/// One execution.
struct GatewayFill: Hashable, Sendable {
    /// `0000e0d5.6915….01.01`; a correction differs in the digits after the last dot.
    var execId: String
    let order: Int
    let account: String
    let quantity: FixedPoint
    var price: FixedPoint
    let at: Instant
    /// Of this fill alone.
    let commission: FixedPoint
    /// `nil` for a fill that opened or added.
    let realized: FixedPoint?
    let cumulative: FixedPoint
    let average: FixedPoint
    /// 1 took from the book, 2 stood in it.
    let liquidity: Int
}

/// A contract's prices at one moment.
struct GatewayQuote: Hashable, Sendable {
    let bid: BookLevel?
    let ask: BookLevel?
    /// The session so far; `nil` before its first trade.
    let total: SimulatedBar?
}

/// What happened at the market, in order.
enum GatewayEvent: Sendable {
    /// A trade of a watched contract, by its place in the list, and the quote after it.
    case trade(Int, SimulatedTrade, GatewayQuote)
    /// The order's state is new; a snapshot.
    case order(GatewayOrder)
    /// The server cancelled it, for this reason.
    case cancelled(GatewayOrder, reason: String)
    case fill(GatewayOrder, GatewayFill)
}
