import Broker
import Core
import TestSupport
import Testing

@testable import BrokerKIS

@Suite("Order states, and what happened to an order")
struct OrderFoldingTests {
    private func korean(_ changes: [String: String] = [:]) throws -> KISOrderRow {
        try #require(try DomesticOrderRows.daily(OrderRowTests.korean(changes)))
    }

    private func american(_ changes: [String: String] = [:]) throws -> KISOrderRow {
        try #require(try OverseasOrderRows.read(OrderRowTests.american(changes)))
    }

    private func fold(_ rows: [KISOrderRow], at now: Instant = .kisFixture) -> [KISListedOrder] {
        OrderFolding.orders(rows, OrderRowTests.directory, at: now).orders
    }

    private func status(_ row: KISOrderRow, at now: Instant = .kisFixture) -> BrokerOrder.Status? {
        fold([row], at: now).first?.order.status
    }

    @Test("Two orders of different shares or sides under one number are told, and neither is taken for the other")
    func numberTwice() throws {
        let ours = try korean(["tot_ccld_qty": "0", "rmn_qty": "10", "tot_ccld_amt": "0"])
        let strangers = [
            try korean(["pdno": "000660", "tot_ccld_qty": "10", "rmn_qty": "0", "tot_ccld_amt": "705000"]),
            try korean(["sll_buy_dvsn_cd": "01", "tot_ccld_qty": "10", "rmn_qty": "0", "tot_ccld_amt": "705000"]),
        ]
        for stranger in strangers {
            let folded = OrderFolding.orders([ours, stranger], OrderRowTests.directory, at: .kisFixture)
            #expect(folded.orders.map(\.order.filledQuantity) == [.zero])
            #expect(folded.orders[0].order.symbol == Symbol("005930") && folded.orders[0].order.side == .buy)
            #expect(folded.problems.count == 1)
        }
    }

    @Test("Of an order revised in part by hand the link that still works is the one to cancel, with what is left of it")
    func liveLink() throws {
        let root = try korean(["tot_ccld_qty": "0", "rmn_qty": "6", "tot_ccld_amt": "0"])
        func revision(left: String, _ more: [String: String] = [:]) throws -> KISOrderRow {
            try korean(
                [
                    "odno": "0000123470", "orgn_odno": "0000123401", "sll_buy_dvsn_cd_name": "매수정정*", "ord_qty": "4",
                    "tot_ccld_qty": "0", "rmn_qty": left, "tot_ccld_amt": "0",
                ].merging(more) { $1 })
        }
        let both = try #require(fold([root, try revision(left: "4")]).first)
        #expect(both.liveNumber == "0000123470" && both.remaining == Quantity(4))
        let rest = try #require(fold([root, try revision(left: "0", ["cncl_cfrm_qty": "4"])]).first)
        #expect(rest.liveNumber == "0000123401" && rest.remaining == Quantity(6))
    }

    // MARK: States

    struct State: Sendable, CustomTestStringConvertible {
        let name: String
        let changes: [String: String]
        let status: BrokerOrder.Status
        var testDescription: String { name }
        init(_ name: String, _ status: BrokerOrder.Status, _ changes: [String: String]) {
            self.name = name
            self.changes = changes
            self.status = status
        }
    }

    @Test(
        "Korean states by what is left, executed, cancelled and refused",
        arguments: [
            State("open", .working, ["tot_ccld_qty": "0", "rmn_qty": "10"]),
            State("partly filled", .partiallyFilled, [:]),
            State("filled", .filled, ["tot_ccld_qty": "10", "rmn_qty": "0", "tot_ccld_amt": "705000"]),
            State("partly filled, then cancelled", .cancelled, ["rmn_qty": "0", "cncl_cfrm_qty": "6"]),
            State("cancelled", .cancelled, ["tot_ccld_qty": "0", "rmn_qty": "0", "cncl_yn": "Y"]),
            State(
                "refused by the exchange", .rejected,
                ["tot_ccld_qty": "0", "rmn_qty": "0", "rjct_qty": "10", "sll_buy_dvsn_cd_name": "BUY REJECT"]),
            State("refused in part, alive", .working, ["tot_ccld_qty": "0", "rmn_qty": "7", "rjct_qty": "3"]),
            State("nothing left and nothing said", .inactive, ["tot_ccld_qty": "0", "rmn_qty": "0"]),
            State(
                "an hour after an order that is immediate or cancelled", .cancelled,
                ["ord_dvsn_cd": "11", "tot_ccld_qty": "0", "rmn_qty": "0", "ord_tmd": "090000"]),
            State(
                "right after one", .inactive,
                ["ord_dvsn_cd": "11", "tot_ccld_qty": "0", "rmn_qty": "0", "ord_tmd": "100135"]),
        ])
    func koreanStates(state: State) throws {
        #expect(status(try korean(state.changes)) == state.status)
    }

