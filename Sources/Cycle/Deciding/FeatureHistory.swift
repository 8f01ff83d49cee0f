public import Core
internal import Features
internal import MarketData
internal import Sessions
internal import Settings
public import Store

/// The records of one symbol over a stretch of bars, with all that they are made of read and nothing computed yet: whoever
/// needs the last few, or has a core to spare, computes those.
struct FeatureHistory: Sendable {
    /// One record to be.
    struct Row: Sendable {
        let cycle: CycleID
        /// Of its bar among those read.
        let index: Int
        var place: SessionPlace?
        var holding = FeatureHolding.none
        var hindrance: FeatureRecord.Gap?
    }

    private let desk: FeatureDesk
    private let symbol: Symbol
    private let calendar: ExchangeCalendar
    /// As many before the first row's as its vector looks back.
    private let bars: [Bar]
    /// Splits among them put the bars before on another scale at each row.
    private let splits: [CorporateAction]
    /// Ascending.
    private let rows: [Row]

    fileprivate init(_ desk: FeatureDesk, _ stretch: FeatureStretch, _ rows: [Row]) {
        self.desk = desk
        symbol = stretch.lead.instrument.symbol
        calendar = stretch.lead.calendar
        bars = stretch.bars
        splits = stretch.recorded.compactMap(\.action).filter(\.isSplit)
        self.rows = rows
    }

    /// The last so many, or all; ascending.
    func records(last count: Int = .max) throws -> [FeatureRecord] {
        let rows = rows.suffix(count)
        // Without a split all windows are cut from the same bars, converted once.
        let whole = splits.isEmpty ? desk.window(bars, calendar).bars : nil
        var places = [SessionPlace?](repeating: nil, count: bars.count)
        for row in rows { places[row.index] = row.place }
        return try rows.map { row in
            let vector =
                try whole.flatMap {
                    try desk.computer.vectors(
                        over: $0, row.index..<row.index + 1, places: places, holding: row.holding, form: desk.form
                    ).first
                } ?? adjustedVector(row)
            return desk.record(row.cycle, symbol, bar: bars[row.index].openAt, vector, hindrance: row.hindrance)
        }
    }

    /// Of bars on the scale of the row's own.
    private func adjustedVector(_ row: Row) throws -> FeatureVector {
        let seen = Array(bars[max(0, row.index + 1 - desk.spec.window)...row.index])
        let adjusted = try DecisionBars(seen, splits, of: symbol, calendar).bars
        return try desk.computer.vector(desk.window(adjusted, calendar, row.place, row.holding), as: desk.form)
    }
}

/// What is read of one symbol for a history.
private struct FeatureStretch {
    /// Where the first row stands.
    let lead: Beat.SessionMember
    let bars: [Bar]
    let recorded: [StoredAction]
    /// Those with a bar, and its place among the bars.
    let slots: [(slot: BarSlot, index: Int)]
    /// Whether any window of these bars might be of two kinds or two scales.
    let isSuspect: Bool
}

extension FeatureDesk {
    /// The histories of many symbols, in one pass over what was held: its books are folded once, from moment to moment, and
    /// the decisions' times are read once.
    ///
    /// All is computed anew from the bars as they are now, though decisions keep the states that they saw: a bar that was
    /// corrected since, or a split that was recorded, would be in the newer rows and not in those. A record is what would
    /// be told at its bar, live and in a history alike.
    ///
    /// - Parameters:
    ///   - wanted: from the first bar that opens then or later to the last that has closed by then; each symbol once.
    ///   - holdings: of this desk.
    /// - Returns: nothing of a symbol without bars there.
    func histories(
        of wanted: [(symbol: Symbol, since: Instant, until: Instant)], _ holdings: FeatureHoldings,
        in reader: StoreReader
    ) throws -> [Symbol: FeatureHistory] {
        // How far it looks back is the same at every beat.
        let watch = try SplitWatch(beat(closing: now), reader)
        let stretches = try wanted.compactMap { symbol, since, until in
            try stretch(of: symbol, since: since, until: min(until, now), watch, reader)
        }
        let rows = try rows(of: stretches, watch, holdings, reader)
        return Dictionary(
            zip(stretches, rows).map { ($0.lead.instrument.symbol, FeatureHistory(self, $0, $1)) },
            uniquingKeysWith: { $1 })
    }

