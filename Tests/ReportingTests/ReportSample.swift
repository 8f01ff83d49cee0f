import Core
import Reporting

/// A day as it happens: two brokers, two currencies, Korean names, a refusal, a break, an outage, and one hostile text.
enum ReportSample {
    static let seoul = ReportZone(name: "Asia/Seoul") { _ in 9 * 3600 }
    static let day = CivilDate(daysSinceEpoch: 20_781)
    static let hostile = "<script>alert('x')</script> & \"quoted\" | `pipe`\u{202E}"

    /// An instant of the day by its clock in Seoul.
    static func at(_ hour: Int, _ minute: Int, _ second: Int = 0) -> Instant {
        day.startUTC.advanced(bySeconds: Int64((hour - 9) * 3600 + minute * 60 + second))
    }

    static func won(_ amount: Int) -> Money { Money(FixedPoint(amount), .krw) }
    static func dollars(_ cents: Int) -> Money { Money(share(cents, of: 100), .usd) }
    static func share(_ parts: Int, of whole: Int) -> FixedPoint {
        (try? FixedPoint(parts).divided(by: FixedPoint(whole), rounding: .halfEven)) ?? .zero
    }
    static func percent(_ basisPoints: Int) -> Fraction { Fraction(share(basisPoints, of: 10_000)) }
    static func price(_ cents: Int) -> Price { Price(share(cents, of: 100)) }

    static func report(verdict: ReportVerdict.Level = .degraded) -> DailyReport {
        var report = DailyReport(
            profile: "kr-us-5m", mode: "paper", from: day, through: day, generatedAt: at(16, 5), base: .krw,
            verdict: ReportVerdict(
                level: verdict,
                headline: "77 of 78 cycles; 6 orders, 3 filled, none in doubt; one break open.",
                details: [
                    "fetch-bars failed once at 11:25: the vendor answered 503; the next beat caught up.",
                    "kis lists 3 shares of 000660 fewer than our books; look at `takt breaks`.",
                ]))
        money(&report)
        trading(&report)
        operations(&report)
        return report
    }

