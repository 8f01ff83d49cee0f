internal import Broker
public import Core

/// Our orders and fills against the broker's lists: a pure comparison.
///
/// Reconciliation never invents an order or a fill. A broker order that is not ours becomes an `external` row; an execution
/// belongs to the order its number names; a list that is incomplete proves no absence. An order at `submitting` belongs to
/// the process that is sending it: its row is left alone, and what could be its trace is nobody's in this round.
public enum Reconciliation {
    public static func plan(_ input: ReconciliationInput) throws(ArithmeticError) -> ReconciliationPlan {
        var plan = ReconciliationPlan()
        var book = OrderBook(input.ours)
        let contested = settleDoubts(input, &book, &plan)
        try adoptListed(input, &book, contested)
        bookExecutions(input, &book, &plan, contested)
        try settleFills(input, &book, plan)
        countAbsences(input, &book)
        endUnseen(input, &book, &plan)
        plan.unsettled = plan.unsettled.filter { book[$0.key]?.state == .inDoubt }
        let old = Dictionary(input.ours.map { ($0.clientOrderID, $0) }, uniquingKeysWith: { _, last in last })
        plan.updates = book.orders.filter { order in old[order.clientOrderID].map { $0 != order } ?? false }
        plan.external = book.orders.filter { old[$0.clientOrderID] == nil }
        return plan
    }

    /// - Returns: Broker orders that may belong to an order whose fate stays open.
    private static func settleDoubts(
        _ input: ReconciliationInput, _ book: inout OrderBook, _ plan: inout ReconciliationPlan
    ) -> Set<BrokerOrderID> {
        let doubtful = input.ours.filter { $0.state == .inDoubt }
        let sending = input.ours.filter { $0.state == .submitting }
        // Where the broker keeps no ids, an order proven absent may still surface; only its terms and time can tell.
        // One whose intent was tried again and is in doubt once more stands back: what is found is one order of that intent.
        let triedAgain = Set((doubtful + sending).compactMap(\.intentID))
        let ghosts =
            input.capabilities.listsClientOrderIDs
            ? []
            : input.ours.filter { order in
                order.isThoughtNeverArrived && !(order.intentID.map(triedAgain.contains) ?? false)
            }
        guard !doubtful.isEmpty || !sending.isEmpty || !ghosts.isEmpty else { return [] }
        let matcher = InDoubtMatcher(
            capabilities: input.capabilities, orders: input.orders, executions: input.executions,
            claimed: Set(input.ours.compactMap(\.brokerOrderID)))
        let resolutions = matcher.resolve(doubtful + sending + ghosts)
        var open = sending
        for order in ghosts {
            if case .bound(let listed) = resolutions[order.clientOrderID] {
                book.update(order.clientOrderID) { OrderMachine.apply(.listed(listed), to: $0, at: input.now) }
            }
        }
        for order in doubtful {
            guard let resolution = resolutions[order.clientOrderID] else { continue }
            switch resolution {
            case .bound(let listed):
                book.update(order.clientOrderID) { OrderMachine.apply(.listed(listed), to: $0, at: input.now) }
            case .absent where !input.capabilities.listsExecutions && input.isUnsettled(order.symbol):
                // With neither ids nor executions a list that lags has one other witness: the account itself.
                plan.unsettled[order.clientOrderID] = .undecided(
                    "the account does not hold of \(order.symbol) what our books say")
                open.append(order)
            case .absent:
                noteAbsence(of: order, input, &book)
                if book[order.clientOrderID]?.state == .expired {
                    plan.neverArrived.append(order.clientOrderID)
                } else {
                    plan.unsettled[order.clientOrderID] = resolution
                }
            case .ambiguous, .undecided, .outOfReach:
                plan.unsettled[order.clientOrderID] = resolution
                open.append(order)
            }
        }
        return matcher.traces(of: open)
    }

