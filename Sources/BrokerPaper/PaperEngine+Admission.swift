internal import Broker
internal import Core

/// Whether an order is taken, and what open orders hold of the cash.
extension PaperEngine {
    /// Takes or refuses one order at `now`, and executes at once what the bar in progress allows.
    ///
    /// - Parameter entry: The order that it protects, just taken; `nil` for an order by itself.
    mutating func accept(
        _ request: OrderRequest, protecting entry: BrokerOrderID? = nil
    ) throws(ArithmeticError) -> SubmitOutcome {
        let symbol = request.instrument.symbol
        guard let instrument = rules.instruments[symbol] else { return PaperRefusal.unknownSymbol(symbol).outcome }
        if let refusal = formRefusal(request, instrument) { return refusal.outcome }
        guard let expiresAt = lifetime(request) else { return PaperRefusal.marketClosed(symbol, now).outcome }
        if let stop = try firstStop(request, instrument), !stop.isPositive {
            return PaperRefusal.unsupported("its stop would begin at \(stop)").outcome
        }
        let reservePrice = try reservePrice(request, instrument)
        // It opens nothing: its entry has paid.
        if entry == nil, let refusal = try fundsRefusal(request, instrument, at: reservePrice) {
            return refusal.outcome
        }
        let order = PaperOrder(
            number: state.nextOrder, clientOrderID: rules.knowsClientOrderIDs ? request.clientOrderID : nil,
            symbol: symbol, side: request.side, type: request.type, quantity: request.quantity,
            timeInForce: request.timeInForce, placedAt: now, updatedAt: now, expiresAt: expiresAt.instant,
            trailedStop: try firstStop(request, instrument), reservePrice: reservePrice ?? .zero,
            entry: entry.flatMap(PaperNumber.parse), worksFrom: entry == nil ? now : nil)
        state.nextOrder += 1
        state.orders.append(order)
        state.bookedThrough = max(state.bookedThrough, now)
        if order.entry != nil { takeUp(state.orders.count - 1) }
        if let place = tapes[symbol]?.barInProgress(at: now) { try matchOpen(symbol, place, at: now) }
        return .acknowledged(order.id, at: now)
    }

    // MARK: Form

    private func formRefusal(_ request: OrderRequest, _ instrument: Instrument) -> PaperRefusal? {
        switch instrument.kind {
        case .stock, .etf: break
        case .future, .option:
            return .unsupported("the paper exchange trades shares and funds, \(instrument.symbol) is a derivative")
        }
        guard PaperConfiguration.timesInForce.contains(request.timeInForce) else {
            return .unsupported("the paper exchange has no auctions, so no order \(request.timeInForce.rawValue)")
        }
        guard PaperConfiguration.orderTypes.contains(request.type.name) else {
            return .unsupported("the paper exchange has no \(request.type.name) orders")
        }
        if let wish = request.handling.wishes.subtracting(PaperConfiguration.handling).min() {
            return .unsupported("the paper exchange works orders plainly, not '\(wish)'")
        }
        if request.timeInForce == .immediateOrCancel, request.type.stopPrice != nil || request.type.trail != nil {
            return .unsupported("a stop order cannot be immediate-or-cancel")
        }
        guard request.quantity.isPositive else { return .quantityNotPositive(request.quantity) }
        guard request.quantity.value.isMultiple(of: instrument.lotSize.value) else {
            return .offLot(request.quantity, lot: instrument.lotSize)
        }
        let rule = instrument.ticks.rule(on: now.utcDate)
        for price in [request.type.limitPrice, request.type.stopPrice].compactMap({ $0 }) {
            guard price.isPositive, rule.isOnGrid(price) else { return .offTick(price, tick: rule.tick(at: price)) }
        }
        for distance in [request.type.trail?.amount, request.type.limitOffset].compactMap({ $0 }) {
            let tick = rule.tick(at: distance)
            guard distance.isPositive, distance.value.isMultiple(of: tick.value) else {
                return .offTick(distance, tick: tick)
            }
        }
        return nil
    }

    /// How long the order lives, or `nil` when the closed market refuses it.
    private func lifetime(_ request: OrderRequest) -> Lifetime? {
        let symbol = request.instrument.symbol
        if !market.isOpen(symbol, at: now) {
            guard request.timeInForce != .immediateOrCancel, queuesWhenClosed(symbol) else { return nil }
        }
        guard request.timeInForce != .goodTillCancelled else { return Lifetime(instant: nil) }
        if request.timeInForce == .goodTillDate {
            guard let until = request.handling.goodUntil, until > now else { return nil }
            return Lifetime(instant: until)
        }
        return Lifetime(
            instant: market.sessionClose(symbol, containing: now) ?? market.nextSessionClose(symbol, after: now))
    }

