public import Vectors

/// The same arithmetic, compiled for processors with AVX2, to be called on no other. The bits are those of
/// ``PlainArithmetic``: no product is fused with its sum.
public enum WideArithmetic {
    public static func multiply(_ product: RowProduct) { product.compute(byThree: true) }

    public static func gelu(_ values: UnsafeMutablePointer<Float>, count: Int) {
        Elementwise.gelu(values, count: count)
    }

    public static func multiplyByGELUSlope(
        _ values: UnsafeMutablePointer<Float>, at places: UnsafePointer<Float>, count: Int
    ) {
        Elementwise.multiplyByGELUSlope(values, at: places, count: count)
    }
}