    /// The same bars for whoever trades them in his mind: vectors that wait for what is held.
    ///
    /// What the ledger says is not looked at. A bar that `decide` would keep away from for what its bars are has its reason.
    public func prepared(
        of symbol: Symbol, since: Instant, until: Instant, in reader: StoreReader
    ) throws -> [PreparedBar] {
        let watch = try SplitWatch(beat(closing: now), reader)
        guard let stretch = try stretch(of: symbol, since: since, until: min(until, now), watch, reader) else {
            return []
        }
        let (instrument, calendar) = (stretch.lead.instrument, stretch.lead.calendar)
        let depth = max(spec.window, watch.count)
        var places = SessionPlaces(timeframe: profile.timeframe)
        return try stretch.slots.map { slot, index in
            let member = Beat.SessionMember(instrument: instrument, calendar: calendar, slot: slot)
            let seen = Array(stretch.bars[max(0, index + 1 - depth)...index])
            let place = asks.place ? places.place(of: slot, calendar) : nil
            let bars = try decisionBars(member, seen, stretch.recorded)
            return PreparedBar(
                bar: stretch.bars[index], slot: slot, vector: try computer.prepare(window(bars, calendar, place)),
                hindrance: try hindrance(member, in: seen.last(watch.count), stretch.recorded, watch))
        }
    }

    private func stretch(
        of symbol: Symbol, since: Instant, until: Instant, _ watch: SplitWatch, _ reader: StoreReader
    ) throws -> FeatureStretch? {
        let (instrument, calendar) = try context.barListing(of: symbol, profile)
        guard let oldest = try reader.firstBar(symbol, profile.timeframe, from: since, until: until)?.openAt else {
            return nil
        }
        let slots = calendar.slots(from: oldest, until: until, timeframe: profile.timeframe)
        guard let first = slots.first, let last = slots.last else { return nil }
        let lead = Beat.SessionMember(instrument: instrument, calendar: calendar, slot: first)
        let depth = max(spec.window, watch.count)
        let before = try SessionBars(lead, count: depth, beat(closing: first.closeAt), reader).bars
        let behind = SessionBars.ofSessions(
            try reader.bars(
                symbol, profile.timeframe, from: first.openAt.advanced(bySeconds: 1),
                until: last.openAt.advanced(bySeconds: 1)), calendar, profile.timeframe)
        let bars = before + behind
        let indices = Dictionary(bars.enumerated().map { ($0.element.openAt, $0.offset) }) { first, _ in first }
        let recorded = try reader.actionsInForce(symbol)
        return FeatureStretch(
            lead: lead, bars: bars, recorded: recorded,
            slots: slots.compactMap { slot in indices[slot.openAt].map { (slot, $0) } },
            isSuspect: SplitWatch.mixture(lead, in: bars) != nil || watch.isWorthALook(lead, in: bars, recorded))
    }

    /// The rows of each stretch, with what depends on their moments: looked up in the order of those, whatever the symbol.
    private func rows(
        of stretches: [FeatureStretch], _ watch: SplitWatch, _ holdings: FeatureHoldings, _ reader: StoreReader
    ) throws -> [[FeatureHistory.Row]] {
        var rows = stretches.map { stretch in
            stretch.slots.map { slot, index in
                FeatureHistory.Row(cycle: CycleID(profile: profile.name, barClose: slot.closeAt), index: index)
            }
        }
        var holdings = holdings
        var places = SessionPlaces(timeframe: profile.timeframe)
        for (index, number, moment) in try order(of: stretches, reader) {
            let stretch = stretches[index]
            let instrument = stretch.lead.instrument
            let (slot, end) = (stretch.slots[number].slot, stretch.slots[number].index + 1)
            let member = Beat.SessionMember(instrument: instrument, calendar: stretch.lead.calendar, slot: slot)
            if asks.place { rows[index][number].place = places.place(of: slot, member.calendar) }
            rows[index][number].holding = try holdings.holding(
                of: instrument, stretch.bars[max(0, end - spec.window)..<end], at: moment)
            var hindrance: FeatureRecord.Gap?
            if stretch.isSuspect {
                let seen = Array(stretch.bars[max(0, end - watch.count)..<end])
                hindrance = try self.hindrance(member, in: seen, stretch.recorded, watch)
            }
            rows[index][number].hindrance =
                try hindrance ?? holdings.doubt(of: instrument, at: moment).map { .scaleDoubted($0) }
        }
        return rows
    }

    /// All rows of all stretches by their moments.
    private func order(
        of stretches: [FeatureStretch], _ reader: StoreReader
    ) throws -> [(stretch: Int, row: Int, moment: Instant)] {
        let closes = stretches.flatMap { $0.slots.map(\.slot.closeAt) }
        guard let first = closes.min(), let last = closes.max() else { return [] }
        let only = stretches.count == 1 ? stretches[0].lead.instrument.symbol : nil
        let moments = try moments(from: first, through: last, of: only, reader)
        var order: [(stretch: Int, row: Int, moment: Instant)] = []
        for (index, stretch) in stretches.enumerated() {
            for (number, place) in stretch.slots.enumerated() {
                let moment = moments(stretch.lead.instrument.symbol, beat(closing: place.slot.closeAt))
                order.append((index, number, moment))
            }
        }
        order.sort { ($0.moment, $0.stretch, $0.row) < ($1.moment, $1.stretch, $1.row) }
        return order
    }

    private func beat(closing close: Instant) -> Beat {
        Beat(
            context: context, cycle: CycleID(profile: profile.name, barClose: close), profile: profile, now: now)
    }
}
