import Core
import Foundation
import TestSupport
import Testing

/// The demo trades, so it must never do so where somebody else does.
struct DemoTests {
    private func demo(_ arguments: String..., in folder: TemporaryFolder) throws -> Takt.Run {
        try Takt.run(["demo", "--date", "2026-11-20"] + arguments, in: folder.path)
    }

    @Test("A working folder and a database that no demo made are refused and stay as they are")
    func foreignFolder() throws {
        let desk = try Desk.traded()
        let before = try desk.files()
        let inside = try demo("--home", ".", in: desk.folder)
        #expect(inside.code == 64)
        #expect(inside.errors.contains("config/") && inside.errors.contains("Nothing was done"))
        let beside = try demo("--home", "elsewhere", "--db", "state/takt.sqlite", in: desk.folder)
        #expect(beside.code == 64)
        #expect(beside.errors.contains("no demo made it"))
        #expect(inside.output.isEmpty && beside.output.isEmpty)
        #expect(try desk.changes(since: before) == [])
    }

    @Test("A day before what the demo's folder has traded is refused; a folder of its own may be traded in again")
    func olderDay() throws {
        let desk = try Desk.traded()
        try desk.meddle("INSERT INTO meta VALUES ('made-by-demo', '0.1.0')")
        try FileManager.default.removeItem(atPath: desk.folder.path("config"))
        let before = try desk.files()
        let run = try demo("--home", ".", in: desk.folder)
        #expect(run.code == 64)
        #expect(run.errors.contains(Desk.cycle) && run.errors.contains("2026-11-20 lies before"))
        #expect(try desk.changes(since: before) == [])
    }

    @Test(
        "Options that a demo could only ignore are refused",
        arguments: [["--profile", "us-5m"], ["--config", "."], ["--now", "2026-11-24T15:40:05Z"], ["--dry-run"]])
    func idleOptions(option: [String]) throws {
        let folder = try TemporaryFolder()
        let run = try Takt.run(["demo"] + option, in: folder.path)
        #expect(run.code == 64)
        #expect(run.errors.contains("takes no \(option[0])"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
}
