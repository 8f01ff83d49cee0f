internal import Broker
internal import BrokerKIS
internal import Core
internal import Cycle
internal import MarketData
internal import Sessions
internal import Settings
internal import Sockets

/// Connects Korea Investment & Securities as the configuration describes it. Nothing is asked of KIS before somebody needs an
/// answer.
struct KISWiring {
    let settings: Settings
    let calendars: CalendarBook
    let clock: any WallClock
    let log: StepLog

    /// - Parameter clock: Of the command. One that stands still (`--now`) runs on from there: waits for a slot and for an answer
    ///   pass in real time.
    init(_ settings: Settings, calendars: CalendarBook, clock: any WallClock, log: StepLog) {
        self.settings = settings
        self.calendars = calendars
        self.clock = settings.fixedNow.map { RunningClock(from: $0) } ?? clock
        self.log = log
    }

    /// For a command that asks KIS without a beat; refused where it is switched off.
    static func enabled(_ context: CommandContext) throws -> KISWiring {
        let wiring = KISWiring(
            context.settings, calendars: context.calendars, clock: context.clock, log: context.log.stepLog)
        guard wiring.isEnabled else {
            throw StepFailure(
                code: "kis-off", message: "KIS is switched off: brokers.kis.enabled is false.",
                hint: "Nothing was asked. Set it to true in brokers.yaml.", isRetryable: false,
                exitCode: .configuration)
        }
        return wiring
    }

    /// What a read that failed says to the operator.
    static func failure(_ failure: KISFailure) -> StepFailure {
        let (code, isRetryable): (Cycle.ExitCode, Bool) =
            switch failure.kind {
            case .unavailable, .malformed: (.unavailable, true)
            case .credentials: (.credentialsRefused, false)
            case .refused, .configuration: (.configuration, false)
            }
        return StepFailure(
            code: "kis-read-failed", message: "KIS did not answer as asked: \(failure).",
            hint: isRetryable ? "Nothing was changed. Run it again." : "Nothing was changed. Mend what it names first.",
            isRetryable: isRetryable, exitCode: code)
    }

    private var broker: BrokerSettings? { settings.brokers[.kis] }

    /// Whether anything asks KIS.
    var isEnabled: Bool { broker?.enabled ?? false }

    /// The life of a request that was given a slot; waiting for the slot may take as long again, and twice.
    private var callDeadline: Duration { .seconds(3 * (broker?.timeoutSeconds ?? 10)) }

    /// Whether the connection could be made, without making it.
    func check() throws {
        let connection = try connection()
        _ = try Self.stream(connection)
    }

    /// The address of the stream.
    static func stream(_ connection: KISConnection) throws -> WebSocketAddress {
        do { return try WebSocketAddress(connection.configuration.webSocketAddress) } catch {
            throw StepFailure(
                code: "bad-stream-address", message: "KIS's stream cannot be reached: \(error).",
                hint: "Nothing was asked. Correct brokers.kis.ws_url (KIS_WS_URL).", isRetryable: false,
                exitCode: .configuration)
        }
    }

    func connection() throws -> KISConnection {
        try requireRealTime()
        do throws(KISConfigurationError) {
            // The seed is one of waits between attempts only; processes that start together shall not wait alike.
            return try KISConnection(
                try configuration(), clock: clock, seed: .random(in: .min ... .max))
        } catch {
            throw StepFailure(
                code: "kis-configuration", message: "KIS cannot be asked: \(error.key): \(error.detail).",
                hint: "Nothing was sent. \(error.cure.prefix(1).uppercased())\(error.cure.dropFirst()).",
                isRetryable: false, exitCode: .configuration)
        }
    }

    /// A clock that was set by hand and a market that is not: what is decided on an old bar would be bought at today's price.
    private func requireRealTime() throws {
        let addresses = [broker?.baseURL, settings.kis.quotes.map(\.baseURL) ?? broker?.baseURL]
        let isRehearsed = addresses.allSatisfy { $0.map(Self.isOfThisMachine) ?? false }
        guard settings.fixedNow != nil, !isRehearsed else { return }
        throw StepFailure(
            code: "clock-set-by-hand", message: "--now (TAKT_NOW) sets the clock by hand, and KIS's clock runs on.",
            hint: "Nothing was sent. Leave --now out; a stand-in on this machine may be asked at any time.",
            isRetryable: false, exitCode: .usage)
    }

    private static func isOfThisMachine(_ address: String) -> Bool {
        ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"].contains { address.hasPrefix($0) }
    }

    /// - Parameter stop: Raised, no further order of a batch goes out.
    func broker(_ connection: KISConnection, stop: StopSignal = .never) -> KISBroker {
        let rules = KISTradingRules(
            environment: environment, countries: broker?.markets ?? [], collar: settings.kis.marketOrderCollar,
            visibilityDelay: .seconds(settings.kis.visibilityDelaySeconds), requestDeadline: callDeadline)
        return KISBroker(
            connection, rules: rules, instruments: Array(settings.instruments.values), fees: fees, clock: clock,
            isStopping: { stop.isRaised }, trouble: { [log] in log(.warning, "kis: \($0)") })
    }

    func bars(_ connection: KISConnection) -> KISBars {
        KISBars(connection, instruments: Array(settings.instruments.values), clock: clock)
    }

    private var environment: KISEnvironment {
        switch broker?.environment {
        case .real?: .real
        case .virtual?: .virtual
        case nil: settings.mode == .live ? .real : .virtual
        }
    }

