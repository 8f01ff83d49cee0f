import Core
import Risk

/// A Friday noon in New York, on a closed five-minute bar.
let noon = Instant(epochSeconds: 1_763_744_400)
let nvda = Symbol("NVDA")
let pltr = Symbol("PLTR")
let samsung = Symbol("005930")
let paper = BrokerID.paper
let testCycle = CycleID(profile: ProfileName("us-5m"), barClose: noon)

func at(_ text: String) throws -> Price { try Price(text) }
func fixed(_ text: String) throws -> FixedPoint { try FixedPoint(text) }
func fraction(_ text: String) throws -> Fraction { try Fraction(text) }
func usd(_ text: String) throws -> Money { Money(try FixedPoint(text), .usd) }

/// A well-filled account in which an ordinary order is approved; each test changes what it is about.
struct Scene {
    var equity: Money? = Money(FixedPoint(100_000), .usd)
    var dayStart: Money? = Money(FixedPoint(100_000), .usd)
    var initial: Money? = Money(FixedPoint(100_000), .usd)
    var rates: [Currency: FixedPoint] = [:]
    var positions: [RiskPosition] = []
    var live: [ManagedOrder] = []
    var approved: [OrderIntent] = []
    var sentToday = 0
    var sentInMinute = 0
    var halts: [HaltView] = []
    var flattens: [FlattenRequest] = []
    var unpriced: [Symbol] = []
    var disputed: [Symbol] = []
    var booksStaleSince: Instant?
    var markets: [Symbol: MarketCondition] = [:]
    var cash: [Currency: FixedPoint] = [.usd: FixedPoint(100_000)]
    var orderTypes: Set<String> = ["market", "limit", "stop", "stop-limit"]
    var timesInForce: Set<TimeInForce> = Set(TimeInForce.allCases)
    var handling: Set<String> = []
    var previews: [IntentID: OrderPreview] = [:]
    var brokerShort = true
    var brokers: [BrokerID] = [paper]
    var now = noon

    init() throws {
        markets[nvda] = try .fixture(nvda)
        markets[pltr] = try .fixture(pltr)
    }

    func check(_ limits: RiskLimits) -> RiskCheck {
        RiskCheck(
            state: AccountState(
                baseCurrency: .usd, equityNow: equity, equityAtDayStart: dayStart, equityInitial: initial,
                rates: rates, positions: positions, liveOrders: live, approvedIntents: approved,
                ordersSentToday: sentToday, ordersSentInLastMinute: sentInMinute, activeHalts: halts,
                flattens: flattens, unpriced: unpriced, disputed: disputed),
            markets: markets,
            brokers: Dictionary(
                uniqueKeysWithValues: brokers.map { broker in
                    let condition = BrokerCondition(
                        orderTypes: orderTypes, timesInForce: timesInForce, handling: handling,
                        allowsShort: brokerShort, cash: cash,
                        booksStaleSince: booksStaleSince)
                    return (broker, condition)
                }),
            limits: limits, now: now, previews: previews)
    }

    /// The codes for which a single intent is refused.
    func codes(_ intent: OrderIntent, _ limits: RiskLimits) -> [String] {
        check(limits).intents([intent])[0].reasons.map(\.code)
    }
}

extension Instrument {
    static func fixture(_ symbol: Symbol, currency: Currency = .usd, lot: Int = 1) throws -> Instrument {
        try Instrument(
            symbol: symbol, name: symbol.text, exchange: ExchangeID(currency == .krw ? "XKRX" : "XNAS"),
            currency: currency, lotSize: Quantity(lot), ticks: currency == .krw ? .krxStock : .usEquity)
    }
}

extension MarketCondition {
    static func fixture(
        _ symbol: Symbol, price: String = "100", currency: Currency = .usd, lot: Int = 1, isOpen: Bool = true,
        age: Duration = .zero, hasPrice: Bool = true
    ) throws -> MarketCondition {
        let close = noon.advanced(by: .zero - age)
        return MarketCondition(
            instrument: try .fixture(symbol, currency: currency, lot: lot), isOpen: isOpen, lastBarClose: close,
            lastPrice: hasPrice ? PricedAt(try Price(price), asOf: close) : nil)
    }
}

extension RiskPosition {
    static func fixture(
        _ symbol: Symbol, _ quantity: Int, cost: String = "100", last: String? = "100", currency: Currency = .usd,
        broker: BrokerID = paper
    ) throws -> RiskPosition {
        RiskPosition(
            symbol: symbol, broker: broker, quantity: Quantity(quantity), averageCost: try Price(cost),
            lastPrice: try last.map { PricedAt(try Price($0), asOf: noon.advanced(bySeconds: -600)) },
            currency: currency)
    }
}

extension OrderIntent {
    static func fixture(
        _ symbol: Symbol = nvda, _ side: Side = .buy, _ quantity: String = "10", purpose: OrderPurpose = .entry,
        type: OrderType = .market, timeInForce: TimeInForce = .day, handling: OrderHandling = .plain,
        broker: BrokerID = paper, leg: Int = 1, reference: String = "100",
        expiresAt: Instant = noon.advanced(bySeconds: 300)
    ) throws -> OrderIntent {
        OrderIntent(
            cycle: testCycle, symbol: symbol, leg: leg, purpose: purpose, side: side, type: type,
            quantity: try Quantity(quantity), timeInForce: timeInForce, handling: handling, broker: broker,
            referencePrice: try Price(reference), createdAt: noon, expiresAt: expiresAt)
    }
}

extension ManagedOrder {
    static func fixture(
        _ id: String, _ symbol: Symbol = nvda, _ side: Side = .buy, _ quantity: Int = 10, filled: Int = 0,
        type: OrderType = .market, timeInForce: TimeInForce = .day, handling: OrderHandling = .plain,
        state: OrderState = .working, origin: Origin = .takt, broker: BrokerID = paper
    ) -> ManagedOrder {
        ManagedOrder(
            clientOrderID: ClientOrderID(id), intentID: nil, attempt: 1, origin: origin, profile: nil, broker: broker,
            account: AccountID("A"), brokerOrderID: nil, symbol: symbol, side: side, type: type,
            quantity: Quantity(quantity), timeInForce: timeInForce, handling: handling, state: state,
            filledQuantity: Quantity(filled), submittedAt: noon)
    }
}
