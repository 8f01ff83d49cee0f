import Core
import Testing

@testable import Rehearsal

/// The numbers here are worked out by hand from the prices in `Market.bars`.
@Suite("The simulated exchange's money")
struct ExchangeTests {
    @Test("A market order takes the offers level by level, and money moves by what it took")
    func marketOrder() throws {
        var market = Market()
        // Offers: 100 at 70,000 and 100 at 70,100. 100 × 70,000 + 50 × 70,100 = 10,505,000; 0.015 % of it 1,575.75.
        let number = try market.order("buy", 150, at: 0, type: "01")
        let row = try market.row(of: number)
        #expect(row["tot_ccld_qty"] == "150" && row["tot_ccld_amt"] == "10505000" && row["rmn_qty"] == "0")
        let balance = try market.balance()
        #expect(balance.positions[0]["pchs_avg_pric"] == "70033.3333")
        #expect(balance.positions[0]["pchs_amt"] == "10505000")
        #expect(balance.totals["dnca_tot_amt"] == "100000000")
        #expect(balance.totals["nxdy_excc_amt"] == "100000000")
        #expect(balance.totals["prvs_rcdl_excc_amt"] == "89493425")
        #expect(balance.totals["thdt_tlex_amt"] == "1575")

        // Bids: 100 at 69,900 and 100 at 69,800. 10,480,000; commission 1,572; tax of 0.20 % 20,960.
        _ = try market.order("sell", 150, at: 0, type: "01")
        let after = try market.balance()
        #expect(after.totals["prvs_rcdl_excc_amt"] == "99950893")
        #expect(after.totals["thdt_tlex_amt"] == "24107")
        // Sold out, the symbol stays in the list with no shares.
        #expect(after.positions.count == 1 && after.positions[0]["hldg_qty"] == "0")
    }

    @Test("Cash of a Friday settles on the Tuesday after")
    func settlement() throws {
        var market = Market()
        _ = try market.order("buy", 100, at: 70_000)
        func totals(_ day: Int) throws -> [JSONValue?] {
            _ = market.kis.advance(to: Market.nine.advanced(bySeconds: Int64(day) * 86_400 + 60))
            // The token lives a day.
            market.token = ""
            let totals = try market.balance().totals
            return [totals["dnca_tot_amt"], totals["nxdy_excc_amt"], totals["prvs_rcdl_excc_amt"]]
        }
        // 7,000,000 and 1,050 of commission.
        #expect(try totals(0) == ["100000000", "100000000", "92998950"])
        #expect(try totals(3) == ["100000000", "92998950", "92998950"])
        #expect(try totals(4) == ["92998950", "92998950", "92998950"])
    }

    @Test("A limit order waits behind half of the queue, fills in part, and its rest lapses at the close")
    func resting() throws {
        var market = Market()
        let number = try market.order("buy", 80, at: 69_900)
        #expect(try market.row(of: number)["tot_ccld_qty"] == "0")
        // 100 shares trade at 69,900: half of them were before us.
        _ = market.kis.advance(to: Market.nine.advanced(bySeconds: 30))
        #expect(try market.row(of: number)["tot_ccld_qty"] == "50")
        #expect(try market.row(of: number)["rmn_qty"] == "30")
        // 100 shares trade at 69,800, through our price: the rest fills, at ours.
        _ = market.kis.advance(to: Market.nine.advanced(bySeconds: 110))
        let row = try market.row(of: number)
        #expect(row["tot_ccld_qty"] == "80" && row["avg_prvs"] == "69900")
        let late = try market.order("buy", 5, at: 69_000)
        _ = market.kis.advance(to: Market.nine.advanced(bySeconds: 6 * 3600 + 1800))
        let lapsed = try market.row(of: late)
        #expect(lapsed["rmn_qty"] == "0" && lapsed["cncl_cfrm_qty"] == "5" && lapsed["tot_ccld_qty"] == "0")
    }