    @Test(
        "States abroad, at 00:10 in Korea",
        arguments: [
            State("filled", .filled, [:]),
            State("open", .working, ["ft_ccld_qty": "0", "nccs_qty": "3", "prcs_stat_name": "접수"]),
            State("partly filled", .partiallyFilled, ["ft_ccld_qty": "1", "nccs_qty": "2", "ft_ccld_amt3": "201.44"]),
            State(
                "refused", .rejected,
                [
                    "ft_ccld_qty": "0", "nccs_qty": "0", "prcs_stat_name": "거부", "rjct_rson": "8203",
                    "rjct_rson_name": "잔고부족",
                ]),
            State(
                "refused, with its quantity left standing", .rejected,
                ["ft_ccld_qty": "0", "nccs_qty": "3", "rjct_rson": "8203", "rjct_rson_name": "잔고부족"]),
            State("a reason of zeros is none", .working, ["ft_ccld_qty": "0", "nccs_qty": "3", "rjct_rson": "0000"]),
            State("done with less than ordered", .cancelled, ["ft_ccld_qty": "1", "ft_ccld_amt3": "201.44"]),
            State("nothing left and nothing said", .inactive, ["ft_ccld_qty": "0", "prcs_stat_name": "접수"]),
        ])
    func statesAbroad(state: State) throws {
        #expect(status(try american(state.changes), at: .korea("2031-03-04T00:10:00")) == state.status)
    }

    @Test("What is left of an order of a day that is over has lapsed")
    func lapsed() throws {
        let open = try korean(["tot_ccld_qty": "0", "rmn_qty": "10"])
        #expect(status(open, at: .korea("2031-03-04T19:59:59")) == .working)
        #expect(status(open, at: .korea("2031-03-04T20:00:00")) == .expired)
        let abroad = try american(["ft_ccld_qty": "1", "nccs_qty": "2", "ft_ccld_amt3": "201.44"])
        #expect(status(abroad, at: .korea("2031-03-04T09:59:59")) == .partiallyFilled, "19:59:59 in New York")
        #expect(status(abroad, at: .korea("2031-03-04T10:00:00")) == .expired)
        #expect(fold([abroad], at: .korea("2031-03-04T10:00:00"))[0].order.filledQuantity == Quantity(1))
        let byDay = try american(["ft_ccld_qty": "0", "nccs_qty": "3", "thco_ord_tmd": "110000"])
        #expect(status(byDay, at: .korea("2031-03-05T09:59:59")) == .working, "a day-time order is for the next day")
    }

    @Test("The words of a refusal stay Korean and are explained")
    func words() throws {
        let row = try american([
            "ft_ccld_qty": "0", "nccs_qty": "0", "prcs_stat_name": "거부", "rjct_rson_name": "주문가능금액 부족",
        ])
        #expect(fold([row])[0].order.message == "거부 (refused), 주문가능금액 부족 (not enough cash that can be used)")
    }

    // MARK: Revisions and cancellations

