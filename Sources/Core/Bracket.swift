/// What closes the position that an entry opens: orders that are given with it, rest at the broker, and begin to work when it is
/// filled. The first of both that is executed ends the other. At least one of them is there.
public struct Bracket: Hashable, Sendable {
    /// A limit on the better side of the entry.
    public let takeProfit: Price?
    /// A stop on the worse side.
    public let stopLoss: Price?

    /// `nil` where neither is given.
    public init?(takeProfit: Price?, stopLoss: Price?) {
        guard takeProfit != nil || stopLoss != nil else { return nil }
        self.takeProfit = takeProfit
        self.stopLoss = stopLoss
    }

    /// Its intents are numbered from there, apart from the exits that risk asks for in the same cycle.
    static let firstLeg = 100

    /// The word for it among ``OrderHandling/wishes``.
    public static let name = "bracket"

    public var prices: [Price] { [takeProfit, stopLoss].compactMap { $0 } }

    /// Its orders, the take-profit first.
    public var legs: [(purpose: OrderPurpose, type: OrderType)] {
        let profit = takeProfit.map { (OrderPurpose.takeProfit, OrderType.limit($0)) }
        let loss = stopLoss.map { (OrderPurpose.stopLoss, OrderType.stop($0)) }
        return [profit, loss].compactMap { $0 }
    }

    /// Whether an entry on that side at that price lies between both.
    public func encloses(_ price: Price, _ side: Side) -> Bool {
        let (upper, lower) = side == .buy ? (takeProfit, stopLoss) : (stopLoss, takeProfit)
        return upper.map { price < $0 } ?? true && lower.map { price > $0 } ?? true
    }

    public var json: JSONValue {
        var members: [JSONValue.Member] = []
        if let takeProfit { members.append(.init("take_profit", JSONValue(takeProfit))) }
        if let stopLoss { members.append(.init("stop_loss", JSONValue(stopLoss))) }
        return .object(members)
    }

    public init<Failure>(_ reader: EvidenceReader<Failure>) throws(Failure) {
        let bracket = Bracket(
            takeProfit: try reader.decimal("take_profit", orElse: nil).map { Price($0) },
            stopLoss: try reader.decimal("stop_loss", orElse: nil).map { Price($0) })
        guard let bracket else { throw Failure.evidence(path: reader.path, problem: "has neither of its two prices") }
        self = bracket
    }
}

extension OrderIntent {
    /// The intents of its bracket: for the same quantity on the other side, good till cancelled, for a position outlives its
    /// day. They are put on record and sent with it, never alone.
    ///
    /// Approved with it.
    ///
    /// - Parameter now: When they are made.
    public func protection(at now: Instant) -> [OrderIntent] {
        (handling.bracket?.legs ?? []).map { leg in
            OrderIntent(
                cycle: cycle, symbol: symbol, leg: self.leg + Bracket.firstLeg, purpose: leg.purpose,
                side: side.opposite, type: leg.type,
                quantity: quantity, timeInForce: .goodTillCancelled,
                handling: OrderHandling(outsideRegularHours: handling.outsideRegularHours, protects: id),
                state: .approved, broker: broker, attempt: attempt, referencePrice: referencePrice, createdAt: now,
                expiresAt: expiresAt, reasons: [Reason(code: Bracket.name, message: "protects what \(id) opens")])
        }
    }
}

/// What each of some orders may still execute, seen together: those that protect an entry no more than it has executed, and of
/// those that end each other only the one that may execute most.
public struct ExecutableQuantities: Sendable {
    private let limited: [ClientOrderID: Quantity]

    /// - Parameter orders: All that may stand at a broker. An entry that is not among them is done.
    public init(_ orders: [ManagedOrder]) throws(ArithmeticError) {
        var limited: [ClientOrderID: Quantity] = [:]
        let attached = orders.filter { $0.handling.protects != nil && $0.state.mayBeLive }
        for (group, members) in Dictionary(grouping: attached, by: { Group($0) }) {
            var executed = Quantity.zero
            for member in members { executed = try executed + member.executedQuantity }
            let entry = orders.first { $0.intentID == group.entry && $0.attempt == group.attempt && $0.state.mayBeLive }
            // The others become smaller by what one of them executes, and until their broker lists them so they count too much.
            var most = (order: members[0].clientOrderID, quantity: Quantity.zero)
            for member in members.sorted(by: { $0.clientOrderID < $1.clientOrderID }) {
                limited[member.clientOrderID] = .zero
                var left = member.leavesQuantity
                if let entry { left = min(left, try entry.executedQuantity - executed) }
                if left > most.quantity { most = (member.clientOrderID, left) }
            }
            limited[most.order] = most.quantity
        }
        self.limited = limited
    }

    private struct Group: Hashable {
        let entry: IntentID?
        let attempt: Int

        init(_ order: ManagedOrder) {
            entry = order.handling.protects
            attempt = order.attempt
        }
    }

    /// Zero for an order that counts with another one.
    public subscript(order: ManagedOrder) -> Quantity { limited[order.clientOrderID] ?? order.leavesQuantity }
}

extension ManagedOrder {
    /// By our books, and before they began.
    fileprivate var executedQuantity: Quantity { (try? filledBefore + filledQuantity) ?? filledQuantity }
}
