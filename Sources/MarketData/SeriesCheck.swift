public import Core
public import Sessions

/// A sound bar that does not fit its series, and why.
public struct BarDoubt: Hashable, Sendable, CustomStringConvertible {
    /// The closed list of reasons; reports group by their text.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// It opens later than now: a clock is wrong, the source's or ours.
        case futureBar = "future-bar"
        /// Its time is not over: what it says of high, low, close and volume is not the last word.
        case formingBar = "forming-bar"
        /// It is far from the bar before, and no later bar bears it out yet.
        case unconfirmedJump = "unconfirmed-jump"
        /// Its session repeats an earlier session number by number.
        case repeatedSession = "repeated-session"
    }

    public let reason: Reason
    public let openAt: Instant
    /// One sentence with the numbers that led here.
    public let message: String

    public var code: String { reason.rawValue }
    public var description: String { "\(openAt): \(code): \(message)" }
}

/// Judges new bars by the series they continue: what ``BarValidator`` cannot see in one bar or in one answer.
///
/// The validator looks ahead to tell a misprint from a crash, so it must pass the newest bar whatever its price. That is
/// the bar the next decision is made on. Here a jump at the very end is held until the next bar bears it out: a real crash
/// costs one bar of delay, a price a hundred times off never reaches a decision. A bar held is not stored, so the next
/// fetch asks for it again, together with the bar behind it.
///
/// Limits: two misprints in a row on the same level pass for a market that moved, unless they are off by a factor of
/// eight; across sessions only jumps beyond 60 % are held, because news move shares overnight by a third, and what stays
/// there is left to ``SplitSuspicion``.
public struct SeriesCheck: Sendable {
    /// So many bars alike make a session a repetition, or half of its bars where that is fewer: a session of 2h bars has
    /// four.
    static let leastRepeated = 6
    /// Within a session; measured in real bars: 2 % in five minutes, see ``BarValidator``.
    static let limitWithin = FixedPoint(int64Units: 120_000_000)
    /// Within a session for bars of an hour and more.
    static let limitOfHours = FixedPoint(int64Units: 130_000_000)
    /// No number of bars bears out a jump by such a factor within a session: a unit or a decimal point has moved.
    static let limitOfBelief = FixedPoint(int64Units: 800_000_000)
    /// From one session to the next.
    static let limitAcross = FixedPoint(int64Units: 160_000_000)

    private let timeframe: Timeframe
    private let calendar: ExchangeCalendar
    /// Ascending.
    private let splits: [SplitAdjustment.Split]

    /// - Parameter actions: of the symbol, as recorded; a split among them is no jump.
    public init(timeframe: Timeframe, calendar: ExchangeCalendar, actions: [CorporateAction] = []) {
        self.timeframe = timeframe
        self.calendar = calendar
        splits = SplitAdjustment.splits(actions, calendar: calendar)
    }

    /// - Parameters:
    ///   - new: bars that the validator accepted, ascending.
    ///   - stored: bars of the series that are trusted already, ascending, at least the last session with bars; bars of
    ///     the same open as a new one are passed over.
    /// - Returns: the bars that fit, and a doubt for each other one. Pure: the same bars give the same answer.
    public func judge(_ new: [Bar], after stored: [Bar], now: Instant) -> (sound: [Bar], doubts: [BarDoubt]) {
        var doubts: [BarDoubt] = []
        var candidates: [Bar] = []
        for bar in new {
            let closeAt = closeAt(bar)
            if bar.openAt > now {
                doubts.append(
                    BarDoubt(reason: .futureBar, openAt: bar.openAt, message: "it opens after now, which is \(now)"))
            } else if closeAt > now {
                doubts.append(
                    BarDoubt(
                        reason: .formingBar, openAt: bar.openAt, message: "it closes at \(closeAt), and now is \(now)"))
            } else {
                candidates.append(bar)
            }
        }
        let opens = Set(new.map(\.openAt))
        let trusted = stored.filter { !opens.contains($0.openAt) }
        let repeated = repetitions(candidates, trusted)
        doubts += repeated
        let doubted = Set(repeated.map(\.openAt))
        candidates.removeAll { doubted.contains($0.openAt) }
        let (sound, jumps) = holdingJumps(candidates, trusted)
        doubts += jumps
        return (sound, doubts.sorted { $0.openAt < $1.openAt })
    }

