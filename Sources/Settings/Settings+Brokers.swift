public import Core

/// The embedded exchange and its conditions.
public struct PaperSettings: Hashable, Sendable {
    public enum FeeModel: String, Hashable, Sendable, CaseIterable { case auto, none, ib, kis }

    /// One amount per currency, ascending by currency.
    public var initialCash: [Money]
    /// Whether the exchange keeps our order id with the order, as IB does and KIS does not.
    public var knowsClientOrderIDs: Bool
    public var account: AccountID
    /// The largest share of a bar's volume that one bar may fill.
    public var participation: Fraction
    /// Adverse price move of market and stop fills, as a fraction of the price.
    public var slippage: Fraction
    public var allowShort: Bool
    /// How long after its acceptance an order may be missing from the exchange's lists.
    public var visibilityDelaySeconds: Int
    public var seed: UInt64
    /// The first day of generated prices.
    public var generatorAnchor: CivilDate
    public var feeModel: FeeModel
    /// Units of the base currency per unit of another, for the embedded exchange only.
    public var fx: [Currency: FixedPoint]
    /// A CSV of corporate actions: `symbol,ex_date,kind,value`.
    public var actionsFile: String?
}

/// One broker connection. What a broker needs and what is absent is checked where the connection is made.
public struct BrokerSettings: Hashable, Sendable {
    public enum AccountKind: String, Hashable, Sendable, CaseIterable { case virtual, real }

    public var enabled: Bool
    public var markets: [String]
    public var host: String?
    public var port: Int?
    public var clientID: Int?
    public var account: AccountID?
    public var environment: AccountKind?
    public var appKey: Secret?
    public var appSecret: Secret?
    public var baseURL: String?
    public var webSocketURL: String?
    public var timeoutSeconds: Int
    /// For reads only; nothing that can create or change an order is ever retried by the transport.
    public var retries: Int
}

extension Settings {
    /// Whether orders of any profile go to the embedded exchange. Where they do not, its account is nobody's, and its cash no
    /// part of the equity.
    public var tradesOnPaperExchange: Bool {
        let hasReal = brokers.contains { name, broker in
            name != .paper && broker.enabled && !(name == .ib && ib.isReadOnly)
        }
        return profiles.contains { $0.broker == .paper || ($0.broker == .auto && !hasReal) }
    }
}

/// What only Korea Investment & Securities needs.
public struct KISSettings: Hashable, Sendable {
    public enum CustomerType: String, Hashable, Sendable, CaseIterable { case personal, corporate }

    /// A key pair for prices and bars alone.
    public struct Quotes: Hashable, Sendable {
        public var appKey: Secret
        public var appSecret: Secret
        public var environment: BrokerSettings.AccountKind
        public var baseURL: String?
        /// `nil` for what is usual in the environment.
        public var callsPerSecond: FixedPoint?
    }

    public var quotes: Quotes?
    /// The login name.
    public var htsID: Secret?
    public var customerType: CustomerType
    /// Of the trading keys; `nil` for what is usual in the environment.
    public var callsPerSecond: FixedPoint?
    /// A limit that stands in for a market order lies this far beyond the best price.
    public var marketOrderCollar: Fraction
    public var visibilityDelaySeconds: Int
    /// Per cent of the value; `nil` for the published rate.
    public var commissionPercent: FixedPoint?
    public var overseasCommissionPercent: FixedPoint?
}

/// What only Interactive Brokers needs.
public struct IBSettings: Hashable, Sendable {
    /// IANA name of the zone that the gateway was logged in with.
    public var loginZone: String
    /// When the gateway restarts every day, by the clock of that zone.
    public var restartSecondOfDay: Int
    /// Bars and questions only: it takes no orders and is not reconciled.
    public var isReadOnly: Bool
    /// IB is asked what an entry would come to before risk judges it.
    public var asksBeforeOrders: Bool
    public var allowShort: Bool
    public var visibilityDelaySeconds: Int
    /// How long a command waits until the gateway lets it in.
    public var connectSeconds: Int
    /// The deadline of a request for bars.
    public var barsTimeoutSeconds: Int

    /// Whether an account of IB's says that it is a paper one: `DU…`, and `DF…` and `DI…` of advisors.
    public static func isPaper(_ account: AccountID) -> Bool { account.text.hasPrefix("D") }

    /// Whether it looks like an account of IB's at all.
    static func isAccount(_ text: String) -> Bool {
        (5...16).contains(text.utf8.count)
            && text.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
    }
}

public struct RoutingSettings: Hashable, Sendable {
    public struct Rule: Hashable, Sendable {
        /// Regular expressions over the symbol, as in the file.
        public var symbols: [String]
        /// `auto` or a broker.
        public var broker: Profile.BrokerChoice
        public var strategy: RoutingStrategy
        public var reason: String?
    }

    public var defaultStrategy: RoutingStrategy
    public var rules: [Rule]
}

/// One change of an exchange's calendar, for days the embedded calendar does not know.
public struct CalendarChange: Hashable, Sendable {
    public enum Change: Hashable, Sendable {
        case closed
        /// Seconds since local midnight of the exchange.
        case hours(openSecondOfDay: Int, closeSecondOfDay: Int)
    }

    public var exchange: ExchangeID
    public var date: CivilDate
    public var change: Change
}
