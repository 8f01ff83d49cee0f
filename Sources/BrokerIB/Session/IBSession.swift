internal import Core

/// A connection to TWS or IB Gateway as a state machine: events in, actions out. No socket and no clock.
///
/// ```
/// idle → connecting → greeting → starting → ready
///            ▲  each step has its own time, and ends in
///            └───────────────── waiting, which doubles      stopped: nothing more can be done without a person
/// ```
///
/// Nothing but the hello and `startApi` is sent before the gateway has told its accounts **and** the next order id; what is
/// sent earlier may be dropped, or get the connection closed.
struct IBSession {
    /// When something happens.
    struct Moment: Hashable, Sendable {
        /// On a clock that is never set, from any beginning: for waits, so that no jump of the wall clock is taken for silence.
        let uptime: Duration
        /// For the times of day at which gateways rest.
        let wall: Instant
    }

    enum State: Hashable, Sendable {
        case idle
        case waiting(until: Duration)
        case connecting(deadline: Duration)
        /// The hello was sent; other frames have been seen before the gateway's own.
        case greeting(deadline: Duration, strays: Int)
        case starting(deadline: Duration, ServerVersion, accounts: [String], nextOrderID: Int64?)
        case ready(IBWelcome)
        case stopped
    }

    enum Action: Hashable, Sendable {
        case connect
        case sendHello
        /// From here on messages are read and written at that version; `startApi` goes first.
        case startAPI(ServerVersion, clientID: Int)
        case askTime
        case close
        /// Subscribe to everything that is wanted: what was before is gone.
        case subscribe
        case subscribeAccountValues
        /// Compare orders, executions and positions.
        case reconcile
        /// The gateway counted too many messages.
        case slowDown
        case tell(IBSessionNews)
    }

    struct Limits: Hashable, Sendable {
        /// Failures in a row before anybody is alerted.
        static let alertAfter = 3

        var step = Duration.seconds(10)
        var strays = 32
        /// After a crash the gateway holds the old connection for some seconds.
        var clientIDWait = Duration.seconds(5)
        var clientIDAttempts = 6
        /// 1, 2, 4 … 60 s.
        var firstWait = Duration.seconds(1)
        var longestWait = Duration.seconds(60)
        /// While the gateway may be gone.
        var restWait = Duration.seconds(30)
        /// So many connections in a row may come to nothing; `nil` for any number.
        var attempts: Int? = 10
        /// A connection that lasted so long was one; failures before it are forgotten.
        var stable = Duration.seconds(60)
        var silence = Duration.seconds(30)
        var patience = Duration.seconds(10)
        var clockDifference = Duration.seconds(5)
        var health = GatewayHealth.Limits()
    }

    let clientID: Int
    let calendar: RestCalendar
    let limits: Limits
    private(set) var state = State.idle
    private(set) var health: GatewayHealth
    private var heartbeat: Heartbeat?
    private var failures = 0
    private var collisions = 0
    private var readySince: Duration?
    private var hasComparedClocks = false
    /// How far the gateway's own clock is ahead of UTC, by its greeting; `nil` while that is not known. It says in which zone the
    /// gateway's days begin, whatever it calls that zone.
    private(set) var gatewayOffset: Duration?

    /// - Parameter clientID: Its role's own, and the same after every crash: only it can change and cancel its orders.
    init(clientID: Int, calendar: RestCalendar = RestCalendar(), limits: Limits = Limits()) {
        self.clientID = clientID
        self.calendar = calendar
        self.limits = limits
        health = GatewayHealth(limits: limits.health)
    }

    /// What the gateway said; `nil` unless it is there.
    var welcome: IBWelcome? { if case .ready(let welcome) = state { welcome } else { nil } }
    /// Whether an order that is sent now has a chance to reach IB.
    var mayPlaceOrders: Bool { welcome != nil && health.hasLink && !health.isReadOnly }
    /// Whether lists that the gateway gives now can be complete: not without IB's servers, nor while these start anew, which the
    /// gateway may be told late.
    func mayTrustLists(at now: Moment) -> Bool {
        welcome != nil && health.hasLink && !calendar.isResetting(at: now.wall)
    }

    // MARK: Events

    mutating func start(at now: Moment) -> [Action] {
        guard state == .idle else { return [] }
        return connect(at: now)
    }

    mutating func connected(at now: Moment) -> [Action] {
        guard case .connecting = state else { return [.close] }
        state = .greeting(deadline: now.uptime + limits.step, strays: 0)
        return [.sendHello]
    }

    /// No connection came about.
    mutating func connectFailed(_ detail: String, at now: Moment) -> [Action] {
        guard case .connecting = state else { return [] }
        return lost(detail, at: now)
    }

