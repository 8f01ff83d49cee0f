import Core
import Testing

@testable import Rehearsal

/// Bytes and layouts, against the counts and examples of the protocol's description.
@Suite("The simulated gateway's wire")
struct GatewayWireTests {
    /// The first bytes of a client, and a request of the time.
    static let opening: [UInt8] =
        [0x41, 0x50, 0x49, 0x00, 0, 0, 0, 9] + Array("v157..178".utf8) + [0, 0, 0, 5, 0x34, 0x39, 0, 0x31, 0]

    @Test("A greeting and a request are read the same however the bytes are cut", arguments: 1..<Self.opening.count)
    func splits(_ cut: Int) throws {
        var reader = FrameReader()
        var messages: [FrameReader.Message] = []
        for part in [Self.opening[..<cut], Self.opening[cut...]] {
            reader.append(part)
            while let message = try reader.next() { messages.append(message) }
        }
        #expect(messages == [.hello(157...178), .fields(["49", "1"])])
    }

    @Test("What is no greeting, no version and no length is an error, not a wait")
    func nonsense() {
        func problem(_ bytes: [UInt8]) -> FrameReader.Problem? {
            var reader = FrameReader()
            reader.append(bytes)
            do throws(FrameReader.Problem) {
                while try reader.next() != nil {}
                return nil
            } catch { return error }
        }
        #expect(problem(Array("GET / HTTP/1.1".utf8)) == .noGreeting)
        #expect(problem(Array("API\0".utf8) + [0x01, 0, 0, 0]) == .tooLong(0x100_0000))
        #expect(problem(Array("API\0".utf8) + [0, 0, 0, 2, 0x76, 0x78]) == .badVersionLine("vx"))
        #expect(problem(Array("API\0".utf8) + [0, 0xFF, 0xFF, 0xFF]) == nil)
    }

    @Test("The version is the client's highest, at most the gateway's; nobody below 157 is served")
    func versions() throws {
        func served(_ versions: String) -> [String]? {
            var desk = GatewayDesk()
            let connection = desk.gateway.open()
            desk.send(connection, raw: Array("API\0".utf8) + GatewayAnswer.framed(Array(versions.utf8)))
            return desk.closed.isEmpty ? desk.take(connection).first : nil
        }
        #expect(served("v100..157")?.first == "157")
        #expect(served("v157..178")?.first == "178")
        #expect(served("v100..187 +PACEAPI") == ["178", "20261120 09:30:00 EST"])
        #expect(served("v100..156") == nil)
        #expect(served("v179..200") == nil)
    }

    @Test("The example of an order means what it says")
    func orderExample() throws {
        let example =
            "3|7|0|AAPL|STK||0|||SMART||USD|||||BUY|10|LMT|150.25||DAY||DU1||0|tk-0001|1|0|0|0|0|0|0|0||0|||||||0||-1|0"
            + "|||0|||0|0||0||||||0|||||0|||||||||||0|||0|0|||0||0|0|0|0|||||||0|||||||||0|0|0||||0|||"
        let fields = example.split(separator: "|", omittingEmptySubsequences: false).dropLast().map(String.init)
        #expect(fields.count == 114)
        guard case .placeOrder(let id, let query, let ticket) = try GatewayRequest(fields, version: 178) else {
            throw Unexpected()
        }
        #expect(id == 7 && query.symbol == "AAPL" && query.exchange == "SMART" && query.currency == "USD")
        #expect(ticket.isBuy && ticket.quantity == FixedPoint(10) && ticket.orderType == "LMT")
        #expect(try ticket.limit == FixedPoint("150.25") && ticket.auxPrice == nil && ticket.tif == "DAY")
        #expect(ticket.account == "DU1" && ticket.orderRef == "tk-0001" && ticket.transmit && !ticket.whatIf)
    }

    struct Unexpected: Error {}

    @Test("An order's far fields are found: trailing stop, algorithm, what-if, group, dates")
    func farFields() throws {
        var fields = GatewayDesk.order(
            9, "SELL", 3, "TRAIL LIMIT", aux: "0.5", tif: "GTD",
            changes: [
                23: "group", 28: "0", 29: "8", 34: "1", 39: "20261120 15:00:00 US/Eastern", 47: "2", 69: "199.5",
                70: "2.5",
                85: "1", 93: "0.1",
            ])
        // The algorithm's list stands behind its name.
        fields.replaceSubrange(82...82, with: ["Adaptive", "1", "adaptivePriority", "Urgent"])
        guard case .placeOrder(_, _, let ticket) = try GatewayRequest(fields, version: 178) else { throw Unexpected() }
        #expect(!ticket.isBuy && ticket.ocaGroup == "group" && ticket.ocaType == 2 && ticket.parentId == 8)
        #expect(!ticket.transmit && ticket.outsideRth && ticket.whatIf)
        #expect(try ticket.trailStop == FixedPoint("199.5") && ticket.trailPercent == FixedPoint("2.5"))
        #expect(try ticket.limitOffset == FixedPoint("0.1") && ticket.auxPrice == FixedPoint("0.5"))
        #expect(ticket.algoStrategy == "Adaptive" && ticket.algoParameters == ["adaptivePriority", "Urgent"])
        #expect(ticket.goodTillDate == "20261120 15:00:00 US/Eastern")
    }

