import Broker
import Core
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("An exit is looked at once more before it leaves")
struct ExitGateTests {
    private func approvedExit(_ quantity: Int = 100) async throws -> (House, OrderIntent) {
        let house = try House(cash: 90_000, positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        let exit = try house.put(house.intent(purpose: .stopLoss, side: .sell, quantity: Quantity(quantity)))
        house.moveTo(10)
        return (house, exit)
    }

    /// Somebody sells by hand at the broker, and reconcile books it.
    private func sellByHand(_ quantity: Int, _ house: House) async throws {
        try house.broker.execute(
            .fixture(
                "H1", order: "H", symbol: .nvda, side: .sell, quantity: Quantity(quantity),
                filledAt: house.clock.now()))
        house.moveTo(20)
        try await house.run(.reconcile, isForced: true)
    }

    @Test("One whose position was closed by another hand is not sent: it would open a short", arguments: [100, 60])
    func closedByHand(quantity: Int) async throws {
        let (house, exit) = try await approvedExit()
        try await sellByHand(quantity, house)
        try await house.run(.submit)
        #expect(house.broker.sent.isEmpty)
        let left = try house.intent(exit.id)
        #expect(left.state == .rejected && left.reasons.last?.code == "exit-exceeds-position")
    }

    @Test("One that never left, sent again after the position was closed, is not sent a second time")
    func secondAttempt() async throws {
        let (house, exit) = try await approvedExit()
        house.broker.answer(.nvda, .notSent)
        try await house.run(.submit)
        #expect(try house.intent(exit.id).attempt == 2)
        try await sellByHand(100, house)
        try await house.run(.submit, isForced: true)
        #expect(house.broker.sent.count == 1)
        #expect(try house.intent(exit.id).state == .rejected)
    }

    @Test("One that fits goes out")
    func fits() async throws {
        let (house, _) = try await approvedExit()
        try await house.run(.submit)
        #expect(house.broker.sent.map(\.quantity) == [Quantity(100)])
    }
}