    private static func adoptListed(
        _ input: ReconciliationInput, _ book: inout OrderBook, _ contested: Set<BrokerOrderID>
    ) throws(ArithmeticError) {
        for listed in input.orders.items where !contested.contains(listed.brokerOrderID) {
            guard let id = book.find(listed), let order = book[id] else {
                // Some brokers list what has ended without the size it had; then it has executed nothing, and is nothing to us.
                if listed.quantity.isPositive { book.insert(external(listed, input, book)) }
                continue
            }
            guard order.symbol == listed.symbol, order.side == listed.side else { continue }
            let current = try OrderRestatement(
                order, as: listed, before: input.executedBefore[listed.brokerOrderID] ?? .zero,
                parts: parts(of: id, listed.brokerOrderID, input), splits: input.splits
            ).restated()
            book.update(id) { _ in
                let seen = OrderMachine.apply(.listed(listed), to: current, at: input.now)
                return OrderMachine.withoutLostCancel(
                    seen, listed, in: input.orders, input.capabilities, at: input.now)
            }
        }
    }

    /// What an order has executed by our fills and by the executions that are still to be booked, each once, without the ones
    /// taken back.
    private static func parts(
        of id: ClientOrderID, _ number: BrokerOrderID, _ input: ReconciliationInput
    ) -> [ExecutedPart] {
        let reports = input.executions.items.filter { $0.brokerOrderID == number }
        let fills = input.fills.filter { $0.clientOrderID == id }
        let busted = reports.filter(\.isBusted).map(\.executionID) + fills.filter(\.isBusted).map(\.executionID)
        var counted = Set(busted)
        var parts: [ExecutedPart] = []
        for fill in fills where counted.insert(fill.executionID).inserted {
            parts.append(ExecutedPart(at: fill.filledAt, quantity: fill.quantity, isBooked: true))
        }
        for report in reports where counted.insert(report.executionID).inserted {
            parts.append(ExecutedPart(at: report.filledAt, quantity: report.quantity, isBooked: false))
        }
        return parts
    }

    /// What an order has executed by the broker's list, each execution counted once, without the ones taken back.
    private static func executed(
        of number: BrokerOrderID, _ executions: [BrokerExecution]
    ) throws(ArithmeticError) -> Quantity {
        var counted = Set(executions.filter(\.isBusted).map(\.executionID))
        var sum = Quantity.zero
        for execution in executions
        where execution.brokerOrderID == number && counted.insert(execution.executionID).inserted {
            sum = try sum + execution.quantity
        }
        return sum
    }

    /// Numbered orders that a complete list, read late enough, does not show.
    private static func countAbsences(_ input: ReconciliationInput, _ book: inout OrderBook) {
        guard input.orders.isComplete else { return }
        let listed = Set(input.orders.items.map(\.brokerOrderID))
        for order in book.orders
        where order.state.mayBeLive && order.absenceProofs < ManagedOrder.proofsOfAbsence
            && order.brokerOrderID.map({ !listed.contains($0) }) ?? false
        {
            let shownFrom = (order.acknowledgedAt ?? order.submittedAt).advanced(by: input.capabilities.visibilityDelay)
            if input.orders.takenAt >= shownFrom { noteAbsence(of: order, input, &book) }
        }
    }

    /// Orders that are in no list any more because the lists begin later than they may have ended. Whether such an order
    /// executed anything before it ended, only the account's positions can tell, and only for what is over with its day. All
    /// others stay missing, for a person.
    private static func endUnseen(
        _ input: ReconciliationInput, _ book: inout OrderBook, _ plan: inout ReconciliationPlan
    ) {
        guard input.orders.isComplete, input.executions.isComplete,
            let beginsAt = InDoubtMatcher.begin(of: input.orders, input.executions)
        else { return }
        let fresh = Set(plan.newFills.map(\.symbol))
        // Orders of which something may be executed that is not booked may have offset each other in the account.
        let listed = Dictionary(
            input.orders.items.map { ($0.brokerOrderID, $0.filledQuantity) }, uniquingKeysWith: { max($0, $1) })
        let unknown = book.orders.filter { order in
            let booked = try? order.filledBefore + order.filledQuantity
            return order.state.mayBeLive && order.brokerOrderID.flatMap { listed[$0] } != booked
        }
        for order in unknown
        where order.isMissing && order.timeInForce.endsWithItsDay
            && input.capabilities.mayHaveEnded(order, before: beginsAt) && input.holdsAsBooked(order.symbol)
            && !fresh.contains(order.symbol)
            && !unknown.contains(where: { $0.symbol == order.symbol && $0.side != order.side })
        {
            let reason = Reason(
                code: OrderMachine.endedUnseenCode,
                message:
                    "\(order.broker) lists it as open no more, and what ended before \(beginsAt) not at all; the account "
                    + "holds of \(order.symbol) what our books say")
            book.update(order.clientOrderID) { OrderMachine.apply(.endedUnseen(reason), to: $0, at: input.now) }
            plan.endedUnseen.append(order.clientOrderID)
        }
    }

