internal import Broker
internal import Core

/// Splits and dividends. They touch what was held and ordered before the session of the ex-date.
extension PaperEngine {
    /// Brings what has been applied of an event to what is in force of it: the whole action at first, the difference where it
    /// was corrected, moved by days or taken back. An event that is as it should be is left alone, however often it is due.
    mutating func apply(_ action: CorporateAction, at instant: Instant) throws(ArithmeticError) {
        let inForce = rules.actions.filter { $0.isSameEvent(as: action) && effect(of: $0) != nil }
        let applied = state.appliedActions.sorted().compactMap { CorporateAction(id: $0) }
            .filter { $0.isSameEvent(as: action) }
        let right = Set(inForce.map(\.id))
        guard right != Set(applied.map(\.id)) else { return }
        state.appliedActions.subtract(applied.map(\.id))
        state.appliedActions.formUnion(right)
        guard let instrument = rules.instruments[action.symbol] else { return }
        guard !action.isSplit else {
            let change = CorporateAction.whole(inForce + applied.map(\.inverse))
            guard case .split(let new, let old) = change else { return }
            // The last close is of before the whole of it.
            let price = try prices[action.id].map { (price) throws(ArithmeticError) in
                try Self.price(price, after: CorporateAction.whole(inForce))
            }
            try splitPosition(instrument, action, new: new, old: old, closing: price, at: instant)
            try splitOrders(instrument, on: action.exDate, new: new, old: old, at: instant)
            return
        }
        let difference = try Self.perShare(inForce) - Self.perShare(applied)
        guard !difference.isZero, case .dividend(_, let taxRate) = (inForce.first ?? action).kind else { return }
        try payDividend(instrument, action, perShare: difference, taxRate: taxRate, at: instant)
    }

    /// What the dividends of a day come to.
    private static func perShare(_ actions: [CorporateAction]) throws(ArithmeticError) -> FixedPoint {
        var sum = FixedPoint.zero
        for action in actions {
            if case .dividend(let perShare, _) = action.kind { sum = try sum + perShare }
        }
        return sum
    }

    /// What was held when the action took effect.
    private func held(at action: CorporateAction) throws(ArithmeticError) -> Quantity {
        try state.held(action.symbol) - (tradedSince[action.id] ?? .zero)
    }

    /// Quantity × new ÷ old, at the same cost in all. The fraction of a share that arises is paid out at the last close, if
    /// one is known; otherwise it stays in the position.
    private mutating func splitPosition(
        _ instrument: Instrument, _ action: CorporateAction, new: Int, old: Int, closing price: Price?,
        at instant: Instant
    ) throws(ArithmeticError) {
        let before = try held(at: action)
        guard !before.isZero else { return }
        var position =
            state.positions[instrument.symbol]
            ?? PaperPosition(quantity: .zero, averageCost: .zero, currency: instrument.currency)
        let (new, old) = (FixedPoint(new), FixedPoint(old))
        let since = try position.quantity.value - before.value
        let exact = try before.value.scaled(by: new, over: old, rounding: .halfEven)
        position.averageCost = try averageCost(of: position, becoming: try exact + since, new, old)
        let whole = try exact.rounded(toDigits: 0, .towardZero)
        let fraction = try exact - whole
        var paidAt: Price?
        if let price, !fraction.isZero {
            try state.credit(try instrument.notional(price, Quantity(fraction)).amount, instrument.currency)
            position.quantity = Quantity(try whole + since)
            paidAt = price
        } else {
            position.quantity = Quantity(try exact + since)
        }
        state.positions[instrument.symbol] = position
        record(
            .split(
                instrument.symbol, new: Int(new.units / FixedPoint.unitsPerOne),
                old: Int(old.units / FixedPoint.unitsPerOne), cashInLieuPrice: paidAt), at: instant)
    }

    private static func price(
        _ price: Price, after kind: CorporateAction.Kind?
    ) throws(ArithmeticError) -> Price {
        guard case .split(let new, let old) = kind else { return price }
        return Price(try price.value.scaled(by: FixedPoint(old), over: FixedPoint(new), rounding: .halfEven))
    }

