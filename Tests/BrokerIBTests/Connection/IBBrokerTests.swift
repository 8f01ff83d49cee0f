import Broker
import Core
import Rehearsal
import TestSupport
import Testing

@testable import BrokerIB

@Suite("Interactive Brokers behind the broker protocol", .serialized, .timeLimit(.minutes(3)))
struct IBBrokerTests {
    private func apple(_ change: String? = nil) throws -> Instrument {
        try .fixture(
            symbol: Symbol("AAPL"), exchange: ExchangeID("XNAS"), brokerSymbols: change.map { [.ib: $0] } ?? [:])
    }

    private func request(
        _ id: String, _ side: Side = .buy, _ quantity: Int = 10, _ type: OrderType = .market,
        _ time: TimeInForce = .day, expiresAt: Instant? = nil
    ) throws -> OrderRequest {
        OrderRequest(
            clientOrderID: ClientOrderID(id), instrument: try apple(), side: side, type: type,
            quantity: Quantity(quantity), timeInForce: time, expiresAt: expiresAt)
    }

    private func broker(_ client: IBConnection, account: String = Rig.account) throws -> IBBroker {
        IBBroker(
            client, account: AccountID(account), contracts: IBContracts(client),
            instruments: [try apple(), try .fixture(symbol: Symbol("IBM"), exchange: ExchangeID("XNYS"))])
    }

    private func number(_ outcome: SubmitOutcome?) throws -> BrokerOrderID {
        guard case .acknowledged(let number, _)? = outcome else {
            Issue.record("\(String(describing: outcome))")
            throw Unexpected()
        }
        return number
    }

    private struct Unexpected: Error {}

    @Test("An order is sent, listed under our id, filled with its costs, and held")
    func life() async throws {
        try await Rig.run { rig in
            let broker = try broker(try await rig.ready())
            #expect(await broker.prepared(try request("a-1")) == .ready(try request("a-1"), note: nil))
            let filled = try number(await broker.submit([try request("a-1")]).first)
            let working = try number(
                await broker.submit([try request("a-2", .buy, 5, .limit(Price(150)), .goodTillCancelled)]).first)
            let orders = try await broker.orders(since: Rig.open)
            #expect(orders.isComplete && orders.items.count == 2)
            let first = try #require(orders.items.first { $0.brokerOrderID == filled })
            #expect(first.clientOrderID == ClientOrderID("a-1") && first.status == .filled)
            #expect(first.filledQuantity == Quantity(10) && first.type == .market && !first.isKnownForeign)
            let second = try #require(orders.items.first { $0.brokerOrderID == working })
            #expect(second.status == .working && second.type == .limit(Price(150)) && second.symbol == Symbol("AAPL"))
            #expect(second.timeInForce == .goodTillCancelled && second.quantity == Quantity(5))
            let executions = try await broker.executions(since: Rig.open)
            #expect(executions.isComplete && executions.items.count == 1)
            let execution = try #require(executions.items.first)
            #expect(execution.clientOrderID == ClientOrderID("a-1") && execution.price == Price(200))
            #expect(execution.fee.isPositive && execution.filledAt == Rig.open && !execution.isBusted)
            let positions = try await broker.positions()
            #expect(positions.isComplete && positions.items.map(\.symbol) == [Symbol("AAPL")])
            #expect(positions.items.map(\.quantity) == [Quantity(10)])
            let cash = try await broker.cash()
            // A million, less ten shares at 200 and their costs.
            let left = try FixedPoint(998_000) - execution.fee
            #expect(cash.isComplete && cash.items == [Money(left, .usd)])
        }
    }

    @Test("Execution times are read in each way that gateways write them", arguments: GatewayTimeStyle.allCases)
    func times(style: GatewayTimeStyle) async throws {
        try await Rig.run(change: { $0.executionTimes = style }) { rig in
            let broker = try broker(try await rig.ready())
            _ = try number(await broker.submit([try request("a-1")]).first)
            #expect(try await broker.executions(since: Rig.open).items.map(\.filledAt) == [Rig.open])
        }
    }

    @Test("What an order would come to is told before it is sent, and nothing is placed by asking")
    func preview() async throws {
        try await Rig.run { rig in
            let broker = try broker(try await rig.ready())
            guard case .told(let terms) = await broker.preview(try request("a-1")) else {
                Issue.record("nothing was told")
                return
            }
            // Ten shares at 200 of a million in cash.
            #expect(terms.initialMargin?.isPositive == true && terms.maintenanceMargin?.isPositive == true)
            #expect(try #require(terms.equityWithLoan) > FixedPoint(900_000))
            #expect(terms.commission?.currency == .usd && terms.commission?.amount.isPositive == true)
            let orders = try await broker.orders(since: Rig.open)
            #expect(orders.isComplete && orders.items.isEmpty)
            // The id of a question is used up: the order after it has another one, and stands once.
            _ = try number(await broker.submit([try request("a-1")]).first)
            #expect(try await broker.orders(since: Rig.open).items.compactMap(\.clientOrderID?.text) == ["a-1"])
            rig.faults(.init(.rejected, at: "placeOrder", .calls([1])))
            guard case .refused(let words) = await broker.preview(try request("a-2")) else {
                Issue.record("not refused")
                return
            }
            #expect(words.hasPrefix("201 "))
        }
    }

