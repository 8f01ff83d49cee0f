internal import Core
internal import Sessions

/// The market and the accounts, without any wire: orders in, events out, as time goes on.
struct SimulatedExchange: Sendable {
    static let seoul = ZoneRules.named("Asia/Seoul") ?? .utc

    let seed: UInt64
    let fees: SimulatedFees
    private(set) var now: Instant
    private(set) var tapes: [SimulatedTape] = []
    var accounts: [String: SimulatedAccount] = [:]
    private(set) var orders: [SimulatedOrder] = []
    private(set) var fills: [SimulatedFill] = []
    /// Symbols whose trades are reported as events.
    var watched: Set<String> = []
    /// How long the order lists hide a new order.
    var listDelaySeconds: Int64 = 0

    private var events: [SimulatedEvent] = []
    private var index: [String: Int] = [:]
    /// What orders have taken from the book since the last trade.
    private var taken: [String: [FixedPoint: Int]] = [:]
    private var live: [String: [Int]] = [:]
    private var expired: [String: CivilDate] = [:]
    /// The last number given on a day.
    private var sequence: [String: Int] = [:]

    init(seed: UInt64, start: Instant, symbols: [SimulatedSymbol], fees: SimulatedFees, historySessions: Int) {
        self.seed = seed
        self.fees = fees
        now = start
        for symbol in symbols {
            guard
                let tape = SimulatedTape(symbol, seed: seed, start: start, historySessions: historySessions)
            else { continue }
            index[Self.key(symbol.venue, symbol.code)] = tapes.count
            tapes.append(tape)
        }
        // A session that begins before its opening has to be there.
        advance(to: start)
    }

    static func key(_ venue: SimulatedVenue, _ code: String) -> String { "\(venue.quoteCode).\(code)" }

    var today: CivilDate { Self.seoul.local(now).date }
    func koreanClock(_ instant: Instant) -> (date: CivilDate, secondOfDay: Int) { Self.seoul.local(instant) }

    func tape(_ venue: SimulatedVenue, _ code: String) -> SimulatedTape? {
        index[Self.key(venue, code)].map { tapes[$0] }
    }

    func tape(overseas code: String) -> SimulatedTape? {
        tapes.first { $0.symbol.venue != .krx && $0.symbol.code == code }
    }

    mutating func takeEvents() -> [SimulatedEvent] {
        defer { events = [] }
        return events
    }

    // MARK: Time

    private enum Step { case trade(Int), expire(Int), begin(Int, Session) }

    /// Plays everything up to that moment. Time never goes back.
    mutating func advance(to target: Instant) {
        while let (at, step) = nextStep(until: target) {
            now = max(now, at)
            switch step {
            case .trade(let number): playTrade(number)
            case .expire(let number): expireOrders(of: tapes[number])
            case .begin(let number, let session):
                tapes[number].begin(session)
                taken[key(number)] = nil
            }
        }
        now = max(now, target)
    }

    private func key(_ number: Int) -> String { Self.key(tapes[number].symbol.venue, tapes[number].symbol.code) }

    /// The earliest thing to happen; trades before the close that they make.
    private func nextStep(until target: Instant) -> (Instant, Step)? {
        var best: (Instant, Step)?
        func offer(_ at: Instant, _ step: Step) {
            guard at <= target, best.map({ at < $0.0 }) ?? true else { return }
            best = (at, step)
        }
        for (number, tape) in tapes.enumerated() {
            if let at = tape.nextTradeAt {
                offer(at, .trade(number))
            } else if expired[key(number)] != tape.today.session.date, live[key(number)]?.isEmpty == false {
                offer(tape.today.session.close, .expire(number))
            } else if let next = tape.nextSession() {
                offer(next.open.advanced(bySeconds: -tape.symbol.venue.orderLeadSeconds), .begin(number, next))
            }
        }
        return best
    }

