public import Core

/// How much an alert matters. Ordered: `info < warning < error < critical`.
public enum Severity: String, Hashable, Sendable, CaseIterable, Comparable {
    /// Good to know: a daily report, a test.
    case info
    /// Look today: a break, a stale symbol.
    case warning
    /// Something failed and needs a hand: a rejected order, a broker that stays away.
    case error
    /// Look now: orders in doubt, a halt, an emergency shutdown.
    case critical

    private var rank: Int {
        switch self {
        case .info: 0
        case .warning: 1
        case .error: 2
        case .critical: 3
        }
    }

    public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

    /// This severity and all above it.
    public static func from(_ lowest: Severity) -> Set<Severity> { Set(allCases.filter { $0 >= lowest }) }
}

/// One thing to tell the operator, as it stands in the outbox.
public struct AlertMessage: Hashable, Sendable {
    public struct Field: Hashable, Sendable {
        public let name: String
        public let value: String
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The outbox row's number; the same at every attempt and on every channel.
    public let id: Int64
    public let severity: Severity
    /// What happened, as a stable word for filters and throttling: `order-in-doubt`, `halt`.
    public let kind: String
    /// One line.
    public let title: String
    /// What happened, to which object, how things stand, what to do. May have several lines, may be empty.
    public let body: String
    /// Facts to show as a table: symbol, order id, amounts.
    public let fields: [Field]
    public let createdAt: Instant
    /// How many alerts of the same kind and key were held back since the last one that was sent.
    public let suppressedCount: Int
    public let cycle: CycleID?
    public let profile: ProfileName?

    public init(
        id: Int64, severity: Severity, kind: String, title: String, body: String = "", fields: [Field] = [],
        createdAt: Instant, suppressedCount: Int = 0, cycle: CycleID? = nil, profile: ProfileName? = nil
    ) {
        self.id = id
        self.severity = severity
        self.kind = kind
        self.title = title
        self.body = body
        self.fields = fields
        self.createdAt = createdAt
        self.suppressedCount = suppressedCount
        self.cycle = cycle
        self.profile = profile ?? cycle?.profile
    }

    /// The title on one line: line breaks and other control characters become blanks. Never empty.
    public var headline: String {
        let words = title.unicodeScalars.split { $0.value < 0x20 || [0x7F, 0x2028, 0x2029].contains($0.value) }
        let line = words.map { String(String.UnicodeScalarView($0)) }.joined(separator: " ")
        return line.allSatisfy(\.isWhitespace) ? kind : line
    }

    /// "and 12 more like it were held back"; `nil` if none were.
    public var suppressedNote: String? {
        suppressedCount > 0 ? "\(suppressedCount) more of this kind were held back" : nil
    }
}

/// Where an alert comes from: shown on every channel, since one Slack room often hears several boxes.
public struct AlertOrigin: Hashable, Sendable {
    public let host: String
    /// `paper` or `live`.
    public let mode: String

    public init(host: String, mode: String) {
        self.host = host
        self.mode = mode
    }
}

extension AlertMessage {
    /// What `alert test` sends: one alert of each of these severities, so that routing shows as well. They are numbered
    /// from `firstID` on.
    public static func tests(
        severities: [Severity] = Severity.allCases, firstID: Int64, now: Instant, origin: AlertOrigin
    ) -> [AlertMessage] {
        severities.enumerated().map { index, severity in
            AlertMessage(
                id: firstID + Int64(index), severity: severity, kind: "test",
                title: "takt test alert (\(severity.rawValue))",
                body: "Nothing happened. If you can read this, \(severity.rawValue) alerts reach you on this channel.",
                fields: [
                    Field("Host", origin.host), Field("Mode", origin.mode), Field("Severity", severity.rawValue),
                    Field("Special characters", "<&> 삼성전자 €"),
                ],
                createdAt: now)
        }
    }
}
