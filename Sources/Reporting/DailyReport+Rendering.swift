public import Core

extension DailyReport {
    /// One self-contained HTML file. `zone` is the zone in which times are written.
    public func html(zone: ReportZone) -> String { HTMLPage(document: document(zone: zone)).text }

    public func markdown(zone: ReportZone) -> String { MarkdownPage(document: document(zone: zone)).text }

    /// The document `takt.report/1`: amounts are exact decimal texts, times RFC 3339 in UTC, statistics numbers.
    public var json: JSONValue {
        let parts: [JSONValue] = [identity, money, trading, operations]
        return .object(
            parts.flatMap { part -> [JSONValue.Member] in
                guard case .object(let members) = part else { return [] }
                return members
            })
    }

    private var identity: JSONValue {
        [
            "schema": "takt.report/1", "kind": .string(kind.rawValue), "profile": .string(profile),
            "mode": .string(mode), "from": JSONValue(from), "through": JSONValue(through),
            "generated_at": JSONValue(generatedAt), "base_currency": JSONValue(base), "verdict": verdict.json,
        ]
    }

    private var money: JSONValue {
        let fall = drawdown
        return [
            "equity": .array(equity.map(\.json)),
            "drawdown": ["last": .double(fall.last?.value ?? 0), "deepest": .double(fall.map(\.value).min() ?? 0)],
            "profit": .array(periods.map(\.json)), "profit_by_currency": .array(local.map(\.json)),
            "cash_bridge": .array(
                cashBridge.map { step in
                    [
                        "label": .string(step.label), "amount": JSONValue(step.amount.amount),
                        "currency": JSONValue(step.amount.currency),
                    ]
                }),
            "positions": .array(positions.map(\.json)),
        ]
    }

    private var trading: JSONValue {
        let states = Dictionary(grouping: orders, by: \.state).mapValues(\.count)
        return [
            "orders_by_state": .object(
                OrderState.allCases.compactMap { state in
                    states[state].map { JSONValue.Member(state.rawValue, .int(Int64($0))) }
                }),
            "in_doubt": .int(Int64(inDoubt.count)), "orders": .array(orders.map(\.json)),
            "fills": .array(fills.map(\.json)), "refusals": .array(refusals.map(\.json)),
            "limits": .array(limits.map(\.json)), "cycles": .int(Int64(cycles)),
            "decisions": .array(decisions.map(\.json)), "consultations": consultations?.json ?? .null,
            "parity_differences": parityDifferences.map { .array($0.map { .string($0) }) } ?? .null,
        ]
    }

    private var operations: JSONValue {
        [
            "breaks": .array(breaks.map(\.json)), "halts": .array(halts.map(\.json)), "data": .array(data.map(\.json)),
            "steps": .array(steps.map(\.json)), "alerts": .array(alerts.map(\.json)),
            "upcoming": .array(upcoming.map { ["day": JSONValue($0.day), "what": .string($0.what)] }),
            "statistics": statistics.map { $0.json(days: history.map(\.day)) } ?? .null,
            "benchmark_statistics": benchmarkStatistics?.json ?? .null,
        ]
    }
}
