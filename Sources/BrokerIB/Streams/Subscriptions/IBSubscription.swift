public import Core

/// Something that a stream can bring.
public enum IBSubscription: Hashable, Sendable {
    /// Quotes and trades as IB samples them, a few times a second at most.
    case quotes(Symbol)
    /// Trades in bars of five seconds, and the longer bars that are made of them.
    case bars(Symbol)
    /// Bars of one length that IB makes and keeps up to date, with those of the day so far.
    case keptBars(Symbol, Timeframe)
    /// Profit and loss of an account.
    case profit(AccountID)
    /// The same of one position.
    case positionProfit(AccountID, Symbol)
    /// Values and holdings of an account. IB gives those of one account at a time.
    case account(AccountID)

    /// What it is about; `nil` for a whole account.
    public var symbol: Symbol? {
        switch self {
        case .quotes(let symbol), .bars(let symbol), .keptBars(let symbol, _), .positionProfit(_, let symbol): symbol
        case .profit, .account: nil
        }
    }

    public var account: AccountID? {
        switch self {
        case .profit(let account), .positionProfit(let account, _), .account(let account): account
        case .quotes, .bars, .keptBars: nil
        }
    }

    /// What IB counts it as.
    enum Room: Hashable { case line, history, none }

    var room: Room {
        switch self {
        case .quotes, .bars: .line
        case .keptBars: .history
        case .profit, .positionProfit, .account: .none
        }
    }

    /// `quotes`, `bars`, `kept-bars`, `profit`, `position-profit`, `account`.
    public var name: String {
        switch self {
        case .quotes: "quotes"
        case .bars: "bars"
        case .keptBars: "kept-bars"
        case .profit: "profit"
        case .positionProfit: "position-profit"
        case .account: "account"
        }
    }
}

/// Who goes first, and who gives way, when there are too few lines.
public enum IBSubscriptionPriority: Int, Hashable, Sendable, Comparable {
    /// What the account has.
    case account
    /// Instruments that are held, or have orders at work.
    case held
    /// Instruments that may be traded.
    case traded
    /// Only looked at.
    case watched

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A subscription that somebody wants.
public struct IBWantedSubscription: Hashable, Sendable {
    public let subscription: IBSubscription
    /// `nil` for a whole account.
    public let instrument: Instrument?
    public let priority: IBSubscriptionPriority
    /// What is asked for; of quotes only.
    public let feed: IBFeed
    /// Whether delayed prices are better than none. Never where they are traded on.
    public let allowsDelayed: Bool

    private init(
        _ subscription: IBSubscription, _ instrument: Instrument?, _ priority: IBSubscriptionPriority,
        feed: IBFeed = .live, allowsDelayed: Bool = false
    ) {
        self.subscription = subscription
        self.instrument = instrument
        self.priority = priority
        self.feed = feed
        self.allowsDelayed = allowsDelayed
    }

    public static func quotes(
        of instrument: Instrument, _ priority: IBSubscriptionPriority = .traded, feed: IBFeed = .live,
        allowsDelayed: Bool = false
    ) -> Self {
        Self(.quotes(instrument.symbol), instrument, priority, feed: feed, allowsDelayed: allowsDelayed)
    }

    public static func bars(of instrument: Instrument, _ priority: IBSubscriptionPriority = .traded) -> Self {
        Self(.bars(instrument.symbol), instrument, priority)
    }

    /// `nil` for a length that IB has no bars of.
    public static func keptBars(
        of instrument: Instrument, _ timeframe: Timeframe, _ priority: IBSubscriptionPriority = .traded
    ) -> Self? {
        guard IBBarSize(keptUpToDate: timeframe) != nil else { return nil }
        return Self(.keptBars(instrument.symbol, timeframe), instrument, priority)
    }

    public static func profit(of account: AccountID) -> Self { Self(.profit(account), nil, .account) }

    public static func profit(of account: AccountID, in instrument: Instrument) -> Self {
        Self(.positionProfit(account, instrument.symbol), instrument, .account)
    }

    public static func account(_ account: AccountID) -> Self { Self(.account(account), nil, .account) }
}

extension IBBarSize {
    /// `nil` for a length that takt does not keep up to date: a day's bar is over with its session, and asked for then.
    init?(keptUpToDate timeframe: Timeframe) {
        switch timeframe.seconds {
        case 60: self = .minute1
        case 300: self = .minutes5
        case 600: self = .minutes10
        case 900: self = .minutes15
        case 1800: self = .minutes30
        case 3600: self = .hour1
        default: return nil  // of numbers
        }
    }
}
