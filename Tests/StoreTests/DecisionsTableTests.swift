import Core
import GRDB
import TestSupport
import Testing

@testable import Store

@Suite("Decisions and proposals")
struct DecisionsTableTests {
    private func decision(
        _ origin: StoredDecision.Origin, _ symbol: String = "NVDA", cycle: CycleID = .fixture, order: Bool = false,
        createdAt: Instant = .fixture
    ) -> StoredDecision {
        let intent = IntentID(cycle: cycle, symbol: Symbol(symbol), leg: 1, purpose: .entry)
        return StoredDecision(
            cycle: cycle, symbol: Symbol(symbol), action: order ? .buy : .hold, confidence: 0.5,
            votes: [["agent": .string(origin.rawValue)]], filters: [], intentID: order ? intent : nil,
            inputDigest: Digest(of: origin.rawValue), createdAt: createdAt, origin: origin)
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

    private static func later(_ seconds: Int64) -> Instant { .fixture.advanced(bySeconds: seconds) }

    @Test("The time of a symbol in a cycle is the decision's, or else the proposal's")
    func times() throws {
        let folder = try TemporaryFolder("takt-store")
        let store = try StateDatabase.open(at: folder.path("a.sqlite"), now: .fixture)
        let profile = CycleID.fixture.profile
        func cycle(_ number: Int64, of other: ProfileName? = nil) -> CycleID {
            CycleID(profile: other ?? profile, barClose: CycleID.fixture.barClose.advanced(bySeconds: number * 300))
        }
        try store.write(durable: true) { writer in
            for decision in [
                decision(.propose, createdAt: Self.later(1)), decision(.decide, createdAt: Self.later(2)),
                decision(.propose, "PLTR", createdAt: Self.later(3)),
                decision(.decide, "PLTR", cycle: cycle(1), createdAt: Self.later(4)),
                decision(.decide, cycle: cycle(2), createdAt: Self.later(5)),
                decision(.decide, cycle: cycle(1, of: ProfileName("other")), createdAt: Self.later(6)),
            ] { try writer.insertDecision(decision) }
        }
        let (first, second) = (cycle(0).barClose, cycle(1).barClose)
        let (nvda, pltr) = (Symbol("NVDA"), Symbol("PLTR"))
        let all = try store.read { try $0.decisionTimes(profile, from: first, through: second) }
        #expect(all == [first: [nvda: Self.later(2), pltr: Self.later(3)], second: [pltr: Self.later(4)]])
        let one = try store.read { try $0.decisionTimes(profile, of: pltr, from: second, through: cycle(9).barClose) }
        #expect(one == [second: [pltr: Self.later(4)]])
    }

    @Test("Times of decisions are read from an index alone", arguments: ["decisions", "proposals"], [true, false])
    func timesFromIndex(table: String, ofOne: Bool) throws {
        let folder = try TemporaryFolder("takt-store")
        let store = try StateDatabase.open(at: folder.path("a.sqlite"), now: .fixture)
        let plan = try store.read { reader in
            let values: [any DatabaseValueConvertible] = ["us-5m", 0, 1] + (ofOne ? ["NVDA"] : [])
            return try Row.fetchAll(
                reader.db, sql: "EXPLAIN QUERY PLAN \(StoreReader.decisionTimesQuery(table, ofOne: ofOne))",
                arguments: StatementArguments(values)
            ).map { $0["detail"] as String }.joined(separator: "; ")
        }
        #expect(plan.contains("COVERING INDEX \(table)_by_cycle"), "\(plan)")
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
