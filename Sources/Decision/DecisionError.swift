public import Core

/// What went wrong in this room. A filter that says no is no error: it is a verdict.
public enum DecisionError: EvidenceFailure, Hashable, Sendable, CustomStringConvertible {
    /// A parameter of an agent, of the sizing or of a filter that could never be meant.
    case parameter(name: String, value: String, allowed: String)
    /// Bars must be given oldest first, each once.
    case barsNotAscending(Symbol, Instant)
    case symbolTwice(Symbol)
    case noAgents
    /// A stored decision input cannot be read.
    case evidence(path: String, problem: String)
    /// The bars at hand are not those the decision was made of.
    case barsChanged(Symbol, expected: Digest, found: Digest)

    public var description: String {
        switch self {
        case .parameter(let name, let value, let allowed):
            "'\(name)' is \(value), allowed is \(allowed); nothing was decided; correct it in trading.yaml"
        case .barsNotAscending(let symbol, let at):
            "the bars of \(symbol) are not in ascending order at \(at); nothing was decided; run 'takt fetch-bars'"
        case .symbolTwice(let symbol): "\(symbol) stands twice in one decision; nothing was decided"
        case .noAgents: "the profile has no agent with a positive weight; nothing was decided; see trading.yaml"
        case .evidence(let path, let problem):
            "the stored input of a decision cannot be read: \(path) \(problem); the decision cannot be recomputed"
        case .barsChanged(let symbol, let expected, let found):
            "the bars of \(symbol) have changed since the decision (then \(expected), now \(found)); "
                + "it cannot be recomputed from them"
        }
    }
}

/// Evidence of this room's inputs.
typealias EvidenceReader = Core::EvidenceReader<DecisionError>
