import Claude
import Core
import Decision
import TestSupport
import Testing

@Suite("The request")
struct ClaudeRequestTests {
    func json(_ question: MarketQuestion, model: String = ClaudeModel.standardID) throws -> JSONValue {
        try JSONValue(parsing: try ClaudeRequest(question, try ClaudeSettings(model: try .named(model))).body)
    }

    func text(_ json: JSONValue) throws -> String {
        try #require(json["messages"]?.arrayValue?.first?["content"]?.stringValue)
    }

    @Test("The same question gives the same bytes, another one others")
    func deterministic() throws {
        let settings = try ClaudeSettings(model: try .named(ClaudeModel.standardID))
        let (one, two) = (try ClaudeRequest(try .fixture(), settings), try ClaudeRequest(try .fixture(), settings))
        #expect(one == two)
        #expect(try MarketQuestion.fixture().digest == MarketQuestion.fixture().digest)
        let questions = [
            try MarketQuestion.fixture(symbol: "AMD"), try .fixture(bars: 4), try .fixture(features: []),
            try .fixture(limits: []), try .fixture(texts: []), try .fixture(name: "Nvidia"), try .fixture(),
        ]
        #expect(Set(questions.map(\.digest)).count == questions.count)
        #expect(Set(try questions.map { try ClaudeRequest($0, settings).digest }).count == questions.count)
    }

