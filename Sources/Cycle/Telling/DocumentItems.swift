public import Core
public import Store
internal import Settings

/// The items of the documents on stdout, as the contract names their fields: amounts and quantities are decimal strings with
/// their currency beside them, times are RFC 3339 UTC.
public enum DocumentItems {
    public static func bar(_ symbol: Symbol, _ timeframe: Timeframe, _ bar: Bar) -> JSONValue {
        [
            "symbol": JSONValue(symbol), "timeframe": JSONValue(timeframe), "open_at": JSONValue(bar.openAt),
            "open": JSONValue(bar.open), "high": JSONValue(bar.high), "low": JSONValue(bar.low),
            "close": JSONValue(bar.close), "volume": JSONValue(bar.volume), "source": .string(bar.source.rawValue),
        ]
    }

    public static func intent(_ intent: OrderIntent, brokerOrderID: BrokerOrderID? = nil) -> JSONValue {
        .object(
            [
                .init("intent_id", JSONValue(intent.id)), .init("client_order_id", JSONValue(intent.clientOrderID)),
                .init("cycle", JSONValue(intent.cycle)), .init("symbol", JSONValue(intent.symbol)),
                .init("purpose", .string(intent.purpose.rawValue)), .init("side", .string(intent.side.rawValue)),
                .init("type", .string(intent.type.name)), .init("quantity", JSONValue(intent.quantity)),
            ] + prices(intent.type) + [.init("time_in_force", .string(intent.timeInForce.rawValue))]
                + handling(intent.handling) + [
                    .init("state", .string(intent.state.rawValue)),
                    .init("broker", JSONValue(intent.broker)),
                ] + (brokerOrderID.map { [.init("broker_order_id", JSONValue($0))] } ?? []) + [
                    .init("attempt", .int(Int64(intent.attempt))), .init("created_at", JSONValue(intent.createdAt)),
                    .init("expires_at", JSONValue(intent.expiresAt)), .init("reasons", reasons(intent.reasons)),
                ])
    }

    public static func order(_ order: ManagedOrder) -> JSONValue {
        .object(
            [
                .init("client_order_id", JSONValue(order.clientOrderID)), .init("intent_id", JSONValue(order.intentID)),
                .init("origin", .string(order.origin.rawValue)), .init("broker", JSONValue(order.broker)),
                .init("account", JSONValue(order.account)), .init("broker_order_id", JSONValue(order.brokerOrderID)),
                .init("symbol", JSONValue(order.symbol)), .init("side", .string(order.side.rawValue)),
                .init("type", .string(order.type.name)), .init("quantity", JSONValue(order.quantity)),
            ] + prices(order.type) + [.init("time_in_force", .string(order.timeInForce.rawValue))]
                + handling(order.handling) + [
                    .init("filled_quantity", JSONValue(order.filledQuantity)),
                    .init("average_fill_price", JSONValue(order.averageFillPrice)),
                    .init("state", .string(order.state.rawValue)), .init("attempt", .int(Int64(order.attempt))),
                    .init("sent_at", JSONValue(order.submittedAt)),
                    .init("acknowledged_at", JSONValue(order.acknowledgedAt)),
                    .init("finished_at", JSONValue(order.finishedAt)), .init("reasons", reasons(order.reasons)),
                ])
    }

    public static func fill(_ fill: Fill) -> JSONValue {
        .object([
            .init("fill_id", .string(fill.id)), .init("execution_id", JSONValue(fill.executionID)),
            .init("broker", JSONValue(fill.broker)), .init("client_order_id", JSONValue(fill.clientOrderID)),
            .init("intent_id", JSONValue(fill.intentID)), .init("symbol", JSONValue(fill.symbol)),
            .init("side", .string(fill.side.rawValue)), .init("quantity", JSONValue(fill.quantity)),
            .init("price", JSONValue(fill.price)), .init("fee", JSONValue(fill.fee)), .init("tax", JSONValue(fill.tax)),
            .init("currency", JSONValue(fill.currency)), .init("filled_at", JSONValue(fill.filledAt)),
            .init("recorded_at", JSONValue(fill.recordedAt)), .init("busted", .bool(fill.isBusted)),
        ])
    }

    public static func reasons(_ reasons: [Reason]) -> JSONValue {
        .array(reasons.map { ["code": .string($0.code), "message": .string($0.message)] })
    }

    /// Prices and distances, those that the type has.
    public static func prices(_ type: OrderType) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        if let limit = type.limitPrice { members.append(.init("limit_price", JSONValue(limit))) }
        if let stop = type.stopPrice { members.append(.init("stop_price", JSONValue(stop))) }
        return members + type.distances
    }

    private static func handling(_ handling: OrderHandling) -> [JSONValue.Member] {
        handling.json.map { [.init("handling", $0)] } ?? []
    }
}

extension DocumentItems {
    public static func decision(_ decision: StoredDecision) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("cycle", JSONValue(decision.cycle)), .init("symbol", JSONValue(decision.symbol)),
            .init("action", .string(decision.action.rawValue)), .init("confidence", .double(decision.confidence)),
            .init("origin", .string(decision.origin.rawValue)), .init("votes", decision.votes),
            .init("filters", decision.filters),
        ]
        if let intent = decision.intentID { members.append(.init("intent_id", JSONValue(intent))) }
        return .object(members)
    }

    public static func bookBreak(_ found: Store::BookBreak) -> JSONValue {
        .object([
            .init("break_id", .string(String(found.id))), .init("kind", .string(found.kind)),
            .init("broker", JSONValue(found.broker)), .init("account", JSONValue(found.account)),
            .init("symbol", JSONValue(found.symbol)), .init("subject", .string(found.subject)),
            .init("ours", .string(found.ours)), .init("theirs", .string(found.theirs)),
            .init("first_seen_at", JSONValue(found.firstSeenAt)), .init("last_seen_at", JSONValue(found.lastSeenAt)),
            .init("state", .string(found.state.rawValue)),
        ])
    }
}
