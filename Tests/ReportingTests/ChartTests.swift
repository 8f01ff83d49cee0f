import Core
import Foundation
import Reporting
import Testing

@Suite struct NiceTicksTests {
    @Test(
        "Ticks are round, inside the range and few",
        arguments: [(0.0, 10.0), (-0.7, 0), (49_890_123, 50_301_999), (1e-7, 3e-7), (-1e12, 4e12), (99.999, 100.001)])
    func round(low: Double, high: Double) throws {
        let ticks = NiceTicks.values(from: low, to: high, limit: 5)
        #expect((1...6).contains(ticks.count), "\(ticks)")
        #expect(
            ticks.allSatisfy {
                low...high ~= $0 || abs($0 - low) < 1e-9 * abs(low) || abs($0 - high) < 1e-9 * abs(high)
            })
        let steps = zip(ticks, ticks.dropFirst()).map { $1 - $0 }
        for step in steps { #expect(abs(step - steps[0]) <= 1e-6 * steps[0]) }
    }

    @Test("Ticks carry no binary dust") func clean() {
        #expect(NiceTicks.values(from: 0, to: 1, limit: 5) == [0, 0.2, 0.4, 0.6, 0.8, 1])
        #expect(NiceTicks.values(from: -0.3, to: 0.3, limit: 6) == [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3])
    }

    @Test("Impossible ranges give no ticks and do not trap") func impossible() {
        #expect(NiceTicks.values(from: .nan, to: 1, limit: 5).isEmpty)
        #expect(NiceTicks.values(from: 2, to: 1, limit: 5).isEmpty)
        #expect(NiceTicks.values(from: -.infinity, to: .infinity, limit: 5).isEmpty)
        #expect(NiceTicks.values(from: 3, to: 3, limit: 5) == [3])
    }
}

@Suite struct TimeTicksTests {
    @Test("A session has ticks on full hours of its own zone") func session() {
        let ticks = TimeTicks.ticks(
            from: ReportSample.at(9, 0), to: ReportSample.at(15, 30), zone: ReportSample.seoul, limit: 9)
        #expect(ticks.map(\.label) == ["09:00", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00"])
    }

    @Test("Where a day begins the date stands") func days() {
        let start = ReportSample.at(22, 0)
        let ticks = TimeTicks.ticks(
            from: start, to: start.advanced(bySeconds: 4 * 86_400), zone: ReportSample.seoul, limit: 9)
        #expect(ticks.map(\.label) == ["11-25", "12:00", "11-26", "12:00", "11-27", "12:00", "11-28", "12:00"])
    }

    @Test("Years are divided by months") func months() {
        let start = CivilDate(daysSinceEpoch: 20_000).startUTC
        let ticks = TimeTicks.ticks(from: start, to: start.advanced(bySeconds: 500 * 86_400), zone: .utc, limit: 9)
        let labels = ["2024-11", "2025-01", "2025-03", "2025-05", "2025-07", "2025-09", "2025-11", "2026-01"]
        #expect(ticks.map(\.label) == labels)
    }

    @Test("One instant has one tick") func instant() {
        #expect(
            TimeTicks.ticks(from: ReportSample.at(9, 0), to: ReportSample.at(9, 0), zone: .utc, limit: 9).count == 1)
    }
}

@Suite struct DownsamplingTests {
    @Test("Extremes, first and last survive, in order", arguments: 0..<8 as Range<UInt64>)
    func extremes(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var value = 100.0
        let points = (0..<50_000).map { index in
            value += random.normal()
            return SVGChart.Point(at: Instant(epochSeconds: Int64(index) * 7), value: value)
        }
        let drawn = Downsampling.extremes(points, columns: 746)
        #expect(drawn.count <= 4 * 746, "seed \(seed)")
        #expect(drawn.first == points.first && drawn.last == points.last, "seed \(seed)")
        #expect(drawn.map(\.value).max() == points.map(\.value).max(), "seed \(seed)")
        #expect(drawn.map(\.value).min() == points.map(\.value).min(), "seed \(seed)")
        #expect(zip(drawn, drawn.dropFirst()).allSatisfy { $0.at < $1.at }, "seed \(seed)")
    }

    @Test("A short series is left alone") func short() {
        let points = (0..<100).map { SVGChart.Point(at: Instant(epochSeconds: $0), value: 1) }
        #expect(Downsampling.extremes(points, columns: 50) == points)
        #expect(Downsampling.extremes([], columns: 50).isEmpty)
    }
}

@Suite struct SVGChartTests {
    private func chart(_ points: [SVGChart.Point], title: String = "Equity", includesZero: Bool = false) -> String {
        SVGChart(
            title: title, unit: .amount, series: [.init("Equity", .area, .primary, points)],
            markers: [.init(at: ReportSample.at(9, 0), kind: .buy, label: ReportSample.hostile)],
            includesZero: includesZero
        ).svg(id: "c", zone: ReportSample.seoul)
    }

