public import Core
public import Sessions

/// One bar made of shorter ones.
public struct Resampled: Hashable, Sendable {
    /// Its `source` is `.resampled`.
    public let bar: Bar
    /// Where the bar stands in its session: the last one of a half day, or before a break, may be short.
    public let slot: BarSlot
    /// The opens of the source bars that belong inside and are not there, or were incomplete themselves; ascending.
    public let missing: [Instant]
    public var isComplete: Bool { missing.isEmpty }

    public init(bar: Bar, slot: BarSlot, missing: [Instant]) {
        self.bar = bar
        self.slot = slot
        self.missing = missing
    }
}

/// What resampling gives.
public struct Resampling: Hashable, Sendable {
    /// A closed slot that gives no bar.
    public struct Withheld: Hashable, Sendable {
        public let slot: BarSlot
        /// The opens of the source bars that are missing inside.
        public let missing: [Instant]
    }

    /// Ascending, one for each slot.
    public let bars: [Resampled]
    /// Closed slots between the first and the last source bar without a bar: under ``BarResampler/Policy/completeOnly``
    /// those with anything missing, under ``BarResampler/Policy/whatThereIs`` those with nothing inside.
    public let withheld: [Withheld]
    /// The opens of source bars that lie on no grid line of any session. They are in no bar.
    public let misplaced: [Instant]
}

/// Makes longer bars of shorter ones: 1m to 5m, 15m, 30m, 1h and 1d, session by session.
///
/// The grid is the calendar's (``ExchangeCalendar/slots(of:timeframe:)``): it starts at the session's open and again
/// after a break. A bar takes the open of its first source bar, the extremes, the close of the last one and the exact sum
/// of the volumes. Because every grid starts at the same place, two steps give the same bars as one.
///
/// A minute in which nothing traded and a minute that got lost look the same here, as they do to ``GapFinder``: both are
/// missing. Sources that leave quiet minutes out make thin symbols incomplete; ask such sources for the longer bars.
public struct BarResampler: Sendable {
    public enum Policy: Hashable, Sendable {
        /// A bar is given only if every source bar inside it is there: for live decisions. A bar of four minutes out of
        /// five has another high, another volume and perhaps another close than the market's, and nobody sees it.
        case completeOnly
        /// A bar is given if any source bar inside it is there, with what is missing named: for research on old data
        /// with holes, where the caller decides how much may be missing.
        case whatThereIs
    }

    public let source: Timeframe
    public let target: Timeframe
    private let calendar: ExchangeCalendar

    /// Throws ``BarMakingError/cannotResample(from:to:)`` unless a target bar is a whole number of source bars.
    public init(from source: Timeframe, to target: Timeframe, calendar: ExchangeCalendar) throws(BarMakingError) {
        let isWhole = target.isDaily || target.seconds.isMultiple(of: source.seconds)
        guard !source.isDaily, source < target, isWhole else { throw .cannotResample(from: source, to: target) }
        self.source = source
        self.target = target
        self.calendar = calendar
    }

    /// The bars of every slot that is closed by `now`. The slot still forming is never given, whatever is inside.
    ///
    /// - Parameter bars: validated bars of ``source``, ascending, each open once; a bar still forming may be the last.
    /// - Throws: ``BarMakingError/disorder(at:after:)``, or ``BarMakingError/overflow(at:_:)`` of the volume.
    public func resample(_ bars: [Bar], policy: Policy, now: Instant) throws(BarMakingError) -> Resampling {
        try resample(bars.map { Part(bar: $0, isComplete: true) }, policy, now)
    }

    /// The same for bars that were resampled themselves: an incomplete one makes the longer bar incomplete.
    public func resample(_ parts: [Resampled], policy: Policy, now: Instant) throws(BarMakingError) -> Resampling {
        try resample(parts.map { Part(bar: $0.bar, isComplete: $0.isComplete) }, policy, now)
    }

    private struct Part {
        let bar: Bar
        let isComplete: Bool
    }

    private func resample(_ parts: [Part], _ policy: Policy, _ now: Instant) throws(BarMakingError) -> Resampling {
        for (earlier, later) in zip(parts, parts.dropFirst()) where later.bar.openAt <= earlier.bar.openAt {
            throw .disorder(at: later.bar.openAt, after: earlier.bar.openAt)
        }
        guard let first = parts.first?.bar.openAt, let last = parts.last?.bar.openAt else {
            return Resampling(bars: [], withheld: [], misplaced: [])
        }
        var made: [Resampled] = []
        var withheld: [Resampling.Withheld] = []
        var misplaced: [Instant] = []
        var next = 0
        for session in calendar.sessions(from: calendar.localDate(of: first), through: calendar.localDate(of: last)) {
            let sources = calendar.slots(of: session, timeframe: source)
            var nextSource = 0
            for slot in calendar.slots(of: session, timeframe: target) {
                var inside: [Part] = []
                var missing: [Instant] = []
                while nextSource < sources.count, sources[nextSource].openAt < slot.closeAt {
                    let expected = sources[nextSource].openAt
                    nextSource += 1
                    while next < parts.count, parts[next].bar.openAt < expected {
                        misplaced.append(parts[next].bar.openAt)
                        next += 1
                    }
                    guard next < parts.count, parts[next].bar.openAt == expected else {
                        missing.append(expected)
                        continue
                    }
                    inside.append(parts[next])
                    if !parts[next].isComplete { missing.append(expected) }
                    next += 1
                }
                // Before the first and behind the last source bar nothing was asked for, so nothing is missing.
                guard slot.closeAt <= now, slot.closeAt > first, slot.openAt <= last else { continue }
                if !inside.isEmpty, missing.isEmpty || policy == .whatThereIs {
                    made.append(Resampled(bar: try Self.merged(inside, slot), slot: slot, missing: missing))
                } else {
                    withheld.append(Resampling.Withheld(slot: slot, missing: missing))
                }
            }
        }
        misplaced.append(contentsOf: parts[next...].map(\.bar.openAt))
        return Resampling(bars: made, withheld: withheld, misplaced: misplaced)
    }

    private static func merged(_ parts: [Part], _ slot: BarSlot) throws(BarMakingError) -> Bar {
        var bar = parts[0].bar
        do throws(ArithmeticError) {
            for part in parts.dropFirst() {
                bar.high = max(bar.high, part.bar.high)
                bar.low = min(bar.low, part.bar.low)
                bar.close = part.bar.close
                bar.volume = try bar.volume + part.bar.volume
            }
        } catch { throw .overflow(at: slot.openAt, error) }
        bar.openAt = slot.openAt
        bar.source = .resampled
        return bar
    }
}
