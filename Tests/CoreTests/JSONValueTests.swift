import Core
import TestSupport
import Testing

@Suite struct JSONValueTests {
    @Test("Members are written in the order in which they were given")
    func order() {
        let value: JSONValue = ["z": 1, "a": [true, nil, "x"], "m": ["k": "v"]]
        #expect(value.text == #"{"z":1,"a":[true,null,"x"],"m":{"k":"v"}}"#)
        #expect(value.text != (["a": [true, nil, "x"], "z": 1, "m": ["k": "v"]] as JSONValue).text)
    }

    @Test("Members are replaced where they stand, added at the end, and removed")
    func editing() {
        let value: JSONValue = ["a": 1, "b": 2]
        #expect(value.setting("a", 3).text == #"{"a":3,"b":2}"#)
        #expect(value.setting("c", 3).text == #"{"a":1,"b":2,"c":3}"#)
        #expect(value.removing("a").text == #"{"b":2}"#)
        #expect(value.removing("x") == value)
        #expect(JSONValue.int(1).setting("a", 2) == 1)
    }

    @Test("Values are asked for by kind; the wrong kind is nil")
    func kinds() {
        let value: JSONValue = ["s": "x", "i": 7, "d": .double(1.5), "b": true, "n": nil, "l": [1]]
        #expect(value["s"]?.stringValue == "x" && value["i"]?.intValue == 7 && value["b"]?.boolValue == true)
        #expect(value["d"]?.doubleValue == 1.5 && value["i"]?.doubleValue == 7 && value["l"]?.arrayValue == [1])
        #expect(value["s"]?.intValue == nil && value["n"]?.stringValue == nil && value["x"] == nil)
        #expect(JSONValue.array([])["s"] == nil)
    }

    @Test("Our own values are written as their texts, and nothing as null")
    func descriptions() throws {
        #expect(JSONValue(try Price("1.50")).text == #""1.5""#)
        #expect(JSONValue(Instant.fixture).text == #""2026-11-20T15:35:00Z""#)
        #expect(JSONValue(Symbol?.none) == .null)
        #expect(JSONValue(Symbol?.some(Symbol("NVDA"))) == "NVDA")
    }

    @Test("Control characters, quotes and backslashes are escaped, everything else stands for itself")
    func escapes() {
        let text = "\u{0}\u{1}\u{8}\t\n\u{c}\r\u{1f}\"\\/é한😹\u{7f}"
        let expected = #""\u0000\u0001\u0008\t\n\u000c\r\u001f\"\\/é한😹"# + "\u{7f}\""
        #expect(JSONValue.string(text).text == expected)
    }

    @Test(
        "Binary numbers are written in the shortest form that reads back; what is not finite as null",
        arguments: [
            (0.1, "0.1"), (1.0, "1.0"), (-0.0, "-0.0"), (1e22, "1e+22"), (.leastNonzeroMagnitude, "5e-324"),
            (1.7976931348623157e308, "1.7976931348623157e+308"), (.nan, "null"), (.infinity, "null"),
            (-.infinity, "null"),
        ] as [(Double, String)])
    func doubles(number: Double, expected: String) throws {
        #expect(JSONValue.double(number).text == expected)
        guard number.isFinite else { return }
        #expect(try JSONValue(parsing: expected).doubleValue == number)
    }

    @Test("What is written reads back as the same value with the same digest", arguments: propertySeeds)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let value = Self.value(&random, depth: 0)
            let read = try JSONValue(parsing: value.text)
            #expect(read == value)
            #expect(read.digest == value.digest)
            #expect(!value.text.contains("\n"))
        }
    }

    private static func value(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
        switch random.int(0...(depth < 5 ? 6 : 4)) {
        case 0: return .null
        case 1: return .bool(random.chance(0.5))
        case 2: return .int(Int64(bitPattern: random.next()) >> random.int(0...63))
        case 3: return .double(random.normal() * random.pick([1e-12, 1, 1e17, 1e300]))
        case 4: return .string(text(&random))
        case 5: return .array((0..<random.int(0...4)).map { _ in value(&random, depth: depth + 1) })
        default:
            return .object(
                (0..<random.int(0...4)).map { .init("\($0)" + text(&random), value(&random, depth: depth + 1)) })
        }
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<random.int(0...8) {
            let scalar = Unicode.Scalar(UInt32(random.int(0...random.pick([0x1F, 0x7F, 0x2FF, 0x10FFFF]))))
            if let scalar { text.unicodeScalars.append(scalar) }
        }
        return text
    }
}
