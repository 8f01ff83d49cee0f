import Broker
import Core
import Testing

@testable import BrokerKIS

@Suite("Prices and books")
struct QuoteTests {
    private static let samsung = """
        {"output":{"stck_prpr":"70500","prdy_vrss":"-300","prdy_vrss_sign":"5","prdy_ctrt":"-0.42","stck_oprc":"70900",
        "stck_hgpr":"71000","stck_lwpr":"70300","stck_mxpr":"92000","stck_llam":"49600","stck_sdpr":"70800",
        "acml_vol":"8123456","acml_tr_pbmn":"573000000000","aspr_unit":"100","temp_stop_yn":"N",
        "stck_shrn_iscd":"005930"},"rt_cd":"0","msg_cd":"MCA00000","msg1":"정상처리 되었습니다."}
        """

    @Test("The price of a Korean share, as the fact sheet shows it")
    func domestic() async throws {
        let caller = ScriptedCaller(["FHKST01010100": [.json(Self.samsung)]])
        let quote = try #require(try await DomesticPrice(code: "005930").read(from: caller))
        #expect(quote.last == Price(70_500))
        #expect(quote.upperLimit == Price(92_000))
        #expect(quote.lowerLimit == Price(49_600))
        #expect(quote.base == Price(70_800))
        #expect(quote.tick == Price(100))
        #expect(quote.volume == Quantity(8_123_456))
        #expect(quote.isHalted == false)
        #expect(quote.currency == .krw)
        #expect(quote.readAt == .kisFixture)
        #expect(caller.calls[0]["FID_COND_MRKT_DIV_CODE"] == "J")
        #expect(caller.calls[0]["FID_INPUT_ISCD"] == "005930")
    }

    @Test("A symbol that KIS does not know is nothing, not a price of zero")
    func unknown() async throws {
        let korean = ScriptedCaller(["FHKST01010100": [.json(#"{"output":{"stck_prpr":"0"}}"#)]])
        #expect(try await DomesticPrice(code: "999999").read(from: korean) == nil)
        let american = ScriptedCaller(["HHDFS00000300": [.json(#"{"output":{"rsym":"DNASXX","last":" "}}"#)]])
        #expect(try await OverseasPrice(market: .nasdaq, code: "XX").read(from: american) == nil)
    }

    @Test(
        "An answer without its object, or with words in the place of a number, is malformed",
        arguments: [
            #"{"rt_cd":"0"}"#, #"{"output":{"stck_prpr":"seventy"}}"#, #"{"output":[]}"#,
        ])
    func malformed(body: String) async throws {
        let caller = ScriptedCaller(["FHKST01010100": [.json(body)]])
        await #expect(throws: KISError.self) { try await DomesticPrice(code: "005930").read(from: caller) }
    }

    @Test("The price of a US share is asked with an empty AUTH and the quote code of its market")
    func overseas() async throws {
        let caller = ScriptedCaller([
            "HHDFS00000300": [.json(#"{"output":{"RSYM":"DNASAAPL","ZDIV":"4","BASE":"200.1000","LAST":"201.4400"}}"#)]
        ])
        let quote = try #require(try await OverseasPrice(market: .nasdaq, code: "AAPL").read(from: caller))
        #expect(quote.last == (try Price("201.44")))
        #expect(quote.base == (try Price("200.1")))
        #expect(caller.calls[0]["AUTH"] == "")
        #expect(caller.calls[0]["EXCD"] == "NAS")
        #expect(caller.calls[0]["SYMB"] == "AAPL")
    }

    @Test("The detailed price has limits where the market has them")
    func detail() async throws {
        let caller = ScriptedCaller([
            "HHDFS76200200": [
                .json(
                    #"{"output":{"last":"3000.0","uplp":"3700.0","dnlp":"2300.0","#
                        + #""e_hogau":"0.5","vnit":"100","open":""}}"#
                )
            ]
        ])
        let quote = try #require(try await OverseasPriceDetail(market: .tokyo, code: "7203").read(from: caller))
        #expect(quote.upperLimit == Price(3700))
        #expect(quote.lowerLimit == Price(2300))
        #expect(quote.tick == (try Price("0.5")))
        #expect(quote.lot == Quantity(100))
        #expect(quote.open == nil)
    }

    @Test("A book has its levels in order, and none without a price")
    func books() async throws {
        let caller = ScriptedCaller([
            "FHKST01010200": [
                .json(
                    """
                    {"output1":{"aspr_acpt_hour":"100133","askp1":"70600","askp2":"70700","askp3":"0","bidp1":"70500",
                    "bidp2":"70400","askp_rsqn1":"1200","askp_rsqn2":"900","askp_rsqn3":"0","bidp_rsqn1":"300",
                    "bidp_rsqn2":"5000"},"output2":{"antc_cnpr":"0"}}
                    """)
            ],
            "HHDFS76200100": [
                .json(
                    #"{"output1":{"curr":"USD"},"output2":[{"pbid1":"201.4300","pask1":"201.4500","#
                        + #""vbid1":"120","vask1":"80"}]}"#
                )
            ],
        ])
        let korean = try await DomesticBook(code: "005930").read(from: caller)
        #expect(korean.asks.map(\.price) == [Price(70_600), Price(70_700)])
        #expect(korean.bids.map(\.quantity) == [Quantity(300), Quantity(5000)])
        let american = try await OverseasBook(market: .nasdaq, code: "AAPL").read(from: caller)
        #expect(american.asks == [.init(price: try Price("201.45"), quantity: Quantity(80))])
        #expect(american.bids == [.init(price: try Price("201.43"), quantity: Quantity(120))])
    }
}
