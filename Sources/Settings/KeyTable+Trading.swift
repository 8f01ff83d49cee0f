extension KeyTable {
    static let switches = ["true", "false"]

    /// What flags and the environment set and no YAML key does.
    static let runtime: [KeyEntry] = [
        .key(
            nil, "takt.mode", .choice(["paper", "live"]), default: "paper", environment: .tradingMode,
            "Paper or live trading."),
        .key(nil, "takt.home", .text, environment: .home, "The working folder."),
        .key(nil, "takt.config", .text, environment: .config, "The folder of the four YAML files."),
        .key(nil, "takt.database", .text, environment: .database, "The state database."),
        .key(nil, "takt.profile", .text, environment: .profile, "The selected trading profile."),
        .key(
            nil, "takt.format", .choice(["json", "ndjson", "table"]), environment: .format, "What stdout carries."),
        .key(nil, "takt.now", .instant, environment: .now, "A fixed clock, for replays; refused in live mode."),
        .key(nil, "claude.api_key", .secret, environment: .anthropicKey, "The key of the Claude service."),
        .key(
            nil, "claude.base_url", .address, environment: .anthropicBaseURL, "Another address of the Claude service."),
    ]

    static let brokerChoices = ["auto", "paper", "kis", "ib"]
    static let strategies = ["auto", "low-latency", "low-fees", "balanced"]

    static let trading: [KeyEntry] = [
        .key(.trading, "trading.symbols", .list(.symbol), "The one profile `default`, where `profiles` is absent."),
        .key(
            .trading, "trading.base_currency", .currency, default: "USD", "The currency of equity, limits and reports."),
        .key(.trading, "trading.report_time_zone", .zone, default: "UTC", "The IANA zone in which reports show times."),
        .key(.trading, "trading.profiles.*.symbols", .list(.symbol), "What the profile trades."),
        .key(
            .trading, "trading.profiles.*.timeframe", .timeframe, default: "5m", "The length of a bar: 5m, 15m, 1h."
        ),
        .key(
            .trading, "trading.profiles.*.session", .choice(["regular", "extended"]), default: "regular",
            "Whose bars are seen: of the regular session, or from the pre-market on. Orders go out in regular hours."),
        .key(.trading, "trading.profiles.*.broker", .choice(brokerChoices), default: "auto", "Where orders go."),
        .key(
            .trading, "trading.profiles.*.strategy", .choice(strategies), default: "auto",
            "How `auto` picks a broker."),
        .key(.trading, "trading.profiles.*.agents", .list(.text), default: "[sma-cross, momentum]", "Who votes."),
        .key(
            .trading, "trading.profiles.*.bars", .choice(["auto", "imported", "generator", "kis", "ib"]),
            default: "auto",
            "Where bars come from."),
        .key(
            .trading, "trading.profiles.*.grace_seconds", .integer(0...3600), default: "90", unit: "s",
            "How late a bar may be before its data counts as stale."),
    ]

    static let tradingRest: [KeyEntry] = [
        .key(.trading, "logging.level", .choice(logLevels), default: "info", environment: .logLevel, "What is logged."),
        .key(.trading, "calendar.overrides.[].exchange", .exchange, "The exchange whose day changes."),
        .key(.trading, "calendar.overrides.[].date", .date, "The day, in the exchange's zone."),
        .key(.trading, "calendar.overrides.[].closed", .bool, "Whether the exchange is closed all day."),
        .key(.trading, "calendar.overrides.[].open", .clock, "The opening, exchange time."),
        .key(.trading, "calendar.overrides.[].close", .clock, "The close, exchange time."),
        .key(.trading, "calendar.overrides.[].reason", .text, "Why, for the reader."),
    ]

    static let logLevels = ["trace", "debug", "info", "notice", "warning", "warn", "error", "critical"]
    static let count = ValueType.integer(0...1_000_000_000)
    static let share = ValueType.fraction("0", "1")
    static let seconds = ValueType.decimal("0", "31536000")
    static let amount = ValueType.decimal("0", "1000000000000")
    static let factor = ValueType.decimal("0", "1000000")

    static let tradingDeclared: [KeyEntry] = joined(
        KeyEntry.declared(
            .trading, "trading",
            [
                ("schedule.market_open", .clock), ("schedule.market_close", .clock),
                ("schedule.extended_hours", .bool), ("schedule.trading_days", .list(.integer(0...6))),
                ("update_frequency", seconds), ("data_frequency", seconds),
                ("max_position_per_symbol", count),
            ]))

    static let tradingDeclaredRest: [KeyEntry] = joined(
        KeyEntry.declared(
            .trading, "data",
            [
                ("indicators.*.enabled", .bool), ("indicators.*.period", count), ("indicators.*.fast", count),
                ("indicators.*.slow", count), ("indicators.*.signal", count), ("indicators.*.fast_period", count),
                ("indicators.*.slow_period", count), ("indicators.*.signal_period", count),
                ("indicators.*.periods", .list(count)), ("indicators.*.std", factor),
                ("indicators.*.std_dev", factor), ("indicators.*.ma_period", count),
                ("normalization.enabled", .bool), ("normalization.method", .text),
            ]),
        KeyEntry.declared(
            .trading, "performance",
            [
                ("metrics", .list(.text)), ("benchmark_symbol", .symbol),
                ("report_frequency", .choice(["hourly", "daily", "weekly"])), ("report_path", .text),
            ]),
        KeyEntry.declared(
            .trading, "learning",
            [
                ("target_update_every", count), ("gamma", share),
                ("save_model_every", count), ("checkpoint_path", .text),
            ]),
        KeyEntry.declared(
            .trading, "logging",
            [
                ("main_log", .text), ("orders_log", .text), ("performance_log", .text), ("claude_log", .text),
                ("rotation.enabled", .bool), ("rotation.max_bytes", count), ("rotation.backup_count", count),
                ("console.enabled", .bool), ("console.level", .choice(logLevels)), ("console.colored", .bool),
            ]))

    static let decisionAndOrders: [KeyEntry] = joined(
        [
            .key(.trading, "decision.minimum_confidence", share, default: "0", "Votes below it are holds."),
            .key(
                .trading, "decision.buffer_bars", .integer(2...100_000), default: "100", unit: "bars",
                "Bars an agent sees."),
            .alias(.trading, "data.buffer_size", .integer(2...100_000), of: "decision.buffer_bars"),
            .key(
                .trading, "decision.cooldown_bars", .integer(0...10_000), default: "0", unit: "bars",
                "Bars without a new entry after a trade in the same instrument."),
            .key(
                .trading, "decision.no_entry_minutes_before_close", .integer(0...390), default: "15", unit: "min",
                "No new position this close to the end of the session."),
            .key(
                .trading, "decision.no_entry_minutes_after_open", .integer(0...390), default: "0", unit: "min",
                "No new position this soon after the beginning of the session."),
            .key(
                .trading, "decision.max_correlation", share, default: "1",
                "No new position whose returns go together by more with those of what is held or on order, in any profile, or that "
                    + "cannot be compared with it for want of common bars; 1 turns it off."),
            .key(
                .trading, "decision.max_daily_turnover", .decimal("0", "1000"), default: "0", unit: "times equity",
                "What may be traded in a day, and be on order and wanted, before new positions are refused; 0 turns it off."
            ),
            .key(
                .trading, "decision.min_edge_ratio", .decimal("0", "100"), default: "0", unit: "times the cost",
                "The move to hope for beside the cost of both sides; 0 turns it off."),
            .key(
                .trading, "decision.cost_per_side", .fraction("0", "0.1"), default: "0.0005", unit: "of the value",
                "Half the spread, commission and slippage, for min_edge_ratio."),
            .key(
                .trading, "decision.holding_bars", .integer(1...10_000), default: "12", unit: "bars",
                "How long a position is usually held, for min_edge_ratio."),
            .key(.trading, "decision.allow_short", .bool, default: "false", "Whether a position may go below zero."),
            .key(
                .trading, "orders.default_order_type", .choice(["market", "limit", "stop"]), default: "market",
                "The type of an entry order."),
            .key(
                .trading, "orders.position_sizing.method",
                .choice(["percent-of-equity", "percentage", "fixed", "volatility-target", "kelly"]),
                default: "percent-of-equity", "How large an order is."),
            .key(
                .trading, "orders.position_sizing.percent", .fraction("0.0001", "1"), default: "0.1", unit: "of equity",
                "For percent-of-equity; the upper end for volatility-target and kelly."),
            .alias(
                .trading, "orders.position_sizing.percentage_of_capital", .fraction("0.0001", "1"),
                of: "orders.position_sizing.percent"),
            .key(
                .trading, "orders.position_sizing.quantity", .decimal("0.00000001", "1000000000"), default: "100",
                unit: "units", "For fixed; 100 if absent."),
            .alias(
                .trading, "orders.position_sizing.fixed_quantity", .decimal("0.00000001", "1000000000"),
                of: "orders.position_sizing.quantity"),
            .key(
                .trading, "orders.position_sizing.annual_volatility", .fraction("0.001", "5"), default: "0.15",
                unit: "of equity a year", "For volatility-target."),
            .key(
                .trading, "orders.position_sizing.kelly_fraction", .fraction("0.01", "1"), default: "0.25",
                unit: "of Kelly's share",
                "For kelly: how much of it is taken. Its probability is that of the votes: p_buy / (p_buy + p_sell)."),
            .key(
                .trading, "orders.position_sizing.payoff", .decimal("0.01", "100"), default: "1",
                unit: "win / loss", "For kelly: the mean gain of a winning trade over the mean loss of a losing one."),
            .key(
                .trading, "orders.time_in_force", .choice(["day", "gtc", "ioc", "fok"]), default: "day",
                "How long orders stand."),
            .key(
                .trading, "orders.limit_offset", .fraction("0", "0.5"), default: "0.0005", unit: "of the price",
                "Distance of a limit price from the last price."),
            .alias(.trading, "orders.limit_orders.price_offset", .fraction("0", "0.5"), of: "orders.limit_offset"),
            .key(
                .trading, "orders.timeout_seconds", .integer(1...86_400), default: "30", unit: "s", isIdle: true,
                "How long an order may go unanswered."),
            .alias(
                .risk, "risk_limits.order_timeout", .integer(1...86_400), of: "orders.timeout_seconds", isIdle: true),
        ],
        KeyEntry.declared(
            .trading, "orders",
            [
                ("market_orders.slippage_tolerance", share), ("limit_orders.timeout", seconds),
                ("stop_orders.trigger_offset", share), ("validation.check_buying_power", .bool),
                ("validation.check_position_limits", .bool), ("validation.check_risk_limits", .bool),
            ]))
}