    /// Two looks at the same moment are one look: the second proof has to come a visibility delay later.
    private static func noteAbsence(
        of order: ManagedOrder, _ input: ReconciliationInput, _ book: inout OrderBook
    ) {
        if let last = order.lastAbsenceAt, last > input.orders.takenAt {
            // Noted by a clock that ran ahead: counted from here it costs one delay more, never a wrong proof.
            return book.update(order.clientOrderID) { order in
                var order = order
                order.lastAbsenceAt = input.orders.takenAt
                return order
            }
        }
        let spaced = order.lastAbsenceAt.map {
            input.orders.takenAt >= $0.advanced(by: input.capabilities.visibilityDelay)
        }
        guard spaced ?? true else { return }
        book.update(order.clientOrderID) { order in
            var absent = OrderMachine.apply(.absent, to: order, at: input.now)
            absent.lastAbsenceAt = input.orders.takenAt
            return absent
        }
    }

    private static func bookExecutions(
        _ input: ReconciliationInput, _ book: inout OrderBook, _ plan: inout ReconciliationPlan,
        _ contested: Set<BrokerOrderID>
    ) {
        var known = Dictionary(input.fills.map { ($0.executionID, $0.isBusted) }, uniquingKeysWith: { $0 || $1 })
        var costless = Set(input.fills.filter { $0.fee.isZero && $0.tax.isZero }.map(\.executionID))
        let ordered = input.executions.items.sorted { ($0.filledAt, $0.executionID) < ($1.filledAt, $1.executionID) }
        for execution in ordered {
            switch known[execution.executionID] {
            case false? where execution.isBusted: plan.busted.append(execution.executionID)
            case false? where execution.hasCosts && costless.remove(execution.executionID) != nil:
                plan.lateCosts.append(execution)
            case nil:
                guard let owner = owner(of: execution, input, &book, contested) else { continue }
                book.update(owner) { $0.withoutAbsences }
                plan.newFills.append(fill(execution, owner: owner, intent: book[owner]?.intentID, input))
            case true?, false?: break
            }
            known[execution.executionID] = execution.isBusted || known[execution.executionID] == true
        }
    }

    /// The order an execution belongs to, made up as external if nobody placed it; `nil` while that cannot be said. An
    /// execution that is held back is not lost: the doubtful order counts at full size meanwhile.
    private static func owner(
        of execution: BrokerExecution, _ input: ReconciliationInput, _ book: inout OrderBook,
        _ contested: Set<BrokerOrderID>
    ) -> ClientOrderID? {
        guard let owner = book.find(execution) else {
            guard !contested.contains(execution.brokerOrderID) else { return nil }
            return book.insert(external(execution, input, book))
        }
        guard let order = book[owner], order.state != .submitting else { return nil }
        // A number that stands for another order now: nothing of it is ours, and the quantities show it.
        guard order.symbol == execution.symbol, order.side == execution.side else { return nil }
        if book[owner]?.brokerOrderID == nil {
            let evidence = OrderEvent.acknowledged(execution.brokerOrderID, at: execution.filledAt)
            book.update(owner) { OrderMachine.apply(evidence, to: $0, at: input.now) }
        }
        return owner
    }

    private static func settleFills(
        _ input: ReconciliationInput, _ book: inout OrderBook, _ plan: ReconciliationPlan
    ) throws(ArithmeticError) {
        let busted = Set(plan.busted)
        let fills = (input.fills + plan.newFills).filter { !busted.contains($0.executionID) }
        let byOrder = Dictionary(grouping: fills, by: \.clientOrderID)
        for id in book.ids {
            guard let order = book[id], order.state != .submitting else { continue }
            let settled = try OrderMachine.settle(order, fills: byOrder[id] ?? [], at: input.now)
            book.update(id) { _ in settled }
            // Only now, with every execution counted, can a final status of the broker's be believed.
            guard let listed = input.orders.items.first(where: { $0.brokerOrderID == settled.brokerOrderID }) else {
                continue
            }
            if [.cancelled, .expired, .filled].contains(listed.status) {
                book.update(id) { OrderMachine.apply(.listed(listed), to: $0, at: input.now) }
            }
        }
    }

