import Core
import Decision
import MarketData
import Store
import TestSupport
import Testing

@testable import Cycle

/// The first bar of a day closes, and the agents look back into the day before it.
@Suite("Splits and decisions")
struct SplitWatchTests {
    /// The bar that closes at 09:35 in New York on 2026-11-20.
    private static let first = -12
    private static let today = CivilDate(iso: "2026-11-20") ?? CivilDate(daysSinceEpoch: 0)

    /// Bars of the last minutes of the day before at `before`, and of the day's first five at `after`.
    private func house(before: Int, after: Int, _ symbols: [Symbol] = [.nvda]) async throws -> House {
        let house = try House()
        house.moveTo(Int64(Self.first) * 300 + 1)
        try await house.openAccount()
        let evening = try #require(Instant(rfc3339: "2026-11-19T20:40:00Z"))
        for symbol in symbols {
            let bars = (0..<4).map { number in
                Bar.fixture(openAt: evening.advanced(bySeconds: Int64(number) * 300), close: Price(before))
            }
            try house.store.write(durable: false) { try $0.upsertBars(symbol, .fiveMinutes, bars) }
            try house.putBar(symbol, number: Self.first, close: Price(after))
        }
        return house
    }

    private func record(_ content: StoredAction.Content, _ house: House) throws {
        let action = NewAction(symbol: .nvda, exDate: Self.today, content: content, source: "a.csv")
        try house.store.write(durable: true) { try $0.record([action], at: house.clock.now()) }
    }

    private func warnings(_ document: StepDocument) -> [String] {
        document.json["warnings"]?.arrayValue?.compactMap(\.stringValue) ?? []
    }

    private func evidence(_ house: House) throws -> JSONValue {
        try house.store.read { reader in
            let digest = try #require(try reader.decisions(cycle: house.cycle(Self.first)).first?.inputDigest)
            return try #require(try reader.evidence(digest)?.body)
        }
    }

    @Test("A jump that looks like a split keeps the symbol from decisions, says what to do, and alerts once")
    func suspected() async throws {
        let house = try await house(before: 400, after: 100)
        for _ in 0..<2 {
            let document = try await house.run(.decide, house.cycle(Self.first))
            #expect(document.status == .skipped && document.reason == "not-ready")
            let told = try #require(warnings(document).first { $0.hasPrefix("NVDA is not-ready: 400 to 100") })
            #expect(told.contains("split of 4:1") && told.contains("takt actions no-split NVDA 2026-11-20"))
        }
        #expect(try house.alerts("suspected-split").map(\.severity) == [.warning])
        #expect(try house.store.read { try $0.decisions(cycle: house.cycle(Self.first)) } == [])
    }

    @Test(
        "With the split recorded the agents see bars of one scale, and the decision can be made again whatever is corrected"
    )
    func recorded() async throws {
        let house = try await house(before: 400, after: 100)
        _ = try await house.run(.decide, house.cycle(Self.first))
        try record(.split(new: 4, old: 1), house)
        let document = try await house.run(.decide, house.cycle(Self.first))
        #expect(document.count("buy") == 1, "\(document.json.text)")

        let body = try evidence(house)
        #expect(
            body["adjustments"]?.text == #"{"NVDA":[{"before":"2026-11-20T05:00:00Z","new":4,"old":1}]}"#)
        let raw = try house.store.read {
            try $0.lastBars(.nvda, .fiveMinutes, count: 5, closedBefore: house.clock.now())
        }
        let seen = try DecisionEvidence.asSeen(raw, of: .nvda, in: body)
        #expect(raw.map(\.close) == [400, 400, 400, 400, 100].map { Price($0) })
        #expect(seen.map(\.close) == Array(repeating: Price(100), count: 5))
        #expect(seen.map(\.volume.value.units) == zip(raw, [4, 4, 4, 4, 1]).map { $0.volume.value.units * $1 })

        func outcomes() throws -> [DecisionEvidence.Recomputation.Outcome] {
            try house.store.read { try DecisionEvidence.recompute(in: $0) }.map(\.outcome)
        }
        #expect(try outcomes() == [.same])
        try record(.split(new: 5, old: 1), house)
        #expect(try outcomes() == [.same])
    }

    @Test("A changed ratio in the evidence shows")
    func forged() async throws {
        let house = try await house(before: 400, after: 100)
        try record(.split(new: 4, old: 1), house)
        _ = try await house.run(.decide, house.cycle(Self.first))
        try house.meddle("DROP TRIGGER evidence_is_never_updated")
        try house.meddle("UPDATE evidence SET body = replace(body, '\"new\":4', '\"new\":8')")
        let outcome = try house.store.read { try DecisionEvidence.recompute(in: $0) }.first?.outcome
        #expect(outcome != .same)
    }

    @Test("That there was no split, said by an operator, lets the jump stand as the market's")
    func noSplit() async throws {
        let house = try await house(before: 400, after: 100)
        try record(.noSplit, house)
        let document = try await house.run(.decide, house.cycle(Self.first))
        #expect(document.count("buy") == 1)
        #expect(try evidence(house)["adjustments"] == nil)
    }

