internal import Core
internal import Ledger

/// What one symbol has brought at one broker since its first trade, by the ledger's own arithmetic: cash that came and went for
/// it, fees, taxes and dividends included, and what is held at a price. The rest of the account is not in it.
struct SymbolWealth {
    private var ledger = Ledger()
    private var waiting: ArraySlice<LedgerEntry>
    private let symbol: Symbol
    private let currency: Currency
    private let accounts: Set<AccountKey>
    /// When the position changed without having been traded: what it is worth by that is neither won nor lost.
    private let moves: [Instant]

    /// - Parameter entries: of any symbols, by time and arrival, without executions that were taken back.
    init(_ entries: [LedgerEntry], of symbol: Symbol, _ currency: Currency, at broker: BrokerID) {
        let own = entries.filter { $0.broker == broker && $0.fact.symbol == symbol }
        (self.symbol, self.currency, waiting) = (symbol, currency, own[...])
        accounts = Set(own.map { AccountKey($0.broker, $0.account) })
        moves = own.filter(\.fact.isMove).map(\.at)
    }

    /// In the symbol's currency.
    ///
    /// - Parameter instant: not before that of the last call.
    mutating func value(at instant: Instant, _ price: Price) throws -> PreciseAmount {
        while let next = waiting.first, next.at <= instant {
            try ledger.apply(next)
            waiting.removeFirst()
        }
        return try accounts.reduce(try ledger.cash(currency)) { sum, account in
            let position = ledger.position(symbol, broker: account.broker, account: account.account)
            return try sum + (position?.marketValue(at: price) ?? .zero)
        }
    }

    func wasMoved(after: Instant, through: Instant) -> Bool { moves.contains { after < $0 && $0 <= through } }
}

extension LedgerEntry.Fact {
    /// `nil` for what concerns an account as a whole.
    fileprivate var symbol: Symbol? {
        switch self {
        case .fill(_, let symbol, _, _, _, _, _, _, _), .openingPosition(let symbol, _, _, _, _, _),
            .transfer(let symbol, _, _, _, _, _), .dividend(let symbol, _, _, _), .split(let symbol, _, _, _),
            .valuation(let symbol, _):
            symbol
        case .bust, .deposit, .conversion, .adjustment: nil
        }
    }

    fileprivate var isMove: Bool {
        switch self {
        case .openingPosition, .transfer, .valuation: true
        case .fill, .bust, .deposit, .dividend, .split, .conversion, .adjustment: false
        }
    }
}
