import Broker
import Core
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("What cannot be booked is put aside, and nothing else waits for it")
struct QuarantineTests {
    @Test("An execution that makes no sense halts its symbol and wakes a person; the others are booked")
    func execution() async throws {
        let house = try House()
        try await house.openAccount()
        house.moveTo(10)
        let at = Instant.fixture.advanced(bySeconds: 5)
        try house.broker.execute(.fixture("X1", order: "F1", symbol: .pltr, quantity: .zero, filledAt: at))
        try house.broker.execute(.fixture("X2", order: "F2", symbol: .nvda, filledAt: at))
        try await house.run(.reconcile, isForced: true)
        #expect(try house.fills().map(\.executionID) == [ExecutionID("X2")])
        #expect(try house.position(.nvda) == Quantity(100))
        let halts = try house.store.read { try $0.activeHalts() }
        #expect(halts.map(\.scope) == ["symbol:PLTR"] && halts.map(\.code) == ["unbookable"])
        // Its order is none either.
        let alerts = try house.alerts("unbookable")
        #expect(alerts.allSatisfy { $0.severity == .critical })
        #expect(
            alerts.map { $0.title.contains("X1") } == [false, true]
                && alerts.map { $0.title.contains("F1") } == [true, false])

        // It is told once, and a fill of the next beat is booked as well.
        house.moveTo(20)
        try house.broker.execute(.fixture("X3", order: "F3", symbol: .aapl, filledAt: at.advanced(bySeconds: 9)))
        try await house.run(.reconcile, isForced: true)
        #expect(try house.fills().count == 2)

        // The broker goes on listing it; a halt that was lifted stays lifted.
        try house.store.write(durable: true) {
            try $0.liftHalts(by: "operator", reason: "compared with the statement", at: house.clock.now())
        }
        house.moveTo(7300)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.store.read { try $0.activeHalts() }.isEmpty)
        #expect(try house.alerts("unbookable").count == 2)
    }

    @Test("So does one that the ledger cannot add up, though the database takes it")
    func currencyChanged() async throws {
        let house = try House(positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        house.moveTo(10)
        let at = Instant.fixture.advanced(bySeconds: 5)
        try house.broker.execute(.fixture("X1", order: "F1", symbol: .nvda, currency: .krw, filledAt: at))
        try house.broker.execute(.fixture("X2", order: "F2", symbol: .aapl, filledAt: at))
        try await house.run(.reconcile, isForced: true)
        #expect(try house.fills().map(\.executionID) == [ExecutionID("X2")])
        #expect(try house.store.read { try $0.activeHalts() }.map(\.scope) == ["symbol:NVDA"])
    }

    @Test("So does a split that is none: the dividend beside it is booked")
    func activity() async throws {
        let house = try House(positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        house.moveTo(10)
        house.broker.setActivities([
            AccountActivity(id: "S1", at: .fixture, kind: .split(.nvda, new: 0, old: 1, cashInLieuPrice: nil)),
            AccountActivity(id: "D1", at: .fixture, kind: .deposit(Money(FixedPoint(5), .usd))),
        ])
        try await house.run(.reconcile, isForced: true)
        #expect(try house.audit("account.activity").map(\.subject) == ["paper:A1:D1"])
        #expect(try house.position(.nvda) == Quantity(100))
        #expect(try house.store.read { try $0.activeHalts() }.map(\.code) == ["unbookable"])
    }
}
