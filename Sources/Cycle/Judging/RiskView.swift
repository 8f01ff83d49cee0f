internal import Broker
internal import Core
internal import Ledger
internal import Risk
internal import Sessions
internal import Settings
internal import Store

/// Gathers what the risk check looks at, inside one transaction.
struct RiskView {
    let beat: Beat
    let books: Books
    let reader: StoreReader
    /// Flattens that nobody has ordered yet, to see what they would come to.
    let supposed: [FlattenRequest]
    private let watch: PriceWatch
    /// Brokers whose books nobody has compared with ours since the database was put back from a copy.
    private let unknown: Set<BrokerID>

    private var settings: Settings { beat.context.settings }

    /// An order that is looked at as if it were not there.
    private let without: ClientOrderID?

    init(
        _ beat: Beat, _ reader: StoreReader, supposing supposed: [FlattenRequest] = [], without: ClientOrderID? = nil
    ) throws {
        self.without = without
        self.beat = beat
        self.reader = reader
        self.supposed = supposed
        let (settings, calendars) = (beat.context.settings, beat.context.calendars)
        books = try Books.load(reader, settings: settings, calendars: calendars, at: beat.now)
        watch = PriceWatch(reader, settings, calendars, books.ledger, at: beat.now)
        unknown = try RestoreGuard.unknown(beat.context, reader)
    }

    /// - Parameter intents: Those about to be judged; they tell which markets matter besides the ones held.
    /// - Parameter previews: What brokers say of them.
    func check(_ intents: [OrderIntent], _ previews: [IntentID: OrderPreview] = [:]) throws -> RiskCheck {
        let live = try reader.liveOrdersAtWorst().filter { $0.clientOrderID != without }
        var symbols = Set(intents.map(\.symbol)).union(beat.profile.symbols).union(live.map(\.symbol))
        symbols.formUnion(books.ledger.openPositions.map(\.symbol))
        var markets: [Symbol: MarketCondition] = [:]
        for symbol in symbols { markets[symbol] = try market(symbol) }
        return RiskCheck(
            state: try account(live), markets: markets, brokers: try brokers(),
            limits: try RiskLimits(settings, beat.profile, symbols),
            now: beat.now, previews: previews)
    }

    private func account(_ live: [ManagedOrder]) throws -> AccountState {
        let portfolio = books.portfolio
        let base = settings.baseCurrency
        let paidIn = Money(try EquityMarks.inBase(try books.ledger.paidIn(), books.marks), base)
        let dayStart = dayStart()
        let highWaterMark = try books.highWaterMark(
            try reader.lastEquityMark(scope: EquityMarks.allBrokers, before: beat.now))
        // Books of before a restore would look like a loss, or like none.
        let unvalued = try OpeningValuation.pending(beat.context, reader)
        let isKnown = portfolio.isComplete && unknown.isEmpty && unvalued.isEmpty
        return AccountState(
            baseCurrency: base, equityNow: isKnown ? portfolio.equity : nil,
            equityAtDayStart: try equity(at: dayStart) ?? paidIn,
            equityInitial: try emergencyReference(paidIn, highWaterMark), highWaterMark: highWaterMark,
            rates: books.marks.rates.mapValues(\.perBase), positions: try positions(), liveOrders: live,
            approvedIntents: try reader.intents(states: [.approved]).filter { beat.now < $0.expiresAt },
            ordersSentToday: try sent(since: dayStart),
            ordersSentInLastMinute: try sent(since: beat.now.advanced(bySeconds: -60)),
            activeHalts: try reader.activeHalts().compactMap { halt in
                HaltScope(halt.scope).map { HaltView(scope: $0, code: halt.code) }
            },
            flattens: try flattens(), unpriced: Set(portfolio.missing + unvalued).sorted(), disputed: try disputed(),
            unreconciled: unknown.sorted())
    }

    private func sent(since instant: Instant) throws -> Int {
        try reader.countOrders(submittedFrom: instant, until: beat.now.advanced(bySeconds: 1))
            + reader.countRevisions(since: instant)
    }

    /// What the emergency limit is measured against: the capital paid in, or what an operator accepted on resuming. Where
    /// more was taken out than was ever paid in there is no such capital left, and the highest equity takes its place.
    private func emergencyReference(_ paidIn: Money, _ highWaterMark: Money?) throws -> Money {
        let reference = try rebased(Baselines.total, after: nil) ?? paidIn
        guard !reference.amount.isPositive, let highWaterMark else { return reference }
        return highWaterMark
    }

    /// Cash that differs belongs to no symbol, and a break that a person accepted as it is differs no more.
    private func disputed() throws -> [Symbol] { Set(try reader.openBreaks().compactMap(\.symbol)).sorted() }

