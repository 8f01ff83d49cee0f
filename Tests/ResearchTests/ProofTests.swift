import Broker
import BrokerPaper
import Core
import Learning
import Policy
import Testing

@testable import Research

/// What a policy has to learn in the real environment: its ledger, its fees, its risk check.
@Suite(.serialized)
struct ProofTests {
    private static func train(_ market: MarketEnvironment, iterations: Int, seed: UInt64 = 1) throws -> Evaluator {
        var settings = TrainingSettings()
        settings.seed = seed
        (settings.groups, settings.rollouts, settings.batch) = (6, 8, 512)
        settings.learningRate = .init(from: 1e-2, to: 2e-3, over: iterations)
        settings.entropyWeight = .init(from: 0.01, to: 0.0005, over: iterations)
        var random = SeededGenerator(seed: 7, stream: "weights")
        let tensors = NewNetwork.perceptron([market.inputs, 16, 3], &random)
        let trainer = try Trainer(market, tensors: tensors, settings: settings, configuration: Digest(of: "proof"))
        for _ in 0..<iterations { _ = try trainer.iterate(threads: 2) }
        return try Evaluator(try Network(trainer.tensors))
    }

    @Test("On a noiseless sine it beats its costs and holding")
    func sine() throws {
        var stage = PaperStage()
        (stage.percent, stage.slippage, stage.fees) = ("0.95", "0.001", .auto)
        let market = try stage.market(PaperStage.sine(sessions: 6))
        let trained = try Self.train(market, iterations: 15)
        for start in 0..<market.startCount {
            let episode = try Episode.play(market, start: start, trained)
            // Two swings of 8 %; what the costs take is the slippage of every trade.
            #expect(episode.totalReturn > 0.1, "start \(start)")
            #expect(episode.totalReturn > 10 * 0.001 * episode.turnover, "start \(start)")
        }
    }

    @Test("On a random walk with costs it learns to stay out: on another walk, at least 95 % of the bars")
    func walk() throws {
        var stage = PaperStage()
        (stage.percent, stage.slippage, stage.fees) = ("0.95", "0.002", .auto)
        let trained = try Self.train(try stage.market(PaperStage.walk(sessions: 60, seed: 3)), iterations: 15)
        var other = try stage.market(PaperStage.walk(sessions: 30, seed: 4))
        var (flat, bars) = (0, 0)
        for start in 0..<other.startCount {
            let episode = try Episode.play(other, start: start, trained)
            _ = try other.reset(at: start)
            for action in episode.actions {
                _ = try other.step(action)
                flat += other.books.quantity.isZero ? 1 : 0
                bars += 1
            }
        }
        #expect(Double(flat) >= 0.95 * Double(bars), "\(flat) of \(bars)")
    }

    @Test("Turnover falls as costs rise")
    func turnover() throws {
        let turnovers = try ["0", "0.003", "0.02"].map { slippage in
            var stage = PaperStage()
            (stage.percent, stage.slippage) = ("0.95", slippage)
            let market = try stage.market(PaperStage.reverting(sessions: 40, seed: 3))
            let trained = try Self.train(market, iterations: 12)
            return try (0..<20).reduce(0.0) { try $0 + Episode.play(market, start: $1, trained).turnover }
        }
        #expect(turnovers[0] > 1.3 * turnovers[1] && turnovers[1] > 1.3 * turnovers[2], "\(turnovers)")
    }
}
