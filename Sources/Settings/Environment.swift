#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Every environment name takt reads. No other place spells one.
public enum EnvironmentName: String, Hashable, Sendable, CaseIterable {
    case home = "TAKT_HOME"
    case config = "TAKT_CONFIG"
    case database = "TAKT_DB"
    case profile = "TAKT_PROFILE"
    case format = "TAKT_FORMAT"
    case now = "TAKT_NOW"
    /// Arms crash tests; read from the process environment only, never from `.env`.
    case failpoint = "TAKT_FAILPOINT"
    case noColor = "NO_COLOR"
    case logLevel = "LOG_LEVEL"
    case tradingMode = "TRADING_MODE"
    case kisAppKey = "KIS_APP_KEY"
    case kisAppSecret = "KIS_APP_SECRET"
    case kisAccount = "KIS_ACCOUNT_NO"
    case kisEnvironment = "KIS_ENVIRONMENT"
    case kisBaseURL = "KIS_BASE_URL"
    case kisWebSocketURL = "KIS_WS_URL"
    case kisQuoteAppKey = "KIS_QUOTE_APP_KEY"
    case kisQuoteAppSecret = "KIS_QUOTE_APP_SECRET"
    case kisHTSID = "KIS_HTS_ID"
    case ibHost = "IB_HOST"
    case ibPort = "IB_PORT"
    case ibClientID = "IB_CLIENT_ID"
    case ibAccount = "IB_ACCOUNT"
    case anthropicKey = "ANTHROPIC_API_KEY"
    case anthropicBaseURL = "ANTHROPIC_BASE_URL"
    case slackWebhookURL = "SLACK_WEBHOOK_URL"
    case alertEmail = "ALERT_EMAIL"
    case smtpURL = "SMTP_URL"
    case smtpFrom = "SMTP_FROM"

    public var isSecret: Bool {
        switch self {
        case .kisAppKey, .kisAppSecret, .kisAccount, .kisQuoteAppKey, .kisQuoteAppSecret, .kisHTSID, .ibAccount,
            .anthropicKey,
            .slackWebhookURL, .smtpURL:
            true
        default: false
        }
    }
}

/// The environment variables takt was started with, as a plain value: tests and replays pass their own.
public struct Environment: Sendable {
    private let values: [String: String]

    public init(_ values: [String: String] = [:]) { self.values = values }

    /// A variable's text. One that is set to nothing counts as not set.
    public subscript(name: String) -> String? {
        guard let text = values[name], !text.isEmpty else { return nil }
        return text
    }

    public subscript(name: EnvironmentName) -> String? { self[name.rawValue] }

    /// Where this user's programs keep their state. A relative path does not count, as the specification says.
    var userState: String? {
        let root = self["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let standard = self["HOME"].flatMap { $0.hasPrefix("/") ? "\($0)/.local/state" : nil }
        return (root ?? standard).map { "\($0)/takt" }
    }

    /// What a program of the user's sees of it: where programs and files are, language and time zone, and the variables named.
    /// Everything else, our secrets first of all, is left out.
    public func handedOn(besides names: [String]) -> [String: String] {
        let common = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"]
        return values.filter { name, _ in
            (common.contains(name) || names.contains(name)) && EnvironmentName(rawValue: name)?.isSecret != true
        }
    }

    /// The environment of this process: the only place where the room reads it.
    public static func process() -> Environment {
        var values: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) {
                values[String(text[..<equals])] = String(text[text.utf8.index(after: equals)...])
            }
            next += 1
        }
        return Environment(values)
    }
}