    private static func money(_ report: inout DailyReport) {
        var random = SeededGenerator(seed: 11)
        var equity = 50_000_000.0
        for index in 0...78 {
            equity *= 1 + 0.0007 * random.normal() + 0.00004
            let gross = index < 8 ? 0.0 : index < 30 ? 9_800_000.0 : index < 61 ? 21_450_000.0 : 14_020_000.0
            let at = at(9, 0).advanced(bySeconds: Int64(index) * 300)
            func whole(_ value: Double) -> FixedPoint { FixedPoint(Int(value)) }
            report.equity.append(
                EquityMark(
                    at: at, equity: whole(equity), grossExposure: whole(gross),
                    netExposure: whole(index < 45 ? gross : gross * 0.7), cash: whole(equity - gross)))
        }
        report.periods = [
            ProfitPeriod(
                label: "Day", profit: won(214_350), share: percent(43), fxEffect: won(-18_200), benchmark: percent(-12),
                benchmarkName: "KOSPI"),
            ProfitPeriod(
                label: "Week", profit: won(-96_020), share: percent(-19), fxEffect: won(-41_900),
                benchmark: percent(80), benchmarkName: "KOSPI"),
            ProfitPeriod(label: "Month", profit: won(1_204_880), share: percent(241), benchmark: percent(155)),
            ProfitPeriod(label: "Year", profit: won(6_310_400), share: percent(1442), benchmark: percent(1190)),
        ]
        report.local = [
            LocalProfit(
                realised: won(182_000), unrealised: won(64_500), fees: won(3210), taxes: won(11_846), dividends: won(0)),
            LocalProfit(
                realised: dollars(0), unrealised: dollars(-1250), fees: dollars(125), taxes: dollars(0),
                dividends: dollars(6225)),
        ]
        report.cashBridge = [
            CashStep(label: "Start", amount: won(50_000_000)), CashStep(label: "Trades", amount: won(-14_020_000)),
            CashStep(label: "Fees", amount: won(-3210)), CashStep(label: "Taxes", amount: won(-11_846)),
            CashStep(label: "End", amount: won(35_964_944)),
        ]
        report.positions = [
            PositionRow(
                broker: BrokerID("kis"), account: AccountID("50••••12-01"), symbol: Symbol("005930"), name: "삼성전자",
                quantity: Quantity(120), averageCost: price(7_115_000), currency: .krw, lastPrice: price(7_200_000),
                lastPriceAsOf: at(15, 30), marketValue: won(8_640_000), baseValue: won(8_640_000),
                unrealised: won(102_000), weight: percent(1720), stop: price(6_970_000), stopKeptBy: "watcher",
                openedAt: at(10, 5), lots: 2),
            PositionRow(
                broker: BrokerID("ib"), account: AccountID("DU1234567"), symbol: Symbol("NVDA"), name: "NVIDIA",
                quantity: Quantity(-12), averageCost: price(18_012), currency: .usd, lastPrice: price(18_116),
                lastPriceAsOf: at(6, 0), marketValue: dollars(-217_392), baseValue: won(-3_021_749),
                unrealised: dollars(-1248), weight: percent(602), stop: price(18_600), stopKeptBy: "broker",
                openedAt: at(0, 10)),
            PositionRow(
                broker: BrokerID("kis"), account: AccountID("50••••12-01"), symbol: Symbol("000660"), name: "SK하이닉스",
                quantity: Quantity(3), averageCost: price(52_100_000), currency: .krw),
        ]
        report.limits = [
            LimitUse(name: "daily-loss", used: percent(120), limit: percent(500), worst: percent(210)),
            LimitUse(name: "position-size", used: percent(1720), limit: percent(3000), note: "005930"),
            LimitUse(name: "leverage", used: percent(2840), limit: percent(10_000)),
            LimitUse(name: "daily-orders", used: Fraction(9), limit: Fraction(100), isCount: true),
            LimitUse(name: "sector", used: percent(2620), limit: percent(3000), note: "semiconductors"),
            LimitUse(name: "total-loss", used: percent(1080), limit: percent(1000), note: "shutdown"),
        ]
    }

    private static func trading(_ report: inout DailyReport) {
        let kis = BrokerID("kis")
        func order(
            _ id: String, _ at: Instant, _ side: Side, _ quantity: Int, _ state: OrderState, filled: Int = 0,
            reason: String? = nil
        ) -> OrderRow {
            OrderRow(
                id: id, at: at, broker: kis, symbol: Symbol("005930"), name: "삼성전자", side: side,
                type: .limit(price(7_130_000)), quantity: Quantity(quantity), filled: Quantity(filled),
                averagePrice: filled > 0 ? price(7_115_000) : nil, currency: .krw, state: state,
                millisecondsToAcknowledge: filled > 0 ? 182 : nil, millisecondsToFill: filled > 0 ? 4210 : nil,
                slippageBasisPoints: filled > 0 ? -1.4 : nil,
                reasons: reason.map { [Reason(code: "max-position-size", message: $0)] } ?? [])
        }
        report.orders = [
            order("a", at(9, 40, 3), .buy, 80, .filled, filled: 80),
            order("b", at(10, 5, 2), .buy, 60, .filled, filled: 60),
            order("c", at(11, 35, 4), .buy, 200, .rejected, reason: "32.1 % of equity is more than 30 %"),
            order("d", at(13, 20, 2), .sell, 20, .filled, filled: 20),
            order("e", at(14, 5, 2), .buy, 40, .partiallyFilled, filled: 10),
            order("f", at(14, 50, 2), .sell, 40, .rejectedByBroker, reason: hostile),
        ]
        report.markers = [
            .init(at: at(9, 40, 9), kind: .buy, label: "buy 80 삼성전자 at 71,100"),
            .init(at: at(10, 5, 9), kind: .buy, label: "buy 60 삼성전자 at 71,200"),
            .init(at: at(11, 25), kind: .halt, label: "fetch-bars failed"),
            .init(at: at(12, 10), kind: .decision, label: "hold: consultant vetoed"),
            .init(at: at(13, 20, 7), kind: .sell, label: "sell 20 at 72,300 \(hostile)"),
        ]
        report.fills = [
            FillRow(
                executionID: ExecutionID("0001"), at: at(9, 40, 9), broker: kis, symbol: Symbol("005930"),
                name: "삼성전자", side: .buy, quantity: Quantity(80), price: price(7_110_000), currency: .krw,
                fee: FixedPoint(853)),
            FillRow(
                executionID: ExecutionID("0002"), at: at(13, 20, 7), broker: kis, symbol: Symbol("005930"),
                name: "삼성전자", side: .sell, quantity: Quantity(20), price: price(7_230_000), currency: .krw,
                fee: FixedPoint(217), tax: FixedPoint(2603)),
        ]
        report.cycles = 77
        report.decisions = [
            DecisionRow(
                agent: "sma-cross", buys: 6, holds: 142, sells: 6, agreement: percent(9300), p50Milliseconds: 0.4,
                p95Milliseconds: 1.2),
            DecisionRow(
                agent: "grpo", buys: 11, holds: 133, sells: 10, agreement: percent(8800), p50Milliseconds: 12,
                p95Milliseconds: 31),
        ]
        report.consultations = ConsultationSummary(
            calls: 14, vetoes: 2, cacheHits: 3, failures: 0, cost: dollars(18), p50Milliseconds: 1830,
            p95Milliseconds: 6120)
        report.refusals = [
            Reason(code: "max-position-size", message: "005930 would be 32.1 % of equity, the limit is 30 %"),
            Reason(code: "stale-price", message: "NVDA: the last price is 412 s old, 300 s are allowed"),
            Reason(code: "stale-price", message: "NVDA: the last price is 712 s old, 300 s are allowed"),
        ]
    }

