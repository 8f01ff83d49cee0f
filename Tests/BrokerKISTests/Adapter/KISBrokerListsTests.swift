import Broker
import Core
import TestSupport
import Testing

@testable import BrokerKIS

@Suite("Lists of the account")
struct KISBrokerListsTests {
    static let nothing = #"{"rt_cd":"0","msg_cd":"KIOK0560","output":[],"output1":[],"output2":[]}"#
    private static let since = Instant.korea("2031-03-04T09:00:00")

    static func list(_ member: String, _ rows: [KISRecord]) -> String {
        #"{"rt_cd":"0","\#(member)":[\#(rows.map(\.text).joined(separator: ","))]}"#
    }

    private func script(
        daily: [KISRecord] = [], open: [KISRecord] = [], abroad: [KISRecord] = [], openAbroad: [KISRecord] = []
    ) -> ScriptedCaller {
        ScriptedCaller([
            "TTTC0081R": [.json(Self.list("output1", daily))], "TTTC0084R": [.json(Self.list("output", open))],
            "TTTS3035R": [.json(Self.list("output", abroad))], "TTTS3018R": [.json(Self.list("output", openAbroad))],
        ])
    }

    @Test("Orders of both desks stand in one list, and no two have one id")
    func bothDesks() async throws {
        let caller = script(
            daily: [try OrderRowTests.korean()], abroad: [try OrderRowTests.american(["odno": "0000123401"])])
        let orders = try await KISBroker.scripted(caller).orders(since: Self.since)
        #expect(orders.isComplete)
        #expect(orders.takenAt == .kisFixture)
        #expect(orders.items.map(\.brokerOrderID.text) == ["20310304-K-0000123401", "20310303-O-0000123401"])
    }

    @Test("An order that only the list of open ones shows yet is there")
    func lateDayList() async throws {
        let caller = script(
            open: [try OrderRowTests.korean(["psbl_qty": "6", "ord_dt": ""])],
            openAbroad: [
                try OrderRowTests.american([
                    "ft_ccld_qty": "0", "nccs_qty": "3", "dmst_ord_dt": "20310304", "thco_ord_tmd": "090000",
                ])
            ])
        let broker = try KISBroker.scripted(caller, at: .korea("2031-03-04T09:59:59"))
        let orders = try await broker.orders(since: Self.since)
        #expect(orders.items.map(\.status) == [.partiallyFilled, .working])
    }

    @Test(
        "The two lists abroad may date an order a day apart: it is one order; an equal number for other shares is another"
    )
    func datedTwice() async throws {
        let open = ["ft_ccld_qty": "0", "nccs_qty": "3", "dmst_ord_dt": "", "thco_ord_tmd": ""]
        let sameOrder = try OrderRowTests.american(open.merging(["ord_dt": "20310304", "ord_tmd": "000612"]) { $1 })
        let other = try OrderRowTests.american(open.merging(["ord_dt": "20310304", "pdno": "MSFT"]) { $1 })
        let caller = script(
            abroad: [try OrderRowTests.american(["ft_ccld_qty": "0", "nccs_qty": "3"])], openAbroad: [sameOrder, other])
        let orders = try await KISBroker.scripted(caller).orders(since: Self.since)
        #expect(orders.items.map(\.brokerOrderID.text) == ["20310303-O-0030001201", "20310304-O-0030001201"])
        #expect(orders.items.map(\.symbol.text) == ["AAPL", "MSFT"])
    }

    @Test("Days abroad reach one further at either end; Korean days do not")
    func days() async throws {
        let caller = script()
        _ = try await KISBroker.scripted(caller).orders(since: Self.since)
        let korean = try #require(caller.calls(of: "TTTC0081R").first)
        #expect([korean["INQR_STRT_DT"], korean["INQR_END_DT"]] == ["20310304", "20310304"])
        let abroad = try #require(caller.calls(of: "TTTS3035R").first)
        #expect([abroad["ORD_STRT_DT"], abroad["ORD_END_DT"]] == ["20310302", "20310304"], "New York has the third")
    }

    @Test("The virtual host is not asked for what it does not have")
    func virtual() async throws {
        let caller = script(daily: [try OrderRowTests.korean()])
        let orders = try await KISBroker.scripted(caller, real: false).orders(since: Self.since)
        #expect(orders.isComplete)
        #expect(caller.calls.map(\.endpoint.realID) == ["TTTC0081R", "TTTS3035R"])
    }

