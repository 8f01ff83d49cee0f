internal import Core
internal import Execution
internal import Ledger
internal import Store

/// What the brokers' books say is held where they differ from ours: the open breaks of positions.
struct BrokerHoldings {
    private struct Difference {
        let theirs: Quantity
        /// The sides of orders of ours that the broker has refused since it stands, of late.
        let refused: Set<Side>
    }

    private var differences: [AccountKey: [Symbol: Difference]] = [:]

    /// So long the broker's refusal of an exit is taken for its word that there is nothing to close.
    private static let refusalSeconds: Int64 = 12 * 3_600

    init(_ reader: StoreReader, at now: Instant) throws {
        for found in try reader.openBreaks() where found.kind == BookDifference.Kind.position.rawValue {
            guard let symbol = found.symbol, let theirs = try? Quantity(found.theirs) else { continue }
            let refused = try reader.orders(
                ListFilter(
                    since: max(found.firstSeenAt, now.advanced(bySeconds: -Self.refusalSeconds)), symbol: symbol,
                    states: [OrderState.rejectedByBroker.rawValue], broker: found.broker)
            ).filter { $0.isOurs && $0.account == found.account }
            differences[AccountKey(found.broker, found.account), default: [:]][symbol] = Difference(
                theirs: theirs, refused: Set(refused.map(\.side)))
        }
    }

    /// `nil` where both agree, as far as the last reconcile knew, and where an exit of what we hold can do no harm: a broker
    /// that takes no short sales refuses it itself, and a list that wrongly shows nothing must not keep a position open. Once
    /// it has refused one it is not asked at every beat: that would only use up the orders of the day.
    func quantity(_ symbol: Symbol, _ account: AccountKey, ours: Quantity, allowsShort: Bool) -> Quantity? {
        guard let difference = differences[account]?[symbol] else { return nil }
        let theirs = difference.theirs
        let isOnOurSide = !theirs.isZero && theirs.isNegative == ours.isNegative
        let wasRefused = difference.refused.contains(ours.isNegative ? .buy : .sell)
        return isOnOurSide || allowsShort || wasRefused ? theirs : nil
    }
}
