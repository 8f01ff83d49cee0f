public import Core

/// A halt the account check asks for. The caller makes it durable; only an operator lifts it.
public struct HaltOrder: Hashable, Sendable {
    public let scope: HaltScope
    public let code: String
    public let message: String
    public let isEmergency: Bool
}

/// An order that has to go out to protect the account; it takes no part in the limits on new risk.
public struct ProtectiveExit: Hashable, Sendable {
    public let symbol: Symbol
    /// Where it trades, for whoever waits for its session.
    public let exchange: ExchangeID
    public let broker: BrokerID
    public let side: Side
    /// What is held less the exits already on their way, rounded down to the lot. Positive.
    public let quantity: Quantity
    /// `stop-loss` or `flatten`.
    public let purpose: OrderPurpose
    /// The newest mark, be it the last trade of a symbol that no profile follows; the average cost where there is none.
    public let referencePrice: Price
    public let reason: Reason

    /// The order intent that carries the exit out: at the market, checked like any other with ``RiskCheck/intents(_:)``.
    ///
    /// - Parameter leg: Tells it apart from the cycle's other intents of this symbol and purpose: earlier attempts, and the
    ///   exits at other brokers.
    public func intent(
        cycle: CycleID, leg: Int, timeInForce: TimeInForce = .day, createdAt: Instant, expiresAt: Instant
    ) -> OrderIntent {
        OrderIntent(
            cycle: cycle, symbol: symbol, leg: leg, purpose: purpose, side: side, type: .market, quantity: quantity,
            timeInForce: timeInForce, broker: broker, referencePrice: referencePrice, createdAt: createdAt,
            expiresAt: expiresAt, reasons: [reason])
    }
}

/// What the account check asks for, before any intent is looked at.
public struct AccountVerdict: Hashable, Sendable {
    /// The codes of the halts this check orders.
    public static let dailyLossCode = "daily-loss"
    public static let emergencyCode = "emergency-shutdown"

    /// Halts to make durable; those in force already are not repeated.
    public let newHalts: [HaltOrder]
    /// For exchanges that take orders now, ordered by symbol and broker.
    public let protectiveExits: [ProtectiveExit]
    /// The same for exchanges that are closed now: to be kept and sent at the next chance.
    public let deferredExits: [ProtectiveExit]
    /// The emergency limit has just been reached or its halt is in force: nothing of ours may stay at the brokers.
    public let cancelAll: Bool
    /// Orders of ours to cancel: what an emergency or a flatten wants gone, and what a protective exit finds in its way.
    /// Never what is in doubt, never external orders, never an exit at the market.
    public let cancelOrders: [ClientOrderID]
    /// The ids of the flattens that are done: nothing is held in their scope, and no order of ours there may be live.
    public let finishedFlattens: [Int64]
    /// Their first six words name what they are about, and nothing that changes from beat to beat: by them an alert that has
    /// been told is known again.
    public let warnings: [Reason]
    /// The use of each limit.
    public let numbers: JSONValue

    /// The document kept as evidence.
    public var json: JSONValue {
        [
            "halts": .array(
                newHalts.map {
                    ["scope": JSONValue($0.scope), "code": .string($0.code), "message": .string($0.message)]
                }),
            "protective_exits": .array(protectiveExits.map(Self.json)),
            "deferred_exits": .array(deferredExits.map(Self.json)),
            "cancel_all": .bool(cancelAll),
            "cancel_orders": .array(cancelOrders.map { JSONValue($0) }),
            "finished_flattens": .array(finishedFlattens.map { .int($0) }),
            "warnings": .array(warnings.map { ["code": .string($0.code), "message": .string($0.message)] }),
            "numbers": numbers,
        ]
    }

    private static func json(_ exit: ProtectiveExit) -> JSONValue {
        [
            "symbol": JSONValue(exit.symbol), "broker": JSONValue(exit.broker), "side": .string(exit.side.rawValue),
            "quantity": JSONValue(exit.quantity), "purpose": .string(exit.purpose.rawValue),
            "code": .string(exit.reason.code), "message": .string(exit.reason.message),
        ]
    }
}
