public import Core

/// What a proposal from outside settles itself, in the place of the configured sizing and order type.
public struct ProposedTerms: Hashable, Sendable {
    /// The position aimed at, short is negative; `nil` leaves the size to the sizing.
    ///
    /// It is reached exactly, whatever the tolerance for rebalancing is. One on the other side of zero closes the position
    /// first; the rest is the next cycle's business.
    public let target: Quantity?
    /// How the order meets the market, with prices as they were given: they are rounded to the tick, limits on the passive side
    /// and stops away from the market. `nil` leaves the type to the configuration.
    public let type: OrderType?
    /// `nil` leaves it to the configuration.
    public let timeInForce: TimeInForce?
    public let handling: OrderHandling

    public init(
        target: Quantity? = nil, type: OrderType? = nil, timeInForce: TimeInForce? = nil,
        handling: OrderHandling = .plain
    ) {
        self.target = target
        self.type = type
        self.timeInForce = timeInForce
        self.handling = handling
    }

    var isEmpty: Bool { self == ProposedTerms() }

    /// What it takes to come from a position to the target.
    public static func action(from position: Quantity, to target: Quantity) -> Action {
        target > position ? .buy : target < position ? .sell : .hold
    }

    /// What few proposals have is left out where there is none: the evidence of all others keeps its bytes.
    var json: JSONValue {
        var json: JSONValue = ["target": JSONValue(target), "limit_price": JSONValue(type?.limitPrice)]
        if let type, !type.isPlainLimit { json = json.setting("type", type.evidence) }
        if let timeInForce { json = json.setting("time_in_force", .string(timeInForce.rawValue)) }
        return handling.json.map { json.setting("handling", $0) } ?? json
    }

    init(_ reader: EvidenceReader) throws(DecisionError) {
        let limit = try reader.optionalDecimal("limit_price").map { Price($0) }
        self.init(
            target: try reader.optionalDecimal("target").map { Quantity($0) },
            type: reader.value["type"] == nil
                ? limit.map { .limit($0) } : try OrderType(try reader.object("type")),
            timeInForce: reader.value["time_in_force"] == nil
                ? nil : try reader.read("time_in_force") { TimeInForce(rawValue: $0) },
            handling: reader.value["handling"] == nil ? .plain : try OrderHandling(try reader.object("handling")))
    }
}

extension OrderType {
    fileprivate var isPlainLimit: Bool {
        switch self {
        case .limit: true
        case .market, .stop, .stopLimit, .marketToLimit, .conditionalLimit, .bestOwnSide, .trailingStop,
            .trailingStopLimit:
            false
        }
    }

    /// The same with prices that the exchange takes: limits rounded to the passive side, stops and distances away from the
    /// market.
    ///
    /// - Parameter reference: Where distances are measured.
    func rounded(_ side: Side, _ ticks: TickRule, reference: Price) throws(ArithmeticError) -> OrderType {
        func limit(_ price: Price) throws(ArithmeticError) -> Price {
            try ticks.rounded(price, side == .buy ? .down : .up)
        }
        func stop(_ price: Price) throws(ArithmeticError) -> Price {
            try ticks.rounded(price, side == .buy ? .up : .down)
        }
        func distance(_ price: Price) throws(ArithmeticError) -> Price {
            Price(try price.value.rounded(toMultipleOf: ticks.tick(at: reference).value, .up))
        }
        func trail(_ trail: Trail) throws(ArithmeticError) -> Trail {
            switch trail {
            case .amount(let amount): .amount(try distance(amount))
            case .share: trail
            }
        }
        switch self {
        case .market, .marketToLimit, .bestOwnSide: return self
        case .limit(let price): return .limit(try limit(price))
        case .conditionalLimit(let price): return .conditionalLimit(try limit(price))
        case .stop(let price): return .stop(try stop(price))
        case .stopLimit(let trigger, let price):
            return .stopLimit(stop: try stop(trigger), limit: try limit(price))
        case .trailingStop(let by): return .trailingStop(try trail(by))
        case .trailingStopLimit(let by, let first, let offset):
            return .trailingStopLimit(try trail(by), firstStop: try stop(first), limitOffset: try distance(offset))
        }
    }

    /// The limit would not let the order be executed at the stop that wakes it.
    func hasLimitBehindStop(_ side: Side) -> Bool {
        guard let stopPrice, let limitPrice else { return false }
        return side == .buy ? limitPrice < stopPrice : limitPrice > stopPrice
    }
}

extension Bracket {
    /// The same with prices that the exchange takes: the take-profit rounded away from the entry, the stop-loss too.
    ///
    /// - Parameter side: Of the entry.
    func rounded(_ side: Side, _ ticks: TickRule) throws(ArithmeticError) -> Bracket {
        func up(_ price: Price?) throws(ArithmeticError) -> Price? {
            try price.map { (price) throws(ArithmeticError) in try ticks.rounded(price, .up) }
        }
        func down(_ price: Price?) throws(ArithmeticError) -> Price? {
            try price.map { (price) throws(ArithmeticError) in try ticks.rounded(price, .down) }
        }
        let (profit, loss) =
            side == .buy ? (try up(takeProfit), try down(stopLoss)) : (try down(takeProfit), try up(stopLoss))
        return Bracket(takeProfit: profit, stopLoss: loss) ?? self
    }
}
