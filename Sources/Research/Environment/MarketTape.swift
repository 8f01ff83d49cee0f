public import Core
public import Cycle
public import Features
public import Sessions

/// The bars of one symbol as episodes are played on them, with everything about them that no action changes. Made once and
/// shared by all rollouts.
public final class MarketTape: Sendable {
    public let instrument: Instrument
    /// Ascending, as they were stored.
    public let bars: [Bar]
    let slots: [BarSlot]
    let vectors: [PreparedVector]
    /// Of every bar: the close of its slot.
    let closes: [Instant]
    /// The session that an order meets which is sent right after a bar's close; `nil` where the exchange takes none.
    let trading: [Session?]
    /// The volume that bounds what the open of a bar can execute: that of the bar before it in trading hours.
    let volumesBefore: [Quantity]
    /// Which session a bar belongs to, counted from zero.
    let sessions: [Int]
    /// The bars of each session.
    let ranges: [Range<Int>]
    /// States of somebody who holds nothing, a row for each bar.
    let rows: [Float]
    let width: Int
    /// Whether `decide` would have been told a complete vector.
    let isReady: [Bool]
    private let isWhole: [Bool]
    let exDates: [CivilDate]

    /// - Parameters:
    ///   - calendar: of the hours in which it is traded, not of its bars.
    ///   - barCalendar: of its bars.
    ///   - exDates: first days of another share scale, and without a claim to a dividend, which no episode books: none reaches
    ///     over one.
    public init(
        _ instrument: Instrument, _ prepared: [PreparedBar], _ computer: FeatureComputer, calendar: ExchangeCalendar,
        barCalendar: ExchangeCalendar,
        timeframe: Timeframe, exDates: [CivilDate] = []
    ) {
        (self.instrument, self.exDates) = (instrument, exDates)
        bars = prepared.map(\.bar)
        slots = prepared.map(\.slot)
        vectors = prepared.map(\.vector)
        closes = slots.map(\.closeAt)
        trading = closes.map { calendar.session(at: $0.advanced(by: Self.delay), takingOrders: true) }
        width = vectors.first?.flat.values.count ?? 0
        rows = vectors.flatMap { $0.flat.values.map { Float($0) } }
        isReady = prepared.map { $0.hindrance == nil && $0.vector.isReady(computer) }
        var (sessions, ranges) = ([Int](), [Range<Int>]())
        for (index, slot) in slots.enumerated() {
            if index > 0, slots[index - 1].session == slot.session {
                ranges[ranges.count - 1] = ranges[ranges.count - 1].lowerBound..<index + 1
            } else {
                ranges.append(index..<index + 1)
            }
            sessions.append(ranges.count - 1)
        }
        (self.sessions, self.ranges) = (sessions, ranges)
        isWhole = ranges.map { range in
            range.count == barCalendar.slots(of: prepared[range.lowerBound].slot.session, timeframe: timeframe).count
        }
        var volume = Quantity.zero
        volumesBefore = bars.map { bar in
            defer { if calendar.isOpen(at: bar.openAt) { volume = bar.volume } }
            return volume
        }
    }

    /// How long after a bar's close an order reaches the exchange: within the next bar, whose open it meets.
    static let delay = Duration.seconds(1)

    var symbol: Symbol { instrument.symbol }

    /// The first bars of stretches of so many whole sessions in a row, in which a vector is known at every bar and before it
    /// at `history` more, and nothing is split or paid out.
    ///
    /// - Parameter shown: bars that the decision manager sees, the last one included. They are as they were stored: none of
    ///   them is of another share scale either.
    func starts(sessions count: Int, history: Int, shown: Int = 1) -> [Int] {
        guard count > 0 else { return [] }
        var gapBefore: [Int] = [0]
        for ready in isReady { gapBefore.append(gapBefore[gapBefore.count - 1] + (ready ? 0 : 1)) }
        return ranges.indices.compactMap { first in
            let last = first + count - 1
            guard last < ranges.count, isWhole[first...last].allSatisfy({ $0 }) else { return nil }
            let (begin, end) = (ranges[first].lowerBound, ranges[last].upperBound)
            // A stretch of one bar holds no decision.
            guard end - begin > 1, begin >= history, gapBefore[end] == gapBefore[begin - history] else { return nil }
            let oldest = slots[max(0, begin + 1 - shown)].session.date
            let days = oldest..<slots[end - 1].session.date.advanced(byDays: 1)
            guard !exDates.contains(where: { days.contains($0) && $0 > days.lowerBound }) else { return nil }
            return begin
        }
    }

    /// Where a stretch of so many sessions ends: its last bar.
    func end(from start: Int, sessions count: Int) -> Int {
        ranges[min(sessions[start] + count - 1, ranges.count - 1)].upperBound - 1
    }
}

extension PreparedVector {
    /// Whether there is a value for every feature, whatever is held: an average range of nothing divides nobody's profit.
    fileprivate func isReady(_ computer: FeatureComputer) -> Bool {
        guard flat.isReady else { return false }
        var isFinite = true
        for side in [-1, 1] {
            let held = FeatureHolding(side: side, entryPrice: 1, barsHeld: 1)
            computer.evaluate(self, held) { if !$1.isFinite { isFinite = false } }
        }
        return isFinite
    }
}

extension ExchangeCalendar {
    /// The running session, if orders are taken at the instant.
    fileprivate func session(at instant: Instant, takingOrders: Bool) -> Session? {
        isOpen(at: instant) == takingOrders ? session(at: instant) : nil
    }
}
