public import Core

/// A time chart as inline SVG: no script, no font, no request; colours come from the style sheet of the page.
public struct SVGChart: Hashable, Sendable {
    public struct Point: Hashable, Sendable {
        public let at: Instant
        public let value: Double
        public init(at: Instant, value: Double) {
            self.at = at
            self.value = value
        }

        /// A point of a chart over ``Axis/count``.
        public init(count: Int, value: Double) { self.init(at: Instant(epochSeconds: Int64(count)), value: value) }
    }

    /// What is drawn from left to right.
    public enum Axis: Hashable, Sendable {
        case time
        /// Numbers such as those of iterations: a point's time is its number in seconds.
        case count
    }

    public enum Style: String, Hashable, Sendable { case line, area, step }
    /// Which colour of the palette.
    public enum Hue: String, Hashable, Sendable { case primary, secondary, negative }

    public struct Series: Hashable, Sendable {
        public let name: String
        public let style: Style
        public let hue: Hue
        public let points: [Point]
        /// Points may come in any order; those that are not finite are left out.
        public init(_ name: String, _ style: Style, _ hue: Hue, _ points: [Point]) {
            self.name = name
            self.style = style
            self.hue = hue
            self.points = points.filter(\.value.isFinite).sorted { $0.at < $1.at }
        }
    }

    /// Something that happened, drawn on the first series.
    public struct Marker: Hashable, Sendable {
        public enum Kind: String, Hashable, Sendable { case buy, sell, decision, halt }
        public let at: Instant
        public let kind: Kind
        /// Shown when the pointer rests on it, and read out.
        public let label: String
        public init(at: Instant, kind: Kind, label: String) {
            self.at = at
            self.kind = kind
            self.label = label
        }
    }

    /// How axis values are written.
    public enum Unit: Hashable, Sendable {
        /// Thousands and millions get `k` and `M`.
        case amount
        /// Values are shares of one.
        case percent
        /// Numbers without a unit, of so many decimals.
        case number(digits: Int)
    }

    public let title: String
    public let unit: Unit
    public let axis: Axis
    public let series: [Series]
    public let markers: [Marker]
    /// Whether zero belongs to the value axis.
    public let includesZero: Bool
    public let height: Double

    public init(
        title: String, unit: Unit, axis: Axis = .time, series: [Series], markers: [Marker] = [],
        includesZero: Bool = false,
        height: Double = 260
    ) {
        self.title = title
        self.unit = unit
        self.axis = axis
        self.series = series
        self.markers = markers
        self.includesZero = includesZero
        self.height = height
    }

    /// The `<svg>` element. `id` must be unique in the page and made of letters, digits and hyphens. A chart without
    /// points is a quiet sentence of the same height.
    public func svg(id: String, zone: ReportZone) -> String {
        guard let frame = ChartFrame(self) else { return emptySVG(id: id) }
        var body = grid(frame, zone: zone)
        for series in series { body += path(of: series, frame) }
        body += markerShapes(frame)
        body += lastValues(frame)
        return open(id: id, description: summary(zone: zone)) + body + "</svg>"
    }

    private func open(id: String, description: String) -> String {
        """
        <svg class="chart" viewBox="0 0 \(coordinate(ChartFrame.width)) \(coordinate(height))" role="img" \
        aria-labelledby="\(id)-t \(id)-d"><title id="\(id)-t">\(Escape.html(title))</title>\
        <desc id="\(id)-d">\(Escape.html(description))</desc>
        """
    }

    private func emptySVG(id: String) -> String {
        open(id: id, description: "No data.")
            + text(ChartFrame.width / 2, height / 2, "no data", "middle", "axis") + "</svg>"
    }

