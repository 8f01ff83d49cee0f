import Settings
import Testing

/// One broken text per line: which file, what it says, and the error it must give.
struct BrokenConfiguration: Sendable, CustomTestStringConvertible {
    enum File: String { case brokers, trading, risk, symbols }
    let file: File
    let text: String
    let line: Int
    let column: Int
    let key: String
    let message: String
    let hint: String
    var environment: [String: String] = [:]
    var testDescription: String { "\(key): \(message)" }

    var texts: ConfigurationTexts {
        switch file {
        case .brokers: ConfigurationTexts(brokers: text)
        case .trading: ConfigurationTexts(trading: text)
        case .risk: ConfigurationTexts(risk: text)
        case .symbols: ConfigurationTexts(symbols: text)
        }
    }
}

struct BrokenConfigurationTests {
    static let limits: [BrokenConfiguration] = [
        .init(
            file: .risk, text: "risk_limits:\n  stop_loss_pct: 2.0\n", line: 2, column: 18,
            key: "risk_limits.stop_loss_pct", message: "'2.0' is out of range", hint: "for 2 % write 0.02"),
        .init(
            file: .risk, text: "risk_limits: {daily_loss_limit: -0.05}", line: 1, column: 33,
            key: "risk_limits.daily_loss_limit", message: "out of range", hint: "allowed is 0.0001 to 1"),
        .init(
            file: .risk, text: "risk_limits: {daily_loss_limit: 5%}", line: 1, column: 33,
            key: "risk_limits.daily_loss_limit", message: "not a plain number", hint: "0.05 for 5 %"),
        .init(
            file: .risk, text: "risk_limits:\n  daily_los_limit: 0.05\n", line: 2, column: 3,
            key: "risk_limits.daily_los_limit", message: "no such key", hint: "risk_limits.daily_loss_limit?"),
        .init(
            file: .risk, text: "risk_limit: {}\n", line: 1, column: 1, key: "risk_limit", message: "no such key",
            hint: "did you mean risk_limits?"),
        .init(
            file: .risk, text: "trading: {}\n", line: 1, column: 1, key: "trading", message: "does not belong",
            hint: "move it to trading.yaml"),
        .init(
            file: .risk, text: "logging: {level: info}\n", line: 1, column: 11, key: "logging.level",
            message: "does not belong", hint: "move it to trading.yaml"),
        .init(
            file: .risk, text: "risk_limits: {max_daily_orders: many}", line: 1, column: 33,
            key: "risk_limits.max_daily_orders", message: "'many' is not a whole number", hint: ""),
        .init(
            file: .risk, text: "risk_limits: {max_daily_orders: 0}", line: 1, column: 33,
            key: "risk_limits.max_daily_orders", message: "out of range", hint: "1 to 100000"),
        .init(
            file: .risk, text: "risk_limits: {max_order_value: 50}", line: 1, column: 32,
            key: "risk_limits.max_order_value", message: "below the smallest", hint: "raise it"),
        .init(
            file: .risk, text: "risk_limits: {min_order_value: 0, max_order_value: 0}", line: 1, column: 52,
            key: "risk_limits.max_order_value", message: "allows none", hint: "above 0"),
        .init(
            file: .risk, text: "alerts: {slack: {enabled: \"true\"}}", line: 1, column: 27,
            key: "alerts.slack.enabled", message: "text in quotes", hint: "without quotes"),
        .init(
            file: .risk, text: "alerts: {slack: {levels: error}}", line: 1, column: 26, key: "alerts.slack.levels",
            message: "single value", hint: "write a list"),
        .init(
            file: .risk, text: "emergency: {actions: {lock_trading: false}}", line: 1, column: 37,
            key: "emergency.actions.lock_trading", message: "always halts trading", hint: "cancel_all_orders"),
        .init(
            file: .risk, text: "testing: {disable_limits: true}", line: 1, column: 27,
            key: "testing.disable_limits", message: "live mode", hint: "remove the key",
            environment: ["TRADING_MODE": "live"]),
        .init(
            file: .risk, text: "risk_limits: [1]", line: 1, column: 14, key: "risk_limits", message: "a list stands",
            hint: "daily_loss_limit"),
        .init(
            file: .risk, text: "risk_limits: 5", line: 1, column: 14, key: "risk_limits",
            message: "a single value stands", hint: "daily_loss_limit"),
    ]

