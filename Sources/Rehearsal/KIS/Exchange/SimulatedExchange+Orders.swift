internal import Core
internal import Sessions

/// Taking orders: what is checked, and what an order does when it arrives.
extension SimulatedExchange {
    /// - Parameter refusedLater: Takes the order, and lets the exchange refuse it afterwards.
    mutating func place(
        _ ticket: OrderTicket, in environment: KISEnvironment, refusedLater: Bool = false
    ) throws(Refusal) -> SimulatedOrder {
        let (tape, terms) = try admit(ticket, in: environment)
        try checkMeans(ticket, terms, tape)
        return open(ticket, terms, tape, kind: .new, original: nil, refusedLater: refusedLater)
    }

    /// What can be said against an order whoever sends it.
    private func admit(
        _ ticket: OrderTicket, in environment: KISEnvironment
    ) throws(Refusal) -> (SimulatedTape, OrderTerms) {
        guard let tape = tape(ticket.venue, ticket.code) else {
            throw tape(overseas: ticket.code) != nil && ticket.venue != .krx ? .wrongExchange : .unknownSymbol
        }
        guard ticket.quantity > 0 else { throw .badQuantity }
        guard let terms = OrderTerms.of(ticket.type, at: ticket.venue, isBuy: ticket.isBuy) else { throw .badType }
        if environment == .virtual, !terms.inVirtual { throw .badTypeVirtual }
        guard takesOrders(tape) else {
            let day = tape.symbol.venue.calendar?.localDate(of: now) ?? today
            throw .closed(
                ticket.venue, environment, isHoliday: tape.symbol.venue.calendar?.isTradingDay(day) == false)
        }
        try checkPrice(ticket, terms, tape)
        return (tape, terms)
    }

    private func checkPrice(_ ticket: OrderTicket, _ terms: OrderTerms, _ tape: SimulatedTape) throws(Refusal) {
        guard terms.pricing == .limit else { return }
        guard ticket.price.isPositive else { throw .badPrice }
        guard ticket.price.isMultiple(of: ticket.venue.tick(at: ticket.price)) else { throw .offTick }
        if ticket.venue == .krx {
            let quote = quote(tape)
            guard (quote.lowerLimit...quote.upperLimit).contains(ticket.price) else { throw .beyondLimit }
        }
        if terms.isStop, !ticket.conditionPrice.isPositive { throw .badPrice }
    }

    private func checkMeans(_ ticket: OrderTicket, _ terms: OrderTerms, _ tape: SimulatedTape) throws(Refusal) {
        if ticket.isBuy {
            let price = reservePrice(ticket, terms, tape)
            let needed = price.times(ticket.quantity)
            let costs = fees.costs(ticket.venue, isBuy: true, value: needed)
            guard needed.plus(costs) <= buyingPower(ticket.account, ticket.venue.currency) else { throw .noCash }
        } else {
            guard ticket.quantity <= sellable(ticket.account, ticket.code) else { throw .noHoldings }
        }
    }

    /// What a share is reckoned at before it is bought: a market order at the day's upper limit.
    func reservePrice(_ ticket: OrderTicket, _ terms: OrderTerms, _ tape: SimulatedTape) -> FixedPoint {
        if terms.pricing == .limit { return ticket.price }
        let quote = quote(tape)
        return ticket.venue == .krx ? quote.upperLimit : quote.last.times(FixedPoint(int64Units: 110_000_000), .up)
    }

    /// Cash after all trades, less what open buy orders may still cost.
    func buyingPower(_ account: String, _ currency: String) -> FixedPoint {
        let open = orders.filter {
            $0.isLive && $0.ticket.account == account && $0.ticket.isBuy && $0.ticket.venue.currency == currency
        }
        return open.reduce(accounts[account]?.cash(currency) ?? .zero) { left, order in
            guard let tape = tape(order.ticket.venue, order.ticket.code) else { return left }
            let value = (order.limit ?? reservePrice(order.ticket, order.terms, tape)).times(order.remaining)
            return left.minus(value).minus(fees.costs(order.ticket.venue, isBuy: true, value: value))
        }
    }

    func sellable(_ account: String, _ code: String) -> Int {
        let offered = orders.filter {
            $0.isLive && $0.ticket.account == account && $0.ticket.code == code && !$0.ticket.isBuy
        }
        return (accounts[account]?.positions[code]?.quantity ?? 0) - offered.reduce(0) { $0 + $1.remaining }
    }

    // MARK: Arriving

