internal import Core
internal import Execution
internal import Store

/// Orders that provably never reached their broker and whose window is over: what risk had approved did not happen, and it
/// is not made up for. That is neither a success of `submit` nor a thing to find out from a report.
enum UnsentOrders {
    static let alertKind = "order-expired-unsent"
    /// What `submit` says of intents of which an attempt reached nobody; `nil` when there is none.
    static func failure(_ intents: [OrderIntent], _ orders: [ManagedOrder]) -> StepFailure? {
        if intents.contains(where: { $0.state == .approved }),
            let last = orders.last(where: {
                $0.neverReachedItsBroker && $0.reasons.last?.code != OrderMachine.neverArrivedCode
            })
        {
            return StepFailure(
                code: "broker-unavailable", message: "An order reached nobody: \(last.reasons.last?.message ?? "").",
                hint: last.reasons.last?.code == OrderMachine.turnedAwayCode
                    ? "Nothing is sent twice: run reconcile, then submit again within this bar."
                    : "It is safe to run submit again within this bar; nothing is sent twice.", isRetryable: true,
                exitCode: .unavailable)
        }
        let newest = newest(orders)
        let missed = intents.filter { $0.state == .expired && newest[$0.id]?.neverReachedItsBroker ?? false }
        guard !missed.isEmpty else { return nil }
        let names = missed.map { "\($0.id) (\($0.side.rawValue) \($0.quantity) \($0.symbol) at \($0.broker))" }
        return StepFailure(
            code: "expired-unsent",
            message: "\(missed.count) order(s) never reached the broker and their window is over: "
                + "\(names.joined(separator: ", ")).",
            hint: "Nothing of them is sent any more; the next beat decides anew. Look at the connection to the broker.",
            isRetryable: false, exitCode: .unavailable)
    }

    /// Intents that expired without an attempt, because nothing ran in time or something stood in their way: no failure of
    /// the step, and still no order.
    static func warnings(_ intents: [OrderIntent], _ orders: [ManagedOrder]) -> [String] {
        let newest = newest(orders)
        return intents.filter { $0.state == .expired && newest[$0.id] == nil }
            .map {
                "\($0.id) expired: \($0.reasons.last?.message ?? "its window ended at \($0.expiresAt), before it was sent")"
            }
    }

    private static func newest(_ orders: [ManagedOrder]) -> [IntentID: ManagedOrder] {
        Dictionary(
            orders.compactMap { order in order.intentID.map { ($0, order) } },
            uniquingKeysWith: { $0.attempt > $1.attempt ? $0 : $1 })
    }

    /// Puts the alert into the outbox, in the transaction that lets an intent expire after attempts that reached nobody.
    /// An intent expires once, so the alert is raised once.
    static func alert(_ intent: OrderIntent, at now: Instant, in writer: StoreWriter) throws {
        let what = "\(intent.side.rawValue) \(intent.quantity) \(intent.symbol) at \(intent.broker)"
        let cause = intent.reasons.last { OrderMachine.unreachedCodes.contains($0.code) }
        _ = try writer.enqueueAlert(
            key: "expired-unsent:\(intent.id)", severity: .error, kind: alertKind,
            title: "Order never reached the broker: \(what)",
            body:
                "\(intent.id) (\(intent.purpose.rawValue)) was not carried out (\(cause?.message ?? "no answer")) and its "
                + "window ended at \(intent.expiresAt). Nothing of it is sent any more; the next beat decides anew.",
            fields: [
                "symbol": JSONValue(intent.symbol), "broker": JSONValue(intent.broker),
                "intent_id": JSONValue(intent.id),
                "purpose": .string(intent.purpose.rawValue),
            ], at: now, dedupeWindowSeconds: 0)
    }
}
