public import Core

/// The sessions of one exchange: regular continuous trading, with holidays, half days and late opens; or, as a calendar of
/// its own (``extended``), the same days from the pre-market to the after-market.
///
/// Outside ``coverage`` nothing is known and every answer is "no session" or `nil`, never a guess.
public struct ExchangeCalendar: Sendable {
    public let exchange: ExchangeID
    public let name: String
    public let zone: ZoneRules
    /// The local days the calendar knows, both ends included.
    public let coverage: ClosedRange<CivilDate>
    /// Whether the sessions are the extended ones.
    public let isExtended: Bool
    private let table: Storage

    /// Calendars are handed around by value and hold hundreds of days: the table is shared, never changed.
    private final class Storage: Sendable {
        let table: CalendarTable
        init(_ table: CalendarTable) { self.table = table }
    }

    init(exchange: ExchangeID, name: String, table: CalendarTable, isExtended: Bool = false) {
        self.exchange = exchange
        self.name = name
        self.isExtended = isExtended
        zone = table.zone
        coverage = table.coverage
        self.table = Storage(table)
    }

    /// A built-in calendar; `nil` if its text is malformed, which a test rules out for every one of them.
    static func embedded(_ exchange: String, _ text: StaticString) -> ExchangeCalendar? {
        let id = ExchangeID(exchange)
        guard let table = try? CalendarTable(exchange: id, text: text) else { return nil }
        return ExchangeCalendar(exchange: id, name: table.name, table: table)
    }

    /// The same sessions under the code of another market that keeps the same hours.
    func renamed(_ exchange: ExchangeID, _ name: String) -> ExchangeCalendar {
        ExchangeCalendar(exchange: exchange, name: name, table: table.table, isExtended: isExtended)
    }

    /// The same days in extended hours; `nil` where none are known. In most markets orders outside the regular session are
    /// of other kinds, so this says when bars are made, not what a broker takes.
    public var extended: ExchangeCalendar? {
        guard !table.table.extended.isEmpty else { return nil }
        return ExchangeCalendar(exchange: exchange, name: name, table: table.table, isExtended: true)
    }

    /// `changes` must lie inside the coverage.
    func changed(_ changes: [CalendarOverride]) -> ExchangeCalendar {
        var table = table.table
        for change in changes {
            let day = change.date.daysSinceEpoch
            switch change.change {
            case .closed: table.close(day)
            case .hours(let open, let close):
                // Another opening or close does not do away with the lunch break, as long as both lie around it.
                let pause = table.usualHours(on: day).pause.flatMap {
                    open < $0.lowerBound && $0.upperBound < close ? $0 : nil
                }
                table.open(day, .init(open: open, close: close, pause: pause))
            }
        }
        return ExchangeCalendar(exchange: exchange, name: name, table: table, isExtended: isExtended)
    }

    // MARK: What is known

    /// What to tell the operator about the end of the calendar: that it is reached, or that it is less than `days` away.
    public func notice(at instant: Instant, days: Int = 45) -> String? {
        let date = localDate(of: instant)
        let last = coverage.upperBound
        if coverage.lowerBound > date { return "the calendar of \(exchange) begins on \(coverage.lowerBound)" }
        if date > last {
            return "the calendar of \(exchange) ends on \(last): whether it trades on \(date) is not known; update takt"
        }
        let left = last.daysSinceEpoch - date.daysSinceEpoch
        guard left < days else { return nil }
        return "the calendar of \(exchange) ends on \(last), in \(left) days: update takt before that"
    }

    // MARK: By local day

    /// The session of a local day; `nil` on weekends, holidays and outside the coverage.
    public func session(on date: CivilDate) -> Session? {
        let day = date.daysSinceEpoch
        guard coverage.contains(date), let (hours, usual) = hours(on: day) else { return nil }
        let breaks = hours.pause.map {
            [zone.instant(of: date, secondOfDay: $0.lowerBound)..<zone.instant(of: date, secondOfDay: $0.upperBound)]
        }
        return Session(
            exchange: exchange, date: date, open: zone.instant(of: date, secondOfDay: hours.open),
            close: zone.instant(of: date, secondOfDay: hours.close), breaks: breaks ?? [],
            kind: Self.kind(hours, usual: usual), isShortened: hours.tradingSeconds < usual.tradingSeconds)
    }

