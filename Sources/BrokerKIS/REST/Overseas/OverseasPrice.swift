internal import Broker
internal import Core

/// The price of a share abroad now. Outside the US it is fifteen minutes old.
struct OverseasPrice: Sendable {
    fileprivate static let names = KISQuoteFields(
        last: "last", open: "open", high: "high", low: "low", base: "base", upperLimit: "uplp", lowerLimit: "dnlp",
        volume: "tvol", tick: "e_hogau", lot: "vnit")

    let market: KISMarket
    let code: String

    /// What every quotation abroad is asked by. `AUTH` is always sent, empty.
    static func fields(_ market: KISMarket, _ code: String) -> [KISField] {
        [KISField("AUTH", ""), KISField("EXCD", market.codes.quote), KISField("SYMB", code)]
    }

    /// `nil` for a symbol that KIS does not know. Holds the last price, the base and the volume.
    func read(from caller: some KISCaller) async throws(KISError) -> BrokerQuote? {
        let endpoint = KISEndpoint.overseasPrice
        let answer = try await caller.call(endpoint, Self.fields(market, code))
        let row = try answer.record("output", of: endpoint)
        return try endpoint.reading { () throws(KISRowProblem) in
            try Self.names.read(row, at: answer.receivedAt)
        }
    }
}

/// The same with the day's range, its limits, lot and tick. The virtual host does not have it.
struct OverseasPriceDetail: Sendable {
    /// What `e_ordyn` says of a share that can be traded.
    private static let tradable = "매매 가능"

    let market: KISMarket
    let code: String

    /// As for ``OverseasPrice``.
    func read(from caller: some KISCaller) async throws(KISError) -> BrokerQuote? {
        let endpoint = KISEndpoint.overseasPriceDetail
        let answer = try await caller.call(endpoint, OverseasPrice.fields(market, code))
        let row = try answer.record("output", of: endpoint)
        return try endpoint.reading { () throws(KISRowProblem) in
            var quote = try OverseasPrice.names.read(row, at: answer.receivedAt)
            quote?.currency = row.text("curr").flatMap { Currency($0) }
            // What else may stand there is not documented: it is passed on, and nothing concluded from it.
            if let words = row.text("e_ordyn") {
                if words == Self.tradable {
                    quote?.isHalted = false
                } else {
                    quote?.notes.append("whether it can be traded, KIS says in its own words: \(words)")
                }
            }
            return quote
        }
    }
}
