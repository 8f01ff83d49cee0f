/// All keys, and the index in which a reader finds them.
enum KeyTable {
    /// In the order in which `config show` lists them. Aliases of one key stand in their order of precedence.
    static let sections: [[KeyEntry]] = [
        runtime, trading, agents, agentsConsulted, tradingRest, tradingDeclared, agentsDeclared, tradingDeclaredRest,
        decisionAndOrders, features, learning,
        paper, brokers, brokersDeclared, risk, riskAliases, riskDeclared, alerts, symbols, symbolsDeclared,
    ]

    /// The same as one list, for what few commands ask for.
    static let entries = Array(sections.joined())

    /// One list of several. A chain of `+` over array literals takes the type checker minutes.
    static func joined(_ parts: [KeyEntry]...) -> [KeyEntry] {
        var all: [KeyEntry] = []
        all.reserveCapacity(parts.reduce(0) { $0 + $1.count })
        for part in parts { all += part }
        return all
    }

    /// The other ways to write a key, most binding first.
    static let aliases: [ConfigPath: [ConfigPath]] = entries.reduce(into: [:]) { result, entry in
        guard case .alias(let target) = entry.use else { return }
        result[target, default: []].append(entry.path)
    }

    static let index = KeyIndex(sections)

    /// The block of all blocks.
    static let root = KeyNode(number: KeyIndex.root)

    /// The entry of a concrete path such as `trading.profiles.us-5m.symbols`.
    static func entry(at path: ConfigPath) -> KeyEntry? { node(at: path.text[...])?.entry }

    /// The place of a concrete path's pattern.
    static func node(at path: Substring) -> KeyNode? {
        if let number = index.find(path) { return KeyNode(number: number) }
        guard let (block, last) = ConfigPath.split(path) else { return nil }
        return node(at: block)?.child(part: last)
    }
}

/// A place in the table: what may stand there and below.
struct KeyNode: Sendable {
    let number: Int

    private var place: KeyIndex.Place { KeyTable.index.places[number] }

    var entry: KeyEntry? {
        KeyTable.index.places[number].entry.map { KeyTable.sections[Int($0.section)][Int($0.row)] }
    }
    /// The file in which the block or key belongs.
    var file: ConfigFile { place.home }
    func belongs(in file: ConfigFile) -> Bool { KeyTable.index.places[number].files & file.bit != 0 }

    /// What stands below a name, by its own entry or by that for any name.
    func child(_ name: String) -> KeyNode? { named(name) ?? anyName }

    /// What stands below a name by its own entry.
    func named(_ name: String) -> KeyNode? { below(ConfigPath.part(name)[...]) }

    /// What stands below the part of a concrete path.
    func child(part: Substring) -> KeyNode? {
        part.utf8.first == UInt8(ascii: "[") ? item : below(part) ?? anyName
    }

    private func below(_ part: Substring) -> KeyNode? {
        KeyTable.index.find(part, below: number).map { KeyNode(number: $0) }
    }

    private func takes(_ kind: KeyIndex.Below) -> Bool { KeyTable.index.places[number].below.contains(kind) }

    var item: KeyNode? { takes(.items) ? below("[]") : nil }
    private var anyName: KeyNode? { takesAnyName ? below("*") : nil }
    var takesAnyName: Bool { takes(.anyName) }
    var hasNames: Bool { takes(.names) }
    var isLeaf: Bool { KeyTable.index.places[number].below.isEmpty }

    /// Sought in the whole table: for messages only.
    var names: [String] {
        let block = ConfigPath(pattern: String(place.text)).parts
        let found = KeyTable.entries.compactMap { entry -> String? in
            guard entry.file != nil else { return nil }
            let parts = entry.path.parts
            return parts.count > block.count && Array(parts[..<block.count]) == block ? parts[block.count] : nil
        }
        return Set(found).subtracting(["*", "[]"]).sorted()
    }

    var children: [String: KeyNode] {
        names.reduce(into: [:]) { children, name in children[name] = named(name) }
    }
}
