import Testing

@testable import BrokerIB

/// Which answer belongs to which question, without a socket.
@Suite("Answers and the questions they belong to")
struct IBCorrelatorTests {
    private func asked(_ question: IBQuestion, sent: Bool = true, at now: Duration = .zero) -> IBCorrelator {
        var correlator = IBCorrelator()
        correlator.ask(question, limit: 3, at: now, within: .seconds(10), hasLink: true)
        if sent { correlator.sent(question) }
        return correlator
    }

    @Test("The end of a list that was given up does not end the next one")
    func owedEnd() {
        var correlator = asked(.openOrders)
        let late = correlator.expire(at: .seconds(10))
        #expect(late.map(\.question) == [.openOrders])
        #expect(late.first?.answer.failure == .timedOut(request: "reqAllOpenOrders", after: .seconds(10)))
        correlator.ask(.openOrders, limit: 3, at: .seconds(11), within: .seconds(10), hasLink: true)
        correlator.sent(.openOrders)
        #expect(correlator.received(.openOrderEnd).finished.isEmpty)
        let finished = correlator.received(.openOrderEnd).finished
        #expect(finished.map(\.answer.isComplete) == [true])
    }

    @Test("After a new connection nothing is owed")
    func newConnection() {
        var correlator = asked(.completedOrders)
        _ = correlator.expire(at: .seconds(10))
        _ = correlator.lost("gone")
        correlator.ask(.completedOrders, limit: 3, at: .seconds(11), within: .seconds(10), hasLink: true)
        #expect(correlator.received(.completedOrdersEnd).finished.count == 1)
    }

    @Test("A question is not answered before its time is over, and then it is")
    func deadline() {
        var correlator = asked(.positions)
        #expect(correlator.expire(at: .milliseconds(9999)).isEmpty && correlator.isWaiting(.positions))
        #expect(correlator.expire(at: .seconds(10)).count == 1 && !correlator.isWaiting(.positions))
    }

    @Test("What was not written was certainly not sent; what was, may have arrived")
    func lost() {
        var correlator = asked(.positions, sent: false)
        #expect(correlator.lost("gone").first?.answer.failure == .notConnected(detail: "gone"))
        correlator = asked(.positions)
        #expect(
            correlator.lost("gone").first?.answer.failure
                == .connectionLost(request: "reqPositions", detail: "gone"))
    }

    @Test("A message that could not be read taints the lists it may have been of, and no others")
    func faults() {
        var correlator = asked(.positions)
        correlator.ask(.openOrders, limit: 3, at: .zero, within: .seconds(10), hasLink: true)
        correlator.faulted(IBMessageFault(message: 61, field: 3, reason: .missing, length: 9))
        #expect(correlator.received(.positionEnd).finished.first?.answer.isComplete == false)
        #expect(correlator.received(.openOrderEnd).finished.first?.answer.isComplete == true)
        // One of which not even the number is known may have been anything.
        correlator = asked(.positions)
        correlator.faulted(IBMessageFault(message: nil, field: 0, reason: .missing, length: 0))
        #expect(correlator.received(.positionEnd).finished.first?.answer.isComplete == false)
    }

    @Test("An end that nobody waits for changes nothing")
    func stray() {
        var correlator = IBCorrelator()
        #expect(correlator.received(.openOrderEnd).finished.isEmpty)
        #expect(correlator.received(.positionEnd).finished.isEmpty)
    }
}