    @Test("A chart without points says so") func empty() {
        #expect(chart([]).contains("no data"))
        #expect(chart([.init(at: ReportSample.at(9, 0), value: .nan)]).contains("no data"))
    }

    @Test("One point, a flat line and the biggest numbers are drawn without a value that is not finite")
    func edges() {
        let one = [SVGChart.Point(at: ReportSample.at(9, 0), value: 5)]
        let flat = one + [.init(at: ReportSample.at(10, 0), value: 5)]
        let huge = [
            SVGChart.Point(at: ReportSample.at(9, 0), value: 1e17), .init(at: ReportSample.at(9, 5), value: -1e17),
        ]
        let zero = [SVGChart.Point(at: ReportSample.at(9, 0), value: 0), .init(at: ReportSample.at(9, 5), value: 0)]
        for points in [one, flat, huge, zero] {
            for includesZero in [true, false] {
                let svg = chart(points, includesZero: includesZero).lowercased()
                #expect(!svg.contains("nan") && !svg.contains("inf\"") && svg.hasSuffix("</svg>"))
            }
        }
        #expect(chart(one).contains("<circle"))
    }

    @Test("Title and description are there, and labels are escaped") func text() {
        let svg = chart(
            [.init(at: ReportSample.at(9, 0), value: 5), .init(at: ReportSample.at(10, 0), value: 7)],
            title: "<b>삼성</b>")
        #expect(svg.contains("<title id=\"c-t\">&lt;b&gt;삼성&lt;/b&gt;</title>"))
        #expect(svg.contains("lowest 5.00 at 2026-11-24 09:00"))
        #expect(!svg.contains("<script"))
    }

    @Test("Numbers on the axis stay short where they go over a million") func labels() {
        let svg = chart([
            .init(at: ReportSample.at(9, 0), value: 999_900), .init(at: ReportSample.at(10, 0), value: 1_000_050),
        ])
        let labels = ["999.90k", "999.95k", "1,000.00k", "1,000.05k"]
        for label in labels { #expect(svg.contains(">\(label)</text>"), "\(svg)") }
    }

    @Test("The last values of several series at the bottom are told apart, and do not run into the times") func ends() {
        let points = [
            SVGChart.Point(at: ReportSample.at(9, 0), value: 9), .init(at: ReportSample.at(10, 0), value: 0),
        ]
        let svg = SVGChart(
            title: "Exposure", unit: .amount,
            series: [.init("gross", .step, .primary, points), .init("net", .step, .secondary, points)],
            includesZero: true
        ).svg(id: "c", zone: ReportSample.seoul)
        func heights(_ style: String) -> [Double] {
            svg.components(separatedBy: "<text ").filter { $0.contains("class=\"\(style)") }.compactMap { text in
                text.components(separatedBy: "y=\"").dropFirst().first?.components(separatedBy: "\"").first
                    .flatMap { Double($0) }
            }
        }
        let last = heights("last").sorted()
        #expect(last.count == 2)
        if let first = last.first, let second = last.last, let times = heights("axis").max() {
            #expect(second - first >= 15 && times - second >= 12, "\(last), \(times)")
        }
    }

    @Test("A long series stays a small picture") func long() {
        let points = (0..<100_000).map { SVGChart.Point(at: Instant(epochSeconds: Int64($0)), value: Double($0 % 997)) }
        #expect(chart(points).utf8.count < 60_000)
    }

    @Test("Charts over counts stand in one file with its style, and their axes count")
    func sheet() {
        let points = (1...40).map { SVGChart.Point(count: $0, value: Double($0) / 10_000) }
        let chart = SVGChart(
            title: "Divergence <of> it", unit: .number(digits: 4), axis: .count,
            series: [
                SVGChart.Series("one", .line, .primary, points), SVGChart.Series("two", .line, .secondary, []),
            ])
        let empty = SVGChart(title: "Nothing", unit: .amount, axis: .count, series: [])
        let svg = ChartSheet(title: "A & B", note: "seed 1", charts: [chart, empty]).svg(zone: .utc)
        #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.hasSuffix("</svg>\n"))
        #expect(svg.contains("A &amp; B") && svg.contains("Divergence &lt;of&gt; it") && svg.contains("no data"))
        #expect(svg.contains("0.0001 at 1, lowest 0.0001 at 1, highest 0.0040 at 40, last 0.0040 at 40."))
        #expect(svg.contains(">10</text>") && svg.contains(">40</text>") && !svg.contains("1970"))
        #expect(!svg.contains("http://www.w3.org/1999") && !svg.contains("url("))
        // A viewer of pictures knows no variables, and paints what it does not know black.
        #expect(!svg.contains("var(") && svg.contains("fill:#fbfaf7"))
    }
}
