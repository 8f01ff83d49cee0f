public import Core

extension IBStreamEvent {
    /// One object, for a line of NDJSON, of the same form as the other broker's: `event` names it, amounts are texts, accounts
    /// are masked.
    public var json: JSONValue {
        switch self {
        case .quote(let quote): quote.json
        case .trade(let trade): trade.json
        case .day(let day): day.json
        case .slice(let slice): slice.json
        case .bar(let bar): bar.json
        case .slot(let slot): slot.json
        case .execution(let execution): execution.json
        case .order(let order): order.json
        case .orderMessage(let message): message.json
        case .profit(let profit): profit.json
        case .accountValue(let value): value.json
        case .holding(let holding): holding.json
        case .news(let news): news.json
        }
    }
}

extension AccountID {
    /// Dashes and the last two characters stay, as in everything that is printed.
    fileprivate var masked: JSONValue {
        guard text.count >= 6 else { return "•••" }
        return .string(String(text.dropLast(2).map { $0 == "-" ? $0 : "•" }) + text.suffix(2))
    }
}

extension IBStreamQuote {
    fileprivate var json: JSONValue {
        [
            "event": "quote", "stream": "quotes", "symbol": JSONValue(symbol), "bid": JSONValue(bid),
            "bid_quantity": JSONValue(bidQuantity), "ask": JSONValue(ask), "ask_quantity": JSONValue(askQuantity),
            "halted": .bool(isHalted), "feed": .string(feed.rawValue), "delayed": .bool(isDelayed),
            "received_at": JSONValue(receivedAt),
        ]
    }
}

extension IBStreamTrade {
    fileprivate var json: JSONValue {
        [
            "event": "trade", "stream": "quotes", "symbol": JSONValue(symbol), "at": JSONValue(at),
            "price": JSONValue(price), "quantity": JSONValue(quantity), "feed": .string(feed.rawValue),
            "delayed": .bool(isDelayed), "received_at": JSONValue(receivedAt),
        ]
    }
}

extension IBStreamDay {
    fileprivate var json: JSONValue {
        [
            "event": "day", "stream": "quotes", "symbol": JSONValue(symbol), "open": JSONValue(open),
            "high": JSONValue(high), "low": JSONValue(low), "previous_close": JSONValue(previousClose),
            "volume": JSONValue(volume), "feed": .string(feed.rawValue), "delayed": .bool(isDelayed),
            "received_at": JSONValue(receivedAt),
        ]
    }
}

extension IBStreamSlice {
    fileprivate var json: JSONValue {
        [
            "event": "five-seconds", "stream": "bars", "symbol": JSONValue(symbol), "open_at": JSONValue(openAt),
            "open": JSONValue(open), "high": JSONValue(high), "low": JSONValue(low), "close": JSONValue(close),
            "volume": JSONValue(volume), "received_at": JSONValue(receivedAt),
        ]
    }
}

extension IBStreamBar {
    fileprivate var json: JSONValue {
        let (name, missing): (String, [Instant]) =
            switch standing {
            case .forming: ("forming", [])
            case .final: ("final", [])
            case .incomplete(let missing): ("incomplete", missing)
            }
        return [
            "event": "bar", "stream": making == .fiveSeconds ? "bars" : "kept-bars", "symbol": JSONValue(symbol),
            "timeframe": JSONValue(timeframe), "open_at": JSONValue(bar.openAt), "open": JSONValue(bar.open),
            "high": JSONValue(bar.high), "low": JSONValue(bar.low), "close": JSONValue(bar.close),
            "volume": JSONValue(bar.volume), "standing": .string(name),
            "missing_minutes": .array(missing.map { JSONValue($0) }), "received_at": JSONValue(receivedAt),
        ]
    }
}

extension IBStreamSlot {
    fileprivate var json: JSONValue {
        [
            "event": "no-bar", "stream": "bars", "symbol": JSONValue(symbol), "timeframe": JSONValue(timeframe),
            "open_at": JSONValue(openAt), "close_at": JSONValue(closeAt), "reason": .string(reason.rawValue),
        ]
    }
}

extension IBStreamExecution {
    fileprivate var json: JSONValue {
        let (name, corrected): (String, ExecutionID?) =
            switch occasion {
            case .new: ("new", nil)
            case .commission: ("commission", nil)
            case .correction(let id): ("correction", id)
            }
        return [
            "event": "execution", "occasion": .string(name), "execution_id": JSONValue(executionID),
            "corrects": JSONValue(corrected), "account": account.masked, "broker_order_id": JSONValue(brokerOrderID),
            "client_order_id": JSONValue(clientOrderID), "symbol": JSONValue(symbol), "con_id": .int(conID),
            "local_symbol": .string(localSymbol), "currency": .string(currency), "side": .string(side.rawValue),
            "quantity": JSONValue(quantity), "price": JSONValue(price), "at": JSONValue(at),
            "exchange": .string(exchange), "cumulative_quantity": JSONValue(cumulativeQuantity),
            "commission": JSONValue(commission), "commission_currency": JSONValue(commissionCurrency),
            "realized_pnl": JSONValue(realized), "received_at": JSONValue(receivedAt),
        ]
    }
}

