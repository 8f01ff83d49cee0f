internal import Core

/// `6, ver, key, value, currency, account`
package struct IBAccountValue: Hashable, Sendable {
    /// `NetLiquidation` and many more. `AccountReady` with the value `false`: the values are not reliable now.
    let key: String
    /// A number or a word, by the key.
    let value: String
    let currency: String
    let account: String

    init(_ fields: inout FieldReader) {
        fields.skip()
        key = fields.text()
        value = fields.text()
        currency = fields.text()
        account = fields.text()
    }
}

/// `7, ver, conId, symbol, secType, lastTradeDate, strike, right, multiplier, primaryExchange, currency, localSymbol,
/// tradingClass, position, marketPrice, marketValue, averageCost, unrealizedPNL, realizedPNL, account`
package struct IBPortfolioValue: Hashable, Sendable {
    let contract: IBContract
    /// Short is negative.
    let position: Quantity
    let marketPrice: Price?
    let marketValue: FixedPoint?
    let averageCost: Price?
    let unrealized: FixedPoint?
    let realized: FixedPoint?
    let account: String

    init(_ fields: inout FieldReader) {
        fields.skip()
        var contract = IBContract()
        contract.conID = fields.number()
        fields.contractHead(&contract)
        contract.multiplier = fields.text()
        contract.primaryExchange = fields.text()
        contract.currency = fields.text()
        contract.localSymbol = fields.text()
        contract.tradingClass = fields.text()
        self.contract = contract
        position = fields.requiredQuantity()
        marketPrice = fields.price()
        marketValue = fields.decimal()
        averageCost = fields.price()
        unrealized = fields.decimal()
        realized = fields.decimal()
        account = fields.text()
    }
}

/// `8, ver, "HH:mm"`
package struct IBAccountUpdateTime: Hashable, Sendable {
    let time: String

    init(_ fields: inout FieldReader) {
        fields.skip()
        time = fields.text()
    }
}

/// `54, ver, account`: values and holdings of the account have all been told once.
package struct IBAccountDownloadEnd: Hashable, Sendable {
    let account: String

    init(_ fields: inout FieldReader) {
        fields.skip()
        account = fields.text()
    }
}

/// `63, ver, reqId, account, tag, value, currency`
package struct IBAccountSummary: Hashable, Sendable {
    let requestID: Int64
    let account: String
    let tag: String
    /// A number or a word, by the tag.
    let value: String
    let currency: String

    init(_ fields: inout FieldReader) {
        fields.skip()
        requestID = fields.number()
        account = fields.text()
        tag = fields.text()
        value = fields.text()
        currency = fields.text()
    }
}

/// `61, ver, account, conId, symbol, secType, lastTradeDate, strike, right, multiplier, exchange, currency, localSymbol,
/// tradingClass, position, avgCost`
package struct IBPosition: Hashable, Sendable {
    let account: String
    /// Futures come without an exchange.
    let contract: IBContract
    /// Short is negative; zero for one that was closed.
    let position: Quantity
    /// Of one unit. Whether that of a derivative holds its multiplier, no source says.
    let averageCost: Price?

    init(_ fields: inout FieldReader) {
        fields.skip()
        account = fields.text()
        contract = fields.contract()
        position = fields.requiredQuantity()
        averageCost = fields.price()
    }
}

/// `94, reqId, daily, unrealized, realized`
package struct IBProfitAndLoss: Hashable, Sendable {
    let requestID: Int64
    let daily: FixedPoint?
    let unrealized: FixedPoint?
    let realized: FixedPoint?

    init(_ fields: inout FieldReader) {
        requestID = fields.number()
        daily = fields.decimal()
        unrealized = fields.decimal()
        realized = fields.decimal()
    }
}

/// `95, reqId, position, daily, unrealized, realized, value`
package struct IBSingleProfitAndLoss: Hashable, Sendable {
    let requestID: Int64
    let position: Quantity?
    let daily: FixedPoint?
    let unrealized: FixedPoint?
    let realized: FixedPoint?
    let value: FixedPoint?

    init(_ fields: inout FieldReader) {
        requestID = fields.number()
        position = fields.quantity()
        daily = fields.decimal()
        unrealized = fields.decimal()
        realized = fields.decimal()
        value = fields.decimal()
    }
}