    private func closeAt(_ bar: Bar) -> Instant {
        calendar.slot(openingAt: bar.openAt, timeframe: timeframe)?.closeAt
            ?? bar.openAt.advanced(bySeconds: Int64(timeframe.seconds))
    }

    // MARK: Jumps

    /// The close of a bar as it would be quoted when the other one trades.
    private func close(of before: Bar, asOf bar: Bar) -> Price {
        splits.reduce(before.close) { price, split in
            guard before.openAt < split.before, split.before <= bar.openAt,
                let scaled = try? price.value.scaled(
                    by: FixedPoint(split.old), over: FixedPoint(split.new), rounding: .halfEven)
            else { return price }
            return Price(scaled)
        }
    }

    private func holdingJumps(_ new: [Bar], _ trusted: [Bar]) -> (sound: [Bar], doubts: [BarDoubt]) {
        var sound: [Bar] = []
        var doubts: [BarDoubt] = []
        let series = (new.map { ($0, true) } + trusted.map { ($0, false) }).sorted { $0.0.openAt < $1.0.openAt }
        var last: Bar?
        for (index, (bar, isNew)) in series.enumerated() {
            if isNew, let before = last {
                let strays = strays(bar, from: before)
                let next = index + 1 < series.count ? series[index + 1].0 : nil
                if !strays.isEmpty, !isConfirmed(strays, of: bar, by: next, before) {
                    let follower = next.map { "the next bar trades at \($0.open)" } ?? "no later bar bears it out yet"
                    doubts.append(
                        BarDoubt(
                            reason: .unconfirmedJump, openAt: bar.openAt,
                            message: "from \(before.close) to \(bar.open) and \(bar.close), and \(follower)"))
                    continue
                }
            }
            if isNew, last == nil, let strange = strangeness(series.map(\.0), index) {
                doubts.append(BarDoubt(reason: .unconfirmedJump, openAt: bar.openAt, message: strange))
                continue
            }
            if isNew { sound.append(bar) }
            last = bar
        }
        return (sound, doubts)
    }

    /// What speaks against a bar that no trusted one stands before, from the other bars of its session in the same answer; a
    /// bar that stands alone is believed, since there is nothing to judge it by.
    private func strangeness(_ series: [Bar], _ index: Int) -> String? {
        let bar = series[index]
        let date = calendar.localDate(of: bar.openAt)
        let near = max(0, index - 1)...min(series.count - 1, index + 2)
        let neighbours = near.filter { $0 != index && calendar.localDate(of: series[$0].openAt) == date }
        guard let first = neighbours.first else { return nil }
        let ends = [bar.open, bar.close]
        let isBorneOut = neighbours.contains { other in
            let limit = limit(from: bar, to: series[other])
            return ends.allSatisfy { isNear($0, series[other].open, limit) || isNear($0, series[other].close, limit) }
        }
        if !isBorneOut {
            return "it is the first of its series, at \(bar.open) to \(bar.close), and the bars beside it trade at "
                + "\(series[first].open)"
        }
        // Several wrong bars in a row bear each other out: most of the session must not lie elsewhere.
        let session = series[index...].prefix { calendar.localDate(of: $0.openAt) == date }
        guard session.count > 2 else { return nil }
        let median = session.map(\.close).sorted()[session.count / 2]
        if ends.allSatisfy({ isNear($0, median, Self.limitOfBelief) }) { return nil }
        return "it is the first of its series, at \(bar.open) to \(bar.close), and its session trades at \(median)"
    }

    /// The open and the close of the bar, as far as they lie beyond the limit from the close before.
    private func strays(_ bar: Bar, from before: Bar) -> [Price] {
        let limit = limit(from: before, to: bar)
        let last = close(of: before, asOf: bar)
        return [bar.open, bar.close].filter { !isNear($0, last, limit) }
    }

