internal import Broker
public import Core
internal import Execution
internal import Store

/// A person's verdict on an order that reconcile cannot settle: several of the broker's orders could be it, none can be
/// proven, or it was there and is missing from the broker's lists. Nothing is sent; the verdict is recorded with who and why.
public struct DoubtDesk {
    private let context: CycleContext
    private let now: Instant
    private let actor: String
    private let reason: String

    public init(context: CycleContext, now: Instant, actor: String, reason: String) {
        self.context = context
        self.now = now
        self.actor = actor
        self.reason = reason
    }

    /// The order is the broker's number so and so. The broker has to list it with our terms, and it must be nobody else's.
    public func bind(_ id: ClientOrderID, to number: BrokerOrderID) async throws -> ManagedOrder {
        let order = try context.store.read { try unsettled(id, $0) }
        if let own = order.brokerOrderID { throw refusal(id, "it is the broker's order \(own) already") }
        guard let broker = context.brokers[order.broker] else {
            throw refusal(id, "broker \(order.broker) is not enabled")
        }
        let lists = try await broker.orders(since: order.submittedAt.advanced(bySeconds: -86_400))
        guard let listed = lists.items.first(where: { $0.brokerOrderID == number }) else {
            throw refusal(id, "\(order.broker) lists no order \(number)")
        }
        guard listed.symbol == order.symbol, listed.side == order.side, listed.quantity == order.quantity else {
            throw refusal(
                id,
                "\(number) is to \(listed.side.rawValue) \(listed.quantity) \(listed.symbol), this one to "
                    + "\(order.side.rawValue) \(order.quantity) \(order.symbol)")
        }
        return try settle(id, "bound to \(number)") { order, writer in
            let owner = try writer.order(broker: order.broker, account: order.account, brokerOrderID: number)
            guard owner == nil else {
                throw refusal(id, "\(number) already belongs to \(owner?.clientOrderID.text ?? "")")
            }
            return OrderMachine.apply(.listed(listed), to: order, at: now)
        }
    }

    /// The order never reached the broker, or does not stand there any more. What is booked of it stays; its intent ends as
    /// well: sending it again is a new decision. Should the broker list it again, it is taken up again, with an alert.
    public func declareAbsent(_ id: ClientOrderID) throws -> ManagedOrder {
        try settle(id, "declared absent") { order, _ in
            var absent = order
            absent.state = .expired
            absent.finishedAt = now
            absent.reasons.append(Reason(code: OrderMachine.declaredAbsentCode, message: "\(actor): \(reason)"))
            return absent
        }
    }

    private func unsettled(_ id: ClientOrderID, _ reader: StoreReader) throws -> ManagedOrder {
        guard let order = try reader.order(id) else { throw refusal(id, "there is no such order") }
        guard order.state == .inDoubt || order.isMissing else {
            throw refusal(id, "it is \(order.state.rawValue), neither in doubt nor missing from the broker's lists")
        }
        return order
    }

    /// The order is read in the transaction that settles it: reconcile may have found it a moment ago.
    private func settle(
        _ id: ClientOrderID, _ how: String, _ verdict: (ManagedOrder, StoreWriter) throws -> ManagedOrder
    ) throws -> ManagedOrder {
        try context.store.write(durable: true) { writer in
            let order = try unsettled(id, writer)
            let settled = try verdict(order, writer)
            try OrderRecorder(context: context, now: now).record(settled, before: order, in: writer)
            try BracketRules(context: context, now: now).follow([id], in: writer)
            try writer.appendAudit(
                at: now, actor: actor, kind: "order.settled-by-hand", subject: id.text,
                payload: ["how": .string(how), "reason": .string(reason)])
            return settled
        }
    }

    private func refusal(_ id: ClientOrderID, _ why: String) -> StepFailure {
        StepFailure(
            code: "not-settled", message: "Order \(id) cannot be settled so: \(why).",
            hint:
                "Nothing was changed. `takt orders --state in-doubt` lists the doubts, `takt breaks` the missing, `takt reconcile --again` what was found.",
            isRetryable: false, exitCode: .badInput)
    }
}
