internal import Core
internal import Sessions

/// Why an order, a change or a request is refused: code and words of the error frame.
struct GatewayRefusal: Error, Hashable, Sendable {
    let code: Int
    let message: String

    init(_ code: Int, _ message: String) {
        self.code = code
        self.message = message
    }

    static func rejected(_ reason: String) -> GatewayRefusal {
        GatewayRefusal(201, "Order rejected - reason:\(reason)")
    }
}

/// Sending orders on, and what happens to those that wait for something.
extension GatewayMarket {
    /// Algorithms that are taken; they are played as the order that they would work.
    static let algorithms: Set<String> = [
        "Adaptive", "Twap", "Vwap", "ArrivalPx", "DarkIce", "PctVol", "ClosePx", "MinImpact",
    ]

    /// What the gateway itself has against an order.
    func check(_ ticket: GatewayTicket, _ contract: GatewayContract) throws(GatewayRefusal) {
        guard contract.isTradable else {
            throw .rejected("No trading permissions.")
        }
        guard ticket.quantity.isPositive else {
            throw GatewayRefusal(434, "The order size cannot be zero.")
        }
        guard ticket.quantity.isMultiple(of: .one) else {
            throw GatewayRefusal(
                10243,
                "Fractional-sized order cannot be placed via API. Please use desktop version to place this order.")
        }
        guard GatewayOrder.types.contains(ticket.orderType) else {
            throw GatewayRefusal(387, "Unsupported order type for this exchange and security type.")
        }
        guard ["DAY", "GTC", "IOC", "GTD", "OPG", "FOK"].contains(ticket.tif) else {
            throw GatewayRefusal(10052, "Invalid time in force:\(ticket.tif)")
        }
        if ticket.tif == "OPG", ticket.orderType != "MKT", ticket.orderType != "LMT" {
            throw GatewayRefusal(388, "Unsupported order type for this exchange and security type.")
        }
        if ticket.tif == "GTD", goodTill(ticket) == nil {
            throw GatewayRefusal(391, "The time or time-zone entered is invalid: \(ticket.goodTillDate)")
        }
        if !ticket.goodAfterTime.isEmpty, goodAfter(ticket) == nil {
            throw GatewayRefusal(391, "The time or time-zone entered is invalid: \(ticket.goodAfterTime)")
        }
        // The real gateway takes them. Here they would be lost, and the order worked without.
        guard ticket.conditionCount == 0 else {
            throw .rejected("Conditions are not played by this simulator.")
        }
        if !ticket.algoStrategy.isEmpty, !Self.algorithms.contains(ticket.algoStrategy) {
            throw GatewayRefusal(439, "The order processing failed. Algorithm definition not found.")
        }
        try checkPrices(ticket, contract)
    }

    private func checkPrices(_ ticket: GatewayTicket, _ contract: GatewayContract) throws(GatewayRefusal) {
        var needed: [FixedPoint?] = []
        switch ticket.orderType {
        case "LMT", "LOC": needed = [ticket.limit]
        case "STP": needed = [ticket.auxPrice]
        case "STP LMT": needed = [ticket.limit, ticket.auxPrice]
        case "TRAIL", "TRAIL LIMIT":
            guard ticket.auxPrice != nil || ticket.trailPercent != nil else {
                throw GatewayRefusal(328, "Trailing stop orders can be attached to limit or stop-limit orders only.")
            }
        default: break
        }
        for price in needed {
            guard let price, price.isPositive else {
                throw GatewayRefusal(
                    321, "Error validating request.-'bN' : cause - The price of the order must be greater than zero.")
            }
            guard price.isMultiple(of: contract.minTick) else {
                throw GatewayRefusal(
                    110, "The price does not conform to the minimum price variation for this contract.")
            }
        }
    }

    /// What the servers have against an order that is sent on.
    func checkMeans(_ order: GatewayOrder) throws(GatewayRefusal) {
        let ticket = order.ticket
        let side = orders.filter {
            $0.isOpen && $0.contract.conId == order.contract.conId && $0.ticket.isBuy == ticket.isBuy
                && $0.ticket.account == ticket.account && $0.index != order.index
        }
        guard side.count < Self.openOrderLimit else {
            throw .rejected(
                "The number of open orders for this contract, side and account has reached its limit of 20.")
        }
        // What closes a position, and what waits for a parent, needs no funds of its own.
        let held = accounts[ticket.account]?.positions[order.contract.conId]?.quantity ?? .zero
        let closes = held.isNegative == ticket.isBuy && !held.isZero && ticket.quantity <= held.magnitude
        guard !closes, order.parent == nil else { return }
        let (after, _) = after(ticket, order.contract)
        let now = figures(ticket.account)
        guard after.availableFunds.isNegative, after.initialMargin > now.initialMargin || after.cash < now.cash else {
            return
        }
        throw .rejected(
            "We are unable to accept your order. Your Available Funds are insufficient to cover the initial margin "
                + "requirement. EQUITY WITH LOAN VALUE [\(now.equityWithLoan.formatted(digits: 2)) USD], INITIAL MARGIN "
                + "[\(after.initialMargin.formatted(digits: 2)) USD]")
    }

