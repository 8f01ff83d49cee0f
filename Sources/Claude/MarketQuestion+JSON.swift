public import Core
public import Decision

extension MarketQuestion {
    /// All that the question holds, in the form in which it is shown to the consultant.
    public var json: JSONValue {
        .object(Placeholder.allCases.map { JSONValue.Member($0.rawValue, $0.value(in: self)) })
    }

    /// Of the question alone. What is sent depends on the settings as well: see ``ClaudeRequest/digest``.
    public var digest: Digest { json.digest }
}
