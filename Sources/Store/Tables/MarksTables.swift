public import Core
internal import GRDB

/// What the books were worth at the end of a cycle. All amounts in the currency of `equity`.
public struct EquityMark: Hashable, Sendable {
    /// Which brokers are counted: a broker's id, or a name for several (`all`).
    public let scope: String
    public let cycle: CycleID
    public let at: Instant
    public let equity: Money
    public let cash: FixedPoint
    public let grossExposure: FixedPoint
    public let netExposure: FixedPoint
    public let highWaterMark: FixedPoint
    public let realised: FixedPoint
    public let unrealised: FixedPoint
    /// Deposits less withdrawals, and the cost of opening positions, that the equity contains; by currency. `nil` in a mark
    /// of a takt that did not keep it yet.
    public let paidIn: [Currency: FixedPoint]?

    public init(
        scope: String, cycle: CycleID, at: Instant, equity: Money, cash: FixedPoint, grossExposure: FixedPoint,
        netExposure: FixedPoint, highWaterMark: FixedPoint, realised: FixedPoint, unrealised: FixedPoint,
        paidIn: [Currency: FixedPoint]? = nil
    ) {
        self.scope = scope
        self.cycle = cycle
        self.at = at
        self.equity = equity
        self.cash = cash
        self.grossExposure = grossExposure
        self.netExposure = netExposure
        self.highWaterMark = highWaterMark
        self.realised = realised
        self.unrealised = unrealised
        self.paidIn = paidIn
    }
}

/// How much of `base` one unit of `currency` was worth.
public struct ExchangeRate: Hashable, Sendable {
    public let currency: Currency
    public let base: Currency
    public let at: Instant
    /// Base units per unit. Positive.
    public let rate: FixedPoint
    public let source: String

    public init(currency: Currency, base: Currency, at: Instant, rate: FixedPoint, source: String) {
        self.currency = currency
        self.base = base
        self.at = at
        self.rate = rate
        self.source = source
    }
}

extension StoreReader {
    /// Marks by their time, of one scope or of all.
    public func equityMarks(_ filter: ListFilter = .all, brokerScope scope: String? = nil) throws -> [EquityMark] {
        var conditions = Conditions(filter, time: "at", profile: "profile")
        if let scope { conditions.add("broker_scope = ?", scope) }
        let order = ["at", "cycle_close_at", "broker_scope", "profile"]
        return try list("SELECT * FROM equity_marks", conditions, order: order, table: "equity_marks", mark)
    }

    /// The last mark of a scope before an instant.
    public func lastEquityMark(
        scope: String, before: Instant? = nil, profile: ProfileName? = nil
    ) throws -> EquityMark? {
        try equityMarks(ListFilter(until: before, profile: profile, limit: 1), brokerScope: scope).last
    }

    /// The latest mark of a scope at or before `asOf`.
    public func latestEquityMark(
        brokerScope scope: String, profile: ProfileName? = nil, asOf: Instant? = nil
    ) throws -> EquityMark? {
        try lastEquityMark(scope: scope, before: asOf?.advanced(by: .microseconds(1)), profile: profile)
    }

    /// The latest rate at or before `asOf`.
    public func latestExchangeRate(_ currency: Currency, base: Currency, asOf: Instant) throws -> ExchangeRate? {
        let sql = """
            SELECT * FROM fx_rates
            WHERE currency = ? AND base = ? AND at <= ?
            ORDER BY at DESC
            LIMIT 1
            """
        return try firstRow(sql, [currency.code, base.code, asOf.microseconds], table: "fx_rates", rate)
    }

    /// The latest rate of every currency in `base` at or before `asOf`.
    public func latestExchangeRates(base: Currency, asOf: Instant) throws -> [ExchangeRate] {
        let sql = """
            SELECT currency, base, max(at) AS at, rate, source FROM fx_rates
            WHERE base = ? AND at <= ?
            GROUP BY currency
            ORDER BY currency
            """
        return try rows(sql, [base.code, asOf.microseconds], table: "fx_rates", rate)
    }

    private func rate(_ fields: Fields) throws -> ExchangeRate {
        ExchangeRate(
            currency: try fields.currency("currency"), base: try fields.currency("base"), at: try fields.instant("at"),
            rate: try fields.amount("rate"), source: try fields.text("source"))
    }

    private func mark(_ fields: Fields) throws -> EquityMark {
        EquityMark(
            scope: try fields.text("broker_scope"), cycle: try fields.cycle(), at: try fields.instant("at"),
            equity: Money(try fields.amount("equity"), try fields.currency("currency")),
            cash: try fields.amount("cash"), grossExposure: try fields.amount("gross_exposure"),
            netExposure: try fields.amount("net_exposure"), highWaterMark: try fields.amount("high_water_mark"),
            realised: try fields.amount("realised"), unrealised: try fields.amount("unrealised"),
            paidIn: try fields.optionalAmounts("paid_in"))
    }
}

extension StoreWriter {
    /// Stores the mark of a cycle and scope, in place of an earlier one.
    public func putEquityMark(_ mark: EquityMark) throws {
        try run(
            """
            INSERT OR REPLACE INTO equity_marks
                (broker_scope, profile, cycle_close_at, at, currency, equity, cash, gross_exposure, net_exposure,
                 high_water_mark, realised, unrealised, paid_in)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                mark.scope, mark.cycle.profile.text, mark.cycle.barClose.microseconds, mark.at.microseconds,
                mark.equity.currency.code, mark.equity.amount.description, mark.cash.description,
                mark.grossExposure.description, mark.netExposure.description, mark.highWaterMark.description,
                mark.realised.description, mark.unrealised.description,
                mark.paidIn.map { JSONValue(byCurrency: $0).text },
            ])
    }

    /// Stores a rate, in place of one for the same instant.
    public func putExchangeRate(_ rate: ExchangeRate) throws {
        try run(
            "INSERT OR REPLACE INTO fx_rates (currency, base, at, rate, source) VALUES (?, ?, ?, ?, ?)",
            [rate.currency.code, rate.base.code, rate.at.microseconds, rate.rate.description, rate.source])
    }
}
