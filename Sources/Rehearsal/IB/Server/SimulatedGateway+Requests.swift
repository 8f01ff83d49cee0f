internal import Core

/// Every request, and where it is carried out.
extension SimulatedGateway {
    mutating func perform(_ request: GatewayRequest, _ connection: Int) throws(GatewayRefusal) {
        switch request {
        // The session. A second startApi says nothing new.
        case .startApi, .serverLogLevel: break
        case .ids: nextValidId(connection)
        case .managedAccounts: managedAccounts(connection)
        case .currentTime: say(connection, GatewayAnswer("currentTime", ["49", "1", "\(now.epochSeconds)"]))
        // Orders.
        case .placeOrder(let id, let query, let ticket): try placeOrder(connection, id, query, ticket)
        case .cancelOrder(let id): try cancelOrder(connection, id)
        case .globalCancel: globalCancel()
        case .openOrders: openOrders(connection, all: false)
        case .allOpenOrders: openOrders(connection, all: true)
        case .autoOpenOrders(let bind): try autoOpenOrders(connection, bind)
        case .completedOrders: completedOrders(connection)
        case .executions(let id, let filter): executions(connection, id, filter)
        // Contracts and prices.
        case .contractDetails(let id, let query): try contractDetails(connection, id, query)
        case .marketData(let id, let query, let snapshot): try marketData(connection, id, query, snapshot)
        case .cancelMarketData(let id): try cancelMarketData(connection, id)
        case .marketDataType(let type): clients[connection]?.marketDataType = type
        case .realTimeBars(let id, let query, let what): try realTimeBars(connection, id, query, what)
        case .cancelRealTimeBars(let id): cancelRealTimeBars(connection, id)
        case .historicalData(let id, let query, let history): try historicalData(connection, id, query, history)
        case .cancelHistoricalData(let id): try cancelHistoricalData(connection, id)
        // Accounts.
        case .positions: positions(connection)
        case .cancelPositions: clients[connection]?.wantsPositions = false
        case .accountSummary(let id, let tags): try accountSummary(connection, id, tags: tags)
        case .cancelAccountSummary(let id): clients[connection]?.summaries[id] = nil
        case .accountUpdates(let subscribe, let account): try accountUpdates(connection, subscribe, account)
        case .accountUpdatesMulti(let id, let account): try multiUpdates(connection, id, account)
        case .cancelAccountUpdatesMulti(let id): clients[connection]?.multiAccounts[id] = nil
        case .pnl(let id, let account): try profit(connection, id, account)
        case .cancelPnl(let id): clients[connection]?.pnls[id] = nil
        case .pnlSingle(let id, let account, let conId): try profit(connection, id, account, conId: conId)
        case .cancelPnlSingle(let id): clients[connection]?.singlePnls[id] = nil
        case .unknown(let id): throw GatewayRefusal(320, "Error reading request. Unknown message id \(id)")
        }
    }
}
