internal import Core

/// Walks the fields of one request.
struct FieldReader: Sendable {
    /// The request could not be read: the field's place, counted from 1, and its text.
    struct Problem: Error, Hashable, Sendable {
        let field: Int
        let text: String
    }

    private let fields: [String]
    private var index: Int

    init(_ fields: [String], from index: Int = 0) {
        self.fields = fields
        self.index = index
    }

    var isAtEnd: Bool { index >= fields.count }

    /// What official clients write for a whole number that is not set.
    private static let unsetNumbers: Set<String> = [
        "2147483647", "9223372036854775807", "-9223372036854775808", "1.7976931348623157E308",
        "1.7976931348623157e+308", "Infinity", "Infinite",
    ]

    mutating func text() throws(Problem) -> String {
        guard index < fields.count else { throw Problem(field: index + 1, text: "") }
        defer { index += 1 }
        return fields[index]
    }

    mutating func skip(_ count: Int) throws(Problem) {
        for _ in 0..<count { _ = try text() }
    }

    /// Empty is 0.
    mutating func int() throws(Problem) -> Int { try optionalInt() ?? 0 }

    /// Empty and the values of "not set" are `nil`.
    mutating func optionalInt() throws(Problem) -> Int? {
        let place = index + 1
        let text = try text()
        if text.isEmpty || Self.unsetNumbers.contains(text) { return nil }
        // Ids and counts have 32 bits on this wire, permanent ids a few more.
        guard let number = Int(text), number.magnitude < 1 << 53 else { throw Problem(field: place, text: text) }
        return number
    }

    mutating func flag() throws(Problem) -> Bool {
        let place = index + 1
        switch try text() {
        case "", "0": return false
        case "1": return true
        case let other: throw Problem(field: place, text: other)
        }
    }

    /// Empty and the values of "not set" are `nil`.
    mutating func number() throws(Problem) -> FixedPoint? {
        let place = index + 1
        let text = try text()
        if text.isEmpty || Self.unsetNumbers.contains(text) { return nil }
        if let exact = try? FixedPoint(text) { return exact }
        // A client that reckons in binary writes 1e-05 and 213.57999999999998; the price steps judge it.
        guard let value = Double(text), let nearest = try? FixedPoint(nearest: value) else {
            throw Problem(field: place, text: text)
        }
        return nearest
    }
}

/// How values are written into answers.
enum Field {
    /// A floating-point number that is not set.
    static let unset = "1.7976931348623157E308"
    static let unsetInt = "2147483647"

    /// A price or an amount that may not be set.
    static func amount(_ value: FixedPoint?) -> String { value?.description ?? unset }
    /// The same where "not set" is an empty field.
    static func orEmpty(_ value: FixedPoint?) -> String { value?.description ?? "" }
    static func flag(_ value: Bool) -> String { value ? "1" : "0" }
}
