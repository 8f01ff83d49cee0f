public import Broker
public import Core
public import Sessions

/// How takt meets a gateway: where it is, as whom, with which account, and how long everything may take.
public struct IBGatewayTerms: Sendable {
    public var host: String
    public var port: Int
    /// `brokers.ib.client_id`; every role has its own numbers from there on.
    public var base: Int
    public var role: IBClientRole
    /// `nil` for the login's only one.
    public var account: AccountID?
    /// Why an account is not one that may be used now, as a sentence; `nil` for one that may.
    public var objection: @Sendable (AccountID) -> String?
    public var instruments: [Instrument]
    /// Those that orders may be for: `brokers.ib.markets`.
    public var markets: [String]
    /// Of the gateway's login, for times that name no zone.
    public var loginZone: ZoneRules
    /// When the gateway restarts every day, by the clock of that zone.
    public var restartSecondOfDay: Int
    public var allowsShort: Bool
    /// Nothing is sent, so a gateway that takes no orders is as good.
    public var isReadOnly: Bool
    /// IB is asked what an entry would come to before risk judges it.
    public var asksBeforeOrders: Bool
    /// How long a new order may be missing from IB's lists.
    public var visibilityDelay: Duration
    /// So many connections in a row may come to nothing.
    public var attempts: Int
    /// For a step of the handshake, and from a question to the end of its answer.
    public var timeout: Duration
    /// The same for bars, which IB slows down for those who ask much.
    public var barsTimeout: Duration
    /// Until the gateway has let us in.
    public var connecting: Duration
    public var calendars: CalendarBook
    /// Where contracts and used order ids are remembered beyond the process; `nil` remembers nothing.
    public var memoryFolder: String?
    public var clock: IBClock
    /// Raised, nobody waits for the gateway any more, and no further order of a batch goes out.
    public var isStopping: @Sendable () -> Bool
    /// Is told what becomes of the connection.
    public var tell: @Sendable (IBNotice) -> Void
    /// Is told, in a sentence, of everything that kept a list from being complete.
    public var trouble: @Sendable (String) -> Void

    /// Everything that is not given has its usual value.
    public init(
        host: String, port: Int, base: Int, role: IBClientRole, account: AccountID?, instruments: [Instrument],
        clock: IBClock, objection: @escaping @Sendable (AccountID) -> String? = { _ in nil }
    ) {
        self.host = host
        self.port = port
        self.base = base
        self.role = role
        self.account = account
        self.objection = objection
        self.instruments = instruments
        self.clock = clock
        markets = ["US", "EU", "ASIA", "CA"]
        loginZone = ZoneRules.named("America/New_York") ?? .utc
        restartSecondOfDay = 23 * 3600 + 45 * 60
        allowsShort = false
        isReadOnly = false
        asksBeforeOrders = false
        visibilityDelay = .seconds(10)
        attempts = 4
        timeout = .seconds(10)
        barsTimeout = .seconds(60)
        connecting = .seconds(45)
        calendars = .embedded
        isStopping = { false }
        tell = { _ in }
        trouble = { _ in }
    }

    /// Readers of one machine: bars of several profiles and a person's questions at the same time.
    private static let readers = 8
    /// Another process of ours is done in a few seconds; a gateway lets go of a broken connection a little later.
    private static let idInUseWait = Duration.seconds(2)

    /// The numbers to try, in order. Orders have one, and the same after every crash: only it can change and cancel them. Who
    /// only reads takes any that is free.
    var clientIDs: [Int] {
        let first = role.clientID(base: base)
        switch role {
        case .orders, .stream: return [first]
        case .data: return Array(first..<first + Self.readers)
        }
    }

    func configuration(clientID: Int) -> IBConfiguration {
        var configuration = IBConfiguration(host: host, port: port, base: base, role: role, attempts: attempts)
        configuration.clientID = clientID
        configuration.limits.session.step = timeout
        configuration.limits.calendar.restart.zone = loginZone
        configuration.limits.calendar.restart.start = restartSecondOfDay
        // Where one number only is ours it is waited for; `connecting` ends the wait.
        configuration.limits.session.clientIDWait = Self.idInUseWait
        configuration.limits.session.clientIDAttempts =
            clientIDs.count > 1 ? 1 : max(2, Int(connecting.components.seconds / Self.idInUseWait.components.seconds))
        configuration.limits.answer = max(timeout, .seconds(5))
        configuration.limits.bars = barsTimeout
        return configuration
    }
}

/// Why there is no gateway to talk to.
public struct IBGatewayTrouble: Error, Hashable, Sendable, CustomStringConvertible {
    /// Whether the same may work later, with nobody doing anything.
    public let isRetryable: Bool
    /// What happened, how things stand, and what to do.
    public let description: String

    init(later description: String) { (isRetryable, self.description) = (true, description) }
    init(final description: String) { (isRetryable, self.description) = (false, description) }

    /// The same in the words of the protocol.
    public func broker(_ id: BrokerID) -> BrokerError {
        isRetryable
            ? .unavailable(broker: id, detail: description) : .credentialsRefused(broker: id, detail: description)
    }
}
