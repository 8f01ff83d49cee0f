import Core
import TestSupport
import Testing
import Vectors
import VectorsAVX2

struct RowProductTests {
    /// A layer with drawn numbers, and what it gives.
    private struct Layer {
        let (rows, inputs, outputs): (Int, Int, Int)
        let x: [Float]
        let weights: [[Float]]
        let bias: [Float]

        init(rows: Int, inputs: Int, outputs: Int, seed: UInt64) {
            var random = SeededGenerator(seed: seed, stream: "layer")
            func drawn(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.normal()) } }
            (self.rows, self.inputs, self.outputs) = (rows, inputs, outputs)
            x = drawn(rows * inputs)
            weights = (0..<outputs).map { _ in drawn(inputs) }
            bias = drawn(outputs)
        }

        /// Bias first, then one product after the other, each rounded: the order that is promised.
        var expected: [[Float]] {
            (0..<rows).map { row in
                (0..<outputs).map { output in
                    (0..<inputs).reduce(bias[output]) { $0 + x[row * inputs + $1] * weights[output][$1] }
                }
            }
        }

        func computed(isWide: Bool) -> [[Float]] {
            let panels = (outputs + 15) / 16
            var packed = [Float](repeating: 0, count: panels * inputs * 16)
            for output in 0..<outputs {
                for input in 0..<inputs {
                    packed[output / 16 * inputs * 16 + input * 16 + output % 16] = weights[output][input]
                }
            }
            let padded = bias + [Float](repeating: 0, count: panels * 16 - outputs)
            var y = [Float](repeating: .nan, count: rows * panels * 16)
            x.withUnsafeBufferPointer { x in
                packed.withUnsafeBufferPointer { packed in
                    padded.withUnsafeBufferPointer { padded in
                        y.withUnsafeMutableBufferPointer { y in
                            guard let x = x.baseAddress, let packed = packed.baseAddress, let y = y.baseAddress else {
                                return
                            }
                            let product = RowProduct(
                                x: x, xStride: inputs, rows: rows, inputs: inputs, weights: packed,
                                panelStride: inputs * 16, inputStride: 16, bias: padded.baseAddress, panels: panels,
                                y: y, yStride: panels * 16)
                            if isWide { WideArithmetic.multiply(product) } else { PlainArithmetic.multiply(product) }
                        }
                    }
                }
            }
            return (0..<rows).map { Array(y[$0 * panels * 16..<$0 * panels * 16 + outputs]) }
        }
    }

    @Test(
        "Every output is summed up in the one promised order, to the last bit, however rows and panels are grouped",
        arguments: [1, 2, 3, 4, 5, 6, 7, 8], [(1, 1), (3, 16), (14, 17), (7, 40), (33, 48), (20, 3)])
    func order(rows: Int, shape: (Int, Int)) {
        let layer = Layer(rows: rows, inputs: shape.0, outputs: shape.1, seed: UInt64(rows * 100 + shape.1))
        let expected = layer.expected
        #expect(layer.computed(isWide: false) == expected)
        #expect(layer.computed(isWide: true) == expected)
    }
}
