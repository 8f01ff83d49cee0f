import Core

/// Why a line from outside is refused.
public struct LineRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The key that is wrong; `nil` if it is the line as a whole.
    public let key: String?
    /// Goes on from the key: `is missing`.
    public let problem: String

    public init(_ key: String?, _ problem: String) {
        // Both may quote whatever stood in the line.
        self.key = key?.plain(limit: Self.shown)
        self.problem = problem.plain(limit: Self.shown)
    }

    public var description: String { key.map { "'\($0)' \(problem)" } ?? "the line \(problem)" }

    private static let shown = 200
}

/// One line from outside: a JSON object, read strictly. What votes and proposals have in common is read here.
struct OutsideLine {
    /// Bytes of one line.
    static let limit = 65_536
    /// Levels of what is kept as it came. The document it is kept in has some of its own, and 64 is the most that is read.
    static let depthLimit = 16

    let members: [JSONValue.Member]

    /// - Parameter keys: those that may stand in it.
    init(_ bytes: some Collection<UInt8>, keys: [String]) throws(LineRefusal) {
        let value: JSONValue
        do { value = try JSONValue(parsing: Array(bytes)) } catch { throw LineRefusal(nil, "is no JSON: \(error)") }
        guard case .object(let members) = value else { throw LineRefusal(nil, "is no JSON object") }
        self.members = members
        guard bytes.count <= Self.limit else {
            throw LineRefusal(nil, "has \(bytes.count) bytes; \(Self.limit) are allowed")
        }
        guard let stranger = members.first(where: { !keys.contains($0.key) }) else { return }
        let nearest = Nearest.match(stranger.key, in: keys).map { "; did you mean '\($0)'?" } ?? ""
        throw LineRefusal(stranger.key, "is not known\(nearest)")
    }

    /// The symbol that a line speaks of, wrong as the rest of it may be.
    static func symbol(of bytes: some Collection<UInt8>) -> Symbol? {
        (try? JSONValue(parsing: Array(bytes)))?["symbol"]?.stringValue.map { Symbol($0) }
    }

    /// `null` counts as absent.
    func member(_ key: String) -> JSONValue? {
        guard let value = members.first(where: { $0.key == key })?.value, value != .null else { return .none }
        return value
    }

    func text(_ key: String) throws(LineRefusal) -> String? {
        guard let member = member(key) else { return nil }
        guard let text = member.stringValue else { throw LineRefusal(key, "is no string") }
        return text
    }

    func symbol() throws(LineRefusal) -> Symbol {
        guard let text = try text("symbol") else { throw LineRefusal("symbol", "is missing") }
        return Symbol(text)
    }

    func action() throws(LineRefusal) -> Action? {
        guard let text = try text("action") else { return nil }
        guard let action = Action(rawValue: text) else {
            throw LineRefusal("action", "is '\(text)'; it may be hold, buy or sell")
        }
        return action
    }

    func confidence() throws(LineRefusal) -> Double? {
        try member("confidence").map { value throws(LineRefusal) in try Self.share(value, "confidence") }
    }

    /// Each of the three from 0 to 1, together 1.
    func probabilities() throws(LineRefusal) -> Probabilities? {
        guard let member = member("probabilities") else { return nil }
        guard case .object(let shares) = member, Set(shares.map(\.key)) == Set(Action.allCases.map(\.rawValue)) else {
            throw LineRefusal("probabilities", "is no object of hold, buy and sell")
        }
        func share(_ action: Action) throws(LineRefusal) -> Double {
            try Self.share(member[action.rawValue] ?? .null, "probabilities.\(action.rawValue)")
        }
        let probabilities = Probabilities(
            hold: try share(.hold), buy: try share(.buy), sell: try share(.sell))
        let sum = probabilities.hold + probabilities.buy + probabilities.sell
        guard abs(sum - 1) <= Self.sumTolerance else {
            throw LineRefusal("probabilities", "add up to \(sum), not to 1")
        }
        return probabilities
    }

    /// A decimal number as a string: binary numbers are no prices and no quantities.
    func decimal(_ key: String) throws(LineRefusal) -> FixedPoint? {
        guard let member = member(key) else { return nil }
        guard let text = member.stringValue else { throw LineRefusal(key, "is no string; write \"12.5\"") }
        do { return try FixedPoint(text) } catch { throw LineRefusal(key, "is no decimal number: \(error)") }
    }

    private static func share(_ value: JSONValue, _ key: String) throws(LineRefusal) -> Double {
        guard let share = value.doubleValue else { throw LineRefusal(key, "is no number") }
        guard (0...1).contains(share) else { throw LineRefusal(key, "is \(share); 0 to 1 is allowed") }
        return share
    }

    /// What sums of 32-bit numbers miss 1 by, and more.
    private static let sumTolerance = 1e-6
}

extension JSONValue {
    /// Levels of lists and objects; a plain value has none.
    var depth: Int {
        switch self {
        case .null, .bool, .int, .double, .string: 0
        case .array(let items): 1 + (items.map(\.depth).max() ?? 0)
        case .object(let members): 1 + (members.map(\.value.depth).max() ?? 0)
        }
    }
}
