internal import CYAML

/// Reads one YAML document into a ``YAMLNode`` tree by libyaml's events.
///
/// Stricter than YAML: duplicate keys, anchors, aliases, tags, several documents and keys that are no plain text are
/// refused with their place. Aliases would let a small file unfold into an endless tree, and a key written twice has
/// no meaning that two readers agree on.
struct YAMLReader {
    /// Deeper than any configuration; keeps the recursion bounded.
    static let depthLimit = 32

    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// The root of the document; `nil` if the file holds nothing but comments.
    static func read(_ bytes: [UInt8]) throws(YAMLProblem) -> YAMLNode? {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { parser.deallocate() }
        guard yaml_parser_initialize(parser) == 1 else {
            throw YAMLProblem(YAMLPlace(line: 1, column: 1), "the YAML reader found no memory")
        }
        defer { yaml_parser_delete(parser) }
        return try bytes.withUnsafeBufferPointer { buffer throws(YAMLProblem) -> YAMLNode? in
            yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
            return try YAMLReader(parser: parser).document()
        }
    }

    private func document() throws(YAMLProblem) -> YAMLNode? {
        var root: YAMLNode?
        while true {
            let event = try next()
            switch event.kind {
            case .documentStart where root != nil:
                throw YAMLProblem(
                    event.place, "a second document begins here", hint: "keep one document: remove the line '---'")
            case .streamStart, .documentStart, .documentEnd: continue
            case .streamEnd: return root
            case .scalar, .sequenceStart, .mappingStart: root = try node(from: event, depth: 0)
            case .sequenceEnd, .mappingEnd: continue
            }
        }
    }

    private func node(from event: Event, depth: Int) throws(YAMLProblem) -> YAMLNode {
        guard depth < Self.depthLimit else {
            throw YAMLProblem(event.place, "nested deeper than \(Self.depthLimit) levels")
        }
        switch event.kind {
        case .sequenceStart: return try sequence(from: event, depth: depth)
        case .mappingStart: return try mapping(from: event, depth: depth)
        case .scalar(let text, let isPlain):
            return .scalar(YAMLScalar(text: text, isPlain: isPlain, place: event.place))
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            throw YAMLProblem(event.place, "a value is missing")
        }
    }

    private func sequence(from start: Event, depth: Int) throws(YAMLProblem) -> YAMLNode {
        var items: [YAMLNode] = []
        while true {
            let event = try next()
            if case .sequenceEnd = event.kind { return .sequence(items, start.place) }
            items.append(try node(from: event, depth: depth + 1))
        }
    }

    private func mapping(from start: Event, depth: Int) throws(YAMLProblem) -> YAMLNode {
        var pairs: [YAMLPair] = []
        var keys = SeenKeys()
        while true {
            let event = try next()
            if case .mappingEnd = event.kind { return .mapping(pairs, start.place) }
            guard case .scalar(let text, let isPlain) = event.kind else {
                throw YAMLProblem(event.place, "a key must be a single text, not a list or a block")
            }
            if let first = keys.place(of: text, in: pairs) {
                throw YAMLProblem(
                    event.place, key: text, "the key stands here a second time",
                    hint: "it stands first at line \(first.line), column \(first.column); keep one of them")
            }
            let value = try node(from: try next(), depth: depth + 1)
            pairs.append(YAMLPair(key: YAMLScalar(text: text, isPlain: isPlain, place: event.place), value: value))
        }
    }
}

/// Where a key of a block stands already.
private struct SeenKeys {
    /// Up to here a look at every pair is cheaper than keeping a dictionary.
    private static let fewPairs = 32
    private var places: [String: YAMLPlace] = [:]

    mutating func place(of key: String, in pairs: [YAMLPair]) -> YAMLPlace? {
        guard pairs.count > Self.fewPairs else { return pairs.first { $0.key.text == key }?.key.place }
        for pair in pairs[places.count...] { places[pair.key.text] = pair.key.place }
        return places[key]
    }
}

extension YAMLReader {
    private struct Event {
        enum Kind {
            case streamStart, streamEnd, documentStart, documentEnd
            case scalar(text: String, isPlain: Bool)
            case sequenceStart, sequenceEnd, mappingStart, mappingEnd
        }
        let kind: Kind
        let place: YAMLPlace
    }

    private func next() throws(YAMLProblem) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxProblem() }
        defer { yaml_event_delete(&event) }
        let place = YAMLPlace(line: Int(event.start_mark.line) + 1, column: Int(event.start_mark.column) + 1)
        return Event(kind: try Self.kind(of: event, at: place), place: place)
    }

    private static func kind(of event: yaml_event_t, at place: YAMLPlace) throws(YAMLProblem) -> Event.Kind {
        switch event.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT:
            throw YAMLProblem(place, "aliases (*name) are not read", hint: "write the value out")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            try refuse(anchor: scalar.anchor, tag: scalar.tag, at: place)
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            return .scalar(text: String(decoding: bytes, as: UTF8.self), isPlain: isPlain)
        case YAML_SEQUENCE_START_EVENT:
            try refuse(anchor: event.data.sequence_start.anchor, tag: event.data.sequence_start.tag, at: place)
            return .sequenceStart
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            try refuse(anchor: event.data.mapping_start.anchor, tag: event.data.mapping_start.tag, at: place)
            return .mappingStart
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        default: return .streamEnd
        }
    }

    private static func refuse(
        anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?, at place: YAMLPlace
    ) throws(YAMLProblem) {
        if anchor != nil {
            throw YAMLProblem(place, "anchors (&name) are not read", hint: "write the value out")
        }
        if tag != nil { throw YAMLProblem(place, "tags (!name) are not read", hint: "write the value without one") }
    }

    /// libyaml's own words; they name characters and structure, never a value of the file.
    private func syntaxProblem() -> YAMLProblem {
        let mark = parser.pointee.problem_mark
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "the text is no YAML"
        let context = parser.pointee.context.map { " (\(String(cString: $0)))" } ?? ""
        let place = YAMLPlace(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
        let isTab = problem.contains("cannot start any token")
        let hint = isTab ? "indent with spaces, not tabs, and quote texts that begin with a special sign" : nil
        return YAMLProblem(place, problem + context, hint: hint)
    }
}