    static let trading: [BrokenConfiguration] = [
        .init(
            file: .trading, text: "trading: {report_time_zone: Asia/Soul}", line: 1, column: 29,
            key: "trading.report_time_zone", message: "no time zone", hint: "did you mean Asia/Seoul?"),
        .init(
            file: .trading, text: "trading: {profiles: {p: {symbols: [NVDA], timeframe: 7m}}}", line: 1, column: 54,
            key: "trading.profiles.p.timeframe", message: "'7m' is no timeframe", hint: "divide an hour"),
        .init(
            file: .trading, text: "trading:\n  profiles:\n    p:\n      symbols: [NVDA, NVDB]\n", line: 4, column: 23,
            key: "trading.profiles.p.symbols", message: "does not list 'NVDB'", hint: "did you mean NVDA?"),
        .init(
            file: .trading, text: "trading: {profiles: {p: {symbols: [NVDA, NVDA]}}}", line: 1, column: 42,
            key: "trading.profiles.p.symbols", message: "second time", hint: "keep one"),
        .init(
            file: .trading, text: "trading: {profiles: {p: {timeframe: 5m}}}", line: 1, column: 22,
            key: "trading.profiles.p.symbols", message: "no symbol", hint: "symbols: [NVDA]"),
        .init(
            file: .trading, text: "trading: {profiles: {p/q: {symbols: [NVDA]}}}", line: 1, column: 22,
            key: "trading.profiles.p/q", message: "file names", hint: "letters"),
        .init(
            file: .trading, text: "trading: {profiles: {p: {symbols: [NVDA], agents: [sma-cros]}}}", line: 1,
            column: 52, key: "trading.profiles.p.agents", message: "no agent 'sma-cros'",
            hint: "did you mean sma-cross?"),
        .init(
            file: .trading,
            text: "trading: {profiles: {p: {symbols: [NVDA], agents: [momentum, sma-cross, momentum]}}}",
            line: 1, column: 73, key: "trading.profiles.p.agents", message: "'momentum' stands here twice",
            hint: "agents.weights"),
        .init(
            file: .brokers, text: "brokers: {ib: {enabled: true, account: 12345678-01}}", line: 1, column: 40,
            key: "brokers.ib.account", message: "no account of Interactive Brokers", hint: "DU1234567"),
        .init(
            file: .trading, text: "trading: {profiles: {p: {symbols: [NVDA], brokr: kis}}}", line: 1, column: 43,
            key: "trading.profiles.p.brokr", message: "no such key", hint: "trading.profiles.p.broker?"),
        .init(
            file: .trading, text: "agents:\n  weights: {sma-cross: 0.5, momentum: 0.4}\n", line: 2, column: 3,
            key: "agents.weights", message: "add up to 0.9", hint: "sum is 1"),
        .init(
            file: .trading, text: "agents: {sma-cross: {fast: 50, slow: 20}}", line: 1, column: 28,
            key: "agents.sma-cross.fast", message: "not shorter", hint: "fast < slow"),
        .init(
            file: .trading, text: "orders: {position_sizing: {method: kelly, payoff: 0}}", line: 1, column: 51,
            key: "orders.position_sizing.payoff", message: "out of range", hint: "0.01"),
        .init(
            file: .trading, text: "orders: {default_order_type: markt}", line: 1, column: 30,
            key: "orders.default_order_type", message: "not one of the words", hint: "did you mean market?"),
        .init(
            file: .trading, text: "paper: {initial_cash: {usd: 5}}", line: 1, column: 29,
            key: "paper.initial_cash.usd", message: "'usd' is no currency", hint: "capital"),
        .init(
            file: .trading, text: "calendar:\n  overrides:\n    - {exchange: XNYS, date: 2026-02-30, closed: true}\n",
            line: 3, column: 30, key: "calendar.overrides[0].date", message: "no day", hint: "2026-11-20"),
        .init(
            file: .trading, text: "calendar: {overrides: [{exchange: NYSE, date: 2026-12-24, open: \"09:30\"}]}",
            line: 1, column: 24, key: "calendar.overrides[0]", message: "neither closed nor open", hint: "closed: true"),
        .init(
            file: .trading, text: "trading:\n  base_currency: USD\n  base_currency: KRW\n", line: 3, column: 3,
            key: "base_currency", message: "second time", hint: "line 2, column 3"),
        .init(
            file: .trading, text: "trading: {profiles: {p: {symbols: [NVDA], broker: paper}}}", line: 1, column: 51,
            key: "trading.profiles.p.broker", message: "refused in live mode", hint: "TRADING_MODE=paper",
            environment: ["TRADING_MODE": "live"]),
    ]

