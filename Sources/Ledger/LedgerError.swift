public import Core

/// Why the books cannot be made or valued. The ledger that threw is left as it was before.
public enum LedgerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// An amount left the range of exact decimals.
    case arithmetic(ArithmeticError, while: String)
    /// A fill, a split or a rate has a quantity or a ratio that cannot be booked.
    case invalidEntry(sequence: Int, at: Instant, reason: String)
    /// One position was traded in two currencies.
    case currencyChanged(Symbol, held: Currency, entry: Currency, sequence: Int)
    /// The multiplier of an open position differs from that of a new entry.
    case multiplierChanged(Symbol, held: FixedPoint, entry: FixedPoint, sequence: Int)
    /// An amount has to be shown in the base currency, and no rate is known for its time.
    case rateMissing(Currency, base: Currency, at: Instant)
    /// A mark of an equity curve is older than the one before it, or in another currency.
    case marksOutOfOrder(Instant, String)

    public var description: String {
        switch self {
        case .arithmetic(let error, let activity):
            "While \(activity): \(error). The entry is not booked; check its quantity, price and currency."
        case .invalidEntry(let sequence, let at, let reason):
            "Ledger entry \(sequence) of \(at) cannot be booked: \(reason). The books stand before it; correct the entry."
        case .currencyChanged(let symbol, let held, let entry, let sequence):
            "\(symbol) is kept in \(held), but ledger entry \(sequence) is in \(entry). The books stand before it; "
                + "check the currency of \(symbol) in symbols.yaml."
        case .multiplierChanged(let symbol, let held, let entry, let sequence):
            "The open position in \(symbol) has the multiplier \(held), but ledger entry \(sequence) has \(entry). "
                + "The books stand before it; check the multiplier of \(symbol) in symbols.yaml."
        case .rateMissing(let currency, let base, let at):
            "No rate from \(currency) to \(base) is known at \(at). Nothing was valued; record a rate and run again."
        case .marksOutOfOrder(let at, let reason):
            "The equity mark of \(at) does not continue the curve: \(reason). The curve is unchanged."
        }
    }
}

/// Runs a calculation and names what it was for, should it leave the range of exact decimals.
func booking<Result>(
    _ activity: @autoclosure () -> String, _ calculation: () throws(ArithmeticError) -> Result
) throws(LedgerError) -> Result {
    do { return try calculation() } catch { throw .arithmetic(error, while: activity()) }
}
