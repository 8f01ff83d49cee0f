/// One mailbox: `takt <alerts@example.com>` or plain `alerts@example.com`.
public struct MailAddress: Hashable, Sendable, CustomStringConvertible {
    /// The display name; `nil` if there is none.
    public let name: String?
    /// `local@domain`, printable ASCII.
    public let address: String

    /// `nil` unless the text is `local@domain` or `Name <local@domain>`. Line breaks, blanks or brackets inside the
    /// address are refused, since they would reach the mail server's command line.
    public init?(_ text: some StringProtocol) {
        let whole = trimmed(Substring(text))
        if whole.hasSuffix(">"), let open = whole.lastIndex(of: "<") {
            let label = trimmed(whole[..<open]).filter { $0 != "\"" }
            name = label.isEmpty ? nil : label
            address = String(whole[whole.index(after: open)...].dropLast())
        } else {
            name = nil
            address = whole
        }
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), address.utf8.count <= 254,
            address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !Self.forbidden.contains($0) }),
            !(name ?? "").utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
        else { return nil }
    }

    /// Reads a list separated by commas or semicolons; `nil` if it is empty or one of them is no address.
    public static func list(_ text: some StringProtocol) -> [MailAddress]? {
        let parts = text.split { $0 == "," || $0 == ";" }.filter { !trimmed(Substring($0)).isEmpty }
        let addresses = parts.compactMap { MailAddress($0) }
        return addresses.isEmpty || addresses.count != parts.count ? nil : addresses
    }

    public var domain: String { String(address.split(separator: "@").last ?? "") }

    public var description: String { name.map { "\($0) <\(address)>" } ?? address }

    private static let forbidden = Array("<>()[],;:\\\"".utf8)
}
