extension KeyTable {
    static let paper: [KeyEntry] = joined(
        [
            .key(
                .trading, "paper.initial_cash", amount, unit: "base currency",
                "The cash of an embedded account: one amount, or one per currency; USD 100000 and KRW 100000000 if absent."
            ),
            .key(.trading, "paper.initial_cash.*", amount, "The cash in one currency."),
            .alias(.trading, "paper_trading.initial_cash", amount, of: "paper.initial_cash"),
            .key(
                .trading, "paper.knows_client_order_ids", .bool, default: "true",
                "Whether the embedded exchange keeps our order ids, as IB does and KIS does not."),
            .key(.trading, "paper.account", .text, default: "PAPER-1", "The name of the embedded account."),
            .key(
                .trading, "paper.participation", .fraction("0.0001", "1"), default: "0.1", unit: "of a bar's volume",
                "The most that one bar may fill."),
            .key(
                .trading, "paper.slippage", .fraction("0", "0.5"), default: "0.0002", unit: "of the price",
                "Adverse move."),
            .key(.trading, "paper.allow_short", .bool, default: "false", "Whether the exchange takes short sales."),
            .key(
                .trading, "paper.visibility_delay_seconds", .integer(0...3600), default: "0", unit: "s",
                "How long a new order may be missing from the exchange's lists."),
            .key(.trading, "paper.seed", .integer(0...Int.max), default: "20261120", "The seed of generated prices."),
            .key(
                .trading, "paper.generator_anchor", .date, default: "2026-01-02", "The first day of generated prices."),
            .key(.trading, "paper.fee_model", .choice(["auto", "none", "ib", "kis"]), default: "auto", "Whose fees."),
            .key(
                .trading, "paper.fx.*", .decimal("0.00000001", "100000000"), unit: "base currency per unit",
                "An exchange rate of the embedded exchange."),
            .key(
                .trading, "paper.actions_file", .text,
                "A CSV of corporate actions: symbol,ex_date,kind,value. Relative to the configuration folder."),
        ],
        KeyEntry.declared(
            .trading, "paper_trading",
            [
                ("enabled", .bool), ("simulate_slippage", .bool), ("slippage_range", .list(share)),
                ("simulate_commission", .bool), ("commission_per_share", amount), ("simulate_delays", .bool),
                ("execution_delay_range", .list(seconds)),
            ]))

    static let brokers: [KeyEntry] = joined(
        common("kis", enabled: "false", markets: "[KR, US, CN, JP]"),
        [
            .key(.brokers, "brokers.kis.app_key", .secret, environment: .kisAppKey, "The application key."),
            .key(.brokers, "brokers.kis.app_secret", .secret, environment: .kisAppSecret, "The application secret."),
            .key(.brokers, "brokers.kis.account_no", .account, environment: .kisAccount, "The account: 12345678-01."),
            .key(
                .brokers, "brokers.kis.environment", .choice(["virtual", "real"]), environment: .kisEnvironment,
                "Paper (virtual) or real account."),
            .key(.brokers, "brokers.kis.base_url", .address, environment: .kisBaseURL, "Another REST address."),
            .key(.brokers, "brokers.kis.ws_url", .address, environment: .kisWebSocketURL, "Another stream address."),
        ],
        kis,
        common("ib", enabled: "false", markets: "[US, EU, ASIA, CA]"),
        [],
        ib,
        [
            .key(.brokers, "brokers.paper.enabled", .bool, default: "true", "The embedded exchange."),
            .key(
                .brokers, "brokers.paper.markets", .list(.market), default: "[US, KR]", isIdle: true,
                "Markets the embedded exchange takes."),
            .key(
                .brokers, "routing.default_strategy", .choice(strategies), default: "auto",
                "How `broker: auto` is settled where the profile does not say."),
            .key(
                .brokers, "routing.rules.[].symbols", .list(.pattern), isIdle: true, "Regular expressions over symbols."
            ),
            .key(.brokers, "routing.rules.[].broker", .choice(brokerChoices), default: "auto", "Where they go."),
            .key(
                .brokers, "routing.rules.[].strategy", .choice(strategies), default: "auto",
                "Which strategy then holds."),
            .key(.brokers, "routing.rules.[].reason", .text, "Why, for the reader."),
        ])

    private static let kis: [KeyEntry] = [
        .key(
            .brokers, "brokers.kis.quotes.app_key", .secret, environment: .kisQuoteAppKey,
            "A real application key for prices and bars alone: the virtual host has none of past days, nor of foreign shares."
        ),
        .key(
            .brokers, "brokers.kis.quotes.app_secret", .secret, environment: .kisQuoteAppSecret,
            "The secret that belongs to it."),
        .key(
            .brokers, "brokers.kis.quotes.environment", .choice(["virtual", "real"]), default: "real",
            "The host of the quote keys."),
        .key(.brokers, "brokers.kis.quotes.base_url", .address, "Another REST address for quotes."),
        .key(
            .brokers, "brokers.kis.quotes.calls_per_second", .decimal("0.1", "20"), unit: "calls",
            "As calls_per_second, of the quote keys."),
        .key(
            .brokers, "brokers.kis.hts_id", .secret, environment: .kisHTSID,
            "The login name, under which order notices come through the stream."),
        .key(
            .brokers, "brokers.kis.customer_type", .choice(["personal", "corporate"]), default: "personal",
            "Whose account it is."),
        .key(
            .brokers, "brokers.kis.calls_per_second", .decimal("0.1", "20"), unit: "calls",
            "The most that all your processes ask together with the trading keys; 15 real and 1.8 virtual if absent."),
        .key(
            .brokers, "brokers.kis.market_order_collar", .fraction("0.0005", "0.2"), default: "0.01",
            unit: "of the price",
            "Abroad KIS has no market orders: a limit this far beyond the best price stands in for one."),
        .key(
            .brokers, "brokers.kis.visibility_delay_seconds", .integer(0...600), default: "10", unit: "s",
            "How long a new order may be missing from KIS's lists."),
        .key(
            .brokers, "brokers.kis.commission_percent", .decimal("0", "1"), unit: "% of the value",
            "Your commission on Korean shares; 0.0140527 (online) if absent."),
        .key(
            .brokers, "brokers.kis.overseas_commission_percent", .decimal("0", "2"), unit: "% of the value",
            "Your commission on foreign shares; 0.25 if absent."),
    ]

