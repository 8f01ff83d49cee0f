internal import Core

/// Answers that speak of orders and executions, in the layout of a version.
struct OrderAnswers: Sendable {
    let version: Int
    var times = GatewayTimeStyle.zoned

    func status(_ order: GatewayOrder, orderId: Int, parentId: Int) -> GatewayAnswer {
        GatewayAnswer(
            "orderStatus",
            [
                "3", "\(orderId)", order.status.rawValue, "\(order.filled)", "\(order.shownRemaining)",
                "\(order.averagePrice)", "\(order.permId)", "\(parentId)", "\(order.lastFillPrice)",
                "\(order.clientId)",
                whyHeld(order), "0",
            ])
    }

    private func whyHeld(_ order: GatewayOrder) -> String {
        guard order.status == .preSubmitted else { return "" }
        return order.parent != nil ? "child" : order.isTriggered ? "" : "trigger"
    }

    func execution(_ fill: GatewayFill, _ order: GatewayOrder, requestId: Int) -> GatewayAnswer {
        let contract = order.contract
        var fields = ["11", "\(requestId)", order.isByHand ? Field.unsetInt : "\(order.orderId)"]
        fields += contractFields(contract, order.exchange)
        fields += [
            fill.execId,
            GatewayTime.execution(fill.at, times), fill.account,
            contract.primaryExchange.isEmpty ? order.exchange : contract.primaryExchange,
            order.ticket.isBuy ? "BOT" : "SLD", "\(fill.quantity)", "\(fill.price)", "\(order.permId)",
            "\(order.clientId)", "0", "\(fill.cumulative)", "\(fill.average)", order.ticket.orderRef, "", "", "",
            "\(fill.liquidity)",
        ]
        if version >= Gate.pendingPriceRevision { fields.append("0") }
        return GatewayAnswer("execDetails", fields)
    }

    func commission(_ fill: GatewayFill, _ order: GatewayOrder) -> GatewayAnswer {
        GatewayAnswer(
            "commissionReport",
            [
                "59", "1", fill.execId, "\(fill.commission)", order.contract.currency, Field.amount(fill.realized),
                Field.unset, "",
            ])
    }

    /// conId to tradingClass, eleven fields, as open orders and executions have them.
    private func contractFields(_ contract: GatewayContract, _ exchange: String) -> [String] {
        [
            "\(contract.conId)", contract.symbol, contract.secType, contract.lastTradeDate, "\(contract.strike)",
            contract.right.isEmpty ? "?" : contract.right, contract.multiplierText, exchange, contract.currency,
            contract.localSymbol, contract.tradingClass,
        ]
    }

    /// What an order would need and cost, before and after it.
    struct Preview: Hashable, Sendable {
        let before: AccountFigures
        let after: AccountFigures
        let commission: FixedPoint
    }

    func open(_ order: GatewayOrder, orderId: Int, parentId: Int, preview: Preview? = nil) -> GatewayAnswer {
        let ticket = order.ticket
        var fields = ["5", "\(orderId)"] + contractFields(order.contract, order.exchange)
        fields += terms(order)
        fields += [
            "\(order.clientId)", "\(order.permId)", Field.flag(ticket.outsideRth), Field.flag(ticket.hidden), "0",
        ]
        fields += [ticket.goodAfterTime, "\(order.permId).0/\(ticket.account)/\(ticket.quantity)"]
        fields += allocation
        fields += ["", ticket.goodTillDate, "", "", "", "0", "", "-1", "0", "", "", "", "", ""]
        fields += [Field.unsetInt, "0", "0", "0", "", groupType(ticket), "0", "0", "", "\(parentId)", "0"]
        fields += ["", "0", "None", "", "0", "", "", "", "?", "0", "0", ""]
        fields += ["0", "0", stopField(order), Field.orEmpty(ticket.trailPercent), "", "", "", "0", "0", "0"]
        fields += [Field.unsetInt, Field.unsetInt, "", "", "0", "", "IB", "0", "0"]
        fields += algorithm(ticket)
        fields += ["0", Field.flag(ticket.whatIf), order.status.rawValue]
        fields += state(order, preview)
        fields += ["0", "0", "0", "None"]
        fields += [Field.unset, stopField(order, unset: Field.unset), Field.amount(ticket.limitOffset)]
        fields += [Field.unset, Field.unset, Field.unset, "0", "", "", "", "0", "1", "0", "0", "0"]
        if version >= Gate.duration { fields.append("") }
        if version >= Gate.postToAts { fields.append("") }
        if version >= Gate.autoCancelParent { fields.append("0") }
        if version >= Gate.pegBestFields { fields += ["", "100", "0.02", "", ""] }
        return GatewayAnswer("openOrder", fields)
    }

