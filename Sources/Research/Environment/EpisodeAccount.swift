internal import Broker
internal import BrokerPaper
internal import Core
internal import Decision
internal import Features
internal import Ledger
internal import Risk

/// One account in one episode: its books, its orders, and what stands between an action and an order.
struct EpisodeAccount: Sendable {
    let scene: MarketScene
    let stage: MarketScene.Stage
    private(set) var books: EpisodeBooks
    private(set) var working: [WorkingOrder] = []
    private(set) var halts: [HaltView] = []
    /// What the exchange has taken, each at its time of creation.
    private(set) var sent: [OrderIntent] = []
    /// What was taken back, and when.
    private(set) var cancelled: [(order: ClientOrderID, at: Instant)] = []
    /// At the last mark, in the instrument's currency; and as a binary number for rewards.
    private(set) var equity: FixedPoint
    private(set) var equityValue: Double
    /// Both sides, as a multiple of equity.
    private(set) var turnover = 0.0
    /// In base currency: when the session began, and of its trades so far.
    private var dayStart: Money
    private var turnoverToday = FixedPoint.zero
    private let paidIn: Money
    private var guardRail: GuardRail
    private var ordersToday = 0
    private var lastSending: (at: Instant, count: Int)?
    private var lastTradeAt: Instant?
    /// The first bar that opened after the oldest lot was opened; 0 when flat.
    private var firstBarHeld = 0
    private var session: Int

    private var tape: MarketTape { stage.tape }
    private var rules: MarketRules { scene.rules }
    private var limits: RiskLimits { scene.rules.limits }

    init(_ scene: MarketScene, _ start: MarketScene.Start) throws {
        let stage = scene.stages[start.stage]
        (self.scene, self.stage) = (scene, stage)
        books = try EpisodeBooks(
            scene.account, stage.tape.instrument, opening: stage.opening, at: stage.tape.closes[start.bar])
        equity = stage.opening.amount
        equityValue = equity.doubleValue
        paidIn = Money(
            try equity.multiplied(by: stage.rate, rounding: .halfEven), scene.rules.baseCurrency)
        dayStart = paidIn
        session = stage.tape.sessions[start.bar]
        guardRail = GuardRail(scene.rules.limits, stopLoss: stage.stopLoss, paidIn: equityValue)
    }

    var isRuined: Bool { !equity.isPositive }

    /// Whether an action could do anything at a bar's close.
    func canAct(at bar: Int) -> Bool {
        guard tape.trading[bar] != nil else { return false }
        guard books.quantity.isZero, working.isEmpty else { return true }
        return halts.isEmpty && !stage.barsEntries[bar]
    }

    /// What features see of the position; `nil` when flat.
    func holding(at bar: Int) -> FeatureHolding? {
        guard let position = books.position, !position.isFlat else { return nil }
        return FeatureHolding(
            side: position.quantity.isNegative ? -1 : 1, entryPrice: position.averageCost.doubleValue,
            barsHeld: min(bar - firstBarHeld + 1, scene.computer.spec.window))
    }

    // MARK: At the close of a bar

    /// Decides, checks and sends, as a beat does.
    mutating func act(_ action: Int, at bar: Int) throws {
        let decision = DecisionScene(rules, tape, bar: bar, barsShown: scene.barsShown)
        var intents: [OrderIntent] = []
        if action > 0, tape.trading[bar] != nil, mayOrder(action, at: bar) {
            let input = try decision.input(
                equity: try inBase(equity), vote: scene.votes[action], held: books.quantity,
                working: working.map(\.decisionView), lastTradeAt: lastTradeAt, turnover: turnoverToday)
            let decisions = scene.manager.decide(input)
            intents = decisions.compactMap(\.intent)
            // What a decision takes back, it takes back before anything else is sent.
            cancel(Set(decisions.flatMap(\.cancels)), at: decision.now)
        }
        guard !intents.isEmpty || mayJudge(at: bar) else { return }
        try judge(intents, decision, at: bar)
    }

    private mutating func judge(_ proposed: [OrderIntent], _ decision: DecisionScene, at bar: Int) throws {
        let verdict = try check(decision, at: bar).account()
        halts += verdict.newHalts.map { HaltView(scope: $0.scope, code: $0.code) }
        let exits = verdict.protectiveExits.map {
            $0.intent(cycle: decision.cycle, leg: 1, createdAt: decision.now, expiresAt: decision.expiresAt)
        }
        let intents = proposed + exits
        // Halts of this very check bind the intents of this very check.
        let verdicts = intents.isEmpty ? [] : try check(decision, at: bar).intents(intents)
        cancel(Set(verdict.cancelOrders), at: decision.now)
        let approved = Set(verdicts.filter(\.isApproved).map(\.intentID))
        try send(RiskCheck.canonical(intents).filter { approved.contains($0.id) }, at: decision.now, bar)
    }

