import Core
import Settings
import Testing

struct ExtendedSessionTests {
    private static let loader = SettingsLoader(
        knownExchanges: ["XNAS", "XKRX"], knownZones: ["UTC"], extendedExchanges: ["XNAS"])

    private static func load(_ profiles: String) throws(SettingsErrors) -> Settings {
        try loader.load(
            texts: ConfigurationTexts(trading: "trading:\n  profiles:\n" + profiles), environment: Environment([:]),
            home: "/h")
    }

    private static let extended = "    x: {symbols: [NVDA], broker: paper, bars: imported, session: extended"

    @Test("A profile may see extended hours, and then its symbols' bars are of those")
    func accepted() throws {
        let settings = try Self.load(
            Self.extended + "}\n    y: {symbols: [PLTR], broker: paper, bars: imported}\n")
        #expect(settings.profiles.map(\.session) == [.extended, .regular])
        #expect(settings.session(of: Symbol("NVDA")) == .extended)
        #expect(settings.session(of: Symbol("PLTR")) == .regular)
    }

    @Test(
        "Extended hours are refused where they cannot be kept, by key and with a cure",
        arguments: [
            ("    x: {symbols: [\"005930\"], broker: paper, bars: imported, session: extended}\n", "of XKRX are known"),
            (extended + ", timeframe: 1h}\n", "bars of 1h do not begin with the regular session"),
            ("    x: {symbols: [NVDA], broker: paper, bars: generator, session: extended}\n", "generated bars are of"),
            (
                extended + "}\n    y: {symbols: [NVDA], timeframe: 15m, broker: paper, bars: imported}\n",
                "profile 'y' trades NVDA"
            ),
            ("    x: {symbols: [NVDA], broker: paper, session: overnight}\n", "overnight"),
        ])
    func refused(profiles: String, says: String) {
        let error = #expect(throws: SettingsErrors.self) { try Self.load(profiles) }
        #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("session") == true)
    }
}
