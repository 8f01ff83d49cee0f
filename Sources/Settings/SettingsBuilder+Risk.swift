internal import Core

extension SettingsBuilder {
    mutating func buildRisk() -> RiskSettings {
        let disabled = resolver.bool("testing.disable_limits")
        if disabled, mode == .live {
            resolver.fail(
                resolver.resolve("testing.disable_limits").origin, "testing.disable_limits",
                "limits cannot be switched off in live mode", hint: "remove the key, or set TRADING_MODE=paper")
        }
        for key: ConfigPath in ["emergency.actions.lock_trading", "emergency.actions.send_alert"]
        where !resolver.bool(key) {
            resolver.fail(
                resolver.resolve(key).origin, key, "an emergency always halts trading and tells you",
                hint: "remove the key; what may be left out is cancel_all_orders and close_all_positions")
        }
        noteEmergencyFirst()
        return RiskSettings(
            dailyLossLimit: resolver.fraction("risk_limits.daily_loss_limit"),
            positionSizeLimit: resolver.fraction("risk_limits.position_size_limit"),
            stopLoss: resolver.fraction("risk_limits.stop_loss_pct"),
            stopLossEnabled: resolver.bool("stop_loss.enabled"),
            emergencyShutdownLoss: resolver.fraction("risk_limits.emergency_shutdown_loss"),
            maxDailyOrders: resolver.integer("risk_limits.max_daily_orders"),
            maxPositionCount: resolver.integer("risk_limits.max_position_count"),
            maxLeverage: resolver.decimal("risk_limits.max_leverage"),
            maxDailyClaudeCalls: resolver.integer("risk_limits.max_daily_claude_calls"),
            minOrderValue: Money(resolver.decimal("risk_limits.min_order_value"), baseCurrency),
            priceBand: resolver.fraction("risk_limits.price_band"), maxOrderNotional: maxOrderNotional(),
            staleAfterSeconds: resolver.optionalInteger("risk_limits.stale_after_seconds"),
            maxOrdersPerMinute: resolver.optionalInteger("risk_limits.max_orders_per_minute"),
            perSymbol: symbolLimits(),
            onEmergency: RiskSettings.EmergencyActions(
                cancelAll: resolver.bool("emergency.actions.cancel_all_orders"),
                closeAll: resolver.bool("emergency.actions.close_all_positions")),
            limitsDisabled: disabled)
    }

    /// Legal, and hardly meant: the emergency would close everything before the day's limit could stop new risk.
    private mutating func noteEmergencyFirst() {
        let key: ConfigPath = "risk_limits.emergency_shutdown_loss"
        let (emergency, daily) = (resolver.fraction(key), resolver.fraction("risk_limits.daily_loss_limit"))
        guard emergency < daily else { return }
        resolver.note(
            resolver.resolve(key).origin, key,
            "the emergency limit (\(emergency)) is below the daily limit (\(daily)) and acts before it")
    }

    private mutating func maxOrderNotional() -> Money? {
        let key: ConfigPath = "risk_limits.max_order_value"
        guard let value = resolver.optionalDecimal(key) else { return nil }
        let least = resolver.decimal("risk_limits.min_order_value")
        if value == .zero, least == .zero {
            resolver.fail(
                resolver.resolve(key).origin, key, "the largest order is 0, which allows none",
                hint: "write an amount above 0, or leave the key out for no limit")
        }
        if value < least {
            resolver.fail(
                resolver.resolve(key).origin, key, "the largest order (\(value)) is below the smallest (\(least))",
                hint: "raise it, or lower risk_limits.min_order_value")
        }
        return Money(value, baseCurrency)
    }

    private mutating func symbolLimits() -> [Symbol: RiskSettings.SymbolLimits] {
        var limits: [Symbol: RiskSettings.SymbolLimits] = [:]
        for name in resolver.names("symbols") {
            let path = ConfigPath(["symbols", name])
            let size = resolver.optionalDecimal(path.appending("max_position_size")).map { Fraction($0) }
            let stop = resolver.optionalDecimal(path.appending("stop_loss_percentage")).map { Fraction($0) }
            guard size != nil || stop != nil else { continue }
            limits[Symbol(name)] = RiskSettings.SymbolLimits(maxPositionSize: size, stopLoss: stop)
        }
        return limits
    }

    mutating func buildAlerts() -> AlertSettings {
        AlertSettings(
            slack: AlertSettings.Slack(
                enabled: resolver.bool("alerts.slack.enabled"),
                webhookURL: resolver.text("alerts.slack.webhook_url").map { Secret($0) },
                levels: levels("alerts.slack.levels")),
            email: AlertSettings.Email(
                enabled: resolver.bool("alerts.email.enabled"), to: resolver.text("alerts.email.to"),
                from: resolver.text("alerts.email.from"), smtpURL: smtpURL(),
                caFile: file("alerts.email.ca_file"), levels: levels("alerts.email.levels")),
            dedupeSeconds: resolver.integer("alerts.dedupe_seconds"),
            maxAttempts: resolver.integer("alerts.max_attempts"))
    }

    private mutating func levels(_ path: ConfigPath) -> [AlertLevel] {
        resolver.texts(path).compactMap { AlertLevel(rawValue: $0) }
    }

    /// The original files give host and port instead of an address.
    private mutating func smtpURL() -> Secret? {
        let key: ConfigPath = "alerts.email.smtp_url"
        if let text = resolver.text(key) { return Secret(text) }
        guard let server = resolver.text("alerts.email.smtp_server") else { return nil }
        return Secret("smtp://\(server):\(resolver.integer("alerts.email.smtp_port"))")
    }
}
