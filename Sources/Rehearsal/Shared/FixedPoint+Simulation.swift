internal import Core

extension FixedPoint {
    /// Sums and products of a simulation stay twelve orders of magnitude below the limit; beyond it they stand still.
    func plus(_ other: FixedPoint) -> FixedPoint { (try? self + other) ?? self }
    func minus(_ other: FixedPoint) -> FixedPoint { (try? self - other) ?? self }
    func times(_ count: Int) -> FixedPoint { (try? multiplied(by: FixedPoint(count), rounding: .halfEven)) ?? self }
    func times(_ other: FixedPoint, _ rounding: RoundingRule) -> FixedPoint {
        (try? multiplied(by: other, rounding: rounding)) ?? self
    }
    func over(_ other: FixedPoint, _ rounding: RoundingRule) -> FixedPoint {
        (try? divided(by: other, rounding: rounding)) ?? .zero
    }
    /// Fractions dropped.
    var whole: Int { Int(units / Self.unitsPerOne) }
}
