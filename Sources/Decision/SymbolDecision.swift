public import Core

/// What a filter says. Filters are asked in a fixed order and all of them answer, so that a report can tell what else
/// stood in the way.
public struct FilterVerdict: Hashable, Sendable {
    public let name: String
    public let passed: Bool
    /// One sentence with the numbers.
    public let reason: String

    public init(name: String, passed: Bool, reason: String) {
        self.name = name
        self.passed = passed
        self.reason = reason
    }

    var json: JSONValue { ["name": .string(name), "passed": .bool(passed), "reason": .string(reason)] }
}

/// What was decided for one symbol, and why.
public struct SymbolDecision: Hashable, Sendable {
    public let symbol: Symbol
    public let action: Action
    /// The magnitude of ``signal``, 0 to 1.
    public let confidence: Double
    /// The weighted mean of the signed confidences, −1 (sell) to 1 (buy).
    public let signal: Double
    public let votes: [Vote]
    /// Empty for a decision to hold.
    public let filters: [FilterVerdict]
    /// The position aimed at, with its sign; `nil` if there is nothing to aim at.
    public let target: Quantity?
    /// How the size came about.
    public let sizing: JSONValue
    /// What is to be sent; `nil` if nothing is.
    public let intent: OrderIntent?
    /// Orders of ours to be taken back, whether or not something is sent.
    public let withdrawn: [WorkingOrder]

    /// The ids of the orders to be taken back.
    public var cancels: [ClientOrderID] { withdrawn.compactMap(\.clientOrderID) }

    /// What a person should know of it beside the order.
    public var remarks: [String] {
        var remarks = withdrawn.map { order in
            order.isProtection && order.side.rawValue == action.rawValue
                ? "\(symbol): our order \(order.clientOrderID?.text ?? "-"), which protects the position, makes room for its exit: "
                    + "that goes out at the next bar, if it is still wanted then"
                : "\(symbol): our order \(order.clientOrderID?.text ?? "-") to \(order.side.rawValue) \(order.open) would open "
                    + "again what is closed, and is taken back"
        }
        if let left = sizing["odd_lot"]?.stringValue {
            remarks.append("odd-lot: \(left) of \(symbol) are less than a lot and have to be closed by hand")
        }
        if let proposed = sizing["proposed_target"]?.stringValue {
            remarks.append(
                "\(symbol): the proposed target of \(proposed) is more than the sizing allows; "
                    + "\(target?.description ?? "nothing") is aimed at")
        }
        return remarks
    }

    /// The decision item of the contract, with the sizing and the order added.
    public var json: JSONValue {
        let head: JSONValue = [
            "symbol": JSONValue(symbol), "action": .string(action.rawValue), "confidence": .double(confidence),
            "signal": .double(signal), "votes": .array(votes.map(\.json)),
            "filters": .array(filters.map(\.json)), "target": JSONValue(target), "sizing": sizing,
        ]
        let told =
            cancels.isEmpty ? head : head.setting("cancels", .array(cancels.map { JSONValue($0) }))
        guard let intent else { return told }
        return told.setting("intent_id", JSONValue(intent.id)).setting("intent", Self.json(intent))
    }

    /// What few intents have is left out where there is none.
    private static func json(_ intent: OrderIntent) -> JSONValue {
        let json = intent.type.distances.reduce(plain(intent)) { $0.setting($1.key, $1.value) }
        return intent.handling.json.map { json.setting("handling", $0) } ?? json
    }

    private static func plain(_ intent: OrderIntent) -> JSONValue {
        [
            "intent_id": JSONValue(intent.id), "symbol": JSONValue(intent.symbol),
            "purpose": .string(intent.purpose.rawValue), "side": .string(intent.side.rawValue),
            "type": .string(intent.type.name), "quantity": JSONValue(intent.quantity),
            "limit_price": JSONValue(intent.type.limitPrice), "stop_price": JSONValue(intent.type.stopPrice),
            "time_in_force": .string(intent.timeInForce.rawValue), "broker": JSONValue(intent.broker),
            "reference_price": JSONValue(intent.referencePrice), "created_at": JSONValue(intent.createdAt),
            "expires_at": JSONValue(intent.expiresAt),
        ]
    }
}
