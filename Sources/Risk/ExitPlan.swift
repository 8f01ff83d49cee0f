import Core

/// Works out, position by position, which exits protect the account and which orders stand in their way.
struct ExitPlan {
    let check: RiskCheck
    let projection: Projection
    private(set) var exits: [ProtectiveExit] = []
    private(set) var deferred: [ProtectiveExit] = []
    private(set) var cancels: Set<ClientOrderID> = []
    private(set) var warnings: [Reason] = []

    init(check: RiskCheck, projection: Projection) {
        self.check = check
        self.projection = projection
    }

    /// Closes a position because the emergency limit is reached.
    mutating func shutDown(_ position: RiskPosition) throws(ArithmeticError) {
        try close(
            position, .flatten,
            Reason(
                code: AccountVerdict.emergencyCode,
                message: "The position of \(position.quantity) \(position.symbol) is closed: total loss has reached "
                    + "the emergency limit."))
    }

    /// Closes a position because an operator ordered it.
    mutating func flatten(_ position: RiskPosition, _ request: FlattenRequest) throws(ArithmeticError) {
        try close(
            position, .flatten, Reason(code: "flatten", message: "ordered by \(request.orderedBy): \(request.reason)"))
    }

    /// Closes a position whose loss has reached its stop-loss; the loss that equals the limit counts.
    mutating func watch(_ position: RiskPosition) throws(ArithmeticError) {
        let newest = check.newestPrice(position.symbol, position)
        guard let price = newest?.price(at: check.now, maxAge: check.limits.staleAfter(of: position.symbol)) else {
            // Between the sessions a price is always old, and no stop could act on it.
            guard check.markets[position.symbol]?.isOpen != false else { return }
            let known = newest.map { "its newest price is of \($0.asOf)" } ?? "it has no price"
            warn(
                "stop-unwatched",
                "The stop-loss of \(position.symbol) at \(position.broker) is not watched: \(known).")
            return
        }
        guard position.averageCost.isPositive else {
            return warn(
                "stop-unwatched",
                "The stop-loss of \(position.symbol) at \(position.broker) is not watched: what it cost is not known.")
        }
        let isLong = position.quantity.isPositive
        let loss = isLong ? try position.averageCost - price : try price - position.averageCost
        let limit = check.limits.stopLoss(of: position.symbol)
        // A distance is a multiple of 10^-8: it reaches the exact product just when it reaches the product rounded up.
        let threshold = try position.averageCost.value.magnitude.multiplied(by: limit.value, rounding: .up)
        guard loss.isPositive, loss.value >= threshold else { return }
        try close(
            position, .stopLoss,
            Reason(
                code: OrderPurpose.stopLoss.rawValue,
                message: "\(position.symbol) is at \(price), \(loss) per unit worse than its average cost of "
                    + "\(position.averageCost); the stop-loss of \(limit) acts from \(threshold)."))
    }

    /// Withdraws the orders of ours that are meant, but no exit that is executed at the market now: all others may still open
    /// risk, or stand in the way of an exit.
    mutating func cancelOrders(where isMeant: (ManagedOrder) -> Bool) {
        for order in check.state.liveOrders where isMeant(order) && order.isCancellable && !isMarketExit(order) {
            cancels.insert(order.clientOrderID)
        }
    }

    /// Plans the exit of what no exit on its way takes already, in whole lots. What cannot be closed is told.
    private mutating func close(
        _ position: RiskPosition, _ purpose: OrderPurpose, _ reason: Reason
    ) throws(ArithmeticError) {
        let key = HoldingKey(symbol: position.symbol, broker: position.broker)
        // Two accounts at one broker are one holding here, and one exit.
        guard !(exits + deferred).contains(where: { $0.symbol == key.symbol && $0.broker == key.broker }) else {
            return
        }
        cancelOrders { $0.symbol == key.symbol && $0.broker == key.broker }
        guard let market = check.markets[key.symbol] else {
            return warnImpossible(key, "symbols.yaml does not list it; add it there, or close the position by hand")
        }
        guard check.brokers[key.broker] != nil else {
            return warnImpossible(key, "the broker is not enabled; see brokers.yaml, or close the position by hand")
        }
        let holding = projection.holding(key)
        let side: Side = holding.held.isNegative ? .buy : .sell
        let exitable = try holding.exitable()
        warnOfMissing(key, holding, exitable)
        guard exitable.isPositive else { return warnIfBlocked(key, holding, side) }
        let quantity = try wholeLots(exitable, of: market.instrument, key)
        guard quantity.isPositive else { return }
        let exit = ProtectiveExit(
            symbol: key.symbol, exchange: market.instrument.exchange, broker: key.broker, side: side,
            quantity: quantity, purpose: purpose,
            referencePrice: check.mark(key.symbol, position) ?? position.averageCost, reason: reason)
        if market.isOpen { exits.append(exit) } else { deferred.append(exit) }
    }

