internal import Core

/// Why a field could not be read.
enum FieldFault: Hashable, Sendable {
    /// The body ended before the field did.
    case missing
    /// No whole number, or one beyond 64 bits.
    case notWhole
    /// No decimal number, or one beyond the range of ``FixedPoint``.
    case notDecimal
    /// Neither 0 nor 1.
    case notBoolean
    /// A count of entries that is negative, or more than the body can hold.
    case impossibleCount
    /// A kind of entry whose length nobody knows.
    case unknownEntry
    /// "None", where the message means nothing without it.
    case unset
    /// No time between the years 1970 and 5138, and no day.
    case notATime
}

/// Reads the fields of a body where they stand, one after the other: each ends with a NUL, the last one too.
///
/// The first field that cannot be read is remembered, and whatever is read after it is empty: a layout names its fields in
/// order and asks for ``fault`` once, at the end. Nothing is read beyond the body, and no field costs memory but a text.
struct FieldReader {
    private var position: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>
    let version: ServerVersion
    /// How many fields have been read.
    private(set) var index = 0
    /// The first field that could not be read, counted from 0, and why.
    private(set) var fault: (index: Int, reason: FieldFault)?

    /// - Parameter body: Not empty; it has to outlive the reader.
    @inline(__always)
    init?(_ body: UnsafeBufferPointer<UInt8>, version: ServerVersion) {
        guard let base = body.baseAddress else { return nil }
        position = base
        end = base + body.count
        self.version = version
    }

    /// Remembers the first fault, and leaves nothing to be read.
    mutating func fail(_ reason: FieldFault) {
        if fault == nil { fault = (index, reason) }
        position = end
    }

    /// How many bytes have not been read.
    var remaining: Int { end - position }

    // MARK: Bytes

    /// A field as it stands, without its NUL.
    @inline(__always)
    mutating func raw() -> UnsafeBufferPointer<UInt8> {
        let start = position
        var cursor = start
        while cursor < end, cursor.pointee != 0 { cursor += 1 }
        guard cursor < end else {
            fail(.missing)
            return UnsafeBufferPointer(start: nil, count: 0)
        }
        position = cursor + 1
        index &+= 1
        return UnsafeBufferPointer(start: start, count: cursor - start)
    }

    /// Passes over fields that nothing here needs.
    mutating func skip(_ count: Int = 1) {
        for _ in 0..<count where fault == nil { _ = raw() }
    }

    /// A text. Bytes that are no UTF-8 are replaced: gateways on Windows have sent others.
    @inline(__always)
    mutating func text() -> String {
        let bytes = raw()
        return bytes.isEmpty ? "" : String(decoding: bytes, as: UTF8.self)
    }

    // MARK: Whole numbers

    /// A whole number; an empty field is 0. For ids, codes and versions.
    @inline(__always)
    mutating func number() -> Int64 {
        var cursor = position
        var value: Int64 = 0
        while cursor < end {
            let digit = cursor.pointee &- 48
            guard digit <= 9 else { break }
            value = value &* 10 &+ Int64(digit)
            cursor += 1
        }
        // Eighteen digits cannot have gone beyond 64 bits.
        guard cursor < end, cursor.pointee == 0, cursor - position <= 18 else { return signedNumber() }
        position = cursor + 1
        index &+= 1
        return value
    }

    /// The same with a sign, or very long.
    private mutating func signedNumber() -> Int64 {
        let bytes = raw()
        if fault != nil || bytes.isEmpty { return 0 }
        let isNegative = bytes[0] == UInt8(ascii: "-")
        var value: Int64 = 0
        var isWhole = bytes.count > (isNegative ? 1 : 0)
        // Down to the negative side, which is longer by one.
        for byte in bytes.dropFirst(isNegative ? 1 : 0) {
            let (tenfold, isTooLong) = value.multipliedReportingOverflow(by: 10)
            let (next, isTooFar) = tenfold.subtractingReportingOverflow(Int64(byte &- 48))
            isWhole = isWhole && byte &- 48 <= 9 && !isTooLong && !isTooFar
            value = next
        }
        guard isWhole, isNegative || value != .min else {
            unread(.notWhole)
            return 0
        }
        return isNegative ? value : -value
    }

    /// A whole number that may be unset: an empty field, or one of the numbers that stand for "none".
    @inline(__always)
    mutating func optionalNumber() -> Int64? {
        if position < end, position.pointee == 0 {
            position += 1
            index &+= 1
            return nil
        }
        let value = number()
        return Unset.isUnset(value) || fault != nil ? nil : value
    }

