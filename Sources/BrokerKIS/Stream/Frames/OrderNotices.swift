internal import Core
internal import Settings

extension KISOrderNotice {
    /// `H0STCNI0`, `H0STCNI9`: 26 values since Nextrade, 23 before. The first 18 are the same.
    init?(domestic reader: inout RecordReader, stream: KISStreamKind, receivedAt: Instant) {
        let priceIndex = reader.width >= 26 ? 25 : 22
        let filled = reader.letter(13) == UInt8(ascii: "2")
        let price = reader.naturalOrBlank(10)
        let ofOrder = reader.naturalOrBlank(priceIndex)
        let second = reader.clock(11)
        guard let common = Common(&reader, symbol: 8, quantity: 9, refusal: 12, filled: 13, accepted: 14, ofOrder: 16)
        else { return nil }
        if filled, price == 0 { reader.fail(10) }
        guard reader.fault == nil else { return nil }
        self.init(
            stream, common, kind: reader.text(6) ?? "", market: nil, price: price == 0 ? nil : Price(Int(price)),
            orderPrice: filled && ofOrder > 0 ? Price(Int(ofOrder)) : nil,
            at: KoreanTime.instant(secondOfDay: second, near: receivedAt), isStampedOnReceipt: false, receivedAt)
    }

    /// `H0GSCNI0`, `H0GSCNI9`: 25 values, 21 before; the first 21 are the same. Its time is mostly blank, and where it is
    /// not, nothing says whose time it is: the receipt stamps it.
    init?(overseas reader: inout RecordReader, stream: KISStreamKind, receivedAt: Instant) {
        let market = reader.text(18)
        let price = reader.naturalOrBlank(9)
        guard let common = Common(&reader, symbol: 7, quantity: 8, refusal: 11, filled: 12, accepted: 13, ofOrder: 15)
        else { return nil }
        if common.event == .filled, price == 0 { reader.fail(9) }
        guard reader.fault == nil else { return nil }
        self.init(
            stream, common, kind: reader.text(6) ?? "", market: market,
            price: price == 0 ? nil : Self.price(price, market: market), orderPrice: nil, at: receivedAt,
            isStampedOnReceipt: true, receivedAt)
    }

    /// The decimals that a price without a point has, by `ODER_COND`; `nil` for a market that is not known, whose prices
    /// must not be guessed.
    private static func price(_ value: Int64, market: String?) -> Price? {
        let decimals: Int
        switch market {
        case "6", "7", "8", "9": decimals = 4
        case "4", "5", "A", "B", "C": decimals = 3
        case "D": decimals = 1
        case "E", "F": decimals = 0
        default: return nil
        }
        let units = Int128(value) * Int128(RecordReader.powersOfTen[8 - decimals])
        return (try? FixedPoint(units: units)).map { Price($0) }
    }

    private init(
        _ stream: KISStreamKind, _ common: Common, kind: String, market: String?, price: Price?, orderPrice: Price?,
        at: Instant, isStampedOnReceipt: Bool, _ receivedAt: Instant
    ) {
        self.init(
            stream: stream, account: common.account, orderNumber: common.number,
            originalOrderNumber: common.original, side: common.side, purpose: common.purpose, event: common.event,
            orderKind: kind, symbol: common.symbol, market: market, quantity: common.quantity, price: price,
            orderQuantity: common.event == .filled ? common.orderQuantity : nil, orderPrice: orderPrice, at: at,
            isStampedOnReceipt: isStampedOnReceipt, receivedAt: receivedAt)
    }
}

/// What both kinds of notice have, at other places.
private struct Common {
    let account: Secret
    let number: BrokerOrderID
    let original: BrokerOrderID?
    let side: Side
    let purpose: KISOrderNotice.Purpose
    let event: KISOrderNotice.Event
    let symbol: KISCode
    let quantity: Quantity
    let orderQuantity: Quantity?

    init?(
        _ reader: inout RecordReader, symbol: Int, quantity: Int, refusal: Int, filled: Int, accepted: Int, ofOrder: Int
    ) {
        let account = reader.trimmed(1)
        if account.count != 8, account.count != 10 { reader.fail(1) }
        if RecordReader.digits(account) == nil { reader.fail(1) }
        let number = reader.trimmed(2)
        // A number of zeros alone is no order.
        if (RecordReader.digits(number) ?? 0) == 0 { reader.fail(2) }
        let original = reader.trimmed(3)
        let originalNumber = original.isEmpty ? 0 : RecordReader.digits(original)
        if originalNumber == nil { reader.fail(3) }
        let side = Self.side(reader.text(4))
        let purpose = Self.purpose(reader.letter(5))
        let event = Self.event(reader.letter(refusal), reader.letter(filled), reader.letter(accepted))
        if side == nil { reader.fail(4) }
        if purpose == nil { reader.fail(5) }
        if event == nil { reader.fail(filled) }
        self.symbol = reader.code(symbol)
        let quantityValue = reader.natural(quantity)
        let orderQuantity = reader.naturalOrBlank(ofOrder)
        if event == .filled, quantityValue == 0 { reader.fail(quantity) }
        guard reader.fault == nil, let side, let purpose, let event else { return nil }
        self.account = Secret(String(decoding: account, as: UTF8.self))
        self.number = BrokerOrderID(String(decoding: number, as: UTF8.self))
        self.original = originalNumber == 0 ? nil : BrokerOrderID(String(decoding: original, as: UTF8.self))
        self.side = side
        self.purpose = purpose
        self.event = event
        self.quantity = Quantity(Int(quantityValue))
        self.orderQuantity = orderQuantity == 0 ? nil : Quantity(Int(orderQuantity))
    }

    private static func side(_ code: String?) -> Side? {
        switch code {
        case "01": .sell
        case "02": .buy
        default: nil
        }
    }

    private static func purpose(_ letter: UInt8) -> KISOrderNotice.Purpose? {
        switch letter {
        case UInt8(ascii: "0"): .new
        case UInt8(ascii: "1"): .revision
        case UInt8(ascii: "2"): .cancellation
        default: nil
        }
    }

    /// `CNTG_YN` 2 is a fill; with 1 it is about the order, refused or how far accepted.
    private static func event(_ refusal: UInt8, _ filled: UInt8, _ accepted: UInt8) -> KISOrderNotice.Event? {
        switch (refusal, filled, accepted) {
        case (UInt8(ascii: "0"), UInt8(ascii: "2"), _): .filled
        case (UInt8(ascii: "1"), UInt8(ascii: "1"), _): .refused
        case (UInt8(ascii: "0"), UInt8(ascii: "1"), UInt8(ascii: "1")): .received
        case (UInt8(ascii: "0"), UInt8(ascii: "1"), UInt8(ascii: "2")): .confirmed
        case (UInt8(ascii: "0"), UInt8(ascii: "1"), UInt8(ascii: "3")): .restCancelled
        default: nil
        }
    }
}
