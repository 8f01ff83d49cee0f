import Broker
import Core
import Rehearsal
import TestSupport
import Testing

@testable import BrokerIB

/// Against a gateway on the loopback: an entry and what protects it go together, or not at all.
@Suite("Brackets at IB", .serialized, .timeLimit(.minutes(3)))
struct IBBracketTests {
    private func apple() throws -> Instrument { try .fixture(symbol: Symbol("AAPL"), exchange: ExchangeID("XNAS")) }

    private func broker(_ client: IBConnection) throws -> IBBroker {
        IBBroker(
            client, account: AccountID(Rig.account), contracts: IBContracts(client), instruments: [try apple()])
    }

    /// An entry that rests far below the market unless it is one at the market, with both exits.
    private func requests(
        _ type: OrderType = .limit(Price(190)), profit: Int = 210, loss: Price = Price(180), tag: String = "1"
    ) throws -> [OrderRequest] {
        let bracket = try #require(Bracket(takeProfit: Price(profit), stopLoss: loss))
        let entry = OrderRequest(
            clientOrderID: ClientOrderID("entry-\(tag)"), instrument: try apple(), side: .buy, type: type,
            quantity: Quantity(10), timeInForce: .day, handling: OrderHandling(bracket: bracket))
        return try [entry]
            + bracket.legs.map { leg in
                OrderRequest(
                    clientOrderID: ClientOrderID("\(leg.purpose.rawValue)-\(tag)"), instrument: try apple(),
                    side: .sell,
                    type: leg.type, quantity: Quantity(10), timeInForce: .goodTillCancelled,
                    handling: OrderHandling(protects: IntentID("entry-\(tag)")))
            }
    }

    private func words(_ outcomes: [SubmitOutcome]) -> [String] {
        outcomes.map { outcome in
            switch outcome {
            case .acknowledged: "taken"
            case .rejected(let code, _): code
            case .notSent: "not sent"
            case .turnedAway: "turned away"
            case .unknown: "unknown"
            }
        }
    }

    private func listed(_ broker: IBBroker) async throws -> (orders: [String: BrokerOrder], isComplete: Bool) {
        let list = try await broker.orders(since: Rig.open)
        let named = list.items.map { ($0.clientOrderID?.text ?? "", $0) }
        return (Dictionary(named) { $1 }, list.isComplete)
    }

    @Test("All three are taken, and listed each under its own reference and terms")
    func taken() async throws {
        try await Rig.run { rig in
            let broker = try broker(try await rig.ready())
            #expect(words(await broker.submit(try requests())) == ["taken", "taken", "taken"])
            let (orders, isComplete) = try await listed(broker)
            #expect(isComplete && Set(orders.keys) == ["entry-1", "take-profit-1", "stop-loss-1"])
            #expect(orders["take-profit-1"]?.type == .limit(Price(210)))
            #expect(orders["stop-loss-1"]?.type == .stop(Price(180)))
            #expect(orders.values.allSatisfy { $0.status == .working && $0.filledQuantity.isZero })
            // With the entry its protection ends.
            let entry = try #require(orders["entry-1"])
            let outcome = await broker.cancel(
                CancelRequest(
                    clientOrderID: ClientOrderID("entry-1"), brokerOrderID: entry.brokerOrderID, symbol: entry.symbol))
            #expect(outcome == .accepted)
            #expect(try await listed(broker).orders.values.allSatisfy { $0.status == .cancelled })
        }
    }

    @Test("Filled, the entry wakes its protection; one of both ends the other")
    func executed() async throws {
        try await Rig.run { rig in
            let broker = try broker(try await rig.ready())
            // Bought at the market of 200; the first minute goes up to 200.50, the second one down to 198.
            let outcomes = await broker.submit(try requests(.market, profit: 300, loss: Price(199)))
            #expect(words(outcomes) == ["taken", "taken", "taken"])
            rig.simulator.advance(to: Rig.open.advanced(bySeconds: 125))
            #expect(
                try await eventually {
                    let orders = (try? await listed(broker).orders) ?? [:]
                    return orders["stop-loss-1"]?.status == .filled && orders["take-profit-1"]?.status == .cancelled
                })
            let executions = try await broker.executions(since: Rig.open).items
            #expect(Set(executions.map(\.side)) == [.buy, .sell])
            #expect(try await broker.positions().items.allSatisfy { $0.quantity.isZero })
        }
    }

    @Test(
        "One that is refused takes the others along: half a bracket does not stay", arguments: [1, 2, 3])
    func refused(call: Int) async throws {
        try await Rig.run { rig in
            let broker = try broker(try await rig.ready())
            rig.faults(.init(.rejected, at: "placeOrder", .calls([call])))
            let outcomes = await broker.submit(try requests())
            #expect(words(outcomes)[call - 1] != "taken" && words(outcomes).contains { $0 != "taken" }, "\(outcomes)")
            let (orders, isComplete) = try await listed(broker)
            #expect(isComplete)
            #expect(!orders.values.contains { [.working, .partiallyFilled].contains($0.status) }, "\(orders)")
        }
    }

    @Test(
        "What a connection that ended in the midst leaves in the gateway is withdrawn, and the lists are complete again"
    )
    func cutOff() async throws {
        try await Rig.run(hurry: 4) { rig in
            let first = try await rig.ready()
            rig.faults(.init(.dropAfterAccept, at: "placeOrder", .calls([1])))
            let outcomes = words(await (try broker(first)).submit(try requests()))
            #expect(outcomes[0] == "unknown" && !outcomes.contains("taken"), "\(outcomes)")
            rig.faults()
            // It connects again by itself, and reads what is there.
            #expect(try await eventually { await first.isReady })
            let (orders, isComplete) = try await listed(try broker(first))
            #expect(isComplete && orders.isEmpty, "\(orders)")
            // The next attempt is another bracket.
            let again = await (try broker(first)).submit(try requests(tag: "2"))
            #expect(words(again) == ["taken", "taken", "taken"])
            #expect(try await listed(try broker(first)).orders.count == 3)
        }
    }
}
