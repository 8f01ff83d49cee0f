public import Core

/// How a contract is written down. Amounts are decimal text, times RFC 3339.
extension IBRememberedContract {
    public var json: JSONValue {
        let contract = listed.contract
        func text(_ value: (some CustomStringConvertible)?) -> JSONValue {
            value.map { .string($0.description) } ?? .null
        }
        return [
            "instrument": .string(listed.instrument.text), "asked": .string(asked),
            "listed_at": .string(listed.listedAt.description), "conid": .int(contract.conID),
            "symbol": .string(contract.symbol), "type": .string(contract.type.code),
            "last_trade": .string(contract.lastTradeDateOrMonth), "strike": text(contract.strike),
            "right": text(contract.right?.ibLetter), "multiplier": .string(contract.multiplier),
            "exchange": .string(contract.exchange), "primary_exchange": .string(contract.primaryExchange),
            "currency": .string(contract.currency), "local_symbol": .string(contract.localSymbol),
            "trading_class": .string(contract.tradingClass), "long_name": .string(listed.longName),
            "minimum_tick": text(listed.minimumTick), "price_magnifier": .int(listed.priceMagnifier),
            "size_increment": text(listed.sizeIncrement),
        ]
    }

    /// `nil` for anything that is not whole: it is looked up again.
    public init?(json: JSONValue) {
        func text(_ key: String) -> String? { json[key]?.stringValue }
        /// `.some(nil)` for what is said to be none, `nil` for what cannot be read.
        func amount(_ key: String) -> FixedPoint?? {
            switch json[key] {
            case .null?: .some(nil)
            case .string(let text)?: (try? FixedPoint(text)).map { .some($0) }
            case nil, .bool?, .int?, .double?, .array?, .object?: nil
            }
        }
        guard let instrument = text("instrument"), let asked = text("asked"), let conID = json["conid"]?.intValue,
            conID > 0, let at = text("listed_at").flatMap({ Instant(rfc3339: $0) }), let type = text("type"),
            let magnifier = json["price_magnifier"]?.intValue, magnifier > 0, let currency = text("currency"),
            let strike = amount("strike"), let tick = amount("minimum_tick"), let increment = amount("size_increment"),
            let multiplier = text("multiplier"), let exchange = text("exchange")
        else { return nil }
        let contract = IBContract(
            conID: conID, symbol: text("symbol") ?? "", type: IBSecurityType(code: type),
            lastTradeDateOrMonth: text("last_trade") ?? "", strike: strike.map { Price($0) },
            right: text("right").flatMap { ["C": .call, "P": .put][$0] }, multiplier: multiplier, exchange: exchange,
            primaryExchange: text("primary_exchange") ?? "", currency: currency,
            localSymbol: text("local_symbol") ?? "",
            tradingClass: text("trading_class") ?? "")
        self.init(
            asked: asked,
            listed: IBListedContract(
                contract: contract, instrument: InstrumentID(instrument), longName: text("long_name") ?? "",
                minimumTick: tick.map { Price($0) }, priceMagnifier: magnifier,
                sizeIncrement: increment.map { Quantity($0) }, listedAt: at))
    }
}
