internal import Core

/// Makes the plain values out of what was read, and checks them as a whole.
struct SettingsBuilder {
    var resolver: Resolver
    var mode = TradingMode.paper
    var baseCurrency = Currency.usd

    init(resolver: Resolver) { self.resolver = resolver }

    /// Applies the defaults that are blocks, where the files leave them out.
    mutating func fillDefaults(hasTradingFile: Bool) {
        mode = resolver.word("takt.mode", or: .paper)
        baseCurrency = resolver.text("trading.base_currency").flatMap { Currency($0) } ?? .usd
        fillProfiles(hasTradingFile: hasTradingFile)
        fillCash()
        fillRates()
        resolver.found.fill(from: EmbeddedDefaults.read(EmbeddedDefaults.symbols, .symbols))
    }

    private mutating func fillProfiles(hasTradingFile: Bool) {
        let profiles: ConfigPath = "trading.profiles"
        let symbols = resolver.resolve("trading.symbols")
        guard resolver.names(profiles).isEmpty else {
            if symbols.value != nil {
                let message = "does not count: trading.profiles names what is traded"
                resolver.note(symbols.origin, "trading.symbols", message)
            }
            return
        }
        guard hasTradingFile || symbols.value != nil else {
            return resolver.found.fill(from: EmbeddedDefaults.read(EmbeddedDefaults.profiles, .trading))
        }
        resolver.found.names[profiles] = ["default"]
        let listed = symbols.value ?? .list([.text("NVDA"), .text("PLTR")])
        resolver.found.values["trading.profiles.default.symbols"] = Found(
            value: listed, origin: symbols.origin, items: symbols.items)
    }

    private mutating func fillCash() {
        let path: ConfigPath = "paper.initial_cash"
        let single = resolver.resolve(path)
        if case .decimal(let amount)? = single.value {
            resolver.found.names[path] = [baseCurrency.code]
            resolver.found.values[path.appending(baseCurrency.code)] = Found(
                value: .decimal(amount), origin: single.origin)
        } else if !resolver.found.hasAny(path) {
            resolver.found.fill(from: EmbeddedDefaults.read(EmbeddedDefaults.cash, .trading))
        }
    }

    /// The embedded rates are dollars per unit; another base currency gets them by way of the dollar.
    private mutating func fillRates() {
        var rates = EmbeddedDefaults.read(EmbeddedDefaults.rates, .trading)
        let path: ConfigPath = "paper.fx"
        if baseCurrency != .usd {
            guard case .decimal(let basePrice)? = rates.values[path.appending(baseCurrency.code)]?.value else { return }
            rates.names[path]?.removeAll { $0 == baseCurrency.code }
            rates.values[path.appending(baseCurrency.code)] = nil
            rates.names[path]?.append("USD")
            rates.values[path.appending("USD")] = Found(value: .decimal(.one), origin: .builtIn)
            for name in rates.names[path] ?? [] {
                guard case .decimal(let dollars)? = rates.values[path.appending(name)]?.value,
                    let rate = try? dollars.divided(by: basePrice, rounding: .halfEven)
                else { continue }
                rates.values[path.appending(name)]?.value = .decimal(rate)
            }
        }
        resolver.found.fill(from: rates)
    }
}

extension SettingsBuilder {
    mutating func build(paths: Paths) -> Settings {
        let instruments = buildInstruments()
        let agents = buildAgents()
        let profiles = buildProfiles(instruments)
        let brokers = buildBrokers(profiles)
        let risk = buildRisk()
        let selected = selectedProfile(among: profiles)
        var settings = Settings(
            mode: mode, paths: paths, baseCurrency: baseCurrency,
            reportTimeZone: resolver.text("trading.report_time_zone") ?? "UTC", profiles: profiles,
            selectedProfile: selected, instruments: instruments, agents: agents, decision: buildDecision(),
            orders: buildOrders(minOrderValue: risk.minOrderValue), paper: buildPaper(), brokers: brokers,
            routing: buildRouting(), risk: risk, alerts: buildAlerts(), calendarOverrides: buildCalendar(),
            logLevel: buildLogLevel(), outputFormat: resolver.text("takt.format"), fixedNow: buildNow(),
            anthropicKey: resolver.text("claude.api_key").map { Secret($0) },
            anthropicBaseURL: resolver.text("claude.base_url"), configDigest: Digest(of: ""), notes: [], rows: [])
        noteWithoutEffect()
        let rows = buildRows(paths: paths)
        settings.configDigest = Self.digest(of: rows)
        settings.notes = resolver.found.notes
        settings.rows = rows
        return settings
    }

