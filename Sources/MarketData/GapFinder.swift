public import Core
public import Sessions

/// Consecutive bars that the calendar expects in one session and that are not there.
public struct BarGap: Hashable, Sendable, CustomStringConvertible {
    /// The open of the first missing bar.
    public let from: Instant
    /// The close of the last missing bar.
    public let until: Instant
    /// How many bars are missing.
    public let missing: Int

    public init(from: Instant, until: Instant, missing: Int) {
        self.from = from
        self.until = until
        self.missing = missing
    }

    public var description: String { "\(missing) missing from \(from) to \(until)" }
}

/// Compares the bars there are with the bars the calendar expects.
///
/// A halt (Korea, 2020-03-13) and a vendor whose day ends early look the same: both are gaps, neither is an error.
public enum GapFinder {
    /// The gaps among the slots with openAt >= `from` and closeAt <= `until`, ascending, none across two sessions.
    ///
    /// - Parameter present: the opens of the bars there are, in any order.
    public static func gaps(
        present: [Instant], calendar: ExchangeCalendar, timeframe: Timeframe, from: Instant, until: Instant
    ) -> [BarGap] {
        let isSorted = zip(present, present.dropFirst()).allSatisfy { $0 <= $1 }
        let present = isSorted ? present : present.sorted()
        var next = 0
        var gaps: [BarGap] = []
        var open: (gap: BarGap, date: CivilDate)?
        for slot in calendar.slots(from: from, until: until, timeframe: timeframe) {
            while next < present.count, present[next] < slot.openAt { next += 1 }
            if next < present.count, present[next] == slot.openAt {
                if let gap = open?.gap { gaps.append(gap) }
                open = nil
                continue
            }
            if let (gap, date) = open, date == slot.session.date {
                open = (BarGap(from: gap.from, until: slot.closeAt, missing: gap.missing + 1), date)
            } else {
                if let gap = open?.gap { gaps.append(gap) }
                open = (BarGap(from: slot.openAt, until: slot.closeAt, missing: 1), slot.session.date)
            }
        }
        if let gap = open?.gap { gaps.append(gap) }
        return gaps
    }
}
