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
    init?(minutes: Int) {
        guard minutes > 0,
            let step = Self.table.last(where: { step in
                step.seconds == Int64(minutes) * 60
                    || (step.seconds < 86_400 && Int64(minutes) * 60 % step.seconds == 0)
            }), Int64(minutes) * 60 <= 86_400
        else { return nil }
        self = step
    }

    /// By length, the shortest first.
    private static let table: [IBBarStep] = [
        .init(.minute1, 60, 1), .init(.minutes2, 120, 2), .init(.minutes3, 180, 7), .init(.minutes5, 300, 7),
        .init(.minutes10, 600, 7), .init(.minutes15, 900, 7), .init(.minutes20, 1200, 7), .init(.minutes30, 1800, 30),
        .init(.hour1, 3600, 30), .init(.hours2, 7200, 30), .init(.hours3, 10_800, 30), .init(.hours4, 14_400, 30),
        .init(.hours8, 28_800, 30), .init(.day1, 86_400, 365),
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
