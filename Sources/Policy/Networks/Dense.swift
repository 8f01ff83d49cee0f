internal import Vectors

/// A linear layer, y = W·x + b, with its weights in the order in which they are used.
struct Dense: Sendable {
    let inputs: Int
    let outputs: Int
    private let panels: Int
    /// [panel, input, 16]; outputs beyond the last are zero.
    private let weights: [Float]
    private let bias: [Float]

    /// - Parameters:
    ///   - weight: [outputs, inputs], row by row, as PyTorch stores it.
    init(inputs: Int, outputs: Int, weight: ArraySlice<Float>, bias: ArraySlice<Float>) {
        (self.inputs, self.outputs) = (inputs, outputs)
        let width = Lanes.scalarCount
        panels = Self.padded(outputs) / width
        var packed = [Float](repeating: 0, count: panels * inputs * width)
        for output in 0..<outputs {
            let row = weight.startIndex + output * inputs
            let place = output / width * inputs * width + output % width
            for input in 0..<inputs { packed[place + input * width] = weight[row + input] }
        }
        weights = packed
        self.bias = bias + [Float](repeating: 0, count: panels * width - outputs)
    }

    /// - Parameter first: the first row of `x`; the results go to rows 0… of `y`.
    func callAsFunction(_ x: RowBuffer, rows: Int, to y: RowBuffer, _ arithmetic: Arithmetic) {
        weights.withUnsafeBufferPointer { weights in
            bias.withUnsafeBufferPointer { bias in
                guard let weights = weights.baseAddress else { return }
                arithmetic.multiply(
                    RowProduct(
                        x: x.start, xStride: x.stride, rows: rows, inputs: inputs, weights: weights,
                        panelStride: inputs * Lanes.scalarCount, inputStride: Lanes.scalarCount,
                        bias: bias.baseAddress, panels: panels, y: y.start, yStride: y.stride))
            }
        }
    }

    static func padded(_ count: Int) -> Int {
        (count + Lanes.scalarCount - 1) / Lanes.scalarCount * Lanes.scalarCount
    }
}
