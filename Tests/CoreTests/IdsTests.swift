import Core
import TestSupport
import Testing

@Suite struct IdsTests {
    @Test("Intent ids are the written-out ones, for ever")
    func goldenIntents() throws {
        let rows = try Fixture.rows("intent-ids.csv")
        #expect(rows.count == 72)
        for row in rows {
            let id = IntentID(
                cycle: try #require(CycleID(row[0])), symbol: Symbol(row[1]), leg: try #require(Int(row[2])),
                purpose: try #require(OrderPurpose(rawValue: row[3])))
            #expect(id.text == row[4])
        }
        #expect(Set(rows.map { $0[4] }).count == rows.count)
        let first = IntentID(cycle: .fixture, symbol: Symbol("NVDA"), leg: 1, purpose: .entry)
        #expect(first.text == "NVDA-entry-9sg89xyggc06")
    }

    @Test("Cycle, instrument, leg and purpose each change the id; nothing else does", arguments: propertySeeds)
    func distinct(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var seen: [IntentID: String] = [:]
        for _ in 0..<2000 {
            let close = Instant.fixture.advanced(bySeconds: Int64(random.int(0...20)) * 300)
            let cycle = CycleID(profile: ProfileName(random.pick(["us-5m", "us-15m"])), barClose: close)
            let symbol = Symbol(random.pick(["NVDA", "AAPL", "005930"]))
            let leg = random.int(1...3)
            let purpose = random.pick(OrderPurpose.allCases)
            let id = IntentID(cycle: cycle, symbol: symbol, leg: leg, purpose: purpose)
            let parts = "\(cycle) \(symbol) \(leg) \(purpose)"
            #expect(seen.updateValue(parts, forKey: id) ?? parts == parts)
        }
    }

    @Test("The first attempt carries the intent's id, later ones their number")
    func attempts() {
        let intent = IntentID("NVDA-entry-x")
        #expect(
            [0, 1, 2, 13].map { ClientOrderID(intent: intent, attempt: $0).text } == [
                "NVDA-entry-x", "NVDA-entry-x", "NVDA-entry-x-2", "NVDA-entry-x-13",
            ])
        #expect(OrderIntent.fixture(attempt: 3).clientOrderID.text == "NVDA-entry-9sg89xyggc06-3")
    }

    @Test("A cycle id reads back, whatever zone its time is written in")
    func cycles() throws {
        let cycle = try #require(CycleID("us-5m/2026-11-20T15:35:00Z"))
        #expect(cycle == .fixture)
        #expect(cycle.text == "us-5m/2026-11-20T15:35:00Z")
        #expect(CycleID("us-5m/2026-11-21T00:35:00+09:00") == cycle)
        let next = CycleID(profile: cycle.profile, barClose: cycle.barClose.advanced(bySeconds: 300))
        #expect(cycle < next)
        #expect(CycleID(profile: ProfileName("kr-5m"), barClose: cycle.barClose) < cycle)
    }

    @Test(
        "Other texts are no cycle",
        arguments: [
            "", "/", "us-5m", "us-5m/", "/2026-11-20T15:35:00Z", "us-5m/2026-11-20", "us-5m/x",
            "us-5m/2026-11-20T15:35:00.5Z", "us/5m/2026-11-20T15:35:00Z",
        ])
    func noCycles(text: String) {
        #expect(CycleID(text) == nil)
    }

    @Test("Exits, stops, targets and flattening reduce risk; entries and manual orders do not")
    func purposes() {
        #expect(OrderPurpose.allCases.filter(\.reducesRisk) == [.exit, .stopLoss, .takeProfit, .flatten])
    }

    @Test("An instrument's id names its exchange")
    func instrumentID() throws {
        #expect(try Instrument.fixture().id.text == "XNAS.NVDA")
    }
}
