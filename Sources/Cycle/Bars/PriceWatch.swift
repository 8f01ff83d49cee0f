internal import Core
internal import Execution
internal import Ledger
internal import MarketData
internal import Sessions
internal import Settings
internal import Store

/// The prices that positions are valued and watched at, on the share scale of our books.
///
/// A price means something only beside the quantity it is multiplied by. Bars change their scale with the ex-date of a split;
/// the books change theirs when the broker has booked it, account by account. Where the two do not agree, what looks like a
/// loss of most of a position is none, and nothing may act on it: the position keeps its last price from before, whose age
/// keeps stop-losses and new orders off it, and somebody is told.
struct PriceWatch {
    private let reader: StoreReader
    private let settings: Settings
    private let calendars: CalendarBook
    private let now: Instant
    private let past: Instant?
    private let booked: Booked

    /// How many sessions a broker may take to book a split: so far back it may have been on the other scale than the bars when its
    /// account was met.
    private static let bookingSessions = 5

    /// What matters of the entries in the books, kept up as they come.
    struct Booked {
        fileprivate private(set) var splits: [PositionID: [LedgerEntry]] = [:]
        /// When the accounts were met that held a symbol by then.
        fileprivate private(set) var met: [PositionID: Instant] = [:]

        /// - Parameter entries: in order of effect.
        init(_ entries: some Sequence<LedgerEntry> = []) { for entry in entries { add(entry) } }

        /// One more, that takes effect after all those before.
        mutating func add(_ entry: LedgerEntry) {
            let account = AccountKey(entry.broker, entry.account)
            switch entry.fact {
            case .split(let symbol, _, _, _):
                splits[PositionID(account: account, symbol: symbol), default: []].append(entry)
            case .openingPosition(let symbol, _, _, _, _, _):
                met[PositionID(account: account, symbol: symbol)] = entry.at
            case .fill, .bust, .deposit, .transfer, .dividend, .conversion, .valuation, .adjustment: break
            }
        }
    }

    fileprivate struct PositionID: Hashable {
        let account: AccountKey
        let symbol: Symbol

        init(account: AccountKey, symbol: Symbol) {
            self.account = account
            self.symbol = symbol
        }

        init(_ position: LedgerPosition) {
            self.init(account: AccountKey(position.broker, position.account), symbol: position.symbol)
        }
    }

    /// - Parameter past: Where the ledger is one of the past: what an operator had said by then counts.
    init(
        _ reader: StoreReader, _ settings: Settings, _ calendars: CalendarBook, _ ledger: Ledger, at now: Instant,
        saidBy past: Instant? = nil
    ) {
        self.init(reader, settings, calendars, Booked(ledger.entries), at: now, saidBy: past)
    }

    init(
        _ reader: StoreReader, _ settings: Settings, _ calendars: CalendarBook, _ booked: Booked, at now: Instant,
        saidBy past: Instant?
    ) {
        self.reader = reader
        self.settings = settings
        self.calendars = calendars
        self.booked = booked
        self.now = now
        self.past = past
    }

    struct Reading {
        /// `nil` where no price is known, or none that would be of one scale with the quantity held.
        var mark: Marks.PriceMark?
        var doubt: ScaleDoubt?
        /// The last session whose beginning was looked at for good and showed nothing strange.
        var checkedThrough: CivilDate?
        /// What an operator says instead, with the time of the saying.
        var stated: Marks.PriceMark?
        /// What an operator said and what has ended it, while nobody has been told.
        var ended: (stated: StatedPrice, by: StatedPrice.End)?

        /// What the position is valued at.
        var value: Marks.PriceMark? { stated ?? mark }

        /// The price of the last fill of the position where it is newer than the market's, whenever it was booked, and is believed. A
        /// fill knows no more of the scale than the bars do: it takes the place of no price that is held back, nor of one that it is as
        /// far from as a split would put it. After such a step the bars have the word.
        func lastTrade(of position: LedgerPosition) -> Marks.PriceMark? {
            guard doubt == nil, let price = position.lastTradePrice, let at = position.lastTradeAt else { return nil }
            let trade = Marks.PriceMark(price: price, asOf: at)
            guard let mark else { return trade }
            guard mark.asOf < at else { return nil }
            guard mark.price.isPositive, price.isPositive else { return trade }
            let jump = mark.price.doubleValue / price.doubleValue
            return max(jump, 1 / jump) <= SplitSuspicion.leastJump ? trade : nil
        }
    }