    private mutating func playTrade(_ number: Int) {
        guard let trade = tapes[number].playNext() else { return }
        let key = key(number)
        taken[key] = nil
        if watched.contains(key) { events.append(.trade(quote(tapes[number]), trade)) }
        if live[key]?.isEmpty == false { matchResting(key, against: trade, isFirst: isFirst(trade, number)) }
    }

    private func isFirst(_ trade: SimulatedTrade, _ number: Int) -> Bool {
        tapes[number].today.total?.volume == trade.quantity
    }

    private mutating func expireOrders(of tape: SimulatedTape) {
        let key = Self.key(tape.symbol.venue, tape.symbol.code)
        for number in live[key] ?? [] {
            orders[number].cancelled += orders[number].remaining
            orders[number].isLive = false
        }
        live[key] = []
        expired[key] = tape.today.session.date
    }

    // MARK: Looking

    func quote(_ tape: SimulatedTape) -> SimulatedQuote {
        let day = tape.today
        let book = book(tape)
        return SimulatedQuote(
            symbol: tape.symbol, at: now, date: day.session.date, base: day.base, last: day.price,
            lastAt: day.last?.at, total: day.total, highAt: day.highAt, lowAt: day.lowAt,
            openAt: day.bars.first?.openAt, bought: day.bought, sold: day.sold,
            previousVolume: tape.past.last?.total?.volume ?? 0, asks: book.asks, bids: book.bids)
    }

    /// Ten levels on each side of the last trade, less what orders have taken.
    private func book(_ tape: SimulatedTape) -> (asks: [SimulatedQuote.Level], bids: [SimulatedQuote.Level]) {
        let day = tape.today
        let venue = tape.symbol.venue
        let last = day.price
        let lastIsAsk = day.last?.isBuy ?? true
        var random = SeededGenerator(seed: seed ^ UInt64(bitPattern: day.last?.at.microseconds ?? 1) &* 0x9E37_79B9)
        let gone = taken[Self.key(venue, tape.symbol.code)] ?? [:]
        func levels(from first: FixedPoint, up: Bool) -> [SimulatedQuote.Level] {
            var price = first
            return (0..<10).map { _ in
                let drawn = 40 + Int(random.next() % 900)
                let quantity = max(0, (tape.symbol.depth ?? drawn) - (gone[price] ?? 0))
                defer {
                    price = up ? price.plus(venue.tick(at: price)) : max(venue.tick(at: price), below(price, venue))
                }
                return SimulatedQuote.Level(price: price, quantity: quantity)
            }
        }
        let ask = lastIsAsk ? last : last.plus(venue.tick(at: last))
        let bid = lastIsAsk ? below(last, venue) : last
        return (levels(from: ask, up: true), levels(from: bid, up: false))
    }

    /// The next price down; at the edge of a band the tick of the band below counts.
    private func below(_ price: FixedPoint, _ venue: SimulatedVenue) -> FixedPoint {
        price.minus(venue.tick(at: price.minus(FixedPoint(int64Units: 1))))
    }

    /// The market takes part in trading now.
    func isTrading(_ tape: SimulatedTape) -> Bool {
        let day = tape.today
        return day.total != nil && day.session.contains(now) && !day.session.isBreak(now) && !isClosingAuction(tape)
    }

    private func isClosingAuction(_ tape: SimulatedTape) -> Bool {
        tape.symbol.venue == .krx && now >= tape.today.session.close.advanced(bySeconds: -600)
    }

    /// Whether orders are taken now, waiting for the opening included.
    func takesOrders(_ tape: SimulatedTape) -> Bool {
        let session = tape.today.session
        return session.open.advanced(bySeconds: -tape.symbol.venue.orderLeadSeconds) <= now && now < session.close
    }
}

// MARK: - The order book

