internal import Core

/// How far back one request for bars may reach, by the size of the bars: IBKR's published step table.
struct IBBarStep: Hashable, Sendable {
    let size: IBBarSize
    /// Seconds of one bar; a day's stands for its session.
    let seconds: Int64
    /// The longest span of one request, in days of the calendar.
    let longestDays: Int64

    private init(_ size: IBBarSize, _ seconds: Int64, _ longestDays: Int64) {
        self.size = size
        self.seconds = seconds
        self.longestDays = longestDays
    }

    /// The largest bars of which the wanted ones are made; `nil` below a minute and above a day.
    ///
    /// IB cuts its bars by the clock, ours begin with the session. Above half an hour, and at twenty minutes, the two differ where
    /// a session begins at half past: an hour of IB's from 10:00 is no hour of a session from 9:30. So these are made of smaller
    /// ones.
    init?(minutes: Int) {
        let seconds = Int64(minutes) * 60
        guard minutes > 0, minutes <= 1440,
            let step = Self.table.last(where: { step in
                step.seconds == seconds || (step.seconds < 86_400 && seconds % step.seconds == 0)
            })
        else { return nil }
        self = step
    }

    /// By length, the shortest first.
    private static let table: [IBBarStep] = [
        .init(.minute1, 60, 1), .init(.minutes2, 120, 2), .init(.minutes3, 180, 7), .init(.minutes5, 300, 7),
        .init(.minutes10, 600, 7), .init(.minutes15, 900, 7), .init(.minutes30, 1800, 30), .init(.day1, 86_400, 365),
    ]

    /// The span that reaches from `end` back to `since`, or as far as one request may.
    func span(from since: Instant, to end: Instant) -> IBBarSpan {
        let day: Int64 = 86_400
        let days = max(1, (end.epochSeconds - since.epochSeconds + day - 1) / day)
        guard days >= longestDays else { return IBBarSpan(count: Int(days), unit: .days) }
        switch longestDays {
        case 365...: return IBBarSpan(count: 1, unit: .years)
        case 30...: return IBBarSpan(count: 1, unit: .months)
        case 7...: return IBBarSpan(count: 1, unit: .weeks)
        case ...6: return IBBarSpan(count: Int(longestDays), unit: .days)
        default: return IBBarSpan(count: 1, unit: .days)
        }
    }
}
