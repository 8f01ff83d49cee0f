public import Core

/// What went wrong in this room. Refusals of orders are no errors: they are ``RiskCode`` verdicts.
public enum RiskError: EvidenceFailure, Hashable, Sendable, CustomStringConvertible {
    /// A limit that could never be meant: a stop-loss of 200 %, a position limit of zero.
    case limitOutOfRange(name: String, value: String, allowed: String)
    /// The stored input of a risk check cannot be read.
    case evidence(path: String, problem: String)

    public var description: String {
        switch self {
        case .limitOutOfRange(let name, let value, let allowed):
            "the risk limit '\(name)' is \(value), allowed is \(allowed); nothing was checked; "
                + "correct it in risk.yaml and run the step again"
        case .evidence(let path, let problem):
            "the stored input of a risk check cannot be read: \(path) \(problem); the verdicts cannot be made again"
        }
    }
}

/// Evidence of this room's inputs.
typealias EvidenceReader = Core::EvidenceReader<RiskError>

/// The limits every order is held against. Fractions are of equity in base currency (`0.05` is 5 %).
///
/// Upper limits allow the value that equals them; loss limits act at the value that equals them. Comparisons are exact:
/// a product of limit and equity is rounded towards the side that leaves the comparison unchanged.
public struct RiskLimits: Hashable, Sendable {
    /// Loss since the start of the trading day at which new risk ends for the day.
    public let dailyLoss: Fraction
    /// The largest absolute value of one symbol over all brokers.
    public let positionSize: Fraction
    /// Tighter or wider limits of single symbols.
    public let positionSizeBySymbol: [Symbol: Fraction]
    /// Loss of a position against its average cost at which it is closed, unless the symbol has its own.
    public let stopLoss: Fraction
    public let stopLossBySymbol: [Symbol: Fraction]
    /// Loss against paid-in capital at which everything is cancelled and closed.
    public let emergencyShutdownLoss: Fraction
    public let maxDailyOrders: Int
    /// How many symbols may be held or on order at once.
    public let maxPositionCount: Int
    /// Gross exposure divided by equity.
    public let maxLeverage: Fraction
    /// The smallest value of an order that opens risk, in base currency.
    public let minOrderValue: FixedPoint
    /// The largest value of an order that opens risk, in base currency; `nil` is no limit.
    public let maxOrderNotional: FixedPoint?
    /// How far a limit, stop or reference price may be from the last price.
    public let priceBand: Fraction
    /// Whether an emergency cancels every order of ours, and whether it closes every position. Whatever they say, nothing
    /// new is opened and the halt stays until an operator lifts it.
    public let emergencyCancelsOrders: Bool
    public let emergencyClosesPositions: Bool
    /// Age of the last closed bar beyond which nothing new is opened, and no stop-loss acts on its price; for symbols that
    /// are not in `staleAfterBySymbol`.
    public let staleAfter: Duration
    /// The same for symbols whose bars come in another rhythm.
    public let staleAfterBySymbol: [Symbol: Duration]
    /// Age of a mark beyond which a position counts as unpriced. Covers the longest closure of an exchange.
    public let valuationMaxAge: Duration
    /// Sends within the last 60 s; `nil` is no limit.
    public let maxOrdersPerMinute: Int?
    /// Whether a sale may open a short position, where the broker accepts it too.
    public let allowsShort: Bool
    /// Added to the cost of a purchase before it is held against cash: room for fees and slippage.
    public let cashBuffer: Fraction

