import Core
import Testing

@testable import Rehearsal

/// What goes wrong, as a client sees it, and what the books say of it.
@Suite("Faults of the simulated gateway")
struct GatewayFaultTests {
    static func plan(_ rules: IBFaultPlan.Rule...) -> IBFaultPlan { IBFaultPlan(seed: 5, rules: rules) }

    func desk(_ rules: IBFaultPlan.Rule...) throws -> (desk: GatewayDesk, client: Int) {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.gateway.faults.plan = IBFaultPlan(seed: 5, rules: rules)
        return (desk, client)
    }

    /// What a greeting gets.
    func greet(_ rule: IBFaultPlan.Rule) -> (desk: GatewayDesk, words: [[String]]) {
        var desk = GatewayDesk { $0.faults = Self.plan(rule) }
        desk.gateway.port = 4002
        let connection = desk.gateway.open()
        desk.send(connection, raw: Array("API\0".utf8) + GatewayAnswer.framed(Array("v157..178".utf8)))
        return (desk, desk.take(connection))
    }

    @Test("The handshake: silence, a late answer, a redirection, a client id in use")
    func handshake() throws {
        let silent = greet(.init(.silentHandshake, at: "connect", .calls([1])))
        #expect(silent.words.isEmpty && silent.desk.closed.isEmpty)
        let slow = greet(.init(.slowHandshake, at: "connect", .calls([1]), milliseconds: 700))
        #expect(slow.words.isEmpty && slow.desk.late.count == 1)
        guard case .later(700, let bytes) = slow.desk.late[0].action else { throw Unexpected() }
        #expect(bytes.starts(with: [0, 0, 0]))
        let redirect = greet(.init(.redirect, at: "connect", .calls([1])))
        #expect(redirect.words == [["-178", "127.0.0.1:4002"]] && redirect.desk.closed == [1])
        // Other frames have been seen before the version.
        let noisy = greet(.init(.unknownMessage, at: "hello", .calls([1])))
        #expect(noisy.words.map { $0[0] } == ["9999", "178"])
        var desk = GatewayDesk { $0.faults = Self.plan(.init(.clientIdInUse, at: "connect", .calls([1]))) }
        let connection = try desk.connect(7)
        #expect(desk.take(connection).map { $0[3] } == ["326"] && desk.closed == [connection])
        #expect(desk.gateway.injectedCount == 1)
    }

    struct Unexpected: Error {}

    @Test("A connection that drops before the order has no order; one that drops after it has one, and its fill")
    func drops() throws {
        var (desk, client) = try desk(.init(.dropBeforeAccept, at: "placeOrder", .calls([1])))
        #expect(desk.place(client, 1, "BUY", 10, "MKT").isEmpty)
        #expect(desk.closed == [client] && desk.gateway.market.orders.isEmpty)
        desk.gateway.faults.plan = Self.plan(.init(.dropAfterAccept, at: "placeOrder", .calls([1])))
        let again = try desk.ready(7)
        #expect(desk.place(again, 1, "BUY", 10, "MKT", changes: [27: "ref"]).isEmpty && desk.closed.contains(again))
        #expect(try desk.executions(7, 1) == ["10@200"])
        // It is found by its reference.
        let third = try desk.ready(7)
        desk.send(third, ["7", "3", "1", "0", "", "", "", "", "", ""])
        #expect(desk.take(third, "11").map { $0[26] } == ["ref"])
        desk.send(third, ["8", "1", "1"])
        #expect(desk.take(third) == [["9", "1", "2"]])
    }

    @Test("Silence with a live socket; a request that vanishes; an answer that is late")
    func silence() throws {
        var (desk, client) = try desk(.init(.silence, at: "placeOrder", .calls([1])))
        #expect(desk.place(client, 1, "BUY", 10, "MKT").isEmpty && desk.closed.isEmpty)
        desk.send(client, ["49", "1"])
        #expect(try desk.take(client).isEmpty && desk.executions(7, 1) == ["10@200"])
        (desk, client) = try self.desk(.init(.ignored, at: "placeOrder", .calls([2])))
        for id in 1...3 { desk.place(client, id, "BUY", 1, "LMT", limit: "150") }
        #expect(desk.gateway.market.orders.map(\.orderId) == [1, 3])
        (desk, client) = try self.desk(.init(.slow, at: "reqCurrentTime", .calls([1]), milliseconds: 40))
        desk.send(client, ["49", "1"])
        desk.send(client, ["49", "1"])
        #expect(desk.take(client).count == 1 && desk.late.count == 1)
    }

