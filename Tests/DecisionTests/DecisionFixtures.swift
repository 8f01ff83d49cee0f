import Core

@testable import Decision

let nvda = Symbol("NVDA")
let samsung = Symbol("005930")
/// Friday 2025-11-21, 12:00 in New York.
let barClose = Instant(epochSeconds: 1_763_744_400)
let testCycle = CycleID(profile: ProfileName("us-5m"), barClose: barClose)

func usd(_ text: String) throws -> FixedPoint { try FixedPoint(text) }

extension Instrument {
    static func fixture(
        _ symbol: Symbol = nvda, currency: Currency = .usd, lot: String = "1", multiplier: Int = 1
    ) throws -> Instrument {
        try Instrument(
            symbol: symbol, name: symbol.text, exchange: ExchangeID(currency == .krw ? "XKRX" : "XNAS"),
            currency: currency, lotSize: Quantity(lot), ticks: currency == .krw ? .krxStock : .usEquity,
            multiplier: FixedPoint(multiplier), sector: "tech", brokerSymbols: [.paper: "X", BrokerID("kis"): "Y"])
    }
}

/// Five-minute bars with these closes, the last of them closing at the cycle's bar close.
func bars(_ closes: [String], until close: Instant = barClose) throws -> [Bar] {
    try closes.enumerated().map { index, text in
        let price = try Price(text)
        return Bar(
            openAt: close.advanced(bySeconds: Int64(300 * (index - closes.count))), open: price, high: price,
            low: price, close: price, volume: Quantity(1000), source: .imported)
    }
}

func view(_ closes: [String]) throws -> MarketView {
    MarketView(instrument: try .fixture(), timeframe: .fiveMinutes, bars: try bars(closes), positionQuantity: .zero)
}

/// An agent that always says the same.
struct Parrot: Agent {
    let name: AgentName
    let action: Action
    let confidence: Double
    var barsNeeded: Int { 1 }

    init(_ action: Action, _ confidence: Double = 1, name: String = "parrot") {
        self.name = AgentName(name)
        self.action = action
        self.confidence = confidence
    }

    func vote(_ view: MarketView) -> Vote { .rule(name, action, confidence, .null) }
}

/// A decision about one symbol in an account of 100,000 USD; each test changes what it is about.
struct Scene {
    var closes = ["100"]
    var instrument: Instrument
    var position = "0"
    var orders: [WorkingOrder] = []
    var lastTradeAt: Instant?
    var isOpen = true
    var sessionClose: Instant? = barClose.advanced(bySeconds: 4 * 3600)
    var halts: [String] = []
    var expiresAt: Instant?
    var equity: FixedPoint? = FixedPoint(100_000)
    var rates: [Currency: FixedPoint] = [:]
    var laterBars: [Bar] = []
    var sessionOpen: Instant?
    var turnoverToday: FixedPoint?
    var rules = DecisionRules.current
    var commitments: Commitments?
    /// Other symbols of the cycle.
    var others: [SymbolInput] = []

    init() throws { instrument = try .fixture() }

    func input(_ settings: DecisionSettings) throws -> DecisionInput {
        try DecisionInput(
            cycle: testCycle, timeframe: .fiveMinutes, now: barClose.advanced(bySeconds: 2), settings: settings,
            baseCurrency: .usd, equity: equity, rates: rates, rules: rules,
            commitments: commitments, turnoverToday: turnoverToday,
            symbols: [
                SymbolInput(
                    instrument: instrument, broker: .paper, bars: try bars(closes) + laterBars,
                    positionQuantity: try Quantity(position), workingOrders: orders, lastTradeAt: lastTradeAt,
                    isOpen: isOpen, sessionClose: sessionClose, sessionOpen: sessionOpen, halts: halts,
                    expiresAt: expiresAt)
            ] + others)
    }

    func decide(_ action: Action, _ settings: DecisionSettings, confidence: Double = 1) throws -> SymbolDecision {
        let manager = DecisionManager(agents: [WeightedAgent(Parrot(action, confidence), weight: .one)])
        return manager.decide(try input(settings))[0]
    }
}

extension DecisionSettings {
    /// Ten per cent of equity, at the market, without filters.
    static func fixture(
        sizing: PositionSizing? = nil, orders: OrderDefaults? = nil, minimumConfidence: String = "0",
        cooldownBars: Int = 0, noEntryBeforeClose: Duration = .zero, minimumOrderValue: String = "0",
        staleAfter: Duration = .zero, allowsShort: Bool = false, rebalanceTolerance: String = "0.2",
        limits: EntryLimits = .none
    ) throws -> DecisionSettings {
        try DecisionSettings(
            agents: [AgentSpec(.buyAndHold)], sizing: sizing ?? .percentOfEquity(Fraction("0.1")),
            orders: orders ?? OrderDefaults(), minimumConfidence: Fraction(minimumConfidence),
            cooldownBars: cooldownBars, noEntryBeforeClose: noEntryBeforeClose,
            minimumOrderValue: FixedPoint(minimumOrderValue), staleAfter: staleAfter, allowsShort: allowsShort,
            rebalanceTolerance: Fraction(rebalanceTolerance), limits: limits)
    }
}

extension SymbolDecision {
    /// The names of the filters that said no.
    var stoppers: [String] { filters.filter { !$0.passed }.map(\.name) }
}
