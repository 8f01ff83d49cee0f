import Core
import Foundation
import TestSupport
import Testing

/// Whole processes: agents that are programs of the user's, and proposals through a pipe.
@Suite("Brains from outside")
struct OutsideTests {
    // MARK: A program as an agent

    /// A desk whose profile asks `model.py` in the working folder, with its bars of the morning.
    private func desk(_ program: String, deadline: Int = 20) throws -> Desk {
        let desk = try Desk(
            agents: "mine",
            more: "agents: {mine: {command: [python3, model.py], deadline_seconds: \(deadline)}}")
        try desk.folder.write(program, to: "model.py")
        #expect(try desk.takt("fetch-bars").code == 0)
        return desk
    }

    /// Buys what closed above its average; leaves a line per run in `runs`.
    private static let model = """
        import json, sys
        open("runs", "a").write("run\\n")
        for line in sys.stdin:
            record = json.loads(line)
            assert record["ready"] and record["agent"] == "mine" and len(record["values"]) == len(record["names"])
            print(json.dumps({"symbol": record["symbol"], "action": "buy", "confidence": 0.8,
                              "probabilities": {"hold": 0.1, "buy": 0.8, "sell": 0.1},
                              "detail": {"cycle": record["cycle"], "first": record["values"][0]}}))
        print("asked for", record["symbol"], "last", file=sys.stderr)

        """

    private func runs(_ desk: Desk) -> Int { ((try? desk.folder.text("runs")) ?? "").split(separator: "\n").count }

    @Test("A whole cycle trades on the votes of a program; run again, nothing is asked or done twice")
    func cycle() throws {
        let desk = try desk(Self.model)
        let first = try desk.takt("cycle")
        #expect(first.code == 0, "\(first.errors)\(first.output)")
        let decisions = try desk.list("decisions")
        #expect(decisions.map { $0["action"] } == ["buy", "buy"])
        #expect(decisions.map { $0["origin"] } == ["decide", "decide"])
        let vote = try #require(decisions.first?["votes"]?.arrayValue?.first)
        #expect(vote["agent"] == "mine" && vote["confidence"] == .double(0.8))
        #expect(vote["detail"]?["program"]?["cycle"] == .string(Desk.cycle))
        #expect(try desk.list("fills").count == 2)
        let digest = try desk.digest()
        #expect(try desk.takt("cycle").document()["replayed"] == true)
        #expect(try desk.digest() == digest)
        #expect(runs(desk) == 1)
        let log = try desk.folder.text("logs/trading_20261124.log")
        #expect(log.contains("asked for PLTR last"))
        try FileManager.default.removeItem(atPath: desk.folder.path("model.py"))
        let verified = try desk.takt("audit", "verify", "--decisions")
        #expect(verified.code == 0, "\(verified.output)")
        #expect(try verified.document()["decisions"] == 2)
        let intent = try #require(decisions.first?["intent_id"]?.stringValue)
        let told = try desk.takt("explain", intent).document()
        #expect(told["decision"]?["votes"]?.arrayValue?.first == vote)
        #expect(told["evidence"]?["recomputed"] == true)
    }

    @Test(
        "Killed around its one write, a decide asks again or keeps what it has; no order is there twice",
        arguments: [("decide.before-write", 2), ("decide.after-write", 1), ("step.after-journal-start", 1)])
    func killed(failpoint: String, asked: Int) throws {
        let desk = try desk(Self.model)
        let killed = try desk.takt("decide", environment: ["TAKT_FAILPOINT": failpoint])
        #expect(killed.code == 9)
        let again = try desk.takt("decide")
        #expect(again.code == 0, "\(again.errors)")
        #expect(runs(desk) == asked)
        #expect(try desk.list("decisions").map { $0["action"] } == ["buy", "buy"])
        #expect(try again.document()["summary"]?["intents"] == 2)
        #expect(try desk.takt("audit", "verify", "--decisions").code == 0)
    }

