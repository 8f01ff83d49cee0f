public import Core
internal import Ledger
internal import Settings
public import Store

/// The equity curve, one mark a cycle, over all brokers.
enum EquityMarks {
    /// All brokers together.
    static let allBrokers = "all"

    static func record(_ books: Books, _ beat: Beat, in writer: StoreWriter) throws {
        try recordRates(books, beat, in: writer)
        let portfolio = books.portfolio
        let previous = try books.highWaterMark(try writer.lastEquityMark(scope: allBrokers, before: beat.now))
        let peak = max(previous?.amount ?? portfolio.equity.amount, portfolio.equity.amount)
        let realised = try inBase(books.ledger.realised(.average), books.marks)
        try writer.putEquityMark(
            EquityMark(
                scope: allBrokers, cycle: beat.cycle, at: beat.now, equity: portfolio.equity,
                cash: portfolio.cash.amount,
                grossExposure: portfolio.grossExposure.amount, netExposure: portfolio.netExposure.amount,
                highWaterMark: peak, realised: realised, unrealised: portfolio.unrealised.amount,
                paidIn: try books.paidIn))
    }

    /// The rates that the mark was valued with, whenever they change: a valuation can be followed up later.
    private static func recordRates(_ books: Books, _ beat: Beat, in writer: StoreWriter) throws {
        for currency in try books.ledger.cashByCurrency().keys {
            guard let mark = books.marks.rates[currency] else { continue }
            let last = try writer.latestExchangeRate(currency, base: books.marks.base, asOf: beat.now)
            guard last?.rate != mark.perBase || last?.source != mark.source else { continue }
            try writer.putExchangeRate(
                ExchangeRate(
                    currency: currency, base: books.marks.base, at: beat.now, rate: mark.perBase, source: mark.source))
        }
    }

    /// What was paid in less what was taken out between two states of the books, in the base currency at the marks' rates.
    /// Zero when the earlier state is not known: an old mark counts as containing everything.
    static func flows(
        from then: [Currency: FixedPoint]?, to now: [Currency: FixedPoint]?, _ marks: Marks
    ) throws -> FixedPoint {
        guard let then, let now, then != now else { return .zero }
        var changes: [Currency: PreciseAmount] = [:]
        for currency in Set(then.keys).union(now.keys) {
            changes[currency] = PreciseAmount(try (now[currency] ?? .zero) - (then[currency] ?? .zero))
        }
        return try inBase(changes, marks)
    }

    /// Amounts of several currencies in the base currency, at the marks' rates; without a rate an amount is left out.
    static func inBase(_ amounts: [Currency: PreciseAmount], _ marks: Marks) throws -> FixedPoint {
        var total = PreciseAmount.zero
        for (currency, amount) in amounts {
            guard let rate = marks.rate(currency) else { continue }
            total = try total + amount.multiplied(by: rate)
        }
        return total.rounded
    }
}

extension Books {
    /// Deposits less withdrawals, and the cost of opening positions, by currency: what the equity contains without having
    /// been earned. Rounded half to even at the eighth decimal.
    public var paidIn: [Currency: FixedPoint] {
        get throws { try ledger.paidIn().mapValues(\.rounded) }
    }

    /// A reference of the past, moved by the money that has come and gone since: what is compared with it is then profit and
    /// loss alone. In the base currency at today's rates, so a deposit in another currency is neutral at any rate.
    ///
    /// - Parameters:
    ///   - reference: An equity of the past. One in another currency than the base stays as it is.
    ///   - then: What had been paid in at that time; `nil` (not kept) leaves the reference as it is.
    func carried(_ reference: Money, since then: [Currency: FixedPoint]?) throws -> Money {
        guard reference.currency == marks.base else { return reference }
        return try Money(reference.amount + EquityMarks.flows(from: then, to: paidIn, marks), reference.currency)
    }

    /// The high-water mark that a mark recorded, moved by the flows since. `nil` without a mark, or when the base currency
    /// was another one then.
    public func highWaterMark(_ mark: EquityMark?) throws -> Money? {
        guard let mark, mark.equity.currency == marks.base else { return nil }
        return try carried(Money(mark.highWaterMark, mark.equity.currency), since: mark.paidIn)
    }
}
