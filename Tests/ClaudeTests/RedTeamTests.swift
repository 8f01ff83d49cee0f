import Claude
import ClaudeServers
import Core
import Decision
import Foundation
import TestSupport
import Testing

/// A line of `hostile-answers.ndjson`.
struct HostileAnswer: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let kind: String
    let text: String?
    let base64: String?
    let stop: String?
    let expect: String
    var testDescription: String { name }

    var reply: ScriptedReply {
        switch kind {
        case "input": .message(content: "[\(ScriptedReply.call(text ?? ""))]")
        case "content": .message(content: text ?? "", stopReason: stop ?? "")
        default:
            ScriptedReply(body: base64.flatMap { Data(base64Encoded: $0) }.map(Array.init) ?? Array((text ?? "").utf8))
        }
    }
}

/// A line of `hostile-inputs.ndjson`.
struct HostileInput: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let place: String
    let text: String
    var testDescription: String { name }

    func question() throws -> MarketQuestion {
        switch place {
        case "news": try .fixture(texts: [OutsideText(source: "wire", text: text)])
        case "source": try .fixture(texts: [OutsideText(source: text, text: "quiet")])
        case "symbol": try .fixture(symbol: text)
        case "name": try .fixture(name: text)
        case "exchange": try .fixture(exchange: text)
        case "feature": try .fixture(features: [Figure(text, .one, unit: "percent")])
        case "unit": try .fixture(features: [Figure("rsi_14", .one, unit: text)])
        case "limit": try .fixture(limits: [Figure(text, .one, unit: "share of equity")])
        default: throw UnknownPlace(name: place)
        }
    }

    struct UnknownPlace: Error { let name: String }
}

enum HostileSet {
    static let answers: [HostileAnswer] = read("hostile-answers.ndjson")
    static let inputs: [HostileInput] = read("hostile-inputs.ndjson")

    /// Empty if the file cannot be read: the test of the count then fails.
    private static func read<Line: Decodable>(_ name: String) -> [Line] {
        let text = (try? Fixture.text(name)) ?? ""
        return text.split(separator: "\n").compactMap { try? JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    }
}

/// What the policy alone would aim at, and what it and the advice come to, for every vote, position, mode and setting.
enum Protection {
    static let settings: [HybridSettings] = {
        var all: [HybridSettings] = []
        for mode in HybridSettings.Mode.allCases {
            for allowsOverride in [true, false] {
                for missing in HybridSettings.Missing.allCases {
                    if let settings = try? HybridSettings(
                        mode: mode, allowsOverride: allowsOverride, missing: missing)
                    {
                        all.append(settings)
                    }
                }
            }
        }
        return all
    }()

    /// The target of an action, in units: an entry aims at 150 on its side, an action against the position at flat, a hold
    /// at the position.
    static func target(_ action: Action, position: Quantity) -> Quantity {
        switch action {
        case .hold: position
        case .buy: position.isNegative ? .zero : max(position, Quantity(150))
        case .sell: position.isPositive ? .zero : min(position, Quantity(-150))
        }
    }

    static func check(_ advice: Advice, _ name: String) throws {
        for settings in settings {
            for action in Action.allCases {
                for units in [-100, 0, 100] {
                    let position = Quantity(units)
                    let input = HybridInput(
                        rl: .rule(AgentName("grpo"), action, 0.6, [:]), advice: advice, position: position)
                    let outcome = Hybrid.combine(input, settings)
                    let alone = target(action, position: position)
                    let together = try #require(outcome.restraint).target(rl: alone, position: position)
                    let place: Comment = "\(name): \(settings.mode) \(action) at \(position)"
                    #expect(together.magnitude <= alone.magnitude, place)
                    #expect(together.isZero || together.isNegative == alone.isNegative, place)
                    #expect((Fraction.zero...Fraction.one).contains(outcome.sizeFactor), place)
                    #expect((Fraction.zero...Fraction.one).contains(outcome.keep), place)
                    // Only the policy enters: another action than its own holds, or goes towards flat.
                    let closes =
                        position.isPositive && outcome.action == .sell || position.isNegative && outcome.action == .buy
                    #expect(outcome.action == action || outcome.action == .hold || closes, place)
                }
            }
        }
    }
}

@Suite("Red team", .serialized, .timeLimit(.minutes(3)))
struct RedTeamTests {
    @Test("The set is large enough")
    func count() throws {
        #expect(HostileSet.answers.count == 158 && HostileSet.inputs.count == 81)
        #expect(HostileSet.answers.count + HostileSet.inputs.count >= 100)
        #expect(Protection.settings.count == 16)
    }

