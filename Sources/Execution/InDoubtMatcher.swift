public import Broker
public import Core

/// What a broker's own lists say about an order whose fate is unknown.
public enum DoubtResolution: Hashable, Sendable {
    /// Exactly one order of the broker's can be ours, and no other doubtful order can claim it.
    case bound(BrokerOrder)
    /// Several could be: nothing is guessed, a person looks.
    case ambiguous([BrokerOrderID])
    /// The list is complete and late enough, and lacks it.
    case absent
    /// The list was read before the broker promises to show every order, or is incomplete: it proves nothing.
    case undecided(String)
    /// The list begins then, and the order may have been sent, and have ended, before: no list of the broker's will ever prove
    /// that it did not arrive. A person looks.
    case outOfReach(beginsAt: Instant)
}

/// Finds our doubtful orders among the broker's, by our id where the broker keeps one, else by elimination.
///
/// Elimination compares instrument, side, quantity, type, prices, time in force and the time of the send, after every order
/// that is already ours has been taken out. Uniqueness has to hold both ways: one candidate for the order, and no second
/// doubtful order for the candidate. Since uniqueness is a statement about the whole list, elimination needs a complete
/// list, read after the visibility delay, just as a proof of absence does; our own id needs neither.
public struct InDoubtMatcher: Sendable {
    /// How long after the write-ahead row an order can still have been accepted: the request's deadline with room to spare.
    public static let sendWindow: Duration = .seconds(120)

    public let capabilities: BrokerCapabilities
    public let orders: Snapshot<BrokerOrder>
    public let executions: Snapshot<BrokerExecution>
    /// Broker orders that already belong to an order of ours.
    public let claimed: Set<BrokerOrderID>

    public init(
        capabilities: BrokerCapabilities, orders: Snapshot<BrokerOrder>, executions: Snapshot<BrokerExecution>,
        claimed: Set<BrokerOrderID>
    ) {
        self.capabilities = capabilities
        self.orders = orders
        self.executions = executions
        self.claimed = claimed
    }

    public func resolve(_ doubtful: [ManagedOrder]) -> [ClientOrderID: DoubtResolution] {
        var candidatesByOrder: [ClientOrderID: [BrokerOrder]] = [:]
        var claims: [BrokerOrderID: Int] = [:]
        for order in doubtful {
            let list = candidates(for: order)
            candidatesByOrder[order.clientOrderID] = list
            for candidate in list { claims[candidate.brokerOrderID, default: 0] += 1 }
        }
        var resolutions: [ClientOrderID: DoubtResolution] = [:]
        for order in doubtful {
            let list = candidatesByOrder[order.clientOrderID] ?? []
            let isFree = list.allSatisfy { !claimed.contains($0.brokerOrderID) }
            if list.count == 1, isFree, claims[list[0].brokerOrderID] == 1 {
                let doubt = capabilities.listsClientOrderIDs ? nil : whyInconclusive(for: order)
                resolutions[order.clientOrderID] = doubt.map(DoubtResolution.undecided) ?? .bound(list[0])
            } else if !list.isEmpty {
                resolutions[order.clientOrderID] = .ambiguous(list.map(\.brokerOrderID).sorted())
            } else {
                resolutions[order.clientOrderID] = absence(of: order)
            }
        }
        return resolutions
    }

    /// Broker orders that may belong to one of these orders: listed candidates, lookalikes of another time, and executions
    /// whose order is not listed. As long as the doubt stands they are nobody's: calling them foreign would settle it by
    /// force, and what is foreign no longer keeps the order from being proven absent.
    public func traces(of orders: [ManagedOrder]) -> Set<BrokerOrderID> {
        orders.reduce(into: []) { found, order in
            found.formUnion(candidates(for: order).map(\.brokerOrderID))
            found.formUnion(lookalikes(of: order).map(\.brokerOrderID))
            found.formUnion(strays(for: order).map(\.brokerOrderID))
        }
    }

    /// An order under our own id is ours even where its number belongs to another row: a broker, or fresh books of the
    /// embedded exchange, may give a number a second time. Such a one cannot be bound, and it is no absence either.
    private func candidates(for order: ManagedOrder) -> [BrokerOrder] {
        if capabilities.listsClientOrderIDs { return orders.items.filter { $0.clientOrderID == order.clientOrderID } }
        return orders.items.filter {
            !claimed.contains($0.brokerOrderID) && !$0.isKnownForeign && couldBe($0, order)
        }
    }

