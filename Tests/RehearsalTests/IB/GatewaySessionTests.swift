import Core
import Testing

@testable import Rehearsal

/// Clients, ids, and who may see and do what.
@Suite("Clients of the simulated gateway")
struct GatewaySessionTests {
    @Test("A client hears its accounts, its next id and the state of the farms, in that order")
    func start() throws {
        var desk = GatewayDesk()
        let client = try desk.connect(7)
        let words = desk.take(client)
        #expect(words.map { $0[0] } == ["15", "9", "4", "4", "4"])
        #expect(words[0] == ["15", "1", "DU1234567,"] && words[1] == ["9", "1", "1"])
        #expect(words[2...].map { $0[3] } == ["2104", "2106", "2158"])
    }

    @Test("A gateway that downloads open orders shows them before it is asked; times have three spellings")
    func download() throws {
        for (style, text) in [
            (GatewayTimeStyle.zoned, "20261120 09:30:00 US/Eastern"), (.plain, "20261120  09:30:00"),
            (.utc, "20261120-14:30:00"),
        ] {
            var desk = GatewayDesk {
                $0.downloadsOpenOrders = true
                $0.executionTimes = style
            }
            let client = try desk.ready(7)
            desk.place(client, 1, "BUY", 1, "LMT", limit: "150")
            #expect(desk.place(client, 2, "BUY", 1, "MKT").first { $0[0] == "11" }?[15] == text)
            desk.steer { $0.closed(client) }
            let again = try desk.connect(7)
            #expect(desk.take(again).map { $0[0] } == ["15", "9", "5", "3", "4", "4", "4"])
        }
    }

    @Test("What comes before startApi is dropped")
    func early() throws {
        var desk = GatewayDesk()
        let connection = desk.gateway.open()
        desk.send(connection, raw: Array("API\0".utf8) + GatewayAnswer.framed(Array("v157..178".utf8)))
        _ = desk.take(connection)
        desk.send(connection, ["49", "1"])
        desk.send(connection, GatewayDesk.order(1, "BUY", 1, "MKT"))
        #expect(desk.take(connection).isEmpty && desk.gateway.market.orders.isEmpty)
    }

    @Test("A client id is one connection's at a time")
    func taken() throws {
        var desk = GatewayDesk()
        let first = try desk.ready(7)
        let second = try desk.connect(7)
        #expect(desk.take(second).map { $0[3] } == ["326"] && desk.closed == [second])
        desk.steer { $0.closed(first) }
        #expect(try desk.connect(7) > second && desk.closed == [second])
    }

