import Core
import Features
import Foundation
import Settings
import Store
import Synchronization
import TestSupport
import Testing

@testable import Cycle

@Suite("Agents that are programs of the user's")
struct OutsideVotesTests {
    /// A house whose first profile asks `model.sh` in the working folder; both shares have the bars that its features need.
    private func house(
        _ script: String, agents: String = "mine", seconds: Int = 2, more: String = "",
        bars: [Symbol] = [.nvda, .pltr],
        environment: [String: String] = [:], log: StepLog = .none, stop: StopSignal = .never
    ) async throws -> House {
        let house = try House(
            moreTrading: """
                features: {list: [close, "log_return:1", position]}
                agents:
                  mine: {command: [/bin/sh, model.sh], deadline_seconds: \(seconds)\(more)}
                  second: {command: [/bin/sh, second.sh]}
                """, agents: agents, environment: ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }, log: log,
            stop: stop)
        try write(script, into: house)
        for symbol in bars {
            for number in -1...0 { try house.putBar(symbol, number: number, close: Price(100 + number)) }
        }
        try await house.openAccount()
        return house
    }

    /// Each run of the program leaves a line in `runs`, and what it read in `input`.
    private func write(_ script: String, into house: House, as name: String = "model.sh") throws {
        try house.folder.write("echo run >> runs\ncat > input\n" + script, to: name)
    }

    private func runs(_ house: House) -> Int {
        ((try? house.folder.text("runs")) ?? "").split(separator: "\n").count
    }

    private func votes(_ house: House, _ symbol: Symbol) throws -> [JSONValue] {
        try house.store.read { try $0.decision(house.cycle(), symbol) }?.votes.arrayValue ?? []
    }

    private static func answer(_ symbol: String, _ action: String = "buy", _ confidence: Double = 0.75) -> String {
        #"echo '{"symbol":"\#(symbol)","action":"\#(action)","confidence":\#(confidence)}'"# + "\n"
    }

    private static let both = answer("NVDA") + answer("PLTR", "sell", 1)

    @Test("It is asked once for all symbols with the records that `features` prints, and its votes count")
    func asked() async throws {
        let house = try await house(Self.both)
        let document = try await house.run(.decide)
        #expect(document.exitCode == .success)
        #expect(document.json["warnings"] == [])
        #expect(runs(house) == 1)
        let computer = try FeatureComputer(
            FeatureSpec(["close", "log_return:1", "position"].map { try Feature($0) }, window: 5))
        let desk = try FeatureDesk(
            house.context, profile: try house.profile(), computer: computer, form: .normalised, now: house.clock.now())
        // As of before the decision, whose position they hold.
        let records = try house.store.read { try desk.records(of: house.cycle(), in: $0) }
        let lines = try house.folder.text("input").split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        #expect(lines == records.map { $0.json.setting("agent", "mine") })
        #expect(lines.map { $0["values"]?.arrayValue?.first } == [.double(100), .double(100)])
        #expect(document.items.map { $0["action"] } == ["buy", "sell"])
        let vote = try #require(try votes(house, .nvda).first)
        #expect(vote["agent"] == "mine" && vote["confidence"] == .double(0.75))
        let detail = try #require(vote["detail"])
        #expect(detail.removing("asked").removing("run") == ["program": .null])
        // What it was asked, so that somebody can ask it again.
        let record = try #require(records.first)
        let line = record.json.setting("agent", "mine").text + "\n"
        #expect(
            detail["asked"] == [
                "schema_hash": JSONValue(record.vector.schemaHash), "bar": JSONValue(record.bar), "form": "normalised",
                "values": .array(record.vector.values.map { .double($0) }), "line": JSONValue(Digest(of: line)),
            ])
        #expect(detail["run"]?["command"] == ["/bin/sh", "model.sh"] && detail["run"]?["end"] == "exited 0")
        guard case .double(let milliseconds)? = detail["run"]?["duration_ms"] else {
            Issue.record("no duration: \(detail.text)")
            return
        }
        #expect(milliseconds > 0)
    }

    @Test("A decision is made again to the byte when the program is gone")
    func recomputed() async throws {
        let deep = String(repeating: "[", count: 16) + "\\u0000\\u001b" + String(repeating: "]", count: 16)
        let quoted = deep.replacing("\\u0000\\u001b", with: #""\u0000\u001b""#)
        let house = try await house(
            "cat <<'EOF'\n{\"symbol\":\"NVDA\",\"action\":\"buy\",\"confidence\":0.1,\"detail\":\(quoted)}\nEOF\n",
            agents: "buy-and-hold, mine")
        try await house.run(.decide)
        try FileManager.default.removeItem(atPath: house.folder.path("model.sh"))
        let again = try house.store.read { try DecisionEvidence.recompute(house.cycle(), in: $0) }
        #expect(again.map(\.symbol) == [.nvda, .pltr])
        #expect(again.allSatisfy { $0.agrees })
        #expect(runs(house) == 1)
    }

    @Test("Run again, the step is replayed and the program is not")
    func replayed() async throws {
        let house = try await house(Self.both)
        try await house.run(.decide)
        let again = try await house.run(.decide)
        #expect(again.isReplayed)
        #expect(runs(house) == 1)
    }

    @Test("It is not asked for a symbol whose features are not ready, which says so")
    func notReady() async throws {
        let house = try await house(Self.both, bars: [.nvda])
        try house.putBar(.pltr)
        let document = try await house.run(.decide)
        let lines = try house.folder.text("input").split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        #expect(lines.map { $0["symbol"] } == ["NVDA"])
        let vote = try #require(try votes(house, .pltr).first)
        #expect(vote["confidence"] == .double(0) && vote["detail"]?["reason"] == "features-not-ready")
        #expect(
            document.json["warnings"] == [
                "agent 'mine': line 2: it was not asked for 'PLTR'",
                "agent 'mine' has no opinion on PLTR: its features are not ready: 1 bar(s) are missing",
            ])
        #expect(runs(house) == 1)
    }

    @Test("A bar that comes late is asked for alone; what was decided stays")
    func lateBar() async throws {
        let house = try await house(Self.both, bars: [.nvda])
        try await house.run(.decide)
        for number in -1...0 { try house.putBar(.pltr, number: number) }
        try write(Self.answer("NVDA", "sell") + Self.answer("PLTR"), into: house)
        let document = try await house.run(.decide)
        #expect(document.items.map { $0["action"] } == ["buy", "buy"])
        #expect(runs(house) == 2)
        #expect(try votes(house, .nvda).first?["action"] == "buy")
    }

    // MARK: Failures

    struct Failure: Sendable, CustomTestStringConvertible {
        let script: String
        let reason: String
        let message: String
        var end = "exited 0"
        var testDescription: String { reason }
    }

    static let failures: [Failure] = [
        Failure(
            script: both + "exit 3", reason: "failed", message: "its program ended with status 3",
            end: "exited 3"),
        Failure(
            script: both + "kill -9 $$", reason: "crashed", message: "its program was ended by signal 9",
            end: "signalled 9"),
        Failure(
            script: both + "yes", reason: "too-much-output",
            message: "its program wrote more than its symbols have room for", end: "too-much-output"),
        Failure(
            script: answer("PLTR") + "sleep 1000", reason: "deadline",
            message: "its program did not answer it within 2 s", end: "deadline"),
        Failure(script: answer("PLTR"), reason: "no-answer", message: "its program gave no answer for it"),
        Failure(
            script: "head -c 3000 /dev/urandom | tr -d '\\n'; echo; " + answer("PLTR"), reason: "no-answer",
            message: "its program gave no answer for it; 1 of its lines belong to no symbol it was asked for"),
        Failure(
            script: answer("NVDA", "buy", 2), reason: "malformed",
            message: "line 1 of its program is refused: 'confidence' is 2.0; 0 to 1 is allowed"),
        Failure(
            script: answer("NVDA") + answer("NVDA"), reason: "duplicate",
            message: "its program answered it 2 times, in lines 1, 2"),
    ]

    @Test("A program that fails has no opinion, says why, and takes no other agent with it", arguments: failures)
    func fails(_ failure: Failure) async throws {
        let house = try await house(failure.script, agents: "buy-and-hold, mine")
        let document = try await house.run(.decide)
        #expect(document.status == .succeeded)
        let both = try votes(house, .nvda)
        #expect(both.map { $0["agent"] } == ["buy-and-hold", "mine"])
        #expect(both[1]["action"] == "hold" && both[1]["confidence"] == .double(0))
        let detail = try #require(both[1]["detail"])
        #expect(
            detail.removing("asked").removing("run")
                == ["reason": .string(failure.reason), "message": .string(failure.message)])
        #expect(detail["asked"] != nil && detail["run"]?["end"] == .string(failure.end))
        let warnings = document.json["warnings"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(
            warnings.contains { $0.hasPrefix("agent 'mine' has no opinion on NVDA") && $0.hasSuffix(failure.message) },
            "\(warnings)")
        // The other agent is half of what is said.
        #expect(document.items.first?["action"] == "buy" && document.items.first?["confidence"] == .double(0.5))
        #expect(try house.store.read { try DecisionEvidence.recompute(in: $0) }.allSatisfy { $0.agrees })
    }

    @Test("A program that cannot be run is no opinion either")
    func notStarted() async throws {
        let house = try House(
            moreTrading: "features: {list: [close]}\nagents: {mine: {command: [./absent]}}", agents: "mine")
        for symbol in [Symbol.nvda, .pltr] { try house.putBar(symbol) }
        try await house.openAccount()
        let document = try await house.run(.decide)
        #expect(
            document.json["warnings"] == [
                "agent 'mine' has no opinion on NVDA, PLTR: its program could not be run: No such file or directory"
            ])
        #expect(document.count("hold") == 2)
    }

    @Test("Features that cannot be computed are the configuration's error, and nothing is decided")
    func badFeatures() async throws {
        // The window of five bars is too short for what is built in.
        let house = try House(moreTrading: "agents: {mine: {command: [./absent]}}", agents: "mine")
        for symbol in [Symbol.nvda, .pltr] { try house.putBar(symbol) }
        try await house.openAccount()
        let document = try await house.run(.decide)
        #expect(document.exitCode == .configuration)
        #expect(document.json["error"]?["code"] == "bad-features")
        #expect(try house.store.read { try $0.decisions() }.isEmpty)
    }

    @Test("Features that need a normaliser are refused in the words of a decision, not in those of another command")
    func noNormaliser() async throws {
        let house = try House(
            moreTrading: """
                features: {list: ["close | zscore"]}
                agents: {mine: {command: [./absent]}}
                """, agents: "mine")
        for symbol in [Symbol.nvda, .pltr] { try house.putBar(symbol) }
        try await house.openAccount()
        let document = try await house.run(.decide)
        #expect(document.exitCode == .configuration)
        let hint = try #require(document.json["error"]?["hint"]?.stringValue)
        #expect(hint.hasPrefix("Nothing was decided.") && hint.contains("features fit"))
        #expect(!hint.contains("--normaliser") && !hint.contains("computed"))
    }

    // MARK: Surroundings

    @Test("It sees none of takt's secrets, and what it writes to stderr is in the log")
    func surroundings() async throws {
        let lines = Mutex<[StepLog.Entry]>([])
        let secrets = EnvironmentName.allCases.filter(\.isSecret).map(\.rawValue)
        let environment = Dictionary(
            uniqueKeysWithValues: (secrets + ["MINE", "OTHER"]).map { ($0, "value of \($0)") })
        let house = try await house(
            "env >&2\n" + Self.both, more: ", environment: [MINE]", environment: environment,
            log: StepLog { entry in lines.withLock { $0.append(entry) } })
        try await house.run(.decide)
        let entry = try #require(lines.withLock { $0.first { $0.message.contains("stderr") } })
        let said = entry.fields.first { $0.key == "stderr" }?.value.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(entry.level == .info)
        // The shell adds a few of its own.
        let own = ["PWD", "SHLVL", "_", "OLDPWD"]
        #expect(
            said.filter { line in !own.contains { line.hasPrefix("\($0)=") } }.sorted() == [
                "MINE=value of MINE", "PATH=/usr/bin:/bin",
            ])
        #expect(said.contains { $0.hasPrefix("PWD=") && $0.hasSuffix(house.folder.url.lastPathComponent) })
    }

    @Test("Several programs are run at the same time, and their votes stand in the order of the profile")
    func several() async throws {
        // Each waits for the other.
        let house = try await house(
            "touch one; while [ ! -e two ]; do sleep 0.01; done\n" + Self.both, agents: "second, buy-and-hold, mine")
        try write("touch two; while [ ! -e one ]; do sleep 0.01; done\n" + Self.both, into: house, as: "second.sh")
        let document = try await house.run(.decide)
        #expect(document.json["warnings"] == [])
        #expect(try votes(house, .nvda).map { $0["agent"] } == ["second", "buy-and-hold", "mine"])
    }

    @Test("A dry run asks the program, says so, and writes nothing")
    func dryRun() async throws {
        let house = try await house(Self.both)
        let document = await TradingCycle(context: house.context, profile: try house.profile(), isDryRun: true)
            .run(.decide, cycle: house.cycle())
        #expect(document.items.map { $0["action"] } == ["buy", "sell"])
        #expect(document.json["warnings"] == ["agent 'mine': its program was run, as without --dry-run"])
        #expect(try house.store.read { try $0.decisions() }.isEmpty)
        #expect(runs(house) == 1)
    }

    @Test("A decision whose window ends while the program thinks is not made")
    func tooLate() async throws {
        let clock = Mutex<ManualClock?>(nil)
        let house = try await house(
            "sleep 0.3\n" + Self.both,
            stop: StopSignal {
                clock.withLock { $0?.set(Instant.fixture.advanced(bySeconds: 300)) }
                return nil
            })
        clock.withLock { $0 = house.clock }
        let document = try await house.run(.decide)
        #expect(document.status == .skipped && document.reason == "nothing-to-do")
        #expect(try house.store.read { try $0.decisions() }.isEmpty)
    }

    @Test("A signal ends the program and the step; run again, it asks again")
    func stopped() async throws {
        let signal = Mutex<Int32?>(nil)
        let house = try await house(
            "touch asked; sleep 1000", seconds: 200, stop: StopSignal { signal.withLock { $0 } })
        let running = Task { try await house.run(.decide) }
        while !FileManager.default.fileExists(atPath: house.folder.path("asked")) { await Task.yield() }
        signal.withLock { $0 = 15 }
        let document = try await running.value
        #expect(document.exitCode == .terminated)
        #expect(try house.store.read { try $0.decisions() }.isEmpty)
        signal.withLock { $0 = nil }
        try write(Self.both, into: house)
        #expect(try await house.run(.decide).items.map { $0["action"] } == ["buy", "sell"])
        #expect(runs(house) == 2)
    }
}
