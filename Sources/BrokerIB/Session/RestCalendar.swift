internal import Core
internal import Sessions

/// When a gateway may be gone without anything being wrong: a refused connection and a lost link are rest then, and no alarm.
/// Orders at IB go on working meanwhile.
struct RestCalendar: Hashable, Sendable {
    enum Rest: Hashable, Sendable {
        /// IB's servers reset once a night: the link is lost, and comes back by itself.
        case nightlyReset
        /// TWS and Gateway have to start anew every day: the socket closes, and listens again minutes later.
        case dailyRestart
        /// After the reset of Saturday night somebody has to log in with the second factor, once a week.
        case weeklyLogin
    }

    /// A stretch of every day, by the clocks of a zone; it may go past midnight.
    struct Window: Hashable, Sendable {
        var zone: ZoneRules
        /// Second of the day.
        var start: Int
        var length: Duration

        func contains(_ instant: Instant) -> Bool {
            let (date, _) = zone.local(instant)
            return [date, date.advanced(byDays: -1)].contains { day in
                let begin = zone.instant(of: day, secondOfDay: start)
                return begin <= instant && instant < begin.advanced(by: length)
            }
        }
    }

    private static let newYork = ZoneRules.named("America/New_York") ?? .utc

    /// IB's servers: 23:45 to 00:05 New York time by what others have seen, with some minutes to come back in.
    var reset = Window(zone: newYork, start: 23 * 3600 + 40 * 60, length: .seconds(35 * 60))
    /// The gateway's own restart, as it is configured there; with the minutes until it listens again.
    var restart = Window(zone: newYork, start: 23 * 3600 + 45 * 60, length: .seconds(15 * 60))
    /// On Sunday the login is missing from this second of the day on, New York time: six hours before the futures open.
    var loginDue = 12 * 3600

    func rest(at instant: Instant) -> Rest? {
        if restart.contains(instant) { return .dailyRestart }
        let (date, second) = Self.newYork.local(instant)
        if date.isoWeekday == 7, second < loginDue { return .weeklyLogin }
        return reset.contains(instant) ? .nightlyReset : nil
    }

    /// Whether IB's servers may be starting anew, whatever else rests at that time.
    func isResetting(at instant: Instant) -> Bool { reset.contains(instant) || restart.contains(instant) }

    /// Whether a gateway that is not there is missing its weekly login by now.
    func isLoginMissing(at instant: Instant) -> Bool {
        let (date, second) = Self.newYork.local(instant)
        return date.isoWeekday == 7 && second >= loginDue
    }
}
