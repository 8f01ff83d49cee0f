public import Core

/// How wide the records of the stream are: KIS appends fields in the course of time.
public enum KISStreamEdition: String, Hashable, Sendable, CaseIterable {
    /// Order notices with 23 and 21 values, which `python-kis` 2.1.6 expects.
    case first = "2023"
    /// Order notices with 26 and 25 values.
    case second = "2025"
    /// A 47th value in the trades and a 60th in the books of Korean shares.
    case third = "2026"
}

/// An account to begin with.
public struct SimulatedAccountSpec: Hashable, Sendable {
    public let environment: KISEnvironment
    /// Eight digits and two.
    public let number: String
    public let product: String
    /// By ISO 4217 code.
    public let cash: [String: FixedPoint]

    public init(environment: KISEnvironment, number: String, product: String = "01", cash: [String: FixedPoint]) {
        self.environment = environment
        self.number = number
        self.product = product
        self.cash = cash
    }
}

/// All that makes one run of the simulator: the same values give the same market.
public struct KISSimulatorConfiguration: Sendable {
    public var seed: UInt64
    public var start: Instant
    public var symbols: [SimulatedSymbol]
    public var accounts: [SimulatedAccountSpec]
    public var fees: SimulatedFees
    /// Sessions before the first one, for daily bars and past minutes.
    public var historySessions: Int
    /// Won for one unit of a currency.
    public var rates: [String: FixedPoint]
    public var callsPerSecond: [KISEnvironment: Int]
    /// How long new orders stay invisible in the order lists.
    public var listDelaySeconds: Int64
    public var edition: KISStreamEdition
    public var faults: KISFaultPlan
    /// The login id, key of the order notices.
    public var htsID: String

    public init(seed: UInt64, start: Instant) {
        self.seed = seed
        self.start = start
        symbols = Self.standardSymbols
        let cash = ["KRW": FixedPoint(100_000_000), "USD": FixedPoint(50_000)]
        accounts = [
            SimulatedAccountSpec(environment: .real, number: "50012345", cash: cash),
            SimulatedAccountSpec(environment: .virtual, number: "50123456", cash: cash),
        ]
        fees = .standard
        historySessions = 40
        rates = [
            "KRW": .one, "USD": FixedPoint(1380), "HKD": FixedPoint(177), "JPY": FixedPoint(9), "CNY": FixedPoint(191),
        ]
        callsPerSecond = [.real: 20, .virtual: 2]
        listDelaySeconds = 0
        edition = .third
        faults = .none
        htsID = "rehearsal"
    }

    public static let standardSymbols: [SimulatedSymbol] = [
        SimulatedSymbol(code: "005930", name: "삼성전자", venue: .krx, basePrice: FixedPoint(70_500)),
        SimulatedSymbol(code: "000660", name: "SK하이닉스", venue: .krx, basePrice: FixedPoint(187_300)),
        SimulatedSymbol(code: "069500", name: "KODEX 200", venue: .krx, basePrice: FixedPoint(36_050)),
        SimulatedSymbol(code: "AAPL", name: "APPLE INC", venue: .nasdaq, basePrice: FixedPoint(201)),
        SimulatedSymbol(code: "MSFT", name: "MICROSOFT CORP", venue: .nasdaq, basePrice: FixedPoint(415)),
        SimulatedSymbol(code: "SPY", name: "SPDR S&P 500 ETF", venue: .amex, basePrice: FixedPoint(560)),
    ]
}
