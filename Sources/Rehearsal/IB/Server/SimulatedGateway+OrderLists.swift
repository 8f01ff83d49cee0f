internal import Core
internal import Sessions

/// The lists of orders and executions that clients ask for.
extension SimulatedGateway {
    /// What the gateway knows: while its line is down, what it knew when it was lost.
    private var known: (orders: [GatewayOrder], fills: [GatewayFill]) {
        switch link {
        case .up: (market.orders, market.fills)
        case .down(let orders, let fills): (orders + queuedOrders.map { market.orders[$0] }, fills)
        }
    }

    mutating func openOrders(_ connection: Int, all: Bool) {
        guard let client = clients[connection], let clientId = client.clientId else { return }
        for order in known.orders where order.isOpen && isVisible(order) {
            if order.isByHand {
                guard all || clientId == 0 else { continue }
            } else {
                guard all || order.clientId == clientId else { continue }
            }
            var order = order
            if order.isByHand, clientId == 0, !all { order = bound(order) }
            // Ids that a client has been shown are not free any more.
            usedIds[clientId] = max(usedIds[clientId] ?? 0, order.orderId)
            show(order, to: connection)
        }
        say(connection, GatewayAnswer("openOrderEnd", ["53", "1"]))
    }

    mutating func autoOpenOrders(_ connection: Int, _ bind: Bool) throws(GatewayRefusal) {
        guard clients[connection]?.clientId == 0 else {
            throw GatewayRefusal(327, "Only API connections with clientId set to 0 can auto bind TWS orders.")
        }
        clients[connection]?.bindsOrders = bind
        guard bind else { return }
        for order in market.orders where order.isByHand && order.isOpen { _ = bound(order) }
    }

    /// Gives an order that was made by hand an id, below zero, under which client 0 can change and cancel it.
    mutating func bound(_ order: GatewayOrder) -> GatewayOrder {
        guard order.isByHand, order.orderId == 0 else { return order }
        lastBoundId -= 1
        market.orders[order.index].orderId = lastBoundId
        for client in clients.values where client.clientId == 0 {
            say(client.connection, GatewayAnswer("orderBound", ["100", "\(order.permId)", "0", "\(lastBoundId)"]))
        }
        return market.orders[order.index]
    }

    mutating func completedOrders(_ connection: Int) {
        guard clients[connection] != nil else { return }
        let answers = answers(for: connection)
        let today = day(now)
        for order in known.orders
        where !order.isOpen && order.permId != 0 && order.completedAt.map(day) == today && isVisible(order) {
            say(connection, answers.completed(order))
        }
        say(connection, GatewayAnswer("completedOrdersEnd", ["102"]))
    }

    private func isVisible(_ order: GatewayOrder) -> Bool { order.visibleAt.map { $0 <= now } ?? true }

    /// The account's day.
    private func day(_ instant: Instant) -> CivilDate { GatewayMarket.newYork.local(instant).date }

    mutating func executions(_ connection: Int, _ id: Int, _ filter: GatewayRequest.ExecutionFilter) {
        guard let client = clients[connection] else { return }
        let answers = answers(for: connection)
        let since = filter.time.isEmpty ? nil : GatewayTime.instant(filter.time, zone: GatewayMarket.newYork)
        let (orders, fills) = known
        for fill in fills where day(fill.at) == day(now) && since.map({ fill.at >= $0 }) ?? true {
            // The gateway that was cut off knows the order, or it would not know the fill.
            guard fill.order < orders.count else { continue }
            let order = orders[fill.order]
            guard isVisible(order), matches(order, fill, filter) else { continue }
            say(connection, answers.execution(fill, order, requestId: id))
            if isAudience(client, order) { say(connection, answers.commission(fill, order)) }
        }
        say(connection, GatewayAnswer("execDetailsEnd", ["55", "1", "\(id)"]))
    }

    private func matches(
        _ order: GatewayOrder, _ fill: GatewayFill, _ filter: GatewayRequest.ExecutionFilter
    ) -> Bool {
        let side = order.ticket.isBuy ? "BUY" : "SELL"
        return (filter.clientId == 0 || filter.clientId == order.clientId)
            && (filter.account.isEmpty || filter.account == fill.account)
            && (filter.symbol.isEmpty || filter.symbol == order.contract.symbol)
            && (filter.secType.isEmpty || filter.secType == order.contract.secType)
            && (filter.exchange.isEmpty || filter.exchange == order.contract.primaryExchange)
            && (filter.side.isEmpty || filter.side == side)
    }
}
