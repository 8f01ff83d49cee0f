public import Core
public import Policy

/// Weights as they are before any training.
///
/// Linear layers are drawn as PyTorch draws them, uniformly within ±1/√inputs. The last layer is drawn a hundred times
/// smaller: an untrained policy then takes all actions about equally often, which is what it learns from at first
/// (Andrychowicz et al., arXiv:2006.05990, section 3.2).
public enum NewNetwork {
    private static let lastScale = 0.01

    /// Linear layers with ReLU between them.
    ///
    /// - Parameter widths: inputs, hidden layers, actions: `[14, 64, 64, 3]`.
    public static func perceptron(_ widths: [Int], _ random: inout SeededGenerator) -> [Tensor] {
        zip(widths, widths.dropFirst()).enumerated().flatMap { index, pair in
            let isLast = index == widths.count - 2
            return dense("policy.\(2 * index)", pair.0, pair.1, &random, scale: isLast ? lastScale : 1)
        }
    }

    /// The original's DeepSeek form without value network and meta controller.
    ///
    /// - Parameters:
    ///   - width: even, and a multiple of the number of heads.
    ///   - layers: of the encoder of the history; the one that decides has half as many, at least one.
    public static func transformer(
        inputs: Int, width: Int, layers: Int, actions: Int, _ random: inout SeededGenerator
    ) -> [Tensor] {
        let pool = "temporal_encoder.temporal_pooling.temporal_attention"
        let (importance, half) = ("feature_attention.feature_importance", max(1, width / 2))
        var tensors = dense("temporal_encoder.feature_embedding", inputs, width, &random)
        for index in 0..<layers {
            tensors += layer("temporal_encoder.transformer_encoder.layers.\(index)", width, &random)
        }
        tensors += dense("\(pool).0", width, half, &random) + dense("\(pool).2", half, 1, &random)
        tensors += dense("feature_attention.feature_projection", inputs, width, &random)
        tensors += attention("feature_attention.multihead_attn", width, &random)
        tensors += dense("\(importance).0", width, width, &random) + dense("\(importance).2", width, inputs, &random)
        tensors += dense("policy_network.state_embedding", width + inputs, width, &random)
        for index in 0..<max(1, layers / 2) {
            tensors += layer("policy_network.transformer_encoder.layers.\(index)", width, &random)
        }
        tensors += dense("policy_network.action_head.0", width, width, &random)
        return tensors + dense("policy_network.action_head.2", width, actions, &random, scale: lastScale)
    }

    private static func layer(_ name: String, _ width: Int, _ random: inout SeededGenerator) -> [Tensor] {
        var tensors = attention("\(name).self_attn", width, &random)
        tensors += dense("\(name).linear1", width, 4 * width, &random)
        tensors += dense("\(name).linear2", 4 * width, width, &random)
        for norm in ["norm1", "norm2"] {
            tensors.append(constant("\(name).\(norm).weight", width, 1))
            tensors.append(constant("\(name).\(norm).bias", width, 0))
        }
        return tensors
    }

    /// Inputs by Glorot's rule, uniformly within ±√(6 / (width + 3·width)); biases zero.
    private static func attention(_ name: String, _ width: Int, _ random: inout SeededGenerator) -> [Tensor] {
        [
            uniform("\(name).in_proj_weight", [3 * width, width], (6 / Double(4 * width)).squareRoot(), &random),
            constant("\(name).in_proj_bias", 3 * width, 0),
            uniform("\(name).out_proj.weight", [width, width], 1 / Double(width).squareRoot(), &random),
            constant("\(name).out_proj.bias", width, 0),
        ]
    }

    private static func dense(
        _ name: String, _ inputs: Int, _ outputs: Int, _ random: inout SeededGenerator, scale: Double = 1
    ) -> [Tensor] {
        let bound = scale / Double(inputs).squareRoot()
        return [
            uniform("\(name).weight", [outputs, inputs], bound, &random),
            uniform("\(name).bias", [outputs], bound, &random),
        ]
    }

    private static func uniform(
        _ name: String, _ shape: [Int], _ bound: Double, _ random: inout SeededGenerator
    ) -> Tensor {
        let values = (0..<shape.reduce(1, *)).map { _ in Float((2 * random.uniform() - 1) * bound) }
        return Tensor(name, shape: shape, values: values)
    }

    private static func constant(_ name: String, _ count: Int, _ value: Float) -> Tensor {
        Tensor(name, shape: [count], values: Array(repeating: value, count: count))
    }
}
