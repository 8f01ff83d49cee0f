internal import Core

/// What clients are told of orders and executions as they happen, and who is.
extension SimulatedGateway {
    /// Those who are told of an order as it lives: its owner, the master, and client 0 of what was made by hand.
    func audience(_ order: GatewayOrder) -> [Int] {
        clients.values.filter { isAudience($0, order) }.map(\.connection).sorted()
    }

    func isAudience(_ client: GatewayClient, _ order: GatewayOrder) -> Bool {
        guard let clientId = client.clientId else { return false }
        if let master = configuration.masterClientId, clientId == master { return true }
        return clientId == order.clientId
    }

    func answers(for connection: Int) -> OrderAnswers {
        OrderAnswers(version: clients[connection]?.layout ?? Gate.highest, times: configuration.executionTimes)
    }

    private func shownIds(_ order: GatewayOrder) -> (order: Int, parent: Int) {
        (order.orderId, order.parent.map { market.orders[$0].orderId } ?? 0)
    }

    mutating func show(_ order: GatewayOrder, to connection: Int) {
        let answers = answers(for: connection)
        let ids = shownIds(order)
        say(connection, answers.open(order, orderId: ids.order, parentId: ids.parent))
        say(connection, answers.status(order, orderId: ids.order, parentId: ids.parent))
    }

    mutating func tell(_ order: GatewayOrder) {
        for connection in audience(order) { show(order, to: connection) }
    }

    mutating func tellCancelled(_ order: GatewayOrder, reason: String) {
        for connection in audience(order) {
            let answers = answers(for: connection)
            let ids = shownIds(order)
            say(connection, answers.status(order, orderId: ids.order, parentId: ids.parent))
            refuse(connection, ids.order, GatewayRefusal(202, "Order Canceled - reason:\(reason)"))
        }
    }

    mutating func tellFill(_ order: GatewayOrder, _ fill: GatewayFill) {
        for connection in audience(order) {
            let answers = answers(for: connection)
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
            let answers = answers(for: connection)
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
