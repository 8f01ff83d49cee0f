internal import Broker
internal import Core

/// New prices for an open order.
extension PaperEngine {
    /// Takes or refuses new prices at `now`, and executes at once what the bar in progress then allows. Number, place in the
    /// line and what was executed stay; what is left has to be paid for at the new price. `nil` for an order that is not open.
    mutating func revise(_ request: RevisionRequest) throws(ArithmeticError) -> ChangeOutcome? {
        guard let number = PaperNumber.parse(request.brokerOrderID),
            let index = state.orders.firstIndex(where: { $0.number == number && $0.isOpen })
        else { return nil }
        let order = state.orders[index]
        guard order.type.name == request.type.name, order.symbol == request.instrument.symbol else {
            return refused(.unsupported("a \(order.type.name) order cannot become a \(request.type.name) order"))
        }
        guard !order.isTriggered || order.type.stopPrice == request.type.stopPrice else {
            return refused(.unsupported("its stop was touched already"))
        }
        guard let instrument = rules.instruments[order.symbol] else { return refused(.unknownSymbol(order.symbol)) }
        guard market.isOpen(order.symbol, at: now) || queuesWhenClosed(order.symbol) else {
            return refused(.marketClosed(order.symbol, now))
        }
        let asked = OrderRequest(
            clientOrderID: request.clientOrderID, instrument: instrument, side: order.side, type: request.type,
            quantity: order.leaves, timeInForce: order.timeInForce)
        let rule = instrument.ticks.rule(on: now.utcDate)
        for price in [request.type.limitPrice, request.type.stopPrice].compactMap({ $0 }) {
            guard price.isPositive, rule.isOnGrid(price) else {
                return refused(.offTick(price, tick: rule.tick(at: price)))
            }
        }
        // What the order holds of cash and shares at its old price is free for its new one.
        state.orders[index].status = .cancelled
        let reserve = try reservePrice(asked, instrument)
        let refusal = order.entry == nil ? try fundsRefusal(asked, instrument, at: reserve) : nil
        state.orders[index].status = order.status
        if let refusal { return refused(refusal) }
        state.orders[index].type = request.type
        state.orders[index].reservePrice = reserve ?? order.reservePrice
        state.orders[index].updatedAt = now
        state.bookedThrough = max(state.bookedThrough, now)
        if let place = tapes[order.symbol]?.barInProgress(at: now) { try matchOpen(order.symbol, place, at: now) }
        return .accepted
    }

    private func refused(_ refusal: PaperRefusal) -> ChangeOutcome {
        .refused(code: refusal.code, message: refusal.message)
    }
}
