internal import Core

/// Places an order, or changes the open one of the same id: all fields again, with another price, quantity or time in
/// force. 114 fields at version 178; the numbers in the comments count them from 1, and without an algorithm.
struct PlaceOrderRequest: IBRequest {
    var orderID: Int64
    var contract: IBContract
    var order: IBOrder

    func write(_ fields: inout FieldWriter) {
        if let objection = Self.objection(to: order) { fields.fail(.contradiction(objection)) }
        fields.begin(.placeOrder)  // 1
        fields.number(orderID)
        fields.contract(contract)  // 3...14
        fields.empty(2)  // secIdType, secId
        writeTerms(&fields)
        writeAllocation(&fields)
        writePegs(&fields)
        writeTrail(&fields)
        writeClearing(&fields)
        writeAlgorithm(&fields)
        writeAdjustments(&fields)
        writeAdditions(&fields)
    }

    /// What IB would refuse, or silently take for something else.
    private static func objection(to order: IBOrder) -> String? {
        if order.account.isEmpty { return "an order names its account" }
        if order.reference.isEmpty { return "an order has a reference; without one it could not be found again" }
        if !order.quantity.isPositive { return "an order is for more than \(order.quantity)" }
        if order.type.isForAuction, order.timeInForce != .day {
            return "an order for an auction has no time in force of its own"
        }
        if let offset = order.type.trail?.limitOffset, offset.isNegative {
            return "the offset of a limit is not negative"
        }
        return nil
    }

    /// 17...35.
    private func writeTerms(_ fields: inout FieldWriter) {
        fields.text(order.side.ibAction)
        fields.decimal(order.quantity)
        fields.text(order.type.code)
        fields.decimal(order.type.limitPrice)
        fields.decimal(order.type.auxiliaryPrice)
        fields.text(order.type.isAtTheOpen ? "OPG" : order.timeInForce.code)
        fields.text(order.oneCancelsAll?.group ?? "")
        fields.text(order.account)
        fields.empty()  // openClose
        fields.zero()  // origin: a customer's
        fields.text(order.reference)
        fields.bool(order.transmit)
        fields.number(order.parentID)
        fields.zero(4)  // blockOrder, sweepToFill, displaySize, triggerMethod
        fields.bool(order.outsideRegularHours)
        fields.zero()  // hidden
    }

    /// 36...56.
    private func writeAllocation(_ fields: inout FieldWriter) {
        fields.empty()  // retired
        fields.zero()  // discretionaryAmt
        fields.empty()  // goodAfterTime
        fields.text(order.timeInForce.date)  // goodTillDate
        fields.empty(3)  // faGroup, faMethod, faPercentage
        if fields.version < .withoutAdvisorProfile { fields.empty() }  // faProfile
        fields.empty()  // modelCode
        fields.zero()  // shortSaleSlot
        fields.empty()  // designatedLocation
        fields.number(-1)  // exemptCode
        fields.number(order.oneCancelsAll?.kind.rawValue ?? 0)
        fields.empty(2)  // rule80A, settlingFirm
        fields.zero()  // allOrNone
        fields.empty(2)  // minQty, percentOffset
        fields.zero(2)  // eTradeOnly, firmQuoteOnly
        fields.empty()  // nbboPriceCap
        fields.zero()  // auctionStrategy
    }

    /// 57...68.
    private func writePegs(_ fields: inout FieldWriter) {
        fields.empty(5)  // startingPrice, stockRefPrice, delta, stockRangeLower, stockRangeUpper
        fields.zero()  // overridePercentageConstraints
        fields.empty(4)  // volatility, volatilityType, deltaNeutralOrderType, deltaNeutralAuxPrice
        fields.zero()  // continuousUpdate
        fields.empty()  // referencePriceType
    }

    /// 69...77.
    private func writeTrail(_ fields: inout FieldWriter) {
        let trail = order.type.trail
        fields.decimal(trail?.firstStop)
        if case .percent(let percent)? = trail?.by { fields.text(percent.description) } else { fields.empty() }
        fields.empty(3)  // scaleInitLevelSize, scaleSubsLevelSize, scalePriceIncrement
        fields.empty(3)  // scaleTable, activeStartTime, activeStopTime
        fields.empty()  // hedgeType
    }

    /// 78...82.
    private func writeClearing(_ fields: inout FieldWriter) {
        fields.zero()  // optOutSmartRouting
        fields.empty(2)  // clearingAccount, clearingIntent
        fields.zero(2)  // notHeld, delta-neutral contract present
    }

    /// 83...90.
    private func writeAlgorithm(_ fields: inout FieldWriter) {
        fields.text(order.algorithm?.name ?? "")
        if let algorithm = order.algorithm { fields.pairs(algorithm.parameters) }
        fields.empty()  // algoId
        fields.bool(order.isWhatIf)
        fields.empty()  // orderMiscOptions
        fields.zero(3)  // solicited, randomizeSize, randomizePrice
        fields.zero()  // number of conditions
    }

    /// 91...108.
    private func writeAdjustments(_ fields: inout FieldWriter) {
        fields.empty(2)  // adjustedOrderType, triggerPrice
        fields.decimal(order.type.trail?.limitOffset)  // lmtPriceOffset
        fields.empty(3)  // adjustedStopPrice, adjustedStopLimitPrice, adjustedTrailingAmount
        fields.zero()  // adjustableTrailingUnit
        fields.empty(3)  // extOperator, softDollarTier name and value
        fields.empty()  // cashQty
        fields.empty(4)  // MiFID: decision maker, decision algo, execution trader, execution algo
        fields.zero(3)  // dontUseAutoPriceForHedge, isOmsContainer, discretionaryUpToLimitPrice
    }

    /// 109...114, as far as the gateway knows them.
    private func writeAdditions(_ fields: inout FieldWriter) {
        fields.empty()  // usePriceMgmtAlgo
        if fields.version >= .duration { fields.empty() }
        if fields.version >= .postToATS { fields.empty() }
        if fields.version >= .autoCancelParent { fields.zero() }
        if fields.version >= .advancedReject { fields.empty() }  // advancedErrorOverride
        if fields.version >= .manualOrderTime { fields.empty() }
        if fields.version >= .peggedOffsets, contract.exchange == "IBKRATS" { fields.empty() }  // minTradeQty
    }
}
