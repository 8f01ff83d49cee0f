internal import Broker
internal import Core
internal import Execution
internal import Store

/// Orders that the broker's own door turned away. They may be tried again, once its lists have been read so late that they would
/// show an order which got through after all.
enum TurnedAwayOrders {
    /// Whether the broker's lists were read, whole and late enough, after the last attempt was turned away; `true` for attempts
    /// that ended otherwise.
    static func wasLookedFor(_ intent: OrderIntent, _ broker: any Broker, in reader: StoreReader) throws -> Bool {
        guard intent.wasTried, let last = try reader.orders(intent: intent.id).max(by: { $0.attempt < $1.attempt }),
            last.reasons.last?.code == OrderMachine.turnedAwayCode
        else { return true }
        let shownFrom = (last.finishedAt ?? last.submittedAt).advanced(by: broker.capabilities.visibilityDelay)
        let read = try reader.meta(ReconciliationWriter.watermarkKey(broker)).flatMap(Instant.init(rfc3339:))
        let began = try reader.meta(ReconciliationWriter.beginKey(broker)).flatMap(Instant.init(rfc3339:))
        // A list that begins later would not show it, had it come and ended before.
        let reachesBack = began.map { $0.advanced(by: broker.capabilities.clockTolerance) <= last.submittedAt } ?? true
        return reachesBack && read.map { $0 >= shownFrom } ?? false
    }

    /// Whether a reconciliation could let an order of any profile go out again.
    static func areWaiting(_ context: CycleContext, _ reader: StoreReader) throws -> Bool {
        try reader.intents(states: [.approved]).contains { intent in
            guard let broker = context.brokers[intent.broker] else { return false }
            return try !wasLookedFor(intent, broker, in: reader)
        }
    }
}
