/// Functions of single numbers, without branches and without the system's mathematics library: compilers turn a loop over
/// them into vector code, and every machine gets the same bits.
public enum Elementwise {
    /// eˣ within 1e-7 of itself; arguments below −87 count as −87, above 88 as 88.
    ///
    /// x = n·ln 2 + r with |r| ≤ ln 2 / 2, and a polynomial for eʳ (Moshier's Cephes, `expf.c`).
    @inlinable @inline(__always)
    public static func exp(_ x: Float) -> Float {
        // Adding 1.5·2²³ rounds to a whole number, which then stands in the lowest bits.
        let magic: Float = 12_582_912
        let bounded = x < -87 ? -87 : x > 88 ? 88 : x
        let shifted = bounded * 1.44269504 + magic
        let whole = shifted - magic
        let rest = bounded - whole * 0.693359375 - whole * -2.12194440e-4
        var sum: Float = 1.9875691500e-4
        sum = sum * rest + 1.3981999507e-3
        sum = sum * rest + 8.3334519073e-3
        sum = sum * rest + 4.1665795894e-2
        sum = sum * rest + 1.6666665459e-1
        sum = sum * rest + 5.0000001201e-1
        let power = shifted.bitPattern &- magic.bitPattern &+ 127
        return (sum * rest * rest + rest + 1) * Float(bitPattern: power &<< 23)
    }

    /// 1 / (1 + e⁻ˣ).
    @inlinable @inline(__always)
    public static func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }

    /// ln x within 1e-7 of itself or of one, for normal positive numbers.
    ///
    /// x = m·2ⁿ with √½ ≤ m < √2, and a polynomial for ln m (Moshier's Cephes, `logf.c`).
    @inlinable @inline(__always)
    public static func log(_ x: Float) -> Float {
        // The bit pattern of √½; what lies above it, in steps of a whole power of two, is the exponent.
        let root: Int32 = 0x3F35_04F3
        let steps = (Int32(bitPattern: x.bitPattern) &- root) >> 23
        let mantissa = Float(bitPattern: UInt32(bitPattern: Int32(bitPattern: x.bitPattern) &- steps << 23))
        let (power, rest) = (Float(steps), mantissa - 1)
        var sum: Float = 7.0376836292e-2
        sum = sum * rest - 1.1514610310e-1
        sum = sum * rest + 1.1676998740e-1
        sum = sum * rest - 1.2420140846e-1
        sum = sum * rest + 1.4249322787e-1
        sum = sum * rest - 1.6668057665e-1
        sum = sum * rest + 2.0000714765e-1
        sum = sum * rest - 2.4999993993e-1
        sum = sum * rest + 3.3333331174e-1
        let square = rest * rest
        let tail = sum * rest * square + power * -2.12194440e-4 - 0.5 * square
        return rest + tail + power * 0.693359375
    }

    /// x·Φ(x), the exact GELU: Φ is the normal distribution's cumulative function.
    @inlinable @inline(__always)
    public static func gelu(_ x: Float) -> Float {
        let distance = x < 0 ? -x : x
        let tail = x * normalTail(distance, exp(-0.5 * distance * distance))
        return x > 0 ? x - tail : tail
    }

    /// The derivative of ``gelu(_:)-(Float)``: Φ(x) + x·φ(x), φ being the normal distribution's density.
    @inlinable @inline(__always)
    public static func geluSlope(_ x: Float) -> Float {
        let distance = x < 0 ? -x : x
        let bell = exp(-0.5 * distance * distance)
        let tail = normalTail(distance, bell)
        return (x > 0 ? 1 - tail : tail) + x * (bell * 0.39894228)
    }

    /// Φ(−distance) = t·P(t)·bell with t = 1 / (1 + 0.26·distance), after Hastings; P was fitted to 3e-7 of the value over
    /// 0…9. The tail is computed as such, not as a difference from one, so that it keeps its digits.
    ///
    /// - Parameter bell: e^(−distance²/2).
    @inlinable @inline(__always)
    static func normalTail(_ distance: Float, _ bell: Float) -> Float {
        let t = 1 / (1 + 0.26 * distance)
        var sum: Float = -0.075664267
        sum = sum * t + 0.2393216
        sum = sum * t + -0.12242754
        sum = sum * t + 0.17911965
        sum = sum * t + 0.06786301
        sum = sum * t + 0.10837522
        sum = sum * t + 0.10341218
        return sum * t * bell
    }

    /// GELU of every number in place.
    @inlinable @inline(__always)
    public static func gelu(_ values: UnsafeMutablePointer<Float>, count: Int) {
        for index in 0..<count { values[index] = gelu(values[index]) }
    }

    /// Multiplies every number by the slope of GELU at the place beside it.
    @inlinable @inline(__always)
    public static func multiplyByGELUSlope(
        _ values: UnsafeMutablePointer<Float>, at places: UnsafePointer<Float>, count: Int
    ) {
        for index in 0..<count { values[index] *= geluSlope(places[index]) }
    }

    /// max(x, 0) of every number in place.
    @inlinable @inline(__always)
    public static func relu(_ values: UnsafeMutablePointer<Float>, count: Int) {
        for index in 0..<count { values[index] = values[index] > 0 ? values[index] : 0 }
    }

    /// e^(x − max) / Σ e^(x − max) in place; `scale` multiplies first.
    @inlinable @inline(__always)
    public static func softmax(_ values: UnsafeMutablePointer<Float>, count: Int, scale: Float = 1) {
        var highest = -Float.infinity
        for index in 0..<count {
            values[index] *= scale
            highest = values[index] > highest ? values[index] : highest
        }
        for index in 0..<count { values[index] = exp(values[index] - highest) }
        var total: Float = 0
        for index in 0..<count { total += values[index] }
        for index in 0..<count { values[index] /= total }
    }
}
