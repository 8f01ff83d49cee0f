internal import Core

/// Shares held abroad in one currency: `inquire-balance`. There is no cash in it.
struct OverseasBalance: Sendable {
    static let fullPage = 100

    let account: KISAccount
    let market: KISMarket

    /// What to ask for, so that every configured market is asked once: the real host lists all of the US under Nasdaq,
    /// the virtual one each exchange by itself.
    static func markets(_ configured: [KISMarket], isReal: Bool) -> [KISMarket] {
        var asked: [KISMarket] = []
        for market in configured where market.desk == .overseas {
            let one = isReal && market.nation == .unitedStates ? KISMarket.nasdaq : market
            if !asked.contains(one) { asked.append(one) }
        }
        return asked
    }

    var fields: [KISField] {
        account.fields + [
            KISField("OVRS_EXCG_CD", market.codes.order), KISField("TR_CRCY_CD", market.codes.currency),
        ]
    }

    func read(_ pager: KISPager) async throws(KISError) -> KISListing<KISHolding> {
        try await pager.rows(.overseasBalance, fields, .overseas, of: "output1", fullPage: Self.fullPage) {
            row throws(KISRowProblem) in
            guard let code = row.text("ovrs_pdno") else { return nil }
            let quantity = try row.quantity("ovrs_cblc_qty")
            guard !quantity.isZero else { return nil }
            let exchange = row.text("ovrs_excg_cd") ?? market.codes.order
            guard let market = KISMarket(orderCode: exchange) ?? KISMarket(quoteCode: exchange) else {
                throw .unknownCode("ovrs_excg_cd", exchange)
            }
            let code3 = row.text("tr_crcy_cd") ?? market.codes.currency
            guard let currency = Currency(code3) else { throw .unknownCode("tr_crcy_cd", code3) }
            return KISHolding(
                ticker: KISTicker(market: market, code: code), quantity: quantity,
                sellable: try row.quantityOrZero("ord_psbl_qty"), averageCost: try row.cost("pchs_avg_pric"),
                currency: currency)
        }
    }
}
