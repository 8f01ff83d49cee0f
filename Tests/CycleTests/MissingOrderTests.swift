import Broker
import Core
import Risk
import Settings
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("Orders that vanish from the broker's lists")
struct MissingOrderTests {
    /// 100 shares held, and a limit order of ours to sell them that the broker has taken and then lost.
    private func house() async throws -> (House, ClientOrderID, BrokerOrderID) {
        let house = try House(positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        try house.putBar(.nvda)
        let intent = try house.put(house.intent(purpose: .takeProfit, side: .sell, type: .limit(Price(120))))
        try await house.run(.submit)
        let number = try #require(house.broker.number(of: .nvda))
        house.moveTo(40)
        try await house.run(.reconcile)
        house.broker.lose(number)
        return (house, intent.clientOrderID, number)
    }

    private func exitable(_ house: House) throws -> Quantity {
        let beat = try house.beat(house.cycle())
        return try house.store.read {
            try RiskView(beat, $0).check([]).projection().holding(HoldingKey(symbol: .nvda, broker: .paper)).exitable()
        }
    }

    @Test(
        "Two complete lists a visibility delay apart make a break and a critical alert; it counts on, and is not given up"
    )
    func becomesABreak() async throws {
        let (house, id, _) = try await house()
        house.moveTo(50)
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .success)
        house.moveTo(79)
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .success)
        house.moveTo(81)
        let document = try await house.run(.reconcile, isForced: true)
        #expect(document.exitCode == .breaksFound)
        let found = try #require(try house.store.read { try $0.openBreaks() }.first)
        #expect(
            (found.kind, found.subject, found.symbol, found.theirs) == ("missing-order", id.text, .nvda, "not listed"))
        #expect(found.ours == "working, sell 100 NVDA open")
        let alert = try #require(try house.alerts("break").first)
        #expect(alert.severity == .critical)
        #expect(alert.body.contains("takt orders settle \(id) --absent"))
        for seconds: Int64 in [200, 400] {
            house.moveTo(seconds)
            #expect(try await house.run(.reconcile, isForced: true).exitCode == .breaksFound)
        }
        #expect(try house.alerts("break").count == 1)
        #expect(try house.order(id).state == .working)
        #expect(try exitable(house) == .zero)
    }

    @Test("An incomplete list, or one read before the order must show, counts no absence")
    func noProof() async throws {
        let (house, id, _) = try await house()
        house.broker.setIncomplete([.orders])
        for seconds: Int64 in [50, 90, 130] {
            house.moveTo(seconds)
            #expect(try await house.run(.reconcile, isForced: true).exitCode == .unavailable)
        }
        #expect(try house.order(id).absenceProofs == 0)

        let early = try House()
        try await early.openAccount()
        let intent = try early.put(early.intent())
        try await early.run(.submit)
        early.broker.lose(try #require(early.broker.number(of: .nvda)))
        early.moveTo(30)
        try await early.run(.reconcile, isForced: true)
        #expect(try early.order(intent.clientOrderID).absenceProofs == 0)
        early.moveTo(31)
        try await early.run(.reconcile, isForced: true)
        #expect(try early.order(intent.clientOrderID).absenceProofs == 1)
    }

    @Test(
        "A person settles it: the position can be closed again, the break closes, and what is listed again is taken up")
    func settled() async throws {
        let (house, id, number) = try await house()
        let desk = DoubtDesk(
            context: house.context, now: house.clock.now(), actor: "operator kim", reason: "support confirms")
        // One look is not enough to give it up.
        house.moveTo(50)
        try await house.run(.reconcile, isForced: true)
        #expect(throws: StepFailure.self) { try desk.declareAbsent(id) }
        house.moveTo(90)
        try await house.run(.reconcile, isForced: true)
        house.broker.place(.fixture("B7", side: .sell, type: .limit(Price(120))))
        do {
            _ = try await desk.bind(id, to: BrokerOrderID("B7"))
            Issue.record("it has a number already")
        } catch let refusal as StepFailure {
            #expect(refusal.message.contains("it is the broker's order \(number) already"))
        }
        house.broker.lose(BrokerOrderID("B7"))
        #expect(try desk.declareAbsent(id).state == .expired)
        #expect(try exitable(house) == Quantity(100))
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .success)
        #expect(try house.store.read { try $0.openBreaks() }.isEmpty)

        house.broker.place(
            .fixture(
                number.text, clientOrderID: id, side: .sell, type: .limit(Price(120)),
                placedAt: Instant.fixture.advanced(bySeconds: 1)))
        house.moveTo(120)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(id).state == .working)
        #expect(try house.alerts("order-revived").count == 1)
    }

    @Test("An order that is listed again in between starts the count anew")
    func listedInBetween() async throws {
        let (house, id, number) = try await house()
        house.moveTo(50)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(id).absenceProofs == 1)
        house.broker.place(
            .fixture(
                number.text, clientOrderID: id, side: .sell, type: .limit(Price(120)),
                placedAt: Instant.fixture.advanced(bySeconds: 1)))
        house.moveTo(90)
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .success)
        #expect(try house.order(id).absenceProofs == 0)
    }
}

