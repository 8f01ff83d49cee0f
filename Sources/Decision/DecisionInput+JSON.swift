public import Core

/// How the bars go into a decision's evidence.
public enum BarEvidence: Sendable {
    /// Each bar by value: the document alone is enough.
    case byValue
    /// Count, span and SHA-256 of the bars: whoever recomputes has to bring the same bars.
    case byDigest
}

extension DecisionInput {
    static let schema = "takt.decision-input/1"

    /// The document a decision can be recomputed from. Equal inputs give equal bytes.
    public func json(bars: BarEvidence = .byValue) -> JSONValue {
        var json: JSONValue = [
            "schema": .string(Self.schema), "cycle": JSONValue(cycle), "timeframe": JSONValue(timeframe),
            "now": JSONValue(now), "base_currency": JSONValue(baseCurrency), "equity": JSONValue(equity),
            "rates": .object(
                rates.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key.code, JSONValue($0.value)) }),
            "settings": settings.json, "symbols": .array(symbols.map { $0.json(bars: bars) }),
        ]
        // The first rules had no number, and their documents keep their bytes.
        if rules != .first { json = json.setting("rules", .int(Int64(rules.rawValue))) }
        if let commitments { json = json.setting("commitments", commitments.json(bars: bars)) }
        return turnoverToday.map { json.setting("turnover_today", JSONValue($0)) } ?? json
    }

    /// Reads what ``json(bars:)`` wrote.
    ///
    /// - Parameter stored: the bars of a symbol, oldest first, asked for where the document holds only their digest. It
    ///   may return more than the decision used; the count and the digest find them, or throw.
    /// - Throws: ``DecisionError/evidence(path:problem:)``, ``DecisionError/barsChanged(_:expected:found:)``.
    public init(json: JSONValue, bars stored: (Symbol) -> [Bar] = { _ in [] }) throws(DecisionError) {
        let reader = try EvidenceReader(json, path: "input")
        guard try reader.string("schema") == Self.schema else {
            throw .evidence(path: "input.schema", problem: "is not \(Self.schema)")
        }
        var rates: [Currency: FixedPoint] = [:]
        for member in try reader.members("rates") {
            let path = "input.rates.\(member.key)"
            guard let currency = Currency(member.key), let text = member.value.stringValue else {
                throw .evidence(path: path, problem: "is no rate of a currency")
            }
            rates[currency] = try EvidenceReader.decimal(text, path)
        }
        let cycle = try reader.read("cycle") { CycleID($0) }
        let timeframe = try reader.read("timeframe") { Timeframe($0) }
        var symbols: [SymbolInput] = []
        for symbol in try reader.objects("symbols") {
            symbols.append(try SymbolInput(symbol, cycle: cycle, timeframe: timeframe, stored: stored))
        }
        try self.init(
            cycle: cycle, timeframe: timeframe, now: try reader.instant("now"),
            settings: try DecisionSettings(try reader.object("settings")),
            baseCurrency: try reader.read("base_currency") { Currency($0) },
            equity: try reader.member("equity") == .null ? nil : try reader.decimal("equity"), rates: rates,
            rules: try Self.rules(reader),
            commitments: reader.value["commitments"] == nil
                ? nil : try Commitments(try reader.object("commitments"), stored: stored),
            turnoverToday: reader.value["turnover_today"] == nil ? nil : try reader.decimal("turnover_today"),
            symbols: symbols)
    }

    private static func rules(_ reader: EvidenceReader) throws(DecisionError) -> DecisionRules {
        guard reader.value["rules"] != nil else { return .first }
        let number = try reader.int("rules")
        guard let rules = DecisionRules(rawValue: number) else {
            throw .evidence(path: "input.rules", problem: "is \(number), which this build does not know")
        }
        return rules
    }
}

extension SymbolInput {
    /// What few decisions have is left out where there is none: the evidence of all others keeps its bytes.
    func json(bars evidence: BarEvidence) -> JSONValue {
        var json: JSONValue = [
            "instrument": InstrumentEvidence.json(instrument), "broker": JSONValue(broker),
            "position": JSONValue(positionQuantity),
            "working_orders": .array(workingOrders.map(\.json)),
            "last_trade_at": JSONValue(lastTradeAt), "is_open": .bool(isOpen),
            "session_close": JSONValue(sessionClose), "halts": .array(halts.map { .string($0) }),
            "expires_at": JSONValue(expiresAt), "bars": BarSeries.json(bars, evidence),
        ]
        if let sessionOpen { json = json.setting("session_open", JSONValue(sessionOpen)) }
        if !opinions.isEmpty { json = json.setting("opinions", .array(opinions.map(\.json))) }
        if let consultation { json = json.setting("consultation", consultation.json) }
        return terms.map { json.setting("terms", $0.json) } ?? json
    }

