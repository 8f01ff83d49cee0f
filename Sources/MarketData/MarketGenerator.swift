public import Core
public import Sessions

/// Makes bars that look like a market's, from a seed: for demonstrations, paper trading without a feed, and tests.
///
/// - Random access: a session's bars depend on (seed, anchor, instrument, day, the session's hours), on nothing else,
///   so every range and every process sees the same bars. The cost is a walk over the weekdays since the anchor (under
///   0.1 µs each) plus the bars of the sessions touched.
/// - Timeframes agree: five-minute bars are drawn, longer ones are made of them, one-minute bars split them exactly.
/// - Stretches of three weeks rise, fall or go sideways; sessions have overnight gaps, rare jumps, more movement and
///   volume at both ends than in the middle. Prices lie on the instrument's ticks of the day.
public struct MarketGenerator: Sendable {
    public let seed: UInt64
    /// The day on which every path starts from its start price. Days before it are reached by walking back.
    public let anchor: CivilDate

    /// The first weekday of 2025.
    public static let defaultAnchor = CivilDate(daysSinceEpoch: 20_089)

    public init(seed: UInt64, anchor: CivilDate = MarketGenerator.defaultAnchor) {
        self.seed = seed
        self.anchor = anchor
    }

    /// The bars with `from` <= openAt < `until`, ascending. The last one may close after `until`: it is complete.
    ///
    /// Empty outside the calendar's coverage.
    public func bars(
        _ instrument: Instrument, _ calendar: ExchangeCalendar, _ timeframe: Timeframe, from: Instant, until: Instant
    ) -> [Bar] {
        guard from < until else { return [] }
        let sessions = calendar.sessions(from: calendar.localDate(of: from), through: calendar.localDate(of: until))
            .filter { $0.close > from && $0.open < until }
        let bars = bars(instrument, calendar, timeframe, of: sessions)
        guard let first = bars.first, let last = bars.last, first.openAt < from || last.openAt >= until else {
            return bars
        }
        return bars.filter { $0.openAt >= from && $0.openAt < until }
    }

    /// The last `count` bars with closeAt <= `closedBy`, ascending; fewer where the calendar begins.
    public func lastBars(
        _ count: Int, of instrument: Instrument, _ calendar: ExchangeCalendar, _ timeframe: Timeframe, closedBy: Instant
    ) -> [Bar] {
        guard count > 0, let last = calendar.lastClosedSlot(at: closedBy, timeframe: timeframe) else { return [] }
        var sessions = [last.session]
        var slots = calendar.slots(of: last.session, timeframe: timeframe).count { $0.closeAt <= closedBy }
        while slots < count, let first = sessions.last, let session = calendar.previousSession(before: first.open) {
            sessions.append(session)
            slots += calendar.slots(of: session, timeframe: timeframe).count
        }
        let bars = bars(instrument, calendar, timeframe, of: sessions.reversed()).filter { $0.openAt <= last.openAt }
        return Array(bars.suffix(count))
    }

    /// The regime of the stretch that a day belongs to.
    public func regime(of instrument: Instrument, on date: CivilDate) -> MarketRegime {
        MarketModel(seed: seed, anchor: anchor, instrument: instrument).regime(onDay: date.daysSinceEpoch)
    }

    /// `sessions` ascending.
    private func bars(
        _ instrument: Instrument, _ calendar: ExchangeCalendar, _ timeframe: Timeframe, of sessions: [Session]
    ) -> [Bar] {
        guard var day = sessions.first?.date.daysSinceEpoch else { return [] }
        let model = MarketModel(seed: seed, anchor: anchor, instrument: instrument)
        var level = model.level(beforeDay: day)
        var bars: [Bar] = []
        for session in sessions {
            while day < session.date.daysSinceEpoch {
                level += model.total(onDay: day)
                day += 1
            }
            let step = model.step(onDay: day)
            let path = SessionPath(
                model: model, grid: TickGrid(instrument.ticks.rule(on: session.date)), session: session,
                openLevel: level + step.gap, step: step.session)
            path.append(
                slots: calendar.slots(of: session, timeframe: timeframe),
                base: calendar.slots(of: session, timeframe: .fiveMinutes), timeframe: timeframe, to: &bars)
        }
        return bars
    }
}

/// A generator as the feed of a profile.
public struct GeneratorSource: BarSource {
    public let generator: MarketGenerator
    private let calendars: CalendarBook

    public var kind: BarSourceKind { .generator }

    public init(generator: MarketGenerator, calendars: CalendarBook) {
        self.generator = generator
        self.calendars = calendars
    }

    public func bars(
        _ instrument: Instrument, _ timeframe: Timeframe, from: Instant, until: Instant
    ) async throws(BarSourceError) -> [Bar] {
        guard let calendar = calendars.calendar(instrument.exchange) else {
            throw .unsupported(
                instrument.symbol, reason: "there is no calendar for the exchange \(instrument.exchange)")
        }
        return generator.bars(instrument, calendar, timeframe, from: from, until: until)
    }
}