    /// What a reader who cannot see the chart needs: span, first, lowest, highest and last value of each series.
    func summary(zone: ReportZone) -> String {
        series.compactMap { series in
            guard let first = series.points.first, let last = series.points.last,
                let low = series.points.min(by: { $0.value < $1.value }),
                let high = series.points.max(by: { $0.value < $1.value })
            else { return nil }
            return "\(series.name): \(label(first.value)) at \(place(first.at, zone)), "
                + "lowest \(label(low.value)) at \(place(low.at, zone)), "
                + "highest \(label(high.value)) at \(place(high.at, zone)), "
                + "last \(label(last.value)) at \(place(last.at, zone))."
        }
        .joined(separator: " ")
    }

    /// Where something stands, in words.
    private func place(_ at: Instant, _ zone: ReportZone) -> String {
        switch axis {
        case .time: zone.dateAndClock(at)
        case .count: "\(at.epochSeconds)"
        }
    }

    /// A value in words, precise enough to read off.
    func label(_ value: Double) -> String {
        switch unit {
        case .percent: ReportFormat.percent(value)
        case .number(let digits): ReportFormat.decimal(value, digits: digits)
        case .amount: ReportFormat.decimal(value, digits: abs(value) < 1000 ? 2 : 0)
        }
    }

    /// A value on the axis, with the decimals its step needs.
    func axisLabel(_ value: Double, step: Double) -> String {
        if unit == .percent {
            return ReportFormat.decimal(value * 100, digits: NiceTicks.decimals(step: step * 100)) + " %"
        }
        let (scale, suffix) = Self.scale(of: value, step: step)
        return ReportFormat.decimal(value / scale, digits: NiceTicks.decimals(step: step / scale)) + suffix
    }

    /// The largest unit that tells neighbours apart by two decimals: 999.95k and 1,000.00k, not 1.00000M.
    private static func scale(of value: Double, step: Double) -> (Double, String) {
        let units: [(least: Double, scale: Double, suffix: String)] = [
            (1e9, 1e9, "bn"), (1e6, 1e6, "M"), (1e4, 1e3, "k"),
        ]
        for unit in units where abs(value) >= unit.least && NiceTicks.decimals(step: step / unit.scale) <= 2 {
            return (unit.scale, unit.suffix)
        }
        return (1, "")
    }
}

/// Where values lie on the paper.
struct ChartFrame {
    static let width = 900.0
    static let left = 74.0
    static let right = 100.0
    static let top = 14.0
    static let bottom = 26.0

    let start: Instant
    let end: Instant
    let low: Double
    let high: Double
    let height: Double

    /// `nil` without points.
    init?(_ chart: SVGChart) {
        let points = chart.series.flatMap(\.points)
        guard let first = points.map(\.at).min(), let last = points.map(\.at).max(),
            var low = points.map(\.value).min(), var high = points.map(\.value).max()
        else { return nil }
        if chart.includesZero {
            low = min(low, 0)
            high = max(high, 0)
        }
        if low == high {
            // A flat line runs through the middle.
            let room = low == 0 ? 1 : abs(low) * 0.01
            (low, high) = (low - room, high + room)
        } else {
            let room = (high - low) * 0.07
            // Zero is a wall: nothing lies beyond it, so no room is wasted there.
            low = chart.includesZero && low == 0 ? 0 : low - room
            high = chart.includesZero && high == 0 ? 0 : high + room
        }
        start = first
        end = last
        self.low = low
        self.high = high
        height = chart.height
    }

    var plotRight: Double { Self.width - Self.right }
    var plotBottom: Double { height - Self.bottom }

    func x(_ at: Instant) -> Double {
        guard end > start else { return (Self.left + plotRight) / 2 }
        let share = Double(at.microseconds - start.microseconds) / Double(end.microseconds - start.microseconds)
        return Self.left + share * (plotRight - Self.left)
    }

    func y(_ value: Double) -> Double {
        plotBottom - (value - low) / (high - low) * (plotBottom - Self.top)
    }

    /// Zero if it is on the paper, else the nearest edge: where an area ends.
    var baseline: Double { y(min(max(0, low), high)) }
}

/// A length with one decimal, without an exponent and without a trailing zero.
func coordinate(_ value: Double) -> String {
    guard value.isFinite, value.magnitude < 1e9 else { return "0" }
    let tenths = Int((value * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
    return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
}
