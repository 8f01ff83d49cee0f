import Core
import Testing

@testable import Settings

@Suite("The keys of Korea Investment")
struct KISSettingsTests {
    private static let profile = """
        trading: {profiles: {k: {symbols: ["005930"], broker: kis, bars: kis}}}
        """

    @Test("What stands in the file and what the environment gives come together, and absent keys have their standard")
    func values() throws {
        let settings = try load(
            ConfigurationTexts(
                brokers: """
                    brokers:
                      kis: {enabled: true, customer_type: corporate, calls_per_second: 5, market_order_collar: 0.02,
                            commission_percent: 0.0036, quotes: {base_url: "http://127.0.0.1:9", calls_per_second: 12}}
                    """, trading: Self.profile),
            environment: ["KIS_QUOTE_APP_KEY": "key", "KIS_QUOTE_APP_SECRET": "secret", "KIS_HTS_ID": "login"])
        let kis = settings.kis
        #expect(kis.customerType == .corporate && kis.callsPerSecond == FixedPoint(5))
        #expect(kis.marketOrderCollar == Fraction(try FixedPoint("0.02")) && kis.visibilityDelaySeconds == 10)
        #expect(kis.commissionPercent == (try FixedPoint("0.0036")) && kis.overseasCommissionPercent == nil)
        #expect(kis.quotes?.callsPerSecond == FixedPoint(12))
        #expect(kis.htsID?.reveal() == "login" && kis.quotes?.appKey.reveal() == "key")
        #expect(kis.quotes?.environment == .real && kis.quotes?.baseURL == "http://127.0.0.1:9")
        #expect(!settings.tradesOnPaperExchange, "the embedded exchange is nobody's here")
    }

    @Test(
        "A profile at KIS while KIS is switched off, half a key pair for quotes, and a silly collar are refused by key")
    func refusals() {
        func keys(_ brokers: String, _ environment: [String: String] = [:]) -> [String] {
            errors(ConfigurationTexts(brokers: brokers, trading: Self.profile), environment: environment)
                .map { "\($0.key)" }
        }
        #expect(keys("brokers: {kis: {enabled: false}}") == ["brokers.kis.enabled"])
        #expect(
            keys("brokers: {kis: {enabled: true}}", ["KIS_QUOTE_APP_KEY": "x"]) == ["brokers.kis.quotes.app_key"])
        #expect(
            keys("brokers: {kis: {enabled: true, market_order_collar: 0.5}}") == ["brokers.kis.market_order_collar"])
        #expect(keys("brokers: {kis: {enabled: true, environment: real}}") == ["brokers.kis.environment"])
    }

    @Test("An address for quotes without keys for it is said to have no effect")
    func idleAddress() throws {
        let settings = try load(
            ConfigurationTexts(
                brokers: #"brokers: {kis: {enabled: true, quotes: {base_url: "http://127.0.0.1:9"}}}"#,
                trading: Self.profile))
        #expect(settings.kis.quotes == nil)
        #expect(
            settings.notes.contains { $0.key == "brokers.kis.quotes.base_url" && $0.message.contains("without effect") }
        )
    }

    @Test(
        "The user's own folder is where the XDG specification puts it; without a home there is none",
        arguments: [
            (["XDG_STATE_HOME": "/var/lib", "HOME": "/srv/kim"], "/var/lib/takt"),
            (["XDG_STATE_HOME": "relative", "HOME": "/srv/kim"], "/srv/kim/.local/state/takt"),
            (["HOME": "/srv/kim"], "/srv/kim/.local/state/takt"), ([:], nil),
        ] as [([String: String], String?)])
    func userState(environment: [String: String], expected: String?) throws {
        #expect(try load(ConfigurationTexts(), environment: environment).paths.userState == expected)
    }

    @Test("Where a profile is left to the paper exchange, its account stays in the books")
    func paper() throws {
        func trades(_ profile: String, kis: Bool) throws -> Bool {
            try load(
                ConfigurationTexts(
                    brokers: "brokers: {kis: {enabled: \(kis)}}", trading: "trading: {profiles: {p: \(profile)}}")
            ).tradesOnPaperExchange
        }
        #expect(try trades(#"{symbols: ["005930"], broker: paper}"#, kis: true))
        #expect(try trades(#"{symbols: ["005930"]}"#, kis: false))
        #expect(try !trades(#"{symbols: ["005930"]}"#, kis: true))
    }
}
