#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

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

    var byPath: [ConfigPath: (name: String, text: String)] {
        let all: [(ConfigPath, String, String?)] = [
            ("takt.home", "--home", home), ("takt.config", "--config", config), ("takt.database", "--db", database),
            ("takt.profile", "--profile", profile), ("takt.format", "--format", format),
            ("logging.level", "--log-level", logLevel), ("takt.now", "--now", now),
        ]
        return all.reduce(into: [:]) { result, flag in
            if let text = flag.2 { result[flag.0] = (flag.1, text) }
        }
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

    /// - Parameters:
    ///   - knownExchanges: codes of the exchanges that have a calendar.
    ///   - knownZones: IANA names of the time zones that have rules.
    public init(knownExchanges: Set<String>, knownZones: Set<String>) {
        known = KnownNames(exchanges: knownExchanges, zones: knownZones.union(["UTC"]))
    }

    /// Loads from disk.
    ///
    /// - Parameter home: the working folder where neither `--home` nor `TAKT_HOME` names one: the current folder.
    public func load(
        overrides: Overrides = Overrides(), environment: Environment, home: String
    ) throws(SettingsErrors) -> Settings {
        var texts = ConfigurationTexts()
        var errors: [SettingsError] = []
        var notes: [SettingsNote] = []
        let dotEnvFile = "\(self.home(overrides, environment, home))/.env"
        texts.dotEnv = FileReading.bytes(of: dotEnvFile, errors: &errors)
        // Its own errors are collected once, when all files are settled.
        var later: [SettingsError] = []
        let paths = paths(overrides, environment, dotEnv(texts, dotEnvFile, &later), home)
        for file in ConfigFile.allCases {
            texts[file] = FileReading.bytes(of: "\(paths.config)/\(file.rawValue)", errors: &errors)
        }
        if texts.dotEnv != nil, FileReading.isOpenToOthers(dotEnvFile) {
            let message = "other users can read the file: run chmod 600 \(dotEnvFile)"
            notes.append(SettingsNote(origin: .dotEnv(file: dotEnvFile, line: 1), key: ".env", message: message))
        }
        return try settle(texts, overrides, environment, home, errors, notes)
    }

    /// Loads from texts in memory: for tests, demos and rehearsals. File names in messages are those under `home`.
    public func load(
        texts: ConfigurationTexts, overrides: Overrides = Overrides(), environment: Environment = Environment(),
        home: String = "."
    ) throws(SettingsErrors) -> Settings {
        try settle(texts, overrides, environment, home, [], [])
    }

    /// Where `.env` lies, so `.env` cannot move it.
    private func home(_ overrides: Overrides, _ environment: Environment, _ home: String) -> String {
        Paths(home: overrides.home ?? environment[.home] ?? home).home
    }

    private func paths(
        _ overrides: Overrides, _ environment: Environment, _ dotEnv: DotEnv, _ home: String
    ) -> Paths {
        func place(_ flag: String?, _ name: EnvironmentName) -> String? {
            flag ?? environment[name] ?? dotEnv[name.rawValue]?.text
        }
        return Paths(
            home: self.home(overrides, environment, home), config: place(overrides.config, .config),
            database: place(overrides.database, .database))
    }

    private func dotEnv(
        _ texts: ConfigurationTexts, _ file: String, _ errors: inout [SettingsError]
    ) -> DotEnv {
        guard let bytes = texts.dotEnv else { return .empty }
        return DotEnv.read(String(decoding: bytes, as: UTF8.self), file: file, errors: &errors)
    }

    /// A name of `.env` that is one edit away from a name takt reads has most likely been meant as that.
    private func noteSlips(_ dotEnv: DotEnv, _ file: String, _ notes: inout [SettingsNote]) {
        let names = EnvironmentName.allCases.map(\.rawValue)
        // The original file's database names lie one letter away from those of IB.
        let strange = dotEnv.entries.filter { !names.contains($0.key) && !$0.key.hasPrefix("DB_") }
        for (name, entry) in strange.sorted(by: { $0.value.line < $1.value.line }) {
            guard let meant = names.first(where: { Nearest.distance($0, name) == 1 }) else { continue }
            let message = "takt does not read this name; did you mean \(meant)?"
            notes.append(SettingsNote(origin: .dotEnv(file: file, line: entry.line), key: name, message: message))
        }
    }

    private func settle(
        _ texts: ConfigurationTexts, _ overrides: Overrides, _ environment: Environment, _ home: String,
        _ errors: [SettingsError], _ notes: [SettingsNote]
    ) throws(SettingsErrors) -> Settings {
        var errors = errors
        let dotEnvFile = "\(self.home(overrides, environment, home))/.env"
        let dotEnv = dotEnv(texts, dotEnvFile, &errors)
        let paths = paths(overrides, environment, dotEnv, home)
        let values = ValueReader(known: known)
        var notes = notes
        noteSlips(dotEnv, dotEnvFile, &notes)
        let interpolation = Interpolation(environment: environment, dotEnv: dotEnv)
        var found = FoundValues(errors: errors, notes: notes)
        for file in ConfigFile.allCases {
            guard let bytes = texts[file] else { continue }
            var reader = TreeReader(
                file: file, fileName: "\(paths.config)/\(file.rawValue)", interpolation: interpolation,
                values: values, isEmbedded: false, found: found)
            reader.read(bytes)
            found = reader.found
        }
        let resolver = Resolver(
            flags: overrides.byPath, environment: environment, dotEnv: dotEnv, dotEnvFile: dotEnvFile,
            values: values, found: found)
        var builder = SettingsBuilder(resolver: resolver)
        builder.fillDefaults(hasTradingFile: texts.trading != nil)
        let settings = builder.build(paths: paths)
        guard builder.resolver.found.errors.isEmpty else { throw SettingsErrors(builder.resolver.found.errors) }
        return settings
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
        var chunk = [UInt8](repeating: 0, count: 65_536)
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
