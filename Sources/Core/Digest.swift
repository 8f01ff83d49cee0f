internal import CCrypto

/// A SHA-256 digest: the address of everything that is stored by content.
public struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// 32 bytes.
    public let bytes: [UInt8]

    public init(of text: String) {
        var text = text
        bytes = text.withUTF8 { Self.sha256($0) }
    }

    public init(of content: [UInt8]) { bytes = content.withUnsafeBufferPointer { Self.sha256($0) } }

    /// Reads 64 hexadecimal digits; `nil` for anything else.
    public init?(hex: some StringProtocol) {
        let digits = hex.utf8.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
            default: 255
            }
        }
        guard digits.count == 64, !digits.contains(255) else { return nil }
        bytes = (0..<32).map { digits[2 * $0] << 4 | digits[2 * $0 + 1] }
    }

    private static func sha256(_ content: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            var state = SHA256_CTX()
            SHA256_Init(&state)
            SHA256_Update(&state, content.baseAddress, content.count)
            SHA256_Final(buffer.baseAddress, &state)
            count = 32
        }
    }

    /// 64 lower-case hexadecimal digits.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The first `bits` bits (a multiple of five, at most 60) in Crockford's base 32, lower case.
    public func base32(bits: Int) -> String {
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        let head = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let letters = (0..<bits / 5).map { alphabet[Int(head >> (59 - 5 * UInt64($0)) & 31)] }
        return String(decoding: letters, as: UTF8.self)
    }

    public var description: String { hex }
    public static func < (left: Digest, right: Digest) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}
