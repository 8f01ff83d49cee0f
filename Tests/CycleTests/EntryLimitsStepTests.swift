import Broker
import Core
import Store
import TestSupport
import Testing

@testable import Cycle

/// Ten thousand of a hundred thousand are bought of NVDA and of PLTR each.
@Suite("Limits on entries, in a step")
struct EntryLimitsStepTests {
    private func house(_ decision: String) async throws -> House {
        let house = try House(decision: decision)
        try await house.openAccount()
        try house.putBar(.nvda)
        try house.putBar(.pltr)
        return house
    }

    private func refused(_ house: House, _ number: Int = 0) async throws -> [String: [String]] {
        try await house.run(.decide, house.cycle(number), isForced: true)
        let decisions = try house.store.read { try $0.decisions(cycle: house.cycle(number)) }
        // What was decided can be decided again from what was kept.
        #expect(try house.store.read { try DecisionEvidence.recompute(in: $0) }.allSatisfy(\.agrees))
        return Dictionary(
            uniqueKeysWithValues: decisions.map { decision in
                let names = (decision.filters.arrayValue ?? []).filter { $0["passed"] == false }
                return (decision.symbol.text, names.compactMap { $0["name"]?.stringValue })
            })
    }

    @Test(
        "What was traded since the open counts, over all symbols; what was traded before does not",
        arguments: [true, false])
    func turnover(isToday: Bool) async throws {
        let house = try await house(", max_daily_turnover: 0.25")
        // The session opened at half past two; AAPL for 10,000 is bought before it, or in it.
        let at = Instant.fixture.advanced(bySeconds: isToday ? -600 : -86_400)
        house.clock.set(at)
        house.broker.place(
            .fixture("B1", symbol: .aapl, side: .buy, type: .market, quantity: Quantity(100), placedAt: at))
        try house.broker.execute(
            .fixture(
                "E1", order: "B1", symbol: .aapl, side: .buy, quantity: Quantity(100), price: Price(100), filledAt: at))
        house.broker.close(BrokerOrderID("B1"), as: .filled, filled: Quantity(100))
        house.moveTo(1)
        try house.putBar(.aapl)
        try await house.run(.reconcile)
        // 25,000 are allowed: with AAPL's 10,000 there is room for one of the two.
        #expect(try await refused(house) == ["NVDA": [], "PLTR": isToday ? ["turnover"] : []])
    }

    @Test("An hour after the open is late enough for half an hour, and too soon for two")
    func afterOpen() async throws {
        #expect(try await refused(house(", no_entry_minutes_after_open: 30")) == ["NVDA": [], "PLTR": []])
        #expect(
            try await refused(house(", no_entry_minutes_after_open: 120"))
                == ["NVDA": ["near-open"], "PLTR": ["near-open"]])
    }
}