    /// Orders that nobody owns and that differ from ours in what a broker may state in its own way, or change: type, prices,
    /// time in force, and the time by a clock of its own. None of them proves that the order is there, all of them keep it
    /// from being proven absent.
    private func lookalikes(of order: ManagedOrder) -> [BrokerOrder] {
        guard !capabilities.listsClientOrderIDs else { return [] }
        return orders.items.filter { listed in
            !claimed.contains(listed.brokerOrderID) && listed.symbol == order.symbol && listed.side == order.side
                && listed.quantity == order.quantity
        }
    }

    private func couldBe(_ listed: BrokerOrder, _ order: ManagedOrder) -> Bool {
        let tolerance = capabilities.clockTolerance
        return hasTerms(of: order, listed)
            && (!listed.tellsPlacedAt
                || listed.placedAt >= order.submittedAt.advanced(by: .zero - tolerance)
                    && listed.placedAt <= order.submittedAt.advanced(by: Self.sendWindow + tolerance))
    }

    private func hasTerms(of order: ManagedOrder, _ listed: BrokerOrder) -> Bool {
        listed.symbol == order.symbol && listed.side == order.side && listed.quantity == order.quantity
            && listed.type == order.type
            && (!listed.tellsTimeInForce || listed.timeInForce == order.timeInForce)
    }

    private func absence(of order: ManagedOrder) -> DoubtResolution {
        if let reason = whyInconclusive(for: order) { return .undecided(reason) }
        // An order that may be ours is a riddle, not an absence: clocks can be wrong, and terms come back changed.
        let lookalikes = lookalikes(of: order).map(\.brokerOrderID)
        guard lookalikes.isEmpty else { return .ambiguous(lookalikes.sorted()) }
        let strays = strays(for: order)
        guard strays.isEmpty else { return .ambiguous(Set(strays.map(\.brokerOrderID)).sorted()) }
        guard let beginsAt = Self.begin(of: orders, executions), capabilities.mayHaveEnded(order, before: beginsAt)
        else { return .absent }
        return .outOfReach(beginsAt: beginsAt)
    }

    /// From when on both lists have everything; `nil` where that is since whatever was asked.
    static func begin(of orders: Snapshot<BrokerOrder>, _ executions: Snapshot<BrokerExecution>) -> Instant? {
        [orders.beginsAt, executions.beginsAt].compactMap { $0 }.max()
    }

    /// Why these lists prove nothing about the order, or `nil` if they do.
    private func whyInconclusive(for order: ManagedOrder) -> String? {
        guard orders.isComplete, executions.isComplete else { return "the broker's list is incomplete" }
        // The write-ahead row may be much older than the send, which waits its turn behind others; but whoever put the doubt
        // on record knew that the request had left, or never would.
        let leftBy = max(order.submittedAt, order.doubtedAt ?? order.submittedAt)
        let visibleFrom = leftBy.advanced(by: capabilities.requestDeadline + capabilities.visibilityDelay)
        guard orders.takenAt < visibleFrom else { return nil }
        return "the broker shows every order from \(visibleFrom) on; the list was read at \(orders.takenAt)"
    }

    /// Executions on the same instrument and side that nobody owns and whose order is not listed: they may be the order's
    /// own trace. Where the broker keeps our ids, one that carries another id is not.
    private func strays(for order: ManagedOrder) -> [BrokerExecution] {
        let earliest = order.submittedAt.advanced(by: .zero - capabilities.clockTolerance)
        return executions.items.filter { execution in
            if capabilities.listsClientOrderIDs, execution.clientOrderID == order.clientOrderID { return true }
            guard execution.symbol == order.symbol, execution.side == order.side, execution.filledAt >= earliest,
                !claimed.contains(execution.brokerOrderID),
                !orders.items.contains(where: { $0.brokerOrderID == execution.brokerOrderID })
            else { return false }
            guard capabilities.listsClientOrderIDs, let id = execution.clientOrderID else { return true }
            return id == order.clientOrderID
        }
    }
}

extension BrokerCapabilities {
    /// Whether the order can have arrived, and have ended, before that instant of the broker's clock.
    func mayHaveEnded(_ order: ManagedOrder, before instant: Instant) -> Bool {
        order.submittedAt < instant.advanced(by: clockTolerance)
    }
}
