/// The key of the Anthropic API. It does not give itself away: it prints, mirrors and interpolates as dots.
public struct ClaudeKey: Sendable {
    /// For the request's header only.
    let exposed: String

    /// Blanks and line ends around the key are cut. `nil` unless 16 to 512 printable ASCII characters remain: a shorter
    /// text could not be told from ordinary words where it has to be blotted out.
    public init?(_ text: String) {
        let blanks = { (character: Character) in character.isWhitespace }
        let trimmed = String(text.drop(while: blanks).reversed().drop(while: blanks).reversed())
        guard (16...512).contains(trimmed.utf8.count), trimmed.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return nil
        }
        exposed = trimmed
    }

    static let mask = "•••"

    /// The bytes with the key in them replaced by dots: for what the service and libraries say about a request.
    func blotted(_ bytes: [UInt8]) -> [UInt8] {
        let secret = Array(exposed.utf8)
        guard bytes.count >= secret.count else { return bytes }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            if bytes[position] == secret[0], bytes[position...].starts(with: secret) {
                output += Self.mask.utf8
                position += secret.count
            } else {
                output.append(bytes[position])
                position += 1
            }
        }
        return output
    }

    func blotted(_ text: String) -> String { text.replacing(exposed, with: Self.mask) }
}

extension ClaudeKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { Self.mask }
    public var debugDescription: String { Self.mask }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