    private func flattens() throws -> [FlattenRequest] {
        let pending = try reader.pendingOperatorOrders(kind: .flatten).compactMap { order -> FlattenRequest? in
            guard let scope = FlattenRequest.Scope(order.scope) else {
                // Stop-losses must not wait for a damaged row; it stays pending, where `status` and `flatten` show it.
                beat.context.log(
                    .error, "flatten \(order.id) has the unknown scope '\(order.scope)'; it is passed over")
                return nil
            }
            return FlattenRequest(id: order.id, scope: scope, orderedBy: order.createdBy, reason: order.reason)
        }
        return pending + supposed
    }

    private func positions() throws -> [RiskPosition] {
        let differing = try BrokerHoldings(reader, at: beat.now)
        // What lies in another account than the configured one is out of reach: an exit for it would go out of this one.
        let live = try reader.openOrders()
        let reachable = books.ledger.openPositions.filter { position in
            guard !unknown.contains(position.broker) else { return false }
            return beat.context.brokers[position.broker].map { $0.account == position.account } ?? true
        }
        return try reachable.map { position in
            let reading = books.readings.first { $0.position == position }?.reading
            // The word of an operator is no price that anything trades at.
            let mark = reading?.stated == nil ? books.marks.price(of: position) : reading?.mark
            return try RiskPosition(
                symbol: position.symbol, broker: position.broker, quantity: position.quantity,
                brokerQuantity: differing.quantity(
                    position.symbol, AccountKey(position.broker, position.account), ours: position.quantity,
                    allowsShort: beat.context.brokers[position.broker]?.capabilities.allowsShort ?? false),
                unbookedExits: differing.unbookedExits(position, live), averageCost: position.averageCost,
                lastPrice: mark.map { PricedAt($0.price, asOf: $0.asOf) }, isPriceDoubted: reading?.doubt != nil,
                statedPrice: reading?.stated?.price,
                currency: position.currency, multiplier: position.multiplier)
        }
    }

    /// `nil` for a symbol that symbols.yaml does not list: risk refuses intents in it by name.
    private func market(_ symbol: Symbol) throws -> MarketCondition? {
        guard let (instrument, calendar) = try? beat.context.listing(of: symbol) else { return nil }
        let held = books.readings.filter { $0.position.symbol == symbol && beat.context.trades($0.position) }
        // One account whose holding has no price of its scale is enough to open nothing at the price of another.
        let decisive = held.first { $0.reading.doubt != nil } ?? held.first
        let mark = try decisive.map(\.reading.mark) ?? watch.newest(of: symbol)?.mark
        return MarketCondition(
            instrument: instrument, isOpen: calendar.isOpen(at: beat.now), lastBarClose: mark?.asOf,
            lastPrice: mark.map { PricedAt($0.price, asOf: $0.asOf) })
    }

    private func brokers() throws -> [BrokerID: BrokerCondition] {
        var conditions: [BrokerID: BrokerCondition] = [:]
        for (id, broker) in beat.context.brokers {
            let cash = try books.ledger.cashByCurrency(AccountKey(id, broker.account)).mapValues(\.rounded)
            conditions[id] = BrokerCondition(
                orderTypes: broker.capabilities.orderTypes, timesInForce: broker.capabilities.timesInForce,
                handling: broker.capabilities.handling, allowsShort: broker.capabilities.allowsShort, cash: cash,
                booksStaleSince: try ReconcileStep.staleSince(broker, reader))
        }
        return conditions
    }

    /// The start of the trading day: the open of the session the cycle's bar belongs to.
    func dayStart() -> Instant {
        for symbol in beat.profile.symbols {
            guard let (_, calendar) = try? beat.context.barListing(of: symbol, beat.profile) else { continue }
            if let session = calendar.session(at: beat.cycle.barClose.advanced(bySeconds: -1)) { return session.open }
        }
        return beat.now.utcDate.startUTC
    }

    /// The equity the day's loss is measured against: what stood at its start, or what an operator accepted on resuming,
    /// with the money that has come and gone since.
    private func equity(at dayStart: Instant) throws -> Money? {
        if let accepted = try rebased(Baselines.daily, after: dayStart) { return accepted }
        return try reader.lastEquityMark(scope: EquityMarks.allBrokers, before: dayStart).map {
            try books.carried($0.equity, since: $0.paidIn)
        }
    }

    private func rebased(_ key: String, after: Instant?) throws -> Money? {
        guard let baseline = try reader.meta(key).flatMap(Baselines.init(text:)) else { return nil }
        if let after, baseline.at < after { return nil }
        return try books.carried(Money(baseline.equity, settings.baseCurrency), since: baseline.paidIn)
    }
}