    struct HeldReading {
        let position: LedgerPosition
        let reading: Reading
    }

    /// A closed bar and when it closed.
    struct Newest {
        let bar: Bar
        let closeAt: Instant
        let timeframe: Timeframe
        let calendar: ExchangeCalendar?

        var mark: Marks.PriceMark { Marks.PriceMark(price: bar.close, asOf: closeAt) }
    }

    /// The newest bar of a symbol that had closed at `now`, of any profile's length; daily bars are no prices of the day.
    func newest(of symbol: Symbol) throws -> Newest? {
        var frames = Set(settings.profiles.filter { $0.symbols.contains(symbol) }.map(\.timeframe))
        // What is held and no profile trades any more is still watched, by whatever bars of it come in.
        if frames.isEmpty { frames = Set(try reader.barTimeframes(symbol)) }
        var newest: Newest?
        for timeframe in frames.sorted() where !timeframe.isDaily {
            let calendar = settings.instruments[symbol].flatMap { calendars.barCalendar(of: $0, timeframe, settings) }
            // The last one may be in progress, and the last of a session is shorter than the others.
            let bound = now.advanced(by: .microseconds(1))
            for bar in try reader.lastBars(symbol, timeframe, count: 2, closedBefore: bound).reversed() {
                let slot = calendar?.slot(openingAt: bar.openAt, timeframe: timeframe)
                let closeAt = slot?.closeAt ?? bar.openAt.advanced(bySeconds: Int64(timeframe.seconds))
                guard closeAt <= now else { continue }
                if newest.map({ closeAt > $0.closeAt }) ?? true {
                    newest = Newest(bar: bar, closeAt: closeAt, timeframe: timeframe, calendar: calendar)
                }
                break
            }
        }
        return newest
    }

    /// What a unit of a symbol is worth now: what an operator says of what is held, or the close of a bar of the newest session
    /// that has been open for a while. `nil` where no such bar is known, or a holding of the account is not on its scale for sure.
    func worth(of symbol: Symbol, held position: LedgerPosition?) throws -> Marks.PriceMark? {
        if let position, !position.isFlat, let stated = try reading(of: position).stated { return stated }
        guard let newest = try newest(of: symbol), let calendar = newest.calendar else { return nil }
        let settled = now.advanced(bySeconds: -Self.firstBarsSeconds)
        guard let session = calendar.session(at: settled) ?? calendar.previousSession(before: settled),
            newest.closeAt > session.open
        else { return nil }
        let (priced, today) = (calendar.localDate(of: newest.bar.openAt), calendar.localDate(of: now))
        let splits = try reader.actionsInForce(symbol).compactMap(\.action).filter(\.isSplit)
        guard !splits.contains(where: { priced < $0.exDate && $0.exDate <= today }) else { return nil }
        guard let position, !position.isFlat else { return newest.mark }
        let reading = try reading(of: position)
        return reading.doubt == nil ? reading.mark : nil
    }

    /// So long after an open its first bars may still be on their way.
    private static let firstBarsSeconds: Int64 = 3_600

    /// The price that what an account holds of a symbol is watched and valued at.
    func reading(of position: LedgerPosition) throws -> Reading {
        var reading = try marketReading(of: position)
        guard let stated = try StatedPrice(of: position, reader), stated.counts(at: now, saidBy: past) else {
            return reading
        }
        if let end = stated.end(beside: reading.mark, lastTrade: reading.lastTrade(of: position)) {
            reading.ended = (stated, end)
            return reading
        }
        let price = try stated.price(after: booked.splits[PositionID(position)] ?? [])
        reading.stated = Marks.PriceMark(price: price, asOf: stated.at)
        return reading
    }

