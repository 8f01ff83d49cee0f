internal import Alerting
internal import Broker
internal import BrokerIB
internal import BrokerKIS
internal import BrokerPaper
internal import Core
internal import Cycle
internal import Glibc
internal import MarketData
internal import Sessions
internal import Settings
internal import Store
internal import Synchronization

/// The composition root: settings, clock, store, brokers and channels, built once per process from the flags and handed
/// down. No other place builds a live thing.
struct CommandContext {
    let settings: Settings
    let calendars: CalendarBook
    let clock: any WallClock
    let output: Output
    let environment: Environment
    let log: LogFiles
    let isDryRun: Bool
    let showsProgress: Bool

    /// - Parameter createsHome: Only the commands that set a working folder up may start in one that does not exist.
    init(_ options: GlobalOptions, createsHome: Bool = false) throws {
        try self.init(options.values, createsHome: createsHome)
    }

    init(_ options: CallOptions, createsHome: Bool = false) throws {
        let environment = Environment.process()
        if !createsHome {
            try Self.requireFolder(options.home ?? environment[.home], "working folder", "--home or TAKT_HOME")
        }
        try Self.requireFolder(
            options.config ?? environment[.config], "configuration folder", "--config or TAKT_CONFIG")
        let settings = try Self.loader.load(overrides: options.overrides, environment: environment, home: ".")
        if !createsHome { try Self.requireFiles(settings.paths) }
        try self.init(settings: settings, environment: environment, options: options)
    }

    /// A folder that somebody named and that is not there is a mistake, never "no configuration".
    private static func requireFolder(_ path: String?, _ what: String, _ source: String) throws {
        guard let path, !FileWriting.exists(path) else { return }
        throw StepFailure(
            code: "no-folder", message: "The \(what) \(path), given by \(source), does not exist.",
            hint: "Nothing was done. Correct the path, or create it with `takt init`.", isRetryable: false,
            exitCode: .configuration)
    }

    /// Without files the built-in profiles trade, which is what a new folder wants, and never what somebody meant who named a
    /// folder of files or wrote one under a name that nobody reads.
    private static func requireFiles(_ paths: Paths) throws {
        let names = ["brokers", "trading", "risk", "symbols"]
        for name in names where !FileWriting.exists("\(paths.config)/\(name).yaml") {
            guard FileWriting.exists("\(paths.config)/\(name).yml") else { continue }
            throw configurationFailure(
                "The file \(paths.config)/\(name).yml is not read: takt reads \(name).yaml.", "Rename it.")
        }
        guard paths.config != Paths(home: paths.home).config,
            !names.contains(where: { FileWriting.exists("\(paths.config)/\($0).yaml") })
        else { return }
        throw configurationFailure(
            "The configuration folder \(paths.config) holds none of brokers.yaml, trading.yaml, risk.yaml and symbols.yaml.",
            "Correct --config or TAKT_CONFIG.")
    }

    private static func configurationFailure(_ message: String, _ cure: String) -> StepFailure {
        StepFailure(
            code: "no-configuration", message: message, hint: "Nothing was done. \(cure)", isRetryable: false,
            exitCode: .configuration)
    }

    /// A symbol or profile that nobody knows is a slip of the keyboard: acting on it would look like success.
    func requireKnown(symbol: String?, profile: String? = nil) throws {
        if let symbol, settings.instruments[Symbol(symbol)] == nil {
            let known = settings.instruments.keys.sorted().map(\.text).joined(separator: ", ")
            throw unknown("symbol '\(symbol)'", "symbols.yaml", known)
        }
        if let profile, settings.profile(named: ProfileName(profile)) == nil {
            throw unknown(
                "profile '\(profile)'", "trading.yaml", settings.profiles.map(\.name.text).joined(separator: ", "))
        }
    }

    private func unknown(_ what: String, _ file: String, _ known: String) -> StepFailure {
        StepFailure(
            code: "unknown-name", message: "There is no \(what) in \(file).",
            hint: "Nothing was done. Known are: \(known).",
            isRetryable: false, exitCode: .usage)
    }

