internal import Core

/// The numbers and words that stand for "none".
enum Unset {
    /// 2³¹ − 1 in units of 10⁻⁸, where a decimal is read.
    static let int32Units: Int64 = 2_147_483_647 * 100_000_000

    /// 2³¹ − 1, 2⁶³ − 1, and the negative of that.
    static func isUnset(_ value: Int64) -> Bool { value == 2_147_483_647 || value == .max || value == -.max }
}

/// A decimal field in any of the forms that gateways print.
enum DecimalField: Equatable {
    case unset
    case number(FixedPoint)
    case unreadable

    /// No field with a number is longer; `Double` prints 24 letters at most.
    private static let longest = 64
    /// More digits than these are not kept: they lie far behind the eighth decimal, or the number beyond the range.
    private static let digitLimit = 36

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count <= Self.longest else {
            self = .unreadable
            return
        }
        var scanner = Scanner(bytes)
        if bytes.isEmpty || scanner.isWord {
            self = .unset
            return
        }
        guard let (isNegative, mantissa, exponent) = scanner.scan() else {
            self = .unreadable
            return
        }
        self = Self.value(isNegative: isNegative, mantissa, exponent)
    }

    /// ± mantissa × 10^exponent.
    private static func value(isNegative: Bool, _ mantissa: UInt128, _ exponent: Int) -> DecimalField {
        if mantissa == 0 { return .number(.zero) }
        if isSentinel(isNegative: isNegative, mantissa, exponent) { return .unset }
        let shift = exponent + FixedPoint.fractionDigits
        var units = mantissa
        if shift >= 0 {
            for _ in 0..<min(shift, 40) {
                units *= 10
                if units > FixedPoint.magnitudeLimit.magnitude { return .unreadable }
            }
        } else {
            var divisor: UInt128 = 1
            for _ in 0..<min(-shift, digitLimit + 1) { divisor *= 10 }
            let (quotient, rest) = mantissa.quotientAndRemainder(dividingBy: divisor)
            let doubled = rest * 2
            units = quotient + (doubled > divisor || (doubled == divisor && quotient % 2 == 1) ? 1 : 0)
        }
        guard units <= FixedPoint.magnitudeLimit.magnitude,
            let value = try? FixedPoint(units: isNegative ? -Int128(units) : Int128(units))
        else { return .unreadable }
        return .number(value)
    }

    /// 2³¹ − 1, 2⁶³ − 1 and 2⁶³ as printed by an integer or by a binary number, and the largest binary number, which no
    /// other number of that size is ever seen beside.
    private static func isSentinel(isNegative: Bool, _ mantissa: UInt128, _ exponent: Int) -> Bool {
        var (digits, power) = (mantissa, exponent)
        while power < 0, digits % 10 == 0 {
            digits /= 10
            power += 1
        }
        var places = 0
        var rest = digits
        while rest > 0 {
            rest /= 10
            places += 1
        }
        if places + power >= 309 { return true }
        guard (0...20).contains(power), places + power <= 19 else { return false }
        for _ in 0..<power { digits *= 10 }
        return (digits == 2_147_483_647 && !isNegative) || digits == 9_223_372_036_854_775_807
            || digits == 9_223_372_036_854_775_808
            || digits == 9_223_372_036_854_776_000
    }

    /// `[+-]digits[.digits][E[+-]digits]`, the digits of one side of the point may be missing.
    private struct Scanner {
        private let bytes: UnsafeBufferPointer<UInt8>
        private var place = 0

        init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

        /// Infinity, as the official and the other clients write it, and what is no number: none is a price.
        var isWord: Bool {
            let text = String(decoding: bytes, as: UTF8.self).lowercased()
            return ["infinity", "-infinity", "infinite", "-infinite", "inf", "-inf", "nan"].contains(text)
        }

        private mutating func take(_ letters: UInt8...) -> UInt8? {
            guard place < bytes.count, letters.contains(bytes[place]) else { return nil }
            place += 1
            return bytes[place - 1]
        }

        private mutating func digit() -> UInt8? {
            guard place < bytes.count, bytes[place] &- 48 <= 9 else { return nil }
            place += 1
            return bytes[place - 1] - 48
        }

        mutating func scan() -> (isNegative: Bool, mantissa: UInt128, exponent: Int)? {
            let isNegative = take(UInt8(ascii: "-"), UInt8(ascii: "+")) == UInt8(ascii: "-")
            var mantissa: UInt128 = 0
            var (kept, exponent, seen) = (0, 0, 0)
            var isFraction = false
            while true {
                if let digit = digit() {
                    seen += 1
                    if kept < DecimalField.digitLimit {
                        mantissa = mantissa * 10 + UInt128(digit)
                        if mantissa > 0 { kept += 1 }
                        if isFraction { exponent -= 1 }
                    } else if !isFraction {
                        exponent += 1
                    }
                } else if !isFraction, take(UInt8(ascii: ".")) != nil {
                    isFraction = true
                } else {
                    break
                }
            }
            guard seen > 0, let power = power(), place == bytes.count else { return nil }
            return (isNegative, mantissa, exponent + power)
        }

        /// 0 where there is none; `nil` where there is half of one.
        private mutating func power() -> Int? {
            guard take(UInt8(ascii: "E"), UInt8(ascii: "e")) != nil else { return 0 }
            let isNegative = take(UInt8(ascii: "-"), UInt8(ascii: "+")) == UInt8(ascii: "-")
            guard let first = digit() else { return nil }
            var value = Int(first)
            while let next = digit() { value = min(value * 10 + Int(next), 10_000) }
            return isNegative ? -value : value
        }
    }
}
