package import Core

/// A record of `H0STCNT0`, `H0NXCNT0` or `H0UNCNT0` as sent: won and shares, all whole. Where a price or a number of
/// shares is not there, it is zero, as KIS writes it too.
package struct DomesticTradeRecord: Hashable, Sendable {
    package var symbol: KISCode
    /// Korean time.
    package var secondOfDay: Int32
    package var date: CivilDate
    package var price: Int64
    /// 1 limit up, 2 up, 3 or 0 unchanged, 4 limit down, 5 down.
    package var changeSign: UInt8
    package var change: Int64
    package var open: Int64
    package var high: Int64
    package var low: Int64
    package var ask: Int64
    package var bid: Int64
    package var size: Int64
    package var cumulativeVolume: Int64
    package var cumulativeValue: Int64
    /// The letter of `CCLD_DVSN`. Its values are not documented: 1 and 5 are seen.
    package var aggressor: UInt8
    /// The first letter of `NEW_MKOP_CLS_CODE`.
    package var phase: UInt8
    package var isHalted: Bool
    package var askSize: Int64
    package var bidSize: Int64

    @inline(__always)
    init(_ reader: inout RecordReader, _ lastDate: inout LastDate) {
        symbol = reader.domesticSymbol(0)
        secondOfDay = reader.clock(1)
        price = reader.natural(2)
        changeSign = reader.letter(3)
        change = reader.integerOrBlank(4)
        open = reader.naturalOrBlank(7)
        high = reader.naturalOrBlank(8)
        low = reader.naturalOrBlank(9)
        ask = reader.naturalOrBlank(10)
        bid = reader.naturalOrBlank(11)
        size = reader.natural(12)
        cumulativeVolume = reader.natural(13)
        cumulativeValue = reader.naturalOrBlank(14)
        aggressor = reader.letter(21)
        date = reader.date(33, &lastDate)
        phase = reader.letter(34)
        let halted = reader.letter(35)
        isHalted = halted == UInt8(ascii: "Y")
        askSize = reader.naturalOrBlank(36)
        bidSize = reader.naturalOrBlank(37)
        // No price, or a flag that is none: the values are not where they are believed to be.
        if price == 0 { reader.fail(2) }
        if !isHalted, halted != UInt8(ascii: "N"), halted != 0, halted != 0x20 { reader.fail(35) }
    }
}