    private static func operations(_ report: inout DailyReport) {
        report.breaks = [
            BreakRow(
                broker: BrokerID("kis"), kind: "position", object: "000660 SK하이닉스", ours: "3", theirs: "0",
                since: at(15, 35), state: "open")
        ]
        report.halts = [
            HaltRow(
                scope: "profile kr-us-5m", reason: "stale data", since: at(11, 25), liftedAt: at(11, 32),
                liftedBy: "operator")
        ]
        report.data = [
            DataRow(
                symbol: Symbol("005930"), name: "삼성전자", timeframe: "5m", expected: 78, received: 78, late: 1,
                lastBarAt: at(15, 30)),
            DataRow(
                symbol: Symbol("000660"), name: "SK하이닉스", timeframe: "5m", expected: 78, received: 76, rejected: 1,
                gaps: 1, lastBarAt: at(15, 30)),
        ]
        let steps = ["fetch-bars", "decide", "risk-check", "submit", "reconcile", "report", "alert"]
        report.steps = steps.enumerated().map { index, step in
            StepRow(
                step: step, runs: 78, failures: index == 0 ? 1 : 0, replays: index == 3 ? 2 : 0,
                p50Milliseconds: Double(40 + 23 * index), p95Milliseconds: Double(310 + 510 * index))
        }
        report.alerts = [
            AlertRow(at: at(11, 25), severity: .warning, code: "stale-data", message: "No bar by its close plus 30 s."),
            AlertRow(at: at(14, 50), severity: .critical, code: "broker-reject", message: hostile, isDelivered: false),
        ]
        report.upcoming = [
            UpcomingRow(day: day.advanced(byDays: 2), what: "XNYS: Thanksgiving, closed"),
            UpcomingRow(day: day.advanced(byDays: 3), what: "XNYS: half day, closes 13:00 (03:00 in Seoul)"),
        ]
        var random = SeededGenerator(seed: 5)
        for back in stride(from: 400, through: 0, by: -1) {
            let date = day.advanced(byDays: -back)
            guard date.isoWeekday <= 5 else { continue }
            report.history.append(DayReturn(day: date, value: 0.0006 + 0.009 * random.normal()))
            report.benchmark.append(DayReturn(day: date, value: 0.0003 + 0.008 * random.normal()))
        }
        report.parityDifferences = []
    }
}
