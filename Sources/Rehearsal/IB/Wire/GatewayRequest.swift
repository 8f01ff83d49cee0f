internal import Core

/// A request, as the simulated gateway understands it.
enum GatewayRequest: Hashable, Sendable {
    case startApi(clientId: Int)
    case ids
    case managedAccounts
    case currentTime
    case serverLogLevel
    case contractDetails(Int, ContractQuery)
    case marketData(Int, ContractQuery, snapshot: Bool)
    case cancelMarketData(Int)
    case marketDataType(Int)
    case realTimeBars(Int, ContractQuery, what: String)
    case cancelRealTimeBars(Int)
    case historicalData(Int, ContractQuery, HistoricalQuery)
    case cancelHistoricalData(Int)
    case placeOrder(Int, ContractQuery, GatewayTicket)
    case cancelOrder(Int)
    case globalCancel
    case openOrders
    case allOpenOrders
    case autoOpenOrders(bind: Bool)
    case completedOrders
    case executions(Int, ExecutionFilter)
    case positions
    case cancelPositions
    case accountSummary(Int, tags: String)
    case cancelAccountSummary(Int)
    case accountUpdates(subscribe: Bool, account: String)
    case accountUpdatesMulti(Int, account: String)
    case cancelAccountUpdatesMulti(Int)
    case pnl(Int, account: String)
    case cancelPnl(Int)
    case pnlSingle(Int, account: String, conId: Int)
    case cancelPnlSingle(Int)
    case unknown(Int)

    /// What is asked for of historical bars.
    struct HistoricalQuery: Hashable, Sendable {
        var end = ""
        var barSize = ""
        var duration = ""
        var useRTH = true
        var what = ""
        var formatDate = 1
        var keepUpToDate = false
    }

    /// Which executions are asked for; empty and 0 are any.
    struct ExecutionFilter: Hashable, Sendable {
        var clientId = 0
        var account = ""
        var time = ""
        var symbol = ""
        var secType = ""
        var exchange = ""
        var side = ""
    }

    /// The names by which faults and counts know the requests.
    private static let names: [Int: String] = [
        1: "reqMktData", 2: "cancelMktData", 3: "placeOrder", 4: "cancelOrder", 5: "reqOpenOrders",
        6: "reqAccountUpdates", 7: "reqExecutions", 8: "reqIds", 9: "reqContractDetails", 14: "setServerLogLevel",
        15: "reqAutoOpenOrders", 16: "reqAllOpenOrders", 17: "reqManagedAccts", 20: "reqHistoricalData",
        25: "cancelHistoricalData", 49: "reqCurrentTime", 50: "reqRealTimeBars", 51: "cancelRealTimeBars",
        58: "reqGlobalCancel", 59: "reqMarketDataType", 61: "reqPositions", 62: "reqAccountSummary",
        63: "cancelAccountSummary", 64: "cancelPositions", 71: "startApi", 76: "reqAccountUpdatesMulti",
        77: "cancelAccountUpdatesMulti", 92: "reqPnL", 93: "cancelPnL", 94: "reqPnLSingle", 95: "cancelPnLSingle",
        99: "reqCompletedOrders",
    ]

    static func name(of fields: [String]) -> String {
        fields.first.flatMap { Int($0) }.flatMap { names[$0] } ?? "unknown"
    }

    /// Reads one message of the layout that the version has.
    init(_ fields: [String], version: Int) throws(FieldReader.Problem) {
        var reader = FieldReader(fields)
        let id = try reader.int()
        switch id {
        case 3: self = try Self.placeOrder(&reader, version)
        case 1, 2, 50, 51, 59: self = try Self.marketData(id, &reader)
        case 20, 25: self = try Self.historical(id, &reader)
        case 4, 5, 15, 16, 58, 99, 7: self = try Self.orders(id, &reader)
        case 6, 61, 62, 63, 64, 76, 77, 92, 93, 94, 95: self = try Self.account(id, &reader)
        case 71:
            try reader.skip(1)
            self = .startApi(clientId: try reader.int())
        case 8: self = .ids
        case 17: self = .managedAccounts
        case 49: self = .currentTime
        case 14: self = .serverLogLevel
        case 9:
            try reader.skip(1)
            let requestId = try reader.int()
            var query = try ContractQuery(&reader)
            query.includeExpired = try reader.flag()
            query.secIdType = try reader.text()
            query.secId = try reader.text()
            if version >= Gate.issuerId { _ = try reader.text() }
            self = .contractDetails(requestId, query)
        default: self = .unknown(id)
        }
    }