    /// The hours of that day and the usual ones of that time.
    private func hours(on day: Int) -> (CalendarTable.Hours, usual: CalendarTable.Hours)? {
        let table = table.table
        if isExtended {
            guard let hours = table.extendedHours(on: day), let usual = table.usualExtendedHours(on: day) else {
                return nil
            }
            return (hours, usual)
        }
        return table.hours(on: day).map { ($0, table.usualHours(on: day)) }
    }

    private static func kind(_ hours: CalendarTable.Hours, usual: CalendarTable.Hours) -> Session.Kind {
        if hours.close < usual.close { return .earlyClose }
        guard hours.open > usual.open else { return .regular }
        return hours.close > usual.close ? .lateOpenAndClose : .lateOpen
    }

    public func isTradingDay(_ date: CivilDate) -> Bool {
        coverage.contains(date) && table.table.hours(on: date.daysSinceEpoch) != nil
    }

    /// Why a weekday has no session, where a name is known; `nil` on trading days and weekends.
    public func holidayName(on date: CivilDate) -> String? {
        isTradingDay(date) ? nil : table.table.closedName(on: date.daysSinceEpoch)
    }

    /// The sessions of the local days `from` to `through`, both included, ascending.
    public func sessions(from: CivilDate, through: CivilDate) -> [Session] {
        let first = max(from, coverage.lowerBound).daysSinceEpoch
        let last = min(through, coverage.upperBound).daysSinceEpoch
        guard first <= last else { return [] }
        return (first...last).compactMap { session(on: CivilDate(daysSinceEpoch: $0)) }
    }

    // MARK: By instant

    /// The session with open <= `instant` < close. A lunch break counts as inside.
    public func session(at instant: Instant) -> Session? {
        guard let session = session(on: localDate(of: instant)), session.contains(instant) else { return nil }
        return session
    }

    public func state(at instant: Instant) -> MarketState {
        guard let session = session(at: instant) else { return .closed }
        return session.isBreak(instant) ? .break : .open
    }

    /// Whether continuous trading takes place: not in a lunch break. A different question from ``isTradingDay(_:)``.
    public func isOpen(at instant: Instant) -> Bool { state(at: instant) == .open }

    /// The first session open strictly after `after`; `nil` beyond the coverage. The end of a break is not an open.
    public func nextOpen(after: Instant) -> Instant? { firstSession(after) { $0.open > after }?.open }

    /// The first session close strictly after `after`; `nil` beyond the coverage. The start of a break is not a close.
    public func nextClose(after: Instant) -> Instant? { firstSession(after) { $0.close > after }?.close }

    /// The first session that opens strictly after `after`.
    public func nextSession(after: Instant) -> Session? { firstSession(after) { $0.open > after } }

    /// The last session with close <= `before`; `nil` before the coverage, and beyond it, where sessions are unknown.
    public func previousSession(before: Instant) -> Session? {
        let date = localDate(of: before)
        guard date <= coverage.upperBound, date >= coverage.lowerBound else { return nil }
        for day in (coverage.lowerBound.daysSinceEpoch...date.daysSinceEpoch).reversed() {
            if let session = session(on: CivilDate(daysSinceEpoch: day)), session.close <= before { return session }
        }
        return nil
    }

    public func localDate(of instant: Instant) -> CivilDate { zone.local(instant).date }

    /// What clocks at the exchange show.
    public func localClock(of instant: Instant) -> (date: CivilDate, secondOfDay: Int) { zone.local(instant) }

    private func firstSession(_ after: Instant, where isWanted: (Session) -> Bool) -> Session? {
        let date = localDate(of: after)
        // An instant before the coverage has an unknown next session, not the first one of the table.
        guard date >= coverage.lowerBound, date <= coverage.upperBound else { return nil }
        for day in date.daysSinceEpoch...coverage.upperBound.daysSinceEpoch {
            if let session = session(on: CivilDate(daysSinceEpoch: day)), isWanted(session) { return session }
        }
        return nil
    }
}