    @Test("A rejection is final and has the gateway's code")
    func rejected() async throws {
        try await Rig.run { rig in
            let broker = try broker(try await rig.ready())
            rig.faults(.init(.rejected, at: "placeOrder", .calls([1])))
            guard case .rejected("201", let message)? = await broker.submit([try request("a-1")]).first else {
                Issue.record("not rejected")
                return
            }
            #expect(message.contains("Read IB's own words"))
        }
    }

    @Test(
        "What is lost on the way is in doubt, and settled by our id in complete lists",
        arguments: [
            (IBFault.dropAfterAccept, true), (.dropBeforeAccept, false), (.ignored, false), (.silence, true),
        ])
    func doubt(fault: IBFault, arrived: Bool) async throws {
        try await Rig.run(hurry: 10) { rig in
            let client = try await rig.ready()
            let broker = try broker(client)
            rig.faults(.init(fault, at: "placeOrder", .calls([1])))
            let outcomes = await broker.submit([try request("a-1"), try request("a-2")])
            guard case .unknown? = outcomes.first, case .notSent? = outcomes.last, outcomes.count == 2 else {
                Issue.record("\(outcomes)")
                return
            }
            // The connection that fell silent is noticed by its heartbeat.
            #expect(try await eventually { (try? await client.openOrders().isComplete) == true })
            let orders = try await broker.orders(since: Rig.open)
            #expect(orders.isComplete && orders.items.compactMap(\.clientOrderID?.text) == (arrived ? ["a-1"] : []))
            let executions = try await broker.executions(since: Rig.open)
            #expect(executions.items.compactMap(\.clientOrderID?.text) == (arrived ? ["a-1"] : []))
        }
    }

    @Test("Without the gateway, without its servers and after its time an order never leaves the machine")
    func notSent() async throws {
        try await Rig.run(hurry: 5) { rig in
            let client = try await rig.ready()
            let broker = try broker(client)
            func isKept(_ request: OrderRequest) async -> Bool {
                if case .notSent? = await broker.submit([request]).first { true } else { false }
            }
            #expect(await isKept(try request("a-1", expiresAt: Rig.open)))
            rig.simulator.lose()
            #expect(try await eventually { await !client.mayPlaceOrders })
            #expect(await isKept(try request("a-2")))
            rig.simulator.restore(keepsData: true)
            #expect(try await eventually { await client.mayPlaceOrders })
            try await rig.simulator.close()
            #expect(try await eventually { await !client.isReady })
            #expect(await isKept(try request("a-3")))
            await #expect(throws: BrokerError.self) { try await broker.orders(since: Rig.open) }
            try await rig.simulator.reopen()
            #expect(try await eventually { await client.isReady })
            let orders = try await broker.orders(since: Rig.open)
            #expect(orders.isComplete && orders.items.isEmpty)
        }
    }

    @Test("Another account's login answers no list and takes no order")
    func account() async throws {
        try await Rig.run { rig in
            let broker = try broker(try await rig.ready(), account: "DU7654321")
            await #expect(throws: BrokerError.self) { try await broker.positions() }
            guard case .notSent? = await broker.submit([try request("a-1")]).first else {
                Issue.record("sent")
                return
            }
        }
    }

    @Test("A cancellation finds its order; what is not open, or another client's, is refused")
    func cancel() async throws {
        try await Rig.run { rig in
            let broker = try broker(try await rig.ready())
            let other = try self.broker(try await rig.ready(base: 20))
            let number = try number(await broker.submit([try request("a-1", .buy, 5, .limit(Price(150)))]).first)
            let cancellation = CancelRequest(
                clientOrderID: ClientOrderID("a-1"), brokerOrderID: number, symbol: Symbol("AAPL"))
            guard case .refused("ib-other-client", _) = await other.cancel(cancellation) else {
                Issue.record("another client cancelled it")
                return
            }
            #expect(await broker.cancel(cancellation) == .accepted)
            #expect(try await broker.orders(since: Rig.open).items.map(\.status) == [.cancelled])
            guard case .refused("ib-not-open", _) = await broker.cancel(cancellation) else {
                Issue.record("cancelled twice")
                return
            }
        }
    }

