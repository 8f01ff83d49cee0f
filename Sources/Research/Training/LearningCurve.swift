internal import Core
internal import Reporting

/// The picture of a training, an iteration a point.
struct LearningCurve {
    private let records: [JSONValue]

    init(_ records: [JSONValue]) { self.records = records }

    func svg(title: String, note: String) -> String {
        ChartSheet(
            title: title, note: note,
            charts: [
                chart(
                    "Net log return of an episode, mean", .percent, [("mean", .primary, ["mean_return"])], zero: true),
                chart("Value traded in an episode, times equity", .amount, [("turnover", .secondary, ["turnover"])]),
                chart(
                    "Divergence of the policy", .number(digits: 4),
                    [
                        ("from the reference", .primary, ["update", "divergence"]),
                        ("within an iteration", .secondary, ["update", "drift"]),
                    ]),
                chart("Entropy of the policy", .number(digits: 3), [("entropy", .primary, ["update", "entropy"])]),
            ]
        ).svg(zone: .utc)
    }

    private func chart(
        _ title: String, _ unit: SVGChart.Unit, _ series: [(name: String, hue: SVGChart.Hue, path: [String])],
        zero: Bool = false
    ) -> SVGChart {
        SVGChart(
            title: title, unit: unit, axis: .count,
            series: series.map { SVGChart.Series($0.name, .line, $0.hue, points($0.path)) }, includesZero: zero,
            height: 190)
    }

    /// Iterations without an update have no point of it.
    private func points(_ path: [String]) -> [SVGChart.Point] {
        records.compactMap { record in
            guard let iteration = record["iteration"]?.intValue else { return nil }
            let value = path.reduce(Optional(record)) { $0?[$1] }?.doubleValue
            return value.map { SVGChart.Point(count: Int(iteration) + 1, value: $0) }
        }
    }
}
