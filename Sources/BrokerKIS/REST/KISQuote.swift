internal import Core

/// What a market shows of an instrument now. Prices in its currency; `nil` where KIS has none.
struct KISQuote: Hashable, Sendable {
    let last: Price
    var open: Price?
    var high: Price?
    var low: Price?
    /// The price that the day's limits and its change are measured from: yesterday's close, corrected for splits.
    var base: Price?
    var upperLimit: Price?
    var lowerLimit: Price?
    /// Shares traded today.
    var volume: Quantity?
    var tick: Price?
    var lot: Quantity?
    var isHalted = false
    let readAt: Instant
}

/// An order book, the best price first on either side. Levels without a price are left out.
struct KISBook: Hashable, Sendable {
    struct Level: Hashable, Sendable {
        let price: Price
        let quantity: Quantity
    }

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

/// The bar of one session. Which instants it spans the exchange's calendar knows, KIS does not say.
struct KISDailyBar: Hashable, Sendable {
    /// The trading day on the exchange's own calendar.
    let date: CivilDate
    let open: Price
    let high: Price
    let low: Price
    let close: Price
    let volume: Quantity
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