    /// faGroup, faMethod, faPercentage, and the profile of older layouts.
    private var allocation: [String] { Array(repeating: "", count: version < Gate.noAllocationProfile ? 4 : 3) }

    /// action to orderRef.
    private func terms(_ order: GatewayOrder) -> [String] {
        let ticket = order.ticket
        return [
            ticket.isBuy ? "BUY" : "SELL", "\(ticket.quantity)", ticket.orderType,
            ticket.limit.map { "\($0)" } ?? "0.0",
            order.isTrailing || order.isStop ? Field.orEmpty(ticket.auxPrice) : "0.0",
            ticket.tif, ticket.ocaGroup, ticket.account, "", "0", ticket.orderRef,
        ]
    }

    /// An order in no group is told to be of the third kind.
    private func groupType(_ ticket: GatewayTicket) -> String { ticket.ocaType == 0 ? "3" : "\(ticket.ocaType)" }

    private func stopField(_ order: GatewayOrder, unset: String = "") -> String {
        order.isTrailing ? order.stop.map { "\($0)" } ?? unset : unset
    }

    private func algorithm(_ ticket: GatewayTicket) -> [String] {
        ticket.algoStrategy.isEmpty
            ? [""] : [ticket.algoStrategy, "\(ticket.algoParameters.count / 2)"] + ticket.algoParameters
    }

    /// Margins before, change and after; commission, minimum, maximum, currency; warning.
    private func state(_ order: GatewayOrder, _ preview: Preview?) -> [String] {
        guard let preview else {
            let commission = order.commission.isZero ? "" : "\(order.commission)"
            return Array(repeating: Field.unset, count: 9)
                + [commission, "", "", order.commission.isZero ? "" : order.contract.currency, ""]
        }
        func triple(_ figures: AccountFigures) -> [FixedPoint] {
            [figures.initialMargin, figures.maintenanceMargin, figures.equityWithLoan]
        }
        let (before, after) = (triple(preview.before), triple(preview.after))
        let change = zip(after, before).map { $0.minus($1) }
        return (before + change + after).map { "\($0)" }
            + ["\(preview.commission)", "", "", order.contract.currency, ""]
    }

    func completed(_ order: GatewayOrder) -> GatewayAnswer {
        let ticket = order.ticket
        var fields = ["101"] + contractFields(order.contract, order.exchange)
        var terms = terms(order)
        // Real gateways tell no quantity of an order that is filled.
        if order.status == .filled { terms[1] = "0" }
        fields += terms
        fields += [
            "\(order.permId)", Field.flag(ticket.outsideRth), Field.flag(ticket.hidden), "0", ticket.goodAfterTime,
        ]
        fields += allocation
        fields += ["", ticket.goodTillDate, "", "", "", "0", "", "-1", "", "", "", "", ""]
        fields += [Field.unsetInt, "0", "0", "", groupType(ticket), "0", "", "0", "None", "", "0", "0", "0", ""]
        fields += ["0", "0", stopField(order), Field.orEmpty(ticket.trailPercent), "", "0", "0", "0"]
        fields += [Field.unsetInt, Field.unsetInt, "", "", "", "IB", "0", "0"]
        fields += algorithm(ticket)
        fields += ["0", order.status.rawValue, "0", "0", "0"]
        fields += [stopField(order, unset: Field.unset), Field.amount(ticket.limitOffset), "0", "1", "0", ""]
        fields += ["\(order.filled)", "0", "0", "Not an insider or substantial shareholder", "0", "0"]
        fields += [
            "0", GatewayTime.text(order.completedAt ?? order.acceptedAt, GatewayMarket.newYork, name: "US/Eastern"),
            order.completedText,
        ]
        if version >= Gate.pegBestFields { fields += ["", "", "", "", ""] }
        return GatewayAnswer("completedOrder", fields)
    }
}
