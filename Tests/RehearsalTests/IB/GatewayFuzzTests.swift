import Core
import TestSupport
import Testing

@testable import Rehearsal

/// Whatever a client sends, the gateway lives, and goes on for the others.
@Suite("The simulated gateway under nonsense", .timeLimit(.minutes(2)))
struct GatewayFuzzTests {
    static let requests: [[String]] = [
        GatewayDesk.order(1, "BUY", 10, "LMT", limit: "199.5"), GatewayDesk.order(2, "SELL", 5, "TRAIL", aux: "0.5"),
        GatewayDesk.order(3, "BUY", 5, "STP LMT", limit: "201", aux: "200.5", tif: "GTD", changes: [39: "20261121"]),
        ["4", "1", "1", ""], ["58", "1"], ["5", "1"], ["16", "1"], ["15", "1", "1"], ["99", "0"], ["8", "1", "1"],
        ["7", "3", "9", "0", "", "20261120-00:00:00", "", "", "", ""],
        ["9", "8", "3", "0", "SAP", "STK"]
            + Array(repeating: "", count: 14),
        GatewayDataTests.subscribe(40), GatewayDataTests.history(41, "5 mins", "1 D"),
        GatewayDataTests.history(42, "1 secs", "30 S", live: true), ["61", "1"],
        ["62", "1", "50", "All", "NetLiquidation"],
        ["6", "2", "1", "DU1234567"], ["76", "1", "51", "DU1234567", "", "0"], ["92", "52", "DU1234567", ""],
        ["94", "53", "DU1234567", "", "265598"], ["59", "1", "3"], ["49", "1"],
    ]

    static let oddities = [
        "", "0", "-1", "1", "2147483647", "9007199254740993", "-9223372036854775808", "99999999999999999999", "1e400",
        "0.000000001", "1.7976931348623157E308", "NaN", "-0", "\u{FFFD}", "20261399", "BAG", "PEG BENCH", "None", "?",
    ]

    @Test("Fields replaced, dropped, doubled and cut: no crash, books that still fold", arguments: UInt64(1)...4)
    func fields(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "fuzz")
        func draw(_ below: Int) -> Int { Int(random.next() % UInt64(below)) }
        var desk = GatewayDesk { $0.messageRate = (warned: 10_000, cut: 10_000) }
        let witness = try desk.ready(8)
        var client = try desk.ready(7)
        for round in 0..<1500 {
            var fields = Self.requests[draw(Self.requests.count)]
            for _ in 0..<draw(4) where !fields.isEmpty {
                let place = draw(fields.count)
                switch draw(4) {
                case 0: fields.remove(at: place)
                case 1: fields.insert(fields[place], at: place)
                case 2: fields.removeSubrange(place...)
                default: fields[place] = Self.oddities[draw(Self.oddities.count)]
                }
            }
            desk.send(client, fields)
            if round % 50 == 0 { desk.advance(Int64(draw(60))) }
            if desk.closed.contains(client) { client = try desk.ready(100 + round) }
            _ = desk.take(client)
        }
        desk.send(witness, ["49", "1"])
        #expect(desk.take(witness).last?[0] == "49")
        let market = desk.gateway.market
        var cash = FixedPoint(1_000_000)
        for fill in market.fills where market.orders[fill.order].contract.secType == "STK" {
            let value = try fill.price.multiplied(by: fill.quantity, rounding: .halfEven)
            cash = try (market.orders[fill.order].ticket.isBuy ? cash - value : cash + value) - fill.commission
        }
        #expect(market.accounts[GatewayDesk.account]?.cash["USD"] == cash)
    }

    @Test(
        "Bytes at random after the greeting: the connection closes or waits, and nobody else notices",
        arguments: UInt64(1)...20)
    func bytes(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed, stream: "bytes")
        var desk = GatewayDesk()
        let witness = try desk.ready(8)
        let client = try desk.ready(7)
        for _ in 0..<20 {
            let length = Int(random.next() % 40)
            let body = (0..<length).map { _ in UInt8(random.next() & 0xFF) }
            desk.send(client, raw: random.next() % 4 == 0 ? body : GatewayAnswer.framed(body))
        }
        desk.send(witness, ["49", "1"])
        #expect(desk.take(witness) == [["49", "1", "1795185000"]])
    }
}
