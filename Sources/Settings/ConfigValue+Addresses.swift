/// Addresses, markets and patterns. A message never repeats a text that may hold a secret.
extension ValueReader {
    func webhook(_ text: String) throws(ValueProblem) -> String {
        let host = Self.host(of: text, after: "https://")
        if let host, !host.isEmpty { return text }
        if let host = Self.host(of: text, after: "http://"), Self.isLoopback(host) { return text }
        throw ValueProblem(
            "the value is no https:// URL", hint: "write https://…; http:// only to 127.0.0.1, [::1] or localhost")
    }

    func mailServer(_ text: String) throws(ValueProblem) -> String {
        let host = Self.host(of: text, after: "smtp://") ?? Self.host(of: text, after: "smtps://")
        guard let host, !host.isEmpty else {
            throw ValueProblem(
                "the value is no address of a mail server", hint: "write smtp://user:password@host:port or smtps://…")
        }
        return text
    }

    /// `config show` prints it as it stands, so a user name or password in it is refused.
    func address(_ text: String) throws(ValueProblem) -> String {
        let rest = text.firstRange(of: "://").map { text[$0.upperBound...] } ?? text[...]
        guard !rest.prefix(while: { $0 != "/" && $0 != "?" && $0 != "#" }).contains("@") else {
            throw ValueProblem(
                "the address holds a user name or a password",
                hint: "leave out all before the '@': secrets belong in .env")
        }
        return text
    }

    func mails(_ text: String, _ shown: String) throws(ValueProblem) -> String {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            _ = try mail(Self.trimmed(part), shown)
        }
        return text
    }

    func mail(_ text: String, _ shown: String) throws(ValueProblem) -> String {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        let isGood = text.utf8.allSatisfy { $0 > 32 && $0 != 127 && !Array("<>,;\"()[]".utf8).contains($0) }
        guard isGood, parts.count == 2, !parts[0].isEmpty, Self.isDomain(parts[1]) else {
            throw ValueProblem("\(shown) is no mail address", hint: "write name@example.com")
        }
        return text
    }

    /// The markets of the original files and those the brokers name.
    static let markets = [
        "KR", "US", "CN", "HK", "JP", "VN", "EU", "ASIA", "CA", "UK", "DE", "FR", "CH", "AU", "SG", "TW", "IN", "MX",
    ]

    func market(_ text: String, _ shown: String) throws(ValueProblem) -> String {
        let upper = text.uppercased()
        guard Self.markets.contains(upper) else {
            throw ValueProblem(
                "\(shown) is no market that takt knows", hint: "known: \(Self.markets.joined(separator: ", "))")
        }
        return upper
    }

    func pattern(_ text: String, _ shown: String) throws(ValueProblem) -> String {
        guard (try? Regex(text)) != nil else {
            throw ValueProblem("\(shown) is no regular expression", hint: "write a pattern such as \"^[0-9]{6}$\"")
        }
        return text
    }

    private static func trimmed(_ text: Substring) -> String {
        let head = text.drop { $0 == " " }
        return String(head.reversed().drop { $0 == " " }.reversed())
    }

    private static func isDomain(_ text: Substring) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return labels.allSatisfy { !$0.isEmpty && !$0.hasPrefix("-") && !$0.hasSuffix("-") }
    }

    /// The host of an address with a scheme; `nil` if it has another scheme or a sign that no address has.
    private static func host(of text: String, after scheme: String) -> String? {
        guard text.lowercased().hasPrefix(scheme), text.utf8.allSatisfy({ $0 > 32 && $0 != 127 }) else { return nil }
        let authority = text.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let place = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? authority
        if place.hasPrefix("[") { return String(place.prefix { $0 != "]" }) + "]" }
        return String(place.prefix { $0 != ":" })
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host.lowercased() == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
