public import Core

/// The books: positions, cash, fees, taxes, dividends and realised profit of every account, folded from ledger entries.
///
/// The result depends on the set of entries alone, never on the order in which they were given: entries take effect in
/// order of `at`, then of `sequence`. An execution reported again is ignored (the lowest sequence counts), and a bust
/// removes its execution as if it had never been. Both cost methods are kept side by side; fees and taxes stand apart
/// and enter neither cost nor realised profit.
///
/// Amounts are exact: see ``PreciseAmount`` for the two places where a digit is rounded.
public struct Ledger: Hashable, Sendable {
    /// Every entry taken in, ignored ones included, in order of effect.
    public private(set) var entries: [LedgerEntry] = []
    /// What the entries did, in order of effect.
    public private(set) var events: [LedgerEvent] = []
    var states: [PositionState] = []
    var cashBooks: [CashBook] = []
    /// The accounts in the order in which they appear; the other tables refer to them by index, since a number is
    /// compared and hashed much faster than two names.
    private(set) var accountTable: [AccountKey] = []
    private var stateIndex: [PositionKey: Int] = [:]
    /// The index in `entries` of the report that counts, for each execution.
    private var executions: [ExecutionKey: Int] = [:]
    private var busted: Set<ExecutionKey> = []

    /// Empty books.
    public init() {}

    /// The books after all `entries`, whatever their order in the array. Throws ``LedgerError`` when an amount leaves
    /// the range or an entry contradicts another; nothing is booked then.
    public static func fold(_ entries: [LedgerEntry]) throws(LedgerError) -> Ledger {
        var ledger = Ledger()
        let ordered = sorted(entries)
        ledger.entries = ordered
        let counting = ledger.register(ordered)
        ledger.events.reserveCapacity(ordered.count)
        for index in ordered.indices where counting[index] { try ledger.book(ordered[index]) }
        return ledger
    }

    /// Takes in one more entry; the result equals a fold over all. An entry that is the latest so far costs constant
    /// time; one that comes late, busts a booked execution or was reported before with a higher sequence causes a
    /// fold. When it throws, the books are as they were.
    public mutating func apply(_ entry: LedgerEntry) throws(LedgerError) {
        guard entries.last.map({ !Self.precedes(entry, $0) }) ?? true, !rewritesHistory(entry) else {
            self = try Self.fold(entries + [entry])
            return
        }
        let key = executionKey(entry)
        if isNews(entry, key) {
            do { try book(entry) } catch {
                // The entry may have been half booked; the earlier ones folded before and do so again.
                if let before = try? Self.fold(entries) { self = before }
                throw error
            }
        }
        if let key {
            if case .bust = entry.fact {
                busted.insert(key)
            } else if executions[key] == nil {
                executions[key] = entries.count
            }
        }
        entries.append(entry)
    }

    public mutating func apply(contentsOf more: [LedgerEntry]) throws(LedgerError) {
        self = try Self.fold(entries + more)
    }

    // MARK: Order and identity

    private static func sorted(_ entries: [LedgerEntry]) -> [LedgerEntry] {
        // Entries are large: they are compared in place, and moved once.
        let order = entries.withUnsafeBufferPointer { buffer -> [Int]? in
            func before(_ left: Int, _ right: Int) -> Bool {
                if buffer[left].at != buffer[right].at { return buffer[left].at < buffer[right].at }
                let (first, second) = (buffer[left].fact.isCorporateAction, buffer[right].fact.isCorporateAction)
                if first != second { return first }
                if buffer[left].sequence != buffer[right].sequence {
                    return buffer[left].sequence < buffer[right].sequence
                }
                return precedes(buffer[left], buffer[right])
            }
            let inOrder = buffer.indices.dropFirst().allSatisfy { !before($0, $0 - 1) }
            return inOrder ? nil : buffer.indices.sorted(by: before)
        }
        return order.map { $0.map { entries[$0] } } ?? entries
    }

    /// The order of effect. Sequences are unique in the store; the rest only makes the order total for any input.
    private static func precedes(_ left: LedgerEntry, _ right: LedgerEntry) -> Bool {
        if left.at != right.at { return left.at < right.at }
        // An action takes effect before the first trade of its day, whatever became known first.
        if left.fact.isCorporateAction != right.fact.isCorporateAction { return left.fact.isCorporateAction }
        if left.sequence != right.sequence { return left.sequence < right.sequence }
        if left.broker != right.broker { return left.broker < right.broker }
        if left.account != right.account { return left.account < right.account }
        return left.fact != right.fact && String(describing: left.fact) < String(describing: right.fact)
    }

    /// The number of the entry's account, given at its first appearance.
    private mutating func accountNumber(_ entry: LedgerEntry) -> Int {
        for index in accountTable.indices
        where accountTable[index].account == entry.account && accountTable[index].broker == entry.broker {
            return index
        }
        accountTable.append(AccountKey(entry.broker, entry.account))
        return accountTable.count - 1
    }

