internal import Core

/// The tables of a report, each made once and rendered as Markdown and as HTML.
struct ReportTables {
    typealias Cell = ReportTable.Cell
    let report: DailyReport
    let zone: ReportZone

    static func tone(_ value: FixedPoint) -> ReportTable.Tone {
        value.isNegative ? .bad : value.isPositive ? .good : .plain
    }

    private static func money(_ money: Money?) -> Cell {
        money.map { Cell(ReportFormat.amount($0)) } ?? Cell(ReportFormat.unknown, .muted)
    }

    private static func signed(_ money: Money?) -> Cell {
        money.map { Cell(ReportFormat.signedAmount($0), tone($0.amount)) } ?? Cell(ReportFormat.unknown, .muted)
    }

    private static func count(_ number: Int, bad: Bool = false) -> Cell {
        Cell(ReportFormat.number(FixedPoint(number), digits: 0), number == 0 ? .muted : bad ? .bad : .plain)
    }

    private func time(_ at: Instant?) -> Cell {
        guard let at else { return Cell(ReportFormat.unknown, .muted) }
        let sameDay = report.from == report.through && zone.date(at) == report.through
        return Cell(sameDay ? zone.clock(at, seconds: true) : zone.dateAndClock(at))
    }

    private static func name(_ symbol: Symbol, _ name: String) -> Cell {
        Cell(symbol.text, note: name.isEmpty ? nil : name)
    }

    // MARK: Money

    var profits: ReportTable {
        let base = report.base.code
        var table = ReportTable(
            "Profit", ["Period", ">Profit \(base)", ">Return", ">of it FX \(base)", ">Benchmark"],
            empty: "No profit is known for this time.")
        for period in report.periods {
            table.add([
                Cell(period.label), Self.signed(period.profit),
                Cell(period.share.map { ReportFormat.signedPercent($0) } ?? ReportFormat.unknown),
                Self.signed(period.fxEffect),
                Cell(
                    period.benchmark.map { ReportFormat.signedPercent($0) } ?? ReportFormat.unknown,
                    note: period.benchmarkName),
            ])
        }
        return table
    }

    var localProfits: ReportTable {
        var table = ReportTable(
            "By currency", ["Currency", ">Realised", ">Unrealised", ">Fees", ">Taxes", ">Dividends"],
            empty: "Nothing was traded in any currency.")
        for row in report.local {
            table.add([
                Cell(row.realised.currency.code), Self.signed(row.realised), Self.signed(row.unrealised),
                Self.money(row.fees), Self.money(row.taxes), Self.signed(row.dividends),
            ])
        }
        return table
    }

    var cashBridge: ReportTable {
        var table = ReportTable("Cash bridge", ["Step", ">Amount", "Currency"], empty: "No cash moved.")
        for step in report.cashBridge {
            table.add([Cell(step.label), Cell(ReportFormat.signedAmount(step.amount)), Cell(step.amount.currency.code)])
        }
        return table
    }

    var positions: ReportTable {
        var table = ReportTable(
            "Positions",
            [
                "Symbol", "Broker", ">Quantity", ">Average", ">Last", ">Value", ">Weight", ">Unrealised", ">Stop",
                "Held since",
            ], empty: "No open positions.")
        for row in report.positions {
            let last = row.lastPrice.map { ReportFormat.price($0, row.currency) }
            let age = row.lastPriceAsOf.map { zone.clock($0) }
            let stop = row.stop.map { Cell(ReportFormat.price($0, row.currency), note: row.stopKeptBy) }
            table.add([
                Self.name(row.symbol, row.name), Cell(row.broker.text, note: row.account.text),
                Cell(ReportFormat.quantity(row.quantity), note: row.lots > 1 ? "\(row.lots) lots" : nil),
                Cell(ReportFormat.price(row.averageCost, row.currency), note: row.currency.code),
                last.map { Cell($0, note: age) } ?? Cell("no price", .warning),
                row.baseValue.map { Cell(ReportFormat.money($0)) } ?? Cell(ReportFormat.unknown, .warning),
                Cell(row.weight.map { ReportFormat.percent($0, digits: 1) } ?? ReportFormat.unknown),
                row.unrealised.map { Cell(ReportFormat.signedMoney($0), Self.tone($0.amount)) }
                    ?? Cell(ReportFormat.unknown, .muted),
                stop ?? Cell("no stop", .warning),
                Cell(row.openedAt.map { zone.date($0).description } ?? ReportFormat.unknown),
            ])
        }
        return table
    }

    // MARK: Orders

    var orderStates: ReportTable {
        let counts = Dictionary(grouping: report.orders, by: \.state).mapValues(\.count)
        var table = ReportTable("Orders by state", ["State", ">Orders"], empty: "No orders.")
        for state in OrderState.allCases {
            guard let count = counts[state] else { continue }
            table.add([Cell(state.rawValue, Self.tone(state)), Self.count(count)])
        }
        return table
    }