    @Test("What is fixed comes first and is the same for every question")
    func fixedPart() throws {
        let settings = try ClaudeSettings(model: try .named(ClaudeModel.standardID))
        let bodies = [try MarketQuestion.fixture(), try .fixture(symbol: "AMD", bars: 40)].map {
            (try? ClaudeRequest($0, settings))?.body ?? []
        }
        let mark = Array(#""messages":"#.utf8)
        let heads = bodies.compactMap { body in body.firstRange(of: mark).map { Array(body[..<$0.lowerBound]) } }
        #expect(heads.count == 2 && heads[0] == heads[1])
        #expect(String(decoding: heads[0], as: UTF8.self).contains(#""cache_control":{"type":"ephemeral"}"#))
        // The least length that is cached is 1,024 tokens; a token of English is some four bytes, seldom five.
        #expect(heads[0].count > 6 * 1024)
    }

    @Test("The call is forced, once, where the model takes that", arguments: ClaudeModel.known.map(\.id))
    func toolChoice(id: String) throws {
        let model = try ClaudeModel.named(id)
        let json = try json(try .fixture(), model: id)
        let choice = json["tool_choice"]
        #expect(choice?["disable_parallel_tool_use"] == true)
        #expect(choice?["type"]?.stringValue == (model.toolChoice == .forced ? "tool" : "auto"))
        #expect(choice?["name"]?.stringValue == (model.toolChoice == .forced ? "give_opinion" : nil))
        #expect(json["thinking"]?["type"]?.stringValue == (model.thinking == .unsaid ? nil : model.thinking.rawValue))
        #expect(json["tools"]?.arrayValue?.first?["strict"] == true)
        #expect(json["temperature"] == nil && json["max_tokens"] == 2048 && json["model"]?.stringValue == id)
    }

    @Test("The temperature is sent as configured")
    func temperature() throws {
        let settings = try ClaudeSettings(model: try .named("claude-sonnet-4-6"), temperature: try Fraction("0.7"))
        let body = String(decoding: try ClaudeRequest(try .fixture(), settings).body, as: UTF8.self)
        #expect(body.contains(#""temperature":0.7,"#))
    }

    @Test("The schema has the members, words and ranges of an opinion, and no other", arguments: [true, false])
    func schema(isStrict: Bool) throws {
        let prices = try ClaudePrices(input: .one, output: .one, cacheWrite: .one, cacheRead: .one)
        let model = try ClaudeModel(
            id: "x", prices: prices, toolChoice: .forced, thinking: .unsaid, takesTemperature: true, isStrict: isStrict)
        let body = try ClaudeRequest(try .fixture(), try ClaudeSettings(model: model)).body
        let schema = try #require(try JSONValue(parsing: body)["tools"]?.arrayValue?.first?["input_schema"])
        var keys: [String] = []
        if case .object(let properties) = schema["properties"] { keys = properties.map(\.key) }
        #expect(keys == Opinion.keys)
        #expect(schema["required"]?.arrayValue?.compactMap(\.stringValue) == Opinion.keys)
        #expect(schema["additionalProperties"] == false)
        let actions = schema["properties"]?["action"]?["enum"]?.arrayValue?.compactMap(\.stringValue)
        #expect(actions == SuggestedAction.allCases.map(\.rawValue))
        // A strict schema states no ranges: the service would refuse it.
        let delay = schema["properties"]?["delay_bars"]
        #expect(delay?["maximum"]?.intValue == (isStrict ? nil : Int64(Opinion.delayLimit)))
        #expect(schema["properties"]?["size_factor"]?["minimum"]?.intValue == (isStrict ? nil : 0))
        #expect(schema["properties"]?["risks"]?["maxItems"]?.intValue == (isStrict ? nil : Int64(Opinion.textsLimit)))
        #expect(delay?["description"]?.stringValue?.contains("0 to \(Opinion.delayLimit)") == true)
    }

    @Test("The question states raw values with units, the bar length, the position and the limits")
    func question() throws {
        let text = try text(try json(try .fixture(bars: 2)))
        for line in [
            #"symbol: "NVDA""#, #"timeframe: "5m""#, #"bar_close: "2026-11-20T15:35:00Z""#,
            #"current_price: {"close":"100.07","unit":"USD per unit"}"#,
            #"["2026-11-20T15:30:00Z","100.07","100.57","99.57","100.07","1000"]"#,
            #"features: [{"name":"rsi_14","value":"62.5","unit":"0 to 100"}]"#,
            #"position: {"quantity_units":"100","average_cost":"99.5","unrealised_pnl":"78 USD","bars_held":3}"#,
            #"equity: {"amount":"100000","unit":"USD"}"#,
            #"limits: [{"name":"max_position_share","value":"0.3","unit":"share of equity"}]"#,
            #""action":"buy","confidence":0.55"#,
            #""texts":[{"source":"wire","text":"Chip demand is steady"}]"#,
        ] { #expect(text.contains(line), "\(line)") }
    }

    @Test(
        "Of too much the newest bars and the first of the others are kept, within the bytes of a request",
        arguments: ["x", "\u{1F600}", "<", "\"", "\\", "\u{1B}"])
    func bounded(character: String) throws {
        let long = String(repeating: character, count: 2000)
        let question = try MarketQuestion.fixture(
            symbol: long, name: long, exchange: long, bars: 500,
            features: (0..<500).map { _ in Figure(long, .pi, unit: long) },
            limits: (0..<500).map { _ in Figure(long, .pi, unit: long) },
            texts: (0..<500).map { _ in OutsideText(source: long, text: long) })
        #expect(question.bars.count == 60 && question.bars.last?.openAt == Instant.fixture.advanced(bySeconds: -300))
        let request = try ClaudeRequest(question, try ClaudeSettings(model: try .named(ClaudeModel.standardID)))
        #expect(request.body.count < ClaudeRequest.bytesLimit)
    }

    @Test("A number that is not finite is said to be missing")
    func notFinite() {
        #expect(Figure("x", .nan, unit: "").value == "not available")
        #expect(Figure("x", -.infinity, unit: "").value == "not available")
    }

    @Test("Templates of one's own, longer than a request may be, are no request")
    func tooLong() throws {
        let prompts = try PromptTemplates(
            fixedPart: String(repeating: "\u{1F600}", count: 20_000),
            question: String(repeating: "\u{1F600}", count: 19_000) + "{symbol}")
        let settings = try ClaudeSettings(model: try .named(ClaudeModel.standardID), prompts: prompts)
        #expect(throws: ClaudeError.self) { try ClaudeRequest(try .fixture(), settings) }
    }

    @Test("Braces written twice are braces, and a brace in a value is not read again")
    func braces() throws {
        let prompts = try PromptTemplates(question: "{{symbol}} is {symbol} {{{timeframe}}}")
        let settings = try ClaudeSettings(model: try .named(ClaudeModel.standardID), prompts: prompts)
        let body = try ClaudeRequest(try .fixture(symbol: "{limits}"), settings).body
        #expect(try text(try JSONValue(parsing: body)) == #"{symbol} is "{limits}" {"5m"}"#)
    }
}
