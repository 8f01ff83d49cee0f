internal import Core
internal import MarketData
internal import Sessions
internal import Store
internal import Settings

/// What one symbol's window holds and what the source added to it.
struct FetchedBars: Sendable {
    let instrument: Instrument
    let timeframe: Timeframe
    let kind: BarSourceKind
    let window: Range<Instant>
    /// New and corrected bars, sound and closed.
    private(set) var bars: [Bar] = []
    /// How many of them take the place of a stored bar, which is kept as a revision.
    private(set) var corrected = 0
    private(set) var rejections: [BarRejection] = []
    /// Sound bars that do not fit the series: held back until a later bar bears them out.
    private(set) var doubts: [BarDoubt] = []
    /// Bars the calendar expects and neither the store nor the source has.
    private(set) var ledger: GapLedger
    /// Why the source gave no answer, if it was asked and gave none.
    private(set) var sourceError: BarSourceError?
    /// The bar of the cycle.
    private(set) var current: Bar?

    var hasNews: Bool { !bars.isEmpty || !rejections.isEmpty || !doubts.isEmpty || !ledger.isUnchanged }

    /// - Parameter count: how many bars up to the cycle's are kept up to date.
    static func fetch(
        _ member: Beat.SessionMember, count: Int, from source: any BarSource, _ beat: Beat
    ) async throws -> FetchedBars {
        let (slot, timeframe, symbol) = (member.slot, beat.profile.timeframe, member.instrument.symbol)
        let window = windowStart(slot, member.calendar, timeframe, count: count)..<slot.closeAt
        let (stock, ledger) = try beat.context.store.read { reader in
            (
                try BarStock(symbol, timeframe, window, source.kind, in: reader),
                try GapLedger(symbol, timeframe, member.calendar, window: window, in: reader)
            )
        }
        var result = FetchedBars(
            instrument: member.instrument, timeframe: timeframe, kind: source.kind, window: window, ledger: ledger)
        if source.kind != .imported, let range = stock.range(lacking: ledger.gaps, timeframe) {
            try await result.ask(source, range, stock, member, beat)
        }
        let news = result.bars.map(\.openAt).filter { stock.correctable[$0] == nil }
        try beat.context.store.read { reader in
            if !news.isEmpty {
                result.ledger = try GapLedger(
                    symbol, timeframe, member.calendar, window: window, arriving: news, in: reader)
            }
            result.current =
                try result.bars.last { $0.openAt == slot.openAt }
                ?? reader.bars(symbol, timeframe, from: slot.openAt, until: slot.openAt.advanced(bySeconds: 1)).first
        }
        return result
    }

    /// A source that has no answer for one symbol leaves that symbol as it is; the others are asked all the same.
    private mutating func ask(
        _ source: any BarSource, _ range: Range<Instant>, _ stock: BarStock, _ member: Beat.SessionMember, _ beat: Beat
    ) async throws {
        let answer: [Bar]
        do throws(BarSourceError) {
            answer = try await source.bars(instrument, timeframe, from: range.lowerBound, until: range.upperBound)
        } catch {
            sourceError = error
            return
        }
        let actions = try beat.context.store.read { try $0.actionsInForce(instrument.symbol).compactMap(\.action) }
        let earlier = try Self.earlierBars(
            before: range, member.slot, member.calendar, timeframe, instrument.symbol, beat)
        // Some sources answer by the day, whatever was asked: what nobody asked for is not taken.
        take(answer.filter { range.contains($0.openAt) }, stock, earlier, actions, member, now: beat.now)
    }

    /// Keeps what is closed and missing or corrected, after validation.
    private mutating func take(
        _ answer: [Bar], _ stock: BarStock, _ earlier: [Bar], _ actions: [CorporateAction],
        _ member: Beat.SessionMember, now: Instant
    ) {
        let end = window.upperBound
        let closed = answer.filter { bar in
            stock.wants(bar)
                && (member.calendar.slot(openingAt: bar.openAt, timeframe: timeframe).map { $0.closeAt <= end } ?? true)
        }
        let validation = BarValidator(timeframe: timeframe, calendar: member.calendar, instrument: member.instrument)
            .validate(closed)
        let judged = SeriesCheck(timeframe: timeframe, calendar: member.calendar, actions: actions)
            .judge(validation.accepted, after: earlier, now: now)
        bars = judged.sound
        corrected = bars.filter { stock.correctable[$0.openAt] != nil }.count
        rejections = validation.rejected
        doubts = judged.doubts
    }

