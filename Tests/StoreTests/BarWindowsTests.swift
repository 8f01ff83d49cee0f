import Core
import TestSupport
import Testing

@testable import Store

/// The packed newest bars are the bars: after whatever was done to them, by whomever.
struct BarWindowsTests {
    private static let far = Instant(microseconds: .max)

    private static func bar(_ number: Int, _ random: inout SeededGenerator) throws -> Bar {
        func price() -> Price { Price(FixedPoint(int64Units: Int64(random.int(1...2_000_000_000)))) }
        return Bar(
            openAt: Instant.fixture.advanced(bySeconds: Int64(number) * 300), open: price(), high: price(),
            low: price(),
            close: price(), volume: Quantity(FixedPoint(int64Units: Int64(random.int(0...1_000_000_000)))),
            source: random.pick(BarSourceKind.allCases))
    }

    /// What the window answers, and what the table of bars does, for many ends and lengths.
    private static func compare(
        _ reader: StoreReader, _ symbol: Symbol, around newest: Int, _ random: inout SeededGenerator
    )
        throws
    {
        for _ in 0..<6 {
            let count = random.int(0...BarWindow.capacity + 10)
            let bound =
                random.chance(0.3)
                ? far : Instant.fixture.advanced(bySeconds: Int64(random.int(-50...newest + 5)) * 300)
            let seen = try reader.lastBars(symbol, .fiveMinutes, count: count, closedBefore: bound)
            let stored = try reader.storedLastBars(symbol, .fiveMinutes, count: count, closedBefore: bound)
            #expect(seen == stored, "\(count) bars before \(bound)")
        }
    }

