internal import Core
internal import Execution
internal import Ledger
internal import Store

/// What the brokers' books say is held where they differ from ours: the open breaks of positions.
struct BrokerHoldings {
    private var quantities: [AccountKey: [Symbol: Quantity]] = [:]

    init(_ reader: StoreReader) throws {
        for found in try reader.openBreaks() where found.kind == BookDifference.Kind.position.rawValue {
            guard let symbol = found.symbol, let theirs = try? Quantity(found.theirs) else { continue }
            quantities[AccountKey(found.broker, found.account), default: [:]][symbol] = theirs
        }
    }

    /// `nil` where both agree, as far as the last reconcile knew, and where an exit of what we hold can do no harm: a broker
    /// that takes no short sales refuses it itself, and a list that wrongly shows nothing must not keep a position open.
    func quantity(_ symbol: Symbol, _ account: AccountKey, ours: Quantity, allowsShort: Bool) -> Quantity? {
        guard let theirs = quantities[account]?[symbol] else { return nil }
        let isOnOurSide = !theirs.isZero && theirs.isNegative == ours.isNegative
        return isOnOurSide || allowsShort ? theirs : nil
    }
}
