public import Core

/// The whole configuration, decoded once and checked as a whole. No other room sees YAML or the environment.
public struct Settings: Sendable {
    public var mode: TradingMode
    public var paths: Paths
    /// The currency in which equity, limits and reports are expressed.
    public var baseCurrency: Currency
    /// The IANA name of the zone in which reports show times.
    public var reportTimeZone: String
    /// In the order of the file. Never empty.
    public var profiles: [Profile]
    /// The profile that `--profile` or `TAKT_PROFILE` names; `nil` means the first.
    public var selectedProfile: ProfileName?
    public var instruments: [Symbol: Instrument]
    public var agents: AgentSettings
    public var decision: DecisionSettings
    public var features: FeatureSettings
    public var learning: LearningSettings
    public var orders: OrderSettings
    public var paper: PaperSettings
    public var brokers: [BrokerID: BrokerSettings]
    public var kis: KISSettings
    public var ib: IBSettings
    public var routing: RoutingSettings
    public var risk: RiskSettings
    public var alerts: AlertSettings
    public var calendarOverrides: [CalendarChange]
    public var logLevel: LogLevel
    /// `json`, `ndjson` or `table`; `nil` lets the terminal decide.
    public var outputFormat: String?
    /// The clock given by `--now` or `TAKT_NOW`; always `nil` in live mode.
    public var fixedNow: Instant?
    /// Addresses and key of the Claude service.
    public var anthropicKey: Secret?
    public var anthropicBaseURL: String?
    /// The digest of all effective values that shape trading, without secrets and without places, formats and clock.
    public var configDigest: Digest { effective.digest() }
    /// What `config check` tells besides errors.
    public var notes: [SettingsNote]
    /// The files that the configuration names.
    public var namedFiles: [NamedFile]

    var effective: EffectiveValues

    /// Every effective value with its origin, secrets masked, in the order of the key table.
    public func configRows() -> [ConfigRow] { effective.rows() }

    public func profile(named name: ProfileName) -> Profile? { profiles.first { $0.name == name } }
}

/// A file that the configuration names. It is read by who needs it, and by nobody else: certificates that are away must not
/// keep an operator from halting.
public struct NamedFile: Hashable, Sendable {
    /// Relative paths are meant from the configuration folder.
    public let path: String
    public let key: String
    public let origin: Origin

    /// What is wrong if the file cannot be read, as any other error of the configuration.
    public var problem: SettingsError? {
        var errors: [SettingsError] = []
        let isThere = FileReading.isReadable(path, errors: &errors)
        let message = errors.first.map { "the file \(path) \($0.message)" } ?? "there is no file \(path)"
        guard !isThere else { return nil }
        return SettingsError(
            origin: origin, key: key, message: message, hint: "a relative path starts at the configuration folder")
    }
}

public enum TradingMode: String, Hashable, Sendable, CaseIterable { case paper, live }

public enum LogLevel: String, Hashable, Sendable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
}

/// Absolute paths, or paths relative to the current folder if the home folder was given so.
public struct Paths: Hashable, Sendable {
    public var home: String
    public var config: String
    public var database: String
    public var paperDatabase: String
    public var logs: String
    public var reports: String
    public var state: String
    /// What all working folders of a user share: `takt` in `XDG_STATE_HOME`, by default `~/.local/state` (XDG Base Directory
    /// Specification 0.8). `nil` where the environment names no home.
    public var userState: String?

    public init(home: String, config: String? = nil, database: String? = nil, userState: String? = nil) {
        self.userState = userState
        let root = home.count > 1 && home.hasSuffix("/") ? String(home.dropLast()) : home
        self.home = root
        self.config = config ?? "\(root)/config"
        state = "\(root)/state"
        self.database = database ?? "\(root)/state/takt.sqlite"
        // The embedded exchange is a broker of its own: its books lie beside the state database, never inside it.
        let folder = database.flatMap { text in text.lastIndex(of: "/").map { String(text[..<$0]) } }
        paperDatabase = database == nil ? "\(root)/state/paper.sqlite" : "\(folder ?? ".")/paper.sqlite"
        logs = "\(root)/logs"
        reports = "\(root)/reports"
    }
}

/// One trading profile: what is traded, on which beat, by which agents, through which broker.
public struct Profile: Hashable, Sendable {
    /// Whose bars are seen: those of the regular session, or from the pre-market to the after-market.
    public enum SessionKind: String, Hashable, Sendable, CaseIterable { case regular, extended }
    public enum BrokerChoice: String, Hashable, Sendable, CaseIterable { case auto, paper, kis, ib }
    public enum Bars: String, Hashable, Sendable, CaseIterable { case auto, imported, generator, kis, ib }

    public var name: ProfileName
    public var symbols: [Symbol]
    public var timeframe: Timeframe
    public var session: SessionKind
    public var broker: BrokerChoice
    public var strategy: RoutingStrategy
    public var agents: [AgentName]
    public var bars: Bars
    /// How long after a bar's close its data may be missing before it counts as stale.
    public var graceSeconds: Int
}

public enum RoutingStrategy: String, Hashable, Sendable, CaseIterable {
    case auto
    case lowLatency = "low-latency"
    case lowFees = "low-fees"
}

public struct DecisionSettings: Hashable, Sendable {
    /// Votes below it are holds, 0 to 1.
    public var minimumConfidence: Fraction
    public var bufferBars: Int
    /// Bars without a new entry after a trade in the same instrument.
    public var cooldownBars: Int
    public var noEntryMinutesBeforeClose: Int
    /// 0 turns it off.
    public var noEntryMinutesAfterOpen: Int
    /// Of returns, with what is held already; 1 turns it off.
    public var maxCorrelation: Fraction
    /// As a multiple of equity, both sides counted; 0 turns it off.
    public var maxDailyTurnover: Fraction
    /// How many times the cost of both sides the hoped-for move has to be; 0 turns it off.
    public var minEdgeRatio: Fraction
    /// As a share of the value traded.
    public var costPerSide: Fraction
    public var holdingBars: Int
    public var allowShort: Bool
}

public struct OrderSettings: Hashable, Sendable {
    public enum DefaultType: String, Hashable, Sendable, CaseIterable { case market, limit, stop }

    public enum Sizing: Hashable, Sendable {
        case fixed(Quantity)
        case percentOfEquity(Fraction)
        /// Position size such that its yearly volatility is `annual` of equity, at most `maxPercent` of equity.
        case volatilityTarget(annual: Fraction, maxPercent: Fraction)
        /// A part of Kelly's share, at most `maxPercent` of equity.
        case kelly(part: Fraction, payoff: Fraction, maxPercent: Fraction)
    }

    public var defaultType: DefaultType
    public var sizing: Sizing
    public var timeInForce: TimeInForce
    /// Distance of limit prices from the last price, as a fraction of it.
    public var limitOffset: Fraction
    /// In the base currency.
    public var minOrderValue: Money
    public var orderTimeoutSeconds: Int
}