    @Test(
        "After any sequence of new bars, revisions, imports into the past and prunes the window is the newest bars",
        arguments: propertySeeds)
    func follows(seed: UInt64) throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        var random = SeededGenerator(seed: seed, stream: "windows")
        let symbols = [Symbol("A"), Symbol("B")]
        var newest = [Symbol("A"): 0, Symbol("B"): 0]
        var answered = 0
        for _ in 0..<120 {
            let symbol = random.pick(symbols)
            let last = newest[symbol] ?? 0
            try database.write(durable: false) { writer in
                switch random.int(0...9) {
                case 0...4:
                    let bars = try (1...random.int(1...3)).map { try Self.bar(last + $0, &random) }
                    try writer.upsertBars(symbol, .fiveMinutes, bars)
                    newest[symbol] = last + bars.count
                case 5:
                    let bars = try (1...random.int(20...300)).map { try Self.bar(last + $0, &random) }
                    try writer.upsertBars(symbol, .fiveMinutes, bars)
                    newest[symbol] = last + bars.count
                case 6, 7:
                    // Into what is there: revisions and filled gaps, now and then both with new ones.
                    let numbers = Set((0...5).map { _ in random.int(max(-40, last - 200)...last + 1) })
                    try writer.upsertBars(
                        symbol, .fiveMinutes, try numbers.sorted().map { try Self.bar($0, &random) })
                    newest[symbol] = max(last, numbers.max() ?? last)
                case 8:
                    _ = try writer.pruneBars(
                        BarSeriesKey(symbol: symbol, timeframe: .fiveMinutes),
                        before: Instant.fixture.advanced(bySeconds: Int64(random.int(0...last + 2)) * 300),
                        limit: random.int(1...150))
                default:
                    // The same bars again change nothing.
                    let bars = try writer.lastBars(symbol, .fiveMinutes, count: 30, closedBefore: Self.far)
                    #expect(try writer.upsertBars(symbol, .fiveMinutes, bars).unchanged == bars.count)
                }
            }
            try database.read { reader in
                for symbol in symbols { try Self.compare(reader, symbol, around: newest[symbol] ?? 0, &random) }
                #expect(try reader.windowFindings().isEmpty)
                if try reader.windowBars(symbol, .fiveMinutes, count: 50, before: Self.far) != nil { answered += 1 }
            }
        }
        // The packed form did answer: it is not the table compared with itself.
        #expect(answered > 60)
    }

    @Test(
        "Whoever changes a bar takes the window away, whatever statement it was",
        arguments: [
            "INSERT INTO bars SELECT symbol, timeframe_seconds, open_at + 1, open, high, low, close, volume, source, revision, recorded_seq FROM bars WHERE open_at = (SELECT max(open_at) FROM bars)",
            "UPDATE bars SET close = close + 1 WHERE open_at = (SELECT min(open_at) FROM bars)",
            "UPDATE bars SET symbol = 'Z'",
            "DELETE FROM bars WHERE open_at = (SELECT max(open_at) FROM bars)",
            "DELETE FROM bars",
        ])
    func triggers(statement: String) throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        var random = SeededGenerator(seed: 1)
        let bars = try (0..<140).map { try Self.bar($0, &random) }
        try database.write(durable: false) { _ = try $0.upsertBars(Symbol("A"), .fiveMinutes, bars) }
        #expect(
            try database.read { try $0.windowBars(Symbol("A"), .fiveMinutes, count: 40, before: Self.far) }
                == Array(bars.suffix(40)))
        try scratch.raw(statement)
        #expect(try database.read { try $0.windowBars(Symbol("A"), .fiveMinutes, count: 40, before: Self.far) } == nil)
        try database.read { reader in
            let seen = try reader.lastBars(Symbol("A"), .fiveMinutes, count: 40, closedBefore: Self.far)
            #expect(seen == (try reader.storedLastBars(Symbol("A"), .fiveMinutes, count: 40, closedBefore: Self.far)))
        }
    }

    @Test("A window that was changed by hand is found by the check; a damaged one is not read")
    func tampered() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        var random = SeededGenerator(seed: 2)
        let bars = try (0..<150).map { try Self.bar($0, &random) }
        try database.write(durable: false) { _ = try $0.upsertBars(Symbol("A"), .fiveMinutes, bars) }
        #expect(try database.check() == [])
        try scratch.raw("UPDATE bar_windows SET bars = zeroblob(length(bars))")
        #expect(try database.check().contains { $0.contains("the packed window of A 5m differs") })
        // A source of number 0 does not exist: the bars themselves answer.
        let seen = try database.read { try $0.lastBars(Symbol("A"), .fiveMinutes, count: 100, closedBefore: Self.far) }
        #expect(seen == Array(bars.suffix(100)))
        // One that lost its oldest rows does not pass for a series without them, nor hands that on.
        try scratch.raw("UPDATE bar_windows SET bars = substr(bars, 1 + length(bars) - 20 * 56)")
        #expect(
            try database.read { try $0.lastBars(Symbol("A"), .fiveMinutes, count: 100, closedBefore: Self.far) } == seen
        )
        #expect(try database.check().contains { $0.contains("the packed window of A 5m differs") })
        let next = try Self.bar(150, &random)
        try database.write(durable: false) { _ = try $0.upsertBars(Symbol("A"), .fiveMinutes, [next]) }
        #expect(try database.check() == [])
        try scratch.raw("DELETE FROM bars WHERE open_at = \(next.openAt.microseconds)")
        try scratch.raw("DELETE FROM bar_windows")
        #expect(try database.check() == [])
    }

    @Test("The packed form is the one that is documented: 56 bytes a bar, little end first")
    func layout() throws {
        let bar = Bar(
            openAt: Instant(microseconds: 0x0102_0304_0506_0708), open: Price(1), high: Price(2), low: Price(3),
            close: Price(4), volume: Quantity(5), source: .stream)
        let bytes = try #require(BarWindow.packed([bar]))
        #expect(bytes.count == 56)
        #expect(bytes[0..<8].elementsEqual([8, 7, 6, 5, 4, 3, 2, 1]))
        #expect(bytes[8..<16].elementsEqual([0x00, 0xE1, 0xF5, 0x05, 0, 0, 0, 0]))  // 100,000,000
        #expect(bytes[48..<56].elementsEqual([5, 0, 0, 0, 0, 0, 0, 0]))
        let many = (0..<BarWindow.capacity).map { bar.at(Instant(microseconds: Int64($0))) }
        let full = try #require(BarWindow.packed(many))
        #expect(full.withUnsafeBytes { BarWindow.last(5, before: .max, in: $0) } == many.suffix(5))
    }
}

extension Bar {
    fileprivate func at(_ openAt: Instant) -> Bar {
        Bar(openAt: openAt, open: open, high: high, low: low, close: close, volume: volume, source: source)
    }
}
