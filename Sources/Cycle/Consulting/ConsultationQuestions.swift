internal import Broker
internal import Core
internal import Decision
internal import Features
internal import Ledger
internal import Risk
internal import Settings
internal import Store

/// What a consultant is told: what the decision sees, in raw values with their units, and what the other agents want.
struct ConsultationQuestions {
    private let beat: Beat
    private let reader: StoreReader
    private let books: Books

    private var settings: Settings { beat.context.settings }

    /// A question with what the agents come to without an answer.
    struct Asked {
        let question: MarketQuestion
        /// They close the position.
        let isExit: Bool
    }

    init(_ beat: Beat, _ reader: StoreReader) throws {
        self.beat = beat
        self.reader = reader
        books = try Books.load(
            reader, settings: beat.context.settings, calendars: beat.context.calendars, at: beat.now)
    }

    /// One question per symbol, in the order of the symbols. A symbol whose bars and books may be of two scales is not
    /// decided on, and nobody is asked about it.
    ///
    /// - Returns: the questions, and what they lack, as warnings.
    func questions(
        _ members: [Beat.SessionMember], _ votes: OutsideVotes.Gathered
    ) throws -> (questions: [Asked], lacking: [String]) {
        let doubted = Set(books.doubts(beat.context).map(\.symbol))
        let asked = members.filter { !doubted.contains($0.instrument.symbol) }
        guard !asked.isEmpty else { return ([], []) }
        let input = try DecisionInputs(beat: beat, reader: reader, books: books)
            .make(
                asked.map { ($0, try beat.broker(for: $0.instrument)) },
                DecisionInputs.Outside(votes: { symbol, _ in votes.votes[symbol] ?? [] })
            ).input
        // Without an advice the decisions are what the other agents want.
        let wishes = try DecisionManager.decide(input)
        let (features, lacking) = try features(of: Set(asked.map(\.instrument.symbol)))
        let general = try generalLimits()
        let news = settings.agents.claude.newsFile.map { ConsultationNews(file: $0, barClose: beat.cycle.barClose) }
        let questions = try zip(input.symbols, wishes).map { symbol, wish in
            let question = MarketQuestion(
                instrument: symbol.instrument, timeframe: beat.profile.timeframe, barClose: beat.cycle.barClose,
                bars: symbol.bars, features: features[symbol.symbol] ?? [], position: try position(symbol),
                equity: books.portfolio.isComplete ? books.portfolio.equity : nil,
                limits: try general + limits(of: symbol), vote: Self.vote(wish),
                outsideTexts: news?.texts[symbol.symbol] ?? [])
            return Asked(question: question, isExit: wish.intent?.purpose == .exit)
        }
        return (questions, [lacking, news?.lacking].compactMap { $0 })
    }

    /// A hybrid agent's policy has probabilities of its own; several agents have come to a signal.
    private static func vote(_ wish: SymbolDecision) -> Vote {
        if wish.votes.count == 1, let only = wish.votes.first { return only }
        return .rule(AgentName("aggregate"), wish.action, wish.confidence, .null)
    }

    // MARK: Position

    private func position(_ symbol: SymbolInput) throws -> MarketQuestion.Position {
        let account = beat.context.brokers[symbol.broker]?.account ?? AccountID("")
        guard let held = books.ledger.position(symbol.symbol, broker: symbol.broker, account: account), !held.isFlat
        else { return MarketQuestion.Position(quantity: .zero) }
        let profit = try books.marks.price(of: held).map { mark in
            Money(try (held.marketValue(at: mark.price) - held.cost).rounded, held.currency)
        }
        return MarketQuestion.Position(
            quantity: held.quantity, averageCost: held.averageCost, unrealisedPnL: profit,
            barsHeld: held.openedAt.map { openedAt in symbol.bars.count { $0.openAt >= openedAt } })
    }

    // MARK: Features

    /// The features of the configuration as they are before their normalisation, each with its definition for a unit. One
    /// that is not ready is left out; where none can be computed, which no agent here may need, he is told the bars alone.
    private func features(of symbols: Set<Symbol>) throws -> ([Symbol: [Figure]], lacking: String?) {
        let computer: FeatureComputer
        do { computer = try FeatureList(settings: settings).computer(normaliser: nil, isRaw: true) } catch let failure
            as StepFailure
        { return ([:], "the consultant is told no features: \(failure.message)") }
        let desk = try FeatureDesk(
            beat.context, profile: beat.profile, computer: computer, form: .raw, now: beat.now)
        let units = computer.spec.features.map { "as defined: \($0.expression)" }
        var figures: [Symbol: [Figure]] = [:]
        for record in try desk.records(of: beat.cycle, symbols: symbols, in: reader) {
            figures[record.symbol] = zip(record.names, zip(record.vector.values, units)).compactMap { name, rest in
                rest.0.isFinite ? Figure(name, rest.0, unit: rest.1) : nil
            }
        }
        return (figures, nil)
    }

    // MARK: Limits

    /// Those of the account, and how much of them is used.
    private func generalLimits() throws -> [Figure] {
        let risk = settings.risk
        let check = try RiskView(beat, reader).check([])
        var figures = [
            Figure("daily_loss_limit", risk.dailyLossLimit.value, unit: "share of equity at the day's start"),
            Figure("emergency_loss_limit", risk.emergencyShutdownLoss.value, unit: "share of the capital paid in"),
            Figure("max_leverage", risk.maxLeverage, unit: "times equity"),
            Figure("max_position_count", FixedPoint(risk.maxPositionCount), unit: "positions"),
            Figure("positions_held", FixedPoint(books.ledger.openPositions.count), unit: "positions"),
            Figure("max_daily_orders", FixedPoint(risk.maxDailyOrders), unit: "orders"),
            Figure("orders_sent_today", FixedPoint(check.state.ordersSentToday), unit: "orders"),
        ]
        if let now = check.state.equityNow, let start = check.state.equityAtDayStart {
            let change = try now - start
            figures.append(Figure("profit_of_the_day", change.amount, unit: "\(change.currency)"))
        }
        return figures
    }

    private func limits(of symbol: SymbolInput) throws -> [Figure] {
        let own = settings.risk.perSymbol[symbol.symbol]
        let size = own?.maxPositionSize ?? settings.risk.positionSizeLimit
        var figures = [Figure("max_position_share", size.value, unit: "share of equity")]
        if settings.risk.stopLossEnabled {
            let stop = own?.stopLoss ?? settings.risk.stopLoss
            figures.append(Figure("stop_loss", stop.value, unit: "share of the average cost"))
        }
        return figures
    }
}