extension SimulatedExchange {
    /// Gives the order its number; it is live from here on.
    mutating func enter(
        _ ticket: OrderTicket, _ terms: OrderTerms, kind: SimulatedOrder.Kind, original: Int?, day: CivilDate
    ) -> Int {
        // A night's session in New York lies in two Korean days: its numbers count by its own.
        let counted = ticket.venue == .krx ? "K\(today)" : "O\(day)"
        let number = (sequence[counted] ?? (ticket.venue == .krx ? 117_000 : 30_001_200)) + 1
        sequence[counted] = number
        let order = SimulatedOrder(
            number: number, kind: kind, original: original, ticket: ticket,
            terms: terms, acceptedAt: now, koreanDate: today, exchangeDate: day,
            visibleAt: now.advanced(bySeconds: listDelaySeconds))
        orders.append(order)
        return orders.count - 1
    }

    mutating func update(_ number: Int, _ change: (inout SimulatedOrder) -> Void) { change(&orders[number]) }

    mutating func rest(_ number: Int) {
        live[Self.key(orders[number].ticket.venue, orders[number].ticket.code), default: []].append(number)
    }

    mutating func kill(_ number: Int) {
        orders[number].isLive = false
        live[Self.key(orders[number].ticket.venue, orders[number].ticket.code)]?.removeAll { $0 == number }
    }

    mutating func notify(_ kind: SimulatedNotice.Kind, _ number: Int) {
        let order = orders[number]
        let name = tape(order.ticket.venue, order.ticket.code)?.symbol.name ?? ""
        events.append(.notice(SimulatedNotice(kind: kind, order: order, name: name, at: now)))
    }

    mutating func take(_ quantity: Int, at price: FixedPoint, from key: String) {
        taken[key, default: [:]][price, default: 0] += quantity
    }

    func liveOrders(_ key: String) -> [Int] { live[key] ?? [] }

    /// Books an execution: the order, the account's cash and shares, the notice.
    mutating func execute(_ number: Int, _ quantity: Int, at price: FixedPoint) {
        let before = orders[number]
        let ticket = before.ticket
        let value = before.value.plus(price.times(quantity))
        let costs = fees.costs(ticket.venue, isBuy: ticket.isBuy, value: value)
        let charged = costs.minus(before.costs)
        orders[number].filled += quantity
        orders[number].value = value
        orders[number].costs = costs
        let gross = price.times(quantity)
        let amount = ticket.isBuy ? (-gross).minus(charged) : gross.minus(charged)
        let day = tape(ticket.venue, ticket.code)?.today.session.date ?? today
        let flow = CashFlow(
            currency: ticket.venue.currency, tradedOn: today,
            settlesOn: settlementDay(ticket.venue, tradedOn: day), amount: amount)
        accounts[ticket.account]?.flows.append(flow)
        let held = accounts[ticket.account]?.positions[ticket.code]
        var position = held ?? SimulatedPosition(code: ticket.code, venue: ticket.venue)
        if ticket.isBuy { position.buy(quantity, at: price) } else { position.sell(quantity) }
        accounts[ticket.account]?.positions[ticket.code] = position
        fills.append(
            SimulatedFill(
                order: before.number, account: ticket.account, venue: ticket.venue, code: ticket.code,
                isBuy: ticket.isBuy, quantity: quantity, price: price, costs: charged, at: now, koreanDate: today,
                exchangeDate: day))
        if orders[number].remaining == 0 { kill(number) }
        notify(.fill(quantity: quantity, price: price), number)
    }

    /// So many sessions of the exchange after the trade.
    func settlementDay(_ venue: SimulatedVenue, tradedOn day: CivilDate) -> CivilDate {
        sessionDay(venue, after: day, count: venue.settlementSessions)
    }

    func sessionDay(_ venue: SimulatedVenue, after day: CivilDate, count: Int) -> CivilDate {
        guard let calendar = venue.calendar else { return day.advanced(byDays: count) }
        var (found, left) = (day, count)
        while left > 0, found < calendar.coverage.upperBound {
            found = found.advanced(byDays: 1)
            if calendar.isTradingDay(found) { left -= 1 }
        }
        return found
    }
}