    static func tone(_ state: OrderState) -> ReportTable.Tone {
        switch state {
        case .filled: .good
        case .inDoubt, .cancelInDoubt, .rejectedByBroker: .bad
        case .rejected, .cancelled, .expired: .muted
        case .proposed, .approved, .submitting, .acknowledged, .working, .partiallyFilled, .cancelling: .plain
        }
    }

    var orders: ReportTable {
        var table = ReportTable(
            "Orders",
            [
                "Time", "Symbol", "Broker", "Side", "Type", ">Quantity", ">Filled", ">Price", "State", ">Ack", ">Fill",
                ">Slippage bp",
            ], empty: "No orders were made.")
        for row in report.orders {
            let reason = row.reasons.first.map { $0.message.isEmpty ? $0.code : $0.message }
            table.add([
                time(row.at), Self.name(row.symbol, row.name),
                Cell(row.broker.text, note: row.isExternal ? "external" : nil),
                Cell(row.side.rawValue), Cell(describe(row.type, row.currency)),
                Cell(ReportFormat.quantity(row.quantity)),
                Cell(ReportFormat.quantity(row.filled), row.filled.isZero ? .muted : .plain),
                Cell(row.averagePrice.map { ReportFormat.price($0, row.currency) } ?? ReportFormat.unknown),
                Cell(row.state.rawValue, Self.tone(row.state), note: reason),
                Cell(ReportFormat.duration(milliseconds: row.millisecondsToAcknowledge)),
                Cell(ReportFormat.duration(milliseconds: row.millisecondsToFill)),
                Cell(ReportFormat.decimal(row.slippageBasisPoints, digits: 1)),
            ])
        }
        return table
    }

    private func describe(_ type: OrderType, _ currency: Currency) -> String {
        switch type {
        case .market: "market"
        // A blank that does not break keeps the price beside its word.
        case .marketToLimit: "market to limit"
        case .bestOwnSide: "best of its side"
        case .conditionalLimit(let limit): "limit,\u{A0}then\u{A0}close\u{A0}\(ReportFormat.price(limit, currency))"
        case .trailingStop(let trail): "trailing\u{A0}stop\u{A0}\(describe(trail, currency))"
        case .trailingStopLimit(let trail, _, let offset):
            "trailing\u{A0}stop\u{A0}\(describe(trail, currency)) limit\u{A0}\(ReportFormat.price(offset, currency))\u{A0}off"
        case .limit(let limit): "limit\u{A0}\(ReportFormat.price(limit, currency))"
        case .stop(let stop): "stop\u{A0}\(ReportFormat.price(stop, currency))"
        case .stopLimit(let stop, let limit):
            "stop\u{A0}\(ReportFormat.price(stop, currency)) limit\u{A0}\(ReportFormat.price(limit, currency))"
        }
    }

    private func describe(_ trail: Trail, _ currency: Currency) -> String {
        switch trail {
        case .amount(let amount): ReportFormat.price(amount, currency)
        case .share(let share): ReportFormat.percent(share)
        }
    }

    var fills: ReportTable {
        var table = ReportTable(
            "Fills",
            ["Time", "Symbol", "Broker", "Side", ">Quantity", ">Price", "Currency", ">Fee", ">Tax", "Execution"],
            empty: "Nothing was filled.")
        for row in report.fills {
            table.add([
                time(row.at), Self.name(row.symbol, row.name), Cell(row.broker.text), Cell(row.side.rawValue),
                Cell(ReportFormat.quantity(row.quantity)), Cell(ReportFormat.price(row.price, row.currency)),
                Cell(row.currency.code), Self.money(Money(row.fee, row.currency)),
                Self.money(Money(row.tax, row.currency)), Cell(row.executionID.text, .muted),
            ])
        }
        return table
    }

    var refusals: ReportTable {
        var table = ReportTable("Refusals", ["Code", ">Times", "Last"], empty: "Risk refused nothing.")
        let groups = Dictionary(grouping: report.refusals, by: \.code)
        for code in groups.keys.sorted() {
            guard let group = groups[code] else { continue }
            table.add([Cell(code), Self.count(group.count), Cell(group.last?.message ?? "")])
        }
        return table
    }

    // MARK: Risk and decisions

    var limits: ReportTable {
        var table = ReportTable(
            "Limits", ["Limit", "Use", ">Used", ">Worst", ">Limit"], empty: "No limits were measured.")
        for row in report.limits {
            func text(_ value: Fraction) -> String {
                row.isCount ? ReportFormat.quantity(Quantity(value.value)) : ReportFormat.percent(value)
            }
            let share = PerformanceStatistics.ratio(row.used.doubleValue, row.limit.doubleValue) ?? 0
            let tone: ReportTable.Tone = share >= 1 ? .bad : share >= 0.8 ? .warning : .plain
            table.add([
                Cell(row.name, note: row.note), Cell(ReportFormat.percent(share, digits: 0), gauge: share),
                Cell(text(row.used), tone), Cell(row.worst.map(text) ?? ReportFormat.unknown), Cell(text(row.limit)),
            ])
        }
        return table
    }

