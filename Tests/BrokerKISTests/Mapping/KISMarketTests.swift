import Broker
import Core
import Testing

@testable import BrokerKIS

@Suite("Markets of KIS")
struct KISMarketTests {
    struct Line: Sendable {
        let exchange, quote, order, productType, currency, nation: String
        let decimals: Int
        let daytime: String?
    }

    /// Table 6.1 of the fact sheet, by hand.
    static let table: [Line] = [
        Line(
            exchange: "XNAS", quote: "NAS", order: "NASD", productType: "512", currency: "USD", nation: "840",
            decimals: 4, daytime: "BAQ"),
        Line(
            exchange: "XNYS", quote: "NYS", order: "NYSE", productType: "513", currency: "USD", nation: "840",
            decimals: 4, daytime: "BAY"),
        Line(
            exchange: "XASE", quote: "AMS", order: "AMEX", productType: "529", currency: "USD", nation: "840",
            decimals: 4, daytime: "BAA"),
        Line(
            exchange: "XHKG", quote: "HKS", order: "SEHK", productType: "501", currency: "HKD", nation: "344",
            decimals: 3, daytime: nil),
        Line(
            exchange: "XSHG", quote: "SHS", order: "SHAA", productType: "551", currency: "CNY", nation: "156",
            decimals: 3, daytime: nil),
        Line(
            exchange: "XSHE", quote: "SZS", order: "SZAA", productType: "552", currency: "CNY", nation: "156",
            decimals: 3, daytime: nil),
        Line(
            exchange: "XTKS", quote: "TSE", order: "TKSE", productType: "515", currency: "JPY", nation: "392",
            decimals: 1, daytime: nil),
        Line(
            exchange: "XHNX", quote: "HNX", order: "HASE", productType: "507", currency: "VND", nation: "704",
            decimals: 0, daytime: nil),
        Line(
            exchange: "XSTC", quote: "HSX", order: "VNSE", productType: "508", currency: "VND", nation: "704",
            decimals: 0, daytime: nil),
    ]

    @Test("Every market has the codes of the fact sheet", arguments: table)
    func codes(line: Line) throws {
        let market = try #require(KISMarket(exchange: ExchangeID(line.exchange)))
        let codes = market.codes
        #expect(
            [codes.quote, codes.order, codes.productType, codes.currency, codes.nationCode]
                == [line.quote, line.order, line.productType, line.currency, line.nation])
        #expect(codes.noticeDecimals == line.decimals)
        #expect(codes.daytimeQuote == line.daytime)
        #expect(codes.stream == line.quote)
        #expect(KISMarket(orderCode: line.order) == market)
        #expect(KISMarket(quoteCode: line.quote) == market)
    }

    @Test("Funds of NYSE Arca stand under NYSE American at KIS; Korean codes are bare")
    func placesOfListing() throws {
        let directory = KISDirectory([], broker: BrokerID("kis"))
        let spy = try #require(directory.ticker(of: .american("SPY", exchange: "ARCX")))
        #expect(spy == KISTicker(market: .amex, code: "SPY"))
        #expect(spy.streamKey == "DAMSSPY")
        let samsung = try #require(directory.ticker(of: .korean()))
        #expect(samsung.streamKey == "005930")
    }

    @Test("The broker's own name of an instrument wins, and may name its exchange")
    func ownNames() throws {
        let berkshire = try Instrument.american("BRK.B", exchange: "XNYS", kis: "BRK/B")
        let moved = try Instrument.american("ITB", exchange: "XNYS", kis: "AMEX:ITB")
        let nonsense = try Instrument.american("X", exchange: "XNYS", kis: "MOON:X")
        let directory = KISDirectory([berkshire, moved, nonsense], broker: BrokerID("kis"))
        #expect(directory.ticker(of: berkshire) == KISTicker(market: .nyse, code: "BRK/B"))
        #expect(directory.symbol(.nyse, "BRK/B") == Symbol("BRK.B"))
        #expect(directory.ticker(of: moved) == KISTicker(market: .amex, code: "ITB"))
        #expect(directory.ticker(of: nonsense) == nil)
        #expect(directory.symbol(.nasdaq, "BRK/B") == Symbol("BRK.B"), "listed by KIS under another US exchange")
    }

    @Test("The same number in two Asian markets is two symbols")
    func unknownCodes() {
        let directory = KISDirectory([], broker: BrokerID("kis"))
        #expect(directory.symbol(.krx, "600519") == Symbol("600519"))
        #expect(directory.symbol(.shanghai, "600519") == Symbol("600519.XSHG"))
        #expect(directory.symbol(.nasdaq, "AAPL") == Symbol("AAPL"))
    }

    @Test("Local times are those of the market, Vietnam seven hours ahead of UTC")
    func zones() {
        let noon = 12 * 3600
        let day = CivilDate.day("2031-03-04")
        #expect(KISZone.vietnam.instant(of: day, secondOfDay: noon).description == "2031-03-04T05:00:00Z")
        #expect(KISZone.seoul.instant(of: day, secondOfDay: noon).description == "2031-03-04T03:00:00Z")
        #expect(KISZone.newYork.instant(of: day, secondOfDay: noon).description == "2031-03-04T17:00:00Z")
        let late = KISZone.vietnam.local(.korea("2031-03-05T01:30:00"))
        #expect(late.date == day)
        #expect(late.secondOfDay == 23 * 3600 + 30 * 60)
    }

    @Test(
        "A time of day without a day means the nearest one",
        arguments: [
            ("2031-03-04T00:00:03", "235958", "2031-03-03T14:59:58Z"),
            ("2031-03-03T23:59:58", "000002", "2031-03-03T15:00:02Z"),
            ("2031-03-04T10:01:40", "100132", "2031-03-04T01:01:32Z"),
        ])
    func nearestDay(now: String, time: String, expected: String) throws {
        let second = try #require(KISClock.secondOfDay(time))
        #expect(KISZone.seoul.nearest(secondOfDay: second, to: .korea(now)).description == expected)
    }
}
