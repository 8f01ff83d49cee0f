import Core
import Testing

@testable import BrokerKIS

/// Typed from the fact sheet by hand, line by line; nothing here is made from the table under test.
@Suite("Endpoints")
struct EndpointTableTests {
    struct Line: Sendable, CustomTestStringConvertible {
        let endpoint: KISEndpoint?
        let method: KISEndpoint.Method
        let path: String
        let real: String
        let virtual: String?
        var testDescription: String { "\(path) \(real)" }

        init(
            _ endpoint: KISEndpoint?, _ method: KISEndpoint.Method, _ path: String, _ real: String, _ virtual: String?
        ) {
            self.endpoint = endpoint
            self.method = method
            self.path = path
            self.real = real
            self.virtual = virtual
        }
    }

    private static let quotations: [Line] = [
        Line(
            .domesticPrice, .get, "/uapi/domestic-stock/v1/quotations/inquire-price", "FHKST01010100", "FHKST01010100"),
        Line(
            .domesticBook, .get, "/uapi/domestic-stock/v1/quotations/inquire-asking-price-exp-ccn", "FHKST01010200",
            "FHKST01010200"),
        Line(
            .domesticMinuteBars, .get, "/uapi/domestic-stock/v1/quotations/inquire-time-itemchartprice",
            "FHKST03010200",
            "FHKST03010200"),
        Line(
            .domesticPastMinuteBars, .get, "/uapi/domestic-stock/v1/quotations/inquire-time-dailychartprice",
            "FHKST03010230", nil),
        Line(
            .domesticDailyBars, .get, "/uapi/domestic-stock/v1/quotations/inquire-daily-itemchartprice",
            "FHKST03010100", "FHKST03010100"),
        Line(.domesticHolidays, .get, "/uapi/domestic-stock/v1/quotations/chk-holiday", "CTCA0903R", nil),
        Line(.overseasPrice, .get, "/uapi/overseas-price/v1/quotations/price", "HHDFS00000300", "HHDFS00000300"),
        Line(.overseasPriceDetail, .get, "/uapi/overseas-price/v1/quotations/price-detail", "HHDFS76200200", nil),
        Line(.overseasBook, .get, "/uapi/overseas-price/v1/quotations/inquire-asking-price", "HHDFS76200100", nil),
        Line(
            .overseasMinuteBars, .get, "/uapi/overseas-price/v1/quotations/inquire-time-itemchartprice",
            "HHDFS76950200", nil),
        Line(
            .overseasDailyBars, .get, "/uapi/overseas-price/v1/quotations/dailyprice", "HHDFS76240000",
            "HHDFS76240000"),
    ]

    private static let domestic = "/uapi/domestic-stock/v1/trading/"
    private static let korea: [Line] = [
        Line(.domesticBuy, .post, domestic + "order-cash", "TTTC0012U", "VTTC0012U"),
        Line(.domesticSell, .post, domestic + "order-cash", "TTTC0011U", "VTTC0011U"),
        Line(.domesticChange, .post, domestic + "order-rvsecncl", "TTTC0013U", "VTTC0013U"),
        Line(.domesticOpenOrders, .get, domestic + "inquire-psbl-rvsecncl", "TTTC0084R", nil),
        Line(.domesticOrders, .get, domestic + "inquire-daily-ccld", "TTTC0081R", "VTTC0081R"),
        Line(.domesticOlderOrders, .get, domestic + "inquire-daily-ccld", "CTSC9215R", "VTSC9215R"),
        Line(.domesticBalance, .get, domestic + "inquire-balance", "TTTC8434R", "VTTC8434R"),
        Line(.domesticBuyable, .get, domestic + "inquire-psbl-order", "TTTC8908R", "VTTC8908R"),
        Line(.domesticSellable, .get, domestic + "inquire-psbl-sell", "TTTC8408R", nil),
    ]

