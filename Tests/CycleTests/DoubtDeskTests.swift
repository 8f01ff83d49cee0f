import Broker
import Core
import Settings
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("Doubts settled by hand, and what is kept of a doubt")
struct DoubtDeskTests {
    private func desk(_ house: House) -> DoubtDesk {
        DoubtDesk(context: house.context, now: house.clock.now(), actor: "operator kim", reason: "seen in the app")
    }

    /// An order in doubt that could be either of two of the broker's.
    private func ambiguousHouse() async throws -> (House, ClientOrderID) {
        let house = try House(listsClientOrderIDs: false)
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.broker.answer(.nvda, .unknownAccepted)
        try await house.run(.submit)
        house.broker.place(.fixture("F1", placedAt: Instant.fixture.advanced(bySeconds: 2)))
        house.moveTo(60)
        #expect(try await house.run(.reconcile).exitCode == .ordersInDoubt)
        return (house, intent.clientOrderID)
    }

    @Test(
        "Bound by hand, the order takes the broker's number, its fills are booked, and the other order becomes foreign")
    func bind() async throws {
        let (house, id) = try await ambiguousHouse()
        let number = BrokerOrderID("B1")
        let bound = try await desk(house).bind(id, to: number)
        #expect(bound.state == .working)
        #expect(bound.brokerOrderID == number)
        try house.broker.fill(number, at: Price(100))
        house.moveTo(90)
        let document = try await house.run(.reconcile, isForced: true)
        #expect(document.count("external_orders") == 1)
        #expect(try house.order(id).state == .filled)
        let entry = try #require(
            try house.store.read { try $0.auditEntries(kind: "order.settled-by-hand", subject: id.text) }.last)
        #expect(entry.actor == "operator kim")
        #expect(entry.payload["reason"]?.stringValue == "seen in the app")
    }

    @Test("Binding to an order with other terms, to one nobody lists, or to a taken one is refused and changes nothing")
    func bindRefused() async throws {
        let (house, id) = try await ambiguousHouse()
        house.broker.place(.fixture("S1", side: .sell))
        house.broker.place(.fixture("Q1", quantity: Quantity(7)))
        let before = try house.order(id)
        for number in ["S1", "Q1", "nowhere"] {
            await #expect(throws: StepFailure.self) { try await desk(house).bind(id, to: BrokerOrderID(number)) }
        }
        _ = try await desk(house).bind(id, to: BrokerOrderID("B1"))
        let later = try house.put(house.intent(number: 1, state: .inDoubt))
        let second = ManagedOrder.fixture(id: later.clientOrderID, intentID: later.id, state: .inDoubt)
        try house.store.write(durable: true) { try $0.insertOrder(second) }
        await #expect(throws: StepFailure.self) {
            try await desk(house).bind(second.clientOrderID, to: BrokerOrderID("B1"))
        }
        #expect(before.state == .inDoubt)
        #expect(try house.order(second.clientOrderID).state == .inDoubt)
    }

    @Test("Declared absent, the order and its intent end, nothing is sent in their place, and a late arrival is found")
    func declareAbsent() async throws {
        let house = try House(listsClientOrderIDs: false)
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.broker.answer(.nvda, .unknownHidden)
        try await house.run(.submit)
        let absent = try desk(house).declareAbsent(intent.clientOrderID)
        #expect(absent.state == .expired)
        #expect(try house.intent(intent.id).state == .expired)
        try await house.run(.submit, isForced: true)
        #expect(house.broker.sent.count == 1)
        #expect(throws: StepFailure.self) { try desk(house).declareAbsent(intent.clientOrderID) }

        house.broker.revealAll()
        house.moveTo(90)
        let document = try await house.run(.reconcile, isForced: true)
        #expect(document.count("external_orders") == 0)
        #expect(try house.order(intent.clientOrderID).state == .working)
        #expect(try house.alerts("order-revived").count == 1)
    }

    @Test("Every look at a doubt is on the audit trail with the lists it went by, both proofs of an absence among them")
    func looksAreKept() async throws {
        let house = try House(visibilityDelay: .seconds(30))
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.broker.answer(.nvda, .unknownLost)
        try await house.run(.submit)
        house.broker.place(.fixture("F1"))
        house.broker.place(.fixture("P1", symbol: .pltr))
        for seconds: Int64 in [20, 41, 71] {
            house.moveTo(seconds)
            try await house.run(.reconcile, isForced: true)
        }
        let (looks, lists) = try house.store.read { reader in
            let looks = try reader.auditEntries(kind: "order.doubt-examined", subject: intent.clientOrderID.text)
            let digests = looks.compactMap { $0.payload["lists"]?.stringValue }.compactMap { Digest(hex: $0) }
            return (looks, try digests.compactMap { try reader.evidence($0)?.body })
        }
        let findings = looks.compactMap { $0.payload["finding"]?.stringValue }
        #expect(findings.first?.contains("shows every order from") == true, "\(findings)")
        #expect(findings.contains { $0.contains("one more look") }, "\(findings)")
        #expect(findings.last == "absent twice: it never arrived")
        #expect(lists.count == looks.count)
        // The list of that instrument, whole: the foreign order that was there and was not taken for ours.
        let orders = lists.last?["orders"]?.arrayValue ?? []
        #expect(orders.map { $0["broker_order_id"]?.stringValue } == ["F1"])
        #expect(lists.last?["orders_complete"]?.boolValue == true)
    }
}

@Suite("Cancelling outside a step")
struct CancelAloneTests {
    @Test("Cancels go out under the submit lock of every profile, and not while a submit runs")
    func waitsForSubmit() async throws {
        let house = try House()
        try await house.openAccount()
        let intent = try house.put(house.intent(type: .limit(Price(90))))
        try await house.run(.submit)
        try house.wish(.cancel, intent.clientOrderID.text)
        let desk = CancelDesk(context: house.context)

        let path = house.context.submitLockPath(.second)
        guard case .acquired(let lock) = try StepLock.acquire(path: path, holder: "a submit") else {
            Issue.record("the lock is free")
            return
        }
        try await desk.carryOutAlone()
        #expect(house.broker.cancels.isEmpty)
        #expect(try house.pending(.cancel).count == 1)
        lock.release()

        try await desk.carryOutAlone()
        #expect(house.broker.cancels.map(\.clientOrderID) == [intent.clientOrderID])
        #expect(try house.order(intent.clientOrderID).state == .cancelling)
        // Both locks were given back.
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .success)
        #expect(try await house.run(.submit, isForced: true).exitCode == .success)
        #expect(try house.order(intent.clientOrderID).state == .cancelled)
        #expect(try house.pending(.cancel).isEmpty)
    }
}
