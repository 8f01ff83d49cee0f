import Core
import Settings
import TestSupport
import Testing

@Suite("Agents that are programs of the user's")
struct ProgramSettingsTests {
    private static let mine = AgentName("mine")

    @Test("A command under a name of one's own is an agent that a profile may list and weigh")
    func read() throws {
        let settings = try load(
            ConfigurationTexts(
                trading: """
                    trading: {profiles: {p: {symbols: [NVDA], agents: [mine, momentum]}}}
                    agents:
                      mine: {command: [python3, models/x.py, "--level", "2", ""], environment: [CUDA_VISIBLE_DEVICES]}
                      other-1: {command: ["/opt/bin/${TOOL:-tool}"], deadline_seconds: 25}
                      weights: {mine: 0.6, momentum: 0.4}
                    """))
        let program = try #require(settings.agents.programs[Self.mine])
        #expect(program.command == ["python3", "models/x.py", "--level", "2", ""])
        #expect(program.deadlineSeconds == 10)
        #expect(program.environment == ["CUDA_VISIBLE_DEVICES"])
        #expect(settings.agents.programs[AgentName("other-1")]?.command == ["/opt/bin/tool"])
        #expect(settings.agents.programs[AgentName("other-1")]?.deadlineSeconds == 25)
        #expect(settings.agents.weight(of: Self.mine) == (try Fraction("0.6")))
        #expect(settings.agents.raw.isEmpty)
        #expect(settings.profiles[0].agents == [Self.mine, AgentName("momentum")])
        #expect(settings.row("agents.mine.command")?.value == "[python3, models/x.py, --level, 2, ]")
        #expect(settings.row("agents.mine.deadline_seconds")?.origin == .builtIn)
        #expect(settings.notes.isEmpty)
    }

    @Test("The command is part of what shapes trading")
    func digest() throws {
        func digest(_ command: String) throws -> Digest {
            try load(ConfigurationTexts(trading: "agents: {mine: {command: [\(command)]}}")).configDigest
        }
        #expect(try digest("a") == digest("a"))
        #expect(try digest("a") != digest("b"))
    }