    private mutating func open(
        _ ticket: OrderTicket, _ terms: OrderTerms, _ tape: SimulatedTape, kind: SimulatedOrder.Kind, original: Int?,
        refusedLater: Bool = false
    ) -> SimulatedOrder {
        let number = enter(ticket, terms, kind: kind, original: original, day: tape.today.session.date)
        notify(.accepted, number)
        if kind == .revision { notify(.confirmed, number) }
        if refusedLater {
            update(number) {
                $0.refused = ticket.quantity
                $0.isLive = false
            }
            notify(.refused, number)
            return orders[number]
        }
        let quote = quote(tape)
        update(number) {
            $0.limit = Self.limit(ticket, terms, quote)
            $0.isAwake = !terms.isStop
        }
        rest(number)
        if isTrading(tape), terms.life != .opening, terms.life != .closing, !terms.isStop { cross(number, quote) }
        return orders[number]
    }

    private static func limit(_ ticket: OrderTicket, _ terms: OrderTerms, _ quote: SimulatedQuote) -> FixedPoint? {
        let (ask, bid) = (quote.asks.first?.price ?? quote.last, quote.bids.first?.price ?? quote.last)
        switch terms.pricing {
        case .limit: return ticket.price
        case .market: return nil
        case .bestOpposite: return ticket.isBuy ? ask : bid
        case .ownBest: return ticket.isBuy ? bid : ask
        case .middle:
            let middle = ask.plus(bid).over(FixedPoint(2), .towardZero)
            let tick = ticket.venue.tick(at: middle)
            return (try? middle.rounded(toMultipleOf: tick, ticket.isBuy ? .down : .up)) ?? middle
        }
    }

    /// Takes from the other side of the book what the limit allows; the rest waits, or is cancelled by its terms.
    private mutating func cross(_ number: Int, _ quote: SimulatedQuote) {
        let order = orders[number]
        let levels = (order.ticket.isBuy ? quote.asks : quote.bids).filter { level in
            guard let limit = order.limit else { return level.quantity > 0 }
            return level.quantity > 0 && (order.ticket.isBuy ? level.price <= limit : level.price >= limit)
        }
        let offered = levels.reduce(0) { $0 + $1.quantity }
        let key = Self.key(order.ticket.venue, order.ticket.code)
        if order.terms.life != .allOrNone || offered >= order.remaining {
            for level in levels where orders[number].remaining > 0 {
                let quantity = min(level.quantity, orders[number].remaining)
                take(quantity, at: level.price, from: key)
                execute(number, quantity, at: level.price)
            }
        }
        let isBrief = order.terms.life == .immediate || order.terms.life == .allOrNone
        if isBrief, orders[number].remaining > 0 {
            let rest = orders[number].remaining
            update(number) { $0.cancelled += rest }
            kill(number)
            notify(.restCancelled(rest), number)
        }
    }

    // MARK: Waiting

    /// A trade of the market meets the orders that wait. Those better than its price are served first and in full as far
    /// as its shares reach; those at its price stand behind half of the queue. In an auction everybody gets its price.
    mutating func matchResting(_ key: String, against trade: SimulatedTrade, isFirst: Bool) {
        wakeStops(key, trade)
        var left = trade.quantity
        for number in liveOrders(key).sorted(by: { isBetter($0, $1) }) {
            let order = orders[number]
            guard order.isAwake, left > 0, canTrade(order, trade, isFirst: isFirst) else { continue }
            let isMarket = order.limit == nil || (order.terms.marketAtClose && trade.isAuction && !isFirst)
            let price = isMarket || trade.isAuction ? trade.price : order.limit ?? trade.price
            guard isMarket || (order.ticket.isBuy ? price >= trade.price : price <= trade.price) || trade.isAuction
            else { continue }
            let atQueue = !isMarket && order.limit == trade.price && !trade.isAuction
            let quantity = min(order.remaining, atQueue ? (left + 1) / 2 : left)
            left -= quantity
            execute(number, quantity, at: price)
        }
        if isFirst { lapseOpening(key) }
    }

    private func canTrade(_ order: SimulatedOrder, _ trade: SimulatedTrade, isFirst: Bool) -> Bool {
        if order.terms.life == .opening, !isFirst { return false }
        if order.terms.life == .closing, isFirst || !trade.isAuction { return false }
        guard let limit = order.limit, !(order.terms.marketAtClose && trade.isAuction && !isFirst) else { return true }
        return order.ticket.isBuy ? limit >= trade.price : limit <= trade.price
    }