    static var loader: SettingsLoader {
        SettingsLoader(
            knownExchanges: Set(CalendarBook.embedded.exchanges.map(\.text)), knownZones: Set(ZoneRules.known),
            extendedExchanges: Set(CalendarBook.extendedExchanges.map(\.text)),
            checks: SettingsChecks(
                features: FeatureDeclaration.objections, claude: ConsultantWiring.objections))
    }

    init(settings: Settings, environment: Environment, options: CallOptions) throws {
        self.settings = settings
        self.environment = environment
        calendars = try Self.calendars(settings)
        let clock: any WallClock = settings.fixedNow.map { FixedClock($0) } ?? SystemClock()
        self.clock = clock
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let format =
            options.format ?? settings.outputFormat.flatMap(OutputFormat.init(rawValue:))
            ?? (isTerminal ? .table : .json)
        let isColored = isTerminal && !options.noColor && environment[.noColor] == nil
        output = Output(format: format, style: TextStyle(isColored: isColored))
        isDryRun = options.dryRun
        showsProgress = isatty(STDERR_FILENO) == 1 && !options.noProgress && !options.quiet
        log = LogFiles(
            folder: options.dryRun ? nil : settings.paths.logs, level: settings.logLevel,
            stderrLevel: options.quiet ? .error : .warning,
            clock: clock)
    }

    private static func calendars(_ settings: Settings) throws -> CalendarBook {
        guard !settings.calendarOverrides.isEmpty else { return .embedded }
        return try CalendarBook.embedded.overriding(
            settings.calendarOverrides.map { change in
                switch change.change {
                case .closed: CalendarOverride(exchange: change.exchange, date: change.date, change: .closed)
                case .hours(let open, let close):
                    CalendarOverride(
                        exchange: change.exchange, date: change.date,
                        change: .hours(openSecondOfDay: open, closeSecondOfDay: close))
                }
            })
    }

    /// The state database, migrated when it has to be.
    ///
    /// - Parameter creates: Only what sets a folder up, brings bars or runs a beat may make a new one. For everybody else a
    ///   database that is not there means the wrong folder: an order given to an empty one would look like success.
    func openStore(creates: Bool = false) throws -> StateDatabase {
        // A dry run creates and migrates nothing.
        if isDryRun { return try openStoreForReading() }
        if creates { try refuseUnknownDatabase() }
        return try StateDatabase.open(at: settings.paths.database, now: clock.now(), creates: creates)
    }

    /// A named database that is not there may be a typing error, and its empty books would trade beside the real ones. Only
    /// `init` and `db migrate` make one.
    private func refuseUnknownDatabase() throws {
        let paths = settings.paths
        guard paths.database != Paths(home: paths.home).database, !FileWriting.exists(paths.database) else { return }
        throw StepFailure(
            code: "no-such-database",
            message: "There is no database at \(paths.database), which --db or TAKT_DB names.",
            hint:
                "Nothing was done. Correct the path; `takt init --db FILE` or `takt db migrate --db FILE` makes a new one.",
            isRetryable: false, exitCode: .configuration)
    }

    /// A new database where the settings say, named or not.
    func createStore() throws -> StateDatabase {
        try StateDatabase.open(at: settings.paths.database, now: clock.now(), creates: true)
    }

    /// The state database of a command that only looks.
    func openStoreForReading() throws -> StateDatabase {
        try StateDatabase.open(at: settings.paths.database, now: clock.now(), mode: .readOnly)
    }

    func profile() throws -> Profile {
        guard let name = settings.selectedProfile else { return settings.profiles[0] }
        guard let profile = settings.profile(named: name) else {
            let known = settings.profiles.map(\.name.text).joined(separator: ", ")
            throw StepFailure(
                code: "unknown-profile", message: "There is no profile '\(name)' in trading.yaml.",
                hint: "Nothing was done. Known are: \(known).", isRetryable: false, exitCode: .usage)
        }
        return profile
    }

