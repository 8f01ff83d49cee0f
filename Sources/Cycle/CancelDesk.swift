internal import Broker
public import Core
internal import Execution
internal import Store
internal import Settings

/// Carries out the cancellations that are on record, with the same care as orders: written ahead, sent once, and believed only
/// when the broker lists the order as cancelled.
public struct CancelDesk {
    let context: CycleContext
    let now: Instant

    public init(context: CycleContext, now: Instant) {
        self.context = context
        self.now = now
    }

    /// Sends every pending cancellation once. An order in doubt cannot be cancelled before it is found; its wish waits.
    public func carryOut() async throws {
        let wishes = try context.store.read { try $0.pendingOperatorOrders(kind: .cancel) }
        for wish in wishes {
            try context.stop.checkpoint()
            guard let order = try context.store.read({ try $0.order(ClientOrderID(wish.scope)) }), !order.state.isFinal
            else {
                try context.store.write(durable: false) { try $0.completeOperatorOrder(wish.id, at: now) }
                continue
            }
            guard let number = order.brokerOrderID, let broker = context.brokers[order.broker], order.origin == .takt
            else {
                continue
            }
            try await cancel(order, number, at: broker, wish: wish.id)
        }
    }

    private func cancel(_ order: ManagedOrder, _ number: BrokerOrderID, at broker: any Broker, wish: Int64) async throws
    {
        let recorder = OrderRecorder(context: context, now: now)
        let cancelling = OrderMachine.apply(.cancelRequested, to: order, at: now)
        try context.store.write(durable: true) { writer in
            try recorder.record(cancelling, before: order, in: writer)
            try writer.appendOrderMessage(
                order.clientOrderID, attempt: order.attempt, direction: .cancelRequest, at: now,
                body: ["broker_order_id": JSONValue(number)])
        }
        context.failpoints.hit(.cancelAfterWriteAhead)
        let request = CancelRequest(clientOrderID: order.clientOrderID, brokerOrderID: number, symbol: order.symbol)
        let outcome = await broker.cancel(request)
        context.failpoints.hit(.cancelAfterSend)
        try context.store.write(durable: true) { writer in
            try writer.appendOrderMessage(
                order.clientOrderID, attempt: order.attempt, direction: .cancelAnswer, at: now, body: Self.body(outcome)
            )
            try recorder.record(Self.settle(cancelling, outcome, now), before: cancelling, in: writer)
            if case .notSent = outcome { return }
            try writer.completeOperatorOrder(wish, at: now)
        }
        context.failpoints.hit(.cancelAfterRecord)
        context.log.order("cancel requested", cancelling)
    }

    private static func settle(_ order: ManagedOrder, _ outcome: CancelOutcome, _ now: Instant) -> ManagedOrder {
        switch outcome {
        case .accepted: order
        case .refused(let code, let message):
            OrderMachine.apply(.cancelRefused(Reason(code: code, message: message)), to: order, at: now)
        case .notSent(let detail):
            OrderMachine.apply(.cancelRefused(Reason(code: "cancel-not-sent", message: detail)), to: order, at: now)
        case .unknown(let detail):
            OrderMachine.apply(.cancelUnknown(Reason(code: "cancel-in-doubt", message: detail)), to: order, at: now)
        }
    }

    private static func body(_ outcome: CancelOutcome) -> JSONValue {
        switch outcome {
        case .accepted: ["outcome": "accepted"]
        case .refused(let code, let message):
            ["outcome": "refused", "code": .string(code), "message": .string(message)]
        case .notSent(let detail): ["outcome": "not-sent", "detail": .string(detail)]
        case .unknown(let detail): ["outcome": "unknown", "detail": .string(detail)]
        }
    }
}
