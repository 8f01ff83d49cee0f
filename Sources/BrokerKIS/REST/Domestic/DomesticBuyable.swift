internal import Core

/// What an account can buy of a Korean share: `inquire-psbl-order`.
///
/// Asked with the division that will be sent: with a limit KIS leaves out the share's margin rate.
struct DomesticBuyable: Sendable {
    struct Amount: Hashable, Sendable {
        /// In won.
        let cash: FixedPoint
        /// Without borrowing.
        let amount: FixedPoint
        let quantity: Quantity
        /// What was calculated with: a market buy is checked at the day's upper limit.
        let price: Price
        let readAt: Instant
    }

    let account: KISAccount
    let code: String
    let division: DomesticDivision
    let price: Price?

    var fields: [KISField] {
        account.fields + [
            KISField("PDNO", code), KISField("ORD_UNPR", price?.description ?? KISTerms.noPrice),
            KISField("ORD_DVSN", division.rawValue), KISField("CMA_EVLU_AMT_ICLD_YN", "N"),
            KISField("OVRS_ICLD_YN", "N"),
        ]
    }

    /// `nil` for a symbol that KIS does not know: it calculates with a price of zero.
    func read(from caller: some KISCaller) async throws(KISError) -> Amount? {
        let endpoint = KISEndpoint.domesticBuyable
        let answer = try await caller.call(endpoint, fields)
        let row = try answer.record("output", of: endpoint)
        return try endpoint.reading { () throws(KISRowProblem) in
            guard let price = try row.optionalPrice("psbl_qty_calc_unpr") else { return nil }
            return Amount(
                cash: try row.amount("ord_psbl_cash"), amount: try row.amount("nrcvb_buy_amt"),
                quantity: try row.quantity("nrcvb_buy_qty"), price: price, readAt: answer.receivedAt)
        }
    }
}

/// What an account can sell of a Korean share: `inquire-psbl-sell`, on the real host.
struct DomesticSellable: Sendable {
    let account: KISAccount
    let code: String

    var fields: [KISField] { account.fields + [KISField("PDNO", code)] }

    func read(from caller: some KISCaller) async throws(KISError) -> Quantity {
        let endpoint = KISEndpoint.domesticSellable
        let row = try await caller.call(endpoint, fields).record("output", of: endpoint)
        return try endpoint.reading { () throws(KISRowProblem) in try row.quantityOrZero("ord_psbl_qty") }
    }
}
