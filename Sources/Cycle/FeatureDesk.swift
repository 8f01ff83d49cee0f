public import Core
public import Features
internal import MarketData
internal import Sessions
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

    public init(
        _ context: CycleContext, profile: Profile, computer: FeatureComputer, form: FeatureVector.Form, now: Instant
    ) {
        self.context = context
        self.profile = profile
        self.computer = computer
        self.form = form
        self.now = now
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
        return try beat.sessionMembers().filter { symbols?.contains($0.instrument.symbol) ?? true }.map { member in
            let bars = try DecisionBars(member, count: spec.window, beat, reader).bars
            guard bars.last?.openAt == member.slot.openAt else {
                // An older bar's vector would pass for this one's.
                return try record(member, cycle, FeatureWindow([]), .noBar)
            }
            let finding = try watch.finding(member, in: watch.window(member))
            let holding = try holdings.holding(
                of: member.instrument, bars, at: moment(beat, member.instrument.symbol, reader))
            return try record(
                member, cycle, window(bars, member, holding), finding.map { .splitSuspected(SplitWatch.text($0)) })
        }
    }

    /// One record per stored bar that opens at or after `since` and has closed by `until`, ascending.
    public func history(
        of symbol: Symbol, since: Instant, until: Instant, in reader: StoreReader
    ) throws -> [FeatureRecord] {
        let (instrument, calendar) = try context.barListing(of: symbol, profile)
        let slots = calendar.slots(from: since, until: min(until, now), timeframe: profile.timeframe)
        guard let first = slots.first, let last = slots.last else { return [] }
        func beat(_ slot: BarSlot) -> Beat {
            let cycle = CycleID(profile: profile.name, barClose: slot.closeAt)
            return Beat(context: context, cycle: cycle, profile: profile, now: now)
        }
        let lead = Beat.SessionMember(instrument: instrument, calendar: calendar, slot: first)
        let before = try SessionBars(lead, count: spec.window, beat(first), reader).bars
        let behind = SessionBars.ofSessions(
            try reader.bars(
                symbol, profile.timeframe, from: first.openAt.advanced(bySeconds: 1),
                until: last.openAt.advanced(bySeconds: 1)), calendar, profile.timeframe)
        let all = before + behind
        let places = Dictionary(all.enumerated().map { ($0.element.openAt, $0.offset) }) { first, _ in first }
        let recorded = try reader.actionsInForce(symbol)
        let actions = recorded.compactMap(\.action)
        let jumps = SplitSuspicion(
            symbol: symbol, calendar: calendar, announced: actions,
            confirmed: Set(recorded.filter { $0.content == .noSplit }.map(\.exDate))
        ).findings(in: all)
        var holdings = try FeatureHoldings(spec, beat(first), reader)
        return try slots.compactMap { slot in
            guard let index = places[slot.openAt] else { return nil }
            let seen = all[max(0, index + 1 - spec.window)...index]
            let bars = try DecisionBars(Array(seen), actions, of: symbol, calendar).bars
            let jump = jumps.first { seen[seen.startIndex].openAt < $0.at && $0.at <= slot.openAt }
            let member = Beat.SessionMember(instrument: instrument, calendar: calendar, slot: slot)
            let holding = try holdings.holding(of: instrument, bars, at: moment(beat(slot), symbol, reader))
            return try record(
                member, beat(slot).cycle, window(bars, member, holding),
                jump.map { .splitSuspected(SplitWatch.text($0)) })
        }
    }

    /// Fits a normaliser on every complete vector of the span; one that a suspected split lies in is left out.
    ///
    /// - Returns: the normaliser, and how many bars of the span gave no vector.
    public func fit(
        _ symbols: [Symbol], since: Instant, until: Instant, in reader: StoreReader
    ) throws -> (normaliser: FittedNormaliser, leftOut: Int) {
        let raw = FeatureDesk(context, profile: profile, computer: computer, form: .raw, now: now)
        let records = try symbols.flatMap { try raw.history(of: $0, since: since, until: until, in: reader) }
        let ready = records.filter(\.isReady)
        let opens = ready.map(\.bar)
        let span = TrainingSpan(
            symbols: Set(ready.map(\.symbol)).sorted(), timeframe: profile.timeframe, first: opens.min() ?? since,
            last: opens.max() ?? since)
        let normaliser = try FittedNormaliser(spec, fitting: ready.map(\.vector), span: span)
        return (normaliser, records.count - ready.count)
    }

    // MARK: One vector

    private func record(
        _ member: Beat.SessionMember, _ cycle: CycleID, _ window: FeatureWindow, _ hindrance: FeatureRecord.Gap?
    ) throws -> FeatureRecord {
        FeatureRecord(
            cycle, member.instrument.symbol, profile.timeframe, bar: member.slot.openAt, names: spec.names,
            try computer.vector(window, as: form), hindrance: hindrance)
    }

    private func window(_ bars: [Bar], _ member: Beat.SessionMember, _ holding: FeatureHolding) -> FeatureWindow {
        guard spec.asksForSessions else { return FeatureWindow(bars, holding: holding) }
        let slots = member.calendar.slots(of: member.slot.session, timeframe: profile.timeframe)
        let place = slots.firstIndex { $0.openAt == member.slot.openAt }.flatMap {
            SessionPlace(index: $0, of: slots.count)
        }
        return FeatureWindow(
            bars, sessionStarts: Self.sessionStarts(of: bars, member.calendar), place: place, holding: holding)
    }

    /// The bars that begin a session. The first of all does only if the session opened with it.
    private static func sessionStarts(of bars: [Bar], _ calendar: ExchangeCalendar) -> [Int] {
        var session: Session?
        return bars.indices.filter { index in
            guard session?.contains(bars[index].openAt) != true else { return false }
            session = calendar.session(at: bars[index].openAt)
            return session.map { index > 0 || $0.open == bars[index].openAt } ?? false
        }
    }

    /// When the position counts.
    private func moment(_ beat: Beat, _ symbol: Symbol, _ reader: StoreReader) throws -> Instant {
        guard spec.asksForHolding else { return now }
        if let made = try reader.decisions(cycle: beat.cycle).first(where: { $0.symbol == symbol }) {
            // Where a clock stands still, the decision's own fills bear its time; they came after it.
            return made.createdAt.advanced(by: .microseconds(-1))
        }
        return beat.missedItsWindow ? beat.cycle.barClose : now
    }
}