extension IBStreamOrder {
    fileprivate var json: JSONValue {
        [
            "event": "order", "broker_order_id": JSONValue(brokerOrderID), "client_order_id": JSONValue(clientOrderID),
            "order_id": .int(orderID), "client_id": .int(clientID), "status": .string(status), "done": .bool(isDone),
            "filled": JSONValue(filled), "remaining": JSONValue(remaining), "average_price": JSONValue(averagePrice),
            "why_held": JSONValue(whyHeld), "received_at": JSONValue(receivedAt),
        ]
    }
}

extension IBStreamOrderMessage {
    fileprivate var json: JSONValue {
        [
            "event": "order-message", "order_id": .int(orderID), "code": .int(Int64(code)),
            "detail": .string(sentence), "received_at": JSONValue(receivedAt),
        ]
    }
}

extension IBStreamProfit {
    fileprivate var json: JSONValue {
        [
            "event": "profit", "account": account.masked, "symbol": JSONValue(symbol), "position": JSONValue(position),
            "daily_pnl": JSONValue(daily), "unrealized_pnl": JSONValue(unrealized), "realized_pnl": JSONValue(realized),
            "value": JSONValue(value), "received_at": JSONValue(receivedAt),
        ]
    }
}

extension IBStreamAccountValue {
    fileprivate var json: JSONValue {
        // What the account is called is told as a value too.
        let isName = key == "AccountCode" || key == "AccountOrGroup"
        return [
            "event": "account-value", "account": account.masked, "key": .string(key),
            "value": isName ? AccountID(value).masked : .string(value), "currency": JSONValue(currency),
            "reliable": .bool(isReliable), "received_at": JSONValue(receivedAt),
        ]
    }
}

extension IBStreamHolding {
    fileprivate var json: JSONValue {
        [
            "event": "holding", "account": account.masked, "symbol": JSONValue(symbol), "con_id": .int(conID),
            "local_symbol": .string(localSymbol), "quantity": JSONValue(quantity),
            "market_price": JSONValue(marketPrice), "market_value": JSONValue(marketValue),
            "average_cost": JSONValue(averageCost), "unrealized_pnl": JSONValue(unrealized),
            "realized_pnl": JSONValue(realized), "received_at": JSONValue(receivedAt),
        ]
    }
}

extension IBSubscription {
    fileprivate var json: JSONValue {
        var timeframe: Timeframe?
        if case .keptBars(_, let length) = self { timeframe = length }
        return [
            "stream": .string(name), "symbol": JSONValue(symbol), "timeframe": JSONValue(timeframe),
            "account": account?.masked ?? .null,
        ]
    }
}

extension IBStreamNews {
    fileprivate var json: JSONValue {
        func detail(_ text: String) -> JSONValue.Member { .init("detail", .string(text)) }
        func code(_ code: Int) -> JSONValue.Member { .init("code", .int(Int64(code))) }
        func count(_ count: Int) -> JSONValue.Member { .init("count", .int(Int64(count))) }
        func what(_ subscription: IBSubscription) -> JSONValue.Member { .init("subscription", subscription.json) }
        func retry(_ duration: Duration) -> JSONValue.Member {
            .init("retry_after_seconds", .int(duration.components.seconds))
        }
        let (name, members): (String, [JSONValue.Member]) =
            switch self {
            case .connected: ("connected", [])
            case .disconnected(let text): ("disconnected", [detail(text)])
            case .subscribed(let item): ("subscribed", [what(item)])
            case .unsubscribed(let item): ("unsubscribed", [what(item)])
            case .postponed(let item, let pause, let text): ("postponed", [what(item), retry(pause), detail(text)])
            case .refused(let item, let number, let text): ("refused", [what(item), code(number), detail(text)])
            case .feedChanged(let item, let feed):
                (
                    "feed-changed",
                    [what(item), .init("feed", .string(feed.rawValue)), .init("delayed", .bool(feed.isDelayed))]
                )
            case .delayedInstead(let item, let number, let text):
                ("delayed-instead", [what(item), code(number), detail(text)])
            case .silenced(let item, let text): ("silenced", [what(item), detail(text)])
            case .budgetLowered(let budget): ("budget-lowered", [.init("budget", .int(Int64(budget)))])
            case .withoutRoom(let items):
                ("without-room", [.init("subscriptions", .array(items.map(\.json)))])
            case .stale(let number, let text): ("stale", [code(number), detail(text)])
            case .sound(let number, let text): ("sound", [code(number), detail(text)])
            case .reconcile: ("reconcile", [])
            case .executionsListed(let isComplete, let new):
                ("executions-listed", [.init("complete", .bool(isComplete)), .init("new", .int(Int64(new)))])
            case .accountTold(let account): ("account-told", [.init("account", account.masked)])
            case .accountLost(let pause): ("account-lost", [retry(pause)])
            case .messageRefused(let text): ("frame-refused", [detail(text)])
            case .notice(let number, let text): ("notice", [code(number), detail(text)])
            case .dataDropped(let number): ("data-dropped", [count(number)])
            case .noticesDropped(let number): ("notices-dropped", [count(number)])
            case .stopped(let reason): ("stopped", [detail(reason.description)])
            }
        return .object([.init("event", .string(name))] + members)
    }
}