    /// The stored bars that new ones are judged by: two sessions of them.
    private static func earlierBars(
        before range: Range<Instant>, _ slot: BarSlot, _ calendar: ExchangeCalendar, _ timeframe: Timeframe,
        _ symbol: Symbol, _ beat: Beat
    ) throws -> [Bar] {
        let count = 2 * calendar.slots(of: slot.session, timeframe: timeframe).count
        return try beat.context.store.read {
            try $0.lastBars(symbol, timeframe, count: count, closedBefore: range.upperBound)
        }
    }

    /// The open of the first of the last `count` bars up to the slot.
    private static func windowStart(
        _ slot: BarSlot, _ calendar: ExchangeCalendar, _ timeframe: Timeframe, count: Int
    ) -> Instant {
        var opens = calendar.slots(of: slot.session, timeframe: timeframe).map(\.openAt).filter { $0 <= slot.openAt }
        var session = slot.session
        while opens.count < count, let earlier = calendar.previousSession(before: session.open) {
            opens = calendar.slots(of: earlier, timeframe: timeframe).map(\.openAt) + opens
            session = earlier
        }
        return opens.suffix(count).first ?? slot.openAt
    }

    func store(in writer: StoreWriter, at now: Instant) throws {
        guard hasNews else { return }
        let symbol = instrument.symbol
        if !bars.isEmpty { _ = try writer.upsertBars(symbol, timeframe, bars) }
        for rejection in rejections {
            _ = try writer.insertBarRejection(
                StoredBarRejection(
                    symbol: symbol, timeframe: timeframe, source: kind.rawValue, line: rejection.line,
                    openAtText: rejection.openAtText, code: rejection.code, message: rejection.message, rejectedAt: now)
            )
        }
        for doubt in doubts {
            _ = try writer.insertBarRejection(
                StoredBarRejection(
                    symbol: symbol, timeframe: timeframe, source: kind.rawValue, line: nil,
                    openAtText: doubt.openAt.description, code: doubt.code, message: doubt.message, rejectedAt: now))
        }
        try ledger.store(in: writer, at: now)
    }
}

/// The bars of a symbol's window that are there before its source is asked.
private struct BarStock {
    /// Ascending.
    let opens: [Instant]
    /// Those that the source's word replaces: bars built from the stream, and the source's own newest ones, which a broker
    /// may still have been counting when they were fetched.
    let correctable: [Instant: Bar]
    private let known: Set<Instant>

    /// How many of the newest bars are asked for again whenever the source is asked at all.
    private static let recheck = 3

    init(
        _ symbol: Symbol, _ timeframe: Timeframe, _ window: Range<Instant>, _ source: BarSourceKind,
        in reader: StoreReader
    ) throws {
        opens = try reader.barOpens(symbol, timeframe, from: window.lowerBound, until: window.upperBound)
        known = Set(opens)
        let newest = try reader.lastBars(
            symbol, timeframe, count: Self.recheck, closedBefore: window.upperBound
        ).filter { $0.source == source && window.contains($0.openAt) }
        let streamed = try reader.streamedBars(
            symbol, timeframe, from: window.lowerBound, until: window.upperBound)
        correctable = Dictionary((newest + streamed).map { ($0.openAt, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// What to ask the source for; `nil` when nothing is missing and nothing waits for its word.
    func range(lacking gaps: [BarGap], _ timeframe: Timeframe) -> Range<Instant>? {
        guard !gaps.isEmpty || correctable.values.contains(where: { $0.source == .stream }) else { return nil }
        let starts = gaps.map(\.from) + correctable.keys
        let ends = gaps.map(\.until) + correctable.keys.map { $0.advanced(bySeconds: Int64(timeframe.seconds)) }
        guard let first = starts.min(), let last = ends.max() else { return nil }
        return first..<last
    }

    /// Whether a bar of the source's is news.
    func wants(_ bar: Bar) -> Bool {
        guard known.contains(bar.openAt) else { return true }
        return correctable[bar.openAt].map { $0 != bar } ?? false
    }
}