    public init(
        dailyLoss: Fraction = percent(5), positionSize: Fraction = percent(30),
        positionSizeBySymbol: [Symbol: Fraction] = [:], stopLoss: Fraction = percent(2),
        stopLossBySymbol: [Symbol: Fraction] = [:], emergencyShutdownLoss: Fraction = percent(10),
        emergencyCancelsOrders: Bool = true, emergencyClosesPositions: Bool = true, maxDailyOrders: Int = 100,
        maxPositionCount: Int = 10, maxLeverage: Fraction = .one,
        minOrderValue: FixedPoint = .zero, maxOrderNotional: FixedPoint? = nil, priceBand: Fraction = percent(10),
        staleAfter: Duration = .seconds(600), staleAfterBySymbol: [Symbol: Duration] = [:],
        valuationMaxAge: Duration = .seconds(10 * 86_400),
        maxOrdersPerMinute: Int? = nil, allowsShort: Bool = false, cashBuffer: Fraction = .zero
    ) throws(RiskError) {
        self.dailyLoss = try Self.share("daily_loss_limit", dailyLoss)
        self.positionSize = try Self.positive("position_size_limit", positionSize, through: 10)
        for (symbol, value) in positionSizeBySymbol.sorted(by: { $0.key < $1.key }) {
            _ = try Self.positive("max_position_size of \(symbol)", value, through: 10)
        }
        self.positionSizeBySymbol = positionSizeBySymbol
        self.stopLoss = try Self.share("stop_loss_pct", stopLoss)
        for (symbol, value) in stopLossBySymbol.sorted(by: { $0.key < $1.key }) {
            _ = try Self.share("stop_loss_pct of \(symbol)", value)
        }
        self.stopLossBySymbol = stopLossBySymbol
        self.emergencyShutdownLoss = try Self.share("emergency_shutdown_loss", emergencyShutdownLoss)
        self.maxDailyOrders = try Self.count("max_daily_orders", maxDailyOrders)
        self.maxPositionCount = try Self.count("max_position_count", maxPositionCount)
        self.maxLeverage = try Self.positive("max_leverage", maxLeverage, through: 100)
        self.minOrderValue = try Self.notNegative("min_order_value", minOrderValue)
        if let maxOrderNotional, maxOrderNotional < minOrderValue || !maxOrderNotional.isPositive {
            throw .limitOutOfRange(
                name: "max_order_notional", value: "\(maxOrderNotional)",
                allowed: "above 0 and not below min_order_value")
        }
        self.maxOrderNotional = maxOrderNotional
        self.priceBand = try Self.share("price_band", priceBand)
        self.emergencyCancelsOrders = emergencyCancelsOrders
        self.emergencyClosesPositions = emergencyClosesPositions
        self.staleAfter = try Self.positive("stale_after", staleAfter)
        for (symbol, age) in staleAfterBySymbol.sorted(by: { $0.key < $1.key }) {
            _ = try Self.positive("stale_after of \(symbol)", age)
        }
        self.staleAfterBySymbol = staleAfterBySymbol
        self.valuationMaxAge = try Self.positive("valuation_max_age", valuationMaxAge)
        self.maxOrdersPerMinute = try maxOrdersPerMinute.map { value throws(RiskError) in
            try Self.count("max_orders_per_minute", value)
        }
        self.allowsShort = allowsShort
        guard !cashBuffer.isNegative, cashBuffer <= .one else {
            throw .limitOutOfRange(name: "cash_buffer", value: "\(cashBuffer)", allowed: "0 to 1")
        }
        self.cashBuffer = cashBuffer
    }

    /// The position limit that holds for a symbol.
    public func positionSize(of symbol: Symbol) -> Fraction { positionSizeBySymbol[symbol] ?? positionSize }

    /// The stop-loss that holds for a symbol.
    public func stopLoss(of symbol: Symbol) -> Fraction { stopLossBySymbol[symbol] ?? stopLoss }

    /// The age beyond which the symbol's bars are stale.
    public func staleAfter(of symbol: Symbol) -> Duration { staleAfterBySymbol[symbol] ?? staleAfter }

    /// Whole per cents as a fraction.
    public static func percent(_ whole: Int) -> Fraction { Fraction(FixedPoint(int64Units: Int64(whole) * 1_000_000)) }

    private static func share(_ name: String, _ value: Fraction) throws(RiskError) -> Fraction {
        guard value.isPositive, value <= .one else {
            throw .limitOutOfRange(name: name, value: "\(value)", allowed: "above 0 and at most 1 (100 %)")
        }
        return value
    }

    private static func positive(
        _ name: String, _ value: Fraction, through top: Int
    ) throws(RiskError) -> Fraction {
        guard value.isPositive, value <= Fraction(top) else {
            throw .limitOutOfRange(name: name, value: "\(value)", allowed: "above 0 and at most \(top)")
        }
        return value
    }

    private static func positive(_ name: String, _ value: Duration) throws(RiskError) -> Duration {
        guard value > .zero else { throw .limitOutOfRange(name: name, value: "\(value)", allowed: "above 0 s") }
        return value
    }

    private static func notNegative(_ name: String, _ value: FixedPoint) throws(RiskError) -> FixedPoint {
        guard !value.isNegative else { throw .limitOutOfRange(name: name, value: "\(value)", allowed: "0 or more") }
        return value
    }

    private static func count(_ name: String, _ value: Int) throws(RiskError) -> Int {
        guard (1...1_000_000).contains(value) else {
            throw .limitOutOfRange(name: name, value: "\(value)", allowed: "1 to 1000000")
        }
        return value
    }
}
