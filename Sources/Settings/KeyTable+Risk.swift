extension KeyTable {
    private static let limit = ValueType.fraction("0.0001", "1")
    private static let orders = ValueType.integer(1...100_000)
    private static let leverage = ValueType.decimal("0.01", "20")

    static let risk: [KeyEntry] = [
        .key(
            .risk, "risk_limits.daily_loss_limit", limit, default: "0.05", unit: "of equity",
            "Loss of a day that halts."),
        .key(
            .risk, "risk_limits.position_size_limit", limit, default: "0.30", unit: "of equity", "The largest position."
        ),
        .key(
            .risk, "risk_limits.stop_loss_pct", limit, default: "0.02", unit: "of cost", "Loss that closes a position."),
        .key(.risk, "stop_loss.enabled", .bool, default: "true", "Whether positions are closed by stop-loss."),
        .key(
            .risk, "risk_limits.emergency_shutdown_loss", limit, default: "0.10", unit: "of initial capital",
            "Total loss that stops everything."),
        .key(.risk, "risk_limits.max_daily_orders", orders, default: "100", unit: "orders", "Orders a day."),
        .key(.risk, "risk_limits.max_position_count", orders, default: "10", unit: "positions", "Positions at a time."),
        .key(
            .risk, "risk_limits.max_leverage", leverage, default: "1.0", unit: "× equity", "Gross exposure over equity."
        ),
        .key(
            .risk, "risk_limits.max_daily_claude_calls", count, default: "200", unit: "calls",
            isIdle: true, "Claude calls a day."),
        .key(
            .risk, "risk_limits.min_order_value", amount, default: "100", unit: "base currency", "The smallest order."),
        .key(
            .risk, "risk_limits.price_band", limit, default: "0.10", unit: "of the price",
            "How far an order's price may lie from the last price."),
        .key(.risk, "risk_limits.max_order_value", amount, unit: "base currency", "The largest order; none if absent."),
        .key(
            .risk, "risk_limits.stale_after_seconds", .integer(1...604_800), unit: "s",
            "The age beyond which a bar is stale; the timeframe and its grace if absent."),
        .key(
            .risk, "risk_limits.max_orders_per_minute", orders, unit: "orders", "Orders a minute; no limit if absent."),
        .key(
            .risk, "emergency.actions.cancel_all_orders", .bool, default: "true",
            "First step of an emergency shutdown."),
        .key(
            .risk, "emergency.actions.close_all_positions", .bool, default: "true", "Second step of it."),
        .key(
            .risk, "emergency.actions.lock_trading", .bool, default: "true",
            "Third step: a halt until `takt resume`. Only true: safety waits on nobody."),
        .key(.risk, "emergency.actions.send_alert", .bool, default: "true", "Last step of it. Only true."),
        .key(
            .risk, "testing.disable_limits", .bool, default: "false", isIdle: true,
            "Limits warn only; refused in live mode."),
    ]

    /// Most binding first: risk.yaml's original blocks, then the `risk:` block of trading.yaml.
    static let riskAliases: [KeyEntry] = [
        .alias(.risk, "daily_limits.max_daily_loss", limit, of: "risk_limits.daily_loss_limit"),
        .alias(.risk, "daily_limits.max_daily_trades", orders, of: "risk_limits.max_daily_orders"),
        .alias(.risk, "position_limits.max_position_size", limit, of: "risk_limits.position_size_limit"),
        .alias(.risk, "position_limits.max_concurrent_positions", orders, of: "risk_limits.max_position_count"),
        .alias(.risk, "position_limits.max_leverage", leverage, of: "risk_limits.max_leverage"),
        .alias(.risk, "position_limits.min_position_size", amount, of: "risk_limits.min_order_value"),
        .alias(.risk, "stop_loss.percentage", limit, of: "risk_limits.stop_loss_pct"),
        .alias(.risk, "emergency.max_total_loss", limit, of: "risk_limits.emergency_shutdown_loss"),
        .alias(.risk, "rate_limiting.max_orders_per_minute", orders, of: "risk_limits.max_orders_per_minute"),
        .alias(.trading, "risk.max_daily_loss", limit, of: "risk_limits.daily_loss_limit"),
        .alias(.trading, "risk.max_position_size", limit, of: "risk_limits.position_size_limit"),
        .alias(.trading, "risk.stop_loss_pct", limit, of: "risk_limits.stop_loss_pct"),
        .alias(.trading, "risk.emergency_shutdown_loss", limit, of: "risk_limits.emergency_shutdown_loss"),
        .alias(.trading, "orders.validation.min_order_value", amount, of: "risk_limits.min_order_value"),
        .alias(.trading, "trading.max_concurrent_positions", orders, of: "risk_limits.max_position_count"),
    ]

    static let riskDeclared: [KeyEntry] = joined(
        KeyEntry.declared(
            .risk, "daily_limits",
            [("max_daily_profit", share), ("max_consecutive_losses", count), ("cooldown_period", count)]),
        KeyEntry.declared(.risk, "position_limits", [("max_sector_concentration", share)]),
        KeyEntry.declared(
            .risk, "stop_loss",
            [
                ("order_type", .choice(["market", "limit", "stop"])), ("trailing.enabled", .bool),
                ("trailing.percentage", share), ("time_based.enabled", .bool),
                ("time_based.max_holding_period", seconds),
            ]),
        KeyEntry.declared(
            .risk, "take_profit",
            [
                ("enabled", .bool), ("percentage", .fraction("0", "10")), ("partial.enabled", .bool),
                ("partial.first_target", .fraction("0", "10")), ("partial.sell_percentage", share),
            ]),
        KeyEntry.declared(
            .risk, "emergency",
            [
                ("actions.disconnect_brokers", .bool), ("auto_recovery.enabled", .bool),
                ("auto_recovery.wait_period", seconds),
            ]),
        KeyEntry.declared(
            .risk, "drawdown",
            [
                ("max_drawdown", share), ("on_max_drawdown.reduce_position_size", .bool),
                ("on_max_drawdown.reduction_factor", share), ("on_max_drawdown.pause_trading", .bool),
                ("recovery_period", seconds),
            ]),
        KeyEntry.declared(
            .risk, "volatility",
            [("adaptive_sizing", .bool), ("max_volatility", share), ("high_volatility_margin", factor)]),
        KeyEntry.declared(.risk, "correlation", [("enabled", .bool), ("max_correlation", share)]),
        KeyEntry.declared(
            .risk, "rate_limiting", [("max_order_value_per_minute", amount), ("min_order_interval", seconds)]),
        marketDeclared)

    private static let marketDeclared: [KeyEntry] = joined(
        KeyEntry.declared(
            .risk, "risk_scoring",
            [
                ("enabled", .bool), ("max_risk_score", factor), ("factors.volatility", share),
                ("factors.position_size", share), ("factors.drawdown", share), ("factors.market_conditions", share),
                ("factors.claude_assessment", share),
            ]),
        KeyEntry.declared(
            .risk, "market_conditions",
            [
                ("check_market_hours", .bool), ("check_circuit_breakers", .bool), ("check_news_events", .bool),
                ("vix_threshold", factor), ("on_high_vix.reduce_position_size", .bool),
                ("on_high_vix.reduction_factor", share), ("on_high_vix.increase_stop_loss", .bool),
            ]),
        KeyEntry.declared(
            .risk, "account", [("min_balance", amount), ("reserve_cash", amount), ("max_buying_power_usage", share)]),
        KeyEntry.declared(
            .risk, "claude_risk",
            [
                ("enabled", .bool), ("max_risk_level", .choice(["low", "medium", "high"])),
                ("require_approval_above", amount), ("cache_duration", seconds),
            ]),
        KeyEntry.declared(
            .risk, "logging", [("log_risk_checks", .bool), ("log_violations", .bool), ("risk_log_file", .text)]),
        KeyEntry.declared(.risk, "testing", [("reduce_limits", .bool), ("reduction_factor", share)]),
        KeyEntry.declared(
            .risk, "compliance",
            [
                ("pdt_protection", .bool), ("max_day_trades_per_week", count), ("wash_sale_protection", .bool),
                ("keep_audit_trail", .bool), ("audit_trail_path", .text),
            ]))

    static let alertLevels = ["info", "warning", "error", "critical"]
    private static let conditions = [
        "daily_loss_50pct", "daily_loss_75pct", "daily_loss_100pct", "position_stop_loss", "emergency_shutdown",
        "max_drawdown_warning", "high_volatility",
    ]

    static let alerts: [KeyEntry] = joined(
        [
            .key(
                .risk, "alerts.slack.enabled", .bool, default: "true",
                "Whether Slack is told, once an address is given."),
            .key(.risk, "alerts.slack.webhook_url", .webhook, environment: .slackWebhookURL, "The webhook's address."),
            .key(
                .risk, "alerts.slack.levels", .list(.choice(alertLevels)), default: "[warning, error, critical]",
                "Which alerts go there."),
            .key(
                .risk, "alerts.email.enabled", .bool, default: "true",
                "Whether mail is sent, once address and server are given."),
            .key(.risk, "alerts.email.to", .mails, environment: .alertEmail, "Who gets mail, by commas."),
            .alias(.risk, "alerts.email.to_email", .mails, of: "alerts.email.to"),
            .key(.risk, "alerts.email.from", .mail, environment: .smtpFrom, "The sender."),
            .alias(.risk, "alerts.email.from_email", .mail, of: "alerts.email.from"),
            .key(
                .risk, "alerts.email.smtp_url", .mailServer, environment: .smtpURL,
                "The mail server: smtp://user:pass@host:port or smtps://…."),
            .key(.risk, "alerts.email.smtp_server", .address, "Its host, where smtp_url is absent."),
            .key(
                .risk, "alerts.email.smtp_port", .integer(1...65_535), default: "587",
                "Its port, where smtp_url is absent."),
            .key(
                .risk, "alerts.email.ca_file", .text,
                "Certificate authorities (PEM) in place of the system's. Relative to the configuration folder."),
            .key(
                .risk, "alerts.email.levels", .list(.choice(alertLevels)), default: "[error, critical]",
                "Which alerts go there."),
            .key(
                .risk, "alerts.dedupe_seconds", .integer(0...604_800), default: "3600", unit: "s",
                "The same alert goes out once in this time."),
            .key(.risk, "alerts.max_attempts", .integer(1...100), default: "8", "Attempts to deliver one alert."),
        ],
        KeyEntry.declared(.risk, "alerts.slack.conditions", conditions.map { ($0, .bool) }),
        KeyEntry.declared(.risk, "alerts.conditions", conditions.map { ($0, .bool) }))
}
