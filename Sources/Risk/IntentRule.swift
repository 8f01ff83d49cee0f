import Core

/// One question to an intent. A rule answers `nil` if it has no objection, else one sentence with the numbers.
///
/// A rule whose question makes no sense because an earlier one failed (no instrument, no price) has no objection.
struct IntentRule: Sendable {
    enum Scope: Sendable {
        case every
        /// Guards against new risk only: not asked for exits, stop-losses, take-profits and flattens.
        case newRisk
    }

    let code: RiskCode
    let scope: Scope
    typealias Refusal = @Sendable (IntentContext) throws(ArithmeticError) -> String?

    let refusal: Refusal

    init(_ code: RiskCode, _ scope: Scope, _ refusal: @escaping Refusal) {
        self.code = code
        self.scope = scope
        self.refusal = refusal
    }

    /// All rules in the order in which they are asked. Every code but `not-calculable` stands here once.
    static let table: [IntentRule] = [
        IntentRule(.instrumentUnknown, .every, instrumentUnknown),
        IntentRule(.brokerUnknown, .every, brokerUnknown),
        IntentRule(.expired, .every, expired),
        IntentRule(.marketClosed, .every, marketClosed),
        IntentRule(.emergency, .newRisk, emergency),
        IntentRule(.dailyLoss, .newRisk, dailyLoss),
        IntentRule(.tradingHalted, .newRisk, tradingHalted),
        IntentRule(.symbolHalted, .newRisk, symbolHalted),
        IntentRule(.flattening, .newRisk, flattening),
        IntentRule(.booksDiffer, .newRisk, booksDiffer),
        IntentRule(.booksStale, .newRisk, booksStale),
        IntentRule(.inDoubtBlock, .every, inDoubtBlock),
        IntentRule(.duplicateWorking, .every, duplicateWorking),
        IntentRule(.quantityNotPositive, .every, quantityNotPositive),
        IntentRule(.offLot, .every, offLot),
        IntentRule(.offTick, .every, offTick),
        IntentRule(.unsupportedOrderType, .every, unsupportedOrderType),
        IntentRule(.unsupportedTimeInForce, .every, unsupportedTimeInForce),
        IntentRule(.unsupportedHandling, .every, unsupportedHandling),
        IntentRule(.exitExceedsPosition, .every, exitExceedsPosition),
        IntentRule(.staleData, .newRisk, staleData),
        IntentRule(.noPrice, .newRisk, noPrice),
        IntentRule(.noRate, .newRisk, noRate),
        IntentRule(.priceBand, .newRisk, priceBand),
        IntentRule(.notionalBelowMinimum, .newRisk, notionalBelowMinimum),
        IntentRule(.notionalAboveMaximum, .newRisk, notionalAboveMaximum),
        IntentRule(.maxDailyOrders, .newRisk, maxDailyOrders),
        IntentRule(.maxOrdersPerMinute, .newRisk, maxOrdersPerMinute),
        IntentRule(.shortNotAllowed, .newRisk, shortNotAllowed),
        IntentRule(.maxPositionCount, .newRisk, maxPositionCount),
        IntentRule(.maxPositionSize, .newRisk, maxPositionSize),
        IntentRule(.maxLeverage, .newRisk, maxLeverage),
        IntentRule(.insufficientCash, .newRisk, insufficientCash),
        IntentRule(.brokerPreview, .newRisk, brokerPreview),
    ]
}

// MARK: - May anything be sent?

extension IntentRule {
    @Sendable static func instrumentUnknown(_ c: IntentContext) -> String? {
        c.market == nil ? "\(c.intent.symbol) is not among the configured symbols; add it to symbols.yaml." : nil
    }

    @Sendable static func brokerUnknown(_ c: IntentContext) -> String? {
        c.broker == nil ? "The broker '\(c.intent.broker)' is not enabled; see brokers.yaml." : nil
    }

