public import Core

/// Round numbers for a value axis.
public enum NiceTicks {
    /// Multiples of 1, 2, 2.5 or 5 × 10^k inside `[low, high]`, at most `limit + 1` of them. Empty for bounds that
    /// are not finite or in the wrong order.
    public static func values(from low: Double, to high: Double, limit: Int) -> [Double] {
        guard low.isFinite, high.isFinite, high > low, limit > 0 else {
            return low.isFinite && low == high ? [low] : []
        }
        let step = step(for: (high - low) / Double(limit))
        // A bound that is a multiple but for its last binary digit counts as one.
        let first = (low / step - 1e-9).rounded(.up)
        let last = (high / step + 1e-9).rounded(.down)
        guard last >= first, last - first < 1000 else { return [] }
        // Counting in whole steps keeps 0.1 + 0.2 from becoming 0.30000000000000004.
        return (0...Int(last - first)).map { ((first + Double($0)) * step).roundedToDigits(of: step) }
    }

    /// The smallest nice step that is at least `raw`.
    static func step(for raw: Double) -> Double {
        guard raw > 0, raw.isFinite else { return 1 }
        var power = 1.0
        while power > raw { power /= 10 }
        while power * 10 <= raw { power *= 10 }
        for factor in [1, 2, 2.5, 5] where factor * power >= raw { return factor * power }
        return 10 * power
    }

    /// How many decimals tell neighbouring ticks apart.
    static func decimals(step: Double) -> Int {
        var scaled = step
        var digits = 0
        while digits < 15, abs(scaled - scaled.rounded()) > 1e-6 * abs(scaled) {
            scaled *= 10
            digits += 1
        }
        return digits
    }
}

extension Double {
    fileprivate func roundedToDigits(of step: Double) -> Double {
        var scale = 1.0
        for _ in 0..<NiceTicks.decimals(step: step) { scale *= 10 }
        return (self * scale).rounded() / scale + 0
    }
}

/// Round times for a time axis, in the clocks of the report's zone.
public enum TimeTicks {
    public struct Tick: Hashable, Sendable {
        public let at: Instant
        /// `15:30` within a day, `11-20` where a day begins, `2026-11` for months.
        public let label: String
    }

    private static let steps: [Int64] = [
        60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 345_600, 604_800, 1_209_600,
    ]

    /// At most `limit` ticks inside the span.
    public static func ticks(from start: Instant, to end: Instant, zone: ReportZone, limit: Int) -> [Tick] {
        guard start < end, limit > 0 else { return [Tick(at: start, label: zone.clock(start))] }
        let span = end.epochSeconds - start.epochSeconds
        guard let step = steps.first(where: { span / $0 < Int64(limit) }) else {
            return months(from: start, to: end, zone: zone, limit: limit)
        }
        let first = zone.local(start).epochSeconds
        var reading = first - first % step + (first % step > 0 ? step : 0)
        var ticks: [Tick] = []
        while ticks.count < limit {
            let at = zone.instant(local: Instant(epochSeconds: reading))
            guard at <= end else { break }
            let date = Instant(epochSeconds: reading).utcDate
            let startsDay = reading == date.startUTC.epochSeconds
            if at >= start { ticks.append(Tick(at: at, label: startsDay ? dayLabel(date) : zone.clock(at))) }
            reading += step
        }
        return ticks
    }

    private static func dayLabel(_ date: CivilDate) -> String {
        "\(ReportFormat.twoDigits(date.month))-\(ReportFormat.twoDigits(date.day))"
    }

    private static func months(from start: Instant, to end: Instant, zone: ReportZone, limit: Int) -> [Tick] {
        let first = zone.date(start)
        let last = zone.date(end)
        let from = first.year * 12 + first.month
        let count = last.year * 12 + last.month - 1 - from + 1
        let step = [1, 2, 3, 6, 12, 24, 60, 120].first { count / $0 < limit } ?? 240
        var ticks: [Tick] = []
        for month in from..<max(from, from + count) where month % step == 0 {
            guard let date = CivilDate(year: month / 12, month: month % 12 + 1, day: 1) else { continue }
            let at = zone.instant(local: date.startUTC)
            guard at >= start, at <= end else { continue }
            ticks.append(Tick(at: at, label: "\(date.year)-\(ReportFormat.twoDigits(date.month))"))
        }
        return ticks
    }
}

/// Fewer points for the same picture.
public enum Downsampling {
    /// At most four points for each of `columns` equal spans of time: its first, lowest, highest and last. What the eye
    /// sees of a line drawn that many pixels wide stays the same; no extreme is lost. Shorter series are returned as
    /// they are. `points` are in order of time.
    public static func extremes(_ points: [SVGChart.Point], columns: Int) -> [SVGChart.Point] {
        guard let start = points.first?.at.microseconds, let end = points.last?.at.microseconds, end > start,
            columns > 0, points.count > 4 * columns
        else { return points }
        var result: [SVGChart.Point] = []
        result.reserveCapacity(4 * columns)
        var index = 0
        for column in 1...columns {
            let bound = start + Int64(Double(end - start) * Double(column) / Double(columns))
            let first = index
            var low = index
            var high = index
            while index < points.count, points[index].at.microseconds <= bound || column == columns {
                if points[index].value < points[low].value { low = index }
                if points[index].value > points[high].value { high = index }
                index += 1
            }
            guard index > first else { continue }
            var last = -1
            for chosen in [first, min(low, high), max(low, high), index - 1] where chosen > last {
                result.append(points[chosen])
                last = chosen
            }
        }
        return result
    }
}
