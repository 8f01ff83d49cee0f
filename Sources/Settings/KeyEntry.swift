/// The four configuration files.
enum ConfigFile: String, CaseIterable, Sendable {
    case brokers = "brokers.yaml"
    case trading = "trading.yaml"
    case risk = "risk.yaml"
    case symbols = "symbols.yaml"

    /// Its place in a set of files.
    var bit: UInt8 {
        switch self {
        case .brokers: 1
        case .trading: 2
        case .risk: 4
        case .symbols: 8
        }
    }
}

/// What a value must look like.
enum ValueType: Hashable, Sendable {
    case bool
    case integer(ClosedRange<Int>)
    /// An exact decimal between two bounds, both included.
    case decimal(String, String)
    /// A share of one; the bounds are included. `0.05`, never `5` or `5%`.
    case fraction(String, String)
    case text
    /// A text that is masked everywhere.
    case secret
    /// The number of an account. A secret of which the last two characters may be seen.
    case account
    /// The address of a webhook: https, or http to this computer. A secret.
    case webhook
    /// The address of a mail server, smtp:// or smtps://. A secret.
    case mailServer
    /// An address or a host that is no secret, and so must not hold one.
    case address
    /// One mail address.
    case mail
    /// Mail addresses, separated by commas.
    case mails
    /// A market by its short name: KR, US.
    case market
    /// A regular expression.
    case pattern
    /// One of a few words; `_` and `-` are the same, case does not matter.
    case choice([String])
    case symbol
    case currency
    case exchange
    case zone
    case timeframe
    case date
    /// `09:30`
    case clock
    case instant
    indirect case list(ValueType)
    /// Whatever stands there, uninterpreted.
    case anything
    /// A block that is known and holds no key.
    case nothing

    /// Whether a value of the type is masked everywhere and never quoted.
    var isSecret: Bool {
        switch self {
        case .secret, .account, .webhook, .mailServer: true
        default: false
        }
    }

    // Comparing two values of the type as a whole costs more than asking for its case.

    var isAnything: Bool { if case .anything = self { true } else { false } }
    var isNothing: Bool { if case .nothing = self { true } else { false } }
}

/// One key of the configuration: the table of these drives reading, checking, hints, `config show` and the docs.
struct KeyEntry: Sendable {
    enum Use: Sendable {
        case used
        /// Known from the original files; its value is checked but has no effect.
        case declared
        /// Another way to write the key given.
        case alias(of: ConfigPath)
    }

    /// `nil`: no YAML key, only flag and environment.
    let file: ConfigFile?
    let path: ConfigPath
    let type: ValueType
    let unit: String?
    /// As one would write it in YAML; `nil` means absent.
    let standard: String?
    let environment: EnvironmentName?
    let use: Use
    /// The key has a value in the settings, but nothing in this build acts upon it: nobody shall rely on it.
    let isIdle: Bool
    let doc: String

    static func key(
        _ file: ConfigFile?, _ path: ConfigPath, _ type: ValueType, default standard: String? = nil,
        unit: String? = nil, environment: EnvironmentName? = nil, isIdle: Bool = false, _ doc: String
    ) -> KeyEntry {
        KeyEntry(
            file: file, path: path, type: type, unit: unit, standard: standard, environment: environment, use: .used,
            isIdle: isIdle, doc: doc)
    }

    static func alias(
        _ file: ConfigFile, _ path: ConfigPath, _ type: ValueType, of other: ConfigPath, isIdle: Bool = false
    ) -> KeyEntry {
        KeyEntry(
            file: file, path: path, type: type, unit: nil, standard: nil, environment: nil, use: .alias(of: other),
            isIdle: isIdle, doc: "Another way to write a key.")
    }

    /// Declared keys below one block: a short notation, since there are many.
    static func declared(_ file: ConfigFile, _ block: ConfigPath, _ keys: [(String, ValueType)]) -> [KeyEntry] {
        keys.map { name, type in
            KeyEntry(
                file: file, path: block.appending(dotted: name), type: type, unit: nil, standard: nil,
                environment: nil, use: .declared, isIdle: false,
                doc: "Accepted from the original files; without effect.")
        }
    }

    var isSecret: Bool { type.isSecret }
}
