internal import Core
internal import Execution
internal import Ledger
internal import Store

/// What the brokers' books say is held and executed where they differ from ours: the open breaks.
struct BrokerHoldings {
    private struct Difference {
        let theirs: Quantity
        /// Until when an exit that the broker has refused since it stands is not sent again, by its side.
        let quietUntil: [Side: Instant]
    }

    private let now: Instant
    private var differences: [AccountKey: [Symbol: Difference]] = [:]
    /// What the broker counts as executed of an order beyond the fills that it lists.
    private var missingFills: [AccountKey: [ClientOrderID: Quantity]] = [:]

    /// After the first refusal, and twice as long after each further one.
    private static let firstPause: Int64 = 900
    private static let longestPause: Int64 = 7_200

    init(_ reader: StoreReader, at now: Instant) throws {
        self.now = now
        for found in try reader.openBreaks() {
            let account = AccountKey(found.broker, found.account)
            switch BookDifference.Kind(rawValue: found.kind) {
            case .position:
                guard let symbol = found.symbol, let theirs = try? Quantity(found.theirs) else { continue }
                differences[account, default: [:]][symbol] = Difference(
                    theirs: theirs, quietUntil: try Self.pauses(found, symbol, reader))
            case .missingFills:
                guard let ours = try? Quantity(found.ours), let theirs = try? Quantity(found.theirs) else { continue }
                missingFills[account, default: [:]][ClientOrderID(found.subject)] = try theirs - ours
            case .cash, .duplicateOrder, .missingOrder, .changedActivity, nil: continue
            }
        }
    }

    private static func pauses(_ found: BookBreak, _ symbol: Symbol, _ reader: StoreReader) throws -> [Side: Instant] {
        let refused = try reader.orders(
            ListFilter(
                since: found.firstSeenAt, symbol: symbol, states: [OrderState.rejectedByBroker.rawValue],
                broker: found.broker)
        ).filter { $0.isOurs && $0.account == found.account && $0.type == .market }
        return Dictionary(grouping: refused, by: \.side).compactMapValues { orders in
            guard let last = orders.map(\.submittedAt).max() else { return nil }
            let pause = min(longestPause, firstPause << Int64(min(orders.count - 1, 8)))
            return last.advanced(bySeconds: pause)
        }
    }

    /// `nil` where both agree, as far as the last reconcile knew, and where an exit of what we hold can do no harm: a broker
    /// that takes no short sales refuses it itself, and a list that wrongly shows nothing must not keep a position open. Once
    /// it has refused one it is asked again after a while, and not at every beat: that would use up the orders of the day.
    func quantity(_ symbol: Symbol, _ account: AccountKey, ours: Quantity, allowsShort: Bool) -> Quantity? {
        guard let difference = differences[account]?[symbol] else { return nil }
        let theirs = difference.theirs
        let isOnOurSide = !theirs.isZero && theirs.isNegative == ours.isNegative
        let isQuiet = difference.quietUntil[ours.isNegative ? .buy : .sell].map { now < $0 } ?? false
        return isOnOurSide || allowsShort || isQuiet ? theirs : nil
    }

    /// What the exits of a position that are on their way may have executed by what the broker's lists say: it counts more as
    /// executed than it lists executions for, or no longer lists the order at all.
    func unbookedExits(_ position: LedgerPosition, _ live: [ManagedOrder]) throws -> Quantity {
        let account = AccountKey(position.broker, position.account)
        let closing: Side = position.quantity.isNegative ? .buy : .sell
        let executable = try ExecutableQuantities(live)
        var sum = Quantity.zero
        for order in live
        where order.symbol == position.symbol && order.side == closing
            && AccountKey(order.broker, order.account) == account
        {
            if let counted = missingFills[account]?[order.clientOrderID] {
                sum = try sum + min(counted, executable[order])
            } else if order.isMissing {
                sum = try sum + executable[order]
            }
        }
        return sum
    }
}
