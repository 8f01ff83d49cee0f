/// Charts below each other in one SVG file that needs nothing beside it: its style is inside, and its colours are plain, so that
/// any viewer shows it.
public struct ChartSheet: Hashable, Sendable {
    public let title: String
    /// One line below the title.
    public let note: String
    public let charts: [SVGChart]

    public init(title: String, note: String, charts: [SVGChart]) {
        (self.title, self.note, self.charts) = (title, note, charts)
    }

    private static let head = 64.0
    private static let heading = 26.0

    public func svg(zone: ReportZone) -> String {
        var (body, y) = ("", Self.head)
        for (index, chart) in charts.enumerated() {
            body += Self.text(14, y + 16, 14, "600", "--ink", chart.title)
            body += Self.legend(chart, y + 16)
            y += Self.heading
            body +=
                "<svg x=\"0\" y=\"\(coordinate(y))\" width=\"\(coordinate(ChartFrame.width))\""
                + " height=\"\(coordinate(chart.height))\">\(chart.svg(id: "chart-\(index)", zone: zone))</svg>"
            y += chart.height
        }
        let size = "width=\"\(coordinate(ChartFrame.width))\" height=\"\(coordinate(y))\""
        return HTMLPage.inked(
            """
            <svg xmlns="http://www.w3.org/2000/svg" \(size) viewBox="0 0 \(coordinate(ChartFrame.width)) \(coordinate(y))">
            <style>\(HTMLPage.chartStyle)</style>
            <rect width="100%" height="100%" style="fill:var(--paper)"/>
            \(Self.text(14, 28, 18, "640", "--ink", title))\(Self.text(14, 50, 13, "400", "--soft", note))
            \(body)</svg>

            """)
    }

    /// The names of several series, from the right edge to the left.
    private static func legend(_ chart: SVGChart, _ y: Double) -> String {
        guard chart.series.count > 1 else { return "" }
        let names = chart.series.map { series in
            "<tspan style=\"fill:var(--\(series.hue == .negative ? "loss" : series.hue.rawValue))\">"
                + "\(Escape.html(series.name))</tspan>"
        }
        return "<text x=\"\(coordinate(ChartFrame.width - 14))\" y=\"\(coordinate(y))\" text-anchor=\"end\""
            + " style=\"font:600 12px system-ui,sans-serif\">\(names.joined(separator: " · "))</text>"
    }

    private static func text(
        _ x: Double, _ y: Double, _ size: Double, _ weight: String, _ colour: String, _ text: String
    ) -> String {
        "<text x=\"\(coordinate(x))\" y=\"\(coordinate(y))\" style=\"font:\(weight) \(coordinate(size))px "
            + "system-ui,sans-serif;fill:var(\(colour))\">\(Escape.html(text))</text>"
    }
}
