internal import Core

/// Settles each key once: flag, environment, `.env`, YAML under its own name, YAML under an alias, default.
struct Resolver: Sendable {
    /// What the command line sets: a handful, sought one by one.
    let flags: [Flag]
    let environment: Environment
    let dotEnv: DotEnv
    let dotEnvFile: String
    let values: ValueReader
    var found: FoundValues
    /// Computed defaults, and what may not be settled twice because it leaves an error or a note.
    private var settled = PathTable<Found>()
    /// The block of names asked for last: the keys of one block are asked for in a row.
    private var recentBlock: Substring = ""
    private var recentNode: KeyNode?

    struct Flag: Sendable {
        let path: ConfigPath
        /// As typed: `--log-level`.
        let name: String
        let text: String
    }

    init(
        flags: [Flag], environment: Environment, dotEnv: DotEnv, dotEnvFile: String, values: ValueReader,
        found: FoundValues
    ) {
        self.flags = flags
        self.environment = environment
        self.dotEnv = dotEnv
        self.dotEnvFile = dotEnvFile
        self.values = values
        self.found = found
    }

    mutating func resolve(_ path: ConfigPath) -> Found {
        if let known = settled[path] { return known }
        return settle(path)
    }

    /// Puts a computed default under a key nobody has set.
    mutating func setDefault(_ path: ConfigPath, _ value: ConfigValue) {
        if resolve(path).value == nil { settled[path] = Found(value: value, origin: .builtIn) }
    }

    private mutating func settle(_ path: ConfigPath) -> Found {
        guard let entry = entry(at: path) else { return Found(value: nil, origin: .builtIn) }
        if let flag = flags.first(where: { $0.path == path }) {
            return outside(flag.text, entry, path, .flag(flag.name))
        }
        if let name = entry.environment {
            if let text = environment[name] { return outside(text, entry, path, .environment(name.rawValue)) }
            if name != .home, let line = dotEnv[name.rawValue] {
                return outside(line.text, entry, path, .dotEnv(file: dotEnvFile, line: line.line))
            }
        }
        if let value = given(path) { return value }
        guard let standard = entry.standard else { return Found(value: nil, origin: .builtIn) }
        return Found(value: try? values.read(standard, isPlain: true, as: entry.type), origin: .builtIn)
    }

    /// What the files say, under the key's own name or, most binding first, under another.
    private mutating func given(_ path: ConfigPath) -> Found? {
        guard found.hasAliases, let others = KeyTable.aliases[path] else { return found.values[path] }
        let given = ([path] + others).filter { found.values[$0] != nil }
        guard let winner = given.first, let value = found.values[winner] else { return nil }
        for loser in given.dropFirst() { noteLoser(loser, winner, value) }
        settled[path] = value
        return value
    }

    /// Keys that nothing asked for yet may be given in two ways too.
    mutating func noteLosers() {
        guard found.hasAliases else { return }
        for entry in KeyTable.entries where KeyTable.aliases[entry.path] != nil { _ = resolve(entry.path) }
    }

    private mutating func entry(at path: ConfigPath) -> KeyEntry? {
        if let number = KeyTable.index.find(path.text[...]) { return KeyNode(number: number).entry }
        guard let (block, last) = path.split else { return nil }
        if recentBlock != block {
            recentBlock = block
            recentNode = KeyTable.node(at: block)
        }
        return recentNode?.child(part: last)?.entry
    }

    private mutating func noteLoser(_ loser: ConfigPath, _ winner: ConfigPath, _ value: Found) {
        guard let lost = found.values[loser], lost.value != value.value else { return }
        let message = "does not count: \(winner) (\(value.origin)) wins"
        found.notes.append(SettingsNote(origin: lost.origin, key: loser.description, message: message))
    }

    /// A value from a flag or a variable.
    private mutating func outside(
        _ text: String, _ entry: KeyEntry, _ path: ConfigPath, _ origin: Origin
    ) -> Found {
        var result = Found(value: nil, origin: origin)
        do throws(ValueProblem) {
            let isQuotable = entry.environment?.isSecret != true
            result.value = try values.read(text, isPlain: true, as: entry.type, isQuotable: isQuotable)
        } catch {
            found.errors.append(
                SettingsError(origin: origin, key: path.description, message: error.message, hint: error.hint))
        }
        settled[path] = result
        return result
    }
}

extension Resolver {
    // A value that was wrong has left an error, and nothing is built from the rest: what these return then is unused.

    mutating func bool(_ path: ConfigPath) -> Bool {
        if case .bool(let value)? = resolve(path).value { value } else { false }
    }

    mutating func optionalInteger(_ path: ConfigPath) -> Int? {
        if case .integer(let value)? = resolve(path).value { value } else { nil }
    }

    mutating func integer(_ path: ConfigPath) -> Int { optionalInteger(path) ?? 0 }

    mutating func optionalDecimal(_ path: ConfigPath) -> FixedPoint? {
        if case .decimal(let value)? = resolve(path).value { value } else { nil }
    }

    mutating func decimal(_ path: ConfigPath) -> FixedPoint { optionalDecimal(path) ?? .zero }
    mutating func fraction(_ path: ConfigPath) -> Fraction { Fraction(decimal(path)) }

    mutating func text(_ path: ConfigPath) -> String? {
        if case .text(let value)? = resolve(path).value, !value.isEmpty { value } else { nil }
    }

    mutating func texts(_ path: ConfigPath) -> [String] {
        guard case .list(let items)? = resolve(path).value else { return [] }
        return items.compactMap { if case .text(let text) = $0 { text } else { nil } }
    }

    /// One of an enum's words.
    mutating func word<Word: RawRepresentable<String>>(_ path: ConfigPath, or standard: Word) -> Word {
        text(path).flatMap(Word.init(rawValue:)) ?? standard
    }

    /// The names below a block that takes any name.
    func names(_ path: ConfigPath) -> [String] { found.blocks[path]?.names ?? [] }

    /// Where a block begins.
    func origin(ofBlock path: ConfigPath) -> Origin { found.blocks[path]?.origin ?? .builtIn }

    mutating func fail(_ origin: Origin, _ path: ConfigPath, _ message: String, hint: String? = nil) {
        found.errors.append(SettingsError(origin: origin, key: path.description, message: message, hint: hint))
    }

    /// Whether something at or below a key was wrong already: what follows from that is not reported again.
    func hasError(below path: ConfigPath) -> Bool {
        guard !found.errors.isEmpty else { return false }
        let key = path.description
        return found.errors.contains { $0.key == key || $0.key.hasPrefix(key + ".") }
    }

    mutating func note(_ origin: Origin, _ path: ConfigPath, _ message: String) {
        found.notes.append(SettingsNote(origin: origin, key: path.description, message: message))
    }
}