    private mutating func cancel(_ orders: Set<ClientOrderID>, at now: Instant) {
        for index in working.indices where working[index].cancelledAt == nil {
            let order = working[index].intent.clientOrderID
            guard orders.contains(order) else { continue }
            working[index].cancelledAt = now
            cancelled.append((order, now))
        }
    }

    private func check(_ decision: DecisionScene, at bar: Int) throws -> RiskCheck {
        let (instrument, closedAt) = (tape.instrument, tape.closes[bar])
        let price = PricedAt(tape.bars[bar].close, asOf: closedAt)
        var positions: [RiskPosition] = []
        if let position = books.position, !position.isFlat {
            positions.append(
                RiskPosition(
                    symbol: position.symbol, broker: position.broker, quantity: position.quantity,
                    averageCost: position.averageCost, lastPrice: price, currency: position.currency,
                    multiplier: position.multiplier))
        }
        let sentNow = lastSending.map { decision.now.duration(since: $0.at) <= .seconds(60) ? $0.count : 0 } ?? 0
        let state = AccountState(
            baseCurrency: rules.baseCurrency, equityNow: Money(try inBase(equity), rules.baseCurrency),
            equityAtDayStart: dayStart, equityInitial: paidIn, rates: rules.rates, positions: positions,
            liveOrders: working.map { $0.managed(rules.exchange.account) }, ordersSentToday: ordersToday,
            ordersSentInLastMinute: sentNow, activeHalts: halts)
        let broker = BrokerCondition(
            orderTypes: PaperConfiguration.orderTypes, timesInForce: PaperConfiguration.timesInForce,
            allowsShort: rules.exchange.allowShort, cash: [instrument.currency: books.cash.rounded])
        let market = MarketCondition(
            instrument: instrument, isOpen: tape.trading[bar] != nil, lastBarClose: closedAt, lastPrice: price)
        return RiskCheck(
            state: state, markets: [instrument.symbol: market], brokers: [rules.broker: broker], limits: limits,
            now: decision.now)
    }

    private mutating func send(_ intents: [OrderIntent], at now: Instant, _ bar: Int) throws {
        guard !intents.isEmpty else { return }
        for intent in intents where try isAffordable(intent, at: now, bar) {
            working.append(WorkingOrder(intent, placedAt: now))
            sent.append(intent)
        }
        ordersToday += intents.count
        lastSending = (now, intents.count)
    }

    /// The paper exchange refuses what would open more than its free cash pays with all costs. A short position holds its
    /// proceeds and as much again.
    private func isAffordable(_ intent: OrderIntent, at now: Instant, _ bar: Int) throws -> Bool {
        guard !intent.purpose.reducesRisk else { return true }
        let (instrument, day) = (tape.instrument, now.utcDate)
        func need(_ quantity: Quantity) throws -> FixedPoint {
            let price = try rules.exchange.taking(tape.bars[bar].close, intent.side, instrument, on: day)
            let costs = try rules.exchange.fees.costs(instrument, intent.side, quantity, at: price, on: day)
            return try instrument.notional(price, quantity).amount + costs.fee + costs.tax
        }
        var free = books.cash.rounded
        if let position = books.position, position.quantity.isNegative {
            let value = try instrument.notional(position.averageCost, position.quantity.magnitude).amount
            free = try free - value - value
        }
        for order in working where !order.intent.purpose.reducesRisk { free = try free - need(order.leaves) }
        return try need(intent.quantity) <= free
    }

    private func inBase(_ amount: FixedPoint) throws(ArithmeticError) -> FixedPoint {
        stage.rate == .one ? amount : try amount.multiplied(by: stage.rate, rounding: .halfEven)
    }
}

// MARK: - From bar to bar

