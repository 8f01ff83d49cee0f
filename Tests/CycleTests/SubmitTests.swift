import Broker
import Core
import Execution
import Settings
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("Expiry, cancellations and the gate")
struct SubmitTests {
    // MARK: Expiry

    @Test("An approved exit whose window has closed does not keep the next stop-loss from going out")
    func expiredExit() async throws {
        let house = try House(cash: 90_000, positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        let missed = try house.put(house.intent(purpose: .exit, side: .sell))
        try house.putBar(.nvda, number: 1, close: Price(95))
        house.moveTo(301)
        try await house.run(.riskCheck, house.cycle(1))
        #expect(try house.intent(missed.id).state == .expired)
        house.broker.answer(.nvda, .fill(Price(95)))
        try await house.run(.submit, house.cycle(1))
        let sent = try #require(house.broker.sent.first)
        #expect(house.broker.sent.count == 1)
        #expect(sent.side == .sell)
        #expect(sent.quantity == Quantity(100))
        #expect(try house.store.read { try $0.intents(cycle: house.cycle(1)) }.map(\.purpose) == [.stopLoss])
    }

    @Test(
        "A proposal or approval is swept when its window ends, not a microsecond before",
        arguments: [
            OrderState.proposed, .approved,
        ])
    func sweep(state: OrderState) throws {
        let house = try House()
        let intent = try house.put(house.intent(state: state))
        let end = intent.expiresAt
        for (moment, expected) in [(Instant(microseconds: end.microseconds - 1), state), (end, .expired)] {
            try house.store.write(durable: true) { try IntentExpiry.sweep(at: moment, in: $0) }
            #expect(try house.intent(intent.id).state == expected)
        }
        #expect(try house.intent(intent.id).reasons.last?.code == "expired")
        #expect(try house.audit("intent.expired").count == 1)
    }

    @Test("Submit sends nothing whose window has closed")
    func lateSubmit() async throws {
        let house = try House()
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.moveTo(300)
        try await house.run(.submit)
        #expect(house.broker.sent.isEmpty)
        #expect(try house.intent(intent.id).state == .expired)
    }

    // MARK: Cancellations

    /// A limit order that works at the broker, and the wish to cancel it.
    private func wishedFor(_ house: House) async throws -> ClientOrderID {
        try await house.openAccount()
        let intent = try house.put(house.intent(type: .limit(Price(90))))
        try await house.run(.submit)
        try await house.run(.reconcile)
        try house.wish(.cancel, intent.clientOrderID.text)
        return intent.clientOrderID
    }

    @Test("A cancel of unknown fate alerts and stays wished for; once the order is seen working it is sent again")
    func unknownCancel() async throws {
        let house = try House()
        let id = try await wishedFor(house)
        house.broker.answerCancel(.nvda, .unknown)
        let document = try await house.run(.submit)
        #expect(document.exitCode == .ordersInDoubt)
        #expect(try house.order(id).state == .cancelInDoubt)
        #expect(try house.alerts("cancel-in-doubt").map(\.severity) == [.critical])
        #expect(try house.pending(.cancel) == [id.text])

        // Not again before reconcile has looked, and a list read while the cancel may be on its way tells nothing.
        try await house.run(.submit)
        try await house.run(.reconcile)
        #expect(try house.order(id).state == .cancelInDoubt)
        try await house.run(.submit)
        #expect(house.broker.cancels.count == 1)
        house.moveTo(50)
        try await house.run(.reconcile)
        #expect(try house.order(id).state == .working)
        try await house.run(.submit)
        #expect(house.broker.cancels.count == 2)
        try await house.run(.reconcile)
        #expect(try house.order(id).state == .cancelled)
        #expect(try house.pending(.cancel).isEmpty)
    }

    @Test("A cancel whose process died after the send is not sent again before the lists have had time to show it")
    func diedAfterSend() async throws {
        let house = try House()
        let id = try await wishedFor(house)
        let order = try house.order(id)
        // What a process leaves that is killed right after its cancellation went out.
        let cancelling = OrderMachine.apply(.cancelRequested, to: order, at: house.clock.now())
        try house.store.write(durable: true) { try $0.updateOrder(cancelling, expecting: order.state) }
        for seconds: Int64 in [2, 20, 40] {
            house.moveTo(seconds)
            try await house.run(.submit, isForced: true)
            try await house.run(.reconcile, isForced: true)
            try await house.run(.submit, isForced: true)
            #expect(house.broker.cancels.isEmpty, "at \(seconds) s")
        }
        // It never arrived, and by now a list would show it if it had: the rerun sees that itself.
        house.moveTo(42)
        try await house.run(.submit, isForced: true)
        #expect(house.broker.cancels.count == 1)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(id).state == .cancelled)
    }

    @Test("A cancel that was taken and has no effect is sent again once the order is seen alive long after")
    func acceptedInVain() async throws {
        let house = try House()
        let id = try await wishedFor(house)
        house.broker.answerCancel(.nvda, .acceptInVain)
        try await house.run(.submit)
        #expect(try house.order(id).state == .cancelling)
        house.moveTo(30)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(id).state == .cancelling)
        house.moveTo(60)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(id).state == .working)
        #expect(try house.order(id).reasons.last?.code == "cancel-without-effect")
        #expect(try house.alerts("cancel-without-effect").count == 1)
        #expect(try house.pending(.cancel) == [id.text])
        try await house.run(.submit)
        #expect(house.broker.cancels.count == 2)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(id).state == .cancelled)
        #expect(try house.pending(.cancel).isEmpty)
    }

    @Test("A cancel put on record by a clock that ran hours ahead does not wait for that hour")
    func clockAhead() async throws {
        let house = try House()
        let id = try await wishedFor(house)
        let order = try house.order(id)
        let ahead = OrderMachine.apply(.cancelRequested, to: order, at: Instant.fixture.advanced(bySeconds: 7_200))
        try house.store.write(durable: true) { try $0.updateOrder(ahead, expecting: order.state) }
        for seconds: Int64 in [10, 51] {
            house.moveTo(seconds)
            try await house.run(.reconcile, isForced: true)
        }
        #expect(try house.order(id).state == .working)
        try await house.run(.submit, isForced: true)
        #expect(house.broker.cancels.count == 1)
    }

    @Test("An order that was to be cancelled while in doubt, and proves never to have arrived, is not sent again")
    func cancelledInDoubt() async throws {
        let house = try House()
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.broker.answer(.nvda, .unknownLost)
        try await house.run(.submit)
        try house.wish(.cancel, intent.clientOrderID.text)
        for seconds: Int64 in [45, 76] {
            house.moveTo(seconds)
            try await house.run(.reconcile, isForced: true)
        }
        #expect(try house.order(intent.clientOrderID).state == .expired)
        #expect(try house.intent(intent.id).state == .cancelled)
        #expect(try house.pending(.cancel).isEmpty)
        try await house.run(.submit, isForced: true)
        #expect(house.broker.sent.count == 1)
    }

    @Test("A cancel is not sent to another account that is open at the same broker now, and somebody is told")
    func otherAccount() async throws {
        let house = try House()
        let id = try await wishedFor(house)
        try house.meddle("UPDATE orders SET account = 'A0'")
        try await house.run(.submit)
        try await house.run(.reconcile, isForced: true)
        house.moveTo(100)
        try await house.run(.reconcile, isForced: true)
        #expect(house.broker.cancels.isEmpty)
        #expect(try house.order(id).state == .working)
        #expect(try house.order(id).absenceProofs == 0)
        #expect(try house.alerts("other-account").count == 1)
    }

    @Test("A refused cancel is told, once, stays wished for, and is tried again with the next beat")
    func refusedCancel() async throws {
        let house = try House()
        let id = try await wishedFor(house)
        for beat in 1...3 {
            house.moveTo(Int64(beat) * 300)
            house.broker.answerCancel(.nvda, .refuse)
            // A rerun sends nothing before a list has shown what the refusal means.
            for _ in 0..<2 { try await house.run(.submit, house.cycle(beat)) }
            #expect(house.broker.cancels.count == beat)
            #expect(try house.order(id).state == .cancelling)
            house.moveTo(Int64(beat) * 300 + 60)
            try await house.run(.reconcile, house.cycle(beat))
            #expect(try house.order(id).state == .working)
            #expect(try house.pending(.cancel) == [id.text])
        }
        #expect(try house.alerts("cancel-without-effect").map(\.severity) == [.warning])
        #expect(try house.order(id).reasons.filter { $0.code == "cancel-refused" }.count == 1)
        house.moveTo(1_200)
        try await house.run(.submit, house.cycle(4))
        try await house.run(.reconcile, house.cycle(4))
        #expect(try house.order(id).state == .cancelled)
        #expect(try house.pending(.cancel).isEmpty)
    }

    @Test("An accepted cancel is believed only when the broker lists the order as cancelled")
    func acceptedCancel() async throws {
        let house = try House()
        let id = try await wishedFor(house)
        try await house.run(.submit)
        #expect(try house.order(id).state == .cancelling)
        #expect(try house.pending(.cancel) == [id.text])
        // A rerun has nothing to send while it is under way.
        let again = try await house.run(.submit)
        #expect(again.isReplayed)
        #expect(house.broker.cancels.count == 1)
        try await house.run(.reconcile)
        #expect(try house.order(id).state == .cancelled)
        #expect(try house.pending(.cancel).isEmpty)
        #expect(try house.intent(IntentID(id.text)).state == .cancelled)
    }

    @Test("What was executed before a cancel took effect stays booked under the cancelled order")
    func partlyFilledThenCancelled() async throws {
        let house = try House()
        let id = try await wishedFor(house)
        let number = try #require(house.broker.number(of: .nvda))
        try house.broker.execute(
            .fixture(
                "E1", order: number.text, clientOrderID: id, quantity: Quantity(40), price: Price(90),
                filledAt: house.clock.now()))
        try await house.run(.submit)
        let document = try await house.run(.reconcile)
        #expect(document.exitCode == .success)
        #expect(try house.order(id).state == .cancelled)
        #expect(try house.order(id).filledQuantity == Quantity(40))
        #expect(try house.position(.nvda) == Quantity(40))
    }

    @Test("A cancel that is refused because the order was filled ends with the fill booked")
    func refusedAfterFill() async throws {
        let house = try House()
        let id = try await wishedFor(house)
        try house.broker.fill(try #require(house.broker.number(of: .nvda)), at: Price(90))
        house.broker.answerCancel(.nvda, .refuse)
        try await house.run(.submit)
        #expect(try house.pending(.cancel) == [id.text])
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(id).state == .filled)
        #expect(try house.pending(.cancel).isEmpty)
        #expect(try house.position(.nvda) == Quantity(100))
    }

    @Test("A cancel that never left stays wished for and goes out with the next run")
    func cancelNotSent() async throws {
        let house = try House()
        let id = try await wishedFor(house)
        house.broker.answerCancel(.nvda, .notSent)
        try await house.run(.submit)
        #expect(try house.pending(.cancel) == [id.text])
        try await house.run(.submit)
        #expect(house.broker.cancels.count == 2)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.pending(.cancel).isEmpty)
    }

    @Test("Trouble with one cancellation stops neither the next one nor the orders to be sent")
    func troubleIsolated() async throws {
        let house = try House()
        _ = try await wishedFor(house)
        try house.wish(.cancel, "nobody-knows-this-order")
        let other = try house.put(house.intent(.pltr))
        house.broker.answerCancel(.nvda, .unknown)
        try await house.run(.submit)
        #expect(try house.intent(other.id).state == .acknowledged)
        #expect(try !house.pending(.cancel).contains("nobody-knows-this-order"))
    }

    @Test("A cancellation that the database refuses to record is not sent, and everything after it goes on")
    func unrecordable() async throws {
        let house = try House()
        try await house.openAccount()
        let orders = try [Symbol.nvda, .pltr].map { try house.put(house.intent($0, type: .limit(Price(90)))) }
        try await house.run(.submit)
        try await house.run(.reconcile)
        for order in orders { try house.wish(.cancel, order.id.text) }
        let entry = try house.put(house.intent(.pltr, number: 1))
        try house.meddle(
            """
            CREATE TRIGGER refusal BEFORE INSERT ON order_messages
            WHEN NEW.direction = 'cancel-request' AND NEW.client_order_id = '\(orders[0].id)'
            BEGIN SELECT RAISE(ABORT, 'refused'); END
            """)
        try await house.run(.submit, house.cycle(1))
        #expect(house.broker.cancels.map(\.symbol) == [.pltr])
        #expect(try house.order(orders[0].clientOrderID).state == .working)
        #expect(try house.intent(entry.id).state == .acknowledged)
        try await house.run(.reconcile, house.cycle(1))
        #expect(try house.pending(.cancel) == [orders[0].id.text])
    }

    @Test("A foreign order is not cancelled even when somebody wishes it")
    func foreignIsLeftAlone() async throws {
        let house = try House()
        try await house.openAccount()
        house.broker.place(.fixture("F1", placedAt: Instant.fixture.advanced(bySeconds: 2)))
        house.moveTo(10)
        try await house.run(.reconcile, isForced: true)
        let foreign = try #require(try house.store.read { try $0.openOrders() }.first)
        try house.wish(.cancel, foreign.clientOrderID.text)
        try await house.run(.submit)
        #expect(house.broker.cancels.isEmpty)
    }

    // MARK: The gate

    @Test(
        "A halt set between risk-check and submit holds back the entry and lets the exit go",
        arguments: [HaltScope.all, .symbol(.nvda), .profile(.first), .broker(.paper)])
    func haltBeforeSend(scope: HaltScope) async throws {
        let house = try House(positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        let entry = try house.put(house.intent(quantity: Quantity(10)))
        let exit = try house.put(house.intent(purpose: .exit, side: .sell))
        try house.store.write(durable: true) {
            _ = try $0.setHalt(scope: scope, code: "operator", message: "now", at: house.clock.now(), by: "operator")
        }
        try await house.run(.submit)
        let refused = try house.intent(entry.id)
        #expect(refused.state == .rejected)
        #expect(refused.reasons.last?.code == "trading-halted")
        #expect(try house.intent(exit.id).state == .acknowledged)
        #expect(house.broker.sent.map(\.side) == [.sell])
    }

    @Test("A halt ends also an entry that waits for its broker; lifting it does not bring it back")
    func haltWhileWaiting() async throws {
        let house = try House()
        try await house.openAccount()
        let entry = try house.put(house.intent())
        house.broker.hold(.nvda, until: house.clock.now().advanced(bySeconds: 60))
        try await house.run(.submit)
        #expect(try house.intent(entry.id).state == .approved)
        try house.store.write(durable: true) {
            _ = try $0.setHalt(
                scope: HaltScope.all, code: "operator", message: "now", at: house.clock.now(), by: "operator")
        }
        try await house.run(.submit, isForced: true)
        #expect(try house.intent(entry.id).state == .rejected)
        house.broker.hold(.nvda, until: nil)
        try await house.run(.submit, isForced: true)
        #expect(house.broker.sent.isEmpty)
    }

    @Test(
        "A halt of another symbol, profile or broker holds back nothing",
        arguments: [
            HaltScope.symbol(.pltr), .profile(.second), .broker(BrokerID("ib")),
        ])
    func haltElsewhere(scope: HaltScope) async throws {
        let house = try House()
        try await house.openAccount()
        try house.put(house.intent())
        try house.store.write(durable: true) {
            _ = try $0.setHalt(scope: scope, code: "operator", message: "now", at: house.clock.now(), by: "operator")
        }
        try await house.run(.submit)
        #expect(house.broker.sent.count == 1)
    }
}
