public import Core
public import Sessions

/// Judges bars one by one and against their neighbours: sound ones come out sorted, each other one with a reason.
///
/// Pure and idempotent: what it accepts, it accepts again.
public struct BarValidator: Sendable {
    private let timeframe: Timeframe
    private let calendar: ExchangeCalendar?
    private let ticks: TickSchedule?
    private let allowsNegativePrices: Bool

    /// Without a calendar (indices, currencies) places and gaps are not judged; without an instrument ticks are not.
    public init(timeframe: Timeframe, calendar: ExchangeCalendar?, instrument: Instrument?) {
        self.timeframe = timeframe
        self.calendar = calendar
        ticks = instrument?.ticks
        switch instrument?.kind {
        // Futures and options settle below zero on occasion (crude oil, 2020-04-20).
        case .future, .option: allowsNegativePrices = true
        case .stock, .etf, nil: allowsNegativePrices = false
        }
    }

    /// Judges the rows of a file.
    public func validate(_ rows: [RawBar], source: BarSourceKind = .imported) -> BarValidation {
        var findings = Findings()
        var sound: [RawBar] = []
        sound.reserveCapacity(rows.count)
        var place = SlotCheck(calendar: calendar, timeframe: timeframe)
        for row in rows {
            if let fault = Self.fault(of: row, allowsNegativePrices) ?? place.fault(of: row) {
                findings.reject(row, fault.reason, fault.message)
            } else {
                sound.append(row)
            }
        }
        sound = ordered(sound, &findings)
        sound = removingDuplicates(sound, &findings)
        sound = OutlierRule(timeframe: timeframe).removingOutliers(sound, &findings)
        warn(sound, outsideCalendar: place.outsideCoverage, &findings)
        return BarValidation(
            accepted: sound.map { $0.bar(source: source) }, rejected: findings.rejections(),
            warnings: findings.warnings, gaps: gaps(sound))
    }

    /// Judges bars that come from a source instead of a file. Each keeps its own source.
    public func validate(_ bars: [Bar]) -> BarValidation {
        var rows: [RawBar] = []
        var tooLarge: [BarRejection] = []
        rows.reserveCapacity(bars.count)
        var sources: [Instant: BarSourceKind] = [:]
        for bar in bars {
            guard let row = RawBar(bar) else {
                tooLarge.append(
                    BarRejection(
                        .tooLarge, line: nil, openAtText: bar.openAt.description,
                        message: "a price or the volume is beyond 92233720368"))
                continue
            }
            rows.append(row)
            if sources[bar.openAt] == nil { sources[bar.openAt] = bar.source }
        }
        let result = validate(rows)
        let accepted = result.accepted.map { bar in
            var bar = bar
            bar.source = sources[bar.openAt] ?? bar.source
            return bar
        }
        return BarValidation(
            accepted: accepted, rejected: tooLarge + result.rejected, warnings: result.warnings, gaps: result.gaps)
    }

    // MARK: One bar alone

    private static func fault(of row: RawBar, _ allowsNegativePrices: Bool) -> Fault? {
        if !row.empty.isEmpty {
            return Fault(.emptyField, "no value for \(row.empty.names.joined(separator: ", "))")
        }
        if !row.tooLarge.isEmpty {
            return Fault(.tooLarge, "\(row.tooLarge.names.joined(separator: ", ")) beyond 92233720368")
        }
        let low = min(row.openUnits, row.highUnits, row.lowUnits, row.closeUnits)
        if low < 0, !allowsNegativePrices { return Fault(.negativePrice, "a price is \(text(low))") }
        if low == 0, !allowsNegativePrices { return Fault(.zeroPrice, "a price is zero") }
        if row.volumeUnits < 0 { return Fault(.negativeVolume, "the volume is \(text(row.volumeUnits))") }
        if row.highUnits < max(row.openUnits, row.closeUnits, row.lowUnits) {
            return Fault(.ohlcInconsistent, "the high is not the highest price: \(prices(row))")
        }
        if row.lowUnits > min(row.openUnits, row.closeUnits) {
            return Fault(.ohlcInconsistent, "the low is not the lowest price: \(prices(row))")
        }
        return nil
    }

    static func text(_ units: Int64) -> String { FixedPoint(int64Units: units).description }

    static func prices(_ row: RawBar) -> String {
        "open \(text(row.openUnits)), high \(text(row.highUnits)), low \(text(row.lowUnits)), "
            + "close \(text(row.closeUnits))"
    }

    // MARK: Order

