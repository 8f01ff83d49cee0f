internal import Policy

/// The transformer of `Policy`: logits = head(decide(combine([u, v]))), u the encoded history, pooled, v the state weighted
/// by its own importance.
final class TrainedTransformer<Number: TrainingNumber> {
    let inputs: Int
    let width: Int
    /// Rows that stand for "none was given", and the most there are.
    let history: Int
    let embedding: LinearLayer<Number>
    /// [rows, width]
    let positions: [Number]
    let encoder: EncoderStack<Number>
    let pooling: (LinearLayer<Number>, LinearLayer<Number>)
    let projection: LinearLayer<Number>
    let featureAttention: AttentionLayer<Number>
    let importance: (LinearLayer<Number>, LinearLayer<Number>)
    let combination: LinearLayer<Number>
    let decider: EncoderStack<Number>
    let head: (LinearLayer<Number>, LinearLayer<Number>)

    init(_ layout: ParameterLayout, heads: Int, history: Int) {
        embedding = LinearLayer("temporal_encoder.feature_embedding", layout)
        (inputs, width, self.history) = (embedding.inputs, embedding.outputs, history)
        positions =
            (layout.constants.first?.values ?? PositionTable.values(rows: history, width: embedding.outputs))
            .prefix(history * embedding.outputs).map { Number($0) }
        encoder = EncoderStack("temporal_encoder.transformer_encoder", width: width, heads: heads, layout)
        let pool = "temporal_encoder.temporal_pooling.temporal_attention"
        pooling = (LinearLayer("\(pool).0", layout), LinearLayer("\(pool).2", layout))
        projection = LinearLayer("feature_attention.feature_projection", layout)
        featureAttention = AttentionLayer("feature_attention.multihead_attn", heads: nil, layout)
        importance = (
            LinearLayer("feature_attention.feature_importance.0", layout),
            LinearLayer("feature_attention.feature_importance.2", layout)
        )
        combination = LinearLayer("policy_network.state_embedding", layout)
        decider = EncoderStack("policy_network.transformer_encoder", width: width, heads: nil, layout)
        head = (
            LinearLayer("policy_network.action_head.0", layout), LinearLayer("policy_network.action_head.2", layout)
        )
    }

    var actions: Int { head.1.outputs }

    /// Those outside of the encoders.
    private var single: [LinearLayer<Number>] {
        [
            embedding, pooling.0, pooling.1, projection, importance.0, importance.1, combination, head.0, head.1,
        ] + featureAttention.layers
    }

    var linear: [LinearLayer<Number>] { single + encoder.linear + decider.linear }

    func load(_ parameters: UnsafePointer<Number>) {
        for layer in single { layer.load(parameters) }
        encoder.load(parameters)
        decider.load(parameters)
    }
}

/// A batch on its way through the transformer and back.
final class TransformerPass<Number: TrainingNumber> {
    private typealias Memory = (
        state: Rows<Number>, projected: Rows<Number>, attended: Rows<Number>, inner: Rows<Number>,
        active: Rows<Number>, importance: Rows<Number>, combined: Rows<Number>, decision: Rows<Number>,
        head: Rows<Number>, headActive: Rows<Number>, logits: Rows<Number>
    )

    private let network: TrainedTransformer<Number>
    private let arena = Arena<Number>()
    private let linear: LinearScratch<Number>
    private let encoder: HistoryPass<Number>
    private let attention: AttentionLayer<Number>.Memory
    private let scratch: AttentionLayer<Number>.Scratch
    private let decider: EncoderStack<Number>.Memory
    private let memory: Memory
    /// Gradients, a row per sample.
    private let one: Rows<Number>
    private let two: Rows<Number>
    private let combined: Rows<Number>
    private var decided: Rows<Number>
    private var count = 0

