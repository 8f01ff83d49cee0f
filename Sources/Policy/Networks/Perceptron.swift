internal import Vectors

/// The network of the original's GRPO agent: `policy`, linear layers with ReLU between them, and, where the file has one,
/// `q_estimator` of the same form, which takes the state followed by a one for the action and gives its value.
///
/// Any number of layers of any widths; a trainer without a critic leaves the second part out.
final class Perceptron: Sendable {
    static let family = "perceptron"
    /// The tensor that tells one.
    static let mark = "policy.0.weight"
    private static let layerLimit = 32

    let inputs: Int
    let actions: Int
    let policy: [Dense]
    let critic: [Dense]

    init(_ tensors: [Tensor]) throws(PolicyError) {
        var named = try NamedTensors(tensors, family: Self.family)
        inputs = try named.lengths(of: Self.mark, dimensions: 2)[1]
        policy = try Self.layers("policy", &named)
        actions = policy.last?.outputs ?? 0
        critic = named.has("q_estimator.0.weight") ? try Self.layers("q_estimator", &named) : []
        if let first = critic.first, let last = critic.last {
            guard first.inputs == inputs + actions else {
                throw .shape(
                    tensor: "q_estimator.0.weight", expected: [first.outputs, inputs + actions],
                    found: [first.outputs, first.inputs])
            }
            guard last.outputs == 1 else {
                throw .shape(
                    tensor: "q_estimator.\(2 * (critic.count - 1)).weight", expected: [1, last.inputs],
                    found: [last.outputs, last.inputs])
            }
        }
        try named.requireEmpty()
    }

    /// `NAME.0`, `NAME.2`, … as torch's Sequential counts, the activations at the odd places.
    private static func layers(_ name: String, _ named: inout NamedTensors) throws(PolicyError) -> [Dense] {
        var layers: [Dense] = []
        while layers.count < layerLimit, layers.isEmpty || named.has("\(name).\(2 * layers.count).weight") {
            let place = "\(name).\(2 * layers.count)"
            let shape = try named.lengths(of: "\(place).weight", dimensions: 2)
            layers.append(try named.dense(place, layers.last?.outputs ?? shape[1], shape[0]))
        }
        return layers
    }

    var widths: [Int] { [inputs] + policy.map(\.outputs) }

    /// The rows an inference works in.
    final class Buffers {
        fileprivate let state: RowBuffer
        fileprivate let pair: [RowBuffer]

        init(_ network: Perceptron) {
            let widest = (network.policy + network.critic).map(\.outputs).max() ?? 0
            let rows = network.critic.isEmpty ? 1 : network.actions
            state = RowBuffer(rows: rows, width: network.inputs + network.actions)
            pair = [RowBuffer(rows: rows, width: widest), RowBuffer(rows: rows, width: widest)]
        }
    }

    /// The logits of a state, in the first row of what is returned.
    func logits(_ state: [Float], _ buffers: Buffers, _ arithmetic: Arithmetic) -> RowBuffer {
        for index in 0..<inputs { buffers.state.start[index] = state[index] }
        return Self.run(policy, buffers, rows: 1, arithmetic)
    }

    /// The value of every action in the state whose logits were computed last; `nil` without a critic.
    func values(_ buffers: Buffers, _ arithmetic: Arithmetic) -> [Float]? {
        guard !critic.isEmpty else { return nil }
        for action in 0..<actions {
            let row = buffers.state.row(action)
            for index in 0..<inputs { row[index] = buffers.state.start[index] }
            for index in 0..<actions { row[inputs + index] = index == action ? 1 : 0 }
        }
        let result = Self.run(critic, buffers, rows: actions, arithmetic)
        return (0..<actions).map { result.row($0)[0] }
    }

    private static func run(_ layers: [Dense], _ buffers: Buffers, rows: Int, _ arithmetic: Arithmetic) -> RowBuffer {
        var (from, to) = (buffers.state, buffers.pair[0])
        for (index, layer) in layers.enumerated() {
            to = buffers.pair[index % 2]
            layer(from, rows: rows, to: to, arithmetic)
            if index < layers.count - 1 { Elementwise.relu(to.start, count: rows * to.stride) }
            from = to
        }
        return to
    }
}