    @Sendable static func expired(_ c: IntentContext) -> String? {
        if let until = c.intent.handling.goodUntil, until <= c.check.now {
            return "It is \(c.check.now) and the order would be good until \(until)."
        }
        guard c.check.now > c.intent.expiresAt else { return nil }
        return "It is \(c.check.now) and the intent could be sent until \(c.intent.expiresAt)."
    }

    @Sendable static func marketClosed(_ c: IntentContext) -> String? {
        guard let market = c.market else { return nil }
        if c.intent.timeInForce == .atOpen {
            // An order for the opening is sent before it, and waits at the broker.
            return market.isOpen
                ? "The opening of \(market.instrument.exchange) is over at \(c.check.now); \(c.intent.symbol) trades already."
                : nil
        }
        // The broker keeps an order for the hours around the session until they come.
        guard !market.isOpen, !c.intent.handling.outsideRegularHours else { return nil }
        return "\(market.instrument.exchange) takes no orders for \(c.intent.symbol) at \(c.check.now)."
    }

    @Sendable static func emergency(_ c: IntentContext) throws(ArithmeticError) -> String? {
        if c.state.activeHalts.contains(where: { $0.code == AccountVerdict.emergencyCode }) {
            return "The emergency halt is in force until 'takt resume'."
        }
        let view = try c.check.loss(since: c.state.equityInitial, limit: c.limits.emergencyShutdownLoss)
        guard let view, view.isReached else { return nil }
        return "Total loss is \(view.loss) \(c.state.baseCurrency), the limit is \(view.threshold)."
    }

    @Sendable static func dailyLoss(_ c: IntentContext) throws(ArithmeticError) -> String? {
        if c.state.activeHalts.contains(where: { $0.code == AccountVerdict.dailyLossCode }) {
            return "The daily-loss halt is in force until 'takt resume'."
        }
        let view = try c.check.loss(since: c.state.equityAtDayStart, limit: c.limits.dailyLoss)
        guard let view, view.isReached else { return nil }
        return "The loss of the day is \(view.loss) \(c.state.baseCurrency), the limit is \(view.threshold)."
    }

    @Sendable static func tradingHalted(_ c: IntentContext) -> String? {
        guard let halt = c.generalHalts.first else { return nil }
        return "The halt '\(halt.code)' of \(halt.scope) is in force until 'takt resume'."
    }

    @Sendable static func symbolHalted(_ c: IntentContext) -> String? {
        guard let halt = c.halts(where: { $0.scope == .symbol(c.intent.symbol) }).first else { return nil }
        return "The halt '\(halt.code)' of \(c.intent.symbol) is in force until 'takt resume'."
    }

    @Sendable static func flattening(_ c: IntentContext) -> String? {
        // A symbol of its scope that is flat by now is free again: the flatten may wait long for another one.
        let symbol = c.intent.symbol
        let isOpen =
            c.state.positions.contains { $0.symbol == symbol && !$0.quantity.isZero }
            || c.state.liveOrders.contains { $0.symbol == symbol && $0.isOurs && $0.state.mayBeLive }
        guard isOpen, let flatten = c.state.flattens.first(where: { $0.scope.covers(symbol) }) else { return nil }
        return "The flatten (\(flatten.scope)) that \(flatten.orderedBy) has ordered still has to close \(symbol)."
    }

    @Sendable static func booksDiffer(_ c: IntentContext) -> String? {
        guard c.state.disputed.contains(c.intent.symbol) else { return nil }
        return
            "Our books and a broker's differ on \(c.intent.symbol); 'takt breaks' shows how, and what is held there is "
            + "not known until they agree."
    }

    @Sendable static func booksStale(_ c: IntentContext) -> String? {
        guard let since = c.broker?.booksStaleSince else { return nil }
        return
            "Our books of \(c.intent.broker) are of \(since): 'takt reconcile' fails there since, and what was filled "
            + "meanwhile is not in them."
    }

