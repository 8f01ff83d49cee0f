import Broker
import Core
import TestSupport
import Testing

@testable import BrokerKIS

@Suite("What KIS says of a market now")
struct KISBrokerQuoteTests {
    private static let samsung = """
        {"output":{"stck_prpr":"70500","prdy_vrss":"-300","prdy_vrss_sign":"5","prdy_ctrt":"-0.42","stck_oprc":"70900",
        "stck_hgpr":"71000","stck_lwpr":"70300","stck_mxpr":"92000","stck_llam":"49600","stck_sdpr":"70800",
        "acml_vol":"8123456","acml_tr_pbmn":"573000000000","aspr_unit":"100","hts_deal_qty_unit_val":"1",
        "temp_stop_yn":"N","stck_shrn_iscd":"005930"},"rt_cd":"0","msg_cd":"MCA00000","msg1":"정상처리 되었습니다."}
        """
    private static let koreanBook = """
        {"output1":{"aspr_acpt_hour":"100133","askp1":"70600","askp2":"70700","bidp1":"70500","askp_rsqn1":"1200",
        "askp_rsqn2":"900","bidp_rsqn1":"300"},"output2":{"antc_cnpr":"0"}}
        """
    private static let apple =
        #"{"output":{"rsym":"DNASAAPL","zdiv":"4","base":"200.1000","last":"201.4400","tvol":"3500120"}}"#
    private static let appleDetail = """
        {"output":{"rsym":"DNASAAPL","zdiv":"4","curr":"USD","vnit":"1","open":"200.9000","high":"201.9000",
        "low":"200.1000","last":"201.4500","base":"200.1000","uplp":"0.0000","dnlp":"0.0000","e_hogau":"0.0100",
        "e_ordyn":"매매 가능","tvol":"3500220","t_rate":"1380.00"}}
        """
    private static let appleBook =
        #"{"output1":{"curr":"USD"},"output2":[{"pbid1":"201.4300","pask1":"201.4500","vbid1":"120","vask1":"80"}]}"#
    private static let noQuoteKey = KISError.configuration(
        call: "price-detail", code: "NO-QUOTE-KEY", detail: "the virtual host has no price-detail; nothing was sent",
        cure: "set the quote keys")

    @Test("A Korean share, the same on both hosts; the book comes along when it is wanted", arguments: [true, false])
    func korean(isReal: Bool) async throws {
        let caller = ScriptedCaller([
            "FHKST01010100": [.json(Self.samsung)], "FHKST01010200": [.json(Self.koreanBook)],
        ])
        let broker = try KISBroker.scripted(caller, real: isReal)
        let quote = try #require(try await broker.quote(of: .korean(), depth: true))
        #expect(quote.last == Price(70_500) && quote.currency == .krw)
        #expect([quote.open, quote.high, quote.low] == [Price(70_900), Price(71_000), Price(70_300)])
        #expect([quote.base, quote.lowerLimit, quote.upperLimit] == [Price(70_800), Price(49_600), Price(92_000)])
        #expect(quote.tick == Price(100) && quote.lot == Quantity(1) && quote.volume == Quantity(8_123_456))
        #expect(quote.isHalted == false && quote.readAt == .kisFixture && quote.notes.isEmpty)
        #expect(quote.asks?.map(\.price) == [Price(70_600), Price(70_700)])
        #expect(quote.bids == [.init(price: Price(70_500), quantity: Quantity(300))])
        let shallow = try #require(try await broker.quote(of: .korean(), depth: false))
        #expect(shallow.asks == nil && shallow.bids == nil && shallow.notes.isEmpty)
        #expect(caller.calls(of: "FHKST01010200").count == 1)
    }

