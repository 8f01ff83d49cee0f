import Broker
import Core
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("New prices for a working order")
struct RevisionTests {
    private struct Bench {
        let house: House
        let id: ClientOrderID
        let desk: RevisionDesk

        func revise(_ price: Int) async throws -> RevisionDesk.Outcome {
            try await desk.revise(id, to: .limit(Price(price)))
        }
        func reconcile(at seconds: Int64) async throws {
            house.moveTo(seconds)
            try await house.run(.reconcile, isForced: true)
        }
        var pending: [StoredOperatorOrder] {
            get throws { try house.store.read { try $0.pendingOperatorOrders(kind: .revise) } }
        }
    }

    /// A hundred NVDA at a limit of 100, acknowledged.
    private func bench(listsIDs: Bool = true, cash: Int = 100_000, limit: Int = 100) async throws -> Bench {
        let house = try House(listsClientOrderIDs: listsIDs, cash: cash)
        try await house.openAccount()
        let bar = Bar.fixture(
            openAt: Instant.fixture.advanced(bySeconds: -300), open: Price(100), high: Price(100), low: Price(100),
            close: Price(100), volume: Quantity(1000), source: .kis)
        try house.store.write(durable: false) { _ = try $0.upsertBars(.nvda, .fiveMinutes, [bar]) }
        let intent = try house.put(house.intent(type: .limit(Price(limit))))
        try await house.run(.submit)
        return Bench(
            house: house, id: intent.clientOrderID,
            desk: RevisionDesk(context: house.context, actor: "operator tester", reason: "left behind"))
    }

    @Test("Sent once, believed when the list shows it, and told as nobody's change", arguments: [true, false])
    func accepted(listsIDs: Bool) async throws {
        let bench = try await bench(listsIDs: listsIDs)
        #expect(try await bench.revise(101) == .accepted)
        #expect(try bench.house.order(bench.id).type == .limit(Price(100)), "not before the broker lists it")
        #expect(try await bench.revise(101) == .underWay)
        await #expect(throws: StepFailure.self) { try await bench.revise(102) }
        try await bench.reconcile(at: 20)
        #expect(try bench.house.order(bench.id).type == .limit(Price(101)))
        #expect(try bench.pending.isEmpty && bench.house.alerts("order-amended").isEmpty)
        #expect(try await bench.revise(101) == .unchanged)
        #expect(bench.house.broker.revisions.map(\.type) == [.limit(Price(101))])
        #expect(try bench.house.audit("revision.done").count == 1)
    }

    @Test("Of an answer that never came the list tells which of the two it was; it is not sent again")
    func unknown() async throws {
        for (answer, price) in [(FakeBroker.CancelAnswer.unknownButDone, 101), (.unknown, 100)] {
            let bench = try await bench()
            bench.house.broker.answerCancel(.nvda, answer)
            #expect(try await bench.revise(101) == .unknown(detail: "timed out"))
            #expect(try bench.house.alerts("revision-in-doubt").map(\.severity) == [.critical])
            try await bench.reconcile(at: 20)
            #expect(try bench.pending.isEmpty == (price == 101), "a list read right after proves nothing")
            try await bench.reconcile(at: 60)
            #expect(try bench.pending.isEmpty)
            #expect(try bench.house.order(bench.id).type == .limit(Price(price)))
            #expect(try bench.house.alerts("revision-without-effect").count == (price == 100 ? 1 : 0))
            #expect(bench.house.broker.revisions.count == 1)
        }
    }

    @Test("A process that dies before the send leaves the order at its price, and the operator is told")
    func killedBeforeSend() async throws {
        let bench = try await bench()
        try bench.house.store.write(durable: true) { writer in
            _ = try writer.addRevision(
                of: bench.id, to: .limit(Price(101)), reason: "r", by: "operator", at: bench.house.clock.now())
        }
        try await bench.reconcile(at: 60)
        #expect(try bench.pending.isEmpty && bench.house.broker.revisions.isEmpty)
        #expect(try bench.house.alerts("revision-without-effect").count == 1)
    }

    @Test("A refusal and a request that never left end it at once")
    func refused() async throws {
        let bench = try await bench()
        bench.house.broker.answerCancel(.nvda, .refuse)
        #expect(try await bench.revise(101) == .refused(code: "too-late", message: "the order is final"))
        bench.house.broker.answerCancel(.nvda, .notSent)
        #expect(try await bench.revise(101) == .notSent(detail: "connection refused"))
        #expect(try bench.pending.isEmpty)
        #expect(try await bench.revise(101) == .accepted, "asked once more it is a new request")
    }

