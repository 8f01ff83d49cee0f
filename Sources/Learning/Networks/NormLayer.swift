/// Layer normalisation of a sum: y = x̂ · gain + bias with x̂ = (z − mean) / √(variance + 1e-5), z = x + delta; the variance is
/// the population's. With g = dy · gain: dz = (g − mean(g) − x̂ · mean(g · x̂)) / √(variance + 1e-5).
final class NormLayer<Number: TrainingNumber> {
    private let width: Int
    private let gain: Int
    private let bias: Int
    private let arena = Arena<Number>()
    private let gains: UnsafeMutablePointer<Number>
    private let biases: UnsafeMutablePointer<Number>

    init(_ name: String, _ layout: ParameterLayout) {
        let (gain, bias) = (layout.place("\(name).weight").range, layout.place("\(name).bias").range)
        (width, self.gain, self.bias) = (gain.count, gain.lowerBound, bias.lowerBound)
        (gains, biases) = (arena.block(width), arena.block(width))
    }

    func load(_ parameters: UnsafePointer<Number>) {
        gains.update(from: parameters + gain, count: width)
        biases.update(from: parameters + bias, count: width)
    }

    /// What the way back needs: x̂, and one over the deviation of each row.
    struct Memory {
        let normed: Rows<Number>
        let scales: UnsafeMutablePointer<Number>

        init(rows: Int, width: Int, _ arena: Arena<Number>) {
            (normed, scales) = (arena.rows(rows, width: width), arena.block(rows))
        }
    }

    func forward(_ x: Rows<Number>, adding delta: Rows<Number>, rows: Int, to y: Rows<Number>, _ memory: Memory) {
        let (count, epsilon) = (Number(width), Number(1e-5 as Double))
        for row in 0..<rows {
            let (x, delta, y, normed) = (x.row(row), delta.row(row), y.row(row), memory.normed.row(row))
            var total: Number = 0
            for index in 0..<width {
                normed[index] = x[index] + delta[index]
                total += normed[index]
            }
            let mean = total / count
            var squares: Number = 0
            for index in 0..<width {
                normed[index] -= mean
                squares += normed[index] * normed[index]
            }
            let scale = 1 / (squares / count + epsilon).squareRoot()
            memory.scales[row] = scale
            for index in 0..<width {
                normed[index] *= scale
                y[index] = normed[index] * gains[index] + biases[index]
            }
        }
    }

    /// - Parameter dz: the gradient by the sum, and so by both of its parts; may be `dy` itself.
    func backward(
        _ dy: Rows<Number>, rows: Int, to dz: Rows<Number>, _ gradient: UnsafeMutablePointer<Number>, _ memory: Memory
    ) {
        let count = Number(width)
        for row in 0..<rows {
            let (dy, dz, normed) = (dy.row(row), dz.row(row), memory.normed.row(row))
            var (total, product): (Number, Number) = (0, 0)
            for index in 0..<width {
                gradient[gain + index] += dy[index] * normed[index]
                gradient[bias + index] += dy[index]
                let slope = dy[index] * gains[index]
                total += slope
                product += slope * normed[index]
                dz[index] = slope
            }
            let (mean, projection, scale) = (total / count, product / count, memory.scales[row])
            for index in 0..<width { dz[index] = (dz[index] - mean - normed[index] * projection) * scale }
        }
    }
}
