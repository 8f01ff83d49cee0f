internal import Cycle
internal import Settings

/// The options every command takes, as plain values; see ``GlobalOptions`` for what they mean.
struct CallOptions: Hashable, Sendable {
    var home: String?
    var config: String?
    var db: String?
    var profile: String?
    var format: OutputFormat?
    var logLevel: String?
    var now: String?
    var dryRun = false
    var quiet = false
    var noColor = false
    var noProgress = false

    /// What the flags say, in the terms of the settings loader.
    var overrides: Overrides {
        Overrides(
            home: home, config: config, database: db, profile: profile, format: format?.rawValue,
            logLevel: logLevel, now: now)
    }

    /// Whether the word is one of the flags; then it is noted.
    mutating func takeFlag(_ word: String) -> Bool {
        switch word {
        case "--dry-run": dryRun = true
        case "--quiet": quiet = true
        case "--no-color": noColor = true
        case "--no-progress": noProgress = true
        default: return false
        }
        return true
    }

    /// Whether the word is one of the options, and the value fits it; then it is noted.
    mutating func take(_ word: String, _ value: String) -> Bool {
        switch word {
        case "--home": home = value
        case "--config": config = value
        case "--db": db = value
        case "--profile": profile = value
        case "--log-level": logLevel = value
        case "--now": now = value
        case "--format":
            guard let format = OutputFormat(rawValue: value) else { return false }
            self.format = format
        default: return false
        }
        return true
    }
}

/// A call of a step or of the cycle, with nothing but plain options: what timers make at every beat.
///
/// It is read here, before any parser is built: the parser looks at its commands by reflection, which costs a start more
/// than everything else that a beat with nothing to do does. Whatever is not plainly such a call is left to the parser, and
/// so is every mistake, since the parser explains it. A test holds both to the same answers.
struct BeatCall: Hashable, Sendable {
    /// `nil` is the whole cycle, from `first` until `last`.
    private(set) var step: StepName?
    private(set) var first = StepName.fetchBars
    private(set) var last = StepName.alert
    private(set) var again = false
    private(set) var cycle: String?
    private(set) var options = CallOptions()

    /// `nil` for whatever the parser has to read.
    init?(_ arguments: [String]) {
        guard let name = arguments.first else { return nil }
        if name != "cycle" {
            guard let step = StepName(rawValue: name) else { return nil }
            self.step = step
        }
        var seen: Set<String> = []
        var rest = arguments.dropFirst()
        while let word = rest.popFirst() {
            guard seen.insert(word).inserted else { return nil }
            if takeFlag(word) { continue }
            guard let value = rest.popFirst(), !value.hasPrefix("-"), take(word, value) else { return nil }
        }
        guard first <= last else { return nil }
    }

    private mutating func takeFlag(_ word: String) -> Bool {
        guard word == "--again" else { return options.takeFlag(word) }
        again = true
        return true
    }

    private mutating func take(_ word: String, _ value: String) -> Bool {
        switch word {
        case "--cycle": cycle = value
        case "--from", "--until":
            guard step == nil, let step = StepName(rawValue: value) else { return false }
            if word == "--from" { first = step } else { last = step }
        default: return options.take(word, value)
        }
        return true
    }

    func run() async throws {
        let beat = BeatRunner(context: try CommandContext(options), cycle: cycle, isForced: again)
        if let step { try await beat.run(step) } else { try await beat.run(from: first, until: last) }
    }
}
