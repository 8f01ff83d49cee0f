import Core
import Settings
import Testing

/// The files of the original architecture, with every key they have.
struct OriginalFilesTests {
    static let texts = ConfigurationTexts(
        brokers: OriginalFiles.brokers, trading: OriginalFiles.trading, risk: OriginalFiles.risk,
        symbols: OriginalFiles.symbols, dotEnv: OriginalFiles.dotEnv)

    @Test("The original files load as they stand, with nothing set in the environment")
    func nothingSet() throws {
        var texts = Self.texts
        texts.dotEnv = nil
        let settings = try load(texts)
        #expect(settings.mode == .paper)
        #expect(settings.profiles.map(\.name.text) == ["default"])
        #expect(settings.brokers[BrokerID("ib")]?.enabled == true)
        #expect(settings.brokers[BrokerID("kis")]?.appKey == nil)
        #expect(!settings.alerts.slack.isReady)
    }

    @Test("Their values arrive under the keys that count")
    func values() throws {
        let settings = try load(Self.texts)
        #expect(settings.logLevel == .info)
        #expect(settings.risk.dailyLossLimit == (try Fraction("0.05")))
        #expect(settings.risk.positionSizeLimit == (try Fraction("0.30")))
        #expect(settings.risk.emergencyShutdownLoss == (try Fraction("0.10")))
        #expect(settings.risk.maxDailyOrders == 100)
        #expect(settings.risk.maxPositionCount == 10)
        #expect(settings.risk.maxOrdersPerMinute == 20)
        #expect(settings.orders.sizing == .fixed(Quantity(100)))
        #expect(settings.orders.limitOffset == (try Fraction("0.0005")))
        #expect(settings.paper.initialCash == [Money(FixedPoint(100_000), .usd)])
        #expect(settings.brokers[BrokerID("ib")]?.port == 7497)
        #expect(settings.brokers[BrokerID("kis")]?.environment == .virtual)
        #expect(settings.routing.rules.count == 3)
        #expect(settings.routing.rules[1].strategy == .lowLatency)
        #expect(settings.alerts.slack.levels == [.warning, .error, .critical])
        #expect(!settings.alerts.email.enabled)
        #expect(settings.alerts.email.smtpURL?.reveal() == "smtp://smtp.gmail.com:587")
        #expect(settings.instruments[Symbol("005930")]?.currency == .krw)
        #expect(settings.instruments[Symbol("PLTR")]?.exchange.text == "XNYS")
        #expect(settings.risk.perSymbol[Symbol("TSLA")]?.stopLoss == (try Fraction("0.03")))
        #expect(settings.agents.raw["rl_agent"]?["type"] == "GRPO")
    }

    @Test("What has no effect is told, so that nobody relies on a limit that is not kept")
    func notes() throws {
        let keys = Set(try load(Self.texts).notes.map(\.key))
        for key in [
            "daily_limits.max_consecutive_losses", "take_profit.percentage", "drawdown.max_drawdown",
            "learning.gamma", "performance.metrics", "trading.schedule.market_open", "account.min_balance",
            "symbols.005930.tick_size", "currencies.fallback_rates",
        ] {
            #expect(keys.contains(key), "\(key)")
        }
    }

    @Test("The example of the contract loads as it stands, without any key: who halts or looks needs none")
    func contract() throws {
        let settings = try load(
            ConfigurationTexts(
                brokers: OriginalFiles.contractBrokers, trading: OriginalFiles.contractTrading,
                risk: OriginalFiles.contractRisk, symbols: OriginalFiles.contractSymbols))
        #expect(settings.profiles.map(\.name.text) == ["us-5m", "kr-5m"])
        #expect(settings.profiles[1].broker == .kis && !settings.tradesOnPaperExchange)
        #expect(settings.profiles[0].agents == [AgentSettings.hybridName])
        #expect(settings.agents.hybrid.policy == AgentName("grpo"))
        #expect(settings.agents.policies[AgentName("grpo")]?.path == "models/grpo.safetensors")
        #expect(settings.agents.claude.everyDecisions == 10)
        #expect(settings.brokers[BrokerID("ib")]?.host == "127.0.0.1")
        #expect(settings.instruments[Symbol("NVDA")]?.brokerSymbols[BrokerID("kis")] == "NVDA")
    }
}
