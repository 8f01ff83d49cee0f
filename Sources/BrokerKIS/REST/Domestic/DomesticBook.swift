internal import Core

/// Ten levels of the order book of a Korean share.
struct DomesticBook: Sendable {
    static let depth = 10

    let code: String

    var fields: [KISField] { [KISField("FID_COND_MRKT_DIV_CODE", "J"), KISField("FID_INPUT_ISCD", code)] }

    func read(from caller: some KISCaller) async throws(KISError) -> KISBook {
        let endpoint = KISEndpoint.domesticBook
        let answer = try await caller.call(endpoint, fields)
        let row = try answer.record("output1", of: endpoint)
        return try endpoint.reading { () throws(KISRowProblem) in
            KISBook(
                asks: try KISBook.levels(of: row, prices: "askp", quantities: "askp_rsqn", depth: Self.depth),
                bids: try KISBook.levels(of: row, prices: "bidp", quantities: "bidp_rsqn", depth: Self.depth),
                readAt: answer.receivedAt)
        }
    }
}
