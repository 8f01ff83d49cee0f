internal import Vectors
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The value network: from [c, a one for the action] to a distribution over 51 outcomes, whose mean is the action's value.
struct TransformerCritic: Sendable {
    private let combined: Int
    private let actions: Int
    private let support: [Float]
    private let embedding: (Dense, Dense)
    private let encoder: Encoder
    private let head: (Dense, Dense)

    /// `nil` if the tensors have none.
    init?(width: Int, combined: Int, actions: Int, _ named: inout NamedTensors) throws(PolicyError) {
        guard named.has("value_network.support") else { return nil }
        (self.combined, self.actions) = (combined, actions)
        let atoms = try named.lengths(of: "value_network.support", dimensions: 1)[0]
        support = try named.take("value_network.support", [atoms])
        embedding = (
            try named.dense("value_network.state_action_embedding.0", combined + actions, width),
            try named.dense("value_network.state_action_embedding.2", width, width)
        )
        encoder = try Encoder("value_network.transformer", width: width, heads: nil, &named)
        head = (
            try named.dense("value_network.value_head.0", width, width),
            try named.dense("value_network.value_head.2", width, atoms)
        )
    }

    /// The value of every action, one row each through the same layers. Asked for by reports, not at every beat, so it takes
    /// its rows when it is called.
    func values(_ c: RowBuffer, _ arithmetic: Arithmetic) -> [Float] {
        let width = encoder.width
        let input = RowBuffer(rows: actions, width: combined + actions)
        let pair = (RowBuffer(rows: actions, width: width), RowBuffer(rows: actions, width: width))
        let outcomes = RowBuffer(rows: actions, width: support.count)
        for action in 0..<actions {
            let row = input.row(action)
            for index in 0..<combined { row[index] = c.start[index] }
            row[combined + action] = 1
        }
        embedding.0(input, rows: actions, to: pair.0, arithmetic)
        arithmetic.gelu(pair.0, actions)
        embedding.1(pair.0, rows: actions, to: pair.1, arithmetic)
        arithmetic.gelu(pair.1, actions)
        let attention = Attention.Buffers(width: width, heads: nil, rows: actions)
        encoder(
            pair.1, rows: actions, Encoder.Buffers(encoder, rows: actions, attention: attention), arithmetic)
        head.0(pair.1, rows: actions, to: pair.0, arithmetic)
        arithmetic.gelu(pair.0, actions)
        head.1(pair.0, rows: actions, to: outcomes, arithmetic)
        return withExtendedLifetime(outcomes) {
            (0..<actions).map { action in
                let row = outcomes.row(action)
                Elementwise.softmax(row, count: support.count)
                return support.indices.reduce(0) { $0 + support[$1] * row[$1] }
            }
        }
    }
}

/// What the original's meta controller makes of c: four regimes, the scales of its rewards, and the temperature that it
/// sampled with. takt trades without it; reports may show it.
struct MetaController: Sendable {
    private static let outputs = 3
    private let regimes: [Dense]
    private let adapter: [Dense]

    /// `nil` if the tensors have none.
    init?(combined: Int, _ named: inout NamedTensors) throws(PolicyError) {
        let (regime, adapter) = ("meta_controller.regime_detector", "meta_controller.parameter_adapter")
        guard named.has("\(regime).0.weight") else { return nil }
        let width = try named.lengths(of: "\(regime).0.weight", dimensions: 2)[0]
        let count = try named.lengths(of: "\(regime).4.weight", dimensions: 2)[0]
        regimes = try Self.layers(regime, combined, width, count, &named)
        let inner = try named.lengths(of: "\(adapter).0.weight", dimensions: 2)[0]
        self.adapter = try Self.layers(adapter, combined + count, inner, Self.outputs, &named)
    }

    private static func layers(
        _ name: String, _ inputs: Int, _ width: Int, _ outputs: Int, _ named: inout NamedTensors
    ) throws(PolicyError) -> [Dense] {
        [
            try named.dense("\(name).0", inputs, width), try named.dense("\(name).2", width, width),
            try named.dense("\(name).4", width, outputs),
        ]
    }

    func adaptation(_ c: RowBuffer, _ arithmetic: Arithmetic) -> Adaptation {
        let (combined, count) = (regimes[0].inputs, regimes[2].outputs)
        let input = RowBuffer(rows: 1, width: combined + count)
        for index in 0..<combined { input.start[index] = c.start[index] }
        let regime = Self.run(regimes, input, arithmetic)
        Elementwise.softmax(regime.start, count: count)
        for index in 0..<count { input.start[combined + index] = regime.start[index] }
        let scales = Self.run(adapter, input, arithmetic)
        return withExtendedLifetime((regime, scales)) {
            let raw = scales.start
            return Adaptation(
                regime: (0..<count).map { regime.start[$0] }, rewardScale: 2 * Elementwise.sigmoid(raw[0]),
                penaltyScale: Elementwise.sigmoid(raw[1]), temperature: 5 * Elementwise.sigmoid(raw[2]))
        }
    }

    private static func run(_ layers: [Dense], _ input: RowBuffer, _ arithmetic: Arithmetic) -> RowBuffer {
        var from = input
        for (index, layer) in layers.enumerated() {
            let to = RowBuffer(rows: 1, width: layer.outputs)
            layer(from, rows: 1, to: to, arithmetic)
            if index < layers.count - 1 { arithmetic.gelu(to, 1) }
            from = to
        }
        return from
    }
}

/// What the original's meta controller says about a state.
public struct Adaptation: Hashable, Sendable {
    /// Probabilities of its four regimes.
    public let regime: [Float]
    public let rewardScale: Float
    public let penaltyScale: Float
    /// The original sampled from π^(1/temperature).
    public let temperature: Float
}

/// Sines and cosines that tell the rows of a history apart.
public enum PositionTable {
    /// [rows, width], computed in 64 bits.
    public static func values(rows: Int, width: Int) -> [Float] {
        (0..<rows * width).map { index in
            let (position, place) = (Double(index / width), index % width)
            let angle = position * exp(-Double(place / 2 * 2) * log(10_000.0) / Double(width))
            return Float(place % 2 == 0 ? sin(angle) : cos(angle))
        }
    }
}
