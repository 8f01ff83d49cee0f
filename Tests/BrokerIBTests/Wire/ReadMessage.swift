import Core

@testable import BrokerIB

/// The values of a message of ours under the names under which ib_async hands them on.
struct ReadMessage {
    typealias Values = [String: ReadValue]
    private(set) var calls: [(method: String, values: Values)] = []

    init(_ message: IBMessage) {
        switch message {
        case .tickPrice(let tick):
            add(
                "priceSizeTick",
                [
                    "0": .whole(tick.requestID), "1": .whole(tick.type.number), "2": .price(tick.price),
                    "3": .quantity(tick.size),
                ])
        case .tickSize(let tick):
            add("tickSize", ["0": .whole(tick.requestID), "1": .whole(tick.type.number), "2": .quantity(tick.size)])
        case .tickGeneric(let tick):
            add("tickGeneric", ["0": .whole(tick.requestID), "1": .whole(tick.type.number), "2": .decimal(tick.value)])
        case .tickString(let tick):
            add("tickString", ["0": .whole(tick.requestID), "1": .whole(tick.type.number), "2": .text(tick.text)])
        case .tickOption(let tick): add(tick)
        case .tickParameters(let tick):
            add(
                "tickReqParams",
                [
                    "0": .whole(tick.requestID), "1": .price(tick.minimumTick), "2": .text(tick.bboExchange),
                    "3": .whole(tick.snapshotPermissions),
                ])
        case .tickSnapshotEnd(let end): add("tickSnapshotEnd", end)
        case .marketDataType(let notice):
            add("marketDataType", ["0": .whole(notice.requestID), "1": .whole(notice.type?.rawValue)])
        case .realTimeBar(let bar): add(bar)
        case .historicalData(let data):
            for bar in data.bars {
                add("historicalData", Self.values(bar).merging(["0": .whole(data.requestID)]) { $1 })
            }
            add(
                "historicalDataEnd",
                ["0": .whole(data.requestID), "1": .text(data.start), "2": .text(data.end)])
        case .historicalDataUpdate(let update):
            add("historicalDataUpdate", Self.values(update.bar).merging(["0": .whole(update.requestID)]) { $1 })
        case .managedAccounts(let accounts):
            add("managedAccounts", ["0": .text(accounts.accounts.map { $0 + "," }.joined())])
        case .nextValidID(let next): add("nextValidId", ["0": .whole(next.orderID)])
        case .currentTime(let time): add("currentTime", ["0": .whole(time.time.epochSeconds)])
        case .error(let error):
            add(
                "error",
                [
                    "0": .whole(error.id), "1": .whole(Int64(error.code)), "2": .text(error.message),
                    "3": .text(error.details),
                ])
        case .accountValue(let value):
            add(
                "updateAccountValue",
                [
                    "0": .text(value.key), "1": .text(value.value), "2": .text(value.currency),
                    "3": .text(value.account),
                ])
        case .portfolioValue(let value): add(value)
        case .accountUpdateTime(let time): add("updateAccountTime", ["0": .text(time.time)])
        case .accountDownloadEnd(let end): add("accountDownloadEnd", ["0": .text(end.account)])
        case .accountSummary(let row):
            add(
                "accountSummary",
                [
                    "0": .whole(row.requestID), "1": .text(row.account), "2": .text(row.tag), "3": .text(row.value),
                    "4": .text(row.currency),
                ])
        case .accountSummaryEnd(let end): add("accountSummaryEnd", end)
        case .position(let position):
            add(
                "position",
                Self.values(position.contract).merging([
                    "0": .text(position.account), "2": .quantity(position.position), "3": .price(position.averageCost),
                ]) { $1 })
        case .positionEnd: add("positionEnd", [:])
        case .profitAndLoss(let row):
            add(
                "pnl",
                [
                    "0": .whole(row.requestID), "1": .decimal(row.daily), "2": .decimal(row.unrealized),
                    "3": .decimal(row.realized),
                ])
        case .singleProfitAndLoss(let row):
            add(
                "pnlSingle",
                [
                    "0": .whole(row.requestID), "1": .quantity(row.position), "2": .decimal(row.daily),
                    "3": .decimal(row.unrealized), "4": .decimal(row.realized), "5": .decimal(row.value),
                ])
        case .contractDetails(let details): add(details)
        case .contractDetailsEnd(let end): add("contractDetailsEnd", end)
        case .orderStatus(let status): add(status)
        case .openOrder(let order): add(order)
        case .openOrderEnd: add("openOrderEnd", [:])
        case .execution(let execution): add(execution)
        case .executionsEnd(let end): add("execDetailsEnd", end)
        case .commission(let commission):
            let own: Values = [
                "execId": .text(commission.executionID), "commission": .decimal(commission.commission),
                "currency": .text(commission.currency), "realizedPNL": .decimal(commission.realized),
            ]
            add("commissionReport", Self.prefixed("CommissionReport", own))
        case .completedOrder(let order): add(order)
        case .completedOrdersEnd: add("completedOrdersEnd", [:])
        case .orderBound(let bound):
            add(
                "orderBound",
                ["0": .whole(bound.permanentID), "1": .whole(bound.clientID), "2": .whole(bound.orderID)])
        case .unknown: break
        }
    }

