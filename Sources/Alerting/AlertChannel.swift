internal import Transport

/// A way to reach the operator: Slack, e-mail, the log.
public protocol AlertChannel: Sendable {
    /// Stable: the outbox keeps one row for each alert and channel name.
    var name: String { get }
    /// The severities this channel takes.
    var levels: Set<Severity> { get }
    /// Tries once, within a deadline of the channel's own. Never throws: whatever happens is an outcome.
    func deliver(_ message: AlertMessage) async -> DeliveryOutcome
}

/// What one attempt came to. Details are free of secrets and may be stored and shown.
public enum DeliveryOutcome: Hashable, Sendable {
    case delivered
    /// It may work later; `after` is the least wait that the other side asked for.
    case retry(after: Duration?, detail: String)
    /// It will not work until somebody changes something.
    case refused(detail: String)
}

/// Which channels an alert goes to.
public struct AlertRouting: Hashable, Sendable {
    public struct Route: Hashable, Sendable {
        public let channel: String
        public let levels: Set<Severity>
        public init(channel: String, levels: Set<Severity>) {
            self.channel = channel
            self.levels = levels
        }
    }

    public let routes: [Route]

    public init(routes: [Route]) { self.routes = routes }

    public init(channels: [any AlertChannel]) {
        routes = channels.map { Route(channel: $0.name, levels: $0.levels) }
    }

    /// The names of the channels that take this severity, in the order of configuration; the outbox writes a delivery for
    /// each in the transaction that records the alert.
    public func channels(for severity: Severity) -> [String] {
        routes.filter { $0.levels.contains(severity) }.map(\.channel)
    }
}

extension DeliveryOutcome {
    /// A missing library and a refused certificate are retried as well: once somebody has mended them, the alerts that
    /// told of the trouble still arrive.
    init(_ error: TransportError) {
        switch error {
        case .unresolvedHost, .unreachable, .timedOut, .interrupted, .cancelled, .tlsRefused, .libraryMissing,
            .loginRefused:
            self = .retry(after: nil, detail: error.description)
        case .mailRefused where error.isTransient: self = .retry(after: nil, detail: error.description)
        // An answer too long to read came from something that is no Slack; it would be the same the next time.
        case .responseTooLarge, .invalidRequest, .mailRefused: self = .refused(detail: error.description)
        }
    }
}

/// Writes alerts as log lines, through whatever the composition root gives it. Always at hand, so that an installation
/// without Slack and e-mail still has its alerts somewhere.
public struct LogChannel: AlertChannel {
    public let name: String
    public let levels: Set<Severity>
    private let write: @Sendable (Severity, String) -> Void

    public init(
        name: String = "log", levels: Set<Severity> = Set(Severity.allCases),
        write: @escaping @Sendable (Severity, String) -> Void
    ) {
        self.name = name
        self.levels = levels
        self.write = write
    }

    public func deliver(_ message: AlertMessage) async -> DeliveryOutcome {
        write(message.severity, Self.line(message))
        return .delivered
    }

    /// Everything on one line: a log line that breaks cannot be searched.
    static func line(_ message: AlertMessage) -> String {
        var parts = ["alert \(message.id) \(message.kind): \(message.headline)"]
        if !message.body.isEmpty { parts.append(message.body) }
        parts += message.fields.map { "\($0.name)=\($0.value)" }
        if let cycle = message.cycle { parts.append("cycle=\(cycle)") }
        if let note = message.suppressedNote { parts.append(note) }
        return parts.joined(separator: " | ").split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
