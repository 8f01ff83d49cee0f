internal import Core
internal import Risk
internal import Settings

extension RiskLimits {
    /// The limits of the configuration while a profile's beat runs.
    ///
    /// - Parameter symbols: all that matter: those that other profiles trade come in those profiles' rhythm.
    init(_ settings: Settings, _ profile: Profile, _ symbols: Set<Symbol>) throws {
        let risk = settings.risk
        try self.init(
            dailyLoss: risk.dailyLossLimit, positionSize: risk.positionSizeLimit,
            positionSizeBySymbol: risk.perSymbol.compactMapValues(\.maxPositionSize),
            // Switched off means that only the loss of everything would act.
            stopLoss: risk.stopLossEnabled ? risk.stopLoss : .one,
            stopLossBySymbol: risk.stopLossEnabled ? risk.perSymbol.compactMapValues(\.stopLoss) : [:],
            emergencyShutdownLoss: risk.emergencyShutdownLoss,
            emergencyCancelsOrders: risk.onEmergency.cancelAll, emergencyClosesPositions: risk.onEmergency.closeAll,
            maxDailyOrders: risk.maxDailyOrders,
            maxPositionCount: risk.maxPositionCount, maxLeverage: Fraction(risk.maxLeverage),
            minOrderValue: risk.minOrderValue.amount, maxOrderNotional: risk.maxOrderNotional?.amount,
            priceBand: risk.priceBand,
            staleAfter: Self.staleAfter(settings, profile),
            staleAfterBySymbol: Self.staleAfterBySymbol(settings, profile, symbols),
            maxOrdersPerMinute: risk.maxOrdersPerMinute, allowsShort: settings.decision.allowShort)
    }

    /// No bar by its close plus a grace means stale: the newest bar is then a bar's length and the grace old.
    private static func staleAfter(_ settings: Settings, _ profile: Profile) -> Duration {
        .seconds(settings.risk.staleAfterSeconds ?? profile.timeframe.seconds + profile.graceSeconds)
    }

    /// Symbols that the running profile does not trade come in the rhythm of the profiles that do; the slowest counts.
    private static func staleAfterBySymbol(
        _ settings: Settings, _ profile: Profile, _ symbols: Set<Symbol>
    ) -> [Symbol: Duration] {
        var ages: [Symbol: Duration] = [:]
        for symbol in symbols.subtracting(profile.symbols) {
            ages[symbol] = settings.profiles.filter { $0.symbols.contains(symbol) }
                .map { staleAfter(settings, $0) }.max()
        }
        return ages
    }
}
