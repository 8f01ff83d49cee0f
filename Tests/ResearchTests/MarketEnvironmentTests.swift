import Broker
import BrokerPaper
import Core
import Decision
import Features
import Ledger
import Foundation
import Learning
import Sessions
import Testing

@testable import Research

struct MarketEnvironmentTests {
    private enum Action { static let (hold, buy, sell) = (0, 1, 2) }

    /// Plays drawn actions to the end of an episode.
    private static func play(
        _ market: MarketEnvironment, start: Int, seed: UInt64
    ) throws -> (rewards: [Double], states: [[Float]], last: MarketEnvironment) {
        var (market, random) = (market, SeededGenerator(seed: seed, stream: "actions \(start)"))
        var (rewards, states) = ([Double](), [try market.reset(at: start).state])
        while true {
            let outcome = try market.step(Int(random.uniform() * 3))
            rewards.append(outcome.reward)
            states.append(outcome.observation.state)
            if outcome.isDone { return (rewards, states, market) }
        }
    }

    @Test("An episode is a session, and its rewards are what the ledger has grown by")
    func episode() throws {
        let stage = PaperStage()
        let market = try stage.market(PaperStage.walk(sessions: 5, seed: 1))
        // The first session has no whole vectors.
        #expect(market.startCount == 4 && market.inputs == 3)
        for start in 0..<market.startCount {
            let (rewards, _, last) = try Self.play(market, start: start, seed: 1)
            #expect(rewards.count == PaperStage.barsOfSession - 1)
            let record = last.record
            #expect(last.books.quantity.isZero && record.entries.count > 3)
            let grown = record.equity.doubleValue / 100_000
            #expect(abs(rewards.reduce(0, +) - log(grown)) < 1e-9)
            #expect(last.turnover > 0)
        }
    }

    @Test("What is left out where a limit is far changes nothing", arguments: 1...6)
    func guards(seed: UInt64) throws {
        var stage = PaperStage()
        (stage.slippage, stage.stopLoss, stage.dailyLoss, stage.emergencyLoss) = ("0.001", "0.004", "0.006", "0.012")
        (stage.noEntryMinutes, stage.percent, stage.fees) = (45, "0.8", .auto)
        (stage.allowsShort, stage.sessions) = (seed.isMultiple(of: 2), 3)
        // Orders that are filled in parts.
        stage.volume = seed < 4 ? 1_000_000 : 2500
        let path = PaperStage.walk(sessions: 14, seed: seed)
        let guarded = try stage.market(path)
        stage.isGuarded = false
        let exact = try stage.market(path)
        var halts = 0
        for start in 0..<guarded.startCount {
            let (one, two) = (
                try Self.play(guarded, start: start, seed: seed), try Self.play(exact, start: start, seed: seed)
            )
            #expect(one.rewards == two.rewards && one.states == two.states)
            #expect(one.last.record.entries == two.last.record.entries)
            #expect(one.last.record.halts == two.last.record.halts)
            halts += one.last.record.halts.count
        }
        #expect(halts > 0, "no limit was ever reached: the test shows nothing")
    }

    @Test("A stop-loss closes at the next open, as the risk check says, without an action")
    func stopLoss() throws {
        var stage = PaperStage()
        (stage.slippage, stage.stopLoss) = ("0", "0.02")
        var path = [Double](repeating: 100, count: 2 * PaperStage.barsOfSession)
        for bar in 40..<path.count { path[bar] = 97.5 }
        var market = try stage.market(path)
        _ = try market.reset(at: 0)
        _ = try market.step(Action.buy)
        while market.record.closedAt < market.tapeClose(39) { _ = try market.step(Action.hold) }
        #expect(market.books.quantity == Quantity(250))
        _ = try market.step(Action.hold)
        // The bar has closed beyond the stop, and nothing is sold yet.
        #expect(market.books.quantity == Quantity(250))
        _ = try market.step(Action.hold)
        #expect(market.books.quantity.isZero)
        #expect(market.record.equity == FixedPoint(100_000 - 250 * 5 / 2))
    }

