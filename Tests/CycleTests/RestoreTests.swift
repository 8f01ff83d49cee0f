import Broker
import Core
import Settings
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("After a database was put back from a copy")
struct RestoreTests {
    /// An order that was sent and is not in the books: they were copied before.
    private func house(
        id: ClientOrderID, placedAt seconds: Int64 = 2
    ) async throws -> House {
        let house = try House(positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        try house.putBar(.nvda)
        house.broker.place(
            .fixture(
                "B7", clientOrderID: id, side: .sell, type: .limit(Price(120)), quantity: Quantity(40),
                placedAt: Instant.fixture.advanced(bySeconds: seconds)))
        house.moveTo(10)
        try house.store.write(durable: true) {
            try RestoreGuard.prepare($0, from: "backup.sqlite", by: "operator", at: house.clock.now())
        }
        house.moveTo(40)
        try await house.run(.reconcile, isForced: true)
        return house
    }

    @Test("An order sent after the copy is ours again: it is told of, counts, and a flatten withdraws it")
    func recovered() async throws {
        let intent = IntentID(cycle: .fixture, symbol: .nvda, leg: 1, purpose: .takeProfit)
        let id = ClientOrderID(intent: intent, attempt: 2)
        let house = try await house(id: id)
        let order = try house.order(id)
        #expect(order.isOurs && order.intentID == nil && order.state == .working)
        #expect(try house.alerts("order-recovered").count == 1 && house.alerts("external-order").isEmpty)
        try house.wish(.flatten, "all")
        try await house.run(.riskCheck, isForced: true)
        try await house.run(.submit, isForced: true)
        #expect(house.broker.cancels.map(\.clientOrderID) == [id])
        // Its fills go to it, and it stays one order.
        try house.broker.execute(
            .fixture(
                "E7", order: "B7", clientOrderID: id, side: .sell, quantity: Quantity(15), price: Price(120),
                filledAt: house.clock.now()))
        house.moveTo(80)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(id).filledQuantity == Quantity(15))
        #expect(try house.fills().map(\.clientOrderID) == [id])
    }

    @Test("An order found again that the broker lists as cancelled with what it had executed is cancelled, not filled")
    func recoveredAndCancelled() async throws {
        let id = ClientOrderID(
            intent: IntentID(cycle: .fixture, symbol: .nvda, leg: 1, purpose: .takeProfit), attempt: 1)
        let house = try await house(id: id)
        try house.broker.execute(
            .fixture(
                "E7", order: "B7", clientOrderID: id, side: .sell, quantity: Quantity(15), price: Price(120),
                filledAt: house.clock.now()))
        house.broker.amend(BrokerOrderID("B7"), quantity: Quantity(15), type: .limit(Price(120)))
        house.broker.close(BrokerOrderID("B7"), as: .cancelled, filled: Quantity(15))
        house.moveTo(80)
        try await house.run(.reconcile, isForced: true)
        let order = try house.order(id)
        #expect(order.state == .cancelled && order.filledQuantity == Quantity(15) && order.quantity == Quantity(40))
    }

    @Test(
        "Any other id, and an order placed after the restore, is somebody else's",
        arguments: [
            ("NVDA-entry-short", 2), ("NVDA-entry-8c2k1x0zq4ab-one", 2), ("PLTR-entry-8c2k1x0zq4ab", 2), ("mine", 2),
            ("NVDA-entry-8c2k1x0zq4ab", 20),
        ])
    func foreign(name: String, seconds: Int64) async throws {
        let house = try await house(id: ClientOrderID(name), placedAt: seconds)
        #expect(try house.alerts("external-order").count == 1)
        #expect(try house.store.read { try $0.openOrders() }.map(\.isOurs) == [false])
    }

