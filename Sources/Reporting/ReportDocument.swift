internal import Core

/// A report on its way to a page: the same parts for Markdown and HTML.
struct ReportDocument {
    struct Tile {
        let label: String
        let value: String
        let tone: ReportTable.Tone
        let note: String

        init(_ label: String, _ value: String, _ tone: ReportTable.Tone = .plain, note: String = "") {
            self.label = label
            self.value = value
            self.tone = tone
            self.note = note
        }
    }

    /// A figure knows itself only as SVG; Markdown carries its sentence.
    struct Figure {
        let title: String
        let svg: String
        let sentence: String
        /// Class of the sample, name.
        var legend: [(style: String, name: String)] = []
    }

    enum Part {
        case table(ReportTable)
        case figure(Figure)
    }

    struct Section {
        let title: String
        let parts: [Part]
    }

    let title: String
    let mode: String
    let subtitle: String
    let verdict: ReportVerdict
    let tiles: [Tile]
    let sections: [Section]
    let footer: String
}

extension DailyReport {
    func document(zone: ReportZone) -> ReportDocument {
        let tables = ReportTables(report: self, zone: zone)
        var sections: [ReportDocument.Section] = [
            .init(title: "Equity", parts: figures(zone: zone)),
            .init(
                title: "Profit",
                parts: [.table(tables.profits), .table(tables.localProfits), .table(tables.cashBridge)]),
            .init(title: "Positions", parts: [.table(tables.positions)]),
            .init(
                title: "Orders",
                parts: [
                    .table(tables.orderStates), .table(tables.orders), .table(tables.fills), .table(tables.refusals),
                ]),
            .init(title: "Risk", parts: [.table(tables.limits)]),
            .init(
                title: "Decisions",
                parts: [.table(tables.decisions), .table(tables.consultations)]
                    + (parityDifferences == nil ? [] : [.table(tables.parity)])),
            .init(title: "Reconciliation", parts: [.table(tables.breaks), .table(tables.halts)]),
            .init(title: "Data and steps", parts: [.table(tables.data), .table(tables.steps)]),
            .init(title: "Alerts", parts: [.table(tables.alerts)]),
        ]
        if !history.isEmpty { sections.append(.init(title: "Statistics", parts: statistics(tables))) }
        sections.append(.init(title: "Ahead", parts: [.table(tables.upcoming)]))
        return ReportDocument(
            title: title, mode: mode, subtitle: "\(span) · times in \(zone.name) · base currency \(base)",
            verdict: verdict, tiles: tiles, sections: sections,
            footer: "takt.report/1 · written \(zone.dateAndClock(generatedAt)) \(zone.name)")
    }

    private var tiles: [ReportDocument.Tile] {
        var tiles: [ReportDocument.Tile] = []
        if let last = equity.last {
            let value = ReportFormat.amount(Money(last.equity, base))
            let cash = ReportFormat.amount(Money(last.cash, base))
            tiles.append(.init("Equity \(base)", value, note: "cash \(cash)"))
        }
        for period in periods.prefix(4) {
            let share = period.share.map { ReportFormat.signedPercent($0) }
            tiles.append(
                .init(
                    period.label, ReportFormat.signedAmount(period.profit), ReportTables.tone(period.profit.amount),
                    note: share ?? period.profit.currency.code))
        }
        if let deepest = drawdown.map(\.value).min(), let now = drawdown.last?.value {
            tiles.append(
                .init(
                    "Drawdown", ReportFormat.percent(now), now < 0 ? .bad : .plain,
                    note: "deepest \(ReportFormat.percent(deepest))"))
        }
        let filled = orders.filter { $0.state == .filled }.count
        let doubtful = inDoubt.count
        tiles.append(
            .init(
                "Orders", "\(orders.count)", doubtful > 0 ? .bad : .plain,
                note: doubtful > 0 ? "\(doubtful) in doubt" : "\(filled) filled, none in doubt"))
        let open = breaks.filter { $0.state != "resolved" }.count
        tiles.append(.init("Breaks", "\(open)", open > 0 ? .bad : .plain, note: open > 0 ? "look" : "books agree"))
        return tiles
    }

    private func figures(zone: ReportZone) -> [ReportDocument.Part] {
        func points(_ value: (EquityMark) -> FixedPoint) -> [SVGChart.Point] {
            equity.map { SVGChart.Point(at: $0.at, value: value($0).doubleValue) }
        }
        let curve = SVGChart(
            title: "Equity in \(base)", unit: .amount, series: [.init("Equity", .area, .primary, points(\.equity))],
            markers: markers)
        let fall = SVGChart(
            title: "Drawdown", unit: .percent, series: [.init("Drawdown", .area, .negative, drawdown)],
            includesZero: true, height: 150)
        let exposure = SVGChart(
            title: "Exposure in \(base)", unit: .amount,
            series: [
                .init("Gross", .step, .primary, points(\.grossExposure)),
                .init("Net", .step, .secondary, points(\.netExposure)),
            ], includesZero: true, height: 190)
        var legend: [(style: String, name: String)] = []
        let names: [(SVGChart.Marker.Kind, String)] = [
            (.buy, "▲ buy"), (.sell, "▼ sell"), (.decision, "● decision"), (.halt, "┆ halt"),
        ]
        for (kind, name) in names where markers.contains(where: { $0.kind == kind }) {
            legend.append(("mark-\(kind.rawValue)", name))
        }
        return [
            .figure(.init(curve, id: "equity", zone: zone, legend: legend)),
            .figure(.init(fall, id: "drawdown", zone: zone)),
            .figure(
                .init(
                    exposure, id: "exposure", zone: zone, legend: [("key-primary", "gross"), ("key-secondary", "net")])),
        ]
    }

    private func statistics(_ tables: ReportTables) -> [ReportDocument.Part] {
        let recent = history.suffix(60)
        let bars = recent.map { day in
            BarChart.Bar(
                label: String(day.day.description.dropFirst(5)), value: day.value,
                text: ReportFormat.signedPercent(day.value))
        }
        let title = "Returns of the last \(recent.count) days"
        let chart = BarChart(title: title, bars: bars)
        let sentence = recent.last.map { "Last: \(ReportFormat.signedPercent($0.value)) on \($0.day)." } ?? ""
        return [
            .figure(.init(title: title, svg: chart.svg(id: "returns"), sentence: sentence)),
            .table(tables.months), .table(tables.statistics),
        ]
    }
}

extension ReportDocument.Figure {
    init(_ chart: SVGChart, id: String, zone: ReportZone, legend: [(style: String, name: String)] = []) {
        self.init(
            title: chart.title, svg: chart.svg(id: id, zone: zone), sentence: chart.summary(zone: zone), legend: legend)
    }
}
