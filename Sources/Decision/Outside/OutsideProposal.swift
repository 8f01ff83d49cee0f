public import Core

/// An order intent from outside: what somebody wants for one symbol in one cycle, before filters, sizing and risk have said a
/// word.
///
/// A line is `{"symbol", "action" or "target", "confidence"?, "probabilities"?, "reason"?, "cycle"?}`, and what it may say of its
/// order beside (``OutsideLine/orderKeys``). Quantities and prices are decimal strings.
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
    /// As it was given, not yet rounded; `nil` leaves it to the configuration.
    public let type: OrderType?
    /// `nil` leaves it to the configuration.
    public let timeInForce: TimeInForce?
    public let handling: OrderHandling
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
        type = try line.orderType()
        timeInForce = try line.timeInForce()
        handling = try line.handling(timeInForce)
        reason = try Self.reason(line)
        cycle = try line.text("cycle").map { text throws(LineRefusal) in
            guard let cycle = CycleID(text) else { throw LineRefusal("cycle", "is '\(text)', which is no cycle") }
            return cycle
        }
        if aim == .action(.hold), let key = OutsideLine.orderKeys.first(where: { line.member($0) != nil }) {
            throw LineRefusal(key, "makes no sense beside 'hold'")
        }
    }

    /// The symbol that a line speaks of, where it is refused for something else.
    public static func symbol(of bytes: some Collection<UInt8>) -> Symbol? { OutsideLine.symbol(of: bytes) }

    private static let keys =
        [
            "symbol", "action", "target", "confidence", "probabilities", "reason", "cycle",
        ] + OutsideLine.orderKeys
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
        members += order
        if let reason { members.append(.init("reason", .string(reason))) }
        return .object(members)
    }

    /// What it says of its order, under the keys of the line; the type where its prices do not say it.
    private var order: [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        func add(_ key: String, _ value: JSONValue?) { if let value { members.append(.init(key, value)) } }
        add("limit_price", type?.limitPrice.map { JSONValue($0) })
        switch type {
        case .market, .marketToLimit, .conditionalLimit, .bestOwnSide: add("order_type", type.map { .string($0.name) })
        case nil, .limit, .stop, .stopLimit, .trailingStop, .trailingStopLimit: break
        }
        add("stop_price", type?.stopPrice.map { JSONValue($0) })
        members += type?.distances ?? []
        add("time_in_force", timeInForce.map { .string($0.rawValue) })
        add("good_until", handling.goodUntil.map { JSONValue($0) })
        if handling.outsideRegularHours { add("outside_regular_hours", true) }
        add("algorithm", handling.algorithm?.json)
        add("take_profit", handling.bracket?.takeProfit.map { JSONValue($0) })
        add("stop_loss", handling.bracket?.stopLoss.map { JSONValue($0) })
        return members
    }

    // MARK: What becomes of it

    /// What it says about the size and the price of an order.
    public var terms: ProposedTerms {
        switch aim {
        case .action: ProposedTerms(type: type, timeInForce: timeInForce, handling: handling)
        case .target(let target):
            ProposedTerms(target: target, type: type, timeInForce: timeInForce, handling: handling)
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
