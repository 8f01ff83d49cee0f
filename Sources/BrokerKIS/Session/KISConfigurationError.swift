/// Something in the configuration of the KIS connection cannot be used. Holds no secret.
public struct KISConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The setting: `brokers.kis.account_no`.
    public let key: String
    public let detail: String
    public let cure: String

    init(key: String, detail: String, cure: String) {
        self.key = key
        self.detail = detail
        self.cure = cure
    }

    public var description: String { "\(key): \(detail); nothing was sent. To do: \(cure)" }
}

/// The settings as messages name them.
enum KISConfigurationKey {
    static let appKey = "brokers.kis.app_key (KIS_APP_KEY)"
    static let appSecret = "brokers.kis.app_secret (KIS_APP_SECRET)"
    static let account = "brokers.kis.account_no (KIS_ACCOUNT_NO)"
    static let baseURL = "brokers.kis.base_url (KIS_BASE_URL)"
    static let quoteAppKey = "brokers.kis.quotes.app_key (KIS_QUOTE_APP_KEY)"
    static let quoteAppSecret = "brokers.kis.quotes.app_secret (KIS_QUOTE_APP_SECRET)"
    static let quoteBaseURL = "brokers.kis.quotes.base_url"
    static let rate = "brokers.kis.calls_per_second"
}