    private func marketReading(of position: LedgerPosition) throws -> Reading {
        let symbol = position.symbol
        guard let newest = try newest(of: symbol) else { return Reading() }
        guard let heldSince = position.openedAt, let calendar = newest.calendar else {
            return Reading(mark: newest.mark)
        }
        let id = PositionID(position)
        let met = booked.met[id].flatMap { $0 == heldSince ? $0 : nil }
        let splits = ScaleSplits(
            of: position, (booked.splits[id] ?? []) + (try met.map { try splitsIncluded(position, $0) } ?? []),
            try reader.actionsInForce(symbol), calendar)
        let edges = SessionEdges(reader, symbol, newest.timeframe, calendar)
        let checked = try reader.meta(Self.key(position)).flatMap { CivilDate(iso: $0) }
        let earliest = met.map { firstDoubtful($0, calendar) } ?? calendar.localDate(of: heldSince)
        var reading = Reading(checkedThrough: checked)
        for edge in try edges.edges(after: max(earliest, checked ?? earliest), through: newest.bar.openAt) {
            if var doubt = try splits.doubt(at: edge, edges) {
                let differing = try met == nil ? nil : breakInUnits(position)
                if !isPast(edge, met, calendar, differing) {
                    reading.mark = try heldBack(edge, splits)
                    doubt.heldAt = reading.mark?.asOf
                    if let met, let differing, edge.date <= calendar.localDate(of: met) {
                        doubt.text += ". Nor does it pass while break \(differing.id) is open"
                    }
                    reading.doubt = doubt
                    return reading
                }
            }
            // A session in progress may still show by its turnover, or by coming back, what its first bar was.
            if !edge.isLast { reading.checkedThrough = edge.date }
        }
        reading.mark = try restated(newest.mark, openAt: newest.bar.openAt, splits)
        return reading
    }

    /// The day before the sessions in which an account may have been on the other scale than the bars when it was met.
    private func firstDoubtful(_ met: Instant, _ calendar: ExchangeCalendar) -> CivilDate {
        let date = calendar.localDate(of: met)
        let sessions = calendar.sessions(from: date.advanced(byDays: -3 * Self.bookingSessions), through: date)
        let before = sessions.dropLast(Self.bookingSessions).last
        return before.map { calendar.localDate(of: $0.open) } ?? date
    }

    /// Whether a doubt of before an account was met has passed: had its broker been about to book a split, it would have. Not while
    /// the broker counts other units than our books: it may have split them without a word.
    private func isPast(
        _ edge: SessionEdges.Edge, _ met: Instant?, _ calendar: ExchangeCalendar, _ differing: BookBreak?
    ) -> Bool {
        guard let met, differing == nil, edge.date <= calendar.localDate(of: met) else { return false }
        let sessions = calendar.sessions(from: edge.date, through: calendar.localDate(of: now))
        return sessions.count { $0.close <= now } > Self.bookingSessions
    }

    /// The open break in the units of a position.
    private func breakInUnits(_ position: LedgerPosition) throws -> BookBreak? {
        try reader.openBreaks(broker: position.broker).first { found in
            found.account == position.account && found.symbol == position.symbol && found.firstSeenAt <= now
                && found.kind == BookDifference.Kind.position.rawValue
        }
    }

    /// The splits that a position contained already when its account was met, as far as the broker listed them.
    private func splitsIncluded(_ position: LedgerPosition, _ met: Instant) throws -> [LedgerEntry] {
        guard now < met.advanced(bySeconds: Self.openingMattersSeconds) else { return [] }
        return try IncludedInOpening.load(position.broker, position.account, reader).splits
            .filter { $0.symbol == position.symbol }.map { split in
                LedgerEntry(
                    broker: position.broker, account: position.account, at: split.at, sequence: 0,
                    fact: .split(split.symbol, new: split.new, old: split.old, cashInLieuPrice: nil))
            }
    }

    private static let openingMattersSeconds: Int64 = 60 * 86_400

    /// The last price of before, unless the books have split meanwhile in a way that the bars do not bear out: then there is no
    /// price of their scale.
    private func heldBack(_ edge: SessionEdges.Edge, _ splits: ScaleSplits) throws -> Marks.PriceMark? {
        guard !splits.hasBooked(after: edge.beforeDate) else { return nil }
        return Marks.PriceMark(price: edge.before.close, asOf: edge.beforeClose)
    }

