public import Core
internal import Settings

extension KISStreamEvent {
    /// One object, for a line of NDJSON. Amounts are texts, the account is masked, the HTS id is left out.
    public var json: JSONValue {
        switch self {
        case .data(.trade(let trade)): trade.json
        case .data(.book(let book)): book.json
        case .data(.orderNotice(let notice)): notice.json
        case .news(let news): news.json
        }
    }
}

extension KISStreamTrade {
    fileprivate var json: JSONValue {
        let (name, unseen): (String, Quantity?) =
            switch continuity {
            case .first: ("first", nil)
            case .next: ("next", nil)
            case .gap(let quantity): ("gap", quantity)
            case .repeated: ("repeated", nil)
            }
        return [
            "event": "trade", "stream": .string(stream.rawValue), "symbol": JSONValue(symbol.code),
            "market": JSONValue(symbol.market), "at": JSONValue(at), "price": JSONValue(price),
            "quantity": JSONValue(quantity), "cumulative_quantity": JSONValue(cumulativeQuantity),
            "bid": JSONValue(bid), "bid_quantity": JSONValue(bidQuantity), "ask": JSONValue(ask),
            "ask_quantity": JSONValue(askQuantity), "phase": JSONValue(phase?.rawValue), "halted": .bool(isHalted),
            "continuity": .string(name), "unseen_quantity": JSONValue(unseen), "received_at": JSONValue(receivedAt),
        ]
    }
}

extension KISStreamBook {
    fileprivate var json: JSONValue {
        func levels(_ levels: [Level]) -> JSONValue {
            .array(levels.map { ["price": JSONValue($0.price), "quantity": JSONValue($0.quantity)] })
        }
        return [
            "event": "book", "stream": .string(stream.rawValue), "symbol": JSONValue(symbol.code),
            "market": JSONValue(symbol.market), "at": JSONValue(at), "bids": levels(bids), "asks": levels(asks),
            "expected_price": JSONValue(expectedPrice), "received_at": JSONValue(receivedAt),
        ]
    }
}

extension KISOrderNotice {
    fileprivate var json: JSONValue {
        let name =
            switch event {
            case .received: "received"
            case .confirmed: "confirmed"
            case .restCancelled: "rest-cancelled"
            case .refused: "refused"
            case .filled: "filled"
            }
        return [
            "event": "order-notice", "stream": .string(stream.rawValue), "notice": .string(name),
            "purpose": .string(purpose.rawValue), "account": .string(Secret.maskedAccount(account.reveal())),
            "broker_order_id": JSONValue(orderNumber), "original_broker_order_id": JSONValue(originalOrderNumber),
            "symbol": JSONValue(symbol), "market": JSONValue(market), "side": .string(side.rawValue),
            "order_kind": .string(orderKind), "quantity": JSONValue(quantity), "price": JSONValue(price),
            "order_quantity": JSONValue(orderQuantity), "order_price": JSONValue(orderPrice), "at": JSONValue(at),
            "stamped_on_receipt": .bool(isStampedOnReceipt), "received_at": JSONValue(receivedAt),
        ]
    }
}

extension KISStreamNews {
    fileprivate var json: JSONValue {
        let name: String
        let members: [JSONValue.Member]
        func seconds(_ duration: Duration) -> JSONValue.Member {
            .init("retry_after_seconds", .int(duration.components.seconds))
        }
        func item(_ registration: KISRegistration) -> JSONValue {
            let key = registration.stream.isNotice ? JSONValue.null : .string(registration.key)
            return ["stream": .string(registration.stream.rawValue), "key": key]
        }
        func said(_ code: String, _ message: String) -> [JSONValue.Member] {
            [.init("code", .string(code)), .init("message", .string(message))]
        }
        switch self {
        case .connected: (name, members) = ("connected", [])
        case .disconnected(let detail, let wait):
            (name, members) = ("disconnected", [.init("detail", .string(detail)), seconds(wait)])
        case .registered(let registration):
            (name, members) = ("registered", [.init("registration", item(registration))])
        case .unregistered(let registration):
            (name, members) = ("unregistered", [.init("registration", item(registration))])
        case .refused(let registration, let code, let message):
            (name, members) = ("refused", [.init("registration", item(registration))] + said(code, message))
        case .hungUpOn(let registration, let wait):
            let detail = "KIS ends the connection on a login name that it does not know: check KIS_HTS_ID"
            (name, members) = (
                "hung-up-on",
                [.init("registration", item(registration)), seconds(wait), .init("detail", .string(detail))]
            )
        case .budgetLowered(let budget): (name, members) = ("budget-lowered", [.init("budget", .int(Int64(budget)))])
        case .withoutRoom(let list):
            (name, members) = ("without-room", [.init("registrations", .array(list.map(item)))])
        case .keyInUse(let wait): (name, members) = ("key-in-use", [seconds(wait)])
        case .approvalKeyRefused(let code, let message): (name, members) = ("approval-key-refused", said(code, message))
        case .unknownAnswer(let code, let message): (name, members) = ("unknown-answer", said(code, message))
        case .widthChanged(let stream, let known, let now):
            let widths = [JSONValue.Member("known", .int(Int64(known))), .init("now", .int(Int64(now)))]
            (name, members) = ("width-changed", [.init("stream", .string(stream.rawValue))] + widths)
        case .frameRefused(let fault): (name, members) = ("frame-refused", [.init("detail", JSONValue(fault))])
        case .dataDropped(let count): (name, members) = ("data-dropped", [.init("count", .int(Int64(count)))])
        case .noticesDropped(let count): (name, members) = ("notices-dropped", [.init("count", .int(Int64(count)))])
        case .stopped(let reason): (name, members) = ("stopped", [.init("detail", JSONValue(reason))])
        }
        return .object([.init("event", .string(name))] + members)
    }
}

extension KISStreamStop: CustomStringConvertible {
    public var description: String {
        switch self {
        case .cancelled: "cancelled"
        case .attemptsExhausted(let attempts): "\(attempts) connections in a row came to nothing"
        case .approvalKeyRefused(let code, let message):
            "KIS refused a fresh approval key too (\(code) \(message)); app key, app secret and address belong together: "
                + "check all three"
        }
    }
}
