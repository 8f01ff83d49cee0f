internal import Core
internal import MarketData
internal import Sessions
internal import Store
internal import Settings

/// Brings every symbol's bars up to the cycle's bar: finds what the calendar expects and the store lacks, asks the profile's
/// source for it, validates, and stores it in one transaction. On its first run it also opens the brokers' accounts in the
/// books, since what follows sizes its orders by their equity.
struct FetchBarsStep: Step {
    let name = StepName.fetchBars

    func run(_ beat: Beat) async throws -> StepResult {
        var warnings: [String] = []
        if !beat.isDryRun { warnings = try await openAccounts(beat) }
        warnings += try calendarNotices(beat)
        let members = try beat.members()
        let inSession = members.filter { $0.slot != nil }
        guard !inSession.isEmpty else {
            return .skipped(.marketClosed, "no exchange of the profile has a bar that closes at \(beat.cycle.barClose)")
        }
        let source = try beat.context.barSource(beat.profile)
        var fetched: [FetchedBars] = []
        for member in inSession {
            try beat.context.stop.checkpoint()
            fetched.append(try await FetchedBars.fetch(member, from: source, beat))
        }
        if !beat.isDryRun { try store(fetched, beat) }
        return try result(fetched, beat, warnings)
    }

    /// A calendar that ends soon, or has ended, needs a hand before a beat is missed over it.
    private func calendarNotices(_ beat: Beat) throws -> [String] {
        let notices = beat.context.calendarNotices(of: beat.profile, at: beat.now)
        guard !notices.isEmpty, !beat.isDryRun else { return notices }
        try beat.context.store.write(durable: false) { writer in
            for notice in notices {
                try AlertDesk(context: beat.context, now: beat.now).raise(
                    key: "calendar:\(beat.now.utcDate):\(notice)", severity: .warning, kind: "calendar-ends",
                    title: "A calendar needs an update", body: notice, in: writer)
            }
        }
        return notices
    }

    private func openAccounts(_ beat: Beat) async throws -> [String] {
        let opening = AccountOpening(context: beat.context, now: beat.now)
        var notes: [String] = []
        for id in beat.context.brokers.keys.sorted() {
            guard let broker = beat.context.brokers[id], let note = try await opening.ensure(broker) else { continue }
            notes.append(note)
        }
        return notes
    }

    private func store(_ fetched: [FetchedBars], _ beat: Beat) throws {
        beat.context.failpoints.hit(.fetchBarsBeforeWrite)
        guard fetched.contains(where: \.hasNews) else { return }
        try beat.context.store.write(durable: false) { writer in
            for part in fetched { try part.store(in: writer, at: beat.now) }
        }
        beat.context.failpoints.hit(.fetchBarsAfterWrite)
    }

    private func result(_ fetched: [FetchedBars], _ beat: Beat, _ notes: [String]) throws -> StepResult {
        var items: [JSONValue] = []
        var missing: [String] = []
        for part in fetched {
            if let bar = part.current {
                items.append(DocumentItems.bar(part.instrument.symbol, beat.profile.timeframe, bar))
            } else {
                missing.append(part.instrument.symbol.text)
            }
        }
        let rejected = fetched.flatMap { part in part.rejections.map { "\(part.instrument.symbol): \($0)" } }
        let summary: [JSONValue.Member] = [
            .init("symbols", .int(Int64(fetched.count))), .init("ready", .int(Int64(items.count))),
            .init("new_bars", .int(Int64(fetched.reduce(0) { $0 + $1.bars.count }))),
            .init("rejected", .int(Int64(rejected.count))),
            .init("open_gaps", .int(Int64(fetched.reduce(0) { $0 + $1.gaps.count }))),
        ]
        var warnings = notes + rejected
        if !missing.isEmpty {
            warnings.append("no bar for \(beat.cycle.barClose) yet: \(missing.joined(separator: ", "))")
        }
        if items.isEmpty {
            return StepResult(.skipped, reason: .notReady, summary: summary, warnings: warnings)
        }
        return StepResult(missing.isEmpty ? .succeeded : .partial, summary: summary, items: items, warnings: warnings)
    }
}

/// What one symbol's window holds and what the source added to it.
struct FetchedBars: Sendable {
    let instrument: Instrument
    let timeframe: Timeframe
    let kind: BarSourceKind
    let window: Range<Instant>
    /// New bars, sound and closed.
    private(set) var bars: [Bar] = []
    private(set) var rejections: [BarRejection] = []
    /// Bars the calendar expects and neither the store nor the source has.
    private(set) var gaps: [BarGap] = []
    /// Gaps that this fetch has filled.
    private var filled: [BarGap] = []
    /// The bar of the cycle.
    private(set) var current: Bar?

    var hasNews: Bool { !bars.isEmpty || !rejections.isEmpty || !gaps.isEmpty || !filled.isEmpty }

    static func fetch(_ member: Beat.Member, from source: any BarSource, _ beat: Beat) async throws -> FetchedBars {
        guard let slot = member.slot else { throw CancellationError() }
        let timeframe = beat.profile.timeframe
        let start = windowStart(slot, member.calendar, timeframe, count: beat.context.settings.decision.bufferBars)
        var result = FetchedBars(
            instrument: member.instrument, timeframe: timeframe, kind: source.kind, window: start..<slot.closeAt)
        let symbol = member.instrument.symbol
        let present = try beat.context.store.read {
            try $0.barOpens(symbol, timeframe, from: start, until: slot.closeAt)
        }
        let before = GapFinder.gaps(
            present: present, calendar: member.calendar, timeframe: timeframe, from: start, until: slot.closeAt)
        if let first = before.first, let last = before.last, source.kind != .imported {
            let answer = try await source.bars(member.instrument, timeframe, from: first.from, until: last.until)
            result.take(answer, present: Set(present), member, until: slot.closeAt)
        }
        let opens = present + result.bars.map(\.openAt)
        result.gaps = GapFinder.gaps(
            present: opens, calendar: member.calendar, timeframe: timeframe, from: start, until: slot.closeAt)
        result.filled = before.filter { !result.gaps.contains($0) }
        result.current =
            try result.bars.last { $0.openAt == slot.openAt }
            ?? beat.context.store.read { reader in
                try reader.bars(symbol, timeframe, from: slot.openAt, until: slot.openAt.advanced(bySeconds: 1)).first
            }
        return result
    }

    /// Keeps what is closed and missing, after validation.
    private mutating func take(_ answer: [Bar], present: Set<Instant>, _ member: Beat.Member, until end: Instant) {
        let closed = answer.filter { bar in
            !present.contains(bar.openAt)
                && (member.calendar.slot(openingAt: bar.openAt, timeframe: timeframe).map { $0.closeAt <= end } ?? true)
        }
        let validation = BarValidator(timeframe: timeframe, calendar: member.calendar, instrument: member.instrument)
            .validate(closed)
        bars = validation.accepted
        rejections = validation.rejected
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
        for gap in gaps {
            try writer.upsertBarGap(symbol, timeframe, from: gap.from, until: gap.until, missing: gap.missing, at: now)
        }
        for gap in filled {
            try writer.closeBarGap(symbol, timeframe, from: gap.from, until: gap.until, as: .filled, at: now)
        }
    }
}
