import Core
import Foundation
import Learning
import Policy

/// What a step of training costs in all: rollouts and the changes of the weights, on a market that costs next to nothing
/// itself, so that the figure is the trainer's. With 14 numbers in a state: perceptrons of the two sizes that are compared
/// with other libraries, and a transformer.
///
/// With a folder two episodes of that market are written there, for an implementation that has to be the same:
/// `market.safetensors` with `start` and, for each of its steps, `actions`, `rewards` and the `states` that were seen.
enum TrainingBench {
    private static let history = 30

    static func run(threads: Int, folder: String?) throws {
        if let folder { try record(to: "\(folder)/market.safetensors") }
        var random = SeededGenerator(seed: 20_261_126, stream: "training bench")
        for hidden in [[64, 64], [256, 256]] {
            let tensors = NewNetwork.perceptron([BenchMarket.width] + hidden + [3], &random)
            try measure(tensors, groups: 16, iterations: 3, threads)
        }
        let tensors = NewNetwork.transformer(inputs: BenchMarket.width, width: 64, layers: 2, actions: 3, &random)
        try measure(tensors, heads: 4, history: history, groups: 2, iterations: 1, threads)
    }

    private static func measure(
        _ tensors: [Tensor], heads: Int? = nil, history: Int = 0, groups: Int, iterations: Int, _ threads: Int
    ) throws {
        var settings = TrainingSettings()
        (settings.groups, settings.rollouts) = (groups, 16)
        // No early stop: every round does the same work.
        settings.driftLimit = 1e9
        let trainer = try Trainer(
            BenchMarket(), tensors: tensors, heads: heads, history: history, settings: settings,
            configuration: Digest(of: "bench"))
        _ = try trainer.iterate(threads: threads)
        // A single thread's CPU time says more on a machine that others use too; that of several would hide their waiting.
        let now = threads == 1 ? TaktBench.cpuNanoseconds : TaktBench.wallNanoseconds
        var (steps, updates, best) = (0, 0, Double.infinity)
        for _ in 0..<iterations {
            let start = now()
            let record = try trainer.iterate(threads: threads)
            (steps, updates) = (record.steps, record.update?.count ?? 0)
            best = min(best, now() - start)
        }
        let network = try Network(tensors, heads: heads)
        let rate = Int(Double(steps) / best * 1e9)
        TaktBench.report(
            "training \(network.family.rawValue) \(network.text), \(threads) thread\(threads == 1 ? "" : "s")", steps,
            best,
            "\(rate) steps per second with \(updates) changes of the weights, \(threads == 1 ? "CPU time" : "wall clock")"
        )
    }
}

extension TrainingBench {
    /// Two whole episodes of drawn actions.
    private static func record(to path: String) throws {
        var random = SeededGenerator(seed: 20_261_127, stream: "market")
        var market = BenchMarket()
        var (starts, actions, rewards, states) = ([Float](), [Float](), [Float](), [Float]())
        for start in [5, 640] {
            starts.append(Float(start))
            states += market.reset(at: start).state
            var isDone = false
            while !isDone {
                let action = Int(random.uniform() * Double(market.actions))
                let outcome = market.step(action)
                actions.append(Float(action))
                rewards.append(Float(outcome.reward))
                states += outcome.observation.state
                isDone = outcome.isDone
            }
        }
        let (episodes, steps) = (starts.count, actions.count / starts.count)
        let bytes = Safetensors.bytes(of: [
            Tensor("start", shape: [episodes], values: starts),
            Tensor("actions", shape: [episodes, steps], values: actions),
            Tensor("rewards", shape: [episodes, steps], values: rewards),
            Tensor("states", shape: [episodes, steps + 1, market.inputs], values: states),
        ])
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}

/// A price that swings, a position, and numbers that stand for features: 78 bars an episode, as a session of five-minute bars.
private struct BenchMarket: TrainingEnvironment {
    static let width = 14
    private static let episode = 78
    private var bar = 0
    private var end = 0
    private var position = 0.0
    private(set) var turnover = 0.0

    let inputs = width
    let actions = 3
    let startCount = 1000

    mutating func reset(at start: Int) -> Observation {
        (bar, end, position, turnover) = (start, start + Self.episode, 0, 0)
        return observation
    }

    /// A triangle wave, without the mathematics library.
    private static func move(_ bar: Int) -> Double { (bar / 9).isMultiple(of: 2) ? 0.002 : -0.002 }

    private var observation: Observation {
        var state = [Float](repeating: 0, count: Self.width)
        for index in 0..<Self.width - 1 { state[index] = Float((bar * (index + 3)) % 17) / 8.5 - 1 }
        state[Self.width - 1] = Float(position)
        return Observation(state, allowed: .all(3))
    }

    mutating func cut() -> Double {
        defer { position = 0 }
        return -0.0005 * abs(position)
    }

    mutating func step(_ action: Int) -> StepOutcome {
        let target = action == 0 ? position : action == 1 ? 1 : -1
        let cost = 0.0005 * abs(target - position)
        turnover += abs(target - position)
        position = target
        let reward = position * Self.move(bar) - cost
        bar += 1
        return StepOutcome(reward: reward, observation: observation, isDone: bar == end)
    }
}