    @Test(
        "Limits that KIS leaves out are reckoned from the base for a share, and not for a fund, which may be a leveraged one"
    )
    func reckonedLimits() async throws {
        let body = Self.samsung.replacing(#""stck_mxpr":"92000","stck_llam":"49600","#, with: #""stck_mxpr":"0","#)
            .replacing(#""temp_stop_yn":"N""#, with: #""temp_stop_yn":"Y""#)
        let caller = ScriptedCaller(["FHKST01010100": [.json(body)]])
        let broker = try KISBroker.scripted(caller)
        let share = try #require(try await broker.quote(of: .korean(), depth: false))
        #expect([share.lowerLimit, share.upperLimit] == [Price(49_600), Price(92_000)], "the fact sheet's own")
        #expect(share.notes.count == 1 && share.notes[0].contains("30 % from the base"))
        #expect(share.isHalted == true)
        let fund = try Instrument(
            symbol: Symbol("069500"), name: "a fund", kind: .etf, exchange: ExchangeID("XKRX"), currency: .krw,
            ticks: .krxETF)
        let other = try #require(try await broker.quote(of: fund, depth: false))
        #expect(other.lowerLimit == nil && other.upperLimit == nil && other.notes.count == 1)
    }

    @Test("A US share with everything that a real host has")
    func american() async throws {
        let caller = ScriptedCaller([
            "HHDFS00000300": [.json(Self.apple)], "HHDFS76200200": [.json(Self.appleDetail)],
            "HHDFS76200100": [.json(Self.appleBook)],
        ])
        let quote = try #require(try await KISBroker.scripted(caller).quote(of: .american(), depth: true))
        #expect([quote.last, quote.base].map { $0?.description } == ["201.45", "200.1"])
        #expect([quote.high, quote.tick].map { $0?.description } == ["201.9", "0.01"] && quote.lot == Quantity(1))
        #expect(quote.upperLimit == nil && quote.lowerLimit == nil, "the US has none")
        #expect(quote.currency == .usd && quote.isHalted == false && quote.notes.isEmpty)
        let best = try Price("201.45")
        #expect(quote.asks == [.init(price: best, quantity: Quantity(80))])
    }

    @Test("What the virtual host lacks stays nil, with a note each that says what to do; the price is there")
    func americanWithoutQuoteKeys() async throws {
        let caller = ScriptedCaller([
            "HHDFS00000300": [.json(Self.apple)], "HHDFS76200200": [.failure(Self.noQuoteKey)],
            "HHDFS76200100": [.failure(Self.noQuoteKey)],
        ])
        let broker = try KISBroker.scripted(caller, real: false)
        let quote = try #require(try await broker.quote(of: .american(), depth: true))
        #expect(quote.last.description == "201.44" && quote.volume == Quantity(3_500_120))
        #expect(quote.open == nil && quote.tick == nil && quote.isHalted == nil && quote.asks == nil)
        #expect(
            quote.notes == [
                "no range and limits of the day, no tick, no lot and no word of a halt: price-detail: NO-QUOTE-KEY "
                    + "the virtual host has no price-detail; nothing was sent; to do: set the quote keys",
                "no order book: price-detail: NO-QUOTE-KEY the virtual host has no price-detail; nothing was sent; "
                    + "to do: set the quote keys",
            ])
    }

    @Test(
        "Words about a halt that nobody has documented are passed on; another currency than the configured one is told")
    func oddities() async throws {
        let detail = Self.appleDetail.replacing("매매 가능", with: "매매 불가").replacing("USD", with: "HKD")
        let caller = ScriptedCaller([
            "HHDFS00000300": [.json(Self.apple)], "HHDFS76200200": [.json(detail)],
        ])
        let quote = try #require(try await KISBroker.scripted(caller).quote(of: .american(), depth: false))
        #expect(quote.isHalted == nil)
        #expect(
            quote.notes == [
                "whether it can be traded, KIS says in its own words: 매매 불가",
                "KIS quotes it in HKD, and it is configured in USD",
            ])
    }

    @Test("What KIS does not know or does not serve is nil, and is not asked for further")
    func unknown() async throws {
        let caller = ScriptedCaller([
            "FHKST01010100": [.json(#"{"output":{"stck_prpr":"0"}}"#)],
            "HHDFS00000300": [.json(#"{"output":{"rsym":"","last":" "}}"#)],
        ])
        let broker = try KISBroker.scripted(caller)
        #expect(try await broker.quote(of: .korean("999999"), depth: true) == nil)
        #expect(try await broker.quote(of: .american("XX"), depth: true) == nil)
        #expect(caller.calls.count == 2)
        let london = try Instrument.foreign("VOD", "XLON", "GBP", tick: "0.01")
        let future = try Instrument(
            symbol: Symbol("101W9000"), name: "a future", kind: .future(expiry: .day("2031-09-11")),
            exchange: ExchangeID("XKRX"), currency: .krw, ticks: .krxStock)
        #expect(try await broker.quote(of: london, depth: true) == nil)
        #expect(try await broker.quote(of: future, depth: true) == nil)
        #expect(caller.calls.count == 2)
    }

    @Test(
        "Without its price there is no quote: the failure keeps its kind",
        arguments: [
            (
                KISError.refused(call: "c", code: "OPSQ9999", message: "no"),
                BrokerError.unavailable(broker: .kis, detail: "c: KIS refused with OPSQ9999: no")
            ),
            (
                .credentialsRefused(call: "c", code: "EGW00103", detail: "d"),
                .credentialsRefused(broker: .kis, detail: "c: EGW00103 d")
            ),
            (.malformedAnswer(call: "c", detail: "d"), .malformedAnswer(broker: .kis, detail: "c: d")),
        ])
    func failures(error: KISError, expected: BrokerError) async throws {
        let caller = ScriptedCaller(["FHKST01010100": [.failure(error)], "HHDFS00000300": [.failure(error)]])
        for instrument in [try Instrument.korean(), try .american()] {
            await #expect(throws: expected) { try await KISBroker.scripted(caller).quote(of: instrument, depth: true) }
        }
    }

    @Test("A broken book leaves the price standing")
    func brokenBook() async throws {
        let book = Self.koreanBook.replacing("70700", with: "7o700")
        let caller = ScriptedCaller(["FHKST01010100": [.json(Self.samsung)], "FHKST01010200": [.json(book)]])
        let quote = try #require(try await KISBroker.scripted(caller).quote(of: .korean(), depth: true))
        #expect(quote.last == Price(70_500) && quote.asks == nil)
        #expect(quote.notes.count == 1 && quote.notes[0].contains("askp2 '7o700' is no number"))
    }
}
