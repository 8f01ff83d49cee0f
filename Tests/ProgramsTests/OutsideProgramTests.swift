import Foundation
import Programs
import TestSupport
import Testing

/// Real programs, written by the test into a folder of its own.
struct Workshop {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("takt-programs") }

    func call(
        _ command: [String], environment: [String: String] = ["PATH": "/usr/bin:/bin"], input: String = "",
        deadline: Duration = .seconds(20), outputLimit: Int = 1 << 20, errorLimit: Int = 65_536
    ) -> ProgramCall {
        ProgramCall(
            command: command, environment: environment, folder: folder.path, input: Array(input.utf8),
            deadline: deadline, outputLimit: outputLimit, errorLimit: errorLimit)
    }

    func shell(_ script: String, input: String = "", deadline: Duration = .seconds(20)) async -> ProgramOutcome {
        await OutsideProgram.run(call(["/bin/sh", "-c", script], input: input, deadline: deadline))
    }

    /// The process number that a program left in a file, once it is there.
    func number(in name: String) throws -> Int32 {
        let text = try folder.text(name).trimmingCharacters(in: .whitespacesAndNewlines)
        return try #require(Int32(text))
    }

    /// Whether a process lives; one that only waits to be taken away does not.
    static func lives(_ pid: Int32) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let end = status.lastIndex(of: ")")
        else { return false }
        return !status[end...].hasPrefix(") Z")
    }
}

extension ProgramOutcome {
    var text: String { String(decoding: output, as: UTF8.self) }
    var errorText: String { String(decoding: errors, as: UTF8.self) }
}

@Suite("Programs from outside")
struct OutsideProgramTests {
    @Test("A program gets its input, arguments and folder as they are, and says what it says")
    func good() async throws {
        let workshop = try Workshop()
        try workshop.folder.write("#!/bin/sh\ncat\nprintf '%s|' \"$@\" \"$(pwd -P)\"\necho oops >&2\n", to: "model.sh")
        let path = workshop.folder.path("model.sh")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        let words = ["a b", "$(id)", "*", "", "'\"", "--x=;ls"]
        let long = String(repeating: "0123456789", count: 40_000)
        let outcome = await OutsideProgram.run(workshop.call(["./model.sh"] + words, input: long))
        #expect(outcome.end == .exited(status: 0))
        let folder = URL(fileURLWithPath: workshop.folder.path).resolvingSymlinksInPath().path
        #expect(outcome.text == long + (words + [folder]).map { "\($0)|" }.joined())
        #expect(outcome.errorText == "oops\n")
        #expect(outcome.droppedErrors == 0)
    }

    @Test("It is sought in the PATH that it is given, and nowhere else")
    func path() async throws {
        let workshop = try Workshop()
        try workshop.folder.write("#!/bin/sh\necho mine\n", to: "tools/takt-test-model")
        let tool = workshop.folder.path("tools/takt-test-model")
        func run(_ path: String) async -> ProgramOutcome {
            await OutsideProgram.run(workshop.call(["takt-test-model"], environment: ["PATH": path]))
        }
        let search = "/nowhere:\(workshop.folder.path("tools")):/bin"
        #expect(
            await run(search).end == .notStarted("no folder of PATH has an executable file takt-test-model"),
            "it may not be executed")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tool)
        let found = await run(search)
        #expect(found.end == .exited(status: 0) && found.text == "mine\n")
        #expect(await run("/bin").end == .notStarted("no folder of PATH has an executable file takt-test-model"))
    }

    @Test("What cannot be executed is said with the system's reason")
    func notExecuted() async throws {
        let workshop = try Workshop()
        try workshop.folder.write("no program", to: "text")
        try workshop.folder.write("#!/no/such/interpreter\n", to: "script")
        for name in ["text", "script"] {
            let path = workshop.folder.path(name)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        func end(_ command: [String]) async -> ProgramOutcome.End {
            await OutsideProgram.run(workshop.call(command)).end
        }
        #expect(await end(["/no/such/file"]) == .notStarted("No such file or directory"))
        #expect(await end(["./script"]) == .notStarted("No such file or directory"))
        #expect(await end(["./text"]) == .notStarted("Exec format error"))
        #expect(await end(["."]) == .notStarted("no folder of PATH has an executable file ."))
        #expect(await end(["./"]) == .notStarted("Permission denied"))
        #expect(await end([]) == .notStarted("no program is named"))
        var lost = workshop.call(["/bin/true"])
        lost.folder = "/no/such/folder"
        #expect(await OutsideProgram.run(lost).end == .notStarted("No such file or directory"))
    }

    @Test("How it ended is told: its status, or the signal")
    func ends() async throws {
        let workshop = try Workshop()
        #expect(await workshop.shell("echo half; exit 3").end == .exited(status: 3))
        let crashed = await workshop.shell("echo half; kill -SEGV $$")
        #expect(crashed.end == .signalled(11))
        #expect(crashed.text == "half\n")
    }

    @Test("A program that kills its keeper ends with it, and nobody knows how")
    func lost() async throws {
        let workshop = try Workshop()
        let outcome = await workshop.shell("echo $$ > pid; kill -9 $PPID; exec sleep 1000", deadline: .seconds(5))
        #expect(outcome.end == .lost)
        #expect(!Workshop.lives(try workshop.number(in: "pid")))
    }

    @Test("It sees the environment it is given and nothing of ours")
    func environment() async throws {
        let workshop = try Workshop()
        setenv("KIS_APP_SECRET", "secret-of-the-test", 1)
        defer { unsetenv("KIS_APP_SECRET") }
        let outcome = await OutsideProgram.run(
            workshop.call(["/usr/bin/env"], environment: ["PATH": "/usr/bin:/bin", "TZ": "Asia/Seoul"]))
        #expect(Set(outcome.text.split(separator: "\n")) == ["PATH=/usr/bin:/bin", "TZ=Asia/Seoul"])
    }

    @Test("It has three open files and its signals at their defaults, whatever stands open or is ignored here")
    func descriptors() async throws {
        let workshop = try Workshop()
        // Without O_CLOEXEC, as a library of somebody else's might open one.
        let held = open(try workshop.folder.write("books", to: "books"), O_RDWR)
        defer { close(held) }
        let before = signal(SIGPIPE, SIG_IGN)
        defer { signal(SIGPIPE, before) }
        let outcome = await OutsideProgram.run(
            workshop.call([
                "/usr/bin/python3", "-c",
                """
                import os
                status = open('/proc/self/status').read()
                print(sorted(int(n) for n in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd/' + n)))
                words = [l.split()[1] for l in status.splitlines() if l.startswith(('SigBlk', 'SigIgn'))]
                # Signals from 32 on belong to the C library.
                print([int(w, 16) & 0x7fffffff for w in words])
                """,
            ]))
        let lines = outcome.text.split(separator: "\n").map(String.init)
        #expect(lines.first == "[0, 1, 2]", "\(outcome.errorText)")
        // Python itself ignores SIGPIPE (13) and SIGXFSZ (25).
        #expect(lines.last == "[0, \(1 << 12 | 1 << 24)]")
    }
}
