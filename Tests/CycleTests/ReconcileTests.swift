import Broker
import Core
import Risk
import Settings
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("Reconciliation")
struct ReconcileTests {
    // MARK: Reruns

    @Test("A rerun of reconcile finds the fills of orders that were sent after it, and the report is written again")
    func rerunFindsLaterFills() async throws {
        let house = try House()
        try await house.openAccount()
        for symbol in [Symbol.nvda, .pltr] { try house.putBar(symbol) }
        try await house.run(.reconcile)
        try await house.run(.report)
        #expect(try await house.run(.report).isReplayed)

        try house.put(house.intent())
        house.broker.answer(.nvda, .fill(Price(100)))
        try await house.run(.submit)
        let reconciled = try await house.run(.reconcile)
        #expect(!reconciled.isReplayed)
        #expect(reconciled.count("fills") == 1)
        #expect(try house.position(.nvda) == Quantity(100))
        #expect(try await !house.run(.report).isReplayed)
        #expect(try await house.run(.report).isReplayed)
    }

    @Test("A calendar that ends in some days is told with every fetch, and alerted once a day")
    func calendarEnds() async throws {
        let house = try House()
        try await house.openAccount()
        // 2027-12-20, eleven days before the calendars of New York end.
        let days: Int64 = 395
        for seconds: Int64 in [1, 301] {
            house.moveTo(days * 86_400 + seconds)
            let cycle = house.cycle(Int(days * 288 + seconds / 300))
            let document = try await house.run(.fetchBars, cycle)
            let warnings = document.json["warnings"]?.arrayValue?.compactMap(\.stringValue) ?? []
            #expect(warnings.contains { $0.contains("2027-12-31, in 11 days") }, "\(warnings)")
        }
        #expect(try house.alerts("calendar-ends").count == 1)
    }

    @Test("A cycle's report tells of the fills booked in it, whichever cycle had sent the order")
    func lateFillIsReported() async throws {
        let house = try House()
        try await house.openAccount()
        try house.put(house.intent(type: .limit(Price(90))))
        try await house.run(.submit)
        try house.broker.fill(try #require(house.broker.number(of: .nvda)), at: Price(90))
        house.moveTo(301)
        try await house.run(.reconcile, house.cycle(1))
        let later = try await house.run(.report, house.cycle(1))
        #expect(later.json["summary"]?["verdict"]?.stringValue == "Traded: 0 order(s), 1 fill(s), this cycle")
        house.moveTo(601)
        try await house.run(.reconcile, house.cycle(2))
        let quiet = try await house.run(.report, house.cycle(2))
        #expect(quiet.json["summary"]?["verdict"]?.stringValue == "Idle: nothing traded, this cycle")
    }

    @Test("A rerun of a finished cycle replays every step and writes nothing")
    func replayWritesNothing() async throws {
        let house = try House()
        for symbol in [Symbol.nvda, .pltr] {
            try house.putBar(symbol)
            house.broker.answer(symbol, .fill(Price(100)))
        }
        let first = try await house.runAll()
        #expect(first.exitCode == .success)
        #expect(house.broker.sent.count == 2)
        let digest = try house.store.contentDigest()
        house.moveTo(30)
        let second = try await house.runAll()
        #expect(second.steps.allSatisfy { $0.isReplayed })
        #expect(
            second.steps.map { $0.json.removing("replayed").digest }
                == first.steps.map { $0.json.removing("replayed").digest })
        #expect(try house.store.contentDigest() == digest)
        #expect(house.broker.sent.count == 2)
    }

    @Test("An execution that the broker lists twice is booked once")
    func duplicateExecutions() async throws {
        let house = try House()
        try await house.openAccount()
        try house.put(house.intent())
        house.broker.answer(.nvda, .fill(Price(100)))
        house.broker.repeatExecutions()
        try await house.run(.submit)
        for _ in 0..<2 { try await house.run(.reconcile, isForced: true) }
        #expect(try house.fills().count == 1)
        #expect(try house.position(.nvda) == Quantity(100))
    }

