internal import Core
internal import Sessions

/// Orders: what clients ask, and what they are told.
extension SimulatedGateway {
    mutating func perform(_ request: GatewayRequest, _ connection: Int) throws(GatewayRefusal) {
        switch request {
        case .startApi(let clientId): _ = clientId
        case .ids: nextValidId(connection)
        case .managedAccounts: managedAccounts(connection)
        case .currentTime: say(connection, GatewayAnswer("currentTime", ["49", "1", "\(now.epochSeconds)"]))
        case .serverLogLevel: break
        case .placeOrder(let id, let query, let ticket): try placeOrder(connection, id, query, ticket)
        case .cancelOrder(let id): try cancelOrder(connection, id)
        case .globalCancel: globalCancel()
        case .openOrders: openOrders(connection, all: false)
        case .allOpenOrders: openOrders(connection, all: true)
        case .autoOpenOrders(let bind): try autoOpenOrders(connection, bind)
        case .completedOrders: completedOrders(connection)
        case .executions(let id, let filter): executions(connection, id, filter)
        case .contractDetails, .marketData, .cancelMarketData, .marketDataType, .realTimeBars, .cancelRealTimeBars,
            .historicalData, .cancelHistoricalData:
            try performData(request, connection)
        case .positions, .cancelPositions, .accountSummary, .cancelAccountSummary, .accountUpdates,
            .accountUpdatesMulti, .cancelAccountUpdatesMulti, .pnl, .cancelPnl, .pnlSingle, .cancelPnlSingle:
            try performAccount(request, connection)
        case .unknown(let id):
            throw GatewayRefusal(320, "Error reading request. Unknown message id \(id)")
        }
    }

    // MARK: Placing

    private mutating func placeOrder(
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
        usedIds[clientId] = orderId
        try market.check(ticket, contract)
        if ticket.whatIf { return preview(connection, clientId, orderId, query, contract, ticket) }
        let parent = try parent(of: ticket, clientId)
        let index = market.orders.count
        market.orders.append(
            GatewayOrder(
                index: index, clientId: clientId, orderId: orderId, contract: contract,
                exchange: query.exchange.isEmpty ? contract.defaultExchange : query.exchange, ticket: ticket,
                parent: parent, acceptedAt: now))
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
        let answers = OrderAnswers(version: clients[connection]?.layout ?? Gate.highest)
        say(connection, answers.open(order, orderId: orderId, parentId: 0, preview: preview))
    }

    // MARK: Cancelling

