import Core
import TestSupport
import Testing

@Suite struct JSONReaderTests {
    /// After the `y_` files of Nicolas Seriot's JSONTestSuite: what RFC 8259 obliges a reader to accept.
    @Test(
        "What RFC 8259 allows is read",
        arguments: [
            ("[]", "[]"), ("{}", "{}"), (" [ 1 , 2 ]\n\t\r", "[1,2]"), ("0", "0"), ("-0", "0"), ("-1", "-1"),
            ("1e5", "100000.0"), ("1E+2", "100.0"), ("123e-2", "1.23"), ("0e1", "0.0"), ("-0.5", "-0.5"),
            ("0.0", "0.0"), ("1e0", "1.0"), ("9223372036854775807", "9223372036854775807"),
            ("-9223372036854775808", "-9223372036854775808"), ("true", "true"), ("false", "false"), ("null", "null"),
            (#""""#, #""""#), (#""a\/b""#, #""a/b""#), (#""\"\\\n\r\t""#, #""\"\\\n\r\t""#),
            (#""\b\f""#, #""\u0008\u000c""#), (#""\u0041\u00e9""#, #""Aé""#), (#""\u20AC""#, #""€""#),
            (#""\uD83D\ude39""#, #""😹""#), (#""\u0000""#, #""\u0000""#), (#""\u001f""#, #""\u001f""#),
            (#"{"a":{"b":[null]}}"#, #"{"a":{"b":[null]}}"#), (#"{"":0}"#, #"{"":0}"#),
            (#"{"b":1,"a":2}"#, #"{"b":1,"a":2}"#), ("\"\u{7f}\"", "\"\u{7f}\""), ("\"\u{2028}\"", "\"\u{2028}\""),
            ("[[],{}]", "[[],{}]"), (#""\\u0061""#, #""\\u0061""#),
        ])
    func accepted(text: String, canonical: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(value.text == canonical)
        #expect(try JSONValue(parsing: value.text) == value)
    }

    /// After the `n_` files of the same suite, and what takt refuses besides.
    @Test(
        "What RFC 8259 forbids is refused",
        arguments: [
            "", " ", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,,2]", "{,}", "{1:1}", "{a:1}",
            #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":1"#, #"{"a" 1}"#, #"{'a':1}"#, #"{"a":1 "b":2}"#, "1 2", "[]x",
            "+1", "-", "--1", "01", "-01", "00", "1.", ".5", "-.5", "1.e5", "0.e1", "2.e+3", "1e", "1e+", "1E-",
            "1e5.0",
            "1.5.5", "0x10", "1_000", "1,5", "NaN", "nan", "Infinity", "-Infinity", "1e400", "-1e400", "tru", "True",
            "nulll", "nul", "'a'", "\"a", #""\"#, #""\x""#, #""\u12""#, #""\u12G4""#, #""\u+041""#, #""\u-001""#,
            #""\u 041""#, #""\uD800""#, #""\uD800\n""#, #""\uD800\uD800""#, #""\uD800\u0041""#, #""\uDC00""#,
            #""\uD83D"#, #""\uD83D\"#, #""\uD83D\u"#, "\"a\nb\"", "\"a\tb\"", "\"\u{0}\"", "\u{FEFF}[]", "[1]//",
            "/* */1",
            "\u{00A0}1", "１", "⅓",
        ])
    func refused(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test(
        "Bytes that are not UTF-8 are refused",
        arguments: [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80]] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22] + bytes + [0x22]) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
    }

    @Test("64 levels are read, the 65th is refused, and a hundred thousand do not overflow the stack")
    func depth() throws {
        func nested(_ levels: Int, _ open: String, _ core: String, _ close: String) -> String {
            String(repeating: open, count: levels) + core + String(repeating: close, count: levels)
        }
        #expect(throws: Never.self) { try JSONValue(parsing: nested(64, "[", "1", "]")) }
        #expect(throws: Never.self) { try JSONValue(parsing: nested(64, #"{"a":"#, "1", "}")) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: nested(65, "[", "1", "]")) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: nested(100_000, "[", "", "]")) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: #"{"a":"#, count: 100_000)) }
    }

    @Test("A key that stands twice is refused, also when it is spelled with escapes")
    func duplicates() {
        #expect(Self.problem(#"{"a":1,"a":2}"#) == "the key 'a' stands twice at byte 10")
        #expect(throws: JSONError.self) { try JSONValue(parsing: #"{"a":1,"\u0061":2}"#) }
        #expect(throws: Never.self) { try JSONValue(parsing: #"{"a":{"a":1},"A":2}"#) }
    }

    @Test("An error names the byte at which the text goes wrong")
    func offsets() {
        #expect(Self.problem("1  2") == "something follows the value at byte 3")
        #expect(Self.problem("[1,") == "the text ends too early at byte 3")
        #expect(Self.problem("[1]") == nil)
    }

    private static func problem(_ text: String) -> String? {
        do {
            _ = try JSONValue(parsing: text)
            return nil
        } catch { return error.description }
    }

    @Test("Numbers beyond 64 bits become binary ones, the nearest there is")
    func bigNumbers() throws {
        #expect(try JSONValue(parsing: "9223372036854775808") == .double(9_223_372_036_854_775_808))
        #expect(try JSONValue(parsing: "1.0") == .double(1))
        #expect(try JSONValue(parsing: "1") == .int(1))
    }

    @Test("No prefix and no mangled byte of a document crashes the reader", arguments: propertySeeds)
    func mangled(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let sound = Array(#"{"a":[1,-2.5e3,true,null,"x\u00e9\ud83d\ude39\n"],"b":{"c":"\\"}}"#.utf8)
        let value = try JSONValue(parsing: sound)
        for length in 0..<sound.count {
            #expect(throws: JSONError.self) { try JSONValue(parsing: Array(sound.prefix(length))) }
        }
        for _ in 0..<500 {
            var bytes = sound
            for _ in 0..<random.int(1...3) { bytes[random.int(0...bytes.count - 1)] = UInt8(random.int(0...255)) }
            guard let read = try? JSONValue(parsing: bytes) else { continue }
            #expect(try JSONValue(parsing: read.utf8) == read)
        }
        #expect(try JSONValue(parsing: value.utf8) == value)
    }
}