    @Sendable static func inDoubtBlock(_ c: IntentContext) -> String? {
        let blocking = c.state.liveOrders.filter { order in
            order.symbol == c.intent.symbol && order.broker == c.intent.broker
                && (order.state == .inDoubt || order.state == .cancelInDoubt || order.state == .submitting)
        }
        guard let order = blocking.min(by: { $0.clientOrderID < $1.clientOrderID }) else { return nil }
        return "The order \(order.clientOrderID) of \(order.symbol) at \(order.broker) is \(order.state.rawValue); "
            + "'takt reconcile' has to settle it first."
    }

    @Sendable static func duplicateWorking(_ c: IntentContext) -> String? {
        if let live = c.state.liveOrders.first(where: { $0.intentID == c.intent.id && $0.state.mayBeLive }) {
            return "The intent has been sent already as \(live.clientOrderID), which is \(live.state.rawValue)."
        }
        // What is left of a position bounds its exits; two alike may both be meant.
        guard !c.reducesRisk, c.before.working.contains(c.order.shape) else { return nil }
        return "A \(c.intent.type.name) order to \(c.intent.side.rawValue) \(c.intent.quantity) \(c.intent.symbol) "
            + "is already on its way at \(c.intent.broker)."
    }
}

// MARK: - Is it well formed?

extension IntentRule {
    @Sendable static func quantityNotPositive(_ c: IntentContext) -> String? {
        c.intent.quantity.isPositive ? nil : "The quantity is \(c.intent.quantity)."
    }

    @Sendable static func offLot(_ c: IntentContext) -> String? {
        guard let lot = c.market?.instrument.lotSize, !c.intent.quantity.value.isMultiple(of: lot.value) else {
            return nil
        }
        return "The quantity \(c.intent.quantity) is no multiple of the lot of \(lot)."
    }

    @Sendable static func offTick(_ c: IntentContext) -> String? {
        guard let instrument = c.market?.instrument else { return nil }
        let rule = instrument.ticks.rule(on: c.intent.cycle.barClose.utcDate)
        let own = [c.intent.type.limitPrice, c.intent.type.stopPrice].compactMap { $0 }
        for price in own + (c.intent.handling.bracket?.prices ?? []) where !rule.isOnGrid(price) {
            return "The price \(price) is no multiple of the tick of \(rule.tick(at: price))."
        }
        let tick = rule.tick(at: c.intent.referencePrice)
        for distance in [c.intent.type.trail?.amount, c.intent.type.limitOffset].compactMap({ $0 })
        where !distance.value.isMultiple(of: tick.value) {
            return "The distance \(distance) is no multiple of the tick of \(tick)."
        }
        return nil
    }

    @Sendable static func unsupportedOrderType(_ c: IntentContext) -> String? {
        guard let broker = c.broker, !broker.orderTypes.contains(c.intent.type.name) else { return nil }
        return "\(c.intent.broker) takes \(broker.orderTypes.sorted().joined(separator: ", ")), "
            + "not \(c.intent.type.name)."
    }

    @Sendable static func unsupportedTimeInForce(_ c: IntentContext) -> String? {
        guard let broker = c.broker, !broker.timesInForce.contains(c.intent.timeInForce) else { return nil }
        let taken = broker.timesInForce.map(\.rawValue).sorted().joined(separator: ", ")
        return "\(c.intent.broker) takes \(taken), not \(c.intent.timeInForce.rawValue)."
    }

    @Sendable static func unsupportedHandling(_ c: IntentContext) -> String? {
        guard c.intent.handling.bracket == nil || c.intent.purpose == .entry else {
            return "A bracket protects what an entry opens; this order closes something."
        }
        guard let broker = c.broker,
            let wish = c.intent.handling.wishes.subtracting(broker.handling).min()
        else { return nil }
        guard !broker.handling.isEmpty else { return "\(c.intent.broker) works orders plainly, not '\(wish)'." }
        return "\(c.intent.broker) does \(broker.handling.sorted().joined(separator: ", ")), not \(wish)."
    }

