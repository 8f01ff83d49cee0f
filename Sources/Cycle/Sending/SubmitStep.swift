internal import Broker
internal import Core
internal import Execution
internal import Ledger
internal import Risk
internal import Store
internal import Settings

/// Sends approved intents, write-ahead.
///
/// Durable writes are batched where the order rules allow it: one durable commit puts every request of the run on record
/// before the first byte leaves, one durable commit records every answer after the last. A crash between the two leaves all
/// of them in doubt, which is more doubt than one commit each would leave, never less safety.
struct SubmitStep: Step {
    let name = StepName.submit

    func hasNewWork(_ beat: Beat) throws -> Bool {
        try beat.context.store.read { reader in
            try !reader.intents(states: [.approved], profile: beat.profile.name).isEmpty
                || !reader.orders(states: [.submitting], profile: beat.profile.name).isEmpty
                || reader.pendingOperatorOrders(kind: .cancel).contains {
                    try reader.order(ClientOrderID($0.scope)).map { CancelDesk.canSend(for: $0, beat.context) } ?? false
                }
        }
    }

    func run(_ beat: Beat) async throws -> StepResult {
        if beat.isDryRun { return try preview(beat) }
        if let wait = try RestoreGuard.wait(beat, forAll: false) { return wait }
        try recoverOrphans(beat)
        try await CancelDesk(context: beat.context).carryOut()
        try beat.context.stop.checkpoint()
        let preparation = try await OrderPreparation.make(beat)
        // Times in orders are those of the send: the cancellations and the preparation may have taken a while, and what missed
        // its window meanwhile expires.
        let beat = beat.refreshed()
        beat.context.failpoints.hit(.submitBeforeWriteAhead)
        let selection = try beat.context.store.write(durable: true) { try select(beat, preparation, in: $0) }
        beat.context.failpoints.hit(.submitAfterWriteAhead)
        for (broker, orders) in selection.byBroker { try await send(orders, to: broker, beat) }
        return try result(beat)
    }

    /// Rows that a killed process left at `submitting`: this profile's lock is ours, so no living process owns them.
    private func recoverOrphans(_ beat: Beat) throws {
        let orphans = try beat.context.store.read { try $0.orders(states: [.submitting], profile: beat.profile.name) }
        try OrphanRecovery(context: beat.context).markInDoubt(orphans)
    }

    private struct Selection {
        /// In the order of the broker's name, then of the intents.
        var byBroker: [(broker: any Broker, orders: [Outgoing])] = []
    }

    /// An order on record, and what is sent of it; why not, where it could not be made ready.
    private struct Outgoing {
        let order: ManagedOrder
        let request: Result<OrderRequest, OrderPreparation.NotReady>
    }

