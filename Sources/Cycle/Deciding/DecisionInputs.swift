internal import Broker
internal import Core
internal import Decision
internal import Ledger
internal import MarketData
internal import Sessions
internal import Settings
internal import Store

/// Gathers what a decision is made of, inside one transaction.
///
/// The agents see bars adjusted for splits, on the share scale of the cycle's bar, and not for dividends. A split is a change
/// of unit: without it every average and return across it is wrong. A dividend is a fall of the price that a holder lives
/// through; an ordinary one is smaller than a usual night's move, and taking it out would show the agents prices that never
/// traded and change all earlier ones with each payment. Returns with dividends reinvested are a matter of research.
struct DecisionInputs {
    let beat: Beat
    let reader: StoreReader
    let books: Books

    private var settings: Settings { beat.context.settings }

    /// What the agents are given.
    struct Made {
        let input: DecisionInput
        /// How the bars of the symbols, and of what is held besides, were put on the scale of their last bar, where a split lies between them.
        let adjustments: [Symbol: SplitAdjustment]
        /// Stored bars in between that are of no session of the profile.
        let leftOut: [Symbol: [Instant]]
    }

    /// What comes from outside.
    struct Outside {
        /// In the place of the profile's agents.
        var agents: [AgentSpec]?
        /// The votes on a symbol of which so much is held.
        var votes: (Symbol, Quantity) -> [Vote] = { _, _ in [] }
        var terms: [Symbol: ProposedTerms] = [:]
        var advice: [Symbol: ConsultedAdvice] = [:]
    }

    func make(
        _ members: [(member: Beat.SessionMember, broker: any Broker)], _ outside: Outside = Outside()
    ) throws -> Made {
        let open = try reader.liveOrdersAtWorst()
        let live = Dictionary(grouping: open, by: \.symbol)
        let executable = try ExecutableQuantities(open)
        let halts = try reader.activeHalts()
        let parameters = DecisionParameters(beat: beat, first: members.first?.member)
        let count = try parameters.barCount()
        var adjustments: [Symbol: SplitAdjustment] = [:]
        var leftOut: [Symbol: [Instant]] = [:]
        let made = try outside.agents.map(parameters.settings) ?? parameters.settings()
        let asksForOpen = made.limits.noEntryAfterOpen > .zero
        var symbols: [SymbolInput] = []
        for (member, broker) in members {
            let symbol = member.instrument.symbol
            let (_, trading) = try beat.context.listing(of: symbol)
            let held = books.ledger.position(symbol, broker: broker.id, account: broker.account)?.quantity ?? .zero
            let working = (live[symbol] ?? []).filter { $0.broker == broker.id }.compactMap {
                WorkingOrder($0, open: executable[$0])
            }
            let active = halts.filter { $0.forbids(symbol, beat.profile.name, broker.id) }.map(\.code)
            let seen = try DecisionBars(member, count: count, beat, reader)
            if !seen.leftOut.isEmpty { leftOut[symbol] = seen.leftOut }
            if !seen.adjustment.splits.isEmpty { adjustments[symbol] = seen.adjustment }
            symbols.append(
                SymbolInput(
                    instrument: member.instrument, broker: broker.id,
                    bars: seen.bars,
                    positionQuantity: held, workingOrders: working,
                    lastTradeAt: try reader.lastTradeAt(symbol),
                    isOpen: trading.isOpen(at: beat.now),
                    sessionClose: trading.session(at: beat.now)?.close,
                    sessionOpen: asksForOpen ? trading.session(at: beat.now)?.open : nil, halts: active,
                    expiresAt: window(of: outside.terms[symbol], trading), opinions: outside.votes(symbol, held),
                    terms: outside.terms[symbol],
                    consultation: outside.advice[symbol]))
        }
        let day = members.first?.member.slot.session.open ?? beat.now.utcDate.startUTC
        let (commitments, besides) = try BookedCommitments(beat, reader, books, live: open)
            .gather(for: made.limits, decided: symbols, day: day)
        for (symbol, seen) in besides {
            if !seen.leftOut.isEmpty { leftOut[symbol] = seen.leftOut }
            if !seen.adjustment.splits.isEmpty { adjustments[symbol] = seen.adjustment }
        }
        let portfolio = books.portfolio
        let input = try DecisionInput(
            cycle: beat.cycle, timeframe: beat.profile.timeframe, now: beat.now, settings: made,
            baseCurrency: settings.baseCurrency, equity: portfolio.isComplete ? portfolio.equity.amount : nil,
            rates: books.marks.rates.mapValues(\.perBase), commitments: commitments, symbols: symbols)
        return Made(input: input, adjustments: adjustments, leftOut: leftOut)
    }

    /// Until when an order may be sent: one for the opening until then, every other one until the next bar's own decision.
    private func window(of terms: ProposedTerms?, _ trading: ExchangeCalendar) -> Instant {
        guard terms?.timeInForce == .atOpen, let open = trading.nextOpen(after: beat.now) else { return beat.expiresAt }
        return open
    }
}
