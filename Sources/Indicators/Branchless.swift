/// Choices between a number and zero without a jump: which way prices move next is what a processor cannot predict,
/// and a wrong guess costs more than all the arithmetic of a bar.
enum Branchless {
    /// The number if it is positive, else 0.
    @inline(__always)
    static func positive(_ value: Double) -> Double { value > 0 ? value : 0 }

    /// The first value if `left` exceeds `right`, the second if it is below; 0 in the other place, and in both on a tie.
    @inline(__always)
    static func split(_ values: SIMD2<Double>, _ left: Double, _ right: Double) -> SIMD2<Double> {
        values.replacing(with: 0, where: SIMD2(left, right) .<= SIMD2(right, left))
    }
}
