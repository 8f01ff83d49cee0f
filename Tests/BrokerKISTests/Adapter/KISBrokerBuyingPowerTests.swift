import Broker
import Core
import TestSupport
import Testing

@testable import BrokerKIS

@Suite("What the account may buy and sell")
struct KISBrokerBuyingPowerTests {
    private static let korean = """
        {"output":{"ord_psbl_cash":"1000000","psbl_qty_calc_unpr":"92000","nrcvb_buy_amt":"990000","nrcvb_buy_qty":"10",
        "max_buy_amt":"1980000","max_buy_qty":"21"}}
        """
    private static let balance = """
        {"output1":[{"pdno":"005930","hldg_qty":"4","ord_psbl_qty":"3","pchs_avg_pric":"70500.0000"},
        {"pdno":"005930","hldg_qty":"2","ord_psbl_qty":"2","pchs_avg_pric":"70000.0000"},
        {"pdno":"000660","hldg_qty":"9","ord_psbl_qty":"9","pchs_avg_pric":"187000.0000"}],"output2":[{}]}
        """
    private static let american = """
        {"output":{"tr_crcy_cd":"USD","ord_psbl_frcr_amt":"1237.00","sll_ruse_psbl_amt":"0.00",
        "ovrs_ord_psbl_amt":"1234.560000","max_ord_psbl_qty":"6","ovrs_max_ord_psbl_qty":"9"}}
        """
    private static let americanBalance = """
        {"output1":[{"ovrs_pdno":"AAPL","ovrs_cblc_qty":"3","ord_psbl_qty":"2","pchs_avg_pric":"201.44",
        "tr_crcy_cd":"USD","ovrs_excg_cd":"NASD"},{"ovrs_pdno":"","ovrs_cblc_qty":"0"}],"output2":{}}
        """
    private static let price = #"{"output":{"last":"201.4400"}}"#