    /// Whether the next bar trades where the strays lie.
    private func isConfirmed(_ strays: [Price], of bar: Bar, by next: Bar?, _ before: Bar) -> Bool {
        guard let next else { return false }
        let isWithin = calendar.localDate(of: bar.openAt) == calendar.localDate(of: before.openAt)
        if isWithin, !strays.allSatisfy({ isNear($0, before.close, Self.limitOfBelief) }) { return false }
        let limit = limit(from: bar, to: next)
        return strays.allSatisfy { isNear($0, next.open, limit) || isNear($0, next.close, limit) }
    }

    private func limit(from before: Bar, to bar: Bar) -> FixedPoint {
        if calendar.localDate(of: bar.openAt) != calendar.localDate(of: before.openAt) { return Self.limitAcross }
        return timeframe.seconds >= 3600 ? Self.limitOfHours : Self.limitWithin
    }

    private func isNear(_ price: Price, _ other: Price, _ limit: FixedPoint) -> Bool {
        let (low, high) = (min(price, other), max(price, other))
        // Around zero, as futures may be, ratios mean nothing.
        guard low.isPositive else { return true }
        return high.value.units * FixedPoint.unitsPerOne <= low.value.units * limit.units
    }

    // MARK: Repetitions

    /// The bars of new sessions that have the same numbers, at the same local times, as an earlier session there is.
    private func repetitions(_ new: [Bar], _ trusted: [Bar]) -> [BarDoubt] {
        var sessions: [CivilDate: [Int: Bar]] = [:]
        var originals: [Bar: [CivilDate]] = [:]
        var newOpens: [CivilDate: [Instant]] = [:]
        for bar in trusted + new {
            let (date, second) = calendar.localClock(of: bar.openAt)
            sessions[date, default: [:]][timeframe.isDaily ? 0 : second] = bar
        }
        for bar in new { newOpens[calendar.localDate(of: bar.openAt), default: []].append(bar.openAt) }
        var doubts: [BarDoubt] = []
        for (date, bars) in sessions.sorted(by: { $0.key < $1.key }) {
            if let opens = newOpens[date], let original = original(of: bars, on: date, among: originals, sessions) {
                doubts += opens.map { openAt in
                    BarDoubt(
                        reason: .repeatedSession, openAt: openAt,
                        message: "the bars of \(date) are those of \(original), number by number")
                }
            } else {
                for (second, bar) in bars where Self.isTelling(bar) {
                    originals[Self.content(bar, second), default: []].append(date)
                }
            }
        }
        return doubts
    }

    /// The earliest session with the same numbers at every time that both have, and enough of them.
    private func original(
        of bars: [Int: Bar], on date: CivilDate, among originals: [Bar: [CivilDate]],
        _ sessions: [CivilDate: [Int: Bar]]
    ) -> CivilDate? {
        var alike: [CivilDate: Int] = [:]
        for (second, bar) in bars where Self.isTelling(bar) {
            for date in originals[Self.content(bar, second)] ?? [] { alike[date, default: 0] += 1 }
        }
        let least = leastRepeated(on: date)
        return alike.filter { $0.value >= least }.keys.sorted().first { date in
            bars.allSatisfy { second, bar in
                sessions[date]?[second].map { Self.content($0, second) == Self.content(bar, second) } ?? true
            }
        }
    }

    private func leastRepeated(on date: CivilDate) -> Int {
        guard !timeframe.isDaily else { return 1 }
        guard let session = calendar.session(on: date) else { return Self.leastRepeated }
        return min(Self.leastRepeated, (calendar.slots(of: session, timeframe: timeframe).count + 1) / 2)
    }

    /// Flat bars and bars without volume prove nothing: two quiet days look alike.
    private static func isTelling(_ bar: Bar) -> Bool { bar.high > bar.low && bar.volume.isPositive }

    /// The numbers of a bar with its time of day, whatever its day and source.
    private static func content(_ bar: Bar, _ second: Int) -> Bar {
        var bar = bar
        bar.openAt = Instant(epochSeconds: Int64(second))
        bar.source = .imported
        return bar
    }
}
