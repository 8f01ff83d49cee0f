import Broker
import Core
import Ledger
import Settings
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("Closing positions: flatten, emergency, stop-loss")
struct FlattenTests {
    /// MSFT trades in lots of ten; no profile trades it, so there are no bars of it.
    private static let untraded =
        "  MSFT: {name: Microsoft, market: US, exchange: XNAS, currency: USD, tick_size: \"0.01\", lot_size: 10}"
    private let msft = Symbol("MSFT")

    private func house(_ positions: [Symbol: Quantity], _ moreSymbols: String = untraded) async throws -> House {
        let house = try House(cash: 70_000, positions: positions, moreSymbols: moreSymbols)
        try await house.openAccount()
        for symbol in [Symbol.nvda, .pltr] { try house.putBar(symbol) }
        return house
    }

    private func warnings(_ document: StepDocument) -> [String] {
        document.json["warnings"]?.arrayValue?.compactMap(\.stringValue) ?? []
    }

    // MARK: What is closed

    @Test("A flatten closes whole lots, tells of the rest, and stays pending while the rest is held")
    func lots() async throws {
        let house = try await house([msft: Quantity(305)])
        try house.wish(.flatten, "all")
        let document = try await house.run(.riskCheck)
        house.broker.answer(msft, .fill(Price(100)))
        try await house.run(.submit)
        #expect(house.broker.sent.map(\.side) == [.sell])
        #expect(house.broker.sent.map(\.quantity) == [Quantity(300)])
        #expect(warnings(document).contains { $0.contains("MSFT") && $0.contains("lot of 10") })
        #expect(try house.alerts("odd-lot").count == 1)
        try await house.run(.reconcile)
        for _ in 0..<2 { try await house.run(.riskCheck) }
        #expect(try house.pending(.flatten) == ["all"])
        #expect(try house.alerts("odd-lot").count == 1)
        #expect(house.broker.sent.count == 1)
    }

    @Test("A held symbol that no profile trades, and so has no bars, is closed all the same")
    func noBars() async throws {
        let house = try await house([msft: Quantity(50)])
        try house.wish(.flatten, "symbol:MSFT")
        try await house.run(.riskCheck)
        house.broker.answer(msft, .fill(Price(100)))
        try await house.run(.submit)
        #expect(house.broker.sent.map(\.quantity) == [Quantity(50)])
        try await house.run(.reconcile)
        try await house.run(.riskCheck)
        #expect(try house.pending(.flatten).isEmpty)
        #expect(try house.audit("flatten.done").map(\.subject) == ["symbol:MSFT"])
        let checks = try house.store.read { try RiskEvidence.recompute(in: $0) }
        #expect(checks.map(\.agrees) == [true, true])
    }

    @Test("So does an emergency close it")
    func emergencyWithoutBars() async throws {
        let house = try await house([msft: Quantity(50)])
        try house.store.write(durable: true) { writer in
            _ = try writer.setHalt(
                scope: HaltScope.all, code: "emergency-shutdown", message: "lost", at: house.clock.now(), by: "test")
        }
        try await house.run(.riskCheck)
        try await house.run(.submit)
        #expect(house.broker.sent.map(\.instrument.symbol) == [msft])
        #expect(house.broker.sent.map(\.side) == [.sell])
    }

    @Test("A flatten of one symbol leaves the positions and orders of the others alone")
    func oneSymbol() async throws {
        let house = try await house([.nvda: Quantity(100), .aapl: Quantity(10)])
        try house.putBar(.aapl)
        let orders = [
            try house.put(house.intent(.nvda, type: .limit(Price(90)))),
            try house.put(house.intent(.pltr, type: .limit(Price(90)))),
        ]
        try await house.run(.submit)
        try await house.run(.reconcile)
        try house.wish(.flatten, "symbol:NVDA")
        for _ in 0..<2 { try await house.run(.riskCheck, isForced: true) }
        #expect(try house.pending(.cancel) == [orders[0].clientOrderID.text])
        try await house.run(.submit, isForced: true)
        #expect(house.broker.cancels.map(\.clientOrderID) == [orders[0].clientOrderID])
        #expect(house.broker.sent.filter { $0.side == .sell }.map(\.instrument.symbol) == [.nvda])
    }

    @Test("An exit that this cycle has open already is not asked for a second time, and its order is not withdrawn")
    func once() async throws {
        let house = try await house([.nvda: Quantity(100)])
        try house.wish(.flatten, "all")
        for _ in 0..<3 {
            try await house.run(.riskCheck, isForced: true)
            try await house.run(.submit, isForced: true)
        }
        #expect(house.broker.sent.count == 1)
        #expect(house.broker.cancels.isEmpty)
        #expect(try house.store.read { try $0.intents(cycle: house.cycle()) }.count == 1)
    }

    @Test("A position whose stop-loss acts under a flatten is closed once")
    func stopAndFlatten() async throws {
        let house = try await house([.nvda: Quantity(100)])
        try house.putBar(.nvda, close: Price(95))
        try house.wish(.flatten, "all")
        try await house.run(.riskCheck)
        try await house.run(.submit)
        #expect(house.broker.sent.map(\.quantity) == [Quantity(100)])
    }

    @Test("A flatten with nothing in scope is done at once")
    func nothingHeld() async throws {
        let house = try await house([.nvda: Quantity(100)])
        try house.wish(.flatten, "symbol:PLTR")
        try await house.run(.riskCheck)
        #expect(try house.pending(.flatten).isEmpty)
        #expect(try house.audit("flatten.done").map(\.actor) == ["risk-check"])
        #expect(try house.store.read { try $0.intents(cycle: house.cycle()) }.isEmpty)
    }

