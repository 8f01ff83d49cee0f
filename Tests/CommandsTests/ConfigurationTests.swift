import Core
import Foundation
import TestSupport
import Testing

/// A configuration that must be refused, and what the one line about it says.
struct BrokenConfiguration: CustomTestStringConvertible, Sendable {
    let file: String
    let text: String
    /// `line:column: key` and whatever else must be said.
    let says: [String]

    init(_ file: String, _ text: String, _ says: String...) {
        self.file = file
        self.text = text
        self.says = says
    }

    var testDescription: String { "\(file) \(says[0])" }

    static let all = [
        BrokenConfiguration(
            "risk.yaml", "risk_limits:\n  stop_loss_pct: 2.0\n", ":2:18: risk_limits.stop_loss_pct", "out of range"),
        BrokenConfiguration(
            "risk.yaml", "risk_limits:\n  stop_los_pct: 0.02\n", ":2:3: risk_limits.stop_los_pct",
            "did you mean risk_limits.stop_loss_pct"),
        BrokenConfiguration(
            "risk.yaml", "risk_limits:\n  max_daily_orders: many\n", ":2:21: risk_limits.max_daily_orders", "'many'"),
        BrokenConfiguration(
            "risk.yaml", "risk_limits:\n  daily_loss_limit: 5%\n", ":2:21: risk_limits.daily_loss_limit", "0.05 for 5 %"
        ),
        BrokenConfiguration("risk.yaml", "risk_limits: [1, 2]\n", ":1:14: risk_limits", "a list"),
        BrokenConfiguration("risk.yaml", "risk_limits:\n\tdaily_loss_limit: 0.05\n", ":2:1:", "spaces, not tabs"),
        BrokenConfiguration(
            "risk.yaml", "risk_limits:\n  daily_loss_limit: 0.05\n  daily_loss_limit: 0.06\n", ":3:3: daily_loss_limit",
            "line 2"),
        BrokenConfiguration(
            "risk.yaml", "alerts: {slack: {webhook_url: \"no address\"}}\n", ":1:31: alerts.slack.webhook_url", "URL"),
        BrokenConfiguration(
            "trading.yaml", "trading: {report_time_zone: Mars/Olympus}\n", ":1:29: trading.report_time_zone",
            "Mars/Olympus", "IANA"),
        BrokenConfiguration(
            "trading.yaml", "trading:\n  profiles:\n    a: {symbols: [NOPE], timeframe: 5m}\n",
            ":3:19: trading.profiles.a.symbols", "'NOPE'", "symbols.yaml"),
        BrokenConfiguration(
            "trading.yaml", "trading:\n  profiles:\n    a: {symbols: [NVDA], timeframe: 7m}\n",
            ":3:37: trading.profiles.a.timeframe", "5m"),
        BrokenConfiguration(
            "trading.yaml", "trading:\n  profiles:\n    a: {symbols: [NVDA], agents: [sma-crss]}\n",
            ":3:35: trading.profiles.a.agents", "did you mean sma-cross"),
        BrokenConfiguration(
            "trading.yaml", "agents:\n  weights: {sma-cross: 0.5, momentum: 0.6}\n", ":2:3: agents.weights", "1.1"),
        BrokenConfiguration(
            "trading.yaml", "agents:\n  hybrid_agent: {rl_weight: 0.7, claude_weight: 0.4}\n", ":2:", "1.1"),
        BrokenConfiguration(
            "trading.yaml", "agents:\n  sma-cross: {fast: 50, slow: 10}\n", ":2:21: agents.sma-cross.fast",
            "fast < slow"),
        BrokenConfiguration(
            "trading.yaml", "paper: {initial_cash: {USDX: 5}}\n", ":1:30: paper.initial_cash.USDX", "currency"),
        BrokenConfiguration("trading.yaml", "trading: {base_currency: USD\n", ":2:1:", "','"),
        BrokenConfiguration(
            "trading.yaml", "calendar: {overrides: [{exchange: XNYS, date: 2027-02-30, closed: true}]}\n",
            ":1:47: calendar.overrides[0].date", "2027-02-30"),
        BrokenConfiguration("trading.yaml", "---\ntrading: {}\n---\ntrading: {}\n", ":3:1:", "second document"),
        BrokenConfiguration(
            "symbols.yaml", "symbols:\n  X: {exchange: NOPE, currency: USD}\n", ":2:17: symbols.X.exchange", "XNAS"),
        BrokenConfiguration(
            "symbols.yaml", "symbols:\n  X: {exchange: XNAS, currency: USD, lot_size: 0}\n",
            ":2:48: symbols.X.lot_size",
            "'0'"),
        BrokenConfiguration(
            "brokers.yaml", "brokers:\n  ib: {enabled: true, port: 99999}\n", ":2:29: brokers.ib.port", "65535"),
        BrokenConfiguration(
            "brokers.yaml", "brokers:\n  etrade: {enabled: true}\n", ":2:3: brokers.etrade", "ib, kis, paper"),
        BrokenConfiguration(
            "brokers.yaml", "brokers:\n  kis: {base_url: \"https://me:hush@api.example.com:9443\"}\n",
            ":2:19: brokers.kis.base_url", "a user name or a password"),
        BrokenConfiguration(
            "risk.yaml", "alerts: {email: {smtp_server: \"me:hush@mail.example.com\"}}\n",
            ":1:31: alerts.email.smtp_server", "a user name or a password"),
        BrokenConfiguration(
            "risk.yaml", "alerts: {slack: {webhook_url: \"${https://example.com/hush}\"}}\n",
            ":1:32: alerts.slack.webhook_url", "${NAME}"),
        BrokenConfiguration(
            "brokers.yaml", "routing: {default_strategy: fastest}\n", ":1:29: routing.default_strategy", "low-latency"),
    ]
}