    static let others: [BrokenConfiguration] = [
        .init(
            file: .symbols, text: "symbols: {NVDA: {exchange: XNAQ}}", line: 1, column: 28,
            key: "symbols.NVDA.exchange", message: "no exchange", hint: "did you mean XNAS?"),
        .init(
            file: .symbols, text: "symbols: {NVDA: {currency: KRW}}", line: 1, column: 28,
            key: "symbols.NVDA.currency", message: "does not fit the exchange XNAS", hint: "currency: USD"),
        .init(
            file: .symbols, text: "symbols: {NVDA: {lot_size: -1}}", line: 1, column: 28,
            key: "symbols.NVDA.lot_size", message: "out of range", hint: "0.00000001"),
        .init(
            file: .symbols, text: "symbols: {TSLA: {name: Tesla}}", line: 1, column: 11, key: "symbols.TSLA.exchange",
            message: "no exchange", hint: "exchange: XNAS"),
        .init(
            file: .symbols, text: "symbols: {ESZ6: {exchange: XCME, currency: USD, kind: future, tick_size: 0.25}}",
            line: 1, column: 11, key: "symbols.ESZ6.expiry", message: "no expiry", hint: "2026-12-18"),
        .init(
            file: .symbols, text: "symbols: {NVDA: {tick_size: 0.000000001}}", line: 1, column: 29,
            key: "symbols.NVDA.tick_size", message: "eight decimals", hint: ""),
        .init(
            file: .symbols, text: "symbols: {NVDA: {broker_symbols: {kiss: NVDA}}}", line: 1, column: 41,
            key: "symbols.NVDA.broker_symbols.kiss", message: "no broker 'kiss'", hint: "did you mean kis?"),
        .init(
            file: .brokers, text: "brokers: {ibb: {enabled: true}}", line: 1, column: 11, key: "brokers.ibb",
            message: "no such key", hint: "did you mean brokers.ib?"),
        .init(
            file: .brokers, text: "brokers: {ib: {port: \"${PORT}\"}}", line: 1, column: 22,
            key: "brokers.ib.port", message: "the value is not a whole number", hint: "",
            environment: ["PORT": "x"]),
        .init(
            file: .brokers, text: "brokers: {kis: {environment: real}}", line: 1, column: 30,
            key: "brokers.kis.environment", message: "refused in paper mode", hint: "KIS_ENVIRONMENT=virtual"),
        .init(
            file: .brokers, text: "routing: {rules: [{broker: kis}]}", line: 1, column: 19,
            key: "routing.rules[0].symbols", message: "names no symbol", hint: "write symbols"),
    ]

    static let unbuilt: [BrokenConfiguration] = [
        .init(
            file: .trading, text: "trading: {profiles: {p: {symbols: [NVDA], timeframe: 1d}}}", line: 1, column: 54,
            key: "trading.profiles.p.timeframe", message: "minutes and hours", hint: "1h"),
        .init(
            file: .trading, text: "trading: {profiles: {p: {symbols: [NVDA], agents: [hybrd]}}}", line: 1,
            column: 52, key: "trading.profiles.p.agents", message: "no agent 'hybrd'", hint: "did you mean hybrid?"),
        .init(
            file: .trading, text: "agents: {hybrid_agent: {rl_weight: 0.7, claude_weight: 0.4}}", line: 1,
            column: 56, key: "agents.hybrid_agent.claude_weight", message: "add up to 1.1", hint: "sum is 1"),
        .init(
            file: .brokers, text: "brokers: {kis: {markets: [KR, USA]}}", line: 1, column: 31,
            key: "brokers.kis.markets", message: "'USA' is no market", hint: "KR, US"),
        .init(
            file: .brokers, text: "routing: {rules: [{symbols: [\"^[0-9\"]}]}", line: 1, column: 30,
            key: "routing.rules[0].symbols", message: "no regular expression", hint: "pattern"),
    ]

