import Core
import TestSupport
import Testing

@testable import Store

@Suite("Decisions and proposals")
struct DecisionsTableTests {
    private func decision(
        _ origin: StoredDecision.Origin, _ symbol: String = "NVDA", cycle: CycleID = .fixture, order: Bool = false
    ) -> StoredDecision {
        let intent = IntentID(cycle: cycle, symbol: Symbol(symbol), leg: 1, purpose: .entry)
        return StoredDecision(
            cycle: cycle, symbol: Symbol(symbol), action: order ? .buy : .hold, confidence: 0.5,
            votes: [["agent": .string(origin.rawValue)]], filters: [], intentID: order ? intent : nil,
            inputDigest: Digest(of: origin.rawValue), createdAt: .fixture, origin: origin)
    }

    @Test("A symbol has one decision and one proposal in a cycle, and the first of each stays")
    func both() throws {
        let folder = try TemporaryFolder("takt-store")
        let store = try StateDatabase.open(at: folder.path("a.sqlite"), now: .fixture)
        let (decided, proposed) = (decision(.decide), decision(.propose, order: true))
        let all = [
            proposed, decided, decision(.propose), decision(.decide, order: true), decision(.propose, "PLTR"),
        ]
        let added = try store.write(durable: true) { writer in try all.map { try writer.insertDecision($0) } }
        #expect(added == [true, true, false, false, true])
        #expect(
            try store.read { try $0.decisions(cycle: .fixture) } == [decided, proposed, decision(.propose, "PLTR")])
        #expect(try store.read { try $0.decisions(cycle: .fixture, origin: .decide) } == [decided])
        #expect(
            try store.read { try $0.decisions(cycle: .fixture, origin: .propose) }.map(\.symbol.text) == [
                "NVDA", "PLTR",
            ])
        #expect(try store.read { try $0.decision(.fixture, Symbol("NVDA")) } == decided)
        #expect(try store.read { try $0.decision(.fixture, Symbol("PLTR")) } == nil)
        #expect(try store.read { try $0.decisions(ListFilter(symbol: Symbol("NVDA"), limit: 1)) } == [proposed])
        #expect(try store.read { try $0.decisions(ListFilter(states: ["buy"])) } == [proposed])
    }

    @Test("The key of a decision reads back, and whatever is none does not")
    func keys() throws {
        for origin in StoredDecision.Origin.allCases {
            let key = decision(origin).key
            #expect(StoredDecision.Key(key.description) == key)
        }
        #expect(decision(.decide).key.description == "\(CycleID.fixture)|NVDA")
        for text in [
            "", "NVDA", "\(CycleID.fixture)", "x|NVDA", "\(CycleID.fixture)|NVDA|decide",
            "\(CycleID.fixture)|NVDA|propose|",
        ] {
            #expect(StoredDecision.Key(text) == nil, "\(text)")
        }
    }
}
