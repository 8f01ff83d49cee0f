internal import Core

/// Orders abroad of some days, with what was executed of each: `inquire-ccnl`. It cannot be searched by number.
struct OverseasOrders: Sendable {
    let account: KISAccount
    let environment: KISEnvironment
    /// Days of the exchange.
    let from: CivilDate
    let through: CivilDate

    var fullPage: Int { environment == .real ? 20 : 15 }

    /// The virtual host takes no selection at all: blanks where the real one takes a sign for "all".
    var fields: [KISField] {
        let all = environment == .real ? "%" : ""
        return account.fields + [
            KISField("PDNO", all), KISField("ORD_STRT_DT", from.compact), KISField("ORD_END_DT", through.compact),
            KISField("SLL_BUY_DVSN", "00"), KISField("CCLD_NCCS_DVSN", "00"), KISField("OVRS_EXCG_CD", all),
            // Oldest first: an order placed between two pages moves no other row.
            KISField("SORT_SQN", "DS"), KISField("ORD_DT", ""), KISField("ORD_GNO_BRNO", ""), KISField("ODNO", ""),
        ]
    }

    func read(_ pager: KISPager) async throws(KISError) -> KISListing<KISOrderRow> {
        try await pager.rows(.overseasOrders, fields, .overseas, of: "output", fullPage: fullPage) {
            row throws(KISRowProblem) in try OverseasOrderRows.read(row)
        }
    }
}

/// Orders abroad that are still open: `inquire-nccs`. One call serves all of the US, every other market needs its own.
struct OverseasOpenOrders: Sendable {
    static let fullPage = 40

    let account: KISAccount
    let environment: KISEnvironment
    let market: KISMarket

    var fields: [KISField] {
        let exchange = market.nation == .unitedStates ? KISMarket.nasdaq : market
        return account.fields + [
            KISField("OVRS_EXCG_CD", exchange.codes.order),
            KISField("SORT_SQN", environment == .real ? "" : "DS"),
        ]
    }

    func read(_ pager: KISPager) async throws(KISError) -> KISListing<KISOrderRow> {
        try await pager.rows(.overseasOpenOrders, fields, .overseas, of: "output", fullPage: Self.fullPage) {
            row throws(KISRowProblem) in try OverseasOrderRows.read(row)
        }
    }
}