    @Test("A Korean share on the real host: as a market order, at the upper limit, without borrowing")
    func koreanMarket() async throws {
        let caller = ScriptedCaller([
            "TTTC8908R": [.json(Self.korean)],
            "TTTC8408R": [.json(#"{"output":{"ord_psbl_qty":"4","cblc_qty":"5"}}"#)],
        ])
        let power = try #require(try await KISBroker.scripted(caller).buyingPower(for: .korean(), at: nil))
        #expect(power.currency == .krw && power.cash == FixedPoint(1_000_000) && power.amount == FixedPoint(990_000))
        #expect(power.buyable == Quantity(10) && power.price == Price(92_000) && power.sellable == Quantity(4))
        #expect(power.buyableWithExchange == nil && power.notes.isEmpty && power.readAt == .kisFixture)
        #expect(caller.calls[0]["ORD_DVSN"] == "01" && caller.calls[0]["ORD_UNPR"] == "0")
    }

    @Test("At a price it is asked as a limit; the virtual host tells what can be sold by its balance only")
    func koreanLimitOnVirtualHost() async throws {
        let caller = ScriptedCaller(["TTTC8908R": [.json(Self.korean)], "TTTC8434R": [.json(Self.balance)]])
        let broker = try KISBroker.scripted(caller, real: false)
        let power = try #require(try await broker.buyingPower(for: .korean(), at: Price(70_500)))
        #expect(caller.calls[0]["ORD_DVSN"] == "00" && caller.calls[0]["ORD_UNPR"] == "70500")
        #expect(power.sellable == Quantity(5), "of both rows of the share")
        #expect(caller.calls(of: "TTTC8408R").isEmpty)
    }

    @Test("A share that is not held is refused by the real host, and can be sold nowhere: zero, not unknown")
    func notHeld() async throws {
        let refusal = KISError.refused(call: "inquire-psbl-sell", code: "APBK0400", message: "잔고가 없습니다")
        let caller = ScriptedCaller([
            "TTTC8908R": [.json(Self.korean)], "TTTC8408R": [.failure(refusal)], "TTTC8434R": [.json(Self.balance)],
        ])
        let power = try #require(try await KISBroker.scripted(caller).buyingPower(for: .korean("035720"), at: nil))
        #expect(power.sellable == .zero && power.notes.isEmpty)
    }

    @Test("What can be sold stays unknown, with the reason, where neither answer is to be had; buying is told")
    func sellableUnknown() async throws {
        let torn = Self.balance.replacing(#""hldg_qty":"9""#, with: #""hldg_qty":"nine""#)
        for reply in [ScriptedCaller.Reply.json(torn), .failure(.unavailable(call: "inquire-balance", detail: "late"))]
        {
            let caller = ScriptedCaller(["TTTC8908R": [.json(Self.korean)], "TTTC8434R": [reply]])
            let broker = try KISBroker.scripted(caller, real: false)
            let power = try #require(try await broker.buyingPower(for: .korean(), at: nil))
            #expect(power.buyable == Quantity(10) && power.sellable == nil)
            #expect(
                power.notes.count == 1 && power.notes[0].hasPrefix("what can be sold is not known: inquire-balance"))
        }
    }

    @Test("A US share at a price, and what is held of it", arguments: [true, false])
    func american(isReal: Bool) async throws {
        let caller = ScriptedCaller([
            "TTTS3007R": [.json(Self.american)], "TTTS3012R": [.json(Self.americanBalance)],
        ])
        let broker = try KISBroker.scripted(caller, real: isReal)
        let power = try #require(try await broker.buyingPower(for: .american(), at: try Price("201.5")))
        #expect(power.currency == .usd && power.cash == FixedPoint(1237) && power.amount.description == "1234.56")
        #expect(power.buyable == Quantity(6) && power.buyableWithExchange == Quantity(9))
        #expect(power.sellable == Quantity(2) && power.price.description == "201.5" && power.notes.isEmpty)
        #expect(caller.calls(of: "TTTS3007R")[0]["OVRS_ORD_UNPR"] == "201.5")
        #expect(caller.calls(of: "TTTS3007R")[0]["ITEM_CD"] == "AAPL")
        #expect(caller.calls(of: "TTTS3012R").map { $0["OVRS_EXCG_CD"] } == ["NASD"])
        #expect(caller.calls(of: "HHDFS00000300").isEmpty, "the price was given")
    }

    @Test("Without a price it is asked with the limit that would stand in for the market order")
    func americanMarket() async throws {
        let caller = ScriptedCaller([
            "HHDFS00000300": [.json(Self.price)],
            "TTTS3007R": [
                .json(Self.american.replacing(#""sll_ruse_psbl_amt":"0.00""#, with: #""sll_ruse_psbl_amt":"5.5""#))
            ],
            "TTTS3012R": [.json(Self.americanBalance)],
        ])
        let power = try #require(try await KISBroker.scripted(caller).buyingPower(for: .american(), at: nil))
        #expect(power.price.description == "203.46", "201.44 and 1 %, 203.4544, up to the cent")
        #expect(caller.calls(of: "TTTS3007R")[0]["OVRS_ORD_UNPR"] == "203.46")
        #expect(power.notes == ["5.5 USD of sales that are not settled are counted apart"])
    }

    @Test("What KIS does not know is nil: it calculates with zero, refuses, or has no price")
    func unknown() async throws {
        let zero = Self.korean.replacing("92000", with: "0")
        let korean = ScriptedCaller(["TTTC8908R": [.json(zero)]])
        #expect(try await KISBroker.scripted(korean).buyingPower(for: .korean("999999"), at: nil) == nil)
        let refusal = KISError.refused(call: "inquire-psamount", code: "APBK0656", message: "해당종목정보가 없습니다.")
        let american = ScriptedCaller([
            "TTTS3007R": [.failure(refusal)], "HHDFS00000300": [.json(#"{"output":{"last":""}}"#)],
        ])
        let broker = try KISBroker.scripted(american)
        #expect(try await broker.buyingPower(for: .american("XX"), at: Price(5)) == nil)
        #expect(try await broker.buyingPower(for: .american("XX"), at: nil) == nil)
        let london = try Instrument.foreign("VOD", "XLON", "GBP", tick: "0.01")
        #expect(try await broker.buyingPower(for: london, at: nil) == nil)
    }

    @Test("A refusal of a share that has a price is a failure, and so is a missing field")
    func failures() async throws {
        let refusal = KISError.refused(call: "inquire-psamount", code: "APBK9999", message: "no")
        let refusing = ScriptedCaller([
            "TTTS3007R": [.failure(refusal)], "HHDFS00000300": [.json(Self.price)],
        ])
        await #expect(
            throws: BrokerError.unavailable(broker: .kis, detail: "inquire-psamount: KIS refused with APBK9999: no")
        ) { try await KISBroker.scripted(refusing).buyingPower(for: .american(), at: Price(5)) }
        let torn = ScriptedCaller(["TTTC8908R": [.json(Self.korean.replacing("nrcvb_buy_qty", with: "other"))]])
        await #expect(
            throws: BrokerError.malformedAnswer(
                broker: .kis, detail: "inquire-psbl-order: nrcvb_buy_qty is missing")
        ) { try await KISBroker.scripted(torn).buyingPower(for: .korean(), at: nil) }
    }
}