    @Test("The same decision made again is not sent a second time")
    func sameIntent() async throws {
        let intent = IntentID(cycle: .fixture, symbol: .nvda, leg: 1, purpose: .takeProfit)
        let house = try await house(id: ClientOrderID(intent: intent, attempt: 1))
        try house.store.write(durable: true) {
            _ = try $0.liftHalts(by: "operator", reason: "looked at", at: house.clock.now())
        }
        let again = try house.put(
            house.intent(purpose: .takeProfit, side: .sell, type: .limit(Price(120)), quantity: Quantity(40)))
        #expect(again.id == intent)
        try await house.run(.submit)
        #expect(house.broker.sent.isEmpty)
        #expect(try house.intent(again.id).reasons.map(\.code) == ["already-sent"])
    }

    @Test("One broker that stays away does not hold up the stop-loss of a position at another")
    func otherBrokerAway() async throws {
        let house = try House(positions: [.nvda: Quantity(100)], otherBroker: BrokerID("ib"))
        let other = try #require(house.other)
        try await house.openAccount()
        _ = try await AccountOpening(context: house.context, now: house.clock.now()).ensure(other)
        house.moveTo(5)
        try house.putBar(.nvda, close: Price(90))
        try house.store.write(durable: true) {
            try RestoreGuard.prepare($0, from: "backup.sqlite", by: "operator", at: house.clock.now())
        }
        other.setIncomplete([.executions])
        house.moveTo(40)
        try await house.run(.reconcile, isForced: true)
        #expect(try await house.run(.decide).reason == SkipReason.notReady.rawValue)
        try await house.run(.riskCheck)
        try await house.run(.submit)
        #expect(house.broker.sent.map(\.side) == [.sell])
        #expect(other.sent.isEmpty)
        // What the other account holds is not known: no loss limit is judged from it.
        #expect(try house.store.read { try $0.activeHalts() }.map(\.code) == ["restored"])
    }

    @Test("A flatten is not done while a broker has not been reconciled since: what it holds is not known")
    func flattenWaits() async throws {
        let house = try House(positions: [.nvda: Quantity(100)], otherBroker: BrokerID("ib"))
        let other = try #require(house.other)
        try await house.openAccount()
        _ = try await AccountOpening(context: house.context, now: house.clock.now()).ensure(other)
        try house.putBar(.nvda)
        house.moveTo(10)
        try house.store.write(durable: true) {
            try RestoreGuard.prepare($0, from: "backup.sqlite", by: "operator", at: house.clock.now())
        }
        house.broker.setPosition(.nvda, .zero)
        other.setIncomplete([.executions])
        house.moveTo(40)
        try await house.run(.reconcile, isForced: true)
        let mark = try #require(try house.store.read { try $0.openBreaks() }.first)
        _ = try house.store.write(durable: true) { writer in
            try writer.appendLedgerEvent(
                broker: .paper, account: house.broker.account, at: house.clock.now(),
                fact: .transfer(
                    .nvda, Quantity(-100), averageCost: Price(100), paidIn: Price(100), multiplier: .one, .usd),
                externalID: "break:\(mark.id)")
        }
        try house.wish(.flatten, "all")
        try await house.run(.riskCheck, isForced: true)
        #expect(try house.pending(.flatten) == ["all"])
        // Back again: it is closed there too, and only then done.
        other.setIncomplete([])
        house.clock.advance(seconds: 60)
        try await house.run(.reconcile, isForced: true)
        try await house.run(.riskCheck, isForced: true)
        try await house.run(.submit, isForced: true)
        #expect(other.sent.map(\.side) == [.sell] && other.sent.map(\.quantity) == [Quantity(100)])
        #expect(try house.pending(.flatten) == ["all"])
    }

    @Test(
        "A position whose cost the broker does not name is opened at its last price, and its stop-loss acts from there")
    func costUnknown() async throws {
        let house = try House(positions: [.nvda: Quantity(100)])
        house.broker.hideCosts()
        try house.putBar(.nvda, close: Price(50))
        try await house.openAccount()
        #expect(try house.alerts("opening-cost-unknown").count == 1)
        try house.putBar(.nvda, number: 1, close: Price(48))
        house.moveTo(310)
        try await house.run(.riskCheck, house.cycle(1))
        #expect(try house.store.read { try $0.intents(cycle: house.cycle(1)) }.map(\.purpose) == [.stopLoss])
    }
}
