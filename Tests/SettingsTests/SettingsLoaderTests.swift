import Core
import Settings
import Testing

#if canImport(Glibc)
    import Glibc
#endif

struct SettingsLoaderTests {
    @Test("With no configuration at all there are two paper profiles, one per market")
    func bare() throws {
        let settings = try load()
        #expect(settings.mode == .paper)
        #expect(settings.profiles.map(\.name.text) == ["us-5m", "kr-5m"])
        #expect(settings.profiles.map { $0.symbols.map(\.text) } == [["NVDA", "PLTR"], ["005930"]])
        #expect(settings.profiles.allSatisfy { $0.broker == .paper && $0.bars == .generator })
        #expect(settings.profiles.allSatisfy { $0.agents.map(\.text) == ["sma-cross", "momentum"] })
        #expect(settings.profiles.allSatisfy { $0.timeframe == .fiveMinutes && $0.graceSeconds == 90 })
        #expect(settings.instruments.keys.map(\.text).sorted() == ["000660", "005930", "AAPL", "NVDA", "PLTR", "SPY"])
        #expect(settings.instruments[Symbol("005930")]?.ticks == .krxStock)
        #expect(settings.instruments[Symbol("SPY")]?.kind == .etf)
        #expect(settings.paper.initialCash == [Money(FixedPoint(100_000_000), .krw), Money(FixedPoint(100_000), .usd)])
        #expect(settings.paper.fx[.krw] == (try FixedPoint("0.00072")))
        #expect(settings.paper.generatorAnchor.description == "2026-01-02")
        #expect(settings.paper.seed == 20_261_120)
        #expect(settings.orders.sizing == .percentOfEquity(try Fraction("0.1")))
        #expect(settings.risk.stopLoss == (try Fraction("0.02")))
        #expect(settings.risk.maxOrderNotional == nil)
        #expect(settings.risk.minOrderValue == Money(FixedPoint(100), .usd))
        #expect(settings.risk.onEmergency.closeAll)
        #expect(!settings.alerts.slack.isReady)
        #expect(settings.paths.paperDatabase == "/h/state/paper.sqlite")
        #expect(settings.notes.isEmpty)
        #expect(settings.configRows().allSatisfy { $0.origin == .builtIn })
    }

    @Test("A trading.yaml without profiles trades one profile named default")
    func single() throws {
        let empty = try load(ConfigurationTexts(trading: "# nothing\n"))
        #expect(empty.profiles.map(\.name.text) == ["default"])
        #expect(empty.profiles[0].symbols.map(\.text) == ["NVDA", "PLTR"])
        let listed = try load(ConfigurationTexts(trading: "trading: {symbols: [AAPL]}"))
        #expect(listed.profiles.map { $0.symbols.map(\.text) } == [["AAPL"]])
    }

    @Test("A flag beats the environment, that beats .env, that beats YAML, that beats the default")
    func precedence() throws {
        let yaml = ConfigurationTexts(trading: "logging: {level: error}")
        var both = yaml
        both.dotEnv = Array("# x\nLOG_LEVEL=WARN # note\n".utf8)
        let environment = ["LOG_LEVEL": "debug"]
        let level = { (settings: Settings) in (settings.logLevel, settings.row("logging.level")?.origin) }
        #expect(try level(load()) == (.info, .builtIn))
        #expect(try level(load(yaml)) == (.error, .yaml(file: "/h/config/trading.yaml", line: 1, column: 18)))
        #expect(try level(load(both)) == (.warning, .dotEnv(file: "/h/.env", line: 2)))
        #expect(try level(load(both, environment: environment)) == (.debug, .environment("LOG_LEVEL")))
        let flag = try load(both, overrides: Overrides(logLevel: "trace"), environment: environment)
        #expect(level(flag) == (.trace, .flag("--log-level")))
    }