    /// Commits the write-ahead rows. Conditions are read in the same transaction, so that a halt set a moment ago holds.
    private func select(_ beat: Beat, _ preparation: OrderPreparation, in writer: StoreWriter) throws -> Selection {
        var gate = SendGate(
            halts: try writer.activeHalts(),
            doubtful: try writer.orders(states: [.inDoubt, .cancelInDoubt, .submitting]),
            revised: try writer.ordersUnderRevision(beat.context), profile: beat.profile.name)
        var sent: [BrokerID: [Outgoing]] = [:]
        let approved = try writer.intents(states: [.approved], profile: beat.profile.name).sorted(by: Self.sendOrder)
        // What is held matters to exits only, and adding it up costs more than all the rest.
        let ledger =
            try approved.contains(where: \.purpose.reducesRisk) ? Ledger.fold(try writer.ledgerEntries()) : Ledger()
        let unknown = try RestoreGuard.unknown(beat.context, writer)
        let disputed = try writer.openBreaks().filter { $0.kind == BookDifference.Kind.position.rawValue }
        for intent in approved where !unknown.contains(intent.broker) {
            guard let broker = beat.context.brokers[intent.broker] else {
                let reason = Reason(
                    code: "no-broker", message: "broker \(intent.broker) is not enabled in this installation")
                try close(intent, .rejected, reason, beat, in: writer)
                continue
            }
            guard (try? beat.context.listing(of: intent.symbol)) != nil else {
                let reason = Reason(code: "unknown-symbol", message: "symbols.yaml no longer lists \(intent.symbol)")
                try close(intent, .rejected, reason, beat, in: writer)
                continue
            }
            // Whatever an earlier attempt was thought to be: one order of an intent at a time.
            let protection = intent.protection(at: beat.now)
            if try writer.order(intent.clientOrderID) != nil
                || writer.orders(intents: [intent.id] + protection.map(\.id)).contains(where: {
                    $0.state.mayBeLive || $0.filledQuantity.isPositive
                })
            {
                let reason = Reason(
                    code: "already-sent", message: "an earlier attempt stands at the broker or was filled")
                try close(intent, .rejected, reason, beat, in: writer)
                continue
            }
            if intent.purpose.reducesRisk,
                let reason = try exitRefusal(intent, broker, ledger, at: beat.now, in: writer)
            {
                try close(intent, .rejected, reason, beat, in: writer)
                continue
            }
            // The attempt before was proven absent by the order lists; what the account holds may know better.
            if intent.wasTried, disputed.contains(where: { $0.broker == intent.broker && $0.symbol == intent.symbol }) {
                continue
            }
            // Turned away at the broker's door is no proof: its lists are looked at first, once they would show it.
            if try !TurnedAwayOrders.wasLookedFor(intent, broker, in: writer) { continue }
            // One that was approved since the others were made ready is the next run's.
            guard let prepared = preparation[intent] else { continue }
            // Also one that waits for its broker is looked at: a halt meanwhile ends it, and lifting the halt does not revive it.
            switch gate.admit(intent, at: beat.now) {
            case .send:
                // An attempt that cannot come to anything is none: it would count, and be told as a failure, at every beat.
                if case .waiting(let until, _) = prepared, beat.now < until, until < intent.expiresAt { continue }
                if case .refused(let code, let message) = prepared {
                    try close(intent, .rejected, Reason(code: code, message: message), beat, in: writer)
                    continue
                }
                let outgoing = try writeAhead(intent, prepared, broker, beat, in: writer)
                gate.note(outgoing.order)
                sent[intent.broker, default: []].append(outgoing)
                for exit in protection {
                    // Not without its entry: what keeps one of them back keeps back all.
                    let lacking = PreparedOrder.notReady(detail: "it was not made ready with its entry")
                    let prepared = prepared.isReady ? preparation[exit] ?? lacking : prepared
                    try writer.approve(protection: exit)
                    sent[intent.broker, default: []].append(
                        try writeAhead(exit, prepared, broker, beat, in: writer))
                }
            case .wait: continue
            case .drop(let state, let reason): try close(intent, state, reason, beat, in: writer)
            }
        }
        let names = sent.keys.sorted()
        return Selection(
            byBroker: names.compactMap { name in
                beat.context.brokers[name].map { ($0, sent[name] ?? []) }
            })
    }

    /// Why an exit must not go out any more. Between its approval and its send, or between one attempt and the next, the
    /// position may have been closed by another hand; the next check plans anew from what is left.
    private func exitRefusal(
        _ intent: OrderIntent, _ broker: any Broker, _ ledger: Ledger, at now: Instant, in reader: StoreReader
    ) throws -> Reason? {
        let key = AccountKey(broker.id, broker.account)
        var holding = Projection.Holding()
        let position = ledger.position(intent.symbol, broker: key.broker, account: key.account)
        let live = try reader.openOrders(broker: key.broker, account: key.account)
        let differing = try BrokerHoldings(reader, at: now)
        holding.held = position?.quantity ?? .zero
        holding.atBroker = differing.quantity(
            intent.symbol, key, ours: holding.held, allowsShort: broker.capabilities.allowsShort)
        holding.unbookedExits = try position.map { try differing.unbookedExits($0, live) } ?? .zero
        let held = holding.held
        let closing: Side = held.isNegative ? .buy : .sell
        let executable = try ExecutableQuantities(live)
        for order in live where order.symbol == intent.symbol && order.side == closing {
            if held.isNegative {
                holding.buying = try holding.buying + executable[order]
            } else {
                holding.selling = try holding.selling + executable[order]
            }
        }
        let left = try holding.exitable()
        guard held.isZero || intent.side != closing || intent.quantity > left else { return nil }
        return Reason(
            code: "exit-exceeds-position",
            message: "to \(intent.side.rawValue) \(intent.quantity) would go beyond the position of \(held), of which "
                + "\(left) are not on their way out already")
    }

    /// Exits before entries, then by symbol: money is freed before it is spent, and every run sends in the same order.
    static func sendOrder(_ left: OrderIntent, _ right: OrderIntent) -> Bool {
        if left.purpose.reducesRisk != right.purpose.reducesRisk { return left.purpose.reducesRisk }
        return (left.symbol, left.id) < (right.symbol, right.id)
    }