    @Test("A cancellation is no order; it makes the order a cancelled one")
    func cancellation() throws {
        let order = try korean(["rmn_qty": "0"])
        let cancel = try korean([
            "odno": "0000123455", "orgn_odno": "0000123401", "sll_buy_dvsn_cd_name": "매수취소*", "ord_qty": "6",
            "tot_ccld_qty": "0", "rmn_qty": "0", "tot_ccld_amt": "0",
        ])
        #expect(status(order) == .inactive)
        let folded = fold([order, cancel])
        #expect(folded.count == 1)
        #expect(folded[0].order.status == .cancelled)
        #expect(folded[0].order.quantity == Quantity(10))
        #expect(folded[0].order.filledQuantity == Quantity(4))
        #expect(fold([cancel]).isEmpty, "alone it is no order either")
    }

    @Test("A cancellation that was refused changes nothing")
    func refusedCancellation() throws {
        let order = try korean(["rmn_qty": "0"])
        let cancel = try korean([
            "odno": "0000123455", "orgn_odno": "0000123401", "sll_buy_dvsn_cd_name": "매수취소*", "ord_qty": "6",
            "tot_ccld_qty": "0", "rmn_qty": "0", "tot_ccld_amt": "0", "rjct_qty": "6",
        ])
        #expect(fold([order, cancel])[0].order.status == .inactive)
    }

    @Test("A revision keeps the order's first number, adds up, and has its own price and live number")
    func revision() throws {
        let order = try korean(["rmn_qty": "0"])
        let revision = try korean([
            "odno": "0000123444", "orgn_odno": "0000123401", "sll_buy_dvsn_cd_name": "매수정정*", "ord_qty": "6",
            "ord_unpr": "70400", "tot_ccld_qty": "2", "rmn_qty": "4", "tot_ccld_amt": "140800", "ord_tmd": "100500",
        ])
        let again = try korean([
            "odno": "0000123450", "orgn_odno": "0000123444", "sll_buy_dvsn_cd_name": "매수정정*", "ord_qty": "4",
            "ord_unpr": "70300", "tot_ccld_qty": "1", "rmn_qty": "3", "tot_ccld_amt": "70300", "ord_tmd": "100600",
        ])
        let once = try #require(fold([revision, order]).first)
        #expect(once.order.brokerOrderID == BrokerOrderID("20310304-K-0000123401"))
        #expect(once.order.quantity == Quantity(10))
        #expect(once.order.filledQuantity == Quantity(6))
        #expect(once.filledAmount == FixedPoint(422_800))
        #expect(once.order.type == .limit(Price(70_400)))
        #expect(once.order.placedAt == .korea("2031-03-04T10:01:32"))
        #expect(once.liveNumber == "0000123444")
        let settled = try korean([
            "odno": "0000123444", "orgn_odno": "0000123401", "sll_buy_dvsn_cd_name": "매수정정*", "ord_qty": "6",
            "ord_unpr": "70400", "tot_ccld_qty": "2", "rmn_qty": "0", "tot_ccld_amt": "140800", "ord_tmd": "100500",
        ])
        let twice = try #require(fold([order, settled, again]).first)
        #expect(twice.order.quantity == Quantity(10))
        #expect(twice.order.filledQuantity == Quantity(7))
        #expect(twice.liveNumber == "0000123450")
        #expect(twice.order.status == .partiallyFilled)
    }

    @Test("A revision whose order is not listed stands for it, under the order's number")
    func orphanRevision() throws {
        let revision = try american([
            "odno": "0030001300", "orgn_odno": "0030001201", "rvse_cncl_dvsn": "01", "ft_ccld_qty": "0",
            "nccs_qty": "3",
        ])
        let folded = try #require(fold([revision], at: .korea("2031-03-04T00:10:00")).first)
        #expect(folded.order.brokerOrderID == BrokerOrderID("20310303-O-0030001201"))
        #expect(folded.liveNumber == "0030001300")
    }

    @Test("Revisions that name each other end somewhere")
    func circle() throws {
        let first = try korean([
            "odno": "1", "orgn_odno": "2", "sll_buy_dvsn_cd_name": "매수정정*", "tot_ccld_qty": "0", "rmn_qty": "10",
        ])
        let second = try korean([
            "odno": "2", "orgn_odno": "1", "sll_buy_dvsn_cd_name": "매수정정*", "tot_ccld_qty": "0", "rmn_qty": "10",
        ])
        #expect(fold([first, second]).isEmpty)
        let problems = OrderFolding.orders([first, second], OrderRowTests.directory, at: .kisFixture).problems
        #expect(problems.count == 2, "and it is said that they were left out")
    }

