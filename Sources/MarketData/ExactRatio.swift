internal import Core

/// A positive rational number of any size, for chains of factors that must be rounded once and not once each.
///
/// Twenty dividends make a fraction of some two hundred digits. It is kept whole; prices are multiplied with its first
/// 126 bits, and with the whole of it only where those bits leave the rounding open.
struct ExactRatio: Hashable, Sendable {
    private let numerator: BigNatural
    private let denominator: BigNatural
    /// numerator ÷ denominator × 2^`shift`, rounded down.
    private let mantissa: UInt128
    private let shift: Int
    private let isMantissaExact: Bool

    static let one = ExactRatio(BigNatural(1), BigNatural(1), mantissa: 1 << 126, shift: 126, isExact: true)

    private init(_ numerator: BigNatural, _ denominator: BigNatural, mantissa: UInt128, shift: Int, isExact: Bool) {
        self.numerator = numerator
        self.denominator = denominator
        self.mantissa = mantissa
        self.shift = shift
        isMantissaExact = isExact
    }

    /// `nil` beyond 2^±60, where no price keeps a meaning.
    private init?(_ numerator: BigNatural, _ denominator: BigNatural) {
        let magnitude = numerator.bitWidth - denominator.bitWidth
        guard magnitude.magnitude <= 60 else { return nil }
        let shift = 126 - magnitude
        let (quotient, rest) = numerator.shifted(left: shift).divided(by: denominator)
        self.init(numerator, denominator, mantissa: quotient, shift: shift, isExact: rest.isZero)
    }

    /// This ratio times `numerator` ÷ `denominator`, both positive; `nil` beyond 2^±60.
    func multiplied(by numerator: Int128, over denominator: Int128) -> ExactRatio? {
        guard numerator > 0, denominator > 0 else { return nil }
        let divisor = Self.commonDivisor(numerator.magnitude, denominator.magnitude)
        return ExactRatio(
            self.numerator.multiplied(by: BigNatural(numerator.magnitude / divisor)),
            self.denominator.multiplied(by: BigNatural(denominator.magnitude / divisor)))
    }

    /// One divided by this ratio.
    var inverse: ExactRatio? { ExactRatio(denominator, numerator) }

    /// `value` times this ratio, rounded half to even at the eighth decimal: the only rounding there is.
    func applied(to value: FixedPoint) throws(ArithmeticError) -> FixedPoint {
        let magnitude = value.units.magnitude
        let units: UInt128
        if let quick = quickly(magnitude) {
            units = quick
        } else {
            let (quotient, rest) = numerator.multiplied(by: BigNatural(magnitude)).divided(by: denominator)
            let twice = rest.shifted(left: 1)
            let roundsUp = denominator < twice || (denominator == twice && quotient % 2 == 1)
            units = quotient + (roundsUp ? 1 : 0)
        }
        guard units <= FixedPoint.magnitudeLimit.magnitude else { throw .overflow("\(value) × an adjustment factor") }
        return try FixedPoint(units: value.isNegative ? -Int128(units) : Int128(units))
    }

    /// The product lies between two bounds; where both round alike, so does the product.
    private func quickly(_ magnitude: UInt128) -> UInt128? {
        let (high, low) = mantissa.multipliedFullWidth(by: magnitude)
        let below = Self.rounded(high, low, shift)
        if isMantissaExact { return below }
        let (lowAbove, carries) = low.addingReportingOverflow(magnitude)
        return Self.rounded(high + (carries ? 1 : 0), lowAbove, shift) == below ? below : nil
    }

    /// (`high` × 2^128 + `low`) ÷ 2^`shift`, half to even. `shift` is 66 to 186, so the quotient fits.
    private static func rounded(_ high: UInt128, _ low: UInt128, _ shift: Int) -> UInt128 {
        let quotient: UInt128
        let half: Int
        if shift < 128 {
            quotient = high << UInt128(128 - shift) | low >> UInt128(shift)
            let rest = low & ((1 << UInt128(shift)) - 1)
            half = compare(rest, 1 << UInt128(shift - 1))
        } else if shift == 128 {
            quotient = high
            half = compare(low, 1 << 127)
        } else {
            quotient = high >> UInt128(shift - 128)
            let rest = high & ((1 << UInt128(shift - 128)) - 1)
            let middle: UInt128 = 1 << UInt128(shift - 129)
            half = rest == middle && low > 0 ? 1 : compare(rest, middle)
        }
        return half > 0 || (half == 0 && quotient % 2 == 1) ? quotient + 1 : quotient
    }

