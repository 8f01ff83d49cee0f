import Core
import Decision

/// The words of a request: the fixed part, which is the same for every question and is cached by the service, and the
/// question, into which the values go.
public struct PromptTemplates: Hashable, Sendable {
    /// The system text. It has no placeholders: one would make it another text every time.
    public let fixedPart: String
    /// With placeholders in braces: `{symbol}`. A brace itself is written twice.
    public let question: String

    /// The names that may stand in braces in ``question``.
    public static let placeholders = Placeholder.allCases.map(\.rawValue)
    /// Unicode scalars of a template.
    public static let lengthLimit = 20_000

    public static let standard = PromptTemplates(
        checked: StandardPrompt.fixedPart, StandardPrompt.question)

    /// - Throws: ``ClaudeError/unknownPlaceholder(name:known:)``, ``ClaudeError/strayBrace(template:excerpt:)``, or
    ///   ``ClaudeError/parameter(name:value:allowed:)`` for a text that is empty or too long.
    public init(fixedPart: String = StandardPrompt.fixedPart, question: String) throws(ClaudeError) {
        for (name, text) in [("system_prompt", fixedPart), ("market_analysis_prompt", question)] {
            guard (1...Self.lengthLimit).contains(text.unicodeScalars.count) else {
                throw .parameter(
                    name: name, value: "\(text.unicodeScalars.count) characters long",
                    allowed: "1 to \(Self.lengthLimit)")
            }
        }
        _ = try Self.parts(question)
        self.init(checked: fixedPart, question)
    }

    private init(checked fixedPart: String, _ question: String) {
        self.fixedPart = fixedPart
        self.question = question
    }

    /// The question with its values. One pass: a brace in a value is never read as a placeholder.
    func filled(with question: MarketQuestion) -> String {
        // The template was read when it was made, so it can be read again.
        guard let parts = try? Self.parts(self.question) else { return self.question }
        return parts.reduce(into: "") { text, part in
            switch part {
            case .words(let words): text += words
            case .value(let placeholder): text += Self.harmless(placeholder.value(in: question).text)
            }
        }
    }

    /// JSON without angle brackets outside of escapes, so that no value can look like markup. In JSON they stand in strings
    /// only, where the escape means the same.
    private static func harmless(_ json: String) -> String {
        json.replacing("<", with: #"\u003c"#).replacing(">", with: #"\u003e"#)
    }

    enum Part: Hashable {
        case words(String)
        case value(Placeholder)
    }

    static func parts(_ template: String) throws(ClaudeError) -> [Part] {
        var parts: [Part] = []
        var words = ""
        var rest = template[...]
        while let first = rest.first {
            if rest.hasPrefix("{{") || rest.hasPrefix("}}") {
                words.append(first)
                rest = rest.dropFirst(2)
            } else if first == "{" {
                guard let end = rest.firstIndex(of: "}") else { throw stray(rest) }
                let name = rest[rest.index(after: rest.startIndex)..<end]
                guard name.utf8.count <= 60, !name.contains("{"), !name.contains("\n") else { throw stray(rest) }
                guard let placeholder = Placeholder(rawValue: String(name)) else {
                    throw .unknownPlaceholder(name: String(name), known: placeholders)
                }
                if !words.isEmpty { parts.append(.words(words)) }
                words = ""
                parts.append(.value(placeholder))
                rest = rest[rest.index(after: end)...]
            } else if first == "}" {
                throw stray(rest)
            } else {
                words.append(first)
                rest = rest.dropFirst()
            }
        }
        if !words.isEmpty { parts.append(.words(words)) }
        return parts
    }

    private static func stray(_ rest: Substring) -> ClaudeError {
        .strayBrace(template: "market_analysis_prompt", excerpt: String(rest.prefix(24)).plain(limit: 24))
    }
}
