internal import Core

/// `10, reqId, symbol, secType, lastTrade, strike, right, exchange, currency, localSymbol, marketName, tradingClass, conId,
/// minTick, multiplier, orderTypes, validExchanges, priceMagnifier, underConId, longName, primaryExchange, contractMonth,
/// industry, category, subcategory, timeZoneId, tradingHours, liquidHours, evRule, evMultiplier, nSecIds, nSecIds × (tag,
/// value), aggGroup, underSymbol, underSecType, marketRuleIds, realExpirationDate, stockType, minSize, sizeIncrement,
/// suggestedSizeIncrement`: one contract that a description fits.
package struct IBContractDetails: Hashable, Sendable {
    let requestID: Int64
    let contract: IBContract
    /// The clock of the last trade and its zone, where they are told.
    let lastTradeTime: String
    let marketName: String
    let minimumTick: Price?
    let orderTypes: [String]
    let validExchanges: [String]
    /// Prices are quoted in so many parts of the currency: 100 for pence.
    let priceMagnifier: Int64
    let underlyingConID: Int64
    let longName: String
    let contractMonth: String
    let industry: String
    let category: String
    let subcategory: String
    /// Old-style names too: `US/Eastern`, `Japan`, `MET`.
    let timeZone: String
    /// `20251121:0930-20251121:1600;20251122:CLOSED`, in the clock of ``timeZone``.
    let tradingHours: String
    let liquidHours: String
    /// `ISIN` and the like.
    let identifiers: [IBTagValue]
    let underlyingSymbol: String
    let underlyingType: String
    let marketRules: [String]
    let realExpirationDate: String
    /// `COMMON`, `ETF`, `ADR` and more.
    let stockType: String
    /// Orders are for at least so much, in steps of ``sizeIncrement``; `nil` where the gateway is too old to tell.
    let minimumSize: Quantity?
    let sizeIncrement: Quantity?
    let suggestedSizeIncrement: Quantity?

    init(_ fields: inout FieldReader) {
        if fields.version < .sizeRules { fields.skip() }
        requestID = fields.number()
        var contract = IBContract()
        fields.contractHead(&contract)
        contract.exchange = fields.text()
        contract.currency = fields.text()
        contract.localSymbol = fields.text()
        marketName = fields.text()
        contract.tradingClass = fields.text()
        contract.conID = fields.number()
        minimumTick = fields.price()
        if fields.version < .sizeRules { fields.skip() }  // mdSizeMultiplier
        contract.multiplier = fields.text()
        orderTypes = fields.list()
        validExchanges = fields.list()
        priceMagnifier = fields.number()
        underlyingConID = fields.number()
        longName = Self.unescaped(fields.text())
        contract.primaryExchange = fields.text()
        contractMonth = fields.text()
        industry = fields.text()
        category = fields.text()
        subcategory = fields.text()
        var zone = fields.text()
        tradingHours = fields.text()
        liquidHours = fields.text()
        fields.skip(2)  // evRule, evMultiplier
        identifiers = fields.pairs()
        fields.skip()  // aggGroup
        underlyingSymbol = fields.text()
        underlyingType = fields.text()
        marketRules = fields.list()
        realExpirationDate = fields.text()
        stockType = fields.text()
        let hasAllSizes = fields.version >= .sizeRules
        minimumSize = hasAllSizes ? fields.quantity() : nil
        sizeIncrement = hasAllSizes ? fields.quantity() : nil
        suggestedSizeIncrement = fields.version >= .oneSizeRule ? fields.quantity() : nil

        // `yyyymmdd`, `yyyymmdd HH:mm zone`, or the same with hyphens.
        let parts = contract.lastTradeDateOrMonth.split(whereSeparator: { $0 == " " || $0 == "-" })
        contract.lastTradeDateOrMonth = parts.first.map(String.init) ?? ""
        lastTradeTime = parts.count > 1 ? String(parts[1]) : ""
        if parts.count > 2, zone.isEmpty { zone = parts[2...].joined(separator: "-") }
        timeZone = zone
        self.contract = contract
    }

    /// The text with `\uXXXX` as the letter it stands for; anything else behind a backslash stays as it is.
    static func unescaped(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return text }
        var units: [UInt16] = []
        let source = Array(text.utf16)
        var index = 0
        while index < source.count {
            if source[index] == 0x5C, index + 5 < source.count, source[index + 1] == 0x75,
                let unit = hexadecimal(source[(index + 2)...(index + 5)])
            {
                units.append(unit)
                index += 6
            } else {
                units.append(source[index])
                index += 1
            }
        }
        return String(decoding: units, as: UTF16.self)
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt16>) -> UInt16? {
        var value: UInt16 = 0
        for digit in digits {
            guard let letter = Unicode.Scalar(digit), letter.isASCII, let number = Character(letter).hexDigitValue
            else {
                return nil
            }
            value = value << 4 | UInt16(number)
        }
        return value
    }
}

extension FieldReader {
    /// Words with commas between them.
    mutating func list() -> [String] { text().split(separator: ",").map(String.init) }

    /// `n, n × (tag, value)`
    mutating func pairs() -> [IBTagValue] {
        let count = count(fieldsEach: 2)
        var pairs: [IBTagValue] = []
        for _ in 0..<count where fault == nil { pairs.append(IBTagValue(tag: text(), value: text())) }
        return pairs
    }
}
