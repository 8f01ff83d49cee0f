public import Core
public import Features
internal import MarketData
public import Sessions
public import Settings
public import Store

/// Computes what a policy sees of a profile's symbols: for a cycle, or for every bar of a stretch of history.
///
/// The bars are those that `decide` takes (``DecisionBars``), as many of the last as the list's window has. The position is
/// that of the ledger at the moment of the decision: of the one that was made, or now while the cycle's window is open, or,
/// where none was made, at the bar's close.
public struct FeatureDesk: Sendable {
    let context: CycleContext
    let profile: Profile
    let computer: FeatureComputer
    let form: FeatureVector.Form
    let now: Instant
    private let names: [String]
    /// What the list asks for, found once.
    let asks: (holding: Bool, place: Bool, sessionStarts: Bool)

    /// - Throws: ``FeatureError/fittedOnOtherBars(fitted:used:)`` for a normaliser of bars of another length or of other hours.
    public init(
        _ context: CycleContext, profile: Profile, computer: FeatureComputer, form: FeatureVector.Form, now: Instant
    ) throws(FeatureError) {
        try computer.normaliser?.span.require(profile.timeframe, isExtended: profile.session == .extended)
        self.context = context
        self.profile = profile
        self.computer = computer
        self.form = form
        self.now = now
        names = computer.spec.names
        asks = (computer.spec.asksForHolding, computer.spec.asksForPlace, computer.spec.asksForSessionStarts)
    }

    var spec: FeatureSpec { computer.spec }

    /// One record per symbol whose exchange has a bar that closes with the cycle.
    ///
    /// - Parameter symbols: only these; `nil` for all of the profile.
    public func records(
        of cycle: CycleID, symbols: Set<Symbol>? = nil, in reader: StoreReader
    ) throws -> [FeatureRecord] {
        try records(of: cycle, symbols: symbols, try holdings(in: reader), in: reader)
    }

    /// What was held, read once for whatever is asked of it.
    func holdings(in reader: StoreReader) throws -> FeatureHoldings {
        try FeatureHoldings(spec, context, profile, reader)
    }

    func records(
        of cycle: CycleID, symbols: Set<Symbol>? = nil, _ holdings: FeatureHoldings, in reader: StoreReader
    ) throws -> [FeatureRecord] {
        let beat = Beat(context: context, cycle: cycle, profile: profile, now: now)
        let watch = try SplitWatch(beat, reader)
        var holdings = holdings
        var places = SessionPlaces(timeframe: profile.timeframe)
        let moments = try moments(from: cycle.barClose, through: cycle.barClose, of: nil, reader)
        let acted = try reader.symbolsWithActions()
        return try beat.sessionMembers().filter { symbols?.contains($0.instrument.symbol) ?? true }.map { member in
            let symbol = member.instrument.symbol
            let seen = try SessionBars(member, count: max(spec.window, watch.count), beat, reader).bars
            let recorded = acted.contains(symbol) ? try reader.actionsInForce(symbol) : []
            guard seen.last?.openAt == member.slot.openAt else {
                // An older bar's vector would pass for this one's.
                return try record(
                    cycle, symbol, bar: member.slot.openAt, computer.vector(FeatureWindow([]), as: form),
                    hindrance: .noBar)
            }
            return try record(member, cycle, seen, recorded, at: moments(symbol, beat), watch, &holdings, &places)
        }
    }

    /// One record per stored bar that opens at or after `since` and has closed by `until`, ascending: each as it would have
    /// been told at its bar, from no bar behind it.
    public func history(
        of symbol: Symbol, since: Instant, until: Instant, in reader: StoreReader
    ) throws -> [FeatureRecord] {
        let holdings = try holdings(in: reader)
        return try histories(of: [(symbol, since, until)], holdings, in: reader)[symbol]?.records() ?? []
    }

    /// Fits a normaliser on every complete vector of the span; one that a suspected split lies in is left out.
    ///
    /// - Returns: the normaliser, and how many bars of the span gave no vector.
    /// - Throws: ``FeatureError/symbolsWithoutVectors(_:)``; ``FeatureError/mixedSpan`` where some of the bars are generated.
    public func fit(
        _ symbols: [Symbol], since: Instant, until: Instant, in reader: StoreReader
    ) throws -> (normaliser: FittedNormaliser, leftOut: Int) {
        let raw = try FeatureDesk(context, profile: profile, computer: computer, form: .raw, now: now)
        let holdings = try raw.holdings(in: reader)
        // One after the other: the bars of years of all symbols need not be in memory together.
        let records = try symbols.flatMap { symbol in
            try raw.histories(of: [(symbol, since, until)], holdings, in: reader)[symbol]?.records() ?? []
        }
        let ready = records.filter { $0.isReady }
        let opens = ready.map { $0.bar }
        guard let first = opens.min(), let last = opens.max() else {
            throw FeatureError.tooFewVectors(0, least: FittedNormaliser.leastVectors)
        }
        let lacking = Set(symbols).subtracting(ready.map { $0.symbol })
        guard lacking.isEmpty else { throw FeatureError.symbolsWithoutVectors(lacking.sorted()) }
        let kinds = try Set(
            symbols.flatMap { symbol in
                try reader.bars(symbol, profile.timeframe, from: first, until: last.advanced(bySeconds: 1))
                    .map { $0.source == .generator }
            })
        guard kinds.count == 1 else { throw FeatureError.mixedSpan }
        let span = TrainingSpan(
            symbols: symbols, timeframe: profile.timeframe, first: first, last: last,
            isExtended: profile.session == .extended)
        let normaliser = try FittedNormaliser(spec, fitting: ready.map { $0.vector }, span: span)
        return (normaliser, records.count - ready.count)
    }