    init(
        _ reader: EvidenceReader, cycle: CycleID, timeframe: Timeframe, stored: (Symbol) -> [Bar]
    ) throws(DecisionError) {
        let instrument = try InstrumentEvidence.instrument(try reader.object("instrument"))
        var orders: [WorkingOrder] = []
        for order in try reader.objects("working_orders") { orders.append(try WorkingOrder(order)) }
        var halts: [String] = []
        for halt in try reader.array("halts") {
            guard let code = halt.stringValue else {
                throw .evidence(path: "\(reader.path).halts", problem: "holds something else than codes")
            }
            halts.append(code)
        }
        var opinions: [Vote] = []
        if reader.value["opinions"] != nil {
            for opinion in try reader.objects("opinions") { opinions.append(try Vote(opinion)) }
        }
        let terms = reader.value["terms"] == nil ? nil : try ProposedTerms(try reader.object("terms"))
        let consultation =
            reader.value["consultation"] == nil ? nil : try ConsultedAdvice(try reader.object("consultation"))
        self.init(
            instrument: instrument, broker: BrokerID(try reader.string("broker")), bars: [],
            positionQuantity: Quantity(try reader.decimal("position")), workingOrders: orders,
            lastTradeAt: try reader.optionalInstant("last_trade_at"), isOpen: try reader.bool("is_open"),
            sessionClose: try reader.optionalInstant("session_close"),
            sessionOpen: reader.value["session_open"] == nil ? nil : try reader.optionalInstant("session_open"),
            halts: halts,
            expiresAt: try reader.optionalInstant("expires_at"), opinions: opinions, terms: terms,
            consultation: consultation)
        bars = try BarSeries.bars(reader, instrument.symbol) {
            stored(instrument.symbol).filter { bar in
                bar.openAt < cycle.barClose
                    && close(of: bar, timeframe: timeframe, barClose: cycle.barClose) <= cycle.barClose
            }
        }
    }
}

extension WorkingOrder {
    fileprivate var json: JSONValue {
        let plain: JSONValue = [
            "side": .string(side.rawValue), "open": JSONValue(open), "in_doubt": .bool(isInDoubt),
        ]
        // Left out where it is not: the evidence of all others keeps its bytes.
        let json = isProtection ? plain.setting("protection", true) : plain
        return clientOrderID.map { json.setting("client_order_id", JSONValue($0)) } ?? json
    }

    fileprivate init(_ reader: EvidenceReader) throws(DecisionError) {
        self.init(
            side: try reader.read("side") { Side(rawValue: $0) }, open: Quantity(try reader.decimal("open")),
            isInDoubt: try reader.bool("in_doubt"),
            clientOrderID: reader.value["client_order_id"] == nil
                ? nil : ClientOrderID(try reader.string("client_order_id")),
            isProtection: reader.value["protection"] == nil ? false : try reader.bool("protection"))
    }
}

/// Bars in evidence: one array per bar, `[open_at, open, high, low, close, volume, source]`.
enum BarSeries {
    static func json(_ bars: [Bar], _ evidence: BarEvidence) -> JSONValue {
        switch evidence {
        case .byValue: return .array(bars.map(json))
        case .byDigest:
            return [
                "count": .int(Int64(bars.count)), "first_open_at": JSONValue(bars.first?.openAt),
                "last_open_at": JSONValue(bars.last?.openAt), "digest": JSONValue(digest(bars)),
            ]
        }
    }

    /// SHA-256 over each bar's seven cells: opening time in microseconds, open, high, low, close and volume in units of
    /// 10^-8, each as 128 bits with the lowest byte first, then the source and a line feed.
    static func digest(_ bars: [Bar]) -> Digest {
        var content: [UInt8] = []
        content.reserveCapacity(bars.count * 112)
        for bar in bars {
            append(Int128(bar.openAt.microseconds), to: &content)
            for price in [bar.open, bar.high, bar.low, bar.close] { append(price.value.units, to: &content) }
            append(bar.volume.value.units, to: &content)
            content += bar.source.rawValue.utf8
            content.append(UInt8(ascii: "\n"))
        }
        return Digest(of: content)
    }

    private static func append(_ number: Int128, to content: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { content += $0 }
    }

    private static func json(_ bar: Bar) -> JSONValue {
        [
            JSONValue(bar.openAt), JSONValue(bar.open), JSONValue(bar.high), JSONValue(bar.low), JSONValue(bar.close),
            JSONValue(bar.volume), .string(bar.source.rawValue),
        ]
    }

    /// The bars of a symbol's evidence; `stored` brings what the document holds by digest only.
    static func bars(
        _ reader: EvidenceReader, _ symbol: Symbol, stored: () -> [Bar]
    ) throws(DecisionError) -> [Bar] {
        let path = "\(reader.path).bars"
        if let items = try reader.member("bars").arrayValue {
            var bars: [Bar] = []
            for (index, item) in items.enumerated() { bars.append(try bar(item, "\(path)[\(index)]")) }
            return bars
        }
        let reference = try reader.object("bars")
        let expected = try reference.read("digest") { Digest(hex: $0) }
        let last = try reference.optionalInstant("last_open_at")
        let seen = stored().filter { bar in last.map { bar.openAt <= $0 } ?? true }
        let used = Array(seen.suffix(try reference.int("count")))
        let found = digest(used)
        guard found == expected else { throw .barsChanged(symbol, expected: expected, found: found) }
        return used
    }

    private static func bar(_ item: JSONValue, _ path: String) throws(DecisionError) -> Bar {
        guard let cells = item.arrayValue, cells.count == 7 else {
            throw .evidence(path: path, problem: "is no array of seven cells")
        }
        let texts = cells.compactMap(\.stringValue)
        guard texts.count == 7, let openAt = Instant(rfc3339: texts[0]), let source = BarSourceKind(rawValue: texts[6])
        else { throw .evidence(path: path, problem: "is no bar") }
        return Bar(
            openAt: openAt, open: Price(try EvidenceReader.decimal(texts[1], path)),
            high: Price(try EvidenceReader.decimal(texts[2], path)),
            low: Price(try EvidenceReader.decimal(texts[3], path)),
            close: Price(try EvidenceReader.decimal(texts[4], path)),
            volume: Quantity(try EvidenceReader.decimal(texts[5], path)), source: source)
    }
}
