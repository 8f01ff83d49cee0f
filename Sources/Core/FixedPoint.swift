/// What can go wrong when exact decimals are read or calculated with.
public enum ArithmeticError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The exact result lies outside ``FixedPoint/magnitudeLimit``.
    case overflow(String)
    case divisionByZero(String)
    /// The text is no plain decimal number.
    case malformed(String)
    /// The text has more than eight fractional digits that are not zero; nothing is rounded away silently.
    case tooPrecise(String)
    /// Amounts of two currencies were added, subtracted or compared.
    case currencyMismatch(Currency, Currency)

    public var description: String {
        switch self {
        case .overflow(let what): "the amount is too large: \(what)"
        case .divisionByZero(let what): "division by zero: \(what)"
        case .malformed(let text): "'\(text)' is not a decimal number"
        case .tooPrecise(let text): "'\(text)' has more than eight decimals"
        case .currencyMismatch(let left, let right): "\(left) and \(right) cannot be combined without a rate"
        }
    }
}

/// How a result that does not fit the grid is moved onto it. Every place that rounds names its rule.
public enum RoundingRule: Sendable {
    /// Towards minus infinity.
    case down
    /// Towards plus infinity.
    case up
    case towardZero
    case awayFromZero
    /// To the nearest; a tie goes to the even neighbour (the accountants' rule).
    case halfEven
    /// To the nearest; a tie goes away from zero (what statements and tax offices print).
    case halfAwayFromZero
}

/// An exact decimal number with eight fractional digits, up to ±10^18.
///
/// The number is kept as a whole number of 10^-8 units in 128 bits. Sums are exact; products and quotients are
/// formed in 256 bits and rounded once, by a rule the caller names. A result out of range throws
/// ``ArithmeticError/overflow(_:)``; nothing wraps and nothing traps.
public struct FixedPoint: Hashable, Sendable {
    public static let fractionDigits = 8
    public static let unitsPerOne: Int128 = 100_000_000
    /// The largest magnitude, in units of 10^-8: 10^18 whole units.
    public static let magnitudeLimit: Int128 = 1_000_000_000_000_000_000 * 100_000_000

    /// The number times 10^8.
    public let units: Int128

    public static let zero = FixedPoint(unchecked: 0)
    public static let one = FixedPoint(unchecked: unitsPerOne)

    private init(unchecked units: Int128) { self.units = units }

    public init(units: Int128) throws(ArithmeticError) {
        guard units.magnitude <= Self.magnitudeLimit.magnitude else { throw .overflow("\(units) × 10^-8") }
        self.units = units
    }

    public init(_ whole: Int) {
        // An Int has at most 63 bits: times 10^8 it always fits the limit of 10^26 units only below 10^18,
        // and Int.max is 9.2 × 10^18, so the product is clamped by a precondition rather than wrapped.
        precondition(whole.magnitude <= 1_000_000_000_000_000_000, "whole numbers of money end at 10^18")
        units = Int128(whole) * Self.unitsPerOne
    }

    /// The number in 10^-8 units as 64 bits, or `nil` beyond ±92,233,720,368 whole units.
    public var int64Units: Int64? { Int64(exactly: units) }

    public init(int64Units: Int64) { units = Int128(int64Units) }

    /// The nearest binary number: for indicators, features and charts, never for money.
    public var doubleValue: Double {
        // The conversion from 128 bits is slow, and prices fit in 64; both give the nearest binary number of the units.
        if let narrow = int64Units { return Double(narrow) / 100_000_000 }
        return Double(units) / 100_000_000
    }

    /// The decimal nearest to a binary number, for sizes and slippage that were computed as such.
    public init(nearest value: Double) throws(ArithmeticError) {
        guard value.isFinite, value.magnitude < 1e18 else { throw .overflow("\(value)") }
        let scaled = (value * 100_000_000).rounded(.toNearestOrEven)
        try self.init(units: Int128(scaled))
    }

    public var isZero: Bool { units == 0 }
    public var isNegative: Bool { units < 0 }
    public var isPositive: Bool { units > 0 }
    public var magnitude: FixedPoint { FixedPoint(unchecked: units < 0 ? -units : units) }
    public static prefix func - (value: FixedPoint) -> FixedPoint { FixedPoint(unchecked: -value.units) }

    public static func + (left: FixedPoint, right: FixedPoint) throws(ArithmeticError) -> FixedPoint {
        try FixedPoint(units: left.units + right.units)
    }

    public static func - (left: FixedPoint, right: FixedPoint) throws(ArithmeticError) -> FixedPoint {
        try FixedPoint(units: left.units - right.units)
    }

    public func multiplied(by other: FixedPoint, rounding: RoundingRule) throws(ArithmeticError) -> FixedPoint {
        try FixedPoint(units: WideArithmetic.scaled(units, by: other.units, over: Self.unitsPerOne, rounding))
    }

    public func divided(by other: FixedPoint, rounding: RoundingRule) throws(ArithmeticError) -> FixedPoint {
        guard other.units != 0 else { throw .divisionByZero("\(self) ÷ 0") }
        return try FixedPoint(units: WideArithmetic.scaled(units, by: Self.unitsPerOne, over: other.units, rounding))
    }

    /// `self × numerator ÷ denominator` with one rounding at the end.
    public func scaled(
        by numerator: FixedPoint, over denominator: FixedPoint, rounding: RoundingRule
    ) throws(ArithmeticError) -> FixedPoint {
        guard denominator.units != 0 else { throw .divisionByZero("\(self) × \(numerator) ÷ 0") }
        return try FixedPoint(
            units: WideArithmetic.scaled(units, by: numerator.units, over: denominator.units, rounding))
    }