    private struct Lifetime {
        /// `nil`: until somebody cancels it.
        let instant: Instant?
    }

    func queuesWhenClosed(_ symbol: Symbol) -> Bool {
        switch rules.closedMarket {
        case .refuse: false
        case .queue: true
        case .queueDailyBars: dailySymbols.contains(symbol)
        }
    }

    // MARK: Funds

    /// The price at which the order is held against the cash; `nil` when a market order meets an unknown price.
    func reservePrice(_ request: OrderRequest, _ instrument: Instrument) throws(ArithmeticError) -> Price? {
        switch request.type {
        case .limit(let limit), .stopLimit(_, let limit): return limit
        case .stop(let stop): return try rules.taking(stop, request.side, instrument, on: now.utcDate)
        case .trailingStop:
            guard let stop = try firstStop(request, instrument) else { return nil }
            return try rules.taking(stop, request.side, instrument, on: now.utcDate)
        case .trailingStopLimit(_, let stop, let offset):
            return request.side == .buy ? try stop + offset : stop
        // The others are refused for their form.
        case .market, .marketToLimit, .bestOwnSide, .conditionalLimit:
            guard let last = tapes[instrument.symbol]?.lastPrice(at: now) else { return nil }
            return try rules.taking(last, request.side, instrument, on: now.utcDate)
        }
    }

    func fundsRefusal(
        _ request: OrderRequest, _ instrument: Instrument, at price: Price?
    ) throws(ArithmeticError) -> PaperRefusal? {
        let symbol = instrument.symbol
        let opening = try openingQuantity(symbol, request.side, request.quantity, before: nil)
        if request.side == .sell, opening.isPositive, !rules.allowShort {
            return .shortNotAllowed(
                symbol, held: state.held(symbol), openSells: try openLeaves(symbol, .sell, before: nil),
                wanted: request.quantity)
        }
        guard opening.isPositive else { return nil }
        guard let price else { return .noPrice(symbol) }
        let needed = try need(instrument, request.side, opening, at: price, basis: CommissionBasis())
        let available = try buyingPower(instrument.currency)
        guard needed > available else { return nil }
        return .insufficientCash(
            needed: Money(needed, instrument.currency), available: Money(available, instrument.currency))
    }

    /// Cash that no open order and no short position holds. Currencies never help each other out.
    ///
    /// A short position holds its proceeds and as much again, at average cost: a cash account's view of a short.
    func buyingPower(_ currency: Currency) throws(ArithmeticError) -> FixedPoint {
        var free = state.cash[currency] ?? .zero
        for (symbol, position) in state.positions where position.currency == currency && position.quantity.isNegative {
            guard let instrument = rules.instruments[symbol] else { continue }
            let value = try instrument.notional(position.averageCost, position.quantity.magnitude).amount
            free = try free - value - value
        }
        for order in state.orders where order.isOpen && order.entry == nil {
            guard let instrument = rules.instruments[order.symbol], instrument.currency == currency else { continue }
            let opening = try openingQuantity(order.symbol, order.side, order.leaves, before: order.number)
            guard opening.isPositive else { continue }
            free = try free - need(instrument, order.side, opening, at: order.reservePrice, basis: order.basis)
        }
        return free
    }

    private func need(
        _ instrument: Instrument, _ side: Side, _ quantity: Quantity, at price: Price, basis: CommissionBasis
    ) throws(ArithmeticError) -> FixedPoint {
        var basis = basis
        let costs = try rules.fees.costs(instrument, side, quantity, at: price, on: now.utcDate, basis: &basis)
        return try instrument.notional(price, quantity).amount + costs.fee + costs.tax
    }

    /// What of a quantity would open or enlarge a position, once the open orders before it have closed what they can.
    private func openingQuantity(
        _ symbol: Symbol, _ side: Side, _ quantity: Quantity, before number: Int64?
    ) throws(ArithmeticError) -> Quantity {
        let held = state.held(symbol)
        let closable = max(side == .buy ? -held : held, .zero)
        guard closable.isPositive else { return quantity }
        let left = max(try closable - openLeaves(symbol, side, before: number), .zero)
        return max(try quantity - left, .zero)
    }

    private func openLeaves(_ symbol: Symbol, _ side: Side, before number: Int64?) throws(ArithmeticError) -> Quantity {
        var total = Quantity.zero
        for order in state.orders where order.isOpen && order.symbol == symbol && order.side == side {
            if let number, order.number >= number { break }
            total = try total + claim(order)
        }
        return total
    }
}
