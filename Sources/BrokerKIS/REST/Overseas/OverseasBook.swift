internal import Core

/// The order book of a share abroad: one level or ten, by what KIS grants. The virtual host does not have it.
struct OverseasBook: Sendable {
    static let depth = 10

    let market: KISMarket
    let code: String

    func read(from caller: some KISCaller) async throws(KISError) -> KISBook {
        let endpoint = KISEndpoint.overseasBook
        let answer = try await caller.call(endpoint, OverseasPrice.fields(market, code))
        let row = try answer.record("output2", of: endpoint)
        return try endpoint.reading { () throws(KISRowProblem) in
            KISBook(
                asks: try KISBook.levels(of: row, prices: "pask", quantities: "vask", depth: Self.depth),
                bids: try KISBook.levels(of: row, prices: "pbid", quantities: "vbid", depth: Self.depth),
                readAt: answer.receivedAt)
        }
    }
}