    func refuseLiveMode() throws {
        guard settings.mode != .paper else { return }
        throw StepFailure(
            code: "no-preflight",
            message: "Live mode needs a passed `takt preflight`, and this build does not have it yet.",
            hint:
                "Nothing was sent. Unset TRADING_MODE, or set it to paper: a broker's own paper account trades there.",
            isRetryable: false, exitCode: .configuration)
    }

    /// What the steps run on. Without an account that is known, IB is not among the brokers: see
    /// ``tradingContext(_:stop:)``.
    ///
    /// - Parameter met: The gateway that has told its account just now.
    func cycleContext(
        _ store: StateDatabase, clock stepped: (any WallClock)? = nil, stop: StopSignal = .never,
        meeting met: (gateway: IBGateway, account: AccountID)? = nil
    ) throws -> CycleContext {
        let clock = stepped ?? self.clock
        try refuseLiveMode()
        let failpoints = try Crash.failpoints(environment[.failpoint])
        var brokers: [BrokerID: any Broker] = [:]
        if settings.tradesOnPaperExchange {
            brokers[.paper] = try PaperWiring(settings: settings, calendars: calendars, clock: clock, store: store)
                .broker(failpoints: failpoints)
        }
        var bars: KISBars?
        let kis = KISWiring(settings, calendars: calendars, clock: clock, log: log.stepLog)
        if kis.isEnabled {
            let connection = try kis.connection()
            let broker = kis.broker(connection, stop: stop)
            brokers[broker.id] = broker
            bars = kis.bars(connection)
        }
        let wiring = ib
        let account = try wiring.isEnabled ? met?.account ?? wiring.account(store) : nil
        if wiring.trades, let account {
            let gateway = try met?.gateway ?? wiring.gateway(.orders, account: account, stop: stop)
            brokers[.ib] = IBGatewayBroker(gateway, account: account)
        }
        let readers = wiring.isEnabled ? try wiring.gateway(.data, account: account, stop: stop) : nil
        return CycleContext(
            settings: settings, store: store, clock: clock, calendars: calendars, brokers: brokers,
            barSource: { [settings, calendars, bars] profile in
                try BarSources(settings: settings, calendars: calendars, store: store, kis: bars, ib: readers)
                    .source(for: profile)
            },
            channels: try AlertChannels.make(settings, log: log, clock: clock, host: Self.process.host),
            consultant: try ConsultantWiring.consultant(settings, clock: clock),
            failpoints: failpoints,
            log: log.stepLog,
            environment: environment, process: Self.process, version: TaktVersion.text, stop: stop)
    }

    static let process = ProcessIdentity(pid: Int(getpid()), host: hostName(), user: userName())

    private static func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func userName() -> String {
        guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name else { return "uid \(geteuid())" }
        return String(cString: name)
    }
}

/// The crash tests' lever: `TAKT_FAILPOINT=NAME[:N]` kills the process with SIGKILL when the N-th passage of that place comes.
enum Crash {
    static func failpoints(_ wish: String?) throws -> Failpoints {
        guard let wish else { return .none }
        let parts = wish.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let count = parts.count == 1 ? 1 : parts.count == 2 ? Int(parts[1]) ?? 0 : 0
        // A misspelt name or number would let a crash test pass without a crash.
        guard let target = Failpoint(rawValue: parts[0]), count > 0 else {
            throw StepFailure(
                code: "unknown-failpoint",
                message:
                    "TAKT_FAILPOINT is '\(wish)', not the name of a failpoint, alone or with the passage (:1, :2 …).",
                hint: "Nothing was done. Known are: \(Failpoint.allCases.map(\.rawValue).joined(separator: ", ")).",
                isRetryable: false, exitCode: .usage)
        }
        let countdown = Countdown(count)
        return Failpoints { failpoint in
            guard failpoint == target, countdown.strike() else { return }
            kill(getpid(), SIGKILL)
            // The signal is on its way; nothing may happen in between.
            while true { pause() }
        }
    }

    /// A counter that several threads may strike.
    private final class Countdown: Sendable {
        private let left: Mutex<Int>

        init(_ count: Int) { left = Mutex(count) }

        func strike() -> Bool {
            left.withLock { left in
                left -= 1
                return left == 0
            }
        }
    }
}
