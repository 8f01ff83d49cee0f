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
}
