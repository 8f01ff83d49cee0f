import Claude
import Core
import Testing

@Suite("Settings of the consultant")
struct ClaudeSettingsTests {
    let model = try? ClaudeModel.named(ClaudeModel.standardID)

    @Test("The key is used for the wire only and prints as dots")
    func key() throws {
        let key = try ClaudeKey.fixture()
        var dumped = "\(key) \(String(reflecting: key)) \(String(describing: [key]))"
        dump(key, to: &dumped)
        #expect(!dumped.contains("sk-ant") && dumped.contains("•••"))
    }

    @Test("Blanks around a key are cut; what is no key is refused")
    func keyForms() {
        #expect(ClaudeKey(" \n\(ClaudeKey.text)\r\n") != nil)
        for text in ["", "short", "sk-ant-with blank in it", "sk-ant-kéy-of-good-length", "sk-ant-line\nbreak-in-it"] {
            #expect(ClaudeKey(text) == nil)
        }
    }

    @Test(
        "An address must be https, or http to this machine",
        arguments: [
            "http://api.anthropic.com", "http://127.0.0.1.evil.example", "ftp://127.0.0.1", "api.anthropic.com", "",
            "https://user:secret@host", "https://host?x=1", "https://host#x", "http://localhost@evil.example",
        ])
    func badURL(text: String) throws {
        let error = #expect(throws: ClaudeError.self) {
            try ClaudeSettings(model: try #require(model), baseURL: text)
        }
        #expect(error.map { "\($0)".contains("claude.base_url") && !"\($0)".contains("secret") } == true)
    }

    @Test(
        "Good addresses",
        arguments: [
            "https://api.anthropic.com", "https://gateway.example/anthropic/", "http://127.0.0.1:8080",
            "http://[::1]:1",
        ])
    func goodURL(text: String) throws {
        _ = try ClaudeSettings(model: try #require(model), baseURL: text)
    }

    @Test("Numbers out of range are refused with their key")
    func ranges() throws {
        let model = try #require(model)
        let old = try ClaudeModel.named("claude-sonnet-4-6")
        let makes: [(String, () throws -> ClaudeSettings)] = [
            ("max_tokens", { try ClaudeSettings(model: model, maxTokens: 255) }),
            ("max_tokens", { try ClaudeSettings(model: model, maxTokens: 32_001) }),
            ("deadline", { try ClaudeSettings(model: model, deadline: .milliseconds(999)) }),
            ("attempts", { try ClaudeSettings(model: model, attempts: 0) }),
            ("temperature", { try ClaudeSettings(model: old, temperature: Fraction(FixedPoint(2))) }),
            ("temperature", { try ClaudeSettings(model: model, temperature: .zero) }),
        ]
        for (name, make) in makes {
            let error = #expect(throws: ClaudeError.self) { try make() }
            #expect(error.map { "\($0)".contains("'claude.\(name)'") } == true)
        }
        #expect(try ClaudeSettings(model: old, temperature: Fraction("0.7")).temperature == Fraction("0.7"))
    }

    @Test("An unknown model needs prices; a dated id is the model of its undated one")
    func models() throws {
        #expect(throws: ClaudeError.unknownModel(id: "claude-9", known: ClaudeModel.known.map(\.id))) {
            try ClaudeModel.named("claude-9")
        }
        let prices = try ClaudePrices(input: .one, output: .one, cacheWrite: .one, cacheRead: .one)
        #expect(try ClaudeModel.named("claude-9", prices: prices).toolChoice == .offered)
        let dated = try ClaudeModel.named("claude-haiku-4-5-20251001")
        #expect(dated.id == "claude-haiku-4-5-20251001" && dated.toolChoice == .forced)
        #expect(try ClaudeModel.named("claude-haiku-4-5", prices: prices).prices == prices)
        #expect(throws: ClaudeError.self) {
            try ClaudePrices(input: -FixedPoint.one, output: .one, cacheWrite: .one, cacheRead: .one)
        }
    }

    @Test("Reading a cache is cheaper than input, writing it dearer, and output dearer than input")
    func pricesAreSound() {
        for model in ClaudeModel.known {
            let prices = model.prices
            #expect(prices.cacheRead < prices.input && prices.input < prices.cacheWrite)
            #expect(prices.input < prices.output)
        }
        #expect(Set(ClaudeModel.known.map(\.id)).count == ClaudeModel.known.count)
    }
}
