import Core
import Testing

@testable import Settings

@Suite("The keys of Interactive Brokers")
struct IBSettingsTests {
    private static let profile = "trading: {profiles: {u: {symbols: [NVDA], broker: ib, bars: ib}}}"

    private func keys(_ brokers: String, _ environment: [String: String] = [:], trading: String = profile) -> [String] {
        errors(ConfigurationTexts(brokers: brokers, trading: trading), environment: environment).map { "\($0.key)" }
    }

    @Test("What stands in the file and what the environment gives come together, and absent keys have their standard")
    func values() throws {
        let text = """
            brokers:
              ib: {enabled: true, port: 4002, time_zone: Europe/Berlin, restart: "05:00", allow_short: true, visibility_delay_seconds: 3,
                   connect_seconds: 20, bars_timeout: 90, timeout: 7, max_retries: 1}
            """
        let settings = try load(
            ConfigurationTexts(brokers: text, trading: Self.profile),
            environment: ["IB_HOST": "gate.example", "IB_CLIENT_ID": "40", "IB_ACCOUNT": "DU7654321"])
        let broker = try #require(settings.brokers[.ib])
        #expect(broker.host == "gate.example" && broker.port == 4002 && broker.clientID == 40)
        #expect(broker.account == AccountID("DU7654321") && broker.timeoutSeconds == 7 && broker.retries == 1)
        #expect(
            settings.ib
                == IBSettings(
                    loginZone: "Europe/Berlin", restartSecondOfDay: 18_000, isReadOnly: false, asksBeforeOrders: false,
                    allowShort: true,
                    visibilityDelaySeconds: 3,
                    connectSeconds: 20, barsTimeoutSeconds: 90))
        let usual = try load(ConfigurationTexts(brokers: "brokers: {ib: {enabled: true}}", trading: Self.profile))
        #expect(
            usual.ib
                == IBSettings(
                    loginZone: "America/New_York", restartSecondOfDay: 85_500, isReadOnly: false,
                    asksBeforeOrders: false, allowShort: false,
                    visibilityDelaySeconds: 10,
                    connectSeconds: 45, barsTimeoutSeconds: 60))
        #expect(usual.brokers[.ib]?.host == "127.0.0.1" && usual.brokers[.ib]?.account == nil)
        #expect(!usual.tradesOnPaperExchange, "the embedded exchange is nobody's here")
        #expect(settings.row("brokers.ib.account")?.value == "•••••••21", "the last two characters, and no more")
        #expect(settings.row("brokers.ib.account")?.origin == .environment("IB_ACCOUNT"))
        #expect(settings.row("brokers.ib.host")?.value == "gate.example", "an address is no secret")
    }

    @Test("A profile at IB while IB is switched off, or only read, is refused by the key that says so")
    func unused() {
        #expect(keys("brokers: {ib: {enabled: false}}") == ["brokers.ib.enabled"])
        #expect(
            keys(
                "brokers: {ib: {enabled: false}}",
                trading: "trading: {profiles: {u: {symbols: [NVDA], broker: paper, bars: ib}}}")
                == ["brokers.ib.enabled"])
        #expect(keys("brokers: {ib: {enabled: true, read_only: true}}") == ["brokers.ib.read_only"])
    }

    @Test("A live account is refused in paper mode, a paper one in live mode, and what is no account always")
    func accounts() throws {
        func key(_ account: String, live: Bool = false) -> [SettingsError] {
            errors(
                ConfigurationTexts(
                    brokers: "brokers: {ib: {enabled: true, account: \"\(account)\"}}", trading: Self.profile),
                environment: live ? ["TRADING_MODE": "live"] : [:])
        }
        #expect(key("DU1234567").isEmpty && key("DF1234567").isEmpty && key("U1234567", live: true).isEmpty)
        let refused = try #require(key("U1234567").first)
        #expect(refused.key == "brokers.ib.account" && refused.message.contains("live account is refused"))
        #expect(refused.hint?.contains("TRADING_MODE=live") == true && !refused.description.contains("U1234567"))
        #expect(key("DU1234567", live: true).first?.message == "a paper account is refused in live mode")
        for text in ["12345678-01", "du1234567", "DU 12", "DU12"] {
            #expect(key(text).map { "\($0.key)" } == ["brokers.ib.account"], "\(text)")
        }
    }

    @Test("Bad values are named with their key, and the nearest zone is offered")
    func wrong() {
        func one(_ pair: String) -> String {
            errors(ConfigurationTexts(brokers: "brokers: {ib: {\(pair)}}")).map { "\($0.key): \($0.hint ?? "")" }
                .joined()
        }
        #expect(one("port: 0").hasPrefix("brokers.ib.port"))
        #expect(one("client_id: -1").hasPrefix("brokers.ib.client_id"))
        #expect(one("client_id: 999999").hasPrefix("brokers.ib.client_id"), "nine more numbers follow it")
        #expect(one("time_zone: America/New_Yrok").contains("America/New_York"))
        #expect(one("restart: \"25:00\"").hasPrefix("brokers.ib.restart"))
        #expect(one("connect_seconds: 0").hasPrefix("brokers.ib.connect_seconds"))
        #expect(one("bars_timeout: soon").hasPrefix("brokers.ib.bars_timeout"))
        #expect(one("visibility_delay: 5").contains("visibility_delay_seconds"))
    }

    @Test("One that is only read takes no orders, so what is left to `auto` stays on the embedded exchange")
    func readOnly() throws {
        func trades(_ keys: String) throws -> Bool {
            try load(
                ConfigurationTexts(
                    brokers: "brokers: {ib: {enabled: true\(keys)}}",
                    trading: "trading: {profiles: {u: {symbols: [NVDA], bars: ib}}}")
            ).tradesOnPaperExchange
        }
        #expect(try !trades(""))
        #expect(try trades(", read_only: true"))
    }

    @Test("A profile's strategy, and where it has none the one of all")
    func strategy() throws {
        let text = """
            trading: {profiles: {a: {symbols: [NVDA]}, b: {symbols: [PLTR], strategy: low_latency}}}
            """
        let settings = try load(
            ConfigurationTexts(brokers: "routing: {default_strategy: low_fees}", trading: text))
        #expect(settings.profiles.map(\.strategy) == [.lowFees, .lowLatency])
    }
}
