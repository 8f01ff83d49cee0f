internal import Core
internal import Sessions

/// A level of the book.
struct BookLevel: Hashable, Sendable {
    let price: FixedPoint
    var quantity: Int
}

/// The market behind the simulated gateway: prices, orders, executions and accounts, without any wire.
struct GatewayMarket: Sendable {
    let seed: UInt64
    let fees: GatewayFees
    let rates: [String: FixedPoint]
    private(set) var now: Instant
    private(set) var tapes: [Tape<GatewayContract>] = []
    var accounts: [String: GatewayAccount] = [:]
    var orders: [GatewayOrder] = []
    var fills: [GatewayFill] = []
    /// Contracts, by their place, whose trades are reported as events.
    var watched: Set<Int> = []
    /// Orders at work or waiting, by contract.
    var live: [Int: [Int]] = [:]
    var lastPermId: Int
    private var events: [GatewayEvent] = []
    private var places: [Int: Int] = [:]
    /// What orders have taken from a book since the last trade.
    private var taken: [Int: [FixedPoint: Int]] = [:]
    private var nextSession: [Session?] = []
    /// When an order begins to work, or ends, by the date it was given: the next of both, by order.
    var dates: [Int: Instant] = [:]
    /// Up to when day orders have lapsed.
    private var lapsed: [Int: Instant] = [:]

    static let newYork = ZoneRules.named("America/New_York") ?? .utc

    init(_ configuration: IBSimulatorConfiguration) {
        seed = configuration.seed
        fees = configuration.fees
        rates = configuration.rates
        now = configuration.start
        var random = SeededGenerator(seed: configuration.seed, stream: "perm-ids")
        lastPermId = 600_000_000 + Int(random.next() % 900_000_000)
        for contract in configuration.contracts {
            let tape = Tape(
                contract, seed: seed, start: configuration.start, historySessions: configuration.historySessions)
            guard let tape else { continue }
            places[contract.conId] = tapes.count
            tapes.append(tape)
        }
        nextSession = tapes.map { $0.nextSession() }
        for spec in configuration.accounts { accounts[spec.code] = GatewayAccount(spec) }
        advance(to: configuration.start)
    }

    func place(_ conId: Int) -> Int? { places[conId] }

    mutating func takeEvents() -> [GatewayEvent] {
        defer { events = [] }
        return events
    }

    mutating func emit(_ event: GatewayEvent) { events.append(event) }

    // MARK: Time

    private enum Step { case trade(Int), lapse(Int), begin(Int, Session), dated(Int) }

    /// Plays everything up to that moment. Time never goes back.
    mutating func advance(to target: Instant) {
        while let (at, step) = nextStep(until: target) {
            now = max(now, at)
            switch step {
            case .trade(let place): playTrade(place)
            case .lapse(let place):
                lapsed[place] = at
                lapseDayOrders(place, evening: at > tapes[place].today.session.close)
            case .begin(let place, let session): begin(place, session)
            case .dated(let index): passDate(index)
            }
        }
        now = max(now, target)
    }

