internal import Core

/// An order as it is placed or changed. What the message has beyond this, takt never sets.
struct IBOrder: Hashable, Sendable {
    var side: Side
    var quantity: Quantity
    var type: IBOrderType
    var timeInForce: IBTimeInForce = .day
    var account: String
    /// Our own key: kept by IB, and told again with the order and its executions.
    var reference: String
    /// `false` holds the order in the gateway until one of its bracket is sent with `true`.
    var transmit = true
    /// The order id of the parent; 0 for none.
    var parentID: Int64 = 0
    var oneCancelsAll: IBOneCancelsAll?
    var outsideRegularHours = false
    var algorithm: IBAlgorithm?
    /// Only asks what margin and commission it would take; nothing is placed.
    var isWhatIf = false
}

/// How an order meets the market, in IB's terms.
enum IBOrderType: Hashable, Sendable {
    case market
    case limit(Price)
    case stop(Price)
    case stopLimit(stop: Price, limit: Price)
    /// A stop that follows the market. `firstStop` is where it begins; `nil` leaves that to IB.
    case trailing(IBTrail, firstStop: Price?)
    /// The same with a limit that keeps its distance to the stop; positive below it for a sell, above it for a buy.
    case trailingLimit(IBTrail, firstStop: Price, limitOffset: Price)
    /// At the market; the rest stays as a limit at the price of its first execution.
    case marketToLimit
    case marketOnClose
    case limitOnClose(Price)
    /// `MKT` and `LMT` with the time in force `OPG`.
    case marketOnOpen
    case limitOnOpen(Price)

    /// As on the wire.
    var code: String {
        switch self {
        case .market, .marketOnOpen: "MKT"
        case .limit, .limitOnOpen: "LMT"
        case .stop: "STP"
        case .stopLimit: "STP LMT"
        case .trailing: "TRAIL"
        case .trailingLimit: "TRAIL LIMIT"
        case .marketToLimit: "MTL"
        case .marketOnClose: "MOC"
        case .limitOnClose: "LOC"
        }
    }

    /// Field 20.
    var limitPrice: Price? {
        switch self {
        case .limit(let limit), .stopLimit(_, let limit), .limitOnClose(let limit), .limitOnOpen(let limit): limit
        case .market, .stop, .trailing, .trailingLimit, .marketToLimit, .marketOnClose, .marketOnOpen: nil
        }
    }

    /// Field 21: the stop, or the distance of one that follows.
    var auxiliaryPrice: Price? {
        switch self {
        case .stop(let stop), .stopLimit(let stop, _): stop
        case .trailing(.amount(let amount), _), .trailingLimit(.amount(let amount), _, _): amount
        case .trailing(.percent, _), .trailingLimit(.percent, _, _): nil
        case .market, .limit, .marketToLimit, .marketOnClose, .limitOnClose, .marketOnOpen, .limitOnOpen: nil
        }
    }

    var trail: (by: IBTrail, firstStop: Price?, limitOffset: Price?)? {
        switch self {
        case .trailing(let trail, let first): (trail, first, nil)
        case .trailingLimit(let trail, let first, let offset): (trail, first, offset)
        case .market, .limit, .stop, .stopLimit, .marketToLimit, .marketOnClose, .limitOnClose, .marketOnOpen,
            .limitOnOpen:
            nil
        }
    }

    var isForAuction: Bool {
        switch self {
        case .marketOnClose, .limitOnClose, .marketOnOpen, .limitOnOpen: true
        case .market, .limit, .stop, .stopLimit, .trailing, .trailingLimit, .marketToLimit: false
        }
    }

    var isAtTheOpen: Bool {
        switch self {
        case .marketOnOpen, .limitOnOpen: true
        case .market, .limit, .stop, .stopLimit, .trailing, .trailingLimit, .marketToLimit, .marketOnClose,
            .limitOnClose:
            false
        }
    }
}

/// How far behind the market a trailing stop stays.
enum IBTrail: Hashable, Sendable {
    case amount(Price)
    /// 2.5 stands for two and a half per cent, as IB counts it.
    case percent(FixedPoint)
}

enum IBTimeInForce: Hashable, Sendable {
    case day
    case goodTillCancelled
    case immediateOrCancel
    case fillOrKill
    /// To the second.
    case goodTill(Instant)

    /// As on the wire.
    var code: String {
        switch self {
        case .day: "DAY"
        case .goodTillCancelled: "GTC"
        case .immediateOrCancel: "IOC"
        case .fillOrKill: "FOK"
        case .goodTill: "GTD"
        }
    }

    var date: String {
        switch self {
        case .day, .goodTillCancelled, .immediateOrCancel, .fillOrKill: ""
        case .goodTill(let instant): IBTime.utc(instant)
        }
    }
}

/// Orders of which one that is done ends the others.
struct IBOneCancelsAll: Hashable, Sendable {
    /// What happens to the others when one is filled in part.
    enum Kind: Int, Hashable, Sendable {
        /// They are cancelled; only one is at an exchange at a time.
        case cancelWithBlock = 1
        /// They are made smaller; only one is at an exchange at a time.
        case reduceWithBlock = 2
        /// They are made smaller, and all are at their exchanges: more than one may fill.
        case reduceWithoutBlock = 3
    }

    /// Unique for a day; IB takes the name as it is.
    var group: String
    var kind: Kind
}

/// An algorithm of IB's, with its parameters.
enum IBAlgorithm: Hashable, Sendable {
    enum Priority: String, Hashable, Sendable { case urgent = "Urgent", normal = "Normal", patient = "Patient" }

    /// Looks for a better price than the market's for a while.
    case adaptive(Priority)
    /// Spreads the order evenly over time; `nil` leaves begin and end to IB.
    case twap(start: Instant?, end: Instant?, mayGoOn: Bool)
    /// Follows the volume of the day, with at most so much of it: 0.01...0.5.
    case vwap(maximumShare: Fraction, start: Instant?, end: Instant?, mayGoOn: Bool)

    /// As on the wire.
    var name: String {
        switch self {
        case .adaptive: "Adaptive"
        case .twap: "Twap"
        case .vwap: "Vwap"
        }
    }

    /// The names are those of the TWS API guide's page "IB Algorithms"; times in the one form that names no zone.
    var parameters: [IBTagValue] {
        switch self {
        case .adaptive(let priority): [IBTagValue(tag: "adaptivePriority", value: priority.rawValue)]
        case .twap(let start, let end, let mayGoOn):
            [IBTagValue(tag: "strategyType", value: "Marketable")] + Self.window(start, end, mayGoOn)
        case .vwap(let share, let start, let end, let mayGoOn):
            [IBTagValue(tag: "maxPctVol", value: share.description)] + Self.window(start, end, mayGoOn)
        }
    }

    private static func window(_ start: Instant?, _ end: Instant?, _ mayGoOn: Bool) -> [IBTagValue] {
        [
            IBTagValue(tag: "startTime", value: start.map(IBTime.utc) ?? ""),
            IBTagValue(tag: "endTime", value: end.map(IBTime.utc) ?? ""),
            IBTagValue(tag: "allowPastEndTime", value: mayGoOn ? "1" : "0"),
        ]
    }
}
