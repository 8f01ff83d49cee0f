internal import Core
internal import Sessions

/// A bar of historical data.
struct HistoricalBar: Hashable, Sendable {
    var openAt: Instant
    var date: CivilDate
    var open: FixedPoint
    var high: FixedPoint
    var low: FixedPoint
    var close: FixedPoint
    var volume: Int
    var value: FixedPoint
    var count: Int

    init(_ bar: SimulatedBar, openAt: Instant, date: CivilDate) {
        self.openAt = openAt
        self.date = date
        (open, high, low, close, volume, value) = (bar.open, bar.high, bar.low, bar.close, bar.volume, bar.value)
        count = bar.trades
    }

    mutating func add(_ later: HistoricalBar) {
        high = max(high, later.high)
        low = min(low, later.low)
        close = later.close
        volume += later.volume
        value = value.plus(later.value)
        count += later.count
    }

    /// Volume-weighted average price.
    var average: FixedPoint { volume == 0 ? close : value.over(FixedPoint(volume), .halfEven) }

    /// Moved by so much, for quotes: bids and asks have no volume.
    func moved(by difference: FixedPoint) -> HistoricalBar {
        var bar = self
        (bar.open, bar.high, bar.low, bar.close) = (
            open.plus(difference), high.plus(difference), low.plus(difference), close.plus(difference)
        )
        (bar.volume, bar.count) = (-1, -1)
        return bar
    }
}

/// The sizes of bars, by their spelling.
enum BarSize: Hashable, Sendable {
    case seconds(Int)
    case days, weeks, months

    static let all: [String: BarSize] = [
        "1 secs": .seconds(1), "5 secs": .seconds(5), "10 secs": .seconds(10), "15 secs": .seconds(15),
        "30 secs": .seconds(30), "1 min": .seconds(60), "2 mins": .seconds(120), "3 mins": .seconds(180),
        "5 mins": .seconds(300), "10 mins": .seconds(600), "15 mins": .seconds(900), "20 mins": .seconds(1200),
        "30 mins": .seconds(1800), "1 hour": .seconds(3600), "2 hours": .seconds(7200), "3 hours": .seconds(10_800),
        "4 hours": .seconds(14_400), "8 hours": .seconds(28_800), "1 day": .days, "1 week": .weeks, "1 month": .months,
    ]

    var isDaily: Bool { if case .seconds = self { false } else { true } }
    var isSmall: Bool { if case .seconds(let count) = self { count < 60 } else { false } }

    /// The longest duration of one request, in seconds: IBKR's published step table, read upwards.
    var longest: Int64 {
        let day: Int64 = 86_400
        guard case .seconds(let count) = self else { return self == .days ? 366 * day : 20 * 366 * day }
        switch count {
        case ..<5: return 1800
        case ..<10: return 3600
        case ..<30: return 14_400
        case ..<60: return 28_800
        case ..<120: return day
        case ..<180: return 2 * day
        case ..<1800: return 7 * day
        default: return 31 * day
        }
    }
}

/// How far back a request reaches.
struct BarDuration: Hashable, Sendable {
    let count: Int
    let unit: Character

    /// Reads `1 D`, `3600 S`, `2 W`, `1 M`, `1 Y`.
    init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let count = Int(parts[0]), (1...100_000).contains(count), parts[1].count == 1,
            let unit = parts[1].first, "SDWMY".contains(unit)
        else { return nil }
        self.count = count
        self.unit = unit
    }

    var seconds: Int64 {
        let day: Int64 = 86_400
        let one: Int64 =
            switch unit {
            case "S": 1
            case "D": day
            case "W": 7 * day
            case "M": 31 * day
            default: 366 * day
            }
        return Int64(count) * one
    }
}

/// Bars out of a tape.
struct HistoricalDesk: Sendable {
    let tape: Tape<GatewayContract>
    let now: Instant

    /// Bars that opened before `end`, as many as the duration says; the last may be unfinished.
    func bars(_ size: BarSize, _ duration: BarDuration, until end: Instant) -> [HistoricalBar] {
        let days = days(duration, until: end)
        switch size {
        case .seconds(let count):
            let bars = days.flatMap { intraday($0, seconds: count, until: end) }
            guard duration.unit == "S" else { return bars }
            let start = min(end, now).advanced(bySeconds: -duration.seconds)
            return bars.filter { $0.openAt >= start }
        case .days: return days.compactMap { daily($0, until: end) }
        case .weeks: return grouped(days, until: end) { $0.advanced(byDays: 1 - $0.isoWeekday) }
        case .months: return grouped(days, until: end) { $0.advanced(byDays: 1 - $0.day) }
        }
    }

    /// The sessions that a duration reaches, the one that is under way among them.
    private func days(_ duration: BarDuration, until end: Instant) -> [SimulatedDay] {
        let all = (tape.past + [tape.today]).filter { $0.session.open < end && $0.total != nil }
        switch duration.unit {
        case "D": return Array(all.suffix(duration.count))
        case "S":
            // Seconds are those of the market's time: they reach over the night.
            let start = end.advanced(bySeconds: -duration.seconds)
            return all.filter { $0.session.close > start }
        default:
            guard let last = all.last?.session.date else { return [] }
            let length = duration.unit == "W" ? 7 : duration.unit == "M" ? 30 : 365
            let first = last.advanced(byDays: -length * duration.count)
            return all.filter { $0.session.date > first }
        }
    }

    private func daily(_ day: SimulatedDay, until end: Instant) -> HistoricalBar? {
        guard end < day.session.close else {
            return day.total.map { HistoricalBar($0, openAt: day.session.open, date: day.session.date) }
        }
        return merged(intraday(day, seconds: 60, until: end))
    }

    private func merged(_ bars: [HistoricalBar]) -> HistoricalBar? {
        guard var first = bars.first else { return nil }
        for bar in bars.dropFirst() { first.add(bar) }
        return first
    }

    private func grouped(
        _ days: [SimulatedDay], until end: Instant, by key: (CivilDate) -> CivilDate
    ) -> [HistoricalBar] {
        var groups: [(CivilDate, HistoricalBar)] = []
        for bar in days.compactMap({ daily($0, until: end) }) {
            if groups.last?.0 == key(bar.date) {
                groups[groups.count - 1].1.add(bar)
                groups[groups.count - 1].1.date = bar.date
            } else {
                groups.append((key(bar.date), bar))
            }
        }
        return groups.map(\.1)
    }

    /// Bars of a session that open on whole multiples of their length by the exchange's clock; the first with the session.
    private func intraday(_ day: SimulatedDay, seconds: Int, until end: Instant) -> [HistoricalBar] {
        let zone = tape.symbol.calendar?.zone ?? .utc
        func opening(_ instant: Instant) -> Instant {
            let (date, second) = zone.local(instant)
            return max(day.session.open, zone.instant(of: date, secondOfDay: second - second % seconds))
        }
        var bars: [HistoricalBar] = []
        func add(_ bar: SimulatedBar) {
            let start = opening(bar.openAt)
            let next = HistoricalBar(bar, openAt: start, date: day.session.date)
            if bars.last?.openAt == start { bars[bars.count - 1].add(next) } else { bars.append(next) }
        }
        if seconds < 60 || end <= now {
            for trade in tape.trades(of: day) where trade.at < end && trade.at <= now {
                add(SimulatedBar(trade, openAt: trade.at))
            }
        } else {
            for bar in day.bars where bar.openAt < end { add(bar) }
        }
        return bars
    }
}
