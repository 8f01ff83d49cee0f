internal import Core

/// The simulator's own books, in plain terms, for tests and demonstrations to compare with.
extension SimulatedGateway {
    var books: JSONValue {
        let accounts = market.accounts.sorted { $0.key < $1.key }.map { code, account in
            let figures = market.figures(code)
            return JSONValue.Member(
                code,
                [
                    "cash": .object(account.cash.sorted { $0.key < $1.key }.map { .init($0.key, JSONValue($0.value)) }),
                    "net_liquidation": JSONValue(figures.netLiquidation),
                    "initial_margin": JSONValue(figures.initialMargin),
                    "available_funds": JSONValue(figures.availableFunds),
                    "unrealized": JSONValue(figures.unrealized), "realized": JSONValue(figures.realized),
                    "daily": JSONValue(figures.daily),
                    "positions": .array(
                        account.held.map {
                            [
                                "con_id": .int(Int64($0.contract.conId)), "symbol": .string($0.contract.symbol),
                                "local_symbol": .string($0.contract.localSymbol),
                                "quantity": JSONValue($0.quantity), "average_cost": JSONValue($0.averageCost),
                                "value": JSONValue(market.value($0)),
                            ]
                        }),
                    "orders": .array(market.orders.filter { $0.ticket.account == code }.map(json)),
                    "fills": .array(market.fills.filter { $0.account == code }.map(json)),
                ])
        }
        return ["now": JSONValue(now), "accounts": .object(accounts)]
    }

    private func json(_ order: GatewayOrder) -> JSONValue {
        [
            "order_id": .int(Int64(order.orderId)), "client_id": .int(Int64(order.clientId)),
            "perm_id": .int(Int64(order.permId)), "order_ref": .string(order.ticket.orderRef),
            "symbol": .string(order.contract.symbol), "con_id": .int(Int64(order.contract.conId)),
            "side": order.ticket.isBuy ? "BUY" : "SELL", "type": .string(order.ticket.orderType),
            "quantity": JSONValue(order.ticket.quantity), "limit": JSONValue(order.limit),
            "stop": JSONValue(order.stop ?? (order.isStop && !order.isTrailing ? order.ticket.auxPrice : nil)),
            "tif": .string(order.ticket.tif), "status": .string(order.status.rawValue),
            "filled": JSONValue(order.filled), "average_price": JSONValue(order.averagePrice),
            "commission": JSONValue(order.commission), "oca_group": .string(order.ticket.ocaGroup),
            "parent": order.parent.map { .int(Int64(market.orders[$0].orderId)) } ?? .null,
            "by_hand": .bool(order.isByHand), "at": JSONValue(order.acceptedAt), "ended": .string(order.completedText),
        ]
    }

    private func json(_ fill: GatewayFill) -> JSONValue {
        let order = market.orders[fill.order]
        return [
            "exec_id": .string(fill.execId), "order_id": .int(Int64(order.orderId)),
            "client_id": .int(Int64(order.clientId)), "order_ref": .string(order.ticket.orderRef),
            "symbol": .string(order.contract.symbol), "side": order.ticket.isBuy ? "BOT" : "SLD",
            "quantity": JSONValue(fill.quantity), "price": JSONValue(fill.price),
            "commission": JSONValue(fill.commission), "realized": JSONValue(fill.realized), "at": JSONValue(fill.at),
        ]
    }

    var status: JSONValue {
        [
            "now": JSONValue(now), "connected": .bool(isUp),
            "clients": .array(
                clients.values.sorted { $0.connection < $1.connection }.map {
                    [
                        "client_id": $0.clientId.map { .int(Int64($0)) } ?? .null,
                        "version": $0.version.map { .int(Int64($0)) } ?? .null, "lines": .int(Int64($0.lines.count)),
                        "bars": .int(Int64($0.barLines.count)), "histories": .int(Int64($0.histories.count)),
                    ]
                }),
            "requests": .object(requestCounts.sorted { $0.key < $1.key }.map { .init($0.key, .int(Int64($0.value))) }),
            "next_ids": .object(
                usedIds.sorted { $0.key < $1.key }.map { .init("\($0.key)", .int(Int64($0.value + 1))) }),
            "faults": .int(Int64(faults.log.count)),
        ]
    }

    /// An order that somebody gives in the application itself.
    ///
    /// - Returns: Its permanent id.
    mutating func placeByHand(_ body: JSONValue) throws(GatewayRefusal) -> Int {
        let account = body["account"]?.stringValue ?? market.accounts.keys.sorted().first ?? ""
        let found = market.tapes.map(\.symbol).first {
            $0.localSymbol == body["symbol"]?.stringValue || $0.symbol == body["symbol"]?.stringValue
        }
        guard market.accounts[account] != nil, let contract = found else {
            throw GatewayRefusal(200, "No security definition has been found for the request")
        }
        var ticket = GatewayTicket()
        ticket.isBuy = body["side"] != "SELL"
        ticket.account = account
        ticket.orderType = body["type"]?.stringValue ?? "MKT"
        ticket.tif = "DAY"
        ticket.quantity = (try? FixedPoint(body["quantity"]?.stringValue ?? "0")) ?? .zero
        ticket.limit = body["price"]?.stringValue.flatMap { try? FixedPoint($0) }
        try market.check(ticket, contract)
        let index = market.orders.count
        var order = GatewayOrder(
            index: index, clientId: 0, orderId: 0, contract: contract, exchange: contract.defaultExchange,
            ticket: ticket, acceptedAt: now)
        order.isByHand = true
        market.orders.append(order)
        try market.send(index)
        if clients.values.contains(where: { $0.bindsOrders }) { _ = bound(market.orders[index]) }
        return market.orders[index].permId
    }
}
