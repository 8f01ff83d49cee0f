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
        /// On the virtual host this stands for the list of revisable orders, which it does not have.
        case open = "02"
    }

    let account: KISAccount
    let environment: KISEnvironment
    /// Korean days. All of them within the last three months, or none of them (`isOlder`).
    let from: CivilDate
    let through: CivilDate
    var wanted = Wanted.all
    var isOlder = false
    /// One order only.
    var number = ""

    var endpoint: KISEndpoint { isOlder ? .domesticOlderOrders : .domesticOrders }
    var fullPage: Int { environment == .real ? 100 : 15 }

    var fields: [KISField] {
        account.fields + [
            KISField("INQR_STRT_DT", from.compact), KISField("INQR_END_DT", through.compact),
            KISField("SLL_BUY_DVSN_CD", "00"), KISField("INQR_DVSN", "01"), KISField("PDNO", ""),
            KISField("CCLD_DVSN", wanted.rawValue), KISField("ORD_GNO_BRNO", ""), KISField("ODNO", number),
            KISField("INQR_DVSN_3", "00"), KISField("INQR_DVSN_1", ""),
            KISField("EXCG_ID_DVSN_CD", environment == .real ? "ALL" : "KRX"),
        ]
    }

    func read(_ pager: KISPager) async throws(KISError) -> KISListing<KISOrderRow> {
        try await pager.rows(endpoint, fields, .domestic, of: "output1", fullPage: fullPage) {
            row throws(KISRowProblem) in try DomesticOrderRows.daily(row)
        }
    }

    /// Fees and taxes of all that was executed in these days, as KIS estimates them; no row says its own. `nil` where
    /// it gives none. Asked for one order it has been seen to answer for all, so it is asked for all.
    func estimatedCosts(from caller: some KISCaller) async throws(KISError) -> FixedPoint? {
        var all = self
        (all.number, all.wanted) = ("", .filled)
        let answer = try await caller.call(
            endpoint, all.fields + [KISField("CTX_AREA_FK100", ""), KISField("CTX_AREA_NK100", "")])
        return try endpoint.reading { () throws(KISRowProblem) in
            try answer.body.record("output2")?.optionalAmount("prsm_tlex_smtl")
        }
    }
}

/// Korean orders that can still be revised or cancelled: `inquire-psbl-rvsecncl`. The virtual host does not have it;
/// there the open ones of the day list stand in.
struct DomesticOpenOrders: Sendable {
    static let fullPage = 50

    let account: KISAccount
    let environment: KISEnvironment
    let clock: any WallClock

    var fields: [KISField] { account.fields + [KISField("INQR_DVSN_1", "0"), KISField("INQR_DVSN_2", "0")] }

    func read(_ pager: KISPager) async throws(KISError) -> KISListing<KISOrderRow> {
        let today = KISZone.seoul.date(clock.now())
        guard environment == .real else {
            return try await DomesticOrders(
                account: account, environment: environment, from: today, through: today, wanted: .open
            ).read(pager)
        }
        return try await pager.rows(.domesticOpenOrders, fields, .domestic, of: "output", fullPage: Self.fullPage) {
            row throws(KISRowProblem) in try DomesticOrderRows.open(row, today: today)
        }
    }
}
