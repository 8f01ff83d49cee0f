internal import Core

/// `7, 3, reqId, clientId, acctCode, time, symbol, secType, exchange, side`: the executions since midnight of the
/// account's day, all of them unless the filter says otherwise.
struct ExecutionsRequest: IBRequest {
    var requestID: Int64
    /// Orders of this client only; 0 for all.
    var clientID = 0
    var account = ""
    /// None before; `nil` for all.
    var since: Instant?
    var symbol = ""
    var type: IBSecurityType?
    var exchange = ""
    var side: Side?

    func write(_ fields: inout FieldWriter) {
        fields.begin(.executions, version: 3)
        fields.number(requestID)
        fields.number(clientID)
        fields.text(account)
        fields.text(since.map(IBTime.utc) ?? "")
        fields.text(symbol)
        fields.text(type?.code ?? "")
        fields.text(exchange)
        fields.text(side?.ibAction ?? "")
    }
}

/// `61, 1`: all positions of all accounts, and every change of them until it is cancelled.
struct PositionsRequest: IBRequest {
    func write(_ fields: inout FieldWriter) { fields.begin(.positions, version: 1) }
}

/// `64, 1`
struct CancelPositionsRequest: IBRequest {
    func write(_ fields: inout FieldWriter) { fields.begin(.cancelPositions, version: 1) }
}

/// `62, 1, reqId, group, tags`: values of accounts, and their changes every three minutes. Two at a time.
struct AccountSummaryRequest: IBRequest {
    var requestID: Int64
    var group = "All"
    /// `NetLiquidation`, `TotalCashValue` and so on; `$LEDGER:ALL` for the cash of every currency.
    var tags: [String]

    func write(_ fields: inout FieldWriter) {
        fields.begin(.accountSummary, version: 1)
        fields.number(requestID)
        fields.text(group)
        fields.text(tags.joined(separator: ","))
    }
}

/// `63, 1, reqId`
struct CancelAccountSummaryRequest: IBRequest {
    var requestID: Int64

    func write(_ fields: inout FieldWriter) {
        fields.begin(.cancelAccountSummary, version: 1)
        fields.number(requestID)
    }
}

/// `6, 2, subscribe, acctCode`: values, holdings and their changes of one account at a time.
struct AccountUpdatesRequest: IBRequest {
    var subscribes: Bool
    var account: String

    func write(_ fields: inout FieldWriter) {
        fields.begin(.accountUpdates, version: 2)
        fields.bool(subscribes)
        fields.text(account)
    }
}

/// `92, reqId, account, modelCode`: profit and loss of an account as it changes.
struct ProfitAndLossRequest: IBRequest {
    var requestID: Int64
    var account: String

    func write(_ fields: inout FieldWriter) {
        fields.begin(.profitAndLoss)
        fields.number(requestID)
        fields.text(account)
        fields.empty()  // modelCode
    }
}

/// `93, reqId`
struct CancelProfitAndLossRequest: IBRequest {
    var requestID: Int64

    func write(_ fields: inout FieldWriter) {
        fields.begin(.cancelProfitAndLoss)
        fields.number(requestID)
    }
}

/// `94, reqId, account, modelCode, conId`: the same of one position.
struct SingleProfitAndLossRequest: IBRequest {
    var requestID: Int64
    var account: String
    var conID: Int64

    func write(_ fields: inout FieldWriter) {
        fields.begin(.singleProfitAndLoss)
        fields.number(requestID)
        fields.text(account)
        fields.empty()  // modelCode
        fields.number(conID)
    }
}

/// `95, reqId`
struct CancelSingleProfitAndLossRequest: IBRequest {
    var requestID: Int64

    func write(_ fields: inout FieldWriter) {
        fields.begin(.cancelSingleProfitAndLoss)
        fields.number(requestID)
    }
}

extension Side {
    /// `BUY` or `SELL`, as orders say it.
    var ibAction: String {
        switch self {
        case .buy: "BUY"
        case .sell: "SELL"
        }
    }
}
