import Core
import Foundation
import TestSupport
import Testing

/// The contract of the step document: scripts and timers read it.
struct StepDocumentTests {
    static let steps = ["fetch-bars", "decide", "risk-check", "submit", "reconcile", "report", "alert"]

    /// What items of a step carry at least.
    static let itemKeys: [String: Set<String>] = [
        "fetch-bars": ["symbol", "timeframe", "open_at", "open", "high", "low", "close", "volume", "source"],
        "decide": ["symbol", "action", "confidence", "votes", "filters", "intent_id"],
        "risk-check": intentKeys, "submit": intentKeys.union(["broker_order_id"]), "report": ["path"],
    ]
    private static let intentKeys: Set<String> = [
        "intent_id", "client_order_id", "symbol", "side", "type", "quantity", "time_in_force", "state", "broker",
        "reasons",
    ]

    @Test("Each step prints the document of the contract; run again it replays it and changes nothing")
    func contract() throws {
        let desk = try Desk()
        for step in Self.steps {
            let run = try desk.takt(step)
            #expect(run.code == 0, "\(step): \(run.errors)")
            #expect(run.errors.isEmpty, "\(step)")
            #expect(run.lines.count == 1, "\(step)")
            let document = try run.document()
            check(document, of: step)
            for item in document["items"]?.arrayValue ?? [] {
                #expect(item.keys.isSuperset(of: Self.itemKeys[step] ?? []), "\(step): \(item.keys)")
            }
            let (digest, files) = (try desk.digest(), try desk.files())
            let again = try desk.takt(step)
            #expect(again.code == 0)
            #expect(try again.document() == document.setting("replayed", true), "\(step)")
            #expect(try desk.digest() == digest, "\(step)")
            #expect(try desk.changes(since: files) == [], "\(step)")
        }
    }

