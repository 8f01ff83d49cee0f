import Broker
import Core
import Store
import TestSupport
import Testing

@testable import Cycle

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
                fact: .openingPosition(
                    .nvda, Quantity(100), averageCost: Price(100), paidIn: Price(100), multiplier: .one, .usd),
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