    @Test("A program sees no secret of takt's, no open file of its and no signal that it ignores")
    func surroundings() throws {
        let desk = try desk(
            """
            import json, os, sys
            files = [os.readlink("/proc/self/fd/" + name) for name in os.listdir("/proc/self/fd")
                     if int(name) > 2 and os.path.exists("/proc/self/fd/" + name)]
            json.dump({"environment": dict(os.environ), "files": files, "folder": os.getcwd(),
                       "arguments": open("/proc/self/cmdline").read()}, open("seen.json", "w"))

            """)
        let secrets = [
            "KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT_NO", "ANTHROPIC_API_KEY", "SLACK_WEBHOOK_URL", "SMTP_URL",
        ]
        var environment = [
            "TZ": "Asia/Seoul", "LANG": "C.UTF-8", "MY_OWN": "x", "TAKT_FORMAT": "json",
            "KIS_APP_KEY": "s3cret-key", "KIS_APP_SECRET": "s3cret", "KIS_ACCOUNT_NO": "12345678-01",
            "ANTHROPIC_API_KEY": "s3cret-claude", "SLACK_WEBHOOK_URL": "https://127.0.0.1:1/s3cret",
            "SMTP_URL": "smtp://user:s3cret@127.0.0.1:1",
        ]
        try desk.folder.write("KIS_APP_SECRET=s3cret-file\n", to: ".env")
        environment["KIS_APP_SECRET"] = nil
        let run = try desk.takt("decide", environment: environment)
        #expect(run.code == 0, "\(run.errors)")
        let text = try desk.folder.text("seen.json")
        #expect(!text.contains("s3cret"))
        let seen = try JSONValue(parsing: text)
        let names = try #require(seen["environment"]).keys.subtracting(["LC_CTYPE"])
        #expect(names == ["PATH", "TZ", "LANG"])
        #expect(names.isDisjoint(with: secrets))
        #expect(seen["files"] == [])
        #expect(seen["folder"]?.stringValue?.hasSuffix(desk.folder.url.lastPathComponent) == true)
        #expect(
            try run.document()["warnings"] == [
                "agent 'mine' has no opinion on NVDA, PLTR: its program gave no answer for it"
            ])
    }

    @Test("A program reads neither the keeper's environment nor takt's in /proc, and is ended and kept as ever")
    func parents() throws {
        let desk = try desk(
            """
            import json, os, subprocess
            def look(pid, name):
                try:
                    with open(f"/proc/{pid}/{name}", "rb") as file:
                        return file.read(1 << 20).decode("utf-8", "replace")
                except OSError as error:
                    return error.strerror
            def parent(pid):
                return int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[1])
            keeper = os.getppid()
            takt = parent(keeper)
            json.dump({"names": [open(f"/proc/{pid}/comm").read().strip() for pid in (keeper, takt)],
                       "seen": [look(pid, name) for pid in (keeper, takt) for name in ("environ", "mem")],
                       "own": "PATH" in look(os.getpid(), "environ")}, open("seen.json", "w"))
            # Its parent is gone: only the keeper's list of children leads to it.
            subprocess.Popen(["setsid", "sh", "-c", "(echo $$ > left; exec sleep 1000) &"]).wait()

            """)
        let binary = try #require(Takt.binary)
        // Root reads everything; without the rights of root it reads what any user would (PR_CAPBSET_DROP).
        let user =
            "import ctypes, os, sys; [ctypes.CDLL(None).prctl(24, right, 0, 0, 0) for right in range(64)]; "
            + "os.execv(sys.argv[1], sys.argv[1:])"
        let run = try Takt.shell(
            "python3 -c '\(user)' '\(binary)' decide --now \(Desk.morning)", in: desk.folder.path,
            environment: ["KIS_APP_SECRET": "s3cret", "SLACK_WEBHOOK_URL": "https://127.0.0.1:1/s3cret"])
        #expect(run.code == 0, "\(run.errors)")
        let seen = try JSONValue(parsing: try desk.folder.text("seen.json"))
        #expect(seen["names"] == ["takt-keeper", "takt"])
        #expect(seen["seen"] == .array(Array(repeating: "Permission denied", count: 4)))
        #expect(seen["own"] == true)
        let left = try #require(Int(try desk.folder.text("left").filter(\.isNumber)))
        #expect(!FileManager.default.fileExists(atPath: "/proc/\(left)/cmdline"))
    }

    @Test(
        "It runs the same where takt was started with SIGCHLD ignored, without open standard streams, or without a PATH"
    )
    func oddParents() throws {
        let desk = try desk(Self.model)
        let binary = try #require(Takt.binary)
        let python = "import os, signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)"
        for (number, line) in [
            "python3 -c '\(python); os.execv(\"\(binary)\", [\"takt\", \"decide\", \"--dry-run\", \"--now\", \"\(Desk.morning)\"])'",
            "'\(binary)' decide --dry-run --now \(Desk.morning) <&- >answer; cat answer",
            "env -u PATH '\(binary)' decide --dry-run --now \(Desk.morning)",
        ].enumerated() {
            let run = try Takt.shell(line, in: desk.folder.path)
            #expect(run.code == 0, "\(run.errors)")
            #expect(
                try run.document()["items"]?.arrayValue?.map { $0["action"] } == ["buy", "buy"],
                "\(line): \(run.output)")
            #expect(runs(desk) == number + 1)
        }
    }

    /// Starts a grandchild in a session of its own, leaves both numbers, and thinks for ever.
    private static let thinker = """
        import os, subprocess, time
        child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
        open("numbers.part", "w").write(f"{os.getpid()} {child.pid}")
        os.rename("numbers.part", "numbers")
        time.sleep(1000)

        """

    private func lives(_ pid: Substring) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let end = status.lastIndex(of: ")")
        else { return false }
        return !status[end...].hasPrefix(") Z")
    }

    @Test("When takt is killed or told to stop, nothing of the program is left", arguments: ["KILL", "TERM", "INT"])
    func orphans(signal: String) throws {
        let desk = try desk(Self.thinker, deadline: 200)
        let binary = try #require(Takt.binary)
        // An interactive shell's job, so that SIGINT is not ignored in it.
        let run = try Takt.shell(
            """
            set -m
            '\(binary)' decide --now \(Desk.morning) & pid=$!
            for _ in $(seq 600); do [ -e numbers ] && break; sleep 0.05; done
            kill -\(signal) $pid; wait $pid; echo $?
            """, in: desk.folder.path)
        let code = run.lines.last
        #expect(code == ["KILL": "137", "TERM": "143", "INT": "130"][signal], "\(run.output)\(run.errors)")
        let numbers = try desk.folder.text("numbers").split(separator: " ")
        #expect(numbers.count == 2)
        // The keeper of a killed takt ends them a moment later.
        for _ in 0..<500 where numbers.contains(where: lives) { usleep(10_000) }
        #expect(!numbers.contains(where: lives))
        #expect(try desk.list("decisions").isEmpty)
        try desk.folder.write(Self.model, to: "model.py")
        #expect(try desk.takt("decide").code == 0)
        #expect(try desk.list("decisions").count == 2)
    }

    // MARK: Proposals through a pipe

    private func pipeDesk() throws -> Desk {
        let desk = try Desk(agents: "momentum")
        #expect(try desk.takt("fetch-bars").code == 0)
        return desk
    }

    private static let pipe = """
        takt features --now \(Desk.morning) --format ndjson |
            jq -c 'select(.symbol and .ready)
                | {symbol, cycle, action: (if .symbol == "NVDA" then "buy" else "hold" end), reason: "by jq"}' |
            takt propose --now \(Desk.morning) --format json
        """

    @Test("features | jq | propose | the rest of the cycle: traded, explained, and the same when run again")
    func pipe() throws {
        let desk = try pipeDesk()
        let first = try Takt.shell(Self.pipe, in: desk.folder.path)
        #expect(first.code == 0, "\(first.errors)\(first.output)")
        let document = try first.document()
        #expect(document["schema"] == "takt.propose/1" && document["cycle"] == .string(Desk.cycle))
        #expect(document["summary"] == ["taken": 2, "repeated": 0, "refused": 0, "intents": 1])
        let digest = try desk.digest()
        let second = try Takt.shell(Self.pipe, in: desk.folder.path)
        #expect(second.code == 0)
        #expect(try second.document()["replayed"] == true)
        #expect(try desk.digest() == digest)

        #expect(try desk.takt("cycle", "--from", "risk-check").code == 0)
        let third = try Takt.shell(Self.pipe, in: desk.folder.path)
        #expect(third.code == 0, "the features see the position now, and the proposal is the same")
        let fills = try desk.list("fills")
        #expect(fills.map { $0["symbol"] } == ["NVDA"])
        let intent = try #require(fills.first?["intent_id"]?.stringValue)
        let told = try desk.takt("explain", intent).document()
        #expect(told["decision"]?["origin"] == "propose")
        #expect(told["decision"]?["votes"]?.arrayValue?.first?["detail"]?["proposal"]?["reason"] == "by jq")
        #expect(told["evidence"]?["recomputed"] == true)
        #expect(told["risk"]?["verdict"] == "approved")
        #expect(told["fills"]?.arrayValue?.count == 1)
        let trail = told["audit"]?.arrayValue?.filter { $0["kind"] == "decision" }
        #expect(trail?.map { $0["actor"] } == ["propose"])
        let text = try desk.takt("explain", intent, "--format", "table").output
        #expect(text.contains("propose votes buy") && text.contains("by jq"))
        #expect(try desk.takt("audit", "verify", "--decisions").code == 0)
        let report = try desk.takt("report", "--again", "--format", "json")
        #expect(report.code == 0)
    }

    @Test(
        "Killed around its one write and run again, every order is there once",
        arguments: ["propose.before-write", "propose.after-write"])
    func killedProposal(failpoint: String) throws {
        let desk = try pipeDesk()
        let lines = "{\"symbol\":\"NVDA\",\"action\":\"buy\"}\n{\"symbol\":\"PLTR\",\"target\":\"5\"}\n"
        let killed = try desk.call(["propose"], environment: ["TAKT_FAILPOINT": failpoint], input: lines)
        #expect(killed.code == 9 && killed.output.isEmpty)
        let kept = failpoint == "propose.after-write" ? 2 : 0
        #expect(try desk.list("decisions").count == kept)
        let again = try desk.call(["propose"], input: lines)
        #expect(again.code == 0, "\(again.errors)")
        #expect(
            try again.document()["summary"] == [
                "taken": .int(Int64(2 - kept)), "repeated": .int(Int64(kept)), "refused": 0, "intents": 2,
            ])
        #expect(try desk.takt("cycle", "--from", "risk-check").code == 0)
        #expect(try desk.list("orders").count == 2)
        #expect(try desk.takt("audit", "verify", "--decisions").code == 0)
    }

    @Test("Bad lines end with 65 and are named; the good ones are taken; a dry run changes no file")
    func badLines() throws {
        let desk = try pipeDesk()
        let lines = "{\"symbol\":\"NVDA\",\"action\":\"buy\"}\nNaN\n{\"symbol\":\"PLTR\",\"size\":\"5\"}\n"
        let before = try desk.files()
        let dry = try desk.call(["propose", "--dry-run", "--format", "ndjson"], input: lines)
        #expect(dry.code == 65)
        #expect(try desk.changes(since: before) == [])
        let run = try desk.call(["propose", "--format", "ndjson"], input: lines)
        #expect(run.code == 65)
        let items = try run.lines.map { try JSONValue(parsing: $0) }
        #expect(items.map { $0["status"] } == ["taken", "refused", "refused", "partial"])
        #expect(items[2]["line"] == 3 && items[2]["key"] == "size")
        #expect(items[3]["error"]?["code"] == "lines-refused" && items[3]["items"] == nil)
        #expect(run.errors.contains("2 of 3 line(s) were refused"))
        let table = try desk.call(["propose", "--format", "table"], input: lines).output
        #expect(table.contains("repeated") && table.contains("'size' is not known"))
    }

    @Test("Input without an end that could be meant is refused, and nothing is stored")
    func endless() throws {
        let desk = try pipeDesk()
        let digest = try desk.digest()
        let run = try Takt.shell(
            "yes '{\"symbol\":\"NVDA\",\"action\":\"buy\"}' | takt propose --now \(Desk.morning)", in: desk.folder.path)
        #expect(run.code == 65)
        #expect(run.errors.contains("standard input has more than 16777216 bytes"))
        let many = try desk.call(["propose"], input: String(repeating: "{}\n", count: 10_001))
        #expect(many.code == 65 && many.errors.contains("10001 proposals were handed in; 10000 are allowed"))
        #expect(try desk.digest() == digest)
    }

    @Test("Whoever waits for proposals that do not come can be stopped, and nothing is stored")
    func waiting() throws {
        let desk = try Desk()
        #expect(try desk.takt("fetch-bars").code == 0)
        let binary = try #require(Takt.binary)
        let run = try Takt.shell(
            """
            mkfifo lines
            sleep 60 > lines &
            timeout --preserve-status -k 20 1 '\(binary)' propose --now \(Desk.morning) < lines
            code=$?
            kill %1
            exit $code
            """, in: desk.folder.path)
        #expect(run.code == 143, "\(run.errors)")
        #expect(try desk.list("decisions").isEmpty)
    }
}
