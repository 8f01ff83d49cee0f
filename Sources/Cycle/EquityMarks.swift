internal import Core
internal import Ledger
internal import Store
internal import Settings

/// The equity curve, one mark a cycle, over all brokers.
enum EquityMarks {
    /// All brokers together.
    static let allBrokers = "all"

    static func record(_ books: Books, _ beat: Beat, in writer: StoreWriter) throws {
        try recordRates(books, beat, in: writer)
        let portfolio = books.portfolio
        let previous = try writer.highWaterMark(scope: allBrokers, before: beat.now)
        let peak = max(previous ?? portfolio.equity.amount, portfolio.equity.amount)
        let realised = try inBase(books.ledger.realised(.average), books.marks)
        try writer.putEquityMark(
            EquityMark(
                scope: allBrokers, cycle: beat.cycle, at: beat.now, equity: portfolio.equity,
                cash: portfolio.cash.amount,
                grossExposure: portfolio.grossExposure.amount, netExposure: portfolio.netExposure.amount,
                highWaterMark: peak, realised: realised, unrealised: portfolio.unrealised.amount))
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