    @Test(
        "A symbol of which an agent has too few bars is named not-ready, with how many are missing, and nothing is traded"
    )
    func notReady() throws {
        let desk = try Desk()
        _ = try desk.folder.write(
            """
            trading:
              profiles:
                us-5m: {symbols: [NVDA], timeframe: 5m, broker: paper, agents: [sma-cross], bars: imported}
            agents: {sma-cross: {fast: 5, slow: 20}}

            """, to: "config/trading.yaml")
        let bars = try desk.folder.write(
            "ts,open,high,low,close,volume\n2026-11-24T15:35:00Z,100,101,99,100,5\n",
            to: "XNAS.NVDA.5m.csv")
        _ = try desk.takt("import-bars", bars)
        _ = try desk.takt("fetch-bars")
        let document = try desk.takt("decide").document()
        let warnings = document["warnings"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(warnings.contains("NVDA is not-ready: sma-cross lacks 19 bar(s)"), "\(document.text)")
        #expect(document["summary"]?["intents"]?.intValue == 0)
    }

    private func check(_ document: JSONValue, of step: String) {
        #expect(
            document.keys.isSuperset(of: [
                "schema", "step", "cycle", "profile", "mode", "status", "replayed", "attempt", "started_at",
                "finished_at", "duration_ms", "summary", "items", "warnings", "error",
            ]), "\(step)")
        #expect(document["schema"]?.stringValue == "takt.step/1")
        #expect(document["step"]?.stringValue == step)
        #expect(document["cycle"]?.stringValue == Desk.cycle)
        #expect(document["profile"]?.stringValue == "us-5m")
        #expect(document["mode"]?.stringValue == "paper")
        let status = document["status"]?.stringValue ?? ""
        #expect(["succeeded", "skipped"].contains(status), "\(step)")
        if status == "skipped" { #expect(document["reason"]?.stringValue == "nothing-to-do", "\(step)") }
        #expect(document["replayed"]?.boolValue == false)
        #expect(document["attempt"]?.intValue == 1)
        #expect(document["duration_ms"]?.doubleValue != nil)
        for key in ["started_at", "finished_at"] {
            #expect(document[key]?.stringValue.flatMap { Instant(rfc3339: $0) } != nil, "\(step) \(key)")
        }
        #expect(document["summary"]?.keys.isEmpty == false, "\(step)")
        #expect(document["items"]?.arrayValue != nil && document["warnings"]?.arrayValue != nil, "\(step)")
        #expect(document["error"] == .null, "\(step)")
    }

    @Test("NDJSON prints the items one a line and the document without them last", arguments: ["decide", "fetch-bars"])
    func ndjson(step: String) throws {
        let desk = try Desk.traded()
        let whole = try desk.takt(step).document()
        let lines = try desk.takt(step, "--format", "ndjson").lines.map { try JSONValue(parsing: $0) }
        #expect(lines.dropLast() == (whole["items"]?.arrayValue ?? [])[...])
        #expect(lines.last == whole.removing("items"))
        let environment = try desk.takt(step, environment: ["TAKT_FORMAT": "ndjson"])
        #expect(environment.lines.count == lines.count)
    }

    @Test("A table is for people: no JSON, no colours in a pipe, the cycle on top")
    func table() throws {
        let desk = try Desk.traded()
        let run = try desk.takt("submit", "--format", "table")
        #expect(run.lines.first == Desk.cycle)
        #expect(run.output.contains("succeeded") && run.output.contains("acknowledged"))
        #expect(!run.output.contains("{") && !run.output.contains("\u{1B}"))
    }

    @Test("A cycle is one document of seven steps; asked for a part it runs that part")
    func cycle() throws {
        let desk = try Desk()
        let part = try desk.takt("cycle", "--until", "risk-check").document()
        #expect(part["schema"]?.stringValue == "takt.cycle/1")
        let names = { (document: JSONValue) in
            (document["items"]?.arrayValue ?? document["steps"]?.arrayValue ?? []).compactMap {
                $0["step"]?.stringValue
            }
        }
        #expect(names(part) == Array(Self.steps.prefix(3)))
        let whole = try desk.takt("cycle").document()
        #expect(names(whole) == Self.steps)
    }

    @Test("A reader that leaves early is no error, and the books are as if it had stayed")
    func brokenPipe() throws {
        let desk = try Desk.traded()
        let digest = try desk.digest()
        for call in ["bars --format ndjson", "config show --format table", "audit export"] {
            let line = "takt \(call) --now \(Desk.morning) | head -n 1; exit ${PIPESTATUS[0]}"
            let run = try Takt.shell(line, in: desk.folder.path)
            #expect(run.code == 0, "\(call)")
            #expect(run.errors.isEmpty, "\(call): \(run.errors)")
            #expect(run.lines.count == 1, "\(call)")
        }
        let gone = try Takt.shell(
            "takt cycle --now \(Desk.nextBeat) | (exec <&-; sleep 0.2); exit ${PIPESTATUS[0]}", in: desk.folder.path)
        #expect(gone.code == 0)
        #expect(gone.errors.isEmpty)
        #expect(try desk.digest() != digest)
        #expect(try desk.list("cycles", "--cycle", "us-5m/2026-11-24T15:45:00Z").count == 7)
    }

    @Test("An answer that cannot be written is an error")
    func fullDisk() throws {
        let desk = try Desk.traded()
        let run = try Takt.shell("takt orders --now \(Desk.morning) >/dev/full", in: desk.folder.path)
        #expect(run.code != 0)
        #expect(!run.errors.isEmpty)
    }

    @Test("A dry run before the first run creates nothing at all", arguments: steps + ["cycle"])
    func dryRunOfNothing(step: String) throws {
        let desk = try Desk()
        let before = try desk.files()
        let run = try desk.takt(step, "--dry-run")
        #expect(run.code == 78, "\(run.output)")
        #expect(run.errors.contains("takt init"))
        #expect(try desk.changes(since: before) == [])
    }

    @Test("A dry run prints a document and writes nothing", arguments: steps + ["cycle"])
    func dryRun(step: String) throws {
        let desk = try Desk()
        _ = try desk.takt("init")
        for now in [Desk.morning, Desk.nextBeat] {
            let before = try desk.files()
            let run = try desk.takt(step, "--dry-run", at: now)
            #expect(run.code == 0, "\(run.errors)")
            #expect(try run.document()["status"]?.stringValue != nil)
            #expect(try desk.changes(since: before) == [])
            _ = try desk.takt("cycle", "--until", "decide")
        }
    }

    @Test("--again makes a new attempt of a step that has succeeded")
    func again() throws {
        let desk = try Desk.traded()
        let run = try desk.takt("reconcile", "--again").document()
        #expect(run["replayed"]?.boolValue == false)
        #expect(run["attempt"]?.intValue == 2)
    }

    @Test("Live mode is refused while there is no broker for it", arguments: ["decide", "status", "cycle"])
    func live(command: String) throws {
        let desk = try Desk.traded()
        let before = try desk.files()
        let run = try desk.takt(command, environment: ["TRADING_MODE": "live"])
        #expect(run.code == 78)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("live mode"))
        #expect(try desk.changes(since: before) == [])
    }
}