    /// A price of before a split that the books contain already: the first bar on the new scale is still to come.
    private func restated(
        _ mark: Marks.PriceMark, openAt: Instant, _ splits: ScaleSplits
    ) throws(ArithmeticError) -> Marks.PriceMark {
        var price = mark.price.value
        for split in splits.booked where openAt < split.before && split.before <= now {
            price = try price.scaled(by: FixedPoint(split.old), over: FixedPoint(split.new), rounding: .halfEven)
        }
        return Marks.PriceMark(price: Price(price), asOf: mark.asOf)
    }

    static func key(_ position: LedgerPosition) -> String {
        "scale-checked:\(position.symbol):\(position.broker):\(position.account)"
    }
}

extension StoreWriter {
    /// Keeps how far the sessions' beginnings of what is held were looked at, so that each is looked at once.
    func keep(_ readings: [PriceWatch.HeldReading]) throws {
        for held in readings {
            let key = PriceWatch.key(held.position)
            guard let date = held.reading.checkedThrough?.description, try meta(key) != date else { continue }
            try setMeta(key, date)
        }
    }
}

/// Quantity and price of a symbol are of different scales, or may be.
struct ScaleDoubt: Hashable {
    let symbol: Symbol
    /// Where only one account is concerned.
    let broker: BrokerID?
    let code: String
    let date: CivilDate
    /// What is there and what ends it.
    var text: String
    /// When the price arose that the position keeps meanwhile; `nil` if there is none of its scale.
    var heldAt: Instant?

    var warning: String {
        let meanwhile = heldAt.map { "it is valued at its last price from before, of \($0)" } ?? "it has no price"
        return
            "\(code): \(symbol) \(date): \(text). Until then \(meanwhile), and no stop-loss and no loss limit acts on the step"
    }
}

/// The splits of what one account holds of a symbol: those that its books contain, and those that are recorded for the bars.
struct ScaleSplits {
    private let position: LedgerPosition
    /// Ascending.
    let booked: [SplitAdjustment.Split]
    private let bookedActions: [CorporateAction]
    private let recorded: [CorporateAction]
    private let confirmed: Set<CivilDate>
    private let calendar: ExchangeCalendar

    /// - Parameter entries: The splits that the account has booked.
    init(
        of position: LedgerPosition, _ entries: [LedgerEntry], _ actions: [StoredAction], _ calendar: ExchangeCalendar
    ) {
        self.position = position
        self.calendar = calendar
        let recorded = actions.compactMap(\.action).filter(\.isSplit)
        confirmed = Set(actions.filter { $0.content == .noSplit }.map(\.exDate))
        let told = entries.compactMap { entry -> CorporateAction? in
            guard case .split(let symbol, let new, let old, _) = entry.fact else { return nil }
            return CorporateAction(
                symbol: symbol, exDate: calendar.localDate(of: entry.at), kind: .split(new: new, old: old))
        }
        bookedActions = Self.events(told.sorted { $0.exDate < $1.exDate }, recorded)
        self.recorded = recorded
        booked = SplitAdjustment.splits(bookedActions, calendar: calendar)
    }

    /// What was booked, event by event: a broker may book a split some days after its ex-date, correct it with another one, or
    /// take it back. Where it comes to what is recorded, the recorded day counts.
    private static func events(_ told: [CorporateAction], _ recorded: [CorporateAction]) -> [CorporateAction] {
        var events: [CorporateAction] = []
        var rest = told[...]
        while let first = rest.first {
            let same = rest.filter { $0.isSameEvent(as: first) }
            rest = rest.filter { !$0.isSameEvent(as: first) }[...]
            guard let kind = CorporateAction.whole(same) else { continue }
            let whole = CorporateAction(symbol: first.symbol, exDate: first.exDate, kind: kind)
            events.append(recorded.first { CorporateAction.whole([$0]) == kind && $0.isSameEvent(as: whole) } ?? whole)
        }
        return events.sorted { $0.exDate < $1.exDate }
    }

    /// Whether what is held may be of another scale than at the end of that day. What was booked by then, the bars have borne
    /// out: else its own day would be in doubt.
    func hasBooked(after date: CivilDate) -> Bool { bookedActions.contains { $0.exDate > date } }

