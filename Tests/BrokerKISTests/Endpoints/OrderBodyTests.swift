import Broker
import Core
import Testing

@testable import BrokerKIS

/// Bodies typed from the fact sheet, member by member.
@Suite("Bodies of orders")
struct OrderBodyTests {
    private func dictionary(_ fields: [KISField]) -> [String: String] {
        Dictionary(fields.map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in "\(last) (twice)" })
    }

    @Test("A Korean buy at a limit, real and virtual")
    func koreanBuy() {
        var order = DomesticOrder(
            account: .fixture, side: .buy, code: "005930", division: .limit, quantity: Quantity(10),
            price: Price(70_500),
            venue: .krx)
        #expect(
            dictionary(order.fields) == [
                "CANO": "50123456", "ACNT_PRDT_CD": "01", "PDNO": "005930", "ORD_DVSN": "00", "ORD_QTY": "10",
                "ORD_UNPR": "70500", "EXCG_ID_DVSN_CD": "KRX",
            ])
        #expect(order.endpoint == .domesticBuy)
        order.venue = nil
        #expect(dictionary(order.fields)["EXCG_ID_DVSN_CD"] == nil)
    }

    @Test("A Korean sale at the market, and a stop limit")
    func koreanSell() {
        let market = DomesticOrder(
            account: .fixture, side: .sell, code: "000660", division: .market, quantity: Quantity(3), price: nil)
        #expect(
            dictionary(market.fields) == [
                "CANO": "50123456", "ACNT_PRDT_CD": "01", "PDNO": "000660", "ORD_DVSN": "01", "ORD_QTY": "3",
                "ORD_UNPR": "0", "SLL_TYPE": "01",
            ])
        #expect(market.endpoint == .domesticSell)
        let stop = DomesticOrder(
            account: .fixture, side: .sell, code: "000660", division: .stopLimit, quantity: Quantity(3),
            price: Price(69_000), stop: Price(70_000))
        #expect(dictionary(stop.fields)["CNDT_PRIC"] == "70000")
        #expect(dictionary(stop.fields)["ORD_UNPR"] == "69000")
    }

    @Test("A Korean cancellation of all that is left, and a revision of a part")
    func koreanChange() {
        let cancel = DomesticChange(
            account: .fixture, kind: .cancel, organisation: "06010", number: "0000123401", quantity: nil, venue: .krx)
        #expect(
            dictionary(cancel.fields) == [
                "CANO": "50123456", "ACNT_PRDT_CD": "01", "KRX_FWDG_ORD_ORGNO": "06010", "ORGN_ODNO": "0000123401",
                "ORD_DVSN": "00", "RVSE_CNCL_DVSN_CD": "02", "ORD_QTY": "0", "ORD_UNPR": "0", "QTY_ALL_ORD_YN": "Y",
                "EXCG_ID_DVSN_CD": "KRX",
            ])
        let revise = DomesticChange(
            account: .fixture, kind: .revise(.limit, price: Price(70_400), stop: nil), organisation: "00950",
            number: "23401", quantity: Quantity(4))
        #expect(
            dictionary(revise.fields) == [
                "CANO": "50123456", "ACNT_PRDT_CD": "01", "KRX_FWDG_ORD_ORGNO": "00950", "ORGN_ODNO": "23401",
                "ORD_DVSN": "00", "RVSE_CNCL_DVSN_CD": "01", "ORD_QTY": "4", "ORD_UNPR": "70400", "QTY_ALL_ORD_YN": "N",
            ])
    }

    @Test("A US buy and sale; only the sale says how")
    func american() throws {
        let buy = OverseasOrder(
            account: .fixture, side: .buy, market: .nasdaq, code: "AAPL", division: .limit, quantity: Quantity(3),
            price: try Price("201.5"))
        #expect(
            dictionary(buy.fields) == [
                "CANO": "50123456", "ACNT_PRDT_CD": "01", "OVRS_EXCG_CD": "NASD", "PDNO": "AAPL", "ORD_QTY": "3",
                "OVRS_ORD_UNPR": "201.5", "CTAC_TLNO": "", "MGCO_APTM_ODNO": "", "ORD_SVR_DVSN_CD": "0",
                "ORD_DVSN": "00",
            ])
        let sell = OverseasOrder(
            account: .fixture, side: .sell, market: .amex, code: "SPY", division: .marketOnClose, quantity: Quantity(3),
            price: nil)
        #expect(dictionary(sell.fields)["SLL_TYPE"] == "00")
        #expect(dictionary(sell.fields)["OVRS_ORD_UNPR"] == "0")
        #expect(dictionary(sell.fields)["ORD_DVSN"] == "33")
        #expect(sell.endpoint?.virtualID == "VTTT1001U")
    }

    @Test("A change abroad says what is cancelled; China and Vietnam cannot revise")
    func overseasChange() throws {
        let cancel = OverseasChange(
            account: .fixture, kind: .cancel, market: .nasdaq, code: "AAPL", number: "0030001201", quantity: Quantity(3)
        )
        #expect(
            dictionary(cancel.fields) == [
                "CANO": "50123456", "ACNT_PRDT_CD": "01", "OVRS_EXCG_CD": "NASD", "PDNO": "AAPL",
                "ORGN_ODNO": "0030001201", "RVSE_CNCL_DVSN_CD": "02", "ORD_QTY": "3", "OVRS_ORD_UNPR": "0",
                "MGCO_APTM_ODNO": "", "ORD_SVR_DVSN_CD": "0",
            ])
        for market in KISMarket.allCases where market != .krx {
            let revise = OverseasChange(
                account: .fixture, kind: .revise(Price(100)), market: market, code: "1", number: "1",
                quantity: Quantity(1))
            let cancels = OverseasChange(
                account: .fixture, kind: .cancel, market: market, code: "1", number: "1", quantity: Quantity(1))
            #expect(cancels.endpoint != nil)
            #expect((revise.endpoint == nil) == [.shanghai, .shenzhen, .hanoi, .hoChiMinh].contains(market))
        }
    }

    @Test("The account's lists are asked for as either host takes it")
    func lists() {
        let day = CivilDate.day("2031-03-04")
        let real = DomesticOrders(account: .fixture, environment: .real, from: day, through: day)
        #expect(
            dictionary(real.fields) == [
                "CANO": "50123456", "ACNT_PRDT_CD": "01", "INQR_STRT_DT": "20310304", "INQR_END_DT": "20310304",
                "SLL_BUY_DVSN_CD": "00", "INQR_DVSN": "01", "PDNO": "", "CCLD_DVSN": "00", "ORD_GNO_BRNO": "",
                "ODNO": "", "INQR_DVSN_3": "00", "INQR_DVSN_1": "", "EXCG_ID_DVSN_CD": "ALL",
            ])
        let virtual = DomesticOrders(account: .fixture, environment: .virtual, from: day, through: day, wanted: .filled)
        #expect(dictionary(virtual.fields)["EXCG_ID_DVSN_CD"] == "KRX")
        #expect(dictionary(virtual.fields)["CCLD_DVSN"] == "01")
        let abroad = dictionary(OverseasOrders(account: .fixture, environment: .real, from: day, through: day).fields)
        #expect(abroad["PDNO"] == "%" && abroad["OVRS_EXCG_CD"] == "%")
        let paper = dictionary(OverseasOrders(account: .fixture, environment: .virtual, from: day, through: day).fields)
        #expect(paper["PDNO"] == "" && paper["OVRS_EXCG_CD"] == "")
        #expect(paper["SLL_BUY_DVSN"] == "00" && paper["CCLD_NCCS_DVSN"] == "00")
        let open = OverseasOpenOrders(account: .fixture, environment: .real, market: .amex)
        #expect(dictionary(open.fields)["OVRS_EXCG_CD"] == "NASD", "Nasdaq stands for all of the US")
    }

    @Test("What can be bought and sold")
    func amounts() async throws {
        let caller = ScriptedCaller([
            "TTTC8908R": [
                .json(
                    """
                    {"output":{"ord_psbl_cash":"1000000","psbl_qty_calc_unpr":"92000","nrcvb_buy_amt":"990000",
                    "nrcvb_buy_qty":"10","max_buy_qty":"21"}}
                    """)
            ],
            "TTTC8408R": [.json(#"{"output":{"ord_psbl_qty":"4","cblc_qty":"5"}}"#)],
            "TTTS3007R": [
                .json(
                    """
                    {"output":{"tr_crcy_cd":"USD","ord_psbl_frcr_amt":"1237.00","ovrs_ord_psbl_amt":"1234.560000","max_ord_psbl_qty":"6",
                    "ovrs_max_ord_psbl_qty":"9"}}
                    """)
            ],
        ])
        let korean = try #require(
            try await DomesticBuyable(account: .fixture, code: "005930", division: .market, price: nil).read(
                from: caller))
        #expect(korean.quantity == Quantity(10), "without borrowing")
        #expect(korean.price == Price(92_000))
        #expect(caller.calls[0]["ORD_DVSN"] == "01")
        #expect(try await DomesticSellable(account: .fixture, code: "005930").read(from: caller) == Quantity(4))
        let american = try await OverseasBuyable(
            account: .fixture, market: .nasdaq, code: "AAPL", price: try Price("201.5")
        ).read(from: caller)
        #expect(american.amount == (try FixedPoint("1234.56")))
        #expect(american.quantity == Quantity(6))
        #expect(american.quantityWithExchange == Quantity(9))
    }

    @Test("What the trades of a day cost")
    func totals() async throws {
        let day = CivilDate.day("2031-03-04")
        let caller = ScriptedCaller([
            "TTTC0081R": [.json(#"{"output1":[],"output2":{"tot_ccld_qty":"4","prsm_tlex_smtl":"42"}}"#)],
            "TTTC8434R": [
                .json(
                    """
                    {"output2":[{"dnca_tot_amt":"10000000","nxdy_excc_amt":"10000000",
                    "prvs_rcdl_excc_amt":"9717958","thdt_tlex_amt":"42"}]}
                    """)
            ],
        ])
        let orders = DomesticOrders(account: .fixture, environment: .virtual, from: day, through: day)
        #expect(try await orders.totals(from: caller) == DomesticOrders.DayTotals(costs: FixedPoint(42), traded: nil))
        #expect(caller.calls[0]["ODNO"] == "" && caller.calls[0]["CCLD_DVSN"] == "01")
        let balance = DomesticBalance(account: .fixture, environment: .real)
        let cash = try await balance.cash(from: caller).cash
        #expect(
            cash
                == DomesticCash(
                    deposit: FixedPoint(10_000_000), nextDay: FixedPoint(10_000_000),
                    afterSettlement: FixedPoint(9_717_958), costsToday: FixedPoint(42),
                    unsettledBuys: nil, unsettledSales: nil))
    }
}