    @Test("Orders: refused without a status, cancelled by the servers later, in no list for a while")
    func fates() throws {
        var (desk, client) = try desk(
            .init(.rejected, at: "placeOrder", .calls([1])),
            .init(.serverCancel, at: "placeOrder", .calls([2]), seconds: 10),
            .init(.lateVisibility, at: "placeOrder", .calls([3]), seconds: 30))
        #expect(desk.place(client, 1, "BUY", 1, "LMT", limit: "150").map { [$0[0], $0[3]] } == [["4", "201"]])
        desk.place(client, 2, "BUY", 1, "LMT", limit: "150")
        desk.advance(10)
        #expect(desk.take(client).map { $0[0] } == ["3", "4"])
        #expect(try desk.status(7, 2) == "Cancelled")
        desk.place(client, 3, "BUY", 1, "MKT")
        func lists() -> [String] {
            desk.send(client, ["16", "1"])
            desk.send(client, ["7", "3", "1", "0", "", "", "", "", "", ""])
            desk.send(client, ["99", "0"])
            return desk.take(client).map { $0[0] }
        }
        #expect(lists() == ["53", "55", "101", "101", "102"])
        #expect(try desk.executions(7, 3).count == 1)
        desk.advance(30)
        #expect(lists() == ["53", "11", "59", "55", "101", "101", "101", "102"])
    }

    @Test("Frames: garbage, a length that cannot be, a half, a short one, a long one, an unknown one, two, none")
    func frames() throws {
        let request = ["49", "1"]
        func bytes(_ fault: IBFault) throws -> (words: [[String]], rest: [UInt8], isClosed: Bool) {
            var (desk, client) = try desk(.init(fault, at: "currentTime", .calls([1])))
            desk.send(client, request)
            let words = desk.take(client)
            return (words, desk.bytes[client] ?? [], desk.closed == [client])
        }
        let whole = ["49", "1", "1795185000"]
        #expect(try bytes(.garbageFrame).words.last == whole && bytes(.garbageFrame).words.count == 2)
        #expect(try bytes(.oversizedLength).rest.starts(with: [0xFF, 0xFF, 0xFF, 0xFF]))
        let half = try bytes(.halfFrame)
        #expect(half.words.isEmpty && half.rest.count == 10 && half.isClosed)
        #expect(try bytes(.shortFrame).words == [["49"]])
        #expect(try bytes(.surplusFields).words == [whole + ["surplus", "", "7"]])
        #expect(try bytes(.unknownMessage).words.map { $0[0] } == ["9999", "49"])
        #expect(try bytes(.duplicate).words == [whole, whole])
        #expect(try bytes(.skipped).words.isEmpty)
    }

    @Test("Executions: told twice, their commission first or late, a status left out; the books have them once")
    func executions() throws {
        var (desk, client) = try desk(
            .init(.duplicate, at: "execDetails", .calls([1])), .init(.commissionFirst, at: "execDetails", .calls([1])),
            .init(.skipped, at: "orderStatus", .calls([1, 2])))
        let told = desk.place(client, 1, "BUY", 10, "MKT").map { $0[0] }
        #expect(told == ["5", "59", "11", "11", "5"])
        #expect(try desk.executions(7, 1) == ["10@200"])
        (desk, client) = try self.desk(.init(.late, at: "commissionReport", .calls([1]), seconds: 9))
        #expect(!desk.place(client, 1, "BUY", 10, "MKT").contains { $0[0] == "59" })
        desk.advance(8)
        #expect(desk.take(client, "59").isEmpty)
        desk.advance(1)
        #expect(desk.take(client, "59").count == 1)
    }

    @Test("A correction is the same execution under its next revision, and the account bears the difference")
    func correction() throws {
        var (desk, client) = try desk(.init(.correction, at: "execDetails", .calls([1]), seconds: 5))
        desk.place(client, 1, "BUY", 10, "MKT")
        let first = try #require(try desk.fills(7, 1).first)
        desk.advance(5)
        let again = desk.take(client)
        #expect(again.map { $0[0] } == ["11", "59"])
        #expect(again[0][14] == first.execId.dropLast(2) + "02" && first.execId.hasSuffix(".01"))
        #expect(again[0][20] == "200.01" && again[1][2] == again[0][14])
        #expect(try desk.executions(7, 1) == ["10@200.01"])
        let account = try #require(desk.gateway.market.accounts[GatewayDesk.account])
        #expect(try account.cash["USD"] == FixedPoint("997998.9"))
        #expect(try account.positions[265_598]?.averageCost == FixedPoint("200.11"))
        desk.send(client, ["7", "3", "1", "0", "", "", "", "", "", ""])
        #expect(desk.take(client, "11").map { $0[14] } == [again[0][14]])
    }

