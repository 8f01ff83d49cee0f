public import Core

/// Exactly what is sent for one order.
public struct OrderRequest: Hashable, Sendable {
    public let clientOrderID: ClientOrderID
    public let instrument: Instrument
    public let side: Side
    public let type: OrderType
    /// Positive, a multiple of the lot.
    public let quantity: Quantity
    public let timeInForce: TimeInForce
    public let handling: OrderHandling
    /// From then on it is not sent any more, however long the orders before it took; `nil` leaves it to the caller.
    public let expiresAt: Instant?

    public init(
        clientOrderID: ClientOrderID, instrument: Instrument, side: Side, type: OrderType, quantity: Quantity,
        timeInForce: TimeInForce, handling: OrderHandling = .plain, expiresAt: Instant? = nil
    ) {
        self.handling = handling
        self.expiresAt = expiresAt
        self.clientOrderID = clientOrderID
        self.instrument = instrument
        self.side = side
        self.type = type
        self.quantity = quantity
        self.timeInForce = timeInForce
    }
}

extension Sequence<OrderRequest> {
    /// What goes together: an entry with the orders that protect it, which follow it; every other order by itself.
    public var together: [[OrderRequest]] {
        reduce(into: []) { groups, request in
            if request.handling.protects != nil, groups.last?.first?.handling.bracket != nil {
                groups[groups.count - 1].append(request)
            } else {
                groups.append([request])
            }
        }
    }
}

/// What came of getting an order ready for its broker.
public enum PreparedOrder: Hashable, Sendable {
    /// To be put on record and sent exactly so. `note` says what was put in the place of what.
    case ready(OrderRequest, note: Reason?)
    /// The broker has no such order, or would refuse it.
    case refused(code: String, message: String)
    /// The broker takes it later: it stays approved until then, and nothing goes on record.
    case waiting(until: Instant, detail: String)
    /// What it takes to get it ready is not to be had now; nothing was sent.
    case notReady(detail: String)
}

/// What is known right after an order was sent.
public enum SubmitOutcome: Hashable, Sendable {
    case acknowledged(BrokerOrderID, at: Instant)
    /// The broker refused it, for good. `code` is the broker's own.
    case rejected(code: String, message: String)
    /// It never left this machine, provably (refused connection, local limit): safe to try again in this cycle.
    case notSent(detail: String)
    /// The broker's own door turned it away before its order desk. Nobody promises that it never got through: it may be tried
    /// again once the broker's lists, read late enough, lack it, and they are searched for it for as long as for a lost one.
    case turnedAway(detail: String)
    /// It may have arrived or not. The order is in doubt.
    case unknown(detail: String)
}

public struct CancelRequest: Hashable, Sendable {
    public let clientOrderID: ClientOrderID
    public let brokerOrderID: BrokerOrderID
    public let symbol: Symbol

    public init(clientOrderID: ClientOrderID, brokerOrderID: BrokerOrderID, symbol: Symbol) {
        self.clientOrderID = clientOrderID
        self.brokerOrderID = brokerOrderID
        self.symbol = symbol
    }
}

/// New prices for an order that works at a broker: how much is left of it, and how long it is good for, stay as they are.
public struct RevisionRequest: Hashable, Sendable {
    public let clientOrderID: ClientOrderID
    public let brokerOrderID: BrokerOrderID
    public let instrument: Instrument
    public let side: Side
    /// The new terms, of the same name as the old ones: a limit stays a limit.
    public let type: OrderType
    public let timeInForce: TimeInForce

    public init(
        clientOrderID: ClientOrderID, brokerOrderID: BrokerOrderID, instrument: Instrument, side: Side, type: OrderType,
        timeInForce: TimeInForce
    ) {
        self.clientOrderID = clientOrderID
        self.brokerOrderID = brokerOrderID
        self.instrument = instrument
        self.side = side
        self.type = type
        self.timeInForce = timeInForce
    }
}

/// What is known right after a cancellation or new prices were asked for.
public enum ChangeOutcome: Hashable, Sendable {
    /// The broker took the request; whether the order was changed or filled first, its lists will show.
    case accepted
    /// Too late, unknown order, already final, or nothing that this broker does.
    case refused(code: String, message: String)
    case notSent(detail: String)
    case unknown(detail: String)
}

/// An order as the broker lists it.
public struct BrokerOrder: Hashable, Sendable {
    public enum Status: String, Hashable, Sendable, CaseIterable {
        case working
        case partiallyFilled = "partially-filled"
        case filled
        case cancelled
        case expired
        case rejected
        /// Held by the broker, neither working nor dead (IB: Inactive). Not final.
        case inactive
    }

    public let brokerOrderID: BrokerOrderID
    /// `nil` when the broker stores none, or when somebody else placed the order.
    public let clientOrderID: ClientOrderID?
    public let symbol: Symbol
    public let side: Side
    public let type: OrderType
    public let quantity: Quantity
    public let filledQuantity: Quantity
    public let timeInForce: TimeInForce
    public let status: Status
    /// On the broker's clock; where ``tellsPlacedAt`` is `false`, only some time at which it stood there.
    public let placedAt: Instant
    /// The broker's own words, for rejections and reports.
    public let message: String?
    /// What its executions came to, from a broker that lists no single ones
    /// (``BrokerCapabilities/listsExecutions``).
    public let executed: ExecutedTotals?
    /// Given by somebody else, for all that the broker shows: through another channel, or of a kind that takt never sends.
    /// Such an order is never taken for one in doubt.
    public let isKnownForeign: Bool
    /// Whether the list says how long the order is good for. Where it does not, ``timeInForce`` says nothing.
    public let tellsTimeInForce: Bool
    /// Whether the list says how the order meets the market. Where it does not, ``type`` says nothing.
    public let tellsType: Bool
    /// Whether the list says when the order was placed. Where it does not, nothing is matched by ``placedAt``.
    public let tellsPlacedAt: Bool

