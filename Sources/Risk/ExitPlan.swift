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
    mutating func flatten(_ position: RiskPosition) throws(ArithmeticError) {
        try close(
            position, .flatten,
            Reason(
                code: AccountVerdict.emergencyCode,
                message: "The position of \(position.quantity) \(position.symbol) is closed: total loss has reached "
                    + "the emergency limit."))
    }

    /// Closes a position whose loss has reached its stop-loss; the loss that equals the limit counts.
    mutating func watch(_ position: RiskPosition) throws(ArithmeticError) {
        let newest = check.markets[position.symbol]?.lastPrice ?? position.lastPrice
        guard let price = newest?.price(at: check.now, maxAge: check.limits.staleAfter(of: position.symbol)) else {
            // Between the sessions a price is always old, and no stop could act on it.
            guard check.markets[position.symbol]?.isOpen != false else { return }
            let known = newest.map { "its newest price is of \($0.asOf)" } ?? "it has no price"
            warn(
                "stop-unwatched",
                "The stop-loss of \(position.symbol) at \(position.broker) is not watched: \(known).")
            return
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

    /// Everything of ours that may still open risk or stands in the way of an exit.
    mutating func cancelEverything() {
        for order in check.state.liveOrders where isCancellable(order) && !isMarketExit(order) {
            cancels.insert(order.clientOrderID)
        }
    }

    private mutating func close(
        _ position: RiskPosition, _ purpose: OrderPurpose, _ reason: Reason
    ) throws(ArithmeticError) {
        let key = HoldingKey(symbol: position.symbol, broker: position.broker)
        for order in check.state.liveOrders
        where order.symbol == key.symbol && order.broker == key.broker && isCancellable(order) && !isMarketExit(order) {
            cancels.insert(order.clientOrderID)
        }
        let side: Side = position.quantity.isPositive ? .sell : .buy
        var quantity = try projection.holding(key).exitable()
        if let lot = check.markets[position.symbol]?.instrument.lotSize {
            let whole = Quantity(try quantity.value.rounded(toMultipleOf: lot.value, .down))
            if whole != quantity {
                warn(
                    "odd-lot",
                    "\(position.symbol) at \(position.broker): \(quantity) is no multiple of \(lot); "
                        + "the rest has to be closed by hand.")
            }
            quantity = whole
        }
        guard quantity.isPositive else { return }
        let earlier = check.state.positions.filter {
            $0.symbol == position.symbol && $0.broker < position.broker && !$0.quantity.isZero
        }
        let exit = ProtectiveExit(
            symbol: position.symbol, broker: position.broker, side: side, quantity: quantity, purpose: purpose,
            leg: 1 + earlier.count, referencePrice: check.mark(position.symbol, position) ?? position.averageCost,
            reason: reason)
        if check.markets[position.symbol]?.isOpen == true { exits.append(exit) } else { deferred.append(exit) }
    }

    private mutating func warn(_ code: String, _ message: String) {
        warnings.append(Reason(code: code, message: message))
    }

    /// Ours, known to stand at the broker, and not being cancelled already.
    private func isCancellable(_ order: ManagedOrder) -> Bool {
        guard order.origin == .takt else { return false }
        switch order.state {
        case .acknowledged, .working, .partiallyFilled: return true
        case .proposed, .approved, .rejected, .submitting, .inDoubt, .filled, .cancelling, .cancelInDoubt, .cancelled,
            .expired, .rejectedByBroker:
            return false
        }
    }

    private func isMarketExit(_ order: ManagedOrder) -> Bool {
        guard order.type == .market else { return false }
        let held = projection.holding(HoldingKey(symbol: order.symbol, broker: order.broker)).held
        return held.isPositive && order.side == .sell || held.isNegative && order.side == .buy
    }
}
