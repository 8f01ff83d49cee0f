public import Core

/// An account of the simulated gateway to begin with.
public struct GatewayAccountSpec: Hashable, Sendable {
    /// `DU…` for paper accounts.
    public let code: String
    /// By ISO 4217 code. Values of other currencies are told in US dollars.
    public let cash: [String: FixedPoint]

    public init(code: String, cash: [String: FixedPoint]) {
        self.code = code
        self.cash = cash
    }
}

/// How the times of executions are written: real gateways do it in each of these ways.
public enum GatewayTimeStyle: String, Hashable, Sendable, CaseIterable {
    /// `20261120 09:30:00 US/Eastern`.
    case zoned
    /// `20261120  09:30:00`, in the zone of the application's login.
    case plain
    /// `20261120-14:30:00`.
    case utc
}

/// All that makes one run of the simulated gateway: the same values give the same market.
public struct IBSimulatorConfiguration: Sendable {
    public var seed: UInt64
    public var start: Instant
    public var contracts: [GatewayContract]
    public var accounts: [GatewayAccountSpec]
    public var fees: GatewayFees
    /// Sessions before the first one, for historical bars.
    public var historySessions: Int
    /// US dollars for one unit of a currency.
    public var rates: [String: FixedPoint]
    /// The newest layout that is spoken, 157 … 178.
    public var serverVersion: Int
    /// The client that sees the orders of all others; `nil` for none.
    public var masterClientId: Int?
    /// "Read-Only API": orders, and the lists of them, are refused.
    public var isReadOnly: Bool
    /// Symbols without a live data subscription.
    public var delayedSymbols: Set<String>
    /// Market-data lines of all clients together.
    public var marketDataLines: Int
    /// Messages a second of one connection at which error 100 comes, and at which the connection is cut.
    public var messageRate: (warned: Int, cut: Int)
    /// Whether the pacing rules of historical data hold for bars of a minute and longer too.
    public var isPacingStrict: Bool
    /// "Download open orders on connection": a client is shown its orders before it has asked.
    public var downloadsOpenOrders: Bool
    public var executionTimes: GatewayTimeStyle
    /// Whether commission reports come before their executions.
    public var commissionsFirst: Bool
    public var faults: IBFaultPlan

    public init(seed: UInt64, start: Instant) {
        self.seed = seed
        self.start = start
        contracts = Self.standardContracts
        accounts = [GatewayAccountSpec(code: "DU1234567", cash: ["USD": FixedPoint(1_000_000)])]
        fees = .standard
        historySessions = 30
        rates = [
            "USD": .one, "EUR": FixedPoint(int64Units: 108_000_000), "GBP": FixedPoint(int64Units: 127_000_000),
            "JPY": FixedPoint(int64Units: 660_000), "HKD": FixedPoint(int64Units: 12_800_000),
        ]
        serverVersion = 178
        masterClientId = nil
        isReadOnly = false
        delayedSymbols = []
        marketDataLines = 100
        messageRate = (warned: 50, cut: 100)
        isPacingStrict = false
        downloadsOpenOrders = false
        executionTimes = .zoned
        commissionsFirst = false
        faults = .none
    }
}
