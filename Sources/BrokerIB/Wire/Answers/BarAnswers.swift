internal import Core

/// When a bar begins.
enum IBBarTime: Hashable, Sendable {
    case instant(Instant)
    /// A bar of a day or more: the day in the time zone of the contract's exchange.
    case day(CivilDate)
}

/// A bar of an answer to `reqHistoricalData`.
struct IBHistoricalBar: Hashable, Sendable {
    let begin: IBBarTime
    let open: Price
    let high: Price
    let low: Price
    let close: Price
    /// −1 where the prices are no trades; lower than that of live data, since it is filtered.
    let volume: Quantity?
    /// The average weighted by volume.
    let average: Price?
    /// Of trades; −1 where the prices are none.
    let count: Int64?
}

/// `17, reqId, start, end, n, n × (date, open, high, low, close, volume, wap, count)`: the whole answer.
package struct IBHistoricalData: Hashable, Sendable {
    let requestID: Int64
    /// Begin and end as the gateway words them.
    let start: String
    let end: String
    let bars: [IBHistoricalBar]

    init(_ fields: inout FieldReader) {
        requestID = fields.number()
        start = fields.text()
        end = fields.text()
        let count = fields.count(fieldsEach: 8)
        var bars: [IBHistoricalBar] = []
        // A count is only a claim until the bars are there.
        bars.reserveCapacity(min(count, 4096))
        for _ in 0..<count where fields.fault == nil { bars.append(IBHistoricalBar(&fields)) }
        self.bars = bars
    }
}

extension IBHistoricalBar {
    fileprivate init(_ fields: inout FieldReader) {
        begin = fields.barTime()
        open = fields.requiredPrice()
        high = fields.requiredPrice()
        low = fields.requiredPrice()
        close = fields.requiredPrice()
        volume = fields.quantity()
        average = fields.price()
        count = fields.optionalNumber()
    }
}

/// `90, reqId, count, date, open, close, high, low, wap, volume`: the bar that is being made, in an order of its own. The one
/// before it is final when a later date appears.
package struct IBHistoricalDataUpdate: Hashable, Sendable {
    let requestID: Int64
    let bar: IBHistoricalBar

    init(_ fields: inout FieldReader) {
        requestID = fields.number()
        let count = fields.optionalNumber()
        let begin = fields.barTime()
        let open = fields.requiredPrice()
        let close = fields.requiredPrice()
        let high = fields.requiredPrice()
        let low = fields.requiredPrice()
        let average = fields.price()
        let volume = fields.quantity()
        bar = IBHistoricalBar(
            begin: begin, open: open, high: high, low: low, close: close, volume: volume, average: average, count: count
        )
    }
}

/// `50, ver, reqId, time, open, high, low, close, volume, wap, count`: five seconds, from their beginning.
package struct IBRealTimeBar: Hashable, Sendable {
    let requestID: Int64
    let begin: Instant
    let open: Price
    let high: Price
    let low: Price
    let close: Price
    let volume: Quantity?
    let average: Price?
    let count: Int64?

    init(_ fields: inout FieldReader) {
        fields.skip()
        requestID = fields.number()
        begin = fields.epochSeconds()
        open = fields.requiredPrice()
        high = fields.requiredPrice()
        low = fields.requiredPrice()
        close = fields.requiredPrice()
        volume = fields.quantity()
        average = fields.price()
        count = fields.optionalNumber()
    }
}