    private mutating func add(_ method: String, _ values: Values) { calls.append((method, values)) }
    private mutating func add(_ method: String, _ end: IBRequestEnd) { add(method, ["0": .whole(end.requestID)]) }

    private static func prefixed(_ prefix: String, _ values: Values) -> Values {
        Dictionary(uniqueKeysWithValues: values.map { ("\(prefix).\($0.key)", $0.value) })
    }

    private mutating func add(_ tick: IBTickOption) {
        add(
            "tickOptionComputation",
            [
                "0": .whole(tick.requestID), "1": .whole(tick.type.number), "3": .decimal(tick.impliedVolatility),
                "4": .decimal(tick.delta), "5": .price(tick.price), "6": .decimal(tick.dividend),
                "7": .decimal(tick.gamma), "8": .decimal(tick.vega), "9": .decimal(tick.theta),
                "10": .price(tick.underlyingPrice),
            ])
    }

    private mutating func add(_ bar: IBRealTimeBar) {
        add(
            "realtimeBar",
            [
                "0": .whole(bar.requestID), "1": .whole(bar.begin.epochSeconds), "2": .price(bar.open),
                "3": .price(bar.high), "4": .price(bar.low), "5": .price(bar.close), "6": .quantity(bar.volume),
                "7": .price(bar.average), "8": .whole(bar.count),
            ])
    }

    private static func values(_ bar: IBHistoricalBar) -> Values {
        let date: ReadValue =
            switch bar.begin {
            case .instant(let instant): .whole(instant.epochSeconds)
            case .day(let day): .text(day.compact)
            }
        return prefixed(
            "BarData",
            [
                "date": date, "open": .price(bar.open), "high": .price(bar.high), "low": .price(bar.low),
                "close": .price(bar.close), "volume": .quantity(bar.volume), "average": .price(bar.average),
                "barCount": .whole(bar.count),
            ])
    }

    private static func values(_ contract: IBContract, _ prefix: String = "Contract") -> Values {
        var values: Values = [
            "conId": .whole(contract.conID), "symbol": .text(contract.symbol), "secType": .text(contract.type.code),
            "lastTradeDateOrContractMonth": .text(contract.lastTradeDateOrMonth), "strike": .price(contract.strike),
            "multiplier": .text(contract.multiplier), "exchange": .text(contract.exchange),
            "primaryExchange": .text(contract.primaryExchange), "currency": .text(contract.currency),
            "localSymbol": .text(contract.localSymbol), "tradingClass": .text(contract.tradingClass),
        ]
        // ib_async keeps the marks of what has none.
        if let right = contract.right { values["right"] = .text(right.ibLetter) }
        return prefixed(prefix, values)
    }

    private mutating func add(_ value: IBPortfolioValue) {
        add(
            "updatePortfolio",
            Self.values(value.contract).merging([
                "1": .quantity(value.position), "2": .price(value.marketPrice), "3": .decimal(value.marketValue),
                "4": .price(value.averageCost), "5": .decimal(value.unrealized), "6": .decimal(value.realized),
                "7": .text(value.account),
            ]) { $1 })
    }

    private mutating func add(_ details: IBContractDetails) {
        let own: Values = [
            "lastTradeTime": .text(details.lastTradeTime), "marketName": .text(details.marketName),
            "minTick": .price(details.minimumTick), "orderTypes": .text(details.orderTypes.joined(separator: ",")),
            "validExchanges": .text(details.validExchanges.joined(separator: ",")),
            "priceMagnifier": .whole(details.priceMagnifier), "underConId": .whole(details.underlyingConID),
            "longName": .text(details.longName), "contractMonth": .text(details.contractMonth),
            "industry": .text(details.industry), "category": .text(details.category),
            "subcategory": .text(details.subcategory), "timeZoneId": .text(details.timeZone),
            "tradingHours": .text(details.tradingHours), "liquidHours": .text(details.liquidHours),
            "underSymbol": .text(details.underlyingSymbol), "underSecType": .text(details.underlyingType),
            "marketRuleIds": .text(details.marketRules.joined(separator: ",")),
            "realExpirationDate": .text(details.realExpirationDate), "stockType": .text(details.stockType),
            "minSize": .quantity(details.minimumSize), "sizeIncrement": .quantity(details.sizeIncrement),
            "suggestedSizeIncrement": .quantity(details.suggestedSizeIncrement),
            "secIdList": .text(Self.list(details.identifiers)),
        ]
        add(
            "contractDetails",
            Self.prefixed("ContractDetails", own).merging(
                Self.values(details.contract, "ContractDetails.contract")
            ) { $1 }.merging(["0": .whole(details.requestID)]) { $1 })
    }

