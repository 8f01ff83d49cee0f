import Core
import Testing

@Suite struct DigestTests {
    /// FIPS 180-4 examples and the vectors of NIST's CAVP.
    private static let vectors: [(String, String)] = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
        (
            String(repeating: "a", count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
    ]

    @Test("SHA-256 agrees with the published vectors", arguments: vectors)
    func published(text: String, expected: String) {
        #expect(Digest(of: text).hex == expected)
        #expect(Digest(of: Array(text.utf8)).hex == expected)
        #expect(Digest(hex: expected) == Digest(of: text))
        #expect(Digest(of: text).bytes.count == 32)
    }

    @Test("The one-byte vector of NIST's CAVP")
    func oneByte() {
        #expect(Digest(of: [0xD3]).hex == "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1")
    }

    @Test(
        "A digest is read from 64 lower-case hexadecimal digits only",
        arguments: [
            "", "00", String(repeating: "g", count: 64), String(repeating: "A", count: 64),
            String(repeating: "0", count: 65),
        ])
    func refused(text: String) {
        #expect(Digest(hex: text) == nil)
    }

    @Test("Base 32 takes the leading bits, five to a letter")
    func base32() throws {
        // Worked out by hand: ff 00 … is 11111 11100 00000 …
        let digest = try #require(Digest(hex: "ff" + String(repeating: "0", count: 62)))
        #expect(digest.base32(bits: 5) == "z")
        #expect(digest.base32(bits: 60) == "zw0000000000")
        let ones = try #require(Digest(hex: String(repeating: "f", count: 64)))
        #expect(ones.base32(bits: 60) == "zzzzzzzzzzzz")
        #expect(ones.base32(bits: 0).isEmpty)
    }

    @Test("Digests order by their bytes")
    func order() throws {
        let low = try #require(Digest(hex: "00" + String(repeating: "f", count: 62)))
        let high = try #require(Digest(hex: "01" + String(repeating: "0", count: 62)))
        #expect(low < high)
        #expect(low.description == low.hex)
    }
}
