internal import Core

/// `101, …`: an order of the day that is done. 100 fields at version 178 for a plain one; like ``IBOpenOrder`` without the
/// ids of order and client, and with some fields less.
package struct IBCompletedOrder: Hashable, Sendable {
    let contract: IBContract
    let terms: IBOrderTerms
    let status: IBOrderStatusWord
    let filledQuantity: Quantity?
    /// IB's own number of the parent; `nil` for none.
    let parentPermanentID: Int64?
    /// See ``IBTime/Stamp``.
    let completedTime: String
    /// `Cancelled by Trader`, or whatever it was.
    let completedStatus: String

    init(_ fields: inout FieldReader) {
        contract = fields.contract()
        var terms = IBOrderTerms()
        fields.orderHead(&terms)
        terms.permanentID = fields.number()
        terms.outsideRegularHours = fields.bool()
        fields.skip(2)  // hidden, discretionaryAmt
        terms.goodAfter = fields.text()
        fields.skip(3)  // faGroup, faMethod, faPercentage
        if fields.version < .withoutAdvisorProfile { fields.skip() }  // faProfile
        fields.skip()  // modelCode
        terms.goodTill = fields.text()
        fields.skip(3)  // rule80A, percentOffset, settlingFirm
        fields.skip(3)  // shortSaleSlot, designatedLocation, exemptCode
        fields.skip(5)  // startingPrice, stockRefPrice, delta, stockRangeLower, stockRangeUpper
        fields.skip(2)  // displaySize, sweepToFill
        fields.skip(2)  // allOrNone, minQty
        terms.oneCancelsAllKind = fields.number()
        fields.skip()  // triggerMethod
        // conId, shortSale, shortSaleSlot, designatedLocation
        fields.skipVolatility(deltaNeutralFields: 4)
        fields.skip(2)  // continuousUpdate, referencePriceType
        terms.trailingStop = fields.price()
        terms.trailingPercent = fields.decimal()
        fields.skipCombination()
        fields.skipScale()
        fields.skipHedge()
        fields.skip(3)  // clearingAccount, clearingIntent, notHeld
        fields.skipDeltaNeutralContract()
        fields.algorithm(&terms)
        fields.skip()  // solicited
        status = IBOrderStatusWord(fields.raw())
        fields.skip(2)  // randomizeSize, randomizePrice
        fields.skipBenchmark(orderType: terms.type)
        fields.skipConditions()
        fields.skip()  // trailStopPrice
        terms.limitOffset = fields.price()
        fields.skip(3)  // cashQty, dontUseAutoPriceForHedge, isOmsContainer
        fields.skip()  // autoCancelDate
        filledQuantity = fields.quantity()
        fields.skip(2)  // refFuturesConId, autoCancelParent
        fields.skip(3)  // shareholder, imbalanceOnly, routeMarketableToBbo
        parentPermanentID = fields.optionalNumber()
        completedTime = fields.text()
        completedStatus = fields.text()
        self.terms = terms
    }
}
