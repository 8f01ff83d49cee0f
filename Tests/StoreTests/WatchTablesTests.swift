import Core
import Testing

@testable import Store

@Suite("Marks, breaks, halts, operator orders")
struct WatchTablesTests {
    private let account = AccountID("A1")

    @Test("A cycle has one mark per scope, and the latest is found as of a time")
    func marks() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        func mark(_ minutes: Int64, equity: Int) -> EquityMark {
            EquityMark(
                scope: "all", cycle: .fixture(minutes), at: .fixture.advanced(bySeconds: minutes * 60),
                equity: Money(FixedPoint(equity), .usd), cash: .one, grossExposure: .one, netExposure: -.one,
                highWaterMark: FixedPoint(9), realised: .zero, unrealised: .zero,
                paidIn: minutes == 0 ? nil : [.usd: FixedPoint(equity), .krw: -.one])
        }
        try database.write(durable: false) { writer throws in
            try writer.putEquityMark(mark(0, equity: 1))
            try writer.putEquityMark(mark(0, equity: 2))
            try writer.putEquityMark(mark(5, equity: 3))
            #expect(try writer.equityMarks() == [mark(0, equity: 2), mark(5, equity: 3)])
            #expect(try writer.lastEquityMark(scope: "all") == mark(5, equity: 3))
            #expect(try writer.lastEquityMark(scope: "all", before: mark(5, equity: 3).at) == mark(0, equity: 2))
            #expect(try writer.lastEquityMark(scope: "all", before: .fixture) == nil)
            #expect(try writer.lastEquityMark(scope: "kis") == nil)
            #expect(try writer.latestEquityMark(brokerScope: "all", asOf: .fixture) == mark(0, equity: 2))
            #expect(try writer.equityMarks(brokerScope: "kis") == [])
        }
    }

    @Test("What was paid in is kept by currency; a mark of before has none, and a damaged one is named")
    func paidIn() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        let paidIn: [Currency: FixedPoint] = [.usd: FixedPoint(-3), .krw: try FixedPoint("0.00000001")]
        try database.write(durable: false) { writer throws in
            try writer.putEquityMark(
                EquityMark(
                    scope: "all", cycle: .fixture(), at: .fixture, equity: Money(.one, .usd), cash: .one,
                    grossExposure: .one, netExposure: .one, highWaterMark: .one, realised: .zero, unrealised: .zero,
                    paidIn: paidIn))
            #expect(try writer.lastEquityMark(scope: "all")?.paidIn == paidIn)
        }
        #expect(
            try scratch.rawText("SELECT paid_in FROM equity_marks") == #"{"KRW":"0.00000001","USD":"-3"}"#)
        try scratch.raw("UPDATE equity_marks SET paid_in = NULL")
        #expect(try database.read { try $0.lastEquityMark(scope: "all") }?.paidIn == nil)
        for damage in ["[1]", #"{"USD":1}"#, #"{"dollars":"1"}"#, #"{"USD":"much"}"#] {
            try scratch.raw("UPDATE equity_marks SET paid_in = '\(damage)'")
            #expect(throws: StoreError.damagedRow(table: "equity_marks", detail: "paid_in = \(damage)")) {
                try database.read { try $0.lastEquityMark(scope: "all") }
            }
        }
    }

    @Test("The rate that held at a time is the last one before it")
    func rates() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        func rate(_ seconds: Int64, _ value: Int) -> ExchangeRate {
            ExchangeRate(
                currency: .usd, base: .krw, at: .fixture.advanced(bySeconds: seconds), rate: FixedPoint(value),
                source: "test")
        }
        try database.write(durable: false) { writer throws in
            try writer.putExchangeRate(rate(0, 1300))
            try writer.putExchangeRate(rate(100, 1400))
            let early = Instant.fixture.advanced(bySeconds: 99)
            #expect(try writer.latestExchangeRate(.usd, base: .krw, asOf: early) == rate(0, 1300))
            #expect(try writer.latestExchangeRates(base: .krw, asOf: early.advanced(bySeconds: 1)) == [rate(100, 1400)])
            let before = Instant.fixture.advanced(bySeconds: -1)
            #expect(try writer.latestExchangeRate(.usd, base: .krw, asOf: before) == nil)
        }
    }

    @Test("A break keeps its first sight, closes when it is gone, and opens anew")
    func breaks() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        let later = Instant.fixture.advanced(bySeconds: 60)
        try database.write(durable: true) { writer throws in
            func see(_ kind: String, _ subject: String, theirs: String = "2", at: Instant = .fixture) throws -> Bool {
                try writer.upsertOpenBreak(
                    kind: kind, broker: .paper, account: account, subject: subject,
                    symbol: kind == "position" ? Symbol(subject) : nil, ours: "1", theirs: theirs, at: at)
            }
            func close(_ seen: Set<String>, _ kinds: Set<String>?) throws -> Int {
                try writer.closeBreaks(broker: .paper, account: account, except: seen, kinds: kinds, at: later).count
            }
            #expect(try see("position", "NVDA"))
            #expect(try see("cash", "USD"))
            #expect(try see("cash", "KRW"))
            #expect(try !see("position", "NVDA", theirs: "8", at: later))
            let open = try writer.openBreaks(broker: .paper)
            #expect(open.count == 3)
            #expect(open.first?.theirs == "8")
            #expect(open.first?.firstSeenAt == .fixture)
            #expect(open.first?.lastSeenAt == later)
            #expect(try close(["cash|USD"], ["cash"]) == 1)
            #expect(try writer.openBreaks().map(\.subject) == ["NVDA", "USD"])
            #expect(try writer.breaks(ListFilter(symbol: .nvda)).count == 1)
            #expect(try see("cash", "KRW", at: later))
            #expect(try close([], nil) == 3)
            #expect(try writer.openBreaks() == [])
        }
    }

    @Test("A halt stands once, until it is lifted with a reason")
    func halts() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: true) { writer throws in
            func set(_ scope: String) throws -> Int64? {
                try writer.setHalt(scope: scope, code: "daily-loss", message: "-5 %", at: .fixture, by: "risk-check")
            }
            #expect(try set("all") != nil)
            #expect(try set("all") == nil)
            #expect(try set("symbol:NVDA") != nil)
            #expect(try set("profile:us-5m") != nil)
            #expect(throws: (any Error).self) { try set("symbol:") }
            #expect(throws: (any Error).self) { try set("everything") }
            #expect(try writer.activeHalts().map(\.scope) == ["all", "symbol:NVDA", "profile:us-5m"])
            #expect(try writer.liftHalts(scope: "symbol:NVDA", by: "me", reason: "seen", at: .fixture) == 1)
            #expect(try writer.liftHalts(code: "other", by: "me", reason: "seen", at: .fixture) == 0)
            #expect(try writer.liftHalts(by: "me", reason: "done", at: .fixture) == 2)
            #expect(try writer.activeHalts() == [])
            #expect(try writer.halts(ListFilter(states: ["lifted"])).compactMap(\.liftReason).count == 3)
            #expect(try set("all") != nil)
        }
    }

    @Test("A pending flatten stays until it is done")
    func operatorOrders() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: true) { writer throws in
            let id = try writer.addOperatorOrder(
                kind: .flatten, scope: "all", reason: "night", by: "me", at: .fixture)
            try writer.addOperatorOrder(kind: .cancel, scope: "c-1", reason: "r", by: "me", at: .fixture)
            #expect(try writer.pendingOperatorOrders(kind: .flatten).map(\.id) == [id])
            #expect(try writer.pendingOperatorOrders().map(\.scope) == ["all", "c-1"])
            #expect(try writer.completeOperatorOrder(id, at: .fixture))
            #expect(try !writer.completeOperatorOrder(id, at: .fixture))
            #expect(try writer.pendingOperatorOrders(kind: .flatten) == [])
        }
    }
}