    @Test("The daily loss ends new risk until the end of the episode, and the emergency closes everything")
    func halts() throws {
        var stage = PaperStage()
        (stage.slippage, stage.percent, stage.dailyLoss) = ("0", "1", "0.02")
        var path = [Double](repeating: 100, count: 3 * PaperStage.barsOfSession)
        for bar in 40..<path.count { path[bar] = 97 }
        (stage.positionSize, stage.sessions) = ("1", 2)
        var market = try stage.market(path)
        _ = try market.reset(at: 0)
        _ = try market.step(Action.buy)
        while market.record.closedAt < market.tapeClose(41) { _ = try market.step(Action.hold) }
        #expect(market.record.halts == ["daily-loss"] && market.books.quantity == Quantity(1000))
        // Exits go on; then nothing can be done, on the next day neither.
        let sold = try market.step(Action.sell)
        #expect(market.books.quantity.isZero && sold.observation.allowed.count == 1)
        while market.record.closedAt < market.tapeClose(60) {
            #expect(try market.step(Action.buy).observation.allowed.count == 1)
        }
        #expect(market.books.quantity.isZero)
        stage.emergencyLoss = "0.025"
        var other = try stage.market(path)
        _ = try other.reset(at: 0)
        _ = try other.step(Action.buy)
        while other.record.closedAt < other.tapeClose(41) { _ = try other.step(Action.hold) }
        #expect(other.record.halts.sorted() == ["daily-loss", "emergency-shutdown"] && other.books.quantity.isZero)
    }

    @Test("Nothing but holding is possible where nothing can be done: at a closed exchange, and flat near the close")
    func masks() throws {
        var stage = PaperStage()
        stage.noEntryMinutes = 30
        var market = try stage.market(PaperStage.walk(sessions: 2, seed: 2))
        var seen = [try market.reset(at: 0).allowed.count]
        for _ in 0..<PaperStage.barsOfSession - 2 {
            seen.append(try market.step(Action.sell).observation.allowed.count)
        }
        // 15:30, 15:45 and 16:00 close within half an hour of the end: 30 minutes are not more than 30.
        #expect(seen == [Int](repeating: 3, count: 23) + [1, 1])
        _ = try market.reset(at: 0)
        for _ in 0..<22 { _ = try market.step(Action.buy) }
        #expect(try market.step(Action.buy).observation.allowed.count == 3, "what is held may be sold")
    }

    @Test(
        "A sale takes back a purchase that is still on order, whether or not any of it is held",
        arguments: [true, false])
    func withdraws(isGuarded: Bool) throws {
        var stage = PaperStage()
        (stage.slippage, stage.isGuarded) = ("0", isGuarded)
        // 250 are wanted, and an open executes a tenth of the volume before it.
        func held(_ thin: Int, holding bars: Int) throws -> Quantity {
            var volumes = [Int](repeating: 1_000_000, count: 2 * PaperStage.barsOfSession)
            for bar in 26..<30 { volumes[bar] = thin }
            var market = try stage.market(PaperStage.walk(sessions: 2, seed: 4), volumes: volumes)
            _ = try market.reset(at: 0)
            _ = try market.step(Action.buy)
            if bars == 0 { _ = try market.step(Action.sell) }
            for _ in 0..<8 { _ = try market.step(Action.hold) }
            return market.books.quantity
        }
        #expect(try held(0, holding: 1) > Quantity(200), "nothing waits: the test shows nothing")
        #expect(try held(0, holding: 0).isZero)
        // What the open right after the sale executes is too late to be taken back.
        #expect(try held(200, holding: 0) <= Quantity(20))
    }

