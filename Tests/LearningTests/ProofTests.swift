import Core
import Learning
import Policy
import Testing

/// What a trainer that works must be able to do. Small, so that they run with every test; the curves are steep enough for it.
@Suite(.serialized)
struct ProofTests {
    private static func train(_ market: ToyMarket, iterations: Int) throws -> Evaluator {
        var settings = TrainingSettings()
        (settings.groups, settings.rollouts, settings.batch) = (6, 8, 512)
        settings.learningRate = .init(from: 1e-2, to: 2e-3, over: iterations)
        settings.entropyWeight = .init(from: 0.01, to: 0.0005, over: iterations)
        let trainer = try Trainer(
            market, tensors: market.network(), settings: settings, configuration: Digest(of: "toy"))
        for _ in 0..<iterations { _ = try trainer.iterate(threads: 2) }
        return try Evaluator(try Network(trainer.tensors))
    }

    @Test("On a noiseless sine a trained policy beats its costs, holding, and itself before training")
    func sine() throws {
        let market = ToyMarket.sine(cost: 0.001)
        let trained = try Self.train(market, iterations: 15)
        let untrained = try Evaluator(try Network(market.network()))
        // Two swings of 10 % in an episode, wherever in the first it begins; holding gets nothing of them.
        for start in 0..<16 {
            let episode = try Episode.play(market, start: start, trained)
            #expect(episode.totalReturn > 0.12, "start \(start)")
            #expect(episode.totalReturn > 10 * market.cost * episode.turnover, "start \(start)")
            let before = try Episode.play(market, start: start, untrained)
            #expect(episode.totalReturn > before.totalReturn + 0.1, "start \(start)")
        }
    }

    @Test("On a random walk with costs it learns to stay out: on another walk, at least 95 % of the bars")
    func walk() throws {
        let trained = try Self.train(.walk(seed: 3, cost: 0.002), iterations: 15)
        let market = ToyMarket.walk(seed: 4, cost: 0.002)
        var (flat, bars) = (0, 0)
        for start in stride(from: 0, to: 1000, by: 50) {
            let episode = try Episode.play(market, start: start, trained)
            var isLong = false
            for action in episode.actions {
                if action != ToyMarket.Action.hold { isLong = action == ToyMarket.Action.buy }
                flat += isLong ? 0 : 1
            }
            bars += episode.actions.count
        }
        #expect(Double(flat) >= 0.95 * Double(bars), "\(flat) of \(bars)")
    }

    @Test("Turnover falls as costs rise")
    func turnover() throws {
        let turnovers = try [0, 0.004, 0.02].map { cost in
            let market = ToyMarket.reverting(seed: 3, cost: cost)
            let trained = try Self.train(market, iterations: 12)
            return try stride(from: 0, to: 1000, by: 50).reduce(0.0) {
                try $0 + Episode.play(market, start: $1, trained).turnover
            }
        }
        #expect(turnovers[0] > 1.3 * turnovers[1] && turnovers[1] > 1.3 * turnovers[2], "\(turnovers)")
    }
}
