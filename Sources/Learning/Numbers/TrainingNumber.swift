internal import Policy
internal import Vectors
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A number that gradients are computed in: 32 bits to train with, 64 bits to check them against others' and against
/// differences.
protocol TrainingNumber: BinaryFloatingPoint, Sendable {
    static func exponential(_ x: Self) -> Self
    static func logarithm(_ x: Self) -> Self
    static func multiply(_ product: MatrixProduct<Self>)
    /// x·Φ(x) of every number in place.
    static func gelu(_ values: UnsafeMutablePointer<Self>, count: Int)
    /// Multiplies every number by the slope of GELU at the place beside it.
    static func multiplyByGELUSlope(
        _ values: UnsafeMutablePointer<Self>, at places: UnsafePointer<Self>, count: Int)
}

/// What inference computes with: no function of the system's mathematics library, so every machine trains the same bits.
extension Float: TrainingNumber {
    static func exponential(_ x: Float) -> Float { Elementwise.exp(x) }
    static func logarithm(_ x: Float) -> Float { Elementwise.log(x) }

    static func multiply(_ product: MatrixProduct<Float>) {
        Arithmetic.best.multiply(
            RowProduct(
                x: product.x.start, xStride: product.x.stride, rows: product.rows, inputs: product.inputs,
                weights: product.weights, panelStride: product.panelStride, inputStride: product.inputStride,
                bias: product.bias, panels: product.panels, y: product.y.start, yStride: product.y.stride))
    }

    static func gelu(_ values: UnsafeMutablePointer<Float>, count: Int) { Arithmetic.best.gelu(values, count: count) }

    static func multiplyByGELUSlope(
        _ values: UnsafeMutablePointer<Float>, at places: UnsafePointer<Float>, count: Int
    ) {
        Arithmetic.best.multiplyByGELUSlope(values, at: places, count: count)
    }
}

extension Double: TrainingNumber {
    static func exponential(_ x: Double) -> Double { exp(x) }
    static func logarithm(_ x: Double) -> Double { log(x) }
    static func multiply(_ product: MatrixProduct<Double>) { product.compute() }

    static func gelu(_ values: UnsafeMutablePointer<Double>, count: Int) {
        for index in 0..<count { values[index] *= normal(values[index]) }
    }

    static func multiplyByGELUSlope(
        _ values: UnsafeMutablePointer<Double>, at places: UnsafePointer<Double>, count: Int
    ) {
        for index in 0..<count {
            let x = places[index]
            values[index] *= normal(x) + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot()
        }
    }

    /// Φ.
    private static func normal(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }
}