    private func writeAhead(
        _ intent: OrderIntent, _ prepared: PreparedOrder, _ broker: any Broker, _ beat: Beat, in writer: StoreWriter
    ) throws -> Outgoing {
        let (request, note) = OrderPreparation.outgoing(prepared)
        let order = ManagedOrder(
            clientOrderID: intent.clientOrderID, intentID: intent.id, attempt: intent.attempt, origin: .takt,
            profile: beat.profile.name, broker: broker.id, account: broker.account, brokerOrderID: nil,
            symbol: intent.symbol, side: intent.side, type: (try? request.get())?.type ?? intent.type,
            quantity: intent.quantity, timeInForce: intent.timeInForce, handling: intent.handling, state: .submitting,
            submittedAt: beat.now,
            reasons: note.map { [$0] } ?? [])
        try writer.insertOrder(order)
        try writer.updateIntent(
            intent.id, expecting: .approved, state: .submitting, attempt: intent.attempt, reasons: intent.reasons)
        try message(order, .request, DocumentItems.order(order), beat.now, in: writer)
        try writer.appendAudit(
            at: beat.now, actor: "takt", kind: "order.submitting", subject: order.clientOrderID.text,
            payload: DocumentItems.order(order))
        return Outgoing(order: order, request: request)
    }

    private func close(
        _ intent: OrderIntent, _ state: OrderState, _ reason: Reason, _ beat: Beat, in writer: StoreWriter
    ) throws {
        try writer.updateIntent(
            intent.id, expecting: .approved, state: state, attempt: intent.attempt, reasons: intent.reasons + [reason])
        try writer.appendAudit(
            at: beat.now, actor: "takt", kind: "intent.\(state.rawValue)", subject: intent.id.text,
            payload: ["code": .string(reason.code), "message": .string(reason.message)])
        if state == .expired, intent.wasTried { try UnsentOrders.alert(intent, at: beat.now, in: writer) }
    }

    private func send(_ sent: [Outgoing], to broker: any Broker, _ beat: Beat) async throws {
        let orders = sent.map(\.order)
        var answers = await broker.submit(sent.compactMap { try? $0.request.get() })[...]
        let outcomes = sent.map { outgoing -> SubmitOutcome in
            switch outgoing.request {
            case .failure(let lack): .notSent(detail: lack.detail)
            // An adapter that answers fewer outcomes than requests has lost track: the rest is unknown, not refused.
            case .success: answers.popFirst() ?? .unknown(detail: "the adapter gave no outcome")
            }
        }
        beat.context.failpoints.hit(.submitAfterSend)
        let answeredAt = beat.context.clock.now()
        try beat.context.store.write(durable: true) { writer in
            let recorder = OrderRecorder(context: beat.context, now: answeredAt)
            for (order, outcome) in zip(orders, outcomes) {
                try message(order, .answer, Self.body(outcome), answeredAt, in: writer)
                let settled = try settle(order, Self.event(outcome), recorder, in: writer)
                beat.context.log.order("sent", settled)
            }
            try BracketRules(context: beat.context, now: answeredAt).follow(orders.map(\.clientOrderID), in: writer)
        }
        beat.context.failpoints.hit(.submitAfterRecord)
    }

    /// An answer that our books refuse, such as a number that another order has, puts this order in doubt and no other.
    private func settle(
        _ order: ManagedOrder, _ event: OrderEvent, _ recorder: OrderRecorder, in writer: StoreWriter
    ) throws -> ManagedOrder {
        do {
            return try writer.attempt {
                let settled = OrderMachine.apply(event, to: order, at: recorder.now)
                try recorder.record(settled, before: order, in: writer)
                return settled
            }
        } catch StoreError.ruleViolated(let detail) {
            let reason = Reason(code: "answer-refused", message: "its answer does not fit our books: \(detail)")
            let doubtful = OrderMachine.apply(.outcomeUnknown(reason), to: order, at: recorder.now)
            try recorder.record(doubtful, before: order, in: writer)
            return doubtful
        }
    }

    private func message(
        _ order: ManagedOrder, _ direction: OrderMessage.Direction, _ body: JSONValue, _ at: Instant,
        in writer: StoreWriter
    ) throws {
        try writer.appendOrderMessage(
            order.clientOrderID, attempt: order.attempt, direction: direction, at: at, body: body)
    }

    private static func event(_ outcome: SubmitOutcome) -> OrderEvent {
        switch outcome {
        case .acknowledged(let id, let at): .acknowledged(id, at: at)
        case .rejected(let code, let message): .refused(Reason(code: code, message: message))
        case .notSent(let detail): .notSent(Reason(code: OrderMachine.notSentCode, message: detail))
        case .turnedAway(let detail): .notSent(Reason(code: OrderMachine.turnedAwayCode, message: detail))
        case .unknown(let detail): .outcomeUnknown(Reason(code: "no-answer", message: detail))
        }
    }

