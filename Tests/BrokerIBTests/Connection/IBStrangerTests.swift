import Core
import Testing

@testable import BrokerIB

/// An id of ours that was used before: what the gateway says of it is not what became of our order.
@Suite("Orders of others under an id of ours")
struct IBStrangerTests {
    private func sent() -> IBPlacements {
        var placements = IBPlacements()
        placements.place(7, reference: "a-1", deadline: .seconds(15))
        placements.sent(7)
        return placements
    }

    private func hear(_ placements: inout IBPlacements, _ body: String) throws -> IBPlacements.Fate? {
        placements.received(try IBDecoder.decode(body), clientID: 1)?.1
    }

    private func execution(_ reference: String, request: Int = -1, permanentID: Int = 600_745_656) -> String {
        "11|\(request)|7|265598|AAPL|STK||0||||USD|AAPL|NMS|0001.01|20261120  09:30:00|DU1|ISLAND|BOT|10|200|\(permanentID)|1|0"
            + "|10|200|\(reference)||||2|0|"
    }

    private func openOrder(_ reference: String) throws -> String {
        let line =
            "5|7|265598|AAPL|STK||0|?||SMART|USD|AAPL|NMS|BUY|10|MKT|0.0|0.0|DAY||DU1||0|\(reference)|1|600745656|0|0|0||600745656.0/DU1/10"
            + "|||||||||0||-1|0||||||2147483647|0|0|0||3|0|0||0|0||0|None||0||||?|0|0||0|0||||||0|0|0|2147483647|2147483647|||0||IB|0|0||0|0"
            + "|PreSubmitted|E|E|E|E|E|E|E|E|E||||||0|0|0|None|E|E|E|E|E|E|0||||0|1|0|0|0|||0||100|0.02|||"
        return line.replacing("|E", with: "|1.7976931348623157E308")
    }

    @Test("An order that is listed under our id with another reference leaves ours in doubt")
    func listed() throws {
        var placements = sent()
        guard case .unknown(let words)? = try hear(&placements, try openOrder("b-9")) else {
            Issue.record("not in doubt")
            return
        }
        #expect(words.contains("'b-9'") && !placements.isWaiting(7))
        placements = sent()
        #expect(try hear(&placements, try openOrder("a-1")) == .acknowledged(permanentID: 600_745_656, .preSubmitted))
    }

    @Test("An execution acknowledges the order whose reference it has, and no other")
    func executed() throws {
        var placements = sent()
        #expect(try hear(&placements, execution("b-9")) == nil && placements.isWaiting(7))
        #expect(try hear(&placements, execution("a-1")) == .acknowledged(permanentID: 600_745_656, .submitted))
        // Where only the id is known, a list of earlier executions says nothing.
        var nameless = IBPlacements()
        nameless.place(7, deadline: .seconds(15))
        nameless.sent(7)
        #expect(try hear(&nameless, execution("", request: 1_000_000_001)) == nil && nameless.isWaiting(7))
    }

    @Test("An execution without IB's number is none to know an order by; the number that was told before is")
    func unnumbered() throws {
        var placements = sent()
        #expect(try hear(&placements, execution("a-1", permanentID: 0)) == nil && placements.isWaiting(7))
        _ = try hear(&placements, "3|7|PendingSubmit|0|10|0|600745656|0|0|1||0|")
        #expect(
            try hear(&placements, execution("a-1", permanentID: 0))
                == .acknowledged(permanentID: 600_745_656, .submitted))
    }
}
