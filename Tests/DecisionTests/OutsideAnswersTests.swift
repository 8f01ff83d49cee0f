import Core
import TestSupport
import Testing

@testable import Decision

@Suite("Answers of programs outside")
struct OutsideAnswersTests {
    private static let mine = AgentName("mine")
    private static let asked = [Symbol("NVDA"), Symbol("005930")]

    private func read(_ output: [UInt8], _ standing: OutsideAnswers.Standing = .complete) -> OutsideAnswers {
        OutsideAnswers(output, from: Self.mine, asked: Self.asked, standing)
    }

    private func read(_ text: String, _ standing: OutsideAnswers.Standing = .complete) -> OutsideAnswers {
        read(Array(text.utf8), standing)
    }

    private static let good = #"{"symbol":"NVDA","action":"buy","confidence":0.5}"#
    private static let other = #"{"symbol":"005930","action":"hold","confidence":0}"#

    @Test("Each symbol gets its own vote, in whatever order the lines come")
    func good() {
        let answers = read(
            """
            {"symbol":"005930","action":"sell","probabilities":{"sell":0.7,"hold":0.2,"buy":0.1},"confidence":1,\
            "detail":{"why":["x",1]}}\r

              \t
            \(Self.good)
            """)
        #expect(answers.remarks.isEmpty)
        #expect(answers.votes.map(\.symbol) == Self.asked)
        let (nvidia, samsung) = (answers.votes[0].vote, answers.votes[1].vote)
        #expect(nvidia.action == .buy && nvidia.confidence == 0.5 && nvidia.agent == Self.mine)
        // (1 + 2 × 0.5) / 3 and (1 − 0.5) / 3.
        #expect(abs(nvidia.probabilities.buy - 2 / 3) < 1e-12 && abs(nvidia.probabilities.hold - 1 / 6) < 1e-12)
        #expect(nvidia.detail == ["program": .null])
        #expect(samsung.action == .sell && samsung.confidence == 1)
        #expect(samsung.probabilities == Probabilities(hold: 0.2, buy: 0.1, sell: 0.7))
        #expect(samsung.detail == ["program": ["why": ["x", 1]]])
    }

