/// A place in a file, counted from 1. Columns count characters, not bytes.
struct YAMLPlace: Hashable, Sendable {
    let line: Int
    let column: Int
}

/// A text of a YAML file as written, before anything is made of it.
struct YAMLScalar: Hashable, Sendable {
    let text: String
    /// Without quotes: only such a text may be `null` or a truth value.
    let isPlain: Bool
    let place: YAMLPlace

    /// YAML's ways to write nothing.
    var isNull: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }
}

/// A YAML document as a tree in which every key and every value knows its place.
indirect enum YAMLNode: Hashable, Sendable {
    case scalar(YAMLScalar)
    case sequence([YAMLNode], YAMLPlace)
    case mapping([YAMLPair], YAMLPlace)

    var place: YAMLPlace {
        switch self {
        case .scalar(let scalar): scalar.place
        case .sequence(_, let place), .mapping(_, let place): place
        }
    }

    /// What it is, for messages.
    var noun: String {
        switch self {
        case .scalar: "a single value"
        case .sequence: "a list"
        case .mapping: "a block of keys"
        }
    }
}

struct YAMLPair: Hashable, Sendable {
    let key: YAMLScalar
    let value: YAMLNode
}

/// Why a file is no YAML that takt reads.
struct YAMLProblem: Error, Hashable {
    let place: YAMLPlace
    let key: String
    let message: String
    let hint: String?

    init(_ place: YAMLPlace, key: String = "", _ message: String, hint: String? = nil) {
        self.place = place
        self.key = key
        self.message = message
        self.hint = hint
    }
}
