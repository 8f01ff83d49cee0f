internal import Core
internal import BrokerPaper
internal import Decision
public import Features
public import Learning
internal import Ledger
internal import Risk

#if canImport(Glibc)
    internal import Glibc
#endif

/// Episodes over imported bars, traded as the live path trades: decided by the decision manager, judged by the risk check,
/// executed at the next bar's open by the paper exchange's prices and fees, booked in the ledger.
///
/// An action is a policy's vote of full confidence. One episode is a number of whole sessions in one instrument; it begins
/// flat with the exchange's opening balance at the close of the first bar, and ends at the close of the last with the
/// cost of closing what is held. The reward is the net log return of equity between the closes of two bars.
///
/// Every action is possible as long as any of them could do something, for live nobody takes an action from a policy because
/// it would do nothing: to buy what is held already is to hold. Where nothing at all can be done, because the exchange is closed
/// or the account is flat and may open nothing, only holding is possible, and nothing is learned from it.
public struct MarketEnvironment: TrainingEnvironment {
    public let inputs: Int
    public let actions = 3
    public var startCount: Int { scene.starts.count }

    private let scene: MarketScene
    private var account: EpisodeAccount
    private var bar = 0
    private var end = 0

    /// - Parameters:
    ///   - computer: with the normaliser that was fitted on the training span; its vectors are those of the tapes.
    ///   - sessions: of an episode.
    ///   - history: rows that a network with history is given.
    ///   - isGuarded: whether the exact checks are left out where a rough look shows that they could not act; that changes
    ///     nothing but the time it takes.
    /// - Throws: ``MarketError`` for what cannot be played.
    public init(
        _ tapes: [MarketTape], _ computer: FeatureComputer, _ rules: MarketRules, sessions: Int = 1, history: Int = 0,
        isGuarded: Bool = true
    ) throws {
        scene = try MarketScene(
            tapes, computer, rules, sessions: sessions, history: history, isGuarded: isGuarded)
        inputs = computer.spec.features.count
        account = try EpisodeAccount(scene, scene.starts[0])
        _ = try reset(at: 0)
    }

    private var tape: MarketTape { account.stage.tape }

    public var turnover: Double { account.turnover }

    public mutating func reset(at start: Int) throws -> Observation {
        let place = scene.starts[start]
        account = try EpisodeAccount(scene, place)
        bar = place.bar
        end = tape.end(from: bar, sessions: scene.sessions)
        return observation()
    }

    public var priorStates: [Float] {
        guard scene.history > 0 else { return [] }
        let width = tape.width
        return Array(tape.rows[(bar - scene.history) * width..<bar * width])
    }

    public mutating func step(_ action: Int) throws -> StepOutcome {
        let before = account.equityValue
        try account.act(action, at: bar)
        bar += 1
        try account.open(at: bar)
        try account.mark(at: bar)
        let isOver = bar == end || account.isRuined
        if isOver { try account.closeOut(at: bar) }
        return StepOutcome(reward: growth(from: before), observation: observation(), isDone: isOver)
    }

    public mutating func cut() throws -> Double {
        let before = account.equityValue
        try account.closeOut(at: bar)
        return growth(from: before)
    }

    /// An account that has lost everything has lost all but a millionth: a logarithm has no word for nothing.
    private func growth(from before: Double) -> Double { log(max(account.equityValue / before, 1e-6)) }

    private func observation() -> Observation {
        let width = tape.width
        var state = Array(tape.rows[bar * width..<(bar + 1) * width])
        if let held = account.holding(at: bar) {
            scene.computer.evaluate(tape.vectors[bar], held) { state[$0] = Float($1) }
        }
        return Observation(state, allowed: account.canAct(at: bar) ? .all(actions) : ActionMask([0]))
    }
}

extension MarketEnvironment {
    /// What happened in the episode, for whoever compares it with another account of the same.
    struct Record {
        let symbol: Symbol
        /// Of the bar that is looked at.
        let closedAt: Instant
        let entries: [LedgerEntry]
        let equity: FixedPoint
        let halts: [String]
        let orders: [OrderIntent]
        let cancelled: [(order: ClientOrderID, at: Instant)]
    }

    var record: Record {
        Record(
            symbol: tape.symbol, closedAt: tape.closes[bar], entries: account.books.ledger.entries,
            equity: account.equity, halts: account.halts.map(\.code), orders: account.sent,
            cancelled: account.cancelled)
    }

    var books: EpisodeBooks { account.books }
    /// Of the bars of the episode's instrument.
    var closes: [Instant] { tape.closes }
}
