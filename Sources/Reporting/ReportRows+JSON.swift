internal import Core

/// A number, or `null` where it is not defined.
private func number(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }
private func count(_ value: Int) -> JSONValue { .int(Int64(value)) }
private func amount(_ money: Money?) -> JSONValue { JSONValue(money?.amount) }

extension ReportVerdict {
    var json: JSONValue {
        [
            "level": .string(level.rawValue), "headline": .string(headline),
            "details": .array(details.map { .string($0) }),
        ]
    }
}

extension Reason {
    var json: JSONValue { ["code": .string(code), "message": .string(message)] }
}

extension EquityMark {
    var json: JSONValue {
        [
            "at": JSONValue(at), "equity": JSONValue(equity), "cash": JSONValue(cash),
            "gross_exposure": JSONValue(grossExposure), "net_exposure": JSONValue(netExposure), "flow": JSONValue(flow),
        ]
    }
}

extension ProfitPeriod {
    var json: JSONValue {
        [
            "label": .string(label), "profit": amount(profit), "return": JSONValue(share),
            "fx_effect": amount(fxEffect),
            "benchmark": JSONValue(benchmarkName), "benchmark_return": JSONValue(benchmark),
        ]
    }
}

extension LocalProfit {
    var json: JSONValue {
        [
            "currency": JSONValue(realised.currency), "realised": amount(realised), "unrealised": amount(unrealised),
            "fees": amount(fees), "taxes": amount(taxes), "dividends": amount(dividends),
        ]
    }
}

extension PositionRow {
    var json: JSONValue {
        [
            "broker": JSONValue(broker), "account": JSONValue(account), "symbol": JSONValue(symbol),
            "name": .string(name), "currency": JSONValue(currency), "quantity": JSONValue(quantity),
            "average_cost": JSONValue(averageCost), "lots": count(lots), "last_price": JSONValue(lastPrice),
            "last_price_as_of": JSONValue(lastPriceAsOf), "market_value": amount(marketValue),
            "base_value": amount(baseValue), "unrealised": amount(unrealised), "weight": JSONValue(weight),
            "stop": JSONValue(stop), "stop_kept_by": JSONValue(stopKeptBy), "opened_at": JSONValue(openedAt),
        ]
    }
}

extension OrderRow {
    var json: JSONValue {
        [
            "id": .string(id), "at": JSONValue(at), "broker": JSONValue(broker), "symbol": JSONValue(symbol),
            "side": .string(side.rawValue), "type": .string(type.name), "limit_price": JSONValue(type.limitPrice),
            "stop_price": JSONValue(type.stopPrice), "trail_amount": JSONValue(type.trail?.amount),
            "trail_share": JSONValue(type.trail?.share), "limit_offset": JSONValue(type.limitOffset),
            "quantity": JSONValue(quantity), "filled": JSONValue(filled),
            "average_price": JSONValue(averagePrice), "currency": JSONValue(currency), "state": .string(state.rawValue),
            "external": .bool(isExternal), "ack_ms": number(millisecondsToAcknowledge),
            "fill_ms": number(millisecondsToFill), "slippage_bp": number(slippageBasisPoints),
            "reasons": .array(reasons.map(\.json)),
        ]
    }
}

extension FillRow {
    var json: JSONValue {
        [
            "execution_id": JSONValue(executionID), "at": JSONValue(at), "broker": JSONValue(broker),
            "symbol": JSONValue(symbol), "side": .string(side.rawValue), "quantity": JSONValue(quantity),
            "price": JSONValue(price), "currency": JSONValue(currency), "fee": JSONValue(fee), "tax": JSONValue(tax),
        ]
    }
}

extension DecisionRow {
    var json: JSONValue {
        [
            "agent": .string(agent), "buys": count(buys), "holds": count(holds), "sells": count(sells),
            "agreement": JSONValue(agreement), "p50_ms": number(p50Milliseconds), "p95_ms": number(p95Milliseconds),
        ]
    }
}

extension ConsultationSummary {
    var json: JSONValue {
        [
            "calls": count(calls), "vetoes": count(vetoes), "cache_hits": count(cacheHits), "failures": count(failures),
            "cost": amount(cost), "cost_currency": JSONValue(cost?.currency), "p50_ms": number(p50Milliseconds),
            "p95_ms": number(p95Milliseconds),
        ]
    }
}

extension LimitUse {
    var json: JSONValue {
        [
            "name": .string(name), "used": JSONValue(used), "limit": JSONValue(limit), "worst": JSONValue(worst),
            "is_count": .bool(isCount), "note": JSONValue(note),
        ]
    }
}

extension BreakRow {
    var json: JSONValue {
        [
            "broker": JSONValue(broker), "kind": .string(kind), "object": .string(object), "ours": .string(ours),
            "theirs": .string(theirs), "since": JSONValue(since), "state": .string(state),
        ]
    }
}

extension HaltRow {
    var json: JSONValue {
        [
            "scope": .string(scope), "reason": .string(reason), "since": JSONValue(since),
            "lifted_at": JSONValue(liftedAt), "lifted_by": JSONValue(liftedBy),
        ]
    }
}

extension DataRow {
    var json: JSONValue {
        [
            "symbol": JSONValue(symbol), "timeframe": .string(timeframe), "expected": count(expected),
            "received": count(received), "late": count(late), "rejected": count(rejected), "revised": count(revised),
            "gaps": count(gaps), "last_bar_at": JSONValue(lastBarAt),
        ]
    }
}

extension StepRow {
    var json: JSONValue {
        [
            "step": .string(step), "runs": count(runs), "failures": count(failures), "replays": count(replays),
            "p50_ms": number(p50Milliseconds), "p95_ms": number(p95Milliseconds),
        ]
    }
}

extension AlertRow {
    var json: JSONValue {
        [
            "at": JSONValue(at), "severity": .string(severity.rawValue), "code": .string(code),
            "message": .string(message), "delivered": .bool(isDelivered),
        ]
    }
}

extension PerformanceStatistics {
    /// `days` are those of the returns.
    func json(days dates: [CivilDate]) -> JSONValue {
        func day(_ index: Int?) -> JSONValue {
            guard let index, dates.indices.contains(index) else { return .null }
            return JSONValue(dates[index])
        }
        return [
            "days": count(days), "total_return": number(totalReturn), "cagr": number(annualReturn),
            "annual_volatility": number(annualVolatility), "sharpe": number(sharpe), "sortino": number(sortino),
            "max_drawdown": number(maximumDrawdown?.depth ?? 0), "max_drawdown_peak": day(maximumDrawdown?.peak),
            "max_drawdown_trough": day(maximumDrawdown?.trough),
            "max_drawdown_recovery": day(maximumDrawdown?.recovery), "calmar": number(calmar),
            "var_95": number(valueAtRisk95), "var_99": number(valueAtRisk99),
            "cvar_95": number(conditionalValueAtRisk95),
            "win_rate": number(winRate), "profit_factor": number(profitFactor), "payoff_ratio": number(payoffRatio),
            "exposure": number(exposure), "best_day": number(bestDay), "worst_day": number(worstDay),
        ]
    }
}

extension BenchmarkStatistics {
    var json: JSONValue {
        [
            "beta": number(beta), "alpha_annual": number(alphaAnnual), "correlation": number(correlation),
            "tracking_error_annual": number(trackingErrorAnnual),
        ]
    }
}
