import Core
import Foundation
import Learning
import Policy

/// One instrument that is held or not, over a given path of log prices. A trade costs its share of the position.
struct ToyMarket: TrainingEnvironment {
    enum Action { static let (hold, buy, sell) = (0, 1, 2) }

    /// One per bar.
    let logPrices: [Double]
    /// Per trade, as a share of what is traded.
    let cost: Double
    /// What is seen of a bar, besides whether something is held.
    let features: @Sendable ([Double], Int) -> [Float]
    let length: Int
    /// Bars before the first start, for features.
    let warmUp = 4
    var isTransformer = false

    private var bar = 0
    private var end = 0
    private(set) var isLong = false
    private(set) var turnover = 0.0
    private(set) var barsHeld = 0

    init(
        _ logPrices: [Double], cost: Double, length: Int, features: @escaping @Sendable ([Double], Int) -> [Float]
    ) {
        (self.logPrices, self.cost, self.length, self.features) = (logPrices, cost, length, features)
    }

    var inputs: Int { features(logPrices, warmUp).count + 1 }
    let actions = 3
    var startCount: Int { logPrices.count - length - warmUp - 1 }

    mutating func reset(at start: Int) -> Observation {
        (bar, end) = (start + warmUp, start + warmUp + length)
        (isLong, turnover, barsHeld) = (false, 0, 0)
        return observation
    }

    var priorStates: [Float] { isTransformer ? (bar - 2..<bar).flatMap { features(logPrices, $0) + [0] } : [] }

    private var observation: Observation {
        let allowed = isLong ? [Action.hold, Action.sell] : [Action.hold, Action.buy]
        return Observation(features(logPrices, bar) + [isLong ? 1 : 0], allowed: ActionMask(allowed))
    }

    mutating func step(_ action: Int) -> StepOutcome {
        var reward = 0.0
        if action == Action.buy || action == Action.sell {
            isLong = action == Action.buy
            turnover += 1
            reward -= cost
        }
        if isLong {
            barsHeld += 1
            reward += logPrices[bar + 1] - logPrices[bar]
        }
        bar += 1
        let isDone = bar == end
        if isDone, isLong { reward -= cost }
        return StepOutcome(reward: reward, observation: observation, isDone: isDone)
    }

    mutating func cut() -> Double {
        defer { isLong = false }
        return isLong ? -cost : 0
    }
}

extension ToyMarket {
    /// Swings of ±5 % within 16 bars; the last two returns are seen.
    static func sine(cost: Double, length: Int = 32) -> ToyMarket {
        let path = (0..<400).map { 0.05 * sin(2 * .pi * Double($0) / 16) }
        return ToyMarket(path, cost: cost, length: length) { lastReturns($0, $1, unit: 0.02) }
    }

    private static func lastReturns(_ path: [Double], _ bar: Int, unit: Double) -> [Float] {
        let returns = [path[bar] - path[bar - 1], path[bar - 1] - path[bar - 2]]
        return returns.map { Float($0 / unit) }
    }

    /// Returns without memory; the last two are seen.
    static func walk(seed: UInt64, cost: Double, bars: Int = 2000, length: Int = 24) -> ToyMarket {
        var random = SeededGenerator(seed: seed, stream: "walk")
        var path = [0.0]
        for _ in 1..<bars { path.append((path.last ?? 0) + 0.005 * random.normal()) }
        return ToyMarket(path, cost: cost, length: length) { lastReturns($0, $1, unit: 0.005) }
    }

    /// A price that returns to its mean, and its distance from there.
    static func reverting(seed: UInt64, cost: Double, bars: Int = 2000, length: Int = 32) -> ToyMarket {
        var random = SeededGenerator(seed: seed, stream: "reverting")
        var path = [0.0]
        for _ in 1..<bars { path.append(0.7 * (path.last ?? 0) + 0.01 * random.normal()) }
        return ToyMarket(path, cost: cost, length: length) { path, bar in [Float(path[bar] / 0.014)] }
    }

    /// A perceptron for it, before training.
    func network(_ hidden: [Int] = [16], seed: UInt64 = 7) -> [Tensor] {
        var random = SeededGenerator(seed: seed, stream: "weights")
        return NewNetwork.perceptron([inputs] + hidden + [actions], &random)
    }
}