    @Test("An empty variable counts as not set")
    func emptyVariable() throws {
        let settings = try load(environment: ["LOG_LEVEL": "", "TRADING_MODE": ""])
        #expect(settings.logLevel == .info)
        #expect(settings.mode == .paper)
    }

    @Test(
        "risk_limits beats the original blocks of risk.yaml, these beat the block of trading.yaml; the losers are noted"
    )
    func aliases() throws {
        let trading = "risk: {max_daily_loss: 0.01, stop_loss_pct: 0.03}"
        let old = "daily_limits: {max_daily_loss: 0.04}\n"
        let new = old + "risk_limits: {daily_loss_limit: 0.06}\n"
        let first = try load(ConfigurationTexts(trading: trading))
        #expect(first.risk.dailyLossLimit == (try Fraction("0.01")))
        #expect(first.risk.stopLoss == (try Fraction("0.03")))
        #expect(try load(ConfigurationTexts(trading: trading, risk: old)).risk.dailyLossLimit == Fraction("0.04"))
        let last = try load(ConfigurationTexts(trading: trading, risk: new))
        #expect(last.risk.dailyLossLimit == (try Fraction("0.06")))
        #expect(last.notes.map(\.key) == ["daily_limits.max_daily_loss", "risk.max_daily_loss"])
        #expect(last.row("risk_limits.daily_loss_limit")?.value == "0.06")
        #expect(
            last.row("risk_limits.daily_loss_limit")?.origin
                == .yaml(file: "/h/config/risk.yaml", line: 2, column: 33))
    }

    @Test("A value that loses is noted even where the way of trading does not ask for it")
    func unasked() throws {
        let sizing = "orders: {position_sizing: {method: percentage, quantity: 5, fixed_quantity: 6}}"
        #expect(
            try load(ConfigurationTexts(trading: sizing)).notes.map(\.key) == ["orders.position_sizing.fixed_quantity"])
    }

    @Test("symbols.yaml changes built-in instruments key by key and adds others")
    func symbols() throws {
        let text = """
            symbols:
              NVDA: {name: Nvidia Corp, tick_size: "0.05", max_position_size: 0.2}
              QQQ: {exchange: NASDAQ, kind: etf}
              "035420": {name: NAVER, market: KR, tick_size: 100, stop_loss_percentage: 0.025}
              069500: {exchange: KOSPI, kind: etf}
              ESZ6: {exchange: XCME, currency: USD, kind: future, expiry: 2026-12-18, tick_size: "0.25", multiplier: 50}
              N1: {exchange: XNAS, kind: option, underlying: NVDA, expiry: 2026-12-18, strike: 200, right: call, tick_size: 0.01, multiplier: 100}
            """
        let settings = try load(ConfigurationTexts(symbols: text))
        let nvidia = try #require(settings.instruments[Symbol("NVDA")])
        #expect(nvidia.name == "Nvidia Corp")
        #expect(nvidia.exchange.text == "XNAS")
        #expect(nvidia.ticks == (try TickSchedule(.uniform(Price("0.05")))))
        #expect(settings.risk.perSymbol[Symbol("NVDA")]?.maxPositionSize == (try Fraction("0.2")))
        #expect(settings.instruments[Symbol("QQQ")]?.currency == .usd)
        #expect(settings.instruments[Symbol("QQQ")]?.ticks == .usEquity)
        #expect(settings.instruments[Symbol("035420")]?.ticks == .krxStock)
        #expect(settings.instruments[Symbol("069500")]?.ticks == .krxETF)
        #expect(settings.instruments[Symbol("ESZ6")]?.multiplier == FixedPoint(50))
        let expiry = try #require(CivilDate(iso: "2026-12-18"))
        let terms = Instrument.OptionTerms(
            underlying: Symbol("NVDA"), expiry: expiry, strike: Price(200), right: .call)
        #expect(settings.instruments[Symbol("N1")]?.kind == .option(terms))
        #expect(settings.notes.map(\.key) == ["symbols.035420.tick_size"])
    }

    @Test("Variables of YAML files are filled, and an unset one leaves its key absent with a note")
    func interpolation() throws {
        let text =
            "brokers: {ib: {enabled: true, host: \"${GATE}\", port: \"${GATE_PORT:-4002}\", client_id: \"${N}\"}}"
        let settings = try load(ConfigurationTexts(brokers: text, dotEnv: "GATE=gateway"))
        let broker = try #require(settings.brokers[BrokerID("ib")])
        #expect(broker.host == "gateway")
        #expect(broker.port == 4002)
        #expect(broker.clientID == 1)
        #expect(settings.notes.map(\.key) == ["brokers.ib.client_id"])
    }

    @Test("The digest follows what shapes trading, and nothing else")
    func digest() throws {
        let bare = try load().configDigest
        let elsewhere = try load(overrides: Overrides(home: "/other", format: "json", logLevel: "debug")).configDigest
        let tighter = try load(ConfigurationTexts(risk: "risk_limits: {stop_loss_pct: 0.01}")).configDigest
        #expect(bare == elsewhere)
        #expect(bare != tighter)
    }

    @Test("Another base currency gets its exchange rates by way of the dollar")
    func rates() throws {
        let settings = try load(ConfigurationTexts(trading: "trading: {base_currency: KRW, symbols: [NVDA]}"))
        #expect(settings.paper.fx[.usd] == (try FixedPoint("1388.88888889")))
        #expect(settings.paper.fx[.krw] == nil)
        #expect(settings.risk.minOrderValue.currency == .krw)
    }

    @Test("Calendar overrides, sizing, weights and a single cash amount are read")
    func blocks() throws {
        let text = """
            agents: {weights: {sma-cross: 0.6, momentum: 0.4}}
            orders: {position_sizing: {method: volatility_target, annual_volatility: 0.2, percent: 0.25}}
            paper: {initial_cash: 5000}
            calendar:
              overrides:
                - {exchange: NYSE, date: 2027-01-20, closed: true}
                - {exchange: XKRX, date: 2026-11-19, open: "10:00", close: "16:30"}
            """
        let settings = try load(ConfigurationTexts(trading: text))
        #expect(settings.agents.weight(of: AgentName("momentum")) == (try Fraction("0.4")))
        #expect(
            settings.orders.sizing == .volatilityTarget(annual: try Fraction("0.2"), maxPercent: try Fraction("0.25")))
        #expect(settings.paper.initialCash == [Money(FixedPoint(5000), .usd)])
        #expect(
            settings.calendarOverrides.map(\.change) == [
                .closed, .hours(openSecondOfDay: 36_000, closeSecondOfDay: 59_400),
            ])
        #expect(settings.row("calendar.overrides[1].close")?.value == "16:30")
    }

    @Test("Fixed sizing without a quantity takes the original's 100, shown as default")
    func fixedSizing() throws {
        let settings = try load(ConfigurationTexts(trading: "orders: {position_sizing: {method: fixed}}"))
        #expect(settings.orders.sizing == .fixed(Quantity(100)))
        let row = try #require(settings.row("orders.position_sizing.quantity"))
        #expect(row.value == "100")
        #expect(row.origin == .builtIn)
        #expect(row.doc.contains("100 if absent"))
    }

    @Test("Keys that nothing acts upon yet are accepted with a note")
    func withoutEffect() throws {
        let settings = try load(
            ConfigurationTexts(
                brokers: "brokers: {ib: {timeout: 5, max_retries: 2}, paper: {markets: [US]}}",
                trading: """
                    trading: {profiles: {p: {symbols: [NVDA], grace_seconds: 60, strategy: low_fees}}}
                    orders: {timeout_seconds: 20}
                    """,
                risk: """
                    emergency: {actions: {close_all_positions: false}}
                    testing: {disable_limits: true}
                    risk_limits: {max_retry_attempts: 2, max_daily_claude_calls: 10}
                    """))
        let notes = settings.notes.filter { $0.message == "accepted, without effect in this build" }
        #expect(
            notes.map(\.key) == [
                "brokers.paper.markets", "testing.disable_limits", "risk_limits.max_daily_claude_calls",
                "orders.timeout_seconds",
            ])
    }

    @Test("A profile on the embedded exchange and the exchange switched off do not go together")
    func paperOff() throws {
        let error = try #require(throws: SettingsErrors.self) {
            try load(
                ConfigurationTexts(
                    brokers: "brokers: {paper: {enabled: false}}",
                    trading: "trading: {profiles: {p: {symbols: [NVDA], broker: paper}}}"))
        }
        #expect(error.all.map(\.key) == ["brokers.paper.enabled"])
        #expect(error.all.first?.origin.line == 1)
    }

    @Test("A currency without a rate into the base currency is an error, and paper.fx is the cure")
    func lackingRate() throws {
        let trading = "trading: {base_currency: SEK, profiles: {p: {symbols: [NVDA]}}}\n"
        let cash = "paper: {initial_cash: {USD: 1000}"
        let error = try #require(throws: SettingsErrors.self) {
            try load(ConfigurationTexts(trading: "\(trading)\(cash)}"))
        }
        #expect(error.all.map(\.key) == ["trading.base_currency"])
        #expect(error.all.first.map { "\($0)" }?.contains("USD into SEK") == true)
        #expect(try load(ConfigurationTexts(trading: "\(trading)\(cash), fx: {USD: 10}}")).baseCurrency.code == "SEK")
    }

    @Test("Good addresses pass: a loopback webhook, several recipients, smtps")
    func addresses() throws {
        let settings = try load(
            environment: [
                "SLACK_WEBHOOK_URL": "http://127.0.0.1:8080/hook", "ALERT_EMAIL": "a@example.com, b@example.org",
                "SMTP_URL": "smtps://u:p@mail.example.com:465", "SMTP_FROM": "takt@localhost",
            ])
        #expect(settings.alerts.slack.isReady)
        #expect(settings.alerts.email.isReady)
    }

    @Test("From disk: folders, .env and a configuration folder named in it; a missing folder is no error")
    func disk() throws {
        var template = Array("/tmp/takt-settings-XXXXXX".utf8).map { CChar(bitPattern: $0) } + [0]
        _ = mkdtemp(&template)
        let home = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { for path in ["/.env", "/other/trading.yaml", "/other", ""] { remove(home + path) } }
        #expect(try loader.load(environment: Environment(), home: home).profiles.count == 2)
        mkdir("\(home)/other", 0o700)
        try write("TAKT_CONFIG=\(home)/other\nTAKT_DB=\(home)/db/x.sqlite\n", to: "\(home)/.env")
        try write("trading: {symbols: [SPY]}\n", to: "\(home)/other/trading.yaml")
        let settings = try loader.load(environment: Environment(), home: home)
        #expect(settings.profiles[0].symbols == [Symbol("SPY")])
        #expect(settings.paths.database == "\(home)/db/x.sqlite")
        #expect(settings.paths.paperDatabase == "\(home)/db/paper.sqlite")
        #expect(settings.row("takt.config")?.origin == .dotEnv(file: "\(home)/.env", line: 1))
        #expect(settings.notes.map(\.key) == [".env"])
        let flagged = try loader.load(
            overrides: Overrides(home: home, config: "\(home)/none"), environment: Environment(), home: "/")
        #expect(flagged.profiles.count == 2)
    }

    private func write(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
        chmod(path, 0o644)
    }

    @Test("The process environment is read whole")
    func process() {
        setenv("TAKT_SETTINGS_TEST", "a=b", 1)
        #expect(Environment.process()["TAKT_SETTINGS_TEST"] == "a=b")
    }
}
