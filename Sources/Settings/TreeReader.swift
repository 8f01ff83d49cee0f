/// A value found in a file.
struct Found: Sendable {
    var value: ConfigValue
    var origin: Origin
    /// The places of the items, where the value is a list.
    var items: [Origin] = []
    /// The value came out of a variable that holds a secret: it is never shown, whatever its key.
    var isMasked = false
}

/// What the files say, by key.
struct FoundValues: Sendable {
    var values: [ConfigPath: Found] = [:]
    /// Where each block begins.
    var blocks: [ConfigPath: Origin] = [:]
    /// The names below blocks that take any name, and the items of lists, in the order of the file.
    var names: [ConfigPath: [String]] = [:]
    var errors: [SettingsError] = []
    var notes: [SettingsNote] = []
}

/// Reads one file's tree along the key table: every key is known, every value has its type, or it is an error.
struct TreeReader {
    let file: ConfigFile
    let fileName: String
    let interpolation: Interpolation
    let values: ValueReader
    /// Whether the text is one of our own, whose values count as built-in defaults.
    let isEmbedded: Bool
    var found: FoundValues

    mutating func read(_ bytes: [UInt8]) {
        do throws(YAMLProblem) {
            guard let root = try YAMLReader.read(bytes) else { return }
            read(root, KeyTable.root, ConfigPath([]), at: root.place)
        } catch {
            fail(error.place, error.key, error.message, error.hint)
        }
    }

    private func origin(_ place: YAMLPlace) -> Origin {
        isEmbedded ? .builtIn : .yaml(file: fileName, line: place.line, column: place.column)
    }

    private mutating func fail(_ place: YAMLPlace, _ key: String, _ message: String, _ hint: String?) {
        let origin = Origin.yaml(file: fileName, line: place.line, column: place.column)
        found.errors.append(SettingsError(origin: origin, key: key, message: message, hint: hint))
    }

    private mutating func read(_ value: YAMLNode, _ node: KeyNode, _ path: ConfigPath, at key: YAMLPlace) {
        if case .scalar(let scalar) = value, scalar.isNull { return note(block: path, at: key) }
        switch value {
        case .mapping(let pairs, _):
            if let entry = node.entry, entry.type == .anything { return keep(value, entry, path) }
            guard node.takesAnyName || !node.names.isEmpty else {
                return fail(value.place, path.description, "a block of keys stands here", wanted(node))
            }
            block(pairs, node, path, at: key)
        case .sequence(let items, _):
            sequence(items, value, node, path, at: key)
        case .scalar(let scalar):
            guard let entry = node.entry else {
                return fail(value.place, path.description, "a single value stands here", wanted(node))
            }
            scalarValue(scalar, entry, path)
        }
    }

    private mutating func note(block path: ConfigPath, at key: YAMLPlace) {
        if !path.parts.isEmpty { found.blocks[path] = origin(key) }
    }

    private mutating func block(_ pairs: [YAMLPair], _ node: KeyNode, _ path: ConfigPath, at key: YAMLPlace) {
        note(block: path, at: key)
        for pair in pairs {
            let name = pair.key.text
            guard let child = node.child(name) else {
                unknown(pair.key, node, path)
                continue
            }
            let below = path.appending(name)
            if !child.belongs(in: file) {
                let home = child.file?.rawValue ?? file.rawValue
                fail(
                    pair.key.place, below.description, "the key does not belong in \(file.rawValue)",
                    "move it to \(home)")
                continue
            }
            if node.children[name] == nil { found.names[path, default: []].append(name) }
            read(pair.value, child, below, at: pair.key.place)
        }
    }

    private mutating func unknown(_ key: YAMLScalar, _ node: KeyNode, _ path: ConfigPath) {
        let here = node.names.filter { node.children[$0]?.belongs(in: file) == true }
        let hint: String
        if let nearest = Nearest.match(key.text, in: here) {
            hint = "did you mean \(path.appending(nearest))?"
        } else {
            hint = "known here: \(here.joined(separator: ", "))"
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
                found.names[path, default: []].append(name)
                read(element, item, path.appending(name), at: element.place)
            }
            return
        }
        switch node.entry?.type {
        case .anything?: if let entry = node.entry { keep(value, entry, path) }
        case .list(let type)?:
            list(items, of: type, path, at: value.place)
            if case .declared? = node.entry?.use { declare(path, value.place) }
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

    private mutating func scalarValue(_ scalar: YAMLScalar, _ entry: KeyEntry, _ path: ConfigPath) {
        if entry.type == .anything { return keep(.scalar(scalar), entry, path) }
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
        if case .declared = entry.use { declare(path, scalar.place) }
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
        if case .declared = entry.use { declare(path, value.place) }
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
        if let entry = node.entry, node.children.isEmpty {
            if case .list = entry.type { return "write a list: [first, second]" }
            return "write a single value"
        }
        if node.item != nil { return "write a list of blocks, each beginning with '- '" }
        return node.names.isEmpty
            ? "write a block of names, indented below" : "known below it: \(node.names.joined(separator: ", "))"
    }
}

extension KeyNode {
    /// Whether anything at or below it belongs in a file; `logging` and `alerts` stand in several.
    func belongs(in file: ConfigFile) -> Bool {
        entry?.file == file || children.values.contains { $0.belongs(in: file) }
    }
}
