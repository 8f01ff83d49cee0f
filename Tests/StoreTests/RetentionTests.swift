import Core
import Store
import TestSupport
import Testing

@Suite("Retention")
struct RetentionTests {
    private let start = Bar.fixture(0).openAt

    private func filled(_ scratch: Scratch) throws -> StateDatabase {
        let database = try scratch.open()
        try database.write(durable: false) { writer throws in
            for symbol in ["AAPL", "NVDA", "ZZ"] {
                try writer.upsertBars(Symbol(symbol), .fiveMinutes, (0..<50).map { Bar.fixture(Int64($0)) })
            }
            try writer.upsertBars(.nvda, .oneDay, [.fixture(0)])
            try writer.upsertBars(.nvda, .fiveMinutes, [.fixture(0, close: 101)])
        }
        return database
    }

    @Test("Every series is found once, in order, whatever lies in it")
    func series() throws {
        let database = try filled(try Scratch())
        let series = try database.read { try $0.barSeries() }
        #expect(series.map(\.symbol.text) == ["AAPL", "NVDA", "NVDA", "ZZ"])
        #expect(series.map(\.timeframe) == [.fiveMinutes, .fiveMinutes, .oneDay, .fiveMinutes])
    }

    @Test("Old bars of one length go in small lots; newer ones, other lengths and superseded versions stay")
    func prune() throws {
        let database = try filled(try Scratch())
        let before = Bar.fixture(30).openAt
        #expect(try database.read { try $0.prunable(.fiveMinutes, before: before).bars } == 90)
        var lots: [Int] = []
        for series in try database.read({ try $0.barSeries() }) where series.timeframe == .fiveMinutes {
            repeat {
                lots.append(try database.write(durable: false) { try $0.pruneBars(series, before: before, limit: 20) })
            } while lots.last == 20
        }
        #expect(lots == [20, 10, 20, 10, 20, 10])
        try database.read { reader throws in
            let end = Bar.fixture(1000).openAt
            let rest = try reader.bars(.nvda, .fiveMinutes, from: Instant(epochSeconds: 0), until: end)
            #expect(rest == (30..<50).map { Bar.fixture(Int64($0)) })
            #expect(try reader.bars(.nvda, .oneDay, from: Instant(epochSeconds: 0), until: end).count == 1)
            #expect(try reader.barRevisions().count == 1)
            #expect(try reader.prunable(.fiveMinutes, before: before) == PruneOutcome())
        }
    }

    @Test("A bar that was pruned, brought back and corrected again keeps its whole history apart")
    func broughtBack() throws {
        let database = try filled(try Scratch())
        let key = BarSeriesKey(symbol: .nvda, timeframe: .fiveMinutes)
        try database.write(durable: false) { writer throws in
            _ = try writer.pruneBars(key, before: Bar.fixture(30).openAt, limit: 100)
            try writer.upsertBars(.nvda, .fiveMinutes, [.fixture(0, close: 102)])
            try writer.upsertBars(.nvda, .fiveMinutes, [.fixture(0, close: 103)])
        }
        try database.read { reader throws in
            #expect(try reader.barRevisions().map(\.bar.close) == [Price(100), Price(102)])
            #expect(try reader.barRevisions().map(\.revision) == [1, 2])
            let now = try reader.storedBars(
                ListFilter(until: Bar.fixture(1).openAt, symbol: .nvda), timeframe: .fiveMinutes)
            #expect(now.map(\.revision) == [3])
        }
    }

    @Test("The horizon only moves forward")
    func horizon() throws {
        let database = try filled(try Scratch())
        let (early, late) = (Bar.fixture(10).openAt, Bar.fixture(20).openAt)
        #expect(try database.read { try $0.prunedBefore(.fiveMinutes) } == nil)
        try database.write(durable: false) { writer throws in
            for before in [late, early] {
                try writer.recordPrune(.fiveMinutes, before: before, at: .fixture, by: "operator test")
            }
        }
        #expect(try database.read { try $0.prunedBefore(.fiveMinutes) } == late)
        #expect(try database.read { try $0.prunedBefore(.oneDay) } == nil)
    }

    @Test("The horizon is what the audit trail says; a meta row that says something else is a finding of the check")
    func horizonOfTheTrail() throws {
        let database = try filled(try Scratch())
        let (early, late) = (Bar.fixture(10).openAt, Bar.fixture(20).openAt)
        try database.write(durable: false) { writer throws in
            try writer.recordPrune(.fiveMinutes, before: early, at: .fixture, by: "operator test")
        }
        #expect(try database.check() == [])
        for key in ["pruned-before:5m", "pruned-before:1d"] {
            try database.write(durable: false) { try $0.setMeta(key, late.description) }
        }
        #expect(try database.read { try $0.prunedBefore(.fiveMinutes) } == early)
        #expect(try database.read { try $0.prunedBefore(.oneDay) } == nil)
        let findings = try database.check()
        #expect(findings.count == 2)
        #expect(findings.allSatisfy { $0.contains("the audit trail says") && $0.contains(late.description) })
    }
}