    static let broken: [BrokenConfiguration] = [
        .init(
            file: .trading, text: "agents:\n  mine: {deadline_seconds: 5}\n", line: 2, column: 3,
            key: "agents.mine.command", message: "has no program", hint: "command: [program, argument, …]"),
        .init(
            file: .trading, text: "agents:\n  mine: {command: []}\n", line: 2, column: 19,
            key: "agents.mine.command", message: "has no program", hint: "write command"),
        .init(
            file: .trading, text: "agents:\n  mine: {command: [\"\"]}\n", line: 2, column: 19,
            key: "agents.mine.command", message: "has no program", hint: "write command"),
        .init(
            file: .trading, text: "agents:\n  mine: {command: python3 x.py}\n", line: 2, column: 19,
            key: "agents.mine.command", message: "a single value stands here", hint: "write a list"),
        .init(
            file: .trading, text: "agents:\n  mine: {command: [x, [y]]}\n", line: 2, column: 23,
            key: "agents.mine.command", message: "stands in the list", hint: "single values"),
        .init(
            file: .trading, text: "agents:\n  mine: {command: [x, \"a\\0b\"]}\n", line: 2, column: 23,
            key: "agents.mine.command", message: "null character", hint: "remove it"),
        .init(
            file: .trading, text: "agents:\n  mine: {command: [x], deadline_seconds: 0}\n", line: 2, column: 42,
            key: "agents.mine.deadline_seconds", message: "'0' is out of range", hint: "allowed is 1 to 3600"),
        .init(
            file: .trading, text: "agents:\n  mine: {command: [x], deadline: 5}\n", line: 2, column: 24,
            key: "agents.mine.deadline", message: "no such key",
            hint: "known here: command, deadline_seconds, environment"),
        .init(
            file: .trading, text: "agents:\n  mine: {comand: [x]}\n", line: 2, column: 3, key: "agents.mine",
            message: "no such key", hint: "a name of your own needs command"),
        .init(
            file: .trading, text: "agents:\n  momentm: {lookback: 5}\n", line: 2, column: 3, key: "agents.momentm",
            message: "no such key", hint: "did you mean agents.momentum?"),
        .init(
            file: .trading, text: "agents:\n  propose: {command: [x]}\n", line: 2, column: 3, key: "agents.propose",
            message: "taken by the command propose", hint: "another name"),
        .init(
            file: .trading, text: "agents:\n  \"my model\": {command: [x]}\n", line: 2, column: 3,
            key: "agents.my model", message: "no plain word", hint: "letters, digits"),
        .init(
            file: .trading, text: "agents:\n  mine: {command: [x], environment: [A, KIS_APP_KEY]}\n", line: 2,
            column: 41, key: "agents.mine.environment", message: "KIS_APP_KEY is a secret of takt's", hint: "remove it"),
        .init(
            file: .trading, text: "agents:\n  mine: {command: [x], environment: [A=1]}\n", line: 2, column: 38,
            key: "agents.mine.environment", message: "'A=1' is no name of a variable", hint: "names alone"),
        .init(
            file: .trading, text: "agents:\n  mine: {command: [x, \"${MY_TOKEN}\"]}\n", line: 2, column: 19,
            key: "agents.mine.command", message: "a secret stands in the command", hint: "environment: [NAME]",
            environment: ["MY_TOKEN": "s3cret"]),
        .init(
            file: .trading,
            text: "trading: {profiles: {p: {symbols: [NVDA], timeframe: 5m, agents: [mine]}}}\n"
                + "agents: {mine: {command: [x], deadline_seconds: 300}}", line: 2, column: 49,
            key: "agents.mine.deadline_seconds", message: "not shorter than a bar of profile 'p' (5m)",
            hint: "time to trade"),
        .init(
            file: .trading,
            text: "trading: {profiles: {p: {symbols: [NVDA], agents: [mien]}}}\nagents: {mine: {command: [x]}}",
            line: 1, column: 52, key: "trading.profiles.p.agents", message: "no agent 'mien'",
            hint:
                "did you mean mine? known: sma-cross, momentum, buy-and-hold, grpo, deepseek, hybrid, claude, ensemble, mine"
        ),
        .init(
            file: .trading, text: "agents:\n  mine: {command: [x]}\n  weights: {mien: 1}\n", line: 3, column: 19,
            key: "agents.weights.mien", message: "no agent 'mien'", hint: "did you mean mine?"),
    ]

    @Test("What cannot be meant is refused with its place", arguments: broken)
    func refused(_ sample: BrokenConfiguration) throws {
        let found = errors(sample.texts, environment: sample.environment)
        try #require(found.count == 1, "\(found.map(\.description))")
        #expect(found[0].key == sample.key)
        #expect(
            found[0].origin
                == .yaml(file: "/h/config/\(sample.file.rawValue).yaml", line: sample.line, column: sample.column),
            "\(found[0])")
        #expect(found[0].message.contains(sample.message), "\(found[0])")
        #expect(found[0].hint?.contains(sample.hint) == true, "\(found[0])")
        #expect(!found[0].description.contains("s3cret"))
    }

    @Test("A program sees the common variables and those named, and none of takt's secrets, even if named")
    func handedOn() {
        let secrets = EnvironmentName.allCases.filter(\.isSecret).map(\.rawValue)
        var values = ["PATH": "/bin", "HOME": "/h", "TZ": "UTC", "MINE": "1", "OTHER": "2", "TAKT_FAILPOINT": "x"]
        for name in secrets { values[name] = "s3cret" }
        let seen = Environment(values).handedOn(besides: ["MINE", "ABSENT"] + secrets)
        #expect(seen == ["PATH": "/bin", "HOME": "/h", "TZ": "UTC", "MINE": "1"])
        #expect(secrets.count >= 6)
    }
}
