public import Core
public import Sessions

/// Makes bars of the trades of one instrument, as they come in.
///
/// Pure: ticks and the time go in, events come out. A bar is over at its close plus a grace for late ticks, by the clock
/// that ``advance(to:)`` is told; ticks alone never end a bar. Whatever the order of arrival, the same ticks give the
/// same bars: the open is the first by exchange time and sequence, the close the last. What comes after the grace makes a
/// further edition, for as long as the rules allow. Nothing is dropped in silence: each refused tick is an event and is
/// counted.
///
/// A slot without trades has no bar, as in the files and answers of every broker here: a bar of the last price with no
/// volume would be an invention that indicators take for a calm market.
public struct TickBarBuilder: Sendable {
    public struct Rules: Hashable, Sendable {
        /// How long after its close a bar waits for ticks still under way.
        public var grace: Duration
        /// How long after its close and grace a bar can be revised; its ticks are kept so long.
        public var revisable: Duration
        /// The share by which a price may differ from the last close and from the median of its own bar, at most 1,000.
        public var band: Fraction
        /// How far the exchange's clock may be ahead of ours.
        public var clockTolerance: Duration
        /// Ticks kept in memory in all bars together, some 100 bytes each.
        public var tickLimit: Int

        /// A band of a fifth: five-minute bars of six symbols moved 2 % at most, a misplaced digit is 900 %.
        public init(
            grace: Duration = .seconds(2), revisable: Duration = .seconds(3600),
            band: Fraction = Fraction(FixedPoint(int64Units: 20_000_000)), clockTolerance: Duration = .seconds(60),
            tickLimit: Int = 1_000_000
        ) {
            self.grace = grace
            self.revisable = revisable
            self.band = min(band, Fraction(1000))
            self.clockTolerance = clockTolerance
            self.tickLimit = tickLimit
        }
    }

    public let timeframe: Timeframe
    public let rules: Rules
    let calendar: ExchangeCalendar
    let startedAt: Instant
    /// What ``advance(to:)`` was told last.
    public internal(set) var clock: Instant?
    /// Slots that open earlier are over.
    var cursor: Instant
    var buckets: [Instant: TickBucket] = [:]
    var witnesses: TickBucket.Witnesses
    /// Times without a stream that may still touch a bar.
    var gaps: [Range<Instant>] = []
    /// Where the clock leapt, and whereto, until that is borne out.
    var leap: (from: Instant, to: Instant)?
    /// How many ticks were refused, by reason; a far-off one stays counted if later ticks bear it out.
    public internal(set) var refusals: [TickRefusal: Int] = [:]
    private var lastSlot: BarSlot?
    private var closeAtCursor: (cursor: Instant, closeAt: Instant)?

    /// Longer absences are reported as one stretch instead of slot by slot.
    private static let longestCount = Duration.seconds(14 * 86_400)

    /// - Parameters:
    ///   - startingAt: since when every tick is seen. The bar in progress then is partial.
    ///   - lastClose: a price to measure the first ticks against; without it the first bar's median must do.
    public init(
        timeframe: Timeframe, calendar: ExchangeCalendar, startingAt: Instant, lastClose: Price? = nil,
        rules: Rules = Rules()
    ) {
        self.timeframe = timeframe
        self.calendar = calendar
        self.rules = rules
        startedAt = startingAt
        witnesses = TickBucket.Witnesses(lastClose: lastClose)
        cursor = startingAt
        cursor = start(of: startingAt)
    }

    /// Ticks in memory.
    public var tickCount: Int { buckets.values.reduce(0) { $0 + $1.ticks.count } }

    // MARK: Ticks

    /// Takes a trade into its bar. Ticks of a bar in progress give no event; far-off ones are told at its close.
    public mutating func take(_ tick: Tick) -> [TickBarEvent] {
        guard tick.price.isPositive else { return refuse(tick, .nonPositivePrice) }
        guard tick.quantity.isPositive else { return refuse(tick, .nonPositiveQuantity) }
        guard let slot = slot(holding: tick.at) else {
            let isKnown = calendar.coverage.contains(calendar.localDate(of: tick.at))
            return refuse(tick, isKnown ? .outsideSession : .outsideCalendar)
        }
        lastSlot = slot
        guard slot.closeAt > startedAt else { return refuse(tick, .beforeStart) }
        if let clock {
            guard tick.at <= clock.advanced(by: rules.clockTolerance) else { return refuse(tick, .fromTheFuture) }
            guard horizon(at: clock) < slot.closeAt else {
                return refuse(tick, slot.session.date == calendar.localDate(of: clock) ? .tooLate : .otherDay)
            }
        }
        if let id = tick.id, buckets.values.contains(where: { $0.ids.contains(id) }) {
            return refuse(tick, .duplicate)
        }
        if let leap, tick.at >= leap.to.advanced(by: .zero - rules.clockTolerance) { self.leap = nil }
        var bucket = buckets.removeValue(forKey: slot.openAt) ?? freshBucket(slot)
        defer { buckets[slot.openAt] = bucket }
        guard tickCount + bucket.ticks.count < rules.tickLimit, let total = try? bucket.total + tick.quantity else {
            return refuse(tick, .overLimit)
        }
        bucket.total = total
        if let id = tick.id { bucket.ids.insert(id) }
        guard bucket.isClosed else {
            bucket.ticks.append(tick)
            return []
        }
        bucket.insert(tick)
        return revise(&bucket, with: tick)
    }