    @Test("No episode reaches over an ex-date, of a split or of a dividend; one may begin there")
    func exDates() throws {
        var stage = PaperStage()
        stage.sessions = 2
        let path = PaperStage.walk(sessions: 5, seed: 3)
        // The sessions of 2, 3, 4 and 5 June can be played.
        let whole = try stage.tape(path)
        #expect(whole.starts(sessions: 2, history: 0).count == 3)
        let day = try #require(CivilDate(iso: "2026-06-04"))
        let tape = try stage.tape(path, exDates: [day])
        #expect(
            tape.starts(sessions: 2, history: 0).map { tape.slots[$0].session.date.description } == [
                "2026-06-02", "2026-06-04",
            ])
        #expect(tape.starts(sessions: 1, history: 0).count == 4)
        // Nor do the bars that a size is taken from: those of the session before have another scale.
        #expect(
            tape.starts(sessions: 1, history: 0, shown: 2).map { tape.slots[$0].session.date.description } == [
                "2026-06-02", "2026-06-03", "2026-06-05",
            ])
    }

    @Test("A sale without a position opens a short one where shorts are allowed, and does nothing elsewhere")
    func shorts() throws {
        var stage = PaperStage()
        stage.slippage = "0"
        let path = PaperStage.walk(sessions: 2, seed: 4)
        var market = try stage.market(path)
        _ = try market.reset(at: 0)
        let idle = try market.step(Action.sell)
        #expect(market.books.quantity.isZero && idle.reward == 0 && idle.observation.allowed.count == 3)
        stage.allowsShort = true
        var other = try stage.market(path)
        _ = try other.reset(at: 0)
        let outcome = try other.step(Action.sell)
        #expect(other.books.quantity.isNegative && outcome.observation.state[2] == -1)
        let before = other.record.equity
        #expect(try other.cut() == log(other.record.equity.doubleValue / before.doubleValue))
        #expect(other.books.quantity.isZero)
    }

    @Test("An order too large for the volume is filled bar by bar, and what is left of it ends with the session")
    func partialFills() throws {
        var stage = PaperStage()
        (stage.slippage, stage.percent, stage.volume) = ("0", "0.5", 1000)
        let path = [Double](repeating: 100, count: 4 * PaperStage.barsOfSession)
        stage.sessions = 2
        var market = try stage.market(path)
        _ = try market.reset(at: 0)
        var held: [Quantity] = []
        _ = try market.step(Action.buy)
        for _ in 0..<5 {
            held.append(market.books.quantity)
            _ = try market.step(Action.hold)
        }
        #expect(held == [100, 200, 300, 400, 500].map { Quantity($0) })
    }

    @Test("Bars behind one that is decided on change nothing that was seen or earned before")
    func looksAhead() throws {
        var stage = PaperStage()
        stage.stopLoss = "0.01"
        let path = PaperStage.walk(sessions: 3, seed: 6)
        let bar = 40
        var shuffled = path
        var random = SeededGenerator(seed: 9, stream: "shuffle")
        for index in bar + 2..<path.count {
            shuffled.swapAt(index, bar + 2 + Int(random.uniform() * Double(path.count - bar - 2)))
        }
        #expect(shuffled != path)
        let (one, two) = (
            try Self.play(try stage.market(path), start: 0, seed: 3),
            try Self.play(try stage.market(shuffled), start: 0, seed: 3)
        )
        let steps = bar + 1 - PaperStage.barsOfSession
        #expect(one.states.prefix(steps + 1) == two.states.prefix(steps + 1))
        #expect(one.rewards.prefix(steps) == two.rewards.prefix(steps))
        #expect(one.states != two.states)
    }

    @Test("The state is the vector that a feature desk computes for the same bar and position")
    func state() throws {
        var stage = PaperStage()
        stage.texts = ["close / SMA:4 - 1", "position", "unrealised / ATR:3", "held = bars_held / 10"]
        stage.slippage = "0.001"
        let path = PaperStage.walk(sessions: 2, seed: 8)
        var market = try stage.market(path)
        let computer = try FeatureComputer(try stage.spec())
        let bars = try stage.bars(path).map(\.bar)
        var (state, index) = (try market.reset(at: 0).state, PaperStage.barsOfSession)
        var seen = 0
        for action in [0, 1, 0, 0, 0, 0, 2, 0, 1, 1, 1] {
            var held = FeatureHolding.none
            if let position = market.books.position, !position.isFlat {
                let openedAt = try #require(position.openedAt)
                let window = bars[max(0, index + 1 - stage.window)...index]
                held = FeatureHolding(
                    side: 1, entryPrice: position.averageCost.doubleValue,
                    barsHeld: window.count { $0.openAt >= openedAt })
                seen += 1
            }
            let window = FeatureWindow(Array(bars[max(0, index + 1 - stage.window)...index]), holding: held)
            #expect(state == (try computer.vector(window).values.map { Float($0) }), "bar \(index)")
            state = try market.step(action).observation.state
            index += 1
        }
        #expect(seen > 5)
    }

    @Test("What cannot be played is refused with what has to be changed")
    func refusals() throws {
        let path = PaperStage.walk(sessions: 3, seed: 1)
        var stage = PaperStage()
        stage.sessions = 9
        #expect(throws: MarketError.noStart(bars: 78, ready: 76, sessions: 9)) { try stage.market(path) }
        stage = PaperStage()
        stage.texts = ["position", "portfolio_drawdown"]
        #expect(throws: MarketError.portfolioFeatures(["portfolio_drawdown"])) { try stage.market(path) }
        stage = PaperStage()
        stage.cash = 0
        #expect(throws: MarketError.noCash(Symbol("TEST"), .usd)) { try stage.market(path) }
    }
}

extension MarketEnvironment {
    func tapeClose(_ bar: Int) -> Instant { closes[bar] }
}