struct ConfigurationTests {
    @Test(
        "A broken configuration ends with 78 and one line naming file, line, column and key; nothing is created",
        arguments: BrokenConfiguration.all, ["cycle", "config check"])
    func broken(configuration: BrokenConfiguration, command: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(configuration.text, to: "config/\(configuration.file)")
        let run = try Takt.run(command.split(separator: " ").map(String.init), in: folder.path)
        #expect(run.code == 78)
        #expect(run.output.isEmpty)
        #expect(run.errorLines.count == 1, "\(run.errors)")
        #expect(run.errors.contains("config/\(configuration.file)\(configuration.says[0])"), "\(run.errors)")
        for text in configuration.says { #expect(run.errors.contains(text), "\(run.errors)") }
        #expect(!run.errors.contains("hush"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["config"])
    }

    @Test("All errors of all files are named at once")
    func several() throws {
        let folder = try TemporaryFolder()
        try folder.write("risk_limits:\n  stop_loss_pct: 2.0\n  max_leverage: no\n", to: "config/risk.yaml")
        try folder.write("brokers: {etrade: {}}\n", to: "config/brokers.yaml")
        let run = try Takt.run(["config", "check"], in: folder.path)
        #expect(run.code == 78)
        #expect(run.errorLines.count == 3)
        #expect(run.errorLines.allSatisfy { $0.hasPrefix("takt: ") })
    }

    @Test("Without any configuration the built-in one holds")
    func builtIn() throws {
        let folder = try TemporaryFolder()
        let run = try Takt.run(["config", "check"], in: folder.path)
        #expect(run.code == 0)
        #expect(try run.document()["valid"] == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test("A folder that is named but not there is an error, not an empty configuration")
    func missingFolder() throws {
        let desk = try Desk.traded()
        for run in [
            try desk.takt("decide", "--config", "/nowhere/config"),
            try desk.takt("decide", environment: ["TAKT_CONFIG": "/nowhere/config"]),
        ] {
            #expect(run.code == 78)
            #expect(run.output.isEmpty)
            #expect(run.errors.contains("/nowhere/config"))
        }
    }

    @Test(
        "A working folder that is not there is not made, but by init",
        arguments: ["cycle", "status", "halt --reason x"])
    func missingHome(command: String) throws {
        let folder = try TemporaryFolder()
        let home = folder.path("typo")
        let run = try Takt.run(command.split(separator: " ").map(String.init) + ["--home", home], in: folder.path)
        #expect(run.code == 78)
        #expect(run.output.isEmpty && run.errors.contains(home))
        #expect(!FileManager.default.fileExists(atPath: home))
        #expect(try Takt.run(["init", "--home", home], in: folder.path).code == 0)
    }

    @Test("init writes a configuration that is valid, and never overwrites")
    func initialise() throws {
        let folder = try TemporaryFolder()
        let first = try Takt.run(["init"], in: folder.path)
        #expect(first.code == 0)
        #expect(
            try first.document()["items"]?.arrayValue?.allSatisfy { $0["result"]?.stringValue == "written" } == true)
        #expect(try Takt.run(["config", "check"], in: folder.path).code == 0)
        try folder.write("# mine\n", to: "config/risk.yaml")
        let again = try Takt.run(["init"], in: folder.path)
        #expect(try again.document()["items"]?.arrayValue?.allSatisfy { $0["result"]?.stringValue == "kept" } == true)
        #expect(try folder.text("config/risk.yaml") == "# mine\n")
        try folder.write(try folder.text(".env.example"), to: ".env")
        #expect(try Takt.run(["config", "check"], in: folder.path).code == 0)
    }

    @Test("config show names each value's origin and never prints a secret")
    func show() throws {
        let desk = try Desk()
        let secrets = ["T0/B0/hush-hook", "PSHUSHKEY", "hush-password", "hush-claude"]
        try desk.folder.write(
            """
            SLACK_WEBHOOK_URL=https://hooks.example.com/services/T0/B0/hush-hook
            KIS_APP_KEY=PSHUSHKEY
            KIS_APP_SECRET=PSHUSHKEY
            KIS_ACCOUNT_NO=12345678-01
            SMTP_URL=smtp://user:hush-password@mail.example.com:587
            ANTHROPIC_API_KEY=hush-claude
            LOG_LEVEL=debug

            """, to: ".env")
        try desk.folder.write("risk_limits:\n  max_leverage: 1.5\n", to: "config/risk.yaml")
        for format in ["json", "ndjson", "table"] {
            let run = try desk.takt("config", "show", "--format", format)
            #expect(run.code == 0)
            for secret in secrets { #expect(!run.output.contains(secret), "\(format)") }
        }
        let rows = try desk.takt("config", "show", environment: ["TAKT_PROFILE": "us-5m"]).document()["items"]
        func row(_ key: String) -> JSONValue? { rows?.arrayValue?.first { $0["key"]?.stringValue == key } }
        #expect(row("logging.level")?["value"]?.stringValue == "debug")
        #expect(row("logging.level")?["origin"]?.stringValue?.hasSuffix(".env:7") == true)
        #expect(row("risk_limits.max_leverage")?["value"]?.stringValue == "1.5")
        #expect(row("risk_limits.max_leverage")?["origin"]?.stringValue?.hasSuffix("config/risk.yaml:2:17") == true)
        #expect(row("risk_limits.daily_loss_limit")?["origin"]?.stringValue == "default")
        #expect(row("takt.profile")?["origin"]?.stringValue == "environment TAKT_PROFILE")
        #expect(row("takt.now")?["origin"]?.stringValue == "flag --now")
        let hook = row("alerts.slack.webhook_url") ?? row("brokers.kis.app_key")
        #expect(hook?["value"]?.stringValue == "•••")
    }

    @Test("An address from the environment that holds a password is refused and not shown")
    func addressWithPassword() throws {
        let folder = try TemporaryFolder()
        for name in ["ANTHROPIC_BASE_URL", "KIS_BASE_URL", "KIS_WS_URL"] {
            let run = try Takt.run(
                ["config", "show"], in: folder.path, environment: [name: "https://me:hush@example.com/v1"])
            #expect(run.code == 78)
            #expect(run.errors.contains("environment \(name)") && !run.errors.contains("hush"))
            let sound = try Takt.run(
                ["config", "show"], in: folder.path, environment: [name: "https://example.com/v1?mail=a@b"])
            #expect(sound.code == 0)
        }
    }

    @Test(
        "A file that the configuration names is sought beside it, and config check says where it is missing",
        arguments: [
            ("trading.yaml", "paper: {seed: 1, actions_file: actions.csv}\n", ":1:32: paper.actions_file"),
            ("risk.yaml", "alerts: {email: {ca_file: actions.csv}}\n", ":1:27: alerts.email.ca_file"),
        ])
    func namedFiles(file: String, text: String, place: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "home/config/\(file)")
        try folder.write("symbol,ex_date,kind,value\n", to: "actions.csv")
        let call = ["config", "check", "--home", "home"]
        let missing = try Takt.run(call, in: folder.path)
        #expect(missing.code == 78)
        #expect(missing.output.isEmpty)
        #expect(missing.errors.contains("config/\(file)\(place)") && missing.errors.contains("there is no file"))
        try folder.write("symbol,ex_date,kind,value\n", to: "home/config/actions.csv")
        #expect(try Takt.run(call, in: folder.path).code == 0)
    }

    @Test("A cycle uses the actions file beside the configuration, and without it ends with 78 naming the key")
    func actionsFile() throws {
        let desk = try Desk(paper: "actions_file: actions.csv")
        let missing = try desk.takt("paper", "reset", "--yes")
        #expect(missing.code == 78)
        #expect(try desk.takt("cycle").code == 78)
        try desk.folder.write("symbol,ex_date,kind,value\n", to: "config/actions.csv")
        let run = try desk.takt("cycle")
        #expect(run.code == 0, "\(run.errors)")
    }

    @Test(
        "A failpoint that is misspelt or never struck is refused",
        arguments: [
            "submit.after-send:0", "submit.after-send:abc", "submit.after-send:", "submit.after-send:1:2", "no",
        ])
    func failpoint(wish: String) throws {
        let desk = try Desk()
        let run = try desk.takt("cycle", environment: ["TAKT_FAILPOINT": wish])
        #expect(run.code == 64)
        #expect(run.errors.contains("'\(wish)'"))
    }

    @Test("A flag wins over the environment, the environment over .env")
    func precedence() throws {
        let desk = try Desk()
        try desk.folder.write("LOG_LEVEL=debug\n", to: ".env")
        func level(_ arguments: [String], _ environment: [String: String]) throws -> String? {
            try desk.call(["config", "show", "logging.level"] + arguments, environment: environment)
                .document()["items"]?.arrayValue?.first?["value"]?.stringValue
        }
        #expect(try level([], [:]) == "debug")
        #expect(try level([], ["LOG_LEVEL": "error"]) == "error")
        #expect(try level(["--log-level", "trace"], ["LOG_LEVEL": "error"]) == "trace")
    }

    @Test("The crontab names its folders absolutely and the program by its path: cron runs elsewhere")
    func schedule() throws {
        let desk = try Desk()
        try desk.folder.write("", to: "elsewhere/takt.sqlite")
        let asked = try desk.takt("schedule", "--db", "elsewhere/takt.sqlite", "--format", "json").document()
        let run = try desk.takt("schedule", "--db", "elsewhere/takt.sqlite")
        #expect(asked["crontab"]?.stringValue.map { $0 + "\n" } == run.output)
        #expect(run.code == 0)
        let home = desk.folder.url.resolvingSymlinksInPath().path
        #expect(run.lines.contains("TAKT_HOME=\(home)"), "\(run.output)")
        #expect(run.lines.contains("TAKT_DB=\(home)/elsewhere/takt.sqlite"))
        let beats = run.lines.filter { $0.contains(" cycle ") && !$0.hasPrefix("#") }
        #expect(beats.count == 1)
        #expect(
            beats.allSatisfy { $0.hasPrefix("*/5 * * * * sleep 10; /") && $0.contains("/takt cycle --profile us-5m ") })
    }