    @Test("An order filled in parts costs what it costs in one piece")
    func costsOfParts() throws {
        var market = Market()
        let number = try market.order("buy", 80, at: 69_900)
        _ = market.kis.advance(to: Market.nine.advanced(bySeconds: 110))
        // 80 × 69,900 = 5,592,000; 838.8 of commission, while 524.25 + 314.55 cut apart would be 838 too, and 524 + 314.
        #expect(market.kis.exchange.fills.map(\.quantity) == [50, 30])
        #expect(market.kis.exchange.fills.map(\.costs) == [FixedPoint(524), FixedPoint(314)])
        #expect(try market.row(of: number)["tot_ccld_amt"] == "5592000")
        #expect(try market.balance().totals["thdt_tlex_amt"] == "838")
    }

    @Test("Revised, an order goes on under a new number; cancelled, it is done")
    func revisionAndCancellation() throws {
        var market = Market()
        let first = try market.order("buy", 30, at: 69_000)
        let revised = try market.change("01", first, quantity: nil, price: 69_100)
        let second = try #require(revised["output"]?["ODNO"]?.stringValue.flatMap { Int($0) })
        #expect(second > first)
        #expect(try market.row(of: first)["rmn_qty"] == "0")
        let row = try market.row(of: second)
        #expect(row["rmn_qty"] == "30" && row["ord_unpr"] == "69100")
        #expect(row["orgn_odno"]?.stringValue.flatMap { Int($0) } == first)

        // A part, then the rest.
        #expect(try market.change("02", second, quantity: 10)["rt_cd"] == "0")
        #expect(try market.row(of: second)["rmn_qty"] == "20")
        let cancelled = try market.change("02", second, quantity: nil)
        let third = try #require(cancelled["output"]?["ODNO"]?.stringValue.flatMap { Int($0) })
        #expect(try market.row(of: second)["cncl_cfrm_qty"] == "30")
        #expect(try market.row(of: third)["cncl_yn"] == "Y")
        #expect(try market.change("02", second, quantity: nil)["msg_cd"] == "APBK0927")
        #expect(try market.change("02", 1, quantity: nil)["msg_cd"] == "APBK0344")
        #expect(market.kis.exchange.buyingPower(market.account, "KRW") == FixedPoint(100_000_000))
    }

    @Test("What fills between is not cancelled")
    func cancelAfterFill() throws {
        var market = Market()
        let number = try market.order("buy", 80, at: 69_900)
        _ = market.kis.advance(to: Market.nine.advanced(bySeconds: 30))
        #expect(try market.change("02", number, quantity: nil)["rt_cd"] == "0")
        let row = try market.row(of: number)
        #expect(row["tot_ccld_qty"] == "50" && row["cncl_cfrm_qty"] == "30" && row["rmn_qty"] == "0")
    }

    struct Refused: Sendable {
        let side: String
        let quantity: Int
        let price: Int
        let type: String
        let code: String
        let word: String
    }

    @Test(
        "An order that cannot be is refused, with the reason",
        arguments: [
            Refused(side: "buy", quantity: 1, price: 70_050, type: "00", code: "APBK0506", word: "호가단위"),
            // 70,500 × 1.3 = 91,650, on the grid of 100 won 91,600; × 0.7 = 49,350, on that of 50 won itself.
            Refused(side: "buy", quantity: 1, price: 91_700, type: "00", code: "APBK0507", word: "상한가"),
            Refused(side: "buy", quantity: 1, price: 49_300, type: "00", code: "APBK0507", word: "하한가"),
            Refused(side: "buy", quantity: 0, price: 70_000, type: "00", code: "APBK0501", word: "수량"),
            Refused(side: "buy", quantity: 1, price: 0, type: "00", code: "APBK0502", word: "단가"),
            Refused(side: "buy", quantity: 1429, price: 70_000, type: "00", code: "APBK0952", word: "주문가능금액"),
            Refused(side: "sell", quantity: 1, price: 70_000, type: "00", code: "APBK0400", word: "매도가능"),
            // A market order is reckoned at 91,600 a share: 1,092 would do, were there no commission.
            Refused(side: "buy", quantity: 1092, price: 0, type: "01", code: "APBK0952", word: "주문가능금액"),
            Refused(side: "buy", quantity: 1, price: 70_000, type: "11", code: "40590000", word: "모의투자"),
            Refused(side: "buy", quantity: 1, price: 70_000, type: "77", code: "APBK0919", word: "주문구분"),
        ])
    func refusals(_ refused: Refused) throws {
        var market = Market()
        let answer = try market.send(refused.side, refused.quantity, at: refused.price, type: refused.type)
        #expect(answer["msg_cd"]?.stringValue == refused.code && answer["rt_cd"] != "0")
        #expect(answer["msg1"]?.stringValue?.contains(refused.word) == true)
        #expect(market.kis.exchange.orders.isEmpty)
    }

