/// Korean shares: the table of paths and transaction ids. Ids that KIS has replaced are not here: it may stop them any
/// day.
extension KISEndpoint {
    private static let quotations = "/uapi/domestic-stock/v1/quotations/"
    private static let trading = "/uapi/domestic-stock/v1/trading/"

    // MARK: Prices

    static let domesticPrice = quote("inquire-price", "FHKST01010100")
    static let domesticBook = quote("inquire-asking-price-exp-ccn", "FHKST01010200")
    static let domesticMinuteBars = quote("inquire-time-itemchartprice", "FHKST03010200")
    static let domesticPastMinuteBars = quote("inquire-time-dailychartprice", "FHKST03010230", isReal: true)
    static let domesticDailyBars = quote("inquire-daily-itemchartprice", "FHKST03010100")
    static let domesticHolidays = quote("chk-holiday", "CTCA0903R", isReal: true)

    // MARK: Orders

    static let domesticBuy = KISEndpoint(
        "order-cash", .post, trading + "order-cash", .order, real: "TTTC0012U", virtual: "VTTC0012U")
    static let domesticSell = KISEndpoint(
        "order-cash", .post, trading + "order-cash", .order, real: "TTTC0011U", virtual: "VTTC0011U")
    static let domesticChange = KISEndpoint(
        "order-rvsecncl", .post, trading + "order-rvsecncl", .order, real: "TTTC0013U", virtual: "VTTC0013U")

    // MARK: The account

    static let domesticOpenOrders = inquiry("inquire-psbl-rvsecncl", real: "TTTC0084R", virtual: nil)
    /// Of the last three months.
    static let domesticOrders = inquiry("inquire-daily-ccld", real: "TTTC0081R", virtual: "VTTC0081R")
    /// Older than three months.
    static let domesticOlderOrders = inquiry("inquire-daily-ccld", real: "CTSC9215R", virtual: "VTSC9215R")
    static let domesticBalance = inquiry("inquire-balance", real: "TTTC8434R", virtual: "VTTC8434R")
    static let domesticBuyable = inquiry("inquire-psbl-order", real: "TTTC8908R", virtual: "VTTC8908R")
    static let domesticSellable = inquiry("inquire-psbl-sell", real: "TTTC8408R", virtual: nil)

    /// Ids of market data are the same on both hosts, where the virtual one has the call at all.
    private static func quote(_ name: String, _ id: String, isReal: Bool = false) -> KISEndpoint {
        KISEndpoint(name, .get, quotations + name, .marketData, real: id, virtual: isReal ? nil : id)
    }

    private static func inquiry(_ name: String, real: String, virtual: String?) -> KISEndpoint {
        KISEndpoint(name, .get, trading + name, .inquiry, real: real, virtual: virtual)
    }
}
