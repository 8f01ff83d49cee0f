import Core
import Policy
import TestSupport
import Testing

@testable import Learning

/// Tiny networks with drawn shapes, weights and batches.
enum DrawnNetwork {
    /// Every parameter is moved, so that no norm's gain is one and no bias zero.
    static func tensors(_ family: Network.Family, heads: Int, _ random: inout SeededGenerator) -> [Tensor] {
        let plain =
            switch family {
            case .perceptron:
                NewNetwork.perceptron([random.int(1...5)] + [random.int(1...9), random.int(2...20)] + [3], &random)
            case .transformer:
                NewNetwork.transformer(
                    inputs: random.int(2...6), width: heads * random.int(1...3) * 2, layers: random.int(1...2),
                    actions: 3, &random)
            }
        return plain.map { tensor in
            Tensor(
                tensor.name, shape: tensor.shape, values: tensor.values.map { $0 + Float(random.normal()) * 0.3 })
        }
    }

    /// Steps with every mask, histories of every length and ratios on both sides of the clip.
    static func fill<Number>(_ bench: GradientBench<Number>, inputs: Int, history: Int, _ random: inout SeededGenerator)
    {
        func normals(_ count: Int) -> [Double] { (0..<count).map { _ in random.normal() } }
        for index in 0..<9 {
            let masks: [[Int]] = [[0, 1, 2], [0, 1], [0, 2], [1], [1, 2]]
            let allowed = masks[index % masks.count]
            let rows = history == 0 ? 0 : index % (history + 1)
            bench.add(
                state: normals(inputs), history: normals(rows * inputs), action: random.pick(allowed),
                advantage: random.normal(), old: (0..<3).map { _ in -0.2 - random.uniform() },
                referenceLogits: normals(3), allowed: ActionMask(allowed))
        }
    }
}

struct GradientTests {
    @Test(
        "Gradients are what the loss changes by, for any network, mask and history",
        arguments: propertySeeds, Network.Family.allCases)
    func differences(seed: UInt64, family: Network.Family) throws {
        var random = SeededGenerator(seed: seed, stream: "gradients \(family)")
        let heads = random.int(1...2)
        let tensors = DrawnNetwork.tensors(family, heads: heads, &random)
        let network = try Network(tensors, heads: heads)
        let history = family == .transformer ? random.int(1...4) : 0
        let bench = try GradientBench<Double>(tensors, network, history: history, samples: 9)
        DrawnNetwork.fill(bench, inputs: network.inputs, history: history, &random)
        let loss = GroupLoss(clip: 0.2, divergenceWeight: 0.3, entropyWeight: 0.2)
        let gradient = bench.gradient(loss).gradient
        let size = 1e-5
        // Every parameter of a small network, every few of a larger one.
        for index in stride(from: 0, to: gradient.count, by: max(1, gradient.count / 60)) {
            let value = bench.parameters[index]
            bench.parameters[index] = value + size
            let above = loss.loss(bench.gradient(loss).sums)
            bench.parameters[index] = value - size
            let below = loss.loss(bench.gradient(loss).sums)
            bench.parameters[index] = value
            let expected = (above - below) / (2 * size)
            #expect(
                abs(gradient[index] - expected) <= 1e-7 + 1e-6 * abs(expected),
                "seed \(seed), \(name(of: index, bench.layout))")
        }
    }

    private func name(of index: Int, _ layout: ParameterLayout) -> String {
        layout.places.first { $0.range.contains(index) }.map { "\($0.name)[\(index - $0.range.lowerBound)]" } ?? "?"
    }

    @Test(
        "What is trained answers as what trades: a batch gives the evaluator's probabilities",
        arguments: propertySeeds, Network.Family.allCases)
    func inference(seed: UInt64, family: Network.Family) throws {
        var random = SeededGenerator(seed: seed, stream: "inference \(family)")
        let tensors = DrawnNetwork.tensors(family, heads: 2, &random)
        let network = try Network(tensors, heads: 2)
        let history = family == .transformer ? 3 : 0
        let evaluator = try Evaluator(network, history: history)
        let trained: TrainedNetwork<Float> = TrainedNetwork(
            ParameterLayout(tensors), of: network, history: history)
        let parameters = try #require(ParameterLayout(tensors).values(of: tensors))
        parameters.withUnsafeBufferPointer { if let start = $0.baseAddress { trained.load(start) } }
        let states = (0..<5 * network.inputs).map { _ in Float(random.normal()) }
        let rows = (0..<history * network.inputs).map { _ in Float(random.normal()) }
        let pass = trained.pass(samples: 5)
        try states.withUnsafeBufferPointer { states in
            try rows.withUnsafeBufferPointer { rows in
                let start = try #require(states.baseAddress)
                let inputs = (0..<5).map {
                    NetworkInput(
                        state: start + $0 * network.inputs, history: rows.baseAddress ?? start,
                        historyRows: history == 0 ? 0 : $0 % (history + 1))
                }
                let logits = pass.forward(inputs)
                for (index, input) in inputs.enumerated() {
                    try evaluator.evaluate(
                        Array(states[index * network.inputs..<(index + 1) * network.inputs]),
                        history: Array(rows[..<(input.historyRows * network.inputs)]))
                    for action in 0..<3 {
                        #expect(abs(logits.row(index)[action] - evaluator.logits[action]) <= 2e-5, "seed \(seed)")
                    }
                }
            }
        }
    }

    @Test("A pass remembers nothing of the batch before")
    func memory() throws {
        var random = SeededGenerator(seed: 5, stream: "memory")
        let tensors = DrawnNetwork.tensors(.transformer, heads: 2, &random)
        let network = try Network(tensors, heads: 2)
        let bench = try GradientBench<Double>(tensors, network, history: 3, samples: 9)
        DrawnNetwork.fill(bench, inputs: network.inputs, history: 3, &random)
        let loss = GroupLoss(clip: 0.2, divergenceWeight: 0.3, entropyWeight: 0.2)
        let first = bench.gradient(loss)
        let parameters = bench.parameters
        bench.parameters = parameters.map { 3 - $0 }
        #expect(bench.gradient(loss).gradient != first.gradient)
        bench.parameters = parameters
        let again = bench.gradient(loss)
        #expect(first.gradient == again.gradient && first.sums == again.sums)
    }
}
