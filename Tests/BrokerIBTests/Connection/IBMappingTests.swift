import Broker
import Core
import Sessions
import Testing

@testable import BrokerIB

@Suite("How orders that are done have ended")
struct IBFinalStatusTests {
    struct Case: Sendable {
        let word: String
        let words: String
        var filled = 0
        var of = 10
        let status: BrokerOrder.Status
    }

    static let cases: [Case] = [
        .init(word: "Filled", words: "Filled Size: 10", filled: 10, status: .filled),
        // The size of one that is done has been told as none.
        .init(word: "Filled", words: "Filled Size: 10", filled: 10, of: 0, status: .filled),
        .init(word: "Cancelled", words: "Cancelled by Trader", status: .cancelled),
        .init(word: "Cancelled", words: "Cancelled by Trader", of: 0, status: .cancelled),
        .init(word: "ApiCancelled", words: "", status: .cancelled),
        .init(word: "Cancelled", words: "Expired", status: .expired),
        .init(word: "Cancelled", words: "Cancelled by Trader", filled: 4, status: .cancelled),
        .init(word: "Inactive", words: "Rejected by System: no trading permissions", status: .rejected),
        .init(word: "Inactive", words: "", status: .rejected),
        .init(word: "Inactive", words: "Cancelled by System", status: .cancelled),
        .init(word: "Cancelled", words: "Order rejected - reason: price", status: .rejected),
        // What has executed something waits for its executions like any other.
        .init(word: "Inactive", words: "Rejected by System", filled: 4, status: .cancelled),
        .init(word: "Inactive", words: "", filled: 10, status: .filled),
        // A last word from before the end.
        .init(word: "Submitted", words: "Filled Size: 10", filled: 10, status: .filled),
        .init(word: "PreSubmitted", words: "Cancelled by Trader", status: .cancelled),
        .init(word: "Whatever", words: "", status: .cancelled),
    ]

    @Test("No order of that list is open any more", arguments: cases)
    func final(order: Case) {
        let status = IBTerms.final(
            IBOrderStatusWord(order.word), words: order.words, filled: Quantity(order.filled), of: Quantity(order.of))
        #expect(status == order.status)
    }
}

@Suite("Since when the gateway's lists are")
struct IBDayTests {
    private static let newYork = ZoneRules.named("America/New_York") ?? .utc
    private static let seoul = ZoneRules.named("Asia/Seoul") ?? .utc

    /// Of Friday, 2026-11-20, in UTC.
    private func at(_ hour: Int64, _ minute: Int64 = 0, _ second: Int64 = 0) -> Instant {
        Instant(epochSeconds: 1_795_132_800 + hour * 3600 + minute * 60 + second)
    }

    private func begin(_ end: Instant, _ zone: ZoneRules = newYork, _ offset: Duration? = nil) -> Instant {
        IBDay.begin(at: end, login: zone, offset: offset, tolerance: .seconds(5))
    }

    @Test("The latest midnight of all that may be meant: New York's until it is the next day in UTC")
    func newYork() {
        #expect(begin(at(14, 30)) == at(5))
        #expect(begin(at(23, 59, 54)) == at(5))
        // The gateway's clock may be ahead of ours.
        #expect(begin(at(23, 59, 55)) == at(24))
        #expect(begin(at(3)) == at(0))
    }

    @Test("The zone of the login, and the one that the gateway's own clock shows, whatever it is called")
    func others() {
        #expect(begin(at(14, 59), Self.seoul) == at(5))
        #expect(begin(at(15, 1), Self.seoul) == at(15))
        #expect(begin(at(15, 1), Self.newYork, .seconds(9 * 3600)) == at(15))
        #expect(begin(at(18, 31), Self.newYork, .seconds(19_800)) == at(18, 30))
        #expect(begin(at(14, 30), Self.newYork, .seconds(-5 * 3600)) == at(5))
        #expect(begin(at(10, 30), Self.newYork, .seconds(-10 * 3600)) == at(10))
    }

    @Test(
        "The gateway's greeting tells its zone by its clock alone",
        arguments: [
            ("20261120 09:30:00 EST", -18_000), ("20261120 14:30:02 Whatever Time", 0),
            ("20261120 23:29:58 Korean Standard Time", 32_400), ("20261120 20:00:00 IST", 19_800),
            ("20261118 09:30:00 EST", nil), ("no clock", nil),
        ] as [(String, Int64?)])
    func greeting(clock: String, seconds: Int64?) {
        var session = IBSession(clientID: 7)
        let now = IBSession.Moment(uptime: .zero, wall: at(14, 30))
        _ = session.start(at: now)
        _ = session.connected(at: now)
        _ = session.greeted(.version(.newest, clock: clock), at: now)
        #expect(session.gatewayOffset == seconds.map { .seconds($0) })
    }
}

@Suite("Positions as they were told last")
struct IBLastPositionsTests {
    private func position(_ conID: Int, _ quantity: String, account: String = "DU1") throws -> IBMessage {
        try IBDecoder.decode("61|3|\(account)|\(conID)|AAPL|STK||0||||USD|AAPL|NMS|\(quantity)|150.25|")
    }

    @Test("A change that comes in between the list counts, and one to nothing closes the position")
    func changes() throws {
        let last = IBPosition.last(of: [
            try position(1, "10"), try position(2, "5"), try position(1, "7"), try position(3, "4"),
            try position(2, "0"), try position(1, "8", account: "DU2"),
        ])
        #expect(last.map(\.contract.conID) == [1, 3, 1])
        #expect(last.map(\.position) == [Quantity(7), Quantity(4), Quantity(8)])
    }
}
