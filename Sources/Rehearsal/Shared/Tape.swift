internal import Core
internal import Sessions

/// One trade of the market, apart from the orders of the simulator's accounts.
struct SimulatedTrade: Hashable, Sendable {
    let at: Instant
    let price: FixedPoint
    let quantity: Int
    /// Whether the buyer took what was offered.
    let isBuy: Bool
    /// Whether it closed an auction: then everybody trades at its price.
    let isAuction: Bool
}

/// The trades of one minute (or day), in the terms of a chart.
struct SimulatedBar: Hashable, Sendable {
    var openAt: Instant
    var open: FixedPoint
    var high: FixedPoint
    var low: FixedPoint
    var close: FixedPoint
    var volume: Int
    /// Price times shares.
    var value: FixedPoint
    var trades: Int

    init(_ trade: SimulatedTrade, openAt: Instant) {
        self.openAt = openAt
        (open, high, low, close) = (trade.price, trade.price, trade.price, trade.price)
        volume = trade.quantity
        value = trade.price.times(trade.quantity)
        trades = 1
    }

    /// A minute in which nothing was traded.
    init(flatAt price: FixedPoint, openAt: Instant) {
        self.openAt = openAt
        (open, high, low, close) = (price, price, price, price)
        volume = 0
        value = .zero
        trades = 0
    }

    mutating func add(_ trade: SimulatedTrade) {
        high = max(high, trade.price)
        low = min(low, trade.price)
        close = trade.price
        volume += trade.quantity
        value = value.plus(trade.price.times(trade.quantity))
        trades += 1
    }

    mutating func add(_ later: SimulatedBar) {
        high = max(high, later.high)
        low = min(low, later.low)
        close = later.close
        volume += later.volume
        value = value.plus(later.value)
        trades += later.trades
    }
}

/// One session of one symbol, as far as it has been played.
struct SimulatedDay: Sendable {
    let session: Session
    /// The previous close, from which limits and changes are counted.
    let base: FixedPoint
    var bars: [SimulatedBar] = []
    var total: SimulatedBar?
    var last: SimulatedTrade?
    var highAt: Instant?
    var lowAt: Instant?
    /// Shares and trades taken from the offers, and given to the bids.
    var bought = (shares: 0, trades: 0)
    var sold = (shares: 0, trades: 0)

    init(session: Session, base: FixedPoint) {
        self.session = session
        self.base = base
    }

    var price: FixedPoint { last?.price ?? base }

    mutating func play(_ trade: SimulatedTrade) {
        let seconds = trade.at.epochSeconds
        let minute = Instant(epochSeconds: seconds - seconds % 60)
        if bars.last?.openAt == minute {
            bars[bars.count - 1].add(trade)
        } else {
            bars.append(SimulatedBar(trade, openAt: minute))
        }
        if total.map({ trade.price > $0.high }) ?? true { highAt = trade.at }
        if total.map({ trade.price < $0.low }) ?? true { lowAt = trade.at }
        if total == nil { total = SimulatedBar(trade, openAt: session.open) } else { total?.add(trade) }
        if trade.isBuy { bought = (bought.shares + trade.quantity, bought.trades + 1) }
        if !trade.isBuy { sold = (sold.shares + trade.quantity, sold.trades + 1) }
        last = trade
    }
}

/// What a tape is made of: a symbol of whichever broker's stand-in.
protocol TapeSource: Sendable {
    /// Part of the seed: two symbols with one name have one path of prices.
    var streamName: String { get }
    var calendar: ExchangeCalendar? { get }
    /// The closing price before the first day of history.
    var basePrice: FixedPoint { get }
    /// One-minute bars that make the prices; days without any have no trades. `nil` for prices drawn from the seed.
    var bars: [Bar]? { get }
    /// How long before the close the auction that ends the session begins; 0 for a session traded to its end.
    var closingAuctionSeconds: Int64 { get }
    /// The price step at a price.
    func tick(at price: FixedPoint) -> FixedPoint
}

/// The path of one symbol's prices: past sessions, and the trades of the present one still to come.
struct Tape<Source: TapeSource>: Sendable {
    let symbol: Source
    private let seed: UInt64
    private(set) var past: [SimulatedDay] = []
    /// The session under way or over, until the next begins.
    private(set) var today: SimulatedDay
    private var coming: ArraySlice<SimulatedTrade> = []
    private var importedBars: [CivilDate: [Bar]] = [:]

