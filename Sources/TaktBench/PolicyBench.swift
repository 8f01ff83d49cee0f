import Core
import Features
import Foundation
import Learning
import Policy

/// What one inference costs: the two families, at the sizes that are compared with other libraries, with drawn weights. Each
/// by the arithmetic of any processor and by the best that this one has; both must give the same bits.
///
/// With a folder the weights are written there for other programs, as `perceptron.safetensors`, and what was asked and
/// answered (`state`, `history`, `probabilities`) as `perceptron-asked.safetensors`; all of that also as bare 32-bit floats,
/// one after the other, as `perceptron.f32`. So, too, for the transformer.
enum PolicyBench {
    private static let history = 30

    static func run(folder: String?) throws {
        var random = SeededGenerator(seed: 20_261_126, stream: "policy bench")
        let perceptron = drawn(Shapes.perceptron([50, 256, 256, 3]), &random)
        try measure(perceptron, history: 0, inferences: 2000, &random, folder)
        let transformer = drawn(Shapes.transformer(width: 128, layers: 2, actions: 3), &random)
        try measure(transformer, history: history, inferences: 40, &random, folder)
    }

    private static func measure(
        _ tensors: [Tensor], history: Int, inferences: Int, _ random: inout SeededGenerator, _ folder: String?
    ) throws {
        let network = try Network(tensors, heads: 4)
        let state = (0..<network.inputs).map { _ in Float(random.normal()) }
        let rows = (0..<history * network.inputs).map { _ in Float(random.normal()) }
        var (answers, probabilities) = ([[Float]](), [Float]())
        for (name, arithmetic) in [("any processor", Arithmetic.plain), ("this processor", .best)] {
            let evaluator = try Evaluator(network, history: history, arithmetic: arithmetic)
            for _ in 0..<20 { try evaluator.evaluate(state, history: rows) }
            let best = try TaktBench.fastest {
                for _ in 0..<inferences { try evaluator.evaluate(state, history: rows) }
            }
            answers.append(evaluator.logits)
            probabilities = evaluator.probabilities
            let agreement = answers.allSatisfy { $0 == answers[0] } ? "same bits" : "OTHER BITS"
            TaktBench.report(
                "policy \(network.family.rawValue), \(name)", inferences, best,
                "\(network.text)\(history > 0 ? ", history \(history)" : ""); \(agreement)")
        }
        guard let folder else { return }
        let asked = [
            Tensor("state", shape: [network.inputs], values: state),
            Tensor("history", shape: [history, network.inputs], values: rows),
            Tensor("probabilities", shape: [network.actions], values: probabilities),
        ]
        let name = network.family.rawValue
        try write(Safetensors.bytes(of: tensors), to: "\(folder)/\(name).safetensors")
        try write(Safetensors.bytes(of: asked), to: "\(folder)/\(name)-asked.safetensors")
        let numbers = (tensors + asked).flatMap(\.values)
        try write(numbers.withUnsafeBytes { Array($0) }, to: "\(folder)/\(name).f32")
    }

    /// Networks of the two families for the features of `takt-16`, as large as those that are measured here.
    static func writeNetworks(to folder: String) throws {
        var random = SeededGenerator(seed: 20_261_126, stream: "networks")
        let inputs = FeaturePreset.takt16.texts.count
        let perceptron = NewNetwork.perceptron([inputs, 256, 256, 3], &random)
        let transformer = NewNetwork.transformer(inputs: inputs, width: 128, layers: 2, actions: 3, &random)
        for (name, tensors) in [("perceptron", perceptron), ("transformer", transformer)] {
            try write(Safetensors.bytes(of: tensors), to: "\(folder)/\(name).safetensors")
        }
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// Weights as they are before training: normal, scaled by the number of inputs.
    private static func drawn(_ shapes: [(String, [Int])], _ random: inout SeededGenerator) -> [Tensor] {
        shapes.map { name, shape in
            let scale = 1 / Double(shape.last ?? 1).squareRoot()
            let values = (0..<shape.reduce(1, *)).map { _ in Float(random.normal() * scale) }
            return Tensor(name, shape: shape, values: values)
        }
    }
}

/// The names and shapes of the tensors of a network.
private enum Shapes {
    static func perceptron(_ widths: [Int]) -> [(String, [Int])] {
        zip(widths, widths.dropFirst()).enumerated().flatMap { dense("policy.\(2 * $0)", $1.0, $1.1) }
    }

    static func transformer(width: Int, layers: Int, actions: Int) -> [(String, [Int])] {
        let (pool, importance) = (
            "temporal_encoder.temporal_pooling.temporal_attention", "feature_attention.feature_importance"
        )
        var shapes = dense("temporal_encoder.feature_embedding", width, width)
        shapes += (0..<layers).flatMap { layer("temporal_encoder.transformer_encoder.layers.\($0)", width) }
        shapes += dense("\(pool).0", width, width / 2) + dense("\(pool).2", width / 2, 1)
        shapes += dense("feature_attention.feature_projection", width, width)
        shapes += attention("feature_attention.multihead_attn", width)
        shapes += dense("\(importance).0", width, width) + dense("\(importance).2", width, width)
        shapes += dense("policy_network.state_embedding", 2 * width, width)
        shapes += (0..<layers / 2).flatMap { layer("policy_network.transformer_encoder.layers.\($0)", width) }
        shapes += dense("policy_network.action_head.0", width, width)
        return shapes + dense("policy_network.action_head.2", width, actions)
    }

    private static func layer(_ name: String, _ width: Int) -> [(String, [Int])] {
        attention("\(name).self_attn", width) + dense("\(name).linear1", width, 4 * width)
            + dense("\(name).linear2", 4 * width, width)
            + ["norm1", "norm2"].flatMap { [("\(name).\($0).weight", [width]), ("\(name).\($0).bias", [width])] }
    }

    private static func attention(_ name: String, _ width: Int) -> [(String, [Int])] {
        [("\(name).in_proj_weight", [3 * width, width]), ("\(name).in_proj_bias", [3 * width])]
            + dense("\(name).out_proj", width, width)
    }

    private static func dense(_ name: String, _ inputs: Int, _ outputs: Int) -> [(String, [Int])] {
        [("\(name).weight", [outputs, inputs]), ("\(name).bias", [outputs])]
    }
}
