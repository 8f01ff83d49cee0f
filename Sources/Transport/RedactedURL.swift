/// A URL that does not give itself away: it prints as scheme, host and port only.
///
/// A Slack webhook's path is its password, and `smtp://user:pass@host` carries one as well. The full text is reached only
/// through `exposed`, so that every place that uses it can be found.
public struct RedactedURL: Hashable, Sendable {
    /// The URL with all it contains; for the wire only.
    public let exposed: String
    /// Lower case: `https`.
    public let scheme: String
    public let host: String
    public let port: Int?
    /// From `user:password@`, percent-decoded; `nil` if the URL has none.
    public let user: String?
    public let password: String?
    /// Path, query and fragment as they stand.
    let tail: String

    /// `nil` unless the text is `scheme://[user[:password]@]host[:port][/…]` in printable ASCII without blanks.
    public init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }),
            let mark = text.firstRange(of: "://"), mark.lowerBound != text.startIndex
        else { return nil }
        let rest = text[mark.upperBound...]
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let authority = Authority(rest[..<end])
        guard let authority else { return nil }
        exposed = text
        scheme = text[..<mark.lowerBound].lowercased()
        host = authority.host
        port = authority.port
        user = authority.user
        password = authority.password
        tail = String(rest[end...])
    }

    /// `scheme://host[:port]` without user and path.
    public var origin: String { "\(scheme)://\(host)" + (port.map { ":\($0)" } ?? "") }

    /// The text with everything secret in this URL replaced by dots: for what libraries and servers say about it.
    public func scrub(_ text: String) -> String {
        secrets.reduce(text) { $0.replacing($1, with: Self.mask) }
    }

    static let mask = "•••"

    /// Longest first, so that a part does not break up the whole. Short path components are no secrets (`services`, `v1`).
    private var secrets: [String] {
        let components = tail.split { "/?#&=".contains($0) }.filter { $0.utf8.count >= 9 }.map(String.init)
        let whole = tail.utf8.count > 1 ? [tail] : []
        let login = [user, password].compactMap { $0 }.filter { !$0.isEmpty }
        return (whole + components + login).sorted { $0.utf8.count > $1.utf8.count }
    }
}

extension RedactedURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `https://hooks.slack.com/•••`
    public var description: String {
        origin + (tail.isEmpty || tail == "/" ? "" : "/\(Self.mask)")
    }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}

private struct Authority {
    var user: String?
    var password: String?
    let host: String
    var port: Int?

    init?(_ text: Substring) {
        var place = text
        if let at = text.lastIndex(of: "@") {
            let login = text[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = login.first.flatMap(Self.decoded) else { return nil }
            user = name
            if login.count == 2 {
                guard let word = Self.decoded(login[1]) else { return nil }
                password = word
            }
            place = text[text.index(after: at)...]
        }
        // The colons inside an IPv6 literal's brackets are not the port's.
        let bracket = place.lastIndex(of: "]") ?? place.startIndex
        if let colon = place[bracket...].lastIndex(of: ":") {
            guard let number = Int(place[place.index(after: colon)...]), (1...65_535).contains(number) else {
                return nil
            }
            port = number
            place = place[..<colon]
        }
        guard !place.isEmpty else { return nil }
        host = String(place)
    }

    /// `nil` for a broken percent sequence, and for bytes that are no UTF-8.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest.removeFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
