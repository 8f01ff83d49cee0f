import Testing

@testable import Settings

struct YAMLReaderTests {
    struct Refused: Sendable, CustomTestStringConvertible {
        let text: String
        let line: Int
        let column: Int
        let part: String
        var testDescription: String { part }
    }

    static let refused: [Refused] = [
        Refused(text: "a: 1\nb: 2\na: 3\n", line: 3, column: 1, part: "a second time"),
        Refused(text: "a: {x: 1, y: 2, x: 3}\n", line: 1, column: 17, part: "a second time"),
        Refused(text: "a: &name 1\n", line: 1, column: 4, part: "anchors"),
        Refused(text: "a: &name [1]\n", line: 1, column: 4, part: "anchors"),
        Refused(text: "a: *name\n", line: 1, column: 4, part: "aliases"),
        Refused(text: "a: !!str 1\n", line: 1, column: 4, part: "tags"),
        Refused(text: "a: 1\n---\nb: 2\n", line: 2, column: 1, part: "second document"),
        Refused(text: "a:\n\tb: 1\n", line: 2, column: 1, part: "cannot start any token"),
        Refused(text: "[a, b]: 1\n", line: 1, column: 1, part: "single text"),
        Refused(text: "a: [1, 2\n", line: 2, column: 1, part: "expected"),
        Refused(text: "a: 'open\n", line: 2, column: 1, part: "quoted scalar"),
    ]

    @Test("What YAML allows and takt does not is refused with its place", arguments: refused)
    func refuses(_ sample: Refused) {
        #expect {
            _ = try YAMLReader.read(Array(sample.text.utf8))
        } throws: { error in
            guard let problem = error as? YAMLProblem else { return false }
            return problem.place == YAMLPlace(line: sample.line, column: sample.column)
                && problem.message.contains(sample.part)
        }
    }

    @Test("Keys and values know their places, quoted and plain texts are told apart")
    func places() throws {
        let root = try YAMLReader.read(Array("top:\n  key: \"7\"\n  other: [a, 'b']\n".utf8))
        guard case .mapping(let pairs, _)? = root, case .mapping(let inner, _) = pairs[0].value,
            case .scalar(let seven) = inner[0].value, case .sequence(let items, let listPlace) = inner[1].value,
            case .scalar(let plain) = items[0], case .scalar(let quoted) = items[1]
        else {
            Issue.record("the tree has another shape: \(String(describing: root))")
            return
        }
        #expect(inner[0].key.place == YAMLPlace(line: 2, column: 3))
        #expect(seven == YAMLScalar(text: "7", isPlain: false, place: YAMLPlace(line: 2, column: 8)))
        #expect(listPlace == YAMLPlace(line: 3, column: 10))
        #expect(plain.isPlain && !quoted.isPlain)
    }

    @Test("Nesting is bounded")
    func depth() {
        let text = String(repeating: "[", count: 5000)
        #expect(throws: YAMLProblem.self) { try YAMLReader.read(Array(text.utf8)) }
    }

    @Test("A file of comments is empty, and no bytes are too")
    func empty() throws {
        #expect(try YAMLReader.read(Array("# nothing\n\n".utf8)) == nil)
        #expect(try YAMLReader.read([]) == nil)
    }

    @Test("Random bytes never do worse than an error", arguments: UInt64(1)...40)
    func total(seed: UInt64) {
        var random = TestRandom(state: seed)
        let letters = Array("ab: -[]{}\"'\n\t#&*!|>%@`,?~0${}\\\u{80}".utf8)
        for _ in 0..<200 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                letters[Int.random(in: 0..<letters.count, using: &random)]
            }
            _ = try? YAMLReader.read(bytes)
        }
    }
}
