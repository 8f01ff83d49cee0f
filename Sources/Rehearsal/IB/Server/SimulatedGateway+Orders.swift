internal import Core
internal import Sessions

/// Placing, changing and cancelling orders.
extension SimulatedGateway {
    // MARK: Placing

    mutating func placeOrder(
        _ connection: Int, _ orderId: Int, _ query: ContractQuery, _ ticket: GatewayTicket
    ) throws(GatewayRefusal) {
        guard let clientId = clients[connection]?.clientId else { return }
        let contract = try contract(query)
        var ticket = ticket
        if ticket.account.isEmpty, market.accounts.count == 1 { ticket.account = market.accounts.keys.first ?? "" }
        guard market.accounts[ticket.account] != nil else {
            throw ticket.account.isEmpty
                ? GatewayRefusal(435, "You must specify an account.")
                : GatewayRefusal(
                    321, "Error validating request.-'bN' : cause - Invalid account code '\(ticket.account)'.")
        }
        var hasPreset = false
        if ticket.tif.isEmpty {
            ticket.tif = "DAY"
            hasPreset = true
        }
        if let index = own(clientId, orderId) { return try modify(index, contract, ticket) }
        guard orderId > (usedIds[clientId] ?? 0) else { throw GatewayRefusal(103, "Duplicate order id") }
        // A child that came before its parent may come again as it is.
        let parent = try parent(of: ticket, clientId)
        usedIds[clientId] = orderId
        try market.check(ticket, contract)
        if ticket.whatIf, nextOrder.isRejected { throw .rejected("The order would be refused by the exchange.") }
        if ticket.whatIf { return preview(connection, clientId, orderId, query, contract, ticket) }
        let index = market.orders.count
        market.orders.append(
            GatewayOrder(
                index: index, clientId: clientId, orderId: orderId, contract: contract,
                exchange: query.exchange.isEmpty ? contract.defaultExchange : query.exchange, ticket: ticket,
                parent: parent, acceptedAt: now))
        market.orders[index].visibleAt = nextOrder.visibleAt
        if let moment = nextOrder.cancelAt { timers.append((moment, .cancel(order: index))) }
        if nextOrder.isRejected {
            market.reject(index)
            throw .rejected("The order was refused by the exchange.")
        }
        if hasPreset { refuse(connection, orderId, Self.presetNotice) }
        guard ticket.transmit else { return }
        try transmit(index)
    }

    private static let presetNotice = GatewayRefusal(
        10349, "Order TIF was set to DAY based on order preset.")

    private func parent(of ticket: GatewayTicket, _ clientId: Int) throws(GatewayRefusal) -> Int? {
        guard ticket.parentId != 0 else { return nil }
        guard let parent = own(clientId, ticket.parentId) else {
            throw GatewayRefusal(10006, "Missing parent order.")
        }
        return parent
    }

    /// The newest order with that id of the client.
    func own(_ clientId: Int, _ orderId: Int) -> Int? {
        market.orders.last { $0.clientId == clientId && $0.orderId == orderId && orderId != 0 }?.index
    }

    /// Sends an order on, with the family that waited for it: its parent, and the parent's other children.
    private mutating func transmit(_ index: Int) throws(GatewayRefusal) {
        var family = [index]
        if let parent = market.orders[index].parent {
            let children = market.orders.filter { $0.parent == parent && $0.index != index }.map(\.index)
            family = [parent] + children + [index]
        }
        for member in family where market.orders[member].status == .apiPending {
            market.orders[member].ticket.transmit = true
            guard isUp else {
                queue(member)
                continue
            }
            do throws(GatewayRefusal) { try market.send(member) } catch {
                market.emit(.order(market.orders[member]))
                publish()
                let order = market.orders[member]
                for audience in audience(order) { refuse(audience, order.orderId, error) }
                cancelFamily(of: member)
                return
            }
            if !market.isOpen(market.place(market.orders[member].contract.conId) ?? 0) { warnOfHours(member) }
        }
    }

    private mutating func cancelFamily(of index: Int) {
        for child in market.orders where child.parent == index && child.isOpen {
            market.cancel(child.index, reason: "Parent order was rejected")
        }
    }