    @Test("Two revisions of an order that is not listed are one order")
    func orphanRevisions() throws {
        let rows = try ["0000123444", "0000123450"].map { number in
            try korean([
                "odno": number, "orgn_odno": "0000123401", "sll_buy_dvsn_cd_name": "매수정정*", "ord_qty": "5",
                "tot_ccld_qty": "0", "rmn_qty": "5", "tot_ccld_amt": "0",
            ])
        }
        let folded = fold(rows)
        #expect(folded.map(\.order.brokerOrderID.text) == ["20310304-K-0000123401"])
        #expect(folded[0].order.quantity == Quantity(10))
    }

    @Test(
        "Whatever the rows, ids are unique and nothing executed goes missing without a word", arguments: propertySeeds)
    func nothingLost(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            var rows: [KISOrderRow] = []
            for _ in 0..<random.int(1...8) {
                let quantity = random.int(1...9)
                let filled = random.int(0...quantity)
                rows.append(
                    try korean([
                        "odno": String(random.int(1...9)),
                        "orgn_odno": random.chance(0.5) ? "" : String(random.int(1...9)),
                        "ord_qty": String(quantity), "tot_ccld_qty": String(filled),
                        "rmn_qty": String(random.int(0...quantity - filled)), "tot_ccld_amt": String(filled * 100),
                        "rjct_qty": random.chance(0.2) ? String(quantity) : "0",
                        "sll_buy_dvsn_cd_name": random.pick(["현금매수", "매수정정*", "매수취소*"]),
                    ]))
            }
            let (orders, problems) = OrderFolding.orders(rows, OrderRowTests.directory, at: .kisFixture)
            #expect(Set(orders.map(\.order.brokerOrderID)).count == orders.count)
            #expect(orders.allSatisfy { $0.order.filledQuantity <= $0.order.quantity })
            // Of equal numbers the one that executed more counts.
            var most: [KISOrderNumber: Quantity] = [:]
            for row in rows { most[row.id] = max(most[row.id] ?? .zero, row.filled) }
            let listed = try most.values.reduce(Quantity.zero) { try $0 + $1 }
            let told = try orders.reduce(Quantity.zero) { try $0 + $1.order.filledQuantity }
            #expect(told == listed || (told < listed && !problems.isEmpty), "\(rows)")
        }
    }

    @Test("Of two lists the one that has seen more of the order counts")
    func twoLists() throws {
        let late = try korean(["tot_ccld_qty": "0", "rmn_qty": "10", "tot_ccld_amt": "0"])
        let early = try korean()
        for rows in [[late, early], [early, late]] {
            let folded = fold(rows)
            #expect(folded.count == 1)
            #expect(folded[0].order.filledQuantity == Quantity(4))
        }
    }

    @Test("The list of open orders has no day: it is today's, and still lacks what was executed")
    func openList() throws {
        let row = try #require(
            try DomesticOrderRows.open(
                OrderRowTests.korean(["ord_dt": "", "psbl_qty": "6", "rmn_qty": ""]), today: .day("2031-03-04")))
        #expect(row.id.id == BrokerOrderID("20310304-K-0000123401"))
        #expect(status(row) == .partiallyFilled)
        let stop = ["ord_dvsn_cd": "22", "stpm_cndt_pric": "0", "psbl_qty": "6"]
        let bare = try #require(try DomesticOrderRows.open(OrderRowTests.korean(stop), today: .day("2031-03-04")))
        #expect(bare.type == .limit(Price(70_500)), "what the order becomes, where the condition is not told")
        let whole = try korean(["ord_dvsn_cd": "22", "stpm_cndt_pric": "70000"])
        #expect(fold([whole, bare])[0].order.type == .stopLimit(stop: Price(70_000), limit: Price(70_500)))
    }
}
