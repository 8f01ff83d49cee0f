public import Core

/// The limits. Fractions are of equity in the base currency unless said otherwise.
public struct RiskSettings: Hashable, Sendable {
    /// Limits of one instrument where they differ from the general ones.
    public struct SymbolLimits: Hashable, Sendable {
        public var maxPositionSize: Fraction?
        public var stopLoss: Fraction?
    }

    /// What an emergency shutdown does besides halting trading and telling so.
    public struct EmergencyActions: Hashable, Sendable {
        public var cancelAll: Bool
        public var closeAll: Bool
    }

    public var dailyLossLimit: Fraction
    public var positionSizeLimit: Fraction
    /// Fraction of a position's cost at which it is closed.
    public var stopLoss: Fraction
    public var stopLossEnabled: Bool
    /// Total loss of the initial capital at which everything stops.
    public var emergencyShutdownLoss: Fraction
    public var maxDailyOrders: Int
    public var maxPositionCount: Int
    /// Gross exposure over equity; 1 is unlevered.
    public var maxLeverage: FixedPoint
    public var maxDailyClaudeCalls: Int
    /// In the base currency.
    public var minOrderValue: Money
    /// The largest distance of an order's price from the last price, as a fraction of it.
    public var priceBand: Fraction
    /// In the base currency; `nil` is no limit of its own.
    public var maxOrderNotional: Money?
    /// The age beyond which a price is stale; `nil` means twice the profile's timeframe.
    public var staleAfterSeconds: Int?
    public var maxOrdersPerMinute: Int?
    public var perSymbol: [Symbol: SymbolLimits]
    public var onEmergency: EmergencyActions
    /// `testing.disable_limits`: limits are reported but do not refuse. Refused at loading in live mode.
    public var limitsDisabled: Bool
}

public enum AlertLevel: String, Hashable, Sendable, CaseIterable { case info, warning, error, critical }

public struct AlertSettings: Hashable, Sendable {
    public struct Slack: Hashable, Sendable {
        public var enabled: Bool
        public var webhookURL: Secret?
        public var levels: [AlertLevel]
        /// Enabled and complete: alerts go out.
        public var isReady: Bool { enabled && webhookURL != nil }
    }

    public struct Email: Hashable, Sendable {
        public var enabled: Bool
        public var to: String?
        public var from: String?
        /// `smtp://user:password@host:port` (STARTTLS where offered) or `smtps://…`.
        public var smtpURL: Secret?
        /// A PEM file of certificate authorities in place of the system's.
        public var caFile: String?
        public var levels: [AlertLevel]
        /// Enabled and complete: alerts go out.
        public var isReady: Bool { enabled && to != nil && smtpURL != nil }
    }

    public var slack: Slack
    public var email: Email
    /// The same alert is sent once in this time.
    public var dedupeSeconds: Int
    public var maxAttempts: Int
}
