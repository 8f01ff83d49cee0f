import BrokerPaper
import Core
import Cycle
import Decision
import Features
import Learning
import MarketData
import Policy
import Research
import Risk
import Sessions

/// What a step of training costs in the real environment: generated bars of forty sessions, the sixteen standard features,
/// the decision manager, the risk check, fees and the ledger.
enum MarketBench {
    struct Unusable: Error {}

    static func run(threads: Int) throws {
        let market = try market()
        try steps(market)
        for hidden in [[64, 64], [256, 256]] {
            var random = SeededGenerator(seed: 20_261_127, stream: "market bench")
            let tensors = NewNetwork.perceptron([market.inputs] + hidden + [3], &random)
            var settings = TrainingSettings()
            (settings.groups, settings.rollouts, settings.driftLimit) = (16, 16, 1e9)
            let trainer = try Trainer(
                market, tensors: tensors, settings: settings, configuration: Digest(of: "bench"))
            _ = try trainer.iterate(threads: threads)
            var (steps, best) = (0, Double.infinity)
            for _ in 0..<3 {
                let start = TaktBench.wallNanoseconds()
                steps = try trainer.iterate(threads: threads).steps
                best = min(best, TaktBench.wallNanoseconds() - start)
            }
            TaktBench.report(
                "market training \(try Network(tensors).text), \(threads) thread\(threads == 1 ? "" : "s")", steps,
                best,
                "\(Int(Double(steps) / best * 1e9)) steps per second, rollouts and updates, wall clock")
        }
    }

    /// The environment alone, under actions that are drawn.
    private static func steps(_ market: MarketEnvironment) throws {
        for (name, share) in [("drawn actions", 1.0), ("one action in ten", 0.1), ("holding", 0.0)] {
            var (market, random, count) = (market, SeededGenerator(seed: 1, stream: "steps"), 0)
            let start = TaktBench.wallNanoseconds()
            for episode in 0..<300 {
                _ = try market.reset(at: episode % market.startCount)
                var isDone = false
                while !isDone {
                    let action = random.uniform() < share ? Int(random.uniform() * 3) : 0
                    isDone = try market.step(action).isDone
                    count += 1
                }
            }
            TaktBench.report(
                "market environment, \(name)", count, TaktBench.wallNanoseconds() - start, "one thread, wall clock")
        }
    }

    private static func market() throws -> MarketEnvironment {
        guard let calendar = CalendarBook.embedded.calendar(ExchangeID("XNAS")),
            let first = CivilDate(iso: "2026-05-01")?.startUTC
        else { throw Unusable() }
        let instrument = try Instrument(
            symbol: Symbol("NVDA"), name: "NVDA", exchange: ExchangeID("XNAS"), currency: .usd, ticks: .usEquity)
        let timeframe = Timeframe.fiveMinutes
        let bars = MarketGenerator(seed: 7).bars(
            instrument, calendar, timeframe, from: first, until: first.advanced(bySeconds: 60 * 86_400))
        let computer = try FeatureComputer(try FeaturePreset.takt16.spec())
        let prepared = try bars.indices.compactMap { index -> PreparedBar? in
            guard let slot = calendar.slot(openingAt: bars[index].openAt, timeframe: timeframe) else { return nil }
            let slots = calendar.slots(of: slot.session, timeframe: timeframe)
            let place = slots.firstIndex { $0.openAt == slot.openAt }.flatMap {
                SessionPlace(index: $0, of: slots.count)
            }
            let seen = Array(bars[max(0, index + 1 - computer.spec.window)...index])
            return PreparedBar(
                bar: bars[index], slot: slot, vector: try computer.prepare(FeatureWindow(seen, place: place)))
        }
        let tape = MarketTape(
            instrument, prepared, computer, calendar: calendar, barCalendar: calendar, timeframe: timeframe)
        let tenth = Fraction(FixedPoint(int64Units: 10_000_000))
        let rules = MarketRules(
            profile: ProfileName("bench"), timeframe: timeframe,
            research: ResearchRules(
                decision: try DecisionSettings(
                    agents: [try AgentSpec(.outside, name: AgentName("learner"))], sizing: .percentOfEquity(tenth),
                    orders: try OrderDefaults(), noEntryBeforeClose: .seconds(900)),
                limits: try RiskLimits()),
            exchange: PaperConfiguration(
                account: AccountID("BENCH"), initialCash: [Money(FixedPoint(100_000), .usd)],
                slippage: Fraction(FixedPoint(int64Units: 50_000)), instruments: [instrument.symbol: instrument]),
            baseCurrency: .usd)
        return try MarketEnvironment([tape], computer, rules)
    }
}
