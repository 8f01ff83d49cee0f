import Broker
import Core
import TestSupport
import Testing

@testable import BrokerKIS

@Suite("Cancelling orders at KIS")
struct KISBrokerCancelTests {
    private static let done =
        #"{"rt_cd":"0","output":{"KRX_FWDG_ORD_ORGNO":"06010","ODNO":"0000123499","ORD_TMD":"100200"}}"#
    private static let none = #"{"rt_cd":"0","msg_cd":"KIOK0560","output":[],"output1":[]}"#

    private func request(_ id: String) -> CancelRequest {
        CancelRequest(
            clientOrderID: ClientOrderID("c"), brokerOrderID: BrokerOrderID(id), symbol: Symbol("005930"))
    }

    private static func list(_ member: String, _ rows: KISRecord...) -> ScriptedCaller.Reply {
        .json(#"{"rt_cd":"0","\#(member)":[\#(rows.map(\.text).joined(separator: ","))]}"#)
    }

    @Test("The organisation and the number come from the list, as KIS wrote them there")
    func korean() async throws {
        let row = try OrderRowTests.korean(["odno": "123401", "ord_gno_brno": "00950"])
        let caller = ScriptedCaller(["TTTC0081R": [Self.list("output1", row)], "TTTC0013U": [.json(Self.done)]])
        let outcome = try await KISBroker.scripted(caller, real: false).cancel(request("20310304-K-0000123401"))
        #expect(outcome == .accepted)
        let call = try #require(caller.calls(of: "TTTC0013U").first)
        #expect(call["KRX_FWDG_ORD_ORGNO"] == "00950")
        #expect(call["ORGN_ODNO"] == "123401")
        #expect(call["QTY_ALL_ORD_YN"] == "Y")
        #expect(caller.calls(of: "TTTC0081R")[0]["INQR_STRT_DT"] == "20310304")
    }

    @Test("A revised order is cancelled by the number of its revision")
    func revised() async throws {
        let caller = ScriptedCaller([
            "TTTC0081R": [
                Self.list(
                    "output1", try OrderRowTests.korean(["rmn_qty": "0"]),
                    try OrderRowTests.korean([
                        "odno": "0000123444", "orgn_odno": "0000123401", "sll_buy_dvsn_cd_name": "매수정정*",
                        "ord_qty": "6", "tot_ccld_qty": "0", "rmn_qty": "6", "tot_ccld_amt": "0",
                    ]))
            ], "TTTC0084R": [.json(Self.none)], "TTTC0013U": [.json(Self.done)],
        ])
        #expect(try await KISBroker.scripted(caller).cancel(request("20310304-K-0000123401")) == .accepted)
        #expect(caller.calls(of: "TTTC0013U")[0]["ORGN_ODNO"] == "0000123444")
    }

    @Test("Abroad the rest of the order is cancelled at its exchange")
    func abroad() async throws {
        let row = try OrderRowTests.american([
            "ft_ccld_qty": "1", "nccs_qty": "2", "ft_ccld_amt3": "201.44", "ovrs_excg_cd": "NYSE",
        ])
        let caller = ScriptedCaller([
            "TTTS3035R": [Self.list("output", row)], "TTTS3018R": [.json(Self.none)], "TTTT1004U": [.json(Self.done)],
        ])
        let broker = try KISBroker.scripted(caller, at: .korea("2031-03-04T00:30:00"))
        #expect(await broker.cancel(request("20310303-O-0030001201")) == .accepted)
        let call = try #require(caller.calls(of: "TTTT1004U").first)
        #expect(call["OVRS_EXCG_CD"] == "NYSE")
        #expect(call["ORD_QTY"] == "2")
        #expect(call["PDNO"] == "AAPL")
    }

    @Test("What is over is not cancelled again")
    func over() async throws {
        let row = try OrderRowTests.korean(["tot_ccld_qty": "10", "rmn_qty": "0", "tot_ccld_amt": "705000"])
        let caller = ScriptedCaller(["TTTC0081R": [Self.list("output1", row)], "TTTC0084R": [.json(Self.none)]])
        let outcome = try await KISBroker.scripted(caller).cancel(request("20310304-K-0000123401"))
        guard case .refused("kis-nothing-open", _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test("An order that the list does not show yet is cancelled by what its own answer said")
    func notListedYet() async throws {
        let caller = ScriptedCaller([
            "TTTC0012U": [.json(KISBrokerSubmitTests.acceptedOnPaper)], "TTTC0081R": [.json(Self.none)],
            "TTTC0013U": [.json(Self.done)],
        ])
        let broker = try KISBroker.scripted(caller, real: false)
        _ = await broker.submit([KISBrokerSubmitTests.request(try .korean(), .market)])
        #expect(await broker.cancel(request("20310304-K-0000023401")) == .accepted)
        let call = try #require(caller.calls(of: "TTTC0013U").first)
        #expect(call["KRX_FWDG_ORD_ORGNO"] == "00950")
        #expect(call["ORGN_ODNO"] == "23401")
        let other = try KISBroker.scripted(caller, real: false)
        guard case .notSent = await other.cancel(request("20310304-K-0000023401")) else {
            Issue.record("another process does not know the organisation")
            return
        }
    }

    @Test("Without the list nothing is sent")
    func noList() async throws {
        let caller = ScriptedCaller([
            "TTTC0081R": [.failure(.unavailable(call: "inquire-daily-ccld", detail: "timed out"))]
        ])
        guard case .notSent = try await KISBroker.scripted(caller).cancel(request("20310304-K-0000123401")) else {
            Issue.record("sent")
            return
        }
        #expect(caller.calls(of: "TTTC0013U").isEmpty)
    }

    @Test("What nobody knows stays so, and an id of another broker is none", arguments: ["B1", "", "23401"])
    func unknown(id: String) async throws {
        let caller = ScriptedCaller([
            "TTTC0081R": [Self.list("output1", try OrderRowTests.korean())], "TTTC0084R": [.json(Self.none)],
            "TTTC0013U": [.failure(.outcomeUnknown(call: "order-rvsecncl", detail: "reset"))],
        ])
        let broker = try KISBroker.scripted(caller)
        #expect(await broker.cancel(request("20310304-K-0000123401")) == .unknown(detail: "reset"))
        guard case .refused("kis-order-id", _) = await broker.cancel(request(id)) else {
            Issue.record("taken for an order")
            return
        }
    }
}

extension KISRecord {
    /// The record as JSON again, for scripts that are made of rows.
    var text: String {
        let keys = [
            "ord_dt", "ord_gno_brno", "odno", "orgn_odno", "ord_dvsn_name", "sll_buy_dvsn_cd", "sll_buy_dvsn_cd_name",
            "pdno",
            "ord_qty", "ord_unpr", "ord_tmd", "tot_ccld_qty", "avg_prvs", "cncl_yn", "tot_ccld_amt", "ord_dvsn_cd",
            "cncl_cfrm_qty", "rmn_qty", "rjct_qty", "psbl_qty", "stpm_cndt_pric", "rvse_cncl_dvsn", "ft_ord_qty",
            "ft_ord_unpr3", "ft_ccld_qty", "ft_ccld_unpr3", "ft_ccld_amt3", "nccs_qty", "prcs_stat_name", "rjct_rson",
            "rjct_rson_name", "tr_crcy_cd", "ovrs_excg_cd", "dmst_ord_dt", "thco_ord_tmd", "mdia_dvsn_name",
        ]
        return JSONValue.object(keys.compactMap { key in raw(key).map { .init(key, .string($0)) } }).text
    }
}
