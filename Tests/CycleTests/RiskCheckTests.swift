import Broker
import Core
import Ledger
import Settings
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("Loss limits, restores and two profiles")
struct RiskCheckTests {
    // MARK: Loss limits

    /// 300 NVDA at 100 and 70,000 in cash: a point of price is 0.3 % of equity.
    private func invested(close: Int) async throws -> House {
        let house = try House(cash: 70_000, positions: [.nvda: Quantity(300)])
        // The account was met at 100.
        try house.putBar(.nvda, number: -1)
        try await house.openAccount()
        try house.putBar(.nvda, close: Price(close))
        try house.putBar(.pltr)
        return house
    }

    @Test("The daily loss limit halts entries and lets exits go on")
    func dailyLoss() async throws {
        let house = try await invested(close: 80)
        let entry = try house.put(house.intent(.pltr, state: .proposed))
        let document = try await house.run(.riskCheck)
        #expect(document.exitCode == .halted)
        #expect(try house.store.read { try $0.activeHalts() }.map(\.code) == ["daily-loss"])
        #expect(try house.alerts("daily-loss").map(\.severity) == [.critical])
        #expect(try house.intent(entry.id).state == .rejected)
        house.broker.answer(.nvda, .fill(Price(80)))
        try await house.run(.submit)
        #expect(house.broker.sent.map(\.side) == [.sell])
        #expect(house.broker.sent.first?.quantity == Quantity(300))
    }

    @Test(
        "After resume the accepted equity is the new base; without it the next beat halts again",
        arguments: [
            true, false,
        ])
    func resume(accepts: Bool) async throws {
        let house = try await invested(close: 80)
        try await house.run(.riskCheck)
        house.moveTo(10)
        try house.store.write(durable: true) { writer in
            try writer.liftHalts(by: "operator", reason: "reviewed", at: house.clock.now())
            guard accepts else { return }
            let accepted = try Baselines.accepting(house.context, at: house.clock.now(), in: writer)
            try writer.setMeta(Baselines.daily, accepted.text)
        }
        try house.putBar(.nvda, number: 1, close: Price(79))
        house.moveTo(301)
        let document = try await house.run(.riskCheck, house.cycle(1))
        #expect((document.exitCode == .halted) == !accepts)
    }

    @Test("The emergency limit closes the positions, cancels our open orders and refuses entries")
    func emergency() async throws {
        let house = try await invested(close: 100)
        let open = try house.put(house.intent(.pltr, type: .limit(Price(90))))
        try await house.run(.submit)
        try await house.run(.reconcile)
        try house.putBar(.nvda, number: 1, close: Price(60))
        try house.putBar(.pltr, number: 1)
        house.moveTo(301)
        let entry = try house.put(house.intent(.pltr, number: 1, state: .proposed))
        let document = try await house.run(.riskCheck, house.cycle(1))
        #expect(document.exitCode == .halted)
        #expect(try house.alerts("emergency-shutdown").map(\.title) == ["EMERGENCY SHUTDOWN"])
        #expect(try house.intent(entry.id).state == .rejected)
        house.broker.answer(.nvda, .fill(Price(60)))
        try await house.run(.submit, house.cycle(1))
        #expect(house.broker.cancels.map(\.clientOrderID) == [open.clientOrderID])
        #expect(house.broker.sent.last?.instrument.symbol == .nvda)
        #expect(house.broker.sent.last?.side == .sell)
        try await house.run(.reconcile, house.cycle(1))
        #expect(try house.position(.nvda) == .zero)
        #expect(try house.order(open.clientOrderID).state == .cancelled)
    }

    @Test("A bar that is later than its grace makes its symbol stale, in the rhythm of the profile that trades it")
    func staleness() async throws {
        let house = try House(positions: [.aapl: Quantity(10)])
        try await house.openAccount()
        for symbol in [Symbol.nvda, .pltr, .aapl] { try house.putBar(symbol) }
        func warnings(at seconds: Int64) async throws -> [String] {
            house.moveTo(seconds)
            let document = try await house.run(.riskCheck, isForced: true)
            return document.json["warnings"]?.arrayValue?.compactMap(\.stringValue) ?? []
        }
        // us-b trades AAPL on 5-minute bars with 90 s of grace: the bar that closed at 0 s is stale after 390 s.
        #expect(try await warnings(at: 389).allSatisfy { !$0.contains("stop-loss of AAPL") })
        #expect(try await warnings(at: 391).contains { $0.contains("The stop-loss of AAPL at paper is not watched") })
    }

