internal import Core

/// A new order for a Korean share, for cash.
struct DomesticOrder: Sendable {
    let account: KISAccount
    let side: Side
    let code: String
    let division: DomesticDivision
    let quantity: Quantity
    /// In won; `nil` where the division has none.
    let price: Price?
    /// Of a stop limit.
    var stop: Price?
    /// `nil` leaves it to KIS, which takes KRX: the virtual host knows no other.
    var venue: DomesticDivision.Venue?

    var endpoint: KISEndpoint { side == .buy ? .domesticBuy : .domesticSell }

    var fields: [KISField] {
        var fields =
            account.fields + [
                KISField("PDNO", code), KISField("ORD_DVSN", division.rawValue),
                KISField("ORD_QTY", quantity.description), KISField("ORD_UNPR", price?.description ?? KISTerms.noPrice),
            ]
        if let venue { fields.append(KISField("EXCG_ID_DVSN_CD", venue.rawValue)) }
        if side == .sell { fields.append(KISField("SLL_TYPE", "01")) }
        if let stop { fields.append(KISField("CNDT_PRIC", stop.description)) }
        return fields
    }
}

/// A revision or cancellation of a Korean order. It gets a number of its own; after a revision the new one is the live
/// order.
struct DomesticChange: Sendable {
    enum Kind: Hashable, Sendable {
        case cancel
        case revise(DomesticDivision, price: Price?, stop: Price?)
    }

    let account: KISAccount
    let kind: Kind
    /// As KIS lists it: `ord_gno_brno`.
    let organisation: String
    /// The number of the live order, as KIS lists it.
    let number: String
    /// `nil` is all that is left of it.
    let quantity: Quantity?
    var venue: DomesticDivision.Venue?

    var fields: [KISField] {
        var fields =
            account.fields + [
                KISField("KRX_FWDG_ORD_ORGNO", organisation), KISField("ORGN_ODNO", number),
                KISField("ORD_DVSN", division), KISField("RVSE_CNCL_DVSN_CD", kind == .cancel ? "02" : "01"),
                KISField("ORD_QTY", quantity?.description ?? "0"), KISField("ORD_UNPR", price),
                KISField("QTY_ALL_ORD_YN", quantity == nil ? "Y" : "N"),
            ]
        if let venue { fields.append(KISField("EXCG_ID_DVSN_CD", venue.rawValue)) }
        if case .revise(_, _, let stop?) = kind { fields.append(KISField("CNDT_PRIC", stop.description)) }
        return fields
    }

    private var division: String {
        switch kind {
        case .cancel: DomesticDivision.limit.rawValue
        case .revise(let division, _, _): division.rawValue
        }
    }

    private var price: String {
        switch kind {
        case .cancel: KISTerms.noPrice
        case .revise(_, let price, _): price?.description ?? KISTerms.noPrice
        }
    }
}