    @Test("An execution that the broker lists an hour late is still found")
    func lateExecution() async throws {
        let house = try House()
        try await house.openAccount()
        house.moveTo(3_600)
        try await house.run(.reconcile)
        try house.broker.execute(.fixture("X1", order: "F1", filledAt: Instant.fixture.advanced(bySeconds: 60)))
        house.moveTo(3_700)
        let document = try await house.run(.reconcile, isForced: true)
        #expect(document.exitCode == .success)
        #expect(document.count("fills") == 1)
    }

    @Test("An execution that the exchange takes back counts as if it had never been")
    func bust() async throws {
        let house = try House()
        try await house.openAccount()
        let intent = try house.put(house.intent())
        house.broker.answer(.nvda, .fill(Price(100)))
        try await house.run(.submit)
        try await house.run(.reconcile)
        try house.broker.bustAll()
        for _ in 0..<2 {
            #expect(try await house.run(.reconcile, isForced: true).exitCode == .success)
        }
        #expect(try house.position(.nvda) == .zero)
        #expect(try house.order(intent.clientOrderID).filledQuantity == .zero)
        #expect(try house.audit("fill.busted").count == 1)
    }

    @Test("An execution is booked before its costs are told, without a break of cash; they are added when they come")
    func lateCosts() async throws {
        let house = try House()
        try await house.openAccount()
        let before = try house.cash()
        try house.put(house.intent())
        house.broker.answer(.nvda, .fill(Price(100)))
        house.broker.chargeLate(try FixedPoint("1.25"))
        try await house.run(.submit)
        try house.broker.moveCash(try FixedPoint("-1.25"))
        // Well after the order was accepted, so that nothing but the missing costs explains the cash.
        house.clock.advance(seconds: 60)
        let document = try await house.run(.reconcile, isForced: true)
        #expect(document.exitCode == .success && document.count("fills") == 1)
        #expect(try house.fills().map(\.fee) == [.zero])
        house.broker.tellFees()
        for _ in 0..<2 { #expect(try await house.run(.reconcile, isForced: true).exitCode == .success) }
        let fill = try #require(try house.fills().first)
        #expect(fill.fee == (try FixedPoint("1.25")))
        let paid = try fill.price.value.multiplied(by: fill.quantity.value, rounding: .halfEven)
        #expect(try house.cash() == before - paid - fill.fee)
        #expect(try house.audit("fill.costs").count == 1)
    }

    // MARK: Breaks

    @Test("A break opens once, alerts once, survives incomplete lists, and closes with an audit entry")
    func lifeOfABreak() async throws {
        let house = try House()
        try await house.openAccount()
        house.broker.setPosition(.nvda, Quantity(5))
        for _ in 0..<3 {
            let document = try await house.run(.reconcile, isForced: true)
            #expect(document.exitCode == .breaksFound)
            #expect(document.count("breaks") == 1)
            house.clock.advance(seconds: 5)
        }
        let found = try #require(try house.store.read { try $0.openBreaks() }.first)
        #expect((found.kind, found.ours, found.theirs) == ("position", "0", "5"))
        #expect(try house.alerts("break").count == 1)
        #expect(try house.audit("break.opened").count == 1)
        // Nothing is adjusted.
        #expect(try house.position(.nvda) == .zero)

        house.broker.setPosition(.nvda, .zero)
        house.broker.setIncomplete(Set(FakeBroker.List.allCases))
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .breaksFound)
        #expect(try house.audit("break.closed").isEmpty)

        house.broker.setIncomplete([])
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .success)
        #expect(try house.store.read { try $0.openBreaks() }.isEmpty)
        #expect(try house.audit("break.closed").count == 1)
    }

    @Test("A position that an incomplete list leaves out is no break")
    func incompletePositions() async throws {
        let house = try House(positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        house.broker.setPosition(.nvda, .zero)
        house.broker.setIncomplete([.positions])
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .unavailable)
        #expect(try house.store.read { try $0.openBreaks() }.isEmpty)
        house.broker.setIncomplete([])
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .breaksFound)
    }

    // MARK: What others do in the account

    private static let foreignOrder = BrokerOrder.fixture(
        "F1", symbol: .pltr, type: .limit(Price(90)), quantity: Quantity(50),
        placedAt: Instant.fixture.advanced(bySeconds: 2))

    @Test("A foreign order becomes an external row, alerts once, and counts in risk")
    func foreignOrder() async throws {
        let house = try House()
        try await house.openAccount()
        try house.putBar(.pltr)
        house.broker.place(Self.foreignOrder)
        house.moveTo(10)
        for expected: Int64 in [1, 0] {
            #expect(try await house.run(.reconcile, isForced: true).count("external_orders") == expected)
        }
        let row = try #require(try house.store.read { try $0.openOrders() }.first)
        #expect(row.origin == .external)
        #expect(row.profile == nil)
        #expect(try house.alerts("external-order").count == 1)
        let beat = try house.beat(house.cycle())
        let worst = try house.store.read { try RiskView(beat, $0).check([]).projection().worstValue(of: .pltr) }
        #expect(try #require(worst) >= FixedPoint(4_500))
    }

    @Test("A foreign execution without a listed order is booked as an external order's and alerts")
    func foreignExecution() async throws {
        let house = try House()
        try await house.openAccount()
        house.moveTo(10)
        try house.broker.execute(
            .fixture("X1", order: "F2", symbol: .pltr, quantity: Quantity(30), filledAt: house.clock.now()))
        let document = try await house.run(.reconcile, isForced: true)
        #expect(document.exitCode == .success)
        let fill = try #require(try house.fills().first)
        #expect(try house.order(fill.clientOrderID).origin == .external)
        #expect(try house.position(.pltr) == Quantity(30))
        #expect(try house.alerts("external-order").count == 1)
    }

    @Test("Flatten closes our positions and completes though a foreign order lives, which it never cancels")
    func flattenLeavesForeignOrders() async throws {
        let house = try House(cash: 90_000, positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        for symbol in [Symbol.nvda, .pltr] { try house.putBar(symbol) }
        house.broker.place(Self.foreignOrder)
        house.moveTo(10)
        try await house.run(.reconcile)
        try house.wish(.flatten, "all")
        try await house.run(.riskCheck)
        house.broker.answer(.nvda, .fill(Price(100)))
        try await house.run(.submit)
        #expect(house.broker.sent.map(\.side) == [.sell])
        try await house.run(.reconcile)
        #expect(try house.position(.nvda) == .zero)
        #expect(try house.pending(.flatten) == ["all"])
        try await house.run(.riskCheck)
        #expect(try house.pending(.flatten).isEmpty)
        #expect(try house.audit("flatten.done").count == 1)
        #expect(house.broker.cancels.isEmpty)
        #expect(try house.store.read { try $0.openOrders() }.map(\.origin) == [.external])
    }

    // MARK: The opening

    @Test("What was executed before the opening is not booked again; what comes at the same instant after it is")
    func opening() async throws {
        let house = try House()
        try house.broker.execute(
            .fixture("E0", order: "B0", quantity: Quantity(40), filledAt: Instant.fixture.advanced(bySeconds: -3600)))
        try house.broker.execute(.fixture("E1", order: "B0", quantity: Quantity(60), filledAt: house.clock.now()))
        try await house.openAccount()
        #expect(try house.position(.nvda) == Quantity(100))
        #expect(try await house.run(.reconcile).count("fills") == 0)
        #expect(try house.position(.nvda) == Quantity(100))

        try house.broker.execute(.fixture("E2", order: "F3", quantity: Quantity(7), filledAt: house.clock.now()))
        let document = try await house.run(.reconcile, isForced: true)
        #expect(document.exitCode == .success)
        #expect(document.count("fills") == 1)
        #expect(try house.position(.nvda) == Quantity(107))
        #expect(try house.fills().map(\.executionID.text) == ["E2"])
    }
}
