internal import Core
internal import MarketData
internal import Sessions

/// Makes bars of the live five-second bars of one instrument: minutes first, and of these the longer ones, by ``BarResampler``
/// and on the session's own grid. Pure: slices and the time go in, bars come out.
///
/// A bar is final only if every five seconds of it were seen. What begins late, or has a gap, is told as incomplete. Five
/// seconds without a trade are sent with the last price and no volume: they were seen, and move no price, since the bar of a
/// day's first minutes would begin with the price of the day before.
struct SliceBars: Sendable {
    /// Five seconds, as IB sends them.
    struct Slice: Hashable, Sendable {
        let openAt: Instant
        let open: Price
        let high: Price
        let low: Price
        let close: Price
        /// `nil` where none is told: such a slice is as good as none.
        let volume: Quantity?
        /// Of trades; `nil` where none is told.
        let count: Int64?

        static let seconds: Int64 = 5

        var isSound: Bool {
            low <= min(open, close) && high >= max(open, close) && volume.map { !$0.isNegative } ?? false
        }
        var isQuiet: Bool { volume?.isZero != false && (count ?? 0) <= 0 }
    }

    enum Made: Hashable, Sendable {
        case bar(Timeframe, Bar, IBStreamBar.Standing)
        case slot(Timeframe, BarSlot, IBStreamSlot.Reason)
    }

    /// One minute, as far as it was seen.
    private struct Minute {
        let slot: BarSlot
        var bar: Bar?
        var seen = 0
        var expected: Int { Int(slot.closeAt.epochSeconds - slot.openAt.epochSeconds) / Int(Slice.seconds) }
        var isWhole: Bool { seen == expected }
    }

    /// One length of bars.
    private struct Target {
        let timeframe: Timeframe
        let resampler: BarResampler
        /// The slot that ends next; `nil` where the calendar ends.
        var slot: BarSlot?
    }

    /// So long after its end a bar waits for slices under way.
    static let grace = Duration.seconds(10)
    /// Slots that are ended at once: more than a day has of minutes.
    private static let slotLimit = 1000

    private let calendar: ExchangeCalendar
    private var targets: [Target] = []
    private var minute: Minute?
    /// Ended, the oldest first, back to the earliest slot that has not ended.
    private var minutes: [Resampled] = []
    /// The opens of those that were seen whole, and in which nothing was traded.
    private var quiet: Set<Instant> = []
    private var lastSlice: Instant?
    /// What is older belongs to a minute that has ended.
    private var endedUntil: Instant?
    /// Slices that came twice, late, outside a session or without sense.
    private(set) var refused = 0

    /// - Parameters:
    ///   - timeframes: Whole numbers of minutes, from two minutes to an hour; others are left out.
    ///   - start: Since when slices may come. The bar of that moment is incomplete, unless it begins then.
    init(_ timeframes: [Timeframe], calendar: ExchangeCalendar, startingAt start: Instant) {
        self.calendar = calendar
        for timeframe in Set(timeframes).sorted() where timeframe.seconds <= 3600 {
            guard let resampler = try? BarResampler(from: .oneMinute, to: timeframe, calendar: calendar) else {
                continue
            }
            targets.append(
                Target(timeframe: timeframe, resampler: resampler, slot: Self.slot(at: start, timeframe, calendar)))
        }
    }

    /// The slot that holds an instant, or the next one.
    private static func slot(at instant: Instant, _ timeframe: Timeframe, _ calendar: ExchangeCalendar) -> BarSlot? {
        if let session = calendar.session(at: instant),
            let slot = calendar.slots(of: session, timeframe: timeframe).first(where: { $0.closeAt > instant })
        {
            return slot
        }
        return calendar.nextSession(after: instant).flatMap { calendar.slots(of: $0, timeframe: timeframe).first }
    }

    // MARK: Slices

