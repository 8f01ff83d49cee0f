import Foundation
import TestSupport
import Testing

struct HelpTests {
    static let commands = [
        "fetch-bars", "decide", "risk-check", "submit", "reconcile", "report", "alert", "alert test", "cycle",
        "propose",
        "init",
        "demo", "import-bars", "import-actions", "actions", "actions list", "actions no-split", "actions withdraw",
        "halt", "resume", "flatten", "config", "config show", "config check", "db", "db migrate",
        "db check", "db backup", "db restore", "db prune", "db stats", "audit", "audit verify", "audit export",
        "schedule",
        "status",
        "orders", "orders list", "orders cancel", "orders settle", "positions", "portfolio", "fills", "bars",
        "bars list", "bars accept-gap", "cycles",
        "decisions",
        "breaks", "breaks list", "breaks book", "breaks close", "alerts", "explain", "features", "features show",
        "features fit", "indicators", "calendar", "calendar sessions",
        "calendar bars", "calendar at",
        "paper",
        "paper orders",
        "paper fills", "paper positions", "paper cash", "paper reset", "policy", "policy import", "policy show",
        "policy check", "policy list", "policy infer", "train", "learn", "stream",
    ]

    @Test("The root help is the one in the snapshot")
    func rootHelp() throws {
        let folder = try TemporaryFolder()
        let run = try Takt.run(["--help"], in: folder.path, environment: ["COLUMNS": "80"])
        #expect(run.code == 0)
        #expect(run.errors.isEmpty)
        #expect(run.output == (try Fixture.text("help.txt")))
    }

    @Test(
        "Every command has a help with an abstract, on stdout, and needs no configuration for it", arguments: commands)
    func commandHelp(command: String) throws {
        let folder = try TemporaryFolder()
        let run = try Takt.run(command.split(separator: " ").map(String.init) + ["--help"], in: folder.path)
        #expect(run.code == 0)
        #expect(run.errors.isEmpty)
        let abstract = run.output.split(separator: "\n").first ?? ""
        #expect(abstract.hasPrefix("OVERVIEW: ") && abstract.count > 18)
        #expect(run.output.contains("USAGE: takt \(command)"))
    }

    @Test(
        "Every help shows an example",
        arguments: commands.filter { !["config", "db", "audit", "calendar", "paper"].contains($0) })
    func example(command: String) throws {
        let folder = try TemporaryFolder()
        let run = try Takt.run(command.split(separator: " ").map(String.init) + ["--help"], in: folder.path)
        #expect(run.output.contains("Example"))
    }

    @Test(
        "A call that does not fit ends with 64, says so on stderr and prints nothing",
        arguments: [
            "nope", "decide --nope", "decide extra", "decide --format xml", "decide --cycle garbage",
            "decide --cycle nope/2026-11-24T15:40:00Z", "decide --cycle us-5m/2099-11-24T15:40:00Z",
            "decide --cycle us-5m/2026-11-24T15:37:00Z", "decide --now yesterday", "decide --profile nope",
            "decide --log-level loud", "cycle --from submit --until decide", "cycle --from nope",
            "report --kind monthly", "report --kind daily --date yesterday", "report --kind period --from 2026-11-20",
            "report --kind period --from 2026-11-24 --through 2026-11-01", "orders --since yesterday",
            "orders --state nope", "orders settle some-order --reason seen", "fills --limit 0", "bars --timeframe 7q",
            "cycles --cycle garbage", "halt", "decisions --broker paper", "alerts --symbol NVDA",
            "cycles --symbol NVDA",
            "breaks --profile us-5m", "positions --limit 3", "report --date 2026-11-24",
            "report --kind daily --date 2035-11-20", "bars --gaps --broker paper", "audit export --state open",
            "calendar at", "calendar at NOPE", "calendar at XNYS yesterday", "calendar sessions NOPE",
            "calendar sessions XNYS --from 2026-11-30 --through 2026-11-01", "schedule --delay 99", "import-bars",
            "import-actions", "actions --state nope", "actions no-split NVDA", "actions withdraw 1",
            "paper reset", "policy import", "policy show", "policy import x.pth --heads none",
        ])
    func usage(call: String) throws {
        let desk = try Desk()
        _ = try desk.takt("init")
        let words = call.split(separator: " ").map(String.init)
        let before = try desk.files()
        let run =
            words.contains("--now") ? try Takt.run(words, in: desk.folder.path) : try desk.call(words)
        #expect(run.code == 64, "\(run.errors)\(run.output)")
        #expect(run.output.isEmpty)
        #expect(!run.errors.isEmpty)
        #expect(try desk.changes(since: before) == [])
    }
}
