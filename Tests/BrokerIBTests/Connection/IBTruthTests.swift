import Broker
import Core
import Rehearsal
import Sessions
import Synchronization
import TestSupport
import Testing

@testable import BrokerIB

/// Against a gateway on the loopback: what the lists say when something is wrong on the way.
@Suite("An order is never doubled and a fill never lost at IB", .serialized, .timeLimit(.minutes(3)))
struct IBTruthTests {
    /// What a broker was told in words.
    final class Words: Sendable {
        private let told = Mutex<[String]>([])
        var all: [String] { told.withLock { $0 } }
        func tell(_ sentence: String) { told.withLock { $0.append(sentence) } }
        func contain(_ part: String) -> Bool { all.contains { $0.contains(part) } }
    }

    private let words = Words()

    private func apple() throws -> Instrument { try .fixture(symbol: Symbol("AAPL"), exchange: ExchangeID("XNAS")) }

    private func request(
        _ id: String, _ type: OrderType = .market, _ time: TimeInForce = .day
    ) throws -> OrderRequest {
        OrderRequest(
            clientOrderID: ClientOrderID(id), instrument: try apple(), side: .buy, type: type, quantity: Quantity(10),
            timeInForce: time)
    }

    private func broker(
        _ client: IBConnection, memory: any IBContractMemory = IBContractTable(), login: String = "America/New_York",
        more: [Instrument] = []
    ) throws -> IBBroker {
        IBBroker(
            client, account: AccountID(Rig.account), contracts: IBContracts(client, memory: memory),
            instruments: [try apple()] + more, loginZone: try #require(ZoneRules.named(login)), trouble: words.tell)
    }

    private func number(_ outcome: SubmitOutcome?) throws -> BrokerOrderID {
        guard case .acknowledged(let number, _)? = outcome else {
            throw Unexpected(what: "\(String(describing: outcome))")
        }
        return number
    }

    private struct Unexpected: Error { let what: String }

    // MARK: Executions

    @Test("All executions of the day are told, whatever is asked for, and the lists say when they begin")
    func noFilter() async throws {
        try await Rig.run { rig in
            let client = try await rig.ready()
            let broker = try broker(client)
            _ = try number(await broker.submit([try request("a-1")]).first)
            let later = Rig.open.advanced(bySeconds: 86_400)
            let executions = try await broker.executions(since: later)
            #expect(executions.isComplete && executions.items.count == 1)
            // New York's midnight, nine and a half hours before the opening.
            let midnight = Rig.open.advanced(bySeconds: -34_200)
            #expect(executions.beginsAt == midnight)
            #expect(try await broker.orders(since: later).beginsAt == midnight)
            #expect(try await broker.positions().beginsAt == nil)
            #expect(await client.gatewayOffset == .seconds(-5 * 3600))
        }
    }

    @Test(
        "A login zone that is configured wrongly moves times, and loses and doubles nothing",
        arguments: ["Asia/Seoul", "UTC", "America/Los_Angeles"])
    func wrongZone(zone: String) async throws {
        try await Rig.run(change: { $0.executionTimes = .plain }) { rig in
            let broker = try broker(try await rig.ready(), login: zone)
            _ = try number(await broker.submit([try request("a-1")]).first)
            let first = try await broker.executions(since: Rig.open)
            let second = try await broker.executions(since: Rig.open)
            #expect(first.items.count == 1 && first.items.map(\.executionID) == second.items.map(\.executionID))
            // 09:30 in Los Angeles has not come yet: it is told as now. The others are hours ago.
            let isLater = zone == "America/Los_Angeles"
            #expect(first.items.allSatisfy { isLater ? $0.filledAt == Rig.open : $0.filledAt < Rig.open })
            #expect(words.contain("correct brokers.ib.time_zone"))
            // Whatever the zone, the latest midnight is believed: here New York's or, with three hours more, California's.
            #expect(first.beginsAt == Rig.open.advanced(bySeconds: isLater ? -34_200 + 10_800 : -34_200))
        }
    }

    @Test("A zone that nobody knows, and a time that is none, drop nothing: the time is read as well as it can be")
    func times() async throws {
        try await Rig.run { rig in
            let broker = try broker(try await rig.ready())
            let listed = Rig.open.advanced(bySeconds: 77)
            #expect(broker.time("20261120 09:30:00 Mars/Olympus", of: "it", or: listed) == Rig.open)
            #expect(words.contain("a zone that takt does not know"))
            #expect(broker.time("yesterday", of: "it", or: listed) == listed && words.contain("cannot be read"))
        }
    }

    // MARK: Contracts

    @Test("What was looked up once keeps its name when nothing can be looked up: also in another process")
    func remembered() async throws {
        let folder = try TemporaryFolder("takt-ib-truth")
        try await Rig.run(hurry: 10) { rig in
            let client = try await rig.ready()
            let before = try broker(client, memory: try IBContractFile(folder: folder.path))
            _ = try number(await before.submit([try request("a-1")]).first)
            rig.faults(.init(.ignored, at: "reqContractDetails", .calls(Set(1...50))))
            // Long after the entry has aged.
            rig.clock.set(Rig.open.advanced(bySeconds: 30 * 86_400))
            let after = try broker(client, memory: try IBContractFile(folder: folder.path))
            let executions = try await after.executions(since: Rig.open)
            #expect(executions.isComplete && executions.items.map(\.symbol) == [Symbol("AAPL")])
            let positions = try await after.positions()
            #expect(positions.isComplete && positions.items.map(\.symbol) == [Symbol("AAPL")])
            // An order is not sent on what is old.
            guard case .notReady = await after.prepared(try request("a-2")) else {
                Issue.record("prepared on an old look-up")
                return
            }
        }
    }

    @Test("It is looked up once a day, however many processes there are; an instrument that was changed is another")
    func cached() async throws {
        let folder = try TemporaryFolder("takt-ib-truth")
        try await Rig.run { rig in
            let client = try await rig.ready()
            func contracts() throws -> IBContracts {
                IBContracts(client, memory: try IBContractFile(folder: folder.path))
            }
            let first = try await contracts().contract(of: try apple())
            let sent = await client.traffic.sent
            #expect(try await contracts().contract(of: try apple()) == first)
            #expect(await client.traffic.sent == sent)
            rig.clock.set(Rig.open.advanced(bySeconds: 86_400))
            #expect(try await contracts().contract(of: try apple()).listedAt > first.listedAt)
            #expect(await client.traffic.sent == sent + 1)
            let other = try Instrument.fixture(
                symbol: Symbol("AAPL"), exchange: ExchangeID("XNAS"), brokerSymbols: [.ib: "MSFT"])
            #expect(try await contracts().contract(of: other).conID != first.conID)
        }
    }

    @Test("Where nothing is remembered and nothing can be looked up, the list is incomplete and the rest of it is told")
    func unnamed() async throws {
        try await Rig.run(
            hurry: 10,
            change: { configuration in
                // Both are traded.
                let apple = configuration.contracts.first { $0.symbol == "AAPL" && $0.secType == "STK" }
                for index in configuration.contracts.indices where configuration.contracts[index].symbol == "MSFT" {
                    configuration.contracts[index].tapeBars = apple?.tapeBars ?? []
                    configuration.contracts[index].depth = 100
                }
            }
        ) { rig in
            let client = try await rig.ready()
            let before = try broker(client)
            _ = try number(await before.submit([try request("a-1")]).first)
            // Held, and configured by nobody: it needs no look-up.
            let microsoft = try Instrument.fixture(symbol: Symbol("MSFT"), exchange: ExchangeID("XNAS"))
            let ids = try await client.reserveOrderIDs()
            let contract = try await IBContracts(client).contract(of: microsoft).contract
            let other = IBOrder(
                side: .buy, quantity: Quantity(3), type: .market, account: Rig.account, reference: "m-1")
            _ = await client.place(
                [PlaceOrderRequest(orderID: ids[0], contract: contract, order: other)], within: .seconds(15))
            rig.faults(.init(.shortFrame, at: "contractData", .calls(Set(1...50))))
            let executions = try await broker(client).executions(since: Rig.open)
            #expect(!executions.isComplete && executions.items.map(\.symbol.text) == ["MSFT.272093"])
            #expect(words.contain("has no name of ours"))
            let positions = try await broker(client).positions()
            #expect(!positions.isComplete && positions.items.count == 1)
        }
    }

    @Test(
        "An order for what is ambiguous waits for the operator, who is told of all that it may be; it is not rejected")
    func ambiguous() async throws {
        try await Rig.run(change: { configuration in
            for id in 1001...1025 {
                configuration.contracts.append(
                    GatewayContract(
                        conId: id, symbol: "TWIN", venue: .nasdaq, tradingClass: "T\(id)", longName: "TWIN \(id)",
                        basePrice: FixedPoint(10)))
            }
        }) { rig in
            let twin = try Instrument.fixture(symbol: Symbol("TWIN"), exchange: ExchangeID("XNAS"))
            let broker = try broker(try await rig.ready(), more: [twin])
            let order = OrderRequest(
                clientOrderID: ClientOrderID("t-1"), instrument: twin, side: .buy, type: .market,
                quantity: Quantity(1), timeInForce: .day)
            guard case .notReady(let detail) = await broker.prepared(order),
                case .notSent? = await broker.submit([order]).first
            else {
                Issue.record("final")
                return
            }
            #expect((1001...1025).allSatisfy { detail.contains("\($0) TWIN") })
            let unknown = try Instrument.fixture(symbol: Symbol("NOSUCH"), exchange: ExchangeID("XNAS"))
            let other = OrderRequest(
                clientOrderID: ClientOrderID("t-2"), instrument: unknown, side: .buy, type: .market,
                quantity: Quantity(1), timeInForce: .day)
            guard case .refused("ib-contract", _) = await broker.prepared(other) else {
                Issue.record("what IB knows for certain not to have is refused")
                return
            }
            // A gateway without its farms knows of nothing.
            rig.simulator.setFarms(connected: false)
            #expect(try await eventually { await !broker.connection.reachesEverything })
            guard case .notReady = await broker.prepared(other) else {
                Issue.record("refused by a gateway that reaches nothing")
                return
            }
        }
    }

    // MARK: When lists prove nothing

    @Test("In the nightly reset lists prove nothing, whatever the gateway says of its link")
    func reset() async throws {
        try await Rig.run { rig in
            let broker = try broker(try await rig.ready())
            // 23:50 in New York.
            rig.clock.set(Rig.open.advanced(bySeconds: 51_600))
            #expect(try await !broker.orders(since: Rig.open).isComplete)
            #expect(try await !broker.executions(since: Rig.open).isComplete)
            #expect(try await !broker.positions().isComplete)
            // 00:20.
            rig.clock.set(Rig.open.advanced(bySeconds: 53_400))
            #expect(try await broker.orders(since: Rig.open).isComplete)
        }
    }

    @Test("Orders that the gateway shows at the start, before it was asked, do not end our list of them")
    func pushed() async throws {
        try await Rig.run(change: { $0.downloadsOpenOrders = true }) { rig in
            let first = try await rig.ready()
            let broker = try broker(first)
            for id in ["a-1", "a-2"] { _ = try number(await broker.submit([try request(id, .limit(Price(1)))]).first) }
            await first.close()
            let second = try await rig.ready()
            for _ in 0..<3 {
                let open = try await second.openOrders()
                #expect(open.isComplete && open.items.count == 2)
            }
        }
    }

    @Test("A list whose end is lost is incomplete once, and whole the next time, on the same connection")
    func lostEnd() async throws {
        try await Rig.run(hurry: 20) { rig in
            let client = try await rig.ready()
            rig.faults(.init(.skipped, at: "completedOrdersEnd", .calls([1])))
            #expect(try await !client.completedOrders().isComplete)
            for _ in 0..<3 { #expect(try await client.completedOrders().isComplete) }
        }
    }

    // MARK: Orders and changes

    @Test("An order id is on record before the order is sent, and no id is used twice after the gateway was reset")
    func orderIDs() async throws {
        let folder = try TemporaryFolder("takt-ib-truth")
        let memory = try IBContractFile(folder: folder.path)
        try await memory.use(500, client: 7)
        try await Rig.run { rig in
            let client = try await rig.ready { $0.orderIDs = memory }
            let broker = try broker(client)
            _ = try number(await broker.submit([try request("a-1", .limit(Price(1)))]).first)
            #expect(try await client.openOrders().items.map(\.order.orderID) == [501])
            #expect(try await memory.usedOrderID(client: 7) == 501)
            // Whoever cannot put it on record does not send.
            try IBStateFile(path: "\(folder.path)/\(IBContractFile.orderIDsName)").update { _ in [1, 2, 3] }
            guard case .notSent(let detail)? = await broker.submit([try request("a-2", .limit(Price(1)))]).first else {
                Issue.record("sent without a record")
                return
            }
            #expect(detail.contains("cannot be put on record"))
            #expect(try await client.openOrders().items.count == 1)
        }
    }

    @Test("An id that is taken leaves the order in doubt, and the next one is asked for")
    func takenID() async throws {
        try await Rig.run { rig in
            let client = try await rig.ready()
            let filled = IBOrder(
                side: .buy, quantity: Quantity(1), type: .market, account: Rig.account, reference: "a-1")
            func place(_ id: Int64, _ order: IBOrder) async -> IBPlacements.Fate {
                await client.place(
                    [PlaceOrderRequest(orderID: id, contract: Rig.apple, order: order)], within: .seconds(15))[0]
            }
            guard case .acknowledged = await place(40, filled) else { throw Unexpected(what: "not acknowledged") }
            var next = filled
            next.reference = "a-2"
            guard case .unknown = await place(39, next) else {
                Issue.record("an id that is too low settles nothing")
                return
            }
            #expect(try await eventually { await client.orderIDs?.nextID == 41 })
        }
    }

    @Test("A gateway that takes no orders is told of by name, and neither sends, changes nor cancels anything")
    func readOnly() async throws {
        try await Rig.run(change: { $0.isReadOnly = true }) { rig in
            let broker = try broker(try await rig.ready())
            #expect(try await !broker.orders(since: Rig.open).isComplete)
            #expect(words.contain("clear 'Read-Only API'"))
            #expect(rig.notices.contains { $0.weight == .alert && $0.sentence.contains("clear 'Read-Only API'") })
            let cancellation = CancelRequest(
                clientOrderID: ClientOrderID("a-1"), brokerOrderID: BrokerOrderID("1"), symbol: Symbol("AAPL"))
            let revision = RevisionRequest(
                clientOrderID: ClientOrderID("a-1"), brokerOrderID: BrokerOrderID("1"), instrument: try apple(),
                side: .buy, type: .limit(Price(2)), timeInForce: .day)
            for outcome in [await broker.cancel(cancellation), await broker.revise(revision)] {
                guard case .notSent(let detail) = outcome else {
                    Issue.record("\(outcome)")
                    continue
                }
                #expect(detail.contains("clear 'Read-Only API'"))
            }
            guard case .notSent(let detail)? = await broker.submit([try request("a-1")]).first else {
                Issue.record("sent")
                return
            }
            #expect(detail.contains("clear 'Read-Only API'"))
        }
    }

    @Test("New prices leave an order good for as long as it stands there, whatever our books say")
    func revision() async throws {
        try await Rig.run { rig in
            let broker = try broker(try await rig.ready())
            let number = try number(
                await broker.submit([try request("a-1", .limit(Price(150)), .goodTillCancelled)]).first)
            let revision = RevisionRequest(
                clientOrderID: ClientOrderID("a-1"), brokerOrderID: number, instrument: try apple(), side: .buy,
                type: .limit(Price(151)), timeInForce: .day)
            #expect(await broker.revise(revision) == .accepted)
            let order = try #require(try await broker.orders(since: Rig.open).items.first)
            #expect(order.type == .limit(Price(151)) && order.timeInForce == .goodTillCancelled)
        }
    }

    // MARK: Costs

    private func fee(
        _ commission: String?, age: Int64 = 0, client: Int = 7, _ broker: IBBroker
    ) throws -> FixedPoint? {
        let body =
            "11|-1|7|265598|AAPL|STK||0||||USD|AAPL|NMS|0001.01|20261120  09:30:00|DU1|ISLAND|BOT|10|200|99|\(client)|0|10|200"
            + "|a-1||||2|0|"
        guard case .execution(let execution) = try IBDecoder.decode(body) else { throw Unexpected(what: body) }
        var told: IBCommission?
        if let commission, case .commission(let report) = try IBDecoder.decode(commission) { told = report }
        return broker.fee(
            of: IBCostedExecution(execution: execution, commission: told), in: .usd, Rig.open,
            Rig.open.advanced(bySeconds: age))
    }

    @Test("Costs are a fee only in the currency they were paid in; those of a young execution are awaited")
    func costs() async throws {
        try await Rig.run { rig in
            let broker = try broker(try await rig.ready())
            #expect(try fee("59|1|0001.01|1.25|USD|0|0||", broker) == FixedPoint("1.25"))
            #expect(try fee("59|1|0001.01|-0.2|USD|0|0||", broker) == FixedPoint("-0.2"))
            #expect(words.all.isEmpty)
            #expect(try fee("59|1|0001.01|1.25|EUR|0|0||", broker) == .zero)
            #expect(words.contain("cost 1.25 EUR, and was paid in USD"))
            for age: Int64 in [0, 59, -5] { #expect(try fee(nil, age: age, broker) == nil) }
            #expect(!words.contain("booked without. They are added"))
            // Of another client, old, and of a time that has not come.
            #expect(try fee(nil, client: 8, broker) == .zero)
            #expect(words.contain("booked without. They are added"))
            for age: Int64 in [60, 3600, -3600] { #expect(try fee(nil, age: age, broker) == .zero) }
        }
    }
}
