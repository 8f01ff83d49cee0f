/// The four configuration files.
enum ConfigFile: String, CaseIterable, Sendable {
    case brokers = "brokers.yaml"
    case trading = "trading.yaml"
    case risk = "risk.yaml"
    case symbols = "symbols.yaml"
}

/// A path of keys. `*` in a path of the table stands for any name, `[]` for any item of a list.
struct ConfigPath: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    let parts: [String]

    init(_ parts: [String]) { self.parts = parts }
    init(_ dotted: String) { parts = dotted.split(separator: ".").map(String.init) }
    init(stringLiteral dotted: String) { self.init(dotted) }

    func appending(_ part: String) -> ConfigPath { ConfigPath(parts + [part]) }

    /// `trading.profiles.us-5m.symbols`, `routing.rules[0].broker`.
    var description: String {
        parts.reduce(into: "") { text, part in
            text += text.isEmpty || part.hasPrefix("[") ? part : ".\(part)"
        }
    }
}

/// What a value must look like.
indirect enum ValueType: Hashable, Sendable {
    case bool
    case integer(ClosedRange<Int>)
    /// An exact decimal between two bounds, both included.
    case decimal(String, String)
    /// A share of one; the bounds are included. `0.05`, never `5` or `5%`.
    case fraction(String, String)
    case text
    /// A text that is masked everywhere.
    case secret
    /// The address of a webhook: https, or http to this computer. A secret.
    case webhook
    /// The address of a mail server, smtp:// or smtps://. A secret.
    case mailServer
    /// One mail address.
    case mail
    /// Mail addresses, separated by commas.
    case mails
    /// A market by its short name: KR, US.
    case market
    /// A regular expression.
    case pattern
    /// One of a few words; `_` and `-` are the same, case does not matter.
    case choice([String])
    case symbol
    case currency
    case exchange
    case zone
    case timeframe
    case date
    /// `09:30`
    case clock
    case instant
    case list(ValueType)
    /// Whatever stands there, uninterpreted.
    case anything

    /// Whether a value of the type is masked everywhere and never quoted.
    var isSecret: Bool { self == .secret || self == .webhook || self == .mailServer }
}

/// One key of the configuration: the table of these drives reading, checking, hints, `config show` and the docs.
struct KeyEntry: Sendable {
    enum Use: Sendable {
        case used
        /// Known from the original files; its value is checked but has no effect.
        case declared
        /// Another way to write the key given.
        case alias(of: ConfigPath)
    }

    /// `nil`: no YAML key, only flag and environment.
    let file: ConfigFile?
    let path: ConfigPath
    let type: ValueType
    let unit: String?
    /// As one would write it in YAML; `nil` means absent.
    let standard: String?
    let environment: EnvironmentName?
    let use: Use
    let doc: String

    static func key(
        _ file: ConfigFile?, _ path: ConfigPath, _ type: ValueType, default standard: String? = nil,
        unit: String? = nil,
        environment: EnvironmentName? = nil, _ doc: String
    ) -> KeyEntry {
        KeyEntry(
            file: file, path: path, type: type, unit: unit, standard: standard, environment: environment, use: .used,
            doc: doc)
    }

    static func alias(_ file: ConfigFile, _ path: ConfigPath, _ type: ValueType, of other: ConfigPath) -> KeyEntry {
        KeyEntry(
            file: file, path: path, type: type, unit: nil, standard: nil, environment: nil, use: .alias(of: other),
            doc: "Another way to write \(other).")
    }

    /// Declared keys below one block: a short notation, since there are many.
    static func declared(_ file: ConfigFile, _ block: ConfigPath, _ keys: [(String, ValueType)]) -> [KeyEntry] {
        keys.map { name, type in
            KeyEntry(
                file: file, path: ConfigPath(block.parts + ConfigPath(name).parts), type: type, unit: nil,
                standard: nil, environment: nil, use: .declared,
                doc: "Accepted from the original files; without effect.")
        }
    }

    var isSecret: Bool { type.isSecret }
}

/// All keys, and the tree in which a reader finds them.
enum KeyTable {
    /// In the order in which `config show` lists them. Aliases of one key stand in their order of precedence.
    static let entries: [KeyEntry] = joined(
        runtime, trading, tradingDeclared, decisionAndOrders, paper, brokers, brokersDeclared, risk, riskAliases,
        riskDeclared, alerts, symbols, symbolsDeclared)

    /// One list of several. A chain of `+` over array literals takes the type checker minutes.
    static func joined(_ parts: [KeyEntry]...) -> [KeyEntry] { Array(parts.joined()) }

    static let root: KeyNode = entries.reduce(into: KeyNode()) { root, entry in
        guard entry.file != nil else { return }
        root.insert(entry, at: entry.path.parts[...])
    }

    /// The other ways to write a key, most binding first.
    static let aliases: [ConfigPath: [ConfigPath]] = entries.reduce(into: [:]) { result, entry in
        guard case .alias(let target) = entry.use else { return }
        result[target, default: []].append(entry.path)
    }
}

/// The table as a tree: what may stand below a block.
struct KeyNode: Sendable {
    private(set) var entry: KeyEntry?
    /// The file in which the block or key belongs.
    private(set) var file: ConfigFile?
    private(set) var children: [String: KeyNode] = [:]

    mutating func insert(_ entry: KeyEntry, at parts: ArraySlice<String>) {
        if file == nil { file = entry.file }
        guard let first = parts.first else {
            self.entry = entry
            return
        }
        children[first, default: KeyNode()].insert(entry, at: parts.dropFirst())
    }

    /// What stands below a name, by its own entry or by that for any name.
    func child(_ name: String) -> KeyNode? { children[name] ?? children["*"] }

    var item: KeyNode? { children["[]"] }
    var names: [String] { children.keys.filter { $0 != "*" && $0 != "[]" }.sorted() }
    var takesAnyName: Bool { children["*"] != nil }
}

/// The nearest of some names, for hints.
enum Nearest {
    /// Edits (insert, delete, replace, swap neighbours) that lead from one text to the other.
    static func distance(_ left: String, _ right: String) -> Int {
        let from = Array(left.utf8)
        let to = Array(right.utf8)
        if from.isEmpty || to.isEmpty { return max(from.count, to.count) }
        var before: [Int] = []
        var previous = Array(0...to.count)
        for row in 1...from.count {
            var current = [row] + Array(repeating: 0, count: to.count)
            for column in 1...to.count {
                let same = from[row - 1] == to[column - 1]
                var best = min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + (same ? 0 : 1))
                if row > 1, column > 1, from[row - 1] == to[column - 2], from[row - 2] == to[column - 1] {
                    best = min(best, before[column - 2] + 1)
                }
                current[column] = best
            }
            before = previous
            previous = current
        }
        return previous[to.count]
    }

    /// The nearest candidate, if it is near enough to be what was meant. Case and `-`/`_` do not count.
    static func match(_ text: String, in candidates: some Sequence<String>) -> String? {
        let wanted = plain(text)
        let ranked = candidates.map { (name: $0, edits: distance(wanted, plain($0))) }
        guard let best = ranked.min(by: { ($0.edits, $0.name) < ($1.edits, $1.name) }) else { return nil }
        return best.edits <= max(1, min(3, best.name.utf8.count / 3)) ? best.name : nil
    }

    private static func plain(_ text: String) -> String {
        String(text.lowercased().map { $0 == "_" ? "-" : $0 })
    }
}
