public import Core
public import MarketData
public import Sessions
public import Store

/// What changes in the record of missing bars: gaps grow, shrink, split and close as bars come, and the window that is looked
/// at moves on, while a row stays the same gap.
public struct GapLedger: Sendable {
    /// What is missing inside the window, ascending.
    public let gaps: [BarGap]
    private let symbol: Symbol
    private let timeframe: Timeframe
    /// Rows whose bars are all there now.
    private let filled: [StoredBarGap]
    /// Rows that are smaller, larger or several now, and what stands in their place, found when they were.
    private let outdated: [StoredBarGap]
    private let new: [(gap: BarGap, foundAt: Instant?)]

    private static let memorySeconds: Int64 = 31 * 86_400

    public var isUnchanged: Bool { filled.isEmpty && outdated.isEmpty && new.isEmpty }

    /// - Parameters:
    ///   - window: from the open of its first bar to the close of its last one. Rows that reach out of it, and those of the
    ///     month before it, are looked at as well: their bars may have come another way.
    ///   - arriving: the opens of bars about to be stored.
    public init(
        _ symbol: Symbol, _ timeframe: Timeframe, _ calendar: ExchangeCalendar, window: Range<Instant>,
        arriving: [Instant] = [], in reader: StoreReader
    ) throws {
        self.symbol = symbol
        self.timeframe = timeframe
        let reach = window.lowerBound.advanced(bySeconds: -Self.memorySeconds)..<window.upperBound
        let rows = try reader.barGaps(symbol, timeframe, touching: reach)
        let (open, accepted) = (rows.filter { $0.state == .open }, rows.filter { $0.state == .accepted })
        // Where somebody says that there was no trade, nothing is missing.
        let excused = accepted.flatMap { row in
            calendar.slots(from: row.from, until: row.until, timeframe: timeframe).map(\.openAt)
        }
        var missing: [BarGap] = []
        for part in Self.united([window] + open.map { $0.from..<$0.until }) {
            let stored = try reader.barOpens(symbol, timeframe, from: part.lowerBound, until: part.upperBound)
            missing += GapFinder.gaps(
                present: stored + arriving + excused, calendar: calendar, timeframe: timeframe, from: part.lowerBound,
                until: part.upperBound)
        }
        gaps = missing.compactMap { Self.part(of: $0, in: window, timeframe, calendar) }
        func known(_ gap: BarGap) -> Bool {
            open.contains { $0.from == gap.from && $0.until == gap.until && $0.missing == gap.missing }
        }
        let touched = open.filter { row in !missing.contains { $0.from == row.from && $0.until == row.until } }
        filled = touched.filter { row in !missing.contains { $0.from < row.until && row.from < $0.until } }
        let closed = Set(filled)
        outdated = touched.filter { !closed.contains($0) }
        new = missing.filter { !known($0) }.map { gap in
            (gap, open.filter { $0.from < gap.until && gap.from < $0.until }.map(\.foundAt).min())
        }
    }

    /// The stretches that the ranges cover together, ascending. What lies between them was not asked for: before a series
    /// began, or after old bars were pruned, nothing is missing.
    private static func united(_ ranges: [Range<Instant>]) -> [Range<Instant>] {
        var united: [Range<Instant>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = united.last, range.lowerBound <= last.upperBound {
                united[united.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                united.append(range)
            }
        }
        return united
    }

    private static func part(
        of gap: BarGap, in window: Range<Instant>, _ timeframe: Timeframe, _ calendar: ExchangeCalendar
    ) -> BarGap? {
        if window.lowerBound <= gap.from, gap.until <= window.upperBound { return gap }
        let (from, until) = (max(gap.from, window.lowerBound), min(gap.until, window.upperBound))
        guard from < until else { return nil }
        let slots = calendar.slots(from: from, until: until, timeframe: timeframe)
        return slots.isEmpty ? nil : BarGap(from: from, until: until, missing: slots.count)
    }

    public func store(in writer: StoreWriter, at now: Instant) throws {
        for row in filled {
            try writer.closeBarGap(symbol, timeframe, from: row.from, until: row.until, as: .filled, at: now)
        }
        for row in outdated { try writer.removeBarGap(symbol, timeframe, from: row.from, until: row.until) }
        for (gap, foundAt) in new {
            try writer.upsertBarGap(
                symbol, timeframe, from: gap.from, until: gap.until, missing: gap.missing, at: foundAt ?? now)
        }
    }
}
