internal import Core

/// `5, orderId, …`: an order and its state. 135 fields at version 178 for a plain one; its layout follows the gateway's own
/// order, which is not that of ``PlaceOrderRequest``.
///
/// Everything up to `warningText` is walked. What follows holds nothing that is needed and is left alone, so that a change
/// there cannot cost an order.
package struct IBOpenOrder: Hashable, Sendable {
    let orderID: Int64
    let contract: IBContract
    let terms: IBOrderTerms
    let clientID: Int64
    let parentID: Int64
    let isWhatIf: Bool
    let state: IBOrderState

    init(_ fields: inout FieldReader) {
        orderID = fields.number()
        contract = fields.contract()
        var terms = IBOrderTerms()
        fields.orderHead(&terms)
        clientID = fields.number()
        terms.permanentID = fields.number()
        terms.outsideRegularHours = fields.bool()
        fields.skip(2)  // hidden, discretionaryAmt
        terms.goodAfter = fields.text()
        fields.skip()  // retired
        fields.skip(3)  // faGroup, faMethod, faPercentage
        if fields.version < .withoutAdvisorProfile { fields.skip() }  // faProfile
        fields.skip()  // modelCode
        terms.goodTill = fields.text()
        fields.skip(3)  // rule80A, percentOffset, settlingFirm
        fields.skip(3)  // shortSaleSlot, designatedLocation, exemptCode
        fields.skip()  // auctionStrategy
        fields.skip(5)  // startingPrice, stockRefPrice, delta, stockRangeLower, stockRangeUpper
        fields.skip(3)  // displaySize, blockOrder, sweepToFill
        fields.skip(2)  // allOrNone, minQty
        terms.oneCancelsAllKind = fields.number()
        fields.skip(3)  // eTradeOnly, firmQuoteOnly, nbboPriceCap
        parentID = fields.number()
        fields.skip()  // triggerMethod
        // conId, settlingFirm, clearingAccount, clearingIntent, openClose, shortSale, shortSaleSlot, designatedLocation
        fields.skipVolatility(deltaNeutralFields: 8)
        fields.skip(2)  // continuousUpdate, referencePriceType
        terms.trailingStop = fields.price()
        terms.trailingPercent = fields.decimal()
        fields.skip(2)  // basisPoints, basisPointsType
        fields.skipCombination()
        fields.skipScale()
        fields.skipHedge()
        fields.skip()  // optOutSmartRouting
        fields.skip(3)  // clearingAccount, clearingIntent, notHeld
        fields.skipDeltaNeutralContract()
        fields.algorithm(&terms)
        fields.skip()  // solicited
        isWhatIf = fields.bool()
        state = IBOrderState(&fields)
        if terms.type == "TRAIL LIMIT" { terms.limitOffset = Self.limitOffset(behind: fields, terms.type) }
        self.terms = terms
    }

    /// Of the fields behind `warningText`. What cannot be read there costs this one value, never the order.
    private static func limitOffset(behind fields: FieldReader, _ type: String) -> Price? {
        var rest = fields
        rest.skip(2)  // randomizeSize, randomizePrice
        rest.skipBenchmark(orderType: type)
        rest.skipConditions()
        rest.skip(3)  // adjustedOrderType, triggerPrice, trailStopPrice
        let offset = rest.price()
        return rest.fault == nil ? offset : nil
    }
}

/// What an order asks for, as the gateway tells it.
struct IBOrderTerms: Hashable, Sendable {
    var side = Side.buy
    /// Has been told as 0 for completed orders: executions know better.
    var quantity: Quantity?
    /// `LMT`, `STP LMT` and so on.
    var type = ""
    /// Also sent for orders that have none, as 0.
    var limitPrice: Price?
    /// The stop, or the amount of a trail.
    var auxiliaryPrice: Price?
    /// `DAY`, `GTC` and so on.
    var timeInForce = ""
    var oneCancelsAllGroup = ""
    var oneCancelsAllKind: Int64 = 0
    var account = ""
    /// The key the order was placed with; empty for those of others.
    var reference = ""
    /// IB's own number, unique in the account.
    var permanentID: Int64 = 0
    var outsideRegularHours = false
    var goodAfter = ""
    var goodTill = ""
    var trailingStop: Price?
    var trailingPercent: FixedPoint?
    /// From the stop to the limit of a trailing stop limit.
    var limitOffset: Price?
    var algorithm = ""
    var algorithmParameters: [IBTagValue] = []
}

/// `status, initMarginBefore, maintMarginBefore, equityWithLoanBefore, initMarginChange, maintMarginChange,
/// equityWithLoanChange, initMarginAfter, maintMarginAfter, equityWithLoanAfter, commission, minCommission, maxCommission,
/// commissionCurrency, warningText`: the margins and the commission are estimates, told for a what-if.
struct IBOrderState: Hashable, Sendable {
    struct Margin: Hashable, Sendable {
        let initial: FixedPoint?
        let maintenance: FixedPoint?
        let equityWithLoan: FixedPoint?

        fileprivate init(_ fields: inout FieldReader) {
            initial = fields.decimal()
            maintenance = fields.decimal()
            equityWithLoan = fields.decimal()
        }
    }

    let status: IBOrderStatusWord
    let before: Margin
    let change: Margin
    let after: Margin
    let commission: FixedPoint?
    let minimumCommission: FixedPoint?
    let maximumCommission: FixedPoint?
    let commissionCurrency: String
    let warning: String

    init(_ fields: inout FieldReader) {
        status = IBOrderStatusWord(fields.raw())
        before = Margin(&fields)
        change = Margin(&fields)
        after = Margin(&fields)
        commission = fields.decimal()
        minimumCommission = fields.decimal()
        maximumCommission = fields.decimal()
        commissionCurrency = fields.text()
        warning = fields.text()
    }
}
