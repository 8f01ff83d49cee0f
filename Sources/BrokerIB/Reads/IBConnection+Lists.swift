internal import Core

/// What the account has: each list with the mark that decides what absence means.
extension IBConnection {
    /// The open orders of all clients, and those made by hand.
    func openOrders() async throws(IBFailure) -> IBList<IBListedOrder> {
        let begun = clock.wall.now()
        let answer = try await ask(.openOrders, AllOpenOrdersRequest())
        var orders: [IBListedOrder] = []
        var places: [OrderKey: Int] = [:]
        for message in answer.messages {
            if case .openOrder(let order) = message, !order.isWhatIf {
                let key = OrderKey(order.terms.permanentID, order.clientID, order.orderID)
                if let place = places[key] {
                    orders[place] = IBListedOrder(order: order, status: orders[place].status)
                } else {
                    places[key] = orders.count
                    orders.append(IBListedOrder(order: order))
                }
            }
            if case .orderStatus(let status) = message,
                let place = places[OrderKey(status.permanentID, status.clientID, status.orderID)]
            {
                orders[place].status = status
            }
        }
        return IBList(orders, answer, time(since: begun))
    }

    /// The orders of the day that are done.
    func completedOrders() async throws(IBFailure) -> IBList<IBCompletedOrder> {
        let begun = clock.wall.now()
        let answer = try await ask(.completedOrders, CompletedOrdersRequest())
        return IBList(answer, time(since: begun)) { if case .completedOrder(let order) = $0 { order } else { nil } }
    }

    /// The executions since midnight of the account's day, each once: of corrections the last.
    ///
    /// Commissions come before or after their execution, and only to the client that placed the order. Those of ours that are
    /// missing are waited for a little; an execution whose costs stay unknown is listed without.
    func executions() async throws(IBFailure) -> IBList<IBCostedExecution> {
        let begun = clock.wall.now()
        let id = nextRequestID()
        let answer = try await ask(.executions(id), ExecutionsRequest(requestID: id))
        let executions = IBExecution.last(
            of: answer.messages.compactMap { if case .execution(let execution) = $0 { execution } else { nil } })
        let ours = executions.filter { $0.clientID == Int64(configuration.clientID) }
        let deadline = clock.uptime() + configuration.limits.commission
        while ours.contains(where: { commission(of: $0.executionID) == nil }), isReady, clock.uptime() < deadline {
            guard await clock.sleep(configuration.limits.tick) else { break }
        }
        return IBList(
            executions.map { IBCostedExecution(execution: $0, commission: commission(of: $0.executionID)) }, answer,
            time(since: begun))
    }

    /// The positions of all accounts of the login; closed ones are left out. Ends the subscription that IB makes of it.
    ///
    /// Changes are told in between the list itself: of each position the last word counts.
    func positions() async throws(IBFailure) -> IBList<IBPosition> {
        let begun = clock.wall.now()
        let answer = try await ask(.positions, PositionsRequest())
        try? send(CancelPositionsRequest(), "cancelPositions")
        return IBList(IBPosition.last(of: answer.messages), answer, time(since: begun))
    }

    /// Values of all accounts of the login, by tag. Ends the subscription that IB makes of it: two are allowed at a time.
    func accountSummary(_ tags: [String]) async throws(IBFailure) -> IBList<IBAccountSummary> {
        let begun = clock.wall.now()
        let id = nextRequestID()
        let answer = try await ask(.accountSummary(id), AccountSummaryRequest(requestID: id, tags: tags))
        try? send(CancelAccountSummaryRequest(requestID: id), "cancelAccountSummary")
        return IBList(answer, time(since: begun)) { if case .accountSummary(let row) = $0 { row } else { nil } }
    }

    /// A clock that was set back meanwhile has not made the list older.
    private func time(since begun: Instant) -> ClosedRange<Instant> { begun...max(begun, clock.wall.now()) }
}

extension IBPosition {
    private struct Key: Hashable {
        let account: String
        let conID: Int64
    }

    /// Each position once, as it was told last; without those that are closed.
    static func last(of messages: [IBMessage]) -> [IBPosition] {
        var places: [Key: Int] = [:]
        var positions: [IBPosition] = []
        for case .position(let position) in messages {
            let key = Key(account: position.account, conID: position.contract.conID)
            if let place = places[key] {
                positions[place] = position
            } else {
                places[key] = positions.count
                positions.append(position)
            }
        }
        return positions.filter { !$0.position.isZero }
    }
}

/// What tells orders apart: IB's own number and, before there is one, the client's with its id. Ids alone overlap, and
/// orders made by hand have none.
private enum OrderKey: Hashable {
    case permanent(Int64)
    case own(client: Int64, order: Int64)

    init(_ permanentID: Int64, _ clientID: Int64, _ orderID: Int64) {
        self = permanentID != 0 ? .permanent(permanentID) : .own(client: clientID, order: orderID)
    }
}

extension IBExecution {
    /// What an execution and its corrections have in common: all but the digits behind the last point.
    var root: Substring { executionID.lastIndex(of: ".").map { executionID[..<$0] } ?? executionID[...] }

    private var revision: Int {
        executionID.lastIndex(of: ".").flatMap { Int(executionID[executionID.index(after: $0)...]) } ?? 0
    }

    /// Each execution once, in the order they came first; a correction stands in the place of what it corrects.
    static func last(of executions: [IBExecution]) -> [IBExecution] {
        var places: [Substring: Int] = [:]
        var last: [IBExecution] = []
        for execution in executions {
            guard let place = places[execution.root] else {
                places[execution.root] = last.count
                last.append(execution)
                continue
            }
            if execution.revision >= last[place].revision { last[place] = execution }
        }
        return last
    }
}