    /// Ascending by open; bars of the same open stay in the order of the file.
    private func ordered(_ rows: [RawBar], _ findings: inout Findings) -> [RawBar] {
        guard var latest = rows.first else { return rows }
        var late: [(row: RawBar, after: RawBar)] = []
        var seen: Set<Instant> = []
        for row in rows {
            if row.openAt > latest.openAt {
                latest = row
            } else if row.openAt < latest.openAt {
                late.append((row, latest))
            }
        }
        guard !late.isEmpty else { return rows }
        if late.count == rows.count - 1, zip(rows, rows.dropFirst()).allSatisfy({ $0.openAt > $1.openAt }),
            late.count > 1
        {
            findings.warn(.outOfOrder, late[0].row, count: late.count, "the newest bar comes first; all were sorted")
            return rows.reversed()
        }
        // A repeated bar is named as a duplicate, not as out of order.
        let lateLines = Set(late.map(\.row))
        for row in rows where !lateLines.contains(row) { seen.insert(row.openAt) }
        for (row, after) in late where seen.insert(row.openAt).inserted {
            findings.warn(.outOfOrder, row, count: 1, "comes after the bar of \(after.openAt); it was sorted in")
        }
        return rows.enumerated().sorted { ($0.element.openAt, $0.offset) < ($1.element.openAt, $1.offset) }
            .map(\.element)
    }

    private func removingDuplicates(_ rows: [RawBar], _ findings: inout Findings) -> [RawBar] {
        var kept: [RawBar] = []
        kept.reserveCapacity(rows.count)
        for row in rows {
            guard let first = kept.last, first.openAt == row.openAt else {
                kept.append(row)
                continue
            }
            let other = first.line > 0 ? "line \(first.line)" : "an earlier bar"
            let message =
                row.hasValues(of: first)
                ? "the same bar as \(other)"
                : "conflicts with \(other), which was kept: \(Self.prices(first)) there, \(Self.prices(row)) here"
            findings.reject(row, .duplicateBar, message)
        }
        return kept
    }

    // MARK: Warnings and gaps

    private func warn(_ rows: [RawBar], outsideCalendar: [RawBar], _ findings: inout Findings) {
        if let first = outsideCalendar.first, let calendar {
            findings.warn(
                .outsideCalendar, first, count: outsideCalendar.count,
                "\(outsideCalendar.count) bars lie outside the calendar (\(calendar.coverage.lowerBound) to "
                    + "\(calendar.coverage.upperBound)) and were accepted without a check of their place")
        }
        var offTick: (first: RawBar, count: Int)?
        var grid: (date: CivilDate, grid: TickGrid)?
        for row in rows {
            if row.volumeUnits == 0, row.highUnits == row.lowUnits {
                findings.warn(.zeroVolumeFlat, row, count: 1, "no volume and one price, \(Self.text(row.closeUnits))")
            }
            guard let ticks else { continue }
            let date = calendar?.localDate(of: row.openAt) ?? row.openAt.utcDate
            if grid?.date != date { grid = (date, TickGrid(ticks.rule(on: date))) }
            guard let rule = grid?.grid else { continue }
            let prices = [row.openUnits, row.highUnits, row.lowUnits, row.closeUnits]
            if !prices.allSatisfy({ rule.isOnGrid($0) }) {
                offTick = (offTick?.first ?? row, (offTick?.count ?? 0) + 1)
            }
        }
        if let offTick {
            findings.warn(
                .tickGrid, offTick.first, count: offTick.count,
                "\(offTick.count) bars have prices off the tick grid, first \(Self.prices(offTick.first)); "
                    + "expected of adjusted prices, a fault in raw ones")
        }
    }

    private func gaps(_ rows: [RawBar]) -> [BarGap] {
        guard let calendar, let first = rows.first, let last = rows.last else { return [] }
        let until = calendar.slot(openingAt: last.openAt, timeframe: timeframe)?.closeAt ?? last.openAt
        return GapFinder.gaps(
            present: rows.map(\.openAt), calendar: calendar, timeframe: timeframe, from: first.openAt, until: until)
    }
}

/// Why one row is unsound.
struct Fault {
    let reason: BarRejection.Reason
    let message: String
    init(_ reason: BarRejection.Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }
}

/// Collects what a validation finds.
struct Findings {
    private var rejected: [(row: RawBar, rejection: BarRejection)] = []
    private(set) var warnings: [BarWarning] = []

    mutating func reject(_ row: RawBar, _ reason: BarRejection.Reason, _ message: String) {
        let line = row.line > 0 ? Int(row.line) : nil
        let rejection = BarRejection(reason, line: line, openAtText: row.openAt.description, message: message)
        rejected.append((row, rejection))
    }

    mutating func warn(_ code: BarWarning.Code, _ row: RawBar, count: Int, _ message: String) {
        let line = row.line > 0 ? Int(row.line) : nil
        warnings.append(
            BarWarning(code, line: line, openAtText: row.openAt.description, count: count, message: message))
    }

    /// In the order of the file.
    func rejections() -> [BarRejection] {
        rejected.enumerated()
            .sorted { ($0.element.row.line, $0.offset) < ($1.element.row.line, $1.offset) }
            .map(\.element.rejection)
    }
}

extension RawBar {
    /// `nil` if a number is beyond 64 bits of 10^-8 units.
    init?(_ bar: Bar) {
        guard let open = bar.open.value.int64Units, let high = bar.high.value.int64Units,
            let low = bar.low.value.int64Units, let close = bar.close.value.int64Units,
            let volume = bar.volume.value.int64Units
        else { return nil }
        self.init(
            line: 0, openAt: bar.openAt,
            values: Values(open: open, high: high, low: low, close: close, volume: volume))
    }
}