    private mutating func executionKey(_ entry: LedgerEntry) -> ExecutionKey? {
        let account = accountNumber(entry)
        switch entry.fact {
        case .fill(let execution, _, _, quantity: _, price: _, multiplier: _, fee: _, tax: _, _), .bust(let execution):
            return ExecutionKey(account: account, execution: execution)
        case .deposit, .openingPosition, .transfer, .dividend, .split, .conversion, .valuation, .adjustment:
            return nil
        }
    }

    /// Notes executions and busts, and tells which entries count.
    private mutating func register(_ entries: [LedgerEntry]) -> [Bool] {
        var counting = [Bool](repeating: true, count: entries.count)
        executions.reserveCapacity(entries.count)
        for index in entries.indices {
            guard let key = executionKey(entries[index]) else { continue }
            if case .bust = entries[index].fact {
                busted.insert(key)
                continue
            }
            guard let earlier = executions.updateValue(index, forKey: key) else { continue }
            if entries[earlier].sequence <= entries[index].sequence {
                executions[key] = earlier
                counting[index] = false
            } else {
                counting[earlier] = false
            }
        }
        for key in busted {
            if let index = executions[key] { counting[index] = false }
        }
        return counting
    }

    private mutating func rewritesHistory(_ entry: LedgerEntry) -> Bool {
        guard let key = executionKey(entry) else { return false }
        let first = executions[key]
        if case .bust = entry.fact { return first != nil && !busted.contains(key) }
        return first.map { entry.sequence < entries[$0].sequence } ?? false
    }

    private func isNews(_ entry: LedgerEntry, _ key: ExecutionKey?) -> Bool {
        guard case .fill = entry.fact, let key else { return true }
        return executions[key] == nil && !busted.contains(key)
    }

    // MARK: Booking

    private mutating func book(_ entry: LedgerEntry) throws(LedgerError) {
        switch entry.fact {
        case .fill(_, let symbol, let side, let quantity, let price, let multiplier, let fee, let tax, let currency):
            guard quantity.isPositive else { throw Self.refusal(entry, "the quantity \(quantity) is not positive") }
            let index = try position(entry, symbol, currency, multiplier)
            try record(entry, .fill, symbol, currency) { (ledger, event) throws(ArithmeticError) in
                let signed = side.signed(quantity).value.units
                let outcome = try ledger.states[index].trade(signed, price: price.value, at: entry.at)
                ledger.states[index].recordTrade(price: price, at: entry.at)
                event.realisedAverage = outcome.realisedAverage
                event.realisedFIFO = outcome.realisedFIFO
                event.fee = fee
                event.tax = tax
                event.cash = try -outcome.notional - PreciseAmount(fee) - PreciseAmount(tax)
            }
        case .bust: break
        case .deposit(let money):
            try record(entry, .deposit, nil, money.currency) { (_, event) throws(ArithmeticError) in
                event.cash = PreciseAmount(money.amount)
                event.paidIn = event.cash
            }
        case .openingPosition(let symbol, let quantity, let averageCost, let paidIn, let multiplier, let currency):
            try bookHolding(entry, .openingPosition, symbol, quantity, averageCost, paidIn, multiplier, currency)
        case .transfer(let symbol, let quantity, let averageCost, let paidIn, let multiplier, let currency):
            try bookHolding(entry, .transfer, symbol, quantity, averageCost, paidIn, multiplier, currency)
        case .dividend(let symbol, let perShare, let taxRate, let currency):
            try bookDividend(entry, symbol, perShare, taxRate, currency)
        case .split(let symbol, let new, let old, let cashInLieuPrice):
            try bookSplit(entry, symbol, new, old, cashInLieuPrice)
        case .conversion(let from, let to):
            try record(entry, .conversion, nil, from.currency) { (_, event) throws(ArithmeticError) in
                event.cash = -PreciseAmount(from.amount)
            }
            try record(entry, .conversion, nil, to.currency) { (_, event) throws(ArithmeticError) in
                event.cash = PreciseAmount(to.amount)
            }
        case .valuation(let symbol, let money):
            try record(entry, .valuation, symbol, money.currency) { (_, event) throws(ArithmeticError) in
                event.paidIn = PreciseAmount(money.amount)
            }
        case .adjustment(let money):
            try record(entry, .adjustment, nil, money.currency) { (_, event) throws(ArithmeticError) in
                event.cash = PreciseAmount(money.amount)
            }
        }
    }

    /// A position that comes or goes without cash.
    private mutating func bookHolding(
        _ entry: LedgerEntry, _ kind: LedgerEvent.Kind, _ symbol: Symbol, _ quantity: Quantity, _ averageCost: Price,
        _ paidIn: Price, _ multiplier: FixedPoint, _ currency: Currency
    ) throws(LedgerError) {
        guard !quantity.isZero else { return }
        let index = try position(entry, symbol, currency, multiplier)
        try record(entry, kind, symbol, currency) { (ledger, event) throws(ArithmeticError) in
            let outcome = try ledger.states[index].trade(quantity.value.units, price: averageCost.value, at: entry.at)
            event.realisedAverage = outcome.realisedAverage
            event.realisedFIFO = outcome.realisedFIFO
            event.paidIn = try ledger.states[index].value(quantity.value.units, at: paidIn.value)
        }
    }

