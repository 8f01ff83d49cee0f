import Testing

@testable import BrokerIB

/// Ends of lists that may be those of others, without a socket.
@Suite("Ends of lists without an id")
struct IBOwedEndsTests {
    private static let position = "61|3|DU1|265598|AAPL|STK||0||||USD|AAPL|NMS|10|150.25|"

    private func ask(_ correlator: inout IBCorrelator, at now: Duration) {
        correlator.ask(.positions, limit: 99, at: now, within: .seconds(10), hasLink: true)
        correlator.sent(.positions)
    }

    private func hear(_ correlator: inout IBCorrelator, _ body: String) throws -> [IBAnswer] {
        correlator.received(try IBDecoder.decode(body)).finished.map(\.answer)
    }

    @Test("A list whose end was lost blocks none: the next one is asked for once more, and is whole")
    func lostEnd() throws {
        var correlator = IBCorrelator()
        ask(&correlator, at: .zero)
        #expect(correlator.expire(at: .seconds(10)).count == 1)
        ask(&correlator, at: .seconds(10))
        _ = try hear(&correlator, Self.position)
        #expect(try hear(&correlator, "62|1|").isEmpty)
        #expect(correlator.takeRepeats() == [.positions] && correlator.takeRepeats().isEmpty)
        _ = try hear(&correlator, Self.position)
        let answers = try hear(&correlator, "62|1|")
        // What came before the end that was not believed is not counted twice.
        #expect(answers.map(\.isComplete) == [true] && answers.map(\.messages.count) == [1])
    }

    @Test("A late end ends nothing, whatever is asked meanwhile, and the list behind it is whole")
    func lateEnd() throws {
        var correlator = IBCorrelator()
        ask(&correlator, at: .zero)
        _ = correlator.expire(at: .seconds(10))
        ask(&correlator, at: .seconds(11))
        #expect(try hear(&correlator, "62|1|").isEmpty)
        #expect(correlator.takeRepeats() == [.positions])
        _ = try hear(&correlator, Self.position)
        #expect(try hear(&correlator, "62|1|").map(\.messages.count) == [1])
        // That of the repetition comes when nobody waits, and is owed no more.
        #expect(try hear(&correlator, "62|1|").isEmpty)
        ask(&correlator, at: .seconds(12))
        #expect(try hear(&correlator, "62|1|").count == 1)
    }

    @Test("An end that has not come for two minutes does not come any more")
    func forgotten() throws {
        var correlator = IBCorrelator()
        ask(&correlator, at: .zero)
        _ = correlator.expire(at: .seconds(10))
        ask(&correlator, at: .seconds(120))
        #expect(try hear(&correlator, "62|1|").map(\.isComplete) == [true])
        #expect(correlator.takeRepeats().isEmpty)
    }

    @Test("However many ends were lost, the next list comes to its end")
    func manyLost() throws {
        var correlator = IBCorrelator()
        for round in 0..<20 {
            ask(&correlator, at: .seconds(round))
            _ = correlator.cancel(.positions)
        }
        ask(&correlator, at: .seconds(20))
        var ends = 0
        while correlator.isWaiting(.positions), ends < 10 {
            ends += 1
            _ = try hear(&correlator, "62|1|")
        }
        #expect(!correlator.isWaiting(.positions) && ends == 5)
    }

    @Test("On a new connection the end of orders that the gateway shows unasked is not that of ours")
    func unasked() throws {
        var correlator = IBCorrelator()
        correlator.opened(at: .zero)
        correlator.ask(.openOrders, limit: 99, at: .zero, within: .seconds(10), hasLink: true)
        correlator.sent(.openOrders)
        #expect(try hear(&correlator, "53|1|").isEmpty)
        #expect(correlator.takeRepeats() == [.openOrders])
        _ = try hear(&correlator, "3|7|Submitted|0|10|0|600745656|0|0|1||0|")
        #expect(try hear(&correlator, "53|1|").map(\.messages.count) == [1])
    }

    @Test("What the gateway showed before anybody asked is over by then")
    func unaskedBefore() throws {
        var correlator = IBCorrelator()
        correlator.opened(at: .zero)
        #expect(try hear(&correlator, "53|1|").isEmpty)
        correlator.ask(.openOrders, limit: 99, at: .zero, within: .seconds(10), hasLink: true)
        correlator.sent(.openOrders)
        #expect(try hear(&correlator, "53|1|").count == 1 && correlator.takeRepeats().isEmpty)
    }

    @Test("An end from before the request was written is not its own: the next one is")
    func beforeWriting() throws {
        var correlator = IBCorrelator()
        correlator.opened(at: .zero)
        correlator.ask(.openOrders, limit: 99, at: .zero, within: .seconds(10), hasLink: true)
        #expect(try hear(&correlator, "53|1|").isEmpty && correlator.takeRepeats().isEmpty)
        correlator.sent(.openOrders)
        #expect(try hear(&correlator, "53|1|").count == 1)
        correlator.ask(.openOrders, limit: 99, at: .zero, within: .seconds(10), hasLink: true)
        correlator.sent(.openOrders)
        #expect(try hear(&correlator, "53|1|").count == 1)
    }

    @Test("A repetition that could not be sent leaves a list that was asked for and has no end")
    func unsentRepetition() throws {
        var correlator = IBCorrelator()
        ask(&correlator, at: .zero)
        guard case .timedOut? = correlator.unsent(.positions).first?.answer.failure else {
            Issue.record("it counts as never asked")
            return
        }
    }
}
