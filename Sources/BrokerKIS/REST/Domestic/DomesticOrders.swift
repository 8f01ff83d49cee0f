internal import Core

/// Korean orders of some days, with what was executed of each: `inquire-daily-ccld`.
///
/// KIS warns that today's orders may appear late here. Oldest first, so that an order placed between two pages comes at
/// the end and moves no other row.
struct DomesticOrders: Sendable {
    /// What of the list is wanted: `CCLD_DVSN`.
    enum Wanted: String, Sendable {
        case all = "00"
        case filled = "01"
    }

    let account: KISAccount
    let environment: KISEnvironment
    /// Korean days. All of them within the last three months, or none of them (`isOlder`).
    let from: CivilDate
    let through: CivilDate
    var wanted = Wanted.all
    var isOlder = false

    var endpoint: KISEndpoint { isOlder ? .domesticOlderOrders : .domesticOrders }
    var fullPage: Int { environment == .real ? 100 : 15 }

    var fields: [KISField] {
        account.fields + [
            KISField("INQR_STRT_DT", from.compact), KISField("INQR_END_DT", through.compact),
            KISField("SLL_BUY_DVSN_CD", "00"), KISField("INQR_DVSN", "01"), KISField("PDNO", ""),
            KISField("CCLD_DVSN", wanted.rawValue), KISField("ORD_GNO_BRNO", ""), KISField("ODNO", ""),
            KISField("INQR_DVSN_3", "00"), KISField("INQR_DVSN_1", ""),
            KISField("EXCG_ID_DVSN_CD", environment == .real ? "ALL" : "KRX"),
        ]
    }

    func read(_ pager: KISPager) async throws(KISError) -> KISListing<KISOrderRow> {
        try await pager.rows(endpoint, fields, .domestic, of: "output1", fullPage: fullPage) {
            row throws(KISRowProblem) in try DomesticOrderRows.daily(row)
        }
    }

    /// What the executions of some days came to, in won.
    struct DayTotals: Hashable, Sendable {
        /// Fees and taxes as KIS estimates them: `prsm_tlex_smtl`.
        let costs: FixedPoint
        /// Σ price × quantity: `tot_ccld_amt`.
        let traded: FixedPoint?
    }

    /// The sums over all that was executed in these days; no row says its own costs, and asked for one order KIS has been
    /// seen to answer for all. `nil` where it gives none.
    func totals(from caller: some KISCaller) async throws(KISError) -> DayTotals? {
        var executed = self
        executed.wanted = .filled
        let answer = try await caller.call(
            endpoint, executed.fields + [KISField("CTX_AREA_FK100", ""), KISField("CTX_AREA_NK100", "")])
        return try endpoint.reading { () throws(KISRowProblem) in
            guard let row = answer.body.record("output2"), let costs = try row.optionalAmount("prsm_tlex_smtl") else {
                return nil
            }
            return DayTotals(costs: costs, traded: try row.optionalAmount("tot_ccld_amt"))
        }
    }
}

/// Korean orders that can still be revised or cancelled: `inquire-psbl-rvsecncl`. The virtual host does not have it.
struct DomesticOpenOrders: Sendable {
    static let fullPage = 50

    let account: KISAccount
    let clock: any WallClock

    var fields: [KISField] { account.fields + [KISField("INQR_DVSN_1", "0"), KISField("INQR_DVSN_2", "0")] }

    func read(_ pager: KISPager) async throws(KISError) -> KISListing<KISOrderRow> {
        let today = KISZone.seoul.date(clock.now())
        return try await pager.rows(.domesticOpenOrders, fields, .domestic, of: "output", fullPage: Self.fullPage) {
            row throws(KISRowProblem) in try DomesticOrderRows.open(row, today: today)
        }
    }
}