    // MARK: What cannot be closed is told

    @Test("An exit that risk refuses alerts critically, once a day for its symbol, broker and reason")
    func refused() async throws {
        let house = try await house([.nvda: Quantity(100)])
        house.broker.answer(.nvda, .unknownLost)
        try house.put(house.intent(.nvda))
        try await house.run(.submit)
        try house.wish(.flatten, "all")
        for number in 0..<3 {
            // Hours apart: longer than alerts of one kind are held together otherwise.
            house.moveTo(Int64(number) * 7_200 + 1)
            try house.putBar(.nvda, number: number * 24)
            try await house.run(.riskCheck, house.cycle(number * 24))
        }
        let alerts = try house.alerts("exit-refused")
        #expect(alerts.map(\.severity) == [.critical])
        #expect(alerts.first?.body.contains("in-doubt-block") == true)
        #expect(alerts.first?.title.contains("sell 100 NVDA at paper") == true)
        let monday = 3 * 288
        house.moveTo(3 * 86_400 + 1)
        try house.putBar(.nvda, number: monday)
        try await house.run(.riskCheck, house.cycle(monday))
        #expect(try house.alerts("exit-refused").count == 2)
        #expect(house.broker.sent.count == 1)
    }

    @Test("An agent's exit that is refused is no alert: nothing protective has failed")
    func ordinaryExitRefused() async throws {
        let house = try await house([.nvda: Quantity(100)])
        try house.put(house.intent(.nvda, purpose: .exit, side: .sell, quantity: Quantity(500), state: .proposed))
        try await house.run(.riskCheck)
        #expect(try house.alerts("exit-refused").isEmpty)
    }

    @Test("A position that symbols.yaml does not list is told, again and again, and alerts")
    func unknownSymbol() async throws {
        let house = try await house([msft: Quantity(50)], "")
        try house.wish(.flatten, "all")
        for _ in 0..<2 {
            let document = try await house.run(.riskCheck, isForced: true)
            #expect(warnings(document).contains { $0.contains("MSFT at paper cannot be closed") })
        }
        #expect(try house.alerts("exit-impossible").map(\.severity) == [.error])
        #expect(try house.pending(.flatten) == ["all"])
    }

    @Test("A position that a foreign order ties up is told; the foreign order is not touched")
    func foreignOrder() async throws {
        let house = try await house([.nvda: Quantity(100)])
        house.broker.place(
            .fixture("F1", side: .sell, type: .limit(Price(120)), quantity: Quantity(100), placedAt: house.clock.now()))
        house.moveTo(10)
        try await house.run(.reconcile)
        try house.wish(.flatten, "all")
        let document = try await house.run(.riskCheck)
        try await house.run(.submit)
        #expect(warnings(document).contains { $0.contains("NVDA at paper cannot be closed") && $0.contains("F1") })
        #expect(try house.alerts("exit-blocked").count == 1)
        #expect(house.broker.sent.isEmpty && house.broker.cancels.isEmpty)
        #expect(try house.pending(.flatten) == ["all"])
    }

    @Test("At a closed exchange the exit waits: the step says so each time, and nobody is woken")
    func closedMarket() async throws {
        let house = try await house([.nvda: Quantity(100)])
        // 16:05 in New York.
        house.moveTo(19_800)
        try house.wish(.flatten, "all")
        for _ in 0..<2 {
            let document = try await house.run(.riskCheck, house.cycle(65), isForced: true)
            #expect(warnings(document).contains { $0.contains("sell 100 NVDA at paper") && $0.contains("XNAS") })
        }
        #expect(try house.store.read { try $0.alerts() }.isEmpty)
        // Monday, 10:35.
        house.moveTo(3 * 86_400 + 1)
        let monday = 3 * 288
        try house.putBar(.nvda, number: monday)
        try await house.run(.riskCheck, house.cycle(monday))
        try await house.run(.submit, house.cycle(monday))
        #expect(house.broker.sent.map(\.quantity) == [Quantity(100)])
    }

    // MARK: Before it is ordered

    @Test(
        "A preview says what would go out now, what would be refused and what could not be closed, and records nothing")
    func preview() async throws {
        let house = try await house([.nvda: Quantity(100), .aapl: Quantity(10), msft: Quantity(5)])
        house.broker.answer(.nvda, .unknownLost)
        try house.put(house.intent(.nvda))
        try await house.run(.submit)
        func preview(_ symbol: Symbol? = nil) throws -> FlattenPreview {
            try FlattenPreview(of: symbol, reason: "test", by: "operator", house.context, at: house.clock.now())
        }
        let everything = try preview()
        #expect(everything.exits.map(\.symbol) == [.aapl, .nvda])
        #expect(everything.exits.map(\.fate) == [.now, .refused])
        #expect(everything.exits.map(\.reasons.last?.code) == ["flatten", "in-doubt-block"])
        #expect(everything.warnings.map(\.code).contains("odd-lot"))
        #expect(!everything.isFlat)
        #expect(try preview(.aapl).exits.map(\.symbol) == [.aapl])
        #expect(try preview(.pltr).isFlat)
        #expect(try house.pending(.flatten).isEmpty)
        #expect(try house.audit("flatten.done").isEmpty)
        house.moveTo(19_800)
        #expect(try preview(.aapl).exits.map(\.fate) == [.whenOpen])
    }
}
