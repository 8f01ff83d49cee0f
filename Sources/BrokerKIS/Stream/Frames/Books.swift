internal import Core

extension KISStreamBook {
    /// `H0STASP0`, `H0NXASP0`, `H0UNASP0`: ten levels.
    init?(domestic reader: inout RecordReader, stream: KISStreamKind, receivedAt: Instant) {
        let code = reader.domesticSymbol(0)
        let second = reader.clock(1)
        let asks = (0..<10).compactMap { Self.won(&reader, price: 3 + $0, quantity: 23 + $0) }
        let bids = (0..<10).compactMap { Self.won(&reader, price: 13 + $0, quantity: 33 + $0) }
        let expected = reader.naturalOrBlank(47)
        guard reader.fault == nil else { return nil }
        self.init(
            stream: stream, symbol: KISStreamSymbol(key: code, code: code, market: nil),
            at: KoreanTime.instant(secondOfDay: second, near: receivedAt), bids: bids, asks: asks,
            expectedPrice: expected == 0 ? nil : Price(Int(expected)), receivedAt: receivedAt)
    }

    private static func won(_ reader: inout RecordReader, price: Int, quantity: Int) -> Level? {
        let price = reader.naturalOrBlank(price)
        let quantity = reader.naturalOrBlank(quantity)
        return price == 0 ? nil : Level(price: Price(Int(price)), quantity: Quantity(Int(quantity)))
    }

    /// `HDFSASP0`, `HDFSASP1`: as many levels as there are, six values each.
    init?(overseas reader: inout RecordReader, _ lastDate: inout LastDate, stream: KISStreamKind, receivedAt: Instant) {
        guard let (symbol, shift) = KISStreamSymbol.overseas(&reader, dateAt: 3) else { return nil }
        // Not even one level.
        if reader.width < 17 + shift { reader.fail(16 + shift) }
        let date = reader.date(5 + shift, &lastDate)
        let second = reader.clock(6 + shift)
        var bids: [Level] = []
        var asks: [Level] = []
        // What goes beyond the last whole level, or beyond ten, has been added since.
        for level in 0..<min(10, max(0, (reader.width - 11 - shift) / 6)) {
            let base = 11 + shift + 6 * level
            let (bid, ask) = (reader.decimalOrBlank(base), reader.decimalOrBlank(base + 1))
            let (bidSize, askSize) = (reader.naturalOrBlank(base + 2), reader.naturalOrBlank(base + 3))
            if bid > 0 {
                bids.append(Level(price: Price(FixedPoint(int64Units: bid)), quantity: Quantity(Int(bidSize))))
            }
            if ask > 0 {
                asks.append(Level(price: Price(FixedPoint(int64Units: ask)), quantity: Quantity(Int(askSize))))
            }
        }
        guard reader.fault == nil else { return nil }
        self.init(
            stream: stream, symbol: symbol, at: KoreanTime.instant(date, secondOfDay: second), bids: bids, asks: asks,
            expectedPrice: nil, receivedAt: receivedAt)
    }
}
