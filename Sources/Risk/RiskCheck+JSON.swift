public import Core

/// The whole input of a risk check as a document, so that its verdicts can be made again to the byte.
extension RiskCheck {
    static let schema = "takt.risk-input/1"

    /// Equal inputs give equal bytes: what has no order of its own is sorted.
    public var json: JSONValue {
        [
            "schema": .string(Self.schema), "now": JSONValue(now), "limits": limits.json, "account": state.json,
            "markets": .array(markets.sorted { $0.key < $1.key }.map(\.value.json)),
            "brokers": .object(
                brokers.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key.text, $0.value.json) }),
        ]
    }

    /// Reads what ``json`` wrote.
    /// - Throws: ``RiskError/evidence(path:problem:)`` for anything missing or of another form.
    public init(json: JSONValue) throws(RiskError) {
        let reader = try EvidenceReader(json, path: "risk")
        guard try reader.string("schema") == Self.schema else {
            throw .evidence(path: "risk.schema", problem: "is not \(Self.schema)")
        }
        var markets: [Symbol: MarketCondition] = [:]
        for item in try reader.objects("markets") {
            let market = try MarketCondition(item)
            markets[market.instrument.symbol] = market
        }
        var brokers: [BrokerID: BrokerCondition] = [:]
        let object = try reader.object("brokers")
        for member in try reader.members("brokers") {
            brokers[BrokerID(member.key)] = try BrokerCondition(try object.object(member.key))
        }
        self.init(
            state: try AccountState(try reader.object("account")), markets: markets, brokers: brokers,
            limits: try RiskLimits(try reader.object("limits")), now: try reader.instant("now"))
    }
}

extension PricedAt {
    var json: JSONValue { ["price": JSONValue(recorded), "as_of": JSONValue(asOf)] }

    init(_ reader: EvidenceReader) throws(RiskError) {
        self.init(Price(try reader.decimal("price")), asOf: try reader.instant("as_of"))
    }

    static func optional(_ key: String, of reader: EvidenceReader) throws(RiskError) -> PricedAt? {
        try reader.member(key) == .null ? nil : try PricedAt(try reader.object(key))
    }
}

extension RiskPosition {
    fileprivate var json: JSONValue {
        // Written only where there is one, so that the evidence of before keeps its bytes.
        let capped = brokerQuantity.map { known.setting("broker_quantity", JSONValue($0)) } ?? known
        let exits = unbookedExits.isZero ? capped : capped.setting("unbooked_exits", JSONValue(unbookedExits))
        let doubted = isPriceDoubted ? exits.setting("price_doubted", true) : exits
        return statedPrice.map { doubted.setting("stated_price", JSONValue($0)) } ?? doubted
    }

    private var known: JSONValue {
        [
            "symbol": JSONValue(symbol), "broker": JSONValue(broker), "quantity": JSONValue(quantity),
            "average_cost": JSONValue(averageCost), "last_price": lastPrice?.json ?? .null,
            "currency": JSONValue(currency), "multiplier": JSONValue(multiplier),
        ]
    }

    fileprivate init(_ reader: EvidenceReader) throws(RiskError) {
        self.init(
            symbol: Symbol(try reader.string("symbol")), broker: BrokerID(try reader.string("broker")),
            quantity: Quantity(try reader.decimal("quantity")),
            brokerQuantity: try reader.decimal("broker_quantity", orElse: nil).map { Quantity($0) },
            unbookedExits: Quantity(try reader.decimal("unbooked_exits", orElse: nil) ?? .zero),
            averageCost: Price(try reader.decimal("average_cost")),
            lastPrice: try PricedAt.optional("last_price", of: reader),
            isPriceDoubted: try reader.value["price_doubted"] == nil ? false : reader.bool("price_doubted"),
            statedPrice: try reader.decimal("stated_price", orElse: nil).map { Price($0) },
            currency: try reader.read("currency") { Currency($0) }, multiplier: try reader.decimal("multiplier"))
    }
}

extension MarketCondition {
    fileprivate var json: JSONValue {
        [
            "instrument": InstrumentEvidence.json(instrument), "is_open": .bool(isOpen),
            "last_bar_close": JSONValue(lastBarClose), "last_price": lastPrice?.json ?? .null,
        ]
    }

    fileprivate init(_ reader: EvidenceReader) throws(RiskError) {
        self.init(
            instrument: try InstrumentEvidence.instrument(try reader.object("instrument")),
            isOpen: try reader.bool("is_open"), lastBarClose: try reader.optionalInstant("last_bar_close"),
            lastPrice: try PricedAt.optional("last_price", of: reader))
    }
}

extension BrokerCondition {
    /// What few brokers have is left out where there is none: the evidence of all others keeps its bytes.
    fileprivate var json: JSONValue {
        let json =
            handling.isEmpty ? known : known.setting("handling", .array(handling.sorted().map { .string($0) }))
        return booksStaleSince.map { json.setting("books_stale_since", JSONValue($0)) } ?? json
    }

    private var known: JSONValue {
        [
            "order_types": .array(orderTypes.sorted().map { .string($0) }),
            "times_in_force": .array(timesInForce.map(\.rawValue).sorted().map { .string($0) }),
            "allows_short": .bool(allowsShort), "cash": CurrencyAmounts.json(cash),
        ]
    }

