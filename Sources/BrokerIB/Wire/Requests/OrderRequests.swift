/// `4, 1, orderId, manualCancelTime`
struct CancelOrderRequest: IBRequest {
    var orderID: Int64

    func write(_ fields: inout FieldWriter) {
        fields.begin(.cancelOrder, version: 1)
        fields.number(orderID)
        if fields.version >= .manualOrderTime { fields.empty() }
    }
}

/// `58, 1`: cancels **every** open order of the account, those of other programs and of people too.
struct GlobalCancelRequest: IBRequest {
    func write(_ fields: inout FieldWriter) { fields.begin(.globalCancel, version: 1) }
}

/// `5, 1`: the open orders of this client id.
struct OpenOrdersRequest: IBRequest {
    func write(_ fields: inout FieldWriter) { fields.begin(.openOrders, version: 1) }
}

/// `16, 1`: the open orders of all clients, and those made by hand.
struct AllOpenOrdersRequest: IBRequest {
    func write(_ fields: inout FieldWriter) { fields.begin(.allOpenOrders, version: 1) }
}

/// `15, 1, bind`: client 0 only; gives orders made by hand an id.
struct AutoOpenOrdersRequest: IBRequest {
    var binds: Bool

    func write(_ fields: inout FieldWriter) {
        fields.begin(.autoOpenOrders, version: 1)
        fields.bool(binds)
    }
}

/// `99, apiOnly`: the orders of the day that are done.
struct CompletedOrdersRequest: IBRequest {
    var apiOnly = false

    func write(_ fields: inout FieldWriter) {
        fields.begin(.completedOrders)
        fields.bool(apiOnly)
    }
}
