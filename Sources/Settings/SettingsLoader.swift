#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

internal import Core

/// What the command line says about the configuration; each flag as typed.
public struct Overrides: Sendable {
    public var home: String?
    public var config: String?
    public var database: String?
    public var profile: String?
    public var format: String?
    public var logLevel: String?
    public var now: String?

    public init(
        home: String? = nil, config: String? = nil, database: String? = nil, profile: String? = nil,
        format: String? = nil, logLevel: String? = nil, now: String? = nil
    ) {
        self.home = home
        self.config = config
        self.database = database
        self.profile = profile
        self.format = format
        self.logLevel = logLevel
        self.now = now
    }

    var flags: [Resolver.Flag] {
        var flags: [Resolver.Flag] = []
        func add(_ path: ConfigPath, _ name: String, _ text: String?) {
            if let text { flags.append(Resolver.Flag(path: path, name: name, text: text)) }
        }
        add("takt.home", "--home", home)
        add("takt.config", "--config", config)
        add("takt.database", "--db", database)
        add("takt.profile", "--profile", profile)
        add("takt.format", "--format", format)
        add("logging.level", "--log-level", logLevel)
        add("takt.now", "--now", now)
        return flags
    }
}

/// The texts of the configuration, wherever they come from. What is absent is `nil`: defaults hold.
public struct ConfigurationTexts: Sendable {
    public var brokers: [UInt8]?
    public var trading: [UInt8]?
    public var risk: [UInt8]?
    public var symbols: [UInt8]?
    public var dotEnv: [UInt8]?

    public init(
        brokers: String? = nil, trading: String? = nil, risk: String? = nil, symbols: String? = nil,
        dotEnv: String? = nil
    ) {
        self.brokers = brokers.map { Array($0.utf8) }
        self.trading = trading.map { Array($0.utf8) }
        self.risk = risk.map { Array($0.utf8) }
        self.symbols = symbols.map { Array($0.utf8) }
        self.dotEnv = dotEnv.map { Array($0.utf8) }
    }

    subscript(file: ConfigFile) -> [UInt8]? {
        get {
            switch file {
            case .brokers: brokers
            case .trading: trading
            case .risk: risk
            case .symbols: symbols
            }
        }
        set {
            switch file {
            case .brokers: brokers = newValue
            case .trading: trading = newValue
            case .risk: risk = newValue
            case .symbols: symbols = newValue
            }
        }
    }
}

/// Reads, settles and checks the configuration.
///
/// Precedence: flag, environment, `HOME/.env`, YAML, built-in default. Files that do not exist are no error. All
/// errors are collected, so that one run of `takt config check` shows everything there is to mend.
public struct SettingsLoader: Sendable {
    private let known: KnownNames
    private let checks: SettingsChecks

    /// - Parameters:
    ///   - knownExchanges: codes of the exchanges that have a calendar.
    ///   - knownZones: IANA names of the time zones that have rules.
    ///   - extendedExchanges: codes of the exchanges whose extended hours are known.
    ///   - checks: what other rooms say of values that only they can read.
    public init(
        knownExchanges: Set<String>, knownZones: Set<String>, extendedExchanges: Set<String> = [],
        checks: SettingsChecks = SettingsChecks()
    ) {
        self.checks = checks
        known = KnownNames(exchanges: knownExchanges, zones: knownZones.union(["UTC"]), extended: extendedExchanges)
    }

    /// Loads from disk.
    ///
    /// - Parameter home: the working folder where neither `--home` nor `TAKT_HOME` names one: the current folder.
    public func load(
        overrides: Overrides = Overrides(), environment: Environment, home: String
    ) throws(SettingsErrors) -> Settings {
        var texts = ConfigurationTexts()
        var sources = Sources(overrides: overrides, environment: environment, home: home)
        texts.dotEnv = FileReading.bytes(of: sources.dotEnvFile, errors: &sources.errors)
        sources.read(dotEnv: texts.dotEnv)
        for file in ConfigFile.allCases {
            texts[file] = FileReading.bytes(of: "\(sources.paths.config)/\(file.rawValue)", errors: &sources.errors)
        }
        if texts.dotEnv != nil, FileReading.isOpenToOthers(sources.dotEnvFile) {
            let file = sources.dotEnvFile
            let message = "other users can read the file: run chmod 600 \(file)"
            let origin = Origin.dotEnv(file: file, line: 1)
            sources.notes.append(SettingsNote(origin: origin, key: ".env", message: message))
        }
        return try settle(texts, sources)
    }

    /// Loads from texts in memory: for tests, demos and rehearsals. File names in messages are those under `home`.
    public func load(
        texts: ConfigurationTexts, overrides: Overrides = Overrides(), environment: Environment = Environment(),
        home: String = "."
    ) throws(SettingsErrors) -> Settings {
        var sources = Sources(overrides: overrides, environment: environment, home: home)
        sources.read(dotEnv: texts.dotEnv)
        return try settle(texts, sources)
    }

