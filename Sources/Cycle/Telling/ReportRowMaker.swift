internal import Core
internal import Ledger
internal import Reporting
internal import Sessions
internal import Settings
internal import Store

/// Turns rows of the store into rows of a report.
struct ReportRowMaker {
    let context: CycleContext
    let reader: StoreReader

    private func name(_ symbol: Symbol) -> String { context.settings.instruments[symbol]?.name ?? "" }
    private func currency(_ symbol: Symbol) -> Currency {
        context.settings.instruments[symbol]?.currency ?? context.settings.baseCurrency
    }

    func verdict(
        orders: [ManagedOrder], fills: Int, halts: [Halt], breaks: [Store::BookBreak], journal: [JournalEntry],
        span: String
    ) -> ReportVerdict {
        let doubtful = orders.filter { $0.state == .inDoubt || $0.state == .cancelInDoubt }.count
        var newest: [String: JournalEntry] = [:]
        for entry in journal { newest["\(entry.cycle)|\(entry.step)"] = entry }
        let failed = newest.values.filter { $0.status == .failed }.count
        var details: [String] = []
        if doubtful > 0 { details.append("\(doubtful) order(s) in doubt: run takt reconcile") }
        if !breaks.isEmpty { details.append("\(breaks.count) difference(s) between our books and a broker's") }
        if failed > 0 { details.append("\(failed) step(s) failed and were not rerun") }
        if let halt = halts.first {
            return ReportVerdict(level: .halted, headline: halt.code, details: [halt.message] + details)
        }
        if !details.isEmpty {
            return ReportVerdict(level: .degraded, headline: "needs a look, \(span)", details: details)
        }
        if orders.isEmpty, fills == 0 { return ReportVerdict(level: .idle, headline: "nothing traded, \(span)") }
        return ReportVerdict(level: .traded, headline: "\(orders.count) order(s), \(fills) fill(s), \(span)")
    }

    func mark(_ portfolio: Portfolio, at: Instant) -> Reporting::EquityMark {
        .init(
            at: at, equity: portfolio.equity.amount, grossExposure: portfolio.grossExposure.amount,
            netExposure: portfolio.netExposure.amount, cash: portfolio.cash.amount)
    }

    func mark(_ mark: Store::EquityMark, flow: FixedPoint) -> Reporting::EquityMark {
        .init(
            at: mark.at, equity: mark.equity.amount, grossExposure: mark.grossExposure, netExposure: mark.netExposure,
            cash: mark.cash, flow: flow)
    }

    func marker(_ fill: Fill) -> SVGChart.Marker {
        SVGChart.Marker(
            at: fill.filledAt, kind: fill.side == .buy ? .buy : .sell,
            label: "\(fill.side.rawValue) \(fill.quantity) \(fill.symbol) at \(fill.price)")
    }

    func decision(_ decision: StoredDecision, _ intents: [OrderIntent]) throws -> CycleDecision {
        let votes = (decision.votes.arrayValue ?? []).map { vote in
            "\(vote["agent"]?.stringValue ?? "?") votes \(vote["action"]?.stringValue ?? "?")"
        }
        let held = (decision.filters.arrayValue ?? []).filter { $0["passed"]?.boolValue == false }
            .compactMap { $0["reason"]?.stringValue }
        let refusals = intents.first { $0.id == decision.intentID && $0.state == .rejected }?.reasons ?? []
        return CycleDecision(
            symbol: decision.symbol, name: name(decision.symbol), action: decision.action.rawValue,
            confidence: (try? FixedPoint(nearest: decision.confidence)).map { Fraction($0) }, reasons: votes + held,
            refusals: refusals)
    }

    func order(_ order: ManagedOrder) throws -> OrderRow {
        let fills = try reader.fills(order: order.clientOrderID)
        let reference = try order.intentID.flatMap { try reader.intent($0) }?.referencePrice
        return OrderRow(
            id: order.clientOrderID.text, at: order.submittedAt, broker: order.broker, symbol: order.symbol,
            name: name(order.symbol), side: order.side, type: order.type, quantity: order.quantity,
            filled: order.filledQuantity, averagePrice: order.averageFillPrice, currency: currency(order.symbol),
            state: order.state, isExternal: !order.isOurs,
            millisecondsToAcknowledge: order.acknowledgedAt.map { milliseconds(order.submittedAt, $0) },
            millisecondsToFill: fills.map(\.filledAt).max().map { milliseconds(order.submittedAt, $0) },
            slippageBasisPoints: slippage(order, reference), reasons: order.reasons)
    }

    private func milliseconds(_ from: Instant, _ to: Instant) -> Double {
        Double(to.microseconds - from.microseconds) / 1000
    }