    /// `1` or `0`; an empty field is `false`.
    @inline(__always)
    mutating func bool() -> Bool {
        let bytes = raw()
        guard let first = bytes.first else { return false }
        guard bytes.count == 1, first == UInt8(ascii: "0") || first == UInt8(ascii: "1") else {
            unread(.notBoolean)
            return false
        }
        return first == UInt8(ascii: "1")
    }

    /// How many entries follow, each of so many fields; an empty field is 0.
    mutating func count(fieldsEach: Int) -> Int {
        let value = number()
        // Every field has its NUL at least.
        guard value >= 0, value <= Int64(remaining / max(1, fieldsEach)) else {
            unread(.impossibleCount)
            return 0
        }
        return Int(value)
    }

    // MARK: Decimals

    /// A decimal number; `nil` where it is unset.
    ///
    /// What has more than eight decimals is rounded half to even: IB calculates averages and factors in binary and prints
    /// all digits that come out, and no price or size of an order or a fill needs a ninth. What lies beyond the range of
    /// ``FixedPoint`` is a fault.
    mutating func decimal() -> FixedPoint? {
        var cursor = position
        let isNegative = cursor < end && cursor.pointee == UInt8(ascii: "-")
        if isNegative { cursor += 1 }
        let wholeStart = cursor
        var mantissa: Int64 = 0
        while cursor < end {
            let digit = cursor.pointee &- 48
            guard digit <= 9 else { break }
            mantissa = mantissa &* 10 &+ Int64(digit)
            cursor += 1
        }
        let wholeDigits = cursor - wholeStart
        var decimals = 0
        if cursor < end, cursor.pointee == UInt8(ascii: ".") {
            cursor += 1
            let fractionStart = cursor
            while cursor < end {
                let digit = cursor.pointee &- 48
                guard digit <= 9 else { break }
                mantissa = mantissa &* 10 &+ Int64(digit)
                cursor += 1
            }
            decimals = cursor - fractionStart
            if decimals == 0 { return rareDecimal() }
        }
        // Ten digits before the point and eight behind it stay below 10¹⁸ in units of 10⁻⁸.
        guard cursor < end, cursor.pointee == 0, 1...10 ~= wholeDigits, decimals <= 8 else { return rareDecimal() }
        position = cursor + 1
        index &+= 1
        let units = mantissa &* Self.powersOfTen[8 &- decimals]
        if units == Unset.int32Units, !isNegative { return nil }
        return FixedPoint(int64Units: isNegative ? -units : units)
    }

    /// An empty field, words, exponents, and numbers of many digits.
    private mutating func rareDecimal() -> FixedPoint? {
        let bytes = raw()
        if fault != nil { return nil }
        switch DecimalField(bytes) {
        case .unset: return nil
        case .number(let value): return value
        case .unreadable:
            unread(.notDecimal)
            return nil
        }
    }

    /// 10⁰ to 10⁸.
    private static let powersOfTen: [Int64] = [
        1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000,
    ]

    mutating func price() -> Price? { decimal().map { Price($0) } }
    mutating func quantity() -> Quantity? { decimal().map { Quantity($0) } }

    /// A price without which the message means nothing.
    mutating func requiredPrice() -> Price { Price(required()) }
    /// A quantity without which the message means nothing.
    mutating func requiredQuantity() -> Quantity { Quantity(required()) }

    private mutating func required() -> FixedPoint {
        guard let value = decimal() else {
            if fault == nil { unread(.unset) }
            return .zero
        }
        return value
    }

    // MARK: Times

    /// Whole seconds since 1970.
    mutating func epochSeconds() -> Instant {
        let seconds = number()
        // Far beyond any date, and far below what microseconds in 64 bits can hold.
        guard (0...100_000_000_000).contains(seconds) else {
            unread(.notATime)
            return Instant(microseconds: 0)
        }
        return Instant(epochSeconds: seconds)
    }

    /// When a bar begins: seconds since 1970, or a day as `yyyymmdd`.
    mutating func barTime() -> IBBarTime {
        var ahead = self
        let bytes = ahead.raw()
        guard bytes.count == 8 else { return .instant(epochSeconds()) }
        self = ahead
        guard let day = CivilDate(compact: String(decoding: bytes, as: UTF8.self)) else {
            unread(.notATime)
            return .day(CivilDate(daysSinceEpoch: 0))
        }
        return .day(day)
    }

    /// The field that was read last is not what it should be.
    mutating func unread(_ reason: FieldFault) {
        if fault == nil { fault = (index - 1, reason) }
        position = end
    }
}
