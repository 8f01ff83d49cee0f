/// A text that names one kind of thing. Two kinds of id cannot be mixed up.
public protocol TextID: Hashable, Sendable, Comparable, CustomStringConvertible {
    var text: String { get }
    init(_ text: String)
}

extension TextID {
    public var description: String { text }
    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// The ticker under which `symbols.yaml` lists an instrument, unique within a configuration: `NVDA`, `005930`.
public struct Symbol: TextID {
    public let text: String
    public init(_ text: String) { self.text = text }
}

/// An exchange by its ISO 10383 market identifier code: `XNAS`, `XKRX`.
public struct ExchangeID: TextID {
    public let text: String
    public init(_ text: String) { self.text = text }
}

/// An instrument on its exchange: `XNAS.NVDA`.
public struct InstrumentID: TextID {
    public let text: String
    public init(_ text: String) { self.text = text }
    public init(exchange: ExchangeID, symbol: Symbol) { text = "\(exchange).\(symbol)" }
}

/// A broker as the configuration names it: `paper`, `kis`, `ib`.
public struct BrokerID: TextID {
    public let text: String
    public init(_ text: String) { self.text = text }
    public static let paper = BrokerID("paper")
    /// Korea Investment & Securities.
    public static let kis = BrokerID("kis")
    /// Interactive Brokers.
    public static let ib = BrokerID("ib")
}

/// An account at a broker, in the broker's own notation.
public struct AccountID: TextID {
    public let text: String
    public init(_ text: String) { self.text = text }
}

/// The number a broker gave to an order. Unique within (broker, account, trading day), or wider where the broker says.
public struct BrokerOrderID: TextID {
    public let text: String
    public init(_ text: String) { self.text = text }
}

/// The number a broker gave to one execution. (broker, account, execution id) is the identity of a fill.
public struct ExecutionID: TextID {
    public let text: String
    public init(_ text: String) { self.text = text }
}

/// A trading profile of `trading.yaml`.
public struct ProfileName: TextID {
    public let text: String
    public init(_ text: String) { self.text = text }
}

/// An agent by its configured name: `sma-cross`.
public struct AgentName: TextID {
    public let text: String
    public init(_ text: String) { self.text = text }

    /// Under this name the proposals of `takt propose` vote.
    public static let propose = AgentName("propose")
}

/// One closed bar of one profile: `us-5m/2026-11-20T15:35:00Z`. Any two runs for the same bar have the same id.
public struct CycleID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let profile: ProfileName
    /// The close of the bar the cycle works on, on a whole second.
    public let barClose: Instant

    public init(profile: ProfileName, barClose: Instant) {
        self.profile = profile
        self.barClose = barClose
    }

    /// Reads `PROFILE/BAR-CLOSE-UTC`; `nil` if the text has another form.
    public init?(_ text: some StringProtocol) {
        guard let slash = text.firstIndex(of: "/"), slash != text.startIndex,
            let close = Instant(rfc3339: text[text.index(after: slash)...]), close.isWholeSecond
        else { return nil }
        self.init(profile: ProfileName(String(text[..<slash])), barClose: close)
    }

    public var text: String { "\(profile)/\(barClose)" }
    public var description: String { text }
    public static func < (left: CycleID, right: CycleID) -> Bool {
        (left.barClose, left.profile) < (right.barClose, right.profile)
    }
}

/// What an order is for. Part of the client order id, so that an exit never collides with an entry of the same bar.
public enum OrderPurpose: String, Hashable, Sendable, CaseIterable {
    case entry
    case exit
    case stopLoss = "stop-loss"
    case takeProfit = "take-profit"
    case flatten
    case manual

    /// Whether the order is meant to bring a position towards zero. Such orders pass a halt.
    public var reducesRisk: Bool {
        switch self {
        case .exit, .stopLoss, .takeProfit, .flatten: true
        case .entry, .manual: false
        }
    }

    /// Whether the risk check itself asks for such orders, to protect the account or because an operator ordered it.
    public var isProtective: Bool {
        switch self {
        case .stopLoss, .flatten: true
        case .entry, .exit, .takeProfit, .manual: false
        }
    }
}

/// An order intent: one decision to trade one instrument once.
public struct IntentID: TextID {
    public let text: String
    public init(_ text: String) { self.text = text }

    /// The same decision gives the same id on every run; that is what makes `decide` and `submit` safe to repeat.
    ///
    /// The readable head tells the operator what it is; the tail is the first 60 bits of the SHA-256 of
    /// `cycle|instrument|leg|purpose` in base 32, so ids of different cycles never meet.
    public init(cycle: CycleID, symbol: Symbol, leg: Int, purpose: OrderPurpose) {
        let seed = Digest(of: "\(cycle)|\(symbol)|\(leg)|\(purpose.rawValue)")
        text = "\(symbol)-\(purpose.rawValue)-\(seed.base32(bits: 60))"
    }
}

/// The id we give an order, sent to brokers that accept one (IB: `orderRef`). One per sending attempt of an intent.
public struct ClientOrderID: TextID {
    public let text: String
    public init(_ text: String) { self.text = text }

    /// Attempt 1 is the intent's own id; a later attempt, made only after the absence of the earlier one is proven,
    /// carries its number, so that a ghost of the earlier attempt can still be told apart.
    public init(intent: IntentID, attempt: Int) {
        text = attempt <= 1 ? intent.text : "\(intent.text)-\(attempt)"
    }

    /// The id under which an order stands in our books that takt did not place, or does not know to have placed.
    public init(external order: BrokerOrderID, broker: BrokerID, account: AccountID) {
        text = "external-\(broker)-\(account)-\(order)"
    }

    /// Whether it has the form of the ids that takt gives to orders in this instrument: an intent's id, and the number of a
    /// later attempt.
    public func hasForm(of symbol: Symbol) -> Bool {
        OrderPurpose.allCases.contains { purpose in
            let head = "\(symbol)-\(purpose.rawValue)-"
            guard text.hasPrefix(head) else { return false }
            let parts = text.dropFirst(head.count).split(separator: "-", omittingEmptySubsequences: false)
            guard (1...2).contains(parts.count), parts[0].count == 12 else { return false }
            return parts.count == 1 || (Int(parts[1]).map { $0 > 1 } ?? false)
        }
    }
}
