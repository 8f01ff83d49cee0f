/// A linear layer, y = W·x + b, and its gradients: dW = Σ dy·xᵀ, db = Σ dy, dx = Wᵀ·dy, summed over rows in their order.
final class LinearLayer<Number: TrainingNumber> {
    let inputs: Int
    let outputs: Int
    /// Where W [outputs, inputs] and b begin in the row of parameters.
    private let weight: Int
    private let bias: Int
    private let arena = Arena<Number>()
    /// For y, [panel of outputs, input, 16], and for dx, [panel of inputs, output, 16]; zeros beyond the last.
    private let forwardPanels: UnsafeMutablePointer<Number>
    private let backwardPanels: UnsafeMutablePointer<Number>
    private let paddedBias: UnsafeMutablePointer<Number>

    init(inputs: Int, outputs: Int, weight: Int, bias: Int) {
        (self.inputs, self.outputs, self.weight, self.bias) = (inputs, outputs, weight, bias)
        forwardPanels = arena.block(Panel.padded(outputs) * inputs)
        backwardPanels = arena.block(Panel.padded(inputs) * outputs)
        paddedBias = arena.block(Panel.padded(outputs))
    }

    /// `NAME.weight` and `NAME.bias`.
    convenience init(_ name: String, _ layout: ParameterLayout) {
        let weight = layout.place("\(name).weight")
        self.init(
            inputs: weight.shape[1], outputs: weight.shape[0], weight: weight.range.lowerBound,
            bias: layout.place("\(name).bias").range.lowerBound)
    }

    /// Lays the weights out for use.
    func load(_ parameters: UnsafePointer<Number>) {
        for output in 0..<outputs {
            let row = parameters + weight + output * inputs
            let target = forwardPanels + output / Panel.width * inputs * Panel.width + output % Panel.width
            for input in 0..<inputs { target[input * Panel.width] = row[input] }
            for panel in 0..<Panel.count(inputs) {
                let first = panel * Panel.width
                (backwardPanels + (panel * outputs + output) * Panel.width)
                    .update(from: row + first, count: min(Panel.width, inputs - first))
            }
        }
        paddedBias.update(from: parameters + bias, count: outputs)
    }

    func forward(_ x: Rows<Number>, rows: Int, to y: Rows<Number>) {
        MatrixProduct(x, rows: rows, inputs: inputs, packed: forwardPanels, bias: paddedBias, outputs: outputs, to: y)()
    }

    /// - Parameters:
    ///   - x: what came in.
    ///   - dy: the gradient by what went out.
    ///   - dx: where the gradient by what came in goes; `nil` if nobody wants it.
    ///   - gradient: a row like the parameters', to be added to.
    func backward(
        _ x: Rows<Number>, _ dy: Rows<Number>, rows: Int, to dx: Rows<Number>?,
        _ gradient: UnsafeMutablePointer<Number>, _ scratch: LinearScratch<Number>
    ) {
        for row in 0..<rows {
            let from = dy.row(row)
            for output in 0..<outputs { gradient[bias + output] += from[output] }
        }
        dy.transpose(to: scratch.transposed, rows: rows, width: outputs)
        MatrixProduct(
            scratch.transposed, rows: outputs, times: x, inputs: rows, outputs: inputs, to: scratch.weights)()
        for output in 0..<outputs {
            let (to, from) = (gradient + weight + output * inputs, scratch.weights.row(output))
            for input in 0..<inputs { to[input] += from[input] }
        }
        if let dx {
            MatrixProduct(
                dy, rows: rows, inputs: outputs, packed: backwardPanels, bias: nil, outputs: inputs, to: dx)()
        }
    }
}

/// Memory for the gradient of one layer after the other.
struct LinearScratch<Number: TrainingNumber> {
    /// [outputs, rows]
    let transposed: Rows<Number>
    /// [outputs, inputs]
    let weights: Rows<Number>

    /// - Parameters:
    ///   - rows: the most that come at a time.
    ///   - layers: all that will use it.
    init(_ layers: [LinearLayer<Number>], rows: Int, _ arena: Arena<Number>) {
        let outputs = layers.map(\.outputs).max() ?? 0
        transposed = arena.rows(outputs, width: rows)
        weights = arena.rows(outputs, width: layers.map(\.inputs).max() ?? 0)
    }
}