    private mutating func bookDividend(
        _ entry: LedgerEntry, _ symbol: Symbol, _ perShare: FixedPoint, _ taxRate: Fraction, _ currency: Currency
    ) throws(LedgerError) {
        let key = PositionKey(account: accountNumber(entry), symbol: symbol)
        guard let index = stateIndex[key], states[index].quantity != 0 else { return }
        try record(entry, .dividend, symbol, currency) { (ledger, event) throws(ArithmeticError) in
            let held = try FixedPoint(units: ledger.states[index].quantity)
            let gross = try PreciseAmount.product(held, perShare)
            // Tax is withheld from what a holder receives, and returned with what is taken back; who is short pays in full.
            event.withheld = held.isNegative ? .zero : try gross.multiplied(by: taxRate.value)
            event.dividend = try gross - event.withheld
            event.cash = event.dividend
        }
    }

    private mutating func bookSplit(
        _ entry: LedgerEntry, _ symbol: Symbol, _ new: Int, _ old: Int, _ cashInLieuPrice: Price?
    ) throws(LedgerError) {
        let ratio = 1...1_000_000_000
        guard ratio.contains(new), ratio.contains(old) else {
            throw Self.refusal(entry, "the split \(new):\(old) of \(symbol) is not between 1 and 10^9 on both sides")
        }
        let key = PositionKey(account: accountNumber(entry), symbol: symbol)
        guard let index = stateIndex[key] else { return }
        try booking("splitting \(symbol) \(new):\(old)") { () throws(ArithmeticError) in
            try states[index].split(new: Int128(new), old: Int128(old))
        }
        guard let price = cashInLieuPrice, states[index].quantity % FixedPoint.unitsPerOne != 0 else { return }
        try record(entry, .cashInLieu, symbol, states[index].currency) { (ledger, event) throws(ArithmeticError) in
            guard let outcome = try ledger.states[index].cashInLieu(price: price, at: entry.at) else { return }
            event.realisedAverage = outcome.realisedAverage
            event.realisedFIFO = outcome.realisedFIFO
            event.cash = -outcome.notional
        }
    }

    /// Makes the event of an entry and adds it to the books of its account.
    private mutating func record(
        _ entry: LedgerEntry, _ kind: LedgerEvent.Kind, _ symbol: Symbol?, _ currency: Currency,
        _ change: (inout Ledger, inout LedgerEvent) throws(ArithmeticError) -> Void
    ) throws(LedgerError) {
        var event = LedgerEvent(kind, entry, symbol: symbol, currency: currency)
        do {
            try change(&self, &event)
            let index = cashBook(accountNumber(entry), currency)
            try cashBooks[index].add(event)
        } catch {
            let object = symbol.map { " in \($0)" } ?? ""
            throw .arithmetic(error, while: "booking the \(kind.rawValue)\(object), ledger entry \(entry.sequence)")
        }
        events.append(event)
    }

    /// There are few of them, so looking through is the fastest way to find one.
    private mutating func cashBook(_ account: Int, _ currency: Currency) -> Int {
        for index in cashBooks.indices
        where cashBooks[index].account == account && cashBooks[index].currency == currency {
            return index
        }
        cashBooks.append(CashBook(account: account, currency: currency))
        return cashBooks.count - 1
    }

    /// The index of the entry's position, made if it is new, checked against its currency and multiplier.
    private mutating func position(
        _ entry: LedgerEntry, _ symbol: Symbol, _ currency: Currency, _ multiplier: FixedPoint
    ) throws(LedgerError) -> Int {
        guard multiplier.isPositive else { throw Self.refusal(entry, "the multiplier \(multiplier) is not positive") }
        let key = PositionKey(account: accountNumber(entry), symbol: symbol)
        guard let index = stateIndex[key] else {
            stateIndex[key] = states.count
            let owner = AccountKey(entry.broker, entry.account)
            states.append(PositionState(account: owner, symbol: symbol, currency: currency, multiplier: multiplier))
            return states.count - 1
        }
        guard states[index].currency == currency else {
            throw .currencyChanged(symbol, held: states[index].currency, entry: currency, sequence: entry.sequence)
        }
        let held = states[index].multiplier
        if held != multiplier {
            guard states[index].quantity == 0 else {
                throw .multiplierChanged(symbol, held: held, entry: multiplier, sequence: entry.sequence)
            }
            states[index].adopt(multiplier: multiplier)
        }
        return index
    }

    private static func refusal(_ entry: LedgerEntry, _ reason: String) -> LedgerError {
        .invalidEntry(sequence: entry.sequence, at: entry.at, reason: reason)
    }
}
