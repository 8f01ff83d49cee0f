internal import Core

/// The price of a Korean share now. In won, whole.
struct DomesticPrice: Sendable {
    let code: String
    var division = "J"

    var fields: [KISField] { [KISField("FID_COND_MRKT_DIV_CODE", division), KISField("FID_INPUT_ISCD", code)] }

    /// `nil` for a symbol that KIS does not know: it answers with success and a price of zero.
    func read(from caller: some KISCaller) async throws(KISError) -> KISQuote? {
        let endpoint = KISEndpoint.domesticPrice
        let answer = try await caller.call(endpoint, fields)
        let row = try answer.record("output", of: endpoint)
        return try endpoint.reading { () throws(KISRowProblem) in
            guard let last = try row.optionalPrice("stck_prpr") else { return nil }
            var quote = KISQuote(last: last, readAt: answer.receivedAt)
            quote.open = try row.optionalPrice("stck_oprc")
            quote.high = try row.optionalPrice("stck_hgpr")
            quote.low = try row.optionalPrice("stck_lwpr")
            quote.base = try row.optionalPrice("stck_sdpr")
            quote.upperLimit = try row.optionalPrice("stck_mxpr")
            quote.lowerLimit = try row.optionalPrice("stck_llam")
            quote.volume = try row.optionalAmount("acml_vol").map { Quantity($0) }
            quote.tick = try row.optionalPrice("aspr_unit")
            quote.lot = try row.optionalAmount("hts_deal_qty_unit_val").map { Quantity($0) }
            quote.isHalted = row.isYes("temp_stop_yn")
            return quote
        }
    }
}
