internal import Core

/// `3, orderId, status, filled, remaining, avgFillPrice, permId, parentId, lastFillPrice, clientId, whyHeld, mktCapPrice`:
/// what an order is doing. It comes several times or not at all; what was filled, executions tell.
package struct IBOrderStatus: Hashable, Sendable {
    /// 0 for an order made by hand; ids of several clients overlap.
    let orderID: Int64
    let status: IBOrderStatusWord
    let filled: Quantity?
    let remaining: Quantity?
    let averagePrice: Price?
    /// IB's own number, unique in the account; 0 before the order is acknowledged.
    let permanentID: Int64
    let parentID: Int64
    let lastPrice: Price?
    let clientID: Int64
    /// `locate`, while shares to borrow are looked for.
    let whyHeld: String
    let marketCapPrice: Price?

    init(_ fields: inout FieldReader) {
        orderID = fields.number()
        status = IBOrderStatusWord(fields.raw())
        filled = fields.quantity()
        remaining = fields.quantity()
        averagePrice = fields.price()
        permanentID = fields.number()
        parentID = fields.number()
        lastPrice = fields.price()
        clientID = fields.number()
        whyHeld = fields.text()
        marketCapPrice = fields.price()
    }
}

/// `100, permId, clientId, orderId`: an order made by hand has an id now.
package struct IBOrderBound: Hashable, Sendable {
    let permanentID: Int64
    let clientID: Int64
    let orderID: Int64

    init(_ fields: inout FieldReader) {
        permanentID = fields.number()
        clientID = fields.number()
        orderID = fields.number()
    }
}

/// `11, reqId, orderId, conId, symbol, secType, lastTradeDate, strike, right, multiplier, exchange, currency, localSymbol,
/// tradingClass, execId, time, account, execExchange, side, shares, price, permId, clientId, liquidation, cumQty, avgPrice,
/// orderRef, evRule, evMultiplier, modelCode, lastLiquidity, pendingPriceRevision`
package struct IBExecution: Hashable, Sendable {
    /// Of `reqExecutions`; `nil` for one that is told as it happens.
    let requestID: Int64?
    /// `nil` for an order made by hand.
    let orderID: Int64?
    let contract: IBContract
    /// A correction differs only behind the last point, and replaces the earlier one.
    let executionID: String
    /// See ``IBTime/Stamp``.
    let time: String
    let account: String
    let exchange: String
    let side: Side
    let quantity: Quantity
    let price: Price
    let permanentID: Int64
    let clientID: Int64
    /// Forced by IB.
    let isLiquidation: Bool
    /// Of the order, this execution included.
    let cumulativeQuantity: Quantity?
    let averagePrice: Price?
    /// The key the order was placed with.
    let orderReference: String
    /// 1 added liquidity, 2 removed it, 3 was routed out.
    let liquidity: Int64
    /// The price may still be revised.
    let isPriceProvisional: Bool

    init(_ fields: inout FieldReader) {
        let requestID = fields.optionalNumber()
        self.requestID = requestID == -1 ? nil : requestID
        orderID = fields.optionalNumber()
        contract = fields.contract()
        executionID = fields.text()
        time = fields.text()
        account = fields.text()
        exchange = fields.text()
        side = fields.executionSide()
        quantity = fields.requiredQuantity()
        price = fields.requiredPrice()
        permanentID = fields.number()
        clientID = fields.number()
        isLiquidation = fields.number() != 0
        cumulativeQuantity = fields.quantity()
        averagePrice = fields.price()
        orderReference = fields.text()
        fields.skip(3)  // evRule, evMultiplier, modelCode
        liquidity = fields.number()
        isPriceProvisional = fields.version >= .pendingPriceRevision ? fields.bool() : false
    }
}

/// `59, ver, execId, commission, currency, realizedPNL, yield, yieldRedemptionDate`
package struct IBCommission: Hashable, Sendable {
    let executionID: String
    /// Negative for a rebate; `nil` while it is not known, which has been seen as −1.
    let commission: FixedPoint?
    let currency: String
    /// `nil` for an execution that closed nothing.
    let realized: FixedPoint?

    init(_ fields: inout FieldReader) {
        fields.skip()
        executionID = fields.text()
        let commission = fields.decimal()
        self.commission = commission == FixedPoint(-1) ? nil : commission
        currency = fields.text()
        realized = fields.decimal()
        fields.skip(2)  // yield, yieldRedemptionDate
    }
}

extension FieldReader {
    /// `BOT` or `SLD`. An execution of which nobody can say which way it went is none to book.
    mutating func executionSide() -> Side { side(buy: "BOT", sell: "SLD") }

    /// `BUY` or `SELL`; `SSHORT` is sold too.
    mutating func orderSide() -> Side { side(buy: "BUY", sell: "SELL", "SSHORT") }

    private mutating func side(buy: String, sell: String...) -> Side {
        let word = text()
        if word == buy { return .buy }
        if !sell.contains(word), fault == nil { unread(.unknownEntry) }
        return .sell
    }
}
