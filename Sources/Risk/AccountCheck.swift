import Core

extension RiskCheck {
    /// Judges the account: loss limits, flattens, stop-losses of open positions, and how much of each limit is used.
    ///
    /// Protection is a state: the result is derived from what is held now, so running it again asks only for what is still
    /// missing. Numbers out of the exact range end in a halt, since an account that cannot be judged must not trade.
    public func account() -> AccountVerdict {
        do {
            return try judgeAccount()
        } catch {
            let halt = HaltOrder(
                scope: .all, code: RiskCode.notCalculable.rawValue,
                message: "The account cannot be calculated exactly (\(error)); check positions and rates, then resume.",
                isEmergency: false)
            let warning = Reason(
                code: halt.code,
                message: "The account cannot be calculated exactly: neither stop-loss nor emergency nor flatten closes "
                    + "anything (\(error)); close by hand what has to be closed.")
            return AccountVerdict(
                newHalts: isHalted(.all, halt.code) ? [] : [halt], protectiveExits: [], deferredExits: [],
                cancelAll: false, cancelOrders: [], finishedFlattens: [], warnings: [warning], numbers: .object([]))
        }
    }

    private func judgeAccount() throws(ArithmeticError) -> AccountVerdict {
        let projection = try projection()
        let day = try loss(since: state.equityAtDayStart, limit: limits.dailyLoss)
        let total = try loss(since: state.equityInitial, limit: limits.emergencyShutdownLoss)
        let isEmergency = total?.isReached == true || isHalted(.all, AccountVerdict.emergencyCode)
        var plan = ExitPlan(check: self, projection: projection)
        for position in held {
            if isEmergency, limits.emergencyClosesPositions {
                try plan.shutDown(position)
            } else if let request = state.flattens.first(where: { $0.scope.covers(position.symbol) }) {
                try plan.flatten(position, request)
            } else {
                try plan.watch(position)
            }
        }
        let cancelsAll = isEmergency && limits.emergencyCancelsOrders
        plan.cancelOrders { order in
            cancelsAll || state.flattens.contains { $0.scope.covers(order.symbol) }
        }
        return AccountVerdict(
            newHalts: halts(day: day, total: total), protectiveExits: plan.exits, deferredExits: plan.deferred,
            cancelAll: cancelsAll, cancelOrders: plan.cancels.sorted(), finishedFlattens: finishedFlattens,
            warnings: try warnings(day: day, projection) + plan.warnings,
            numbers: try numbers(day: day, total: total, projection))
    }

    /// Open positions by symbol and broker.
    private var held: [RiskPosition] {
        state.positions.filter { !$0.quantity.isZero }
            .sorted { ($0.symbol, $0.broker) < ($1.symbol, $1.broker) }
    }

    /// What others have on order in the scope is theirs, and no flatten waits for it. While it is not known what is held at a
    /// broker, there may be something to close yet.
    private var finishedFlattens: [Int64] {
        guard state.unreconciled.isEmpty else { return [] }
        let live = state.liveOrders.filter { $0.isOurs && $0.state.mayBeLive }
        let symbols = Set(held.map(\.symbol) + live.map(\.symbol))
        return state.flattens.filter { !symbols.contains(where: $0.scope.covers) }.map(\.id)
    }

    private func isHalted(_ scope: HaltScope, _ code: String) -> Bool {
        state.activeHalts.contains(HaltView(scope: scope, code: code))
    }

    private func halts(day: LossView?, total: LossView?) -> [HaltOrder] {
        let currency = state.baseCurrency
        var halts: [HaltOrder] = []
        if let total, total.isReached, !isHalted(.all, AccountVerdict.emergencyCode) {
            halts.append(
                HaltOrder(
                    scope: .all, code: AccountVerdict.emergencyCode,
                    message: "Total loss of \(total.loss) \(currency) has reached the emergency limit of "
                        + "\(total.threshold) \(currency): \(emergencyActions); 'takt resume' starts trading again.",
                    isEmergency: true))
        }
        if let day, day.isReached, !isHalted(.all, AccountVerdict.dailyLossCode) {
            halts.append(
                HaltOrder(
                    scope: .all, code: AccountVerdict.dailyLossCode,
                    message: "The loss of the day of \(day.loss) \(currency) has reached the limit of "
                        + "\(day.threshold) \(currency): nothing new is opened, exits go on; "
                        + "'takt resume' starts trading again.",
                    isEmergency: false))
        }
        return halts
    }

