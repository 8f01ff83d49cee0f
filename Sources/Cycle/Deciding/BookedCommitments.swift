internal import Broker
internal import Core
internal import Decision
internal import Ledger
internal import MarketData
internal import Sessions
internal import Settings
internal import Store

/// Gathers what the books are bound to when something is decided, for the limits on entries: whoever decided it, for whichever
/// profile, at whichever broker.
struct BookedCommitments {
    private let beat: Beat
    private let reader: StoreReader
    private let books: Books
    private let orders: [ManagedOrder]
    private let executable: ExecutableQuantities
    /// Proposed or approved, still to be sent.
    private let intents: [OrderIntent]

    private var settings: Settings { beat.context.settings }

    /// - Parameter live: every order that may stand at a broker.
    init(_ beat: Beat, _ reader: StoreReader, _ books: Books, live: [ManagedOrder]) throws {
        self.beat = beat
        self.reader = reader
        self.books = books
        executable = try ExecutableQuantities(live)
        orders = live.filter { [executable] in executable[$0].isPositive }
        intents = try reader.intents(states: [.proposed, .approved]).filter { beat.now < $0.expiresAt }
    }

    /// What the limits ask for; `nil` where none does.
    ///
    /// - Parameters:
    ///   - decided: what is being decided on, with its bars.
    ///   - day: since when trades count as of today.
    /// - Returns: with it, how the bars of holdings that are not being decided on were made.
    func gather(
        for limits: EntryLimits, decided: [SymbolInput], day: Instant
    ) throws -> (commitments: Commitments?, bars: [Symbol: DecisionBars]) {
        let asksForHeld = limits.maximumCorrelation != nil
        guard asksForHeld || limits.maximumTurnover != nil else { return (nil, [:]) }
        var made: [Symbol: DecisionBars] = [:]
        var held: [Commitments.Holding] = []
        let own = Dictionary(decided.map { ($0.symbol, $0.bars) }) { first, _ in first }
        let sides = asksForHeld ? try sidesHeld() : [:]
        let watch = sides.isEmpty ? nil : try SplitWatch(beat, reader)
        for (symbol, sides) in sides {
            if own[symbol] == nil { made[symbol] = try watch.flatMap { try comparable(symbol, $0) } }
            let bars = (own[symbol] ?? made[symbol]?.bars ?? []).last(EntryLimits.lookback + 1)
            held += sides.map { Commitments.Holding(symbol: symbol, side: $0, bars: bars) }
        }
        let turnover = limits.maximumTurnover == nil ? nil : try turnover(since: day)
        return (Commitments(held: held, turnover: turnover), made)
    }

    // MARK: What is held

    private struct HoldingID: Hashable {
        let symbol: Symbol
        let account: AccountKey
    }

    private struct Holding {
        var held = Quantity.zero
        var buying = Quantity.zero
        var selling = Quantity.zero

        mutating func add(_ side: Side, _ quantity: Quantity) throws(ArithmeticError) {
            switch side {
            case .buy: buying = try buying + quantity
            case .sell: selling = try selling + quantity
            }
        }
    }

    /// The sides on which a symbol may come to be held by some combination of fills. An exit on its way frees nothing before
    /// it is filled, and opens nothing.
    private func sidesHeld() throws -> [Symbol: Set<Side>] {
        var holdings: [HoldingID: Holding] = [:]
        for position in books.ledger.openPositions {
            let id = HoldingID(symbol: position.symbol, account: AccountKey(position.broker, position.account))
            holdings[id, default: Holding()].held = position.quantity
        }
        for order in orders {
            let id = HoldingID(symbol: order.symbol, account: AccountKey(order.broker, order.account))
            try holdings[id, default: Holding()].add(order.side, executable[order])
        }
        for intent in intents {
            let account = beat.context.brokers[intent.broker]?.account ?? AccountID("")
            let id = HoldingID(symbol: intent.symbol, account: AccountKey(intent.broker, account))
            try holdings[id, default: Holding()].add(intent.side, intent.quantity)
        }
        var sides: [Symbol: Set<Side>] = [:]
        for (id, holding) in holdings {
            if try (holding.held + holding.buying).isPositive { sides[id.symbol, default: []].insert(.buy) }
            if try (holding.held - holding.selling).isNegative { sides[id.symbol, default: []].insert(.sell) }
        }
        return sides
    }