    /// What is strange about the step from one session to the next.
    func doubt(at edge: SessionEdges.Edge, _ edges: SessionEdges) throws -> ScaleDoubt? {
        let symbol = position.symbol
        let (inBars, inBooks) = (within(edge, recorded), within(edge, bookedActions))
        if let missing = inBars.subtracting(inBooks).first, inBooks.isEmpty {
            return ScaleDoubt(
                symbol: symbol, broker: position.broker, code: "split-not-booked", date: edge.date,
                text:
                    "'\(missing)' is recorded, and \(position.broker) has not booked it: held are still \(position.quantity). "
                    + "It is booked as soon as the broker tells of it; if there was none, `takt actions withdraw` takes it "
                    + "back")
        }
        let jump = edge.before.close.doubleValue / edge.first.open.doubleValue
        guard max(jump, 1 / jump) > SplitSuspicion.leastJump || !inBooks.isEmpty || !inBars.isEmpty else { return nil }
        let suspicion = SplitSuspicion(
            symbol: symbol, calendar: calendar, announced: bookedActions, confirmed: confirmed)
        let bars = try edges.history(through: edge)
        guard let finding = suspicion.findings(in: bars).last(where: { $0.at == edge.first.openAt }) else { return nil }
        return switch finding.kind {
        case .suspectedSplit:
            ScaleDoubt(
                symbol: symbol, broker: nil, code: finding.code, date: finding.date, text: SplitWatch.text(finding))
        case .absentSplit:
            ScaleDoubt(
                symbol: symbol, broker: position.broker, code: finding.code, date: finding.date,
                text:
                    "\(finding.summary), and \(position.broker) has booked it. If its ex-date is another day, bring that with "
                    + "`takt import-actions`; if the bars are adjusted already, import them as they were traded")
        }
    }

    private func within(_ edge: SessionEdges.Edge, _ actions: [CorporateAction]) -> Set<CorporateAction> {
        Set(actions.filter { edge.beforeDate < $0.exDate && $0.exDate <= edge.date })
    }
}

/// Where one session of a symbol follows on another.
struct SessionEdges {
    struct Edge {
        let before: Bar
        let beforeClose: Instant
        let beforeDate: CivilDate
        let first: Bar
        let date: CivilDate
        /// No later session has begun.
        let isLast: Bool
    }

    private let reader: StoreReader
    private let symbol: Symbol
    private let timeframe: Timeframe
    private let calendar: ExchangeCalendar

    /// Further back nothing is looked at: whoever left the box alone for so long has an alert of each day.
    private static let reachDays = 130
    /// Sessions to compare the turnover of a jump with.
    private static let history = 21

    init(_ reader: StoreReader, _ symbol: Symbol, _ timeframe: Timeframe, _ calendar: ExchangeCalendar) {
        self.reader = reader
        self.symbol = symbol
        self.timeframe = timeframe
        self.calendar = calendar
    }

    /// The edges into the sessions after a day, up to that of the newest bar, ascending.
    func edges(after date: CivilDate, through newest: Instant) throws -> [Edge] {
        let last = calendar.localDate(of: newest)
        guard date < last else { return [] }
        let first = max(date.advanced(byDays: 1), last.advanced(byDays: -Self.reachDays))
        return try calendar.sessions(from: first, through: last).compactMap { session in
            guard
                let before = try reader.lastBars(symbol, timeframe, count: 1, closedBefore: session.open).last,
                let opening = try reader.firstBar(symbol, timeframe, from: session.open, until: session.close),
                before.close.isPositive, opening.open.isPositive
            else { return nil }
            let slot = calendar.slot(openingAt: before.openAt, timeframe: timeframe)
            return Edge(
                before: before,
                beforeClose: slot?.closeAt ?? before.openAt.advanced(bySeconds: Int64(timeframe.seconds)),
                beforeDate: calendar.localDate(of: before.openAt), first: opening,
                date: calendar.localDate(of: opening.openAt), isLast: calendar.localDate(of: opening.openAt) == last)
        }
    }

    /// The bars up to the end of the edge's session, with enough sessions before it.
    func history(through edge: Edge) throws -> [Bar] {
        guard let session = calendar.session(at: edge.first.openAt) else { return [edge.before, edge.first] }
        let count = calendar.slots(of: session, timeframe: timeframe).count * (Self.history + 1)
        return try reader.lastBars(symbol, timeframe, count: count, closedBefore: session.close)
    }
}
