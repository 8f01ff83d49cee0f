/// The arithmetic as it is compiled for any processor of the kind.
public enum PlainArithmetic {
    public static func multiply(_ product: RowProduct) { product.compute(byThree: false) }

    public static func gelu(_ values: UnsafeMutablePointer<Float>, count: Int) {
        Elementwise.gelu(values, count: count)
    }

    public static func multiplyByGELUSlope(
        _ values: UnsafeMutablePointer<Float>, at places: UnsafePointer<Float>, count: Int
    ) {
        Elementwise.multiplyByGELUSlope(values, at: places, count: count)
    }
}