    /// The bars of a holding that is not being decided on, by the profile's timeframe; `nil` where none are of one scale, or the
    /// symbol is listed nowhere.
    private func comparable(_ symbol: Symbol, _ watch: SplitWatch) throws -> DecisionBars? {
        guard let (instrument, calendar) = try? beat.context.barListing(of: symbol, beat.profile),
            let slot = calendar.lastClosedSlot(at: beat.cycle.barClose, timeframe: beat.profile.timeframe)
        else { return nil }
        let member = Beat.SessionMember(instrument: instrument, calendar: calendar, slot: slot)
        let window = try watch.window(member)
        guard SplitWatch.mixture(member, in: window) == nil, try watch.finding(member, in: window) == nil else {
            return nil
        }
        return try DecisionBars(member, count: EntryLimits.lookback + 1, beat, reader)
    }

    // MARK: Turnover

    /// Fills since that moment, what is left of live orders, and intents: in base currency, `nil` where a rate, a price or a
    /// contract's size is missing.
    private func turnover(since day: Instant) throws -> FixedPoint? {
        var sum = FixedPoint.zero
        for fill in try reader.fills(ListFilter(since: day)) where !fill.isBusted {
            let account = AccountKey(fill.broker, fill.account)
            guard let value = try value(fill.quantity, fill.price, of: fill.symbol, in: account) else { return nil }
            sum = try sum + value
        }
        // Adding up the ledger for prices costs more than all the rest.
        let watch =
            orders.isEmpty
            ? nil : PriceWatch(reader, settings, beat.context.calendars, books.ledger, at: beat.now)
        for order in orders {
            let reference = try order.intentID.flatMap { try reader.intent($0)?.referencePrice }
            let market = [reference, try watch?.newest(of: order.symbol)?.bar.close].compactMap { $0 }.max()
            // A distance says nothing without a price that it is measured from.
            guard market != nil || order.type.trail == nil else { return nil }
            let own = try order.type.countedPrices(order.side, at: market ?? .zero)
            guard let worst = ([market].compactMap { $0 } + own).max(),
                let value = try value(
                    executable[order], worst, of: order.symbol, in: AccountKey(order.broker, order.account))
            else { return nil }
            sum = try sum + value
        }
        for intent in intents {
            let account = AccountKey(intent.broker, beat.context.brokers[intent.broker]?.account ?? AccountID(""))
            let worst = try intent.type.countedPrices(intent.side, at: intent.referencePrice)
                .reduce(intent.referencePrice, max)
            guard let value = try value(intent.quantity, worst, of: intent.symbol, in: account) else { return nil }
            sum = try sum + value
        }
        return sum
    }

    /// Without its sign. What symbols.yaml no longer lists counts by the contract that the ledger has booked it in.
    private func value(
        _ quantity: Quantity, _ price: Price, of symbol: Symbol, in account: AccountKey
    ) throws -> FixedPoint? {
        let listed = settings.instruments[symbol].map { ($0.currency, $0.multiplier) }
        let booked = books.ledger.position(symbol, broker: account.broker, account: account.account)
            .map { ($0.currency, $0.multiplier) }
        guard let (currency, multiplier) = listed ?? booked, let rate = books.marks.rate(currency) else { return nil }
        return try price.value.multiplied(by: quantity.value, rounding: .halfEven).magnitude
            .multiplied(by: multiplier, rounding: .halfEven).multiplied(by: rate, rounding: .halfEven)
    }
}