    /// The earliest thing to happen; trades before the close that they make.
    private func nextStep(until target: Instant) -> (Instant, Step)? {
        var best: (Instant, Step)?
        func offer(_ at: Instant, _ step: Step) {
            guard at <= target, best.map({ at < $0.0 }) ?? true else { return }
            best = (at, step)
        }
        if let (index, at) = dates.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
            offer(max(at, now), .dated(index))
        }
        for (place, tape) in tapes.enumerated() {
            if let at = tape.nextTradeAt {
                offer(at, .trade(place))
            } else if live[place]?.isEmpty == false, let at = nextLapse(place) {
                offer(at, .lapse(place))
            } else if let next = nextSession[place] {
                offer(max(next.open.advanced(bySeconds: -6 * 3600), tape.today.session.close), .begin(place, next))
            }
        }
        return best
    }

    /// Day orders end with the session; those for outside hours with the evening.
    private func nextLapse(_ place: Int) -> Instant? {
        let session = tapes[place].today.session
        let evening = Self.newYork.instant(of: session.date, secondOfDay: Self.eveningEnd)
        let moments = tapes[place].symbol.venue.hasExtendedHours ? [session.close, evening] : [session.close]
        return moments.first { moment in lapsed[place].map { moment > $0 } ?? true }
    }

    /// Trading outside regular hours lasts from four in the morning to eight in the evening, New York time.
    private static let (morningStart, eveningEnd) = (4 * 3600, 20 * 3600)

    private mutating func begin(_ place: Int, _ session: Session) {
        tapes[place].begin(session)
        nextSession[place] = tapes[place].nextSession()
        taken[place] = nil
        let contract = tapes[place].symbol
        for code in accounts.keys {
            guard var position = accounts[code]?.positions[contract.conId] else { continue }
            position.dayStartValue = value(position)
            position.dayPaid = .zero
            position.realized = .zero
            accounts[code]?.positions[contract.conId] = position
        }
    }

    private mutating func playTrade(_ place: Int) {
        guard let trade = tapes[place].playNext() else { return }
        taken[place] = nil
        if watched.contains(place) { events.append(.trade(place, trade, quote(place))) }
        guard live[place]?.isEmpty == false else { return }
        let isFirst = tapes[place].today.total?.volume == trade.quantity
        if isFirst { openSession(place) }
        matchResting(place, against: trade, isFirst: isFirst)
        if trade.isAuction, !isFirst { closeSession(place) }
    }

    // MARK: Looking

    func last(_ place: Int) -> FixedPoint { tapes[place].today.price }

    /// The market trades now, in regular hours.
    func isOpen(_ place: Int) -> Bool {
        let day = tapes[place].today
        return day.total != nil && day.session.contains(now) && !day.session.isBreak(now)
    }

    /// Orders with `outsideRth` trade now, against what stands in the book.
    func isExtended(_ place: Int) -> Bool {
        guard tapes[place].symbol.venue.hasExtendedHours, !tapes[place].today.session.contains(now) else {
            return false
        }
        let (date, second) = Self.newYork.local(now)
        return date == tapes[place].today.session.date && (Self.morningStart..<Self.eveningEnd).contains(second)
    }

    /// Ten levels on each side of the last trade, less what orders have taken. Best first.
    func book(_ place: Int) -> (asks: [BookLevel], bids: [BookLevel]) {
        let tape = tapes[place]
        let day = tape.today
        let tick = tape.symbol.minTick
        let isAsk = day.last?.isBuy ?? true
        var random = SeededGenerator(seed: seed ^ UInt64(bitPattern: day.last?.at.microseconds ?? 1) &* 0x9E37_79B9)
        let gone = taken[place] ?? [:]
        func levels(from first: FixedPoint, up: Bool) -> [BookLevel] {
            (0..<10).map { step in
                let drawn = 40 + Int(random.next() % 900)
                let price = up ? first.plus(tick.times(step)) : max(tick, first.minus(tick.times(step)))
                return BookLevel(price: price, quantity: max(0, (tape.symbol.depth ?? drawn) - (gone[price] ?? 0)))
            }
        }
        let ask = isAsk ? day.price : day.price.plus(tick)
        let bid = isAsk ? day.price.minus(tick) : day.price
        return (levels(from: ask, up: true), levels(from: max(tick, bid), up: false))
    }

    func quote(_ place: Int) -> GatewayQuote {
        let book = book(place)
        return GatewayQuote(bid: book.bids.first, ask: book.asks.first, total: tapes[place].today.total)
    }

    mutating func take(_ quantity: Int, at price: FixedPoint, from place: Int) {
        taken[place, default: [:]][price, default: 0] += quantity
    }
}

// MARK: - Accounts

extension GatewayMarket {
    func rate(_ currency: String) -> FixedPoint { rates[currency] ?? .one }

