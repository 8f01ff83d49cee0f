internal import Core

/// The parts of `openOrder` and `completedOrder` that are alike.
extension FieldReader {
    /// `action, totalQuantity, orderType, lmtPrice, auxPrice, tif, ocaGroup, account, openClose, origin, orderRef`
    mutating func orderHead(_ terms: inout IBOrderTerms) {
        terms.side = orderSide()
        terms.quantity = quantity()
        terms.type = text()
        terms.limitPrice = price()
        terms.auxiliaryPrice = price()
        terms.timeInForce = text()
        terms.oneCancelsAllGroup = text()
        terms.account = text()
        skip(2)  // openClose, origin
        terms.reference = text()
    }

    /// `volatility, volatilityType, deltaNeutralOrderType, deltaNeutralAuxPrice`, and as many fields more if the third is
    /// not empty. Gateways send the word `None` for ordinary orders, and the fields with it.
    mutating func skipVolatility(deltaNeutralFields: Int) {
        skip(2)
        let type = raw()
        skip()
        if !type.isEmpty { skip(deltaNeutralFields) }
    }

    /// `comboLegsDescrip, nLegs, nLegs × (8), nLegPrices, nLegPrices × price, nRouting, nRouting × (tag, value)`
    mutating func skipCombination() {
        skip()
        for width in [8, 1, 2] {
            let entries = count(fieldsEach: width)
            skip(entries * width)
        }
    }

    /// `scaleInitLevelSize, scaleSubsLevelSize, scalePriceIncrement`, and seven more if the third is positive.
    mutating func skipScale() {
        skip(2)
        if let increment = decimal(), increment.isPositive { skip(7) }
    }

    /// `hedgeType`, and `hedgeParam` if that is not empty.
    mutating func skipHedge() {
        if !raw().isEmpty { skip() }
    }

    /// `hasDeltaNeutralContract`, and `conId, delta, price` if it is 1.
    mutating func skipDeltaNeutralContract() {
        if bool() { skip(3) }
    }

    /// `algoStrategy`, and `nParams, nParams × (tag, value)` if that is not empty.
    mutating func algorithm(_ terms: inout IBOrderTerms) {
        terms.algorithm = text()
        if !terms.algorithm.isEmpty { terms.algorithmParameters = pairs() }
    }

    /// `referenceContractId, isDecrease, changeAmount, referenceChangeAmount, referenceExchangeId`, of an order that is
    /// pegged to a benchmark.
    mutating func skipBenchmark(orderType: String) {
        if orderType == "PEG BENCH" || orderType == "PEGBENCH" { skip(5) }
    }

    /// `nConditions`, and if there are any `nConditions × (type, …), ignoreRth, cancelOrder`.
    mutating func skipConditions() {
        let conditions = count(fieldsEach: 4)
        for _ in 0..<conditions where fault == nil {
            guard let width = Self.conditionWidth(number()) else { return unread(.unknownEntry) }
            skip(width)
        }
        if conditions > 0 { skip(2) }
    }

    /// How many fields follow the type of a condition; `nil` for one that nobody knows.
    private static func conditionWidth(_ type: Int64) -> Int? {
        switch type {
        case 1: 6  // price: conjunction, isMore, price, conId, exchange, triggerMethod
        case 3: 3  // time: conjunction, isMore, time
        case 4: 3  // margin: conjunction, isMore, percent
        case 5: 4  // execution: conjunction, secType, exchange, symbol
        case 6: 5  // volume: conjunction, isMore, volume, conId, exchange
        case 7: 5  // change in per cent: conjunction, isMore, change, conId, exchange
        default: nil
        }
    }
}
