import Core
import Foundation
import TestSupport
import Testing

@Suite("Two copies of one step, and steps that are told to stop")
struct ConcurrencyTests {
    private static let deed = Deed.step("submit", cycle: "14:50")

    /// A morning stopped before its richest submit.
    private func home() async throws -> Home {
        let morning = try await Rehearsals.shared.morning(Variant())
        let index = try #require(Scenario.deeds.firstIndex(of: Self.deed))
        return try Home(copying: morning.before[index])
    }

    @Test("While another process holds a step's lock the second exits 75, says busy and writes nothing")
    func busy() async throws {
        let home = try await home()
        let descriptor = open("\(home.path)/state/us.submit.lock", O_RDWR | O_CREAT, 0o600)
        try #require(descriptor >= 0)
        #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        let digest = try await home.digest()
        let ending = try await Scenario(home: home).run(Self.deed)
        #expect(ending.exitCode == 75)
        #expect(try ending.json().text("status") == "busy")
        #expect(try await home.digest() == digest)
        close(descriptor)
        #expect(try await Scenario(home: home).run(Self.deed).exitCode == 0)
    }

    @Test("Two copies started together: one works, the other is busy or replays, and each order is sent once")
    func together() async throws {
        let home = try await home()
        let scenario = Scenario(home: home)
        async let one = scenario.run(Self.deed)
        async let other = scenario.run(Self.deed)
        let endings = try await [one, other]
        #expect(endings.contains { $0.exitCode == 0 })
        #expect(endings.allSatisfy { $0.exitCode == 0 || $0.exitCode == 75 }, "\(endings)")
        let index = try #require(Scenario.deeds.firstIndex(of: Self.deed))
        try await scenario.finish(from: index, delay: 0)
        #expect(try await Verdict.judge(home, at: Scenario.end).faults == [])
    }

    @Test("A holder killed with SIGKILL: the next run takes over at once")
    func takeover() async throws {
        let home = try await home()
        let scenario = Scenario(home: home)
        #expect(try await scenario.run(Self.deed, failpoint: "step.after-journal-start").wasKilled)
        let started = ContinuousClock.now
        let ending = try await scenario.run(Self.deed)
        #expect(ending.exitCode == 0)
        #expect(ContinuousClock.now - started < .seconds(5))
    }

    @Test(
        "SIGTERM and SIGINT in the middle of a beat: exit 143 or 130, or done; a rerun ends the day well",
        arguments: [SIGTERM, SIGINT], [3, 20, 60, 120])
    func signals(signal: Int32, milliseconds: Int) async throws {
        let morning = try await Rehearsals.shared.morning(Variant())
        let index = try #require(Scenario.deeds.firstIndex(of: .step("fetch-bars", cycle: "14:50")))
        let home = try Home(copying: morning.before[index])
        let ending = try await home.takt(
            ["cycle", "--cycle", Scenario.cycleID("14:50"), "--now", "\(Scenario.instant("14:50", 3))"],
            meanwhile: { pid in
                usleep(UInt32(milliseconds) * 1000)
                kill(pid, signal)
            })
        // Before the program has set its handlers up the signal ends it as it ends every program.
        let told: Int32 = signal == SIGTERM ? 143 : 130
        #expect([0, told].contains(ending.exitCode ?? -1) || ending.signal == signal, "\(ending)")
        try await Scenario(home: home).finish(from: index, delay: 0)
        #expect(try await Verdict.judge(home, at: Scenario.end).faults == [])
    }
}
