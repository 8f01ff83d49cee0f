internal import ArgumentParser
internal import Core
internal import Cycle
internal import Glibc
internal import Settings

struct ScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule", abstract: "Prints the crontab of the configured profiles.",
        discussion: """
            One line a profile, a little after every bar's close, around the clock: takt itself knows sessions, holidays \
            and daylight saving, and replays the last cycle in some milliseconds when there is nothing to do. So no line \
            names a time zone, which Debian's cron would not honour anyway. Alerts go out between the beats, and every \
            night the state is copied and the audit trail checked. Where `learning.enabled` is set, what a profile's policy \
            lived through is looked back on every hour. What is printed is a whole crontab: piped into \
            `crontab -` it takes the place of the one you have.

            Example: takt schedule --home /srv/takt | crontab -
            """)
    @OptionGroup var global: GlobalOptions
    @Option(name: .long, help: .init("Seconds after the bar's close at which a beat starts.", valueName: "seconds"))
    var delay = 10
    @Option(name: .long, help: .init("How takt is called; default: this very program.", valueName: "path"))
    var program: String?

    func validate() throws {
        guard (0...50).contains(delay) else { throw ValidationError("--delay must be 0 to 50 seconds.") }
    }

    func run() async throws {
        let context = try CommandContext(global)
        let profiles = try global.profile == nil ? context.settings.profiles : [context.profile()]
        let crontab = Crontab(
            program: program ?? Self.ownPath(), paths: context.settings.paths, delaySeconds: delay,
            profiles: profiles.map {
                .init(
                    name: $0.name, symbols: $0.symbols, timeframe: $0.timeframe,
                    learns: Self.learns($0, context.settings))
            })
        // Piped into `crontab -` it must be a crontab, whatever else goes into pipes as JSON: only who asks gets that.
        guard global.format == .json || global.format == .ndjson else { return try context.output.raw(crontab.text) }
        let document: JSONValue = [
            "schema": "takt.schedule/1", "profiles": .array(profiles.map { JSONValue($0.name) }),
            "crontab": .string(crontab.text),
        ]
        try context.output.emit(document) { crontab.text }
    }

    /// Whether there is a policy that a challenger could learn from.
    private static func learns(_ profile: Profile, _ settings: Settings) -> Bool {
        settings.learning.isEnabled
            && settings.agents.voters(in: profile.agents).contains { settings.agents.policies[$0] != nil }
    }

    /// Cron looks for programs in `/usr/bin` and `/bin` only, so the lines name this one by its whole path.
    private static func ownPath() -> String {
        guard let path = realpath("/proc/self/exe", nil) else { return "takt" }
        defer { free(path) }
        return String(cString: path)
    }
}

/// A crontab for one working folder, in the form of `cron/takt.crontab`.
struct Crontab {
    struct Beat {
        let name: ProfileName
        let symbols: [Symbol]
        let timeframe: Timeframe
        let learns: Bool
    }

    let program: String
    let paths: Paths
    let delaySeconds: Int
    let profiles: [Beat]

    private static let log = "2>>\"$TAKT_HOME/logs/cron.log\""

    var text: String {
        (head + profiles.flatMap(beat) + learning + alerts + night).joined(separator: "\n")
    }

    /// Every folder that was named when the crontab was asked for: a beat that lost one would trade on another database.
    private var head: [String] {
        let standard = Paths(home: paths.home)
        var lines = [
            "# takt: one beat for every closed bar; outside the sessions a run replays the last cycle and ends.",
            "SHELL=/bin/sh", "PATH=/usr/local/bin:/usr/bin:/bin", "TAKT_HOME=\(Self.absolute(paths.home))",
        ]
        if paths.config != standard.config { lines.append("TAKT_CONFIG=\(Self.absolute(paths.config))") }
        if paths.database != standard.database { lines.append("TAKT_DB=\(Self.absolute(paths.database))") }
        return lines + ["MAILTO=\"\""]
    }

    private func beat(_ profile: Beat) -> [String] {
        [
            "", "# \(profile.name): \(profile.symbols.map(\.text).joined(separator: " "))",
            "\(Self.fields(profile.timeframe)) sleep \(delaySeconds); \(call("cycle --profile \(profile.name)"))",
        ]
    }

    /// Between two beats, and at the lowest priority: no order waits for it.
    private var learning: [String] {
        let learners = profiles.filter(\.learns)
        guard !learners.isEmpty else { return [] }
        return ["", "# Every hour the challengers look back on what their policies have lived through."]
            + learners.map { "52 * * * * nice -n 19 \(call("learn --profile \($0.name)"))" }
    }

    private var alerts: [String] {
        guard let first = profiles.first else { return [] }
        return [
            "", "# Alerts between the beats: what could not be delivered is tried again.",
            "* * * * * sleep 40; \(call("alert --profile \(first.name)"))",
        ]
    }

    /// A per cent sign is a new line to cron unless it is escaped.
    private var night: [String] {
        let (folder, day) = ("$TAKT_HOME/backups", "$(date +\\%F)")
        let paper = "$TAKT_HOME/state/paper.sqlite"
        var lines = [
            "", "# Every night a copy of the state, kept for 30 days, and the audit trail checked.",
            "45 23 * * * mkdir -p \"\(folder)\" && \(call("db backup --output \"\(folder)/takt-\(day).sqlite\"")); "
                + call("audit verify"),
        ]
        if paths.database == Paths(home: paths.home).database {
            lines.append(
                "50 23 * * * test ! -e \"\(paper)\" || sqlite3 \"\(paper)\" \".backup '\(folder)/paper-\(day).sqlite'\" "
                    + Self.log)
        }
        lines.append(
            "55 23 * * * find \"\(folder)\" -name '*.sqlite' -mtime +30 -delete; "
                + "find \"$TAKT_HOME/logs\" -name '*_*.log' -mtime +90 -delete")
        return lines
    }

    /// The document is in the database already; the story is kept.
    private func call(_ words: String) -> String { "\(Self.quoted(program)) \(words) >/dev/null \(Self.log)" }

    /// Cron fields that hit every close of a bar: bars lie on the grid of the hour in every time zone of whole hours.
    private static func fields(_ timeframe: Timeframe) -> String {
        switch timeframe.seconds {
        case ..<3600: "*/\(timeframe.seconds / 60) * * * *"
        default: "*/30 * * * *"
        }
    }

    /// As the shell reads it after cron has: quoted where it has to be, per cent signs escaped.
    private static func quoted(_ program: String) -> String {
        let plain = program.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "/._-+".utf8.contains(byte)
        }
        return plain ? program : "'\(program.replacing("'", with: "'\\''").replacing("%", with: "\\%"))'"
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/") else { return path }
        guard let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        let relative = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        return relative == "." ? String(cString: folder) : "\(String(cString: folder))/\(relative)"
    }
}
