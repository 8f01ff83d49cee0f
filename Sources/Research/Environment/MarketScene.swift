internal import BrokerPaper
internal import Core
internal import Decision
internal import Features
internal import Ledger
internal import Risk

/// What all episodes of a market have in common: shared by every rollout, changed by none.
final class MarketScene: Sendable {
    /// The one voter of an episode: the policy that learns.
    static let agent = AgentName("learner")

    /// Of a tape: what the guards compare with, and what bars tell ahead of any action.
    struct Stage: Sendable {
        let tape: MarketTape
        let opening: Money
        let rate: FixedPoint
        let stopLoss: Double
        /// Bars at whose close nothing may be opened, whatever the account.
        let barsEntries: [Bool]
    }

    struct Start: Hashable, Sendable {
        let stage: Int
        let bar: Int
    }

    let rules: MarketRules
    let computer: FeatureComputer
    let holdingFeatures: [Int]
    let stages: [Stage]
    let starts: [Start]
    let sessions: Int
    let history: Int
    let manager: DecisionManager
    /// One vote for each action of the policy's, in its order: hold, buy, sell. A policy that acts is taken to be certain.
    let votes: [Vote]
    /// Bars that the decision manager is shown.
    let barsShown: Int
    let account: AccountKey
    /// Whether the exact checks are left out where a rough look shows that they could not act.
    let isGuarded: Bool

    init(
        _ tapes: [MarketTape], _ computer: FeatureComputer, _ rules: MarketRules, sessions: Int, history: Int,
        isGuarded: Bool
    ) throws {
        (self.rules, self.computer, self.sessions, self.history) = (rules, computer, sessions, history)
        self.isGuarded = isGuarded
        holdingFeatures = computer.holdingFeatures
        let decision = rules.decision
        guard decision.orders.entry == .market, decision.orders.exit == .market else {
            throw MarketError.orderType(decision.orders.entry.name)
        }
        let portfolio = computer.spec.features.filter { $0.expression.terms.contains(where: \.isOfPortfolio) }
        guard portfolio.isEmpty else { throw MarketError.portfolioFeatures(portfolio.map(\.name)) }
        manager = DecisionManager(agents: [WeightedAgent(OutsideAgent(name: Self.agent), weight: .one)])
        votes = [Action.hold, .buy, .sell].map {
            Vote(
                agent: Self.agent, action: $0, probabilities: .rule($0, confidence: 1), confidence: 1,
                detail: .object([]))
        }
        let shown = try decision.barsNeeded()
        barsShown = shown
        account = AccountKey(rules.broker, rules.exchange.account)
        let desk = EntryTimes(rules: rules, manager: manager, votes: votes, barsShown: shown)
        stages = try tapes.map { try Self.stage($0, rules, desk) }
        starts = tapes.enumerated().flatMap { index, tape in
            tape.starts(sessions: sessions, history: history, shown: shown).map { Start(stage: index, bar: $0) }
        }
        guard !starts.isEmpty else {
            throw MarketError.noStart(
                bars: tapes.reduce(0) { $0 + $1.bars.count }, ready: tapes.reduce(0) { $0 + $1.isReady.count { $0 } },
                sessions: sessions)
        }
    }

    private static func stage(_ tape: MarketTape, _ rules: MarketRules, _ desk: EntryTimes) throws -> Stage {
        let instrument = tape.instrument
        switch instrument.kind {
        case .stock, .etf: break
        case .future, .option: throw MarketError.derivative(instrument.symbol)
        }
        guard let opening = rules.initialCash(instrument.currency) else {
            throw MarketError.noCash(instrument.symbol, instrument.currency)
        }
        guard let rate = rules.rate(instrument.currency) else {
            throw MarketError.noRate(instrument.symbol, instrument.currency, base: rules.baseCurrency)
        }
        return Stage(
            tape: tape, opening: opening, rate: rate,
            stopLoss: rules.limits.stopLoss(of: instrument.symbol).doubleValue,
            barsEntries: try desk.closed(tape, opening, rate))
    }
}

/// Asks the decision manager when it lets nobody in: its filters know, and are not written a second time.
struct EntryTimes {
    let rules: MarketRules
    let manager: DecisionManager
    let votes: [Vote]
    let barsShown: Int

    /// The filters that look at the time only.
    private static let filters: Set<String> = ["market-open", "near-open", "near-close"]

    func closed(_ tape: MarketTape, _ opening: Money, _ rate: FixedPoint) throws -> [Bool] {
        try tape.bars.indices.map { bar in
            guard tape.trading[bar] != nil else { return true }
            let input = try DecisionScene(rules, tape, bar: bar, barsShown: barsShown).input(
                equity: try opening.amount.multiplied(by: rate, rounding: .halfEven), vote: votes[1])
            return manager.decide(input).contains { decision in
                decision.filters.contains { !$0.passed && Self.filters.contains($0.name) }
            }
        }
    }
}
