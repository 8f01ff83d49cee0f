public import Alerting
public import Broker
public import Core
public import Decision
internal import Ledger
public import MarketData
public import Sessions
public import Settings
public import Store

/// Everything a step may use, built once by the composition root and handed down.
public struct CycleContext: Sendable {
    public let settings: Settings
    public let store: StateDatabase
    public let clock: any WallClock
    public let calendars: CalendarBook
    /// Every enabled broker that has an adapter, by its configured name.
    public let brokers: [BrokerID: any Broker]
    /// Where a profile's bars come from.
    public let barSource: @Sendable (Profile) throws -> any BarSource
    public let channels: [any AlertChannel]
    /// Whom the profiles' agents listen to; `nil` where none of them does.
    public let consultant: (any RiskConsultant)?
    public let failpoints: Failpoints
    public let log: StepLog
    /// Of this process; a program of the user's sees the few variables of it that it needs.
    public let environment: Environment
    public let process: ProcessIdentity
    /// The version of this binary, for evidence.
    public let version: String
    /// Set by SIGINT and SIGTERM: a step ends at its next safe point.
    public let stop: StopSignal
    /// Locks guard a database, so they lie beside it: two processes that work on one database from two working folders, or
    /// through a symbolic link, must meet at the same lock.
    private let lockFolder: String

    public init(
        settings: Settings, store: StateDatabase, clock: any WallClock, calendars: CalendarBook,
        brokers: [BrokerID: any Broker], barSource: @escaping @Sendable (Profile) throws -> any BarSource,
        channels: [any AlertChannel], consultant: (any RiskConsultant)? = nil, failpoints: Failpoints, log: StepLog,
        environment: Environment,
        process: ProcessIdentity, version: String, stop: StopSignal
    ) {
        self.settings = settings
        self.store = store
        self.clock = clock
        self.calendars = calendars
        self.brokers = brokers
        self.barSource = barSource
        self.channels = channels
        self.consultant = consultant
        self.failpoints = failpoints
        self.log = log
        self.environment = environment
        self.process = process
        self.version = version
        self.stop = stop
        lockFolder = StepLock.folder(ofDatabase: store.path)
    }

    /// Whether a position lies in the account that an enabled broker is configured with.
    func trades(_ position: LedgerPosition) -> Bool { brokers[position.broker]?.account == position.account }

    /// The lock file of that name.
    func lockPath(_ name: String) -> String { "\(lockFolder)/\(name).lock" }

    /// The lock that whoever sends for a profile holds.
    func submitLockPath(_ profile: ProfileName) -> String { lockPath("\(profile).\(StepName.submit.rawValue)") }
}

public struct ProcessIdentity: Hashable, Sendable {
    public let pid: Int
    public let host: String
    /// The operating system's name of the user, for the audit trail.
    public let user: String

    public init(pid: Int, host: String, user: String) {
        self.pid = pid
        self.host = host
        self.user = user
    }
}

/// Asked at the safe points of a step.
public struct StopSignal: Sendable {
    private let received: @Sendable () -> Int32?
    public static let never = StopSignal { nil }

    /// - Parameter received: The number of the signal that asked to stop, once there is one.
    public init(received: @escaping @Sendable () -> Int32?) { self.received = received }

    public var isRaised: Bool { received() != nil }

    /// Ends the step if a signal has come. Everything up to here is durable; the next run carries on.
    public func checkpoint() throws(StepFailure) {
        guard let signal = received() else { return }
        throw StepFailure(
            code: "stopped", message: "Signal \(signal) ended the step at a safe point.",
            hint: "What was done is recorded; run the same command again to carry on.", isRetryable: true,
            exitCode: signal == 2 ? .interrupted : .terminated)
    }
}

/// Where the steps tell their story; the composition root decides on files and stderr.
public struct StepLog: Sendable {
    public enum Level: String, Sendable { case debug, info, warning, error }
    public enum Stream: String, Sendable { case trading, orders }

    public struct Entry: Sendable {
        public let level: Level
        public let stream: Stream
        public let message: String
        public let fields: [JSONValue.Member]
    }

    private let write: @Sendable (Entry) -> Void
    public static let none = StepLog { _ in }

    public init(write: @escaping @Sendable (Entry) -> Void) { self.write = write }

    public func callAsFunction(
        _ level: Level, _ message: String, _ fields: [JSONValue.Member] = [], stream: Stream = .trading
    ) {
        write(Entry(level: level, stream: stream, message: message, fields: fields))
    }

    /// One line per order event, in the log of orders.
    func order(_ message: String, _ order: ManagedOrder) {
        self(
            order.state == .inDoubt ? .warning : .info, message,
            [
                .init("client_order_id", JSONValue(order.clientOrderID)), .init("broker", JSONValue(order.broker)),
                .init("broker_order_id", JSONValue(order.brokerOrderID)), .init("symbol", JSONValue(order.symbol)),
                .init("side", .string(order.side.rawValue)), .init("quantity", JSONValue(order.quantity)),
                .init("filled_quantity", JSONValue(order.filledQuantity)),
                .init("state", .string(order.state.rawValue)),
            ], stream: .orders)
    }

    func step(_ document: StepDocument) {
        let json = document.json
        let level: Level = document.exitCode == .success || document.exitCode == .halted ? .info : .warning
        let name = json["step"]?.stringValue ?? ""
        let status = json["status"]?.stringValue ?? ""
        var fields: [JSONValue.Member] = []
        for key in ["cycle", "attempt", "duration_ms", "summary", "warnings", "error"] {
            if let value = json[key] { fields.append(.init(key, value)) }
        }
        self(level, "\(name) \(status)", fields)
    }
}
