/// One stream of one symbol (or of one customer's orders).
public struct KISRegistration: Hashable, Sendable, CustomStringConvertible {
    public let stream: KISStreamKind
    /// `tr_key`: `005930`, `DNASAAPL`; for notices the HTS id, which is not printed.
    public let key: String

    public init(_ stream: KISStreamKind, _ key: String) {
        self.stream = stream
        self.key = key
    }

    public var description: String { "\(stream.rawValue) \(stream.isNotice ? "•••" : key)" }
}

/// Who goes first, and who is dropped last, when a session has too few registrations.
public enum KISRegistrationPriority: Int, Hashable, Sendable, Comparable {
    case orderNotices, heldTrades, trades, books

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A registration that somebody wants.
public struct KISWantedRegistration: Hashable, Sendable {
    public let registration: KISRegistration
    public let priority: KISRegistrationPriority

    public init(_ registration: KISRegistration, _ priority: KISRegistrationPriority) {
        self.registration = registration
        self.priority = priority
    }
}
