/// A text that must not appear anywhere but where it is used: keys, passwords, addresses that carry them.
///
/// Printing, interpolating, dumping or mirroring one shows `•••`; only ``reveal()`` gives the text.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    public init(_ text: String) { self.text = text }

    /// The text itself, for the one line that sends it.
    public func reveal() -> String { text }

    public static let mask = "•••"
    public var description: String { Self.mask }
    public var debugDescription: String { Self.mask }
    public var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }
}
