internal import Vectors

/// Layer normalisation: (x − mean) / √(variance + 1e-5) · gain + bias, over the numbers of a row; the variance is the
/// population's.
struct LayerNorm: Sendable {
    private static let epsilon: Float = 1e-5
    private let gain: [Float]
    private let bias: [Float]

    init(_ name: String, width: Int, _ named: inout NamedTensors) throws(PolicyError) {
        gain = try named.take("\(name).weight", [width])
        bias = try named.take("\(name).bias", [width])
    }

    /// Of x + delta, into x.
    func normalise(_ x: RowBuffer, adding delta: RowBuffer, rows: Int) {
        gain.withUnsafeBufferPointer { gain in
            bias.withUnsafeBufferPointer { bias in
                guard let gain = gain.baseAddress, let bias = bias.baseAddress else { return }
                for row in 0..<rows { normalise(x.row(row), delta.row(row), gain, bias) }
            }
        }
    }

    /// Sums run in sixteen lanes; what remains of the row is added one by one.
    private func normalise(
        _ x: UnsafeMutablePointer<Float>, _ delta: UnsafePointer<Float>, _ gain: UnsafePointer<Float>,
        _ bias: UnsafePointer<Float>
    ) {
        let width = self.gain.count
        let whole = width / Lanes.scalarCount * Lanes.scalarCount
        var lanes = Lanes.zero
        for index in stride(from: 0, to: whole, by: Lanes.scalarCount) {
            let sum = Lanes(at: x + index) + Lanes(at: delta + index)
            sum.store(at: x + index)
            lanes += sum
        }
        var total = lanes.sum()
        for index in whole..<width {
            x[index] += delta[index]
            total += x[index]
        }
        let mean = total / Float(width)
        lanes = .zero
        for index in stride(from: 0, to: whole, by: Lanes.scalarCount) {
            let centred = Lanes(at: x + index) - mean
            lanes += centred * centred
        }
        var squares = lanes.sum()
        for index in whole..<width { squares += (x[index] - mean) * (x[index] - mean) }
        let scale = 1 / (squares / Float(width) + Self.epsilon).squareRoot()
        for index in 0..<width { x[index] = (x[index] - mean) * scale * gain[index] + bias[index] }
    }
}