    /// A frame before there is a version; `nil` for one that is no hello.
    mutating func greeted(_ hello: Hello.OfServer?, at now: Moment) -> [Action] {
        guard case .greeting(let deadline, let strays) = state else { return [] }
        switch hello {
        case nil:
            guard strays < limits.strays else {
                return [.close] + lost("it sent \(strays) frames and no hello", at: now)
            }
            state = .greeting(deadline: deadline, strays: strays + 1)
            return []
        case .redirect(let address)?: return [.close] + stop(.redirected(to: address))
        case .version(let version, let clock)?:
            guard ServerVersion.offered.contains(version) else { return [.close] + stop(.versionNotSpoken(version)) }
            state = .starting(deadline: now.uptime + limits.step, version, accounts: [], nextOrderID: nil)
            gatewayOffset = Self.offset(of: clock, at: now.wall)
            // What the gateway tells about its link and its farms comes before it has let us in. A link that was lost is not back
            // because the gateway's door is open.
            health = GatewayHealth(limits: limits.health, after: health, at: now.uptime)
            return [.startAPI(version, clientID: clientID)]
        }
    }

    /// Of a clock that reads `20251122 10:30:00 GMT`, to the quarter of an hour that zones differ by.
    private static func offset(of clock: String, at now: Instant) -> Duration? {
        guard let stamp = IBTime.Stamp(clock) else { return nil }
        let shown = Instant(epochSeconds: stamp.date.startUTC.epochSeconds + Int64(stamp.secondOfDay))
        let quarter: Int64 = 900
        let seconds = shown.epochSeconds - now.epochSeconds
        let rounded = (seconds + (seconds < 0 ? -quarter / 2 : quarter / 2)) / quarter * quarter
        // A clock that is further away than any zone is wrong.
        return abs(rounded) <= 14 * 3600 ? .seconds(rounded) : nil
    }

    /// A message was decoded. What the session does not need is somebody else's.
    mutating func received(_ message: IBMessage, at now: Moment) -> [Action] {
        heartbeat?.heard(at: now.uptime)
        switch message {
        case .managedAccounts(let notice): return started(accounts: notice.accounts, nextOrderID: nil, at: now)
        case .nextValidID(let notice): return started(accounts: [], nextOrderID: notice.orderID, at: now)
        case .currentTime(let notice): return compareClocks(notice.time, at: now)
        case .error(let notice): return noted(notice, at: now)
        case .tickPrice, .tickSize, .tickGeneric, .tickString, .tickOption, .tickParameters, .tickSnapshotEnd,
            .marketDataType,
            .realTimeBar, .historicalData, .historicalDataUpdate, .accountValue, .portfolioValue, .accountUpdateTime,
            .accountDownloadEnd, .accountSummary, .accountSummaryEnd, .position, .positionEnd, .profitAndLoss,
            .singleProfitAndLoss, .contractDetails, .contractDetailsEnd, .orderStatus, .openOrder, .openOrderEnd,
            .execution,
            .executionsEnd, .commission, .completedOrder, .completedOrdersEnd, .orderBound, .unknown:
            return []
        }
    }

    /// A message arrived that could not be read: the gateway is alive.
    mutating func heard(at now: Moment) { heartbeat?.heard(at: now.uptime) }

    /// The connection ended without our doing.
    mutating func closed(_ detail: String, at now: Moment) -> [Action] {
        switch state {
        case .starting: return collided(at: now)
        case .greeting, .ready: return lost(detail, at: now)
        case .idle, .waiting, .connecting, .stopped: return []
        }
    }

    /// Time passes. Once a second is enough.
    mutating func tick(at now: Moment) -> [Action] {
        switch state {
        case .idle, .stopped: return []
        case .waiting(let until): return now.uptime >= until ? connect(at: now) : []
        case .connecting(let deadline):
            guard now.uptime >= deadline else { return [] }
            return [.close] + lost("no connection within \(seconds(limits.step)) s", at: now)
        case .greeting(let deadline, _):
            guard now.uptime >= deadline else { return [] }
            return [.close]
                + lost(
                    "it took the connection and said nothing within \(seconds(limits.step)) s. A window of it may be asking "
                        + "whether to accept (add this machine to the trusted addresses), or it needs a restart",
                    at: now)
        case .starting(let deadline, _, let accounts, let next):
            guard now.uptime >= deadline else { return [] }
            let missing = [accounts.isEmpty ? "its accounts" : nil, next == nil ? "the next order id" : nil].compactMap
            { $0 }
            return [.close]
                + lost(
                    "it did not tell \(missing.joined(separator: " and ")) within \(seconds(limits.step)) s", at: now)
        case .ready: return tickReady(at: now)
        }
    }

    /// Somebody wants no more.
    mutating func cancel() -> [Action] {
        switch state {
        case .stopped: return []
        case .idle, .waiting: return stop(.cancelled)
        case .connecting, .greeting, .starting, .ready: return [.close] + stop(.cancelled)
        }
    }

