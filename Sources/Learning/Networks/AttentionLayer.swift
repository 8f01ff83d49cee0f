/// Multi-head attention as in `Policy`, and its gradients. Rows of one sample attend to each other; where a row attends to
/// itself alone, its answer is its own V, and queries and keys have no gradient.
///
/// Per head, with P = softmax(Q·Kᵀ/√d) and the answer O = P·V: dV = Pᵀ·dO, dP = dO·Vᵀ, dS = P ⊙ (dP − rowsum(dP ⊙ P)),
/// dQ = dS·K/√d, dK = dSᵀ·Q/√d.
final class AttentionLayer<Number: TrainingNumber> {
    /// `nil` where every row attends to itself alone.
    private let heads: Int?
    let width: Int
    let input: LinearLayer<Number>
    let output: LinearLayer<Number>

    init(_ name: String, heads: Int?, _ layout: ParameterLayout) {
        let (weight, bias) = (layout.place("\(name).in_proj_weight"), layout.place("\(name).in_proj_bias"))
        self.heads = heads
        width = weight.shape[1]
        let first = heads == nil ? 2 * width : 0
        input = LinearLayer(
            inputs: width, outputs: 3 * width - first, weight: weight.range.lowerBound + first * width,
            bias: bias.range.lowerBound + first)
        output = LinearLayer("\(name).out_proj", layout)
    }

    var layers: [LinearLayer<Number>] { [input, output] }

    func load(_ parameters: UnsafePointer<Number>) { for layer in layers { layer.load(parameters) } }

    /// What the way back needs.
    struct Memory {
        /// Q, K and V side by side, or V alone.
        let projected: Rows<Number>
        let attended: Rows<Number>
        /// P of one sample's head after the other, [head, row, row].
        let probabilities: [Rows<Number>]

        init(_ layer: AttentionLayer, rows: Int, length: Int, _ arena: Arena<Number>) {
            projected = arena.rows(rows, width: layer.input.outputs)
            attended = arena.rows(rows, width: layer.width)
            probabilities = (0..<(layer.heads ?? 0)).map { _ in arena.rows(rows, width: length) }
        }
    }

    /// Memory for one head at a time, for all layers.
    struct Scratch {
        /// [d, length]
        let across: Rows<Number>
        /// [length, length]
        let square: Rows<Number>
        let turned: Rows<Number>
        /// [length, d]
        let along: Rows<Number>
        /// Gradients by what is projected, and by what is attended.
        let projected: Rows<Number>
        let attended: Rows<Number>

        init(width: Int, heads: Int?, rows: Int, length: Int, _ arena: Arena<Number>) {
            let size = heads.map { width / $0 } ?? 0
            across = arena.rows(size, width: length)
            square = arena.rows(heads == nil ? 0 : length, width: length)
            turned = arena.rows(heads == nil ? 0 : length, width: length)
            along = arena.rows(heads == nil ? 0 : length, width: size)
            projected = arena.rows(rows, width: heads == nil ? width : 3 * width)
            attended = arena.rows(rows, width: width)
        }
    }

    /// - Parameter spans: the rows of each sample.
    func forward(
        _ x: Rows<Number>, rows: Int, spans: [Range<Int>], to y: Rows<Number>, _ memory: Memory, _ scratch: Scratch
    ) {
        input.forward(x, rows: rows, to: memory.projected)
        guard let heads else { return output.forward(memory.projected, rows: rows, to: y) }
        for span in spans {
            for head in 0..<heads { attend(head, of: heads, span, memory, scratch) }
        }
        output.forward(memory.attended, rows: rows, to: y)
    }

