/// `1, 11, reqId, C12, 0, genericTicks, snapshot, regulatorySnapshot, options`: prices and sizes as they change.
struct MarketDataRequest: IBRequest {
    var requestID: Int64
    var contract: IBContract
    /// Numbers of further ticks, separated by commas.
    var genericTicks = ""
    /// One set of prices, which ends by itself after about eleven seconds.
    var isSnapshot = false

    func write(_ fields: inout FieldWriter) {
        fields.begin(.marketData, version: 11)
        fields.number(requestID)
        fields.contract(contract)
        fields.zero()  // no delta-neutral contract
        fields.text(genericTicks)
        fields.bool(isSnapshot)
        fields.zero()  // a regulatory snapshot costs money for each
        fields.empty()  // options
    }
}

/// `2, 2, reqId`
struct CancelMarketDataRequest: IBRequest {
    var requestID: Int64

    func write(_ fields: inout FieldWriter) {
        fields.begin(.cancelMarketData, version: 2)
        fields.number(requestID)
    }
}

/// `59, 1, type`: what the subscriptions that follow are to deliver.
struct MarketDataTypeRequest: IBRequest {
    var type: IBMarketDataType

    func write(_ fields: inout FieldWriter) {
        fields.begin(.marketDataType, version: 1)
        fields.number(type.rawValue)
    }
}

/// `50, 3, reqId, C12, 5, whatToShow, useRTH, options`: a bar of five seconds every five seconds.
struct RealTimeBarsRequest: IBRequest {
    var requestID: Int64
    var contract: IBContract
    var prices = IBPriceKind.trades
    var regularHoursOnly: Bool

    func write(_ fields: inout FieldWriter) {
        fields.begin(.realTimeBars, version: 3)
        fields.number(requestID)
        fields.contract(contract)
        fields.number(5)  // there is no other size
        fields.text(prices.rawValue)
        fields.bool(regularHoursOnly)
        fields.empty()  // options
    }
}

/// `51, 1, reqId`
struct CancelRealTimeBarsRequest: IBRequest {
    var requestID: Int64

    func write(_ fields: inout FieldWriter) {
        fields.begin(.cancelRealTimeBars, version: 1)
        fields.number(requestID)
    }
}
