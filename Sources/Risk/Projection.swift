public import Core

/// A symbol at a broker.
public struct HoldingKey: Hashable, Sendable, Comparable {
    public let symbol: Symbol
    public let broker: BrokerID
    public init(symbol: Symbol, broker: BrokerID) {
        self.symbol = symbol
        self.broker = broker
    }
    public static func < (left: HoldingKey, right: HoldingKey) -> Bool {
        (left.symbol, left.broker) < (right.symbol, right.broker)
    }
}

/// What the accounts hold and could come to hold, order by order.
///
/// Whether an order is filled is not known until the broker says so; therefore every holding is taken at the worst of all
/// combinations of fills: `max(|held + purchases|, |held − sales|)`. An exit frees no room before it is filled.
public struct Projection: Hashable, Sendable {
    /// One symbol at one broker.
    public struct Holding: Hashable, Sendable {
        /// Short is negative.
        public var held: Quantity = .zero
        /// What the broker's books say where they differ from ours.
        public var atBroker: Quantity?
        /// What the exits on their way have executed by the broker's own word, and nobody has booked.
        public var unbookedExits: Quantity = .zero
        /// Open purchases and sales, in units.
        public var buying: Quantity = .zero
        public var selling: Quantity = .zero
        /// Values in base currency, at the mark for what is held and at the worst price for what is on order; `nil`
        /// if a price or rate is missing.
        public var heldValue: FixedPoint? = .zero
        public var buyingValue: FixedPoint? = .zero
        public var sellingValue: FixedPoint? = .zero

        public init() {}

        /// The largest position in units that any combination of fills leads to, without its sign.
        public func worstQuantity() throws(ArithmeticError) -> Quantity {
            max(try (held + buying).magnitude, try (held - selling).magnitude)
        }

        /// The same as a value in base currency; `nil` if it cannot be known.
        public func worstValue() throws(ArithmeticError) -> FixedPoint? {
            guard let heldValue, let buyingValue, let sellingValue else { return nil }
            let up = try (heldValue + buyingValue).magnitude
            let down = try (heldValue - sellingValue).magnitude
            return max(heldValue.magnitude, max(up, down))
        }

        /// What can be closed: held, as far as the broker's books know of it too.
        public var closable: Quantity {
            guard let atBroker else { return held.magnitude }
            guard atBroker.isNegative == held.isNegative else { return .zero }
            return min(held.magnitude, atBroker.magnitude)
        }

        /// What an exit may still take: what can be closed less the exits already on their way, zero if none is left.
        ///
        /// What the broker holds less than we do may be what those exits have executed and nobody has booked yet. Where its
        /// lists say so it is taken off once, not once as missing and once more as still open.
        public func exitable() throws(ArithmeticError) -> Quantity {
            let explained = min(try held.magnitude - closable, unbookedExits)
            let rest = try closable - ((held.isNegative ? buying : selling) - explained)
            return rest.isPositive ? min(rest, closable) : .zero
        }
    }

    public private(set) var holdings: [HoldingKey: Holding] = [:]
    /// Cash less what open purchases will take, per broker and currency.
    public internal(set) var cash: [BrokerID: [Currency: FixedPoint]] = [:]
    /// Orders of the day and of the last minute, including what is approved and not yet sent.
    public internal(set) var ordersToday = 0
    public internal(set) var ordersInLastMinute = 0
    /// What brokers said that approved entries raise their margins by, each asked about alone and none sent yet.
    var previewedMargin: [BrokerID: FixedPoint] = [:]
    /// What is on its way, to find identical orders.
    var working: Set<OrderShape> = []

    /// Kept up to date holding by holding, so that a check of many intents does not add everything up for each.
    private var keys: [Symbol: [HoldingKey]] = [:]
    private var gross = FixedPoint.zero
    private var unvaluedKeys: Set<HoldingKey> = []
    private var openSymbols: Set<Symbol> = []

    public func holding(_ key: HoldingKey) -> Holding { holdings[key] ?? Holding() }

    mutating func set(_ holding: Holding, for key: HoldingKey) throws(ArithmeticError) {
        let (before, after) = (try self.holding(key).worstValue(), try holding.worstValue())
        gross = try gross - (before ?? .zero) + (after ?? .zero)
        if after == nil { unvaluedKeys.insert(key) } else { unvaluedKeys.remove(key) }
        if holdings.updateValue(holding, forKey: key) == nil { keys[key.symbol, default: []].append(key) }
        var isOpen = false
        for key in keys[key.symbol] ?? [] where try !self.holding(key).worstQuantity().isZero { isOpen = true }
        if isOpen { openSymbols.insert(key.symbol) } else { openSymbols.remove(key.symbol) }
    }

    /// Symbols that are held or could come to be held.
    public var positionCount: Int { openSymbols.count }

    /// The worst value of a symbol over all brokers, in base currency; `nil` if it cannot be known.
    public func worstValue(of symbol: Symbol) throws(ArithmeticError) -> FixedPoint? {
        var sum = FixedPoint.zero
        for key in keys[symbol] ?? [] {
            guard let value = try holding(key).worstValue() else { return nil }
            sum = try sum + value
        }
        return sum
    }

    /// Gross exposure in base currency, every holding at its worst; `nil` if it cannot be known.
    public var worstGrossExposure: FixedPoint? { unvaluedKeys.isEmpty ? gross : nil }

    /// The symbols whose holdings have no value.
    public var unvalued: [Symbol] { Set(unvaluedKeys.map(\.symbol)).sorted() }
}

/// What makes two orders indistinguishable at a broker without client order ids.
struct OrderShape: Hashable, Sendable {
    let symbol: Symbol
    let broker: BrokerID
    let side: Side
    let type: OrderType
    let quantity: Quantity
}

/// The part of an order that changes a projection.
struct ProjectedOrder {
    let key: HoldingKey
    let side: Side
    let type: OrderType
    /// What may still be executed.
    let open: Quantity
    let quantity: Quantity
    /// Known only for intents; the fallback when the market has no price.
    let referencePrice: Price?

    init(_ order: ManagedOrder, open: Quantity) {
        key = HoldingKey(symbol: order.symbol, broker: order.broker)
        side = order.side
        type = order.type
        self.open = open
        quantity = order.quantity
        referencePrice = nil
    }

    init(_ intent: OrderIntent) {
        key = HoldingKey(symbol: intent.symbol, broker: intent.broker)
        side = intent.side
        type = intent.type
        open = intent.quantity
        quantity = intent.quantity
        referencePrice = intent.referencePrice
    }

    var shape: OrderShape {
        // A stop that follows the market stands elsewhere at every look.
        let shape: OrderType =
            if case .trailingStopLimit(let trail, _, let offset) = type {
                .trailingStopLimit(trail, firstStop: .zero, limitOffset: offset)
            } else { type }
        return OrderShape(symbol: key.symbol, broker: key.broker, side: side, type: shape, quantity: quantity)
    }
}

extension OrderIntent {
    /// So many orders it comes to at its broker.
    var orderCount: Int { 1 + (handling.bracket?.legs.count ?? 0) }
}