    private mutating func cancelOrder(_ connection: Int, _ orderId: Int) throws(GatewayRefusal) {
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
    private mutating func globalCancel() {
        for order in market.orders where order.isOpen { cancel(order.index) }
    }

    // MARK: Lists

    /// What the gateway knows: while its line is down, what it knew when it was lost.
    private var known: (orders: [GatewayOrder], fills: [GatewayFill]) {
        switch link {
        case .up: (market.orders, market.fills)
        case .down(let orders, let fills): (orders + queuedOrders.map { market.orders[$0] }, fills)
        }
    }

    private mutating func openOrders(_ connection: Int, all: Bool) {
        guard let client = clients[connection], let clientId = client.clientId else { return }
        for order in known.orders where order.isOpen {
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

    private mutating func autoOpenOrders(_ connection: Int, _ bind: Bool) throws(GatewayRefusal) {
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

    private mutating func completedOrders(_ connection: Int) {
        guard let client = clients[connection] else { return }
        let answers = OrderAnswers(version: client.layout)
        let today = day(now)
        for order in known.orders where !order.isOpen && order.permId != 0 && order.completedAt.map(day) == today {
            say(connection, answers.completed(order))
        }
        say(connection, GatewayAnswer("completedOrdersEnd", ["102"]))
    }

    /// The account's day.
    private func day(_ instant: Instant) -> CivilDate { GatewayMarket.newYork.local(instant).date }

    private mutating func executions(_ connection: Int, _ id: Int, _ filter: GatewayRequest.ExecutionFilter) {
        guard let client = clients[connection] else { return }
        let answers = OrderAnswers(version: client.layout)
        let since = filter.time.isEmpty ? nil : GatewayTime.instant(filter.time, zone: GatewayMarket.newYork)
        let (orders, fills) = known
        for fill in fills where day(fill.at) == day(now) && since.map({ fill.at >= $0 }) ?? true {
            // The gateway that was cut off knows the order, or it would not know the fill.
            guard fill.order < orders.count else { continue }
            let order = orders[fill.order]
            guard matches(order, fill, filter) else { continue }
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

    // MARK: Telling

    /// Those who are told of an order as it lives: its owner, the master, and client 0 of what was made by hand.
    func audience(_ order: GatewayOrder) -> [Int] {
        clients.values.filter { isAudience($0, order) }.map(\.connection).sorted()
    }

    private func isAudience(_ client: GatewayClient, _ order: GatewayOrder) -> Bool {
        guard let clientId = client.clientId else { return false }
        if let master = configuration.masterClientId, clientId == master { return true }
        return clientId == order.clientId
    }

    private func shownIds(_ order: GatewayOrder) -> (order: Int, parent: Int) {
        (order.orderId, order.parent.map { market.orders[$0].orderId } ?? 0)
    }

    private mutating func show(_ order: GatewayOrder, to connection: Int) {
        let answers = OrderAnswers(version: clients[connection]?.layout ?? Gate.highest)
        let ids = shownIds(order)
        say(connection, answers.open(order, orderId: ids.order, parentId: ids.parent))
        say(connection, answers.status(order, orderId: ids.order, parentId: ids.parent))
    }

    mutating func tell(_ order: GatewayOrder) {
        for connection in audience(order) { show(order, to: connection) }
    }

    mutating func tellCancelled(_ order: GatewayOrder, reason: String) {
        for connection in audience(order) {
            let answers = OrderAnswers(version: clients[connection]?.layout ?? Gate.highest)
            let ids = shownIds(order)
            say(connection, answers.status(order, orderId: ids.order, parentId: ids.parent))
            refuse(connection, ids.order, GatewayRefusal(202, "Order Canceled - reason:\(reason)"))
        }
    }

    mutating func tellFill(_ order: GatewayOrder, _ fill: GatewayFill) {
        for connection in audience(order) {
            let answers = OrderAnswers(version: clients[connection]?.layout ?? Gate.highest)
            let execution = answers.execution(fill, order, requestId: -1)
            let commission = answers.commission(fill, order)
            let rules = draw("execDetails", .answer, again: true)
            if configuration.commissionsFirst || rules.contains(where: { $0.fault == .commissionFirst }) {
                say(connection, commission)
                say(connection, execution)
            } else {
                say(connection, execution)
                say(connection, commission)
            }
            if let rule = rules.first(where: { $0.fault == .correction }) {
                let place = market.fills.firstIndex { $0.execId == fill.execId } ?? 0
                timers.append((now.advanced(bySeconds: Int64(rule.seconds)), .correct(fill: place)))
            }
        }
    }

    /// The exchange corrects an execution: the same id with its next revision, at a price one step worse.
    mutating func correct(_ place: Int) {
        guard let (order, fill) = market.correct(place) else { return }
        for connection in audience(order) {
            let answers = OrderAnswers(version: clients[connection]?.layout ?? Gate.highest)
            say(connection, answers.execution(fill, order, requestId: -1))
            say(connection, answers.commission(fill, order))
        }
        tellAccounts(afterTrade: true, filled: [order.contract.conId])
    }

    /// Tells everybody what has happened at the market since.
    mutating func publish() {
        let events = market.takeEvents()
        guard !events.isEmpty else { return }
        var hasTrade = false
        var filled: Set<Int> = []
        for event in events {
            if case .trade(let place, let trade, let quote) = event {
                hasTrade = true
                tellTrade(place, trade, quote)
                continue
            }
            guard isUp else {
                heldEvents.append(event)
                continue
            }
            if case .fill(let order, _) = event { filled.insert(order.contract.conId) }
            tell(event)
        }
        if !filled.isEmpty { watch() }
        tellAccounts(afterTrade: hasTrade, filled: filled)
    }

    mutating func tell(_ event: GatewayEvent) {
        switch event {
        case .trade(let place, let trade, let quote): tellTrade(place, trade, quote)
        case .order(let order): tell(order)
        case .cancelled(let order, let reason): tellCancelled(order, reason: reason)
        case .fill(let order, let fill): tellFill(order, fill)
        }
    }
}