    private func averageCost(
        of position: PaperPosition, becoming quantity: FixedPoint, _ new: FixedPoint, _ old: FixedPoint
    ) throws(ArithmeticError) -> Price {
        let cost = position.averageCost.value
        // Nothing was traded since: the ratio itself, without the rounding of a sum.
        if try position.quantity.value.scaled(by: new, over: old, rounding: .halfEven) == quantity {
            return Price(try cost.scaled(by: old, over: new, rounding: .halfEven))
        }
        guard !quantity.isZero else { return .zero }
        let paid = try cost.multiplied(by: position.quantity.value, rounding: .halfEven)
        return Price(try paid.divided(by: quantity, rounding: .halfEven).magnitude)
    }

    /// What an open order still wants is multiplied, its prices are divided and moved onto the grid away from the
    /// market, what it has already traded stays. An order of which less than a lot is left is cancelled.
    private mutating func splitOrders(
        _ instrument: Instrument, on date: CivilDate, new: Int, old: Int, at instant: Instant
    ) throws(ArithmeticError) {
        for (index, order) in state.orders.enumerated()
        where order.symbol == instrument.symbol && order.placedAt < instant {
            // Its entry may have ended a moment ago, and it with that.
            guard state.orders[index].isOpen else { continue }
            let leaves = try order.leaves.value.scaled(by: FixedPoint(new), over: FixedPoint(old), rounding: .down)
                .rounded(toMultipleOf: instrument.lotSize.value, .down)
            guard leaves.isPositive else {
                finish(index, .cancelled, at: instant, "a split of \(new) for \(old) left less than a lot")
                continue
            }
            func adjusted(_ price: Price, _ rounding: RoundingRule) throws(ArithmeticError) -> Price {
                let exact = Price(
                    try price.value.scaled(by: FixedPoint(old), over: FixedPoint(new), rounding: .halfEven))
                let rule = instrument.ticks.rule(on: date)
                let moved = try rule.rounded(exact, rounding)
                return moved.isPositive ? moved : rule.tick(at: exact)
            }
            let isBuy = order.side == .buy
            switch order.type {
            // The last three are none of its orders.
            case .market, .marketToLimit, .bestOwnSide, .conditionalLimit: break
            case .trailingStop(.share): break
            case .trailingStop(.amount(let amount)):
                state.orders[index].type = .trailingStop(.amount(try adjusted(amount, .up)))
            case .trailingStopLimit(let trail, let first, let offset):
                let moved: Trail =
                    if case .amount(let amount) = trail { .amount(try adjusted(amount, .up)) } else { trail }
                state.orders[index].type = .trailingStopLimit(
                    moved, firstStop: try adjusted(first, isBuy ? .up : .down), limitOffset: try adjusted(offset, .up))
            case .limit(let limit): state.orders[index].type = .limit(try adjusted(limit, isBuy ? .down : .up))
            case .stop(let stop): state.orders[index].type = .stop(try adjusted(stop, isBuy ? .up : .down))
            case .stopLimit(let stop, let limit):
                state.orders[index].type = .stopLimit(
                    stop: try adjusted(stop, isBuy ? .up : .down), limit: try adjusted(limit, isBuy ? .down : .up))
            }
            state.orders[index].quantity = try order.filled + Quantity(leaves)
            if let stop = order.trailedStop {
                state.orders[index].trailedStop = try adjusted(stop, isBuy ? .up : .down)
            }
            state.orders[index].reservePrice = try adjusted(order.reservePrice, .up)
            state.orders[index].updatedAt = now
            state.bookedThrough = max(state.bookedThrough, instant)
        }
    }

    /// Holders receive the dividend less tax, and pay that back when it is taken back; who is short pays it in full.
    private mutating func payDividend(
        _ instrument: Instrument, _ action: CorporateAction, perShare: FixedPoint, taxRate: Fraction,
        at instant: Instant
    ) throws(ArithmeticError) {
        let held = try held(at: action)
        guard !held.isZero else { return }
        let gross = try held.value.multiplied(by: perShare, rounding: .halfEven)
        let tax = held.isPositive ? try gross.multiplied(by: taxRate.value, rounding: .halfEven) : .zero
        try state.credit(try gross - tax, instrument.currency)
        record(
            .dividend(instrument.symbol, perShare: perShare, taxRate: taxRate, currency: instrument.currency),
            at: instant)
    }

    private mutating func record(_ kind: AccountActivity.Kind, at instant: Instant) {
        state.activities.append(PaperActivity(number: state.nextActivity, at: instant, recordedAt: now, kind: kind))
        state.nextActivity += 1
        state.bookedThrough = max(state.bookedThrough, instant)
    }
}
