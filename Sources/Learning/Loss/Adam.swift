/// Adam with bias correction (Kingma and Ba, arXiv:1412.6980), without weight decay.
struct Adam<Number: TrainingNumber>: Hashable, Sendable {
    /// Averages of the gradient and of its square.
    var first: [Number]
    var second: [Number]
    var steps = 0

    static var decays: (Double, Double) { (0.9, 0.999) }
    static var epsilon: Double { 1e-8 }

    init(count: Int) { (first, second) = (Array(repeating: 0, count: count), Array(repeating: 0, count: count)) }

    mutating func step(_ parameters: inout [Number], along gradient: UnsafePointer<Number>, rate: Double) {
        steps += 1
        let (slow, slower) = (Number(Self.decays.0), Number(Self.decays.1))
        let (fresh, fresher) = (Number(1 - Self.decays.0), Number(1 - Self.decays.1))
        let size = Number(rate / (1 - Self.power(Self.decays.0, steps)))
        let correction = Number((1 - Self.power(Self.decays.1, steps)).squareRoot())
        let epsilon = Number(Self.epsilon)
        first.withUnsafeMutableBufferPointer { first in
            second.withUnsafeMutableBufferPointer { second in
                parameters.withUnsafeMutableBufferPointer { parameters in
                    for index in parameters.indices {
                        let slope = gradient[index]
                        first[index] = slow * first[index] + fresh * slope
                        second[index] = slower * second[index] + fresher * slope * slope
                        parameters[index] -= size * first[index] / (second[index].squareRoot() / correction + epsilon)
                    }
                }
            }
        }
    }

    /// By squaring: the same on every machine.
    private static func power(_ base: Double, _ exponent: Int) -> Double {
        var (result, square, left) = (1.0, base, exponent)
        while left > 0 {
            if left & 1 == 1 { result *= square }
            square *= square
            left >>= 1
        }
        return result
    }
}

/// The length of a gradient, and the factor that brings it down to a limit.
enum GradientNorm {
    /// √Σ g², summed in 64 bits from the first to the last.
    static func norm<Number: TrainingNumber>(_ gradient: UnsafePointer<Number>, count: Int) -> Double {
        var squares = 0.0
        for index in 0..<count { squares += Double(gradient[index]) * Double(gradient[index]) }
        return squares.squareRoot()
    }

    /// Multiplies by limit / (norm + 1e-6) if the norm is larger than the limit.
    static func clip<Number: TrainingNumber>(
        _ gradient: UnsafeMutablePointer<Number>, count: Int, norm: Double, limit: Double
    ) {
        guard norm > limit else { return }
        let factor = Number(limit / (norm + 1e-6))
        for index in 0..<count { gradient[index] *= factor }
    }
}
