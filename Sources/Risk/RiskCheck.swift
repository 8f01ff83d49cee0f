public import Core

/// The risk check of one instant: account first (``account()``), then every intent (``intents(_:)``).
///
/// Pure: values in, verdicts out. The same input gives the same verdicts whatever the order of the intents in it.
public struct RiskCheck: Sendable {
    public let state: AccountState
    public let markets: [Symbol: MarketCondition]
    public let brokers: [BrokerID: BrokerCondition]
    public let limits: RiskLimits
    public let now: Instant
    /// What brokers said of intents when they were asked; nothing of those of which nobody was.
    public let previews: [IntentID: OrderPreview]
    private let positions: [HoldingKey: RiskPosition]
    /// Equity in base currency, if every holding can be valued and it is stated in the base currency.
    private(set) var knownEquity: FixedPoint?
    /// Currencies of what is held or on order without a rate, in order.
    private(set) var missingRates: [Currency] = []

    public init(
        state: AccountState, markets: [Symbol: MarketCondition], brokers: [BrokerID: BrokerCondition],
        limits: RiskLimits, now: Instant, previews: [IntentID: OrderPreview] = [:]
    ) {
        self.previews = previews
        self.state = state
        self.markets = markets
        self.brokers = brokers
        self.limits = limits
        self.now = now
        let keyed = state.positions.map { (HoldingKey(symbol: $0.symbol, broker: $0.broker), $0) }
        positions = Dictionary(keyed) { first, _ in first }
        knownEquity = equity()
        missingRates = unratedCurrencies()
    }

    /// The holdings before any of the intents to be checked: positions, live orders, and what is approved but not sent,
    /// without the intents that are to be checked again.
    public func projection(without again: Set<IntentID> = []) throws(ArithmeticError) -> Projection {
        var projection = Projection()
        projection.cash = brokers.mapValues(\.cash)
        projection.ordersToday = state.ordersSentToday
        projection.ordersInLastMinute = state.ordersSentInLastMinute
        for position in state.positions where !position.quantity.isZero {
            let key = HoldingKey(symbol: position.symbol, broker: position.broker)
            var holding = projection.holding(key)
            holding.held = try holding.held + position.quantity
            holding.atBroker = position.brokerQuantity ?? holding.atBroker
            holding.unbookedExits = try holding.unbookedExits + position.unbookedExits
            holding.heldValue = try sum(holding.heldValue, value(of: position))
            try projection.set(holding, for: key)
        }
        let executable = try ExecutableQuantities(state.liveOrders)
        for order in state.liveOrders where order.state.mayBeLive {
            try add(ProjectedOrder(order, open: executable[order]), to: &projection)
        }
        for intent in state.approvedIntents where !again.contains(intent.id) {
            try add(ProjectedOrder(intent), to: &projection)
            projection.ordersToday += intent.orderCount
            projection.ordersInLastMinute += intent.orderCount
        }
        return projection
    }

    /// Puts an approved intent on top of a projection.
    public func add(_ intent: OrderIntent, to projection: inout Projection) throws(ArithmeticError) {
        try add(ProjectedOrder(intent), to: &projection)
        projection.ordersToday += intent.orderCount
        projection.ordersInLastMinute += intent.orderCount
        if case .told(let terms)? = previews[intent.id], let margin = terms.initialMarginChange, margin.isPositive {
            projection.previewedMargin[intent.broker] =
                try (projection.previewedMargin[intent.broker] ?? .zero) + margin
        }
    }

    private func add(_ order: ProjectedOrder, to projection: inout Projection) throws(ArithmeticError) {
        guard order.open.isPositive else { return }
        projection.working.insert(order.shape)
        var holding = projection.holding(order.key)
        let worth = try baseValue(of: order)
        switch order.side {
        case .buy:
            holding.buying = try holding.buying + order.open
            holding.buyingValue = try sum(holding.buyingValue, worth)
            try reserveCash(for: order, in: &projection)
        case .sell:
            holding.selling = try holding.selling + order.open
            holding.sellingValue = try sum(holding.sellingValue, worth)
        }
        try projection.set(holding, for: order.key)
    }

    private func reserveCash(for order: ProjectedOrder, in projection: inout Projection) throws(ArithmeticError) {
        guard let cost = try cost(of: order), var cash = projection.cash[order.key.broker] else { return }
        cash[cost.currency] = try (cash[cost.currency] ?? .zero) - cost.amount
        projection.cash[order.key.broker] = cash
    }

    private func sum(_ left: FixedPoint?, _ right: FixedPoint?) throws(ArithmeticError) -> FixedPoint? {
        guard let left, let right else { return nil }
        return try left + right
    }
}

// MARK: - Values

extension RiskCheck {
    /// The newest mark of a symbol that is young enough to value a position with.
    func mark(_ symbol: Symbol, _ position: RiskPosition? = nil) -> Price? {
        newestPrice(symbol, position)?.price(at: now, maxAge: limits.valuationMaxAge)
    }