    /// The order of the open-order example, AAPL at the market.
    func exampleOrder() throws -> GatewayOrder {
        let contract = try #require(IBSimulatorConfiguration.standardContracts.first { $0.conId == 265_598 })
        var ticket = GatewayTicket()
        (ticket.quantity, ticket.orderType, ticket.tif) = (FixedPoint(10), "MKT", "DAY")
        (ticket.account, ticket.orderRef) = ("DU1", "tk-0001")
        var order = GatewayOrder(
            index: 0, clientId: 1, orderId: 7, contract: contract, exchange: "SMART", ticket: ticket,
            acceptedAt: GatewayDesk.open)
        order.permId = 600_745_656
        order.status = .preSubmitted
        return order
    }

    @Test("An open order is the captured example, field by field")
    func openOrderExample() throws {
        let example =
            "5|7|265598|AAPL|STK||0|?||SMART|USD|AAPL|NMS|BUY|10|MKT|0.0|0.0|DAY||DU1||0|tk-0001|1|600745656|0|0|0||"
            + "600745656.0/DU1/10|||||||||0||-1|0||||||2147483647|0|0|0||3|0|0||0|0||0|None||0||||?|0|0||0|0||||||0|0|0|"
            + "2147483647|2147483647|||0||IB|0|0||0|0|PreSubmitted|E|E|E|E|E|E|E|E|E||||||0|0|0|None|E|E|E|E|E|E|0||||0|1"
            + "|0|0|0|||0||100|0.02|||"
        let expected = example.split(separator: "|", omittingEmptySubsequences: false).dropLast().map {
            $0 == "E" ? "1.7976931348623157E308" : String($0)
        }
        #expect(expected.count == 135)
        #expect(OrderAnswers(version: 178).open(try exampleOrder(), orderId: 7, parentId: 0).fields == expected)
    }

    @Test(
        "The layouts have as many fields as each version has",
        arguments: [(178, 135), (177, 135), (173, 136), (169, 131), (161, 130), (159, 129), (157, 128)])
    func openOrderWidths(_ version: Int, _ count: Int) throws {
        #expect(OrderAnswers(version: version).open(try exampleOrder(), orderId: 7, parentId: 0).fields.count == count)
    }

    @Test("Status, execution, commission and completed order are as long as they should be")
    func otherWidths() throws {
        let order = try exampleOrder()
        let answers = OrderAnswers(version: 178)
        let fill = GatewayFill(
            execId: "0000e0d5.1.2.01.01", order: 0, account: "DU1", quantity: FixedPoint(10), price: FixedPoint(150),
            at: GatewayDesk.open, commission: .one, realized: nil, cumulative: FixedPoint(10), average: FixedPoint(150),
            liquidity: 1)
        var working = order
        working.status = .submitted
        #expect(
            answers.status(working, orderId: 7, parentId: 0).fields.joined(separator: "|") + "|"
                == "3|7|Submitted|0|10|0|600745656|0|0|1||0|")
        #expect(answers.execution(fill, order, requestId: -1).fields.count == 32)
        #expect(OrderAnswers(version: 177).execution(fill, order, requestId: -1).fields.count == 31)
        #expect(answers.commission(fill, order).fields.count == 8)
        #expect(answers.completed(order).fields.count == 100)
        #expect(OrderAnswers(version: 176).completed(order).fields.count == 101)
        #expect(OrderAnswers(version: 157).completed(order).fields.count == 96)
        #expect(
            answers.execution(fill, order, requestId: -1).fields[15] == "20261120 09:30:00 US/Eastern")
    }

    @Test("A contract's layout changes at 163 and 164; an error's at 166")
    func contractWidths() throws {
        let contract = try exampleOrder().contract
        func fields(_ version: Int) -> [String] {
            DataAnswers.contract(
                contract, requestId: 4, exchange: "SMART", version: version, now: GatewayDesk.open
            ).fields
        }
        // 40 with an empty list of ids, and two more for the one it has.
        #expect(fields(178).count == 42 && fields(178)[1] == "4")
        #expect(fields(163).count == 42 && fields(163)[1] == "8" && fields(163)[2] == "4")
        #expect(fields(157).count == 41)
        #expect(DataAnswers.error(-1, 2104, "ok", version: 178).fields == ["4", "2", "-1", "2104", "ok", ""])
        #expect(DataAnswers.error(-1, 2104, "ok", version: 165).fields == ["4", "2", "-1", "2104", "ok"])
    }

    @Test(
        "Values that are not set are not numbers", arguments: ["", "1.7976931348623157E308", "2147483647", "Infinity"])
    func unset(_ text: String) throws {
        var reader = FieldReader([text, text])
        #expect(try reader.number() == nil && reader.optionalInt() == nil)
    }

    @Test("Times are read in all their forms")
    func times() {
        let zone = GatewayMarket.newYork
        let noon = Instant(epochSeconds: 1_795_194_000)
        #expect(GatewayTime.instant("20261120 12:00:00", zone: zone) == noon)
        #expect(GatewayTime.instant("20261120-17:00:00", zone: zone) == noon)
        #expect(GatewayTime.instant("20261120 11:00:00 US/Central", zone: zone) == noon)
        #expect(GatewayTime.instant("20261120", zone: zone) == Instant(epochSeconds: 1_795_237_200))
        #expect(GatewayTime.instant("20261120 25:00:00", zone: zone) == nil)
        #expect(GatewayTime.instant("20261120 12:00:00 Mars/Olympus", zone: zone) == nil)
    }
}
