import Core
import TestSupport
import Testing

@testable import Decision

@Suite("Advice")
struct AdviceTests {
    private static let sound = """
        {"action":"reduce","confidence":0.8,"risk_score":1,"size_factor":0.5,"delay_bars":2,"veto":false,\
        "observations":["Falling volume."],"risks":[]}
        """

    @Test("An opinion reads back what it wrote, also through text", arguments: propertySeeds)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let advice = Advice.opinion(try generator.opinion())
            #expect(try Advice(json: try JSONValue(parsing: advice.json.text)) == advice)
        }
        for reason in NoOpinion.Reason.allCases {
            let advice = Advice.noOpinion(reason, "because")
            #expect(try Advice(json: try JSONValue(parsing: advice.json.text)) == advice)
        }
    }

    @Test("An answer is read by its schema, whole numbers among the shares")
    func reads() throws {
        let opinion = try Opinion(json: try JSONValue(parsing: Self.sound))
        #expect(opinion.action == .reduce && opinion.riskScore == 1 && opinion.delayBars == 2 && !opinion.isVeto)
        #expect(try opinion.sizeFactor == Fraction("0.5") && opinion.observations == ["Falling volume."])
    }

    /// One change to the sound answer each; the member that the message has to name.
    @Test(
        "What breaks the schema is refused by the member's name",
        arguments: [
            ("\"reduce\"", "\"buy_more\"", "action"), ("\"reduce\"", "\"Reduce\"", "action"),
            ("\"reduce\"", "1", "action"), ("0.8", "1.0000001", "confidence"), ("0.8", "-0.1", "confidence"),
            ("0.8", "\"0.8\"", "confidence"), ("0.8", "null", "confidence"), ("0.8", "1e300", "confidence"),
            (":1,", ":true,", "risk_score"), ("0.5", "5", "size_factor"), ("0.5", "-0.5", "size_factor"),
            ("0.5", "[0.5]", "size_factor"), (":2,", ":2.5,", "delay_bars"), (":2,", ":79,", "delay_bars"),
            (":2,", ":-1,", "delay_bars"), ("false", "\"false\"", "veto"), ("false", "0", "veto"),
            ("[\"Falling volume.\"]", "\"Falling volume.\"", "observations"),
            ("[\"Falling volume.\"]", "[1]", "observations"), ("\"risks\":[]", "\"risks\":{}", "risks"),
            (",\"risks\":[]", "", "risks"), ("\"veto\":false,", "", "veto"),
            ("\"risks\":[]", "\"risks\":[],\"quantity\":100", "quantity"),
            ("\"risks\":[]", "\"risks\":[],\"Action\":\"buy\"", "Action"),
        ])
    func refuses(part: String, replacement: String, name: String) throws {
        let text = Self.sound.replacing(part, with: replacement, maxReplacements: 1)
        try #require(text != Self.sound)
        let error = try #require(throws: AdviceError.self) { try Opinion(json: try JSONValue(parsing: text)) }
        #expect(error.description.contains(name))
    }

    @Test("Neither is an advice with two contents, or with none")
    func envelopes() throws {
        for text in [
            "{}", "[]", "{\"opinion\":\(Self.sound),\"no_opinion\":{\"reason\":\"deadline\",\"message\":\"\"}}",
            "{\"no_opinion\":{\"reason\":\"tired\",\"message\":\"\"}}", "{\"no_opinion\":{\"reason\":\"deadline\"}}",
        ] {
            #expect(throws: AdviceError.self) { try Advice(json: try JSONValue(parsing: text)) }
        }
    }

    @Test("Texts are cut, cleaned of what steers a terminal or hides, and limited in number")
    func texts() throws {
        let opinion = try Opinion(
            action: .hold, confidence: 0, riskScore: 0,
            observations: [
                "a\u{1B}[31mred\u{7}", "line\nbreak\t\ttab", "\u{202E}evil\u{2066}", "z\u{200B}w\u{FEFF}\u{E0041}",
                "  ", String(repeating: "x", count: 10_000),
            ], risks: Array(repeating: "r", count: 100))
        #expect(opinion.observations.prefix(4) == ["a[31mred", "line break tab", "evil", "zw"])
        #expect(opinion.observations.count == 5 && opinion.observations[4].unicodeScalars.count == 240)
        #expect(opinion.observations[4].hasSuffix("…") && opinion.risks.count == 8)
        #expect(DisplayText.clean("four", limit: 4) == "four" && DisplayText.clean("fives", limit: 4) == "fiv…")
        #expect(DisplayText.clean("any", limit: 0) == "")
    }
}
