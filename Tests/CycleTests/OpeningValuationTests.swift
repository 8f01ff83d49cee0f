import Broker
import Core
import Ledger
import MarketData
import Risk
import Store
import TestSupport
import Testing

@testable import Cycle

/// 100 shares that cost 100 each are there when the account is met, and are worth something else.
@Suite("What an account's positions are worth when it is met")
struct OpeningValuationTests {
    private func instant(_ text: String) throws -> Instant { try #require(Instant(rfc3339: text)) }

    /// What the day's and the total loss are, `nil` while equity is not known.
    private func losses(_ house: House, _ number: Int = 0) throws -> [FixedPoint]? {
        let beat = try house.beat(house.cycle(number))
        let state = try house.store.read { try RiskView(beat, $0).check([]).state }
        guard let equity = state.equityNow?.amount else { return nil }
        return [
            try #require(state.equityAtDayStart).amount - equity, try #require(state.equityInitial).amount - equity,
        ]
    }

    private func paidIn(_ house: House) throws -> FixedPoint {
        try #require(try Ledger.fold(house.store.read { try $0.ledgerEntries() }).paidIn()[.usd]).rounded
    }

    private func halts(_ house: House) throws -> [String] { try house.store.read { try $0.activeHalts() }.map(\.code) }

    @Test("A price of the running session counts at once: a loss of before is none of ours")
    func running() async throws {
        let house = try House(cash: 0, positions: [.nvda: Quantity(100)])
        try house.putBar(.nvda, close: Price(70))
        try await house.openAccount()
        #expect(try losses(house) == [.zero, .zero])
        #expect(try paidIn(house) == FixedPoint(7000))
        try await house.run(.riskCheck)
        #expect(try halts(house).isEmpty && house.audit("account.valued").isEmpty)
    }

    @Test("Without one the first price settles it, once; until then nothing is judged")
    func later() async throws {
        let house = try House(cash: 0, positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        try await house.run(.reconcile)
        #expect(try losses(house) == nil)
        #expect(try house.alerts("equity-unknown").isEmpty)
        try await house.run(.riskCheck)
        #expect(try house.alerts("equity-unknown").count == 1)
        #expect(try house.store.read { try $0.equityMarks() }.isEmpty)
        try house.putBar(.nvda, number: 1, close: Price(70))
        house.moveTo(310)
        for _ in 0..<2 {
            try await house.run(.riskCheck, house.cycle(1), isForced: true)
            #expect(try losses(house, 1) == [.zero, .zero])
        }
        #expect(try halts(house).isEmpty)
        #expect(try paidIn(house) == FixedPoint(7000))
        let entry = try #require(try house.audit("account.valued").first)
        #expect(entry.payload["paid_in_change"]?.text.contains("-3000") == true)
        #expect(try house.audit("account.valued").count == 1)
        // From there on a loss is a loss.
        try house.putBar(.nvda, number: 2, close: Price(60))
        house.moveTo(610)
        try await house.run(.riskCheck, house.cycle(2))
        #expect(try halts(house).contains("daily-loss"))
    }

    @Test("Met before the open of a split's day, yesterday's price is not believed")
    func beforeSplit() async throws {
        // The broker counts 1000 new shares already; they cost 10 each in truth and 100 by its books.
        let house = try House(cash: 0, positions: [.nvda: Quantity(1000)])
        let evening = try instant("2026-11-19T20:55:00Z")
        try house.store.write(durable: false) {
            _ = try $0.upsertBars(.nvda, .fiveMinutes, [.fixture(openAt: evening, close: Price(100))])
        }
        house.clock.set(try instant("2026-11-20T12:00:00Z"))
        try await house.openAccount()
        #expect(try losses(house) == nil)
        let first = -12
        try house.putBar(.nvda, number: first, close: Price(10))
        house.moveTo(Int64(first) * 300 + 1)
        try await house.run(.riskCheck, house.cycle(first))
        #expect(try losses(house, first) == [.zero, .zero])
        #expect(try paidIn(house) == FixedPoint(10_000))
        #expect(try halts(house).isEmpty)
    }

    @Test("A position that a split has changed or that was sold before its first price is valued by what it was")
    func changed() async throws {
        let split = try House(cash: 0, positions: [.nvda: Quantity(100)])
        try await split.openAccount()
        split.broker.setPosition(.nvda, Quantity(200))
        split.broker.setActivities([
            AccountActivity(
                id: "S1", at: Instant.fixture.advanced(bySeconds: 100),
                kind: .split(.nvda, new: 2, old: 1, cashInLieuPrice: nil))
        ])
        try split.putBar(.nvda, number: 1, close: Price(45))
        split.moveTo(310)
        try await split.run(.riskCheck, split.cycle(1))
        #expect(try paidIn(split) == FixedPoint(9000) && losses(split, 1) == [.zero, .zero])

        let sold = try House(cash: 0, positions: [.nvda: Quantity(100)])
        try await sold.openAccount()
        sold.broker.place(
            .fixture("B1", side: .sell, type: .market, quantity: Quantity(100), placedAt: sold.clock.now()))
        try sold.broker.execute(
            .fixture(
                "E1", order: "B1", side: .sell, quantity: Quantity(100), price: Price(80), filledAt: sold.clock.now()))
        sold.broker.close(BrokerOrderID("B1"), as: .filled, filled: Quantity(100))
        sold.moveTo(40)
        try await sold.run(.reconcile)
        #expect(try paidIn(sold) == FixedPoint(8000) && losses(sold) == [.zero, .zero])
    }
}
