internal import Broker
internal import Core

/// Splits and dividends. They touch what was held and ordered before the session of the ex-date.
extension PaperEngine {
    /// Books an action, or what is left of it to book: where another version of it has been applied, the difference to that;
    /// where it has been applied itself and is due again, it was taken back.
    mutating func apply(_ action: CorporateAction, at instant: Instant) throws(ArithmeticError) {
        let isWithdrawn = state.appliedActions.contains(action.id)
        let applied = isWithdrawn ? action : appliedVersion(of: action)
        if let applied { state.appliedActions.remove(applied.id) }
        if !isWithdrawn { state.appliedActions.insert(action.id) }
        guard let instrument = rules.instruments[action.symbol] else { return }
        switch try Self.change(from: applied, to: isWithdrawn ? nil : action) {
        case nil: break
        case .split(let new, let old):
            // The last close is of before the whole of it.
            let whole = isWithdrawn ? CorporateAction.Kind.split(new: 1, old: 1) : action.kind
            let price = try prices[action.id].map { (price) throws(ArithmeticError) in
                try Self.price(price, after: whole)
            }
            try splitPosition(instrument, action, new: new, old: old, closing: price, at: instant)
            try splitOrders(instrument, on: action.exDate, new: new, old: old, at: instant)
        case .dividend(let perShare, let taxRate):
            try payDividend(instrument, action, perShare: perShare, taxRate: taxRate, at: instant)
        }
    }

    /// What has been applied in the place of an action, and is not in force any more.
    private func appliedVersion(of action: CorporateAction) -> CorporateAction? {
        let inForce = Set(rules.actions.map(\.id))
        return state.appliedActions.subtracting(inForce).sorted().compactMap { CorporateAction(id: $0) }
            .first { $0.isSameEvent(as: action) }
    }

    /// What turns the one into the other; `nil` where they come to the same.
    private static func change(
        from applied: CorporateAction?, to action: CorporateAction?
    ) throws(ArithmeticError) -> CorporateAction.Kind? {
        guard let latest = action ?? applied else { return nil }
        guard !latest.isSplit else {
            return CorporateAction.whole([action, applied?.inverse].compactMap { $0 })
        }
        func perShare(_ action: CorporateAction?) -> FixedPoint {
            if case .dividend(let perShare, _) = action?.kind { perShare } else { .zero }
        }
        guard case .dividend(_, let taxRate) = latest.kind else { return nil }
        let difference = try perShare(action) - perShare(applied)
        return difference.isZero ? nil : .dividend(perShare: difference, taxRate: taxRate)
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
        _ price: Price, after kind: CorporateAction.Kind
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
        where order.isOpen && order.symbol == instrument.symbol && order.placedAt < instant {
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
            case .market: break
            case .limit(let limit): state.orders[index].type = .limit(try adjusted(limit, isBuy ? .down : .up))
            case .stop(let stop): state.orders[index].type = .stop(try adjusted(stop, isBuy ? .up : .down))
            case .stopLimit(let stop, let limit):
                state.orders[index].type = .stopLimit(
                    stop: try adjusted(stop, isBuy ? .up : .down), limit: try adjusted(limit, isBuy ? .down : .up))
            }
            state.orders[index].quantity = try order.filled + Quantity(leaves)
            state.orders[index].reservePrice = try adjusted(order.reservePrice, .up)
            state.orders[index].updatedAt = now
            state.bookedThrough = max(state.bookedThrough, instant)
        }
    }

    /// Holders receive the dividend less tax; who is short pays it in full.
    private mutating func payDividend(
        _ instrument: Instrument, _ action: CorporateAction, perShare: FixedPoint, taxRate: Fraction,
        at instant: Instant
    ) throws(ArithmeticError) {
        let held = try held(at: action)
        guard !held.isZero else { return }
        let gross = try held.value.multiplied(by: perShare, rounding: .halfEven)
        let tax = gross.isPositive ? try gross.multiplied(by: taxRate.value, rounding: .halfEven) : .zero
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
