internal import Core

extension SettingsBuilder {
    mutating func buildProfiles(_ instruments: [Symbol: Instrument]) -> [Profile] {
        resolver.names("trading.profiles").compactMap { name in
            buildProfile(name, ConfigPath(["trading", "profiles", name]), instruments)
        }
    }

    private mutating func buildProfile(
        _ name: String, _ path: ConfigPath, _ instruments: [Symbol: Instrument]
    ) -> Profile? {
        let block = resolver.origin(ofBlock: path)
        // The name becomes part of file names and of cycle ids.
        let isName = name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45
                || byte == 95
        }
        guard isName, !name.isEmpty, name.utf8.count <= 40 else {
            resolver.fail(
                block, path, "the profile's name cannot stand in file names",
                hint: "use letters, digits, '-' and '_', at most 40")
            return nil
        }
        let symbols = profileSymbols(path, block, instruments)
        let broker = resolver.word(path.appending("broker"), or: Profile.BrokerChoice.auto)
        if mode == .live, broker == .paper {
            let origin = resolver.resolve(path.appending("broker")).origin
            resolver.fail(
                origin, path.appending("broker"), "the embedded exchange is refused in live mode",
                hint: "write broker: kis, ib or auto, or set TRADING_MODE=paper")
        }
        checkTimeframe(path.appending("timeframe"))
        return Profile(
            name: ProfileName(name), symbols: symbols,
            timeframe: resolver.text(path.appending("timeframe")).flatMap { QuickRead.timeframe($0) } ?? .fiveMinutes,
            session: resolver.word(path.appending("session"), or: .regular), broker: broker,
            strategy: profileStrategy(path), agents: profileAgents(path),
            bars: resolver.word(path.appending("bars"), or: .auto),
            graceSeconds: resolver.integer(path.appending("grace_seconds")))
    }

    private mutating func checkTimeframe(_ key: ConfigPath) {
        guard resolver.text(key) == "1d" else { return }
        resolver.fail(
            resolver.resolve(key).origin, key, "this build trades bars of minutes and hours, not of days",
            hint: "write 1m, 5m, 15m, 30m or 1h")
    }

    private mutating func profileSymbols(
        _ path: ConfigPath, _ block: Origin, _ instruments: [Symbol: Instrument]
    ) -> [Symbol] {
        let key = path.appending("symbols")
        let given = resolver.resolve(key)
        let names = resolver.texts(key)
        if names.isEmpty, !resolver.hasError(below: key) {
            resolver.fail(
                given.value == nil ? block : given.origin, key, "the profile trades no symbol",
                hint: "write symbols: [NVDA]")
        }
        let configured = Set(resolver.names("symbols"))
        var seen: Set<String> = []
        for (index, name) in names.enumerated() {
            let origin = index < given.items.count ? given.items[index] : given.origin
            if !seen.insert(name).inserted {
                resolver.fail(origin, key, "'\(name)' stands in the list a second time", hint: "keep one of them")
            } else if instruments[Symbol(name)] == nil, !configured.contains(name) {
                let known = configured.sorted()
                let nearest = Nearest.match(name, in: known).map { "did you mean \($0)? " } ?? ""
                resolver.fail(
                    origin, key, "symbols.yaml does not list '\(name)'",
                    hint: "\(nearest)add it there, or use one of: \(known.joined(separator: ", "))")
            }
        }
        checkMarkets(key, given, names, instruments)
        return names.map { Symbol($0) }
    }

    /// A cycle is named by the close of one bar, and its report by one day: a profile has the sessions of one market.
    private mutating func checkMarkets(
        _ key: ConfigPath, _ given: Found, _ names: [String], _ instruments: [Symbol: Instrument]
    ) {
        var first: Instrument?
        for (index, name) in names.enumerated() {
            guard let next = instruments[Symbol(name)] else { continue }
            guard let first else {
                first = next
                continue
            }
            let (own, other) = (first.exchange.text, next.exchange.text)
            if EmbeddedDefaults.market(of: own) == EmbeddedDefaults.market(of: other) { continue }
            let profile = key.parts.dropLast().last ?? ""
            return resolver.fail(
                index < given.items.count ? given.items[index] : given.origin, key,
                "profile '\(profile)' mixes markets: \(first.symbol) trades on \(own), \(next.symbol) on \(other), "
                    + "and their sessions differ", hint: "make a profile of its own for each market")
        }
    }

    private mutating func profileAgents(_ path: ConfigPath) -> [AgentName] {
        let key = path.appending("agents")
        let given = resolver.resolve(key)
        let names = resolver.texts(key)
        if names.isEmpty, given.value != nil, !resolver.hasError(below: key) {
            resolver.fail(given.origin, key, "the profile has no agent", hint: "write agents: [sma-cross]")
        }
        for (index, name) in names.enumerated() {
            let place = index < given.items.count ? given.items[index] : given.origin
            checkAgent(name, key, place)
            if names[..<index].contains(name) {
                resolver.fail(
                    place, key, "the agent '\(name)' stands here twice, and has one vote",
                    hint: "name it once; agents.weights gives it more weight")
            }
        }
        checkVotes(of: names, key, given.origin)
        return names.map { AgentName($0) }
    }

    /// Once weights are given, an agent they leave out has none: somebody in the profile must be heard.
    private mutating func checkVotes(of names: [String], _ key: ConfigPath, _ origin: Origin) {
        let weights: ConfigPath = "agents.weights"
        let given = resolver.names(weights)
        guard !given.isEmpty, !names.isEmpty, !resolver.hasError(below: weights), !resolver.hasError(below: key) else {
            return
        }
        for name in names where given.contains(name) {
            if resolver.decimal(weights.appending(name)) > .zero { return }
        }
        resolver.fail(
            origin == .builtIn ? resolver.origin(ofBlock: weights) : origin, key,
            "none of the profile's agents has a weight above 0, so nobody decides",
            hint: "give one of them a share in agents.weights, or leave all weights out")
    }

    /// A profile that says nothing is routed as all are.
    private mutating func profileStrategy(_ profile: ConfigPath) -> RoutingStrategy {
        let own = profile.appending("strategy")
        return resolver.resolve(own).origin == .builtIn ? strategy("routing.default_strategy") : strategy(own)
    }

    mutating func strategy(_ path: ConfigPath) -> RoutingStrategy {
        let word = resolver.text(path)
        if word == "balanced" {
            resolver.note(resolver.resolve(path).origin, path, "'balanced' is read as auto")
        }
        return word.flatMap { RoutingStrategy(rawValue: $0) } ?? .auto
    }

    mutating func buildDecision() -> DecisionSettings {
        DecisionSettings(
            minimumConfidence: resolver.fraction("decision.minimum_confidence"),
            bufferBars: resolver.integer("decision.buffer_bars"),
            cooldownBars: resolver.integer("decision.cooldown_bars"),
            noEntryMinutesBeforeClose: resolver.integer("decision.no_entry_minutes_before_close"),
            noEntryMinutesAfterOpen: resolver.integer("decision.no_entry_minutes_after_open"),
            maxCorrelation: resolver.fraction("decision.max_correlation"),
            maxDailyTurnover: Fraction(resolver.decimal("decision.max_daily_turnover")),
            minEdgeRatio: Fraction(resolver.decimal("decision.min_edge_ratio")),
            costPerSide: resolver.fraction("decision.cost_per_side"),
            holdingBars: resolver.integer("decision.holding_bars"),
            allowShort: resolver.bool("decision.allow_short"))
    }

    mutating func buildOrders(minOrderValue: Money) -> OrderSettings {
        OrderSettings(
            defaultType: resolver.word("orders.default_order_type", or: .market), sizing: sizing(),
            timeInForce: resolver.word("orders.time_in_force", or: .day),
            limitOffset: resolver.fraction("orders.limit_offset"), minOrderValue: minOrderValue,
            orderTimeoutSeconds: resolver.integer("orders.timeout_seconds"))
    }

    private mutating func sizing() -> OrderSettings.Sizing {
        let percent = resolver.fraction("orders.position_sizing.percent")
        switch resolver.text("orders.position_sizing.method") {
        case "fixed": return .fixed(Quantity(resolver.decimal("orders.position_sizing.quantity")))
        case "volatility-target":
            let annual = resolver.fraction("orders.position_sizing.annual_volatility")
            checkVolatilityWindow()
            return .volatilityTarget(annual: annual, maxPercent: percent)
        case "kelly":
            return .kelly(
                part: resolver.fraction("orders.position_sizing.kelly_fraction"),
                payoff: Fraction(resolver.decimal("orders.position_sizing.payoff")), maxPercent: percent)
        default: return .percentOfEquity(percent)
        }
    }

    /// The volatility is that of the returns between the bars an agent sees.
    private mutating func checkVolatilityWindow() {
        let key: ConfigPath = "decision.buffer_bars"
        guard let bars = resolver.optionalInteger(key), !(3...10_001).contains(bars) else { return }
        resolver.fail(
            resolver.resolve(key).origin, key, "volatility-target cannot be measured over \(bars) bars",
            hint: "allowed with it is 3 to 10001")
    }

    mutating func buildCalendar() -> [CalendarChange] {
        let path: ConfigPath = "calendar.overrides"
        return resolver.names(path).compactMap { calendarChange(path.appending($0)) }
    }

    private mutating func calendarChange(_ path: ConfigPath) -> CalendarChange? {
        let block = resolver.origin(ofBlock: path)
        guard let exchange = resolver.text(path.appending("exchange")),
            let date = resolver.text(path.appending("date")).flatMap({ QuickRead.date($0) })
        else {
            if !resolver.hasError(below: path) {
                let hint = "write {exchange: XNYS, date: 2026-12-24, …}"
                resolver.fail(block, path, "exchange or date is missing", hint: hint)
            }
            return nil
        }
        let isClosed = resolver.bool(path.appending("closed"))
        let open = resolver.optionalInteger(path.appending("open"))
        let close = resolver.optionalInteger(path.appending("close"))
        switch (isClosed, open, close) {
        case (true, nil, nil): return CalendarChange(exchange: ExchangeID(exchange), date: date, change: .closed)
        case (false, let open?, let close?) where open < close:
            return CalendarChange(
                exchange: ExchangeID(exchange), date: date,
                change: .hours(openSecondOfDay: open, closeSecondOfDay: close))
        default:
            if resolver.hasError(below: path) { return nil }
            resolver.fail(
                block, path, "the day is neither closed nor open from one time to a later one",
                hint: "write closed: true, or open: \"09:30\" and close: \"13:00\"")
            return nil
        }
    }
}
