/// Products and quotients whose intermediate result needs more than 128 bits, rounded once.
enum WideArithmetic {
    /// `value × numerator ÷ denominator`, exact until the one rounding. `denominator` must not be zero.
    static func scaled(
        _ value: Int128, by numerator: Int128, over denominator: Int128, _ rounding: RoundingRule
    ) throws(ArithmeticError) -> Int128 {
        let narrow = value.multipliedReportingOverflow(by: numerator)
        // -2^127 has no positive counterpart in 128 bits: it takes the wide path.
        if !narrow.overflow, narrow.partialValue != .min {
            return divide(narrow.partialValue, by: denominator, rounding)
        }
        let negative = ((value < 0) != (numerator < 0)) != (denominator < 0)
        let product = value.magnitude.multipliedFullWidth(by: numerator.magnitude)
        // A quotient of 128 bits or more cannot be represented at all; the check also keeps the division from trapping.
        guard product.high < denominator.magnitude else { throw .overflow("\(value) × \(numerator) ÷ \(denominator)") }
        let (quotient, remainder) = denominator.magnitude.dividingFullWidth(product)
        let limit = UInt128(FixedPoint.magnitudeLimit)
        // Checked before rounding too: one more than the largest 128-bit quotient would not exist.
        guard quotient <= limit else { throw .overflow("\(value) × \(numerator) ÷ \(denominator)") }
        let rounded = round(quotient, remainder, denominator.magnitude, negative, rounding)
        guard rounded <= limit else {
            throw .overflow("\(value) × \(numerator) ÷ \(denominator)")
        }
        return negative ? -Int128(rounded) : Int128(rounded)
    }

    /// `value ÷ divisor` on whole numbers. `divisor` must not be zero.
    static func divide(_ value: Int128, by divisor: Int128, _ rounding: RoundingRule) -> Int128 {
        let negative = (value < 0) != (divisor < 0)
        let (quotient, remainder) = value.magnitude.quotientAndRemainder(dividingBy: divisor.magnitude)
        let rounded = round(quotient, remainder, divisor.magnitude, negative, rounding)
        return negative ? -Int128(rounded) : Int128(rounded)
    }

    private static func round(
        _ quotient: UInt128, _ remainder: UInt128, _ divisor: UInt128, _ negative: Bool, _ rule: RoundingRule
    ) -> UInt128 {
        guard remainder != 0 else { return quotient }
        let awayFromZero: Bool
        switch rule {
        case .down: awayFromZero = negative
        case .up: awayFromZero = !negative
        case .towardZero: awayFromZero = false
        case .awayFromZero: awayFromZero = true
        case .halfAwayFromZero: awayFromZero = remainder >= divisor - remainder
        case .halfEven:
            let rest = divisor - remainder
            awayFromZero = remainder > rest || (remainder == rest && quotient % 2 == 1)
        }
        return awayFromZero ? quotient + 1 : quotient
    }
}
