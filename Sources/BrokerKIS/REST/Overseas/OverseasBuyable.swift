internal import Core

/// What an account can buy of a share abroad: `inquire-psamount`.
struct OverseasBuyable: Sendable {
    struct Amount: Hashable, Sendable {
        let currency: Currency
        /// Foreign cash that is neither spent nor blocked by open orders: `ord_psbl_frcr_amt`.
        let freeCash: FixedPoint
        /// Of sales that are not settled, where it is counted apart: `sll_ruse_psbl_amt`.
        let fromSales: FixedPoint
        /// What an order may come to, in that currency alone.
        let amount: FixedPoint
        let quantity: Quantity
        /// With the other currencies of the account exchanged by KIS, where that is agreed.
        let quantityWithExchange: Quantity?
        let readAt: Instant
    }

    let account: KISAccount
    let market: KISMarket
    let code: String
    let price: Price

    var fields: [KISField] {
        account.fields + [
            KISField("OVRS_EXCG_CD", market.codes.order), KISField("OVRS_ORD_UNPR", price.description),
            KISField("ITEM_CD", code),
        ]
    }

    func read(from caller: some KISCaller) async throws(KISError) -> Amount {
        let endpoint = KISEndpoint.overseasBuyable
        let answer = try await caller.call(endpoint, fields)
        let row = try answer.record("output", of: endpoint)
        return try endpoint.reading { () throws(KISRowProblem) in
            let code = try row.needed("tr_crcy_cd")
            guard let currency = Currency(code) else { throw .unknownCode("tr_crcy_cd", code) }
            return Amount(
                currency: currency, freeCash: try row.amount("ord_psbl_frcr_amt"),
                fromSales: try row.optionalAmount("sll_ruse_psbl_amt") ?? .zero,
                amount: try row.amount("ovrs_ord_psbl_amt"),
                quantity: try row.quantity("max_ord_psbl_qty"),
                quantityWithExchange: try row.optionalAmount("ovrs_max_ord_psbl_qty").map { Quantity($0) },
                readAt: answer.receivedAt)
        }
    }
}