    static let addresses: [BrokenConfiguration] = [
        .init(
            file: .risk, text: "alerts: {slack: {webhook_url: \"http://hooks.example.com/s3cret\"}}", line: 1,
            column: 31, key: "alerts.slack.webhook_url", message: "the value is no https", hint: "https://"),
        .init(
            file: .risk, text: "alerts: {slack: {webhook_url: \"http://127.0.0.1@example.com/s3cret\"}}",
            line: 1, column: 31, key: "alerts.slack.webhook_url", message: "the value is no https", hint: "https://"),
        .init(
            file: .risk, text: "alerts: {email: {smtp_url: \"http://u:s3cret@mail\"}}", line: 1, column: 28,
            key: "alerts.email.smtp_url", message: "the value is no address of a mail server", hint: "smtps://"),
        .init(
            file: .risk, text: "alerts: {email: {to: \"a@example.com, b\"}}", line: 1, column: 22,
            key: "alerts.email.to", message: "no mail address", hint: "name@example.com"),
        .init(
            file: .risk, text: "alerts: {email: {from: nobody}}", line: 1, column: 24, key: "alerts.email.from",
            message: "'nobody' is no mail address", hint: "name@example.com"),
    ]

    /// What an agent would refuse when it is made, hours later.
    static let parameters: [BrokenConfiguration] = [
        .init(
            file: .trading, text: "agents: {sma-cross: {fast: 1, slow: 2}}", line: 1, column: 37,
            key: "agents.sma-cross.slow", message: "'2' is out of range", hint: "allowed is 3 to 10000"),
        .init(
            file: .trading, text: "agents:\n  sma-cross:\n    fast: 0\n", line: 3, column: 11,
            key: "agents.sma-cross.fast", message: "'0' is out of range", hint: "allowed is 1 to 9999"),
        .init(
            file: .trading, text: "agents: {sma-cross: {slow: 10001}}", line: 1, column: 28,
            key: "agents.sma-cross.slow", message: "out of range", hint: "3 to 10000"),
        .init(
            file: .trading, text: "agents: {sma-cross: {slow: 10}}", line: 1, column: 28,
            key: "agents.sma-cross.slow", message: "(10 bars) is not shorter", hint: "fast < slow"),
        .init(
            file: .trading, text: "agents: {sma-cross: {fast: 2.5}}", line: 1, column: 28,
            key: "agents.sma-cross.fast", message: "'2.5' is not a whole number", hint: ""),
        .init(
            file: .trading, text: "agents: {sma-cross: {fats: 5}}", line: 1, column: 22,
            key: "agents.sma-cross.fats", message: "no such key", hint: "did you mean agents.sma-cross.fast?"),
        .init(
            file: .trading, text: "agents: {sma-cross: {lookback: 5}}", line: 1, column: 22,
            key: "agents.sma-cross.lookback", message: "no such key", hint: "known here: fast, slow"),
        .init(
            file: .trading, text: "agents: {sma_crss: {fast: 5}}", line: 1, column: 10,
            key: "agents.sma_crss", message: "no such key", hint: "did you mean agents.sma-cross?"),
        .init(
            file: .trading, text: "agents: {momentum: {lookback: 1}}", line: 1, column: 31,
            key: "agents.momentum.lookback", message: "'1' is out of range", hint: "allowed is 2 to 10000"),
        .init(
            file: .trading, text: "agents: {momentum: {threshold: 2}}", line: 1, column: 32,
            key: "agents.momentum.threshold", message: "'2' is out of range", hint: "for 2 % write 0.02"),
        .init(
            file: .trading, text: "agents: {momentum: {threshold: -0.001}}", line: 1, column: 32,
            key: "agents.momentum.threshold", message: "out of range", hint: "allowed is 0 to 1"),
        .init(
            file: .trading, text: "agents: {momentum: {loockback: 20}}", line: 1, column: 21,
            key: "agents.momentum.loockback", message: "no such key", hint: "agents.momentum.lookback?"),
        .init(
            file: .trading, text: "agents: {buy-and-hold: {fast: 5}}", line: 1, column: 25,
            key: "agents.buy-and-hold.fast", message: "no such key", hint: "buy-and-hold takes no parameters"),
        .init(
            file: .trading, text: "agents: {buy-and-hold: 5}", line: 1, column: 24, key: "agents.buy-and-hold",
            message: "a single value stands", hint: "takes no parameters"),
        .init(
            file: .trading,
            text: "trading: {profiles: {p: {symbols: [NVDA], agents: [momentum]}}}\nagents: {weights: {sma-cross: 1}}",
            line: 1, column: 51, key: "trading.profiles.p.agents", message: "nobody decides", hint: "agents.weights"),
        .init(
            file: .trading,
            text: "decision: {buffer_bars: 2}\norders: {position_sizing: {method: volatility-target}}", line: 1,
            column: 25, key: "decision.buffer_bars", message: "over 2 bars", hint: "3 to 10001"),
    ]