    /// Open orders on one side of a contract in an account.
    static let openOrderLimit = 20

    // MARK: Sending on

    /// The order goes to the servers: it gets its permanent id and is at work, or waits for what it waits for.
    mutating func send(_ index: Int) throws(GatewayRefusal) {
        name(index)
        do throws(GatewayRefusal) { try checkMeans(orders[index]) } catch {
            reject(index)
            throw error
        }
        let place = place(orders[index].contract.conId) ?? 0
        prepareStop(index, place)
        live[place, default: []].append(index)
        noteDate(index)
        settle(index, place)
        emit(.order(orders[index]))
        work(index, place)
    }

    private mutating func name(_ index: Int) {
        guard orders[index].permId == 0 else { return }
        lastPermId += 1
        orders[index].permId = lastPermId
    }

    /// The servers want nothing of the order.
    mutating func reject(_ index: Int) {
        name(index)
        finish(index, .inactive, "Rejected")
    }

    /// The order after a change: what it waits for is looked at again.
    mutating func resume(_ index: Int) {
        let place = place(orders[index].contract.conId) ?? 0
        if !orders[index].isTriggered { prepareStop(index, place) }
        noteDate(index)
        settle(index, place)
        emit(.order(orders[index]))
        work(index, place)
    }

    private mutating func prepareStop(_ index: Int, _ place: Int) {
        let order = orders[index]
        guard order.isStop else { return }
        orders[index].isTriggered = false
        if order.isTrailing {
            let last = last(place)
            let distance = Self.trail(order.ticket, at: last)
            if order.ticket.orderType == "TRAIL LIMIT", let limit = order.ticket.limit,
                let stop = order.ticket.trailStop,
                order.ticket.limitOffset == nil
            {
                orders[index].ticket.limitOffset = stop.minus(limit).magnitude
            }
            let own = order.ticket.isBuy ? last.plus(distance) : last.minus(distance)
            orders[index].stop = order.ticket.trailStop ?? onGrid(own, order)
        } else {
            orders[index].stop = order.ticket.auxPrice
        }
    }

    private static func trail(_ ticket: GatewayTicket, at price: FixedPoint) -> FixedPoint {
        if let percent = ticket.trailPercent {
            return price.times(percent, .halfEven).over(FixedPoint(100), .halfEven)
        }
        return ticket.auxPrice ?? .zero
    }

    private func onGrid(_ price: FixedPoint, _ order: GatewayOrder) -> FixedPoint {
        (try? price.rounded(toMultipleOf: order.contract.minTick, order.ticket.isBuy ? .up : .down)) ?? price
    }

    /// Whether it works at the exchange, or is held.
    private mutating func settle(_ index: Int, _ place: Int) {
        guard !orders[index].status.isFinal, orders[index].status != .pendingCancel else { return }
        orders[index].status = isWorking(index, place) ? .submitted : .preSubmitted
    }

    func isWorking(_ index: Int, _ place: Int) -> Bool {
        let order = orders[index]
        guard isReleased(order), order.isTriggered else { return false }
        if order.isForOpening { return false }
        return isOpen(place) || (order.ticket.outsideRth && isExtended(place))
    }

    /// Not waiting for its time, nor for a parent: it is filled, or there is none.
    func isReleased(_ order: GatewayOrder) -> Bool {
        if let beginning = goodAfter(order.ticket), beginning > now { return false }
        guard let parent = order.parent else { return true }
        return orders[parent].status == .filled
    }

    private mutating func work(_ index: Int, _ place: Int) {
        guard isReleased(orders[index]), orders[index].isOpen else { return }
        if !orders[index].isTriggered, isOpen(place) { trigger(index, at: last(place)) }
        guard isWorking(index, place), !orders[index].isForClosing else { return }
        cross(index, place)
    }

    // MARK: Ends

    mutating func finish(_ index: Int, _ status: OrderStatus, _ text: String) {
        orders[index].status = status
        orders[index].completedAt = now
        orders[index].completedText = text
        dates[index] = nil
        if let place = place(orders[index].contract.conId) { live[place]?.removeAll { $0 == index } }
    }

