import Core
import Foundation
import TestSupport
import Testing

/// Each failpoint × each process of a morning: killed there with SIGKILL, run again, the morning finished, the books compared.
@Suite("A process killed at any failpoint costs no order and no fill")
struct CrashMatrixTests {
    @Test(
        "Killed there, rerun, and the day finished: no order twice, no fill lost, our books the exchange's",
        // Proposals, consultations and revisions are no part of the morning; their own tests kill them, those of revisions at
        // Korea Investment's stand-in.
        arguments: Failpoint.allCases.filter { failpoint in
            !["propose.", "consultation.", "revise."].contains { failpoint.rawValue.hasPrefix($0) }
        })
    func matrix(failpoint: Failpoint) async throws {
        await Self.gate.enter()
        do { try await walk(failpoint) } catch { Issue.record("\(failpoint.rawValue): \(error)") }
        await Self.gate.leave()
    }

    /// Few failpoints at a time, so that one is done before the next begins and the log shows how far the matrix is.
    private static let gate = ProcessGate(3)

    private func walk(_ failpoint: Failpoint) async throws {
        let first = Variant()
        let morning = try await Rehearsals.shared.morning(first)
        var reached = 0
        for (index, deed) in Scenario.deeds.enumerated() where concerns(failpoint, deed) {
            for passage in 1...3 {
                let home = try Home(copying: morning.before[index])
                guard try await Scenario(home: home).run(deed, failpoint: "\(failpoint.rawValue):\(passage)").wasKilled
                else { break }
                reached += 1
                for variant in variants(failpoint, index: index) {
                    try await check(failpoint, passage, index, variant, crashed: variant == first ? home : nil)
                }
            }
        }
        let line = "crash matrix: \(failpoint.rawValue) killed at \(reached) places\n"
        FileHandle.standardError.write(Data(line.utf8))
        #expect(reached > 0, "no process of the morning passes \(failpoint.rawValue)")
    }

    /// Every process is tried at every place. Only the frame around a step, which is the same for all of them, is shown by one
    /// whole beat and by the operator's commands.
    private func concerns(_ failpoint: Failpoint, _ deed: Deed) -> Bool {
        guard case .step(_, let close) = deed, failpoint.rawValue.hasPrefix("step.") else { return true }
        return close == "14:50"
    }

    /// Around the sending of an order every manner of exchange and rerun, elsewhere one of the two that differ the most.
    private func variants(_ failpoint: Failpoint, index: Int) -> [Variant] {
        let known = Variant()
        let unknown = Variant(knowsIDs: false, delaySeconds: 2)
        switch failpoint {
        case .submitAfterWriteAhead, .submitAfterSend, .submitAfterRecord, .submitBeforeWriteAhead,
            .cancelAfterWriteAhead, .cancelAfterSend, .cancelAfterRecord, .paperBeforeAccept, .paperAfterAccept:
            let limit = Variant(
                orderType: "limit", knowsIDs: false, delaySeconds: index.isMultiple(of: 2) ? 0 : 2)
            return [known, unknown, limit]
        default: return [index.isMultiple(of: 2) ? known : unknown]
        }
    }

    private func check(
        _ failpoint: Failpoint, _ passage: Int, _ index: Int, _ variant: Variant, crashed: Home?
    ) async throws {
        let name = "\(failpoint.rawValue):\(passage) in \(Scenario.deeds[index]) (\(variant))"
        let morning = try await Rehearsals.shared.morning(variant)
        var home = crashed
        if home == nil {
            let copy = try Home(copying: morning.before[index])
            let ending = try await Scenario(home: copy).run(
                Scenario.deeds[index], failpoint: "\(failpoint.rawValue):\(passage)")
            // Another variant may pass the place less often.
            guard ending.wasKilled else { return }
            home = copy
        }
        guard let home else { return }
        do {
            try await Scenario(home: home).finish(from: index, delay: variant.delaySeconds)
            let verdict = try await Verdict.judge(home, at: Scenario.end)
            #expect(verdict.faults.isEmpty, "\(name): \(verdict.faults.joined(separator: "\n"))")
            let outcome = try await Rehearsals.outcome(home)
            #expect(outcome == morning.outcome, "\(name): not what the undisturbed morning came to")
            let held = try await home.items(["positions", "--now", "\(Scenario.end)"])
            #expect(held.isEmpty, "\(name): not flat after the flatten: \(held.map(\.text))")
        } catch {
            Issue.record("\(name): \(error)")
        }
    }
}
