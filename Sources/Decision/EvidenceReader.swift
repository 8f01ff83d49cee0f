import Core

/// Reads one JSON object of evidence strictly: a member that is missing or of another type is an error with its path.
struct EvidenceReader {
    let value: JSONValue
    let path: String

    init(_ value: JSONValue, path: String) throws(DecisionError) {
        guard case .object = value else { throw .evidence(path: path, problem: "is no object") }
        self.value = value
        self.path = path
    }

    func member(_ key: String) throws(DecisionError) -> JSONValue {
        guard let member = value[key] else { throw .evidence(path: "\(path).\(key)", problem: "is missing") }
        return member
    }

    func object(_ key: String) throws(DecisionError) -> EvidenceReader {
        try EvidenceReader(try member(key), path: "\(path).\(key)")
    }

    func array(_ key: String) throws(DecisionError) -> [JSONValue] {
        guard let items = try member(key).arrayValue else { throw wrong(key, "is no array") }
        return items
    }

    func objects(_ key: String) throws(DecisionError) -> [EvidenceReader] {
        var readers: [EvidenceReader] = []
        for (index, item) in try array(key).enumerated() {
            readers.append(try EvidenceReader(item, path: "\(path).\(key)[\(index)]"))
        }
        return readers
    }

    func members(_ key: String) throws(DecisionError) -> [JSONValue.Member] {
        guard case .object(let members) = try member(key) else { throw wrong(key, "is no object") }
        return members
    }

    func string(_ key: String) throws(DecisionError) -> String {
        guard let text = try member(key).stringValue else { throw wrong(key, "is no string") }
        return text
    }

    func optionalString(_ key: String) throws(DecisionError) -> String? {
        try member(key) == .null ? nil : try string(key)
    }

    func int(_ key: String) throws(DecisionError) -> Int {
        guard let number = try member(key).intValue else { throw wrong(key, "is no whole number") }
        return Int(number)
    }

    func bool(_ key: String) throws(DecisionError) -> Bool {
        guard let flag = try member(key).boolValue else { throw wrong(key, "is no truth value") }
        return flag
    }

    func decimal(_ key: String) throws(DecisionError) -> FixedPoint {
        try Self.decimal(try string(key), "\(path).\(key)")
    }

    static func decimal(_ text: String, _ path: String) throws(DecisionError) -> FixedPoint {
        do { return try FixedPoint(text) } catch { throw .evidence(path: path, problem: "\(error)") }
    }

    func instant(_ key: String) throws(DecisionError) -> Instant {
        guard let instant = Instant(rfc3339: try string(key)) else { throw wrong(key, "is no time") }
        return instant
    }

    func optionalInstant(_ key: String) throws(DecisionError) -> Instant? {
        try member(key) == .null ? nil : try instant(key)
    }

    /// A text that a failable initialiser understands.
    func read<Value>(_ key: String, _ make: (String) -> Value?) throws(DecisionError) -> Value {
        let text = try string(key)
        guard let value = make(text) else { throw wrong(key, "has the unknown value '\(text)'") }
        return value
    }

    /// Microseconds.
    func duration(_ key: String) throws(DecisionError) -> Duration { .microseconds(Int64(try int(key))) }

    private func wrong(_ key: String, _ problem: String) -> DecisionError {
        .evidence(path: "\(path).\(key)", problem: problem)
    }
}

extension Duration {
    /// Whole microseconds, towards zero: the resolution of ``Instant``.
    var wholeMicroseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}
