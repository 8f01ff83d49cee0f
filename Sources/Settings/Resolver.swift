internal import Core

/// A value that holds, and why it does.
struct Resolved: Sendable {
    let value: ConfigValue?
    let origin: Origin
    var items: [Origin] = []
    /// The value came out of a variable that holds a secret: it is masked, whatever its key.
    var isMasked = false
}

/// Settles each key once: flag, environment, `.env`, YAML under its own name, YAML under an alias, default.
struct Resolver {
    let flags: [ConfigPath: (name: String, text: String)]
    let environment: Environment
    let dotEnv: DotEnv
    let dotEnvFile: String
    let values: ValueReader
    var found: FoundValues
    private var settled: [ConfigPath: Resolved] = [:]

    init(
        flags: [ConfigPath: (name: String, text: String)], environment: Environment, dotEnv: DotEnv,
        dotEnvFile: String, values: ValueReader, found: FoundValues
    ) {
        self.flags = flags
        self.environment = environment
        self.dotEnv = dotEnv
        self.dotEnvFile = dotEnvFile
        self.values = values
        self.found = found
    }

    mutating func resolve(_ path: ConfigPath) -> Resolved {
        if let known = settled[path] { return known }
        let result = settle(path)
        settled[path] = result
        return result
    }

    /// Puts a computed default under a key nobody has set.
    mutating func setDefault(_ path: ConfigPath, _ value: ConfigValue) {
        if resolve(path).value == nil { settled[path] = Resolved(value: value, origin: .builtIn) }
    }

    private mutating func settle(_ path: ConfigPath) -> Resolved {
        guard let entry = KeyTable.entry(at: path) else { return Resolved(value: nil, origin: .builtIn) }
        if let flag = flags[path] { return outside(flag.text, entry, path, .flag(flag.name)) }
        if let name = entry.environment {
            if let text = environment[name] { return outside(text, entry, path, .environment(name.rawValue)) }
            if name != .home, let line = dotEnv[name.rawValue] {
                return outside(line.text, entry, path, .dotEnv(file: dotEnvFile, line: line.line))
            }
        }
        let candidates = [path] + (KeyTable.aliases[path] ?? [])
        let given = candidates.filter { found.values[$0] != nil }
        if let winner = given.first, let value = found.values[winner] {
            for loser in given.dropFirst() { noteLoser(loser, winner, value) }
            return Resolved(value: value.value, origin: value.origin, items: value.items, isMasked: value.isMasked)
        }
        guard let standard = entry.standard else { return Resolved(value: nil, origin: .builtIn) }
        return Resolved(value: try? values.read(standard, isPlain: true, as: entry.type), origin: .builtIn)
    }

    private mutating func noteLoser(_ loser: ConfigPath, _ winner: ConfigPath, _ value: Found) {
        guard let lost = found.values[loser], lost.value != value.value else { return }
        let message = "does not count: \(winner) (\(value.origin)) wins"
        found.notes.append(SettingsNote(origin: lost.origin, key: loser.description, message: message))
    }

    /// A value from a flag or a variable.
    private mutating func outside(
        _ text: String, _ entry: KeyEntry, _ path: ConfigPath, _ origin: Origin
    ) -> Resolved {
        do throws(ValueProblem) {
            let isQuotable = entry.environment?.isSecret != true
            return Resolved(
                value: try values.read(text, isPlain: true, as: entry.type, isQuotable: isQuotable), origin: origin)
        } catch {
            found.errors.append(
                SettingsError(origin: origin, key: path.description, message: error.message, hint: error.hint))
            return Resolved(value: nil, origin: origin)
        }
    }
}

extension KeyTable {
    private static let unfiled: [ConfigPath: KeyEntry] = entries.reduce(into: [:]) { result, entry in
        if entry.file == nil { result[entry.path] = entry }
    }

    /// The entry of a concrete path such as `trading.profiles.us-5m.symbols`.
    static func entry(at path: ConfigPath) -> KeyEntry? {
        if let entry = unfiled[path] { return entry }
        var node: KeyNode? = root
        for part in path.parts { node = part.hasPrefix("[") ? node?.item : node?.child(part) }
        return node?.entry
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
    func names(_ path: ConfigPath) -> [String] { found.names[path] ?? [] }

    mutating func fail(_ origin: Origin, _ path: ConfigPath, _ message: String, hint: String? = nil) {
        found.errors.append(SettingsError(origin: origin, key: path.description, message: message, hint: hint))
    }

    /// Whether something at or below a key was wrong already: what follows from that is not reported again.
    func hasError(below path: ConfigPath) -> Bool {
        let key = path.description
        return found.errors.contains { $0.key == key || $0.key.hasPrefix(key + ".") }
    }

    mutating func note(_ origin: Origin, _ path: ConfigPath, _ message: String) {
        found.notes.append(SettingsNote(origin: origin, key: path.description, message: message))
    }
}
