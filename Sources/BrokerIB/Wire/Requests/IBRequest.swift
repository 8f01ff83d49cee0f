/// A message to the gateway. Its layout names the fields in the order they are sent, and begins with its number.
protocol IBRequest: Hashable, Sendable {
    func write(_ fields: inout FieldWriter)
}

extension IBRequest {
    /// The frame, its length before it, as a gateway of that version reads it.
    func frame(for version: ServerVersion) throws(IBEncodingError) -> [UInt8] {
        var fields = FieldWriter(version: version)
        write(&fields)
        return try fields.frame()
    }
}

/// The numbers of the messages to the gateway.
enum RequestNumber: Int {
    case marketData = 1, cancelMarketData = 2, placeOrder = 3, cancelOrder = 4, openOrders = 5, accountUpdates = 6
    case executions = 7, ids = 8, contractDetails = 9, serverLogLevel = 14, autoOpenOrders = 15, allOpenOrders = 16
    case managedAccounts = 17, historicalData = 20, cancelHistoricalData = 25, currentTime = 49, realTimeBars = 50
    case cancelRealTimeBars = 51, globalCancel = 58, marketDataType = 59, positions = 61, accountSummary = 62
    case cancelAccountSummary = 63, cancelPositions = 64, startAPI = 71, profitAndLoss = 92, cancelProfitAndLoss = 93
    case singleProfitAndLoss = 94, cancelSingleProfitAndLoss = 95, completedOrders = 99
}

extension FieldWriter {
    /// The number of the message, and the version of its own that many messages still carry.
    mutating func begin(_ message: RequestNumber, version: Int? = nil) {
        number(message.rawValue)
        if let version { number(version) }
    }
}