    /// The multiple of `step` (which must be positive) that `rounding` leads to.
    public func rounded(toMultipleOf step: FixedPoint, _ rounding: RoundingRule) throws(ArithmeticError) -> FixedPoint {
        guard step.units > 0 else { throw .divisionByZero("rounding \(self) to steps of \(step)") }
        let steps = WideArithmetic.divide(units, by: step.units, rounding)
        return try FixedPoint(units: steps * step.units)
    }

    /// Rounded to so many fractional digits; from eight on the number is returned as it is, below zero counts as zero.
    public func rounded(toDigits digits: Int, _ rounding: RoundingRule) throws(ArithmeticError) -> FixedPoint {
        guard digits < Self.fractionDigits else { return self }
        var step: Int128 = 1
        for _ in max(0, digits)..<Self.fractionDigits { step *= 10 }
        return try rounded(toMultipleOf: FixedPoint(units: step), rounding)
    }

    public func isMultiple(of step: FixedPoint) -> Bool { step.units != 0 && units % step.units == 0 }
}

extension FixedPoint: Comparable {
    public static func < (left: FixedPoint, right: FixedPoint) -> Bool { left.units < right.units }
}

extension FixedPoint: CustomStringConvertible {
    /// Plain decimal notation without superfluous zeros: `-12.05`, `0.00000001`, `1000000`.
    public var description: String {
        let whole: UInt128
        var rest: Int
        if let narrow = int64Units {
            // Division by 64 bits is many times faster, and nearly every amount fits.
            whole = UInt128(narrow.magnitude / 100_000_000)
            rest = Int(narrow.magnitude % 100_000_000)
        } else {
            whole = units.magnitude / Self.unitsPerOne.magnitude
            rest = Int(units.magnitude % Self.unitsPerOne.magnitude)
        }
        let sign = units < 0 ? "-" : ""
        let digitsOfWhole = UInt64(exactly: whole).map { String($0) } ?? String(whole)
        guard rest != 0 else { return sign + digitsOfWhole }
        var width = Self.fractionDigits
        while rest % 10 == 0 {
            rest /= 10
            width -= 1
        }
        let digits = String(rest)
        return sign + digitsOfWhole + "." + String(repeating: "0", count: width - digits.count) + digits
    }

    /// With exactly so many fractional digits, rounded half to even for display only.
    public func formatted(digits: Int) -> String {
        guard let rounded = try? rounded(toDigits: digits, .halfEven) else { return description }
        guard digits > 0 else { return rounded.description }
        let text = rounded.description
        guard let dot = text.firstIndex(of: ".") else { return text + "." + String(repeating: "0", count: digits) }
        let present = text.distance(from: dot, to: text.endIndex) - 1
        return text + String(repeating: "0", count: max(0, digits - present))
    }
}

extension FixedPoint {
    /// Reads `[+-]digits[.digits]` exactly. Exponents, separators and blanks are refused, so is a ninth decimal that
    /// is not zero.
    public init(_ text: some StringProtocol) throws(ArithmeticError) {
        var parser = DecimalParser()
        for byte in text.utf8 { try parser.take(byte, of: text) }
        try self.init(units: try parser.finish(text))
    }

    /// The same from raw bytes, for bulk imports.
    public init(utf8 bytes: some Sequence<UInt8>) throws(ArithmeticError) {
        var parser = DecimalParser()
        for byte in bytes { try parser.take(byte, of: "") }
        try self.init(units: try parser.finish(""))
    }
}

/// Reads one decimal number byte by byte.
private struct DecimalParser {
    private var magnitude: Int128 = 0
    private var negative = false
    private var sawSign = false
    private var sawDigit = false
    private var sawPoint = false
    private var decimals = 0

    mutating func take(_ byte: UInt8, of text: some StringProtocol) throws(ArithmeticError) {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): try digit(Int128(byte - UInt8(ascii: "0")), of: text)
        case UInt8(ascii: ".") where sawDigit && !sawPoint: sawPoint = true
        case UInt8(ascii: "-") where !sawSign && !sawDigit && !sawPoint:
            negative = true
            sawSign = true
        case UInt8(ascii: "+") where !sawSign && !sawDigit && !sawPoint: sawSign = true
        default: throw .malformed(String(text))
        }
    }

    private mutating func digit(_ digit: Int128, of text: some StringProtocol) throws(ArithmeticError) {
        sawDigit = true
        if sawPoint {
            decimals += 1
            guard decimals <= FixedPoint.fractionDigits else {
                guard digit == 0 else { throw .tooPrecise(String(text)) }
                return
            }
        }
        magnitude = magnitude * 10 + digit
        guard magnitude <= FixedPoint.magnitudeLimit else { throw .overflow(String(text)) }
    }

    func finish(_ text: some StringProtocol) throws(ArithmeticError) -> Int128 {
        guard sawDigit, !sawPoint || decimals > 0 else { throw .malformed(String(text)) }
        var scaled = magnitude
        for _ in min(decimals, FixedPoint.fractionDigits)..<FixedPoint.fractionDigits {
            scaled *= 10
            guard scaled <= FixedPoint.magnitudeLimit else { throw .overflow(String(text)) }
        }
        return negative ? -scaled : scaled
    }
}
