internal import ArgumentParser
internal import Core
internal import Cycle
internal import Glibc
internal import Settings

struct ScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule", abstract: "Prints crontab lines for the configured profiles.",
        discussion: """
            One line a profile, a little after every bar's close, around the clock: takt itself knows sessions, holidays \
            and daylight saving, and replays the last cycle in some milliseconds when there is nothing to do. So no line \
            names a time zone, which Debian's cron would not honour anyway.

            Example: takt schedule --home /srv/takt | crontab -
            """)
    @OptionGroup var global: GlobalOptions
    @Option(name: .long, help: .init("Seconds after the bar's close at which a beat starts.", valueName: "seconds"))
    var delay = 10
    @Option(name: .long, help: .init("How takt is called.", valueName: "path")) var program = "takt"

    func validate() throws {
        guard (0...50).contains(delay) else { throw ValidationError("--delay must be 0 to 50 seconds.") }
    }

    func run() async throws {
        let context = try CommandContext(global)
        let home = Self.quoted(context.settings.paths.home)
        let logs = Self.quoted(context.settings.paths.logs + "/cron.log")
        var lines = [
            "# takt: one beat for every closed bar; outside the sessions a run replays the last cycle and ends.",
            "SHELL=/bin/sh",
        ]
        for profile in context.settings.profiles {
            let symbols = profile.symbols.map(\.text).joined(separator: " ")
            lines += [
                "", "# \(profile.name): \(symbols)",
                "\(Self.fields(profile.timeframe)) sleep \(delay); \(program) cycle --home \(home) --profile \(profile.name) "
                    + "> /dev/null 2>> \(logs)",
            ]
        }
        lines += [
            "", "# A copy of the state every night, and the audit trail checked.",
            "40 23 * * * \(program) db backup --home \(home) >> \(logs) 2>&1; \(program) audit verify --home \(home) "
                + "> /dev/null 2>> \(logs)",
        ]
        try context.output.raw(lines.joined(separator: "\n"))
    }

    /// Cron fields that hit every close of a bar: bars lie on the grid of the hour in every time zone of whole hours.
    private static func fields(_ timeframe: Timeframe) -> String {
        switch timeframe.seconds {
        case ..<3600: "*/\(timeframe.seconds / 60) * * * *"
        default: "*/30 * * * *"
        }
    }

    /// An absolute path as cron and the shell read it: in quotes, and with the per cent signs that cron turns into line
    /// ends escaped.
    private static func quoted(_ path: String) -> String {
        let text = absolute(path).replacing("'", with: "'\\''").replacing("%", with: "\\%")
        return "'\(text)'"
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/") else { return path }
        guard let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        let relative = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        return relative == "." ? String(cString: folder) : "\(String(cString: folder))/\(relative)"
    }
}