    /// Against the decision's bar close, positive when it cost money.
    private func slippage(_ order: ManagedOrder, _ reference: Price?) -> Double? {
        guard let reference, let paid = order.averageFillPrice, !reference.isZero else { return nil }
        let move = (paid.doubleValue / reference.doubleValue - 1) * 10_000
        return order.side == .buy ? move : -move
    }

    func fill(_ fill: Fill) -> FillRow {
        FillRow(
            executionID: fill.executionID, at: fill.filledAt, broker: fill.broker, symbol: fill.symbol,
            name: name(fill.symbol), side: fill.side, quantity: fill.quantity, price: fill.price,
            currency: fill.currency,
            fee: fill.fee, tax: fill.tax)
    }

    func position(_ valued: ValuedPosition, _ portfolio: Portfolio) -> PositionRow {
        let position = valued.position
        let loss = context.settings.risk.perSymbol[position.symbol]?.stopLoss ?? context.settings.risk.stopLoss
        return PositionRow(
            broker: position.broker, account: position.account, symbol: position.symbol, name: name(position.symbol),
            quantity: position.quantity, averageCost: position.averageCost, currency: position.currency,
            lastPrice: valued.lastPrice, lastPriceAsOf: valued.lastPriceAsOf, marketValue: valued.marketValue,
            baseValue: valued.baseValue, unrealised: valued.unrealised, weight: portfolio.weight(of: valued),
            stop: stop(position, loss), stopKeptBy: "risk-check", openedAt: position.openedAt, lots: position.lots.count
        )
    }

    /// The price at which the risk check closes the position.
    private func stop(_ position: LedgerPosition, _ loss: Fraction) -> Price? {
        let side: Fraction? = position.quantity.isNegative ? try? Fraction.one + loss : try? Fraction.one - loss
        return side.flatMap { try? position.averageCost.value.multiplied(by: $0.value, rounding: .halfEven) }.map {
            Price($0)
        }
    }

    func bookBreak(_ found: Store::BookBreak) -> BreakRow {
        BreakRow(
            broker: found.broker, kind: found.kind, object: found.subject, ours: found.ours, theirs: found.theirs,
            since: found.firstSeenAt, state: found.state.rawValue)
    }

    func halt(_ halt: Halt) -> HaltRow {
        HaltRow(
            scope: halt.scope.description, reason: "\(halt.code): \(halt.message)", since: halt.setAt,
            liftedAt: halt.liftedAt,
            liftedBy: halt.liftedBy)
    }

    /// The newest risk check's use of the limits, with the worst of the span.
    func limits(_ journal: [JournalEntry]) -> [LimitUse] {
        let documents = journal.filter { $0.step == StepName.riskCheck.rawValue }.compactMap {
            $0.document?["summary"]?["limits"]
        }
        guard case .object(let members)? = documents.last else { return [] }
        return members.compactMap { member in
            guard let limit = decimal(member.value["limit"]), let used = decimal(member.value["used"]) else {
                return nil
            }
            let worst = documents.compactMap { decimal($0[member.key]?["used"]) }.max()
            return LimitUse(
                name: member.key.replacing("_", with: " "), used: Fraction(used), limit: Fraction(limit),
                isCount: member.key == "positions" || member.key == "daily_orders", worst: worst.map { Fraction($0) })
        }
    }

    private func decimal(_ value: JSONValue?) -> FixedPoint? { value?.stringValue.flatMap { try? FixedPoint($0) } }

    func steps(_ journal: [JournalEntry]) -> [StepRow] {
        StepName.allCases.compactMap { step in
            let entries = journal.filter { $0.step == step.rawValue }
            guard !entries.isEmpty else { return nil }
            let times = entries.compactMap { entry in entry.finishedAt.map { milliseconds(entry.startedAt, $0) } }
                .sorted()
            let failures = entries.filter { $0.status == .failed || $0.status == .interrupted }.count
            return StepRow(
                step: step.rawValue, runs: entries.count, failures: failures, p50Milliseconds: quantile(times, 0.5),
                p95Milliseconds: quantile(times, 0.95))
        }
    }

    private func quantile(_ sorted: [Double], _ share: Double) -> Double? {
        sorted.isEmpty ? nil : sorted[Int(Double(sorted.count - 1) * share)]
    }

    func votes(_ decisions: [StoredDecision]) -> [DecisionRow] {
        var counts: [String: (buys: Int, holds: Int, sells: Int)] = [:]
        for vote in decisions.flatMap({ $0.votes.arrayValue ?? [] }) {
            guard let agent = vote["agent"]?.stringValue else { continue }
            var count = counts[agent] ?? (0, 0, 0)
            switch vote["action"]?.stringValue {
            case "buy": count.buys += 1
            case "sell": count.sells += 1
            default: count.holds += 1
            }
            counts[agent] = count
        }
        return counts.keys.sorted().compactMap { agent in
            counts[agent].map { DecisionRow(agent: agent, buys: $0.buys, holds: $0.holds, sells: $0.sells) }
        }
    }

