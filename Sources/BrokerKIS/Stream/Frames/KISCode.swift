/// A symbol or a `tr_key` as KIS writes it: up to sixteen printable letters, kept without a string.
public struct KISCode: Hashable, Sendable, CustomStringConvertible {
    private let head: UInt64
    private let tail: UInt64

    /// `nil` for an empty or longer text, and for one with other letters than those of ASCII.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard let code = bytes.withUnsafeBufferPointer({ KISCode($0) }) else { return nil }
        self = code
    }

    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard (1...16).contains(bytes.count), bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        head = Self.word(bytes.prefix(8))
        tail = Self.word(bytes.dropFirst(8))
    }

    private init(head: UInt64, tail: UInt64) {
        self.head = head
        self.tail = tail
    }

    static let none = KISCode(head: 0, tail: 0)

    /// The first letter is the lowest byte.
    @inline(__always)
    static func word(_ bytes: some Collection<UInt8>) -> UInt64 {
        var word: UInt64 = 0
        var shift: UInt64 = 0
        for byte in bytes {
            word |= UInt64(byte) &<< shift
            shift &+= 8
        }
        return word
    }

    /// A domestic symbol: six or seven digits and capitals. `nil` for anything else.
    @inline(__always)
    init?(domestic bytes: UnsafePointer<UInt8>, count: Int) {
        guard count == 6 || count == 7 else { return nil }
        var word: UInt64 = 0
        for index in 0..<count {
            let byte = bytes[index]
            guard byte &- 48 <= 9 || byte &- 65 <= 25 else { return nil }
            word |= UInt64(byte) &<< UInt64(8 &* index)
        }
        self.init(head: word, tail: 0)
    }

    public var description: String {
        let bytes = (0..<16).map { UInt8(truncatingIfNeeded: ($0 < 8 ? head : tail) >> UInt64(8 * ($0 & 7))) }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