    @Test("A warning whose numbers change from beat to beat is alerted once")
    func warnedOnce() async throws {
        // 310 thousand with an equity of 300: over its share, and over the leverage of one.
        let house = try House(cash: -10_000, positions: [.nvda: Quantity(3_100)])
        try await house.openAccount()
        for number in 0..<3 {
            try house.putBar(.nvda, number: number, close: Price(100 + number))
            house.moveTo(Int64(number) * 300 + 1)
            try await house.run(.riskCheck, house.cycle(number))
        }
        for kind in ["position-over-limit", "leverage-over-limit"] {
            #expect(try house.alerts(kind).count == 1, "\(kind)")
        }
    }

    @Test("A second risk check of the same beat asks for no second exit")
    func protectionIsAState() async throws {
        let house = try await invested(close: 95)
        for _ in 0..<2 { try await house.run(.riskCheck, isForced: true) }
        try await house.run(.submit)
        try await house.run(.riskCheck, isForced: true)
        try await house.run(.submit, isForced: true)
        #expect(house.broker.sent.count == 1)
    }

    // MARK: Restore

    @Test("After a restore nothing is decided, judged or sent before every broker has been reconciled")
    func restore() async throws {
        let house = try House()
        try await house.openAccount()
        for symbol in [Symbol.nvda, .pltr] { try house.putBar(symbol) }
        try await house.run(.fetchBars)
        let waiting = try house.put(house.intent(number: -1))
        house.moveTo(5)
        try house.store.write(durable: true) {
            try RestoreGuard.prepare($0, from: "backup.sqlite", by: "operator", at: house.clock.now())
        }
        #expect(try house.intent(waiting.id).state == .expired)
        try house.put(house.intent())
        for step in [StepName.decide, .riskCheck, .submit] {
            let document = try await house.run(step)
            #expect(document.status == .skipped)
            #expect(document.reason == SkipReason.notReady.rawValue)
        }
        #expect(house.broker.sent.isEmpty)

        house.moveTo(10)
        try await house.run(.reconcile, isForced: true)
        try house.store.write(durable: true) {
            _ = try $0.liftHalts(by: "operator", reason: "looked at", at: house.clock.now())
        }
        #expect(try await house.run(.decide).status == .succeeded)
        #expect(try await house.run(.riskCheck).status == .succeeded)
        #expect(try await house.run(.submit).status == .succeeded)
        #expect(!house.broker.sent.isEmpty)
    }

    @Test("An incomplete list does not end the wait after a restore")
    func restoreIncomplete() async throws {
        let house = try House()
        try await house.openAccount()
        house.moveTo(5)
        try house.store.write(durable: true) {
            try RestoreGuard.prepare($0, from: "backup.sqlite", by: "operator", at: house.clock.now())
        }
        house.moveTo(10)
        house.broker.setIncomplete([.executions])
        try await house.run(.reconcile, isForced: true)
        #expect(try await house.run(.submit).reason == SkipReason.notReady.rawValue)
    }

    // MARK: Two profiles

    @Test("A second run of a step of the same profile is told that it is busy")
    func sameProfileIsBusy() async throws {
        let house = try House()
        let path = "\(house.context.settings.paths.state)/us-5m.submit.lock"
        guard case .acquired(let lock) = try StepLock.acquire(path: path, holder: "somebody") else {
            Issue.record("the lock is free")
            return
        }
        defer { lock.release() }
        let document = try await house.run(.submit)
        #expect(document.exitCode == .busy)
        #expect(document.json["error"]?["message"]?.stringValue?.contains("somebody") == true)
    }

    @Test("Reconciliations of two profiles wait for each other and both succeed")
    func sharedStepsWait() async throws {
        let house = try House()
        try await house.openAccount()
        house.broker.countFetches()
        async let first = house.run(.reconcile, house.cycle(), isForced: true)
        async let second = house.run(.reconcile, house.cycle(profile: .second), isForced: true)
        let codes = try await [first.exitCode, second.exitCode]
        #expect(codes == [.success, .success])
        #expect(house.broker.mostFetchesUnderWay == 1)
    }

    @Test("Risk checks of two profiles cannot use the same room under a limit twice")
    func sharedRoom() async throws {
        let house = try House(risk: "max_position_count: 1")
        try await house.openAccount()
        for symbol in [Symbol.nvda, .aapl] { try house.putBar(symbol) }
        let intents = [
            try house.put(house.intent(state: .proposed)),
            try house.put(house.intent(.aapl, profile: .second, state: .proposed)),
        ]
        async let first = house.run(.riskCheck, house.cycle())
        async let second = house.run(.riskCheck, house.cycle(profile: .second))
        _ = try await (first, second)
        let states = try intents.map { try house.intent($0.id).state }
        #expect(Set(states) == [.approved, .rejected])
    }
}