extension EpisodeAccount {
    /// Executes what is on order at the open of a bar. The rest of a day order waits for the next open of its session.
    mutating func open(at bar: Int) throws {
        if tape.sessions[bar] != session { try beginDay(tape.sessions[bar]) }
        guard !working.isEmpty else { return }
        let instrument = tape.instrument
        let (open, day) = (tape.bars[bar].open, tape.bars[bar].openAt.utcDate)
        var used = Quantity.zero
        for index in working.indices {
            var order = working[index]
            if let cancelledAt = order.cancelledAt, cancelledAt <= tape.bars[bar].openAt { continue }
            let at = max(order.placedAt, tape.bars[bar].openAt)
            let room = try rules.exchange.capacity(of: tape.volumesBefore[bar], used: used)
            let taken = Quantity(
                try min(room, order.leaves).value.rounded(toMultipleOf: instrument.lotSize.value, .down))
            guard taken.isPositive else { continue }
            let price = try rules.exchange.taking(open, order.intent.side, instrument, on: day)
            let costs = try order.fill(taken, at: price, on: at.utcDate, instrument, rules.exchange.fees)
            working[index] = order
            used = try used + taken
            try book(order.intent.side, taken, price, costs, at: at, bar)
        }
        working.removeAll {
            !$0.leaves.isPositive || $0.intent.timeInForce == .immediateOrCancel || $0.cancelledAt != nil
        }
    }

    private mutating func beginDay(_ next: Int) throws {
        session = next
        dayStart = Money(try inBase(equity), rules.baseCurrency)
        guardRail.beginDay(equityValue)
        (ordersToday, turnoverToday) = (0, .zero)
        working.removeAll { $0.intent.timeInForce != .goodTillCancelled }
    }

    /// Takes the equity at a bar's close.
    mutating func mark(at bar: Int) throws {
        equity = try books.equity(at: tape.bars[bar].close)
        equityValue = equity.doubleValue
    }

    /// Closes what is held at a bar's close, whatever its volume: what an episode leaves behind is not worth its price.
    mutating func closeOut(at bar: Int) throws {
        working = []
        let held = books.quantity
        guard !held.isZero else { return }
        let (instrument, at) = (tape.instrument, tape.closes[bar])
        let side: Side = held.isNegative ? .buy : .sell
        let price = try rules.exchange.taking(tape.bars[bar].close, side, instrument, on: at.utcDate)
        let costs = try rules.exchange.fees.costs(instrument, side, held.magnitude, at: price, on: at.utcDate)
        try book(side, held.magnitude, price, costs, at: at, bar)
        try mark(at: bar)
    }

    private mutating func book(
        _ side: Side, _ quantity: Quantity, _ price: Price, _ costs: TradeCosts, at: Instant, _ bar: Int
    ) throws {
        let instrument = tape.instrument
        let execution = ExecutionID(String(books.ledger.entries.count))
        try books.book(
            .fill(
                execution, instrument.symbol, side, quantity: quantity, price: price,
                multiplier: instrument.multiplier, fee: costs.fee, tax: costs.tax, instrument.currency), at: at)
        let value = try instrument.notional(price, quantity).amount.magnitude
        turnover += equityValue > 0 ? value.doubleValue / equityValue : 0
        turnoverToday = try turnoverToday + inBase(value)
        lastTradeAt = at
        guard let openedAt = books.position?.openedAt else { return firstBarHeld = 0 }
        firstBarHeld = bar + 1
        while firstBarHeld > 0, tape.bars[firstBarHeld - 1].openAt >= openedAt { firstBarHeld -= 1 }
    }
}

// MARK: - What need not be asked

extension EpisodeAccount {
    /// Whether the risk check could do anything besides judging new orders.
    private func mayJudge(at bar: Int) -> Bool {
        guard scene.isGuarded else { return true }
        guard working.isEmpty, halts.isEmpty else { return true }
        return guardRail.mayAct(
            equity: equityValue, books.position, close: tape.bars[bar].close.doubleValue)
    }

    /// Whether the decision manager could make an order of an action.
    private func mayOrder(_ action: Int, at bar: Int) -> Bool {
        guard scene.isGuarded else { return true }
        let held = books.quantity
        let isSale = scene.votes[action].action == .sell
        // A sale of nothing needs shorts, unless it takes a purchase back that is still on order; and whoever holds enough buys
        // no more.
        if isSale, !held.isPositive, !rules.decision.allowsShort, working.isEmpty { return false }
        guard !held.isZero, held.isNegative == isSale, working.isEmpty else { return true }
        let price = tape.bars[bar].close.doubleValue * tape.instrument.multiplier.doubleValue
        guard let most = GuardRail.largestTarget(rules.decision, equity: equityValue, unitValue: price) else {
            return true
        }
        return held.magnitude.value.doubleValue < most
            * (1 - 0.99 * rules.decision.rebalanceTolerance.doubleValue)
    }
}
