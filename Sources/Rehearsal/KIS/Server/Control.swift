internal import Core

/// What steers the simulator from outside, beside KIS's own paths:
///
///     POST /_rehearsal/clock      {"now": "2026-11-20T00:30:00Z"} or {"advance_seconds": 60}
///     POST /_rehearsal/faults     a fault plan; GET what has been injected
///     GET  /_rehearsal/books      the simulator's own books
///     GET  /_rehearsal/status     calls, sessions, tokens
///     POST /_rehearsal/order      an order that somebody else gave, by telephone or in the HTS: {"account": "5012345601",
///                                 "symbol": "005930", "side": "buy", "type": "00", "quantity": 1, "price": "70000"}
///     POST /_rehearsal/ping       PINGPONG to every session
///     POST /_rehearsal/disconnect ends every session
extension KISSimulator {
    /// `nil` for KIS's own paths.
    func control(_ request: KISRequest) -> KISReply? {
        guard request.path.hasPrefix("/_rehearsal/") else { return nil }
        let body = (try? JSONValue(parsing: request.body)) ?? .null
        switch (request.method, request.path.dropFirst("/_rehearsal/".count)) {
        case ("POST", "clock"): return clock(body)
        case ("GET", "clock"): return KISReply(["now": JSONValue(now)])
        case ("POST", "faults"):
            do throws(KISFaultPlanError) {
                setFaults(try KISFaultPlan(json: body))
                return KISReply(["rules": .int(Int64(body["rules"]?.arrayValue?.count ?? 0))])
            } catch {
                return KISReply(status: 400, ["error": .string(error.description)])
            }
        case ("GET", "faults"):
            return KISReply([
                "faults": .array(
                    injectedFaults.map {
                        [
                            "fault": .string($0.fault.rawValue), "endpoint": .string($0.endpoint),
                            "call": .int(Int64($0.call)), "at": JSONValue($0.at),
                        ]
                    })
            ])
        case ("GET", "books"): return KISReply(books)
        case ("POST", "order"): return order(body)
        case ("GET", "status"): return KISReply(status)
        case ("POST", "ping"):
            ping()
            return KISReply(["sent": true])
        case ("POST", "disconnect"):
            disconnectAll()
            return KISReply(["closed": true])
        default: return KISReply(status: 404, ["error": "no such control"])
        }
    }

    private func order(_ body: JSONValue) -> KISReply {
        do throws(Refusal) {
            return KISReply(["number": .int(Int64(try placeByHand(body)))])
        } catch {
            return KISReply(status: 400, ["error": .string(error.message), "code": .string(error.messageCode)])
        }
    }

    private func clock(_ body: JSONValue) -> KISReply {
        if let text = body["now"]?.stringValue, let instant = Instant(rfc3339: text) {
            advance(to: instant)
        } else if let seconds = body["advance_seconds"]?.intValue, (0...31_536_000).contains(seconds) {
            advance(bySeconds: seconds)
        } else {
            return KISReply(status: 400, ["error": "give 'now', an RFC 3339 time, or 'advance_seconds'"])
        }
        return KISReply(["now": JSONValue(now)])
    }
}

extension SimulatedKIS {
    /// - Returns: The order's number.
    mutating func placeByHand(_ body: JSONValue) throws(Refusal) -> Int {
        let account = body["account"]?.stringValue ?? ""
        guard let environment = exchange.accounts[account]?.environment,
            let symbol = exchange.tapes.first(where: { $0.symbol.code == body["symbol"]?.stringValue })?.symbol
        else { throw .unknownSymbol }
        guard let price = try? FixedPoint(body["price"]?.stringValue ?? "0") else { throw .badPrice }
        let ticket = OrderTicket(
            account: account, venue: symbol.venue, code: symbol.code, isBuy: body["side"] == "buy",
            type: body["type"]?.stringValue ?? "00", quantity: Int(body["quantity"]?.intValue ?? 0), price: price,
            isByHand: true)
        return try exchange.place(ticket, in: environment).number
    }

    var status: JSONValue {
        [
            "now": JSONValue(exchange.now), "sessions": .int(Int64(streams.sessionCount)),
            "registrations": .array(streams.allRegistrations.map { .string("\($0.trID) \($0.key)") }),
            "pongs": .int(Int64(streams.pongs)), "tokens_issued": .int(Int64(gateway.issued)),
            "approvals": .int(Int64(gateway.approvals.count)),
            "calls": .object(callCounts.sorted { $0.key < $1.key }.map { .init($0.key, .int(Int64($0.value))) }),
            "faults": .int(Int64(faults.log.count)),
        ]
    }

    /// Accounts with their cash, positions, orders and fills, in plain terms instead of KIS's.
    var books: JSONValue {
        let accounts = exchange.accounts.sorted { $0.key < $1.key }.map { key, account in
            JSONValue.Member(
                key,
                [
                    "environment": .string(account.environment.rawValue),
                    "cash": .object(
                        account.opening.keys.sorted().map { currency in
                            .init(
                                currency,
                                [
                                    "settled": JSONValue(account.cash(currency, settledBy: exchange.today)),
                                    "final": JSONValue(account.cash(currency)),
                                    "buying_power": JSONValue(exchange.buyingPower(key, currency)),
                                ])
                        }),
                    "positions": .array(
                        account.positions.values.filter { $0.quantity > 0 }.sorted { $0.code < $1.code }.map {
                            [
                                "symbol": .string($0.code), "quantity": .int(Int64($0.quantity)),
                                "cost": JSONValue($0.cost), "average": JSONValue($0.average),
                            ]
                        }),
                    "orders": .array(exchange.orders.filter { $0.ticket.account == key }.map(Self.json)),
                    "fills": .array(exchange.fills.filter { $0.account == key }.map(Self.json)),
                ])
        }
        return ["now": JSONValue(exchange.now), "accounts": .object(accounts)]
    }

    private static func json(_ order: SimulatedOrder) -> JSONValue {
        let kind: String
        switch order.kind {
        case .new: kind = "new"
        case .revision: kind = "revision"
        case .cancellation: kind = "cancellation"
        }
        return [
            "number": .int(Int64(order.number)), "kind": .string(kind),
            "original": order.original.map { .int(Int64($0)) } ?? .null, "date": JSONValue(order.koreanDate),
            "symbol": .string(order.ticket.code), "side": order.ticket.isBuy ? "buy" : "sell",
            "type": .string(order.ticket.type), "quantity": .int(Int64(order.ticket.quantity)),
            "price": JSONValue(order.ticket.price), "filled": .int(Int64(order.filled)),
            "value": JSONValue(order.value), "costs": JSONValue(order.costs),
            "cancelled": .int(Int64(order.cancelled)), "moved": .int(Int64(order.moved)),
            "refused": .int(Int64(order.refused)), "remaining": .int(Int64(order.remaining)),
            "at": JSONValue(order.acceptedAt),
        ]
    }

    private static func json(_ fill: SimulatedFill) -> JSONValue {
        [
            "order": .int(Int64(fill.order)), "symbol": .string(fill.code), "side": fill.isBuy ? "buy" : "sell",
            "quantity": .int(Int64(fill.quantity)), "price": JSONValue(fill.price), "costs": JSONValue(fill.costs),
            "at": JSONValue(fill.at),
        ]
    }
}