    @Sendable static func exitExceedsPosition(_ c: IntentContext) throws(ArithmeticError) -> String? {
        guard c.reducesRisk else { return nil }
        let holding = c.before.holding(c.key)
        let closing: Side = holding.held.isNegative ? .buy : .sell
        guard !holding.held.isZero, c.intent.side == closing else {
            return "The position is \(holding.held); to \(c.intent.side.rawValue) would not bring it towards zero."
        }
        let exitable = try holding.exitable()
        guard c.intent.quantity > exitable else { return nil }
        let known = holding.atBroker.map { " (\($0) in the broker's books)" } ?? ""
        return "The exit of \(c.intent.quantity) exceeds the \(exitable) that are left of the position of "
            + "\(holding.held)\(known) after the exits on their way."
    }
}

// MARK: - Can it be valued, and is the price sound?

extension IntentRule {
    @Sendable static func staleData(_ c: IntentContext) -> String? {
        guard let market = c.market else { return nil }
        guard let close = market.lastBarClose else { return "No closed bar of \(c.intent.symbol) is known." }
        let age = c.check.now.duration(since: close)
        let allowed = c.limits.staleAfter(of: c.intent.symbol)
        guard age > allowed else { return nil }
        return "The last bar of \(c.intent.symbol) closed at \(close), "
            + "\(age.components.seconds) s ago; \(allowed.components.seconds) s are allowed."
    }

    @Sendable static func noPrice(_ c: IntentContext) -> String? {
        guard let market = c.market else { return nil }
        if c.freshPrice == nil {
            let newest = market.lastPrice.map { "the newest is of \($0.asOf)" } ?? "there is none"
            return "No price of \(c.intent.symbol) is young enough to trade on: \(newest)."
        }
        let missing = Set(c.state.unpriced + c.before.unvalued.filter { c.check.mark($0) == nil })
        if !missing.isEmpty {
            let names = missing.sorted().map(\.text).joined(separator: ", ")
            return "The account holds or owes what has no price (\(names)), so its equity is not known."
        }
        guard c.state.equityNow == nil else { return nil }
        return "The equity of the account is not known."
    }

    @Sendable static func noRate(_ c: IntentContext) -> String? {
        guard let market = c.market else { return nil }
        let own = market.instrument.currency
        let missing = Set(c.check.missingRates + (c.state.rate(own) == nil ? [own] : [])).sorted()
        if !missing.isEmpty {
            let names = missing.map(\.code).joined(separator: ", ")
            return "No rate to \(c.state.baseCurrency) is known for \(names)."
        }
        guard let equity = c.state.equityNow, equity.currency != c.state.baseCurrency else { return nil }
        return "Equity is stated in \(equity.currency) and not in \(c.state.baseCurrency)."
    }

    @Sendable static func priceBand(_ c: IntentContext) throws(ArithmeticError) -> String? {
        guard let last = c.freshPrice else { return nil }
        // A distance is a multiple of 10^-8, so it exceeds the exact product just when it exceeds it rounded down.
        let room = try last.value.magnitude.multiplied(by: c.limits.priceBand.value, rounding: .down)
        let prices = try c.intent.type.countedPrices(c.intent.side, at: last) + [c.intent.referencePrice]
        for price in prices where try (price - last).magnitude.value > room {
            return "The price \(price) is more than \(room) (a share of \(c.limits.priceBand)) away from the last "
                + "price \(last)."
        }
        return nil
    }

    @Sendable static func notionalBelowMinimum(_ c: IntentContext) -> String? {
        guard let value = c.value, value < c.limits.minOrderValue else { return nil }
        return "The value \(value) \(c.state.baseCurrency) is below \(c.limits.minOrderValue)."
    }

    @Sendable static func notionalAboveMaximum(_ c: IntentContext) -> String? {
        guard let value = c.value, let most = c.limits.maxOrderNotional, value > most else { return nil }
        return "The value \(value) \(c.state.baseCurrency) is above \(most)."
    }
}

// MARK: - Does it fit the account?

extension IntentRule {
    @Sendable static func maxDailyOrders(_ c: IntentContext) -> String? {
        guard c.after.ordersToday > c.limits.maxDailyOrders else { return nil }
        return "\(c.before.ordersToday) orders of the day are sent or approved, \(c.limits.maxDailyOrders) are allowed."
    }

