public import Core

extension FeeSchedule {
    /// No costs at all.
    public static let none = FeeSchedule(us: .free, korea: .free, other: .free)

    /// The usual broker of each market: Interactive Brokers in the US, Korea Investment in Korea and everywhere else.
    public static let auto = FeeSchedule(
        us: .interactiveBrokersFixed, korea: .koreaInvestmentDomestic, other: .koreaInvestmentOverseas)

    /// Everything at Korea Investment, US shares at its overseas rate.
    public static let koreaInvestment = FeeSchedule(
        us: .koreaInvestmentUS, korea: .koreaInvestmentDomestic, other: .koreaInvestmentOverseas)
}

extension FeeSchedule.Plan {
    public static let free = FeeSchedule.Plan(commission: .none, commissionRounding: .halfEven)

    /// Interactive Brokers, US shares, fixed pricing: 0.005 USD a share, at least 1.00 USD an order, at most 1 % of the
    /// trade value; a fraction of a cent is rounded half away from zero.
    ///
    /// Source: interactivebrokers.co.uk, "Commissions: Stocks, ETFs, Warrants", United States, with the examples
    /// 100 shares at 25 USD = 1.00, 1,000 at 25 = 5.00, 1,000 at 0.25 = 2.50.
    public static let interactiveBrokersFixed = FeeSchedule.Plan(
        commission: .perShare(
            rate: units(500_000), minimum: .one, maximumShare: Fraction(units(1_000_000))),
        commissionRounding: .halfAwayFromZero, saleValueFees: section31, saleShareFees: tradingActivityFee)

    /// Korea Investment, US shares ordered online: 0.25 % of the value, and the US fees on sales.
    public static let koreaInvestmentUS = FeeSchedule.Plan(
        commission: .proportional(percent: units(25_000_000)), commissionRounding: .halfAwayFromZero,
        saleValueFees: section31, saleShareFees: tradingActivityFee)

    /// Korea Investment, other foreign shares: taken as 0.25 % of the value as well.
    public static let koreaInvestmentOverseas = FeeSchedule.Plan(
        commission: .proportional(percent: units(25_000_000)), commissionRounding: .halfAwayFromZero)

    /// The same at another commission, in per cent of the value.
    public func atCommission(percent: FixedPoint) -> FeeSchedule.Plan {
        var plan = self
        plan.commission = .proportional(percent: percent)
        return plan
    }

    /// Korea Investment, Korean shares ordered online (BanKIS): 0.0140527 % of the value, fractions of a won dropped.
    ///
    /// Source: bullroit.net's overview of the house's charges (2025). Funds are exempt from the transaction tax.
    public static let koreaInvestmentDomestic = koreanShares(commissionPercent: units(1_405_270))

    /// Korean shares at a negotiated commission in per cent of the value.
    public static func koreanShares(commissionPercent: FixedPoint) -> FeeSchedule.Plan {
        FeeSchedule.Plan(
            commission: .proportional(percent: commissionPercent), commissionRounding: .towardZero,
            saleTaxes: securitiesTransactionTax)
    }

    /// SEC fee under section 31 of the Exchange Act, a share of the value of sales.
    ///
    /// Sources: FINRA Information Notices of 2021-01 (22.10 to 5.10 USD per million from 2021-02-25) and 2025-04-24
    /// (27.80 to 0.00 from 2025-05-14); SEC order 34-104909 of 2026-02-27 (Federal Register 2026-04233): 20.60 from
    /// 2026-04-04. The steps of 2022 and 2023 are the SEC's fee rate advisories, from memory: unverified. The first
    /// rate also stands for the days before it.
    static let section31 = [
        rate(1970, 1, 1, 2210), rate(2021, 2, 25, 510), rate(2022, 5, 14, 2290), rate(2023, 2, 27, 800),
        rate(2024, 5, 22, 2780), rate(2025, 5, 14, 0), rate(2026, 4, 4, 2060),
    ]

    /// FINRA's trading activity fee per share sold, capped per trade.
    ///
    /// Sources: FINRA By-Laws, Schedule A, section 1; 0.000166 USD is on Interactive Brokers' price page of 2024/25;
    /// 0.000195 from 2026-01-01 stands in public cost models. The cap of 9.79 is unverified. The first rate also stands
    /// for the days before it.
    static let tradingActivityFee = [
        rate(1970, 1, 1, 16_600, cap: units(830_000_000)), rate(2026, 1, 1, 19_500, cap: units(979_000_000)),
    ]

    /// Korean securities transaction tax on sales of KOSPI shares, the rural special tax of 0.15 % included. KOSDAQ has
    /// the same totals.
    ///
    /// The rate follows the day of settlement, two sessions after the trade: the days here are first trading days. So
    /// says the notice for 2025 (Hanyang Securities, 2024-12-26: sales from 2024-12-27) and the press on the step of
    /// 2019 (fntimes.com 2019-05-30: 0.30 to 0.25 % for trades from that day). 2021: 0.23 % (hankyung.com 2020-07-22);
    /// 2023: 0.20 %, 2024: 0.18 %, 2025: 0.15 % (the same notice names the last two); 2026: 0.20 % (donga.com
    /// 2025-12-01).
    static let securitiesTransactionTax = [
        rate(1996, 1, 1, 300_000), rate(2019, 5, 30, 250_000), rate(2020, 12, 29, 230_000), rate(2022, 12, 28, 200_000),
        rate(2023, 12, 27, 180_000), rate(2024, 12, 27, 150_000), rate(2025, 12, 29, 200_000),
    ]

    /// Constants in units of 10^-8.
    private static func units(_ units: Int64) -> FixedPoint { FixedPoint(int64Units: units) }

    private static func rate(
        _ year: Int, _ month: Int, _ day: Int, _ rate: Int64, cap: FixedPoint? = nil
    ) -> FeeSchedule.DatedRate {
        let from = CivilDate(year: year, month: month, day: day) ?? CivilDate(daysSinceEpoch: 0)
        return FeeSchedule.DatedRate(from: from, rate: units(rate), cap: cap)
    }
}
