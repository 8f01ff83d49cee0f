internal import Core

/// The contract block of requests: what a client knows of a contract. Empty and 0 say nothing.
struct ContractQuery: Hashable, Sendable {
    var conId = 0
    var symbol = ""
    var secType = ""
    /// `yyyymmdd`, or the month `yyyymm`.
    var lastTradeDate = ""
    var strike: FixedPoint = .zero
    var right = ""
    var multiplier = ""
    var exchange = ""
    var primaryExchange = ""
    var currency = ""
    var localSymbol = ""
    var tradingClass = ""
    var includeExpired = false
    var secIdType = ""
    var secId = ""

    init() {}

    /// The twelve fields, in their order.
    init(_ reader: inout FieldReader) throws(FieldReader.Problem) {
        conId = try reader.int()
        symbol = try reader.text()
        secType = try reader.text()
        lastTradeDate = try reader.text()
        strike = try reader.number() ?? .zero
        right = try reader.text()
        multiplier = try reader.text()
        exchange = try reader.text()
        primaryExchange = try reader.text()
        currency = try reader.text()
        localSymbol = try reader.text()
        tradingClass = try reader.text()
    }

    /// Whether a contract is one of those that are meant.
    func matches(_ contract: GatewayContract) -> Bool {
        if conId != 0 { return conId == contract.conId && isTraded(contract) }
        func says(_ own: String, _ other: String) -> Bool { own.isEmpty || own == other }
        let isOption = contract.secType == "OPT" || contract.secType == "FOP"
        return !(symbol.isEmpty && localSymbol.isEmpty && secId.isEmpty)
            && says(symbol, contract.symbol) && says(secType, contract.secType)
            && contract.lastTradeDate.hasPrefix(lastTradeDate)
            && (strike.isZero || strike == contract.strike)
            && (right.isEmpty || right == "0" || right == "?" || (isOption && right.prefix(1) == contract.right))
            && says(multiplier, contract.multiplierText) && says(currency, contract.currency)
            && says(localSymbol, contract.localSymbol) && says(tradingClass, contract.tradingClass)
            && says(primaryExchange, contract.primaryExchange) && isTraded(contract)
            && (secId.isEmpty || (secIdType == "ISIN" && secId == contract.isin))
    }

    private func isTraded(_ contract: GatewayContract) -> Bool {
        exchange.isEmpty || contract.validExchanges.contains(exchange) || exchange == contract.primaryExchange
    }
}
