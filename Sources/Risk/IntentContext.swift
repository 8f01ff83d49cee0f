import Core

/// Everything a rule may look at, worked out once per intent.
struct IntentContext {
    let intent: OrderIntent
    let check: RiskCheck
    let before: Projection
    /// The projection if the intent were approved.
    let after: Projection
    let market: MarketCondition?
    let broker: BrokerCondition?
    let order: ProjectedOrder
    /// The value of the order in base currency; `nil` without a price or rate.
    let value: FixedPoint?
    let equity: FixedPoint?

    init(intent: OrderIntent, check: RiskCheck, before: Projection) throws(ArithmeticError) {
        self.intent = intent
        self.check = check
        self.before = before
        var after = before
        try check.add(intent, to: &after)
        self.after = after
        market = check.markets[intent.symbol]
        broker = check.brokers[intent.broker]
        order = ProjectedOrder(intent)
        value = try check.baseValue(of: order)
        equity = check.knownEquity
    }

    var limits: RiskLimits { check.limits }
    var state: AccountState { check.state }
    var key: HoldingKey { order.key }
    var reducesRisk: Bool { intent.purpose.reducesRisk }

    /// The last price, young enough to open risk on.
    var freshPrice: Price? { market?.lastPrice?.price(at: check.now, maxAge: limits.staleAfter(of: intent.symbol)) }

    func halts(where matches: (HaltView) -> Bool) -> [HaltView] {
        state.activeHalts.filter(matches).sorted { ($0.scope.description, $0.code) < ($1.scope.description, $1.code) }
    }

    /// Halts of everything, of the intent's profile and of its broker, without those that have a rule of their own.
    var generalHalts: [HaltView] {
        halts { halt in
            guard halt.code != AccountVerdict.dailyLossCode, halt.code != AccountVerdict.emergencyCode else {
                return false
            }
            switch halt.scope {
            case .all: return true
            case .profile(let name): return name == intent.cycle.profile
            case .broker(let id): return id == intent.broker
            case .symbol: return false
            }
        }
    }

    func numbers() throws(ArithmeticError) -> JSONValue {
        let holding = before.holding(key)
        return [
            "notional": JSONValue(try check.notional(of: order)?.amount),
            "currency": JSONValue(market?.instrument.currency),
            "base_value": JSONValue(value),
            "base_currency": JSONValue(state.baseCurrency),
            "equity": JSONValue(equity),
            "held": JSONValue(holding.held),
            "buying": JSONValue(holding.buying),
            "selling": JSONValue(holding.selling),
            "position_value_after": JSONValue(try after.worstValue(of: intent.symbol)),
            "gross_exposure_before": JSONValue(before.worstGrossExposure),
            "gross_exposure_after": JSONValue(after.worstGrossExposure),
            "positions_after": .int(Int64(after.positionCount)),
            "orders_today_after": .int(Int64(after.ordersToday)),
            "cash_after": JSONValue(
                market.flatMap { after.cash[intent.broker]?[$0.instrument.currency] }),
        ]
    }
}
