public import Core

/// What one cycle decided for one instrument, and what became of it.
public struct CycleDecision: Hashable, Sendable {
    public var symbol: Symbol
    public var name: String
    /// `buy`, `hold`, `sell`.
    public var action: String
    public var confidence: Fraction?
    /// Short sentences: the agents' votes, a veto.
    public var reasons: [String]
    /// Why risk refused the intent made from it; empty when it passed or there was none.
    public var refusals: [Reason]

    public init(
        symbol: Symbol, name: String = "", action: String, confidence: Fraction? = nil, reasons: [String] = [],
        refusals: [Reason] = []
    ) {
        self.symbol = symbol
        self.name = name
        self.action = action
        self.confidence = confidence
        self.reasons = reasons
        self.refusals = refusals
    }
}

/// Everything the report of one cycle says.
public struct CycleReport: Hashable, Sendable {
    public var cycle: CycleID
    /// `paper` or `live`.
    public var mode: String
    public var generatedAt: Instant
    public var base: Currency
    public var verdict: ReportVerdict
    /// `nil` when the books could not be valued.
    public var equity: EquityMark?
    public var decisions: [CycleDecision]
    public var orders: [OrderRow]
    public var fills: [FillRow]
    public var positions: [PositionRow]
    public var limits: [LimitUse]
    public var breaks: [BreakRow]
    public var halts: [HaltRow]
    public var data: [DataRow]
    public var steps: [StepRow]
    public var alerts: [AlertRow]

    public init(
        cycle: CycleID, mode: String, generatedAt: Instant, base: Currency, verdict: ReportVerdict,
        equity: EquityMark? = nil, decisions: [CycleDecision] = [], orders: [OrderRow] = [], fills: [FillRow] = [],
        positions: [PositionRow] = [], limits: [LimitUse] = [], breaks: [BreakRow] = [], halts: [HaltRow] = [],
        data: [DataRow] = [], steps: [StepRow] = [], alerts: [AlertRow] = []
    ) {
        self.cycle = cycle
        self.mode = mode
        self.generatedAt = generatedAt
        self.base = base
        self.verdict = verdict
        self.equity = equity
        self.decisions = decisions
        self.orders = orders
        self.fills = fills
        self.positions = positions
        self.limits = limits
        self.breaks = breaks
        self.halts = halts
        self.data = data
        self.steps = steps
        self.alerts = alerts
    }

    public func html(zone: ReportZone) -> String { HTMLPage(document: document(zone: zone)).text }
    public func markdown(zone: ReportZone) -> String { MarkdownPage(document: document(zone: zone)).text }

    /// The document `takt.report/1` of kind `cycle`.
    public var json: JSONValue {
        [
            "schema": "takt.report/1", "kind": "cycle", "profile": JSONValue(cycle.profile), "cycle": JSONValue(cycle),
            "mode": .string(mode), "generated_at": JSONValue(generatedAt), "base_currency": JSONValue(base),
            "verdict": verdict.json, "equity": equity?.json ?? .null, "decisions": .array(decisions.map(\.json)),
            "in_doubt": .int(Int64(orders.filter { $0.state == .inDoubt || $0.state == .cancelInDoubt }.count)),
            "orders": .array(orders.map(\.json)), "fills": .array(fills.map(\.json)),
            "positions": .array(positions.map(\.json)), "limits": .array(limits.map(\.json)),
            "breaks": .array(breaks.map(\.json)), "halts": .array(halts.map(\.json)), "data": .array(data.map(\.json)),
            "steps": .array(steps.map(\.json)), "alerts": .array(alerts.map(\.json)),
        ]
    }

    private func document(zone: ReportZone) -> ReportDocument {
        let day = zone.date(cycle.barClose)
        // The tables are those of the daily report; only the decisions have a shape of their own.
        let tables = ReportTables(
            report: DailyReport(
                profile: cycle.profile.text, mode: mode, from: day, through: day, generatedAt: generatedAt, base: base,
                verdict: verdict, positions: positions, orders: orders, fills: fills, limits: limits, breaks: breaks,
                halts: halts, data: data, steps: steps, alerts: alerts), zone: zone)
        return ReportDocument(
            title: "Cycle \(cycle)", mode: mode,
            subtitle: "bar closed \(zone.dateAndClock(cycle.barClose)) \(zone.name) · base currency \(base)",
            verdict: verdict, tiles: tiles,
            sections: [
                .init(title: "Decisions", parts: [.table(decisionTable)]),
                .init(title: "Orders", parts: [.table(tables.orders), .table(tables.fills)]),
                .init(title: "Positions", parts: [.table(tables.positions)]),
                .init(title: "Risk", parts: [.table(tables.limits)]),
                .init(title: "Reconciliation", parts: [.table(tables.breaks), .table(tables.halts)]),
                .init(title: "Data and steps", parts: [.table(tables.data), .table(tables.steps)]),
                .init(title: "Alerts", parts: [.table(tables.alerts)]),
            ], footer: "takt.report/1 · written \(zone.dateAndClock(generatedAt)) \(zone.name)")
    }

    private var tiles: [ReportDocument.Tile] {
        guard let equity else { return [] }
        return [
            .init("Equity", ReportFormat.money(Money(equity.equity, base))),
            .init("Cash", ReportFormat.amount(Money(equity.cash, base))),
            .init("Gross exposure", ReportFormat.amount(Money(equity.grossExposure, base))),
            .init("Net exposure", ReportFormat.amount(Money(equity.netExposure, base))),
            .init("Orders", "\(orders.count)"),
        ]
    }

    private var decisionTable: ReportTable {
        var table = ReportTable(
            "Decisions", ["Symbol", "Action", ">Confidence", "Why", "Refused"], empty: "Nothing was decided.")
        for row in decisions {
            table.add([
                .init(row.symbol.text, note: row.name.isEmpty ? nil : row.name), .init(row.action),
                .init(row.confidence.map { ReportFormat.percent($0, digits: 0) } ?? ReportFormat.unknown),
                .init(row.reasons.joined(separator: "; ")),
                .init(row.refusals.map(\.description).joined(separator: "; "), .warning),
            ])
        }
        return table
    }
}

extension CycleDecision {
    var json: JSONValue {
        [
            "symbol": JSONValue(symbol), "action": .string(action), "confidence": JSONValue(confidence),
            "reasons": .array(reasons.map { .string($0) }), "refusals": .array(refusals.map(\.json)),
        ]
    }
}
