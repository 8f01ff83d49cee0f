internal import Core

/// A value, found in a file or settled, and where it stands.
struct Found: Sendable {
    /// `nil` where nothing is set and nothing is assumed; never in a file.
    var value: ConfigValue?
    var origin: Origin
    /// The places of the items, where the value is a list.
    var items: [Origin] = []
    /// The value came out of a variable that holds a secret: it is masked, whatever its key.
    var isMasked = false
}

/// What the files say, by key.
struct FoundValues: Sendable {
    struct Block: Sendable {
        var origin = Origin.builtIn
        /// The names below, where any is taken, or the items of a list, in the order of the file.
        var names: [String] = []
    }

    /// A usual configuration has a hundred, and the defaults come on top.
    var values = PathTable<Found>(minimumCapacity: 190)
    var blocks = PathTable<Block>()
    var errors: [SettingsError] = []
    var notes: [SettingsNote] = []
    /// Whether a value stands under another way to write its key.
    var hasAliases = false
    /// Keys that are given but that nothing in this build acts upon.
    var idle: [(path: ConfigPath, origin: Origin)] = []
}

/// Reads one file's tree along the key table: every key is known, every value has its type, or it is an error.
struct TreeReader {
    private var file = ConfigFile.brokers
    private var fileName = ""
    let interpolation: Interpolation
    let values: ValueReader
    private var found: FoundValues

    init(interpolation: Interpolation, values: ValueReader, found: FoundValues) {
        self.interpolation = interpolation
        self.values = values
        self.found = found
    }

    /// - Parameter name: the file's name in messages.
    mutating func read(_ bytes: [UInt8], of file: ConfigFile, named name: String) {
        self.file = file
        fileName = name
        do throws(YAMLProblem) {
            guard let root = try YAMLReader.read(bytes) else { return }
            read(root, KeyTable.root, .root, at: root.place)
        } catch {
            fail(error.place, error.key, error.message, error.hint)
        }
    }

    /// Everything found, handed over: a copy would be made as soon as the next reader adds to it.
    mutating func take() -> FoundValues {
        defer { found = FoundValues(values: PathTable()) }
        return found
    }

    private func origin(_ place: YAMLPlace) -> Origin {
        .yaml(file: fileName, line: place.line, column: place.column)
    }

    private mutating func fail(_ place: YAMLPlace, _ key: String, _ message: String, _ hint: String?) {
        found.errors.append(SettingsError(origin: origin(place), key: key, message: message, hint: hint))
    }

    private mutating func read(_ value: YAMLNode, _ node: KeyNode, _ path: ConfigPath, at key: YAMLPlace) {
        if case .scalar(let scalar) = value, scalar.isNull { return note(block: path, at: key) }
        switch value {
        case .mapping(let pairs, _):
            if let entry = node.entry, entry.type.isAnything { return keep(value, entry, path) }
            if let entry = node.entry, entry.type.isNothing { return refuse(pairs, path, at: key) }
            guard node.takesAnyName || node.hasNames else {
                return fail(value.place, path.description, "a block of keys stands here", wanted(node))
            }
            block(pairs, node, path, at: key)
        case .sequence(let items, _):
            sequence(items, value, node, path, at: key)
        case .scalar(let scalar):
            guard let entry = node.entry, !entry.type.isNothing else {
                return fail(value.place, path.description, "a single value stands here", wanted(node))
            }
            scalarValue(scalar, entry, path)
        }
    }

    private mutating func note(block path: ConfigPath, at key: YAMLPlace) {
        if path != .root { found.blocks[path, default: FoundValues.Block()].origin = origin(key) }
    }

    /// The keys of a block that takes none.
    private mutating func refuse(_ pairs: [YAMLPair], _ path: ConfigPath, at key: YAMLPlace) {
        note(block: path, at: key)
        for pair in pairs {
            fail(
                pair.key.place, path.appending(pair.key.text).description, "takt knows no such key",
                "\(path.parts.last ?? "") takes no parameters: remove it")
        }
    }

    private mutating func block(_ pairs: [YAMLPair], _ node: KeyNode, _ path: ConfigPath, at key: YAMLPlace) {
        note(block: path, at: key)
        for pair in pairs {
            let name = pair.key.text
            let named = node.named(name)
            guard let child = named ?? free(name, pair.value, node) else {
                unknown(pair.key, node, path)
                continue
            }
            let below = path.appending(name)
            if !child.belongs(in: file) {
                fail(
                    pair.key.place, below.description, "the key does not belong in \(file.rawValue)",
                    "move it to \(child.file.rawValue)")
                continue
            }
            if named == nil { found.blocks[path, default: FoundValues.Block()].names.append(name) }
            read(pair.value, child, below, at: pair.key.place)
        }
    }

    /// What stands below a name of the user's own. Among keys that takt names, such a block shows itself by one of its keys:
    /// otherwise a name is more likely a slip of the keyboard.
    private func free(_ name: String, _ value: YAMLNode, _ node: KeyNode) -> KeyNode? {
        guard let child = node.child(name) else { return nil }
        guard node.hasNames else { return child }
        guard case .mapping(let pairs, _) = value else { return nil }
        return pairs.contains { child.named($0.key.text) != nil } ? child : nil
    }

    private mutating func unknown(_ key: YAMLScalar, _ node: KeyNode, _ path: ConfigPath) {
        let here = node.names.filter { node.named($0)?.belongs(in: file) == true }
        let hint: String
        if let nearest = Nearest.match(key.text, in: here) {
            hint = "did you mean \(path.appending(nearest))?"
        } else {
            let own = node.child("*").flatMap { $0.names.first }.map { "; a name of your own needs \($0)" } ?? ""
            hint = "known here: \(here.joined(separator: ", "))\(own)"
        }
        fail(key.place, path.appending(key.text).description, "takt knows no such key", hint)
    }

