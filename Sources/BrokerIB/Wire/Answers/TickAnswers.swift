internal import Core

/// What a tick is a tick of, by IB's number.
struct IBTickType: Hashable, Sendable {
    let number: Int64

    static let bidSize = IBTickType(number: 0)
    static let bid = IBTickType(number: 1)
    static let ask = IBTickType(number: 2)
    static let askSize = IBTickType(number: 3)
    static let last = IBTickType(number: 4)
    static let lastSize = IBTickType(number: 5)
    static let high = IBTickType(number: 6)
    static let low = IBTickType(number: 7)
    static let volume = IBTickType(number: 8)
    static let close = IBTickType(number: 9)
    static let open = IBTickType(number: 14)
    static let markPrice = IBTickType(number: 37)
    /// A text with the second of the epoch.
    static let lastTimestamp = IBTickType(number: 45)
    static let halted = IBTickType(number: 49)
    static let delayedBid = IBTickType(number: 66)
    static let delayedAsk = IBTickType(number: 67)
    static let delayedLast = IBTickType(number: 68)
    static let delayedBidSize = IBTickType(number: 69)
    static let delayedAskSize = IBTickType(number: 70)
    static let delayedLastSize = IBTickType(number: 71)

    /// 66...76 and 88: some 15 minutes old.
    var isDelayed: Bool { (66...76).contains(number) || number == 88 }

    /// The tick that the size of a price belongs to; `nil` for a price that has none.
    var sizeType: IBTickType? {
        switch self {
        case .bid: .bidSize
        case .ask: .askSize
        case .last: .lastSize
        case .delayedBid: .delayedBidSize
        case .delayedAsk: .delayedAskSize
        case .delayedLast: .delayedLastSize
        default: nil
        }
    }
}

/// `1, ver, reqId, tickType, price, size, attrMask`
package struct IBTickPrice: Hashable, Sendable {
    let requestID: Int64
    let type: IBTickType
    /// As sent; see ``quote``.
    let price: Price?
    /// Of ``IBTickType/sizeType``.
    let size: Quantity?
    /// Bit 0 may be executed automatically, 1 beyond the limit of the day, 2 before the opening.
    let attributes: Int64

    init(_ fields: inout FieldReader) {
        fields.skip()
        requestID = fields.number()
        type = IBTickType(number: fields.number())
        price = fields.price()
        size = fields.quantity()
        attributes = fields.number()
    }

    /// The price; `nil` where there is no quote, which is sent as −1 with the size 0.
    var quote: Price? {
        guard let price, price == Price(-1), size?.isZero != false else { return price }
        return nil
    }

    var isBeforeOpening: Bool { attributes & 4 != 0 }
}

/// `2, ver, reqId, tickType, size`
package struct IBTickSize: Hashable, Sendable {
    let requestID: Int64
    let type: IBTickType
    let size: Quantity?

    init(_ fields: inout FieldReader) {
        fields.skip()
        requestID = fields.number()
        type = IBTickType(number: fields.number())
        size = fields.quantity()
    }
}

/// `45, ver, reqId, tickType, value`
package struct IBTickGeneric: Hashable, Sendable {
    let requestID: Int64
    let type: IBTickType
    let value: FixedPoint?

    init(_ fields: inout FieldReader) {
        fields.skip()
        requestID = fields.number()
        type = IBTickType(number: fields.number())
        value = fields.decimal()
    }
}

/// `46, ver, reqId, tickType, text`
package struct IBTickString: Hashable, Sendable {
    let requestID: Int64
    let type: IBTickType
    let text: String

    init(_ fields: inout FieldReader) {
        fields.skip()
        requestID = fields.number()
        type = IBTickType(number: fields.number())
        text = fields.text()
    }
}

/// `21, reqId, tickType, tickAttrib, impliedVol, delta, optPrice, pvDividend, gamma, vega, theta, undPrice`: an option's
/// sensitivities, rounded to eight decimals; `nil` for what was not computed.
package struct IBTickOption: Hashable, Sendable {
    let requestID: Int64
    let type: IBTickType
    let impliedVolatility: FixedPoint?
    let delta: FixedPoint?
    let price: Price?
    let dividend: FixedPoint?
    let gamma: FixedPoint?
    let vega: FixedPoint?
    let theta: FixedPoint?
    let underlyingPrice: Price?

    init(_ fields: inout FieldReader) {
        requestID = fields.number()
        type = IBTickType(number: fields.number())
        fields.skip()
        impliedVolatility = fields.computed(unless: -1)
        delta = fields.computed(unless: -2)
        price = fields.computed(unless: -1).map { Price($0) }
        dividend = fields.computed(unless: -1)
        gamma = fields.computed(unless: -2)
        vega = fields.computed(unless: -2)
        theta = fields.computed(unless: -2)
        underlyingPrice = fields.computed(unless: -1).map { Price($0) }
    }
}

extension FieldReader {
    /// A number that is sent as −1 or −2 where it was not computed: −2 where −1 is a possible value.
    fileprivate mutating func computed(unless none: Int) -> FixedPoint? {
        let value = decimal()
        return value == FixedPoint(none) ? nil : value
    }
}

/// `81, reqId, minTick, bboExchange, snapshotPermissions`
package struct IBTickParameters: Hashable, Sendable {
    let requestID: Int64
    let minimumTick: Price?
    let bboExchange: String
    let snapshotPermissions: Int64

    init(_ fields: inout FieldReader) {
        requestID = fields.number()
        minimumTick = fields.price()
        bboExchange = fields.text()
        snapshotPermissions = fields.number()
    }
}

/// `58, ver, reqId, type`: what a subscription really delivers.
package struct IBMarketDataTypeNotice: Hashable, Sendable {
    let requestID: Int64
    /// `nil` for a kind that takt does not know: never to be traded on.
    let type: IBMarketDataType?

    init(_ fields: inout FieldReader) {
        fields.skip()
        requestID = fields.number()
        type = IBMarketDataType(rawValue: fields.number())
    }
}
