import Broker
import Core
import Foundation
import TestSupport
import Testing

@testable import BrokerKIS

/// Answers with bytes changed, left out and doubled: nothing crashes, and what comes out holds together.
@Suite("Damaged bodies")
struct BodyFuzzTests {
    /// Of each kind and seed: `TAKT_FUZZ_BODIES` says how many in all.
    private static let bodies =
        ProcessInfo.processInfo.environment["TAKT_FUZZ_BODIES"].flatMap { Int($0) }
        .map { max(1, $0 / (2 * propertySeeds.count)) } ?? 150
    private static let since = Instant.korea("2031-03-04T09:00:00")

    private func damage(_ text: String, _ random: inout SeededGenerator) -> String {
        var bytes = Array(text.utf8)
        for _ in 0..<random.int(1...4) {
            let place = random.int(0...bytes.count - 1)
            switch random.int(0...3) {
            case 0: bytes[place] = UInt8(random.int(0...255))
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(bytes[random.int(0...bytes.count - 1)], at: place)
            default: bytes[place] = UInt8(ascii: "0") + UInt8(random.int(0...9))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("Lists of orders", arguments: propertySeeds)
    func orders(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let korean = KISBrokerListsTests.list(
            "output1",
            [
                try OrderRowTests.korean(),
                try OrderRowTests.korean([
                    "odno": "0000123455", "orgn_odno": "0000123401", "sll_buy_dvsn_cd_name": "매수취소*", "ord_qty": "6",
                    "tot_ccld_qty": "0", "rmn_qty": "0", "tot_ccld_amt": "0",
                ]),
            ])
        let american = KISBrokerListsTests.list("output", [try OrderRowTests.american()])
        for _ in 0..<Self.bodies {
            let caller = ScriptedCaller([
                "TTTC0081R": [.json(damage(korean, &random))], "TTTS3035R": [.json(damage(american, &random))],
            ])
            let broker = try KISBroker.scripted(caller, real: false)
            do throws(BrokerError) {
                let listed = try await broker.listedOrders(since: Self.since)
                for item in listed.items {
                    #expect(item.order.quantity.isPositive && item.order.filledQuantity <= item.order.quantity)
                    #expect(item.filledAmount.isPositive == item.order.filledQuantity.isPositive)
                    #expect(KISOrderNumber(item.order.brokerOrderID) != nil)
                    #expect(item.order.status != .filled || item.order.filledQuantity == item.order.quantity)
                }
                #expect(Set(listed.items.map(\.order.brokerOrderID)).count == listed.items.count)
            } catch {
                guard case .malformedAnswer = error else {
                    Issue.record("\(error)")
                    return
                }
            }
        }
    }

    @Test("An acceptance is one, or nobody knows", arguments: propertySeeds)
    func acceptances(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<Self.bodies {
            let caller = ScriptedCaller(["TTTC0012U": [.json(damage(KISBrokerSubmitTests.accepted, &random))]])
            let broker = try KISBroker.scripted(caller)
            switch await broker.submit([KISBrokerSubmitTests.request(try .korean(), .market)])[0] {
            case .acknowledged(let id, _): #expect(KISOrderNumber(id) != nil)
            case .unknown: break
            case .rejected, .notSent, .turnedAway: Issue.record("a damaged answer is no refusal")
            }
        }
    }

    // MARK: Inquiries

    private static let day = CivilDate.day("2031-03-04")

    /// An answer to every call that an inquiry makes, by the fact sheet's shapes.
    private static let inquiries: [String: String] = [
        "FHKST01010100": #"{"output":{"stck_prpr":"70500","stck_oprc":"70900","stck_hgpr":"71000","stck_lwpr":"70300","#
            + #""stck_mxpr":"0","stck_llam":"49600","stck_sdpr":"70800","acml_vol":"8123456","aspr_unit":"100"}}"#,
        "FHKST01010200": #"{"output1":{"askp1":"70600","askp2":"70700","bidp1":"70500","askp_rsqn1":"1200"}}"#,
        "HHDFS00000300": #"{"output":{"base":"200.1000","last":"201.4400","tvol":"3500120"}}"#,
        "HHDFS76200200": #"{"output":{"curr":"USD","vnit":"1","open":"200.90","last":"201.44","e_hogau":"0.0100"}}"#,
        "HHDFS76200100": #"{"output2":[{"pbid1":"201.4300","pask1":"201.4500","vbid1":"120","vask1":"80"}]}"#,
        "TTTC8908R": #"{"output":{"ord_psbl_cash":"1000000","psbl_qty_calc_unpr":"92000","nrcvb_buy_amt":"990000","#
            + #""nrcvb_buy_qty":"10"}}"#,
        "TTTC8408R": #"{"output":{"ord_psbl_qty":"4"}}"#,
        "TTTC8434R":
            #"{"output1":[{"pdno":"005930","hldg_qty":"4","ord_psbl_qty":"3"}],"output2":[{"dnca_tot_amt":"10","#
            + #""nxdy_excc_amt":"9","prvs_rcdl_excc_amt":"8","bfdy_buy_amt":"1","thdt_buy_amt":"1"}]}"#,
        "TTTC2101R": #"{"output":[{"crcy_cd":"USD","frcr_dncl_amt1":"698.19","ustl_buy_amt":"604.32"}]}"#,
        "CTCA0903R": #"{"output":[{"bass_dt":"20310304","opnd_yn":"Y","sttl_day_yn":"Y"}]}"#,
        "TTTC0081R": #"{"output2":{"tot_ccld_amt":"282000","prsm_tlex_smtl":"42"}}"#,
        "FHKST03010100": #"{"output1":{"stck_prpr":"70500"},"output2":[{"stck_bsop_date":"20310304","#
            + #""stck_oprc":"70900","stck_hgpr":"71000","stck_lwpr":"70300","stck_clpr":"70500","acml_vol":"8123"}]}"#,
    ]

    private func isUnderstandable(_ work: () async throws(BrokerError) -> Void) async {
        do throws(BrokerError) { try await work() } catch {
            if case .malformedAnswer = error { return }
            Issue.record("\(error)")
        }
    }

    @Test("Inquiries", arguments: propertySeeds)
    func inquiries(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let (korean, american) = (try Instrument.korean(), try Instrument.american())
        for _ in 0..<Self.bodies {
            let caller = ScriptedCaller(Self.inquiries.mapValues { [.json(damage($0, &random))] })
            let broker = try KISBroker.scripted(caller)
            for instrument in [korean, american] {
                await isUnderstandable { () throws(BrokerError) in
                    _ = try await broker.quote(of: instrument, depth: true)
                }
            }
            await isUnderstandable { () throws(BrokerError) in _ = try await broker.buyingPower(for: korean, at: nil) }
            await isUnderstandable { () throws(BrokerError) in _ = try await broker.deposits() }
            await isUnderstandable { () throws(BrokerError) in _ = try await broker.chargedCosts(on: Self.day) }
            await isUnderstandable { () throws(BrokerError) in
                let days = try await broker.marketDays(ExchangeID("XKRX"), from: Self.day, through: Self.day)
                #expect(days.items.allSatisfy { $0.date == Self.day } && (!days.isComplete || days.items.count == 1))
            }
            let bars = KISBars(caller, instruments: [korean], clock: FixedClock(.kisFixture))
            let answer = try? await bars.dailyBars(of: korean, from: Self.day.advanced(byDays: -9), through: Self.day)
            for bar in answer?.bars ?? [] {
                #expect(bar.low <= bar.open && bar.close <= bar.high && bar.date <= Self.day)
            }
        }
    }
}