    @Test("1100: orders wait, fills are not heard of, lists are old; 1102 brings what was missed")
    func lost() throws {
        var (desk, client) = try desk(.init(.lostRestored, at: "reqCurrentTime", .calls([1]), seconds: 60))
        desk.place(client, 1, "BUY", 10, "LMT", limit: "199.8")
        desk.send(client, ["49", "1"])
        #expect(desk.take(client).map { $0[0] } == ["4", "49"])
        let waiting = desk.place(client, 2, "BUY", 5, "MKT")
        #expect(waiting.filter { $0[0] == "3" }.map { $0[2] } == ["PendingSubmit"])
        desk.advance(30)
        // It has filled at the exchange; here nobody knows.
        #expect(try desk.executions(7, 1) == ["10@199.8"] && desk.take(client).isEmpty)
        desk.send(client, ["16", "1"])
        #expect(desk.take(client, "5").map { $0[1] } == ["1", "2"])
        desk.send(client, ["7", "3", "9", "0", "", "", "", "", "", ""])
        #expect(desk.take(client).map { $0[0] } == ["55"])
        let other = try desk.connect(8)
        #expect(desk.take(other, "4").map { $0[3] }.contains("1100"))
        desk.advance(31)
        let missed = desk.take(client)
        #expect(missed.first?[3] == "1102")
        #expect(missed.filter { $0[0] == "11" }.map { $0[2] } == ["1", "2"])
        #expect(try desk.status(7, 2) == "Filled")
    }

