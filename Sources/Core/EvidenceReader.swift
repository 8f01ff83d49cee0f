/// An error that can say what is wrong with a piece of evidence.
public protocol EvidenceFailure: Error {
    /// - Parameters:
    ///   - path: where in the document: `input.settings.agents[0].weight`.
    ///   - problem: goes on from the path: `is missing`.
    static func evidence(path: String, problem: String) -> Self
}

/// Reads one JSON object of evidence strictly: a member that is missing or of another type is an error with its path, of the
/// reading room's own kind.
public struct EvidenceReader<Failure: EvidenceFailure>: Sendable {
    public let value: JSONValue
    public let path: String

    public init(_ value: JSONValue, path: String) throws(Failure) {
        guard case .object = value else { throw Failure.evidence(path: path, problem: "is no object") }
        self.value = value
        self.path = path
    }

    public func member(_ key: String) throws(Failure) -> JSONValue {
        guard let member = value[key] else { throw Failure.evidence(path: "\(path).\(key)", problem: "is missing") }
        return member
    }

    public func object(_ key: String) throws(Failure) -> EvidenceReader {
        try EvidenceReader(try member(key), path: "\(path).\(key)")
    }

    public func array(_ key: String) throws(Failure) -> [JSONValue] {
        guard let items = try member(key).arrayValue else { throw wrong(key, "is no array") }
        return items
    }

    public func objects(_ key: String) throws(Failure) -> [EvidenceReader] {
        var readers: [EvidenceReader] = []
        for (index, item) in try array(key).enumerated() {
            readers.append(try EvidenceReader(item, path: "\(path).\(key)[\(index)]"))
        }
        return readers
    }

    public func strings(_ key: String) throws(Failure) -> [String] {
        var texts: [String] = []
        for item in try array(key) {
            guard let text = item.stringValue else { throw wrong(key, "holds something else than strings") }
            texts.append(text)
        }
        return texts
    }

    public func members(_ key: String) throws(Failure) -> [JSONValue.Member] {
        guard case .object(let members) = try member(key) else { throw wrong(key, "is no object") }
        return members
    }

    public func string(_ key: String) throws(Failure) -> String {
        guard let text = try member(key).stringValue else { throw wrong(key, "is no string") }
        return text
    }

    /// A list that was added to the form later: evidence that does not have it was written when there was none.
    public func strings(_ key: String, orElse absent: [String]) throws(Failure) -> [String] {
        value[key] == nil ? absent : try strings(key)
    }

    public func optionalString(_ key: String) throws(Failure) -> String? {
        try member(key) == .null ? nil : try string(key)
    }

    public func int(_ key: String) throws(Failure) -> Int {
        guard let number = try member(key).intValue else { throw wrong(key, "is no whole number") }
        return Int(number)
    }

    /// A finite number; a whole one counts too.
    public func double(_ key: String) throws(Failure) -> Double {
        guard let number = try member(key).doubleValue, number.isFinite else { throw wrong(key, "is no number") }
        return number
    }

    public func bool(_ key: String) throws(Failure) -> Bool {
        guard let flag = try member(key).boolValue else { throw wrong(key, "is no truth value") }
        return flag
    }

    public func decimal(_ key: String) throws(Failure) -> FixedPoint {
        try Self.decimal(try string(key), "\(path).\(key)")
    }

    public func optionalDecimal(_ key: String) throws(Failure) -> FixedPoint? {
        try member(key) == .null ? nil : try decimal(key)
    }

    /// A number that was added to the form later.
    public func decimal(_ key: String, orElse absent: FixedPoint?) throws(Failure) -> FixedPoint? {
        value[key] == nil ? absent : try decimal(key)
    }

    public func instant(_ key: String, orElse absent: Instant?) throws(Failure) -> Instant? {
        value[key] == nil ? absent : try instant(key)
    }

    public static func decimal(_ text: String, _ path: String) throws(Failure) -> FixedPoint {
        do { return try FixedPoint(text) } catch { throw Failure.evidence(path: path, problem: "\(error)") }
    }

    public func instant(_ key: String) throws(Failure) -> Instant {
        guard let instant = Instant(rfc3339: try string(key)) else { throw wrong(key, "is no time") }
        return instant
    }

    public func optionalInstant(_ key: String) throws(Failure) -> Instant? {
        try member(key) == .null ? nil : try instant(key)
    }

    /// A text that a failable initialiser understands.
    public func read<Value>(_ key: String, _ make: (String) -> Value?) throws(Failure) -> Value {
        let text = try string(key)
        guard let value = make(text) else { throw wrong(key, "has the unknown value '\(text)'") }
        return value
    }

    /// Microseconds.
    public func duration(_ key: String) throws(Failure) -> Duration { .microseconds(Int64(try int(key))) }

    private func wrong(_ key: String, _ problem: String) -> Failure {
        Failure.evidence(path: "\(path).\(key)", problem: problem)
    }
}

extension Duration {
    /// Whole microseconds, towards zero: the resolution of ``Instant``.
    public var wholeMicroseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}