    private static func placeOrder(_ reader: inout FieldReader, _ version: Int) throws(FieldReader.Problem) -> Self {
        let orderId = try reader.int()
        var query = try ContractQuery(&reader)
        query.secIdType = try reader.text()
        query.secId = try reader.text()
        return .placeOrder(orderId, query, try GatewayTicket(&reader, query: query, version: version))
    }

    private static func marketData(_ id: Int, _ reader: inout FieldReader) throws(FieldReader.Problem) -> Self {
        try reader.skip(1)
        let requestId = try reader.int()
        switch id {
        case 1:
            let query = try ContractQuery(&reader)
            if try reader.flag() { try reader.skip(3) }
            _ = try reader.text()
            return .marketData(requestId, query, snapshot: try reader.flag())
        case 2: return .cancelMarketData(requestId)
        case 50:
            let query = try ContractQuery(&reader)
            try reader.skip(1)
            return .realTimeBars(requestId, query, what: try reader.text())
        case 51: return .cancelRealTimeBars(requestId)
        default: return .marketDataType(requestId)
        }
    }

    private static func historical(_ id: Int, _ reader: inout FieldReader) throws(FieldReader.Problem) -> Self {
        if id == 25 {
            try reader.skip(1)
            return .cancelHistoricalData(try reader.int())
        }
        let requestId = try reader.int()
        var contract = try ContractQuery(&reader)
        contract.includeExpired = try reader.flag()
        var query = HistoricalQuery()
        query.end = try reader.text()
        query.barSize = try reader.text()
        query.duration = try reader.text()
        query.useRTH = try reader.flag()
        query.what = try reader.text()
        query.formatDate = try reader.int()
        query.keepUpToDate = try reader.flag()
        return .historicalData(requestId, contract, query)
    }

    private static func orders(_ id: Int, _ reader: inout FieldReader) throws(FieldReader.Problem) -> Self {
        switch id {
        case 4:
            try reader.skip(1)
            return .cancelOrder(try reader.int())
        case 5: return .openOrders
        case 15:
            try reader.skip(1)
            return .autoOpenOrders(bind: try reader.flag())
        case 16: return .allOpenOrders
        case 58: return .globalCancel
        case 99: return .completedOrders
        default:
            try reader.skip(1)
            let requestId = try reader.int()
            var filter = ExecutionFilter()
            filter.clientId = try reader.int()
            filter.account = try reader.text()
            filter.time = try reader.text()
            filter.symbol = try reader.text()
            filter.secType = try reader.text()
            filter.exchange = try reader.text()
            filter.side = try reader.text()
            return .executions(requestId, filter)
        }
    }

    private static func account(_ id: Int, _ reader: inout FieldReader) throws(FieldReader.Problem) -> Self {
        if [6, 61, 62, 63, 64, 76, 77].contains(id) { try reader.skip(1) }
        switch id {
        case 6:
            let subscribe = try reader.flag()
            return .accountUpdates(subscribe: subscribe, account: try reader.text())
        case 61: return .positions
        case 64: return .cancelPositions
        default: break
        }
        let requestId = try reader.int()
        switch id {
        case 62:
            _ = try reader.text()
            return .accountSummary(requestId, tags: try reader.text())
        case 63: return .cancelAccountSummary(requestId)
        case 76: return .accountUpdatesMulti(requestId, account: try reader.text())
        case 77: return .cancelAccountUpdatesMulti(requestId)
        case 92: return .pnl(requestId, account: try reader.text())
        case 93: return .cancelPnl(requestId)
        case 94:
            let account = try reader.text()
            _ = try reader.text()
            return .pnlSingle(requestId, account: account, conId: try reader.int())
        default: return .cancelPnlSingle(requestId)
        }
    }
}