    init(_ network: TrainedTransformer<Number>, samples: Int) {
        self.network = network
        let (width, inputs, arena) = (network.width, network.inputs, arena)
        func rows(_ width: Int) -> Rows<Number> { arena.rows(samples, width: width) }
        linear = LinearScratch(network.linear, rows: samples * max(1, network.history), arena)
        encoder = HistoryPass(network, samples: samples, linear, arena)
        attention = .init(network.featureAttention, rows: samples, length: 1, arena)
        scratch = .init(width: width, heads: nil, rows: samples, length: 1, arena)
        decider = .init(network.decider, rows: samples, length: 1, linear, arena)
        memory = (
            rows(inputs), rows(width), rows(width), rows(network.importance.0.outputs),
            rows(network.importance.0.outputs), rows(inputs), rows(width + inputs), rows(width),
            rows(network.head.0.outputs), rows(network.head.0.outputs), rows(network.actions)
        )
        let widest = max(width, inputs, network.importance.0.outputs, network.head.0.outputs)
        (one, two, combined) = (rows(widest), rows(widest), rows(width + inputs))
        decided = memory.decision
    }

    func forward(_ inputs: [NetworkInput<Number>]) -> Rows<Number> {
        count = inputs.count
        encoder.forward(inputs, to: memory.combined)
        weigh(inputs)
        network.combination.forward(memory.combined, rows: count, to: memory.decision)
        decided = network.decider.forward(memory.decision, rows: count, spans: [], decider)
        network.head.0.forward(decided, rows: count, to: memory.head)
        memory.head.gelu(to: memory.headActive, rows: count, width: network.head.0.outputs)
        network.head.1.forward(memory.headActive, rows: count, to: memory.logits)
        return memory.logits
    }

    /// v, behind u.
    private func weigh(_ inputs: [NetworkInput<Number>]) {
        let size = network.inputs
        for (row, input) in inputs.enumerated() { memory.state.row(row).update(from: input.state, count: size) }
        network.projection.forward(memory.state, rows: count, to: memory.projected)
        network.featureAttention.forward(
            memory.projected, rows: count, spans: [], to: memory.attended, attention, scratch)
        network.importance.0.forward(memory.attended, rows: count, to: memory.inner)
        memory.inner.gelu(to: memory.active, rows: count, width: network.importance.0.outputs)
        network.importance.1.forward(memory.active, rows: count, to: memory.importance)
        let weighted = memory.combined.columns(from: network.width)
        for row in 0..<count {
            let (importance, state, weighted) = (memory.importance.row(row), memory.state.row(row), weighted.row(row))
            Softmax.forward(importance, count: size)
            for index in 0..<size { weighted[index] = state[index] * importance[index] }
        }
    }

    func backward(_ logits: Rows<Number>, into gradient: UnsafeMutablePointer<Number>) {
        network.head.1.backward(memory.headActive, logits, rows: count, to: one, gradient, linear)
        one.multiplyByGELUSlope(at: memory.head, rows: count, width: network.head.0.outputs)
        network.head.0.backward(decided, one, rows: count, to: two, gradient, linear)
        network.decider.backward(memory.decision, two, rows: count, spans: [], gradient, decider)
        network.combination.backward(memory.combined, two, rows: count, to: combined, gradient, linear)
        weighBackward(gradient)
        encoder.backward(combined, gradient)
    }

    private func weighBackward(_ gradient: UnsafeMutablePointer<Number>) {
        let size = network.inputs
        for row in 0..<count {
            let (slope, state) = (one.row(row), memory.state.row(row))
            let weighted = combined.row(row) + network.width
            for index in 0..<size { slope[index] = weighted[index] * state[index] }
            Softmax.backward(slope, at: memory.importance.row(row), count: size)
        }
        network.importance.1.backward(memory.active, one, rows: count, to: two, gradient, linear)
        two.multiplyByGELUSlope(at: memory.inner, rows: count, width: network.importance.0.outputs)
        network.importance.0.backward(memory.attended, two, rows: count, to: one, gradient, linear)
        network.featureAttention.backward(
            memory.projected, one, rows: count, spans: [], to: two, gradient, attention, scratch, linear)
        network.projection.backward(memory.state, two, rows: count, to: nil, gradient, linear)
    }
}

/// The rows of all histories of a batch, one sample's behind the other's, through the encoder into one row per sample.
private final class HistoryPass<Number: TrainingNumber> {
    private let network: TrainedTransformer<Number>
    private let stack: EncoderStack<Number>.Memory
    private let linear: LinearScratch<Number>
    private let history: Rows<Number>
    private let embedded: Rows<Number>
    private let inner: Rows<Number>
    private let active: Rows<Number>
    /// One number per row.
    private let scores: Rows<Number>
    /// The weights of a sample's rows, beside each other, and gradients by them.
    private let weights: Rows<Number>
    private let slopes: Rows<Number>
    private let innerSlopes: Rows<Number>
    private let outputSlopes: Rows<Number>
    private let delta: Rows<Number>
    private var encoded: Rows<Number>
    private var spans: [Range<Int>] = []
    private var count = 0

