import Broker
import Core
import Settings
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("Orders in doubt")
struct DoubtTests {
    // MARK: Never arrived, and there after all

    @Test("A never-arrived order that surfaces after its re-approval is not sent a second time")
    func surfacesAfterReapproval() async throws {
        let house = try House()
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.broker.answer(.nvda, .unknownHidden)
        try await house.run(.submit)
        for seconds: Int64 in [50, 90] {
            house.moveTo(seconds)
            try await house.run(.reconcile, isForced: true)
        }
        let reapproved = try house.intent(intent.id)
        #expect(reapproved.state == .approved)
        #expect(reapproved.attempt == 2)

        house.broker.revealAll()
        house.moveTo(100)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(intent.clientOrderID).state == .working)
        let withdrawn = try house.intent(intent.id)
        #expect(withdrawn.state == .working)
        #expect(withdrawn.attempt == 1)
        #expect(withdrawn.reasons.last?.code == "arrived-after-all")
        let alert = try #require(try house.alerts("order-revived").first)
        #expect(alert.severity == .critical)

        try await house.run(.submit, isForced: true)
        #expect(house.broker.sent.count == 1)
    }

    @Test(
        "An approved next attempt is not sent while an earlier one lives or was filled",
        arguments: [(OrderState.working, 0), (.filled, 100), (.cancelled, 40)])
    func earlierAttemptStands(state: OrderState, filled: Int) async throws {
        let house = try House()
        try await house.openAccount()
        let intent = try house.put(house.intent(attempt: 2))
        let earlier = ManagedOrder.fixture(
            id: ClientOrderID(intent: intent.id, attempt: 1), intentID: intent.id,
            brokerOrderID: BrokerOrderID("B9"), state: state, filledQuantity: Quantity(filled))
        try house.store.write(durable: true) { try $0.insertOrder(earlier) }
        try await house.run(.submit)
        #expect(house.broker.sent.isEmpty)
        let closed = try house.intent(intent.id)
        #expect(closed.state == .rejected)
        #expect(closed.reasons.last?.code == "already-sent")
    }

    @Test("A never-arrived order that surfaces after its next attempt was sent lives beside it and is told")
    func surfacesAfterResend() async throws {
        let house = try House()
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.broker.answer(.nvda, .unknownHidden)
        try await house.run(.submit)
        for seconds: Int64 in [50, 90] {
            house.moveTo(seconds)
            try await house.run(.reconcile, isForced: true)
        }
        try await house.run(.submit, isForced: true)
        #expect(house.broker.sent.map(\.clientOrderID.text) == [intent.id.text, "\(intent.id)-2"])
        house.broker.revealAll()
        house.moveTo(100)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.store.read { try $0.openOrders() }.map(\.state) == [.working, .working])
        #expect(try house.intent(intent.id).attempt == 2)
        #expect(try house.alerts("order-revived").count == 1)
    }

    @Test("A never-arrived order that surfaces in lists without our ids keeps its next attempt from leaving")
    func surfacesWithoutIDs() async throws {
        let house = try House(listsClientOrderIDs: false)
        try await house.openAccount()
        try house.put(house.intent())
        house.broker.answer(.nvda, .unknownHidden)
        try await house.run(.submit)
        for seconds: Int64 in [50, 90] {
            house.moveTo(seconds)
            try await house.run(.reconcile, isForced: true)
        }
        house.broker.revealAll()
        house.moveTo(100)
        try await house.run(.reconcile, isForced: true)
        try await house.run(.submit, isForced: true)
        #expect(house.broker.sent.count == 1)
    }

    @Test(
        "An order that was turned away at the door is sent again as its next attempt, once the lists would show it and do not"
    )
    func turnedAway() async throws {
        let house = try House(listsClientOrderIDs: false)
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.broker.answer(.nvda, .turnedAway)
        let document = try await house.run(.submit)
        #expect(document.exitCode == .unavailable)
        #expect(try house.order(intent.clientOrderID).reasons.last?.code == "turned-away")
        for seconds: Int64 in [2, 20] {
            try await house.run(.reconcile, isForced: true)
            try await house.run(.submit, isForced: true)
            #expect(house.broker.sent.count == 1, "a list read that early proves nothing")
            house.moveTo(seconds)
        }
        house.moveTo(50)
        try await house.run(.reconcile, isForced: true)
        try await house.run(.submit, isForced: true)
        #expect(house.broker.sent.map(\.clientOrderID.text) == [intent.id.text, "\(intent.id)-2"])
        #expect(try house.intent(intent.id).state == .acknowledged)
    }

    @Test("One that was turned away and stands at the broker all the same keeps its next attempt from leaving")
    func turnedAwayAndTaken() async throws {
        let house = try House(listsClientOrderIDs: false)
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.broker.answer(.nvda, .turnedAwayAndTaken)
        try await house.run(.submit)
        house.moveTo(50)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(intent.clientOrderID).state == .working)
        #expect(try house.alerts("order-revived").count == 1)
        try await house.run(.submit, isForced: true)
        #expect(house.broker.sent.count == 1)
    }

    @Test("A second attempt in doubt is found though the first, of the same terms, was turned away")
    func doubtAfterTurningAway() async throws {
        let house = try House(listsClientOrderIDs: false)
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.broker.answer(.nvda, .turnedAway)
        try await house.run(.submit)
        house.moveTo(50)
        try await house.run(.reconcile, isForced: true)
        house.broker.answer(.nvda, .unknownAccepted)
        try await house.run(.submit, isForced: true)
        house.moveTo(100)
        try await house.run(.reconcile, isForced: true)
        let second = ClientOrderID(intent: intent.id, attempt: 2)
        #expect(try house.order(second).state == .working)
        #expect(try house.order(intent.clientOrderID).state == .expired)
        #expect(try house.alerts("external-order").isEmpty)
    }

    @Test("A fill that surfaces for an order proven absent is booked and told")
    func lateFill() async throws {
        let house = try House()
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.broker.answer(.nvda, .unknownHidden)
        try await house.run(.submit)
        for seconds: Int64 in [50, 90] {
            house.moveTo(seconds)
            try await house.run(.reconcile, isForced: true)
        }
        house.broker.revealAll()
        try house.broker.fill(try #require(house.broker.number(of: .nvda)), at: Price(100))
        house.moveTo(100)
        let document = try await house.run(.reconcile, isForced: true)
        #expect(document.exitCode == .success)
        #expect(try house.position(.nvda) == Quantity(100))
        #expect(try house.intent(intent.id).state == .filled)
        #expect(try house.alerts("order-revived").count == 1)
    }

    // MARK: Proofs of absence

    @Test("Absence is proven by two lists a visibility delay apart, none of them read before an order must show")
    func spacedProofs() async throws {
        let house = try House(visibilityDelay: .seconds(30))
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.broker.answer(.nvda, .unknownLost)
        try await house.run(.submit)
        // Sent one second after the bar; deadline 10 s and delay 30 s: the first list that says anything is that of 41 s.
        for (seconds, proofs) in [(20, 0), (40, 0), (41, 1), (42, 1), (70, 1)] as [(Int64, Int)] {
            house.moveTo(seconds)
            let document = try await house.run(.reconcile, isForced: true)
            #expect(document.exitCode == .ordersInDoubt)
            #expect(try house.order(intent.clientOrderID).absenceProofs == proofs, "at \(seconds) s")
        }
        house.moveTo(71)
        let document = try await house.run(.reconcile, isForced: true)
        #expect(document.exitCode == .success)
        #expect(document.count("never_arrived") == 1)
        #expect(try house.order(intent.clientOrderID).state == .expired)
        #expect(try house.intent(intent.id).attempt == 2)
    }

    @Test("An order proven absent after its window is not sendable again")
    func absentTooLate() async throws {
        let house = try House()
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.broker.answer(.nvda, .unknownLost)
        try await house.run(.submit)
        for seconds: Int64 in [301, 340] {
            house.moveTo(seconds)
            try await house.run(.reconcile, isForced: true)
        }
        #expect(try house.intent(intent.id).state == .expired)
        try await house.run(.submit, isForced: true)
        #expect(house.broker.sent.count == 1)
    }

    @Test("Incomplete lists prove no absence", arguments: [FakeBroker.List.orders, .executions])
    func incompleteProvesNothing(list: FakeBroker.List) async throws {
        let house = try House()
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.broker.answer(.nvda, .unknownLost)
        try await house.run(.submit)
        house.broker.setIncomplete([list])
        for seconds: Int64 in [60, 100, 140] {
            house.moveTo(seconds)
            try await house.run(.reconcile, isForced: true)
        }
        let order = try house.order(intent.clientOrderID)
        #expect(order.state == .inDoubt)
        #expect(order.absenceProofs == 0)
    }

    // MARK: While the doubt stands

    @Test("While an order is in doubt its symbol is blocked for entries and exits, and other symbols go on")
    func blocksItsSymbolOnly() async throws {
        let house = try House(positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        for symbol in [Symbol.nvda, .pltr] { try house.putBar(symbol) }
        let doubtful = try house.put(house.intent())
        try house.put(house.intent(.pltr))
        house.broker.answer(.nvda, .unknownAccepted)
        house.broker.answer(.pltr, .fill(Price(100)))
        let first = try await house.run(.submit)
        #expect(first.exitCode == .ordersInDoubt)
        #expect(first.json["error"]?["code"]?.stringValue == "orders-in-doubt")
        #expect(try house.order(doubtful.clientOrderID).state == .inDoubt)
        #expect(try house.alerts("order-in-doubt").map(\.severity) == [.critical])

        // Approved before the doubt was known: the gate holds them back; they stay approved.
        let exit = try house.put(house.intent(number: 1, purpose: .exit, side: .sell))
        let other = try house.put(house.intent(.pltr, number: 1, quantity: Quantity(50)))
        let second = try await house.run(.submit, house.cycle(1))
        #expect(second.exitCode == .ordersInDoubt)
        #expect(try house.intent(exit.id).state == .approved)
        #expect(try house.intent(other.id).state == .acknowledged)
        #expect(house.broker.sent.map(\.instrument.symbol) == [.nvda, .pltr, .pltr])

        // Proposed while it stands: risk refuses both kinds by name.
        let late = [
            try house.put(house.intent(number: 2, state: .proposed)),
            try house.put(house.intent(number: 2, purpose: .exit, side: .sell, state: .proposed)),
        ]
        try await house.run(.riskCheck, house.cycle(2))
        for intent in late {
            let judged = try house.intent(intent.id)
            #expect(judged.state == .rejected)
            #expect(judged.reasons.contains { $0.code == "in-doubt-block" }, "\(judged.reasons)")
        }
    }

    @Test("Reconcile settles a doubt from the broker's list, with and without our ids in it", arguments: [true, false])
    func settles(listsClientOrderIDs: Bool) async throws {
        let house = try House(listsClientOrderIDs: listsClientOrderIDs)
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.broker.answer(.nvda, .unknownAccepted)
        try await house.run(.submit)
        try house.broker.fill(try #require(house.broker.number(of: .nvda)), at: Price(100))
        house.moveTo(60)
        let document = try await house.run(.reconcile)
        #expect(document.exitCode == .success)
        #expect(document.count("settled") == 1)
        #expect(document.count("external_orders") == 0)
        #expect(try house.order(intent.clientOrderID).state == .filled)
        #expect(try house.intent(intent.id).state == .filled)
        #expect(try house.position(.nvda) == Quantity(100))
        #expect(house.broker.sent.count == 1)
    }

    @Test("Two of the broker's orders that could be ours settle nothing, and neither becomes foreign")
    func ambiguous() async throws {
        let house = try House(listsClientOrderIDs: false)
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.broker.answer(.nvda, .unknownAccepted)
        try await house.run(.submit)
        house.broker.place(.fixture("F1", placedAt: Instant.fixture.advanced(bySeconds: 2)))
        house.moveTo(60)
        let document = try await house.run(.reconcile)
        #expect(document.exitCode == .ordersInDoubt)
        #expect(document.count("external_orders") == 0)
        #expect(try house.order(intent.clientOrderID).state == .inDoubt)
    }

    @Test("A cycle whose reconcile settles the doubt of its submit ends with success")
    func doubtSettledInTheCycle() async throws {
        let house = try House(visibilityDelay: .zero)
        try await house.openAccount()
        try house.put(house.intent())
        house.broker.answer(.nvda, .unknownAccepted)
        let document = try await house.runAll(from: .submit, until: .reconcile)
        #expect(document.steps.map(\.exitCode) == [.ordersInDoubt, .success])
        #expect(document.exitCode == .success)
    }

    @Test("A process that died while sending leaves its orders in doubt, and submit sends nothing in their place")
    func diedWhileSending() async throws {
        let house = try House()
        try await house.openAccount()
        let intent = try house.put(house.intent(state: .submitting))
        let orphan = ManagedOrder.fixture(id: intent.clientOrderID, intentID: intent.id)
        try house.store.write(durable: true) { try $0.insertOrder(orphan) }
        let document = try await house.run(.submit)
        #expect(document.exitCode == .ordersInDoubt)
        #expect(try house.order(intent.clientOrderID).reasons.last?.code == "process-died")
        #expect(house.broker.sent.isEmpty)
    }

    @Test("An order that provably never left is sent again as its next attempt, a refused one is not")
    func notSentAndRejected() async throws {
        let house = try House()
        try await house.openAccount()
        let unsent = try house.put(house.intent())
        let refused = try house.put(house.intent(.pltr))
        house.broker.answer(.nvda, .notSent)
        house.broker.answer(.pltr, .reject)
        let document = try await house.run(.submit)
        #expect(document.exitCode == .unavailable)
        try await house.run(.submit, isForced: true)
        #expect(house.broker.sent.map(\.clientOrderID.text) == [unsent.id.text, refused.id.text, "\(unsent.id)-2"])
        #expect(try house.intent(unsent.id).state == .acknowledged)
        #expect(try house.intent(refused.id).state == .rejectedByBroker)
        #expect(try house.alerts("order-rejected").count == 1)
    }

    @Test("A cancel of an order in doubt waits until the order has been found")
    func cancelWaitsForTheDoubt() async throws {
        let house = try House()
        try await house.openAccount()
        let intent = try house.put(house.intent(type: .limit(Price(90))))
        house.broker.answer(.nvda, .unknownAccepted)
        try await house.run(.submit)
        try house.wish(.cancel, intent.clientOrderID.text)
        try await house.run(.submit)
        #expect(house.broker.cancels.isEmpty)
        try await house.run(.reconcile)
        try await house.run(.submit)
        #expect(house.broker.cancels.count == 1)
        try await house.run(.reconcile)
        #expect(try house.order(intent.clientOrderID).state == .cancelled)
    }

    @Test("A flatten whose exit is in doubt sends no second exit, and ends when the fill is found")
    func flattenInDoubt() async throws {
        let house = try House(cash: 90_000, positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        try house.putBar(.nvda)
        try house.wish(.flatten, "symbol:NVDA")
        house.broker.answer(.nvda, .unknownAccepted)
        for _ in 0..<3 {
            try await house.run(.riskCheck, isForced: true)
            try await house.run(.submit, isForced: true)
        }
        #expect(house.broker.sent.count == 1)
        try house.broker.fill(try #require(house.broker.number(of: .nvda)), at: Price(100))
        house.moveTo(60)
        #expect(try await house.run(.reconcile).exitCode == .success)
        try await house.run(.riskCheck)
        #expect(try house.pending(.flatten).isEmpty)
        #expect(try house.position(.nvda) == .zero)
        #expect(house.broker.sent.count == 1)
    }
}