    @Sendable static func maxOrdersPerMinute(_ c: IntentContext) -> String? {
        guard let most = c.limits.maxOrdersPerMinute, c.after.ordersInLastMinute > most else { return nil }
        return "\(c.before.ordersInLastMinute) orders of the last 60 s are sent or approved, \(most) are allowed."
    }

    @Sendable static func shortNotAllowed(_ c: IntentContext) throws(ArithmeticError) -> String? {
        guard c.intent.side == .sell else { return nil }
        let after = c.after.holding(c.key)
        let lowest = try after.held - after.selling
        guard lowest.isNegative else { return nil }
        if !c.limits.allowsShort { return "The position could become \(lowest), and the limits allow no shorts." }
        guard let broker = c.broker, !broker.allowsShort else { return nil }
        return "The position could become \(lowest), and \(c.intent.broker) takes no short sales."
    }

    @Sendable static func maxPositionCount(_ c: IntentContext) throws(ArithmeticError) -> String? {
        let (before, after) = (c.before.positionCount, c.after.positionCount)
        guard after > c.limits.maxPositionCount, after > before else { return nil }
        return "\(before) symbols are held or on order, \(c.limits.maxPositionCount) are allowed."
    }

    @Sendable static func maxPositionSize(_ c: IntentContext) throws(ArithmeticError) -> String? {
        guard let equity = c.equity, let after = try c.after.worstValue(of: c.intent.symbol) else { return nil }
        let share = c.limits.positionSize(of: c.intent.symbol)
        let most = try room(equity, share)
        guard after > most, after > (try c.before.worstValue(of: c.intent.symbol) ?? .zero) else { return nil }
        return "\(c.intent.symbol) could become \(after) \(c.state.baseCurrency), a share of \(share) "
            + "of equity is \(most)."
    }

    @Sendable static func maxLeverage(_ c: IntentContext) throws(ArithmeticError) -> String? {
        guard let equity = c.equity, let after = c.after.worstGrossExposure else { return nil }
        let most = try room(equity, c.limits.maxLeverage)
        guard after > most, after > (c.before.worstGrossExposure ?? .zero) else { return nil }
        return "Gross exposure could become \(after) \(c.state.baseCurrency), \(c.limits.maxLeverage) times equity is "
            + "\(most)."
    }

    @Sendable static func insufficientCash(_ c: IntentContext) throws(ArithmeticError) -> String? {
        guard c.intent.side == .buy, c.broker != nil, let cost = try c.check.cost(of: c.order) else { return nil }
        let cash = c.before.cash[c.intent.broker]?[cost.currency] ?? .zero
        guard cost.amount > cash else { return nil }
        return "The purchase costs \(cost), free at \(c.intent.broker) are \(cash) \(cost.currency)."
    }

    @Sendable static func brokerPreview(_ c: IntentContext) throws(ArithmeticError) -> String? {
        switch c.check.previews[c.intent.id] {
        case nil: return nil
        case .refused(let words)?: return "\(c.intent.broker) would refuse it: \(words)"
        case .unknown(let detail)?:
            return "\(c.intent.broker) was asked what it would come to, and did not say: \(detail)"
        case .told(let terms)?:
            guard let alone = terms.initialMargin, let equity = terms.equityWithLoan else { return nil }
            // Each was asked about as if it were the only one.
            let margin = try alone + (c.before.previewedMargin[c.intent.broker] ?? .zero)
            guard equity < margin else { return nil }
            return "\(c.intent.broker) says that a margin of \(margin) would be needed, and \(equity) would be there."
        }
    }

    /// A share of equity, zero when there is no equity. Rounded down, which leaves "at most" exact.
    private static func room(_ equity: FixedPoint, _ share: Fraction) throws(ArithmeticError) -> FixedPoint {
        guard equity.isPositive else { return .zero }
        return try equity.multiplied(by: share.value, rounding: .down)
    }
}
