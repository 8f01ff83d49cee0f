internal import Core
internal import Sessions
internal import Settings
internal import Store

/// The last bars of a symbol up to a cycle's, of the sessions that its profile sees.
///
/// A profile that was changed from extended to regular hours leaves bars behind that are none of its sessions'; they are
/// passed over, and named for the evidence.
struct SessionBars {
    /// Ascending.
    let bars: [Bar]
    /// The opens of stored bars among them that belong to no session.
    let leftOut: [Instant]

    init(_ member: Beat.SessionMember, count: Int, _ beat: Beat, _ reader: StoreReader) throws {
        let timeframe = beat.profile.timeframe
        let end = member.slot.openAt.advanced(bySeconds: 1)
        var wanted = count
        while true {
            let stored = try reader.lastBars(
                member.instrument.symbol, timeframe, count: wanted, closedBefore: end)
            let bars = Self.ofSessions(stored, member.calendar, timeframe)
            if bars.count >= count || stored.count < wanted {
                self.bars = bars.last(count)
                leftOut = bars.count == stored.count ? [] : Self.leftOut(of: stored, keeping: self.bars, end)
                return
            }
            wanted *= 2
        }
    }

    private static func leftOut(of stored: [Bar], keeping bars: [Bar], _ end: Instant) -> [Instant] {
        let first = bars.first?.openAt ?? end
        let kept = Set(bars.map(\.openAt))
        return stored.map(\.openAt).filter { $0 >= first && !kept.contains($0) }
    }

    /// Where the calendar does not reach, nothing is known against a bar.
    static func ofSessions(_ bars: [Bar], _ calendar: ExchangeCalendar, _ timeframe: Timeframe) -> [Bar] {
        var places = Places(calendar: calendar, timeframe: timeframe)
        // Nearly always all of them are, and then nothing is copied.
        guard let odd = bars.firstIndex(where: { !places.have($0) }) else { return bars }
        return bars[..<odd] + bars[(odd + 1)...].filter { places.have($0) }
    }

    /// The places that the calendar has for bars. Bars come by the part of a session, so each is looked up once.
    private struct Places {
        let calendar: ExchangeCalendar
        let timeframe: Timeframe
        private var session: Session?
        private var part: Range<Instant>?

        init(calendar: ExchangeCalendar, timeframe: Timeframe) {
            self.calendar = calendar
            self.timeframe = timeframe
        }

        mutating func have(_ bar: Bar) -> Bool {
            if let part, part.contains(bar.openAt) { return isOnGrid(bar, part) }
            part = nil
            if session?.contains(bar.openAt) != true { session = calendar.session(at: bar.openAt) }
            guard let session else { return !calendar.coverage.contains(calendar.localDate(of: bar.openAt)) }
            guard !timeframe.isDaily else { return bar.openAt == session.open }
            part = session.segments.first { $0.contains(bar.openAt) }
            return part.map { isOnGrid(bar, $0) } ?? false
        }

        private func isOnGrid(_ bar: Bar, _ part: Range<Instant>) -> Bool {
            (bar.openAt.epochSeconds - part.lowerBound.epochSeconds) % Int64(timeframe.seconds) == 0
        }
    }
}

extension [Bar] {
    /// The last so many, or the array as it is if there are no more.
    func last(_ count: Int) -> [Bar] { self.count <= count ? self : Array(self[(self.count - Swift.max(0, count))...]) }
}
