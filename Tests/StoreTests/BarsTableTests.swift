import Core
import Testing

@testable import Store

@Suite("Bars")
struct BarsTableTests {
    private let start = Instant.fixture
    private let end = Instant.fixture.advanced(bySeconds: 86_400)

    @Test("The same bars again change nothing, not even the sequence")
    func idempotent() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        let bars = (0..<20).map { Bar.fixture(Int64($0)) }
        func store() throws -> BarUpsert {
            try database.write(durable: false) { try $0.upsertBars(.nvda, .fiveMinutes, bars) }
        }
        #expect(try store() == BarUpsert(inserted: 20))
        #expect(try database.read { try $0.currentSequence() } == 1)
        #expect(try store() == BarUpsert(unchanged: 20))
        #expect(try database.read { try $0.currentSequence() } == 1)
        #expect(try database.read { try $0.bars(.nvda, .fiveMinutes, from: start, until: end) } == bars)
    }

    @Test("A changed bar takes the place of the old one, which stays readable as of its time")
    func revision() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: false) { writer throws in
            try writer.upsertBars(.nvda, .fiveMinutes, [.fixture(0, close: 101), .fixture(1)])
            let outcome = try writer.upsertBars(.nvda, .fiveMinutes, [.fixture(0, close: 102), .fixture(1)])
            #expect(outcome == BarUpsert(revised: 1, unchanged: 1))
        }
        try database.read { reader throws in
            func closes(asOf: Int?) throws -> [Price] {
                try reader.bars(.nvda, .fiveMinutes, from: start, until: end, asOf: asOf).map(\.close)
            }
            #expect(try closes(asOf: 0) == [])
            #expect(try closes(asOf: 1) == [Price(101), Price(100)])
            #expect(try closes(asOf: 2) == [Price(102), Price(100)])
            #expect(try closes(asOf: nil) == [Price(102), Price(100)])
            let old = try reader.barRevisions(
                ListFilter(since: start, until: start.advanced(bySeconds: 1), symbol: .nvda))
            #expect(old.map(\.bar) == [.fixture(0, close: 101)])
            #expect(old.map(\.revision) == [1])
        }
    }

    @Test("The symbols with bars and their lengths are found by jumping from one to the next")
    func series() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        #expect(try database.read { try $0.barSymbols() } == [])
        try database.write(durable: false) { writer throws in
            try writer.upsertBars(.nvda, .oneDay, [.fixture(0)])
            try writer.upsertBars(.nvda, .fiveMinutes, (0..<3).map { .fixture(Int64($0)) })
            try writer.upsertBars(Symbol("PLTR"), .oneHour, [.fixture(0)])
            try writer.upsertBars(Symbol("AAPL"), .oneMinute, [.fixture(0)])
        }
        try database.read { reader throws in
            #expect(try reader.barSymbols() == [Symbol("AAPL"), .nvda, Symbol("PLTR")])
            #expect(try reader.barTimeframes(.nvda) == [.fiveMinutes, .oneDay])
            #expect(try reader.barTimeframes(Symbol("PLTR")) == [.oneHour])
            #expect(try reader.barTimeframes(Symbol("GONE")) == [])
        }
    }

    @Test("Last bars, openings and the stored bars agree, and other timeframes stay apart")
    func readers() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        let bars = (0..<10).map { Bar.fixture(Int64($0)) }
        try database.write(durable: false) { writer throws in
            try writer.upsertBars(.nvda, .fiveMinutes, bars)
            try writer.upsertBars(.nvda, .oneDay, [.fixture(0)])
            try writer.upsertBars(Symbol("PLTR"), .fiveMinutes, [.fixture(50)])
        }
        try database.read { reader throws in
            let bound = bars[8].openAt
            #expect(try reader.lastBars(.nvda, .fiveMinutes, count: 3, closedBefore: bound) == Array(bars[5..<8]))
            let opens = try reader.barOpens(.nvda, .fiveMinutes, from: bars[2].openAt, until: bars[4].openAt)
            #expect(opens == [bars[2].openAt, bars[3].openAt])
            #expect(try reader.storedBars(ListFilter(symbol: .nvda, limit: 2)).map(\.bar) == Array(bars[8...]))
            #expect(try reader.storedBars(timeframe: .oneDay).count == 1)
        }
    }

    @Test("A volume beyond 64 bits is refused by name, and nothing of the write is kept")
    func tooLarge() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        let huge = Bar.fixture(1, volume: 100_000_000_000)
        #expect(throws: StoreError.self) {
            try database.write(durable: false) { try $0.upsertBars(.nvda, .fiveMinutes, [.fixture(0), huge]) }
        }
        #expect(try database.read { try $0.storedBars(ListFilter(symbol: .nvda)) }.isEmpty)
    }

    @Test("Whatever is upserted in whatever order, every past state can be read", arguments: [1, 2, 3, 4] as [UInt64])
    func pastStates(seed: UInt64) throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        var random = SeededGenerator(seed: seed)
        var model: [Int64: Bar] = [:]
        var history: [Int: [Bar]] = [:]
        for _ in 0..<60 {
            let batch = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                Bar.fixture(
                    .random(in: 0..<15, using: &random), close: .random(in: 98...102, using: &random),
                    source: Bool.random(using: &random) ? .stream : .kis)
            }
            // A feed may name a bar twice in one answer; the last one counts.
            for bar in batch { model[bar.openAt.microseconds] = bar }
            let sequence = try database.write(durable: false) { writer throws in
                let sequence = try writer.nextSequence()
                try writer.upsertBars(.nvda, .fiveMinutes, batch, sequence: sequence)
                return sequence
            }
            history[sequence] = model.values.sorted { $0.openAt < $1.openAt }
        }
        try database.read { reader throws in
            for (sequence, expected) in history {
                let found = try reader.bars(.nvda, .fiveMinutes, from: start, until: end, asOf: sequence)
                #expect(found == expected, "seed \(seed), sequence \(sequence)")
            }
        }
        #expect(try database.check() == [])
    }

    @Test("A gap opens, fills, opens again, and stays accepted once accepted")
    func gaps() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        let until = start.advanced(bySeconds: 600)
        try database.write(durable: false) { writer throws in
            func open(_ missing: Int = 2) throws -> Bool {
                try writer.upsertBarGap(
                    .nvda, .fiveMinutes, from: start, until: until, missing: missing, at: .fixture)
            }
            func close(_ state: StoredBarGap.State) throws -> Bool {
                try writer.closeBarGap(.nvda, .fiveMinutes, from: start, until: until, as: state, at: .fixture)
            }
            #expect(try open())
            #expect(try !open())
            #expect(try close(.filled))
            #expect(try !close(.filled))
            #expect(try open())
            #expect(try close(.accepted))
            #expect(try !open())
            #expect(try writer.barGaps().map(\.state) == [.accepted])
        }
    }

    @Test("A rejected bar is recorded once")
    func rejections() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        let rejection = StoredBarRejection(
            symbol: .nvda, timeframe: .fiveMinutes, source: "a.csv", line: 7, openAtText: "2026",
            code: "low-above-high",
            message: "low 3 above high 2", rejectedAt: .fixture)
        try database.write(durable: false) { writer throws in
            #expect(try writer.insertBarRejection(rejection))
            #expect(try !writer.insertBarRejection(rejection))
            #expect(try writer.barRejections(ListFilter(symbol: .nvda)) == [rejection])
        }
    }
}