    static let markets: [BrokenConfiguration] = [
        .init(
            file: .trading, text: "trading: {profiles: {p: {symbols: [NVDA, PLTR, \"005930\"]}}}", line: 1, column: 48,
            key: "trading.profiles.p.symbols",
            message: "profile 'p' mixes markets: NVDA trades on XNAS, 005930 on XKRX", hint: "for each market"),
        .init(
            file: .trading, text: "trading: {symbols: [\"000660\", SPY]}", line: 1, column: 31,
            key: "trading.profiles.default.symbols", message: "000660 trades on XKRX, SPY on ARCX",
            hint: "for each market"),
    ]

    @Test("Exchanges that keep the same hours stand in one profile, and an agent without parameters in an empty block")
    func alike() throws {
        let settings = try load(
            ConfigurationTexts(
                trading: "trading: {symbols: [NVDA, SPY, IBM, X]}\nagents: {buy-and-hold: {}}",
                symbols: "symbols: {IBM: {exchange: NYSE}, X: {exchange: BATS}}"))
        #expect(settings.profiles.map(\.symbols.count) == [4])
        #expect(settings.notes.isEmpty)
    }

    @Test("Neither file nor variable with a wrong secret address has it quoted")
    func unquoted() {
        for sample in Self.addresses {
            #expect(errors(sample.texts).allSatisfy { !$0.description.contains("s3cret") })
        }
        let found = errors(
            ConfigurationTexts(), environment: ["SLACK_WEBHOOK_URL": "ftp://s3cret", "SMTP_URL": "s3cret"])
        #expect(found.map(\.origin) == [.environment("SLACK_WEBHOOK_URL"), .environment("SMTP_URL")])
        #expect(found.allSatisfy { !$0.description.contains("s3cret") })
    }

    @Test(
        "A broken configuration is led back to file, line, column, key and cure",
        arguments: limits + trading + others + unbuilt + addresses + parameters + markets)
    func led(_ sample: BrokenConfiguration) throws {
        let found = errors(sample.texts, environment: sample.environment)
        let error = try #require(found.first { $0.key == sample.key }, "found: \(found)")
        let file = "/h/config/\(sample.file.rawValue).yaml"
        #expect(error.origin == .yaml(file: file, line: sample.line, column: sample.column))
        #expect(error.message.contains(sample.message), "\(error.message)")
        #expect((error.hint ?? "").contains(sample.hint), "\(error.hint ?? "no hint")")
        // Live mode without a broker is an error of its own.
        if sample.environment["TRADING_MODE"] == nil { #expect(found.count == 1, "\(found)") }
    }

    @Test("All errors of all files are reported at once, in the order of the files")
    func all() {
        let found = errors(
            ConfigurationTexts(
                brokers: "brokers: {ib: {port: 0}}", trading: "trading: {base_currency: dollars}",
                risk: "risk_limits: {max_leverage: 100}\n", symbols: "symbols: {NVDA: {kind: bond}}",
                dotEnv: "nonsense\n"))
        #expect(
            found.map { $0.origin.file ?? "" } == [
                "/h/.env", "/h/config/brokers.yaml", "/h/config/trading.yaml", "/h/config/risk.yaml",
                "/h/config/symbols.yaml",
            ])
    }

    @Test(
        "A broken variable or flag names itself",
        arguments: [
            (["IB_PORT": "x"], Overrides(), "brokers.ib.port", Origin.environment("IB_PORT")),
            (["TRADING_MODE": "real"], Overrides(), "takt.mode", .environment("TRADING_MODE")),
            (["KIS_ENVIRONMENT": "real"], Overrides(), "brokers.kis.environment", .environment("KIS_ENVIRONMENT")),
            ([:], Overrides(logLevel: "loud"), "logging.level", .flag("--log-level")),
            ([:], Overrides(profile: "us-6m"), "takt.profile", .flag("--profile")),
            ([:], Overrides(now: "yesterday"), "takt.now", .flag("--now")),
            ([:], Overrides(format: "xml"), "takt.format", .flag("--format")),
            (
                ["TAKT_NOW": "2026-11-20T15:35:00Z", "TRADING_MODE": "live"], Overrides(), "takt.now",
                .environment("TAKT_NOW")
            ),
            (["TRADING_MODE": "live"], Overrides(), "takt.mode", .environment("TRADING_MODE")),
        ])
    func outside(environment: [String: String], overrides: Overrides, key: String, origin: Origin) {
        let found = errors(ConfigurationTexts(), overrides: overrides, environment: environment)
        #expect(found.first { $0.key == key }?.origin == origin, "\(found)")
    }
}