    @Test("A profile whose policy may learn has an hourly line for it, and no other has")
    func learningLine() throws {
        let desk = try Desk()
        func learners() throws -> [String] {
            try desk.takt("schedule").lines.filter { $0.contains(" learn ") && !$0.hasPrefix("#") }
        }
        #expect(try learners().isEmpty)
        let configuration = try desk.folder.text("config/trading.yaml")
        try desk.folder.write(configuration + "\nlearning: {enabled: true}\n", to: "config/trading.yaml")
        #expect(try learners().isEmpty, "no agent of the profile asks a policy")
        try desk.folder.write(
            """
            trading:
              profiles:
                us-5m: {symbols: [NVDA], timeframe: 5m, broker: paper, agents: [grpo]}
            agents: {grpo: {model_path: net}}
            learning: {enabled: true}
            """, to: "config/trading.yaml")
        let lines = try learners()
        #expect(lines.count == 1 && lines[0].hasPrefix("52 * * * * nice -n 19 /"), "\(lines)")
        #expect(lines[0].contains("/takt learn --profile us-5m >/dev/null"))
    }

    @Test(
        "A line of the crontab, run as cron runs it, makes its beat and keeps the story",
        arguments: ["desk", "a 100% desk"])
    func scheduledLine(name: String) throws {
        let desk = try Desk()
        let home = desk.folder.path(name)
        _ = try desk.takt("init", "--home", home)
        try desk.folder.write(desk.folder.text("config/trading.yaml"), to: "\(name)/config/trading.yaml")
        let run = try desk.takt("schedule", "--home", home, "--delay", "0")
        let settings = run.lines.compactMap { line -> (String, String)? in
            guard let equals = line.firstIndex(of: "="), !line.hasPrefix("#"), !line.contains("*") else { return nil }
            return (String(line[..<equals]), String(line[line.index(after: equals)...]))
        }
        let beat = try #require(run.lines.first { $0.contains(" cycle ") && !$0.hasPrefix("#") })
        // What cron does with a line: five fields of time, then a command in which an escaped per cent sign is one.
        let command = String(try #require(beat.split(separator: " ", maxSplits: 5).last)).replacing("\\%", with: "%")
        var environment = Dictionary(settings, uniquingKeysWith: { $1 })
        environment["TAKT_NOW"] = Desk.morning
        #expect(try Takt.shell(command, in: "/", environment: environment).code == 0)
        let cycles = try desk.takt("cycles", "--home", home).document()["items"]?.arrayValue ?? []
        #expect(cycles.count == 7 && cycles.allSatisfy { $0["cycle"]?.stringValue == Desk.cycle })
        #expect(FileManager.default.fileExists(atPath: "\(home)/logs/cron.log"))
    }
}
