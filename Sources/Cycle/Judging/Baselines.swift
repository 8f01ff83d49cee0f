public import Core
internal import Ledger
internal import Settings
public import Store

/// The equity that an operator accepted as the new base of a loss limit when lifting its halt; without it the next beat
/// would halt again at once.
public struct Baselines: Sendable {
    public static let daily = "baseline:daily-loss"
    public static let total = "baseline:total-loss"

    public let at: Instant
    /// In the base currency.
    public let equity: FixedPoint
    /// What had been paid in by then, by currency; `nil` in the text of a takt that did not keep it.
    public let paidIn: [Currency: FixedPoint]?

    init(at: Instant, equity: FixedPoint, paidIn: [Currency: FixedPoint]?) {
        self.at = at
        self.equity = equity
        self.paidIn = paidIn
    }

    /// The equity of the books as they stand, with what the positions of an account just met were worth settled before.
    ///
    /// - Throws: ``StepFailure`` where that, a price or a rate is not known: what is accepted would be another equity than the
    ///   one that is measured against it later.
    public static func accepting(_ context: CycleContext, at now: Instant, in writer: StoreWriter) throws -> Baselines {
        try OpeningValuation.settle(context, at: now, in: writer)
        return try previewing(context, at: now, writer)
    }

    /// The same without settling anything, for a dry run.
    public static func previewing(_ context: CycleContext, at now: Instant, _ reader: StoreReader) throws -> Baselines {
        let books = try Books.load(reader, settings: context.settings, calendars: context.calendars, at: now)
        let unvalued = try OpeningValuation.settlements(context, at: now, reader).flatMap(\.left)
        let missing =
            Set(books.portfolio.missing + unvalued).sorted().map(\.text)
            + books.portfolio.missingRates.map(\.code)
        guard books.portfolio.isComplete, unvalued.isEmpty else {
            throw StepFailure(
                code: "equity-unknown",
                message: "Equity is not known: no price or rate for \(missing.joined(separator: ", ")).",
                hint:
                    "No halt was lifted. Run `takt fetch-bars`, or say with `takt positions price` what a holding without a "
                    + "market is worth; then resume again: the equity is the new base of the limit.",
                isRetryable: true, exitCode: .unavailable)
        }
        return Baselines(at: now, equity: books.portfolio.equity.amount, paidIn: try books.paidIn)
    }

    /// Reads ``text``, also that of a takt that did not keep what was paid in. What cannot be read is no baseline: the limit
    /// is then measured as if nobody had resumed, and halts rather than trades.
    init?(text: String) {
        let parts = text.split(separator: " ")
        guard (2...3).contains(parts.count), let at = Instant(rfc3339: parts[0]), let equity = try? FixedPoint(parts[1])
        else { return nil }
        var paidIn: [Currency: FixedPoint]?
        if parts.count == 3 {
            guard let amounts = (try? JSONValue(parsing: String(parts[2])))?.amountsByCurrency else { return nil }
            paidIn = amounts
        }
        self.init(at: at, equity: equity, paidIn: paidIn)
    }

    /// `TIME EQUITY {"USD":"10000"}`.
    public var text: String {
        (["\(at)", "\(equity)"] + (paidIn.map { [JSONValue(byCurrency: $0).text] } ?? [])).joined(separator: " ")
    }
}
