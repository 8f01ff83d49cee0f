internal import Core

extension SettingsBuilder {
    mutating func buildPaper() -> PaperSettings {
        let account = resolver.text("paper.account") ?? "PAPER-1"
        return PaperSettings(
            initialCash: amounts("paper.initial_cash").map { Money($0.value, $0.key) }
                .sorted { $0.currency < $1.currency },
            knowsClientOrderIDs: resolver.bool("paper.knows_client_order_ids"), account: AccountID(account),
            participation: resolver.fraction("paper.participation"), slippage: resolver.fraction("paper.slippage"),
            allowShort: resolver.bool("paper.allow_short"),
            visibilityDelaySeconds: resolver.integer("paper.visibility_delay_seconds"),
            seed: UInt64(max(0, resolver.integer("paper.seed"))),
            generatorAnchor: resolver.text("paper.generator_anchor").flatMap { QuickRead.date($0) }
                ?? CivilDate(daysSinceEpoch: 20_455),
            feeModel: resolver.word("paper.fee_model", or: .auto), fx: amounts("paper.fx"),
            actionsFile: file("paper.actions_file"))
    }

    /// A block of amounts by currency.
    private mutating func amounts(_ path: ConfigPath) -> [Currency: FixedPoint] {
        var result: [Currency: FixedPoint] = [:]
        for name in resolver.names(path) {
            let key = path.appending(name)
            guard let currency = QuickRead.currency(name) else {
                resolver.fail(
                    resolver.resolve(key).origin, key, "'\(name)' is no currency",
                    hint: "write its three capital letters: USD, KRW")
                continue
            }
            if let amount = resolver.optionalDecimal(key) { result[currency] = amount }
        }
        return result
    }

    mutating func buildBrokers(_ profiles: [Profile]) -> [BrokerID: BrokerSettings] {
        var brokers: [BrokerID: BrokerSettings] = [:]
        for name in ["kis", "ib", "paper"] { brokers[BrokerID(name)] = broker(name) }
        checkKISEnvironment(profiles)
        checkKIS(profiles, isEnabled: brokers[.kis]?.enabled ?? false)
        checkIB(profiles, brokers[.ib])
        let trades = brokers[.ib]?.enabled == true && !resolver.bool("brokers.ib.read_only")
        let hasReal = trades || brokers[.kis]?.enabled == true
        checkPaperExchange(profiles, isEnabled: brokers[.paper]?.enabled ?? true, hasReal)
        if mode == .live, !brokers.contains(where: { $0.key != .paper && $0.value.enabled }) {
            resolver.fail(
                resolver.resolve("takt.mode").origin, "takt.mode", "live mode has no broker: none is enabled",
                hint: "set brokers.kis.enabled or brokers.ib.enabled: true in brokers.yaml")
        }
        return brokers
    }

    private mutating func broker(_ name: String) -> BrokerSettings {
        let path = ConfigPath(["brokers", name])
        // The embedded exchange has no connection: it takes what the table leaves out.
        let isRemote = name != "paper"
        let isEnabled = resolver.bool(path.appending("enabled"))
        return BrokerSettings(
            enabled: isEnabled, markets: resolver.texts(path.appending("markets")),
            host: resolver.text(path.appending("host")), port: resolver.optionalInteger(path.appending("port")),
            clientID: resolver.optionalInteger(path.appending("client_id")),
            account: (resolver.text(path.appending("account_no")) ?? resolver.text(path.appending("account")))
                .map { AccountID($0) },
            environment: resolver.text(path.appending("environment"))
                .flatMap { BrokerSettings.AccountKind(rawValue: $0) },
            appKey: resolver.text(path.appending("app_key")).map { Secret($0) },
            appSecret: resolver.text(path.appending("app_secret")).map { Secret($0) },
            baseURL: resolver.text(path.appending("base_url")),
            webSocketURL: resolver.text(path.appending("ws_url")),
            timeoutSeconds: isRemote ? resolver.integer(path.appending("timeout")) : 10,
            retries: isRemote ? resolver.integer(path.appending("max_retries")) : 0)
    }

