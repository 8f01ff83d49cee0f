internal import Core

extension SVGChart {
    func text(_ x: Double, _ y: Double, _ text: String, _ anchor: String, _ style: String) -> String {
        "<text x=\"\(coordinate(x))\" y=\"\(coordinate(y))\" text-anchor=\"\(anchor)\" class=\"\(style)\">"
            + Escape.html(text) + "</text>"
    }

    private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) -> String {
        "<line x1=\"\(coordinate(x1))\" y1=\"\(coordinate(y1))\" x2=\"\(coordinate(x2))\" y2=\"\(coordinate(y2))\""
            + " class=\"\(style)\"/>"
    }

    func grid(_ frame: ChartFrame, zone: ReportZone) -> String {
        var result = ""
        let ticks = NiceTicks.values(from: frame.low, to: frame.high, limit: height < 200 ? 4 : 5)
        let step = ticks.count > 1 ? ticks[1] - ticks[0] : frame.high - frame.low
        for value in ticks {
            let y = frame.y(value)
            result += line(ChartFrame.left, y, frame.plotRight, y, value == 0 ? "zero" : "grid")
            result += text(ChartFrame.left - 8, y + 4, axisLabel(value, step: step), "end", "axis")
        }
        for (at, label) in steps(frame, zone) {
            let x = frame.x(at)
            result += line(x, frame.plotBottom, x, frame.plotBottom + 4, "tick")
            result += text(x, frame.plotBottom + 18, label, "middle", "axis")
        }
        return result
    }

    private func steps(_ frame: ChartFrame, _ zone: ReportZone) -> [(at: Instant, label: String)] {
        switch axis {
        case .time:
            return TimeTicks.ticks(from: frame.start, to: frame.end, zone: zone, limit: 9).map { ($0.at, $0.label) }
        case .count:
            let (first, last) = (Double(frame.start.epochSeconds), Double(frame.end.epochSeconds))
            return NiceTicks.values(from: first, to: last, limit: 9).filter { $0 == $0.rounded() }
                .map { (Instant(epochSeconds: Int64($0)), "\(Int64($0))") }
        }
    }

    func path(of series: Series, _ frame: ChartFrame) -> String {
        let drawn = Downsampling.extremes(series.points, columns: Int(frame.plotRight - ChartFrame.left))
        guard let first = drawn.first, let last = drawn.last else { return "" }
        if drawn.count == 1 {
            return "<circle cx=\"\(coordinate(frame.x(first.at)))\" cy=\"\(coordinate(frame.y(first.value)))\" r=\"3\""
                + " class=\"dot \(series.hue.rawValue)\"/>"
        }
        var outline = "M\(coordinate(frame.x(first.at))) \(coordinate(frame.y(first.value)))"
        for point in drawn.dropFirst() {
            let x = coordinate(frame.x(point.at))
            let y = coordinate(frame.y(point.value))
            outline += series.style == .step ? "H\(x)V\(y)" : "L\(x) \(y)"
        }
        var result = ""
        if series.style == .area {
            let base = coordinate(includesZero ? frame.baseline : frame.plotBottom)
            let close = "L\(coordinate(frame.x(last.at))) \(base)L\(coordinate(frame.x(first.at))) \(base)Z"
            result += "<path d=\"\(outline)\(close)\" class=\"fill \(series.hue.rawValue)\"/>"
        }
        return result + "<path d=\"\(outline)\" class=\"stroke \(series.hue.rawValue)\"/>"
    }

    func markerShapes(_ frame: ChartFrame) -> String {
        let carrier = series.first?.points ?? []
        return markers.filter { frame.start <= $0.at && $0.at <= frame.end }.map { marker in
            let x = frame.x(marker.at)
            let title = "<title>\(Escape.html(marker.label))</title>"
            if marker.kind == .halt {
                return
                    "<g class=\"marker halt\">\(title)\(line(x, ChartFrame.top, x, frame.plotBottom, "haltline"))</g>"
            }
            let y = frame.y(Self.value(at: marker.at, on: carrier) ?? frame.low)
            return "<g class=\"marker \(marker.kind.rawValue)\">\(title)\(shape(marker.kind, x, y, frame))</g>"
        }
        .joined()
    }

    /// Buys point up from below the line, sells down from above it: told apart without colour.
    private func shape(_ kind: Marker.Kind, _ x: Double, _ y: Double, _ frame: ChartFrame) -> String {
        func triangle(_ tip: Double, _ base: Double) -> String {
            "<path d=\"M\(coordinate(x)) \(coordinate(tip))L\(coordinate(x - 5)) \(coordinate(base))"
                + "L\(coordinate(x + 5)) \(coordinate(base))Z\"/>"
        }
        switch kind {
        case .buy:
            let tip = min(y + 5, frame.plotBottom - 9)
            return triangle(tip, tip + 9)
        case .sell:
            let tip = max(y - 5, ChartFrame.top + 9)
            return triangle(tip, tip - 9)
        case .decision, .halt:
            return "<circle cx=\"\(coordinate(x))\" cy=\"\(coordinate(y))\" r=\"3\"/>"
        }
    }

    /// Linear between the two neighbours.
    static func value(at: Instant, on points: [Point]) -> Double? {
        guard let next = points.firstIndex(where: { $0.at >= at }) else { return points.last?.value }
        guard next > 0, points[next].at > at else { return points[next].value }
        let (left, right) = (points[next - 1], points[next])
        let share =
            Double(at.microseconds - left.at.microseconds) / Double(right.at.microseconds - left.at.microseconds)
        return left.value + (right.value - left.value) * share
    }

    /// The last value of each series at the right edge, moved apart where they would touch.
    func lastValues(_ frame: ChartFrame) -> String {
        let ends = series.compactMap { series in series.points.last.map { (series, $0) } }
            .sorted { $0.1.value > $1.1.value }
        var result = ""
        let heights = Self.apart(ends.map { frame.y($0.1.value) }, within: frame.plotBottom)
        for ((series, point), y) in zip(ends, heights) {
            let x = frame.x(point.at)
            result +=
                "<circle cx=\"\(coordinate(x))\" cy=\"\(coordinate(frame.y(point.value)))\" r=\"3.2\""
                + " class=\"dot \(series.hue.rawValue)\"/>"
            result += text(frame.plotRight + 10, y + 4, label(point.value), "start", "last \(series.hue.rawValue)")
        }
        return result
    }
}

