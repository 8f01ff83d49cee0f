internal import Core

extension KISStreamTrade {
    init(_ record: DomesticTradeRecord, stream: KISStreamKind, receivedAt: Instant) {
        self.stream = stream
        symbol = KISStreamSymbol(key: record.symbol, code: record.symbol, market: nil)
        at = KoreanTime.instant(record.date, secondOfDay: record.secondOfDay)
        tradingDay = record.date
        price = Price(Int(record.price))
        quantity = Quantity(Int(record.size))
        cumulativeQuantity = Quantity(Int(record.cumulativeVolume))
        bid = record.bid == 0 ? nil : Price(Int(record.bid))
        ask = record.ask == 0 ? nil : Price(Int(record.ask))
        bidQuantity = record.bidSize == 0 ? nil : Quantity(Int(record.bidSize))
        askQuantity = record.askSize == 0 ? nil : Quantity(Int(record.askSize))
        phase =
            switch record.phase {
            case UInt8(ascii: "1"): .beforeOpen
            case UInt8(ascii: "2"): .regular
            case UInt8(ascii: "3"): .afterClose
            case UInt8(ascii: "4"): .offHours
            default: nil
            }
        isHalted = record.isHalted
        continuity = .first
        self.receivedAt = receivedAt
    }

    /// `HDFSCNT0`.
    init?(overseas reader: inout RecordReader, _ lastDate: inout LastDate, stream: KISStreamKind, receivedAt: Instant) {
        guard let (symbol, shift) = KISStreamSymbol.overseas(&reader, dateAt: 3) else { return nil }
        // One value short of a record of its kind.
        if reader.width < 26 + shift { reader.fail(25 + shift) }
        let tradingDay = reader.date(3 + shift, &lastDate)
        let date = reader.date(6 + shift, &lastDate)
        let second = reader.clock(7 + shift)
        let last = reader.decimalOrBlank(11 + shift)
        let bid = reader.decimalOrBlank(15 + shift)
        let ask = reader.decimalOrBlank(16 + shift)
        let bidSize = reader.naturalOrBlank(17 + shift)
        let askSize = reader.naturalOrBlank(18 + shift)
        let size = reader.natural(19 + shift)
        let volume = reader.natural(20 + shift)
        let kind = reader.letter(25 + shift)
        if last == 0 { reader.fail(11 + shift) }
        guard reader.fault == nil else { return nil }
        self.stream = stream
        self.symbol = symbol
        at = KoreanTime.instant(date, secondOfDay: second)
        self.tradingDay = tradingDay
        price = Price(FixedPoint(int64Units: last))
        quantity = Quantity(Int(size))
        cumulativeQuantity = Quantity(Int(volume))
        self.bid = bid == 0 ? nil : Price(FixedPoint(int64Units: bid))
        self.ask = ask == 0 ? nil : Price(FixedPoint(int64Units: ask))
        bidQuantity = bidSize == 0 ? nil : Quantity(Int(bidSize))
        askQuantity = askSize == 0 ? nil : Quantity(Int(askSize))
        phase =
            switch kind {
            case UInt8(ascii: "1"): .regular
            case UInt8(ascii: "2"): .preMarket
            case UInt8(ascii: "3"): .afterMarket
            default: nil
            }
        isHalted = false
        continuity = .first
        self.receivedAt = receivedAt
    }
}

extension KISStreamSymbol {
    /// The symbol of an overseas record, and how many values it lacks at the front: 0, or -1 where it comes without
    /// `RSYM`, as the official sample has it.
    ///
    /// A record with it begins with the key it was registered with: `D` or `R`, three letters of the market, and the symbol,
    /// which stands next to it. A symbol may itself begin with a D, so that the letter alone says nothing.
    ///
    /// - Parameter index: Where the first date stands in a record with `RSYM`.
    static func overseas(_ reader: inout RecordReader, dateAt index: Int) -> (KISStreamSymbol, shift: Int)? {
        let first = reader.trimmed(0)
        let second = reader.trimmed(1)
        if first.count > 4, first[0] == UInt8(ascii: "D") || first[0] == UInt8(ascii: "R"),
            first.dropFirst(4).elementsEqual(second),
            let market = KISCode(UnsafeBufferPointer(rebasing: first[1..<4]))
        {
            return (KISStreamSymbol(key: reader.code(0), code: reader.code(1), market: market), 0)
        }
        let isDecimals = second.count == 1 && second[0] &- 48 <= 9
        guard isDecimals, reader.trimmed(index - 1).count == 8 else {
            reader.fail(0)
            return nil
        }
        let code = reader.code(0)
        return (KISStreamSymbol(key: code, code: code, market: nil), -1)
    }
}