    private static func list(_ pairs: [IBTagValue]) -> String {
        pairs.isEmpty ? "" : "[" + pairs.map { "[\"\($0.tag)\", \"\($0.value)\"]" }.joined(separator: ", ") + "]"
    }

    private mutating func add(_ status: IBOrderStatus) {
        add(
            "orderStatus",
            [
                "0": .whole(status.orderID), "1": .text(status.status.text), "2": .quantity(status.filled),
                "3": .quantity(status.remaining), "4": .price(status.averagePrice), "5": .whole(status.permanentID),
                "6": .whole(status.parentID), "7": .price(status.lastPrice), "8": .whole(status.clientID),
                "9": .text(status.whyHeld), "10": .price(status.marketCapPrice),
            ])
    }

    private mutating func add(_ execution: IBExecution) {
        let own: Values = [
            "orderId": .whole(execution.orderID), "execId": .text(execution.executionID),
            "acctNumber": .text(execution.account), "exchange": .text(execution.exchange),
            "side": .text(execution.side == .buy ? "BOT" : "SLD"), "shares": .quantity(execution.quantity),
            "price": .price(execution.price), "permId": .whole(execution.permanentID),
            "clientId": .whole(execution.clientID), "liquidation": .flag(execution.isLiquidation),
            "cumQty": .quantity(execution.cumulativeQuantity), "avgPrice": .price(execution.averagePrice),
            "orderRef": .text(execution.orderReference), "lastLiquidity": .whole(execution.liquidity),
            "pendingPriceRevision": .flag(execution.isPriceProvisional),
        ]
        add(
            "execDetails",
            Self.prefixed("Execution", own).merging(Self.values(execution.contract)) { $1 }
                .merging(["0": .whole(execution.requestID)]) { $1 })
    }

    private static func values(_ terms: IBOrderTerms) -> Values {
        prefixed(
            "Order",
            [
                "action": .text(terms.side.ibAction), "totalQuantity": .quantity(terms.quantity),
                "orderType": .text(terms.type), "lmtPrice": .price(terms.limitPrice),
                "auxPrice": .price(terms.auxiliaryPrice), "tif": .text(terms.timeInForce),
                "ocaGroup": .text(terms.oneCancelsAllGroup), "ocaType": .whole(terms.oneCancelsAllKind),
                "account": .text(terms.account), "orderRef": .text(terms.reference),
                "permId": .whole(terms.permanentID), "outsideRth": .flag(terms.outsideRegularHours),
                "goodAfterTime": .text(terms.goodAfter), "goodTillDate": .text(terms.goodTill),
                "trailStopPrice": .price(terms.trailingStop), "trailingPercent": .decimal(terms.trailingPercent),
                "algoStrategy": .text(terms.algorithm), "algoParams": .text(list(terms.algorithmParameters)),
            ])
    }

    private mutating func add(_ order: IBOpenOrder) {
        let state = order.state
        let own: Values = [
            "status": .text(state.status.text), "initMarginBefore": .decimal(state.before.initial),
            "maintMarginBefore": .decimal(state.before.maintenance),
            "equityWithLoanBefore": .decimal(state.before.equityWithLoan),
            "initMarginChange": .decimal(state.change.initial),
            "maintMarginChange": .decimal(state.change.maintenance),
            "equityWithLoanChange": .decimal(state.change.equityWithLoan),
            "initMarginAfter": .decimal(state.after.initial), "maintMarginAfter": .decimal(state.after.maintenance),
            "equityWithLoanAfter": .decimal(state.after.equityWithLoan), "commission": .decimal(state.commission),
            "minCommission": .decimal(state.minimumCommission), "maxCommission": .decimal(state.maximumCommission),
            "commissionCurrency": .text(state.commissionCurrency), "warningText": .text(state.warning),
        ]
        let more: Values = [
            "0": .whole(order.orderID), "Order.orderId": .whole(order.orderID),
            "Order.clientId": .whole(order.clientID),
            "Order.parentId": .whole(order.parentID), "Order.whatIf": .flag(order.isWhatIf),
        ]
        let parts = [Self.values(order.terms), Self.values(order.contract), Self.prefixed("OrderState", own), more]
        add("openOrder", parts.reduce([:]) { $0.merging($1) { $1 } })
    }

    private mutating func add(_ order: IBCompletedOrder) {
        let own: Values = [
            "OrderState.status": .text(order.status.text), "OrderState.completedTime": .text(order.completedTime),
            "OrderState.completedStatus": .text(order.completedStatus),
            "Order.filledQuantity": .quantity(order.filledQuantity),
            "Order.parentPermId": .whole(order.parentPermanentID),
        ]
        let parts = [Self.values(order.terms), Self.values(order.contract), own]
        add("completedOrder", parts.reduce([:]) { $0.merging($1) { $1 } })
    }
}