    /// What a contract is worth now: the last trade.
    func mark(_ contract: GatewayContract) -> FixedPoint { place(contract.conId).map { last($0) } ?? .zero }

    /// Market value in the contract's currency, of a future too.
    func value(_ position: GatewayPosition) -> FixedPoint {
        mark(position.contract).times(position.contract.multiplier).times(position.quantity, .halfEven)
    }

    func unrealized(_ position: GatewayPosition) -> FixedPoint {
        value(position).minus(position.averageCost.times(position.quantity, .halfEven))
    }

    func daily(_ position: GatewayPosition) -> FixedPoint {
        value(position).minus(position.dayStartValue).minus(position.dayPaid)
    }

    func figures(_ code: String) -> AccountFigures {
        var figures = AccountFigures()
        guard let account = accounts[code] else { return figures }
        for (currency, amount) in account.cash { figures.cash = figures.cash.plus(dollars(amount, currency)) }
        for position in account.positions.values {
            let contract = position.contract
            let (value, currency) = (dollars(value(position), contract.currency), contract.currency)
            switch contract.secType {
            case "FUT":
                figures.futuresProfit = figures.futuresProfit.plus(dollars(unrealized(position), currency))
            case "OPT": figures.optionValue = figures.optionValue.plus(value)
            default: figures.stockValue = figures.stockValue.plus(value)
            }
            if contract.secType != "FUT" { figures.grossPosition = figures.grossPosition.plus(value.magnitude) }
            figures.unrealized = figures.unrealized.plus(dollars(unrealized(position), currency))
            figures.realized = figures.realized.plus(dollars(position.realized, currency))
            figures.daily = figures.daily.plus(dollars(daily(position), currency))
            let price = mark(contract)
            let initial = MarginRule.initial(contract, quantity: position.quantity, price: price)
            let maintenance = MarginRule.maintenance(contract, quantity: position.quantity, price: price)
            figures.initialMargin = figures.initialMargin.plus(dollars(initial, currency))
            figures.maintenanceMargin = figures.maintenanceMargin.plus(dollars(maintenance, currency))
        }
        return figures
    }

    func dollars(_ amount: FixedPoint, _ currency: String) -> FixedPoint { amount.times(rate(currency), .halfEven) }

    /// Initial margin of the account if the order were filled, and what its commission would be. Orders that close need
    /// nothing.
    func after(_ ticket: GatewayTicket, _ contract: GatewayContract) -> (
        figures: AccountFigures, commission: FixedPoint
    ) {
        var trial = self
        let price = ticket.limit ?? mark(contract)
        let commission = fees.commission(
            contract, quantity: ticket.quantity,
            value: price.times(contract.multiplier).times(ticket.quantity, .halfEven))
        _ = trial.book(
            ticket.account, contract, signed: ticket.isBuy ? ticket.quantity : -ticket.quantity, price: price,
            commission: commission)
        return (trial.figures(ticket.account), commission)
    }

    /// Books a trade in an account.
    ///
    /// - Returns: What it realised, `nil` when nothing was closed.
    mutating func book(
        _ code: String, _ contract: GatewayContract, signed: FixedPoint, price: FixedPoint, commission: FixedPoint
    ) -> FixedPoint? {
        guard accounts[code] != nil else { return nil }
        var position = accounts[code]?.positions[contract.conId] ?? GatewayPosition(contract: contract)
        let unitPrice = price.times(contract.multiplier)
        let realized = position.trade(signed, unitPrice: unitPrice, commission: commission)
        accounts[code]?.positions[contract.conId] = position
        let movement: FixedPoint
        if contract.secType == "FUT" {
            // Only what was won or lost moves cash. The commission of the opening is in the average cost already.
            movement = realized ?? .zero
        } else {
            movement = unitPrice.times(-signed, .halfEven).minus(commission)
        }
        let cash = (accounts[code]?.cash[contract.currency] ?? .zero).plus(movement)
        accounts[code]?.cash[contract.currency] = cash
        return realized
    }
}
