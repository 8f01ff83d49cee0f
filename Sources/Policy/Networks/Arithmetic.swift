internal import CProcessor
public import Vectors
internal import VectorsAVX2

/// The arithmetic of this machine. Both kinds give the same bits; one is twice as fast where it runs at all.
public struct Arithmetic: Sendable {
    let isWide: Bool

    /// What any processor can do.
    public static let plain = Arithmetic(isWide: false)
    /// The best that this one can.
    public static let best = Arithmetic(isWide: takt_processor_has_avx2())

    public func multiply(_ product: RowProduct) {
        if isWide { WideArithmetic.multiply(product) } else { PlainArithmetic.multiply(product) }
    }

    /// GELU of every number in place.
    public func gelu(_ values: UnsafeMutablePointer<Float>, count: Int) {
        if isWide { WideArithmetic.gelu(values, count: count) } else { PlainArithmetic.gelu(values, count: count) }
    }

    /// Multiplies every number by the slope of GELU at the place beside it.
    public func multiplyByGELUSlope(
        _ values: UnsafeMutablePointer<Float>, at places: UnsafePointer<Float>, count: Int
    ) {
        if isWide {
            WideArithmetic.multiplyByGELUSlope(values, at: places, count: count)
        } else {
            PlainArithmetic.multiplyByGELUSlope(values, at: places, count: count)
        }
    }

    func gelu(_ rows: RowBuffer, _ count: Int) { gelu(rows.start, count: count * rows.stride) }
}

/// Rows of floats that an inference works in, taken once. Rows lie a multiple of sixteen apart, with room for a whole panel
/// behind the last number of each.
final class RowBuffer {
    let start: UnsafeMutablePointer<Float>
    let stride: Int

    init(rows: Int, width: Int) {
        stride = Dense.padded(width) + Lanes.scalarCount
        start = .allocate(capacity: rows * stride)
        start.initialize(repeating: 0, count: rows * stride)
    }

    deinit { start.deallocate() }

    func row(_ index: Int) -> UnsafeMutablePointer<Float> { start + index * stride }
}