    @Test("The limits of the day are prices, and just what the cash allows is taken")
    func edges() throws {
        var market = Market()
        for price in [91_600, 49_350] { #expect(try market.send("buy", 1, at: price)["rt_cd"] == "0") }
        var other = Market()
        #expect(try other.send("buy", 1091, at: 0, type: "01")["rt_cd"] == "0")
    }

    @Test("Immediate orders leave nothing behind; all-or-none ones take all or nothing")
    func immediateOrders() throws {
        var market = Market(environment: .real)
        let some = try market.order("buy", 150, at: 70_000, type: "11")
        let row = try market.row(of: some)
        #expect(row["tot_ccld_qty"] == "100" && row["cncl_cfrm_qty"] == "50" && row["rmn_qty"] == "0")
        var other = Market(environment: .real)
        let none = try other.order("buy", 150, at: 70_000, type: "12")
        #expect(try other.row(of: none)["tot_ccld_qty"] == "0" && other.row(of: none)["cncl_cfrm_qty"] == "150")
        let all = try other.order("buy", 100, at: 70_000, type: "12")
        #expect(try other.row(of: all)["tot_ccld_qty"] == "100")
    }

    @Test("A stop order sleeps until its price is reached")
    func stopOrder() throws {
        var market = Market(environment: .real)
        let number = try market.order("buy", 10, at: 70_500, type: "22", condition: 70_300)
        _ = market.kis.advance(to: Market.nine.advanced(bySeconds: 70))
        #expect(try market.row(of: number)["tot_ccld_qty"] == "0")
        _ = market.kis.advance(to: Market.nine.advanced(bySeconds: 119))
        #expect(try market.row(of: number)["tot_ccld_qty"] == "10")
    }

    @Test(
        "Outside the hours the answer is that of the environment",
        arguments: [
            (KISEnvironment.virtual, Int64(6 * 3600 + 1800), "40580000"), (.virtual, 86_400, "40100000"),
            (.real, 6 * 3600 + 1800, "APBK0919"), (.real, 86_400, "APBK0919"),
        ])
    func closed(_ environment: KISEnvironment, _ seconds: Int64, _ code: String) throws {
        var market = Market(environment: environment)
        _ = market.kis.advance(to: Market.nine.advanced(bySeconds: seconds))
        #expect(try market.send("buy", 1, at: 70_000)["msg_cd"]?.stringValue == code)
    }

    @Test("Dollars: a purchase and a sale with their fees, to the cent")
    func dollars() throws {
        var market = Market(environment: .real, start: Market.newYork)
        func send(_ id: String, _ price: String) throws -> JSONValue {
            try market.call(
                "POST", "/uapi/overseas-stock/v1/trading/order", id,
                [
                    "CANO": "50012345", "ACNT_PRDT_CD": "01", "OVRS_EXCG_CD": "NASD", "PDNO": "AAPL", "ORD_QTY": "3",
                    "OVRS_ORD_UNPR": price, "ORD_SVR_DVSN_CD": "0", "ORD_DVSN": "00",
                ]
            ).json
        }
        #expect(try send("TTTT1002U", "200.00")["rt_cd"] == "0")
        // 3 × 200 and 1.50 of commission.
        #expect(market.kis.exchange.accounts["5001234501"]?.cash("USD") == (try FixedPoint("49398.50")))
        _ = market.kis.advance(to: Market.newYork.advanced(bySeconds: 59))
        // The last trade at 201.00 took the offer, so the bid is 200.99: 602.97, less 1.507425 and 0.012421.
        #expect(try send("TTTT1006U", "200.99")["rt_cd"] == "0")
        #expect(market.kis.exchange.accounts["5001234501"]?.cash("USD") == (try FixedPoint("49999.95")))
        #expect(market.kis.exchange.accounts["5001234501"]?.flows.map(\.settlesOn.compact) == ["20261123", "20261123"])
        #expect(try send("VTTT1001U", "200.99")["msg_cd"] == "OPSQ0002")
    }

    @Test("Whoever waits before the opening gets its price, whatever his limit")
    func openingAuction() throws {
        var market = Market(start: Market.nine.advanced(bySeconds: -600))
        let (low, high) = (try market.order("buy", 5, at: 69_900), try market.order("buy", 5, at: 71_000))
        #expect(try market.row(of: high)["tot_ccld_qty"] == "0")
        _ = market.kis.advance(to: Market.nine)
        #expect(try market.row(of: high)["avg_prvs"] == "70000" && market.row(of: low)["tot_ccld_qty"] == "0")
        var early = Market(start: Market.nine.advanced(bySeconds: -1801))
        #expect(try early.send("buy", 5, at: 70_000)["rt_cd"] != "0")
    }

    @Test("In the minutes before the Korean close orders wait for the auction")
    func closingAuction() throws {
        let close = Market.nine.advanced(bySeconds: 6 * 3600 + 1800)
        let bars = Market.bars() + [Market.bar(close.advanced(bySeconds: -60), 70_500, 70_500, 70_400, 70_400, 400)]
        var market = Market(bars: bars)
        _ = market.kis.advance(to: close.advanced(bySeconds: -300))
        let number = try market.order("buy", 7, at: 0, type: "01")
        #expect(try market.row(of: number)["rmn_qty"] == "7")
        _ = market.kis.advance(to: close)
        #expect(try market.row(of: number)["tot_ccld_qty"] == "7")
    }

    @Test("Orders for the opening and the close of New York trade there, or not at all")
    func openingAndClosingOrders() throws {
        let close = Market.newYork.advanced(bySeconds: 6 * 3600 + 1800)
        var market = Market(environment: .real, start: Market.newYork.advanced(bySeconds: -60)) {
            $0.symbols = [
                SimulatedSymbol(
                    code: "AAPL", name: "SYNTH B", venue: .nasdaq, basePrice: FixedPoint(200), depth: 100,
                    bars: [
                        Market.bar(Market.newYork, 20_000, 20_100, 20_000, 20_100, 400, scale: 100),
                        Market.bar(close.advanced(bySeconds: -60), 20_150, 20_200, 20_150, 20_200, 400, scale: 100),
                    ])
            ]
        }
        func place(_ type: String, _ price: Int) throws -> Int {
            try market.kis.exchange.place(
                OrderTicket(
                    account: "5001234501", venue: .nasdaq, code: "AAPL", isBuy: true, type: type, quantity: 2,
                    price: FixedPoint(price)), in: .real
            ).number
        }
        let (opening, missed, closing) = (try place("32", 205), try place("32", 199), try place("34", 205))
        _ = market.kis.advance(to: Market.newYork.advanced(bySeconds: 600))
        func state(_ number: Int) throws -> (FixedPoint, Int, Bool) {
            let order = try #require(market.kis.exchange.orders.first { $0.number == number })
            return (order.averagePrice, order.filled, order.isLive)
        }
        #expect(try state(opening) == (FixedPoint(200), 2, false))
        #expect(try state(missed) == (.zero, 0, false))
        #expect(try state(closing) == (.zero, 0, true))
        _ = market.kis.advance(to: close)
        #expect(try state(closing) == (FixedPoint(202), 2, false))
    }
}
