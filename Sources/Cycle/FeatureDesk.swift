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
public struct FeatureDesk {
    let context: CycleContext
    let profile: Profile
    let computer: FeatureComputer
    let form: FeatureVector.Form
    let now: Instant
    /// What the list asks for, found once.
    private let asks: (holding: Bool, place: Bool, sessionStarts: Bool)

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
        asks = (computer.spec.asksForHolding, computer.spec.asksForPlace, computer.spec.asksForSessionStarts)
    }

    private var spec: FeatureSpec { computer.spec }

    /// One record per symbol whose exchange has a bar that closes with the cycle.
    ///
    /// - Parameter symbols: only these; `nil` for all of the profile.
    public func records(
        of cycle: CycleID, symbols: Set<Symbol>? = nil, in reader: StoreReader
    ) throws -> [FeatureRecord] {
        let beat = Beat(context: context, cycle: cycle, profile: profile, now: now)
        let watch = try SplitWatch(beat, reader)
        var holdings = try FeatureHoldings(spec, beat, reader)
        var places = SessionPlaces(timeframe: profile.timeframe)
        let moments = try moments(of: beat, reader)
        let acted = try reader.symbolsWithActions()
        return try beat.sessionMembers().filter { symbols?.contains($0.instrument.symbol) ?? true }.map { member in
            let symbol = member.instrument.symbol
            let seen = try SessionBars(member, count: max(spec.window, watch.count), beat, reader).bars
            let recorded = acted.contains(symbol) ? try reader.actionsInForce(symbol) : []
            guard seen.last?.openAt == member.slot.openAt else {
                // An older bar's vector would pass for this one's.
                return try record(member, cycle, FeatureWindow([]), .noBar)
            }
            return try record(member, cycle, seen, recorded, at: moments(symbol), watch, &holdings, &places)
        }
    }

    /// One record per stored bar that opens at or after `since` and has closed by `until`, ascending: each as it would have
    /// been told at its bar, from no bar behind it.
    public func history(
        of symbol: Symbol, since: Instant, until: Instant, in reader: StoreReader
    ) throws -> [FeatureRecord] {
        guard let stretch = try Stretch(self, symbol, since: since, until: until, in: reader) else { return [] }
        var holdings = try FeatureHoldings(spec, stretch.beat(stretch.slots[0]), reader)
        var places = SessionPlaces(timeframe: profile.timeframe)
        return try stretch.slots.compactMap { slot in
            guard let seen = stretch.seen(at: slot) else { return nil }
            let beat = stretch.beat(slot)
            let moment = try moments(of: beat, reader)(symbol)
            return try record(
                stretch.member(slot), beat.cycle, seen, stretch.recorded, at: moment, stretch.watch, &holdings, &places)
        }
    }

    /// The same bars for whoever trades them in his mind: vectors that wait for what is held.
    ///
    /// What the ledger says is not looked at. A bar that `decide` would keep away from for what its bars are has its reason.
    public func prepared(
        of symbol: Symbol, since: Instant, until: Instant, in reader: StoreReader
    ) throws -> [PreparedBar] {
        guard let stretch = try Stretch(self, symbol, since: since, until: until, in: reader) else { return [] }
        var places = SessionPlaces(timeframe: profile.timeframe)
        return try stretch.slots.compactMap { slot in
            guard let seen = stretch.seen(at: slot), let bar = seen.last else { return nil }
            let member = stretch.member(slot)
            let bars = try decisionBars(member, seen, stretch.recorded)
            return PreparedBar(
                bar: bar, slot: slot, vector: try computer.prepare(window(bars, member, .none, &places)),
                hindrance: try hindrance(member, in: seen.last(stretch.watch.count), stretch.recorded, stretch.watch))
        }
    }

    /// The stored bars of a symbol between two moments, with as many before them as their vectors look back.
    private struct Stretch {
        let desk: FeatureDesk
        let instrument: Instrument
        let calendar: ExchangeCalendar
        /// Not empty.
        let slots: [BarSlot]
        let recorded: [StoredAction]
        let watch: SplitWatch
        private let all: [Bar]
        private let indices: [Instant: Int]
        private let depth: Int

        /// `nil` where nothing is stored.
        init?(_ desk: FeatureDesk, _ symbol: Symbol, since: Instant, until: Instant, in reader: StoreReader) throws {
            let profile = desk.profile
            let (instrument, calendar) = try desk.context.barListing(of: symbol, profile)
            let end = min(until, desk.now)
            guard let oldest = try reader.firstBar(symbol, profile.timeframe, from: since, until: end)?.openAt else {
                return nil
            }
            let slots = calendar.slots(from: oldest, until: end, timeframe: profile.timeframe)
            guard let first = slots.first, let last = slots.last else { return nil }
            (self.desk, self.instrument, self.calendar, self.slots) = (desk, instrument, calendar, slots)
            let beat = Self.beat(desk, first)
            watch = try SplitWatch(beat, reader)
            depth = max(desk.spec.window, watch.count)
            let lead = Beat.SessionMember(instrument: instrument, calendar: calendar, slot: first)
            let before = try SessionBars(lead, count: depth, beat, reader).bars
            let behind = SessionBars.ofSessions(
                try reader.bars(
                    symbol, profile.timeframe, from: first.openAt.advanced(bySeconds: 1),
                    until: last.openAt.advanced(bySeconds: 1)), calendar, profile.timeframe)
            all = before + behind
            indices = Dictionary(all.enumerated().map { ($0.element.openAt, $0.offset) }) { first, _ in first }
            recorded = try reader.actionsInForce(symbol)
        }

        /// The bars up to that of a slot; `nil` if it has none.
        func seen(at slot: BarSlot) -> [Bar]? {
            indices[slot.openAt].map { Array(all[max(0, $0 + 1 - depth)...$0]) }
        }

        func member(_ slot: BarSlot) -> Beat.SessionMember {
            Beat.SessionMember(instrument: instrument, calendar: calendar, slot: slot)
        }

        func beat(_ slot: BarSlot) -> Beat { Self.beat(desk, slot) }

        private static func beat(_ desk: FeatureDesk, _ slot: BarSlot) -> Beat {
            let cycle = CycleID(profile: desk.profile.name, barClose: slot.closeAt)
            return Beat(context: desk.context, cycle: cycle, profile: desk.profile, now: desk.now)
        }
    }

    /// Fits a normaliser on every complete vector of the span; one that a suspected split lies in is left out.
    ///
    /// - Returns: the normaliser, and how many bars of the span gave no vector.
    /// - Throws: ``FeatureError/symbolsWithoutVectors(_:)``; ``FeatureError/mixedSpan`` where some of the bars are generated.
    public func fit(
        _ symbols: [Symbol], since: Instant, until: Instant, in reader: StoreReader
    ) throws -> (normaliser: FittedNormaliser, leftOut: Int) {
        let raw = try FeatureDesk(context, profile: profile, computer: computer, form: .raw, now: now)
        let records = try symbols.flatMap { try raw.history(of: $0, since: since, until: until, in: reader) }
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
        return try record(
            member, cycle, window(bars, member, holding, &places),
            hindrance ?? holdings.doubt(of: instrument, at: moment).map { .scaleDoubted($0) })
    }

    /// Those of the window, on the scale of the last.
    private func decisionBars(
        _ member: Beat.SessionMember, _ seen: [Bar], _ recorded: [StoredAction]
    ) throws -> [Bar] {
        try DecisionBars(
            seen.last(spec.window), recorded.compactMap(\.action), of: member.instrument.symbol, member.calendar
        ).bars
    }

    /// What keeps `decide` from the symbol, by the bars that it would see.
    private func hindrance(
        _ member: Beat.SessionMember, in bars: [Bar], _ recorded: [StoredAction], _ watch: SplitWatch
    ) throws -> FeatureRecord.Gap? {
        if let mixture = SplitWatch.mixture(member, in: bars) { return .mixedBars(mixture) }
        return try watch.finding(member, in: bars, recorded).map { .splitSuspected(SplitWatch.text($0)) }
    }

    private func record(
        _ member: Beat.SessionMember, _ cycle: CycleID, _ window: FeatureWindow, _ hindrance: FeatureRecord.Gap?
    ) throws -> FeatureRecord {
        FeatureRecord(
            cycle, member.instrument.symbol, profile.timeframe, bar: member.slot.openAt, names: spec.names,
            try computer.vector(window, as: form), hindrance: hindrance)
    }

    private func window(
        _ bars: [Bar], _ member: Beat.SessionMember, _ holding: FeatureHolding, _ places: inout SessionPlaces
    ) -> FeatureWindow {
        FeatureWindow(
            bars, sessionStarts: asks.sessionStarts ? SessionPlaces.starts(among: bars, member.calendar) : nil,
            place: asks.place ? places.place(of: member.slot, member.calendar) : nil, holding: holding)
    }

    /// When the position of a symbol counts.
    private func moments(of beat: Beat, _ reader: StoreReader) throws -> (Symbol) -> Instant {
        guard asks.holding else { return { _ in now } }
        // Where a clock stands still, the decision's own fills bear its time; they came after it.
        let made = Dictionary(
            try reader.decisions(cycle: beat.cycle).map { ($0.symbol, $0.createdAt.advanced(by: .microseconds(-1))) }
        ) { first, _ in first }
        let otherwise = beat.missedItsWindow ? beat.cycle.barClose : now
        return { made[$0] ?? otherwise }
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
private struct SessionPlaces {
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
