internal import Broker
internal import Core
internal import Features
internal import Ledger
internal import Settings
internal import Store

/// What was held of a profile's symbols, and how its equity had gone, at any moments; quickest when they ascend, since the
/// books are folded once then, for all symbols together.
struct FeatureHoldings {
    private let context: CycleContext
    private let profile: Profile
    private let reader: StoreReader
    private let asksForHolding: Bool
    private let asksForPortfolio: Bool
    private let entries: [LedgerEntry]
    private let marks: [EquityMark]
    private let fills: [Instant]
    /// The books after the first `booked` entries.
    private var ledger = Ledger()
    private var booked = 0
    /// What these books hold or held, by symbol.
    private var positions: [Symbol: [LedgerPosition]] = [:]
    /// What prices are watched by, of the same entries.
    private var pricing = PriceWatch.Booked()
    private var accounts: [Symbol: AccountKey] = [:]
    /// The prices of what was held at the moment asked for last.
    private var prices: (moment: Instant, watch: PriceWatch)?
    /// How equity had gone at the moment asked for last: the same for every symbol.
    private var equity: (moment: Instant, terms: FeatureHolding)?

    /// Reads nothing that the features do not ask for.
    init(_ spec: FeatureSpec, _ context: CycleContext, _ profile: Profile, _ reader: StoreReader) throws {
        (self.context, self.profile) = (context, profile)
        self.reader = reader
        asksForHolding = spec.asksForHolding
        asksForPortfolio = spec.asksForPortfolio
        entries = asksForHolding ? try reader.ledgerEntries() : []
        marks =
            asksForPortfolio
            ? try reader.equityMarks(ListFilter(profile: profile.name), brokerScope: EquityMarks.allBrokers) : []
        fills = asksForPortfolio ? try reader.fills(profile: profile.name).map(\.filledAt) : []
    }

    /// - Parameter bars: up to the bar of the vector, on whatever scale; a position that is older than all of them counts as
    ///   held for as many.
    mutating func holding(
        of instrument: Instrument, _ bars: some Sequence<Bar>, at moment: Instant
    ) throws -> FeatureHolding {
        guard asksForHolding else { return .none }
        try advance(to: moment)
        let account = try account(of: instrument)
        let position = positions[instrument.symbol]?.first { AccountKey($0.broker, $0.account) == account }
        var holding = try portfolio(at: moment)
        if let position, !position.isFlat {
            holding.side = position.quantity.isNegative ? -1 : 1
            holding.entryPrice = position.averageCost.doubleValue
            let openedAt = position.openedAt
            holding.barsHeld = openedAt.map { openedAt in bars.count { $0.openAt >= openedAt } } ?? 0
        }
        return holding
    }

    /// Why what is held and its bars may be of two scales, which keeps `decide` from the symbol; `nil` if nothing says so.
    mutating func doubt(of instrument: Instrument, at moment: Instant) throws -> String? {
        guard asksForHolding else { return nil }
        try advance(to: moment)
        let held = positions[instrument.symbol]?.filter { !$0.isFlat } ?? []
        guard !held.isEmpty else { return nil }
        if prices?.moment != moment {
            let watch = PriceWatch(
                reader, context.settings, context.calendars, pricing, at: moment, saidBy: moment)
            prices = (moment, watch)
        }
        for position in held where context.trades(position) {
            if let doubt = try prices?.watch.reading(of: position).doubt { return doubt.text }
        }
        return nil
    }

    /// Entries take effect by their time.
    private mutating func advance(to moment: Instant) throws {
        let before = booked
        if booked > 0, entries[booked - 1].at > moment { (ledger, booked, pricing) = (Ledger(), 0, .init()) }
        while booked < entries.count, entries[booked].at <= moment {
            try ledger.apply(entries[booked])
            pricing.add(entries[booked])
            booked += 1
        }
        guard booked != before else { return }
        positions = Dictionary(grouping: ledger.positions) { $0.symbol }
    }

    private mutating func account(of instrument: Instrument) throws -> AccountKey {
        if let known = accounts[instrument.symbol] { return known }
        let broker = try context.broker(for: instrument, of: profile)
        let account = AccountKey(broker.id, broker.account)
        accounts[instrument.symbol] = account
        return account
    }

    /// A flat position with how equity had gone.
    private mutating func portfolio(at moment: Instant) throws -> FeatureHolding {
        guard asksForPortfolio else { return .none }
        if let equity, equity.moment == moment { return equity.terms }
        var terms = FeatureHolding.none
        try addPortfolio(to: &terms, at: moment)
        equity = (moment, terms)
        return terms
    }

    /// Steps are the profile's equity marks before the moment; money paid in or out between them is no return.
    private func addPortfolio(to holding: inout FeatureHolding, at moment: Instant) throws {
        let books = try Books.value(
            ledger, reader, settings: context.settings, calendars: context.calendars, at: moment, saidBy: moment)
        let earlier = marks.filter { $0.at < moment && $0.equity.currency == books.marks.base }
        let equity = books.portfolio.equity.amount
        guard books.portfolio.isComplete else { return holding.forgetPortfolio() }
        guard let first = earlier.first else { return }
        func growth(_ from: EquityMark, to equity: FixedPoint, _ paidIn: [Currency: FixedPoint]?) throws -> Double {
            let flows = try EquityMarks.flows(from: from.paidIn, to: paidIn, books.marks)
            return equity.doubleValue / (try from.equity.amount + flows).doubleValue - 1
        }
        let paidIn = try books.paidIn
        let recent = Array(earlier.suffix(Self.recentSteps))
        var returns: [Double] = []
        for (mark, next) in zip(recent, recent.dropFirst()) {
            returns.append(try growth(mark, to: next.equity.amount, next.paidIn))
        }
        let step = try growth(recent[recent.count - 1], to: equity, paidIn)
        returns.append(step)
        holding.portfolioReturn = step
        holding.totalReturn = try growth(first, to: equity, paidIn)
        let peak = try books.highWaterMark(earlier.last)?.amount.doubleValue ?? equity.doubleValue
        holding.drawdown = peak > equity.doubleValue ? 1 - equity.doubleValue / peak : 0
        holding.winningShare = Double(returns.count { $0 > 0 }) / Double(returns.count)
        holding.fillsPerStep = Double(fills.count { $0 <= moment }) / Double(earlier.count)
        guard returns.count == Self.recentSteps else { return }
        let mean = returns.reduce(0, +) / Double(returns.count)
        holding.deviation = (returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(returns.count)).squareRoot()
    }

    /// How many of the last step returns the original system's state looks at.
    private static let recentSteps = 20
}

extension FeatureHolding {
    /// Equity cannot be told, so neither can how it went: missing, not zero.
    fileprivate mutating func forgetPortfolio() {
        (portfolioReturn, totalReturn, drawdown) = (.nan, .nan, .nan)
        (winningShare, fillsPerStep, deviation) = (.nan, .nan, .nan)
    }
}