    private func attend(_ head: Int, of heads: Int, _ span: Range<Int>, _ memory: Memory, _ scratch: Scratch) {
        let (size, length) = (width / heads, span.count)
        let projected = memory.projected.rows(from: span.lowerBound)
        let queries = projected.columns(from: head * size)
        let keys = projected.columns(from: width + head * size)
        let values = projected.columns(from: 2 * width + head * size)
        let probabilities = memory.probabilities[head].rows(from: span.lowerBound)
        keys.transpose(to: scratch.across, rows: length, width: size)
        MatrixProduct(
            queries, rows: length, times: scratch.across, inputs: size, outputs: length, to: probabilities)()
        let scale = 1 / Number(size).squareRoot()
        for row in 0..<length { Softmax.forward(probabilities.row(row), count: length, scale: scale) }
        MatrixProduct(
            probabilities, rows: length, times: values, inputs: length, outputs: size, to: scratch.along)()
        scratch.along.copy(
            to: memory.attended.rows(from: span.lowerBound).columns(from: head * size), rows: length, width: size)
    }

    func backward(
        _ x: Rows<Number>, _ dy: Rows<Number>, rows: Int, spans: [Range<Int>], to dx: Rows<Number>,
        _ gradient: UnsafeMutablePointer<Number>, _ memory: Memory, _ scratch: Scratch, _ linear: LinearScratch<Number>
    ) {
        guard let heads else {
            output.backward(memory.projected, dy, rows: rows, to: scratch.projected, gradient, linear)
            return input.backward(x, scratch.projected, rows: rows, to: dx, gradient, linear)
        }
        output.backward(memory.attended, dy, rows: rows, to: scratch.attended, gradient, linear)
        for span in spans {
            for head in 0..<heads { attendBackward(head, of: heads, span, memory, scratch) }
        }
        input.backward(x, scratch.projected, rows: rows, to: dx, gradient, linear)
    }

    private func attendBackward(_ head: Int, of heads: Int, _ span: Range<Int>, _ memory: Memory, _ scratch: Scratch) {
        let (size, length) = (width / heads, span.count)
        let (first, scale) = (head * size, 1 / Number(width / heads).squareRoot())
        let projected = memory.projected.rows(from: span.lowerBound)
        let slopes = scratch.projected.rows(from: span.lowerBound)
        let probabilities = memory.probabilities[head].rows(from: span.lowerBound)
        let answers = scratch.attended.rows(from: span.lowerBound).columns(from: first)
        func product(_ left: Rows<Number>, _ right: Rows<Number>, to third: Int) {
            MatrixProduct(left, rows: length, times: right, inputs: length, outputs: size, to: scratch.along)()
            scratch.along.copy(to: slopes.columns(from: third * width + first), rows: length, width: size)
        }
        probabilities.transpose(to: scratch.turned, rows: length, width: length)
        product(scratch.turned, answers, to: 2)
        projected.columns(from: 2 * width + first).transpose(to: scratch.across, rows: length, width: size)
        MatrixProduct(
            answers, rows: length, times: scratch.across, inputs: size, outputs: length, to: scratch.square)()
        for row in 0..<length {
            Softmax.backward(scratch.square.row(row), at: probabilities.row(row), count: length, scale: scale)
        }
        product(scratch.square, projected.columns(from: width + first), to: 0)
        scratch.square.transpose(to: scratch.turned, rows: length, width: length)
        product(scratch.turned, projected.columns(from: first), to: 1)
    }
}

/// e^x / Σ e^x, with p the result: dx = p ⊙ (dp − Σ dp · p).
enum Softmax {
    /// In place; `scale` multiplies first.
    static func forward<Number: TrainingNumber>(
        _ values: UnsafeMutablePointer<Number>, count: Int, scale: Number = 1
    ) {
        var highest = -Number.infinity
        for index in 0..<count {
            values[index] *= scale
            highest = max(highest, values[index])
        }
        var total: Number = 0
        for index in 0..<count {
            values[index] = Number.exponential(values[index] - highest)
            total += values[index]
        }
        for index in 0..<count { values[index] /= total }
    }

    /// Of the gradient by the probabilities makes that by the values before `scale`, in place.
    static func backward<Number: TrainingNumber>(
        _ slopes: UnsafeMutablePointer<Number>, at probabilities: UnsafePointer<Number>, count: Int, scale: Number = 1
    ) {
        var total: Number = 0
        for index in 0..<count { total += slopes[index] * probabilities[index] }
        for index in 0..<count { slopes[index] = (slopes[index] - total) * probabilities[index] * scale }
    }
}