    @Test("New prices are taken when IB lists them; a price it refuses leaves the order as it was")
    func revise() async throws {
        try await Rig.run { rig in
            let broker = try broker(try await rig.ready())
            let number = try number(await broker.submit([try request("a-1", .buy, 5, .limit(Price(150)))]).first)
            func revision(_ type: OrderType) throws -> RevisionRequest {
                RevisionRequest(
                    clientOrderID: ClientOrderID("a-1"), brokerOrderID: number, instrument: try apple(), side: .buy,
                    type: type, timeInForce: .day)
            }
            func listed() async throws -> OrderType? { try await broker.orders(since: Rig.open).items.first?.type }
            #expect(await broker.revise(try revision(.limit(Price(151)))) == .accepted)
            #expect(try await listed() == .limit(Price(151)))
            guard case .refused("110", _) = await broker.revise(try revision(.limit(Price("151.001")))) else {
                Issue.record("a price between the steps was taken")
                return
            }
            #expect(try await listed() == .limit(Price(151)))
            guard case .refused("ib-other-order", _) = await broker.revise(try revision(.stop(Price(250)))) else {
                Issue.record("a limit became a stop")
                return
            }
            let orders = try await broker.orders(since: Rig.open)
            #expect(orders.items.count == 1 && orders.items.first?.quantity == Quantity(5))
        }
    }

    @Test("What is not filled at once is cancelled, and was an order all the same")
    func immediate() async throws {
        try await Rig.run { rig in
            let broker = try broker(try await rig.ready())
            _ = try number(
                await broker.submit([try request("a-1", .buy, 5, .limit(Price(150)), .immediateOrCancel)]).first)
            let orders = try await broker.orders(since: Rig.open)
            #expect(
                orders.items.map(\.status) == [.cancelled] && orders.items.map(\.timeInForce) == [.immediateOrCancel])
        }
    }

    @Test("A corrected execution is taken back, and its correction told as another")
    func correction() async throws {
        try await Rig.run { rig in
            let broker = try broker(try await rig.ready())
            rig.faults(.init(.correction, at: "execDetails", .calls([1]), seconds: 5))
            _ = try number(await broker.submit([try request("a-1")]).first)
            let before = try await broker.executions(since: Rig.open).items
            rig.simulator.advance(bySeconds: 5)
            let after = try await broker.executions(since: Rig.open).items
            #expect(before.count == 1 && after.count == 2)
            #expect(after.first { $0.isBusted }?.executionID == before.first?.executionID)
            #expect(after.first { !$0.isBusted }?.price != before.first?.price)
        }
    }

    @Test("An execution is told at once; its costs are awaited for a while, and told when they come")
    func costs() async throws {
        try await Rig.run(hurry: 10) { rig in
            let broker = try broker(try await rig.ready())
            rig.faults(.init(.skipped, at: "commissionReport", .calls([1, 2, 3])))
            _ = try number(await broker.submit([try request("a-1")]).first)
            let young = try await broker.executions(since: Rig.open)
            #expect(young.isComplete && young.items.map(\.fee) == [.zero] && young.items.map(\.awaitsCosts) == [true])
            rig.clock.set(Rig.open.advanced(bySeconds: 60))
            let old = try await broker.executions(since: Rig.open)
            #expect(old.isComplete && old.items.map(\.fee) == [.zero] && old.items.map(\.awaitsCosts) == [false])
            let told = try #require(try await broker.executions(since: Rig.open).items.first)
            #expect(told.fee.isPositive && !told.awaitsCosts)
        }
    }

    @Test(
        "Every kind of order is listed as it was sent",
        arguments: [
            (OrderType.limit(Price(150)), TimeInForce.day), (.limit(Price(150)), .goodTillCancelled),
            (.stop(Price(250)), .day), (.stopLimit(stop: Price(250), limit: Price(251)), .goodTillCancelled),
            (.market, .atClose), (.limit(Price(150)), .atClose),
        ])
    func kinds(type: OrderType, time: TimeInForce) async throws {
        try await Rig.run { rig in
            let broker = try broker(try await rig.ready())
            let number = try number(await broker.submit([try request("a-1", .buy, 5, type, time)]).first)
            let order = try #require(try await broker.orders(since: Rig.open).items.first)
            #expect(order.brokerOrderID == number && order.type == type && order.timeInForce == time)
            #expect(order.tellsTimeInForce && !order.isKnownForeign && order.status == .working)
        }
    }

    @Test("A stop takes part in no auction")
    func auctionStop() async throws {
        try await Rig.run { rig in
            let broker = try broker(try await rig.ready())
            guard
                case .refused("ib-auction-type", _) = await broker.prepared(
                    try request("a-1", .buy, 5, .stop(Price(250)), .atOpen))
            else {
                Issue.record("not refused")
                return
            }
        }
    }
}
