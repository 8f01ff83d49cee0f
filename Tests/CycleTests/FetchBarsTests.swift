import Core
import MarketData
import Sessions
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

    // MARK: Sources with troubles

    @Test("One symbol's source error leaves the others fetched, and is told; the step is partial")
    func oneError() async throws {
        let source = ScriptedBars()
        let house = try await house(source, stored: (-4 ... -1).map { bar($0) })
        source.fail(.nvda, .malformed(.nvda, reason: "a page of HTML"))
        source.set(.pltr, (-4...0).map { bar($0) })
        let document = try await house.run(.fetchBars)
        #expect(document.status == .partial)
        #expect(document.count("ready") == 1 && document.count("new_bars") == 5)
        let warnings = document.json["warnings"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(warnings.contains { $0.hasPrefix("NVDA: the source's answer cannot be read: a page of HTML") })
        #expect(warnings.contains { $0.hasPrefix("no bar for") && $0.hasSuffix("NVDA") })
        #expect(try held(house).count == 4)

        source.fail(.nvda, nil)
        source.set(.nvda, [bar(0)])
        #expect(try await house.run(.fetchBars).status == .succeeded)
    }

    @Test("A source that answers for no symbol fails the step")
    func allErrors() async throws {
        let source = ScriptedBars()
        let house = try await house(source, stored: [])
        for symbol in [Symbol.nvda, .pltr] { source.fail(symbol, .unavailable(symbol, reason: "no route")) }
        let document = try await house.run(.fetchBars)
        #expect(document.status == .failed && document.exitCode == .unavailable)
    }

    @Test("A source that is down for three symbols in a row is not asked for the others")
    func down() async throws {
        let names = ["AAA", "BBB", "CCC", "DDD", "EEE"]
        let lines = names.map {
            "  \($0): {name: \($0), market: US, exchange: XNAS, currency: USD, tick_size: \"0.01\"}"
        }
        let source = ScriptedBars()
        let house = try House(moreSymbols: lines.joined(separator: "\n"), bars: source)
        try await house.openAccount()
        var profile = try house.profile()
        profile.symbols = names.map { Symbol($0) }
        for name in names.dropFirst() { source.fail(Symbol(name), .unavailable(Symbol(name), reason: "no route")) }
        source.set(Symbol("AAA"), [bar(0)])
        let beat = Beat(context: house.context, cycle: house.cycle(), profile: profile, now: house.clock.now())
        let result = try await FetchBarsStep().run(beat)
        #expect(result.status == .partial)
        #expect(source.ranges.count == 4)
        #expect(result.warnings.contains { $0.hasPrefix("EEE: ") && $0.contains("not asked") })
    }

    @Test("What a source sends beyond what it was asked for is not taken")
    func moreThanAsked() async throws {
        let source = ScriptedBars()
        source.answerInFull()
        let before = (-30 ... -1).map { bar($0, source: .imported) }
        let house = try await house(source, stored: before)
        source.set(.nvda, (-30...0).map { bar($0, close: 101) })
        try await house.run(.fetchBars)
        #expect(source.ranges.first == bar(0).openAt..<Instant.fixture)
        #expect(try held(house) == before + [bar(0, close: 101)])
        #expect(try house.store.read { try $0.barRevisions() } == [])
    }

    @Test("As many bars are kept up to date as the agents need, though the buffer is shorter")
    func agentsNeeds() async throws {
        let source = ScriptedBars()
        let house = try House(moreTrading: "agents: {momentum: {lookback: 40}}", bars: source)
        try await house.openAccount()
        let profile = try #require(try Self.momentum(house))
        let beat = Beat(
            context: house.context, cycle: house.cycle(), profile: profile, now: house.clock.now())
        _ = try await FetchBarsStep().run(beat)
        let member = try #require(try beat.sessionMembers().first)
        let slots = member.calendar.slots(
            from: try #require(source.ranges.first).lowerBound, until: Instant.fixture, timeframe: .fiveMinutes)
        #expect(slots.count == 41)
    }

    /// The first profile with the momentum agent.
    private static func momentum(_ house: House) throws -> Profile? {
        let text = """
            trading:
              profiles:
                us-5m: {symbols: [NVDA, PLTR], timeframe: 5m, broker: paper, agents: [momentum], bars: imported}
            """
        let loader = SettingsLoader(knownExchanges: ["XNAS"], knownZones: ["UTC"])
        return try loader.load(texts: ConfigurationTexts(trading: text), environment: Environment([:]), home: "/tmp")
            .profiles.first
    }

    // MARK: Gaps

    private func gaps(_ house: House) throws -> [String] {
        try house.store.read { try $0.barGaps(ListFilter(symbol: .nvda)) }.map { gap in
            "\(gap.from.description.dropFirst(11).prefix(5)) \(gap.missing) \(gap.state.rawValue)"
        }
    }

    @Test("While the window slides over a gap the gap stays one row, and closes when its bars come")
    func slidingWindow() async throws {
        let source = ScriptedBars()
        let house = try await house(source, stored: [bar(-4), bar(-3), bar(0)])
        _ = try await house.run(.fetchBars)
        #expect(try gaps(house) == ["15:20 2 open"])
        for number in 1...3 {
            try house.putBar(.nvda, number: number)
            house.moveTo(Int64(number) * 300 + 1)
            _ = try await house.run(.fetchBars, house.cycle(number))
            #expect(try gaps(house) == ["15:20 2 open"], "cycle \(number)")
        }
        source.set(.nvda, [bar(-2), bar(-1)])
        house.moveTo(602)
        _ = try await house.run(.fetchBars, house.cycle(2), isForced: true)
        #expect(try gaps(house) == ["15:20 2 filled"])
    }

    @Test("A gap that fills in part becomes what is left of it, one that grows stays one row, found when it began")
    func changingGaps() async throws {
        let source = ScriptedBars()
        let house = try await house(source, stored: [bar(-4)])
        _ = try await house.run(.fetchBars)
        #expect(try gaps(house) == ["15:15 4 open"])
        let found = try house.store.read { try $0.barGaps() }.first?.foundAt
        source.set(.nvda, [bar(-2)])
        house.moveTo(301)
        _ = try await house.run(.fetchBars, house.cycle(1))
        #expect(try gaps(house) == ["15:15 1 open", "15:25 3 open"])
        #expect(try house.store.read { try $0.barGaps(ListFilter(symbol: .nvda)) }.allSatisfy { $0.foundAt == found })
        // Bars that came by another way close it too.
        for number in [-3, -1, 0, 1, 2] { try house.putBar(.nvda, number: number) }
        house.moveTo(601)
        _ = try await house.run(.fetchBars, house.cycle(2))
        #expect(try gaps(house) == ["15:15 1 filled", "15:25 3 filled"])
    }

    @Test("A gap that somebody has accepted is no gap any more")
    func acceptedGap() async throws {
        let house = try await house(ScriptedBars(), stored: [bar(-4), bar(-3), bar(-1), bar(0)])
        _ = try await house.run(.fetchBars)
        #expect(try gaps(house) == ["15:20 1 open"])
        try house.store.write(durable: false) { writer in
            _ = try writer.closeBarGap(
                .nvda, .fiveMinutes, from: bar(-2).openAt, until: bar(-1).openAt, as: .accepted, at: house.clock.now())
        }
        let document = try await house.run(.fetchBars, isForced: true)
        #expect(document.count("open_gaps") == 1, "PLTR has no bars at all")
        #expect(try gaps(house) == ["15:20 1 accepted"])
    }
}