    public init(
        brokerOrderID: BrokerOrderID, clientOrderID: ClientOrderID?, symbol: Symbol, side: Side, type: OrderType,
        quantity: Quantity, filledQuantity: Quantity, timeInForce: TimeInForce, status: Status, placedAt: Instant,
        message: String?, executed: ExecutedTotals? = nil, isKnownForeign: Bool = false, tellsTimeInForce: Bool = true,
        tellsType: Bool = true, tellsPlacedAt: Bool = true
    ) {
        self.tellsType = tellsType
        self.brokerOrderID = brokerOrderID
        self.clientOrderID = clientOrderID
        self.symbol = symbol
        self.side = side
        self.type = type
        self.quantity = quantity
        self.filledQuantity = filledQuantity
        self.timeInForce = timeInForce
        self.status = status
        self.placedAt = placedAt
        self.message = message
        self.executed = executed
        self.isKnownForeign = isKnownForeign
        self.tellsTimeInForce = tellsTimeInForce
        self.tellsPlacedAt = tellsPlacedAt
    }

    /// The same, read otherwise than it stands in the list.
    public func seen(as status: Status, at type: OrderType) -> BrokerOrder {
        BrokerOrder(
            brokerOrderID: brokerOrderID, clientOrderID: clientOrderID, symbol: symbol, side: side, type: type,
            quantity: quantity, filledQuantity: filledQuantity, timeInForce: timeInForce, status: status,
            placedAt: placedAt, message: message, executed: executed, isKnownForeign: isKnownForeign,
            tellsTimeInForce: tellsTimeInForce, tellsType: tellsType, tellsPlacedAt: tellsPlacedAt)
    }

    /// The same, with what its executions came to.
    public func telling(_ executed: ExecutedTotals) -> BrokerOrder {
        BrokerOrder(
            brokerOrderID: brokerOrderID, clientOrderID: clientOrderID, symbol: symbol, side: side, type: type,
            quantity: quantity, filledQuantity: filledQuantity, timeInForce: timeInForce, status: status,
            placedAt: placedAt, message: message, executed: executed,
            isKnownForeign: isKnownForeign, tellsTimeInForce: tellsTimeInForce, tellsType: tellsType,
            tellsPlacedAt: tellsPlacedAt)
    }
}

/// The sums over all executions of an order so far. All are positive amounts or zero, in `currency`.
public struct ExecutedTotals: Hashable, Sendable {
    /// Σ price × quantity.
    public let amount: FixedPoint
    public let fee: FixedPoint
    public let tax: FixedPoint
    public let currency: Currency

    public init(amount: FixedPoint, fee: FixedPoint, tax: FixedPoint, currency: Currency) {
        self.amount = amount
        self.fee = fee
        self.tax = tax
        self.currency = currency
    }
}

/// One execution as the broker lists it. Fee and tax are positive amounts paid, in `currency`.
public struct BrokerExecution: Hashable, Sendable {
    public let executionID: ExecutionID
    public let brokerOrderID: BrokerOrderID
    public let clientOrderID: ClientOrderID?
    public let symbol: Symbol
    public let side: Side
    /// Positive.
    public let quantity: Quantity
    public let price: Price
    public let fee: FixedPoint
    public let tax: FixedPoint
    public let currency: Currency
    public let filledAt: Instant
    /// The exchange took the execution back: it counts as if it had never been.
    public let isBusted: Bool
    /// The broker has not told yet what it cost: fee and tax are zero until it does.
    public let awaitsCosts: Bool
    /// What this one corrects: each is told as taken back beside it.
    public let replaces: [ExecutionID]

    public init(
        executionID: ExecutionID, brokerOrderID: BrokerOrderID, clientOrderID: ClientOrderID?, symbol: Symbol,
        side: Side,
        quantity: Quantity, price: Price, fee: FixedPoint, tax: FixedPoint, currency: Currency, filledAt: Instant,
        isBusted: Bool = false, awaitsCosts: Bool = false, replaces: [ExecutionID] = []
    ) {
        self.replaces = replaces
        self.awaitsCosts = awaitsCosts
        self.executionID = executionID
        self.brokerOrderID = brokerOrderID
        self.clientOrderID = clientOrderID
        self.symbol = symbol
        self.side = side
        self.quantity = quantity
        self.price = price
        self.fee = fee
        self.tax = tax
        self.currency = currency
        self.filledAt = filledAt
        self.isBusted = isBusted
    }
}

/// A position as the broker keeps it: a check on our ledger, never an input to it.
public struct BrokerPosition: Hashable, Sendable {
    public let symbol: Symbol
    /// Short is negative.
    public let quantity: Quantity
    public let averageCost: Price?
    public let currency: Currency

    public init(symbol: Symbol, quantity: Quantity, averageCost: Price?, currency: Currency) {
        self.symbol = symbol
        self.quantity = quantity
        self.averageCost = averageCost
        self.currency = currency
    }
}

/// Something that changed the account without an execution. `id` is unique at the broker.
public struct AccountActivity: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case deposit(Money)
        /// Cash received (or, for a short, paid) after tax, and the tax that was withheld.
        case dividend(Symbol, perShare: FixedPoint, taxRate: Fraction, currency: Currency)
        /// `new` shares for `old` ones; a fraction of a share is paid out at `cashInLieuPrice`.
        case split(Symbol, new: Int, old: Int, cashInLieuPrice: Price?)
        case conversion(from: Money, to: Money)
    }

    public let id: String
    public let at: Instant
    public let kind: Kind

    public init(id: String, at: Instant, kind: Kind) {
        self.id = id
        self.at = at
        self.kind = kind
    }
}
