public import Core

/// One open position with its value.
public struct ValuedPosition: Hashable, Sendable {
    public let position: LedgerPosition
    /// `nil` when no price is known; then so are the values.
    public let lastPrice: Price?
    public let lastPriceAsOf: Instant?
    /// In the instrument's currency; negative for a short.
    public let marketValue: Money?
    /// In the base currency; `nil` also when the rate is missing.
    public let baseValue: Money?
    /// Market value less cost under average cost, before the fees of closing, in the instrument's currency.
    public let unrealised: Money?
    public let unrealisedFIFO: Money?
}

/// The books at one set of marks, in the base currency. Rounded half to even at the eighth decimal.
public struct Portfolio: Hashable, Sendable {
    public let base: Currency
    /// Cash and market value. Without the amounts in ``missing`` and ``missingRates``: see ``isComplete``.
    public let equity: Money
    public let cash: Money
    /// The sum of the absolute values of all positions, per account, without netting.
    public let grossExposure: Money
    public let netExposure: Money
    /// In the base currency.
    public let unrealised: Money
    public let unrealisedFIFO: Money
    /// Open positions by broker, account and symbol.
    public let positions: [ValuedPosition]
    /// Symbols held without a price.
    public let missing: [Symbol]
    /// Currencies held without a rate.
    public let missingRates: [Currency]

    /// Whether every amount is in the figures.
    public var isComplete: Bool { missing.isEmpty && missingRates.isEmpty }

    /// Gross exposure ÷ equity, rounded up; `nil` unless equity is positive.
    public var leverage: Fraction? {
        guard equity.amount.isPositive else { return nil }
        return (try? grossExposure.amount.divided(by: equity.amount, rounding: .up)).map { Fraction($0) }
    }

    /// |base value| ÷ equity of one position, rounded up; `nil` unless both are known and equity is positive.
    public func weight(of position: ValuedPosition) -> Fraction? {
        guard equity.amount.isPositive, let value = position.baseValue else { return nil }
        return (try? value.magnitude.amount.divided(by: equity.amount, rounding: .up)).map { Fraction($0) }
    }

    /// Values the books. A position without a price and cash without a rate are left out and named. With `account`, only
    /// that account counts.
    public static func value(
        _ ledger: Ledger, _ marks: Marks, account: AccountKey? = nil
    ) throws(LedgerError) -> Portfolio {
        var sums = Sums(base: marks.base)
        for (currency, amount) in try ledger.cashByCurrency(account) {
            try sums.addCash(amount, currency, marks.rate(currency))
        }
        let open = account.map { ledger.positions($0) } ?? ledger.positions
        for position in open where !position.isFlat { try sums.add(position, marks) }
        return try sums.portfolio()
    }

    public static func value(ledger: Ledger, marks: Marks) throws(LedgerError) -> Portfolio { try value(ledger, marks) }

    fileprivate init(
        equity: PreciseAmount, cash: PreciseAmount, gross: PreciseAmount, net: PreciseAmount, unrealised: PreciseAmount,
        unrealisedFIFO: PreciseAmount, positions: [ValuedPosition], missing: [Symbol], missingRates: [Currency],
        base: Currency
    ) {
        self.base = base
        self.equity = Money(equity.rounded, base)
        self.cash = Money(cash.rounded, base)
        grossExposure = Money(gross.rounded, base)
        netExposure = Money(net.rounded, base)
        self.unrealised = Money(unrealised.rounded, base)
        self.unrealisedFIFO = Money(unrealisedFIFO.rounded, base)
        self.positions = positions
        self.missing = missing
        self.missingRates = missingRates
    }
}

private struct Sums {
    let base: Currency
    var cash = PreciseAmount.zero
    var gross = PreciseAmount.zero
    var net = PreciseAmount.zero
    var unrealised = PreciseAmount.zero
    var unrealisedFIFO = PreciseAmount.zero
    var positions: [ValuedPosition] = []
    var missing: Set<Symbol> = []
    var missingRates: Set<Currency> = []

    mutating func addCash(_ amount: PreciseAmount, _ currency: Currency, _ rate: FixedPoint?) throws(LedgerError) {
        guard let rate else {
            if !amount.isZero { missingRates.insert(currency) }
            return
        }
        do { cash = try cash + amount.multiplied(by: rate) } catch {
            throw .arithmetic(error, while: "valuing \(amount) \(currency) of cash in \(base)")
        }
    }

    mutating func add(_ position: LedgerPosition, _ marks: Marks) throws(LedgerError) {
        guard let mark = marks.price(of: position) else {
            missing.insert(position.symbol)
            positions.append(
                ValuedPosition(
                    position: position, lastPrice: nil, lastPriceAsOf: nil, marketValue: nil, baseValue: nil,
                    unrealised: nil, unrealisedFIFO: nil))
            return
        }
        do { try addPriced(position, mark, marks.rate(position.currency)) } catch {
            throw .arithmetic(error, while: "valuing \(position.quantity) \(position.symbol) at \(mark.price)")
        }
    }

    private mutating func addPriced(
        _ position: LedgerPosition, _ mark: Marks.PriceMark, _ rate: FixedPoint?
    ) throws(ArithmeticError) {
        let value = try position.marketValue(at: mark.price)
        let average = try value - position.cost
        let fifo = try value - position.costFIFO
        var baseValue: PreciseAmount?
        if let rate {
            let inBase = try value.multiplied(by: rate)
            baseValue = inBase
            net = try net + inBase
            gross = try gross + (inBase.isNegative ? -inBase : inBase)
            unrealised = try unrealised + average.multiplied(by: rate)
            unrealisedFIFO = try unrealisedFIFO + fifo.multiplied(by: rate)
        } else {
            missingRates.insert(position.currency)
        }
        positions.append(
            ValuedPosition(
                position: position, lastPrice: mark.price, lastPriceAsOf: mark.asOf,
                marketValue: Money(value.rounded, position.currency),
                baseValue: baseValue.map { Money($0.rounded, base) },
                unrealised: Money(average.rounded, position.currency),
                unrealisedFIFO: Money(fifo.rounded, position.currency)))
    }

    func portfolio() throws(LedgerError) -> Portfolio {
        let equity: PreciseAmount
        do { equity = try cash + net } catch { throw .arithmetic(error, while: "adding cash and positions in \(base)") }
        return Portfolio(
            equity: equity, cash: cash, gross: gross, net: net, unrealised: unrealised, unrealisedFIFO: unrealisedFIFO,
            positions: positions, missing: missing.sorted(), missingRates: missingRates.sorted(), base: base)
    }
}
