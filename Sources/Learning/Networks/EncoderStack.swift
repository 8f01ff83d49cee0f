/// Encoder layers as in `Policy`, and their gradients: h ← LN₁(x + attention(x)); y ← LN₂(h + W₂·GELU(W₁·h + b₁) + b₂).
final class EncoderStack<Number: TrainingNumber> {
    struct Layer {
        let attention: AttentionLayer<Number>
        let inner: LinearLayer<Number>
        let outer: LinearLayer<Number>
        let first: NormLayer<Number>
        let second: NormLayer<Number>
    }

    let layers: [Layer]
    let width: Int
    let heads: Int?

    /// - Parameter heads: `nil` where a row attends to itself alone.
    init(_ prefix: String, width: Int, heads: Int?, _ layout: ParameterLayout) {
        (self.width, self.heads) = (width, heads)
        var layers: [Layer] = []
        while layout.has("\(prefix).layers.\(layers.count).linear1.weight") {
            let name = "\(prefix).layers.\(layers.count)"
            layers.append(
                Layer(
                    attention: AttentionLayer("\(name).self_attn", heads: heads, layout),
                    inner: LinearLayer("\(name).linear1", layout), outer: LinearLayer("\(name).linear2", layout),
                    first: NormLayer("\(name).norm1", layout), second: NormLayer("\(name).norm2", layout)))
        }
        self.layers = layers
    }

    var linear: [LinearLayer<Number>] { layers.flatMap { $0.attention.layers + [$0.inner, $0.outer] } }

    func load(_ parameters: UnsafePointer<Number>) {
        for layer in linear { layer.load(parameters) }
        for layer in layers {
            layer.first.load(parameters)
            layer.second.load(parameters)
        }
    }

    /// Memory for a batch in all layers.
    final class Memory {
        struct Layer {
            let attention: AttentionLayer<Number>.Memory
            let first: NormLayer<Number>.Memory
            let second: NormLayer<Number>.Memory
            /// Behind the first norm, before GELU, behind it, and behind the second norm.
            let middle: Rows<Number>
            let inner: Rows<Number>
            let active: Rows<Number>
            let output: Rows<Number>
        }

        let layers: [Layer]
        let scratch: AttentionLayer<Number>.Scratch
        let linear: LinearScratch<Number>
        let delta: Rows<Number>
        let inner: Rows<Number>

        /// - Parameter length: the most rows of one sample.
        init(_ stack: EncoderStack, rows: Int, length: Int, _ linear: LinearScratch<Number>, _ arena: Arena<Number>) {
            let width = stack.width
            layers = stack.layers.map { layer in
                let innerWidth = layer.inner.outputs
                return Layer(
                    attention: .init(layer.attention, rows: rows, length: length, arena),
                    first: .init(rows: rows, width: width, arena), second: .init(rows: rows, width: width, arena),
                    middle: arena.rows(rows, width: width), inner: arena.rows(rows, width: innerWidth),
                    active: arena.rows(rows, width: innerWidth), output: arena.rows(rows, width: width))
            }
            scratch = .init(width: width, heads: stack.heads, rows: rows, length: length, arena)
            self.linear = linear
            delta = arena.rows(rows, width: width)
            inner = arena.rows(rows, width: stack.layers.map(\.inner.outputs).max() ?? 0)
        }
    }

    /// - Returns: what leaves the last layer.
    func forward(_ x: Rows<Number>, rows: Int, spans: [Range<Int>], _ memory: Memory) -> Rows<Number> {
        var x = x
        for (layer, kept) in zip(layers, memory.layers) {
            layer.attention.forward(
                x, rows: rows, spans: spans, to: memory.delta, kept.attention, memory.scratch)
            layer.first.forward(x, adding: memory.delta, rows: rows, to: kept.middle, kept.first)
            layer.inner.forward(kept.middle, rows: rows, to: kept.inner)
            kept.inner.gelu(to: kept.active, rows: rows, width: layer.inner.outputs)
            layer.outer.forward(kept.active, rows: rows, to: memory.delta)
            layer.second.forward(kept.middle, adding: memory.delta, rows: rows, to: kept.output, kept.second)
            x = kept.output
        }
        return x
    }

    /// - Parameters:
    ///   - x: what came into the first layer.
    ///   - dy: the gradient by what left the last; becomes the gradient by `x`.
    func backward(
        _ x: Rows<Number>, _ dy: Rows<Number>, rows: Int, spans: [Range<Int>],
        _ gradient: UnsafeMutablePointer<Number>, _ memory: Memory
    ) {
        for index in layers.indices.reversed() {
            let (layer, kept) = (layers[index], memory.layers[index])
            let x = index > 0 ? memory.layers[index - 1].output : x
            layer.second.backward(dy, rows: rows, to: dy, gradient, kept.second)
            layer.outer.backward(kept.active, dy, rows: rows, to: memory.inner, gradient, memory.linear)
            memory.inner.multiplyByGELUSlope(at: kept.inner, rows: rows, width: layer.inner.outputs)
            layer.inner.backward(kept.middle, memory.inner, rows: rows, to: memory.delta, gradient, memory.linear)
            dy.add(memory.delta, rows: rows, width: width)
            layer.first.backward(dy, rows: rows, to: dy, gradient, kept.first)
            layer.attention.backward(
                x, dy, rows: rows, spans: spans, to: memory.delta, gradient, kept.attention, memory.scratch,
                memory.linear)
            dy.add(memory.delta, rows: rows, width: width)
        }
    }
}