    private mutating func sequence(
        _ items: [YAMLNode], _ value: YAMLNode, _ node: KeyNode, _ path: ConfigPath, at key: YAMLPlace
    ) {
        if let item = node.item {
            note(block: path, at: key)
            for (index, element) in items.enumerated() {
                let name = "[\(index)]"
                found.blocks[path, default: FoundValues.Block()].names.append(name)
                read(element, item, path.appending(name), at: element.place)
            }
            return
        }
        switch node.entry?.type {
        case .anything?: if let entry = node.entry { keep(value, entry, path) }
        case .list(let type)?:
            list(items, of: type, path, at: value.place)
            if let entry = node.entry { register(path, entry, at: value.place) }
        default: fail(value.place, path.description, "a list stands here", wanted(node))
        }
    }

    private mutating func list(_ items: [YAMLNode], of type: ValueType, _ path: ConfigPath, at place: YAMLPlace) {
        var result: [ConfigValue] = []
        var places: [Origin] = []
        for item in items {
            guard case .scalar(let scalar) = item else {
                fail(item.place, path.description, "\(item.noun) stands in the list", "write single values")
                continue
            }
            guard let value = typed(scalar, as: type, path) else { continue }
            result.append(value)
            places.append(origin(scalar.place))
        }
        let isMasked = items.contains { item in
            if case .scalar(let scalar) = item { Interpolation.namesSecret(scalar.text) } else { false }
        }
        found.values[path] = Found(value: .list(result), origin: origin(place), items: places, isMasked: isMasked)
    }

    /// Where a value was found is all that later checks ask of these kinds of keys.
    private mutating func register(_ path: ConfigPath, _ entry: KeyEntry, at place: YAMLPlace) {
        if entry.isIdle { found.idle.append((path, origin(place))) }
        switch entry.use {
        case .used: break
        case .alias: found.hasAliases = true
        case .declared: declare(path, place)
        }
    }

    private mutating func scalarValue(_ scalar: YAMLScalar, _ entry: KeyEntry, _ path: ConfigPath) {
        if entry.type.isAnything { return keep(.scalar(scalar), entry, path) }
        if case .list = entry.type {
            return fail(scalar.place, path.description, "a single value stands here", "write a list: [first, second]")
        }
        guard let value = typed(scalar, as: entry.type, path) else { return }
        let isMasked = Interpolation.namesSecret(scalar.text)
        found.values[path] = Found(value: value, origin: origin(scalar.place), isMasked: isMasked)
        if entry.isSecret, !scalar.text.contains("${") {
            let message = "a secret stands in the file: move it to .env and write ${NAME} here"
            found.notes.append(SettingsNote(origin: origin(scalar.place), key: path.description, message: message))
        }
        register(path, entry, at: scalar.place)
    }

    private mutating func declare(_ path: ConfigPath, _ place: YAMLPlace) {
        let message = "accepted, but without effect in this version"
        found.notes.append(SettingsNote(origin: origin(place), key: path.description, message: message))
    }

    /// The checked value of one text; `nil` if it is absent or wrong.
    private mutating func typed(_ scalar: YAMLScalar, as type: ValueType, _ path: ConfigPath) -> ConfigValue? {
        var text = scalar.text
        var isFilled = false
        switch interpolation.fill(text) {
        case .untouched: break
        case .filled(let result):
            text = result
            isFilled = true
        case .absent(let variable):
            let message = "${\(variable)} is not set: the key counts as absent"
            found.notes.append(SettingsNote(origin: origin(scalar.place), key: path.description, message: message))
            return nil
        case .bad(let message, let hint, let offset):
            let column = scalar.place.column + offset + (scalar.isPlain ? 0 : 1)
            fail(YAMLPlace(line: scalar.place.line, column: column), path.description, message, hint)
            return nil
        }
        do throws(ValueProblem) {
            return try values.read(text, isPlain: scalar.isPlain || isFilled, as: type, isQuotable: !isFilled)
        } catch {
            fail(scalar.place, path.description, error.message, error.hint)
            return nil
        }
    }

    private mutating func keep(_ value: YAMLNode, _ entry: KeyEntry, _ path: ConfigPath) {
        var texts: [String: String] = [:]
        Self.flatten(value, "", into: &texts)
        found.values[path] = Found(value: .flat(texts), origin: origin(value.place))
        register(path, entry, at: value.place)
    }

    private static func flatten(_ value: YAMLNode, _ prefix: String, into texts: inout [String: String]) {
        switch value {
        case .scalar(let scalar): texts[prefix] = scalar.text
        case .sequence(let items, _):
            for (index, item) in items.enumerated() { flatten(item, "\(prefix)[\(index)]", into: &texts) }
        case .mapping(let pairs, _):
            for pair in pairs {
                flatten(pair.value, prefix.isEmpty ? pair.key.text : "\(prefix).\(pair.key.text)", into: &texts)
            }
        }
    }

    private func wanted(_ node: KeyNode) -> String {
        if let entry = node.entry, node.isLeaf {
            if entry.type.isNothing { return "it takes no parameters: remove it" }
            if case .list = entry.type { return "write a list: [first, second]" }
            return "write a single value"
        }
        if node.item != nil { return "write a list of blocks, each beginning with '- '" }
        return !node.hasNames
            ? "write a block of names, indented below" : "known below it: \(node.names.joined(separator: ", "))"
    }
}