    func data(_ symbol: Symbol, _ timeframe: Timeframe, from: Instant, until: Instant) throws -> DataRow {
        let (instrument, regular) = try context.listing(of: symbol)
        let calendar = context.calendars.barCalendar(of: instrument, timeframe, context.settings) ?? regular
        let expected = calendar.slots(from: from, until: until, timeframe: timeframe).count
        let bars = try reader.barOpens(symbol, timeframe, from: from, until: until)
        let rejected = try reader.barRejections(ListFilter(since: from, until: until, symbol: symbol)).count
        return DataRow(
            symbol: symbol, name: instrument.name, timeframe: timeframe.description, expected: expected,
            received: bars.count,
            rejected: rejected, gaps: max(0, expected - bars.count), lastBarAt: bars.last)
    }

    func alerts(from: Instant, until: Instant) throws -> [AlertRow] {
        try reader.alerts(ListFilter(since: from, until: until)).map { alert in
            let severity: AlertRow.Severity =
                switch alert.severity {
                case .info: .info
                case .warning: .warning
                case .error, .critical: .critical
                }
            let deliveries = try reader.deliveries(alert: alert.id)
            return AlertRow(
                at: alert.createdAt, severity: severity, code: alert.kind, message: "\(alert.title): \(alert.body)",
                isDelivered: !deliveries.isEmpty && deliveries.allSatisfy { $0.state == .sent })
        }
    }

    func local(_ books: Books, from: Instant, until: Instant) throws -> [LocalProfit] {
        let activity = try books.ledger.activity(from: from, until: until)
        return activity.keys.sorted().compactMap { currency in
            guard let part = activity[currency] else { return nil }
            let unrealised = books.portfolio.positions.compactMap(\.unrealised).filter { $0.currency == currency }
            let open = unrealised.reduce(FixedPoint.zero) { (try? $0 + $1.amount) ?? $0 }
            return LocalProfit(
                realised: Money(part.realisedAverage.rounded, currency), unrealised: Money(open, currency),
                fees: Money(part.fees.rounded, currency), taxes: Money(part.taxes.rounded, currency),
                dividends: Money(part.dividends.rounded, currency))
        }
    }

    /// From the cash at the start of the span to the cash at its end, currency by currency.
    func cashBridge(_ books: Books, from: Instant, until: Instant) throws -> [CashStep] {
        let before = try books.ledger.activity(from: nil, until: from)
        let within = try books.ledger.activity(from: from, until: until)
        var steps: [CashStep] = []
        for currency in Set(before.keys).union(within.keys).sorted() {
            let opening = try before[currency].map { try $0.cash } ?? .zero
            let part = within[currency]
            let change = try part.map { try $0.cash } ?? .zero
            func add(_ label: String, _ amount: PreciseAmount?) {
                guard let amount, !amount.isZero else { return }
                steps.append(CashStep(label: label, amount: Money(amount.rounded, currency)))
            }
            steps.append(CashStep(label: "Cash at the start", amount: Money(opening.rounded, currency)))
            add("Paid in", part?.deposits)
            add("Trades", part?.trades)
            add("Fees", part.map { -$0.fees })
            add("Taxes", part.map { -$0.taxes })
            add("Dividends", part?.dividends)
            add("Conversions", part?.conversions)
            add("Interest, fees of the account, corrections", part?.adjustments)
            steps.append(CashStep(label: "Cash at the end", amount: Money(try (opening + change).rounded, currency)))
        }
        return steps
    }

    /// Days of the next two weeks that are not ordinary sessions.
    func upcoming(_ profile: Profile, after day: CivilDate) -> [UpcomingRow] {
        var rows: [UpcomingRow] = []
        var seen: Set<ExchangeID> = []
        for symbol in profile.symbols {
            guard let (instrument, calendar) = try? context.listing(of: symbol),
                seen.insert(instrument.exchange).inserted
            else { continue }
            for offset in 1...14 {
                let date = day.advanced(byDays: offset)
                guard calendar.coverage.contains(date) else { continue }
                if let session = calendar.session(on: date) {
                    if session.isShortened {
                        rows.append(
                            UpcomingRow(
                                day: date, what: "\(instrument.exchange) \(session.kind): closes \(session.close)"))
                    }
                } else if date.isoWeekday <= 5 {
                    rows.append(UpcomingRow(day: date, what: "\(instrument.exchange) closed"))
                }
            }
        }
        return rows.sorted { $0.day < $1.day }
    }
}

extension Ledger.Activity {
    /// The change of cash.
    fileprivate var cash: PreciseAmount {
        get throws { try deposits + trades - fees - taxes + dividends + conversions + adjustments }
    }
}