    mutating func buildKIS() -> KISSettings {
        let path: ConfigPath = "brokers.kis"
        let quotes = path.appending("quotes")
        let (key, secret) = (
            resolver.text(quotes.appending("app_key")), resolver.text(quotes.appending("app_secret"))
        )
        if (key == nil) != (secret == nil) {
            let given = quotes.appending(key == nil ? "app_secret" : "app_key")
            resolver.fail(
                resolver.resolve(given).origin, given, "half a key pair: the other half is missing",
                hint: "set both KIS_QUOTE_APP_KEY and KIS_QUOTE_APP_SECRET, or neither")
        }
        let base = quotes.appending("base_url")
        if key == nil, secret == nil, resolver.text(base) != nil {
            resolver.note(
                resolver.resolve(base).origin, base,
                "without effect: there are no quote keys (KIS_QUOTE_APP_KEY, KIS_QUOTE_APP_SECRET)")
        }
        return KISSettings(
            quotes: key.flatMap { key in
                secret.map { secret in
                    KISSettings.Quotes(
                        appKey: Secret(key), appSecret: Secret(secret),
                        environment: resolver.word(quotes.appending("environment"), or: .real),
                        baseURL: resolver.text(base),
                        callsPerSecond: resolver.optionalDecimal(quotes.appending("calls_per_second")))
                }
            },
            htsID: resolver.text(path.appending("hts_id")).map { Secret($0) },
            customerType: resolver.word(path.appending("customer_type"), or: .personal),
            callsPerSecond: resolver.optionalDecimal(path.appending("calls_per_second")),
            marketOrderCollar: resolver.fraction(path.appending("market_order_collar")),
            visibilityDelaySeconds: resolver.integer(path.appending("visibility_delay_seconds")),
            commissionPercent: resolver.optionalDecimal(path.appending("commission_percent")),
            overseasCommissionPercent: resolver.optionalDecimal(path.appending("overseas_commission_percent")))
    }

    /// A profile on a connection that is switched off would never trade. Keys that are missing are another matter: whoever wants
    /// to halt or to look needs none, and who connects is told.
    private mutating func checkKIS(_ profiles: [Profile], isEnabled: Bool) {
        guard !isEnabled, let user = profiles.first(where: { $0.broker == .kis || $0.bars == .kis }) else { return }
        let key: ConfigPath = "brokers.kis.enabled"
        resolver.fail(
            resolver.resolve(key).origin, key, "profile '\(user.name)' needs KIS, and it is switched off",
            hint: "set brokers.kis.enabled: true in brokers.yaml")
    }

    mutating func buildIB() -> IBSettings {
        let path: ConfigPath = "brokers.ib"
        return IBSettings(
            loginZone: resolver.text(path.appending("time_zone")) ?? "America/New_York",
            restartSecondOfDay: resolver.integer(path.appending("restart")),
            isReadOnly: resolver.bool(path.appending("read_only")),
            asksBeforeOrders: resolver.bool(path.appending("what_if")),
            allowShort: resolver.bool(path.appending("allow_short")),
            visibilityDelaySeconds: resolver.integer(path.appending("visibility_delay_seconds")),
            connectSeconds: resolver.integer(path.appending("connect_seconds")),
            barsTimeoutSeconds: resolver.integer(path.appending("bars_timeout")))
    }

    /// As ``checkKIS(_:isEnabled:)``; and an account says by its name whether it is a paper one. What the gateway's login says is
    /// known when it is connected.
    private mutating func checkIB(_ profiles: [Profile], _ broker: BrokerSettings?) {
        let path: ConfigPath = "brokers.ib"
        guard let broker, broker.enabled else {
            guard let user = profiles.first(where: { $0.broker == .ib || $0.bars == .ib }) else { return }
            let key = path.appending("enabled")
            return resolver.fail(
                resolver.resolve(key).origin, key,
                "profile '\(user.name)' needs Interactive Brokers, and it is switched off",
                hint: "set brokers.ib.enabled: true in brokers.yaml")
        }
        if resolver.bool(path.appending("read_only")), let user = profiles.first(where: { $0.broker == .ib }) {
            let key = path.appending("read_only")
            resolver.fail(
                resolver.resolve(key).origin, key,
                "profile '\(user.name)' sends its orders to Interactive Brokers, and only reading is allowed there",
                hint: "set brokers.ib.read_only: false, or send the orders elsewhere")
        }
        checkIBAccount(broker.account)
    }

