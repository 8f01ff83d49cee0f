internal import ArgumentParser
internal import Core
internal import Cycle
internal import Sessions
internal import Settings

struct ScheduleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule", abstract: "Prints crontab lines for the configured profiles.",
        discussion: """
            The lines run in each exchange's own time zone and a little after every bar's close; outside sessions and on \
            holidays takt itself knows that there is nothing to do.

            Example: takt schedule | crontab -
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
        var lines = [
            "# takt: one beat per closed bar. Times are the exchanges' own (CRON_TZ).", "SHELL=/bin/sh", "MAILTO=\"\"",
        ]
        for profile in context.settings.profiles {
            guard let symbol = profile.symbols.first, let instrument = context.settings.instruments[symbol],
                let calendar = context.calendars.calendar(instrument.exchange),
                let session = nextSession(calendar, context)
            else { continue }
            lines += [
                "",
                "# \(profile.name): \(profile.symbols.map(\.text).joined(separator: " ")) on \(instrument.exchange)",
            ]
            lines.append("CRON_TZ=\(calendar.zone.identifier)")
            let wait = delay > 0 ? "sleep \(delay); " : ""
            let home = context.settings.paths.home
            let call =
                "\(wait)\(program) cycle --home \(home) --profile \(profile.name) >> \(context.settings.paths.logs)/cron.log 2>&1"
            lines += fields(profile, session, calendar).map { "\($0) \(call)" }
        }
        context.output.raw(lines.joined(separator: "\n"))
    }

    private func nextSession(_ calendar: ExchangeCalendar, _ context: CommandContext) -> Session? {
        let today = calendar.localDate(of: context.clock.now())
        return (0..<14).lazy.compactMap { calendar.session(on: today.advanced(byDays: $0)) }.first {
            $0.kind == .regular
        }
    }

    /// Cron fields that hit every close of a bar of a regular session: minutes, hours, weekdays.
    private func fields(_ profile: Profile, _ session: Session, _ calendar: ExchangeCalendar) -> [String] {
        let closes = calendar.slots(of: session, timeframe: profile.timeframe).map {
            calendar.localClock(of: $0.closeAt).secondOfDay / 60
        }
        let byHour = Dictionary(grouping: closes, by: { $0 / 60 }).mapValues { $0.map { $0 % 60 }.sorted() }
        var groups: [(minutes: [Int], hours: [Int])] = []
        for hour in byHour.keys.sorted() {
            let minutes = byHour[hour] ?? []
            if let last = groups.last, last.minutes == minutes, last.hours.last == hour - 1 {
                groups[groups.count - 1].hours.append(hour)
            } else {
                groups.append((minutes, [hour]))
            }
        }
        return groups.map { group in
            let hours =
                group.hours.count > 1 ? "\(group.hours[0])-\(group.hours[group.hours.count - 1])" : "\(group.hours[0])"
            return "\(Self.minutes(group.minutes)) \(hours) * * 1-5"
        }
    }

    /// `*/5` for a full hour of bars, else the list.
    private static func minutes(_ minutes: [Int]) -> String {
        if minutes.count > 1, minutes[0] == 0, case let step = minutes[1], 60 % step == 0,
            minutes == Array(stride(from: 0, to: 60, by: step))
        {
            return "*/\(step)"
        }
        return minutes.map(String.init).joined(separator: ",")
    }
}
