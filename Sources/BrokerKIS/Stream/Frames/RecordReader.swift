internal import Core

/// Reads the values of one record where they stand. The first that cannot be read is remembered, and the record refused
/// as a whole, so that no record is half another one.
struct RecordReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let starts: UnsafeBufferPointer<UInt32>
    private let first: Int
    let width: Int
    /// The index of the first value that could not be read.
    private(set) var fault: Int?

    @inline(__always)
    init(bytes: UnsafeBufferPointer<UInt8>, starts: UnsafeBufferPointer<UInt32>, first: Int, width: Int) {
        self.bytes = bytes
        self.starts = starts
        self.first = first
        self.width = width
    }

    /// A value that the record does not have is an empty one.
    @inline(__always)
    private func place(_ index: Int) -> (start: Int, end: Int) {
        guard index >= 0, index < width else { return (0, 0) }
        return (Int(starts[first &+ index]), Int(starts[first &+ index &+ 1]) &- 1)
    }

    /// A value as it stands.
    @inline(__always)
    func raw(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        let (start, end) = place(index)
        return UnsafeBufferPointer(rebasing: bytes[start..<end])
    }

    /// A value without the blanks around it.
    func trimmed(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        var (start, end) = place(index)
        while start < end, bytes[start] == 0x20 { start &+= 1 }
        while start < end, bytes[end &- 1] == 0x20 { end &-= 1 }
        return UnsafeBufferPointer(rebasing: bytes[start..<end])
    }

    mutating func fail(_ index: Int) { if fault == nil { fault = index } }

    /// Digits, with zeros before them or not: at least one.
    @inline(__always)
    mutating func natural(_ index: Int) -> Int64 {
        let (start, end) = place(index)
        guard end &- start <= 18, start < end else { return slowNatural(index) }
        var value: Int64 = 0
        var position = start
        while position < end {
            let digit = bytes[position] &- 48
            guard digit <= 9 else { return slowNatural(index) }
            value = value &* 10 &+ Int64(digit)
            position &+= 1
        }
        return value
    }

    /// The same with blanks around it, or with many zeros.
    private mutating func slowNatural(_ index: Int) -> Int64 {
        guard let value = Self.digits(trimmed(index)) else {
            fail(index)
            return 0
        }
        return value
    }

    static func digits(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        let significant = text.drop { $0 == 48 }
        guard !text.isEmpty, significant.count <= 18 else { return nil }
        var value: Int64 = 0
        for byte in significant {
            guard byte &- 48 <= 9 else { return nil }
            value = value &* 10 &+ Int64(byte &- 48)
        }
        return value
    }

    /// Digits, or nothing at all, which counts as zero.
    @inline(__always)
    mutating func naturalOrBlank(_ index: Int) -> Int64 {
        let (start, end) = place(index)
        if start == end { return 0 }
        guard bytes[start] &- 48 <= 9 else { return trimmed(index).isEmpty ? 0 : natural(index) }
        return natural(index)
    }

    /// Digits with a sign before them or not; nothing counts as zero.
    mutating func integerOrBlank(_ index: Int) -> Int64 {
        let text = trimmed(index)
        guard text.first == UInt8(ascii: "-") || text.first == UInt8(ascii: "+") else { return naturalOrBlank(index) }
        guard let value = Self.digits(UnsafeBufferPointer(rebasing: text[1...])) else {
            fail(index)
            return 0
        }
        return text.first == UInt8(ascii: "-") ? -value : value
    }

    /// A decimal number from zero on, in units of 10⁻⁸; nothing counts as zero.
    mutating func decimalOrBlank(_ index: Int) -> Int64 {
        let text = trimmed(index)
        if text.isEmpty { return 0 }
        guard let value = Self.decimal(text) else {
            fail(index)
            return 0
        }
        return value
    }

    private static func decimal(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        let point = text.firstIndex(of: UInt8(ascii: ".")) ?? text.count
        guard point > 0, point <= 10, let whole = digits(UnsafeBufferPointer(rebasing: text[..<point])) else {
            return nil
        }
        guard point < text.count else { return whole * 100_000_000 }
        let decimals = text[(point + 1)...]
        // What a ninth decimal would lose must be nothing.
        guard !decimals.isEmpty, decimals.dropFirst(8).allSatisfy({ $0 == 48 }),
            let fraction = digits(UnsafeBufferPointer(rebasing: decimals.prefix(8)))
        else { return nil }
        return whole * 100_000_000 + fraction * powersOfTen[8 - min(8, decimals.count)]
    }

    /// 10⁰ to 10⁸.
    static let powersOfTen: [Int64] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000]

    @inline(__always)
    mutating func domesticSymbol(_ index: Int) -> KISCode {
        let (start, end) = place(index)
        guard let base = bytes.baseAddress, let code = KISCode(domestic: base + start, count: end &- start) else {
            fail(index)
            return .none
        }
        return code
    }

    mutating func code(_ index: Int) -> KISCode {
        guard let code = KISCode(trimmed(index)) else {
            fail(index)
            return .none
        }
        return code
    }

    /// `HHMMSS` as the second of the day.
    @inline(__always)
    mutating func clock(_ index: Int) -> Int32 {
        let (start, end) = place(index)
        guard end &- start == 6 else {
            fail(index)
            return 0
        }
        var number: Int32 = 0
        for position in start..<end {
            let digit = bytes[position] &- 48
            guard digit <= 9 else {
                fail(index)
                return 0
            }
            number = number &* 10 &+ Int32(digit)
        }
        let (hour, minute, second) = (number / 10_000, number / 100 % 100, number % 100)
        guard hour < 24, minute < 60, second < 60 else {
            fail(index)
            return 0
        }
        return hour &* 3600 &+ minute &* 60 &+ second
    }

    /// `YYYYMMDD`: a day that exists. The reader of a stream meets the same day over and over.
    @inline(__always)
    mutating func date(_ index: Int, _ last: inout LastDate) -> CivilDate {
        let (start, end) = place(index)
        guard end &- start == 8, let base = bytes.baseAddress else {
            fail(index)
            return LastDate.none
        }
        let text = UnsafeRawPointer(base).loadUnaligned(fromByteOffset: start, as: UInt64.self)
        if text == last.text { return last.date }
        guard let date = CivilDate(compact: String(decoding: bytes[start..<end], as: UTF8.self)) else {
            fail(index)
            return LastDate.none
        }
        last = LastDate(text: text, date: date)
        return date
    }

    /// One letter, or 0 for none.
    @inline(__always)
    func letter(_ index: Int) -> UInt8 {
        let (start, end) = place(index)
        return start < end ? bytes[start] : 0
    }

    /// A text; `nil` where there is none.
    func text(_ index: Int) -> String? {
        let text = trimmed(index)
        return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }
}

/// The day that was read last, by the eight letters it was written with.
struct LastDate {
    static let none = CivilDate(daysSinceEpoch: 0)
    var text: UInt64 = 0
    var date = LastDate.none
}