@Suite("What foreign orders did before the account was opened")
struct ForeignBeforeOpeningTests {
    /// A foreign sale of 100 AAPL, 40 of them executed before takt meets the account.
    private func house() async throws -> (House, BrokerOrder) {
        let house = try House(positions: [.aapl: Quantity(140)])
        let placedAt = Instant.fixture.advanced(bySeconds: -60)
        let order = BrokerOrder.fixture(
            "F1", symbol: .aapl, side: .sell, type: .limit(Price(110)), quantity: Quantity(100),
            filledQuantity: Quantity(40), status: .partiallyFilled, placedAt: placedAt)
        house.broker.place(order)
        try house.broker.execute(
            .fixture("E0", order: "F1", symbol: .aapl, side: .sell, quantity: Quantity(40), filledAt: placedAt))
        try await house.openAccount()
        return (house, order)
    }

    private func row(_ house: House) throws -> ManagedOrder {
        let orders = try house.store.read { try $0.orders() }
        return try #require(orders.first { $0.origin == .external })
    }

    @Test("Its rest alone is open, and when that is executed the order is filled")
    func filled() async throws {
        let (house, order) = try await house()
        house.moveTo(10)
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .success)
        #expect(try row(house).leavesQuantity == Quantity(60))
        try house.broker.execute(
            .fixture(
                "E1", order: "F1", symbol: .aapl, side: .sell, quantity: Quantity(60),
                filledAt: Instant.fixture.advanced(bySeconds: 20)))
        house.broker.lose(order.brokerOrderID)
        house.broker.place(order.with(status: .filled, filledQuantity: Quantity(100)))
        house.moveTo(30)
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .success)
        #expect(try row(house).state == .filled)
        #expect(try row(house).filledQuantity == Quantity(60))
        #expect(try house.fills().map(\.executionID.text) == ["E1"])
        #expect(try house.position(.aapl) == Quantity(40))
    }

    @Test("Cancelled with nothing more executed, it is over", arguments: [BrokerOrder.Status.cancelled, .expired])
    func cancelled(status: BrokerOrder.Status) async throws {
        let (house, order) = try await house()
        house.moveTo(10)
        try await house.run(.reconcile, isForced: true)
        house.broker.lose(order.brokerOrderID)
        house.broker.place(order.with(status: status))
        house.moveTo(20)
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .success)
        #expect(try row(house).state.rawValue == status.rawValue)
        #expect(try row(house).leavesQuantity == .zero)
    }

    @Test("An execution of it that the broker counts and does not list is a break")
    func missingFill() async throws {
        let (house, order) = try await house()
        house.moveTo(10)
        try await house.run(.reconcile, isForced: true)
        house.broker.lose(order.brokerOrderID)
        house.broker.place(order.with(status: .partiallyFilled, filledQuantity: Quantity(70)))
        house.moveTo(20)
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .breaksFound)
        let found = try house.store.read { try $0.openBreaks() }
        #expect(found.map(\.kind) == ["missing-fills"])
        #expect(found.map(\.ours) == ["40"])
    }

    @Test("Met first through an execution, it is the order that the list shows later: its rest counts")
    func executionFirst() async throws {
        let house = try House(positions: [.aapl: Quantity(100)])
        try await house.openAccount()
        try house.broker.execute(
            .fixture(
                "E1", order: "F1", symbol: .aapl, side: .sell, quantity: Quantity(40),
                filledAt: Instant.fixture.advanced(bySeconds: 5)))
        house.moveTo(10)
        try await house.run(.reconcile, isForced: true)
        #expect(try row(house).state == .filled)
        house.broker.place(
            .fixture(
                "F1", symbol: .aapl, side: .sell, type: .limit(Price(110)), quantity: Quantity(100),
                filledQuantity: Quantity(40), status: .partiallyFilled, placedAt: Instant.fixture.advanced(bySeconds: 4)
            ))
        house.moveTo(20)
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .success)
        let order = try row(house)
        #expect((order.state, order.quantity, order.leavesQuantity) == (.partiallyFilled, Quantity(100), Quantity(60)))
        #expect(order.type == .limit(Price(110)))
    }

    @Test("An execution that was taken back before its order was ever seen leaves nothing open")
    func bustedOnly() async throws {
        let house = try House()
        try await house.openAccount()
        try house.broker.execute(
            .fixture("E1", order: "F1", symbol: .aapl, quantity: Quantity(40), filledAt: .fixture))
        try house.broker.bustAll()
        house.moveTo(10)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.store.read { try $0.openOrders() }.isEmpty)
    }

    @Test("The account is not opened from lists that came incomplete", arguments: FakeBroker.List.allCases)
    func incompleteOpening(list: FakeBroker.List) async throws {
        let house = try House()
        house.broker.setIncomplete([list])
        #expect(try await house.run(.reconcile).exitCode == .unavailable)
        #expect(try house.store.read { try !$0.hasAccount(.paper, AccountID("A1")) })
        house.broker.setIncomplete([])
        #expect(try await house.run(.reconcile).exitCode == .success)
        #expect(try house.store.read { try $0.hasAccount(.paper, AccountID("A1")) })
    }

    @Test("An account in which trading goes on is not opened before it stands still for a moment")
    func restless() async throws {
        let house = try House()
        house.broker.setRestless(readings: 40)
        let document = try await house.run(.reconcile)
        #expect(document.exitCode == .unavailable)
        #expect(document.json["error"]?["message"]?.stringValue?.contains("being traded in") == true)
        #expect(try house.store.read { try !$0.hasAccount(.paper, AccountID("A1")) })
        house.broker.setRestless(readings: 2)
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .success)
        #expect(try house.store.read { try $0.hasAccount(.paper, AccountID("A1")) })
    }
}