    init(_ network: TrainedTransformer<Number>, samples: Int, _ linear: LinearScratch<Number>, _ arena: Arena<Number>) {
        (self.network, self.linear) = (network, linear)
        let (rows, width, half) = (samples * network.history, network.width, network.pooling.0.outputs)
        stack = .init(network.encoder, rows: rows, length: network.history, linear, arena)
        history = arena.rows(rows, width: network.inputs)
        embedded = arena.rows(rows, width: width)
        (inner, active, innerSlopes) = (
            arena.rows(rows, width: half), arena.rows(rows, width: half), arena.rows(rows, width: half)
        )
        scores = arena.rows(rows, width: 1)
        weights = arena.rows(samples, width: network.history)
        slopes = arena.rows(samples, width: network.history)
        (outputSlopes, delta) = (arena.rows(rows, width: width), arena.rows(rows, width: width))
        encoded = embedded
    }

    /// u of every sample, into the first columns of its row.
    func forward(_ inputs: [NetworkInput<Number>], to combined: Rows<Number>) {
        gather(inputs)
        network.embedding.forward(history, rows: count, to: embedded)
        let width = network.width
        for span in spans {
            for (position, row) in span.enumerated() {
                let place = embedded.row(row)
                for index in 0..<width { place[index] += network.positions[position * width + index] }
            }
        }
        encoded = network.encoder.forward(embedded, rows: count, spans: spans, stack)
        network.pooling.0.forward(encoded, rows: count, to: inner)
        inner.gelu(to: active, rows: count, width: network.pooling.0.outputs)
        network.pooling.1.forward(active, rows: count, to: scores)
        for (sample, span) in spans.enumerated() {
            let (weights, pooled) = (weights.row(sample), combined.row(sample))
            for (position, row) in span.enumerated() { weights[position] = scores.row(row)[0] }
            Softmax.forward(weights, count: span.count)
            for index in 0..<width { pooled[index] = 0 }
            for (position, row) in span.enumerated() {
                let (weight, place) = (weights[position], encoded.row(row))
                for index in 0..<width { pooled[index] += weight * place[index] }
            }
        }
    }

    private func gather(_ inputs: [NetworkInput<Number>]) {
        let size = network.inputs
        spans.removeAll(keepingCapacity: true)
        count = 0
        for input in inputs {
            let rows = input.historyRows > 0 ? input.historyRows : network.history
            for row in 0..<rows {
                let target = history.row(count + row)
                if input.historyRows > 0 {
                    target.update(from: input.history + row * size, count: size)
                } else {
                    target.update(repeating: 0, count: size)
                }
            }
            spans.append(count..<count + rows)
            count += rows
        }
    }

    /// - Parameter combined: the gradient by u, in the first columns.
    func backward(_ combined: Rows<Number>, _ gradient: UnsafeMutablePointer<Number>) {
        let width = network.width
        for (sample, span) in spans.enumerated() {
            let (slope, pooled, weights) = (slopes.row(sample), combined.row(sample), weights.row(sample))
            for (position, row) in span.enumerated() {
                let (place, target) = (encoded.row(row), outputSlopes.row(row))
                var total: Number = 0
                for index in 0..<width {
                    total += pooled[index] * place[index]
                    target[index] = pooled[index] * weights[position]
                }
                slope[position] = total
            }
            Softmax.backward(slope, at: weights, count: span.count)
            for (position, row) in span.enumerated() { scores.row(row)[0] = slope[position] }
        }
        network.pooling.1.backward(active, scores, rows: count, to: innerSlopes, gradient, linear)
        innerSlopes.multiplyByGELUSlope(at: inner, rows: count, width: network.pooling.0.outputs)
        network.pooling.0.backward(encoded, innerSlopes, rows: count, to: delta, gradient, linear)
        outputSlopes.add(delta, rows: count, width: width)
        network.encoder.backward(embedded, outputSlopes, rows: count, spans: spans, gradient, stack)
        network.embedding.backward(history, outputSlopes, rows: count, to: nil, gradient, linear)
    }
}
