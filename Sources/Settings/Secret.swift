/// A text that must not appear anywhere but where it is used: keys, passwords, addresses that carry them.
///
/// Printing, interpolating, dumping or mirroring one shows `•••`; only ``reveal()`` gives the text.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    public init(_ text: String) { self.text = text }

    /// The text itself, for the one line that sends it.
    public func reveal() -> String { text }

    public static let mask = "•••"

    /// The number of an account: `••••••••-01` for `12345678-01`, so that one's own accounts can be told apart.
    ///
    /// Dashes and the last two characters stay. A number so short that two characters would say most of it shows
    /// nothing.
    public static func maskedAccount(_ number: String) -> String {
        guard number.count >= 6 else { return mask }
        return String(number.dropLast(2).map { $0 == "-" ? $0 : "•" }) + number.suffix(2)
    }

    public var description: String { Self.mask }
    public var debugDescription: String { Self.mask }
    public var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }
}