    fileprivate init(_ reader: EvidenceReader) throws(RiskError) {
        var times: Set<TimeInForce> = []
        for text in try reader.strings("times_in_force") {
            guard let time = TimeInForce(rawValue: text) else {
                throw .evidence(path: "\(reader.path).times_in_force", problem: "holds the unknown value '\(text)'")
            }
            times.insert(time)
        }
        self.init(
            orderTypes: Set(try reader.strings("order_types")), timesInForce: times,
            handling: Set(try reader.strings("handling", orElse: [])), allowsShort: try reader.bool("allows_short"),
            cash: try CurrencyAmounts.read("cash", of: reader),
            booksStaleSince: try reader.instant("books_stale_since", orElse: nil))
    }
}

/// Decimal numbers by currency.
enum CurrencyAmounts {
    static func json(_ amounts: [Currency: FixedPoint]) -> JSONValue {
        .object(amounts.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key.code, JSONValue($0.value)) })
    }

    static func read(_ key: String, of reader: EvidenceReader) throws(RiskError) -> [Currency: FixedPoint] {
        var amounts: [Currency: FixedPoint] = [:]
        for member in try reader.members(key) {
            let path = "\(reader.path).\(key).\(member.key)"
            guard let currency = Currency(member.key), let text = member.value.stringValue else {
                throw .evidence(path: path, problem: "is no amount of a currency")
            }
            amounts[currency] = try EvidenceReader.decimal(text, path)
        }
        return amounts
    }
}

extension FlattenRequest {
    fileprivate var json: JSONValue {
        [
            "id": .int(id), "scope": JSONValue(scope), "ordered_by": .string(orderedBy), "reason": .string(reason),
        ]
    }

    fileprivate init(_ reader: EvidenceReader) throws(RiskError) {
        self.init(
            id: Int64(try reader.int("id")), scope: try reader.read("scope") { Scope($0) },
            orderedBy: try reader.string("ordered_by"), reason: try reader.string("reason"))
    }
}

extension AccountState {
    fileprivate var json: JSONValue {
        // Written only where there is one, so that the evidence of before keeps its bytes.
        let disputed = disputed.isEmpty ? known : known.setting("disputed", .array(disputed.map { JSONValue($0) }))
        return unreconciled.isEmpty
            ? disputed : disputed.setting("unreconciled", .array(unreconciled.map { JSONValue($0) }))
    }

    private var known: JSONValue {
        [
            "base_currency": JSONValue(baseCurrency), "equity_now": Self.json(equityNow),
            "equity_at_day_start": Self.json(equityAtDayStart), "equity_initial": Self.json(equityInitial),
            "high_water_mark": Self.json(highWaterMark), "rates": CurrencyAmounts.json(rates),
            "positions": .array(positions.map(\.json)), "live_orders": .array(liveOrders.map(\.evidence)),
            "approved_intents": .array(approvedIntents.map(\.evidence)),
            "orders_sent_today": .int(Int64(ordersSentToday)),
            "orders_sent_in_last_minute": .int(Int64(ordersSentInLastMinute)),
            "halts": .array(activeHalts.map { ["scope": .string($0.scope.description), "code": .string($0.code)] }),
            "flattens": .array(flattens.map(\.json)), "unpriced": .array(unpriced.map { JSONValue($0) }),
        ]
    }

    private static func json(_ money: Money?) -> JSONValue {
        money.map { ["amount": JSONValue($0.amount), "currency": JSONValue($0.currency)] } ?? .null
    }

    fileprivate init(_ reader: EvidenceReader) throws(RiskError) {
        func money(_ key: String) throws(RiskError) -> Money? {
            guard try reader.member(key) != .null else { return nil }
            let part = try reader.object(key)
            return Money(try part.decimal("amount"), try part.read("currency") { Currency($0) })
        }
        var (positions, orders, intents) = ([RiskPosition](), [ManagedOrder](), [OrderIntent]())
        var (halts, flattens) = ([HaltView](), [FlattenRequest]())
        for item in try reader.objects("positions") { positions.append(try RiskPosition(item)) }
        for item in try reader.objects("live_orders") { orders.append(try ManagedOrder(item)) }
        for item in try reader.objects("approved_intents") { intents.append(try OrderIntent(item)) }
        for item in try reader.objects("halts") {
            halts.append(HaltView(scope: try item.read("scope") { HaltScope($0) }, code: try item.string("code")))
        }
        for item in try reader.objects("flattens") { flattens.append(try FlattenRequest(item)) }
        self.init(
            baseCurrency: try reader.read("base_currency") { Currency($0) }, equityNow: try money("equity_now"),
            equityAtDayStart: try money("equity_at_day_start"), equityInitial: try money("equity_initial"),
            highWaterMark: try money("high_water_mark"), rates: try CurrencyAmounts.read("rates", of: reader),
            positions: positions, liveOrders: orders, approvedIntents: intents,
            ordersSentToday: try reader.int("orders_sent_today"),
            ordersSentInLastMinute: try reader.int("orders_sent_in_last_minute"), activeHalts: halts,
            flattens: flattens, unpriced: try reader.strings("unpriced").map { Symbol($0) },
            disputed: try reader.strings("disputed", orElse: []).map { Symbol($0) },
            unreconciled: try reader.strings("unreconciled", orElse: []).map { BrokerID($0) })
    }
}
