import Broker
import Core
import TestSupport
import Testing

@testable import BrokerKIS

@Suite("Listed orders")
struct OrderRowTests {
    /// The fact sheet's row of the Korean day list, with members replaced.
    static func korean(_ changes: [String: String] = [:]) throws -> KISRecord {
        let text = """
            {"ord_dt":"20310304","ord_gno_brno":"06010","odno":"0000123401","orgn_odno":"","ord_dvsn_name":"지정가",
            "sll_buy_dvsn_cd":"02","sll_buy_dvsn_cd_name":"현금매수","pdno":"005930","prdt_name":"SYNTH A","ord_qty":"10",
            "ord_unpr":"70500","ord_tmd":"100132","tot_ccld_qty":"4","avg_prvs":"70500","cncl_yn":"N",
            "tot_ccld_amt":"282000","ord_dvsn_cd":"00","cncl_cfrm_qty":"0","rmn_qty":"6","rjct_qty":"0",
            "excg_dvsn_cd":"02","excg_id_dvsn_Cd":"KRX"}
            """
        return try record(text, changes)
    }

    /// The fact sheet's row of the list abroad, with members replaced.
    static func american(_ changes: [String: String] = [:]) throws -> KISRecord {
        let text = """
            {"ord_dt":"20310303","ord_gno_brno":"01790","odno":"0030001201","orgn_odno":"","sll_buy_dvsn_cd":"02",
            "sll_buy_dvsn_cd_name":"매수","rvse_cncl_dvsn":"00","pdno":"AAPL","ft_ord_qty":"3",
            "ft_ord_unpr3":"201.50000000","ft_ccld_qty":"3","ft_ccld_unpr3":"201.44000000","ft_ccld_amt3":"604.32000",
            "nccs_qty":"0","prcs_stat_name":"완료","rjct_rson":"","rjct_rson_name":"","ord_tmd":"000612",
            "tr_crcy_cd":"USD","ovrs_excg_cd":"NASD","dmst_ord_dt":"20310304","thco_ord_tmd":"000612",
            "mdia_dvsn_name":"OpenAPI"}
            """
        return try record(text, changes)
    }

    private static func record(_ text: String, _ changes: [String: String]) throws -> KISRecord {
        var json = try JSONValue(parsing: text)
        for (key, value) in changes { json = json.setting(key, .string(value)) }
        return try #require(KISRecord(json))
    }

    static let directory = KISDirectory([], broker: BrokerID("kis"))

    // MARK: Golden rows

