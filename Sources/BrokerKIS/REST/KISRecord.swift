internal import Core

/// A JSON object of KIS's: members are found whatever the case of their names, since answers to orders come in upper case,
/// inquiries in lower, and one field in both. Values are texts; an empty one means that there is none.
struct KISRecord: Hashable, Sendable {
    private let members: [String: JSONValue]

    /// `nil` for what is no object.
    init?(_ json: JSONValue) {
        guard case .object(let list) = json else { return nil }
        members = Dictionary(list.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// The text of a member without blanks around it; `nil` where it is missing or blank.
    func text(_ key: String) -> String? {
        guard let value = members[key.lowercased()]?.stringValue else { return nil }
        let trimmed = value.drop { $0 == " " }
        guard let last = trimmed.lastIndex(where: { $0 != " " }) else { return nil }
        return String(trimmed[...last])
    }

    /// A member exactly as it came, blanks included: continuation keys are sent back that way.
    func raw(_ key: String) -> String? { members[key.lowercased()]?.stringValue }

    /// A member that is an object, or an array of just one.
    func record(_ key: String) -> KISRecord? {
        switch members[key.lowercased()] {
        case .array(let items)?: items.first.flatMap(KISRecord.init)
        case let value?: KISRecord(value)
        case nil: nil
        }
    }

    /// The rows of a member that is an array, or one object in its place. A missing member has none.
    func rows(_ key: String) -> [KISRecord] {
        switch members[key.lowercased()] {
        case .array(let items)?: items.compactMap(KISRecord.init)
        case let value?: KISRecord(value).map { [$0] } ?? []
        case nil: []
        }
    }

    /// Whether a member is a list of objects, or one object in its place: what ``rows(_:)`` reads without leaving anything out.
    func isList(_ key: String) -> Bool {
        switch members[key.lowercased()] {
        case .array(let items)?: items.allSatisfy { KISRecord($0) != nil }
        case .object?: true
        case .null?, .bool?, .int?, .double?, .string?, nil: false
        }
    }
}
