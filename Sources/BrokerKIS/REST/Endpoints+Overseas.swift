internal import Core

/// Shares abroad: the table of paths and transaction ids. Orders have ids of their own in every country.
extension KISEndpoint {
    private static let quotations = "/uapi/overseas-price/v1/quotations/"
    private static let trading = "/uapi/overseas-stock/v1/trading/"

    // MARK: Prices

    static let overseasPrice = quote("price", "HHDFS00000300")
    static let overseasPriceDetail = quote("price-detail", "HHDFS76200200", isReal: true)
    static let overseasBook = quote("inquire-asking-price", "HHDFS76200100", isReal: true)
    static let overseasMinuteBars = quote("inquire-time-itemchartprice", "HHDFS76950200", isReal: true)
    static let overseasDailyBars = quote("dailyprice", "HHDFS76240000")

    // MARK: Orders

    /// A new order in a country of the overseas desk; `nil` for Korea.
    static func overseasOrder(_ nation: KISNation, _ side: Side) -> KISEndpoint? {
        let ids: (real: String, virtual: String)
        switch (nation, side) {
        case (.korea, _): return nil
        case (.unitedStates, .buy): ids = ("TTTT1002U", "VTTT1002U")
        // The one id that does not follow the rule: a V in the place of the T would give another number.
        case (.unitedStates, .sell): ids = ("TTTT1006U", "VTTT1001U")
        case (.hongKong, .buy): ids = ("TTTS1002U", "VTTS1002U")
        case (.hongKong, .sell): ids = ("TTTS1001U", "VTTS1001U")
        case (.shanghai, .buy): ids = ("TTTS0202U", "VTTS0202U")
        case (.shanghai, .sell): ids = ("TTTS1005U", "VTTS1005U")
        case (.shenzhen, .buy): ids = ("TTTS0305U", "VTTS0305U")
        case (.shenzhen, .sell): ids = ("TTTS0304U", "VTTS0304U")
        case (.japan, .buy): ids = ("TTTS0308U", "VTTS0308U")
        case (.japan, .sell): ids = ("TTTS0307U", "VTTS0307U")
        case (.vietnam, .buy): ids = ("TTTS0311U", "VTTS0311U")
        case (.vietnam, .sell): ids = ("TTTS0310U", "VTTS0310U")
        }
        return order("order", real: ids.real, virtual: ids.virtual)
    }

    /// A revision or cancellation; `nil` for Korea.
    static func overseasChange(_ nation: KISNation) -> KISEndpoint? {
        let ids: (real: String, virtual: String)
        switch nation {
        case .korea: return nil
        case .unitedStates: ids = ("TTTT1004U", "VTTT1004U")
        case .hongKong: ids = ("TTTS1003U", "VTTS1003U")
        case .japan: ids = ("TTTS0309U", "VTTS0309U")
        case .shanghai: ids = ("TTTS0302U", "VTTS0302U")
        case .shenzhen: ids = ("TTTS0306U", "VTTS0306U")
        case .vietnam: ids = ("TTTS0312U", "VTTS0312U")
        }
        return order("order-rvsecncl", real: ids.real, virtual: ids.virtual)
    }

    // MARK: The account

    /// Whether the virtual host has it is doubtful; ``overseasOrders`` lists the same orders there.
    static let overseasOpenOrders = inquiry("inquire-nccs", real: "TTTS3018R", virtual: "VTTS3018R")
    static let overseasOrders = inquiry("inquire-ccnl", real: "TTTS3035R", virtual: "VTTS3035R")
    static let overseasBalance = inquiry("inquire-balance", real: "TTTS3012R", virtual: "VTTS3012R")
    static let overseasPresentBalance = inquiry("inquire-present-balance", real: "CTRP6504R", virtual: "VTRP6504R")
    static let overseasBuyable = inquiry("inquire-psamount", real: "TTTS3007R", virtual: "VTTS3007R")
    static let foreignMargin = inquiry("foreign-margin", real: "TTTC2101R", virtual: nil)

    private static func quote(_ name: String, _ id: String, isReal: Bool = false) -> KISEndpoint {
        KISEndpoint(name, .get, quotations + name, .marketData, real: id, virtual: isReal ? nil : id)
    }

    private static func order(_ name: String, real: String, virtual: String?) -> KISEndpoint {
        KISEndpoint(name, .post, trading + name, .order, real: real, virtual: virtual)
    }

    private static func inquiry(_ name: String, real: String, virtual: String?) -> KISEndpoint {
        KISEndpoint(name, .get, trading + name, .inquiry, real: real, virtual: virtual)
    }
}