    private func tokenFolder() throws(KISConfigurationError) -> String {
        let folder = try KISTokenFolder(
            own: "\(settings.paths.state)/tokens", shared: settings.paths.userState.map { "\($0)/tokens" })
        if let note = folder.note { log(.warning, "kis: \(note)") }
        return folder.path
    }

    private func configuration() throws(KISConfigurationError) -> KISConfiguration {
        let none = Secret("")
        func rate(_ callsPerSecond: FixedPoint?) -> CallRate? {
            callsPerSecond.map { CallRate(perSecond: $0.doubleValue) }
        }
        return KISConfiguration(
            trading: KISAccess(
                environment: environment, appKey: broker?.appKey ?? none, appSecret: broker?.appSecret ?? none,
                baseURL: broker?.baseURL, rate: rate(settings.kis.callsPerSecond)),
            quotes: settings.kis.quotes.map { quotes in
                KISAccess(
                    environment: quotes.environment == .real ? .real : .virtual, appKey: quotes.appKey,
                    appSecret: quotes.appSecret, baseURL: quotes.baseURL, rate: rate(quotes.callsPerSecond))
            },
            account: try KISAccount(broker?.account?.text ?? ""), webSocketURL: broker?.webSocketURL,
            customerType: settings.kis.customerType == .corporate ? .corporate : .personal, htsID: settings.kis.htsID,
            folder: try tokenFolder(), requestDeadline: .seconds(broker?.timeoutSeconds ?? 10),
            callDeadline: callDeadline, readRetries: broker?.retries ?? 3)
    }

    /// KIS lists the costs of no single order: they are reckoned by the customer's rates.
    private var fees: FeeSchedule {
        var fees = FeeSchedule.koreaInvestment
        if let percent = settings.kis.commissionPercent { fees.korea = fees.korea.atCommission(percent: percent) }
        if let percent = settings.kis.overseasCommissionPercent {
            fees.us = fees.us.atCommission(percent: percent)
            fees.other = fees.other.atCommission(percent: percent)
        }
        return fees
    }
}

/// A clock that was set by hand, and runs from there as the processor's own does.
struct RunningClock: WallClock {
    private let start: Instant
    private let began = ContinuousClock.now

    init(from start: Instant) { self.start = start }

    func now() -> Instant { start.advanced(by: began.duration(to: .now)) }
    func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}

/// A profile's bars from KIS. Korean bars are put together from minutes; what lies outside of the sessions is left out.
struct KISBarSource: BarSource {
    let bars: KISBars
    let calendars: CalendarBook
    var kind: BarSourceKind { .kis }

    func bars(
        _ instrument: Instrument, _ timeframe: Timeframe, from: Instant, until: Instant
    ) async throws(BarSourceError) -> [Bar] {
        let symbol = instrument.symbol
        guard let calendar = calendars.calendar(instrument.exchange), !timeframe.isDaily, from < until else {
            throw .unsupported(symbol, reason: "\(timeframe) bars of \(instrument.exchange)")
        }
        let days = calendar.sessions(
            from: calendar.localDate(of: from), through: calendar.localDate(of: until)
        ).filter { $0.open < until && $0.close > from }
            .map { session in
                let (date, open) = calendar.localClock(of: session.open)
                return KISSessionDay(
                    date: date, openSecond: open, closeSecond: calendar.localClock(of: session.close).secondOfDay)
            }
        let answer: KISBars.Answer?
        do {
            answer = try await bars.bars(of: instrument, minutes: timeframe.seconds / 60, since: from, on: days)
        } catch {
            switch error.kind {
            case .unavailable: throw .unavailable(symbol, reason: error.description)
            case .malformed: throw .malformed(symbol, reason: error.description)
            case .refused, .configuration, .credentials: throw .unsupported(symbol, reason: error.description)
            }
        }
        guard let answer else { throw .unsupported(symbol, reason: "KIS does not serve \(instrument.exchange)") }
        if let problem = answer.problems.first { throw .incomplete(symbol, reason: problem) }
        return try BrokerMinutes(bars: answer.bars, minutes: answer.minutes, source: .kis)
            .made(symbol, timeframe, calendar, until: until)
            .filter { $0.openAt >= from && $0.openAt < until }
    }
}

/// The bars of a broker's answer, as it has them, and as a profile wants them.
struct BrokerMinutes {
    let bars: [Bar]
    /// How long each of them is.
    let minutes: Int
    let source: BarSourceKind

    /// A list that came to its end lacks no minute: one without a bar is one without a trade.
    func made(
        _ symbol: Symbol, _ timeframe: Timeframe, _ calendar: ExchangeCalendar, until: Instant
    ) throws(BarSourceError) -> [Bar] {
        guard minutes * 60 != timeframe.seconds else { return bars }
        guard let minute = Timeframe(seconds: minutes * 60) else {
            throw .unsupported(symbol, reason: "bars of \(minutes) minutes")
        }
        do {
            let resampler = try BarResampler(from: minute, to: timeframe, calendar: calendar)
            let newest = bars.last?.openAt ?? until
            return try resampler.resample(bars, policy: .whatThereIs, now: until).bars
                // The minutes behind the newest one are late, not quiet.
                .filter { $0.missing.allSatisfy { $0 < newest } }
                .map { resampled in
                    var bar = resampled.bar
                    bar.source = source
                    return bar
                }
        } catch { throw .malformed(symbol, reason: "\(error)") }
    }
}
