import Core
import Testing

@testable import Store

@Suite("Journal, leases, evidence")
struct JournalTableTests {
    @Test("A second attempt marks the unfinished first one as interrupted")
    func attempts() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        let later = Instant.fixture.advanced(bySeconds: 9)
        try database.write(durable: true) { writer throws in
            let first = try writer.startJournal(.fixture(), step: "submit", pid: 1, host: "h", at: .fixture)
            let other = try writer.startJournal(.fixture(5), step: "submit", pid: 1, host: "h", at: .fixture)
            let second = try writer.startJournal(
                .fixture(), step: "submit", pid: 2, host: "h", at: later, inputDigest: Digest(of: "x"))
            #expect(second.attempt == 2)
            #expect(try writer.journal(cycle: .fixture()).map(\.status) == [.interrupted, .running])
            #expect(try writer.lastJournal(.fixture(5), step: "submit") == other)
            #expect(try writer.lastJournal(.fixture(), step: "submit") == second)
            try writer.finishJournal(
                second.id, at: later, status: .succeeded, exitCode: 0, outputDigest: Digest(of: "y"),
                document: ["sent": 2])
            let last = try writer.lastJournal(.fixture(), step: "submit")
            #expect(last?.document == ["sent": 2])
            #expect(last?.exitCode == 0)
            #expect(last?.outputDigest == Digest(of: "y"))
            #expect(throws: StoreError.self) {
                try writer.finishJournal(first.id, at: later, status: .failed, exitCode: 70)
            }
            let end = CycleID.fixture(5).barClose
            let early = try writer.journal(cyclesOf: ProfileName("us-5m"), from: .fixture, until: end)
            #expect(early.map(\.attempt) == [1, 2])
            #expect(try writer.recentCycles(limit: 5) == [.fixture(5), .fixture()])
            #expect(try writer.recentCycles(limit: 5, profile: ProfileName("other")) == [])
            #expect(try writer.journal(ListFilter(states: ["running"])).map(\.id) == [other.id])
        }
    }

    @Test("A lease shows the last holder until it is cleared")
    func leases() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        let lease = Lease(step: "decide", cycle: .fixture(), pid: 7, host: "box", acquiredAt: .fixture)
        try database.write(durable: false) { writer throws in
            try writer.recordLease(Lease(step: "decide", cycle: .fixture(), pid: 6, host: "box", acquiredAt: .fixture))
            try writer.recordLease(lease)
            #expect(try writer.leases() == [lease])
            try writer.clearLease(profile: lease.profile, step: "decide")
            #expect(try writer.leases() == [])
        }
    }

    @Test("Evidence is stored once under the SHA-256 of its text")
    func evidence() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        let body: JSONValue = ["rsi": .double(0.25), "symbol": "NVDA"]
        try database.write(durable: false) { writer throws in
            let digest = try writer.putEvidence("features", body)
            #expect(try writer.putEvidence("features", body) == digest)
            #expect(digest == Digest(of: #"{"rsi":0.25,"symbol":"NVDA"}"#))
            #expect(try writer.evidence(digest)?.body == body)
            #expect(try writer.evidence(Digest(of: "")) == nil)
        }
    }

    @Test("The first decision of a cycle for a symbol stays")
    func decisions() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        func decision(_ action: StoredDecision.Action, _ symbol: Symbol = .nvda) -> StoredDecision {
            StoredDecision(
                cycle: .fixture(), symbol: symbol, action: action, confidence: 0.75, votes: [["agent": "sma-cross"]],
                filters: [], intentID: OrderIntent.fixture().id, inputDigest: Digest(of: "x"), createdAt: .fixture)
        }
        try database.write(durable: true) { writer throws in
            #expect(try writer.insertDecision(decision(.buy)))
            #expect(try !writer.insertDecision(decision(.sell)))
            #expect(try writer.insertDecision(decision(.hold, Symbol("PLTR"))))
            #expect(try writer.decision(.fixture(), .nvda) == decision(.buy))
            #expect(try writer.decisions(cycle: .fixture()).map(\.symbol.text) == ["NVDA", "PLTR"])
            #expect(try writer.decisions(ListFilter(states: ["hold"])).map(\.symbol.text) == ["PLTR"])
        }
    }
}
