internal import Core
internal import Sessions

/// A country as KIS's order desks divide the world: each has order ids of its own.
enum KISNation: Hashable, Sendable, CaseIterable {
    case korea, unitedStates, hongKong, shanghai, shenzhen, japan, vietnam

    /// As brokers.yaml names it.
    var countries: Set<String> {
        switch self {
        case .korea: ["KR"]
        case .unitedStates: ["US"]
        case .hongKong: ["HK"]
        case .shanghai, .shenzhen: ["CN"]
        case .japan: ["JP"]
        case .vietnam: ["VN"]
        }
    }

    /// An order there may be changed in price and quantity; elsewhere it can only be cancelled.
    var revisesOrders: Bool {
        switch self {
        case .korea, .unitedStates, .hongKong, .japan: true
        case .shanghai, .shenzhen, .vietnam: false
        }
    }
}

/// The two order desks of KIS. Each numbers its orders by itself, and begins anew every day.
enum OrderDesk: Character, Hashable, Sendable {
    case domestic = "K"
    case overseas = "O"
}

/// A market by the codes that KIS gives it. One table, so that a changed code is one line.
enum KISMarket: String, Hashable, Sendable, CaseIterable {
    case krx, nasdaq, nyse, amex, hongKong, shanghai, shenzhen, tokyo, hanoi, hoChiMinh

    struct Codes: Hashable, Sendable {
        /// ISO 10383; the first is what takt calls the market. NYSE Arca and Cboe list under NYSE American at KIS.
        let exchanges: [String]
        /// `EXCD` of quotes (Korea: `FID_COND_MRKT_DIV_CODE`).
        let quote: String
        /// `OVRS_EXCG_CD` of orders (Korea: `EXCG_ID_DVSN_CD`).
        let order: String
        /// The market's part in a key of the stream; Korean keys are the bare symbol.
        let stream: String
        /// Quotes of US shares by day in Korea.
        let daytimeQuote: String?
        /// `PRDT_TYPE_CD`.
        let productType: String
        let currency: String
        /// Implied decimals of prices in encrypted notices.
        let noticeDecimals: Int
        /// `NATN_CD`.
        let nationCode: String
        let nation: KISNation
        let zone: KISZone
    }

    var codes: Codes {
        switch self {
        case .krx: Self.korea
        case .nasdaq: Self.american(["XNAS"], "NAS", "NASD", daytime: "BAQ", "512")
        case .nyse: Self.american(["XNYS"], "NYS", "NYSE", daytime: "BAY", "513")
        case .amex: Self.american(["XASE", "ARCX", "BATS"], "AMS", "AMEX", daytime: "BAA", "529")
        case .hongKong: Self.asian("XHKG", "HKS", "SEHK", "501", "HKD", 3, "344", .hongKong, .hongKong)
        case .shanghai: Self.asian("XSHG", "SHS", "SHAA", "551", "CNY", 3, "156", .shanghai, .shanghai)
        case .shenzhen: Self.asian("XSHE", "SZS", "SZAA", "552", "CNY", 3, "156", .shenzhen, .shanghai)
        case .tokyo: Self.asian("XTKS", "TSE", "TKSE", "515", "JPY", 1, "392", .japan, .tokyo)
        case .hanoi: Self.asian("XHNX", "HNX", "HASE", "507", "VND", 0, "704", .vietnam, .vietnam)
        case .hoChiMinh: Self.asian("XSTC", "HSX", "VNSE", "508", "VND", 0, "704", .vietnam, .vietnam)
        }
    }

    private static let korea = Codes(
        exchanges: ["XKRX", "XKOS"], quote: "J", order: "KRX", stream: "", daytimeQuote: nil, productType: "300",
        currency: "KRW", noticeDecimals: 0, nationCode: "410", nation: .korea, zone: .seoul)

    private static func american(
        _ exchanges: [String], _ quote: String, _ order: String, daytime: String, _ productType: String
    ) -> Codes {
        Codes(
            exchanges: exchanges, quote: quote, order: order, stream: quote, daytimeQuote: daytime,
            productType: productType, currency: "USD", noticeDecimals: 4, nationCode: "840", nation: .unitedStates,
            zone: .newYork)
    }

