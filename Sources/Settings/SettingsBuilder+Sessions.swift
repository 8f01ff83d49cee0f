public import Core

extension SettingsBuilder {
    /// Extended hours need an exchange that has them, bars that begin with the regular session too, and a source that has
    /// such bars; a symbol has the bars of one session only.
    mutating func checkSessions(_ profiles: [Profile], _ instruments: [Symbol: Instrument]) {
        for profile in profiles where profile.session == .extended {
            let key = ConfigPath(["trading", "profiles", profile.name.text, "session"])
            func refuse(_ problem: String, _ cure: String) {
                resolver.fail(resolver.resolve(key).origin, key, problem, hint: cure)
            }
            for exchange in Set(profile.symbols.compactMap { instruments[$0]?.exchange.text }).sorted()
            where !extendedExchanges.contains(exchange) {
                refuse("no extended hours of \(exchange) are known", "write session: regular")
            }
            if !1800.isMultiple(of: profile.timeframe.seconds) {
                refuse(
                    "bars of \(profile.timeframe) do not begin with the regular session",
                    "write timeframe: 1m, 5m, 10m, 15m or 30m, or session: regular")
            }
            if profile.bars == .generator {
                refuse("generated bars are of regular hours", "write bars: imported, or session: regular")
            }
            for other in profiles where other.session == .regular {
                guard let shared = other.symbols.first(where: profile.symbols.contains) else { continue }
                refuse(
                    "profile '\(other.name)' trades \(shared) in regular hours, and a symbol has the bars of one session",
                    "give both profiles the same session")
            }
        }
    }
}

extension Settings {
    /// Which session the intraday bars of a symbol are of.
    public func session(of symbol: Symbol) -> Profile.SessionKind {
        profiles.contains { $0.session == .extended && $0.symbols.contains(symbol) } ? .extended : .regular
    }
}
