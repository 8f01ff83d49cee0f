public import Core

extension Ledger {
    /// The accounts that ever had an entry, in order.
    public var accounts: [AccountKey] {
        accountTable.sorted()
    }

    /// Every position ever held, flat ones included, by broker, account and symbol.
    public var positions: [LedgerPosition] {
        states.map(LedgerPosition.init).sorted {
            ($0.broker, $0.account, $0.symbol) < ($1.broker, $1.account, $1.symbol)
        }
    }

    public var openPositions: [LedgerPosition] { positions.filter { !$0.isFlat } }

    public func positions(_ account: AccountKey) -> [LedgerPosition] {
        positions.filter { $0.broker == account.broker && $0.account == account.account }
    }

    /// `nil` if the account never traded the symbol.
    public func position(_ symbol: Symbol, broker: BrokerID, account: AccountID) -> LedgerPosition? {
        let owner = AccountKey(broker, account)
        return states.first { $0.symbol == symbol && $0.account == owner }.map(LedgerPosition.init)
    }

    /// The positions of all accounts, one row per symbol and currency.
    public var unified: [UnifiedPosition] {
        get throws(LedgerError) {
            let groups = Dictionary(grouping: positions) { [$0.symbol.text, $0.currency.code] }
            var result: [UnifiedPosition] = []
            for key in groups.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                guard let parts = groups[key], let first = parts.first else { continue }
                result.append(
                    try booking("adding up \(first.symbol)") { () throws(ArithmeticError) in
                        try UnifiedPosition(first, parts)
                    })
            }
            return result
        }
    }

    // MARK: Money

    /// Cash by broker, account and currency, rounded half to even at the eighth decimal.
    public var cash: [(broker: BrokerID, account: AccountID, money: Money)] {
        cashBooks.map { book in
            let owner = accountTable[book.account]
            return (owner.broker, owner.account, Money(book.cash.rounded, book.currency))
        }
        .sorted { ($0.broker, $0.account, $0.money.currency) < ($1.broker, $1.account, $1.money.currency) }
    }

    public func cash(_ currency: Currency, in account: AccountKey? = nil) throws(LedgerError) -> PreciseAmount {
        try total(account, \.cash)[currency] ?? .zero
    }

    public func cashByCurrency(_ account: AccountKey? = nil) throws(LedgerError) -> [Currency: PreciseAmount] {
        try total(account, \.cash)
    }

    /// Commissions and exchange fees paid, by currency; a currency appears once something was filled in it.
    public func fees(_ account: AccountKey? = nil) throws(LedgerError) -> [Currency: PreciseAmount] {
        try total(account, \.fees, where: \.hasFills)
    }

    /// Taxes on trades, by currency. Tax withheld from dividends is in ``withheldTaxes(_:)``.
    public func taxes(_ account: AccountKey? = nil) throws(LedgerError) -> [Currency: PreciseAmount] {
        try total(account, \.taxes, where: \.hasFills)
    }

    /// Dividends received after tax, less those paid on shorts.
    public func dividends(_ account: AccountKey? = nil) throws(LedgerError) -> [Currency: PreciseAmount] {
        try total(account, \.dividends, where: \.hasDividends)
    }

    public func withheldTaxes(_ account: AccountKey? = nil) throws(LedgerError) -> [Currency: PreciseAmount] {
        try total(account, \.withheld, where: \.hasDividends)
    }

    /// Deposits less withdrawals, and the cost of opening positions.
    public func paidIn(_ account: AccountKey? = nil) throws(LedgerError) -> [Currency: PreciseAmount] {
        try total(account, \.paidIn)
    }

    /// Realised profit of all time, before fees and taxes.
    public func realised(_ method: CostMethod, _ account: AccountKey? = nil) throws(LedgerError)
        -> [Currency: PreciseAmount]
    {
        var sums: [Currency: PreciseAmount] = [:]
        for state in states where account.map({ $0 == state.account }) ?? true {
            let part = method == .average ? state.realisedAverage : state.realisedFIFO
            sums[state.currency] = try booking("adding up realised profit") { () throws(ArithmeticError) in
                try (sums[state.currency] ?? .zero) + part
            }
        }
        return sums
    }

    private func total(
        _ account: AccountKey?, _ amount: (CashBook) -> PreciseAmount, where counts: (CashBook) -> Bool = { _ in true }
    ) throws(LedgerError) -> [Currency: PreciseAmount] {
        var sums: [Currency: PreciseAmount] = [:]
        for book in cashBooks where counts(book) && account.map({ $0 == accountTable[book.account] }) ?? true {
            sums[book.currency] = try booking("adding up accounts in \(book.currency)") { () throws(ArithmeticError) in
                try (sums[book.currency] ?? .zero) + amount(book)
            }
        }
        return sums
    }

    // MARK: A span of time

    /// The events in `[from, until)`; open ends where `nil`.
    public func events(from: Instant?, until: Instant? = nil) -> ArraySlice<LedgerEvent> {
        let first = from.map { firstEvent(notBefore: $0) } ?? 0
        let end = until.map { firstEvent(notBefore: $0) } ?? events.count
        return events[first..<max(first, end)]
    }

    /// What was realised, paid and received in a span, in one currency.
    public struct Activity: Hashable, Sendable {
        public internal(set) var realisedAverage = PreciseAmount.zero
        public internal(set) var realisedFIFO = PreciseAmount.zero
        public internal(set) var fees = PreciseAmount.zero
        public internal(set) var taxes = PreciseAmount.zero
        public internal(set) var dividends = PreciseAmount.zero
        public internal(set) var deposits = PreciseAmount.zero
        /// Cash that came from (negative: went into) buying and selling, before fees and taxes.
        public internal(set) var trades = PreciseAmount.zero
        public internal(set) var conversions = PreciseAmount.zero
        /// Interest, fees of the account and corrections: profit or loss without a trade.
        public internal(set) var adjustments = PreciseAmount.zero
        public internal(set) var fills = 0

        mutating func add(_ event: LedgerEvent) throws(ArithmeticError) {
            realisedAverage = try realisedAverage + event.realisedAverage
            realisedFIFO = try realisedFIFO + event.realisedFIFO
            fees = try fees + PreciseAmount(event.fee)
            taxes = try taxes + PreciseAmount(event.tax)
            dividends = try dividends + event.dividend
            switch event.kind {
            case .fill, .cashInLieu:
                let gross = try event.cash + PreciseAmount(event.fee) + PreciseAmount(event.tax)
                trades = try trades + gross
                fills += event.kind == .fill ? 1 : 0
            case .deposit: deposits = try deposits + event.cash
            case .conversion: conversions = try conversions + event.cash
            case .adjustment: adjustments = try adjustments + event.cash
            case .dividend, .openingPosition, .transfer, .valuation: break
            }
        }

        public func realised(_ method: CostMethod) -> PreciseAmount {
            method == .average ? realisedAverage : realisedFIFO
        }
    }

    /// The cash bridge of `[from, until)` by currency: trades − fees − taxes + dividends + deposits + conversions + adjustments is the
    /// change of cash.
    public func activity(from: Instant?, until: Instant? = nil) throws(LedgerError) -> [Currency: Activity] {
        var result: [Currency: Activity] = [:]
        for event in events(from: from, until: until) {
            try booking("adding up the activity in \(event.currency)") { () throws(ArithmeticError) in
                try result[event.currency, default: Activity()].add(event)
            }
        }
        return result
    }

    /// Profit realised at or after an instant, by currency, before fees and taxes.
    public func realised(since: Instant, _ method: CostMethod = .average) throws(LedgerError)
        -> [Currency: PreciseAmount]
    {
        try activity(from: since).mapValues { $0.realised(method) }.filter { !$0.value.isZero }
    }

    /// Events are in order of time, so this is a binary search.
    private func firstEvent(notBefore instant: Instant) -> Int {
        var low = 0
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            if events[middle].at < instant { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension UnifiedPosition {
    /// `parts` share the symbol and the currency of `first`.
    init(_ first: LedgerPosition, _ parts: [LedgerPosition]) throws(ArithmeticError) {
        var quantity = Quantity.zero
        var average = PreciseAmount.zero
        var fifo = PreciseAmount.zero
        for part in parts {
            quantity = try quantity + part.quantity
            average = try average + part.exactRealisedAverage
            fifo = try fifo + part.exactRealisedFIFO
        }
        self.init(
            symbol: first.symbol, currency: first.currency, quantity: quantity, realisedAverage: average,
            realisedFIFO: fifo, parts: parts)
    }
}
