import Broker
import Core
import Settings
import Store
import TestSupport
import Testing

@testable import Cycle

/// One symbol's bar comes on time, the other's a minute later.
@Suite("Late bars")
struct LateBarTests {
    private func bar(_ number: Int = 0) -> Bar {
        .fixture(openAt: Instant.fixture.advanced(bySeconds: Int64(number - 1) * 300), source: .kis)
    }

    /// NVDA is bought at once; PLTR had no bar.
    private func punctual(_ source: ScriptedBars, until last: StepName = .report) async throws -> House {
        let house = try House(bars: source)
        source.set(.nvda, [bar()])
        let document = try await house.runAll(until: last)
        #expect(document.steps.first?.status == .partial)
        #expect(try decided(house) == [.nvda])
        return house
    }

    private func decided(_ house: House) throws -> [Symbol] {
        try house.store.read { try $0.decisions(cycle: house.cycle()) }.map(\.symbol)
    }

    private func step(_ name: StepName, _ document: CycleDocument) -> StepDocument? {
        document.steps.first { $0.json["step"]?.stringValue == name.rawValue }
    }

    @Test("A rerun of the cycle within its window decides, judges and sends what came late, and only that")
    func lateBar() async throws {
        let source = ScriptedBars()
        let house = try await punctual(source)
        let first = try house.store.read { try $0.decisions(cycle: house.cycle()) }
        let audit = try house.audit("decision")
        #expect(house.broker.sent.map(\.instrument.symbol) == [.nvda])

        house.moveTo(60)
        source.set(.pltr, [bar()])
        let again = try await house.runAll(until: .report)
        #expect(step(.decide, again)?.isReplayed == false)
        #expect(step(.decide, again)?.count("buy") == 2)
        #expect(step(.decide, again)?.json["warnings"] == [])
        #expect(house.broker.sent.map(\.instrument.symbol) == [.nvda, .pltr])
        let both = try house.store.read { try $0.decisions(cycle: house.cycle()) }
        #expect(both.map(\.symbol) == [.nvda, .pltr])
        #expect(both.first == first.first)
        #expect(Array(try house.audit("decision").prefix(audit.count)) == audit)
        #expect(try house.audit("decision").count == 2)

        // Both decisions can be made again, each from what it saw.
        let proofs = try house.store.read { try DecisionEvidence.recompute(house.cycle(), in: $0) }
        #expect(proofs.map(\.symbol) == [.nvda, .pltr])
        #expect(proofs.map(\.agrees) == [true, true])

        house.moveTo(70)
        let third = try await house.runAll(until: .report)
        #expect(step(.decide, third)?.isReplayed == true)
        #expect(house.broker.sent.count == 2)
    }

    @Test("A bar that comes after the window is not decided any more")
    func tooLate() async throws {
        let source = ScriptedBars()
        let house = try await punctual(source)
        source.set(.pltr, [bar()])
        house.moveTo(300)
        let document = try await house.run(.fetchBars)
        #expect(document.count("ready") == 2)
        #expect(try await house.run(.decide).isReplayed)
        let forced = try await house.run(.decide, isForced: true)
        #expect(forced.status == .succeeded)
        #expect(forced.count("buy") == 1)
        #expect(try decided(house) == [.nvda])
    }

    @Test("An attempt that was killed before its journal row tells the same again, with its warnings")
    func killed() async throws {
        let house = try await punctual(ScriptedBars(), until: .fetchBars.next)
        let told = try house.store.read { try $0.lastJournal(house.cycle(), step: StepName.decide.rawValue) }?.document
        try house.meddle("UPDATE journal SET status = 'interrupted', document = NULL WHERE step = 'decide'")
        let document = try await house.run(.decide)
        #expect(!document.isReplayed)
        #expect(document.json["items"] == told?["items"])
        #expect(document.json["summary"] == told?["summary"])
        #expect(document.json["warnings"] == told?["warnings"])
        #expect(try house.audit("decision").count == 1)
    }
}

extension StepName {
    fileprivate var next: StepName { Self.allCases[order + 1] }
}
