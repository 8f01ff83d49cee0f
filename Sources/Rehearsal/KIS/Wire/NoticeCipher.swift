internal import CCrypto
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// How KIS hides order notices: AES-256 in CBC mode, padded by PKCS#7, written in base 64. The key and the start vector are
/// the letters themselves, 32 and 16 of them.
enum NoticeCipher {
    static func encrypted(_ text: String, key: String, iv: String) -> String? {
        let (keyBytes, ivBytes, plain) = (Array(key.utf8), Array(iv.utf8), Array(text.utf8))
        guard keyBytes.count == 32, ivBytes.count == 16, let context = EVP_CIPHER_CTX_new() else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        guard EVP_EncryptInit_ex(context, EVP_aes_256_cbc(), nil, keyBytes, ivBytes) == 1 else { return nil }
        var output = [UInt8](repeating: 0, count: plain.count + 32)
        var (written, rest): (Int32, Int32) = (0, 0)
        guard EVP_EncryptUpdate(context, &output, &written, plain, Int32(plain.count)) == 1 else { return nil }
        let finished = output.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { EVP_EncryptFinal_ex(context, $0 + Int(written), &rest) } ?? 0
        }
        guard finished == 1 else { return nil }
        return base64(Array(output.prefix(Int(written + rest))))
    }

    static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for index in 0..<4 {
                text.append(
                    index <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * index) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
