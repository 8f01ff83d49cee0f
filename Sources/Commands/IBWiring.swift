internal import Broker
internal import BrokerIB
internal import Core
internal import Cycle
internal import MarketData
internal import Sessions
internal import Settings
internal import Store

/// Connects TWS or IB Gateway as the configuration describes it. Nothing is opened before somebody needs an answer.
struct IBWiring {
    let settings: Settings
    let calendars: CalendarBook
    let clock: any WallClock
    let log: StepLog
    /// Whether what is learned of contracts may be written down.
    private let remembers: Bool

    /// - Parameter clock: Of the command. One that stands still (`--now`) runs on from there: waits for answers pass in real time.
    init(_ settings: Settings, calendars: CalendarBook, clock: any WallClock, log: StepLog, remembers: Bool) {
        self.remembers = remembers
        self.settings = settings
        self.calendars = calendars
        self.clock = settings.fixedNow.map { RunningClock(from: $0) } ?? clock
        self.log = log
    }

    private var broker: BrokerSettings? { settings.brokers[.ib] }

    /// Whether anything asks IB.
    var isEnabled: Bool { broker?.enabled ?? false }
    /// Whether orders may go there.
    var trades: Bool { isEnabled && !settings.ib.isReadOnly }

    private var host: String { broker?.host ?? "127.0.0.1" }

    /// Whether the connection could be made, without making it.
    func check() throws { try requireRealTime() }

    /// The account, where it is known without asking: the configured one, or the only one of our books.
    func account(_ store: StateDatabase) throws -> AccountID? {
        if let account = broker?.account { return account }
        let known = try store.read { try $0.accounts(of: .ib) }
        return known.count == 1 ? known.first : nil
    }

    /// A gateway that is connected to when it is needed, and closed when the command ends.
    ///
    /// - Parameters:
    ///   - account: That of our books; `nil` for the login's only one.
    ///   - stop: Raised, nobody waits for it, and no further order of a batch goes out.
    func gateway(_ role: IBClientRole, account: AccountID?, stop: StopSignal = .never) throws -> IBGateway {
        let gateway = IBGateway(try terms(role, account: account, stop: stop))
        OpenConnections.ofCommand?.add { await gateway.close() }
        return gateway
    }

    /// How takt meets the gateway in a role.
    func terms(_ role: IBClientRole, account: AccountID?, stop: StopSignal) throws -> IBGatewayTerms {
        try requireRealTime()
        // Of the processor, whatever happens to the clock on the wall.
        let began = ContinuousClock.now
        let clock = IBClock(wall: clock) { began.duration(to: .now) }
        var terms = IBGatewayTerms(
            host: host, port: broker?.port ?? 7497, base: broker?.clientID ?? 1, role: role, account: account,
            instruments: Array(settings.instruments.values), clock: clock, objection: objection)
        terms.markets = broker?.markets ?? []
        if let zone = ZoneRules.named(settings.ib.loginZone) { terms.loginZone = zone }
        if settings.ib.loginZone == "UTC" { terms.loginZone = .utc }
        terms.restartSecondOfDay = settings.ib.restartSecondOfDay
        terms.allowsShort = settings.ib.allowShort
        terms.isReadOnly = settings.ib.isReadOnly
        terms.asksBeforeOrders = settings.ib.asksBeforeOrders
        terms.visibilityDelay = .seconds(settings.ib.visibilityDelaySeconds)
        terms.attempts = 1 + (broker?.retries ?? 3)
        terms.timeout = .seconds(broker?.timeoutSeconds ?? 10)
        terms.barsTimeout = .seconds(settings.ib.barsTimeoutSeconds)
        terms.connecting = .seconds(settings.ib.connectSeconds)
        terms.calendars = calendars
        terms.memoryFolder = remembers ? "\(settings.paths.state)/ib" : nil
        terms.isStopping = { stop.isRaised }
        terms.tell = { [log] notice in log(Self.level(notice.weight), "ib: \(notice.sentence)") }
        terms.trouble = { [log] in log(.warning, "ib: \($0)") }
        return terms
    }

    private static func level(_ weight: IBNotice.Weight) -> StepLog.Level {
        switch weight {
        case .log: .info
        // The command itself says what became of it; these are its story.
        case .warning, .alert: .warning
        }
    }

    /// Real money never in paper mode, play money never in live mode: the account says by its name what it is.
    private var objection: @Sendable (AccountID) -> String? {
        let mode = settings.mode
        return { account in
            switch (mode, IBSettings.isPaper(account)) {
            case (.paper, false):
                "it is a live one, and takt runs in paper mode: live accounts are refused. Log the gateway "
                    + "in with the paper user (port 4002 of IB Gateway, 7497 of TWS), or set TRADING_MODE=live if you mean it"
            case (.live, true):
                "it is a paper one, and takt runs in live mode: paper accounts are refused. Log the "
                    + "gateway in with the live user (port 4001 of IB Gateway, 7496 of TWS), or set TRADING_MODE=paper"
            case (.paper, true), (.live, false): nil
            }
        }
    }

    /// A clock that was set by hand and a market that is not: what is decided on an old bar would be bought at today's price.
    private func requireRealTime() throws {
        guard settings.fixedNow != nil, !["127.0.0.1", "localhost", "::1"].contains(host) else { return }
        throw StepFailure(
            code: "clock-set-by-hand",
            message: "--now (TAKT_NOW) sets the clock by hand, and the gateway at \(host) has a clock that runs on.",
            hint: "Nothing was sent. Leave --now out; a stand-in on this machine may be asked at any time.",
            isRetryable: false, exitCode: .usage)
    }

