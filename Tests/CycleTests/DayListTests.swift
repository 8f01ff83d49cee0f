import Broker
import Core
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("Orders from before the broker's lists begin")
struct DayListTests {
    @Test("One in doubt is never given up and never sent again, whatever the lists lack; a person is woken once")
    func doubt() async throws {
        let house = try House()
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.broker.answer(.nvda, .unknownLost)
        try await house.run(.submit)
        house.broker.list(from: Instant.fixture.advanced(bySeconds: 40))
        for seconds: Int64 in [50, 90, 130, 170, 210] {
            house.moveTo(seconds)
            let document = try await house.run(.reconcile, isForced: true)
            #expect(document.count("never_arrived") == 0 && document.count("in_doubt") == 1)
            try await house.run(.submit, isForced: true)
        }
        #expect(try house.order(intent.clientOrderID).state == .inDoubt)
        #expect(house.broker.sent.count == 1)
        let alerts = try house.alerts("doubt-out-of-reach")
        #expect(alerts.count == 1 && alerts.first?.severity == .critical)
        #expect(alerts.first?.body.contains("takt orders settle \(intent.clientOrderID)") == true)
        // The verdict ends it.
        let desk = DoubtDesk(
            context: house.context, now: house.clock.now(), actor: "operator", reason: "the statement has none")
        #expect(try desk.declareAbsent(intent.clientOrderID).state == .expired)
        try await house.run(.submit, isForced: true)
        #expect(house.broker.sent.count == 1)
    }

    @Test("The same lists, reaching back, settle it: nothing is held up where they can tell")
    func reaching() async throws {
        let house = try House()
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.broker.answer(.nvda, .unknownLost)
        try await house.run(.submit)
        house.broker.list(from: Instant.fixture.advanced(bySeconds: -100))
        for seconds: Int64 in [50, 90] {
            house.moveTo(seconds)
            try await house.run(.reconcile, isForced: true)
        }
        #expect(try house.order(intent.clientOrderID).state == .expired)
        #expect(try house.intent(intent.id).attempt == 2)
    }

    /// An order for the day that worked, and is in no list any more.
    private func vanished(holds: Int) async throws -> (House, OrderIntent) {
        let house = try House()
        try await house.openAccount()
        let intent = try house.put(house.intent())
        try await house.run(.submit)
        house.moveTo(40)
        try await house.run(.reconcile)
        house.broker.lose(try #require(house.broker.number(of: .nvda)))
        house.broker.list(from: Instant.fixture.advanced(bySeconds: 45))
        if holds != 0 { house.broker.setPosition(.nvda, Quantity(holds)) }
        for seconds: Int64 in [80, 120, 160] {
            house.moveTo(seconds)
            try await house.run(.reconcile, isForced: true)
        }
        return (house, intent)
    }

    @Test(
        "One for the day that is gone over night is over, if the account holds what the books say; it is not sent again"
    )
    func overNight() async throws {
        let (house, intent) = try await vanished(holds: 0)
        #expect(try house.order(intent.clientOrderID).state == .expired)
        #expect(try house.store.read { try $0.openBreaks() }.isEmpty)
        #expect(try house.alerts("order-ended-unseen").count == 1)
        try await house.run(.submit, isForced: true)
        #expect(house.broker.sent.count == 1)
        #expect(try house.intent(intent.id).attempt == 1)
    }

    @Test("Where the account holds its shares, it was filled unseen: it counts on, and both breaks are told")
    func filledUnseen() async throws {
        let (house, intent) = try await vanished(holds: 100)
        #expect(try house.order(intent.clientOrderID).state == .working)
        let kinds = try house.store.read { try $0.openBreaks() }.map(\.kind)
        #expect(Set(kinds).isSuperset(of: ["position", "missing-order"]))
        #expect(try house.alerts("order-ended-unseen").isEmpty)
    }

    @Test(
        "What fills after the last bar of a day is booked the same day, though no new beat comes: a bar later, not at once"
    )
    func afterTheBell() async throws {
        let house = try House()
        try await house.openAccount()
        try house.put(house.intent())
        house.broker.list(from: Instant.fixture.advanced(bySeconds: -100))
        try await house.run(.submit)
        house.moveTo(40)
        try await house.run(.reconcile)
        try house.broker.fill(try #require(house.broker.number(of: .nvda)), at: Price(100))
        house.moveTo(200)
        #expect(try await house.run(.reconcile).isReplayed)
        #expect(try house.fills().isEmpty)
        house.moveTo(400)
        #expect(try await house.run(.reconcile).count("fills") == 1)
        // Nothing is left to come, but what the execution cost.
        house.moveTo(800)
        #expect(try await !house.run(.reconcile).isReplayed)
        house.broker.chargeLate(.one)
        house.broker.tellFees()
        try house.broker.moveCash(-FixedPoint.one)
        house.moveTo(1200)
        try await house.run(.reconcile)
        #expect(try house.fills().map(\.fee) == [.one])
        house.moveTo(1600)
        #expect(try await house.run(.reconcile).isReplayed)
    }

    @Test("Where the lists reach back nothing is asked again after the last bar")
    func longLists() async throws {
        let house = try House()
        try await house.openAccount()
        try house.put(house.intent())
        try await house.run(.submit)
        house.moveTo(40)
        try await house.run(.reconcile)
        house.moveTo(400)
        #expect(try await house.run(.reconcile).isReplayed)
    }

    @Test("The correction of an execution that the opening balances contain is not booked on top of them")
    func correctedOpening() async throws {
        let house = try House()
        try house.broker.execute(.fixture("X.01", order: "F1", symbol: .aapl, quantity: Quantity(5)))
        try await house.openAccount()
        try house.broker.correct("X.01", by: "X.02", at: Price(101))
        house.moveTo(40)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.fills().isEmpty)
        #expect(try house.position(.aapl) == Quantity(5))
    }

    @Test("An execution from days before the account was opened is in its balances, however late it is listed")
    func oldExecution() async throws {
        let house = try House()
        try await house.openAccount()
        let before = Instant.fixture.advanced(bySeconds: -3 * 86_400)
        try house.broker.execute(.fixture("OLD", order: "F1", symbol: .aapl, quantity: Quantity(5), filledAt: before))
        house.broker.setPosition(.aapl, .zero)
        house.moveTo(40)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.fills().isEmpty)
    }
}