    private static func compare(_ left: UInt128, _ right: UInt128) -> Int { left < right ? -1 : left > right ? 1 : 0 }

    private static func commonDivisor(_ left: UInt128, _ right: UInt128) -> UInt128 {
        var (left, right) = (left, right)
        while right != 0 { (left, right) = (right, left % right) }
        return left
    }
}

/// A whole number of any size, not below zero.
struct BigNatural: Hashable, Comparable, Sendable {
    /// Least significant first, the last one not zero.
    private var limbs: [UInt32]

    init(_ value: UInt128) {
        limbs = (0..<4).map { UInt32(truncatingIfNeeded: value >> UInt128($0 * 32)) }
        trim()
    }

    private init(limbs: [UInt32]) {
        self.limbs = limbs
        trim()
    }

    private mutating func trim() {
        while limbs.last == 0 { limbs.removeLast() }
    }

    var isZero: Bool { limbs.isEmpty }
    var bitWidth: Int { limbs.count * 32 - (limbs.last?.leadingZeroBitCount ?? 0) }

    func multiplied(by other: BigNatural) -> BigNatural {
        var product = [UInt32](repeating: 0, count: limbs.count + other.limbs.count)
        for (index, limb) in limbs.enumerated() {
            var carry: UInt64 = 0
            for (offset, factor) in other.limbs.enumerated() {
                // At most (2^32 − 1)² + 2 × (2^32 − 1), which is 2^64 − 1.
                let sum = UInt64(limb) * UInt64(factor) + UInt64(product[index + offset]) + carry
                product[index + offset] = UInt32(truncatingIfNeeded: sum)
                carry = sum >> 32
            }
            product[index + other.limbs.count] = UInt32(truncatingIfNeeded: carry)
        }
        return BigNatural(limbs: product)
    }

    func shifted(left bits: Int) -> BigNatural {
        var result = [UInt32](repeating: 0, count: bits / 32)
        var carry: UInt64 = 0
        for limb in limbs {
            let wide = UInt64(limb) << UInt64(bits % 32) | carry
            result.append(UInt32(truncatingIfNeeded: wide))
            carry = wide >> 32
        }
        result.append(UInt32(truncatingIfNeeded: carry))
        return BigNatural(limbs: result)
    }

    /// Long division, bit by bit. The quotient must fit 128 bits, which both callers' ratios guarantee.
    func divided(by divisor: BigNatural) -> (quotient: UInt128, remainder: BigNatural) {
        let places = bitWidth - divisor.bitWidth
        precondition(places < 128 && !divisor.isZero, "a ratio beyond 2^60 is never made")
        guard places >= 0 else { return (0, self) }
        var rest = self
        var quotient: UInt128 = 0
        var part = divisor.shifted(left: places)
        for _ in 0...places {
            quotient <<= 1
            if part <= rest {
                rest.subtract(part)
                quotient |= 1
            }
            part.halve()
        }
        return (quotient, rest)
    }

    /// `other` must not be larger.
    private mutating func subtract(_ other: BigNatural) {
        var borrow: Int64 = 0
        for index in limbs.indices {
            var difference = Int64(limbs[index]) - borrow
            if index < other.limbs.count { difference -= Int64(other.limbs[index]) }
            borrow = difference < 0 ? 1 : 0
            limbs[index] = UInt32(truncatingIfNeeded: difference)
        }
        trim()
    }

    private mutating func halve() {
        var carry: UInt32 = 0
        for index in limbs.indices.reversed() {
            let limb = limbs[index]
            limbs[index] = limb >> 1 | carry << 31
            carry = limb & 1
        }
        trim()
    }

    static func < (left: BigNatural, right: BigNatural) -> Bool {
        if left.limbs.count != right.limbs.count { return left.limbs.count < right.limbs.count }
        for (ours, theirs) in zip(left.limbs.reversed(), right.limbs.reversed()) where ours != theirs {
            return ours < theirs
        }
        return false
    }
}
