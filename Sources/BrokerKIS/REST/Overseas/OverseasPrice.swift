internal import Core

/// The price of a share abroad now. Outside the US it is fifteen minutes old.
struct OverseasPrice: Sendable {
    let market: KISMarket
    let code: String

    /// What every quotation abroad is asked by. `AUTH` is always sent, empty.
    static func fields(_ market: KISMarket, _ code: String) -> [KISField] {
        [KISField("AUTH", ""), KISField("EXCD", market.codes.quote), KISField("SYMB", code)]
    }

    /// `nil` for a symbol that KIS does not know: it answers with success and a blank price.
    func read(from caller: some KISCaller) async throws(KISError) -> KISQuote? {
        let endpoint = KISEndpoint.overseasPrice
        let answer = try await caller.call(endpoint, Self.fields(market, code))
        let row = try answer.record("output", of: endpoint)
        return try endpoint.reading { () throws(KISRowProblem) in
            guard let last = try row.optionalPrice("last") else { return nil }
            var quote = KISQuote(last: last, readAt: answer.receivedAt)
            quote.base = try row.optionalPrice("base")
            quote.volume = try row.optionalAmount("tvol").map { Quantity($0) }
            return quote
        }
    }
}

/// The same with the day's range, its limits, lot and tick. The virtual host does not have it.
struct OverseasPriceDetail: Sendable {
    let market: KISMarket
    let code: String

    func read(from caller: some KISCaller) async throws(KISError) -> KISQuote? {
        let endpoint = KISEndpoint.overseasPriceDetail
        let answer = try await caller.call(endpoint, OverseasPrice.fields(market, code))
        let row = try answer.record("output", of: endpoint)
        return try endpoint.reading { () throws(KISRowProblem) in
            guard let last = try row.optionalPrice("last") else { return nil }
            var quote = KISQuote(last: last, readAt: answer.receivedAt)
            quote.open = try row.optionalPrice("open")
            quote.high = try row.optionalPrice("high")
            quote.low = try row.optionalPrice("low")
            quote.base = try row.optionalPrice("base")
            quote.upperLimit = try row.optionalPrice("uplp")
            quote.lowerLimit = try row.optionalPrice("dnlp")
            quote.volume = try row.optionalAmount("tvol").map { Quantity($0) }
            quote.tick = try row.optionalPrice("e_hogau")
            quote.lot = try row.optionalAmount("vnit").map { Quantity($0) }
            return quote
        }
    }
}
