import Core
import Sessions
import Testing

@testable import Rehearsal

/// What orders do; the numbers are worked out by hand from the prices in `GatewayDesk.bars`.
@Suite("Orders at the simulated gateway")
struct GatewayOrderTests {
    @Test("A market order takes the book level by level, and pays its minimum commission once")
    func market() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        let answers = desk.place(client, 1, "BUY", 150, "MKT")
        #expect(try desk.executions(7, 1) == ["100@200", "50@200.01"])
        // 0.005 a share is less than the minimum of a dollar, which the first fill bears.
        #expect(try desk.fills(7, 1).map(\.commission) == [.one, .zero])
        let position = try #require(desk.gateway.market.accounts[GatewayDesk.account]?.positions[265_598])
        // (100 × 200 + 50 × 200.01 + 1) ÷ 150
        #expect(try position.averageCost == FixedPoint("200.01") && position.quantity == FixedPoint(150))
        #expect(
            try desk.gateway.market.accounts[GatewayDesk.account]?.cash["USD"] == FixedPoint("969998.5"))
        // What the client is told, in its order.
        #expect(
            answers.map { $0[0] } == [
                "5", "3", "11", "59", "5", "3", "11", "59", "5", "3",
            ])
        #expect(answers.filter { $0[0] == "3" }.map { $0[2] } == ["Submitted", "Submitted", "Filled"])
        #expect(answers.filter { $0[0] == "3" }.map { $0[3] } == ["0", "100", "150"])
    }

    @Test("A limit order rests, fills behind half of the queue, and can be made bigger and dearer")
    func resting() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.place(client, 1, "BUY", 80, "LMT", limit: "199.8")
        #expect(try desk.status(7, 1) == "Submitted")
        // 100 shares trade at 199.80 after 20 s, of which 50 were before us.
        desk.advance(30)
        #expect(try desk.executions(7, 1) == ["50@199.8"])
        let id = try desk.own(7, 1).permId
        desk.place(client, 1, "BUY", 180, "LMT", limit: "200.3")
        // The bid's side of the book is at 200.19 … now, offers from 199.81 on: 100 at each level.
        #expect(try desk.own(7, 1).permId == id && desk.own(7, 1).ticket.quantity == FixedPoint(180))
        #expect(try desk.status(7, 1) == "Filled")
        #expect(try desk.executions(7, 1) == ["50@199.8", "100@199.81", "30@199.82"])
    }

    @Test("A stop sleeps until a trade reaches it")
    func stop() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.place(client, 1, "BUY", 50, "MKT")
        let placed = desk.place(client, 2, "SELL", 50, "STP", aux: "199.9")
        #expect(placed.last?[2] == "PreSubmitted" && placed.last?[10] == "trigger")
        desk.advance(19)
        #expect(try desk.status(7, 2) == "PreSubmitted")
        desk.advance(1)
        #expect(try desk.executions(7, 2) == ["50@199.8"])
    }

    @Test("A stop limit that is passed too fast waits at its limit")
    func stopLimit() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.place(client, 1, "BUY", 50, "MKT")
        desk.place(client, 2, "SELL", 50, "STP LMT", limit: "199.9", aux: "199.9")
        desk.advance(20)
        #expect(try desk.status(7, 2) == "Submitted" && desk.own(7, 2).filled.isZero)
        // 200.50 after 40 s: somebody pays more than the limit.
        desk.advance(20)
        #expect(try desk.executions(7, 2) == ["50@199.9"])
    }

    @Test("A trailing stop follows the price up, and not down")
    func trailing() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.place(client, 1, "BUY", 50, "MKT")
        desk.place(client, 2, "SELL", 50, "TRAIL", aux: "0.3")
        #expect(try desk.own(7, 2).stop == FixedPoint("199.7"))
        desk.advance(20)
        #expect(try desk.own(7, 2).stop == FixedPoint("199.7"))
        desk.advance(20)
        #expect(try desk.own(7, 2).stop == FixedPoint("200.2"))
        desk.advance(19)
        #expect(try desk.executions(7, 2) == ["50@200.2"])
    }

    @Test("A trailing stop limit sells at its limit, so far below its stop")
    func trailingLimit() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.place(client, 1, "BUY", 50, "MKT")
        desk.place(client, 2, "SELL", 50, "TRAIL LIMIT", aux: "0.3", changes: [69: "199.75", 93: "0.05"])
        #expect(try desk.own(7, 2).limit == FixedPoint("199.7"))
        desk.advance(120)
        // Reached at 200.20, where it asks 200.15: the trade's own price is better, but the order stands at its limit.
        #expect(try desk.executions(7, 2) == ["50@200.15"])
    }

    @Test("A bracket: children wait for the parent, one of them ends the other")
    func bracket() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        let parent = desk.place(client, 1, "BUY", 40, "LMT", limit: "199.8", changes: [28: "0"])
        #expect(try parent.isEmpty && desk.status(7, 1) == "ApiPending" && desk.own(7, 1).permId == 0)
        let group = [23: "exit", 29: "1", 47: "1"]
        desk.place(client, 2, "SELL", 40, "LMT", limit: "200.4", changes: group.merging([28: "0"]) { $1 })
        let last = desk.place(client, 3, "SELL", 40, "STP", aux: "199", changes: group)
        #expect(last.filter { $0[0] == "3" }.map { $0[2] } == ["Submitted", "PreSubmitted", "PreSubmitted"])
        #expect(last.filter { $0[0] == "3" }.map { $0[7] } == ["0", "1", "1"])
        desk.advance(20)
        #expect(
            try [desk.status(7, 1), desk.status(7, 2), desk.status(7, 3)] == ["Filled", "Submitted", "PreSubmitted"])
        desk.advance(20)
        #expect(try [desk.status(7, 2), desk.status(7, 3)] == ["Filled", "Cancelled"])
        #expect(try desk.executions(7, 2) == ["40@200.4"])
    }

    @Test("Cancelling the parent cancels its children; one that was never sent on is ApiCancelled")
    func cancelledParent() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.place(client, 1, "BUY", 40, "LMT", limit: "190", changes: [28: "0"])
        desk.place(client, 2, "SELL", 40, "LMT", limit: "210", changes: [29: "1"])
        desk.send(client, ["4", "1", "1", ""])
        #expect(try [desk.status(7, 1), desk.status(7, 2)] == ["Cancelled", "Cancelled"])
        #expect(desk.take(client, "4").map { [$0[2], $0[3]] } == [["1", "202"], ["2", "202"]])
        desk.place(client, 3, "BUY", 1, "LMT", limit: "190", changes: [28: "0"])
        desk.send(client, ["4", "1", "3", ""])
        #expect(try desk.status(7, 3) == "ApiCancelled")
    }

    @Test("A child without a parent is refused, and may come again")
    func missingParent() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        let child = desk.place(client, 2, "SELL", 1, "LMT", limit: "250", changes: [29: "1"])
        #expect(child.map { [$0[2], $0[3]] } == [["2", "10006"]])
        desk.place(client, 1, "BUY", 1, "LMT", limit: "150")
        desk.place(client, 2, "SELL", 1, "LMT", limit: "250", changes: [29: "1"])
        #expect(try desk.status(7, 2) == "PreSubmitted" && desk.own(7, 2).parent == 0)
    }

    @Test("In a group that reduces, the others shrink by what one has filled")
    func reducing() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        let group = [23: "g", 47: "2"]
        desk.place(client, 1, "BUY", 80, "LMT", limit: "199.8", changes: group)
        desk.place(client, 2, "BUY", 90, "LMT", limit: "190", changes: group)
        desk.advance(20)
        #expect(try desk.own(7, 1).filled == FixedPoint(50) && desk.own(7, 2).remaining == FixedPoint(40))
        #expect(try desk.status(7, 2) == "Submitted")
    }

    @Test("What is for now only is gone; what is for all or nothing takes all or nothing")
    func brief() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.place(client, 1, "BUY", 150, "LMT", limit: "200", tif: "IOC")
        #expect(try desk.executions(7, 1) == ["100@200"] && desk.status(7, 1) == "Cancelled")
        desk.place(client, 2, "BUY", 150, "LMT", limit: "200", tif: "FOK")
        #expect(try desk.executions(7, 2).isEmpty && desk.status(7, 2) == "Cancelled")
    }

    @Test("Day orders end with the session, dated ones at their time, the rest lives on")
    func lives() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.place(client, 1, "BUY", 1, "LMT", limit: "150")
        desk.place(client, 2, "BUY", 1, "LMT", limit: "150", tif: "GTC")
        desk.place(client, 3, "BUY", 1, "LMT", limit: "150", tif: "GTD", changes: [39: "20261120 10:00:00 US/Eastern"])
        desk.place(client, 4, "BUY", 1, "LMT", limit: "150", changes: [34: "1"])
        desk.advance(1799)
        #expect(try desk.status(7, 3) == "Submitted")
        desk.advance(1)
        #expect(try desk.status(7, 3) == "Cancelled" && desk.status(7, 1) == "Submitted")
        // The session is over at 16:00, the evening at 20:00.
        desk.advance(6 * 3600)
        #expect(
            try [desk.status(7, 1), desk.status(7, 2), desk.status(7, 4)] == ["Cancelled", "PreSubmitted", "Submitted"])
        desk.advance(4 * 3600)
        #expect(try [desk.status(7, 2), desk.status(7, 4)] == ["PreSubmitted", "Cancelled"])
    }

    @Test("A date in the middle of a long stretch of time counts as if it had been waited for")
    func dates() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        // It would trade at 198.00 after 100 s, but is over after 90; the other begins after 30.
        desk.place(client, 1, "BUY", 5, "LMT", limit: "198", tif: "GTD", changes: [39: "20261120-14:31:30"])
        desk.place(client, 2, "BUY", 5, "LMT", limit: "199.7", changes: [38: "20261120-14:30:30"])
        #expect(try desk.status(7, 2) == "PreSubmitted")
        desk.advance(50)
        #expect(try desk.status(7, 2) == "Submitted" && desk.executions(7, 2).isEmpty)
        desk.advance(600)
        #expect(try desk.status(7, 1) == "Cancelled" && desk.executions(7, 1).isEmpty)
        #expect(try desk.executions(7, 2) == ["5@199.7"])
    }

    @Test("Outside regular hours an order waits and is told so, unless it asks to trade then")
    func outside() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.advance(7 * 3600)
        let waiting = desk.place(client, 1, "BUY", 1, "LMT", limit: "210")
        #expect(try desk.status(7, 1) == "PreSubmitted")
        let warning = try #require(waiting.first { $0[0] == "4" })
        #expect(warning[3] == "399" && warning[4].contains("20261123 09:30:00 US/Eastern"))
        let eager = desk.place(client, 2, "BUY", 1, "LMT", limit: "210", changes: [34: "1"])
        #expect(try desk.executions(7, 2) == ["1@198.5"] && !eager.contains { $0[0] == "4" })
    }

    @Test("Orders for the auctions trade in them, at their price")
    func auctions() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        // IBM's prices are drawn: its session begins and ends with an auction.
        desk.advance(5)
        let closing = [4: "IBM", 5: "STK", 12: "USD"]
        desk.place(client, 1, "BUY", 5, "MOC", conId: 8314, changes: closing)
        desk.place(client, 2, "BUY", 5, "LOC", limit: "1", conId: 8314, changes: closing)
        desk.place(client, 3, "BUY", 5, "MKT", tif: "OPG", conId: 8314, changes: closing)
        desk.place(client, 4, "BUY", 5, "LMT", limit: "1", tif: "OPG", conId: 8314, changes: closing)
        desk.advance(6 * 3600)
        #expect(try desk.status(7, 1) == "Submitted" && desk.status(7, 3) == "PreSubmitted")
        desk.advance(1795)
        let day = try #require(desk.gateway.market.tapes.first { $0.symbol.symbol == "IBM" }?.today)
        let close = try #require(day.last?.price)
        #expect(try desk.executions(7, 1) == ["5@\(close)"] && desk.status(7, 2) == "Cancelled")
        desk.advance(3 * 86_400 - 6 * 3600)
        let monday = try #require(desk.gateway.market.tapes.first { $0.symbol.symbol == "IBM" }?.today)
        #expect(monday.session.date == CivilDate(iso: "2026-11-23"))
        #expect(try desk.executions(7, 3) == ["5@\(monday.bars[0].open)"] && desk.status(7, 4) == "Cancelled")
    }

    @Test("What-if tells margin and commission and leaves nothing behind")
    func whatIf() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        let before = desk.gateway.books
        let answer = try #require(desk.place(client, 1, "BUY", 100, "LMT", limit: "200", changes: [85: "1"]).first)
        #expect(answer[0] == "5" && answer.count == 135)
        // Status, then margins: before 0, 0, 1,000,000; half of 20,000; a quarter; the commission of a dollar.
        let status = try #require(answer.firstIndex(of: "PreSubmitted"))
        #expect(
            Array(answer[(status + 1)...(status + 10)]) == [
                "0", "0", "1000000", "10000", "5000", "-1", "10000", "5000", "999999", "1",
            ])
        #expect(desk.gateway.books == before)
    }

    @Test("Money: what cannot be carried is refused by the servers, and is among the day's completed orders")
    func means() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        let answers = desk.place(client, 1, "BUY", 10_001, "LMT", limit: "200", changes: [27: "too-much"])
        #expect(answers.map { $0[0] } == ["5", "3", "4"])
        #expect(answers[1][2] == "Inactive" && answers[2][2...3] == ["1", "201"])
        desk.send(client, ["99", "0"])
        let completed = desk.take(client)
        #expect(completed.map { $0[0] } == ["101", "102"] && completed[0][22] == "too-much")
        desk.place(client, 2, "BUY", 9990, "LMT", limit: "190")
        #expect(try desk.status(7, 2) == "Submitted")
        // A change that cannot be carried leaves the order as it was.
        #expect(desk.place(client, 2, "BUY", 20_000, "LMT", limit: "190").map { $0[3] } == ["201"])
        #expect(try desk.status(7, 2) == "Submitted" && desk.own(7, 2).ticket.quantity == FixedPoint(9990))
    }

    @Test("No more than twenty orders wait on one side of a contract")
    func twenty() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        for id in 1...21 { desk.place(client, id, "BUY", 1, "LMT", limit: "150") }
        #expect(try desk.status(7, 20) == "Submitted" && desk.status(7, 21) == "Inactive")
        desk.place(client, 22, "SELL", 1, "LMT", limit: "250")
        #expect(try desk.status(7, 22) == "Submitted")
    }

    @Test("A future costs its margin, and pays its difference times its multiplier")
    func future() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.advance(5)
        let future = [4: "ES", 5: "FUT", 10: "CME", 12: "USD"]
        desk.place(client, 1, "BUY", 2, "MKT", conId: 649_180_695, changes: future)
        let bought = try #require(try desk.fills(7, 1).first)
        let account = GatewayDesk.account
        #expect(desk.gateway.market.accounts[account]?.cash["USD"] == FixedPoint(1_000_000))
        desk.advance(600)
        desk.place(client, 2, "SELL", 2, "MKT", conId: 649_180_695, changes: future)
        let sold = try #require(try desk.fills(7, 2).first)
        // 50 dollars a point and contract; 2.25 a contract each way.
        let gain = try (sold.price - bought.price).multiplied(by: FixedPoint(100), rounding: .halfEven)
        let expected = try FixedPoint(1_000_000) + gain - FixedPoint(9)
        #expect(desk.gateway.market.accounts[account]?.cash["USD"] == expected)
        #expect(try sold.realized == gain - FixedPoint(9))
    }

    @Test("A short sale is a negative position, and buying it back realises the difference")
    func short() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.place(client, 1, "SELL", 50, "MKT")
        #expect(try desk.executions(7, 1) == ["50@199.99"])
        desk.advance(110)
        // Offers after the trade at 198.00 begin one step above it.
        desk.place(client, 2, "BUY", 80, "MKT")
        #expect(try desk.executions(7, 2) == ["80@198.01"])
        // 50 × (199.99 − 1 ÷ 50 − 198.01) − 1, and 30 are held.
        #expect(try desk.fills(7, 2).first?.realized == FixedPoint(97))
        let position = try #require(desk.gateway.market.accounts[GatewayDesk.account]?.positions[265_598])
        #expect(position.quantity == FixedPoint(30))
        #expect(try position.averageCost == FixedPoint("198.01"))
    }
}
