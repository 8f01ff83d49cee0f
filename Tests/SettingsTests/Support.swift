import Settings

/// A loader that knows the exchanges and zones the tests need.
let loader = SettingsLoader(
    knownExchanges: ["XNAS", "XNYS", "ARCX", "BATS", "XASE", "XKRX", "XCME"],
    knownZones: ["UTC", "America/New_York", "Asia/Seoul", "Europe/Berlin"])

/// The errors that loading some texts gives; none if it succeeds.
func errors(
    _ texts: ConfigurationTexts, overrides: Overrides = Overrides(), environment: [String: String] = [:]
) -> [SettingsError] {
    do throws(SettingsErrors) {
        _ = try loader.load(texts: texts, overrides: overrides, environment: Environment(environment), home: "/h")
        return []
    } catch {
        return error.all
    }
}

func load(
    _ texts: ConfigurationTexts = ConfigurationTexts(), overrides: Overrides = Overrides(),
    environment: [String: String] = [:]
) throws -> Settings {
    try loader.load(texts: texts, overrides: overrides, environment: Environment(environment), home: "/h")
}

extension Settings {
    func row(_ key: String) -> ConfigRow? { configRows().first { $0.key == key } }
}

/// The same numbers on every run.
struct TestRandom: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
