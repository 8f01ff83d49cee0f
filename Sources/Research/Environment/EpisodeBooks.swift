internal import Core
internal import Ledger

/// The ledger of one episode in one instrument, with what is asked of it at every bar kept at hand.
///
/// Every amount is the ledger's own: cash and position are read from it after each entry, and a position is valued by its own
/// rule.
struct EpisodeBooks: Sendable {
    private(set) var ledger = Ledger()
    /// `nil` before the first fill.
    private(set) var position: LedgerPosition?
    private(set) var cash = PreciseAmount.zero
    private let key: AccountKey
    private let symbol: Symbol
    private let currency: Currency

    init(_ key: AccountKey, _ instrument: Instrument, opening: Money, at: Instant) throws(LedgerError) {
        (self.key, symbol, currency) = (key, instrument.symbol, instrument.currency)
        try book(.deposit(opening), at: at)
    }

    var quantity: Quantity { position?.quantity ?? .zero }

    mutating func book(_ fact: LedgerEntry.Fact, at: Instant) throws(LedgerError) {
        try ledger.apply(
            LedgerEntry(
                broker: key.broker, account: key.account, at: at, sequence: ledger.entries.count + 1, fact: fact))
        cash = try ledger.cash(currency, in: key)
        position = ledger.position(symbol, broker: key.broker, account: key.account)
    }

    /// Cash and the value of what is held at a price, in the instrument's currency, rounded half to even at the eighth decimal.
    func equity(at price: Price) throws(ArithmeticError) -> FixedPoint {
        guard let position, !position.isFlat else { return cash.rounded }
        return try (cash + position.marketValue(at: price)).rounded
    }
}
