internal import CCrypto

/// The key of a stream of order notices, as its registration was answered: AES-256 in CBC mode. It is never printed.
struct NoticeKey: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let key: [UInt8]
    private let initialVector: [UInt8]

    /// The letters themselves are the bytes, 32 and 16 of them; `nil` for other numbers.
    init?(key: String, initialVector: String) {
        self.key = Array(key.utf8)
        self.initialVector = Array(initialVector.utf8)
        guard self.key.count == 32, self.initialVector.count == 16 else { return nil }
    }

    var description: String { "•••" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }

    /// The plain text of a payload in base64; `nil` where that is not what it is, where the padding (PKCS#7) is wrong, and
    /// where the result is not clean UTF-8: CBC knows no tampering, but a changed block comes out as noise.
    func decrypt(_ payload: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard let sealed = Base64.decode(payload), !sealed.isEmpty, sealed.count % 16 == 0,
            let plain = decrypt(sealed), plain.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
            String(validating: plain, as: UTF8.self) != nil
        else { return nil }
        return plain
    }

    private func decrypt(_ sealed: [UInt8]) -> [UInt8]? {
        guard let context = EVP_CIPHER_CTX_new() else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        guard EVP_DecryptInit_ex(context, EVP_aes_256_cbc(), nil, key, initialVector) == 1 else { return nil }
        var plain = [UInt8](repeating: 0, count: sealed.count + 16)
        var length: Int32 = 0
        var rest: Int32 = 0
        let isSound = plain.withUnsafeMutableBufferPointer { buffer -> Bool in
            guard let base = buffer.baseAddress,
                EVP_DecryptUpdate(context, base, &length, sealed, Int32(sealed.count)) == 1
            else { return false }
            return EVP_DecryptFinal_ex(context, base + Int(length), &rest) == 1
        }
        return isSound ? Array(plain.prefix(Int(length + rest))) : nil
    }
}

/// RFC 4648, section 4: padded, nothing between the letters, no stray bits.
enum Base64 {
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, letter) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8.enumerated() {
            values[Int(letter)] = UInt8(value)
        }
        return values
    }()

    static func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        let padding = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        let letters = text.dropLast(padding)
        var output: [UInt8] = []
        output.reserveCapacity(text.count / 4 * 3)
        var pending: UInt32 = 0
        var bits = 0
        for letter in letters {
            let value = values[Int(letter)]
            guard value != 255 else { return nil }
            pending = pending << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                output.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
                pending &= 1 << UInt32(bits) - 1
            }
        }
        return pending == 0 ? output : nil
    }
}