    /// - Parameter start: The session before which the history of so many sessions lies; it is loaded, not played.
    init?(_ symbol: Source, seed: UInt64, start: Instant, historySessions: Int) {
        guard let calendar = symbol.calendar else { return nil }
        self.symbol = symbol
        self.seed = seed
        let lastDay = calendar.localDate(of: start)
        let firstDay = lastDay.advanced(byDays: -(historySessions * 7 / 5 + 21))
        let sessions = calendar.sessions(from: firstDay, through: lastDay).filter { $0.open <= start }
            .suffix(historySessions + 1)
        guard let first = sessions.first else { return nil }
        today = SimulatedDay(session: first, base: symbol.basePrice)
        importedBars = Dictionary(grouping: symbol.bars ?? []) { calendar.localDate(of: $0.openAt) }
        for session in sessions {
            if session.date > first.date { begin(session) } else { load() }
            playAll(until: start)
        }
    }

    /// What comes next, and when.
    var nextTradeAt: Instant? { coming.first?.at }

    func nextSession() -> Session? { symbol.calendar?.nextSession(after: today.session.open) }

    mutating func begin(_ session: Session) {
        past.append(today)
        today = SimulatedDay(session: session, base: today.price)
        load()
    }

    mutating func playNext() -> SimulatedTrade? {
        guard let trade = coming.popFirst() else { return nil }
        today.play(trade)
        return trade
    }

    private mutating func playAll(until instant: Instant) {
        while let next = nextTradeAt, next <= instant { _ = playNext() }
    }

    private mutating func load() {
        coming = trades(of: today)[...]
    }

    /// All trades of a day, those still to come included: for charts finer than a minute.
    func trades(of day: SimulatedDay) -> [SimulatedTrade] {
        symbol.bars == nil ? drawn(day.session, base: day.base) : imported(day.session)
    }

    /// Four trades a bar: open, the extreme on the way, the other one, close. The first trade of the session and the one
    /// of its last minute are auctions.
    private func imported(_ session: Session) -> [SimulatedTrade] {
        let bars = (importedBars[session.date] ?? []).sorted { $0.openAt < $1.openAt }
        let lastMinute = session.close.advanced(bySeconds: -60)
        return bars.flatMap { bar -> [SimulatedTrade] in
            let rises = bar.close >= bar.open
            let prices = [bar.open, rises ? bar.low : bar.high, rises ? bar.high : bar.low, bar.close]
            let volume = bar.volume.value.whole
            return prices.enumerated().compactMap { index, price -> SimulatedTrade? in
                let quantity = index == 3 ? volume - 3 * (volume / 4) : volume / 4
                guard quantity > 0 else { return nil }
                let isOpening = index == 0 && bar.openAt == bars.first?.openAt
                let isClosing = index == 3 && bar.openAt == bars.last?.openAt && bar.openAt >= lastMinute
                return SimulatedTrade(
                    at: bar.openAt.advanced(bySeconds: [0, 20, 40, 59][index]), price: price.value, quantity: quantity,
                    isBuy: index == 0 || price >= prices[index - 1], isAuction: isOpening || isClosing)
            }
        }
    }

    /// A walk on the price grid that is drawn back to the previous close, about four trades a minute.
    ///
    /// Where the session ends with an auction (Korea), nothing is traded before it, then once at the close.
    private func drawn(_ session: Session, base: FixedPoint) -> [SimulatedTrade] {
        var random = SeededGenerator(seed: seed, stream: "\(symbol.streamName)|\(session.date)")
        var price = grid(base, ticks: Int(random.next() % 9) - 4)
        var trades: [SimulatedTrade] = []
        let auction = session.close.advanced(bySeconds: -symbol.closingAuctionSeconds)
        var at = session.open.advanced(bySeconds: Int64(random.next() % 3))
        while at < auction {
            if !session.isBreak(at) {
                let move = step(&random, from: price, base: base)
                price = grid(price, ticks: move)
                let quantity = 1 + Int(random.next() % 400)
                let isBuy = move > 0 || (move == 0 && random.next() % 2 == 0)
                trades.append(
                    SimulatedTrade(
                        at: at, price: price, quantity: quantity, isBuy: isBuy, isAuction: trades.isEmpty))
            }
            at = at.advanced(bySeconds: 3 + Int64(random.next() % 24))
        }
        trades.append(
            SimulatedTrade(
                at: symbol.closingAuctionSeconds > 0 ? session.close : session.close.advanced(bySeconds: -1),
                price: price, quantity: 500 + Int(random.next() % 2000), isBuy: true, isAuction: true))
        return trades
    }

    private func step(_ random: inout SeededGenerator, from price: FixedPoint, base: FixedPoint) -> Int {
        let draw = Int(random.next() % 100)
        let pull = price > base ? 2 : -2
        return draw < 25 + pull ? -1 : draw < 50 ? 1 : 0
    }

    private func grid(_ price: FixedPoint, ticks: Int) -> FixedPoint {
        let tick = symbol.tick(at: price)
        let moved = price.plus(tick.times(ticks))
        let onGrid = (try? moved.rounded(toMultipleOf: symbol.tick(at: moved), .halfEven)) ?? moved
        return max(onGrid, tick)
    }
}
