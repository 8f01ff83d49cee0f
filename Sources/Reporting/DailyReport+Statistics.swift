internal import Core

extension ReportTables {
    var statistics: ReportTable {
        var table = ReportTable(
            "Statistics", ["Measure", ">Value", "Measure ", ">Value "],
            empty: "Fewer than two days of returns are known.")
        guard let values = report.statistics else { return table }
        var left = Self.returns(values)
        var right = Self.risk(values, report.history)
        if let against = report.benchmarkStatistics {
            left += [
                ("Beta", ReportFormat.decimal(against.beta, digits: 2)),
                ("Alpha a year", ReportFormat.signedPercent(against.alphaAnnual)),
            ]
            right += [
                ("Correlation", ReportFormat.decimal(against.correlation, digits: 2)),
                ("Tracking error a year", ReportFormat.percent(against.trackingErrorAnnual)),
            ]
        }
        // Both lists are equally long: what was earned on the left, what was risked on the right.
        for (one, other) in zip(left, right) { table.add([Cell(one.0), Cell(one.1), Cell(other.0), Cell(other.1)]) }
        return table
    }

    private static func returns(_ values: PerformanceStatistics) -> [(String, String)] {
        [
            ("Days", ReportFormat.number(FixedPoint(values.days), digits: 0)),
            ("Total return", ReportFormat.signedPercent(values.totalReturn)),
            ("Return a year", ReportFormat.signedPercent(values.annualReturn)),
            ("Volatility a year", ReportFormat.percent(values.annualVolatility)),
            ("Sharpe ratio", ReportFormat.decimal(values.sharpe, digits: 2)),
            ("Sortino ratio", ReportFormat.decimal(values.sortino, digits: 2)),
            ("Calmar ratio", ReportFormat.decimal(values.calmar, digits: 2)),
            ("Win rate", ReportFormat.percent(values.winRate, digits: 1)),
            ("Profit factor", ReportFormat.decimal(values.profitFactor, digits: 2)),
            ("Payoff ratio", ReportFormat.decimal(values.payoffRatio, digits: 2)),
        ]
    }

    private static func risk(_ values: PerformanceStatistics, _ history: [DayReturn]) -> [(String, String)] {
        func day(_ index: Int?) -> String {
            guard let index, history.indices.contains(index) else { return ReportFormat.unknown }
            return history[index].day.description
        }
        let fall = values.maximumDrawdown
        return [
            ("Maximum drawdown", ReportFormat.percent(fall?.depth ?? 0)),
            ("… from its high of", fall.map { $0.peak < 0 ? "the start" : day($0.peak) } ?? ReportFormat.unknown),
            ("… to its low of", day(fall?.trough)),
            ("… recovered", fall.map { $0.recovery == nil ? "not yet" : day($0.recovery) } ?? ReportFormat.unknown),
            ("VaR 95 %, a day", ReportFormat.percent(values.valueAtRisk95)),
            ("VaR 99 %, a day", ReportFormat.percent(values.valueAtRisk99)),
            ("CVaR 95 %, a day", ReportFormat.percent(values.conditionalValueAtRisk95)),
            ("Best day", ReportFormat.signedPercent(values.bestDay)),
            ("Worst day", ReportFormat.signedPercent(values.worstDay)),
            ("Days with a position", ReportFormat.percent(values.exposure, digits: 1)),
        ]
    }

    /// One row per year, one column per month, compounded.
    var months: ReportTable {
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        var table = ReportTable(
            "Returns by month, %", ["Year"] + names.map { ">" + $0 } + [">Year"], empty: "No returns are known.")
        let months = DayReturn.monthly(report.history)
        for year in DayReturn.yearly(report.history) {
            var cells = [Cell("\(year.year)")]
            for month in 1...12 {
                let value = months.first { $0.year == year.year && $0.month == month }?.value
                cells.append(value.map(Self.hundredths) ?? Cell("", .muted))
            }
            table.add(cells + [Self.hundredths(year.value)])
        }
        return table
    }

    private static func hundredths(_ value: Double) -> Cell {
        Cell(ReportFormat.decimal(value * 100, digits: 1), value < 0 ? .bad : value > 0 ? .good : .plain)
    }
}