    /// A slot that is over already was quiet: it is measured against what is known now.
    private func freshBucket(_ slot: BarSlot) -> TickBucket {
        var bucket = TickBucket(slot: slot)
        bucket.isClosed = slot.openAt < cursor
        bucket.wasJudged = bucket.isClosed
        if bucket.isClosed { bucket.witnesses = witnesses }
        return bucket
    }

    private mutating func revise(_ bucket: inout TickBucket, with tick: Tick) -> [TickBarEvent] {
        let verdict = bucket.verdict(band: rules.band)
        var events = tellFarOff(verdict, &bucket)
        guard let bar = verdict.bar, bar != bucket.published else { return events }
        let openAt = bucket.slot.openAt
        if !buckets.values.contains(where: { $0.slot.openAt > openAt && $0.published != nil }) {
            witnesses.lastClose = bar.close
        }
        events.append(.late(tick, publish(bar, verdict.tickCount, &bucket)))
        return events
    }

    /// Every far-off tick is told once, also one that only later ticks made one.
    private mutating func tellFarOff(_ verdict: TickBucket.Verdict, _ bucket: inout TickBucket) -> [TickBarEvent] {
        var events: [TickBarEvent] = []
        var seen: [Tick: Int] = [:]
        for tick in verdict.farOff {
            seen[tick, default: 0] += 1
            guard seen[tick, default: 0] > bucket.told[tick, default: 0] else { continue }
            bucket.told[tick] = seen[tick]
            events.append(contentsOf: refuse(tick, .farOff))
        }
        return events
    }

    private mutating func refuse(_ tick: Tick, _ reason: TickRefusal) -> [TickBarEvent] {
        refusals[reason, default: 0] += 1
        return [.refused(tick, reason)]
    }

    // MARK: Time

    /// Ends every bar whose close and grace are past.
    ///
    /// A clock that goes back is believed, since one that ran ahead is usually set back: bars that ended too early take
    /// ticks again and end again, with a further edition if that changes them. So a clock that leaps ahead by more than bars
    /// can be revised ends bars, but makes nothing forgotten until a tick has borne it out, or as much time has passed again.
    /// What was forgotten by a clock that is set back all the same makes its bars partial.
    public mutating func advance(to now: Instant) -> [TickBarEvent] {
        var events: [TickBarEvent] = []
        let due = now.advanced(by: .zero - rules.grace)
        if let clock, now < clock {
            events.append(.clockWentBack(from: clock, to: now))
            goBack(to: now, due, forgotten: horizon(at: clock))
        } else {
            noticeLeap(from: clock ?? startedAt, to: now)
        }
        clock = now
        if due < nextClose() { return events }
        for slot in slots(until: due, &events) {
            events.append(contentsOf: close(slot))
            cursor = max(cursor, slot.closeAt)
        }
        forget()
        return events
    }

    private mutating func noticeLeap(from earlier: Instant, to now: Instant) {
        if leap == nil, now.duration(since: earlier) > rules.revisable { leap = (from: earlier, to: now) }
        if let leap, now.duration(since: leap.to) > rules.revisable { self.leap = nil }
    }

    /// Slots that close by then can no longer be revised.
    private func horizon(at clock: Instant) -> Instant {
        let believed = leap.map { $0.from.advanced(by: clock.duration(since: $0.to)) } ?? clock
        return believed.advanced(by: .zero - rules.grace - rules.revisable)
    }

    private mutating func forget() {
        guard let clock else { return }
        let settled = horizon(at: clock)
        for (openAt, bucket) in buckets where bucket.isClosed && bucket.slot.closeAt <= settled {
            buckets[openAt] = nil
        }
        // An absence is remembered as long as a bar that it touches can be revised.
        gaps = gaps.filter { gap in
            let last = gap.upperBound.advanced(by: .microseconds(-1))
            return (slot(holding: last)?.closeAt ?? gap.upperBound) > settled
        }
    }

    private mutating func goBack(to now: Instant, _ due: Instant, forgotten: Instant) {
        leap = nil
        // Nothing is known of times still to come. An absence that the clock put there has just been.
        gaps = gaps.map { gap in
            let length = gap.upperBound.duration(since: gap.lowerBound)
            return gap.lowerBound < now
                ? gap.lowerBound..<min(gap.upperBound, now) : now.advanced(by: .zero - length)..<now
        }
        let start = start(of: due)
        // Of times to come nothing can have been lost.
        interrupted(from: start, until: min(forgotten, now))
        reopen(due)
    }