    var decisions: ReportTable {
        var table = ReportTable(
            "Decisions", ["Agent", ">Buy", ">Hold", ">Sell", ">Agreement", ">p50", ">p95"],
            empty: "No decisions were made.")
        for row in report.decisions {
            table.add([
                Cell(row.agent), Self.count(row.buys), Self.count(row.holds), Self.count(row.sells),
                Cell(row.agreement.map { ReportFormat.percent($0, digits: 0) } ?? ReportFormat.unknown),
                Cell(ReportFormat.duration(milliseconds: row.p50Milliseconds)),
                Cell(ReportFormat.duration(milliseconds: row.p95Milliseconds)),
            ])
        }
        return table
    }

    var consultations: ReportTable {
        var table = ReportTable(
            "Consultations", [">Calls", ">Vetoes", ">Cache hits", ">Failures", ">Cost", ">p50", ">p95"],
            empty: "The language model was not consulted.")
        if let row = report.consultations {
            table.add([
                Self.count(row.calls), Self.count(row.vetoes), Self.count(row.cacheHits),
                Self.count(row.failures, bad: true),
                Cell(row.cost.map { ReportFormat.money($0) } ?? ReportFormat.unknown),
                Cell(ReportFormat.duration(milliseconds: row.p50Milliseconds)),
                Cell(ReportFormat.duration(milliseconds: row.p95Milliseconds)),
            ])
        }
        return table
    }

    // MARK: Operations

    var breaks: ReportTable {
        var table = ReportTable(
            "Reconciliation breaks", ["Broker", "Kind", "Object", "Ours", "Theirs", "Since", "State"],
            empty: "Our books and the brokers' agree.")
        for row in report.breaks {
            table.add([
                Cell(row.broker.text), Cell(row.kind), Cell(row.object), Cell(row.ours), Cell(row.theirs),
                Cell(zone.dateAndClock(row.since)), Cell(row.state, row.state == "resolved" ? .muted : .bad),
            ])
        }
        return table
    }

    var halts: ReportTable {
        var table = ReportTable("Halts", ["Scope", "Reason", "Since", "Lifted"], empty: "No halt was on.")
        for row in report.halts {
            let lifted = row.liftedAt.map { Cell(zone.dateAndClock($0), note: row.liftedBy) }
            table.add([
                Cell(row.scope), Cell(row.reason), Cell(zone.dateAndClock(row.since)), lifted ?? Cell("still on", .bad),
            ])
        }
        return table
    }

    var data: ReportTable {
        var table = ReportTable(
            "Bars",
            ["Symbol", "Bar", ">Expected", ">Received", ">Late", ">Rejected", ">Revised", ">Gaps", "Last bar"],
            empty: "No bars were expected.")
        for row in report.data {
            table.add([
                Self.name(row.symbol, row.name), Cell(row.timeframe), Self.count(row.expected),
                Cell(
                    ReportFormat.number(FixedPoint(row.received), digits: 0),
                    row.received < row.expected ? .warning : .plain),
                Self.count(row.late), Self.count(row.rejected, bad: true), Self.count(row.revised),
                Self.count(row.gaps, bad: true), time(row.lastBarAt),
            ])
        }
        return table
    }

    var steps: ReportTable {
        var table = ReportTable(
            "Steps", ["Step", ">Runs", ">Failures", ">Replays", ">p50", ">p95"], empty: "No step ran.")
        for row in report.steps {
            table.add([
                Cell(row.step), Self.count(row.runs), Self.count(row.failures, bad: true), Self.count(row.replays),
                Cell(ReportFormat.duration(milliseconds: row.p50Milliseconds)),
                Cell(ReportFormat.duration(milliseconds: row.p95Milliseconds)),
            ])
        }
        return table
    }

    var alerts: ReportTable {
        var table = ReportTable("Alerts", ["Time", "Severity", "Code", "Message", "Delivered"], empty: "No alerts.")
        for row in report.alerts {
            let tone: ReportTable.Tone =
                switch row.severity {
                case .critical: .bad
                case .warning: .warning
                case .info: .muted
                }
            table.add([
                time(row.at), Cell(row.severity.rawValue, tone), Cell(row.code), Cell(row.message),
                row.isDelivered ? "yes" : Cell("not yet", .warning),
            ])
        }
        return table
    }

    var parity: ReportTable {
        var table = ReportTable("Shadow replay", ["Difference"], empty: "The replay decided the same throughout.")
        for line in report.parityDifferences ?? [] { table.add([Cell(line, .bad)]) }
        return table
    }

    var upcoming: ReportTable {
        var table = ReportTable("Coming days", ["Day", "What"], empty: "Nothing out of the ordinary.")
        for row in report.upcoming { table.add([Cell(row.day.description), Cell(row.what)]) }
        return table
    }
}