    @Test("A recorded split that the bars do not show keeps the symbol from decisions too")
    func absent() async throws {
        let house = try await house(before: 100, after: 101)
        try record(.split(new: 4, old: 1), house)
        let document = try await house.run(.decide, house.cycle(Self.first))
        #expect(document.reason == "not-ready")
        #expect(
            warnings(document).contains {
                $0.contains("a split of 4:1 is recorded, but the price went from 100 to 101")
            })
        #expect(try house.alerts("announced-split-absent").count == 1)
    }

    @Test("A dividend changes nothing of what the agents see")
    func dividend() async throws {
        let house = try await house(before: 100, after: 98)
        try record(.dividend(perShare: FixedPoint(2), .usd), house)
        let document = try await house.run(.decide, house.cycle(Self.first))
        #expect(document.count("buy") == 1)
        #expect(try evidence(house)["adjustments"] == nil)
    }

    @Test("The other symbols are decided, a rerun replays, and the split brought within the window is decided then")
    func others() async throws {
        let house = try await house(before: 400, after: 100)
        let evening = try #require(Instant(rfc3339: "2026-11-19T20:55:00Z"))
        try house.store.write(durable: false) { writer throws in
            try writer.upsertBars(.pltr, .fiveMinutes, [.fixture(openAt: evening, close: Price(100))])
        }
        try house.putBar(.pltr, number: Self.first)
        #expect(try await house.run(.decide, house.cycle(Self.first)).count("buy") == 1)
        #expect(try await house.run(.decide, house.cycle(Self.first)).isReplayed)
        try record(.split(new: 4, old: 1), house)
        let document = try await house.run(.decide, house.cycle(Self.first))
        #expect(!document.isReplayed && document.count("buy") == 2)
    }

    @Test("Once the agents no longer look across the jump, they decide")
    func outOfSight() async throws {
        let house = try await house(before: 400, after: 100)
        for number in Self.first + 1...Self.first + 4 { try house.putBar(.nvda, number: number, close: Price(100)) }
        house.moveTo(Int64(Self.first + 3) * 300 + 1)
        #expect(try await house.run(.decide, house.cycle(Self.first + 3)).reason == "not-ready")
        house.moveTo(Int64(Self.first + 4) * 300 + 1)
        #expect(try await house.run(.decide, house.cycle(Self.first + 4)).count("buy") == 1)
    }

    @Test("A halving on a multiple of the usual turnover is news, seen with the sessions before what the agents see")
    func news() async throws {
        let house = try await house(before: 100, after: 50)
        let open = try #require(Instant(rfc3339: "2026-11-20T14:30:00Z"))
        var bars: [Bar] = []
        for day in ["05", "06", "09", "10", "11", "12", "13", "16", "17", "18", "19"] {
            let at = try #require(Instant(rfc3339: "2026-11-\(day)T14:30:00Z"))
            bars.append(.fixture(openAt: at, close: Price(100), volume: Quantity(1_000)))
        }
        try house.store.write(durable: false) { writer throws in
            try writer.upsertBars(.nvda, .fiveMinutes, bars)
            try writer.upsertBars(
                .nvda, .fiveMinutes, [.fixture(openAt: open, close: Price(50), volume: Quantity(2_000))])
        }
        #expect(try await house.run(.decide, house.cycle(Self.first)).reason == "not-ready")
        try house.store.write(durable: false) { writer throws in
            try writer.upsertBars(
                .nvda, .fiveMinutes, [.fixture(openAt: open, close: Price(50), volume: Quantity(20_000))])
        }
        #expect(try await house.run(.decide, house.cycle(Self.first)).count("buy") == 1)
    }

    @Test("Bars of the market and generated ones are never decided on together; what ends it is told")
    func mixture() async throws {
        let house = try await house(before: 100, after: 101)
        let early = try #require(Instant(rfc3339: "2026-11-19T20:50:00Z"))
        try house.store.write(durable: false) {
            _ = try $0.upsertBars(.nvda, .fiveMinutes, [.fixture(openAt: early, source: .generator)])
        }
        let document = try await house.run(.decide, house.cycle(Self.first))
        #expect(document.reason == "not-ready")
        #expect(warnings(document).contains { $0.contains("1 of the 5 bars of NVDA") && $0.contains("generated") })
        let late = Instant.fixture.advanced(bySeconds: Int64(Self.first - 1) * 300)
        try house.store.write(durable: false) { writer in
            let bars = try writer.bars(.nvda, .fiveMinutes, from: early.advanced(bySeconds: -86_400), until: late)
            let same = bars.map { Bar.fixture(openAt: $0.openAt, close: $0.close, source: .generator) }
            let last = Bar.fixture(openAt: late, close: Price(101), source: .generator)
            _ = try writer.upsertBars(.nvda, .fiveMinutes, same + [last])
        }
        #expect(try await house.run(.decide, house.cycle(Self.first)).status == .succeeded)
    }
}
