import Core
import MarketData
import Settings
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("Fetching bars")
struct FetchBarsTests {
    /// Bar `number` closes so many bars after `Instant.fixture`.
    private func bar(_ number: Int, close: Int = 100, source: BarSourceKind = .kis) -> Bar {
        .fixture(
            openAt: Instant.fixture.advanced(bySeconds: Int64(number - 1) * 300), close: Price(close), source: source)
    }

    private func held(_ house: House) throws -> [Bar] {
        try house.store.read {
            try $0.bars(
                .nvda, .fiveMinutes, from: Instant(epochSeconds: 0), until: Instant.fixture.advanced(bySeconds: 86_400))
        }
    }

    private func house(_ source: ScriptedBars, stored: [Bar]) async throws -> House {
        let house = try House(bars: source)
        try await house.openAccount()
        try house.store.write(durable: false) { try $0.upsertBars(.nvda, .fiveMinutes, stored) }
        return house
    }

    @Test("Bars built from the stream are healed by the broker's own, which replace them and keep them as revisions")
    func heals() async throws {
        let source = ScriptedBars()
        source.set(.nvda, (-4...0).map { bar($0) })
        let house = try await house(
            source, stored: (-4 ... -1).map { bar($0) } + [bar(0, close: 101, source: .stream)])
        let document = try await house.run(.fetchBars)
        #expect(document.count("corrected") == 1)
        #expect(document.count("new_bars") == 0)
        #expect(document.count("open_gaps") == 1, "PLTR has no bars at all")
        #expect(try held(house) == (-4...0).map { bar($0) })
        let old = try house.store.read { try $0.barRevisions(ListFilter(symbol: .nvda)) }
        #expect(old.map(\.bar) == [bar(0, close: 101, source: .stream)])
    }

    @Test("A broker's late correction of one of its last bars is taken with the next fetch, one of older bars is not")
    func corrections() async throws {
        let source = ScriptedBars()
        let house = try await house(source, stored: (-4 ... -1).map { bar($0) })
        source.set(.nvda, [bar(-4, close: 90), bar(-3), bar(-2, close: 102), bar(-1), bar(0)])
        let document = try await house.run(.fetchBars)
        #expect(document.count("corrected") == 1)
        #expect(try held(house) == [bar(-4), bar(-3), bar(-2, close: 102), bar(-1), bar(0)])
        let warnings = document.json["warnings"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(warnings.contains { $0.contains("NVDA: 1 bar(s) corrected by kis") }, "\(warnings)")
    }

    @Test("What a person has imported is not overwritten by a broker's bars")
    func importedStays() async throws {
        let source = ScriptedBars()
        let imported = (-4 ... -1).map { bar($0, close: 99, source: .imported) }
        let house = try await house(source, stored: imported)
        source.set(.nvda, (-4...0).map { bar($0) })
        try await house.run(.fetchBars)
        #expect(try held(house) == imported + [bar(0)])
    }

    @Test("Where nothing is missing and nothing waits for the broker's word, the broker is not asked")
    func asksNothing() async throws {
        let source = ScriptedBars()
        let house = try await house(source, stored: (-4...0).map { bar($0) })
        try house.store.write(durable: false) { try $0.upsertBars(.pltr, .fiveMinutes, (-4...0).map { bar($0) }) }
        #expect(try await house.run(.fetchBars).exitCode == .success)
        #expect(source.ranges.isEmpty)
    }

    @Test("A correction that makes no sense is refused by name, and the stored bar stays")
    func brokenCorrection() async throws {
        let source = ScriptedBars()
        let house = try await house(source, stored: (-4 ... -1).map { bar($0) })
        var broken = bar(-1)
        broken.high = Price(1)
        source.set(.nvda, [bar(-3), bar(-2), broken, bar(0)])
        let document = try await house.run(.fetchBars)
        #expect(document.count("corrected") == 0)
        #expect(document.count("rejected") == 1)
        #expect(try held(house) == (-4...0).map { bar($0) })
    }

    @Test(
        "A newest bar a hundred times off is held back by name and never decided on; once it is borne out, or mended, it is taken"
    )
    func wildNewestBar() async throws {
        let source = ScriptedBars()
        let house = try await house(source, stored: (-8 ... -1).map { bar($0) })
        source.set(.nvda, [bar(0, close: 10_000)])
        let document = try await house.run(.fetchBars)
        #expect(try held(house) == (-8 ... -1).map { bar($0) })
        let warnings = document.json["warnings"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(warnings.contains { $0.contains("unconfirmed-jump") && $0.contains("held back") }, "\(warnings)")
        #expect(try house.store.read { try $0.barRejections() }.map(\.code) == ["unconfirmed-jump"])
        #expect(try await house.run(.decide).status == .skipped)

        // The broker mends it, and one bar later a real crash of a third is borne out by the bar behind it.
        source.set(.nvda, [bar(0), bar(1, close: 60), bar(2, close: 61)])
        house.moveTo(301)
        try await house.run(.fetchBars, house.cycle(1))
        #expect(try held(house).last == bar(0))
        house.moveTo(601)
        try await house.run(.fetchBars, house.cycle(2))
        #expect(try held(house).suffix(2) == [bar(1, close: 60), bar(2, close: 61)])
    }
}
