internal import Core

/// Makes the plain values out of what was read, and checks them as a whole.
struct SettingsBuilder {
    var resolver: Resolver
    var mode = TradingMode.paper
    var baseCurrency = Currency.usd
    /// Where relative paths in the configuration start.
    private var folder = ""
    private var namedFiles: [NamedFile] = []

    let extendedExchanges: Set<String>
    let checks: SettingsChecks

    init(resolver: Resolver, extendedExchanges: Set<String>, checks: SettingsChecks) {
        self.resolver = resolver
        self.extendedExchanges = extendedExchanges
        self.checks = checks
    }

    /// Applies the defaults that are blocks, where the files leave them out.
    mutating func fillDefaults(hasTradingFile: Bool) {
        mode = resolver.word("takt.mode", or: .paper)
        baseCurrency = resolver.text("trading.base_currency").flatMap { QuickRead.currency($0) } ?? .usd
        fillProfiles(hasTradingFile: hasTradingFile)
        fillCash()
        fillRates()
        resolver.found.fillShares()
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
            return resolver.found.fillProfiles()
        }
        resolver.found.fill(names: ["default"], below: profiles)
        let listed = symbols.value ?? .list([.text("NVDA"), .text("PLTR")])
        resolver.found.values["trading.profiles.default.symbols"] = Found(
            value: listed, origin: symbols.origin, items: symbols.items)
    }

    private mutating func fillCash() {
        let path: ConfigPath = "paper.initial_cash"
        let single = resolver.resolve(path)
        if case .decimal(let amount)? = single.value {
            resolver.found.fill(names: [baseCurrency.code], below: path)
            resolver.found.values[path.appending(baseCurrency.code)] = Found(
                value: .decimal(amount), origin: single.origin)
        } else if !resolver.found.hasAny(path) {
            resolver.found.fillCash()
        }
    }

    /// The embedded rates are dollars per unit; another base currency gets them by way of the dollar.
    private mutating func fillRates() {
        let block: ConfigPath = "paper.fx"
        let code = baseCurrency.code
        guard let own = EmbeddedDefaults.rates.first(where: { $0.currency == code }),
            let base = try? QuickRead.decimal(own.dollars)
        else { return }
        var names: [String] = []
        for rate in EmbeddedDefaults.rates where rate.currency != code {
            guard let dollars = try? QuickRead.decimal(rate.dollars),
                let value = try? dollars.divided(by: base, rounding: .halfEven)
            else { continue }
            resolver.found.fill(block, rate.currency, .decimal(value))
            names.append(rate.currency)
        }
        resolver.found.fill(names: names, below: block)
    }
}

extension SettingsBuilder {
    mutating func build(paths: Paths) -> Settings {
        settle(paths)
        folder = paths.config
        let (paper, alerts) = (buildPaper(), buildAlerts())
        let instruments = buildInstruments()
        let agents = buildAgents()
        let profiles = buildProfiles(instruments)
        checkSessions(profiles, instruments)
        checkConsulted(profiles, agents)
        checkPolicies(profiles, agents)
        checkDeadlines(profiles, agents)
        let brokers = buildBrokers(profiles)
        checkRates(profiles, instruments, paper)
        let risk = buildRisk()
        let decision = buildDecision()
        let features = buildFeatures(window: decision.bufferBars)
        let selected = selectedProfile(among: profiles)
        return Settings(
            mode: mode, paths: paths, baseCurrency: baseCurrency,
            reportTimeZone: resolver.text("trading.report_time_zone") ?? "UTC", profiles: profiles,
            selectedProfile: selected, instruments: instruments, agents: agents, decision: decision,
            features: features, learning: buildLearning(),
            orders: buildOrders(minOrderValue: risk.minOrderValue), paper: paper, brokers: brokers,
            kis: buildKIS(), ib: buildIB(),
            routing: buildRouting(), risk: risk, alerts: alerts, calendarOverrides: buildCalendar(),
            logLevel: buildLogLevel(), outputFormat: resolver.text("takt.format"), fixedNow: buildNow(),
            anthropicKey: resolver.text("claude.api_key").map { Secret($0) },
            anthropicBaseURL: resolver.text("claude.base_url"), notes: finishedNotes(),
            namedFiles: namedFiles,
            effective: EffectiveValues(resolver: resolver))
    }

    /// The places hold whether or not somebody names them.
    private mutating func settle(_ paths: Paths) {
        resolver.setDefault("takt.home", .text(paths.home))
        resolver.setDefault("takt.config", .text(paths.config))
        resolver.setDefault("takt.database", .text(paths.database))
    }

    /// The path of a file that a key names.
    mutating func file(_ key: ConfigPath) -> String? {
        guard let text = resolver.text(key) else { return nil }
        let path = text.hasPrefix("/") ? text : "\(folder)/\(text)"
        namedFiles.append(NamedFile(path: path, key: key.description, origin: resolver.resolve(key).origin))
        return path
    }

    /// All notes, now that everything has been asked for.
    private mutating func finishedNotes() -> [SettingsNote] {
        noteWithoutEffect()
        resolver.noteLosers()
        return resolver.found.notes
    }

    /// Keys that have a value in the settings but that nothing in this build acts upon: nobody shall rely on them.
    private mutating func noteWithoutEffect() {
        let given = resolver.found.idle.sorted { Self.place($0.origin) < Self.place($1.origin) }
        for (path, origin) in given { resolver.note(origin, path, "accepted, without effect in this build") }
    }

    private static func place(_ origin: Origin) -> (String, Int, Int) {
        (origin.file ?? "", origin.line ?? 0, origin.column ?? 0)
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
        return AgentSettings(
            smaCross: AgentSettings.SMACross(fast: fast, slow: slow),
            momentum: AgentSettings.Momentum(
                lookback: resolver.integer("agents.momentum.lookback"),
                threshold: resolver.fraction("agents.momentum.threshold")),
            hybrid: buildHybrid(), claude: buildClaude(), ensemble: buildEnsemble(), programs: buildPrograms(),
            weights: buildWeights(), policies: buildPolicies(), raw: rawAgents())
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
                resolver.origin(ofBlock: path), path, "the weights add up to \(sum), not to 1",
                hint: "change them so that their sum is 1, or leave all of them out")
        }
        return weights
    }

    /// - Parameter known: the names that are allowed; `nil` for all.
    mutating func checkAgent(_ name: String, _ path: ConfigPath, _ origin: Origin, among names: [String]? = nil) {
        let known = (names ?? AgentSettings.knownNames) + resolver.names("agents")
        guard !known.contains(name) else { return }
        let nearest = Nearest.match(name, in: known).map { "did you mean \($0)? " } ?? ""
        resolver.fail(
            origin, path, "takt has no agent '\(name)'",
            hint: "\(nearest)known: \(known.joined(separator: ", ")); a program of yours has its command under agents")
    }

    private func rawAgents() -> [String: [String: String]] {
        var raw: [String: [String: String]] = [:]
        let built = ["sma-cross", "momentum", "weights", "ensemble"] + resolver.names("agents")
        for (text, found) in resolver.found.values.byText where text.utf8.starts(with: "agents.".utf8) {
            let parts = ConfigPath(pattern: text).parts
            guard parts.count >= 3, !built.contains(parts[1]) else { continue }
            raw[parts[1], default: [:]][parts[2...].joined(separator: ".")] = found.value?.description ?? ""
        }
        return raw
    }
}