    private mutating func checkIBAccount(_ account: AccountID?) {
        guard let account else { return }
        let key: ConfigPath = "brokers.ib.account"
        let origin = resolver.resolve(key).origin
        guard IBSettings.isAccount(account.text) else {
            return resolver.fail(
                origin, key, "this is no account of Interactive Brokers",
                hint: "write it as TWS shows it: DU1234567 (paper), U1234567 (live)")
        }
        switch (mode, IBSettings.isPaper(account)) {
        case (.paper, false):
            resolver.fail(
                origin, key, "a live account is refused in paper mode",
                hint: "name the paper account (DU…), or set TRADING_MODE=live if you mean it")
        case (.live, true):
            resolver.fail(
                origin, key, "a paper account is refused in live mode",
                hint: "name the live account, or set TRADING_MODE=paper")
        case (.paper, true), (.live, false): break
        }
    }

    /// A profile on an exchange that is switched off would never trade.
    private mutating func checkPaperExchange(_ profiles: [Profile], isEnabled: Bool, _ hasReal: Bool) {
        guard mode == .paper, !isEnabled else { return }
        let key: ConfigPath = "brokers.paper.enabled"
        for profile in profiles where profile.broker == .paper || (profile.broker == .auto && !hasReal) {
            resolver.fail(
                resolver.resolve(key).origin, key,
                "profile '\(profile.name)' trades on the embedded exchange, and it is switched off",
                hint: "set brokers.paper.enabled: true, or take the profile out")
        }
    }

    /// Without a rate into the base currency there is no equity, so no limit could be judged and nothing would be opened.
    mutating func checkRates(_ profiles: [Profile], _ instruments: [Symbol: Instrument], _ paper: PaperSettings) {
        guard mode == .paper else { return }
        let traded = profiles.flatMap(\.symbols).compactMap { instruments[$0]?.currency }
        let held = paper.initialCash.filter { $0.amount != .zero }.map(\.currency)
        let lacking = Set(traded + held).subtracting(paper.fx.keys).subtracting([baseCurrency])
        guard !lacking.isEmpty else { return }
        let key: ConfigPath = "trading.base_currency"
        let names = lacking.sorted().map(\.code)
        resolver.fail(
            resolver.resolve(key).origin, key,
            "no rate turns \(names.joined(separator: " and ")) into \(baseCurrency), so equity could not be known",
            hint: "write paper.fx: {\(names.map { "\($0): …" }.joined(separator: ", "))}, in \(baseCurrency) per unit")
    }

    /// Real credentials never in paper mode, paper ones never in live mode.
    private mutating func checkKISEnvironment(_ profiles: [Profile]) {
        let key: ConfigPath = "brokers.kis.environment"
        let kind = resolver.text(key)
        let origin = resolver.resolve(key).origin
        if mode == .paper, kind == "real" {
            resolver.fail(
                origin, key, "a real account is refused in paper mode",
                hint: "set KIS_ENVIRONMENT=virtual, or TRADING_MODE=live if you mean it")
        }
        let isUsed = profiles.contains { $0.broker == .kis || $0.broker == .auto }
        if mode == .live, kind == "virtual", isUsed {
            resolver.fail(
                origin, key, "a paper account is refused in live mode",
                hint: "set KIS_ENVIRONMENT=real, or TRADING_MODE=paper")
        }
    }

    mutating func buildRouting() -> RoutingSettings {
        let path: ConfigPath = "routing.rules"
        var rules: [RoutingSettings.Rule] = []
        for name in resolver.names(path) {
            let rule = path.appending(name)
            let symbols = resolver.texts(rule.appending("symbols"))
            if symbols.isEmpty, !resolver.hasError(below: rule) {
                resolver.fail(
                    resolver.origin(ofBlock: rule), rule.appending("symbols"), "the rule names no symbol",
                    hint: "write symbols: [\"^[0-9]{6}$\"]")
            }
            rules.append(
                RoutingSettings.Rule(
                    symbols: symbols, broker: resolver.word(rule.appending("broker"), or: .auto),
                    strategy: strategy(rule.appending("strategy")), reason: resolver.text(rule.appending("reason"))))
        }
        return RoutingSettings(defaultStrategy: strategy("routing.default_strategy"), rules: rules)
    }
}