    @Test("While the line is down changes and cancellations wait; what was never sent on ends at once")
    func waiting() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.place(client, 1, "BUY", 10, "LMT", limit: "150")
        desk.place(client, 2, "BUY", 10, "LMT", limit: "151")
        desk.steer { $0.lose() }
        desk.place(client, 1, "BUY", 20, "LMT", limit: "152")
        desk.send(client, ["4", "1", "2", ""])
        desk.place(client, 3, "BUY", 10, "LMT", limit: "153")
        desk.send(client, ["4", "1", "3", ""])
        #expect(desk.take(client, "3").map { [$0[1], $0[2]] } == [["3", "ApiCancelled"]])
        #expect(try desk.own(7, 1).ticket.quantity == FixedPoint(10) && desk.status(7, 2) == "Submitted")
        desk.steer { $0.restore(keepsData: true) }
        #expect(try desk.own(7, 1).ticket.quantity == FixedPoint(20) && desk.own(7, 1).limit == FixedPoint(152))
        #expect(try desk.status(7, 2) == "Cancelled" && desk.status(7, 3) == "ApiCancelled")
        #expect(desk.take(client, "4").map { $0[3] } == ["1102", "202"])
    }

    @Test("1101: subscriptions of data are gone; without a return they stay silent")
    func dataGone() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.send(
            client,
            ["1", "11", "40", "265598", "", "", "", "0", "", "", "SMART", "", "", "", "", "0", "", "0", "0", ""])
        #expect(desk.take(client).contains { $0[0] == "1" })
        desk.steer { $0.lose() }
        desk.advance(30)
        #expect(desk.take(client).map { $0[3] } == ["1100"])
        desk.steer { $0.restore(keepsData: false) }
        desk.advance(30)
        #expect(desk.take(client).map { $0[3] } == ["1101"])
    }

    @Test("Broken farms and a competing session stop the data, and say so")
    func stale() throws {
        var (desk, client) = try desk(
            .init(.farmsBroken, at: "reqCurrentTime", .calls([1]), seconds: 10),
            .init(.competingSession, at: "reqCurrentTime", .calls([2]), seconds: 10))
        desk.send(
            client,
            ["1", "11", "40", "265598", "", "", "", "0", "", "", "SMART", "", "", "", "", "0", "", "0", "0", ""])
        _ = desk.take(client)
        desk.send(client, ["49", "1"])
        #expect(desk.take(client, "4").map { $0[3] } == ["2103", "2105"])
        desk.advance(21)
        // The trade after 20 s comes when the farms are back.
        let after = desk.take(client)
        #expect(after.filter { $0[0] == "4" }.map { $0[3] } == ["2104", "2106"] && after.contains { $0[0] == "1" })
        desk.send(client, ["49", "1"])
        #expect(desk.take(client, "4").map { [$0[2], $0[3]] } == [["40", "10197"]])
        desk.advance(9)
        #expect(desk.take(client).isEmpty)
        desk.advance(30)
        #expect(desk.take(client).contains { $0[0] == "1" })
    }

    @Test("A bust event ends bars of five seconds, and a new subscription brings them again")
    func bust() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        func bars(_ id: Int) -> [String] {
            ["50", "3", "\(id)", "265598", "", "", "", "0", "", "", "SMART", "", "", "", "", "5", "TRADES", "1", ""]
        }
        desk.send(client, bars(60))
        desk.advance(10)
        #expect(desk.take(client, "50").count == 2)
        desk.steer { $0.bust() }
        #expect(desk.take(client).map { [$0[2], $0[3]] } == [["60", "10225"]])
        desk.advance(10)
        #expect(desk.take(client).isEmpty)
        desk.send(client, ["51", "1", "60"])
        desk.send(client, bars(61))
        desk.advance(10)
        #expect(desk.take(client, "50").map { $0[2] } == ["61", "61"])
    }

    @Test("Kept strictly, the sixty-first subscription to bars within ten minutes is too many")
    func barPacing() throws {
        var desk = GatewayDesk { $0.isPacingStrict = true }
        let client = try desk.ready(7)
        for id in 60..<121 {
            desk.send(
                client,
                [
                    "50", "3", "\(id)", "265598", "", "", "", "0", "", "", "SMART", "", "", "", "", "5", "TRADES", "1",
                    "",
                ])
        }
        #expect(desk.take(client, "4").map { [$0[2], $0[3]] } == [["120", "420"]])
    }

    @Test("A restart closes everything, forgets what was not sent on, and keeps the rest")
    func restart() throws {
        var desk = GatewayDesk()
        let client = try desk.ready(7)
        desk.place(client, 1, "BUY", 1, "LMT", limit: "150", tif: "GTC")
        desk.place(client, 2, "BUY", 1, "LMT", limit: "150", changes: [28: "0"])
        desk.accept(desk.gateway.restart())
        #expect(desk.closed == [client])
        let again = try desk.connect(7)
        #expect(desk.take(again, "9") == [["9", "1", "3"]])
        desk.send(again, ["5", "1"])
        #expect(desk.take(again, "5").map { $0[1] } == ["1"])
    }

    @Test("The same seed draws the same faults, at the same answers")
    func seeds() throws {
        func log(_ seed: UInt64) throws -> [String] {
            var desk = GatewayDesk()
            let client = try desk.ready(7)
            desk.gateway.faults.plan = IBFaultPlan(
                seed: seed,
                rules: [.init(.duplicate, at: "orderStatus", .rate(0.3)), .init(.skipped, at: "openOrder", .rate(0.3))])
            for id in 1...20 { desk.place(client, id, "BUY", 10, "LMT", limit: "199.\(70 + id)") }
            desk.advance(120)
            return desk.gateway.faults.log.map { "\($0.fault.rawValue) \($0.endpoint) \($0.call)" }
        }
        let first = try log(3)
        #expect(try first.count > 10 && first == log(3) && first != log(4))
    }

    @Test("A plan is read from JSON; an unknown fault is named with those that are known")
    func json() throws {
        let json = try JSONValue(
            parsing: #"{"seed":3,"rules":[{"fault":"late","endpoint":"commissionReport","rate":0.5,"seconds":9}]}"#)
        #expect(
            try IBFaultPlan(json: json)
                == IBFaultPlan(seed: 3, rules: [.init(.late, at: "commissionReport", .rate(0.5), seconds: 9)]))
        do {
            _ = try IBFaultPlan(json: ["rules": [["fault": "fire"]]])
            Issue.record("it was taken")
        } catch {
            #expect("\(error)".contains("'fire'") && "\(error)".contains("lost-for-good"))
        }
    }
}

extension SimulatedGateway {
    var injectedCount: Int { faults.log.count }
}
