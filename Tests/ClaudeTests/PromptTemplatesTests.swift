import Claude
import Testing

@Suite("Prompt templates")
struct PromptTemplatesTests {
    @Test("A placeholder that no question has is named, with those that there are")
    func unknownPlaceholder() {
        #expect(throws: ClaudeError.unknownPlaceholder(name: "rsi", known: PromptTemplates.placeholders)) {
            try PromptTemplates(question: "{symbol} at {rsi}")
        }
    }

    @Test(
        "A brace that opens or closes nothing is refused", arguments: ["{symbol", "symbol}", "{{symbol}", "{sym{bol}"])
    func strayBrace(template: String) {
        #expect(throws: ClaudeError.self) { try PromptTemplates(question: template) }
    }
}
