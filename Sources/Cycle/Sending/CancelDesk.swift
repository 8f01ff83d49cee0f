internal import Broker
internal import Core
internal import Execution
internal import Store
internal import Settings

/// Carries out the cancellations that are on record, with the same care as orders: written ahead, sent once, and believed only
/// when the broker lists the order as cancelled. A wish lasts until its order is final: refused, lost or taken in vain, the
/// cancellation is sent again once reconcile has seen the order alive.
public struct CancelDesk {
    let context: CycleContext

    public init(context: CycleContext) { self.context = context }

    /// On an order whose cancellation provably did not leave; the wish waits.
    public static let notSentCode = "cancel-not-sent"

    /// Sends every pending cancellation once. An order in doubt cannot be cancelled before it is found, and one whose
    /// cancellation is under way not before reconcile has looked; their wishes wait. One wish's trouble does not hold up the others, let
    /// alone the orders that are to be sent after them.
    func carryOut() async throws {
        let wishes = try context.store.read { try $0.pendingOperatorOrders(kind: .cancel) }
        try await lookAtThoseUnderWay(wishes)
        for wish in wishes {
            try context.stop.checkpoint()
            do { try await carryOut(wish) } catch let error as StoreError {
                context.log(
                    .warning, "a cancellation waits for the next beat",
                    [.init("order", .string(wish.scope)), .init("error", JSONValue(error))])
            }
        }
    }

    /// What an earlier process left half done: it may have died before its cancellation went out. The broker's list tells,
    /// once it has had time to; so the wish of a crash is carried out by the rerun and not a beat later.
    private func lookAtThoseUnderWay(_ wishes: [StoredOperatorOrder]) async throws {
        let underWay = try context.store.read { reader in
            try wishes.compactMap { try reader.order(ClientOrderID($0.scope)) }.filter(OrderMachine.isBeingCancelled)
        }
        for (id, orders) in Dictionary(grouping: underWay, by: \.broker).sorted(by: { $0.key < $1.key }) {
            guard let broker = context.brokers[id], let oldest = orders.map(\.submittedAt).min() else { continue }
            let orders = orders.filter { $0.account == broker.account }
            guard !orders.isEmpty else { continue }
            do {
                let list = try await broker.orders(since: oldest)
                try context.store.write(durable: true) { try revive(orders, list, broker.capabilities, in: $0) }
            } catch let error as BrokerError {
                logWait(id, "\(error)")
            } catch let error as StoreError {
                logWait(id, "\(error)")
            }
        }
    }

    private func logWait(_ id: BrokerID, _ error: String) {
        context.log(
            .warning, "cancellations under way wait for the broker's list",
            [.init("broker", JSONValue(id)), .init("error", .string(error))])
    }

    private func revive(
        _ orders: [ManagedOrder], _ list: Snapshot<BrokerOrder>, _ capabilities: BrokerCapabilities,
        in writer: StoreWriter
    ) throws {
        let now = context.clock.now()
        for stale in orders {
            guard let order = try writer.order(stale.clientOrderID),
                let listed = list.items.first(where: { $0.brokerOrderID == order.brokerOrderID })
            else { continue }
            let seen = OrderMachine.withoutLostCancel(order, listed, in: list, capabilities, at: now)
            try OrderRecorder(context: context, now: now).record(seen, before: order, in: writer)
        }
    }

    /// The same from outside a step: under the submit lock of every profile with a wish, so that no cancel is sent twice. A
    /// profile whose submit is running carries its wishes out itself.
    public func carryOutAlone() async throws {
        var locks: [StepLock] = []
        defer { for lock in locks { lock.release() } }
        for profile in context.settings.profiles {
            let path = context.submitLockPath(profile.name)
            let holder = "process \(context.process.pid) cancelling orders"
            guard case .acquired(let lock) = try await StepLock.acquire(path: path, holder: holder, tries: 40) else {
                return
            }
            locks.append(lock)
        }
        try await carryOut()
    }

