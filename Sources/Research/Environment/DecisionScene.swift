internal import Core
internal import Decision
internal import Sessions

/// What the decision manager is given at a bar of an episode: as `decide` gathers it from the state database.
struct DecisionScene {
    private let rules: MarketRules
    private let tape: MarketTape
    private let bar: Int
    private let barsShown: Int

    init(_ rules: MarketRules, _ tape: MarketTape, bar: Int, barsShown: Int) {
        (self.rules, self.tape, self.bar, self.barsShown) = (rules, tape, bar, barsShown)
    }

    var cycle: CycleID { CycleID(profile: rules.profile, barClose: tape.closes[bar]) }
    var now: Instant { tape.closes[bar].advanced(by: MarketTape.delay) }
    var expiresAt: Instant { tape.closes[bar].advanced(bySeconds: Int64(rules.timeframe.seconds)) }

    /// - Parameters:
    ///   - equity: in base currency.
    ///   - turnover: of the day, in base currency.
    func input(
        equity: FixedPoint, vote: Vote, held: Quantity = .zero, working: [Decision.WorkingOrder] = [],
        lastTradeAt: Instant? = nil, turnover: FixedPoint = .zero
    ) throws(DecisionError) -> DecisionInput {
        let decision = rules.decision
        let shown = Array(tape.bars[max(0, bar + 1 - barsShown)...bar])
        let session = tape.trading[bar]
        return try DecisionInput(
            cycle: cycle, timeframe: rules.timeframe, now: now, settings: decision, baseCurrency: rules.baseCurrency,
            equity: equity, rates: rules.rates, turnoverToday: decision.limits.maximumTurnover == nil ? nil : turnover,
            symbols: [
                SymbolInput(
                    instrument: tape.instrument, broker: rules.broker, bars: shown, positionQuantity: held,
                    workingOrders: working, lastTradeAt: lastTradeAt, isOpen: session != nil,
                    sessionClose: session?.close,
                    sessionOpen: decision.limits.noEntryAfterOpen > .zero ? session?.open : nil, expiresAt: expiresAt,
                    opinions: [vote])
            ])
    }
}