    private var emergencyActions: String {
        switch (limits.emergencyCancelsOrders, limits.emergencyClosesPositions) {
        case (true, true): "orders are cancelled and positions closed"
        case (true, false): "orders are cancelled; positions stay, watched by their stop-losses"
        case (false, true): "positions are closed; orders elsewhere stay"
        case (false, false): "nothing new is opened; orders and positions stay, as configured"
        }
    }
}

// MARK: - Warnings and numbers

extension RiskCheck {
    private func warnings(day: LossView?, _ projection: Projection) throws(ArithmeticError) -> [Reason] {
        var warnings: [Reason] = []
        if knownEquity == nil {
            let missing = Set(state.unpriced + projection.unvalued).sorted().map(\.text).joined(separator: ", ")
            warnings.append(
                Reason(
                    code: "equity-unknown",
                    message: "Equity is not known\(missing.isEmpty ? "" : " (no price or rate for \(missing))"); "
                        + "nothing new is opened and the loss limits are not judged. `takt positions price` says what a holding "
                        + "without a market is worth."))
        }
        if let day, !day.isReached, let warning = try approaching(day) { warnings.append(warning) }
        guard let equity = knownEquity, equity.isPositive else { return warnings }
        for symbol in Set(projection.holdings.keys.map(\.symbol)).sorted() {
            let size = try equity.multiplied(by: limits.positionSize(of: symbol).value, rounding: .down)
            guard let value = try projection.worstValue(of: symbol), value > size else { continue }
            warnings.append(
                Reason(
                    code: "position-over-limit",
                    message: "The position in \(symbol) is over its limit: it could be worth \(value) "
                        + "\(state.baseCurrency), allowed are \(size)."))
        }
        let gross = projection.worstGrossExposure
        let most = try equity.multiplied(by: limits.maxLeverage.value, rounding: .down)
        if let gross, gross > most {
            warnings.append(
                Reason(
                    code: "leverage-over-limit",
                    message:
                        "Gross exposure is over its limit: it could be \(gross) \(state.baseCurrency), allowed are "
                        + "\(most)."))
        }
        return warnings
    }

    /// From half of the daily limit on, and again from three quarters on; the value itself counts.
    private func approaching(_ day: LossView) throws(ArithmeticError) -> Reason? {
        let quarter = try FixedPoint(units: FixedPoint.unitsPerOne / 4)
        for (share, name) in [(try FixedPoint.one - quarter, "75"), (try quarter + quarter, "50")] {
            let mark = try day.threshold.multiplied(by: share, rounding: .up)
            guard mark.isPositive, day.loss >= mark else { continue }
            return Reason(
                code: "daily-loss-\(name)",
                message: "The loss of the day is \(day.loss) \(state.baseCurrency), over \(name) % of the limit of "
                    + "\(day.threshold).")
        }
        return nil
    }

    private func numbers(
        day: LossView?, total: LossView?, _ projection: Projection
    ) throws(ArithmeticError) -> JSONValue {
        let equity = knownEquity
        var drawdown: FixedPoint?
        if let equity, let mark = state.highWaterMark, mark.currency == state.baseCurrency, mark.amount.isPositive {
            drawdown = try LossView(loss: try mark.amount - equity, reference: mark.amount, threshold: .zero).share()
        }
        var largest: FixedPoint? = .zero
        for symbol in Set(projection.holdings.keys.map(\.symbol)) {
            guard let known = largest, let value = try projection.worstValue(of: symbol) else {
                largest = nil
                break
            }
            largest = max(known, value)
        }
        return [
            "equity": JSONValue(equity),
            "currency": JSONValue(state.baseCurrency),
            "drawdown": JSONValue(drawdown),
            "daily_loss": Self.usage(try day?.share(), limits.dailyLoss.value),
            "total_loss": Self.usage(try total?.share(), limits.emergencyShutdownLoss.value),
            "position_size": Self.usage(try share(largest, of: equity), limits.positionSize.value),
            "leverage": Self.usage(
                try share(projection.worstGrossExposure, of: equity), limits.maxLeverage.value),
            "positions": Self.usage(FixedPoint(projection.positionCount), FixedPoint(limits.maxPositionCount)),
            "daily_orders": Self.usage(FixedPoint(projection.ordersToday), FixedPoint(limits.maxDailyOrders)),
        ]
    }

    private func share(_ value: FixedPoint?, of equity: FixedPoint?) throws(ArithmeticError) -> FixedPoint? {
        guard let value, let equity, equity.isPositive else { return nil }
        return try value.divided(by: equity, rounding: .halfEven).rounded(toDigits: 6, .halfEven)
    }

    private static func usage(_ used: FixedPoint?, _ limit: FixedPoint) -> JSONValue {
        ["used": JSONValue(used), "limit": JSONValue(limit)]
    }
}