    /// Ends an order that is open, and those that wait for it.
    ///
    /// - Parameter reason: `nil` for a cancellation that somebody asked for.
    mutating func cancel(_ index: Int, reason: String?) {
        guard orders[index].isOpen else { return }
        let isSent = orders[index].permId != 0
        if reason == nil, isSent {
            orders[index].status = .pendingCancel
            emit(.order(orders[index]))
        }
        finish(index, isSent ? .cancelled : .apiCancelled, reason ?? "Cancelled by Trader")
        emit(.cancelled(orders[index], reason: reason ?? ""))
        for child in orders where child.parent == index && child.isOpen {
            cancel(child.index, reason: "Parent order is cancelled")
        }
    }

    /// When a `GTD` order ends; `nil` for a text that says no time. `yyyymmdd`, `yyyymmdd-hh:mm:ss` (UTC) or
    /// `yyyymmdd hh:mm:ss zone`.
    func goodTill(_ ticket: GatewayTicket) -> Instant? { GatewayTime.instant(ticket.goodTillDate, zone: Self.newYork) }

    /// When an order begins to work; `nil` for one that does so at once.
    private func goodAfter(_ ticket: GatewayTicket) -> Instant? {
        ticket.goodAfterTime.isEmpty ? nil : GatewayTime.instant(ticket.goodAfterTime, zone: Self.newYork)
    }

    /// Notes the next date of an order: its beginning, then its end.
    private mutating func noteDate(_ index: Int) {
        let ticket = orders[index].ticket
        dates[index] = nil
        guard orders[index].isOpen else { return }
        if let beginning = goodAfter(ticket), beginning > now {
            dates[index] = beginning
        } else if ticket.tif == "GTD" {
            dates[index] = goodTill(ticket)
        }
    }

    /// The date of an order has come: it begins, or is over.
    mutating func passDate(_ index: Int) {
        let ticket = orders[index].ticket
        if ticket.tif == "GTD", let end = goodTill(ticket), end <= now {
            dates[index] = nil
            return cancel(index, reason: "Order has expired")
        }
        noteDate(index)
        guard orders[index].isOpen else { return }
        let place = place(orders[index].contract.conId) ?? 0
        settleQuietly(index, place)
        work(index, place)
    }

    /// - Parameter evening: After the trading outside regular hours, not after the session.
    mutating func lapseDayOrders(_ place: Int, evening: Bool) {
        let close = tapes[place].today.session.close
        for index in live[place] ?? [] where ["DAY", "IOC", "FOK"].contains(orders[index].ticket.tif) {
            // Given after the session it is for the next one.
            let isForToday = orders[index].acceptedAt < close || orders[index].ticket.outsideRth
            let waits = orders[index].ticket.outsideRth && tapes[place].symbol.venue.hasExtendedHours && !evening
            if isForToday, !waits { cancel(index, reason: "Day order has expired") }
        }
        for index in live[place] ?? [] { settleQuietly(index, place) }
    }

    /// The first trade of the session: what waited for it begins to work.
    mutating func openSession(_ place: Int) {
        for index in live[place] ?? [] { settleQuietly(index, place) }
    }

    /// The last trade of the session: what was for it alone is over.
    mutating func closeSession(_ place: Int) {
        for index in live[place] ?? [] where orders[index].isForClosing {
            cancel(index, reason: "Closing auction is over")
        }
    }

    private mutating func settleQuietly(_ index: Int, _ place: Int) {
        let before = orders[index].status
        settle(index, place)
        if orders[index].status != before { emit(.order(orders[index])) }
    }

    // MARK: Stops

    /// Sleeping stops see a price: trailing ones follow it, reached ones wake.
    mutating func trigger(_ index: Int, at price: FixedPoint) {
        let order = orders[index]
        guard !order.isTriggered, let stop = order.stop, isReleased(order) else { return }
        if order.ticket.isBuy ? price >= stop : price <= stop {
            orders[index].isTriggered = true
            let place = place(order.contract.conId) ?? 0
            settle(index, place)
            emit(.order(orders[index]))
        } else if order.isTrailing {
            let distance = Self.trail(order.ticket, at: price)
            let next = onGrid(order.ticket.isBuy ? price.plus(distance) : price.minus(distance), order)
            orders[index].stop = order.ticket.isBuy ? min(stop, next) : max(stop, next)
        }
    }

    /// The parent is filled: its children begin to work.
    mutating func releaseChildren(of index: Int) {
        for child in orders where child.parent == index && child.isOpen && child.permId != 0 {
            let place = place(child.contract.conId) ?? 0
            if orders[child.index].isTrailing { prepareStop(child.index, place) }
            settle(child.index, place)
            emit(.order(orders[child.index]))
            work(child.index, place)
        }
    }
}