    // MARK: Steps

    private mutating func connect(at now: Moment) -> [Action] {
        state = .connecting(deadline: now.uptime + limits.step)
        return [.connect]
    }

    private mutating func started(accounts: [String], nextOrderID: Int64?, at now: Moment) -> [Action] {
        guard case .starting(let deadline, let version, let known, let knownID) = state else { return [] }
        let accounts = accounts.isEmpty ? known : accounts
        guard !accounts.isEmpty, let next = nextOrderID ?? knownID else {
            state = .starting(
                deadline: deadline, version, accounts: accounts, nextOrderID: nextOrderID ?? knownID)
            return []
        }
        let welcome = IBWelcome(version: version, accounts: accounts, nextOrderID: next)
        state = .ready(welcome)
        readySince = now.uptime
        collisions = 0
        hasComparedClocks = false
        heartbeat = Heartbeat(silence: limits.silence, patience: limits.patience, at: now.uptime)
        return [.tell(.ready(welcome)), .askTime, .subscribe, .reconcile]
    }

    private mutating func compareClocks(_ time: Instant, at now: Moment) -> [Action] {
        guard welcome != nil, !hasComparedClocks else { return [] }
        hasComparedClocks = true
        // The answer is of a whole second, and was under way for a while.
        let difference = now.wall.duration(since: time)
        let isSmall = difference < limits.clockDifference && difference > .zero - limits.clockDifference
        return isSmall ? [] : [.tell(.clocksDiffer(difference))]
    }

    private mutating func noted(_ notice: IBErrorNotice, at now: Moment) -> [Action] {
        let reaction = IBReaction.to(notice, about: notice.id == nil ? .none : .request)
        switch state {
        case .starting where reaction.kind == .clientIDInUse: return [.close] + collided(at: now)
        case .starting where reaction.kind == .portChanged, .ready where reaction.kind == .portChanged:
            return [.close] + stop(.portChanged(reaction.sentence))
        case .starting, .ready:
            let actions = health.noted(notice, reaction, at: now.uptime, rest: calendar.rest(at: now.wall))
            // What is to be done when the gateway is ready is done then, and nothing earlier.
            return welcome == nil ? actions.filter { if case .tell = $0 { true } else { $0 == .slowDown } } : actions
        case .idle, .waiting, .connecting, .greeting, .stopped: return []
        }
    }

    private mutating func tickReady(at now: Moment) -> [Action] {
        if let since = readySince, now.uptime - since >= limits.stable { failures = 0 }
        switch heartbeat?.tick(at: now.uptime) {
        case .dead?:
            return [.close] + lost("it has been silent for \(seconds(limits.silence + limits.patience)) s", at: now)
        case .ask?: return [.askTime] + health.tick(at: now.uptime, rest: calendar.rest(at: now.wall))
        case .fine?, nil: return health.tick(at: now.uptime, rest: calendar.rest(at: now.wall))
        }
    }

    // MARK: Ends

    /// 326, or an end before the gateway let us in, which is how some builds say the same.
    private mutating func collided(at now: Moment) -> [Action] {
        // A gateway that is going down closes too.
        if calendar.rest(at: now.wall) != nil { return lost("it closed the connection", at: now) }
        collisions += 1
        guard collisions < limits.clientIDAttempts else { return stop(.clientIDInUse(clientID)) }
        wait(limits.clientIDWait, at: now)
        return [.tell(.clientIDInUse(clientID, retryAfter: limits.clientIDWait, attempt: collisions))]
    }

    private mutating func lost(_ detail: String, at now: Moment) -> [Action] {
        if let rest = calendar.rest(at: now.wall) {
            wait(limits.restWait, at: now)
            return [.tell(.resting(rest, retryAfter: limits.restWait))]
        }
        failures += 1
        if let attempts = limits.attempts, failures >= attempts {
            return stop(.attemptsExhausted(failures, detail: detail))
        }
        let pause = min(limits.firstWait * (1 << min(failures - 1, 20)), limits.longestWait)
        wait(pause, at: now)
        if calendar.isLoginMissing(at: now.wall) { return [.tell(.loginMissing(detail: detail, retryAfter: pause))] }
        return [.tell(.disconnected(detail: detail, retryAfter: pause, failures: failures))]
    }

    private mutating func wait(_ pause: Duration, at now: Moment) {
        state = .waiting(until: now.uptime + pause)
        heartbeat = nil
        readySince = nil
    }

    private mutating func stop(_ reason: IBSessionStop) -> [Action] {
        state = .stopped
        heartbeat = nil
        readySince = nil
        return [.tell(.stopped(reason))]
    }

    private func seconds(_ duration: Duration) -> Int64 { duration.components.seconds }
}
