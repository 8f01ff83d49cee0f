import Core
import TestSupport
import Testing

/// Each failpoint × each process of a morning: killed there with SIGKILL, run again, the morning finished, the books compared.
@Suite("A process killed at any failpoint costs no order and no fill")
struct CrashMatrixTests {
    @Test(
        "Killed there, rerun, and the day finished: no order twice, no fill lost, our books the exchange's",
        arguments: Failpoint.allCases)
    func matrix(failpoint: Failpoint) async throws {
        let first = Variant()
        let morning = try await Rehearsals.shared.morning(first)
        var reached = 0
        for (index, deed) in Scenario.deeds.enumerated() where concerns(failpoint, deed) {
            for passage in 1...3 {
                let home = try Home(copying: morning.before[index])
                guard try await Scenario(home: home).run(deed, failpoint: "\(failpoint.rawValue):\(passage)").wasKilled
                else { break }
                reached += 1
                let variants = variants(failpoint, index: index)
                for (number, variant) in variants.enumerated() {
                    try await check(failpoint, passage, index, variant, crashed: number == 0 && variant == first ? home : nil)
                }
            }
        }
        #expect(reached > 0, "no process of the morning passes \(failpoint.rawValue)")
    }

    /// The frame around each step is the same for every beat; one whole beat and the operator's commands show it.
    private func concerns(_ failpoint: Failpoint, _ deed: Deed) -> Bool {
        guard failpoint.rawValue.hasPrefix("step."), case .step(_, let close) = deed else { return true }
        return close == "14:50"
    }

    /// Where an order's fate hangs on it, every manner of exchange and rerun; elsewhere the two that differ the most.
    private func variants(_ failpoint: Failpoint, index: Int) -> [Variant] {
        let known = Variant()
        let unknown = Variant(knowsIDs: false, delaySeconds: 2)
        switch failpoint.rawValue.prefix(while: { $0 != "." }) {
        case "submit", "cancel", "paper", "reconcile":
            return [known, unknown, Variant(orderType: "limit", knowsIDs: false, delaySeconds: index.isMultiple(of: 2) ? 0 : 2)]
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
            #expect(outcome == morning.outcome, "\(name): the exchange did something else than undisturbed")
        } catch {
            Issue.record("\(name): \(error)")
        }
    }
}