    /// A line for NVDA that is refused, and what the vote says of it.
    static let refused: [(line: String, problem: String)] = [
        (#"{"symbol":"NVDA","confidence":0.5}"#, "'action' is missing"),
        (#"{"symbol":"NVDA","action":null,"confidence":0.5}"#, "'action' is missing"),
        (#"{"symbol":"NVDA","action":"Buy","confidence":0.5}"#, "'action' is 'Buy'; it may be hold, buy or sell"),
        (#"{"symbol":"NVDA","action":1,"confidence":0.5}"#, "'action' is no string"),
        (#"{"symbol":"NVDA","action":"buy"}"#, "'confidence' is missing"),
        (#"{"symbol":"NVDA","action":"buy","confidence":"0.5"}"#, "'confidence' is no number"),
        (#"{"symbol":"NVDA","action":"buy","confidence":true}"#, "'confidence' is no number"),
        (#"{"symbol":"NVDA","action":"buy","confidence":1.0000001}"#, "'confidence' is 1.0000001; 0 to 1 is allowed"),
        (#"{"symbol":"NVDA","action":"buy","confidence":-0.1}"#, "'confidence' is -0.1"),
        (#"{"symbol":"NVDA","action":"buy","confidence":1e300}"#, "'confidence' is 1e+300"),
        (#"{"symbol":"NVDA","action":"buy","confidence":0.5,"quantity":100}"#, "'quantity' is not known"),
        (#"{"symbol":"NVDA","action":"buy","confidnce":0.5}"#, "'confidnce' is not known; did you mean 'confidence'?"),
        (
            #"{"symbol":"NVDA","action":"buy","confidence":0.5,"probabilities":[0,1,0]}"#,
            "'probabilities' is no object of hold, buy and sell"
        ),
        (
            #"{"symbol":"NVDA","action":"buy","confidence":0.5,"probabilities":{"hold":0.5,"buy":0.5}}"#,
            "'probabilities' is no object of hold, buy and sell"
        ),
        (
            #"{"symbol":"NVDA","action":"buy","confidence":0.5,"probabilities":{"hold":0,"buy":1,"sell":0,"wait":0}}"#,
            "'probabilities' is no object of hold, buy and sell"
        ),
        (
            #"{"symbol":"NVDA","action":"buy","confidence":0.5,"probabilities":{"hold":0.3,"buy":0.3,"sell":0.3}}"#,
            "'probabilities' add up to 0.8999999999999999, not to 1"
        ),
        (
            #"{"symbol":"NVDA","action":"buy","confidence":0.5,"probabilities":{"hold":0,"buy":1.5,"sell":-0.5}}"#,
            "'probabilities.buy' is 1.5"
        ),
        (
            #"{"symbol":"NVDA","action":"buy","confidence":0.5,"probabilities":{"hold":0,"buy":1,"sell":null}}"#,
            "'probabilities.sell' is no number"
        ),
        (
            #"{"symbol":"NVDA","action":"buy","confidence":0.5,"detail":"#
                + String(repeating: "[", count: 17) + String(repeating: "]", count: 17) + "}",
            "'detail' is nested 17 levels deep; 16 are allowed"
        ),
        (
            #"{"symbol":"NVDA","action":"buy","confidence":0.5,"detail":""# + String(repeating: "x", count: 65_536)
                + #""}"#,
            "the line has 65597 bytes; 65536 are allowed"
        ),
    ]

    @Test(
        "A line that does not fit is no opinion of its symbol, with the reason, and leaves the others alone",
        arguments: refused)
    func refuses(line: String, problem: String) throws {
        let answers = read(Self.other + "\n" + line + "\n")
        let vote = answers.votes[0].vote
        #expect(vote.action == .hold && vote.confidence == 0)
        #expect(vote.probabilities == Probabilities(hold: 1, buy: 0, sell: 0))
        #expect(vote.detail["reason"] == "malformed")
        let message = try #require(vote.detail["message"]?.stringValue)
        #expect(message.hasPrefix("line 2 of its program is refused: \(problem)"), "\(message)")
        #expect(answers.remarks.isEmpty)
        #expect(answers.votes[1].vote.detail == ["program": .null])
    }

    /// Lines of which nobody can say whom they are about.
    static let strays: [[UInt8]] = [
        Array("NaN".utf8), Array(#"{"symbol":"NVDA","action":"buy","confidence":NaN}"#.utf8),
        Array(#"{"symbol":"NVDA","action":"buy","confidence":1e999}"#.utf8),
        Array(#"{"symbol":"NVDA","symbol":"NVDA","action":"buy","confidence":1}"#.utf8),
        Array(#"{"symbol":"NVDA","action":"buy","confidence":0.5}{}"#.utf8), Array(#"{"symbol":"NVDA","action""#.utf8),
        Array("[]".utf8), Array("\"NVDA\"".utf8), Array(#"{"action":"buy","confidence":0.5}"#.utf8),
        Array(#"{"symbol":5,"action":"buy","confidence":0.5}"#.utf8),
        Array(#"{"symbol":"nvda","action":"buy","confidence":1}"#.utf8),
        Array(#"{"symbol":"NVDA ","action":"buy","confidence":1}"#.utf8),
        Array(#"{"symbol":"TSLA","action":"buy","confidence":1}"#.utf8), [0, 1, 2, 0xFF, 0xFE], [0xC0, 0x80],
        Array(#"{"symbol":"NVD"#.utf8) + [0xC3] + Array(#"A","action":"buy","confidence":1}"#.utf8),
        Array(String(repeating: "[", count: 100_000).utf8),
    ]

    @Test("What belongs to no symbol asked for is remarked and makes no vote", arguments: strays)
    func stray(line: [UInt8]) throws {
        let answers = read(Array(Self.other.utf8) + [0x0A] + line)
        #expect(answers.remarks.count == 1)
        #expect(answers.remarks[0].hasPrefix("line 2: "))
        #expect(answers.remarks[0].isPlain)
        let vote = answers.votes[0].vote
        #expect(vote.confidence == 0 && vote.detail["reason"] == "no-answer")
        #expect(vote.detail["message"]?.stringValue?.contains("1 of its lines") == true)
        #expect(answers.votes[1].vote.detail == ["program": .null])
    }

    @Test("A symbol that is answered twice has no opinion, even if both say the same")
    func duplicate() {
        for second in [Self.good, #"{"symbol":"NVDA","action":"sell","confidence":1}"#, #"{"symbol":"NVDA"}"#] {
            let vote = read("\(Self.good)\n\(Self.other)\n\(second)\n").votes[0].vote
            #expect(vote.action == .hold && vote.confidence == 0)
            #expect(vote.detail["reason"] == "duplicate")
            #expect(vote.detail["message"]?.stringValue?.hasSuffix("in lines 1, 3") == true)
        }
    }

    @Test("What was said before it was cut off counts; of the rest it is late")
    func cutOff() {
        let answers = read("\(Self.good)\n{\"symbol\":\"00593", .cutOff(reason: "deadline", message: "late"))
        #expect(answers.votes[0].vote.action == .buy)
        #expect(answers.votes[1].vote == .none(Self.mine, reason: "deadline", message: "late"))
    }

    @Test("Of a program that failed nothing counts")
    func void() {
        let answers = read("\(Self.good)\n\(Self.other)\n", .void(reason: "crashed", message: "gone"))
        #expect(answers.votes.allSatisfy { $0.vote == .none(Self.mine, reason: "crashed", message: "gone") })
    }

    @Test("No number of strange lines makes the remarks long, and none of them steers a terminal")
    func bounded() {
        let line = "{\"symbol\":\"\\u001b[2J\\u009b31m" + String(repeating: "A", count: 5_000) + "\"}\n"
        let answers = read(String(repeating: line, count: 500))
        #expect(answers.remarks.count == 11)
        #expect(answers.remarks.last == "and 490 more lines")
        #expect(answers.remarks.allSatisfy { $0.isPlain && $0.count < 120 })
    }

    @Test("Whatever bytes come, every symbol gets one sound vote", arguments: propertySeeds)
    func anything(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let seeds = [Self.good, Self.other, Self.refused[3].line, Self.refused[15].line].map { Array($0.utf8) }
        for _ in 0..<300 {
            var output: [UInt8] = []
            for _ in 0..<random.int(0...4) {
                var line = seeds[random.int(0...3)]
                for _ in 0..<random.int(0...3) {
                    let place = random.int(0...line.count - 1)
                    line[place] = UInt8(random.int(0...255))
                }
                output += line + [0x0A]
            }
            let answers = read(output)
            #expect(answers.votes.map(\.symbol) == Self.asked)
            for (_, vote) in answers.votes {
                #expect((0...1).contains(vote.confidence))
                let sum = vote.probabilities.hold + vote.probabilities.buy + vote.probabilities.sell
                #expect(abs(sum - 1) < 1e-5)
                #expect(vote.detail["program"] != nil || vote.detail["reason"]?.stringValue != nil)
            }
        }
    }
}