    /// Why there is no gateway, to whoever asked.
    static func failure(_ trouble: IBGatewayTrouble) -> StepFailure {
        StepFailure(reading: trouble.broker(.ib))
    }

    /// What a read that failed says to the operator.
    static func failure(_ failure: IBFailure) -> StepFailure {
        StepFailure(
            code: "ib-read-failed", message: "IB did not answer as asked: \(failure).",
            hint: failure.isRetryable
                ? "Nothing was changed. Run it again." : "Nothing was changed. Mend what it names first.",
            isRetryable: failure.isRetryable, exitCode: failure.isRetryable ? .unavailable : .configuration)
    }

    /// For a command that asks IB without a beat; refused where it is switched off.
    static func enabled(_ context: CommandContext) throws -> IBWiring {
        let wiring = context.ib
        guard wiring.isEnabled else {
            throw StepFailure(
                code: "ib-off", message: "Interactive Brokers is switched off: brokers.ib.enabled is false.",
                hint: "Nothing was asked. Set it to true in brokers.yaml.", isRetryable: false,
                exitCode: .configuration)
        }
        return wiring
    }
}

extension CommandContext {
    var ib: IBWiring { IBWiring(settings, calendars: calendars, clock: clock, log: log.stepLog, remembers: !isDryRun) }

    /// What a command that acts runs on: as ``cycleContext(_:clock:stop:meeting:)``, with the account at IB asked for where nobody
    /// has named it and our books do not have it yet.
    func tradingContext(_ store: StateDatabase, stop: StopSignal = .never) async throws -> CycleContext {
        let wiring = ib
        guard settings.mode == .paper, wiring.trades, try wiring.account(store) == nil else {
            return try cycleContext(store, stop: stop)
        }
        let gateway = try wiring.gateway(.orders, account: nil, stop: stop)
        let desk: IBDesk
        do throws(IBGatewayTrouble) { desk = try await gateway.ready() } catch {
            try stop.checkpoint()
            throw IBWiring.failure(error)
        }
        return try cycleContext(store, stop: stop, meeting: (gateway, desk.account))
    }

    /// The brokers that a person may ask. Who asks IB without sending takes no number that orders are placed under.
    ///
    /// - Parameter asOrders: Whether IB is asked as the client that placed the orders: it tells their costs to nobody else.
    func brokersToAsk(_ store: StateDatabase, asOrders: Bool) async throws -> [BrokerID: any Broker] {
        var brokers = try cycleContext(store).brokers
        let wiring = ib
        guard wiring.isEnabled else { return brokers }
        var account = try wiring.account(store)
        let gateway = try wiring.gateway(asOrders ? .orders : .data, account: account)
        if account == nil {
            do throws(IBGatewayTrouble) { account = try await gateway.ready().account } catch {
                throw IBWiring.failure(error)
            }
        }
        if let account { brokers[.ib] = IBGatewayBroker(gateway, account: account) }
        return brokers
    }
}

/// A profile's bars from IB: of the regular sessions, or with what lies around them.
struct IBBarSource: BarSource {
    let gateway: IBGateway
    let calendars: CalendarBook
    let session: Profile.SessionKind
    var kind: BarSourceKind { .ib }

    func bars(
        _ instrument: Instrument, _ timeframe: Timeframe, from: Instant, until: Instant
    ) async throws(BarSourceError) -> [Bar] {
        let symbol = instrument.symbol
        guard let calendar = calendars.calendar(instrument.exchange), !timeframe.isDaily, from < until else {
            throw .unsupported(symbol, reason: "\(timeframe) bars of \(instrument.exchange)")
        }
        let desk: IBDesk
        do throws(IBGatewayTrouble) { desk = try await gateway.ready() } catch {
            throw error.isRetryable
                ? .unavailable(symbol, reason: error.description) : .unsupported(symbol, reason: error.description)
        }
        let answer: IBBars.Answer?
        do throws(IBFailure) {
            answer = try await desk.bars.bars(
                of: instrument, minutes: timeframe.seconds / 60, since: from, until: until,
                regularHoursOnly: session == .regular)
        } catch { throw Self.error(error, symbol) }
        guard let answer else { throw .unsupported(symbol, reason: "IB has no bars of \(timeframe)") }
        if let problem = answer.problems.first { throw .incomplete(symbol, reason: problem) }
        return try BrokerMinutes(bars: answer.bars, minutes: answer.minutes, source: .ib)
            .made(symbol, timeframe, calendar, until: until)
            .filter { $0.openAt >= from && $0.openAt < until }
    }

    private static func error(_ failure: IBFailure, _ symbol: Symbol) -> BarSourceError {
        switch failure {
        case .malformed: .malformed(symbol, reason: failure.description)
        case .notConnected, .connectionLost, .timedOut, .tooFast, .notAsked, .cancelled:
            .unavailable(symbol, reason: failure.description)
        case .refused, .tooMuch, .contractUnknown, .contractAmbiguous, .contractDiffers, .contractNotServed:
            .unsupported(symbol, reason: failure.description)
        }
    }
}
