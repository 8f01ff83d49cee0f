internal import Core

/// What happens to the gateway itself: its line to the servers, its data farms, other sessions, its nightly restart.
extension SimulatedGateway {
    /// Faults of a request that concern more than its own connection.
    mutating func strike(_ rule: IBFaultPlan.Rule) {
        let due = now.advanced(bySeconds: Int64(rule.seconds))
        switch rule.fault {
        case .lostRestored:
            lose()
            timers.append((due, .restore(keepsData: true)))
        case .lostDataGone:
            lose()
            timers.append((due, .restore(keepsData: false)))
        case .lostForGood: lose()
        case .farmsBroken:
            breakFarms()
            timers.append((due, .farmsBack))
        case .competingSession:
            compete()
            timers.append((due, .competitionOver))
        case .rejected: nextOrder.isRejected = true
        case .serverCancel: nextOrder.cancelAt = due
        case .lateVisibility: nextOrder.visibleAt = due
        case .slowHandshake, .silentHandshake, .redirect, .clientIdInUse, .dropBeforeAccept, .dropAfterAccept, .silence,
            .ignored, .readOnly, .rateCut, .slow, .garbageFrame, .oversizedLength, .halfFrame, .shortFrame,
            .surplusFields, .unknownMessage, .duplicate, .skipped, .late, .commissionFirst, .correction:
            break
        }
    }

    /// 1100: orders wait in the gateway, nothing is heard of those at the servers, data stands still.
    mutating func lose() {
        if isUp { link = .down(orders: market.orders, fills: market.fills) }
        noticeAll(1100, Self.lostText)
    }

    /// 1102, or 1101 and every subscription of data is gone. What was missed is told now, what waited is sent.
    mutating func restore(keepsData: Bool) {
        guard !isUp else { return }
        link = .up
        if keepsData {
            noticeAll(
                1102,
                "Connectivity between IBKR and Trader Workstation has been restored - data maintained. "
                    + "All data farms are connected: usfarm; ushmds; secdefil.")
        } else {
            for connection in clients.keys {
                clients[connection]?.lines = [:]
                clients[connection]?.barLines = [:]
                clients[connection]?.histories = [:]
            }
            watch()
            noticeAll(1101, "Connectivity between IBKR and Trader Workstation has been restored - data lost.")
        }
        let held = heldEvents
        heldEvents = []
        var filled: Set<Int> = []
        for event in held {
            if case .fill(let order, _) = event { filled.insert(order.contract.conId) }
            tell(event)
        }
        tellAccounts(afterTrade: false, filled: filled)
        let waiting = queuedOrders
        queuedOrders = []
        for index in waiting where market.orders[index].isOpen {
            do throws(GatewayRefusal) { try market.send(index) } catch {
                market.emit(.order(market.orders[index]))
                let order = market.orders[index]
                for connection in audience(order) { refuse(connection, order.orderId, error) }
            }
        }
        for (index, ticket) in queuedChanges.sorted(by: { $0.key < $1.key }) where market.orders[index].isOpen {
            market.orders[index].ticket = ticket
            market.resume(index)
        }
        queuedChanges = [:]
        for index in queuedCancels.sorted() { market.cancel(index, reason: nil) }
        queuedCancels = []
        publish()
    }

    mutating func breakFarms() {
        isDataStale = true
        noticeAll(2103, "Market data farm connection is broken:usfarm")
        noticeAll(2105, "HMDS data farm connection is broken:ushmds")
    }

    mutating func farmsBack() {
        isDataStale = false
        noticeAll(2104, "Market data farm connection is OK:usfarm")
        noticeAll(2106, "HMDS data farm connection is OK:ushmds")
    }

    mutating func compete() {
        isDataStale = true
        let refusal = GatewayRefusal(
            10197, "No market data during competing live session")
        for connection in clients.keys.sorted() {
            for id in (clients[connection]?.lines.keys.sorted() ?? []) { refuse(connection, id, refusal) }
        }
    }

    /// The application restarts: connections close, subscriptions are gone, orders that were never sent on are lost.
    mutating func restart() -> [GatewayDelivery] {
        for order in market.orders where order.isOpen && (order.permId == 0) {
            market.finish(order.index, .apiCancelled, "Lost in a restart")
        }
        queuedOrders = []
        queuedChanges = [:]
        queuedCancels = []
        _ = market.takeEvents()
        for connection in clients.keys.sorted() { hangUp(connection) }
        timers.removeAll { if case .answer = $0.what { true } else { false } }
        if case .down = link {
            link = .up
            heldEvents = []
        }
        isDataStale = false
        return takeDeliveries()
    }
}
