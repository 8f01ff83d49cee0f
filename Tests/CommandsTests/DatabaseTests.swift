import Core
import Foundation
import GRDB
import TestSupport
import Testing

struct DatabaseTests {
    /// Overwrites bytes of a file in place.
    private func patch(_ path: String, at offset: UInt64, with bytes: [UInt8]) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seek(toOffset: offset)
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }

    /// Where the header of an SQLite file keeps `PRAGMA user_version`, four bytes, big end first.
    private static let versionOffset: UInt64 = 60

    @Test(
        "A database of a newer takt is refused by every command and stays as it is",
        arguments: ["cycle", "status", "db migrate", "halt --reason x", "init"])
    func newer(command: String) throws {
        let desk = try Desk.traded()
        let database = desk.folder.path("state/takt.sqlite")
        try patch(database, at: Self.versionOffset, with: [0, 0, 3, 231])
        let before = FileManager.default.contents(atPath: database)
        let run = try desk.call(command.split(separator: " ").map(String.init))
        #expect(run.code == 78)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("newer takt") && run.errors.contains("999"))
        #expect(FileManager.default.contents(atPath: database) == before)
    }

    @Test("What is no database is refused and not touched", arguments: ["cycle", "status", "orders"])
    func foreign(command: String) throws {
        let desk = try Desk()
        try desk.folder.write("this is a letter, not a database\n", to: "state/takt.sqlite")
        let run = try desk.takt(command)
        #expect([65, 78].contains(run.code), "\(run.code)")
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("state/takt.sqlite"))
        #expect(try desk.folder.text("state/takt.sqlite") == "this is a letter, not a database\n")
    }

    @Test("db check finds a damaged page and ends with 65")
    func damaged() throws {
        let desk = try Desk.traded()
        let database = desk.folder.path("state/takt.sqlite")
        try patch(database, at: 40_960, with: (0..<20_480).map { UInt8($0 % 251) })
        let run = try desk.takt("db", "check")
        #expect(run.code == 65)
        #expect(!run.output.contains("\"ok\":true"))
        let problem = run.output + run.errors
        #expect(problem.contains("damaged") || problem.contains("malformed") || problem.contains("\"ok\":false"))
    }

    @Test("A backup brings the books back; nothing is sent until they are reconciled and the halt is lifted")
    func roundTrip() throws {
        let desk = try Desk.traded()
        let digest = try desk.digest()
        let books = { try ["orders", "fills", "positions", "decisions", "bars"].map { try desk.list($0) } }
        let before = try books()
        let backup = desk.folder.path("backup.sqlite")
        #expect(try desk.takt("db", "backup", "--output", backup).code == 0)
        #expect(try desk.digest() == digest)
        _ = try desk.takt("flatten", "--reason", "holiday", at: Desk.nextBeat)
        #expect(try books() != before)

        let restored = try desk.takt("db", "restore", backup, at: Desk.nextBeat)
        #expect(restored.code == 0)
        #expect(try books() == before)
        let kept = try #require(try restored.document()["kept"]?.stringValue)
        #expect(FileManager.default.fileExists(atPath: kept.hasPrefix("/") ? kept : desk.folder.path(kept)))
        #expect(try desk.takt("db", "check").document()["ok"] == true)
        #expect(try desk.takt("audit", "verify").document()["intact"] == true)
        #expect(try desk.takt("status").document()["halts"]?.arrayValue?.first?["code"]?.stringValue == "restored")

        // What happened since the backup comes back from the exchange, and its differences are told.
        #expect([0, 11].contains(try desk.takt("reconcile", "--again", at: Desk.nextBeat).code))
        #expect(try desk.list("paper", "orders", at: Desk.nextBeat).count == 4)
        #expect(try desk.takt("resume", "--reason", "looked", at: Desk.nextBeat).code == 0)
        #expect(try desk.takt("status").document()["halts"] == [])
    }

    @Test(
        "While a step runs, nothing is restored: who holds the lock is named, and nothing changes",
        arguments: ["us-5m.submit", "us-5m.decide", "reconcile", "other.submit"])
    func restoreWaitsForSteps(name: String) throws {
        let desk = try Desk.traded()
        let backup = desk.folder.path("backup.sqlite")
        #expect(try desk.takt("db", "backup", "--output", backup).code == 0)
        let path = desk.folder.path("state/\(name).lock")
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        let holder = "process 4711 on desk since morning\n"
        #expect(ftruncate(descriptor, 0) == 0 && pwrite(descriptor, holder, holder.utf8.count, 0) == holder.utf8.count)
        let before = try desk.files().filter { !$0.key.hasSuffix(".lock") && !$0.key.hasPrefix("logs/") }

        let run = try desk.takt("db", "restore", backup, at: Desk.nextBeat)
        #expect(run.code == 75)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("process 4711 on desk") && run.errors.contains(name), "\(run.errors)")
        #expect(try desk.files().filter { !$0.key.hasSuffix(".lock") && !$0.key.hasPrefix("logs/") } == before)

        #expect(flock(descriptor, LOCK_UN) == 0)
        #expect(try desk.takt("db", "restore", backup, at: Desk.nextBeat).code == 0)
    }

    @Test("A database that another process has open is not replaced, and the exit code says busy")
    func restoreWaitsForReaders() throws {
        let desk = try Desk.traded()
        let backup = desk.folder.path("backup.sqlite")
        _ = try desk.takt("db", "backup", "--output", backup)
        let reader = try DatabaseQueue(path: desk.folder.path("state/takt.sqlite"))
        let holds = try reader.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM orders") }
        let run = try desk.takt("db", "restore", backup)
        #expect(holds == 2)
        #expect(run.code == 75)
        #expect(run.errors.contains("is in use") && run.output.isEmpty)
        try reader.close()
        #expect(try desk.takt("db", "restore", backup).code == 0)
    }

    @Test("A restore into a folder that is not there yet creates it")
    func restoreElsewhere() throws {
        let desk = try Desk.traded()
        let backup = desk.folder.path("backup.sqlite")
        #expect(try desk.takt("db", "backup", "--output", backup).code == 0)
        let run = try desk.takt("db", "restore", backup, "--db", desk.folder.path("new/deep/takt.sqlite"))
        #expect(run.code == 0, "\(run.errors)")
        let folder = try FileManager.default.contentsOfDirectory(atPath: desk.folder.path("new/deep"))
        #expect(folder.filter { !$0.hasSuffix(".lock") } == ["takt.sqlite"])
    }

    @Test("A backup never overwrites, and what cannot be restored leaves the books alone")
    func refusals() throws {
        let desk = try Desk.traded()
        let digest = try desk.digest()
        let letter = try desk.folder.write("a letter\n", to: "letter.txt")
        let backup = try desk.takt("db", "backup", "--output", letter)
        #expect([64, 65].contains(backup.code), "\(backup.code)")
        #expect(try desk.folder.text("letter.txt") == "a letter\n")
        for file in [letter, "/nowhere/backup.sqlite"] {
            let run = try desk.takt("db", "restore", file)
            #expect(run.code == 65)
            #expect(run.output.isEmpty)
            #expect(run.errors.contains(file) && run.errors.contains("stays in place"))
        }
        #expect(try desk.digest() == digest)
    }

    @Test("A dry run of restore and backup writes nothing")
    func dryRun() throws {
        let desk = try Desk.traded()
        let backup = desk.folder.path("backup.sqlite")
        _ = try desk.takt("db", "backup", "--output", backup)
        let before = try desk.files()
        for call in [["db", "restore", backup], ["db", "backup"]] {
            #expect(try desk.call(call + ["--dry-run"]).document()["dry_run"] == true)
            let text = try desk.call(call + ["--dry-run", "--format", "table"])
            #expect(text.code == 0)
            #expect(text.output.hasPrefix("Would ") && !text.output.contains("Restored"))
        }
        #expect(try desk.changes(since: before) == [])
    }

    @Test("The audit trail verifies, every decision comes out again, and the export is chained NDJSON")
    func audit() throws {
        let desk = try Desk.traded()
        _ = try desk.takt("halt", "--reason", "test")
        let verdict = try desk.takt("audit", "verify", "--decisions").document()
        #expect(verdict["intact"] == true)
        #expect(verdict["decisions"]?.intValue == 2 && verdict["differing"] == [])
        let lines = try desk.takt("audit", "export").lines.map { try JSONValue(parsing: $0) }
        #expect(Int64(lines.count) == verdict["entries"]?.intValue)
        for (before, entry) in zip(lines, lines.dropFirst()) { #expect(entry["previous_hash"] == before["hash"]) }
        #expect(lines.last?["hash"] == verdict["head"])
        #expect(lines.last?["kind"]?.stringValue == "halt.set")
    }

    @Test("Read-only folders are named, whoever runs into them ends with the same code", .enabled(if: geteuid() != 0))
    func readOnly() throws {
        let desk = try Desk()
        try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: desk.folder.path)
        defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: desk.folder.path) }
        for command in ["init", "cycle", "decide"] {
            let run = try desk.takt(command)
            #expect(run.code == 78)
            #expect(run.output.isEmpty && run.errors.contains("state"))
        }
    }

    @Test(
        "Pruning takes old bars away, in a dry run only counts them, and leaves decisions that say why they cannot be remade"
    )
    func prune() throws {
        let desk = try Desk.traded()
        let later = "2027-01-10T15:00:00Z"
        let call = ["db", "prune", "--older-than", "30d", "--timeframe", "5m"]
        let digest = try desk.digest()
        let foretold = try desk.call(call + ["--dry-run"], at: later).document()["items"]?.arrayValue?.first
        #expect(try desk.digest() == digest)
        let done = try desk.call(call, at: later).document()["items"]?.arrayValue?.first
        #expect(done?["bars"]?.intValue.map { $0 > 100 } == true, "\(String(describing: done))")
        #expect(done == foretold)
        let bars = try desk.takt("bars", at: later).document()["count"]?.intValue
        #expect(bars == 0)
        // Once more: nothing is left to do, and nothing is written.
        let after = try desk.digest()
        #expect(try desk.call(call, at: later).document()["items"]?.arrayValue?.first?["bars"]?.intValue == 0)
        #expect(try desk.digest() == after)

        let verdict = try desk.takt("audit", "verify", "--decisions", at: later)
        #expect(verdict.code == 0, "\(verdict.output)")
        #expect(try verdict.document()["decisions"]?.intValue == 0)
        #expect(try verdict.document()["beyond_retention"]?.intValue == 2)
        let order = try desk.takt("orders", at: later).document()["items"]?.arrayValue?.first
        let story = try desk.takt("explain", order?["client_order_id"]?.stringValue ?? "", at: later).document()
        #expect(story["evidence"]?["beyond_retention"] == true)
        #expect(story["evidence"]?["recomputed"] == .null)
    }

    @Test(
        "An age or a length that cannot be pruned by is refused",
        arguments: [
            ["--older-than", "29d"], ["--older-than", "730"], ["--older-than", "1y"], ["--timeframe", "7m"],
        ])
    func pruneRefused(wrong: [String]) throws {
        let desk = try Desk()
        var call = ["db", "prune", "--older-than", "90d", "--timeframe", "5m"]
        if let place = call.firstIndex(of: wrong[0]) { call[place + 1] = wrong[1] }
        let run = try desk.call(call)
        #expect(run.code == 64)
        #expect(run.errors.contains("'\(wrong[1])'"), "\(run.errors)")
    }
}