    // MARK: One vector

    /// - Parameter seen: bars up to the slot's own, as many as the vector or the watch on splits looks back.
    private func record(
        _ member: Beat.SessionMember, _ cycle: CycleID, _ seen: [Bar], _ recorded: [StoredAction], at moment: Instant,
        _ watch: SplitWatch, _ holdings: inout FeatureHoldings, _ places: inout SessionPlaces
    ) throws -> FeatureRecord {
        let instrument = member.instrument
        let bars = try decisionBars(member, seen, recorded)
        let hindrance = try hindrance(member, in: seen.last(watch.count), recorded, watch)
        let holding = try holdings.holding(of: instrument, bars, at: moment)
        let place = asks.place ? places.place(of: member.slot, member.calendar) : nil
        let vector = try computer.vector(window(bars, member.calendar, place, holding), as: form)
        return try record(
            cycle, instrument.symbol, bar: member.slot.openAt, vector,
            hindrance: hindrance ?? holdings.doubt(of: instrument, at: moment).map { .scaleDoubted($0) })
    }

    /// Those of the window, on the scale of the last.
    func decisionBars(
        _ member: Beat.SessionMember, _ seen: [Bar], _ recorded: [StoredAction]
    ) throws -> [Bar] {
        try DecisionBars(
            seen.last(spec.window), recorded.compactMap(\.action), of: member.instrument.symbol, member.calendar
        ).bars
    }

    /// What keeps `decide` from the symbol, by the bars that it would see.
    func hindrance(
        _ member: Beat.SessionMember, in bars: [Bar], _ recorded: [StoredAction], _ watch: SplitWatch
    ) throws -> FeatureRecord.Gap? {
        if let mixture = SplitWatch.mixture(member, in: bars) { return .mixedBars(mixture) }
        return try watch.finding(member, in: bars, recorded).map { .splitSuspected(SplitWatch.text($0)) }
    }

    func record(
        _ cycle: CycleID, _ symbol: Symbol, bar: Instant, _ vector: FeatureVector, hindrance: FeatureRecord.Gap?
    ) -> FeatureRecord {
        FeatureRecord(cycle, symbol, profile.timeframe, bar: bar, names: names, vector, hindrance: hindrance)
    }

    func window(
        _ bars: [Bar], _ calendar: ExchangeCalendar, _ place: SessionPlace? = nil, _ holding: FeatureHolding = .none
    ) -> FeatureWindow {
        FeatureWindow(
            bars, sessionStarts: asks.sessionStarts ? SessionPlaces.starts(among: bars, calendar) : nil, place: place,
            holding: holding)
    }

    /// When the position of a symbol counts, in each of a stretch of cycles.
    func moments(
        from first: Instant, through last: Instant, of symbol: Symbol?, _ reader: StoreReader
    ) throws -> (Symbol, Beat) -> Instant {
        guard asks.holding else { return { _, _ in now } }
        let made = try reader.decisionTimes(profile.name, of: symbol, from: first, through: last)
        return { symbol, beat in
            // Where a clock stands still, the decision's own fills bear its time; they came after it.
            let decidedAt = made[beat.cycle.barClose]?[symbol]?.advanced(by: .microseconds(-1))
            return decidedAt ?? (beat.missedItsWindow ? beat.cycle.barClose : now)
        }
    }
}

/// A stored bar, and its vector for whatever may be held.
public struct PreparedBar: Sendable {
    /// As it was stored: not adjusted for what came later.
    public let bar: Bar
    public let slot: BarSlot
    public let vector: PreparedVector
    /// What would keep `decide` from the symbol at this bar.
    public let hindrance: FeatureRecord.Gap?

    public init(bar: Bar, slot: BarSlot, vector: PreparedVector, hindrance: FeatureRecord.Gap? = nil) {
        (self.bar, self.slot, self.vector, self.hindrance) = (bar, slot, vector, hindrance)
    }
}

/// Where bars stand in their sessions. The bars of a session are counted once for all who have one there.
struct SessionPlaces {
    let timeframe: Timeframe
    private var last: (exchange: ExchangeID, session: Session, opens: [Instant])?

    init(timeframe: Timeframe) { self.timeframe = timeframe }

    mutating func place(of slot: BarSlot, _ calendar: ExchangeCalendar) -> SessionPlace? {
        if last?.exchange != calendar.exchange || last?.session != slot.session {
            let slots = calendar.slots(of: slot.session, timeframe: timeframe)
            last = (calendar.exchange, slot.session, slots.map { $0.openAt })
        }
        guard let opens = last?.opens, let index = opens.firstIndex(of: slot.openAt) else { return nil }
        return SessionPlace(index: index, of: opens.count)
    }

    /// The bars that begin a session: those that opened with it. A session whose first bar is missing has no beginning, since what
    /// counts from there would count from another bar once it is brought.
    static func starts(among bars: [Bar], _ calendar: ExchangeCalendar) -> [Int] {
        var session: Session?
        return bars.indices.filter { index in
            guard session?.contains(bars[index].openAt) != true else { return false }
            session = calendar.session(at: bars[index].openAt)
            return session?.open == bars[index].openAt
        }
    }
}
