internal import Broker
internal import Core

/// Where in an answer a quote stands. Both desks tell the same things by other names; what an answer leaves out stays
/// `nil`.
struct KISQuoteFields: Sendable {
    let last: String
    let open: String
    let high: String
    let low: String
    let base: String
    let upperLimit: String
    let lowerLimit: String
    let volume: String
    let tick: String
    let lot: String

    /// `nil` for a symbol that KIS does not know: it answers with success and a price that is zero or blank.
    func read(_ row: KISRecord, at readAt: Instant) throws(KISRowProblem) -> BrokerQuote? {
        guard let last = try row.optionalPrice(last) else { return nil }
        var quote = BrokerQuote(last: last, readAt: readAt)
        quote.open = try row.optionalPrice(open)
        quote.high = try row.optionalPrice(high)
        quote.low = try row.optionalPrice(low)
        quote.base = try row.optionalPrice(base)
        quote.upperLimit = try row.optionalPrice(upperLimit)
        quote.lowerLimit = try row.optionalPrice(lowerLimit)
        quote.volume = try row.optionalAmount(volume).map { Quantity($0) }
        quote.tick = try row.optionalPrice(tick)
        quote.lot = try row.optionalAmount(lot).flatMap { $0.isPositive ? Quantity($0) : nil }
        return quote
    }
}

/// An order book, the best price first on either side. Levels without a price are left out.
struct KISBook: Hashable, Sendable {
    typealias Level = BrokerQuote.Level

    let asks: [Level]
    let bids: [Level]
    let readAt: Instant

    /// Reads levels from fields such as `askp1` and `askp_rsqn1`.
    static func levels(
        of record: KISRecord, prices: String, quantities: String, depth: Int
    ) throws(KISRowProblem) -> [Level] {
        var levels: [Level] = []
        for level in 1...depth {
            guard let price = try record.optionalPrice("\(prices)\(level)") else { continue }
            levels.append(Level(price: price, quantity: try record.quantityOrZero("\(quantities)\(level)")))
        }
        return levels
    }
}

extension KISCaller {
    /// One call that is no page of a list.
    func call(_ endpoint: KISEndpoint, _ fields: [KISField]) async throws(KISError) -> KISAnswer {
        try await call(endpoint, fields, isContinuation: false)
    }
}

extension KISAnswer {
    /// The object that the answer is about.
    func record(_ member: String, of endpoint: KISEndpoint) throws(KISError) -> KISRecord {
        guard let record = body.record(member) else {
            throw .malformedAnswer(call: endpoint.name, detail: "\(member) is missing")
        }
        return record
    }
}

extension KISEndpoint {
    /// Reads values out of an answer that stands for itself: what is wrong with one of them is wrong with all.
    func reading<Value>(_ read: () throws(KISRowProblem) -> Value) throws(KISError) -> Value {
        do throws(KISRowProblem) { return try read() } catch {
            throw .malformedAnswer(call: name, detail: "\(error)")
        }
    }
}