    @Test("Filled before it was changed, the order is final and the revision over")
    func filledFirst() async throws {
        let bench = try await bench()
        bench.house.broker.answerCancel(.nvda, .acceptInVain)
        #expect(try await bench.revise(101) == .accepted)
        try bench.house.broker.fill(try #require(bench.house.broker.number(of: .nvda)), at: Price(100))
        try await bench.reconcile(at: 20)
        #expect(try bench.house.order(bench.id).state == .filled && bench.pending.isEmpty)
        #expect(try bench.house.alerts("revision-without-effect").isEmpty)
    }

    @Test("Cancelled before a list showed its new price, the order ended at that price")
    func cancelledFirst() async throws {
        let bench = try await bench()
        bench.house.broker.answerCancel(.nvda, .unknownButDone)
        #expect(try await bench.revise(101) == .unknown(detail: "timed out"))
        let number = try #require(bench.house.broker.number(of: .nvda))
        bench.house.broker.close(number, as: .cancelled, filled: .zero)
        try await bench.reconcile(at: 60)
        let order = try bench.house.order(bench.id)
        #expect(order.state == .cancelled && order.type == .limit(Price(101)))
        #expect(try bench.pending.isEmpty && bench.house.alerts("order-amended").isEmpty)
    }

    @Test("Risk judges it as a new order in the place of the old one")
    func risk() async throws {
        let bench = try await bench(cash: 40_000)
        // 100 at 101 is 10,100 of 40,000: a quarter. At 130 it would be more than the 30 % that one position may be.
        #expect(try await bench.revise(101) == .accepted)
        try await bench.reconcile(at: 20)
        let failure = await #expect(throws: StepFailure.self) { try await bench.revise(130) }
        #expect(failure?.code == "revision-rejected" && failure?.message.contains("max-position-size") == true)
        #expect(bench.house.broker.revisions.count == 1)
    }

    @Test("While it is under way the dearer price of a purchase counts")
    func worst() async throws {
        let bench = try await bench()
        bench.house.broker.answerCancel(.nvda, .unknown)
        _ = try await bench.revise(103)
        #expect(try bench.house.store.read { try $0.liveOrdersAtWorst() }.map(\.type) == [.limit(Price(103))])
        #expect(try bench.house.store.read { try $0.openOrders() }.map(\.type) == [.limit(Price(100))])
    }

    @Test("Another kind of order, a price off the grid, a foreign order and one that is being cancelled are refused")
    func refusals() async throws {
        let bench = try await bench()
        func code(_ type: OrderType, _ id: ClientOrderID? = nil) async -> String? {
            do { return try await bench.desk.revise(id ?? bench.id, to: type).name } catch {
                return (error as? StepFailure)?.code
            }
        }
        #expect(await code(.market) == "not-revisable")
        #expect(await code(.limit(try Price("100.001"))) == "not-revisable")
        #expect(await code(.limit(Price(100)), ClientOrderID("nobody")) == "not-revisable")
        try bench.house.wish(.cancel, bench.id.text)
        #expect(await code(.limit(Price(101))) == "not-revisable")
        #expect(bench.house.broker.revisions.isEmpty)
    }

    @Test("While the prices are not known nothing else is sent for the instrument")
    func blocks() async throws {
        let bench = try await bench()
        bench.house.broker.answerCancel(.nvda, .unknown)
        _ = try await bench.revise(101)
        let held = try bench.house.put(bench.house.intent(purpose: .manual, type: .limit(Price(99))))
        let document = try await bench.house.run(.submit, isForced: true)
        #expect(bench.house.broker.sent.count == 1)
        #expect("\(document.json["warnings"] ?? .null)".contains("\(held.id) waits"))
        try await bench.reconcile(at: 60)
        try await bench.house.run(.submit, isForced: true)
        #expect(bench.house.broker.sent.count == 2)
    }

    @Test("An exit does not wait for it")
    func exitsGoOut() async throws {
        let house = try House()
        try await house.openAccount()
        let bar = Bar.fixture(close: Price(100), source: .kis)
        try house.store.write(durable: false) { _ = try $0.upsertBars(.nvda, .fiveMinutes, [bar]) }
        try house.put(house.intent())
        house.broker.answer(.nvda, .fill(Price(100)))
        try await house.run(.submit)
        try await house.run(.reconcile)
        let intent = try house.put(
            house.intent(purpose: .manual, type: .limit(Price(90)), quantity: Quantity(50)))
        try await house.run(.submit, isForced: true)
        house.broker.answerCancel(.nvda, .unknown)
        let desk = RevisionDesk(context: house.context, actor: "operator tester", reason: "r")
        _ = try await desk.revise(intent.clientOrderID, to: .limit(Price(91)))
        try house.put(house.intent(purpose: .stopLoss, side: .sell))
        try await house.run(.submit, isForced: true)
        #expect(house.broker.sent.map(\.side) == [.buy, .buy, .sell])
    }

    @Test("A cancellation that meets a list which lacks the revision is refused, and stays wished")
    func cancelledEcho() async throws {
        let bench = try await bench(listsIDs: false)
        let number = try #require(bench.house.broker.number(of: .nvda))
        bench.house.broker.answerCancel(.nvda, .acceptInVain)
        #expect(try await bench.revise(101) == .accepted)
        bench.house.broker.close(number, as: .cancelled, filled: .zero)
        bench.house.broker.answerCancel(.nvda, .refuse)
        try bench.house.wish(.cancel, bench.id.text)
        try await bench.house.run(.submit, isForced: true)
        try await bench.reconcile(at: 20)
        #expect(try bench.house.order(bench.id).state.mayBeLive)
        #expect(try bench.house.store.read { try $0.pendingOperatorOrders(kind: .cancel) }.count == 1)
    }

    @Test(
        "A list that still lacks the revision may show the order as cancelled, or at its old price: neither is believed"
    )
    func echoes() async throws {
        let bench = try await bench(listsIDs: false)
        let number = try #require(bench.house.broker.number(of: .nvda))
        bench.house.broker.answerCancel(.nvda, .acceptInVain)
        #expect(try await bench.revise(101) == .accepted)
        bench.house.broker.close(number, as: .cancelled, filled: .zero)
        try await bench.reconcile(at: 20)
        #expect(try bench.house.order(bench.id).state.mayBeLive && !bench.pending.isEmpty)
        bench.house.broker.close(number, as: .working, filled: .zero)
        bench.house.broker.amend(number, quantity: Quantity(100), type: .limit(Price(101)))
        try await bench.reconcile(at: 25)
        #expect(try bench.pending.isEmpty && bench.house.order(bench.id).type == .limit(Price(101)))
        bench.house.broker.amend(number, quantity: Quantity(100), type: .limit(Price(100)))
        try await bench.reconcile(at: 30)
        #expect(try bench.house.order(bench.id).type == .limit(Price(101)), "an echo of the old price")
        #expect(try bench.house.alerts("order-amended").isEmpty)
        try await bench.reconcile(at: 90)
        #expect(try bench.house.alerts("order-amended").count == 1, "later it is somebody's change")
    }

    @Test("A stop that guards a position is moved towards the market, never away from it")
    func protection() async throws {
        let house = try House(positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        let bar = Bar.fixture(close: Price(100), source: .kis)
        try house.store.write(durable: false) { _ = try $0.upsertBars(.nvda, .fiveMinutes, [bar]) }
        let intent = try house.put(house.intent(purpose: .stopLoss, side: .sell, type: .stop(Price(90))))
        try await house.run(.submit)
        let desk = RevisionDesk(context: house.context, actor: "operator tester", reason: "r")
        await #expect(throws: StepFailure.self) { try await desk.revise(intent.clientOrderID, to: .stop(Price(80))) }
        #expect(try await desk.revise(intent.clientOrderID, to: .stop(Price(95))) == .accepted)
    }

    @Test("Lists that never come to their end leave it open, and somebody is told, once")
    func unsettled() async throws {
        let bench = try await bench()
        bench.house.broker.answerCancel(.nvda, .acceptInVain)
        _ = try await bench.revise(101)
        bench.house.broker.setIncomplete([.orders])
        for seconds: Int64 in [60, 120] { try await bench.reconcile(at: seconds) }
        #expect(try bench.house.alerts("revision-unsettled").count == 1 && !bench.pending.isEmpty)
    }

    @Test("A dry run judges and leaves no trace")
    func dryRun() async throws {
        let bench = try await bench()
        let outcome = try await bench.desk.revise(bench.id, to: .limit(Price(101)), isDryRun: true)
        #expect(outcome == .wouldSend)
        #expect(try bench.pending.isEmpty && bench.house.broker.revisions.isEmpty)
        await #expect(throws: StepFailure.self) {
            try await bench.desk.revise(bench.id, to: .limit(try Price("1000000")), isDryRun: true)
        }
    }
}
