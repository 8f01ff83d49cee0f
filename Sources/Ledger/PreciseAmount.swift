public import Core

/// An exact decimal with sixteen fractional digits, up to ±10^18: the grain in which the books are kept.
///
/// The product of a price and a quantity (eight decimals each) is exact in it, so cash and cost never round. Only a part
/// of an average cost, a fractional multiplier and an exchange rate can need a seventeenth digit; that one is rounded
/// half to even. What leaves the books is rounded once more, half to even, to the eight decimals of ``Core/FixedPoint``
/// (``rounded``); where the last digits matter, ``description`` gives twelve.
public struct PreciseAmount: Hashable, Sendable {
    static let unitsPerOne: Int128 = 10_000_000_000_000_000
    /// 10^18 whole units, the range of ``Core/FixedPoint``.
    private static let magnitudeLimit: Int128 = 1_000_000_000_000_000_000 * unitsPerOne
    /// One ``Core/FixedPoint`` unit in units of this type.
    private static let unitsPerFixedPointUnit: Int128 = 100_000_000

    /// The number times 10^16.
    public let units: Int128

    public static let zero = PreciseAmount(FixedPoint.zero)

    public init(units: Int128) throws(ArithmeticError) {
        guard units.magnitude <= Self.magnitudeLimit.magnitude else { throw .overflow("\(units) × 10^-16") }
        self.units = units
    }

    /// Always exact.
    public init(_ value: FixedPoint) { units = value.units * Self.unitsPerFixedPointUnit }

    private init(negating units: Int128) { self.units = -units }

    /// The exact product.
    static func product(_ left: FixedPoint, _ right: FixedPoint) throws(ArithmeticError) -> PreciseAmount {
        let product = left.units.multipliedReportingOverflow(by: right.units)
        guard !product.overflow else { throw .overflow("\(left) × \(right)") }
        return try PreciseAmount(units: product.partialValue)
    }

    /// Rounded half to even at the sixteenth decimal.
    public func multiplied(by factor: FixedPoint) throws(ArithmeticError) -> PreciseAmount {
        factor == .one ? self : try scaled(by: factor.units, over: FixedPoint.unitsPerOne)
    }

    /// `self × numerator ÷ denominator` with one rounding, half to even at the sixteenth decimal.
    func scaled(by numerator: Int128, over denominator: Int128) throws(ArithmeticError) -> PreciseAmount {
        guard denominator != 0 else { throw .divisionByZero("\(self) × \(numerator) ÷ 0") }
        let negative = ((units < 0) != (numerator < 0)) != (denominator < 0)
        let divisor = denominator.magnitude
        let narrow = units.magnitude.multipliedReportingOverflow(by: numerator.magnitude)
        let quotient: UInt128
        let remainder: UInt128
        if narrow.overflow {
            let wide = units.magnitude.multipliedFullWidth(by: numerator.magnitude)
            guard wide.high < divisor else { throw .overflow("\(self) × \(numerator) ÷ \(denominator)") }
            (quotient, remainder) = divisor.dividingFullWidth(wide)
        } else {
            (quotient, remainder) = narrow.partialValue.quotientAndRemainder(dividingBy: divisor)
        }
        let rest = divisor - remainder
        let up = remainder > rest || (remainder == rest && quotient % 2 == 1)
        guard quotient <= Self.magnitudeLimit.magnitude else {
            throw .overflow("\(self) × \(numerator) ÷ \(denominator)")
        }
        let rounded = Int128(quotient) + (up ? 1 : 0)
        return try PreciseAmount(units: negative ? -rounded : rounded)
    }

    /// On the grid of eight decimals, rounded half to even.
    public var rounded: FixedPoint {
        let grid = Self.unitsPerFixedPointUnit
        let (quotient, remainder) = units.magnitude.quotientAndRemainder(dividingBy: grid.magnitude)
        let half = grid.magnitude / 2
        let up = remainder > half || (remainder == half && quotient % 2 == 1)
        let magnitude = Int128(quotient) + (up ? 1 : 0)
        // Both types end at 10^18, so the conversion always succeeds.
        return (try? FixedPoint(units: units < 0 ? -magnitude : magnitude)) ?? .zero
    }

    public var isZero: Bool { units == 0 }
    public var isNegative: Bool { units < 0 }
    /// The nearest binary number, for charts and statistics only.
    public var doubleValue: Double { Double(units) / 1e16 }

    public static prefix func - (operand: PreciseAmount) -> PreciseAmount { PreciseAmount(negating: operand.units) }

    public static func + (left: PreciseAmount, right: PreciseAmount) throws(ArithmeticError) -> PreciseAmount {
        try PreciseAmount(units: left.units + right.units)
    }

    public static func - (left: PreciseAmount, right: PreciseAmount) throws(ArithmeticError) -> PreciseAmount {
        try PreciseAmount(units: left.units - right.units)
    }
}

extension PreciseAmount: Comparable {
    public static func < (left: PreciseAmount, right: PreciseAmount) -> Bool { left.units < right.units }
}

extension PreciseAmount: CustomStringConvertible {
    /// Plain decimal notation with up to twelve decimals (half to even), without superfluous zeros.
    public var description: String {
        let (quotient, remainder) = units.magnitude.quotientAndRemainder(dividingBy: 10_000)
        let up = remainder > 5000 || (remainder == 5000 && quotient % 2 == 1)
        let picos = quotient + (up ? 1 : 0)
        let (whole, rest) = picos.quotientAndRemainder(dividingBy: 1_000_000_000_000)
        let sign = units < 0 && picos != 0 ? "-" : ""
        guard rest != 0 else { return "\(sign)\(whole)" }
        var digits = String(rest)
        digits = String(repeating: "0", count: 12 - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(sign)\(whole).\(digits)"
    }
}
