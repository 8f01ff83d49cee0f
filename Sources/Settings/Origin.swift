/// Where an effective value comes from, most binding first: flag, environment, `.env`, YAML, built-in default.
public enum Origin: Hashable, Sendable, CustomStringConvertible {
    /// A command-line flag, as typed: `--log-level`.
    case flag(String)
    case environment(String)
    /// A line (from 1) of the `.env` file.
    case dotEnv(file: String, line: Int)
    /// A place in a YAML file; line and column count from 1.
    case yaml(file: String, line: Int, column: Int)
    case builtIn

    /// `config/risk.yaml:3:5`, `environment LOG_LEVEL`, `default`.
    public var description: String {
        switch self {
        case .flag(let name): "flag \(name)"
        case .environment(let name): "environment \(name)"
        case .dotEnv(let file, let line): "\(file):\(line)"
        case .yaml(let file, let line, let column): "\(file):\(line):\(column)"
        case .builtIn: "default"
        }
    }

    public var file: String? {
        switch self {
        case .dotEnv(let file, _), .yaml(let file, _, _): file
        case .flag, .environment, .builtIn: nil
        }
    }

    public var line: Int? {
        switch self {
        case .dotEnv(_, let line), .yaml(_, let line, _): line
        case .flag, .environment, .builtIn: nil
        }
    }

    public var column: Int? {
        if case .yaml(_, _, let column) = self { column } else { nil }
    }
}

/// One thing wrong with the configuration: where, which key, what, and what to write instead.
public struct SettingsError: Hashable, Sendable, CustomStringConvertible {
    public let origin: Origin
    /// The key path, `risk_limits.stop_loss_pct`; empty where a file as a whole cannot be read.
    public let key: String
    /// What is wrong. Never contains a secret.
    public let message: String
    /// The nearest valid key or the cure.
    public let hint: String?

    public init(origin: Origin, key: String, message: String, hint: String? = nil) {
        self.origin = origin
        self.key = key
        self.message = message
        self.hint = hint
    }

    public var description: String {
        let head = key.isEmpty ? "\(origin): \(message)" : "\(origin): \(key): \(message)"
        return hint.map { "\(head); \($0)" } ?? head
    }
}

/// Everything that is wrong with a configuration, in the order of the files. Never empty.
public struct SettingsErrors: Error, Hashable, Sendable, CustomStringConvertible {
    public let all: [SettingsError]

    public init(_ all: [SettingsError]) { self.all = all }

    /// One line each.
    public var description: String { all.map(\.description).joined(separator: "\n") }
}

/// Something `config check` tells that is no error: a key that is accepted without effect, a value that loses.
public struct SettingsNote: Hashable, Sendable, CustomStringConvertible {
    public let origin: Origin
    public let key: String
    public let message: String

    public init(origin: Origin, key: String, message: String) {
        self.origin = origin
        self.key = key
        self.message = message
    }

    public var description: String { "\(origin): \(key): \(message)" }
}

/// One effective value, for `config show`.
public struct ConfigRow: Hashable, Sendable {
    /// The key path; `takt.home` and the like for what has no YAML key.
    public let key: String
    /// The value as text; a secret as `•••`, an account's number as `••••••••-01`; empty where nothing is set and nothing is assumed.
    public let value: String
    public let origin: Origin
    /// `of equity`, `s`, `bars`; `nil` where the value has none.
    public let unit: String?
    public let doc: String
    public let isSecret: Bool
}
