internal import Core

/// A new order for a share abroad.
struct OverseasOrder: Sendable {
    let account: KISAccount
    let side: Side
    let market: KISMarket
    let code: String
    let division: OverseasDivision
    let quantity: Quantity
    /// In the market's currency; `nil` where the division has none.
    let price: Price?

    /// `nil` for a market of another desk.
    var endpoint: KISEndpoint? { .overseasOrder(market.nation, side) }

    var fields: [KISField] {
        var fields =
            account.fields + [
                KISField("OVRS_EXCG_CD", market.codes.order), KISField("PDNO", code),
                KISField("ORD_QTY", quantity.description),
                KISField("OVRS_ORD_UNPR", price?.description ?? KISTerms.noPrice), KISField("CTAC_TLNO", ""),
                KISField("MGCO_APTM_ODNO", ""),
            ]
        if side == .sell { fields.append(KISField("SLL_TYPE", "00")) }
        fields += [KISField("ORD_SVR_DVSN_CD", "0"), KISField("ORD_DVSN", division.rawValue)]
        return fields
    }
}

/// A revision or cancellation of an order abroad. No organisation number is needed.
struct OverseasChange: Sendable {
    enum Kind: Hashable, Sendable {
        case cancel
        case revise(Price)
    }

    let account: KISAccount
    let kind: Kind
    let market: KISMarket
    let code: String
    /// The number of the live order, as KIS lists it.
    let number: String
    /// What is to be cancelled, or ordered at the new price.
    let quantity: Quantity

    /// `nil` where there is no such order: Shanghai, Shenzhen and Vietnam cancel only.
    var endpoint: KISEndpoint? {
        switch kind {
        case .cancel: .overseasChange(market.nation)
        case .revise: market.nation.revisesOrders ? .overseasChange(market.nation) : nil
        }
    }

    var fields: [KISField] {
        let (code, price) =
            switch kind {
            case .cancel: ("02", KISTerms.noPrice)
            case .revise(let price): ("01", price.description)
            }
        return account.fields + [
            KISField("OVRS_EXCG_CD", market.codes.order), KISField("PDNO", self.code), KISField("ORGN_ODNO", number),
            KISField("RVSE_CNCL_DVSN_CD", code), KISField("ORD_QTY", quantity.description),
            KISField("OVRS_ORD_UNPR", price), KISField("MGCO_APTM_ODNO", ""), KISField("ORD_SVR_DVSN_CD", "0"),
        ]
    }
}