    /// Orders without a limit first, then by price, then by number.
    private func isBetter(_ left: Int, _ right: Int) -> Bool {
        let (first, second) = (orders[left], orders[right])
        guard first.ticket.isBuy == second.ticket.isBuy, first.limit != second.limit else { return left < right }
        guard let one = first.limit, let other = second.limit else { return first.limit == nil }
        return first.ticket.isBuy ? one > other : one < other
    }

    private mutating func wakeStops(_ key: String, _ trade: SimulatedTrade) {
        for number in liveOrders(key) where !orders[number].isAwake {
            let ticket = orders[number].ticket
            let reached = ticket.isBuy ? trade.price >= ticket.conditionPrice : trade.price <= ticket.conditionPrice
            if reached { update(number) { $0.isAwake = true } }
        }
    }

    private mutating func lapseOpening(_ key: String) {
        for number in liveOrders(key) where orders[number].terms.life == .opening {
            let rest = orders[number].remaining
            update(number) { $0.cancelled += rest }
            kill(number)
        }
    }

    // MARK: Revising and cancelling

    /// - Parameter quantity: `nil` for all that is left.
    mutating func cancel(
        _ original: Int, account: String, venue: SimulatedVenue?, quantity: Int?, in environment: KISEnvironment
    ) throws(Refusal) -> SimulatedOrder {
        let (number, tape) = try changeable(original, account, venue, quantity, environment)
        let order = orders[number]
        let count = min(quantity ?? order.remaining, order.remaining)
        let ticket = OrderTicket(
            account: account, venue: order.ticket.venue, code: order.ticket.code, isBuy: order.ticket.isBuy, type: "00",
            quantity: count, price: .zero)
        let cancellation = enter(
            ticket, order.terms, kind: .cancellation, original: original, day: tape.today.session.date)
        update(cancellation) {
            $0.isLive = false
            $0.cancelled = count
        }
        update(number) { $0.cancelled += count }
        if orders[number].remaining == 0 { kill(number) }
        notify(.accepted, cancellation)
        notify(.confirmed, cancellation)
        return orders[cancellation]
    }

    mutating func revise(
        _ original: Int, account: String, venue: SimulatedVenue?, quantity: Int?, type: String, price: FixedPoint,
        in environment: KISEnvironment
    ) throws(Refusal) -> SimulatedOrder {
        let (number, _) = try changeable(original, account, venue, quantity, environment)
        let order = orders[number]
        let count = min(quantity ?? order.remaining, order.remaining)
        let ticket = OrderTicket(
            account: account, venue: order.ticket.venue, code: order.ticket.code, isBuy: order.ticket.isBuy, type: type,
            quantity: count, price: price, conditionPrice: order.ticket.conditionPrice)
        let (tape, terms) = try admit(ticket, in: environment)
        // The shares leave the old order before the new one is reckoned; they come back if it is refused.
        update(number) { $0.moved += count }
        do throws(Refusal) { try checkMeans(ticket, terms, tape) } catch {
            update(number) { $0.moved -= count }
            throw error
        }
        if orders[number].remaining == 0 { kill(number) }
        return open(ticket, terms, tape, kind: .revision, original: original)
    }

    private func changeable(
        _ original: Int, _ account: String, _ venue: SimulatedVenue?, _ quantity: Int?, _ environment: KISEnvironment
    ) throws(Refusal) -> (Int, SimulatedTape) {
        // Numbers are those of the day, or of the session abroad.
        let found = orders.lastIndex {
            $0.number == original && $0.ticket.account == account && ($0.ticket.venue == .krx) == (venue == .krx)
        }
        guard let number = found, orders[number].kind != .cancellation,
            let tape = tape(orders[number].ticket.venue, orders[number].ticket.code)
        else { throw .noOriginal }
        guard orders[number].remaining > 0 else { throw .nothingLeft }
        if let quantity, quantity > orders[number].remaining { throw .nothingLeft }
        guard takesOrders(tape) else { throw .closed(tape.symbol.venue, environment, isHoliday: false) }
        return (number, tape)
    }

    // MARK: Faults

    /// Hides the newest order of an account from the lists for longer.
    mutating func hide(_ order: SimulatedOrder, seconds: Int64) {
        guard
            let number = orders.lastIndex(where: {
                $0.number == order.number && $0.koreanDate == order.koreanDate
                    && $0.ticket.account == order.ticket.account
            })
        else { return }
        update(number) { $0.visibleAt = order.acceptedAt.advanced(bySeconds: seconds) }
    }
}