    /// The newer of the position's own price and the market's; of the same age the position's, which is of its share scale.
    func newestPrice(_ symbol: Symbol, _ position: RiskPosition?) -> PricedAt? {
        // A holding whose price is held back, or that has none of its scale, is not valued at another account's.
        if let position, position.isPriceDoubted { return position.lastPrice }
        guard let own = position?.lastPrice else { return markets[symbol]?.lastPrice }
        guard let market = markets[symbol]?.lastPrice, market.asOf > own.asOf else { return own }
        return market
    }

    /// The signed value of a position in base currency, rounded away from zero; `nil` without a price or a rate.
    func value(of position: RiskPosition) throws(ArithmeticError) -> FixedPoint? {
        guard let price = position.statedPrice ?? mark(position.symbol, position),
            let rate = state.rate(position.currency)
        else { return nil }
        let points = try price.value.multiplied(by: position.quantity.value, rounding: .awayFromZero)
        let amount = try points.multiplied(by: position.multiplier, rounding: .awayFromZero)
        return try amount.multiplied(by: rate, rounding: .awayFromZero)
    }

    /// The highest price at which an order may count: mark, limit or stop, whichever is larger in magnitude. A market
    /// order counts at the mark; without a mark, an intent counts at its reference price.
    func worstPrice(of order: ProjectedOrder) throws(ArithmeticError) -> Price? {
        guard let mark = mark(order.key.symbol, positions[order.key]) ?? order.referencePrice else { return nil }
        return try order.type.countedPrices(order.side, at: mark).map(\.magnitude).reduce(mark.magnitude, max)
    }

    /// What the open part of an order costs, in the instrument's currency, never negative; `nil` without a price.
    func notional(of order: ProjectedOrder) throws(ArithmeticError) -> Money? {
        guard let terms = terms(order.key), let price = try worstPrice(of: order) else { return nil }
        let points = try price.value.multiplied(by: order.open.value, rounding: .awayFromZero)
        let amount = try points.multiplied(by: terms.multiplier, rounding: .awayFromZero)
        return Money(amount.magnitude, terms.currency)
    }

    /// ``notional(of:)`` with the buffer for fees and slippage.
    func cost(of order: ProjectedOrder) throws(ArithmeticError) -> Money? {
        guard let notional = try notional(of: order) else { return nil }
        guard !limits.cashBuffer.isZero else { return notional }
        return try notional + notional.multiplied(by: limits.cashBuffer, rounding: .up)
    }

    func baseValue(of order: ProjectedOrder) throws(ArithmeticError) -> FixedPoint? {
        guard let notional = try notional(of: order), let rate = state.rate(notional.currency) else { return nil }
        return try notional.amount.multiplied(by: rate, rounding: .awayFromZero)
    }

    private func terms(_ key: HoldingKey) -> (currency: Currency, multiplier: FixedPoint)? {
        if let instrument = markets[key.symbol]?.instrument { return (instrument.currency, instrument.multiplier) }
        return positions[key].map { ($0.currency, $0.multiplier) }
    }

    private func equity() -> FixedPoint? {
        guard let equity = state.equityNow, equity.currency == state.baseCurrency, state.unpriced.isEmpty else {
            return nil
        }
        for position in state.positions where !position.quantity.isZero {
            guard (try? value(of: position)) != nil else { return nil }
        }
        return equity.amount
    }

    private func unratedCurrencies() -> [Currency] {
        var needed = Set(state.positions.filter { !$0.quantity.isZero }.map(\.currency))
        let ordered = state.liveOrders.filter(\.state.mayBeLive).map(\.symbol) + state.approvedIntents.map(\.symbol)
        needed.formUnion(ordered.compactMap { markets[$0]?.instrument.currency })
        return needed.filter { state.rate($0) == nil }.sorted()
    }

    /// How much a reference equity has been lost by, and whether that reaches a limit; `nil` if either is not known.
    func loss(since reference: Money?, limit: Fraction) throws(ArithmeticError) -> LossView? {
        guard let equity = knownEquity, let reference, reference.currency == state.baseCurrency else { return nil }
        guard reference.amount.isPositive else { return nil }
        let loss = try reference.amount - equity
        // A loss is a multiple of 10^-8: it reaches the exact product just when it reaches the product rounded up.
        let threshold = try reference.amount.multiplied(by: limit.value, rounding: .up)
        return LossView(loss: loss, reference: reference.amount, threshold: threshold)
    }
}

/// A loss against a reference, in base currency; a gain is negative.
struct LossView {
    let loss: FixedPoint
    let reference: FixedPoint
    let threshold: FixedPoint
    var isReached: Bool { loss >= threshold }

    /// Loss divided by reference, rounded half to even at the sixth decimal, for people; a gain uses nothing of a limit.
    func share() throws(ArithmeticError) -> FixedPoint {
        try max(.zero, loss).divided(by: reference, rounding: .halfEven).rounded(toDigits: 6, .halfEven)
    }
}
