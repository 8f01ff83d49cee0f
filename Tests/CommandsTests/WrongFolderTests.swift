import Core
import Foundation
import TestSupport
import Testing

/// An order that lands in the wrong place, or concerns more than was meant, must not look like success.
struct WrongFolderTests {
    @Test(
        "An operator's order in a folder without a database ends with 78 and makes none",
        arguments: [
            "halt --reason x", "resume --reason x", "flatten --reason x", "flatten --withdraw --reason x",
            "orders cancel id --reason x", "orders settle id --absent --reason x", "breaks close 1 --reason x",
            "breaks book 1 --as deposit --reason x",
            "db prune --older-than 90d --timeframe 5m", "paper reset --yes", "report --kind daily",
        ])
    func missing(command: String) throws {
        let desk = try Desk()
        let before = try desk.files()
        let run = try desk.call(command.split(separator: " ").map(String.init))
        #expect(run.code == 78)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("there is no state database at"))
        #expect(try desk.changes(since: before) == [])
    }

    @Test("A named folder without one of the four files is a mistake, and so is a file under a name that nobody reads")
    func noConfiguration() throws {
        let desk = try Desk()
        try desk.folder.write("", to: "elsewhere/notes.txt")
        let before = try desk.files()
        for command in ["cycle", "config check", "status"] {
            let run = try desk.call(command.split(separator: " ").map(String.init) + ["--config", "elsewhere"])
            #expect(run.code == 78 && run.output.isEmpty, "\(command)")
            #expect(run.errors.contains("holds none of brokers.yaml"), "\(run.errors)")
        }
        #expect(try desk.changes(since: before) == [])

        let folder = try TemporaryFolder("takt-yml")
        try folder.write("trading: {symbols: [AAPL]}\n", to: "config/trading.yml")
        let run = try Takt.run(["config", "check"], in: folder.path)
        #expect(run.code == 78)
        #expect(run.errors.contains("trading.yml is not read") && run.errors.contains("Rename"))
    }

    @Test(
        "A database that is named and is not there may be a typing error: nothing trades beside the real one",
        arguments: ["cycle", "fetch-bars", "submit", "reconcile --again"])
    func misspelt(command: String) throws {
        let desk = try Desk.traded()
        let before = try desk.files()
        let run = try desk.call(command.split(separator: " ").map(String.init) + ["--db", "state/takt.sqlit"])
        #expect(run.code == 78 && run.errors.contains("state/takt.sqlit, which --db or TAKT_DB names"))
        #expect(try desk.changes(since: before) == [])
        #expect(try desk.takt("db", "migrate", "--db", "state/other.sqlite").code == 0)
        #expect(try desk.takt("fetch-bars", "--db", "state/other.sqlite").code == 0)
    }

    @Test("An internal error leaves a file behind with what was called, said and logged, and names it")
    func trouble() throws {
        let desk = try Desk.traded()
        try desk.meddle(
            "CREATE TRIGGER refusal BEFORE INSERT ON decisions BEGIN SELECT RAISE(ABORT, 'refused by a test'); END")
        let run = try desk.takt("cycle", "--quiet", at: Desk.nextBeat)
        #expect(run.code == 70)
        let logs = try FileManager.default.contentsOfDirectory(atPath: desk.folder.path("logs"))
        let name = try #require(logs.first { $0.hasPrefix("trouble-") })
        #expect(run.errors.contains("logs/\(name)"))
        let text = try desk.folder.text("logs/\(name)")
        #expect(text.contains("called: takt cycle --quiet --now \(Desk.nextBeat)"))
        #expect(text.contains("said: ") && text.contains("refused by a test"))
        #expect(try desk.takt("decide", "--again", "--dry-run", at: Desk.nextBeat).code == 0)
    }

    @Test("What sets a folder up makes the database", arguments: ["init", "db migrate", "fetch-bars", "cycle"])
    func creates(command: String) throws {
        let desk = try Desk()
        #expect(try desk.call(command.split(separator: " ").map(String.init)).code == 0)
        #expect(FileManager.default.fileExists(atPath: desk.folder.path("state/takt.sqlite")))
    }

    @Test(
        "--profile does not narrow an operator's order, so it is refused, and the way to narrow it is named",
        arguments: [("halt", "--only-profile"), ("resume", "--only-profile"), ("flatten", "--symbol")])
    func profile(command: String, cure: String) throws {
        let desk = try Desk.traded()
        let digest = try desk.digest()
        for format in ["json", "table"] {
            let run = try desk.takt(command, "--profile", "us-5m", "--reason", "test", "--format", format)
            #expect(run.code == 64)
            #expect(run.output.isEmpty)
            #expect(run.errors.contains("--profile") && run.errors.contains(cure))
        }
        #expect(try desk.digest() == digest)
        let named = try desk.takt(command, "--reason", "test", "--dry-run", environment: ["TAKT_PROFILE": "us-5m"])
        #expect(named.code == 0, "\(named.errors)")
    }
}