    private static let ib: [KeyEntry] = [
        .key(.brokers, "brokers.ib.host", .text, default: "127.0.0.1", environment: .ibHost, "TWS or IB Gateway."),
        .key(
            .brokers, "brokers.ib.port", .integer(1...65_535), default: "7497", environment: .ibPort,
            "7497 paper and 7496 live (TWS), 4002 and 4001 (Gateway)."),
        .key(
            .brokers, "brokers.ib.client_id", .integer(0...999_990), default: "1", environment: .ibClientID,
            "The number that orders are placed under (0 counts as 1); the nine after it are takt's as well, for reading."
        ),
        .key(
            .brokers, "brokers.ib.account", .account, environment: .ibAccount,
            "The account: DU1234567. It may be left out where the login has one only."),
        .key(
            .brokers, "brokers.ib.time_zone", .zone, default: "America/New_York",
            "The zone that the gateway was logged in with: some times of IB's name none."),
        .key(
            .brokers, "brokers.ib.restart", .clock, default: "23:45",
            "When the gateway restarts every day, by the clock of time_zone: then it may be away for a quarter of an hour."
        ),
        .key(
            .brokers, "brokers.ib.read_only", .bool, default: "false",
            "Bars and questions only: no order goes there, and nothing is reconciled. For a gateway with the Read-Only API."
        ),
        .key(
            .brokers, "brokers.ib.what_if", .bool, default: "false",
            "Ask IB what every entry would come to before risk-check judges it: refused where the margin lacks or IB objects."
        ),
        .key(.brokers, "brokers.ib.allow_short", .bool, default: "false", "Whether the account may sell short."),
        .key(
            .brokers, "brokers.ib.visibility_delay_seconds", .integer(0...600), default: "10", unit: "s",
            "How long a new order may be missing from IB's lists."),
        .key(
            .brokers, "brokers.ib.connect_seconds", .integer(1...600), default: "45", unit: "s",
            "How long a command waits until the gateway lets it in, a client id in use included."),
        .key(
            .brokers, "brokers.ib.bars_timeout", .integer(5...600), default: "60", unit: "s",
            "The deadline of a request for bars, which IB slows down for those who ask much."),
    ]

    private static func common(_ broker: String, enabled: String, markets: String) -> [KeyEntry] {
        let block = ConfigPath(["brokers", broker])
        return [
            .key(.brokers, block.appending("enabled"), .bool, default: enabled, "Whether takt connects to it."),
            .key(.brokers, block.appending("markets"), .list(.market), default: markets, "Markets it may be used for."),
            .key(
                .brokers, block.appending("timeout"), .integer(1...600), default: "10", unit: "s",
                "The deadline of a request."),
            .alias(.risk, "risk_limits.connection_timeout", .integer(1...600), of: block.appending("timeout")),
            .key(
                .brokers, block.appending("max_retries"), .integer(0...20), default: "3",
                broker == "ib" ? "Attempts to repeat a connection." : "Attempts to repeat a read."),
            .alias(.risk, "risk_limits.max_retry_attempts", .integer(0...20), of: block.appending("max_retries")),
        ]
    }

    private static let brokerDeclared: [(String, ValueType)] = [
        ("name", .text), ("api_type", .text), ("reconnect_delay", seconds),
        ("rate_limit.requests_per_second", count), ("rate_limit.orders_per_minute", count),
        ("features.paper_trading", .bool), ("features.real_time_data", .bool), ("features.historical_data", .bool),
        ("features.order_execution", .bool), ("features.websocket_streaming", .bool),
        ("features.options_trading", .bool), ("features.futures_trading", .bool), ("features.forex_trading", .bool),
    ]

    static let brokersDeclared: [KeyEntry] = joined(
        KeyEntry.declared(.brokers, "brokers.kis", brokerDeclared),
        KeyEntry.declared(
            .brokers, "brokers.ib", brokerDeclared + [("tws.auto_start", .bool), ("tws.path", .text)]),
        KeyEntry.declared(.brokers, "routing", [("fallback.enabled", .bool), ("fallback.max_attempts", count)]),
        KeyEntry.declared(
            .brokers, "health_check",
            [
                ("enabled", .bool), ("interval", seconds), ("timeout", seconds), ("on_failure.log", .bool),
                ("on_failure.alert", .bool), ("on_failure.reconnect", .bool),
                ("on_failure.max_reconnect_attempts", count),
            ]),
        KeyEntry.declared(
            .brokers, "logging",
            [
                ("log_connections", .bool), ("log_disconnections", .bool), ("log_orders", .bool),
                ("log_data_streams", .bool), ("log_level", .choice(logLevels)),
            ]))
}