    private mutating func selectedProfile(among profiles: [Profile]) -> ProfileName? {
        guard let name = resolver.text("takt.profile") else { return nil }
        if !profiles.contains(where: { $0.name.text == name }) {
            let names = profiles.map(\.name.text)
            let nearest = Nearest.match(name, in: names).map { "did you mean \($0)? " } ?? ""
            resolver.fail(
                resolver.resolve("takt.profile").origin, "takt.profile", "no profile is named '\(name)'",
                hint: "\(nearest)configured: \(names.joined(separator: ", "))")
        }
        return ProfileName(name)
    }

    private mutating func buildLogLevel() -> LogLevel {
        let word = resolver.text("logging.level")
        return word == "warn" ? .warning : word.flatMap { LogLevel(rawValue: $0) } ?? .info
    }

    private mutating func buildNow() -> Instant? {
        guard let text = resolver.text("takt.now") else { return nil }
        if mode == .live {
            resolver.fail(
                resolver.resolve("takt.now").origin, "takt.now", "a fixed clock is refused in live mode",
                hint: "leave out --now and TAKT_NOW, or set TRADING_MODE=paper")
        }
        return Instant(rfc3339: text)
    }

    private mutating func buildAgents() -> AgentSettings {
        let fast = resolver.integer("agents.sma-cross.fast")
        let slow = resolver.integer("agents.sma-cross.slow")
        if fast >= slow, resolver.resolve("agents.sma-cross.slow").value != nil {
            let fastOrigin = resolver.resolve("agents.sma-cross.fast").origin
            let isFastGiven = fastOrigin != .builtIn
            resolver.fail(
                isFastGiven ? fastOrigin : resolver.resolve("agents.sma-cross.slow").origin,
                isFastGiven ? "agents.sma-cross.fast" : "agents.sma-cross.slow",
                "the fast average (\(fast) bars) is not shorter than the slow one (\(slow) bars)",
                hint: "choose fast < slow")
        }
        checkHybridWeights()
        return AgentSettings(
            smaCross: AgentSettings.SMACross(fast: fast, slow: slow),
            momentum: AgentSettings.Momentum(
                lookback: resolver.integer("agents.momentum.lookback"),
                threshold: resolver.fraction("agents.momentum.threshold")),
            weights: buildWeights(), raw: rawAgents())
    }

    /// The two shares of the original hybrid agent; each alone is completed by nothing, so only the pair is checked.
    private mutating func checkHybridWeights() {
        let path: ConfigPath = "agents.hybrid_agent.claude_weight"
        guard let first = resolver.optionalDecimal("agents.hybrid_agent.rl_weight"),
            let second = resolver.optionalDecimal(path), let sum = try? first + second, sum != .one
        else { return }
        resolver.fail(
            resolver.resolve(path).origin, path, "rl_weight and claude_weight add up to \(sum), not to 1",
            hint: "change them so that their sum is 1")
    }

    private mutating func buildWeights() -> [AgentName: Fraction] {
        let path: ConfigPath = "agents.weights"
        var weights: [AgentName: Fraction] = [:]
        var sum = FixedPoint.zero
        let names = resolver.names(path)
        for name in names {
            let origin = resolver.resolve(path.appending(name)).origin
            checkAgent(name, path.appending(name), origin)
            let weight = resolver.fraction(path.appending(name))
            weights[AgentName(name)] = weight
            sum = (try? sum + weight.value) ?? sum
        }
        if !names.isEmpty, sum != .one {
            resolver.fail(
                resolver.found.blocks[path] ?? .builtIn, path, "the weights add up to \(sum), not to 1",
                hint: "change them so that their sum is 1, or leave all of them out")
        }
        return weights
    }

    mutating func checkAgent(_ name: String, _ path: ConfigPath, _ origin: Origin) {
        guard !AgentSettings.knownNames.contains(name) else { return }
        let nearest = Nearest.match(name, in: AgentSettings.knownNames).map { "did you mean \($0)? " } ?? ""
        resolver.fail(
            origin, path, "takt has no agent '\(name)'",
            hint: "\(nearest)known: \(AgentSettings.knownNames.joined(separator: ", "))")
    }

    private func rawAgents() -> [String: [String: String]] {
        var raw: [String: [String: String]] = [:]
        for (path, found) in resolver.found.values where path.parts.count >= 3 && path.parts[0] == "agents" {
            guard !["sma-cross", "momentum", "weights"].contains(path.parts[1]) else { continue }
            let key = path.parts[2...].joined(separator: ".")
            raw[path.parts[1], default: [:]][key] = found.value.description
        }
        return raw
    }
}
