/// Where the gateway is, who we are there, and how long everything may take.
public struct IBConfiguration: Sendable {
    public var host: String
    public var port: Int
    /// One of its own for every process that is connected at the same time, and the same after every crash.
    public var clientID: Int
    /// So many connections in a row may come to nothing before it is given up; `nil` for any number, as a daemon wants it.
    public var attempts: Int?
    /// The greatest order id that our own records know of this client: the gateway's own count can be reset.
    public var usedOrderID: Int64 = 0
    /// The same beyond the life of a process, and written ahead of each order; `nil` for none.
    public var orderIDs: (any IBOrderIDMemory)?
    var limits = IBConnectionLimits()

    /// - Parameter base: `brokers.ib.client_id`; every role has its own from there on.
    public init(host: String = "127.0.0.1", port: Int, base: Int, role: IBClientRole, attempts: Int? = 3) {
        self.host = host
        self.port = port
        self.attempts = attempts
        clientID = role.clientID(base: base)
        if role == .stream { limits.gathering = .milliseconds(20) }
    }
}

/// The bounds of a connection, all of them on the clock that is never set.
struct IBConnectionLimits: Sendable {
    var session = IBSession.Limits()
    var calendar = RestCalendar()
    /// From the request to the end of its answer.
    var answer = Duration.seconds(15)
    /// The same for bars, which IB slows down for those who ask much. Then the request is cancelled.
    var bars = Duration.seconds(60)
    /// A commission that has not come with its execution may come so much later.
    var commission = Duration.seconds(2)
    /// How often waits are looked at.
    var tick = Duration.milliseconds(250)
    /// Messages of one answer: more orders and executions than an account has in a day.
    var answerMessages = 20_000
    /// Events that nobody has taken yet.
    var events = 8192
    /// Commissions that are remembered; the oldest go first.
    var commissions = 20_000
    /// Bytes are handed to the system within that.
    var sending = Duration.seconds(10)
    /// So long what comes is gathered before it is read again: for those who read much, and need not know each thing at once.
    var gathering = Duration.zero
}
