internal import Vectors

/// The network of the original's DeepSeek agent, and any of its form: an encoder over the rows of history, pooled; the
/// current state weighted by its own importance; both together decide.
///
/// With state width S and hidden width H: u = pool(encode(history·W + pe)), v = state ⊙ importance(state), c = [u, v];
/// logits = head(encode(c·W)). In the original S has to equal H; here only the shapes have to agree. The value network and
/// the meta controller are there in all files of the original and may be left out.
final class Transformer: Sendable {
    static let family = "transformer"
    /// The tensor that tells one.
    static let mark = "temporal_encoder.feature_embedding.weight"
    /// The original's table of positions has so many rows.
    static let historyLimit = 200

    let inputs: Int
    let width: Int
    let heads: Int
    let actions: Int
    let critic: TransformerCritic?
    let controller: MetaController?
    private let embedding: Dense
    private let positions: [Float]
    private let encoder: Encoder
    private let pooling: (Dense, Dense)
    private let projection: Dense
    private let featureAttention: Attention
    private let importance: (Dense, Dense)
    private let combination: Dense
    private let decider: Encoder
    private let head: (Dense, Dense)

    init(_ tensors: [Tensor], heads: Int?) throws(PolicyError) {
        var named = try NamedTensors(tensors, family: Self.family)
        let lengths = try named.lengths(of: Self.mark, dimensions: 2)
        let (width, inputs) = (lengths[0], lengths[1])
        guard let heads else { throw .headsUnknown(width: width) }
        guard heads > 0, width.isMultiple(of: heads) else { throw .heads(heads, width: width) }
        (self.inputs, self.width, self.heads) = (inputs, width, heads)
        embedding = try named.dense("temporal_encoder.feature_embedding", inputs, width)
        positions = try Self.positions(width, &named)
        encoder = try Encoder("temporal_encoder.transformer_encoder", width: width, heads: heads, &named)
        let pool = "temporal_encoder.temporal_pooling.temporal_attention"
        let half = try named.lengths(of: "\(pool).0.weight", dimensions: 2)[0]
        pooling = (try named.dense("\(pool).0", width, half), try named.dense("\(pool).2", half, 1))
        projection = try named.dense("feature_attention.feature_projection", inputs, width)
        featureAttention = try Attention("feature_attention.multihead_attn", width: width, heads: nil, &named)
        importance = (
            try named.dense("feature_attention.feature_importance.0", width, width),
            try named.dense("feature_attention.feature_importance.2", width, inputs)
        )
        combination = try named.dense("policy_network.state_embedding", width + inputs, width)
        decider = try Encoder("policy_network.transformer_encoder", width: width, heads: nil, &named)
        actions = try named.lengths(of: "policy_network.action_head.2.weight", dimensions: 2)[0]
        head = (
            try named.dense("policy_network.action_head.0", width, width),
            try named.dense("policy_network.action_head.2", width, actions)
        )
        critic = try TransformerCritic(width: width, combined: width + inputs, actions: actions, &named)
        controller = try MetaController(combined: width + inputs, &named)
        try named.requireEmpty()
    }

    var layerCount: Int { encoder.layers.count }
    var positionCount: Int { positions.count / width }

    /// The table of the file, or the one it would have: sin(p·e^(−2i·ln 10000/H)) at 2i, the cosine at 2i + 1.
    private static func positions(_ width: Int, _ named: inout NamedTensors) throws(PolicyError) -> [Float] {
        let name = "temporal_encoder.positional_encoding.pe"
        if named.has(name) {
            let rows = try named.lengths(of: name, dimensions: 3)[1]
            return try named.take(name, [1, rows, width])
        }
        return PositionTable.values(rows: historyLimit, width: width)
    }

    /// The rows an inference works in.
    final class Buffers {
        fileprivate let history: RowBuffer
        fileprivate let rows: RowBuffer
        fileprivate let encoder: Encoder.Buffers
        fileprivate let pooled: RowBuffer
        fileprivate let weights: RowBuffer
        fileprivate let single: Attention.Buffers
        fileprivate let decider: Encoder.Buffers
        fileprivate let state: RowBuffer
        fileprivate let one: RowBuffer
        fileprivate let two: RowBuffer
        fileprivate let logits: RowBuffer
        /// [u, v].
        let combined: RowBuffer
        let length: Int

