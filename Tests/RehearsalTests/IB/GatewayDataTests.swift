import Core
import Testing

@testable import Rehearsal

/// Prices as the gateway tells them; the numbers are those of `GatewayDesk.bars`.
@Suite("Data of the simulated gateway")
struct GatewayDataTests {
    static func subscribe(_ id: Int, snapshot: Bool = false, symbol: String = "AAPL") -> [String] {
        [
            "1", "11", "\(id)", "0", symbol, "STK", "", "0", "", "", "SMART", "", "USD", "", "", "0", "",
            snapshot ? "1" : "0", "0", "",
        ]
    }

    static func history(
        _ id: Int, _ size: String, _ duration: String, end: String = "", what: String = "TRADES", format: String = "2",
        live: Bool = false
    ) -> [String] {
        [
            "20", "\(id)", "265598", "", "", "", "0", "", "", "SMART", "", "", "", "", "0", end, size, duration, "1",
            what, format, live ? "1" : "0", "",
        ]
    }

    @Test("A line begins with the quote, the last trade and the day, and goes on with every trade")
    func ticks() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.send(client, Self.subscribe(40))
        let first = desk.take(client)
        #expect(first[0] == ["81", "40", "0.01", "9c0001", "3"] && first[1] == ["58", "1", "40", "1"])
        func price(_ type: String, _ messages: [[String]]) -> String? {
            messages.last { $0[0] == "1" && $0[3] == type }?[4]
        }
        #expect(["1", "2", "4", "9", "14"].map { price($0, first) } == ["199.99", "200", "200", "201", "200"])
        desk.advance(40)
        let next = desk.take(client)
        #expect(next.filter { $0[0] == "1" && $0[3] == "4" }.map { $0[4] } == ["199.8", "200.5"])
        #expect(next.filter { $0[0] == "2" && $0[3] == "8" }.map { $0[4] } == ["200", "300"])
        #expect(price("6", next) == "200.5" && price("7", next) == "199.8")
        desk.send(client, ["2", "2", "40"])
        desk.send(client, ["2", "2", "40"])
        desk.advance(60)
        #expect(desk.take(client).map { $0[3] } == ["300"])
    }

    @Test("A snapshot ends, and holds no line; the hundred and first line is refused")
    func lines() throws {
        var desk = GatewayDesk { $0.messageRate = (warned: 1000, cut: 1000) }
        let (client, other) = (try desk.ready(7), try desk.ready(8))
        desk.send(client, Self.subscribe(1, snapshot: true))
        #expect(desk.take(client).last == ["57", "1", "1"])
        for id in 1...60 { desk.send(client, Self.subscribe(id)) }
        for id in 1...41 { desk.send(other, Self.subscribe(id)) }
        #expect(desk.take(other, "4").map { [$0[2], $0[3]] } == [["41", "101"]])
        desk.send(client, Self.subscribe(60))
        #expect(desk.take(client, "4").map { $0[3] } == ["102"])
        desk.steer { $0.closed(client) }
        desk.send(other, Self.subscribe(41))
        #expect(desk.take(other, "4").isEmpty)
    }

    @Test("Without a subscription there is nothing, or what is fifteen minutes old")
    func delayed() throws {
        var desk = GatewayDesk { $0.delayedSymbols = ["AAPL"] }
        let client = try desk.ready(7)
        desk.send(client, Self.subscribe(1))
        #expect(desk.take(client).map { $0[3] } == ["10089"])
        desk.send(client, ["59", "1", "3"])
        desk.send(client, Self.subscribe(2))
        let first = desk.take(client)
        #expect(first[0][3] == "10167" && first.contains(["58", "1", "2", "3"]))
        #expect(first.filter { $0[0] == "1" }.map { $0[3] } == ["68", "75"])
        desk.advance(60)
        #expect(desk.take(client).isEmpty)
        // The trades after 20, 40 and 59 seconds, told 900 seconds later.
        desk.advance(900)
        let late = desk.take(client)
        #expect(late.filter { $0[0] == "1" }.map { $0[4] } == ["199.8", "200.5", "200.2", "200.2"])
        #expect(late.allSatisfy { ["1", "2", "46"].contains($0[0]) })
    }

    @Test("Bars of five seconds: one every five, those without a trade too, none after the close")
    func fiveSeconds() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.send(
            client,
            ["50", "3", "5", "265598", "", "", "", "0", "", "", "SMART", "", "", "", "", "5", "TRADES", "1", ""])
        desk.advance(62)
        let bars = desk.take(client, "50")
        #expect(bars.count == 12 && bars.map { Int($0[3]) ?? 0 } == (0..<12).map { 1_795_185_000 + 5 * $0 })
        #expect(bars[4][4...] == ["199.8", "199.8", "199.8", "199.8", "100", "199.8", "1"])
        #expect(bars[5][4...] == ["199.8", "199.8", "199.8", "199.8", "0", "199.8", "0"])
        #expect(bars[11][4...] == ["200.2", "200.2", "200.2", "200.2", "100", "200.2", "1"])
        desk.advance(7 * 3600)
        let rest = desk.take(client, "50")
        #expect(rest.count == 6 * 720 + 360 - 12)
    }

    @Test("History is gathered from the minutes; days are dates, the rest seconds or text")
    func history() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.advance(120)
        desk.send(client, Self.history(1, "5 mins", "1 D"))
        #expect(
            desk.take(client) == [
                [
                    "17", "1", "20261120 09:30:00 US/Eastern", "20261120 09:32:00 US/Eastern", "1", "1795185000", "200",
                    "200.5", "198", "198.5", "800", "199.6875", "8",
                ]
            ])
        desk.send(client, Self.history(2, "1 min", "1 D", format: "1"))
        let minutes = try #require(desk.take(client).first)
        #expect(
            minutes[4] == "2"
                && minutes[13...] == [
                    "20261120 09:31:00 US/Eastern", "200.2", "200.3", "198", "198.5", "400", "199.25", "4",
                ])
        desk.send(client, Self.history(3, "1 day", "1 W"))
        #expect(desk.take(client).first?[5...9] == ["20261120", "200", "200.5", "198", "198.5"])
        desk.send(client, Self.history(4, "20 secs", "1 D"))
        desk.send(client, Self.history(5, "5 mins", "1 D", end: "20201120-15:00:00"))
        desk.send(client, Self.history(6, "1 min", "2 D"))
        #expect(desk.take(client).map { [$0[2], $0[3]] } == [["4", "321"], ["5", "162"], ["6", "162"]])
    }

    @Test("A history that is kept up to date tells its newest bar again, in its own order of fields")
    func keptUp() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.send(client, Self.history(1, "1 min", "3600 S", live: true))
        #expect(desk.take(client).first?[4] == "1")
        desk.advance(70)
        let updates = desk.take(client, "90")
        #expect(updates.last == ["90", "1", "1", "1795185060", "200.2", "200.2", "200.2", "200.2", "200.2", "100"])
        // The minute that is over, with its date for the last time: open, close, high, low, average, volume.
        let first = updates.last { $0[3] == "1795185000" }
        #expect(first == ["90", "1", "4", "1795185000", "200", "200.2", "200.5", "199.8", "200.125", "400"])
        desk.send(client, ["25", "1", "1"])
        desk.send(client, ["25", "1", "1"])
        #expect(desk.take(client).map { $0[3] } == ["366"])
    }

    @Test("Pacing: the same small request within fifteen seconds, six within two; longer bars only when it is strict")
    func pacing() throws {
        var desk = GatewayDesk { $0.messageRate = (warned: 1000, cut: 1000) }
        let client = try desk.ready(7)
        desk.send(client, Self.history(1, "5 secs", "600 S"))
        desk.send(client, Self.history(2, "5 secs", "600 S"))
        desk.elapsed += 16_000_000_000
        desk.send(client, Self.history(3, "5 secs", "600 S"))
        for id in 4...8 { desk.send(client, Self.history(id, "5 secs", "\(600 + id) S")) }
        for id in 9...20 { desk.send(client, Self.history(id, "5 mins", "1 D")) }
        let refused = desk.take(client, "4")
        #expect(refused.map { $0[2] } == ["2", "8"] && refused.allSatisfy { $0[4].contains("pacing violation") })
        var strict = GatewayDesk { $0.isPacingStrict = true }
        let careful = try strict.ready(7)
        strict.send(careful, Self.history(1, "5 mins", "1 D"))
        strict.send(careful, Self.history(2, "5 mins", "1 D"))
        #expect(strict.take(careful, "4").map { $0[2] } == ["2"])
    }

    @Test("What is named must be one contract")
    func contracts() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        func details(_ symbol: String, exchange: String, currency: String) -> [String] {
            ["9", "8", "3", "0", symbol, "STK", "", "0", "", "", exchange, "", currency, "", "", "0", "", "", ""]
        }
        desk.send(client, details("SAP", exchange: "SMART", currency: ""))
        #expect(desk.take(client).map { $0[0] } == ["10", "10", "52"])
        desk.send(client, Self.subscribe(9, symbol: "SAP").enumerated().map { $0.offset == 12 ? "" : $0.element })
        #expect(
            desk.take(client).map { [$0[3], $0[4]] } == [
                ["200", "The contract description specified for SAP is ambiguous."]
            ])
        desk.send(client, details("SAP", exchange: "IBIS", currency: "USD"))
        #expect(desk.take(client).map { $0[3] } == ["200"])
    }
}
