public import Core

/// The books of all time in one base currency, each amount at the rate of its own time.
///
/// Total profit is equity less what was paid in. In books of several currencies it differs from the profit of trading by
/// the effect of the rates on cash and on open positions, which stands apart as ``fxEffect``.
public struct BaseTotals: Hashable, Sendable {
    public let base: Currency
    public let realisedAverage: PreciseAmount
    public let realisedFIFO: PreciseAmount
    /// Fees and taxes on trades.
    public let feesAndTaxes: PreciseAmount
    /// After tax withheld.
    public let dividends: PreciseAmount
    /// Deposits and opening positions.
    public let paidIn: PreciseAmount

    /// Adds up the events of `[from, until)`. Throws ``LedgerError/rateMissing(_:base:at:)`` when a rate is unknown at
    /// the time of an amount that is not zero.
    public init(
        _ ledger: Ledger, rates: RateHistory, from: Instant? = nil, until: Instant? = nil
    ) throws(LedgerError) {
        var sums = (average: PreciseAmount.zero, fifo: PreciseAmount.zero)
        var costs = PreciseAmount.zero
        var dividends = PreciseAmount.zero
        var paidIn = PreciseAmount.zero
        for event in ledger.events(from: from, until: until) {
            guard event.concernsProfit else { continue }
            guard let rate = rates.rate(event.currency, at: event.at) else {
                throw .rateMissing(event.currency, base: rates.base, at: event.at)
            }
            do {
                sums.average = try sums.average + event.realisedAverage.multiplied(by: rate)
                sums.fifo = try sums.fifo + event.realisedFIFO.multiplied(by: rate)
                let cost = try PreciseAmount(event.fee) + PreciseAmount(event.tax)
                costs = try costs + cost.multiplied(by: rate)
                dividends = try dividends + event.dividend.multiplied(by: rate)
                paidIn = try paidIn + event.paidIn.multiplied(by: rate)
            } catch {
                throw .arithmetic(error, while: "adding up \(event.currency) in \(rates.base)")
            }
        }
        base = rates.base
        realisedAverage = sums.average
        realisedFIFO = sums.fifo
        feesAndTaxes = costs
        self.dividends = dividends
        self.paidIn = paidIn
    }

    /// Equity less what was paid in.
    public func totalProfit(_ portfolio: Portfolio) throws(LedgerError) -> Money {
        try booking("taking \(paidIn) from the equity") { () throws(ArithmeticError) in
            try Money((PreciseAmount(portfolio.equity.amount) - paidIn).rounded, base)
        }
    }

    /// The part of the total profit that comes from exchange rates alone: total − (realised + unrealised − fees and
    /// taxes + dividends). Zero where everything is in the base currency.
    public func fxEffect(_ portfolio: Portfolio) throws(LedgerError) -> Money {
        let total = try totalProfit(portfolio)
        return try booking("setting the effect of exchange rates apart") { () throws(ArithmeticError) in
            let gains = try realisedAverage + PreciseAmount(portfolio.unrealised.amount)
            let trading = try gains - feesAndTaxes + dividends
            return try total - Money(trading.rounded, base)
        }
    }
}

extension LedgerEvent {
    fileprivate var concernsProfit: Bool {
        !(realisedAverage.isZero && realisedFIFO.isZero && fee.isZero && tax.isZero && dividend.isZero && paidIn.isZero)
    }
}