    private static let overseas = "/uapi/overseas-stock/v1/trading/"
    private static let abroad: [Line] = [
        Line(.overseasOrder(.unitedStates, .buy), .post, overseas + "order", "TTTT1002U", "VTTT1002U"),
        Line(.overseasOrder(.unitedStates, .sell), .post, overseas + "order", "TTTT1006U", "VTTT1001U"),
        Line(.overseasOrder(.japan, .buy), .post, overseas + "order", "TTTS0308U", "VTTS0308U"),
        Line(.overseasOrder(.japan, .sell), .post, overseas + "order", "TTTS0307U", "VTTS0307U"),
        Line(.overseasOrder(.shanghai, .buy), .post, overseas + "order", "TTTS0202U", "VTTS0202U"),
        Line(.overseasOrder(.shanghai, .sell), .post, overseas + "order", "TTTS1005U", "VTTS1005U"),
        Line(.overseasOrder(.hongKong, .buy), .post, overseas + "order", "TTTS1002U", "VTTS1002U"),
        Line(.overseasOrder(.hongKong, .sell), .post, overseas + "order", "TTTS1001U", "VTTS1001U"),
        Line(.overseasOrder(.shenzhen, .buy), .post, overseas + "order", "TTTS0305U", "VTTS0305U"),
        Line(.overseasOrder(.shenzhen, .sell), .post, overseas + "order", "TTTS0304U", "VTTS0304U"),
        Line(.overseasOrder(.vietnam, .buy), .post, overseas + "order", "TTTS0311U", "VTTS0311U"),
        Line(.overseasOrder(.vietnam, .sell), .post, overseas + "order", "TTTS0310U", "VTTS0310U"),
        Line(.overseasChange(.unitedStates), .post, overseas + "order-rvsecncl", "TTTT1004U", "VTTT1004U"),
        Line(.overseasChange(.hongKong), .post, overseas + "order-rvsecncl", "TTTS1003U", "VTTS1003U"),
        Line(.overseasChange(.japan), .post, overseas + "order-rvsecncl", "TTTS0309U", "VTTS0309U"),
        Line(.overseasChange(.shanghai), .post, overseas + "order-rvsecncl", "TTTS0302U", "VTTS0302U"),
        Line(.overseasChange(.shenzhen), .post, overseas + "order-rvsecncl", "TTTS0306U", "VTTS0306U"),
        Line(.overseasChange(.vietnam), .post, overseas + "order-rvsecncl", "TTTS0312U", "VTTS0312U"),
        Line(.overseasOpenOrders, .get, overseas + "inquire-nccs", "TTTS3018R", "VTTS3018R"),
        Line(.overseasOrders, .get, overseas + "inquire-ccnl", "TTTS3035R", "VTTS3035R"),
        Line(.overseasBalance, .get, overseas + "inquire-balance", "TTTS3012R", "VTTS3012R"),
        Line(.overseasPresentBalance, .get, overseas + "inquire-present-balance", "CTRP6504R", "VTRP6504R"),
        Line(.overseasBuyable, .get, overseas + "inquire-psamount", "TTTS3007R", "VTTS3007R"),
        Line(.foreignMargin, .get, overseas + "foreign-margin", "TTTC2101R", nil),
    ]

    @Test("Every call has the path and the ids of the fact sheet", arguments: quotations + korea + abroad)
    func ids(line: Line) throws {
        let endpoint = try #require(line.endpoint)
        #expect(endpoint.method == line.method)
        #expect(endpoint.path == line.path)
        #expect(endpoint.realID == line.real)
        #expect(endpoint.virtualID == line.virtual)
        #expect(endpoint.path.hasSuffix("/\(endpoint.name)"))
    }

    @Test("What is posted can change the account and is sent once; what is got cannot")
    func kinds() {
        for line in Self.korea + Self.abroad + Self.quotations {
            #expect((line.endpoint?.kind == .order) == (line.method == .post))
        }
        #expect(Self.quotations.allSatisfy { $0.endpoint?.kind == .marketData })
    }

    @Test("Korea is not a country of the overseas desk")
    func koreaAtHome() {
        #expect(KISEndpoint.overseasOrder(.korea, .buy) == nil)
        #expect(KISEndpoint.overseasChange(.korea) == nil)
    }
}