    @Test("One row that makes no sense leaves the others; the list is incomplete and names it")
    func brokenRow() async throws {
        let told = ToldTrouble()
        let caller = script(daily: [
            try OrderRowTests.korean(), try OrderRowTests.korean(["odno": "0000123402", "ord_qty": "l0"]),
            try OrderRowTests.korean(["odno": "0000123403"]),
        ])
        let orders = try await KISBroker.scripted(caller, trouble: told.tell).orders(since: Self.since)
        #expect(orders.items.map(\.brokerOrderID.text) == ["20310304-K-0000123401", "20310304-K-0000123403"])
        #expect(!orders.isComplete)
        #expect(told.all == ["inquire-daily-ccld, row 2: ord_qty 'l0' is no number"])
    }

    @Test("Orders whose day was over before are not news; those of the day are, filled or not")
    func since() async throws {
        let caller = script(abroad: [
            try OrderRowTests.american(["dmst_ord_dt": "20310303", "odno": "0030000007"]), try OrderRowTests.american(),
        ])
        let orders = try await KISBroker.scripted(caller).orders(since: Self.since)
        #expect(orders.items.map(\.brokerOrderID.text) == ["20310303-O-0030001201"])
    }

    @Test("What lies beyond three months is told, and keeps no list from being complete: nothing of it is live")
    func longAgo() async throws {
        let told = ToldTrouble()
        let caller = script()
        let orders = try await KISBroker.scripted(caller, trouble: told.tell)
            .orders(since: .korea("2030-11-01T00:00:00"))
        #expect(orders.isComplete)
        #expect(told.all.count == 1)
        #expect(caller.calls(of: "TTTC0081R")[0]["INQR_STRT_DT"] == "20301209")
    }

    @Test("What was executed goes along with the order")
    func amounts() async throws {
        let caller = script(daily: [try OrderRowTests.korean()], abroad: [try OrderRowTests.american()])
        let listed = try await KISBroker.scripted(caller).listedOrders(since: Self.since)
        #expect(listed.items.map(\.filledAmount.description) == ["282000", "604.32"])
    }

    @Test("Single executions and activities KIS does not list: nothing is missing from an empty list")
    func empty() async throws {
        let caller = ScriptedCaller([:])
        let broker = try KISBroker.scripted(caller)
        let executions = try await broker.executions(since: Self.since)
        let activities = try await broker.activities(since: Self.since)
        #expect(executions.items.isEmpty && executions.isComplete)
        #expect(activities.items.isEmpty && activities.isComplete)
        #expect(caller.calls.isEmpty)
    }

    @Test(
        "Failures of reads keep their kind",
        arguments: [
            (
                KISError.unavailable(call: "c", detail: "d"),
                BrokerError.unavailable(broker: BrokerID("kis"), detail: "c: d")
            ),
            (.malformedAnswer(call: "c", detail: "d"), .malformedAnswer(broker: BrokerID("kis"), detail: "c: d")),
            (
                .credentialsRefused(call: "c", code: "EGW00103", detail: "d"),
                .credentialsRefused(broker: BrokerID("kis"), detail: "c: EGW00103 d")
            ),
            (
                .refused(call: "c", code: "APBK0656", message: "no such symbol"),
                .unavailable(broker: BrokerID("kis"), detail: "c: KIS refused with APBK0656: no such symbol")
            ),
        ])
    func failures(error: KISError, expected: BrokerError) async throws {
        let caller = ScriptedCaller(["TTTC0081R": [.failure(error)]])
        await #expect(throws: expected) { try await KISBroker.scripted(caller).orders(since: Self.since) }
    }
}

@Suite("Positions and cash")
struct KISBrokerAccountTests {
    private static let balance = """
        {"ctx_area_fk100":"","ctx_area_nk100":"","output1":[{"pdno":"005930","hldg_qty":"4","ord_psbl_qty":"4",
        "pchs_avg_pric":"70500.0000","pchs_amt":"282000","prpr":"70600","evlu_amt":"282400","evlu_pfls_amt":"400",
        "evlu_pfls_rt":"0.14"}],"output2":[{"dnca_tot_amt":"10000000","nxdy_excc_amt":"10000000",
        "prvs_rcdl_excc_amt":"9717958","thdt_buy_amt":"282000","thdt_tlex_amt":"42","scts_evlu_amt":"282400",
        "tot_evlu_amt":"10000358","nass_amt":"10000358"}],"rt_cd":"0","msg_cd":"KIOK0510","msg1":"조회가 완료되었습니다"}
        """

