internal import Core
internal import Settings

/// Blots out of what others say about a call all that must not be shown: key, secret, token, account and login name.
struct KISVeil: Sendable {
    /// Longest first, so that a part does not break up the whole.
    private let secrets: [String]

    /// The shortest text that is blotted out; shorter ones would make ordinary words unreadable.
    private static let shortest = 4

    init(_ secrets: [String]) {
        self.secrets = Set(secrets.filter { $0.utf8.count >= Self.shortest })
            .sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }

    func adding(_ secret: Secret) -> KISVeil { KISVeil(secrets + [secret.reveal()]) }

    /// The text without secrets and control characters, cut to `limit` characters. Blotted out before it is cut, so that no
    /// half of a secret stays at the end.
    func clean(_ text: String, limit: Int = 300) -> String {
        Self.withoutTokens(secrets.reduce(text) { $0.replacing($1, with: Secret.mask) }).plain(limit: limit)
    }

    /// Access tokens begin like every JSON web token, with `{"` in base 64: blotted out also where we know of none.
    private static func withoutTokens(_ text: String) -> String {
        var rest = text[...]
        var output = ""
        while let start = rest.firstRange(of: "eyJ") {
            let word = rest[start.lowerBound...].prefix {
                $0.isASCII && ($0.isLetter || $0.isNumber || "._-+/=".contains($0))
            }
            output += rest[..<start.lowerBound] + (word.count >= 16 ? Secret.mask[...] : word)
            rest = rest[word.endIndex...]
        }
        return output + rest
    }
}

extension KISVeil: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "KISVeil" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