@Suite("One thing that does not fit keeps nothing else from being reconciled")
struct IsolationTests {
    private func deposit(_ amount: Int) -> AccountActivity {
        AccountActivity(id: "D1", at: .fixture, kind: .deposit(Money(FixedPoint(amount), .usd)))
    }

    @Test(
        "An activity that comes again with other content stays as booked and is a break; fills are booked all the same")
    func changedActivity() async throws {
        let house = try House()
        try await house.openAccount()
        house.broker.setActivities([deposit(0)])
        house.moveTo(10)
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .success)
        house.broker.setActivities([deposit(500)])
        try house.put(house.intent())
        house.broker.answer(.nvda, .fill(Price(100)))
        try await house.run(.submit)
        house.moveTo(20)
        let document = try await house.run(.reconcile, isForced: true)
        #expect(document.exitCode == .breaksFound)
        #expect(document.count("fills") == 1)
        let found = try #require(try house.store.read { try $0.openBreaks() }.first)
        #expect((found.kind, found.subject) == ("changed-activity", "D1"))
        #expect(found.ours.contains("\"0\""))
        #expect(found.theirs.contains("\"500\""))

        // Accepted, it stays closed though the broker goes on listing it; changed once more it opens anew.
        try house.store.write(durable: true) {
            _ = try $0.closeBreak(found.id, isAccepted: true, at: house.clock.now())
        }
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .success)
        house.broker.setActivities([deposit(700)])
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .breaksFound)
    }

    @Test("A broker whose rows the database refuses does not keep the next one from being reconciled")
    func otherBroker() async throws {
        let house = try House()
        let second = FakeBroker(
            BrokerID("zeta"), clock: house.clock, capabilities: house.broker.capabilities, cash: FixedPoint(1_000),
            positions: [:])
        let context = CycleContext(
            settings: house.context.settings, store: house.store, clock: house.clock,
            calendars: house.context.calendars, brokers: [.paper: house.broker, second.id: second],
            barSource: house.context.barSource, channels: [], failpoints: .none, log: .none,
            environment: house.context.environment,
            process: house.context.process, version: "0.0.0", stop: .never)
        try await house.openAccount()
        house.moveTo(10)
        try house.broker.execute(.fixture("X1", order: "F1", filledAt: Instant.fixture.advanced(bySeconds: 5)))
        house.broker.setPosition(.aapl, Quantity(5))
        try house.meddle(
            """
            CREATE TRIGGER refusal BEFORE INSERT ON breaks WHEN NEW.broker = 'paper'
            BEGIN SELECT RAISE(ABORT, 'refused'); END
            """)
        let document = await TradingCycle(context: context, profile: try house.profile(), isForced: true)
            .run(.reconcile, cycle: house.cycle())
        #expect(document.exitCode == .internalError)
        #expect(try house.store.read { try $0.hasAccount(second.id, second.account) })
    }

    @Test(
        "Lists that come incomplete make the run partial, by name, and it is not replayed",
        arguments: FakeBroker.List.allCases)
    func incomplete(list: FakeBroker.List) async throws {
        let house = try House()
        try await house.openAccount()
        house.moveTo(10)
        house.broker.setIncomplete([list])
        let document = try await house.run(.reconcile)
        #expect(document.exitCode == .unavailable)
        #expect(document.json["status"]?.stringValue == "partial")
        #expect(document.json["error"]?["message"]?.stringValue == "Lists came incomplete: \(list) of paper.")
        house.broker.setIncomplete([])
        let again = try await house.run(.reconcile)
        #expect(again.exitCode == .success)
        #expect(!again.isReplayed)
    }
}