    @Test("The fact sheet's Korean row: a limit partly filled, at Korean time, with what the shares came to")
    func goldenKorean() throws {
        let row = try #require(try DomesticOrderRows.daily(Self.korean(["ccld_cndt_name": "없음"])))
        #expect(row.id.id == BrokerOrderID("20310304-K-0000123401"))
        #expect(row.organisation == "06010")
        #expect(row.original == nil)
        #expect(row.placedAt == .korea("2031-03-04T10:01:32"))
        #expect(row.filledAmount == FixedPoint(282_000))
        #expect(row.couldBeTakts)
        let listed = try #require(OrderFolding.orders([row], Self.directory, at: .kisFixture).orders.first)
        #expect(
            listed.order
                == .fixture(
                    "20310304-K-0000123401", symbol: Symbol("005930"), side: .buy, type: .limit(Price(70_500)),
                    quantity: Quantity(10), filledQuantity: Quantity(4), status: .partiallyFilled,
                    placedAt: .korea("2031-03-04T10:01:32"), message: "현금매수 (cash buy), 지정가 (limit)"))
        #expect(listed.filledAmount == FixedPoint(282_000))
        #expect(listed.remaining == Quantity(6))
    }

    @Test("The fact sheet's US row: filled, on the day of the exchange, with its amount in dollars")
    func goldenAmerican() throws {
        let row = try #require(try OverseasOrderRows.read(Self.american()))
        let listed = try #require(OrderFolding.orders([row], Self.directory, at: .kisFixture).orders.first)
        #expect(
            listed.order
                == .fixture(
                    "20310303-O-0030001201", symbol: Symbol("AAPL"), side: .buy, type: .limit(try Price("201.5")),
                    quantity: Quantity(3), filledQuantity: Quantity(3), status: .filled,
                    placedAt: .korea("2031-03-04T00:06:12"), message: "완료 (done)", tellsTimeInForce: false))
        #expect(listed.filledAmount == (try FixedPoint("604.32")))
        #expect(listed.ticker == KISTicker(market: .nasdaq, code: "AAPL"))
    }

    @Test("A row in upper case, with a number without its zeros, is the same order")
    func otherSpelling() throws {
        let json = try JSONValue(
            parsing: #"{"ORD_DT":"20310304","ODNO":"123401","PDNO":"005930","SLL_BUY_DVSN_CD":"02","#
                + #""ORD_QTY":"10","ORD_UNPR":"70500","ORD_TMD":"100132","TOT_CCLD_QTY":"0","#
                + #""ORD_DVSN_CD":"00","RMN_QTY":"10"}"#
        )
        let record = try #require(KISRecord(json))
        let row = try #require(try DomesticOrderRows.daily(record))
        #expect(row.id.id == BrokerOrderID("20310304-K-0000123401"))
        #expect(row.number == "123401")
    }

    @Test(
        "Where KIS names no Korean day, the time is Korean on the exchange's day",
        arguments: [
            ("000612", "2031-03-04T00:06:12"), ("233001", "2031-03-03T23:30:01"), ("135959", "2031-03-04T13:59:59"),
            ("140000", "2031-03-03T14:00:00"),
        ])
    func dayOfTheExchange(time: String, expected: String) throws {
        let row = try #require(
            try OverseasOrderRows.read(Self.american(["dmst_ord_dt": "", "thco_ord_tmd": "", "ord_tmd": time])))
        #expect(row.placedAt == .korea(expected))
        #expect(row.id.date == .day("2031-03-03"))
    }

    @Test("Without an amount the average times the quantity is what the shares came to")
    func amountFromAverage() throws {
        let row = try #require(
            try DomesticOrderRows.daily(
                Self.korean(["tot_ccld_amt": "0", "tot_ccld_qty": "3", "avg_prvs": "70433.3333333333", "rmn_qty": "7"]))
        )
        #expect(row.filledAmount.description == "211299.99999999")
        let abroad = try #require(try OverseasOrderRows.read(Self.american(["ft_ccld_amt3": ""])))
        #expect(abroad.filledAmount.description == "604.32")
    }

    @Test("An order with nothing executed has no amount, whatever its average says")
    func nothingExecuted() throws {
        let row = try #require(
            try DomesticOrderRows.daily(Self.korean(["tot_ccld_qty": "0", "rmn_qty": "10", "tot_ccld_amt": ""])))
        #expect(row.filledAmount == .zero)
    }

    @Test(
        "No original order is a blank, zeros, or the row's own number",
        arguments: ["", "0000000000", "0000123401", "123401"])
    func noOriginal(text: String) throws {
        let row = try #require(try DomesticOrderRows.daily(Self.korean(["orgn_odno": text])))
        #expect(row.original == nil)
        #expect(row.action == .new)
    }

    @Test("Rows without a number fill up the page")
    func blank() throws {
        #expect(try DomesticOrderRows.daily(Self.korean(["odno": "  "])) == nil)
        #expect(try OverseasOrderRows.read(Self.american(["odno": ""])) == nil)
    }

    @Test(
        "What cannot be true is refused with the order's number",
        arguments: [
            ["ord_qty": "0"], ["tot_ccld_qty": "11"], ["rmn_qty": "-1"], ["tot_ccld_amt": "", "avg_prvs": ""],
            ["ord_qty": "ten"], ["sll_buy_dvsn_cd": "09"], ["ord_tmd": "256000"], ["ord_dt": "20310230"],
            ["odno": "12x"], ["orgn_odno": "x"], ["ord_dvsn_cd": ""], ["ord_unpr": "0"],
            ["ord_dvsn_cd": "22", "stpm_cndt_pric": "0"],
        ])
    func contradictions(changes: [String: String]) throws {
        let row = try Self.korean(changes)
        #expect(throws: KISRowProblem.self) { try DomesticOrderRows.daily(row) }
    }

    @Test(
        "A cancellation has a row of its own without a price, in the division of an order, and says of which",
        arguments: ["00", "01", "02", "11", "22"])
    func cancellation(division: String) throws {
        let row = try Self.korean([
            "odno": "0000123402", "orgn_odno": "0000123401", "sll_buy_dvsn_cd_name": "매수취소*", "ord_qty": "6",
            "ord_unpr": "0", "ord_dvsn_cd": division, "stpm_cndt_pric": "0", "tot_ccld_qty": "0", "avg_prvs": "0",
            "tot_ccld_amt": "0", "cncl_yn": "Y", "cncl_cfrm_qty": "6", "rmn_qty": "0",
        ])
        let cancellation = try #require(try DomesticOrderRows.daily(row))
        #expect(cancellation.action == .cancellation)
        #expect(cancellation.original?.id == BrokerOrderID("20310304-K-0000123401"))
        let order = try #require(
            try DomesticOrderRows.daily(Self.korean(["rmn_qty": "0", "cncl_cfrm_qty": "6"])))
        let (orders, problems) = OrderFolding.orders([order, cancellation], Self.directory, at: .kisFixture)
        #expect(orders.map(\.order.status) == [.cancelled] && problems.isEmpty, "\(problems)")
    }

    @Test("An exchange that is not known abroad is refused, KRX among them", arguments: ["MOON", "KRX", ""])
    func unknownExchange(code: String) throws {
        let row = try Self.american(["ovrs_excg_cd": code])
        #expect(throws: KISRowProblem.self) { try OverseasOrderRows.read(row) }
    }

    @Test("Only kinds that takt sends, through this interface, can be takt's")
    func foreignKinds() throws {
        #expect(try DomesticOrderRows.daily(Self.korean(["ord_dvsn_cd": "05"]))?.couldBeTakts == false)
        #expect(try DomesticOrderRows.daily(Self.korean(["ord_dvsn_cd": "99"]))?.couldBeTakts == false)
        #expect(try OverseasOrderRows.read(Self.american(["mdia_dvsn_name": "HTS"]))?.couldBeTakts == false)
        #expect(try OverseasOrderRows.read(Self.american(["ft_ord_unpr3": "0.0000"]))?.couldBeTakts == false)
        #expect(try OverseasOrderRows.read(Self.american(["mdia_dvsn_name": ""]))?.couldBeTakts == true)
    }

    @Test(
        "Kinds of order come back as what they are",
        arguments: [
            ("01", "0", "", OrderType.market, TimeInForce.day), ("13", "0", "", .market, .immediateOrCancel),
            ("11", "70500", "", .limit(Price(70_500)), .immediateOrCancel),
            ("22", "70500", "70000", .stopLimit(stop: Price(70_000), limit: Price(70_500)), .day),
            ("03", "0", "", .marketToLimit, .day), ("02", "70500", "", .conditionalLimit(Price(70_500)), .day),
            ("99", "70500", "", .limit(Price(70_500)), .day), ("99", "0", "", .market, .day),
        ])
    func kinds(code: String, price: String, stop: String, type: OrderType, timeInForce: TimeInForce) throws {
        let row = try #require(
            try DomesticOrderRows.daily(
                Self.korean(["ord_dvsn_cd": code, "ord_unpr": price, "stpm_cndt_pric": stop])))
        #expect(row.type == type)
        #expect(row.timeInForce == timeInForce)
    }
}
