import Core
import Testing

@testable import BrokerIB

/// What becomes of orders, by the gateway's own words, without a socket.
@Suite("What becomes of an order that was sent")
struct IBPlacementsTests {
    private func sent(_ orderID: Int64 = 7) -> IBPlacements {
        var placements = IBPlacements()
        placements.place(orderID, deadline: .seconds(15))
        placements.sent(orderID)
        return placements
    }

    private func hear(_ placements: inout IBPlacements, _ body: String) throws -> IBPlacements.Fate? {
        placements.received(try IBDecoder.decode(body), clientID: 1)?.1
    }

    @Test("It is acknowledged when IB has it, under IB's number", arguments: ["PreSubmitted", "Submitted", "Filled"])
    func acknowledged(word: String) throws {
        var placements = sent()
        let fate = try hear(&placements, "3|7|\(word)|0|10|0|600745656|0|0|1||0|")
        #expect(fate == .acknowledged(permanentID: 600_745_656, IBOrderStatusWord(word)))
        #expect(!placements.isWaiting(7))
    }

    @Test(
        "A gateway that only has it itself, or has no number yet, settles nothing",
        arguments: [
            "3|7|ApiPending|0|10|0|0|0|0|1||0|", "3|7|PendingSubmit|0|10|0|0|0|0|1||0|",
            "3|7|Submitted|0|10|0|0|0|0|1||0|",
            "3|7|Inactive|0|10|0|600745656|0|0|1||0|", "3|7|Whatever|0|10|0|600745656|0|0|1||0|",
            // Another client's order with the same id, and another order.
            "3|7|Submitted|0|10|0|600745656|0|0|2||0|", "3|8|Submitted|0|10|0|600745656|0|0|1||0|",
            // Notices: the order is alive.
            "4|2|7|399|Order Message: will not be placed until||", "4|2|7|10349|Order TIF was set to DAY||",
            "4|2|7|2109|ignored||",
        ])
    func waits(body: String) throws {
        var placements = sent()
        #expect(try hear(&placements, body) == nil && placements.isWaiting(7))
    }

    @Test("Inactive may be the beginning of a rejection, whose reason follows")
    func rejected() throws {
        var placements = sent()
        #expect(try hear(&placements, "3|7|Inactive|0|10|0|600745656|0|0|1||0|") == nil)
        guard case .rejected(201, _)? = try hear(&placements, "4|2|7|201|Order rejected - reason:no money||") else {
            Issue.record("not rejected")
            return
        }
    }

    @Test("What IB had, whatever it does with it, is acknowledged in the end; what it never named is unknown")
    func deadline() throws {
        var placements = sent()
        _ = try hear(&placements, "3|7|Inactive|0|10|0|600745656|0|0|1||0|")
        #expect(placements.expire(at: .seconds(14)).isEmpty)
        #expect(placements.expire(at: .seconds(15)).map(\.1) == [.acknowledged(permanentID: 600_745_656, .inactive)])
        placements = sent()
        _ = try hear(&placements, "3|7|ApiPending|0|10|0|0|0|0|1||0|")
        #expect(
            placements.expire(at: .seconds(15)).map(\.1) == [.unknown("no answer in time; the gateway said ApiPending")]
        )
    }

    @Test("Before it is written it is not sent; afterwards nobody knows")
    func lost() {
        var placements = IBPlacements()
        placements.place(7, deadline: .seconds(15))
        guard case .notSent? = placements.lost("gone").first?.1 else {
            Issue.record("in doubt without having been written")
            return
        }
        placements = sent()
        #expect(placements.lost("gone").map(\.1) == [.unknown("the connection ended: gone")])
    }

    @Test("A code that nobody has listed rejects nothing", arguments: [103, 321, 9999, 10006])
    func codes(code: Int) throws {
        var placements = sent()
        let fate = try hear(&placements, "4|2|7|\(code)|words||")
        // 321 says that the request is not valid: a new order with it is rejected.
        if case .rejected(321, _)? = fate, code == 321 { return }
        // It came before its parent, and may come again as it is.
        if case .parentMissing? = fate, code == 10006 { return }
        guard case .unknown? = fate else {
            Issue.record("\(String(describing: fate))")
            return
        }
    }

    @Test("A cancellation ends with the order, with the taking of it, or with a refusal")
    func cancellation() throws {
        func after(_ body: String) throws -> IBPlacements.Fate? {
            var placements = IBPlacements()
            placements.cancel(7, deadline: .seconds(15))
            placements.sent(7)
            return try hear(&placements, body)
        }
        #expect(try after("3|7|PendingCancel|0|10|0|600745656|0|0|1||0|") == .cancelled)
        #expect(try after("3|7|Cancelled|0|10|0|600745656|0|0|1||0|") == .cancelled)
        #expect(try after("4|2|7|202|Order Canceled - reason:||") == .cancelled)
        #expect(try after("3|7|Submitted|0|10|0|600745656|0|0|1||0|") == nil)
        for code in [10147, 10148, 161] {
            guard case .changeRefused(code, _)? = try after("4|2|7|\(code)|state: Filled||") else {
                Issue.record("\(code)")
                continue
            }
        }
    }
}
