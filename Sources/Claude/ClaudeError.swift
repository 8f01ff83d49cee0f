/// What is wrong with the configuration of the consultant. Whatever goes wrong while it is asked is no error: it is an
/// advice without an opinion.
public enum ClaudeError: Error, Hashable, Sendable, CustomStringConvertible {
    case parameter(name: String, value: String, allowed: String)
    /// No prices are known for the model, so no budget could be kept.
    case unknownModel(id: String, known: [String])
    /// A template names something that is not in a question.
    case unknownPlaceholder(name: String, known: [String])
    /// A brace of a template that opens or closes nothing.
    case strayBrace(template: String, excerpt: String)

    public var description: String {
        switch self {
        case .parameter(let name, let value, let allowed):
            "'claude.\(name)' is \(value), allowed is \(allowed); nothing was asked; correct it in trading.yaml"
        case .unknownModel(let id, let known):
            "no prices are known for the model '\(id)', so no budget could be kept; nothing was asked; state its prices, "
                + "or choose one of \(known.joined(separator: ", "))"
        case .unknownPlaceholder(let name, let known):
            "the prompt template names '{\(name)}', which no question has; nothing was asked; known are "
                + known.map { "{\($0)}" }.joined(separator: " ") + "; a brace itself is written twice"
        case .strayBrace(let template, let excerpt):
            "the \(template) has a brace that opens or closes nothing, near '\(excerpt)'; nothing was asked; "
                + "write a brace itself twice"
        }
    }
}
