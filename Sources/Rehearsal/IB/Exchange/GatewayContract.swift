public import Core
internal import Sessions

/// Where a contract is traded, as the gateway names it.
public enum GatewayVenue: String, Hashable, Sendable, CaseIterable {
    case nasdaq, nyse, arca, xetra, amsterdam, london, tokyo, hongKong, cme, usOptions, cboeIndex

    /// `primaryExchange`.
    var primaryExchange: String {
        switch self {
        case .nasdaq: "NASDAQ"
        case .nyse: "NYSE"
        case .arca: "ARCA"
        case .xetra: "IBIS"
        case .amsterdam: "AEB"
        case .london: "LSE"
        case .tokyo: "TSEJ"
        case .hongKong: "SEHK"
        case .cme: "CME"
        case .usOptions: ""
        case .cboeIndex: "CBOE"
        }
    }

    /// ISO 4217.
    public var currency: String {
        switch self {
        case .nasdaq, .nyse, .arca, .cme, .usOptions, .cboeIndex: "USD"
        case .xetra, .amsterdam: "EUR"
        case .london: "GBP"
        case .tokyo: "JPY"
        case .hongKong: "HKD"
        }
    }

    /// The hours that the simulator keeps. Futures, options and indices keep New York's: there is no calendar of their own.
    var calendar: ExchangeCalendar? {
        let exchange =
            switch self {
            case .nasdaq, .nyse, .arca, .cme, .usOptions, .cboeIndex: "XNYS"
            case .xetra, .amsterdam: "XETR"
            case .london: "XLON"
            case .tokyo: "XTKS"
            case .hongKong: "XHKG"
            }
        return CalendarBook.embedded.calendar(ExchangeID(exchange))
    }

    /// Old-style names, which real gateways use in contract details.
    var timeZoneId: String {
        switch self {
        case .nasdaq, .nyse, .arca, .usOptions: "US/Eastern"
        case .cme, .cboeIndex: "US/Central"
        case .xetra, .amsterdam: "MET"
        case .london: "GB-Eire"
        case .tokyo: "Japan"
        case .hongKong: "Hongkong"
        }
    }

    /// Whether orders with `outsideRth` can trade between 04:00 and 20:00 New York time.
    var hasExtendedHours: Bool { [.nasdaq, .nyse, .arca, .cme].contains(self) }
}

/// A contract of the simulated gateway.
public struct GatewayContract: Hashable, Sendable {
    public let conId: Int
    public let symbol: String
    /// `STK`, `FUT`, `OPT`, `IND`.
    public let secType: String
    public let venue: GatewayVenue
    public let localSymbol: String
    public let tradingClass: String
    public let longName: String
    /// `yyyymmdd`; empty for what does not expire.
    public var lastTradeDate = ""
    public var strike = FixedPoint.zero
    /// `C`, `P` or empty.
    public var right = ""
    public var multiplier = 1
    public var minTick = FixedPoint(int64Units: 1_000_000)
    /// `COMMON`, `ETF`, `ADR`; empty for what is no share.
    public var stockType = ""
    public var isin = ""
    public var underConId = 0
    public var industry = ""
    /// The closing price before the first day of history.
    public var basePrice: FixedPoint
    /// Shares at every level of the book; `nil` for sizes drawn from the seed.
    public var depth: Int?
    /// One-minute bars that make the prices; `nil` for prices drawn from the seed.
    public var tapeBars: [Bar]?

    public init(
        conId: Int, symbol: String, secType: String = "STK", venue: GatewayVenue, localSymbol: String? = nil,
        tradingClass: String, longName: String, basePrice: FixedPoint
    ) {
        self.conId = conId
        self.symbol = symbol
        self.secType = secType
        self.venue = venue
        self.localSymbol = localSymbol ?? symbol
        self.tradingClass = tradingClass
        self.longName = longName
        self.basePrice = basePrice
    }

    public var currency: String { venue.currency }
    var primaryExchange: String { secType == "FUT" || secType == "OPT" ? "" : venue.primaryExchange }
    /// Shares have none, not "1".
    var multiplierText: String { secType == "FUT" || secType == "OPT" ? "\(multiplier)" : "" }
    var isTradable: Bool { secType != "IND" }

    /// What an order or a subscription may name.
    var validExchanges: [String] {
        switch venue {
        case .nasdaq, .nyse, .arca: ["SMART", "AMEX", "NYSE", "CBOE", "ARCA", "NASDAQ", "BATS", "IEX", "OVERNIGHT"]
        case .xetra, .amsterdam: ["SMART", venue.primaryExchange, "FWB", "EUDARK"]
        case .london, .tokyo, .hongKong: ["SMART", venue.primaryExchange]
        case .cme, .cboeIndex: [venue.primaryExchange]
        case .usOptions: ["SMART", "AMEX", "CBOE", "PHLX", "ISE"]
        }
    }

    /// Where an answer says it is: the exchange of the request, or the one that stands for all.
    var defaultExchange: String { validExchanges.first ?? "" }
}

extension GatewayContract: TapeSource {
    var streamName: String { "IB|\(conId)" }
    var calendar: ExchangeCalendar? { venue.calendar }
    var bars: [Bar]? { tapeBars }
    var closingAuctionSeconds: Int64 { 0 }
    func tick(at price: FixedPoint) -> FixedPoint { minTick }
}