    /// The gateway's line is down: the order waits in it.
    private mutating func queue(_ index: Int) {
        market.orders[index].status = .pendingSubmit
        queuedOrders.append(index)
        tell(market.orders[index])
    }

    private mutating func warnOfHours(_ index: Int) {
        let order = market.orders[index]
        guard order.isOpen, !order.ticket.outsideRth, let place = market.place(order.contract.conId),
            let next = market.tapes[place].symbol.calendar?.nextOpen(after: now)
        else { return }
        let text = GatewayTime.text(next, GatewayMarket.newYork, name: "US/Eastern")
        let warning = GatewayRefusal(
            399,
            "Order Message:\n\(order.ticket.isBuy ? "BUY" : "SELL") \(order.ticket.quantity) \(order.contract.symbol)\n"
                + "Warning: Your order will not be placed at the exchange until \(text).")
        for connection in audience(order) { refuse(connection, order.orderId, warning) }
    }

    private mutating func modify(
        _ index: Int, _ contract: GatewayContract, _ ticket: GatewayTicket
    ) throws(GatewayRefusal) {
        let order = market.orders[index]
        if order.status == .filled { throw GatewayRefusal(104, "Cannot modify a filled order.") }
        guard order.isOpen else { throw GatewayRefusal(103, "Duplicate order id") }
        guard contract.conId == order.contract.conId, ticket.isBuy == order.ticket.isBuy,
            ticket.orderType == order.ticket.orderType, ticket.account == order.ticket.account
        else {
            throw GatewayRefusal(105, "Order being modified does not match original order.")
        }
        try market.check(ticket, contract)
        guard ticket.quantity > order.filled else {
            throw GatewayRefusal(104, "Cannot modify an order to less than its filled quantity.")
        }
        var changed = order
        changed.ticket = ticket
        // Refused for its size, the order stays as it was.
        if order.permId != 0 { try market.checkMeans(changed) }
        guard isUp || order.permId == 0 else {
            queuedChanges[index] = ticket
            return
        }
        market.orders[index].ticket = ticket
        if order.status == .apiPending {
            if ticket.transmit { try transmit(index) }
        } else if isUp {
            market.resume(index)
        } else {
            tell(market.orders[index])
        }
    }

    private mutating func preview(
        _ connection: Int, _ clientId: Int, _ orderId: Int, _ query: ContractQuery, _ contract: GatewayContract,
        _ ticket: GatewayTicket
    ) {
        let after = market.after(ticket, contract)
        var order = GatewayOrder(
            index: -1, clientId: clientId, orderId: orderId, contract: contract,
            exchange: query.exchange.isEmpty ? contract.defaultExchange : query.exchange, ticket: ticket,
            acceptedAt: now)
        order.status = .preSubmitted
        let preview = OrderAnswers.Preview(
            before: market.figures(ticket.account), after: after.figures, commission: after.commission)
        let answers = answers(for: connection)
        say(connection, answers.open(order, orderId: orderId, parentId: 0, preview: preview))
    }

    // MARK: Cancelling

    mutating func cancelOrder(_ connection: Int, _ orderId: Int) throws(GatewayRefusal) {
        guard let clientId = clients[connection]?.clientId else { return }
        guard let index = own(clientId, orderId) else {
            throw GatewayRefusal(10147, "OrderId \(orderId) that needs to be cancelled is not found.")
        }
        let order = market.orders[index]
        guard order.isOpen else {
            throw GatewayRefusal(
                10148,
                "OrderId \(orderId) that needs to be cancelled can not be cancelled, state: \(order.status.rawValue).")
        }
        cancel(index)
    }

    private mutating func cancel(_ index: Int) {
        guard isUp || market.orders[index].permId == 0 else {
            queuedCancels.insert(index)
            return
        }
        market.cancel(index, reason: nil)
        // What was never sent on ends here and now, whatever the line does.
        if !isUp { for event in market.takeEvents() { tell(event) } }
    }

    /// Every open order, whoever made it.
    mutating func globalCancel() {
        for order in market.orders where order.isOpen { cancel(order.index) }
    }
}
