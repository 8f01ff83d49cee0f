internal import Core
internal import Sessions

/// Whether bars open where the calendar has a bar. Remembers the last session, because bars come in runs.
struct SlotCheck {
    private let calendar: ExchangeCalendar?
    private let timeframe: Timeframe
    private var session: Session?
    /// Bars of days that the calendar does not cover.
    private(set) var outsideCoverage: [RawBar] = []

    init(calendar: ExchangeCalendar?, timeframe: Timeframe) {
        self.calendar = calendar
        self.timeframe = timeframe
    }

    mutating func fault(of row: RawBar) -> Fault? {
        guard let calendar else { return nil }
        if session?.contains(row.openAt) != true {
            let date = calendar.localDate(of: row.openAt)
            guard calendar.coverage.contains(date) else {
                outsideCoverage.append(row)
                return nil
            }
            session = calendar.session(on: date)
            guard let found = session else {
                let name = calendar.holidayName(on: date).map { " (\($0))" } ?? ""
                return Fault(.outsideSession, "\(calendar.exchange) has no session on \(date)\(name)")
            }
            guard found.contains(row.openAt) else {
                return Fault(
                    .outsideSession,
                    "the session of \(date) on \(calendar.exchange) lasts from \(found.open) to \(found.close)")
            }
        }
        guard let session else { return nil }
        if timeframe.isDaily {
            return row.openAt == session.open
                ? nil : Fault(.offGrid, "a daily bar opens with its session, at \(session.open)")
        }
        if session.isBreak(row.openAt) { return Fault(.outsideSession, "the bar lies in the lunch break") }
        guard let part = session.segments.first(where: { $0.contains(row.openAt) }) else { return nil }
        let age = row.openAt.microseconds - part.lowerBound.microseconds
        return age % (Int64(timeframe.seconds) * 1_000_000) == 0
            ? nil : Fault(.offGrid, "\(timeframe) bars open every \(timeframe) from \(part.lowerBound)")
    }
}