    private func american(_ rows: [(code: String, quantity: String, cost: String)]) -> String {
        let list = rows.map {
            #"{"ovrs_pdno":"\#($0.code)","ovrs_cblc_qty":"\#($0.quantity)","ord_psbl_qty":"\#($0.quantity)","#
                + #""pchs_avg_pric":"\#($0.cost)","tr_crcy_cd":"USD","ovrs_excg_cd":"NASD"}"#
        }
        return #"{"rt_cd":"0","output1":[\#(list.joined(separator: ","))],"output2":{}}"#
    }

    @Test("The fact sheet's balance: four shares, and the cash of two days from now")
    func golden() async throws {
        let caller = ScriptedCaller(["TTTC8434R": [.json(Self.balance)]])
        let broker = try KISBroker.scripted(caller, markets: [.krx])
        let positions = try await broker.positions()
        #expect(
            positions.items == [
                BrokerPosition(
                    symbol: Symbol("005930"), quantity: Quantity(4), averageCost: Price(70_500), currency: .krw)
            ])
        #expect(positions.isComplete)
        let cash = try await broker.cash()
        #expect(cash.items == [Money(FixedPoint(9_717_958), .krw)])
        #expect(cash.isComplete)
        #expect(caller.calls[0]["AFHR_FLPR_YN"] == "N" && caller.calls[0]["INQR_DVSN"] == "02")
    }

    @Test("Shares for cash and on credit add up; sold out ones and blank rows are none")
    func sums() async throws {
        let body = """
            {"output1":[{"pdno":"005930","hldg_qty":"4","pchs_avg_pric":"70500.0000"},
            {"pdno":"005930","hldg_qty":"6","pchs_avg_pric":"70000.0000"},
            {"pdno":"000660","hldg_qty":"0","pchs_avg_pric":"0.0000"},{"pdno":"","hldg_qty":"0"}]}
            """
        let caller = ScriptedCaller(["TTTC8434R": [.json(body)]])
        let positions = try await KISBroker.scripted(caller, markets: [.krx]).positions()
        #expect(
            positions.items == [
                BrokerPosition(
                    symbol: Symbol("005930"), quantity: Quantity(10), averageCost: Price(70_200), currency: .krw)
            ])
    }

    @Test("The real host lists all of the US at once, the virtual one each exchange")
    func americanExchanges() async throws {
        for isReal in [true, false] {
            let caller = ScriptedCaller([
                "TTTS3012R": [
                    .json(american([("AAPL", "3", "201.44000000"), ("", "0", "")])),
                    .json(american([("IBM", "2", "150.5")])),
                    .json(american([])),
                ]
            ])
            let broker = try KISBroker.scripted(caller, real: isReal, markets: [.nasdaq, .nyse, .amex])
            let positions = try await broker.positions()
            #expect(caller.calls.map { $0["OVRS_EXCG_CD"] } == (isReal ? ["NASD"] : ["NASD", "NYSE", "AMEX"]))
            #expect(positions.items.map(\.symbol.text) == (isReal ? ["AAPL"] : ["AAPL", "IBM"]))
            #expect(positions.isComplete)
            #expect(positions.items[0].averageCost == (try Price("201.44")))
        }
    }

    @Test("A position that makes no sense leaves the others, and the list incomplete")
    func brokenRow() async throws {
        let told = ToldTrouble()
        let caller = ScriptedCaller(["TTTS3012R": [.json(american([("AAPL", "three", "1"), ("MSFT", "2", "400")]))]])
        let positions = try await KISBroker.scripted(caller, markets: [.nasdaq], trouble: told.tell).positions()
        #expect(positions.items.map(\.symbol.text) == ["MSFT"])
        #expect(!positions.isComplete)
        #expect(told.all == ["inquire-balance, row 1: ovrs_cblc_qty 'three' is no number"])
    }

    @Test(
        "Dollars: the deposit, less what was bought and plus what was sold without being settled; listed once a country"
    )
    func margin() async throws {
        let row = #"{"crcy_cd":"USD","frcr_dncl_amt1":"698.190000","ustl_buy_amt":"604.32","ustl_sll_amt":"100.00"}"#
        let caller = ScriptedCaller(["TTTC2101R": [.json(#"{"output":[\#(row),\#(row),{"crcy_cd":""}]}"#)]])
        let cash = try await KISBroker.scripted(caller, markets: [.nasdaq, .nyse]).cash()
        #expect(cash.items == [Money(try FixedPoint("193.87"), .usd)])
        #expect(cash.isComplete)
        let other = row.replacing("698.19", with: "698.20")
        let torn = ScriptedCaller(["TTTC2101R": [.json(#"{"output":[\#(row),\#(other)]}"#)]])
        let unknown = try await KISBroker.scripted(torn, markets: [.nasdaq]).cash()
        #expect(unknown.items.isEmpty && !unknown.isComplete, "of two amounts neither is told")
    }

    private func buyingPower(_ orders: [KISRecord] = [], fromSales: String = "0.00") -> ScriptedCaller {
        let amounts = """
            {"output":{"tr_crcy_cd":"USD","ord_psbl_frcr_amt":"601.37","sll_ruse_psbl_amt":"\(fromSales)",
            "ovrs_ord_psbl_amt":"600.00","max_ord_psbl_qty":"2"}}
            """
        return ScriptedCaller([
            "TTTS3007R": [.json(amounts)], "HHDFS00000300": [.json(#"{"output":{"last":"201.44"}}"#)],
            "TTTS3035R": [.json(KISBrokerListsTests.list("output", orders))],
            "TTTS3018R": [.json(KISBrokerListsTests.nothing)],
            "TTTC2101R": [.failure(.refused(call: "foreign-margin", code: "OPSQ0002", message: "없는 서비스 코드 입니다"))],
        ])
    }

    @Test("Where a host does not list foreign cash, what can be spent is the cash", arguments: [true, false])
    func virtualCash(isReal: Bool) async throws {
        let caller = buyingPower([try OrderRowTests.american()])
        let cash = try await KISBroker.scripted(caller, real: isReal, markets: [.nasdaq, .tokyo]).cash()
        #expect(cash.items == [Money(try FixedPoint("601.37"), .usd)])
        #expect(cash.isComplete, "no share in yen is configured")
        #expect(caller.calls(of: "TTTS3007R").map { $0["ITEM_CD"] } == ["AAPL"])
        #expect(caller.calls(of: "TTTS3007R").map { $0["OVRS_ORD_UNPR"] } == ["201.44"])
    }

    @Test("What open orders block or sales owe is not guessed: the currency is left out")
    func unknownCash() async throws {
        let open = ["ft_ccld_qty": "0", "nccs_qty": "3", "thco_ord_tmd": "095000"]
        let buying = buyingPower([try OrderRowTests.american(open)])
        let selling = buyingPower([try OrderRowTests.american(open.merging(["sll_buy_dvsn_cd": "01"]) { $1 })])
        let now = Instant.korea("2031-03-04T09:55:00")
        let blocked = try await KISBroker.scripted(buying, real: false, markets: [.nasdaq], at: now).cash()
        #expect(blocked.items.isEmpty && !blocked.isComplete)
        let free = try await KISBroker.scripted(selling, real: false, markets: [.nasdaq], at: now).cash()
        #expect(free.items.count == 1 && free.isComplete)
        let owed = try await KISBroker.scripted(buyingPower(fromSales: "100.00"), real: false, markets: [.nasdaq])
            .cash()
        #expect(owed.items.isEmpty && !owed.isComplete)
    }
}

@Suite("Deposits of the present balance")
struct PresentBalanceTests {
    @Test(
        "Deposits by currency, and whether trades wait for settlement",
        arguments: [
            (#","output3":{"ustl_buy_amt_smtl":"0","ustl_sll_amt_smtl":"0"}"#, false),
            (#","output3":{"ustl_buy_amt_smtl":"5","ustl_sll_amt_smtl":"0"}"#, true), ("", nil),
        ] as [(String, Bool?)])
    func deposits(sums: String, hasUnsettled: Bool?) async throws {
        let body = #"{"output2":[{"crcy_cd":"USD","frcr_dncl_amt_2":"601.37"}]\#(sums)}"#
        let caller = ScriptedCaller(["CTRP6504R": [.json(body)]])
        let deposits = try await PresentBalance(account: .fixture).deposits(from: caller)
        #expect(deposits.byCurrency == [.usd: try FixedPoint("601.37")])
        #expect(deposits.hasUnsettled == hasUnsettled)
    }
}
