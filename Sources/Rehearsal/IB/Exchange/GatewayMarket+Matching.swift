internal import Core

/// Who trades with whom.
extension GatewayMarket {
    /// Takes from the other side of the book what the limit allows; the rest waits, or is cancelled by its time in force.
    mutating func cross(_ index: Int, _ place: Int) {
        let order = orders[index]
        let levels = (order.ticket.isBuy ? book(place).asks : book(place).bids).filter { level in
            guard let limit = order.limit else { return level.quantity > 0 }
            return level.quantity > 0 && (order.ticket.isBuy ? level.price <= limit : level.price >= limit)
        }
        let offered = levels.reduce(0) { $0 + $1.quantity }
        if order.ticket.tif != "FOK" || FixedPoint(offered) >= order.remaining {
            for level in levels where orders[index].remaining.isPositive {
                let quantity = min(level.quantity, orders[index].remaining.whole)
                guard quantity > 0 else { break }
                take(quantity, at: level.price, from: place)
                execute(index, quantity, at: level.price, liquidity: 1)
            }
        }
        if ["IOC", "FOK"].contains(order.ticket.tif), orders[index].isOpen {
            cancel(index, reason: "Immediate or cancel")
        }
    }

    /// A trade of the market meets the orders that wait. Those better than its price are served first and in full as far
    /// as its shares reach; those at its price stand behind half of the queue. In an auction everybody gets its price.
    mutating func matchResting(_ place: Int, against trade: SimulatedTrade, isFirst: Bool) {
        for index in live[place] ?? [] where !orders[index].isTriggered { trigger(index, at: trade.price) }
        var left = trade.quantity
        for index in (live[place] ?? []).sorted(by: { isBetter($0, $1) }) {
            let order = orders[index]
            guard left > 0, order.isOpen, canTrade(order, trade, isFirst: isFirst) else { continue }
            let price = order.limit == nil || trade.isAuction ? trade.price : order.limit ?? trade.price
            let isAtQueue = order.limit == trade.price && !trade.isAuction
            let quantity = min(order.remaining.whole, isAtQueue ? (left + 1) / 2 : left)
            guard quantity > 0 else { continue }
            left -= quantity
            execute(index, quantity, at: price, liquidity: order.limit == nil ? 1 : 2)
        }
        if isFirst {
            for index in live[place] ?? [] where orders[index].isForOpening {
                cancel(index, reason: "Opening auction is over")
            }
        }
    }

    private func canTrade(_ order: GatewayOrder, _ trade: SimulatedTrade, isFirst: Bool) -> Bool {
        guard isReleased(order), order.isTriggered, order.status != .apiPending else { return false }
        if order.isForOpening, !isFirst { return false }
        if order.isForClosing, isFirst || !trade.isAuction { return false }
        guard let limit = order.limit else { return true }
        return order.ticket.isBuy ? limit >= trade.price : limit <= trade.price
    }

    /// Orders without a limit first, then by price, then by their place.
    private func isBetter(_ left: Int, _ right: Int) -> Bool {
        let (first, second) = (orders[left], orders[right])
        guard first.ticket.isBuy == second.ticket.isBuy, first.limit != second.limit else { return left < right }
        guard let one = first.limit, let other = second.limit else { return first.limit == nil }
        return first.ticket.isBuy ? one > other : one < other
    }

    /// Books an execution: the order, the account, its group, its children.
    mutating func execute(_ index: Int, _ count: Int, at price: FixedPoint, liquidity: Int) {
        let before = orders[index]
        let quantity = FixedPoint(count)
        let contract = before.contract
        orders[index].filled = before.filled.plus(quantity)
        orders[index].value = before.value.plus(price.times(count))
        orders[index].lastFillPrice = price
        orders[index].fillCount += 1
        let total = fees.commission(
            contract, quantity: orders[index].filled, value: orders[index].value.times(contract.multiplier))
        let charged = total.minus(before.commission)
        orders[index].commission = total
        let realized = book(
            before.ticket.account, contract, signed: before.ticket.isBuy ? quantity : -quantity, price: price,
            commission: charged)
        if orders[index].remaining.isZero {
            finish(index, .filled, "Filled Size: \(orders[index].filled)")
        } else {
            orders[index].status = .submitted
        }
        let fill = GatewayFill(
            execId: executionId(orders[index]), order: index, account: before.ticket.account, quantity: quantity,
            price: price, at: now, commission: charged, realized: realized, cumulative: orders[index].filled,
            average: orders[index].averagePrice, liquidity: liquidity)
        fills.append(fill)
        emit(.fill(orders[index], fill))
        emit(.order(orders[index]))
        tellGroup(index, quantity)
        if orders[index].status == .filled { releaseChildren(of: index) }
    }

    /// The exchange puts an execution right: one step worse for the account, under the next revision of its id.
    ///
    /// - Returns: `nil` when there is no such execution, or it has been corrected often enough.
    mutating func correct(_ place: Int) -> (GatewayOrder, GatewayFill)? {
        guard fills.indices.contains(place), let revision = Int(fills[place].execId.suffix(2)), revision < 99 else {
            return nil
        }
        let fill = fills[place]
        let order = orders[fill.order]
        let step = order.ticket.isBuy ? order.contract.minTick : -order.contract.minTick
        fills[place].execId = String(fill.execId.dropLast(2)) + digits(revision + 1, 2)
        fills[place].price = fill.price.plus(step)
        orders[fill.order].value = order.value.plus(step.times(fill.quantity, .halfEven))
        // Whichever way the account traded, it is out of pocket by the step.
        let loss = order.contract.minTick.times(fill.quantity, .halfEven).times(order.contract.multiplier)
        let cash = (accounts[fill.account]?.cash[order.contract.currency] ?? .zero).minus(loss)
        if order.contract.secType != "FUT" { accounts[fill.account]?.cash[order.contract.currency] = cash }
        if var position = accounts[fill.account]?.positions[order.contract.conId] {
            position.correct(loss: loss, isBuy: order.ticket.isBuy)
            accounts[fill.account]?.positions[order.contract.conId] = position
        }
        return (orders[fill.order], fills[place])
    }

    /// Four parts in hexadecimal and two in decimal, of which the last is the revision.
    private func executionId(_ order: GatewayOrder) -> String {
        let hex = String(order.permId, radix: 16)
        let place = String(fills.count + 0x6900_0000, radix: 16)
        return "0000e0d5.\(hex).\(place).\(digits(order.fillCount, 2)).01"
    }

    /// One of a group has traded: the others are cancelled, or made smaller by it.
    private mutating func tellGroup(_ index: Int, _ quantity: FixedPoint) {
        let group = orders[index].ticket.ocaGroup
        guard !group.isEmpty else { return }
        for other in orders
        where other.index != index && other.isOpen && other.ticket.ocaGroup == group
            && other.ticket.account == orders[index].ticket.account
        {
            let isReducing = orders[index].ticket.ocaType == 2 || orders[index].ticket.ocaType == 3
            if isReducing, other.remaining > quantity {
                orders[other.index].reduced = other.reduced.plus(quantity)
                emit(.order(orders[other.index]))
            } else {
                cancel(other.index, reason: "OCA group has been filled")
            }
        }
    }
}