    private mutating func wholeLots(
        _ quantity: Quantity, of instrument: Instrument, _ key: HoldingKey
    ) throws(ArithmeticError) -> Quantity {
        let lot = instrument.lotSize
        let whole = Quantity(try quantity.value.rounded(toMultipleOf: lot.value, .down))
        let rest = try quantity - whole
        if !rest.isZero {
            warn(
                "odd-lot",
                "\(key.symbol) at \(key.broker) is no whole number of lots: \(rest) of \(quantity) are "
                    + "less than the lot of \(lot) and have to be closed by hand.")
        }
        return whole
    }

    private mutating func warn(_ code: String, _ message: String) {
        warnings.append(Reason(code: code, message: message))
    }

    private mutating func warnImpossible(_ key: HoldingKey, _ why: String) {
        warn("exit-impossible", "\(key.symbol) at \(key.broker) cannot be closed: \(why).")
    }

    /// More is held than the broker knows of: the exit stops there.
    private mutating func warnOfMissing(_ key: HoldingKey, _ holding: Projection.Holding, _ exitable: Quantity) {
        guard let atBroker = holding.atBroker, holding.closable < holding.held.magnitude else { return }
        let underWay = holding.held.isNegative ? holding.buying : holding.selling
        let besides = underWay.isZero ? "" : " beside the \(underWay) that are on their way out"
        warn(
            "exit-capped",
            "Our books hold \(holding.held) \(key.symbol), those of \(key.broker) \(atBroker): no more than \(exitable) are "
                + "closed now\(besides); 'takt breaks' shows the difference, which has to be explained first.")
    }

    /// Nothing of the position is free. That is as it should be while an exit of ours is on its way, or an order of ours in
    /// its way is being withdrawn; orders that are not ours, or of which nobody knows whether they stand, could tie it up
    /// for good.
    private mutating func warnIfBlocked(_ key: HoldingKey, _ holding: Projection.Holding, _ closing: Side) {
        let orders = check.state.liveOrders.filter {
            $0.symbol == key.symbol && $0.broker == key.broker && $0.side == closing && $0.leavesQuantity.isPositive
        }
        let isApproved = check.state.approvedIntents.contains {
            $0.symbol == key.symbol && $0.broker == key.broker && $0.side == closing
        }
        guard !isApproved, holding.closable.isPositive, orders.allSatisfy({ !$0.isOurs || isDoubtful($0) })
        else { return }
        let causes = orders.sorted { $0.clientOrderID < $1.clientOrderID }.map { order in
            let name = order.brokerOrderID?.text ?? order.clientOrderID.text
            return !order.isOurs
                ? "the foreign order \(name), which takt leaves alone: cancel it at the broker"
                : order.isMissing
                    ? "the order \(name), which the broker no longer lists: settle it with 'takt orders settle'"
                    : "the order \(name), which is \(order.state.rawValue): 'takt reconcile' has to settle it"
        }
        warn(
            "exit-blocked",
            "\(key.symbol) at \(key.broker) cannot be closed now: of its \(holding.held.magnitude) nothing is free"
                + (causes.isEmpty ? "." : "; taken by \(causes.joined(separator: ", by "))."))
    }

    private func isDoubtful(_ order: ManagedOrder) -> Bool {
        order.state == .inDoubt || order.state == .cancelInDoubt || order.isMissing
    }

    /// Whether it closes the position now: one that waits for an auction, or is worked over time by an algorithm, leaves the
    /// position open until then.
    private func isMarketExit(_ order: ManagedOrder) -> Bool {
        guard order.type == .market, order.handling.algorithm == nil else { return false }
        switch order.timeInForce {
        case .atClose: return false
        case .atOpen where check.markets[order.symbol]?.isOpen ?? true: return false
        case .day, .goodTillCancelled, .goodTillDate, .immediateOrCancel, .fillOrKill, .atOpen: break
        }
        let held = projection.holding(HoldingKey(symbol: order.symbol, broker: order.broker)).held
        return held.isPositive && order.side == .sell || held.isNegative && order.side == .buy
    }
}