    private func settle(_ texts: ConfigurationTexts, _ sources: Sources) throws(SettingsErrors) -> Settings {
        let paths = sources.paths
        let values = ValueReader(known: known)
        var reader = TreeReader(
            interpolation: Interpolation(environment: sources.environment, dotEnv: sources.dotEnv), values: values,
            found: FoundValues(errors: sources.errors + sources.dotEnvErrors, notes: sources.notes + sources.slips()))
        for file in ConfigFile.allCases {
            guard let bytes = texts[file] else { continue }
            reader.read(bytes, of: file, named: "\(paths.config)/\(file.rawValue)")
        }
        let resolver = Resolver(
            flags: sources.overrides.flags, environment: sources.environment, dotEnv: sources.dotEnv,
            dotEnvFile: sources.dotEnvFile, values: values, found: reader.take())
        var builder = SettingsBuilder(
            resolver: resolver, extendedExchanges: known.extended, checks: checks)
        builder.fillDefaults(hasTradingFile: texts.trading != nil)
        let settings = builder.build(paths: paths)
        guard builder.resolver.found.errors.isEmpty else { throw SettingsErrors(builder.resolver.found.errors) }
        return settings
    }
}

/// What stands around the four files: flags, environment and `.env`, and the places that follow from them.
private struct Sources {
    let overrides: Overrides
    let environment: Environment
    private let home: String
    private(set) var paths: Paths
    private(set) var dotEnv = DotEnv.empty
    /// Where `.env` lies, so `.env` cannot move it.
    let dotEnvFile: String
    private(set) var dotEnvErrors: [SettingsError] = []
    /// Of files that cannot be read.
    var errors: [SettingsError] = []
    var notes: [SettingsNote] = []

    init(overrides: Overrides, environment: Environment, home: String) {
        self.overrides = overrides
        self.environment = environment
        self.home = overrides.home ?? environment[.home] ?? home
        paths = Paths(home: self.home)
        dotEnvFile = "\(paths.home)/.env"
        place()
    }

    mutating func read(dotEnv bytes: [UInt8]?) {
        guard let bytes else { return }
        dotEnv = DotEnv.read(String(decoding: bytes, as: UTF8.self), file: dotEnvFile, errors: &dotEnvErrors)
        place()
    }

    private mutating func place() {
        paths = Paths(
            home: home, config: overrides.config ?? environment[.config] ?? dotEnv[.config],
            database: overrides.database ?? environment[.database] ?? dotEnv[.database],
            userState: environment.userState)
    }

    /// A name of `.env` that is one edit away from a name takt reads has most likely been meant as that.
    func slips() -> [SettingsNote] {
        guard !dotEnv.entries.isEmpty else { return [] }
        let names = EnvironmentName.allCases.map(\.rawValue)
        // The original file's database names lie one letter away from those of IB.
        let strange = dotEnv.entries.filter { !names.contains($0.key) && !$0.key.hasPrefix("DB_") }
        return strange.sorted(by: { $0.value.line < $1.value.line }).compactMap { name, entry in
            guard let meant = names.first(where: { Nearest.distance($0, name) == 1 }) else { return nil }
            let message = "takt does not read this name; did you mean \(meant)?"
            return SettingsNote(origin: .dotEnv(file: dotEnvFile, line: entry.line), key: name, message: message)
        }
    }
}

/// Whole small files from disk.
enum FileReading {
    /// Far above any configuration; keeps a wrong path from filling the memory.
    static let sizeLimit = 4_000_000

    /// The file's bytes; `nil` if there is none, or if it cannot be read, which is added to `errors`.
    static func bytes(of path: String, errors: inout [SettingsError]) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno != ENOENT { fail(path, String(cString: strerror(errno)), &errors) }
            return nil
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while bytes.count <= sizeLimit {
            let count = chunk.withUnsafeMutableBytes { Self.readSome(descriptor, $0) }
            if count == 0 { return bytes }
            guard count > 0 else {
                fail(path, String(cString: strerror(errno)), &errors)
                return nil
            }
            bytes += chunk[..<count]
        }
        fail(path, "the file is larger than \(sizeLimit) bytes", &errors)
        return nil
    }

    /// Whether a file is there and can be read; a reason besides its absence is added to `errors`.
    static func isReadable(_ path: String, errors: inout [SettingsError]) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno != ENOENT { fail(path, String(cString: strerror(errno)), &errors) }
            return false
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            fail(path, "it is no regular file", &errors)
            return false
        }
        return true
    }

    static func isOpenToOthers(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & 0o077 != 0
    }

    private static func readSome(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 || errno != EINTR { return count }
        }
    }

    private static func fail(_ path: String, _ message: String, _ errors: inout [SettingsError]) {
        errors.append(
            SettingsError(
                origin: .yaml(file: path, line: 1, column: 1), key: "", message: "cannot be read: \(message)",
                hint: "mend the file's rights or path"))
    }
}