extension SVGChart {
    /// Heights of labels, from the top down, far enough apart to be read, and none below the edge if there is room above.
    static func apart(_ heights: [Double], within bottom: Double) -> [Double] {
        let spacing = 15.0
        var placed: [Double] = []
        for height in heights { placed.append(max(height, placed.last.map { $0 + spacing } ?? height)) }
        var edge = bottom
        for index in placed.indices.reversed() {
            placed[index] = min(placed[index], edge)
            edge = placed[index] - spacing
        }
        return placed
    }
}

/// Bars above and below zero, one per label: profits of days, returns of months.
struct BarChart {
    struct Bar {
        let label: String
        let value: Double
        let text: String
    }

    let title: String
    let bars: [Bar]

    func svg(id: String) -> String {
        let width = ChartFrame.width
        let height = 150.0
        let description = bars.isEmpty ? "No data." : bars.map { "\($0.label): \($0.text)" }.joined(separator: "; ")
        var result = """
            <svg class="chart" viewBox="0 0 \(coordinate(width)) \(coordinate(height))" role="img" \
            aria-labelledby="\(id)-t \(id)-d"><title id="\(id)-t">\(Escape.html(title))</title>\
            <desc id="\(id)-d">\(Escape.html(description))</desc>
            """
        guard let low = bars.map(\.value).min(), let high = bars.map(\.value).max() else {
            return result + "<text x=\"450\" y=\"75\" text-anchor=\"middle\" class=\"axis\">no data</text></svg>"
        }
        let bottom = min(low, 0)
        let span = max(max(high, 0) - bottom, .leastNormalMagnitude)
        let (top, base) = (10.0, height - 24)
        func y(_ value: Double) -> Double { base - (value - bottom) / span * (base - top) }
        let slot = (width - 2 * 8) / Double(bars.count)
        let every = max(1, (bars.count + 11) / 12)
        for (index, bar) in bars.enumerated() {
            let x = 8 + (Double(index) + 0.5) * slot
            let thickness = min(26, slot * 0.7)
            let (upper, lower) = (y(max(bar.value, 0)), y(min(bar.value, 0)))
            result +=
                "<rect x=\"\(coordinate(x - thickness / 2))\" y=\"\(coordinate(upper))\""
                + " width=\"\(coordinate(thickness))\" height=\"\(coordinate(max(lower - upper, 0.5)))\" rx=\"1.5\""
                + " class=\"bar \(bar.value < 0 ? "loss" : "gain")\">"
                + "<title>\(Escape.html("\(bar.label): \(bar.text)"))</title></rect>"
            if (bars.count - 1 - index) % every == 0 {
                result +=
                    "<text x=\"\(coordinate(x))\" y=\"\(coordinate(height - 6))\" text-anchor=\"middle\""
                    + " class=\"axis\">\(Escape.html(bar.label))</text>"
            }
        }
        let zero = coordinate(y(0))
        return result
            + "<line x1=\"8\" y1=\"\(zero)\" x2=\"\(coordinate(width - 8))\" y2=\"\(zero)\" class=\"zero\"/></svg>"
    }
}