    mutating func take(_ slice: Slice) -> [Made] {
        let openAt = slice.openAt
        guard slice.isSound, openAt.epochSeconds % Slice.seconds == 0, lastSlice.map({ $0 < openAt }) ?? true,
            endedUntil.map({ $0 <= openAt }) ?? true
        else {
            refused += 1
            return []
        }
        var made: [Made] = []
        if let current = minute, openAt >= current.slot.closeAt { made += endMinute() }
        if minute == nil {
            let floor = openAt.advanced(bySeconds: -(openAt.epochSeconds % 60))
            guard let slot = calendar.slot(openingAt: floor, timeframe: .oneMinute) else {
                // Also the print of a closing auction, which is in no bar of the day's.
                refused += 1
                return made
            }
            made += endTargets(through: floor)
            minute = Minute(slot: slot)
        }
        lastSlice = openAt
        minute?.seen += 1
        if !slice.isQuiet { add(slice) }
        if let current = minute, openAt.advanced(bySeconds: Slice.seconds) >= current.slot.closeAt {
            made += endMinute()
        }
        return made
    }

    private mutating func add(_ slice: Slice) {
        guard let slot = minute?.slot else { return }
        guard var bar = minute?.bar else {
            minute?.bar = Bar(
                openAt: slot.openAt, open: slice.open, high: slice.high, low: slice.low, close: slice.close,
                volume: slice.volume ?? .zero, source: .stream)
            return
        }
        bar.high = max(bar.high, slice.high)
        bar.low = min(bar.low, slice.low)
        bar.close = slice.close
        guard let volume = try? bar.volume + (slice.volume ?? .zero) else {
            // Beyond what a number holds: as if it had not been seen.
            minute?.seen -= 1
            refused += 1
            return
        }
        bar.volume = volume
        minute?.bar = bar
    }

    private mutating func endMinute() -> [Made] {
        guard let minute else { return [] }
        self.minute = nil
        let slot = minute.slot
        endedUntil = slot.closeAt
        if let bar = minute.bar {
            minutes.append(Resampled(bar: bar, slot: slot, missing: minute.isWhole ? [] : [slot.openAt]))
        } else if minute.isWhole {
            quiet.insert(slot.openAt)
        }
        return endTargets(through: slot.closeAt)
    }

    // MARK: Ends

    /// Ends what is over by the clock, for what has not come by now.
    mutating func advance(to now: Instant) -> [Made] {
        let due = now.advanced(by: .zero - Self.grace)
        guard targets.contains(where: { $0.slot.map { $0.closeAt <= due } ?? false }) else { return [] }
        var made: [Made] = []
        if let current = minute, current.slot.closeAt <= due { made += endMinute() }
        return made + endTargets(through: due)
    }

    /// Ends the slots that close by then.
    private mutating func endTargets(through instant: Instant) -> [Made] {
        var made: [Made] = []
        for index in targets.indices {
            var left = Self.slotLimit
            while let slot = targets[index].slot, slot.closeAt <= instant, left > 0 {
                left -= 1
                made.append(end(slot, targets[index]))
                let timeframe = targets[index].timeframe
                targets[index].slot =
                    calendar.slot(openingAt: slot.closeAt, timeframe: timeframe)
                    ?? Self.slot(at: slot.closeAt, timeframe, calendar)
            }
        }
        if !made.isEmpty { forget() }
        return made
    }

    private func end(_ slot: BarSlot, _ target: Target) -> Made {
        let inside = minutes.filter { slot.openAt <= $0.bar.openAt && $0.bar.openAt < slot.closeAt }
        guard !inside.isEmpty else {
            let all = calendar.slots(from: slot.openAt, until: slot.closeAt, timeframe: .oneMinute)
            let isQuiet = !all.isEmpty && all.allSatisfy { quiet.contains($0.openAt) }
            return .slot(target.timeframe, slot, isQuiet ? .quiet : .unobserved)
        }
        guard
            let resampling = try? target.resampler.resample(inside, policy: .whatThereIs, now: slot.closeAt),
            let resampled = resampling.bars.first
        else { return .slot(target.timeframe, slot, .unobserved) }
        let missing = resampled.missing.filter { !quiet.contains($0) }
        var bar = resampled.bar
        bar.source = .stream
        return .bar(target.timeframe, bar, missing.isEmpty ? .final : .incomplete(missing: missing))
    }

    private mutating func forget() {
        guard let oldest = targets.compactMap({ $0.slot?.openAt }).min() else { return }
        minutes.removeAll { $0.bar.openAt < oldest }
        quiet = quiet.filter { $0 >= oldest }
    }
}