    private func carryOut(_ wish: StoredOperatorOrder) async throws {
        guard let order = try claim(wish), let number = order.brokerOrderID, let broker = context.brokers[order.broker]
        else { return }
        context.failpoints.hit(.cancelAfterWriteAhead)
        let request = CancelRequest(clientOrderID: order.clientOrderID, brokerOrderID: number, symbol: order.symbol)
        let outcome = await broker.cancel(request)
        context.failpoints.hit(.cancelAfterSend)
        let now = context.clock.now()
        try context.store.write(durable: true) { writer in
            try writer.appendOrderMessage(
                order.clientOrderID, attempt: order.attempt, direction: .cancelAnswer, at: now, body: Self.body(outcome)
            )
            guard let current = try writer.order(order.clientOrderID), current.state == .cancelling else { return }
            let recorder = OrderRecorder(context: context, now: now)
            try recorder.record(Self.settle(current, outcome, now), before: current, in: writer)
        }
        context.failpoints.hit(.cancelAfterRecord)
        context.log.order("cancel requested", order)
    }

    /// Whether a cancellation of the order can go out now: it stands at a broker of ours, in the account that is open there.
    static func canSend(for order: ManagedOrder, _ context: CycleContext) -> Bool {
        order.isCancellable && order.brokerOrderID != nil && context.brokers[order.broker]?.account == order.account
    }

    /// Puts the cancellation on record, ahead of the send; `nil` if there is nothing to send now. Read and written in one
    /// transaction: reconcile may close the order at any time.
    private func claim(_ wish: StoredOperatorOrder) throws -> ManagedOrder? {
        // Its own time for each: how long a cancellation may be on its way counts from here, not from the first of many.
        let now = context.clock.now()
        return try context.store.write(durable: true) { writer -> ManagedOrder? in
            let recorder = OrderRecorder(context: context, now: now)
            guard let order = try writer.order(ClientOrderID(wish.scope)), !order.state.isFinal else {
                try recorder.completeCancels(of: ClientOrderID(wish.scope), in: writer)
                return nil
            }
            guard Self.canSend(for: order, context), let number = order.brokerOrderID else { return nil }
            let cancelling = OrderMachine.apply(.cancelRequested, to: order, at: now)
            try recorder.record(cancelling, before: order, in: writer)
            try writer.appendOrderMessage(
                order.clientOrderID, attempt: order.attempt, direction: .cancelRequest, at: now,
                body: ["broker_order_id": JSONValue(number)])
            return cancelling
        }
    }

    private static func settle(_ order: ManagedOrder, _ outcome: ChangeOutcome, _ now: Instant) -> ManagedOrder {
        switch outcome {
        case .accepted: order
        case .refused(let code, let message):
            OrderMachine.apply(
                .cancelRefused(Reason(code: OrderMachine.cancelRefusedCode, message: "\(code): \(message)")), to: order,
                at: now)
        case .notSent(let detail):
            OrderMachine.apply(.cancelNotSent(Reason(code: notSentCode, message: detail)), to: order, at: now)
        case .unknown(let detail):
            OrderMachine.apply(.cancelUnknown(Reason(code: "cancel-in-doubt", message: detail)), to: order, at: now)
        }
    }

    private static func body(_ outcome: ChangeOutcome) -> JSONValue {
        switch outcome {
        case .accepted: ["outcome": "accepted"]
        case .refused(let code, let message):
            ["outcome": "refused", "code": .string(code), "message": .string(message)]
        case .notSent(let detail): ["outcome": "not-sent", "detail": .string(detail)]
        case .unknown(let detail): ["outcome": "unknown", "detail": .string(detail)]
        }
    }
}

extension StoreWriter {
    /// Cancellations become operator orders: durable wishes that `submit` carries out. What is wished already is not wished
    /// twice.
    func wishCancelled(
        _ orders: [ClientOrderID], because reason: String, by actor: String, at now: Instant
    ) throws {
        guard !orders.isEmpty else { return }
        let wished = Set(try pendingOperatorOrders(kind: .cancel).map(\.scope))
        for id in orders where !wished.contains(id.text) {
            _ = try addOperatorOrder(kind: .cancel, scope: id.text, reason: reason, by: actor, at: now)
        }
    }
}
