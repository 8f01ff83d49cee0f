public import Core

/// An order intent from outside: what somebody wants for one symbol in one cycle, before filters, sizing and risk have said a
/// word.
///
/// A line is `{"symbol", "action" or "target", "confidence"?, "probabilities"?, "limit_price"?, "reason"?, "cycle"?}`.
/// Quantities and prices are decimal strings.
public struct OutsideProposal: Hashable, Sendable {
    public enum Aim: Hashable, Sendable {
        /// The sizing says how much.
        case action(Action)
        /// The position aimed at, short is negative.
        case target(Quantity)
    }

    public let symbol: Symbol
    public let aim: Aim
    /// 0 to 1; who says nothing is certain.
    public let confidence: Double
    public let probabilities: Probabilities?
    public let limitPrice: Price?
    public let reason: String?
    /// The cycle that it was made for; `nil` leaves that to whoever hands it in.
    public let cycle: CycleID?

    /// Reads one line.
    public init(_ bytes: some Collection<UInt8>) throws(LineRefusal) {
        let line = try OutsideLine(bytes, keys: Self.keys)
        symbol = try line.symbol()
        aim = try Self.aim(line)
        confidence = try line.confidence() ?? 1
        probabilities = try line.probabilities()
        limitPrice = try line.decimal("limit_price").map { Price($0) }
        reason = try Self.reason(line)
        cycle = try line.text("cycle").map { text throws(LineRefusal) in
            guard let cycle = CycleID(text) else { throw LineRefusal("cycle", "is '\(text)', which is no cycle") }
            return cycle
        }
        if let limitPrice {
            guard limitPrice.isPositive else { throw LineRefusal("limit_price", "is \(limitPrice), not above 0") }
            guard aim != .action(.hold) else { throw LineRefusal("limit_price", "makes no sense beside 'hold'") }
        }
    }

    /// The symbol that a line speaks of, where it is refused for something else.
    public static func symbol(of bytes: some Collection<UInt8>) -> Symbol? { OutsideLine.symbol(of: bytes) }

    private static let keys = [
        "symbol", "action", "target", "confidence", "probabilities", "limit_price", "reason", "cycle",
    ]
    private static let reasonLimit = 1_000

    private static func aim(_ line: OutsideLine) throws(LineRefusal) -> Aim {
        switch (try line.action(), try line.decimal("target")) {
        case (let action?, nil): return .action(action)
        case (nil, let target?): return .target(Quantity(target))
        case (nil, nil): throw LineRefusal("action", "is missing, and so is 'target'; give one of them")
        case (_?, _?): throw LineRefusal("target", "stands beside 'action'; give one of them")
        }
    }

    /// It is shown wherever the order is.
    private static func reason(_ line: OutsideLine) throws(LineRefusal) -> String? {
        guard let text = try line.text("reason") else { return nil }
        guard text.isPlain else { throw LineRefusal("reason", "holds control characters") }
        let count = text.unicodeScalars.count
        guard count <= reasonLimit else {
            throw LineRefusal("reason", "has \(count) characters; \(reasonLimit) are allowed")
        }
        return text
    }

    /// One spelling per proposal: the same wish gives the same bytes, and every other one does not. The cycle is left out,
    /// since it is that of the decision.
    public var json: JSONValue {
        var members: [JSONValue.Member] = [.init("symbol", JSONValue(symbol))]
        switch aim {
        case .action(let action): members.append(.init("action", .string(action.rawValue)))
        case .target(let target): members.append(.init("target", JSONValue(target)))
        }
        members.append(.init("confidence", .double(confidence)))
        if let probabilities { members.append(.init("probabilities", probabilities.json)) }
        if let limitPrice { members.append(.init("limit_price", JSONValue(limitPrice))) }
        if let reason { members.append(.init("reason", .string(reason))) }
        return .object(members)
    }

    // MARK: What becomes of it

    /// What it says about the size and the price of an order.
    public var terms: ProposedTerms {
        switch aim {
        case .action: ProposedTerms(limitPrice: limitPrice)
        case .target(let target): ProposedTerms(target: target, limitPrice: limitPrice)
        }
    }

    /// The vote that it is, the only one of its decision.
    public func vote(at position: Quantity) -> Vote {
        let action: Action =
            switch aim {
            case .action(let action): action
            case .target(let target): ProposedTerms.action(from: position, to: target)
            }
        return Vote(
            agent: .propose, action: action, probabilities: probabilities ?? .rule(action, confidence: confidence),
            confidence: confidence, detail: ["proposal": json])
    }

    public func isSameWish(as other: OutsideProposal) -> Bool { json == other.json }

    /// Whether a recorded vote came of the same wish.
    public func isSource(of votes: JSONValue) -> Bool { votes.arrayValue?.first?["detail"]?["proposal"] == json }
}
