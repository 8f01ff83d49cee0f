import Foundation
import Programs
import Synchronization
import TestSupport
import Testing

@Suite("Bounds of programs from outside")
struct BoundsTests {
    /// A child in the background, one in a session of its own, and one whose parent is gone: each leaves its number.
    private static let family = """
        sleep 1000 & echo $! > child
        setsid sh -c 'echo $$ > session; exec sleep 1000' &
        sh -c 'setsid sh -c "trap \\"\\" TERM HUP; echo \\$\\$ > orphan; while :; do sleep 1000; done" &'
        while [ ! -s child ] || [ ! -s session ] || [ ! -s orphan ]; do sleep 0.01; done

        """

    private func family(in workshop: Workshop) throws -> [Int32] {
        try ["child", "session", "orphan"].map { try workshop.number(in: $0) }
    }

    @Test("At its deadline a program is ended with everything it started, also what has left its group")
    func deadline() async throws {
        let workshop = try Workshop()
        let outcome = await workshop.shell(Self.family + "echo early; sleep 1000", deadline: .seconds(3))
        #expect(outcome.end == .deadline)
        #expect(outcome.text == "early\n")
        for pid in try family(in: workshop) { #expect(!Workshop.lives(pid)) }
    }

    @Test("Nothing that a program leaves running outlives it, however well it ended")
    func leftovers() async throws {
        let workshop = try Workshop()
        let outcome = await workshop.shell(Self.family + "echo done")
        #expect(outcome.end == .exited(status: 0))
        #expect(outcome.text == "done\n")
        for pid in try family(in: workshop) { #expect(!Workshop.lives(pid)) }
    }

    @Test("One that ignores SIGTERM is killed; what it says after its deadline is too late")
    func stubborn() async throws {
        let workshop = try Workshop()
        let outcome = await workshop.shell(
            "trap 'echo late' TERM; echo in time; echo $$ > pid; while :; do sleep 0.05; done", deadline: .seconds(1))
        #expect(outcome.end == .deadline)
        #expect(outcome.text == "in time\n")
        #expect(!Workshop.lives(try workshop.number(in: "pid")))
    }

    @Test("One that stops itself is ended all the same")
    func stopped() async throws {
        let workshop = try Workshop()
        let outcome = await workshop.shell("echo $$ > pid; kill -STOP $$; echo never", deadline: .seconds(1))
        #expect(outcome.end == .deadline)
        #expect(!Workshop.lives(try workshop.number(in: "pid")))
    }

    @Test("More output than allowed ends it; what was allowed is kept")
    func output() async throws {
        let workshop = try Workshop()
        let endless = await OutsideProgram.run(workshop.call(["/usr/bin/yes"], outputLimit: 100_000))
        #expect(endless.end == .tooMuchOutput)
        #expect(endless.output.count == 100_000)
        let fitting = await OutsideProgram.run(
            workshop.call(["/bin/sh", "-c", "head -c 1000 /dev/zero"], outputLimit: 1_000))
        #expect(fitting.end == .exited(status: 0))
        #expect(fitting.output == [UInt8](repeating: 0, count: 1_000))
    }

    @Test("What goes to standard error beyond the limit is counted and dropped, and ends nothing")
    func errors() async throws {
        let workshop = try Workshop()
        let outcome = await OutsideProgram.run(
            workshop.call(["/bin/sh", "-c", "head -c 300000 /dev/zero >&2; echo done"], errorLimit: 1_000))
        #expect(outcome.end == .exited(status: 0))
        #expect(outcome.text == "done\n")
        #expect(outcome.errors.count == 1_000)
        #expect(outcome.droppedErrors == 299_000)
    }

    @Test("One that does not read its input, or closes it, disturbs nobody")
    func unread() async throws {
        let workshop = try Workshop()
        let long = String(repeating: "x", count: 1_000_000)
        for script in ["exec 0<&-; sleep 0.2; echo done", "head -c 10 >/dev/null; echo done", "echo done"] {
            let outcome = await workshop.shell(script, input: long)
            #expect(outcome.end == .exited(status: 0))
            #expect(outcome.text == "done\n")
        }
        let sleeping = await workshop.shell("sleep 1000", input: long, deadline: .seconds(1))
        #expect(sleeping.end == .deadline)
    }

    @Test("When takt is asked to stop, the program is ended at once")
    func stop() async throws {
        let workshop = try Workshop()
        let asked = Atomic<Int>(0)
        let file = workshop.folder.path("pid")
        let outcome = await OutsideProgram.run(
            workshop.call(["/bin/sh", "-c", "echo $$ > pid.part; mv pid.part pid; sleep 1000"])
        ) {
            asked.add(1, ordering: .relaxed)
            return FileManager.default.fileExists(atPath: file)
        }
        #expect(outcome.end == .stopped)
        #expect(asked.load(ordering: .relaxed) > 0)
        #expect(!Workshop.lives(try workshop.number(in: "pid")))
    }

    @Test("Programs that run at the same time do not touch each other")
    func together() async throws {
        let workshop = try Workshop()
        let outcomes = await withTaskGroup(of: (Int, ProgramOutcome).self) { group in
            for number in 0..<12 {
                group.addTask {
                    let script = number % 3 == 0 ? "sleep 1000" : "cat; sleep 0.3; echo end"
                    return (
                        number,
                        await workshop.shell(script, input: "\(number)\n", deadline: .seconds(number % 3 == 0 ? 1 : 20))
                    )
                }
            }
            return await group.reduce(into: [Int: ProgramOutcome]()) { $0[$1.0] = $1.1 }
        }
        for (number, outcome) in outcomes {
            #expect(outcome.end == (number % 3 == 0 ? .deadline : .exited(status: 0)))
            if number % 3 != 0 { #expect(outcome.text == "\(number)\nend\n") }
        }
        #expect(outcomes.count == 12)
    }
}
