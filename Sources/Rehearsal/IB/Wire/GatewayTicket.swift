internal import Core

/// What placeOrder asks for. What the simulator does not play is walked over, and kept where the open order shows it.
struct GatewayTicket: Hashable, Sendable {
    var isBuy = true
    var quantity: FixedPoint = .zero
    var orderType = ""
    var limit: FixedPoint?
    /// The stop price, or the amount a trailing stop trails by.
    var auxPrice: FixedPoint?
    var tif = ""
    var ocaGroup = ""
    var account = ""
    var orderRef = ""
    var transmit = true
    var parentId = 0
    var outsideRth = false
    var hidden = false
    var goodAfterTime = ""
    var goodTillDate = ""
    /// 1 cancels the others, 2 and 3 reduce them.
    var ocaType = 0
    var trailStop: FixedPoint?
    var trailPercent: FixedPoint?
    /// The distance from stop to limit of a trailing stop limit.
    var limitOffset: FixedPoint?
    var algoStrategy = ""
    var algoParameters: [String] = []
    var whatIf = false
    var conditionCount = 0

    init() {}

    /// Fields 17 to 114 of placeOrder, those of other versions left out or added.
    init(_ reader: inout FieldReader, query: ContractQuery, version: Int) throws(FieldReader.Problem) {
        isBuy = try reader.text() == "BUY"
        quantity = try reader.number() ?? .zero
        orderType = try reader.text()
        limit = try reader.number()
        auxPrice = try reader.number()
        tif = try reader.text()
        ocaGroup = try reader.text()
        account = try reader.text()
        try reader.skip(2)  // openClose, origin
        orderRef = try reader.text()
        transmit = try reader.flag()
        parentId = try reader.int()
        try reader.skip(4)  // blockOrder, sweepToFill, displaySize, triggerMethod
        outsideRth = try reader.flag()
        hidden = try reader.flag()
        if query.secType == "BAG" { try Self.skipLegs(&reader) }
        try reader.skip(2)  // retired, discretionaryAmt
        goodAfterTime = try reader.text()
        goodTillDate = try reader.text()
        try reader.skip(version < Gate.noAllocationProfile ? 4 : 3)  // faGroup, faMethod, faPercentage (, faProfile)
        try reader.skip(4)  // modelCode, shortSaleSlot, designatedLocation, exemptCode
        ocaType = try reader.int()
        try reader.skip(2 + 1 + 2)  // rule80A, settlingFirm; allOrNone; minQty, percentOffset
        try reader.skip(3 + 1 + 5 + 1)  // retired flags; auctionStrategy; prices of box orders; override
        try reader.skip(2)  // volatility, volatilityType
        if try !reader.text().isEmpty {  // deltaNeutralOrderType
            try reader.skip(1 + 8)
        } else {
            try reader.skip(1)
        }
        try reader.skip(2)  // continuousUpdate, referencePriceType
        trailStop = try reader.number()
        trailPercent = try reader.number()
        try reader.skip(2)
        if let increment = try reader.number(), increment.isPositive { try reader.skip(7) }
        try reader.skip(3)  // scaleTable, activeStartTime, activeStopTime
        if try !reader.text().isEmpty { try reader.skip(1) }  // hedgeType, hedgeParam
        try reader.skip(4)  // optOutSmartRouting, clearingAccount, clearingIntent, notHeld
        if try reader.flag() { try reader.skip(3) }  // delta-neutral contract
        try readRest(&reader, version: version)
    }

    /// From the algorithm on.
    private mutating func readRest(_ reader: inout FieldReader, version: Int) throws(FieldReader.Problem) {
        algoStrategy = try reader.text()
        if !algoStrategy.isEmpty {
            let count = min(max(try reader.int(), 0), Self.listLimit)
            for _ in 0..<count * 2 { algoParameters.append(try reader.text()) }
        }
        _ = try reader.text()  // algoId
        whatIf = try reader.flag()
        try reader.skip(4)  // orderMiscOptions, solicited, randomizeSize, randomizePrice
        if orderType == "PEG BENCH" { try reader.skip(5) }
        conditionCount = try reader.int()
        // Conditions are not played; with any, what follows cannot be found without reading their kinds.
        if conditionCount > 0 { return }
        try reader.skip(2)  // adjustedOrderType, triggerPrice
        limitOffset = try reader.number()
        try reader.skip(3 + 1)  // adjusted prices, unit
        try reader.skip(3 + 1 + 4 + 3)  // extOperator, soft dollars; cashQty; MiFID; three flags
        try reader.skip(1)  // usePriceMgmtAlgo
        for gate in [Gate.duration, Gate.postToAts, Gate.autoCancelParent, Gate.advancedReject, Gate.manualTimes]
        where version >= gate {
            try reader.skip(1)
        }
    }

    /// Longer lists are cut.
    private static let listLimit = 200

    private static func skipLegs(_ reader: inout FieldReader) throws(FieldReader.Problem) {
        for width in [8, 1, 2] {
            let count = min(max(try reader.int(), 0), listLimit)
            try reader.skip(count * width)
        }
    }
}

/// Server versions at which a layout changes; below 157 nobody is served.
enum Gate {
    static let lowest = 157
    static let highest = 178
    static let duration = 158
    static let postToAts = 160
    static let autoCancelParent = 162
    static let oneSizeField = 163
    static let sizeFields = 164
    static let advancedReject = 166
    static let manualTimes = 169
    static let pegBestFields = 170
    static let issuerId = 176
    static let noAllocationProfile = 177
    static let pendingPriceRevision = 178
}