    /// Tells the builder that ticks between the two instants may be missing: bars that touch them are partial, slots
    /// without ticks are unobserved instead of quiet.
    public mutating func interrupted(from: Instant, until: Instant) {
        guard from < until else { return }
        var gap = from..<until
        if let last = gaps.last, last.lowerBound <= from, from <= last.upperBound {
            gap = last.lowerBound..<max(last.upperBound, until)
            gaps.removeLast()
        }
        gaps.append(gap)
    }

    /// The close of the slot at the cursor, looked up once for many calls; the cursor itself where no slot opens there.
    private mutating func nextClose() -> Instant {
        if let known = closeAtCursor, known.cursor == cursor { return known.closeAt }
        let closeAt = calendar.slot(openingAt: cursor, timeframe: timeframe)?.closeAt ?? cursor
        closeAtCursor = (cursor, closeAt)
        return closeAt
    }

    private mutating func reopen(_ due: Instant) {
        guard due < cursor else { return }
        for (openAt, bucket) in buckets where bucket.isClosed && bucket.slot.closeAt > due {
            buckets[openAt]?.isClosed = false
        }
        cursor = max(min(cursor, start(of: due)), start(of: startedAt))
    }

    /// The slots to end, ascending.
    private mutating func slots(until due: Instant, _ events: inout [TickBarEvent]) -> [BarSlot] {
        guard cursor < due else { return [] }
        guard due.duration(since: cursor) > Self.longestCount else {
            return calendar.slots(from: cursor, until: due, timeframe: timeframe)
        }
        // The builder did not run: the bars it has are given, the rest is one stretch.
        events.append(.unobserved(from: cursor, until: due))
        interrupted(from: cursor, until: due)
        cursor = start(of: due)
        return buckets.values.filter { !$0.isClosed && $0.slot.closeAt <= due }.map(\.slot)
            .sorted { $0.openAt < $1.openAt }
    }

    private mutating func close(_ slot: BarSlot) -> [TickBarEvent] {
        guard var bucket = buckets[slot.openAt] else { return [silence(slot)] }
        guard !bucket.isClosed else { return [] }
        bucket.isClosed = true
        bucket.sort()
        if !bucket.wasJudged { bucket.witnesses = witnesses }
        bucket.wasJudged = true
        let verdict = bucket.verdict(band: rules.band)
        var events = tellFarOff(verdict, &bucket)
        if let bar = verdict.bar {
            witnesses = TickBucket.Witnesses(lastClose: bar.close)
            if bar != bucket.published { events.append(.closed(publish(bar, verdict.tickCount, &bucket))) }
        } else {
            witnesses.suspect = bucket.ticks.last?.price ?? witnesses.suspect
            events.append(isPartial(slot) ? silence(slot) : .doubtful(slot))
        }
        buckets[slot.openAt] = bucket
        return events
    }

    private func silence(_ slot: BarSlot) -> TickBarEvent {
        isPartial(slot) ? .unobserved(from: slot.openAt, until: slot.closeAt) : .quiet(slot)
    }

    private func publish(_ bar: Bar, _ ticks: Int, _ bucket: inout TickBucket) -> BuiltBar {
        let edition = bucket.editions
        bucket.editions += 1
        bucket.published = bar
        return BuiltBar(
            bar: bar, slot: bucket.slot, edition: edition, ticks: ticks, isPartial: isPartial(bucket.slot))
    }

    private func isPartial(_ slot: BarSlot) -> Bool {
        slot.openAt < startedAt || gaps.contains { $0.lowerBound < slot.closeAt && slot.openAt < $0.upperBound }
    }

    // MARK: Places

    /// The open of the slot that holds the instant, or the instant itself where none does.
    private func start(of instant: Instant) -> Instant { slot(holding: instant)?.openAt ?? instant }

    func slot(holding instant: Instant) -> BarSlot? {
        if let lastSlot, lastSlot.openAt <= instant, instant < lastSlot.closeAt, !timeframe.isDaily { return lastSlot }
        guard let session = calendar.session(at: instant) else { return nil }
        if timeframe.isDaily {
            return session.isBreak(instant)
                ? nil : BarSlot(openAt: session.open, closeAt: session.close, session: session)
        }
        guard let part = session.segments.first(where: { $0.contains(instant) }) else { return nil }
        let step = Int64(timeframe.seconds) * 1_000_000
        let age = instant.microseconds - part.lowerBound.microseconds
        let openAt = Instant(microseconds: instant.microseconds - age % step)
        let closeAt = min(openAt.advanced(bySeconds: Int64(timeframe.seconds)), part.upperBound)
        return BarSlot(openAt: openAt, closeAt: closeAt, session: session)
    }
}
