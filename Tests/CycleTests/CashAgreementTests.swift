import Broker
import Core
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("Cash where costs are reckoned")
struct CashAgreementTests {
    @Test("What was between the two sides when they agreed is remembered; more than today's trades explain is a break")
    func growth() async throws {
        let house = try House(reckonsCosts: true)
        try await house.openAccount()
        for (symbol, seconds) in [(Symbol.nvda, Int64(5)), (.pltr, 100)] {
            try house.put(house.intent(symbol))
            house.broker.answer(symbol, .fill(Price(100)))
            house.moveTo(seconds)
            try await house.run(.submit, isForced: true)
        }
        // Two executions: less than five cents.
        try house.broker.moveCash(FixedPoint("-0.03"))
        house.moveTo(200)
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .success)
        // Still less than five in all, and nothing was executed since.
        try house.broker.moveCash(FixedPoint("-0.015"))
        house.moveTo(300)
        let document = try await house.run(.reconcile, isForced: true)
        #expect(document.exitCode == .breaksFound)
        let open = try house.store.read { try $0.openBreaks() }
        #expect(open.map(\.kind) == ["cash"] && open.map(\.subject) == ["USD"])
        // Back where the two agreed, the break heals.
        try house.broker.moveCash(FixedPoint("0.015"))
        house.moveTo(400)
        #expect(try await house.run(.reconcile, isForced: true).exitCode == .success)
        #expect(try house.store.read { try $0.openBreaks() }.isEmpty)
    }
}