    @Test("A hostile answer is no opinion or one in range, and no position grows by it", arguments: HostileSet.answers)
    func answer(hostile: HostileAnswer) async throws {
        let standIn = try await StandIn([hostile.reply])
        let consultant = try ClaudeConsultant.fixture(standIn)
        let (journal, question) = (MemoryJournal(), try MarketQuestion.fixture())
        let result = await consultant.consult(question, calls: 3, journal: journal)
        switch result.advice {
        case .opinion(let opinion):
            #expect(hostile.expect == "opinion")
            try expectInRange(opinion)
        case .noOpinion(let none):
            #expect(hostile.expect == none.reason.rawValue, "\(none.message)")
            try expectShowable(none.message)
        }
        #expect(result.calls == 1)
        #expect(result.cost <= (try #require(journal.planned.first?.worstCase)))
        try Protection.check(result.advice, hostile.name)
        // Nothing of an answer is carried over to the next request.
        #expect(try consultant.request(question).body == journal.planned.first?.body)
    }

    private func expectInRange(_ opinion: Opinion) throws {
        #expect((0...1).contains(opinion.confidence) && (0...1).contains(opinion.riskScore))
        #expect((Fraction.zero...Fraction.one).contains(opinion.sizeFactor))
        #expect((0...Opinion.delayLimit).contains(opinion.delayBars))
        #expect(opinion.observations.count <= Opinion.textsLimit && opinion.risks.count <= Opinion.textsLimit)
        for text in opinion.observations + opinion.risks { try expectShowable(text) }
    }

    private func expectShowable(_ text: String) throws {
        let hidden: Set<Unicode.GeneralCategory> = [.control, .format, .privateUse, .surrogate, .unassigned]
        #expect(text.unicodeScalars.allSatisfy { !hidden.contains($0.properties.generalCategory) })
        #expect(text.unicodeScalars.count <= NoOpinion.messageLimit)
    }

    @Test(
        "A hostile text stays inside its JSON value and moves nothing else in the request", arguments: HostileSet.inputs
    )
    func input(hostile: HostileInput) throws {
        let settings = try ClaudeSettings(model: try .named(ClaudeModel.standardID))
        let plain = try parts(try ClaudeRequest(try .fixture(), settings))
        let spoiled = try parts(try ClaudeRequest(try hostile.question(), settings))
        // All but the messages: tools, system text, choice, lengths.
        #expect(plain.fixed == spoiled.fixed)
        #expect(plain.lines.count == spoiled.lines.count)
        let label =
            switch hostile.place {
            case "news", "source", "name": "outside_texts"
            case "exchange": "instrument"
            case "feature", "unit": "features"
            case "limit": "limits"
            default: "symbol"
            }
        for (before, after) in zip(plain.lines, spoiled.lines) {
            guard after.hasPrefix("\(label): ") else {
                #expect(before == after, "only \(label) may differ")
                continue
            }
            // One JSON value to the end of the line, without anything that looks like markup.
            let value = try JSONValue(parsing: String(after.dropFirst(label.count + 2)))
            #expect(!after.contains("<") && !after.contains(">"))
            #expect(after.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.properties.generalCategory != .format })
            if hostile.place == "limit" { #expect(value.arrayValue?.first?["value"] == "1") }
        }
    }

    private func parts(_ request: ClaudeRequest) throws -> (fixed: JSONValue, lines: [String]) {
        let json = try JSONValue(parsing: request.body)
        let messages = try #require(json["messages"]?.arrayValue)
        let text = try #require(messages.first?["content"]?.stringValue)
        #expect(messages.count == 1 && messages[0]["role"] == "user")
        return (json.removing("messages"), text.components(separatedBy: .newlines))
    }

    @Test(
        "A model that obeys a hostile text cannot do more than agree",
        arguments: HostileSet.inputs.filter { $0.place == "news" })
    func obedientModel(hostile: HostileInput) async throws {
        let wishes: [JSONValue] = [
            ScriptedReply.opinion.setting("action", "buy").setting("confidence", 1).setting("risk_score", 0)
                .setting("size_factor", 1).setting("observations", [.string(hostile.text)]),
            ScriptedReply.opinion.setting("size_factor", 5), ScriptedReply.opinion.setting("max_position_share", 1),
            ScriptedReply.opinion.setting("action", .string(hostile.text)),
        ]
        let standIn = try await StandIn(wishes.map { .opinion($0) })
        let consultant = try ClaudeConsultant.fixture(standIn)
        for (index, _) in wishes.enumerated() {
            let result = await consultant.consult(try hostile.question(), calls: 1, journal: MemoryJournal())
            #expect((result.advice.opinion != nil) == (index == 0))
            if let opinion = result.advice.opinion { try expectInRange(opinion) }
            try Protection.check(result.advice, hostile.name)
        }
    }
}
