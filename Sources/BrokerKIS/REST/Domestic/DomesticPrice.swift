internal import Broker
internal import Core

/// The price of a Korean share now. In won, whole.
struct DomesticPrice: Sendable {
    private static let names = KISQuoteFields(
        last: "stck_prpr", open: "stck_oprc", high: "stck_hgpr", low: "stck_lwpr", base: "stck_sdpr",
        upperLimit: "stck_mxpr", lowerLimit: "stck_llam", volume: "acml_vol", tick: "aspr_unit",
        lot: "hts_deal_qty_unit_val")

    let code: String

    var fields: [KISField] { [KISField("FID_COND_MRKT_DIV_CODE", "J"), KISField("FID_INPUT_ISCD", code)] }

    /// `nil` for a symbol that KIS does not know.
    func read(from caller: some KISCaller) async throws(KISError) -> BrokerQuote? {
        let endpoint = KISEndpoint.domesticPrice
        let answer = try await caller.call(endpoint, fields)
        let row = try answer.record("output", of: endpoint)
        return try endpoint.reading { () throws(KISRowProblem) in
            var quote = try Self.names.read(row, at: answer.receivedAt)
            quote?.currency = .krw
            quote?.isHalted = row.text("temp_stop_yn").map { $0.uppercased() == "Y" }
            return quote
        }
    }
}