    private static func fill(
        _ execution: BrokerExecution, owner: ClientOrderID, intent: IntentID?, _ input: ReconciliationInput
    ) -> Fill {
        Fill(
            broker: input.broker, account: input.account, executionID: execution.executionID,
            brokerOrderID: execution.brokerOrderID, clientOrderID: owner, intentID: intent, symbol: execution.symbol,
            side: execution.side, quantity: execution.quantity, price: execution.price, fee: execution.fee,
            tax: execution.tax, currency: execution.currency, filledAt: execution.filledAt, recordedAt: input.now,
            isBusted: execution.isBusted)
    }

    /// For so long after a restore unknown orders under our ids are looked for whose time the broker does not tell.
    private static let afterRestore: Duration = .seconds(7 * 86_400)

    /// Where the database was put back from a copy, orders that were sent in between stand at the broker under ids of ours:
    /// they stay ours. At any other time an id of our form that we do not know is another installation's order.
    ///
    /// - Parameter placedAt: `nil` where the broker does not tell; then orders count as of before the restore for a while, for
    ///   what takt has sent since is on record.
    private static func name(
        _ given: ClientOrderID?, _ number: BrokerOrderID, _ symbol: Symbol, placedAt: Instant?,
        _ input: ReconciliationInput, _ book: OrderBook
    ) -> ClientOrderID {
        if let given, let restoredAt = input.restoredAt, given.hasForm(of: symbol), book[given] == nil,
            placedAt.map({ $0 <= restoredAt }) ?? (input.orders.takenAt <= restoredAt.advanced(by: afterRestore))
        {
            return given
        }
        return ClientOrderID(external: number, broker: input.broker, account: input.account)
    }

    private static func external(
        _ listed: BrokerOrder, _ input: ReconciliationInput, _ book: OrderBook
    ) -> ManagedOrder {
        let order = ManagedOrder(
            clientOrderID: name(
                listed.clientOrderID, listed.brokerOrderID, listed.symbol,
                placedAt: listed.tellsPlacedAt ? listed.placedAt : nil, input, book),
            intentID: nil, attempt: 1, origin: .external,
            profile: nil, broker: input.broker, account: input.account, brokerOrderID: listed.brokerOrderID,
            symbol: listed.symbol, side: listed.side, type: listed.type, quantity: listed.quantity,
            timeInForce: listed.timeInForce, state: .acknowledged,
            filledBefore: input.executedBefore[listed.brokerOrderID] ?? .zero, submittedAt: listed.placedAt,
            acknowledgedAt: listed.placedAt)
        return OrderMachine.apply(.listed(listed), to: order, at: input.now)
    }

    /// An execution whose order the broker does not list (yet): the order is put together from what is known, its quantity
    /// from all the executions listed for it. Once it is listed, the list's terms count.
    private static func external(
        _ execution: BrokerExecution, _ input: ReconciliationInput, _ book: OrderBook
    ) -> ManagedOrder {
        let before = input.executedBefore[execution.brokerOrderID] ?? .zero
        let executed =
            (try? executed(of: execution.brokerOrderID, input.executions.items)) ?? execution.quantity
        // All of it taken back: nothing is open, as far as anybody knows.
        let isVoid = executed.isZero
        return ManagedOrder(
            clientOrderID: name(
                execution.clientOrderID, execution.brokerOrderID, execution.symbol, placedAt: execution.filledAt, input,
                book),
            intentID: nil, attempt: 1, origin: .external,
            profile: nil, broker: input.broker, account: input.account, brokerOrderID: execution.brokerOrderID,
            symbol: execution.symbol, side: execution.side, type: .market,
            quantity: isVoid ? execution.quantity : (try? before + executed) ?? executed, timeInForce: .day,
            state: isVoid ? .cancelled : .acknowledged, filledBefore: before, submittedAt: execution.filledAt,
            acknowledgedAt: execution.filledAt, finishedAt: isVoid ? input.now : nil)
    }
}

extension BrokerExecution {
    fileprivate var hasCosts: Bool { !fee.isZero || !tax.isZero }
}

extension TimeInForce {
    /// Whether an order ends by itself with the session it was sent for.
    fileprivate var endsWithItsDay: Bool {
        switch self {
        case .day, .immediateOrCancel, .fillOrKill, .atOpen, .atClose: true
        case .goodTillCancelled, .goodTillDate: false
        }
    }
}
