internal import Broker
internal import Core
internal import Decision
internal import Ledger
internal import Sessions
internal import Settings
internal import Store

/// Gathers what a decision is made of, inside one transaction.
struct DecisionInputs {
    let beat: Beat
    let reader: StoreReader

    private var settings: Settings { beat.context.settings }

    func make(_ members: [(member: Beat.Member, broker: any Broker)]) throws -> DecisionInput {
        let books = try Books.load(reader, settings: settings, at: beat.now)
        let live = Dictionary(grouping: try reader.openOrders(), by: \.symbol)
        let halts = try reader.activeHalts()
        let decisionSettings = try decisionSettings(members.first?.member)
        let count = max(settings.decision.bufferBars, try decisionSettings.barsNeeded())
        var symbols: [SymbolInput] = []
        for (member, broker) in members {
            guard let slot = member.slot else { continue }
            let symbol = member.instrument.symbol
            let held = books.ledger.position(symbol, broker: broker.id, account: broker.account)?.quantity ?? .zero
            let working = (live[symbol] ?? []).filter { $0.broker == broker.id }.compactMap { WorkingOrder($0) }
            let active = halts.filter { $0.forbids(symbol, beat.profile.name, broker.id) }.map(\.code)
            symbols.append(
                SymbolInput(
                    instrument: member.instrument, broker: broker.id,
                    bars: try reader.lastBars(
                        symbol, beat.profile.timeframe, count: count, closedBefore: slot.openAt.advanced(bySeconds: 1)),
                    positionQuantity: held, workingOrders: working,
                    lastTradeAt: try reader.fills(ListFilter(symbol: symbol, limit: 1)).last?.filledAt,
                    isOpen: member.calendar.isOpen(at: beat.now),
                    sessionClose: member.calendar.session(at: beat.now)?.close, halts: active, expiresAt: beat.expiresAt
                ))
        }
        let portfolio = books.portfolio
        return try DecisionInput(
            cycle: beat.cycle, timeframe: beat.profile.timeframe, now: beat.now, settings: decisionSettings,
            baseCurrency: settings.baseCurrency, equity: portfolio.isComplete ? portfolio.equity.amount : nil,
            rates: books.marks.rates.mapValues(\.perBase), symbols: symbols)
    }

    private func decisionSettings(_ first: Beat.Member?) throws -> Decision.DecisionSettings {
        let decision = settings.decision
        return try Decision.DecisionSettings(
            agents: try beat.profile.agents.map(agent), sizing: sizing(first), orders: try orderDefaults(),
            minimumConfidence: decision.minimumConfidence, cooldownBars: decision.cooldownBars,
            noEntryBeforeClose: .seconds(60 * decision.noEntryMinutesBeforeClose),
            minimumOrderValue: settings.orders.minOrderValue.amount, allowsShort: decision.allowShort)
    }

    private func agent(_ name: AgentName) throws -> AgentSpec {
        let agents = settings.agents
        let kind: AgentSpec.Kind
        switch name.text {
        case "sma-cross": kind = .smaCross(fast: agents.smaCross.fast, slow: agents.smaCross.slow)
        case "momentum": kind = .momentum(lookback: agents.momentum.lookback, threshold: agents.momentum.threshold)
        case "buy-and-hold": kind = .buyAndHold
        default:
            throw StepFailure(
                code: "unknown-agent",
                message: "Profile '\(beat.profile.name)' names the agent '\(name)', which this build lacks.",
                hint: "Nothing was decided. Use sma-cross, momentum or buy-and-hold in `agents:` of trading.yaml.",
                isRetryable: false, exitCode: .configuration)
        }
        return try AgentSpec(kind, name: name, weight: agents.weight(of: name))
    }

    private func sizing(_ first: Beat.Member?) -> PositionSizing {
        switch settings.orders.sizing {
        case .fixed(let quantity): .fixed(quantity)
        case .percentOfEquity(let percent): .percentOfEquity(percent)
        case .volatilityTarget(let annual, let maxPercent):
            .volatilityTarget(
                annual: annual, maxPercent: maxPercent, barsPerYear: barsPerYear(first),
                lookback: settings.decision.bufferBars - 1)
        }
    }

    /// Sessions a year (252) times the bars of the cycle's own session.
    private func barsPerYear(_ first: Beat.Member?) -> Int {
        guard let first, let slot = first.slot else { return 252 }
        return 252 * max(1, first.calendar.slots(of: slot.session, timeframe: beat.profile.timeframe).count)
    }

    private func orderDefaults() throws -> OrderDefaults {
        let style: OrderDefaults.Style =
            switch settings.orders.defaultType {
            case .market: .market
            case .limit: .limit(offset: settings.orders.limitOffset)
            case .stop: .stop(offset: settings.orders.limitOffset)
            }
        return try OrderDefaults(entry: style, exit: .market, timeInForce: settings.orders.timeInForce)
    }
}
