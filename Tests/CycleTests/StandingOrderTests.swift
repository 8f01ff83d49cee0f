import Broker
import Core
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("What stays judged, told and forbidden")
struct StandingOrderTests {
    @Test("Where more was taken out than was paid in, the emergency limit goes by the highest equity")
    func emergencyAfterWithdrawal() async throws {
        let house = try House(cash: 100_000, positions: [.nvda: Quantity(500)])
        try await house.openAccount()
        try house.putBar(.nvda, close: Price(500))
        house.moveTo(10)
        try await house.run(.reconcile, isForced: true)
        try house.broker.pay(Money(FixedPoint(-200_000), .usd), id: "W1", at: house.clock.now())
        house.moveTo(20)
        try await house.run(.reconcile, isForced: true)
        try await house.run(.riskCheck)
        #expect(try house.store.read { try $0.activeHalts() }.isEmpty)
        // 150,000 are left; at 300 it is 50,000.
        try house.putBar(.nvda, number: 1, close: Price(300))
        house.moveTo(310)
        try await house.run(.riskCheck, house.cycle(1))
        #expect(try house.store.read { try $0.activeHalts() }.map(\.code).contains("emergency-shutdown"))
    }

    @Test(
        "An entry that is proven never to have arrived is not sent again once a flatten was ordered",
        arguments: [true, false])
    func flattened(isDone: Bool) async throws {
        let house = try House()
        try await house.openAccount()
        let entry = try house.put(house.intent())
        house.broker.answer(.nvda, .unknownLost)
        try await house.run(.submit)
        house.moveTo(10)
        try house.wish(.flatten, "all")
        if isDone {
            try house.store.write(durable: true) { writer in
                for order in try writer.pendingOperatorOrders() {
                    try writer.completeOperatorOrder(order.id, at: house.clock.now())
                }
            }
        }
        for seconds: Int64 in [60, 100] {
            house.moveTo(seconds)
            try await house.run(.reconcile, isForced: true)
        }
        try await house.run(.submit, isForced: true)
        #expect(house.broker.sent.count == 1)
        let left = try house.intent(entry.id)
        #expect(left.state == .expired && left.reasons.last?.code == "flatten")
    }

    @Test(
        "A broker that cannot be reconciled for three beats is told of; one failed beat is not",
        arguments: [(300, 0), (901, 1)])
    func silence(seconds: Int64, alerts: Int) async throws {
        let house = try House()
        try await house.openAccount()
        try await house.run(.reconcile, isForced: true)
        try house.meddle(
            "CREATE TRIGGER refusal BEFORE UPDATE ON meta WHEN NEW.key LIKE 'reconciled:%' "
                + "BEGIN SELECT RAISE(ABORT, 'refused'); END")
        house.moveTo(seconds)
        #expect(try await house.run(.reconcile, isForced: true).exitCode != .success)
        #expect(try house.alerts("reconcile-failing").count == alerts)
        // What was filled meanwhile is not known: nothing new is opened there; exits go on.
        try house.putBar(.pltr, number: 4)
        house.moveTo(1201)
        let entry = try house.put(house.intent(.pltr, number: 4, state: .proposed))
        try await house.run(.riskCheck, house.cycle(4))
        #expect(try house.intent(entry.id).reasons.map(\.code) == (alerts == 0 ? [] : ["books-stale"]))
        try house.meddle("DROP TRIGGER refusal")
        try await house.run(.reconcile, isForced: true)
        let next = try house.put(house.intent(.pltr, number: 4, purpose: .manual, state: .proposed))
        try await house.run(.riskCheck, house.cycle(4))
        #expect(try house.intent(next.id).reasons.contains { $0.code == "books-stale" } == false)
    }
}
