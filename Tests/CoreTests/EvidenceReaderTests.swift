import Core
import Testing

/// What a reading room would throw.
struct Damage: EvidenceFailure, Hashable {
    let path: String
    let problem: String

    static func evidence(path: String, problem: String) -> Damage { Damage(path: path, problem: problem) }
}

extension EvidenceReader where Failure == Damage {
    /// A reader of this document, which stands at `doc`.
    init(text: String) throws { try self.init(try JSONValue(parsing: text), path: "doc") }
}

@Suite("Reading evidence")
struct EvidenceReaderTests {
    typealias Reader = EvidenceReader<Damage>

    private static let sound = #"""
        {"object":{"inner":"x"},"array":[1,"two"],"objects":[{"a":"1"},{"a":"2"}],"strings":["p","q"],"string":"text",
        "int":-42,"bool":true,"decimal":"-12.00000001","instant":"2026-11-20T15:35:00.25Z","side":"sell",
        "duration":1500000,"null":null}
        """#

    /// One way of reading a member.
    struct Access: Sendable, CustomTestStringConvertible {
        let key: String
        /// What is read from the sound document, as text.
        let value: String
        /// JSON of another type, and what is then said of it.
        let wrong: [String: String]
        let read: @Sendable (Reader) throws -> String
        var testDescription: String { key }

        init(
            _ key: String, _ value: String, _ wrong: [String: String],
            _ read: @escaping @Sendable (Reader) throws -> String
        ) {
            self.key = key
            self.value = value
            self.wrong = wrong
            self.read = read
        }
    }

    static let accesses = [
        Access("object", "doc.object x", ["[]": "is no object", "null": "is no object"]) {
            let object = try $0.object("object")
            return "\(object.path) \(try object.string("inner"))"
        },
        Access("array", #"[1,"two"]"#, ["{}": "is no array", #""x""#: "is no array"]) {
            JSONValue.array(try $0.array("array")).text
        },
        Access("objects", "doc.objects[0] 1, doc.objects[1] 2", ["{}": "is no array"]) {
            try $0.objects("objects").map { "\($0.path) \(try $0.string("a"))" }.joined(separator: ", ")
        },
        Access("strings", "p q", [#"["p",1]"#: "holds something else than strings", #""p""#: "is no array"]) {
            try $0.strings("strings").joined(separator: " ")
        },
        Access("string", "text", ["1": "is no string", "null": "is no string", "true": "is no string"]) {
            try $0.string("string")
        },
        Access(
            "int", "-42", [#""1""#: "is no whole number", "1.5": "is no whole number", "true": "is no whole number"]
        ) { "\(try $0.int("int"))" },
        Access("bool", "true", ["1": "is no truth value", #""true""#: "is no truth value"]) {
            "\(try $0.bool("bool"))"
        },
        // An amount as a number would have passed through a binary one.
        Access("decimal", "-12.00000001", ["12": "is no string", "12.5": "is no string"]) {
            "\(try $0.decimal("decimal"))"
        },
        Access(
            "instant", "2026-11-20T15:35:00.250Z", ["1795188900": "is no string", #""yesterday""#: "is no time"]
        ) { "\(try $0.instant("instant"))" },
        Access("side", "sell", [#""hold""#: "has the unknown value 'hold'", "1": "is no string"]) {
            try $0.read("side") { Side(rawValue: $0) }.rawValue
        },
        Access("duration", "1500000", [#""1 s""#: "is no whole number"]) {
            "\(try $0.duration("duration").wholeMicroseconds)"
        },
    ]

    @Test("A member of the right type is read", arguments: accesses)
    func right(access: Access) throws { #expect(try access.read(try Reader(text: Self.sound)) == access.value) }

    @Test("What may be absent is read as absent or as what it is, and has to be of the right type all the same")
    func optional() throws {
        let reader = try Reader(text: Self.sound)
        #expect(try reader.optionalString("null") == nil)
        #expect(try reader.optionalString("string") == "text")
        #expect(try reader.optionalDecimal("null") == nil)
        #expect(try reader.optionalDecimal("decimal") == FixedPoint("-12.00000001"))
        #expect(try reader.optionalInstant("null") == nil)
        #expect(try reader.optionalInstant("instant") == Instant(rfc3339: "2026-11-20T15:35:00.25Z"))
        #expect(throws: Damage(path: "doc.gone", problem: "is missing")) { try reader.optionalString("gone") }
        #expect(throws: Damage(path: "doc.bool", problem: "is no string")) { try reader.optionalDecimal("bool") }
        #expect(throws: Damage(path: "doc.string", problem: "is no time")) { try reader.optionalInstant("string") }
    }

    @Test("A member that is missing is named with its path", arguments: accesses)
    func missing(access: Access) throws {
        let document = try JSONValue(parsing: Self.sound).removing(access.key)
        #expect(throws: Damage(path: "doc.\(access.key)", problem: "is missing")) {
            try access.read(try Reader(document, path: "doc"))
        }
    }

    @Test("A member of another type is named with its path", arguments: accesses)
    func wrong(access: Access) throws {
        for (text, problem) in access.wrong {
            let document = try JSONValue(parsing: Self.sound).setting(access.key, try JSONValue(parsing: text))
            #expect(throws: Damage(path: "doc.\(access.key)", problem: problem), "\(text)") {
                try access.read(try Reader(document, path: "doc"))
            }
        }
    }

    @Test("Items and members of members are named with the whole path")
    func nested() throws {
        let reader = try Reader(text: #"{"list":[{"a":{"b":"1"}},7],"map":{"x":"1"}}"#)
        #expect(throws: Damage(path: "doc.list[1]", problem: "is no object")) { try reader.objects("list") }
        let sound = try Reader(text: #"{"list":[{},{"a":{"b":"x"}}]}"#)
        #expect(throws: Damage(path: "doc.list[1].a.c", problem: "is missing")) {
            try sound.objects("list")[1].object("a").string("c")
        }
        #expect(try reader.members("map") == [JSONValue.Member("x", "1")])
        #expect(throws: Damage(path: "doc.list", problem: "is no object")) { try reader.members("list") }
    }

    @Test(
        "An amount beyond the exact range, or that is none, says what is wrong with it",
        arguments: ["1e3", "", "1.000000001"])
    func amounts(text: String) throws {
        let error = #expect(throws: Damage.self) {
            try Reader(JSONValue.object([.init("decimal", .string(text))]), path: "doc").decimal("decimal")
        }
        #expect(error?.path == "doc.decimal")
        #expect(error?.problem.isEmpty == false)
    }

    @Test("What is no object is no evidence", arguments: ["[]", "null", #""{}""#, "1"])
    func noObject(text: String) {
        #expect(throws: Damage(path: "doc", problem: "is no object")) { try Reader(text: text) }
    }
}
