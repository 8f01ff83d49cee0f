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

@Suite("What looks like a loss, or like room to trade, and is none")
struct FalseAppearanceTests {
    @Test(
        "A split is in the books before the risk check of its first beat: no stop-loss, no halt, no exit",
        arguments: [10, 2])
    func split(new: Int) async throws {
        let house = try House(cash: 50_000, positions: [.nvda: Quantity(500)])
        try await house.openAccount()
        try house.putBar(.nvda, close: Price(100))
        house.moveTo(10)
        try await house.run(.riskCheck)
        // Overnight: the quantity at the broker, its activity, and the first price after it.
        house.broker.setPosition(.nvda, Quantity(500 * new))
        house.broker.setActivities([
            AccountActivity(
                id: "S1", at: Instant.fixture.advanced(bySeconds: 200),
                kind: .split(.nvda, new: new, old: 1, cashInLieuPrice: nil))
        ])
        try house.putBar(.nvda, number: 1, close: new == 10 ? Price(10) : Price(50))
        house.moveTo(310)
        let document = try await house.run(.riskCheck, house.cycle(1))
        #expect(document.exitCode == .success)
        #expect(try house.store.read { try $0.activeHalts() }.isEmpty)
        #expect(try house.store.read { try $0.intents(cycle: house.cycle(1)) }.isEmpty)
        #expect(try house.position(.nvda) == Quantity(500 * new))
    }

    @Test(
        "What happened before the account was opened in the books is in its opening balance, however long ago",
        arguments: [3, 10])
    func beforeTheOpening(days: Int64) async throws {
        let house = try House(cash: 100_000)
        try house.broker.pay(
            Money(FixedPoint(50_000), .usd), id: "A1", at: house.clock.now().advanced(bySeconds: -days * 86_400))
        try await house.openAccount()
        try house.putBar(.nvda)
        house.moveTo(10)
        try await house.run(.riskCheck)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.audit("account.activity").isEmpty)
        #expect(try house.store.read { try $0.openBreaks() }.isEmpty)
    }

    @Test("A broker that cannot tell its activities holds no stop-loss up")
    func activitiesUnknown() async throws {
        let house = try House(cash: 90_000, positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        try house.putBar(.nvda, close: Price(95))
        house.moveTo(10)
        house.broker.setIncomplete([.activities])
        try await house.run(.riskCheck)
        #expect(try house.store.read { try $0.intents(cycle: house.cycle()) }.map(\.purpose) == [.stopLoss])
    }

    @Test("Where our books and the broker's differ on a symbol nothing new is opened; exits go on")
    func disputed() async throws {
        let house = try House(positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        try house.putBar(.nvda)
        try house.putBar(.pltr)
        house.broker.setPosition(.nvda, Quantity(162))
        house.moveTo(10)
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .breaksFound)
        let entry = try house.put(house.intent(.nvda, state: .proposed))
        let other = try house.put(house.intent(.pltr, state: .proposed))
        let exit = try house.put(house.intent(.nvda, purpose: .exit, side: .sell, state: .proposed))
        try await house.run(.riskCheck)
        #expect(try house.intent(entry.id).reasons.map(\.code) == ["books-differ"])
        #expect(try house.intent(other.id).state == .approved)
        #expect(try house.intent(exit.id).state == .approved)
        // Once both agree again it is traded.
        house.broker.setPosition(.nvda, Quantity(100))
        house.moveTo(20)
        try await house.run(.reconcile, isForced: true)
        let later = try house.put(house.intent(.nvda, number: 1, state: .proposed))
        try house.putBar(.nvda, number: 1)
        house.moveTo(310)
        try await house.run(.riskCheck, house.cycle(1))
        #expect(try house.intent(later.id).state == .approved)
    }

    @Test("What is held and no profile trades any more is watched by whatever bars of it come in")
    func leftTheProfile() async throws {
        let house = try House(
            cash: 90_000, positions: [Symbol("SPY"): Quantity(100)],
            moreSymbols: "  SPY: {name: SPDR, exchange: ARCX, currency: USD, kind: etf, tick_size: \"0.01\"}")
        try await house.openAccount()
        try house.putBar(Symbol("SPY"), close: Price(95))
        house.moveTo(10)
        try await house.run(.riskCheck)
        let exits = try house.store.read { try $0.intents(cycle: house.cycle()) }
        #expect(exits.map(\.symbol) == [Symbol("SPY")] && exits.map(\.purpose) == [.stopLoss])
    }

    @Test("A position of another account is not sold from this one")
    func otherAccount() async throws {
        let house = try House(cash: 90_000)
        try await house.openAccount()
        try house.store.write(durable: true) { writer in
            _ = try writer.appendLedgerEvent(
                broker: house.broker.id, account: AccountID("OLD"), at: house.clock.now(),
                fact: .openingPosition(.nvda, Quantity(100), averageCost: Price(100), multiplier: .one, .usd),
                externalID: "opening:position:NVDA")
        }
        try house.putBar(.nvda, close: Price(90))
        house.moveTo(10)
        try house.wish(.flatten, "all")
        try await house.run(.riskCheck)
        try await house.run(.submit)
        #expect(house.broker.sent.isEmpty)
        // It is not forgotten either.
        try await house.run(.reconcile, isForced: true)
        #expect(try house.alerts("other-account").first?.body.contains("100 NVDA") == true)
    }

    @Test(
        "What the broker's own delay explains is no break before the delay is over",
        arguments: [(10, 0), (29, 0), (40, 1)])
    func visibility(seconds: Int64, breaks: Int) async throws {
        let house = try House()
        try await house.openAccount()
        try house.put(house.intent())
        try await house.run(.submit)
        // The position shows the fill, the executions do not yet.
        house.broker.setPosition(.nvda, Quantity(100))
        house.moveTo(seconds)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.store.read { try $0.openBreaks() }.count == breaks)
    }

    @Test("A number that another order has puts this order in doubt and no other; it is never sent again")
    func reissuedNumber() async throws {
        let house = try House()
        try await house.openAccount()
        house.broker.answer(.nvda, .fill(Price(100)))
        try house.put(house.intent(.nvda))
        try await house.run(.submit)
        house.moveTo(10)
        try await house.run(.reconcile, isForced: true)
        // The broker has forgotten the first order and numbers from the start again.
        house.broker.lose(BrokerOrderID("B1"))
        let second = try house.put(house.intent(.pltr))
        let third = try house.put(house.intent(.aapl))
        try await house.run(.submit, isForced: true)
        #expect(try house.intent(third.id).state == .inDoubt || house.intent(second.id).state == .inDoubt)
        #expect(try [second, third].map { try house.intent($0.id).state }.filter { $0 == .acknowledged }.count == 1)
        for seconds: Int64 in [60, 100, 140] {
            house.moveTo(seconds)
            try await house.run(.reconcile, isForced: true)
            try await house.run(.submit, isForced: true)
        }
        #expect(house.broker.sent.count == 3)
        #expect(try [second, third].map { try house.intent($0.id).state }.contains(.inDoubt))
    }
}

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
    }
}

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
