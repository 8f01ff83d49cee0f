/// Something for each of some paths.
///
/// The dictionary's keys are texts, not paths: a type of key that the process has not used yet costs the first lookup a
/// search through every conformance of the program.
struct PathTable<Value: Sendable>: Sendable {
    private(set) var byText: [String: Value]

    /// - Parameter count: so many fit before the table grows.
    init(minimumCapacity count: Int = 0) { byText = Dictionary(minimumCapacity: count) }

    subscript(path: ConfigPath) -> Value? {
        get { byText[path.text] }
        set { byText[path.text] = newValue }
    }

    subscript(path: ConfigPath, default standard: @autoclosure () -> Value) -> Value {
        get { byText[path.text] ?? standard() }
        _modify { yield &byText[path.text, default: standard()] }
    }
}

/// A path of keys. `*` in a path of the table stands for any name, `[]` for any item of a list.
///
/// One text holds the whole path, since hundreds are made and looked up at every start: a list of parts would cost an
/// allocation and a hash for each of them.
struct ConfigPath: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The parts with dots between them. A dot that belongs to a name (the share `BRK.B`) stands as ``innerDot``.
    let text: String

    private static let dot = UInt8(ascii: ".")
    /// The unit separator: YAML has it only as an escape, no key is spelt with it.
    private static let innerDot = UInt8(0x1F)

    static let root = ConfigPath("")

    init(stringLiteral dotted: String) { text = dotted }
    /// A text of the table, or one that was joined here.
    init(pattern text: String) { self.text = text }

    init(_ parts: [String]) { self = parts.reduce(.root) { $0.appending($1) } }

    func appending(_ part: String) -> ConfigPath {
        let part = Self.part(part)
        return text.isEmpty ? ConfigPath(pattern: part) : appending(dotted: part)
    }

    /// A name as it stands in a path.
    static func part(_ name: String) -> String { replacing(dot, by: innerDot, in: name) }

    /// The keys of a dotted text below this path.
    func appending(dotted keys: String) -> ConfigPath {
        var joined = ""
        joined.reserveCapacity(text.utf8.count + 1 + keys.utf8.count)
        joined += text
        joined += "."
        joined += keys
        return ConfigPath(pattern: joined)
    }

    var parts: [String] {
        guard !text.isEmpty else { return [] }
        return text.utf8.split(separator: Self.dot, omittingEmptySubsequences: false).map { part in
            Self.replacing(Self.innerDot, by: Self.dot, in: String(Substring(part)))
        }
    }

    /// The block and the last part, the latter as it stands in ``text``. The root has neither.
    var split: (block: Substring, last: Substring)? { Self.split(text[...]) }

    static func split(_ text: Substring) -> (block: Substring, last: Substring)? {
        guard !text.isEmpty else { return nil }
        guard let end = text.utf8.lastIndex(of: dot) else { return (text[..<text.startIndex], text) }
        return (text[..<end], text[text.utf8.index(after: end)...])
    }

    /// `trading.profiles.us-5m.symbols`, `routing.rules[0].broker`.
    var description: String {
        let isPlain = !text.utf8.contains { $0 == Self.innerDot || $0 == UInt8(ascii: "[") }
        if isPlain { return text }
        return parts.reduce(into: "") { text, part in
            text += text.isEmpty || part.hasPrefix("[") ? part : ".\(part)"
        }
    }

    private static func replacing(_ byte: UInt8, by other: UInt8, in text: String) -> String {
        guard text.utf8.contains(byte) else { return text }
        return String(decoding: text.utf8.map { $0 == byte ? other : $0 }, as: UTF8.self)
    }
}
