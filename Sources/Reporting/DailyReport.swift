public import Core

/// Everything a report of a day, a week or another stretch of time says: plain values, gathered by the caller.
///
/// Empty lists are normal; each section then says what that means.
public struct DailyReport: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable { case daily, weekly, period }

    public var kind: Kind
    public var profile: String
    /// `paper` or `live`.
    public var mode: String
    /// First day, in the report's zone.
    public var from: CivilDate
    /// Last day; the same for a daily report.
    public var through: CivilDate
    public var generatedAt: Instant
    public var base: Currency
    public var verdict: ReportVerdict
    /// In order of time.
    public var equity: [EquityMark]
    public var markers: [SVGChart.Marker]
    public var periods: [ProfitPeriod]
    public var local: [LocalProfit]
    public var cashBridge: [CashStep]
    public var positions: [PositionRow]
    public var orders: [OrderRow]
    public var fills: [FillRow]
    public var cycles: Int
    public var decisions: [DecisionRow]
    public var consultations: ConsultationSummary?
    /// Why risk refused, one per refusal; the report groups them by code.
    public var refusals: [Reason]
    public var limits: [LimitUse]
    public var breaks: [BreakRow]
    public var halts: [HaltRow]
    public var data: [DataRow]
    public var steps: [StepRow]
    public var alerts: [AlertRow]
    public var upcoming: [UpcomingRow]
    /// Returns of the days up to the report's last, for the statistics.
    public var history: [DayReturn]
    /// The benchmark's returns on the same days.
    public var benchmark: [DayReturn]
    /// Differences of the shadow replay; `nil` when none was made.
    public var parityDifferences: [String]?

    public init(
        kind: Kind = .daily, profile: String, mode: String, from: CivilDate, through: CivilDate,
        generatedAt: Instant, base: Currency, verdict: ReportVerdict, equity: [EquityMark] = [],
        markers: [SVGChart.Marker] = [], periods: [ProfitPeriod] = [], local: [LocalProfit] = [],
        cashBridge: [CashStep] = [], positions: [PositionRow] = [], orders: [OrderRow] = [], fills: [FillRow] = [],
        cycles: Int = 0, decisions: [DecisionRow] = [], consultations: ConsultationSummary? = nil,
        refusals: [Reason] = [], limits: [LimitUse] = [], breaks: [BreakRow] = [], halts: [HaltRow] = [],
        data: [DataRow] = [], steps: [StepRow] = [], alerts: [AlertRow] = [], upcoming: [UpcomingRow] = [],
        history: [DayReturn] = [], benchmark: [DayReturn] = [], parityDifferences: [String]? = nil
    ) {
        self.kind = kind
        self.profile = profile
        self.mode = mode
        self.from = from
        self.through = through
        self.generatedAt = generatedAt
        self.base = base
        self.verdict = verdict
        self.equity = equity
        self.markers = markers
        self.periods = periods
        self.local = local
        self.cashBridge = cashBridge
        self.positions = positions
        self.orders = orders
        self.fills = fills
        self.cycles = cycles
        self.decisions = decisions
        self.consultations = consultations
        self.refusals = refusals
        self.limits = limits
        self.breaks = breaks
        self.halts = halts
        self.data = data
        self.steps = steps
        self.alerts = alerts
        self.upcoming = upcoming
        self.history = history
        self.benchmark = benchmark
        self.parityDifferences = parityDifferences
    }

    /// `2026-11-20`, or `2026-11-16 to 2026-11-20`.
    public var span: String { from == through ? "\(through)" : "\(from) to \(through)" }

    public var title: String { "\(kind.rawValue.capitalizedFirst) report \(profile), \(span)" }

    /// Orders whose outcome nobody knows. Should be empty.
    public var inDoubt: [OrderRow] { orders.filter { $0.state == .inDoubt || $0.state == .cancelInDoubt } }

    /// `nil` for fewer than two days.
    public var statistics: PerformanceStatistics? {
        history.count > 1 ? PerformanceStatistics(returns: history.map(\.value)) : nil
    }

    /// Over the days that both have; `nil` for fewer than two.
    public var benchmarkStatistics: BenchmarkStatistics? {
        let reference = Dictionary(benchmark.map { ($0.day, $0.value) }, uniquingKeysWith: { first, _ in first })
        let pairs = history.compactMap { day in reference[day.day].map { (day.value, $0) } }
        return pairs.count > 1 ? BenchmarkStatistics(returns: pairs.map(\.0), benchmark: pairs.map(\.1)) : nil
    }

    /// Equity against its highest mark so far, as shares of that mark: zero or negative. The mark moves with the money that
    /// comes and goes.
    var drawdown: [SVGChart.Point] {
        var high = 0.0
        return equity.map { mark in
            let value = mark.equity.doubleValue
            high = max(high + mark.flow.doubleValue, value)
            return SVGChart.Point(at: mark.at, value: high > 0 ? value / high - 1 : 0)
        }
    }
}

extension String {
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