    @Test("Ids belong to the client, only rise, and outlive its connection")
    func ids() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.place(client, 5, "BUY", 1, "LMT", limit: "150")
        #expect(desk.place(client, 4, "BUY", 1, "LMT", limit: "150").map { $0[3] } == ["103"])
        let other = try desk.ready(8)
        #expect(desk.place(other, 1, "BUY", 1, "LMT", limit: "150").first?[0] == "5")
        desk.send(client, ["8", "1", "1"])
        #expect(desk.take(client) == [["9", "1", "6"]])
        desk.steer { $0.closed(client) }
        let again = try desk.connect(7)
        #expect(desk.take(again, "9") == [["9", "1", "6"]])
        // Who has been shown another's higher id begins above it.
        desk.send(other, ["16", "1"])
        _ = desk.take(other)
        desk.send(other, ["8", "1", "1"])
        #expect(desk.take(other) == [["9", "1", "6"]])
    }

    @Test("An id that is open modifies; what cannot be modified is refused and stays as it was")
    func modification() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.place(client, 1, "BUY", 10, "LMT", limit: "150")
        func code(_ answers: [[String]]) -> [String] { answers.filter { $0[0] == "4" }.map { $0[3] } }
        #expect(code(desk.place(client, 1, "SELL", 10, "LMT", limit: "250")) == ["105"])
        #expect(code(desk.place(client, 1, "BUY", 10, "LMT", limit: "150.005")) == ["110"])
        #expect(try desk.own(7, 1).limit == FixedPoint(150) && desk.status(7, 1) == "Submitted")
        desk.place(client, 2, "BUY", 10, "MKT")
        #expect(code(desk.place(client, 2, "BUY", 10, "MKT")) == ["104"])
        desk.send(client, ["4", "1", "2", ""])
        #expect(code(desk.take(client)) == ["10148"])
        desk.send(client, ["4", "1", "1", ""])
        _ = desk.take(client)
        #expect(code(desk.place(client, 1, "BUY", 10, "LMT", limit: "150")) == ["103"])
        #expect(try desk.executions(7, 2).count == 1)
    }

    @Test(
        "Orders are their client's: others see them in the list of all, and cannot touch them; the master hears of them"
    )
    func visibility() throws {
        var desk = GatewayDesk { $0.masterClientId = 99 }
        let (owner, other, master) = (try desk.ready(7), try desk.ready(8), try desk.ready(99))
        desk.place(owner, 1, "BUY", 1, "LMT", limit: "150", changes: [27: "mine"])
        #expect(desk.take(other).isEmpty && desk.take(master).map { $0[0] } == ["5", "3"])
        desk.send(other, ["5", "1"])
        #expect(desk.take(other) == [["53", "1"]])
        desk.send(other, ["16", "1"])
        let all = desk.take(other)
        #expect(all.map { $0[0] } == ["5", "3", "53"] && all[0][23] == "mine" && all[0][24] == "7")
        desk.send(other, ["4", "1", "1", ""])
        #expect(desk.take(other).map { $0[3] } == ["10147"])
        desk.place(owner, 2, "BUY", 1, "MKT")
        #expect(desk.take(master, "59").count == 1)
        // Executions of others are listed, their commissions are not.
        desk.send(other, ["7", "3", "500", "0", "", "", "", "", "", ""])
        #expect(desk.take(other).map { $0[0] } == ["11", "55"])
        desk.send(owner, ["7", "3", "501", "0", "", "", "", "", "", ""])
        #expect(desk.take(owner).map { $0[0] } == ["11", "59", "55"])
        for (filter, count) in [
            (["8"], 0), (["7"], 1), (["0", "", "20261120-14:30:01"], 0), (["0", "", "", "AAPL"], 1),
        ] {
            desk.send(owner, ["7", "3", "502"] + filter + Array(repeating: "", count: 7 - filter.count))
            #expect(desk.take(owner, "11").count == count)
        }
    }

    @Test("An order made by hand has no id but a permanent one, client 0 hears of it, a global cancel ends it")
    func byHand() throws {
        var desk = GatewayDesk()
        let (zero, other) = (try desk.ready(0), try desk.ready(7))
        desk.steer { gateway in
            _ = try? gateway.placeByHand([
                "symbol": "AAPL", "side": "BUY", "type": "LMT", "quantity": "1", "price": "150",
            ])
        }
        #expect(desk.take(zero).map { $0[0] } == ["5", "3"] && desk.take(other).isEmpty)
        desk.send(other, ["16", "1"])
        let listed = try #require(desk.take(other).first)
        #expect(listed[1] == "0" && listed[24] == "0" && Int(listed[25]) ?? 0 > 0)
        desk.send(other, ["15", "1", "1"])
        #expect(desk.take(other).map { $0[3] } == ["327"])
        desk.send(other, ["58", "1"])
        #expect(desk.gateway.market.orders.allSatisfy { $0.status == .cancelled })
    }

    @Test("Client 0 can have orders made by hand bound to ids below zero, and cancel them")
    func binding() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(0)
        let order: JSONValue = ["symbol": "AAPL", "side": "BUY", "type": "LMT", "quantity": "1", "price": "150"]
        desk.steer { _ = try? $0.placeByHand(order) }
        _ = desk.take(client)
        desk.send(client, ["15", "1", "1"])
        #expect(desk.take(client).map { [$0[0], $0[2], $0[3]] } == [["100", "0", "-1"]])
        desk.steer { _ = try? $0.placeByHand(order) }
        #expect(desk.take(client, "100").map { $0[3] } == ["-2"])
        desk.send(client, ["4", "1", "-1", ""])
        #expect(desk.gateway.market.orders.map(\.status) == [.cancelled, .submitted])
    }

    @Test("A read-only gateway refuses orders and their lists, not data")
    func readOnly() throws {
        var desk = GatewayDesk { $0.isReadOnly = true }
        let client = try desk.ready(7)
        #expect(desk.place(client, 1, "BUY", 1, "MKT").map { [$0[2], $0[3]] } == [["1", "321"]])
        desk.send(client, ["5", "1"])
        #expect(desk.take(client).map { $0[3] } == ["321"])
        desk.send(client, ["61", "1"])
        #expect(desk.take(client) == [["62", "1"]])
        #expect(desk.gateway.market.orders.isEmpty)
    }

    @Test("Fifty messages a second are warned of, a hundred cut the connection")
    func rate() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        // 50 ms between messages are 20 a second.
        for _ in 0..<100 { desk.send(client, ["49", "1"]) }
        #expect(desk.take(client).allSatisfy { $0[0] == "49" })
        let request = GatewayAnswer("", ["49", "1"]).frame
        desk.elapsed += 1_000_000_000
        desk.send(client, raw: Array(repeating: request, count: 60).flatMap { $0 })
        #expect(desk.take(client, "4").map { $0[3] } == ["100"] && desk.closed.isEmpty)
        desk.send(client, raw: Array(repeating: request, count: 60).flatMap { $0 })
        #expect(desk.closed == [client] && desk.take(client, "4").map { $0[3] } == ["100"])
    }

    @Test("What cannot be read, and what nobody knows, is answered with 320 and costs nothing else")
    func unreadable() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        var fields = GatewayDesk.order(1, "BUY", 1, "MKT")
        fields[17] = "many"
        desk.send(client, fields)
        #expect(desk.take(client).map { [$0[2], $0[3]] } == [["1", "320"]])
        desk.send(client, ["4242", "1"])
        desk.send(client, ["9", "8", "4"])
        #expect(desk.take(client).map { $0[3] } == ["320", "320"])
        desk.send(client, ["49", "1"])
        #expect(desk.take(client) == [["49", "1", "1795185000"]])
    }
}