    private static func body(_ outcome: SubmitOutcome) -> JSONValue {
        switch outcome {
        case .acknowledged(let id, let at):
            ["outcome": "acknowledged", "broker_order_id": JSONValue(id), "at": JSONValue(at)]
        case .rejected(let code, let message):
            ["outcome": "rejected", "code": .string(code), "message": .string(message)]
        case .notSent(let detail): ["outcome": "not-sent", "detail": .string(detail)]
        case .turnedAway(let detail): ["outcome": "turned-away", "detail": .string(detail)]
        case .unknown(let detail): ["outcome": "unknown", "detail": .string(detail)]
        }
    }

    /// The document is made from the rows, so a resumed run says the same as an unbroken one.
    private func result(_ beat: Beat) throws -> StepResult {
        try beat.context.store.read { reader in
            let intents = try reader.intents(cycle: beat.cycle).sorted(by: Self.sendOrder)
            let orders = try reader.orders(intents: intents.map(\.id))
            // What protects an entry goes with it, and is not told as missing beside it.
            let decided = intents.filter { $0.handling.protects == nil }
            let doubtful = try reader.orders(
                states: [.inDoubt, .cancelInDoubt, .submitting], profile: beat.profile.name)
            let numbers = Dictionary(orders.map { ($0.clientOrderID, $0.brokerOrderID) }, uniquingKeysWith: { $1 })
            let items = intents.filter { $0.state != .rejected }.map { intent in
                DocumentItems.intent(intent, brokerOrderID: numbers[intent.clientOrderID] ?? nil)
            }
            let summary: [JSONValue.Member] = [
                .init("sent", .int(Int64(orders.count))),
                .init("acknowledged", .int(Int64(orders.filter { $0.acknowledgedAt != nil }.count))),
                .init("rejected", .int(Int64(orders.filter { $0.state == .rejectedByBroker }.count))),
                .init("in_doubt", .int(Int64(doubtful.count))),
            ]
            if !doubtful.isEmpty { return .doubtful(doubtful, summary, items) }
            var result = StepResult(
                orders.isEmpty ? .skipped : .succeeded, reason: orders.isEmpty ? .nothingToDo : nil, summary: summary,
                items: items,
                warnings: try UnsentOrders.warnings(decided, orders) + Self.held(decided, beat.context, reader))
            if let failure = UnsentOrders.failure(decided, orders) {
                (result.status, result.reason) = (.partial, nil)
                (result.failure, result.exitCode) = (failure, failure.exitCode)
            }
            return result
        }
    }

    /// Entries that wait for a revision: said with each run, for their window is short.
    private static func held(
        _ intents: [OrderIntent], _ context: CycleContext, _ reader: StoreReader
    ) throws -> [String] {
        let revised = try reader.ordersUnderRevision(context)
        return intents.filter { $0.state == .approved && !$0.purpose.reducesRisk }.compactMap { intent in
            revised.first { $0.symbol == intent.symbol && $0.broker == intent.broker }.map { order in
                "\(intent.id) waits: at which price \(order.clientOrderID) stands is not known yet; run `takt reconcile --again`"
            }
        }
    }

    private func preview(_ beat: Beat) throws -> StepResult {
        let intents = try beat.context.store.read { try $0.intents(states: [.approved], profile: beat.profile.name) }
        return StepResult(
            .succeeded, summary: [.init("would_send", .int(Int64(intents.count)))],
            items: intents.sorted(by: Self.sendOrder).map { DocumentItems.intent($0) })
    }
}

extension StepResult {
    /// Orders whose fate is unknown: the one outcome that wants eyes at once.
    static func doubtful(
        _ orders: [ManagedOrder], _ summary: [JSONValue.Member], _ items: [JSONValue]
    ) -> StepResult {
        let names = orders.map {
            "\($0.clientOrderID) (\($0.side.rawValue) \($0.quantity) \($0.symbol) at \($0.broker))"
        }
        let failure = StepFailure(
            code: "orders-in-doubt", message: "\(orders.count) order(s) may be live: \(names.joined(separator: ", ")).",
            hint: "Nothing is sent twice. Run `takt reconcile`; it settles them from the broker's own lists.",
            isRetryable: true, exitCode: .ordersInDoubt)
        return StepResult(.partial, summary: summary, items: items, failure: failure, exitCode: .ordersInDoubt)
    }
}
