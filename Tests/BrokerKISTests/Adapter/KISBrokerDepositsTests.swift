import Broker
import Core
import TestSupport
import Testing

@testable import BrokerKIS

@Suite("Deposits by currency and day")
struct KISBrokerDepositsTests {
    private static let balance = """
        {"output1":[],"output2":[{"dnca_tot_amt":"10000000","nxdy_excc_amt":"9900000","prvs_rcdl_excc_amt":"9717958",
        "bfdy_buy_amt":"100000","thdt_buy_amt":"282000","bfdy_sll_amt":"0","thdt_sll_amt":"99000",
        "thdt_tlex_amt":"42"}],"rt_cd":"0","msg_cd":"KIOK0510","msg1":"조회가 완료되었습니다"}
        """
    private static let dollars =
        #"{"crcy_cd":"USD","frcr_dncl_amt1":"698.190000","ustl_buy_amt":"604.32","ustl_sll_amt":"100.00"}"#
    private static let present = """
        {"output1":[],"output2":[{"crcy_cd":"USD","frcr_dncl_amt_2":"601.370000","frst_bltn_exrt":"1380.00"}],
        "output3":{"tot_dncl_amt":"829890","ustl_buy_amt_smtl":"0","ustl_sll_amt_smtl":"0"}}
        """

    @Test(
        "Won by the day on which it is there, with what is not settled and what today cost", arguments: [true, false])
    func won(isReal: Bool) async throws {
        let caller = ScriptedCaller(["TTTC8434R": [.json(Self.balance)]])
        let deposits = try await KISBroker.scripted(caller, real: isReal, markets: [.krx]).deposits()
        var expected = BrokerDeposit(currency: .krw, settled: FixedPoint(10_000_000))
        expected.nextDay = FixedPoint(9_900_000)
        expected.afterSettlement = FixedPoint(9_717_958)
        expected.unsettledBuys = FixedPoint(382_000)
        expected.unsettledSales = FixedPoint(99_000)
        expected.costsToday = FixedPoint(42)
        #expect(deposits.items == [expected] && deposits.isComplete && deposits.takenAt == .kisFixture)
    }

    @Test("The fact sheet's short balance leaves what it does not tell nil, and halves are not guessed from")
    func shortBalance() async throws {
        let body = """
            {"output2":[{"dnca_tot_amt":"10000000","prvs_rcdl_excc_amt":"9717958","thdt_buy_amt":"282000"}]}
            """
        let caller = ScriptedCaller(["TTTC8434R": [.json(body)]])
        let deposit = try #require(
            try await KISBroker.scripted(caller, markets: [.krx]).deposits().items.first)
        #expect(deposit.nextDay == nil && deposit.costsToday == nil)
        #expect(deposit.unsettledBuys == nil && deposit.unsettledSales == nil)
        let empty = ScriptedCaller(["TTTC8434R": [.json(#"{"output2":[{"dnca_tot_amt":"10000000"}]}"#)]])
        await #expect(
            throws: BrokerError.malformedAnswer(
                broker: .kis, detail: "inquire-balance: prvs_rcdl_excc_amt is missing")
        ) { try await KISBroker.scripted(empty, markets: [.krx]).deposits() }
    }

    @Test("Dollars on the real host: the deposit, what is not settled, and what is left then")
    func margin() async throws {
        let caller = ScriptedCaller([
            "TTTC8434R": [.json(Self.balance)],
            "TTTC2101R": [.json(#"{"output":[\#(Self.dollars),\#(Self.dollars),{"crcy_cd":""}]}"#)],
        ])
        let deposits = try await KISBroker.scripted(caller, markets: [.krx, .nasdaq, .tokyo]).deposits()
        #expect(deposits.isComplete, "yen was never held")
        #expect(deposits.items.map(\.currency) == [.krw, .usd])
        var expected = BrokerDeposit(currency: .usd, settled: try FixedPoint("698.19"))
        expected.unsettledBuys = try FixedPoint("604.32")
        expected.unsettledSales = FixedPoint(100)
        expected.afterSettlement = try FixedPoint("193.87")
        #expect(deposits.items[1] == expected)
        #expect(caller.calls(of: "CTRP6504R").isEmpty)
    }

    @Test("Of two amounts for one currency neither is told")
    func torn() async throws {
        let other = Self.dollars.replacing("698.19", with: "698.20")
        let caller = ScriptedCaller(["TTTC2101R": [.json(#"{"output":[\#(Self.dollars),\#(other)]}"#)]])
        let deposits = try await KISBroker.scripted(caller, markets: [.nasdaq]).deposits()
        #expect(deposits.items.isEmpty && !deposits.isComplete)
    }

    @Test(
        "Where this key does not get the list, the present balance stands in; what is to come is told only if nothing waits",
        arguments: [("0", try? FixedPoint("601.37")), ("5", nil)] as [(String, FixedPoint?)])
    func presentBalance(unsettled: String, afterSettlement: FixedPoint?) async throws {
        let told = ToldTrouble()
        let body = Self.present.replacing(#""ustl_buy_amt_smtl":"0""#, with: #""ustl_buy_amt_smtl":"\#(unsettled)""#)
        let refusal = KISError.refused(call: "foreign-margin", code: "OPSQ0002", message: "없는 서비스 코드 입니다")
        let caller = ScriptedCaller(["TTTC2101R": [.failure(refusal)], "CTRP6504R": [.json(body)]])
        let deposits = try await KISBroker.scripted(caller, markets: [.nasdaq], trouble: told.tell).deposits()
        #expect(deposits.isComplete)
        #expect(deposits.items.map(\.settled.description) == ["601.37"])
        #expect(deposits.items[0].afterSettlement == afterSettlement)
        #expect(deposits.items[0].unsettledBuys == nil)
        #expect(
            told.all == ["foreign-margin: OPSQ0002 없는 서비스 코드 입니다; the present balance is taken instead"])
    }

    @Test("The virtual host tells no currencies: they are left out, told of, and the answer is incomplete")
    func virtual() async throws {
        let told = ToldTrouble()
        let caller = ScriptedCaller([
            "TTTC8434R": [.json(Self.balance)],
            "CTRP6504R": [.json(#"{"output1":[],"output2":[],"output3":{"tot_dncl_amt":"829890"}}"#)],
        ])
        let broker = try KISBroker.scripted(caller, real: false, markets: [.krx, .nasdaq], trouble: told.tell)
        let deposits = try await broker.deposits()
        #expect(deposits.items.map(\.currency) == [.krw] && !deposits.isComplete)
        #expect(
            told.all == [
                "inquire-present-balance: no deposit in USD is told; the virtual host tells sums in won only"
            ])
        #expect(caller.calls(of: "TTTC2101R").isEmpty)
    }

    @Test("A failure that may pass is one of the whole, and keeps its kind")
    func failure() async throws {
        let caller = ScriptedCaller(["TTTC2101R": [.failure(.unavailable(call: "foreign-margin", detail: "late"))]])
        await #expect(throws: BrokerError.unavailable(broker: .kis, detail: "foreign-margin: late")) {
            try await KISBroker.scripted(caller, markets: [.nasdaq]).deposits()
        }
    }
}
