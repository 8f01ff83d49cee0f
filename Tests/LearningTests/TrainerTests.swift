import Core
import Policy
import TestSupport
import Testing

@testable import Learning

/// Two kinds of network on the toy market, with settings that take milliseconds.
enum SmallTraining {
    static let configuration = Digest(of: "toy market")

    /// Several batches of several pieces, and a reference that moves. A transformer is slow without optimisation.
    static func settings(_ family: Network.Family = .perceptron, seed: UInt64 = 1) -> TrainingSettings {
        var settings = TrainingSettings()
        settings.seed = seed
        (settings.groups, settings.rollouts, settings.batch) = family == .perceptron ? (5, 4, 150) : (3, 3, 30)
        (settings.epochs, settings.referenceRefresh) = (2, 3)
        settings.learningRate = .init(from: 3e-3, to: 1e-3, over: 8)
        return settings
    }

    static func market(_ family: Network.Family) -> ToyMarket {
        var market = ToyMarket.reverting(seed: 5, cost: 0.002, bars: 300, length: family == .perceptron ? 16 : 6)
        market.isTransformer = family == .transformer
        return market
    }

    static func trainer(
        _ family: Network.Family, _ settings: TrainingSettings? = nil, market: ToyMarket? = nil
    ) throws -> Trainer<ToyMarket> {
        let (settings, market) = (settings ?? Self.settings(family), market ?? Self.market(family))
        guard family == .transformer else {
            return try Trainer(
                market, tensors: market.network([18]), settings: settings, configuration: configuration)
        }
        var random = SeededGenerator(seed: 3, stream: "weights")
        let tensors = NewNetwork.transformer(inputs: market.inputs, width: 8, layers: 1, actions: 3, &random)
        return try Trainer(
            market, tensors: tensors, heads: 2, history: 3, settings: settings, configuration: configuration)
    }
}

