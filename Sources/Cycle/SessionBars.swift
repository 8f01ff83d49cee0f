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
                self.bars = bars.suffix(count)
                let first = self.bars.first?.openAt ?? end
                let kept = Set(bars.map(\.openAt))
                leftOut = stored.map(\.openAt).filter { $0 >= first && !kept.contains($0) }
                return
            }
            wanted *= 2
        }
    }

    /// Where the calendar does not reach, nothing is known against a bar.
    static func ofSessions(_ bars: [Bar], _ calendar: ExchangeCalendar, _ timeframe: Timeframe) -> [Bar] {
        var session: Session?
        return bars.filter { bar in
            // Bars come by the session: each is looked up once.
            if session?.contains(bar.openAt) != true { session = calendar.session(at: bar.openAt) }
            guard let session else { return !calendar.coverage.contains(calendar.localDate(of: bar.openAt)) }
            guard !timeframe.isDaily else { return bar.openAt == session.open }
            return session.segments.contains { part in
                part.contains(bar.openAt)
                    && (bar.openAt.epochSeconds - part.lowerBound.epochSeconds) % Int64(timeframe.seconds) == 0
            }
        }
    }
}
