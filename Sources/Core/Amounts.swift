/// A ``FixedPoint`` with a meaning of its own, so that a price is never added to a quantity.
///
/// Sums and differences throw ``ArithmeticError/overflow(_:)``; comparisons are exact.
public protocol FixedPointValue: Hashable, Comparable, Sendable, CustomStringConvertible {
    var value: FixedPoint { get }
    init(_ value: FixedPoint)
}

extension FixedPointValue {
    public static var zero: Self { Self(FixedPoint.zero) }
    public init(_ whole: Int) { self.init(FixedPoint(whole)) }
    /// Reads plain decimal text exactly.
    public init(_ text: some StringProtocol) throws(ArithmeticError) { self.init(try FixedPoint(text)) }

    public var isZero: Bool { value.isZero }
    public var isNegative: Bool { value.isNegative }
    public var isPositive: Bool { value.isPositive }
    public var magnitude: Self { Self(value.magnitude) }
    public var doubleValue: Double { value.doubleValue }
    public var description: String { value.description }

    public static func < (left: Self, right: Self) -> Bool { left.value < right.value }
    public static prefix func - (operand: Self) -> Self { Self(-operand.value) }
    public static func + (left: Self, right: Self) throws(ArithmeticError) -> Self {
        Self(try left.value + right.value)
    }
    public static func - (left: Self, right: Self) throws(ArithmeticError) -> Self {
        Self(try left.value - right.value)
    }
}

/// The price of one unit of an instrument, in the instrument's currency. Futures may trade below zero.
public struct Price: FixedPointValue {
    public let value: FixedPoint
    public init(_ value: FixedPoint) { self.value = value }
}

/// A number of shares, units or contracts. Positions carry a sign: short is negative. Fractions are exact.
public struct Quantity: FixedPointValue {
    public let value: FixedPoint
    public init(_ value: FixedPoint) { self.value = value }
}

/// A dimensionless share of one: a limit, a weight, a rate. `0.05` is five per cent.
public struct Fraction: FixedPointValue {
    public let value: FixedPoint
    public init(_ value: FixedPoint) { self.value = value }
    public static let one = Fraction(FixedPoint.one)
}

/// An ISO 4217 currency.
public struct Currency: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Three upper-case letters.
    public let code: String

    /// `nil` unless the text is three letters A to Z.
    public init?(_ code: some StringProtocol) {
        guard code.utf8.count == 3, code.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
        else { return nil }
        self.code = String(code)
    }

    private init(known code: String) { self.code = code }
    public static let usd = Currency(known: "USD")
    public static let krw = Currency(known: "KRW")

    /// Digits after the point in which the currency is settled and displayed (ISO 4217 minor unit).
    public var minorDigits: Int {
        switch code {
        case "KRW", "JPY", "VND", "CLP", "ISK": 0
        case "BHD", "KWD", "JOD", "OMR", "TND": 3
        default: 2
        }
    }

    public var description: String { code }
    public static func < (left: Currency, right: Currency) -> Bool { left.code < right.code }
}

/// An amount of one currency. Amounts of two currencies never add up: that throws.
public struct Money: Hashable, Sendable, CustomStringConvertible {
    public let amount: FixedPoint
    public let currency: Currency

    public init(_ amount: FixedPoint, _ currency: Currency) {
        self.amount = amount
        self.currency = currency
    }

    public static func zero(_ currency: Currency) -> Money { Money(.zero, currency) }
    public var isZero: Bool { amount.isZero }
    public var isNegative: Bool { amount.isNegative }
    public var magnitude: Money { Money(amount.magnitude, currency) }
    /// `1234.5 USD`: the exact amount, then the currency.
    public var description: String { "\(amount) \(currency)" }

    public static prefix func - (operand: Money) -> Money { Money(-operand.amount, operand.currency) }

    public static func + (left: Money, right: Money) throws(ArithmeticError) -> Money {
        guard left.currency == right.currency else { throw .currencyMismatch(left.currency, right.currency) }
        return Money(try left.amount + right.amount, left.currency)
    }

    public static func - (left: Money, right: Money) throws(ArithmeticError) -> Money { try left + -right }

    public func multiplied(by factor: Fraction, rounding: RoundingRule) throws(ArithmeticError) -> Money {
        Money(try amount.multiplied(by: factor.value, rounding: rounding), currency)
    }

    /// Rounded to the currency's minor unit (cents, won).
    public func roundedToMinorUnit(_ rounding: RoundingRule) throws(ArithmeticError) -> Money {
        Money(try amount.rounded(toDigits: currency.minorDigits, rounding), currency)
    }

    /// For people: rounded to the minor unit, with the currency.
    public var display: String { "\(amount.formatted(digits: currency.minorDigits)) \(currency)" }
}