struct TrainerTests {
    @Test(
        "The same seed gives the same weights and the same curve on any number of threads",
        arguments: Network.Family.allCases)
    func threads(family: Network.Family) throws {
        let runs = try [1, 2, 3, 4, 7].map { threads in
            let trainer = try SmallTraining.trainer(family)
            let curve = try (0..<3).map { _ in try trainer.iterate(threads: threads) }
            return (state: trainer.state, curve: curve)
        }
        for run in runs { #expect(run.state == runs[0].state && run.curve == runs[0].curve) }
        #expect(runs[0].state.parameters != (try SmallTraining.trainer(family).state.parameters))
        let other = try SmallTraining.trainer(family, SmallTraining.settings(family, seed: 2))
        for _ in 0..<3 { _ = try other.iterate() }
        #expect(other.state.parameters != runs[0].state.parameters)
    }

    @Test("An episode that is cut at the step limit pays for closing what it holds")
    func cut() throws {
        let market = ToyMarket([Double](repeating: 0, count: 60), cost: 0.01, length: 40) { _, _ in [0] }
        var settings = SmallTraining.settings()
        settings.stepLimit = 1
        let trainer = try SmallTraining.trainer(.perceptron, settings, market: market)
        let record = try trainer.iterate()
        // After one step at a price that stands still: nothing, or a purchase and its sale.
        #expect(record.turnover > 0 && abs(record.meanReturn + 0.02 * record.turnover) < 1e-12)
        let evaluator = try Evaluator(try Network(market.network([18])))
        for limit in 1...12 {
            let episode = try Episode.play(
                market, start: 3, evaluator, choice: .drawn(seed: 1, stream: "cut"), limit: limit)
            let last = episode.actions.last { $0 != ToyMarket.Action.hold }
            let trades = episode.turnover + (last == ToyMarket.Action.buy ? 1 : 0)
            #expect(episode.actions.count == limit && abs(episode.totalReturn + 0.01 * trades) < 1e-12)
        }
    }

    @Test("Ten iterations are four, a checkpoint, and six more, to the last bit", arguments: Network.Family.allCases)
    func resuming(family: Network.Family) throws {
        let whole = try SmallTraining.trainer(family)
        let curve = try (0..<10).map { _ in try whole.iterate(threads: 2) }
        let first = try SmallTraining.trainer(family)
        for _ in 0..<4 { _ = try first.iterate() }
        let second = try Trainer.resume(
            first.checkpoint(), SmallTraining.market(family), settings: SmallTraining.settings(family),
            configuration: SmallTraining.configuration)
        #expect(second.iteration == 4)
        #expect(second.checkpoint() == first.checkpoint())
        let rest = try (0..<6).map { _ in try second.iterate() }
        #expect(rest == Array(curve[4...]))
        #expect(second.checkpoint() == whole.checkpoint())
        #expect(second.tensors == whole.tensors)
    }

    @Test(
        "A rollout draws from what trading would see: the evaluator gives its probabilities, history and mask included")
    func rollout() throws {
        let trainer = try SmallTraining.trainer(.transformer)
        let layout = ParameterLayout(trainer.tensors)
        let network = try Network(trainer.tensors, heads: 2)
        let trained = TrainedNetwork<Float>(layout, of: network, history: 3)
        let parameters = try #require(layout.values(of: trainer.tensors))
        parameters.withUnsafeBufferPointer { if let start = $0.baseAddress { trained.load(start) } }
        let market = SmallTraining.market(.transformer)
        let collector = Collector(
            environment: market, settings: SmallTraining.settings(.transformer), history: 3, iteration: 2)
        let pass = trained.pass(samples: 8)
        let trajectories = try collector.group(1, pass, reference: trained.pass(samples: 2), chunk: 2)
        #expect(trajectories.count == 3)
        let evaluator = try Evaluator(network, history: 3)
        for trajectory in trajectories {
            // Two rows lie before the first: those of the bars before the episode.
            let rows = (0..<trajectory.steps + 2).map { row in
                (0..<2).map { trajectory.states.start[row * 2 + $0] }
            }
            for step in 0..<trajectory.steps {
                let history = rows[..<(step + 2)].suffix(3).flatMap { $0 }
                try evaluator.evaluate(rows[step + 2], history: history)
                let allowed = trajectory.allowed[step]
                let total = (0..<3).reduce(Float(0)) { $0 + (allowed.allows($1) ? evaluator.probabilities[$1] : 0) }
                for action in 0..<3 {
                    let drawn = Float.exponential(trajectory.old.start[step * 3 + action])
                    let seen = allowed.allows(action) ? evaluator.probabilities[action] / total : 0
                    #expect(abs(drawn - seen) < 1e-5)
                    #expect(trajectory.reference.start[step * 3 + action] == trajectory.old.start[step * 3 + action])
                }
                #expect(allowed.allows(trajectory.actions[step]))
            }
        }
    }

    @Test("What was trained is a policy: its weights go through a file and give the probabilities of the trainer")
    func policy() throws {
        let trainer = try SmallTraining.trainer(.transformer)
        _ = try trainer.iterate()
        let read = try Checkpoint.read(Safetensors.bytes(of: trainer.tensors))
        let evaluator = try Evaluator(try Network(read.tensors, heads: trainer.heads), history: trainer.history)
        let market = ToyMarket.reverting(seed: 6, cost: 0, bars: 100, length: 16)
        let episode = try Episode.play(market, start: 3, evaluator)
        #expect(episode.actions.count == 16)
        let drawn = try Episode.play(market, start: 3, evaluator, choice: .drawn(seed: 1, stream: "x"))
        #expect(drawn == (try Episode.play(market, start: 3, evaluator, choice: .drawn(seed: 1, stream: "x"))))
        #expect(drawn.actions != episode.actions)
    }

    @Test("A market without any difference teaches nothing: groups are skipped and counted, weights stay")
    func skipped() throws {
        let flat = ToyMarket([Double](repeating: 0, count: 100), cost: 0, length: 8) { _, _ in [0] }
        let trainer = try SmallTraining.trainer(.perceptron, market: flat)
        let before = trainer.state.parameters
        let record = try trainer.iterate()
        #expect(record.skippedGroups == 5 && record.update == nil && record.meanReturn == 0)
        #expect(record.json["update"] == .null)
        #expect(trainer.state.parameters == before && trainer.iteration == 1)
    }

    @Test("When the policy has moved too far from the one that took the steps, the rest of the epochs is left out")
    func drift() throws {
        var settings = SmallTraining.settings()
        (settings.driftLimit, settings.epochs, settings.learningRate) = (1e-4, 50, .constant(1e-2))
        let record = try SmallTraining.trainer(.perceptron, settings).iterate()
        let update = try #require(record.update)
        #expect(update.isStopped && update.drift > 1e-4 && update.count >= 1 && update.count < 100)
        settings.driftLimit = 1e9
        let free = try #require(try SmallTraining.trainer(.perceptron, settings).iterate().update)
        // 320 steps in two batches, fifty times.
        #expect(!free.isStopped && free.count == 100)
    }

    @Test("At the first look nothing has drifted, nothing is clipped, and the reference is the policy itself")
    func firstLook() throws {
        var settings = SmallTraining.settings()
        (settings.epochs, settings.batch) = (1, 1_000_000)
        let record = try SmallTraining.trainer(.perceptron, settings).iterate()
        let update = try #require(record.update)
        #expect(update.count == 1 && update.clipFraction == 0)
        #expect(abs(update.drift) < 1e-6 && abs(update.divergence) < 1e-6)
        #expect(record.steps == 5 * 4 * 16)
        // Two actions are possible at every bar, and an untrained policy takes both about as often.
        #expect(abs(update.entropy - 0.6931) < 0.01)
        #expect(record.turnover > 4 && record.turnover < 12)
    }

    @Test("An environment that fails or gives nonsense stops the iteration with its place, and nothing has changed")
    func failure() throws {
        // The last bars have no price: some starts are good, others end in them.
        let path = ToyMarket.reverting(seed: 5, cost: 0, bars: 60).logPrices + Array(repeating: Double.nan, count: 20)
        let market = ToyMarket(path, cost: 0.002, length: 16) { _, _ in [0] }
        let trainer = try SmallTraining.trainer(.perceptron, market: market)
        let before = trainer.checkpoint()
        let error = #expect(throws: LearningError.self) { try trainer.iterate(threads: 3) }
        guard case .environment(let start, let step?, let problem) = error else {
            Issue.record("\(error as Any)")
            return
        }
        #expect(start + step + 4 == 59 && problem == "the reward is nan")
        #expect(trainer.iteration == 0 && trainer.checkpoint() == before)
        // On one thread it is the same one: the first in the order of the groups.
        #expect(throws: try #require(error)) { try trainer.iterate(threads: 1) }
    }

    @Test("What does not fit is refused before anything runs")
    func unfit() throws {
        let market = SmallTraining.market(.perceptron)
        func refusal(
            _ tensors: [Tensor], history: Int = 0, reference: [Tensor]? = nil,
            _ change: (inout TrainingSettings) -> Void = { _ in }
        ) -> LearningError? {
            var settings = SmallTraining.settings()
            change(&settings)
            do throws(LearningError) {
                _ = try Trainer(
                    market, tensors: tensors, history: history, reference: reference, settings: settings,
                    configuration: SmallTraining.configuration)
                return nil
            } catch { return error }
        }
        var random = SeededGenerator(seed: 1)
        let sound = market.network([4])
        #expect(refusal(sound) == nil)
        #expect(
            refusal(NewNetwork.perceptron([5, 4, 3], &random))
                == .unfit(
                    "the network takes 5 numbers for 3 actions, and the environment gives 2 for 3"))
        #expect(refusal(sound, history: 3) == .network(.history(3, allowed: 0...0)))
        #expect(refusal(sound, reference: market.network([5]))?.description.contains("other tensors") == true)
        #expect(refusal([])?.description == "there is no tensor in it")
        #expect(refusal(sound) { $0.rollouts = 1 }?.description.hasPrefix("the training setting 'rollouts'") == true)
        #expect(refusal(sound) { $0.clip = .nan }?.description.hasPrefix("the training setting 'clip'") == true)
        #expect(refusal(sound) { $0.learningRate = .constant(-1) }?.description.contains("'learning_rate'") == true)
    }

    @Test("A value network that a checkpoint brings along is left out")
    func critic() throws {
        let market = SmallTraining.market(.perceptron)
        var random = SeededGenerator(seed: 1)
        let critic = NewNetwork.perceptron([5, 4, 1], &random).map {
            Tensor("q_estimator" + $0.name.dropFirst("policy".count), shape: $0.shape, values: $0.values)
        }
        let trainer = try Trainer(
            market, tensors: market.network([4]) + critic, settings: SmallTraining.settings(),
            configuration: SmallTraining.configuration)
        #expect(trainer.tensors == market.network([4]))
    }
}
