import Broker
import Core
import TestSupport
import Testing

@testable import BrokerKIS

@Suite("New prices for orders at KIS")
struct KISBrokerReviseTests {
    private static let done =
        #"{"rt_cd":"0","output":{"KRX_FWDG_ORD_ORGNO":"06010","ODNO":"0000123499","ORD_TMD":"100200"}}"#
    private static let none = #"{"rt_cd":"0","msg_cd":"KIOK0560","output":[],"output1":[]}"#

    private static func list(_ member: String, _ rows: KISRecord...) -> ScriptedCaller.Reply {
        .json(#"{"rt_cd":"0","\#(member)":[\#(rows.map(\.text).joined(separator: ","))]}"#)
    }

    private func request(_ id: String, _ instrument: Instrument, _ type: OrderType) -> RevisionRequest {
        RevisionRequest(
            clientOrderID: ClientOrderID("c"), brokerOrderID: BrokerOrderID(id), instrument: instrument, side: .buy,
            type: type, timeInForce: .day)
    }

    @Test("In Korea all that is left gets the new price, at the branch and under the number that the list names")
    func korean() async throws {
        let row = try OrderRowTests.korean(["odno": "123401", "ord_gno_brno": "00950"])
        let caller = ScriptedCaller(["TTTC0081R": [Self.list("output1", row)], "TTTC0013U": [.json(Self.done)]])
        let outcome = try await KISBroker.scripted(caller, real: false)
            .revise(request("20310304-K-0000123401", .korean(), .limit(Price(70_600))))
        #expect(outcome == .accepted)
        let call = try #require(caller.calls(of: "TTTC0013U").first)
        let expected = [
            "KRX_FWDG_ORD_ORGNO": "00950", "ORGN_ODNO": "123401", "ORD_DVSN": "00", "RVSE_CNCL_DVSN_CD": "01",
            "ORD_QTY": "0", "ORD_UNPR": "70600", "QTY_ALL_ORD_YN": "Y",
        ]
        for (key, value) in expected { #expect(call[key] == value, "\(key)") }
        #expect(caller.calls(of: "TTTC0013U").count == 1)
    }

    @Test("A second revision goes to the number of the first; a stop keeps its condition")
    func again() async throws {
        let revised = try OrderRowTests.korean([
            "odno": "0000123444", "orgn_odno": "0000123401", "sll_buy_dvsn_cd_name": "매수정정*", "ord_qty": "6",
            "tot_ccld_qty": "0", "rmn_qty": "6", "tot_ccld_amt": "0",
        ])
        let caller = ScriptedCaller([
            "TTTC0081R": [Self.list("output1", try OrderRowTests.korean(["rmn_qty": "0"]), revised)],
            "TTTC0084R": [.json(Self.none)], "TTTC0013U": [.json(Self.done)],
        ])
        let type = OrderType.stopLimit(stop: Price(70_000), limit: Price(69_900))
        #expect(
            try await KISBroker.scripted(caller).revise(request("20310304-K-0000123401", .korean(), type)) == .accepted)
        let call = caller.calls(of: "TTTC0013U")[0]
        #expect(call["ORGN_ODNO"] == "0000123444" && call["CNDT_PRIC"] == "70000" && call["ORD_UNPR"] == "69900")
        #expect(call["ORD_DVSN"] == "22" && call["EXCG_ID_DVSN_CD"] == "KRX")
    }

    @Test("Abroad the rest of the order gets the new price at its exchange")
    func abroad() async throws {
        let row = try OrderRowTests.american([
            "ft_ccld_qty": "1", "nccs_qty": "2", "ft_ccld_amt3": "201.44", "ovrs_excg_cd": "NASD",
        ])
        let caller = ScriptedCaller([
            "TTTS3035R": [Self.list("output", row)], "TTTS3018R": [.json(Self.none)], "TTTT1004U": [.json(Self.done)],
        ])
        let broker = try KISBroker.scripted(caller, at: .korea("2031-03-04T00:30:00"))
        let outcome = await broker.revise(
            request("20310303-O-0030001201", try .american(), .limit(try Price("202.15"))))
        #expect(outcome == .accepted)
        let call = try #require(caller.calls(of: "TTTT1004U").first)
        #expect(call["RVSE_CNCL_DVSN_CD"] == "01" && call["ORD_QTY"] == "2" && call["OVRS_ORD_UNPR"] == "202.15")
    }

    @Test("A price off the grid, an order that is over and one that the list lacks are not sent")
    func unsent() async throws {
        let open = try OrderRowTests.korean([:])
        let over = try OrderRowTests.korean(["tot_ccld_qty": "10", "rmn_qty": "0", "tot_ccld_amt": "705000"])
        for (row, price, code) in [(open, 70_550, "kis-price-step"), (over, 70_600, "kis-nothing-open")] {
            let caller = ScriptedCaller(["TTTC0081R": [Self.list("output1", row)], "TTTC0084R": [.json(Self.none)]])
            let outcome = try await KISBroker.scripted(caller)
                .revise(request("20310304-K-0000123401", .korean(), .limit(Price(price))))
            guard case .refused(code, _) = outcome else {
                Issue.record("\(outcome)")
                continue
            }
            #expect(caller.calls(of: "TTTC0013U").isEmpty)
        }
        let empty = ScriptedCaller(["TTTC0081R": [.json(Self.none)], "TTTC0084R": [.json(Self.none)]])
        let outcome = try await KISBroker.scripted(empty)
            .revise(request("20310304-K-0000123401", .korean(), .limit(Price(70_600))))
        guard case .notSent = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test("An answer that may have come after the request leaves the outcome unknown, and nothing is sent again")
    func unknown() async throws {
        let caller = ScriptedCaller([
            "TTTC0081R": [Self.list("output1", try OrderRowTests.korean([:]))], "TTTC0084R": [.json(Self.none)],
            "TTTC0013U": [.failure(.outcomeUnknown(call: "order-rvsecncl", detail: "timed out"))],
        ])
        let outcome = try await KISBroker.scripted(caller)
            .revise(request("20310304-K-0000123401", .korean(), .limit(Price(70_600))))
        #expect(outcome == .unknown(detail: "timed out"))
        #expect(caller.calls(of: "TTTC0013U").count == 1)
    }
}