        init(_ network: Transformer, history length: Int) {
            let (width, inputs) = (network.width, network.inputs)
            self.length = length
            history = RowBuffer(rows: length, width: inputs)
            rows = RowBuffer(rows: length, width: width)
            let attention = Attention.Buffers(width: width, heads: network.heads, rows: length)
            encoder = Encoder.Buffers(network.encoder, rows: length, attention: attention)
            pooled = RowBuffer(rows: length, width: network.pooling.0.outputs)
            weights = RowBuffer(rows: length, width: max(1, length))
            single = Attention.Buffers(width: width, heads: nil, rows: 1)
            decider = Encoder.Buffers(network.decider, rows: 1, attention: single)
            state = RowBuffer(rows: 1, width: inputs)
            one = RowBuffer(rows: 1, width: max(width, inputs))
            two = RowBuffer(rows: 1, width: max(width, inputs))
            logits = RowBuffer(rows: 1, width: network.actions)
            combined = RowBuffer(rows: 1, width: width + inputs)
        }
    }

    /// The logits of a state behind a history, in the first row of what is returned.
    ///
    /// - Parameter history: rows of `inputs` numbers, oldest first; empty for a full length of zeros.
    func logits(_ state: [Float], _ history: [Float], _ buffers: Buffers, _ arithmetic: Arithmetic) -> RowBuffer {
        let rows = history.isEmpty ? buffers.length : history.count / inputs
        for row in 0..<rows {
            let place = buffers.history.row(row)
            for index in 0..<inputs { place[index] = history.isEmpty ? 0 : history[row * inputs + index] }
        }
        for index in 0..<inputs { buffers.state.start[index] = state[index] }
        encode(rows, buffers, arithmetic)
        weigh(buffers, arithmetic)
        combination(buffers.combined, rows: 1, to: buffers.one, arithmetic)
        decider(buffers.one, rows: 1, buffers.decider, arithmetic)
        head.0(buffers.one, rows: 1, to: buffers.two, arithmetic)
        arithmetic.gelu(buffers.two, 1)
        head.1(buffers.two, rows: 1, to: buffers.logits, arithmetic)
        return buffers.logits
    }

    /// u: the encoded history, averaged with weights that depend on it.
    private func encode(_ count: Int, _ buffers: Buffers, _ arithmetic: Arithmetic) {
        let rows = buffers.rows
        embedding(buffers.history, rows: count, to: rows, arithmetic)
        for row in 0..<count {
            let place = rows.row(row)
            for index in 0..<width { place[index] += positions[row * width + index] }
        }
        encoder(rows, rows: count, buffers.encoder, arithmetic)
        pooling.0(rows, rows: count, to: buffers.pooled, arithmetic)
        arithmetic.gelu(buffers.pooled, count)
        pooling.1(buffers.pooled, rows: count, to: buffers.weights, arithmetic)
        for row in 0..<count { buffers.weights.row(0)[row] = buffers.weights.row(row)[0] }
        Elementwise.softmax(buffers.weights.start, count: count)
        let pooled = buffers.combined.start
        for index in 0..<width { pooled[index] = 0 }
        for row in 0..<count {
            let (weight, place) = (buffers.weights.start[row], rows.row(row))
            for index in 0..<width { pooled[index] += weight * place[index] }
        }
    }

    /// v: the state, each number weighted by its importance.
    private func weigh(_ buffers: Buffers, _ arithmetic: Arithmetic) {
        projection(buffers.state, rows: 1, to: buffers.one, arithmetic)
        featureAttention(buffers.one, rows: 1, to: buffers.two, buffers.single, arithmetic)
        importance.0(buffers.two, rows: 1, to: buffers.one, arithmetic)
        arithmetic.gelu(buffers.one, 1)
        importance.1(buffers.one, rows: 1, to: buffers.two, arithmetic)
        Elementwise.softmax(buffers.two.start, count: inputs)
        let weighted = buffers.combined.start + width
        for index in 0..<inputs { weighted[index] = buffers.state.start[index] * buffers.two.start[index] }
    }
}
