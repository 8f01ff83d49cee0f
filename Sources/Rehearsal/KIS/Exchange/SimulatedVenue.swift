public import Core
internal import Sessions

/// A market of the simulator, with KIS's names for it (the exchange table of its documents).
public enum SimulatedVenue: String, Hashable, Sendable, CaseIterable {
    case krx, nasdaq, nyse, amex, hongKong, tokyo, shanghai

    /// `EXCD` of quotes, and the market part of stream keys.
    var quoteCode: String {
        switch self {
        case .krx: "KRX"
        case .nasdaq: "NAS"
        case .nyse: "NYS"
        case .amex: "AMS"
        case .hongKong: "HKS"
        case .tokyo: "TSE"
        case .shanghai: "SHS"
        }
    }

    /// `OVRS_EXCG_CD` of orders; `EXCG_ID_DVSN_CD` at home.
    var orderCode: String {
        switch self {
        case .krx: "KRX"
        case .nasdaq: "NASD"
        case .nyse: "NYSE"
        case .amex: "AMEX"
        case .hongKong: "SEHK"
        case .tokyo: "TKSE"
        case .shanghai: "SHAA"
        }
    }

    /// `PRDT_TYPE_CD`.
    var productType: String {
        switch self {
        case .krx: "300"
        case .nasdaq: "512"
        case .nyse: "513"
        case .amex: "529"
        case .hongKong: "501"
        case .tokyo: "515"
        case .shanghai: "551"
        }
    }

    /// `ODER_COND` of overseas notices.
    var noticeCode: String {
        switch self {
        case .krx: ""
        case .nasdaq: "6"
        case .nyse: "7"
        case .amex: "8"
        case .hongKong: "4"
        case .tokyo: "D"
        case .shanghai: "A"
        }
    }

    /// `NATN_CD`.
    var nation: String {
        switch self {
        case .krx: "410"
        case .nasdaq, .nyse, .amex: "840"
        case .hongKong: "344"
        case .tokyo: "392"
        case .shanghai: "156"
        }
    }

    /// ISO 4217.
    public var currency: String {
        switch self {
        case .krx: "KRW"
        case .nasdaq, .nyse, .amex: "USD"
        case .hongKong: "HKD"
        case .tokyo: "JPY"
        case .shanghai: "CNY"
        }
    }

    /// Implied decimals of prices in order notices.
    var noticeDecimals: Int {
        switch self {
        case .krx: 0
        case .nasdaq, .nyse, .amex: 4
        case .hongKong, .shanghai: 3
        case .tokyo: 1
        }
    }

    /// Decimals of quotes (`zdiv`).
    var quoteDecimals: Int { self == .tokyo ? 1 : noticeDecimals }

    var isUS: Bool { self == .nasdaq || self == .nyse || self == .amex }

    var exchange: ExchangeID {
        switch self {
        case .krx: ExchangeID("XKRX")
        case .nasdaq: ExchangeID("XNAS")
        case .nyse: ExchangeID("XNYS")
        case .amex: ExchangeID("XASE")
        case .hongKong: ExchangeID("XHKG")
        case .tokyo: ExchangeID("XTKS")
        case .shanghai: ExchangeID("XSHG")
        }
    }

    /// `XASE` keeps the hours of New York's other exchanges.
    var calendar: ExchangeCalendar? {
        CalendarBook.embedded.calendar(exchange) ?? (isUS ? CalendarBook.embedded.calendar(ExchangeID("XNYS")) : nil)
    }

    /// Sessions from the trade to its settlement.
    var settlementSessions: Int { isUS || self == .shanghai ? 1 : 2 }

    /// How long before the open orders are taken, in seconds: the opening auction at home, the pre-market in the US.
    var orderLeadSeconds: Int64 { isUS ? 5 * 3600 + 1800 : 1800 }

    /// The tick at a price: the KRX table of 2023 (< 2,000: 1; < 5,000: 5; < 20,000: 10; < 50,000: 50; < 200,000: 100;
    /// < 500,000: 500; else 1,000 won), a cent in the US and one step elsewhere.
    func tick(at price: FixedPoint) -> FixedPoint {
        switch self {
        case .krx:
            let bands: [(below: Int, tick: Int)] = [
                (2000, 1), (5000, 5), (20_000, 10), (50_000, 50), (200_000, 100), (500_000, 500),
            ]
            return FixedPoint(bands.first { price < FixedPoint($0.below) }?.tick ?? 1000)
        case .nasdaq, .nyse, .amex, .shanghai: return FixedPoint(int64Units: 1_000_000)
        case .hongKong: return FixedPoint(int64Units: 5_000_000)
        case .tokyo: return FixedPoint(1)
        }
    }

    static func quoting(_ code: String) -> SimulatedVenue? { allCases.first { $0 != .krx && $0.quoteCode == code } }
    static func ordering(_ code: String) -> SimulatedVenue? { allCases.first { $0.orderCode == code } }
}

/// Something that is traded in the simulator.
public struct SimulatedSymbol: Sendable {
    public let code: String
    public let name: String
    public let venue: SimulatedVenue
    /// The closing price before the first day of history.
    public let basePrice: FixedPoint
    /// Shares at every level of the book; `nil` for sizes drawn from the seed.
    public let depth: Int?
    /// One-minute bars that make the prices; days without any have no trades. `nil` for prices drawn from the seed.
    public let bars: [Bar]?

    public init(
        code: String, name: String, venue: SimulatedVenue, basePrice: FixedPoint, depth: Int? = nil, bars: [Bar]? = nil
    ) {
        self.code = code
        self.name = name
        self.venue = venue
        self.basePrice = basePrice
        self.depth = depth
        self.bars = bars
    }

    /// The key of a real-time registration: `005930`, `DNASAAPL`.
    var streamKey: String { venue == .krx ? code : "D\(venue.quoteCode)\(code)" }
}

/// The prices of one symbol at KIS.
typealias SimulatedTape = Tape<SimulatedSymbol>

extension SimulatedSymbol: TapeSource {
    var streamName: String { "\(venue)|\(code)" }
    var calendar: ExchangeCalendar? { venue.calendar }
    /// Korea: nothing from 15:20 on, then one trade at 15:30.
    var closingAuctionSeconds: Int64 { venue == .krx ? 600 : 0 }
    func tick(at price: FixedPoint) -> FixedPoint { venue.tick(at: price) }
}