    private static func asian(
        _ exchange: String, _ quote: String, _ order: String, _ productType: String, _ currency: String,
        _ decimals: Int, _ nationCode: String, _ nation: KISNation, _ zone: KISZone
    ) -> Codes {
        Codes(
            exchanges: [exchange], quote: quote, order: order, stream: quote, daytimeQuote: nil,
            productType: productType, currency: currency, noticeDecimals: decimals, nationCode: nationCode,
            nation: nation, zone: zone)
    }

    init?(exchange: ExchangeID) {
        guard let market = Self.allCases.first(where: { $0.codes.exchanges.contains(exchange.text) }) else {
            return nil
        }
        self = market
    }

    /// From `OVRS_EXCG_CD` of an order or position, or `KRX`.
    init?(orderCode: String) {
        guard let market = Self.allCases.first(where: { $0.codes.order == orderCode }) else { return nil }
        self = market
    }

    /// From `EXCD` of a quote, by day or by night.
    init?(quoteCode: String) {
        guard
            let market = Self.allCases.first(where: {
                $0.codes.quote == quoteCode || $0.codes.daytimeQuote == quoteCode
            })
        else { return nil }
        self = market
    }

    var desk: OrderDesk { self == .krx ? .domestic : .overseas }
    var nation: KISNation { codes.nation }
    var zone: KISZone { codes.zone }
    var currency: Currency? { Currency(codes.currency) }
    var exchange: ExchangeID { ExchangeID(codes.exchanges[0]) }

    /// The markets of a country in `brokers.kis.markets`; none for a name that KIS does not serve.
    static func named(_ country: String) -> [KISMarket] {
        switch country {
        case "KR": [.krx]
        case "US": [.nasdaq, .nyse, .amex]
        case "HK": [.hongKong]
        case "CN": [.shanghai, .shenzhen]
        case "JP": [.tokyo]
        case "VN": [.hanoi, .hoChiMinh]
        default: []
        }
    }
}

extension KISMarket {
    /// KIS takes US orders with their divisions from the beginning of the hours before the session, 18:00 in Korea (17:00 in
    /// summer), and refuses them before: an order for the opening waits here until then. From its users; no document of KIS's
    /// says it for these divisions.
    ///
    /// - Parameter opening: Any time of its day.
    func ordersForTheOpening(of opening: Instant) -> Instant {
        zone.instant(of: zone.date(opening), secondOfDay: 4 * 3600)
    }
}

/// Local time of a market. Vietnam (seven hours ahead of UTC, no summer time) is not among the zones of the calendars.
struct KISZone: Hashable, Sendable {
    private let rules: ZoneRules
    private let aheadSeconds: Int

    private init(_ name: String, aheadSeconds: Int = 0) {
        rules = ZoneRules.named(name) ?? .utc
        self.aheadSeconds = aheadSeconds
    }

    static let seoul = KISZone("Asia/Seoul")
    static let newYork = KISZone("America/New_York")
    static let hongKong = KISZone("Asia/Hong_Kong")
    static let shanghai = KISZone("Asia/Shanghai")
    static let tokyo = KISZone("Asia/Tokyo")
    static let vietnam = KISZone("UTC", aheadSeconds: 7 * 3600)

    func instant(of date: CivilDate, secondOfDay: Int) -> Instant {
        rules.instant(of: date, secondOfDay: secondOfDay).advanced(bySeconds: Int64(-aheadSeconds))
    }

    func local(_ instant: Instant) -> (date: CivilDate, secondOfDay: Int) {
        rules.local(instant.advanced(bySeconds: Int64(aheadSeconds)))
    }

    func date(_ instant: Instant) -> CivilDate { local(instant).date }

    /// Of the instants at which clocks here show this time of day, the one nearest to `instant`: an order's answer says
    /// the time and leaves out the day.
    func nearest(secondOfDay: Int, to instant: Instant) -> Instant {
        let today = date(instant)
        let candidates = (-1...1).map { self.instant(of: today.advanced(byDays: $0), secondOfDay: secondOfDay) }
        return candidates.min { distance($0, instant) < distance($1, instant) } ?? instant
    }

    private func distance(_ left: Instant, _ right: Instant) -> Int64 { abs(left.microseconds - right.microseconds) }
}
