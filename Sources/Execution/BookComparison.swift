public import Broker
public import Core

/// A difference between our ledger and a broker's books. Recorded with an age, alerted, never adjusted away.
public struct BookDifference: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case position
        case cash
        /// The broker counts more executed shares of an order than it lists executions for.
        case missingFills = "missing-fills"
        /// Two orders at the broker that live or were executed carry one id of ours.
        case duplicateOrder = "duplicate-order"
        /// An order that the broker once numbered, and that we count as live, is missing from its complete lists.
        case missingOrder = "missing-order"
        /// The broker changed an account activity that is booked: the first report stays.
        case changedActivity = "changed-activity"

        /// Whether both sides may differ like that for good once a person has looked: what we hold and own does not depend on
        /// it. Quantities and cash that differ are never accepted.
        public var isAcceptable: Bool {
            switch self {
            case .duplicateOrder, .changedActivity: true
            case .position, .cash, .missingFills, .missingOrder: false
            }
        }
    }

    public let kind: Kind
    public let broker: BrokerID
    public let account: AccountID
    /// The symbol, the currency or the order concerned.
    public let subject: String
    /// The instrument, where it is about one.
    public let symbol: Symbol?
    public let ours: String
    public let theirs: String

    public init(
        kind: Kind, broker: BrokerID, account: AccountID, subject: String, symbol: Symbol? = nil, ours: String,
        theirs: String
    ) {
        self.kind = kind
        self.broker = broker
        self.account = account
        self.subject = subject
        self.symbol = symbol
        self.ours = ours
        self.theirs = theirs
    }
}

/// Positions, cash and executed quantities, ours against the broker's.
public struct BookComparison: Sendable {
    public let broker: BrokerID
    public let account: AccountID

    public init(broker: BrokerID, account: AccountID) {
        self.broker = broker
        self.account = account
    }

    /// A symbol missing from a complete list is held at zero; from an incomplete one nothing is concluded.
    public func positions(ours: [Symbol: Quantity], theirs: Snapshot<BrokerPosition>) -> [BookDifference] {
        let listed = Dictionary(theirs.items.map { ($0.symbol, $0.quantity) }, uniquingKeysWith: { first, _ in first })
        let symbols = Set(listed.keys).union(theirs.isComplete ? Set(ours.keys) : [])
        return symbols.sorted().compactMap { symbol in
            let mine = ours[symbol] ?? .zero
            let broker = listed[symbol] ?? .zero
            return mine == broker ? nil : found(.position, symbol.text, symbol, mine.description, broker.description)
        }
    }

    /// Amounts may differ by less than one minor unit of the currency: brokers round statements, not trades.
    ///
    /// - Parameter reckoned: where we reckon costs (``BrokerCapabilities/reckonsCosts``), what may be between the two by how they
    ///   are rounded.
    public func cash(
        ours: [Currency: FixedPoint], theirs: Snapshot<Money>, reckoned: [Currency: ReckonedCosts] = [:]
    ) -> [BookDifference] {
        let listed = Dictionary(theirs.items.map { ($0.currency, $0.amount) }, uniquingKeysWith: { first, _ in first })
        let currencies = Set(listed.keys).union(theirs.isComplete ? Set(ours.keys) : [])
        return currencies.sorted().compactMap { currency in
            let mine = ours[currency] ?? .zero
            let broker = listed[currency] ?? .zero
            guard !Self.agree(mine, broker, currency, reckoned[currency]) else { return nil }
            return found(.cash, currency.code, nil, "\(mine)", "\(broker)")
        }
    }

    public func executedQuantities(_ orders: [ManagedOrder], _ listed: Snapshot<BrokerOrder>) -> [BookDifference] {
        let byNumber = Dictionary(listed.items.map { ($0.brokerOrderID, $0) }, uniquingKeysWith: { first, _ in first })
        return orders.compactMap { order in
            // What a foreign order executed before takt met the account is part of the opening balances.
            guard let number = order.brokerOrderID, let theirs = byNumber[number],
                let booked = try? order.filledBefore + order.filledQuantity, theirs.filledQuantity > booked
            else { return nil }
            return found(
                .missingFills, order.clientOrderID.text, order.symbol, booked.description,
                theirs.filledQuantity.description)
        }
    }

    /// Orders that we count as live and that the broker's complete lists lacked often enough. They are never concluded to be
    /// cancelled: they go on counting, and so stand in the way of exits, until a person settles them.
    public func missing(_ live: [ManagedOrder]) -> [BookDifference] {
        live.filter(\.isMissing).map { order in
            found(
                .missingOrder, order.clientOrderID.text, order.symbol,
                "\(order.state.rawValue), \(order.side.rawValue) \(order.leavesQuantity) \(order.symbol) open",
                "not listed")
        }.sorted { $0.subject < $1.subject }
    }

    public func duplicates(_ listed: Snapshot<BrokerOrder>) -> [BookDifference] {
        let live = listed.items.filter {
            [.working, .partiallyFilled, .filled, .inactive].contains($0.status) || $0.filledQuantity.isPositive
        }
        let byID = Dictionary(grouping: live.filter { $0.clientOrderID != nil }, by: { $0.clientOrderID })
        return byID.compactMap { id, orders in
            guard let id, orders.count > 1 else { return nil }
            let numbers = orders.map(\.brokerOrderID.text).sorted().joined(separator: ", ")
            return found(.duplicateOrder, id.text, orders[0].symbol, "1 order", "\(orders.count) orders: \(numbers)")
        }.sorted { $0.subject < $1.subject }
    }

    private static func agree(
        _ ours: FixedPoint, _ theirs: FixedPoint, _ currency: Currency, _ reckoned: ReckonedCosts?
    ) -> Bool {
        guard let difference = try? ours - theirs else { return false }
        if isLess(difference, than: 1, currency) { return true }
        guard let reckoned, isLess(difference, than: ReckonedCosts.units(reckoned.executions), currency) else {
            return false
        }
        guard let agreed = reckoned.agreed else { return true }
        guard let growth = try? difference - agreed.difference else { return false }
        return isLess(growth, than: ReckonedCosts.units(reckoned.executions - agreed.executions), currency)
    }

    private static func isLess(_ difference: FixedPoint, than units: Int, _ currency: Currency) -> Bool {
        guard let bound = try? FixedPoint(units: minorUnit(currency) * Int128(units)) else { return false }
        return difference.magnitude < bound
    }

    private static func minorUnit(_ currency: Currency) -> Int128 {
        var units = FixedPoint.unitsPerOne
        for _ in 0..<currency.minorDigits { units /= 10 }
        return units
    }

    /// An activity whose content is not the booked one any more.
    public func changedActivity(_ id: String, booked: String, reported: String) -> BookDifference {
        found(.changedActivity, id, nil, booked, reported)
    }

    private func found(
        _ kind: BookDifference.Kind, _ subject: String, _ symbol: Symbol?, _ ours: String, _ theirs: String
    ) -> BookDifference {
        BookDifference(
            kind: kind, broker: broker, account: account, subject: subject, symbol: symbol, ours: ours, theirs: theirs)
    }
}
