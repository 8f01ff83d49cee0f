public import Settings

/// A key pair and the host it is for: KIS issues separate pairs for real and virtual trading.
public struct KISAccess: Hashable, Sendable {
    public var environment: KISEnvironment
    public var appKey: Secret
    public var appSecret: Secret
    /// Another REST address than KIS's own: a simulator's.
    public var baseURL: String?
    /// Another rate than the environment's.
    public var rate: CallRate?

    public init(
        environment: KISEnvironment, appKey: Secret, appSecret: Secret, baseURL: String? = nil, rate: CallRate? = nil
    ) {
        self.environment = environment
        self.appKey = appKey
        self.appSecret = appSecret
        self.baseURL = baseURL
        self.rate = rate
    }
}

/// All that the connection to KIS needs to know. Plain values; they are checked where the connection is made.
public struct KISConfiguration: Hashable, Sendable {
    /// `custtype`
    public enum CustomerType: String, Hashable, Sendable, CaseIterable {
        case personal = "P"
        case corporate = "B"
    }

    /// Orders and inquiries.
    public var trading: KISAccess
    /// Prices, bars and holidays; `nil` to ask for them with the trading keys. The virtual host has no minute bars of US
    /// shares, no holidays and more holes: paper trading there wants a real pair here.
    public var quotes: KISAccess?
    public var account: KISAccount
    /// Another address of the stream than KIS's own.
    public var webSocketURL: String?
    public var customerType: CustomerType
    /// The customer's login name, under which order notices are subscribed to.
    public var htsID: Secret?
    /// Holds the access tokens and the counts of calls, for all processes of this user: ``KISTokenFolder``. Mode 0700.
    public var folder: String
    /// For one exchange of request and answer.
    public var requestDeadline: Duration
    /// For a whole call: waiting for a free slot and a token, the retries of a read. An order that has not gone out
    /// `requestDeadline` before it is not sent.
    public var callDeadline: Duration
    /// How often a read is asked again.
    public var readRetries: Int

    public init(
        trading: KISAccess, quotes: KISAccess? = nil, account: KISAccount, webSocketURL: String? = nil,
        customerType: CustomerType = .personal, htsID: Secret? = nil, folder: String,
        requestDeadline: Duration = .seconds(10), callDeadline: Duration = .seconds(30), readRetries: Int = 3
    ) {
        self.trading = trading
        self.quotes = quotes
        self.account = account
        self.webSocketURL = webSocketURL
        self.customerType = customerType
        self.htsID = htsID
        self.folder = folder
        self.requestDeadline = requestDeadline
        self.callDeadline = callDeadline
        self.readRetries = readRetries
    }

    /// Where the stream is; that of the trading environment unless overridden.
    public var webSocketAddress: String { webSocketURL ?? KISAddresses.webSocket(trading.environment) }
}
