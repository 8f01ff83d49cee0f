internal import ArgumentParser
internal import Core
internal import Cycle
internal import Reporting
internal import Sessions
internal import Settings
internal import Store

struct ReportCommand: AsyncParsableCommand {
    enum Kind: String, CaseIterable, ExpressibleByArgument { case cycle, daily, weekly, period }

    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Writes a report as JSON, Markdown and a self-contained HTML page.",
        discussion: """
            The kind `cycle` is the step; after the last bar of a session it writes the day's report too. The other kinds \
            can be written at any time, for any day.

            Examples: takt report
                      takt report --kind daily --date 2026-11-20
                      takt report --kind period --from 2026-11-01 --through 2026-11-20
            """)
    @OptionGroup var global: GlobalOptions
    @OptionGroup var cycle: CycleOption
    @Option(name: .long, help: "cycle, daily, weekly or period.") var kind: Kind = .cycle
    @Option(name: .long, help: .init("The day, or a day of the week; default: today there.", valueName: "day"))
    var date: String?
    @Option(name: .long, help: .init("First day of a period.", valueName: "day")) var from: String?
    @Option(name: .long, help: .init("Last day of a period.", valueName: "day")) var through: String?
    @Flag(name: .long, help: "Run again though the step has succeeded for this cycle.") var again = false

    func validate() throws {
        for day in [date, from, through].compactMap({ $0 }) where CivilDate(iso: day) == nil {
            throw ValidationError("'\(day)' is no day; write 2026-11-20.")
        }
        if kind == .period, from == nil || through == nil {
            throw ValidationError("A period needs --from and --through.")
        }
        if let from, let through, from > through {
            throw ValidationError("--from \(from) is after --through \(through).")
        }
        if kind == .cycle, date != nil {
            throw ValidationError("--date belongs to --kind daily or weekly; a cycle's report is named by --cycle.")
        }
        if kind != .period, from != nil || through != nil {
            throw ValidationError("--from and --through belong to --kind period.")
        }
    }

    func run() async throws {
        let context = try CommandContext(global)
        if kind == .cycle {
            return try await BeatRunner(context: context, cycle: cycle.cycle, isForced: again).run(.report)
        }
        let store = try context.openStore()
        let cycleContext = try context.cycleContext(store)
        let profile = try context.profile()
        let (_, calendar) = try cycleContext.listing(of: profile.symbols[0])
        let day = date.flatMap { CivilDate(iso: $0) } ?? calendar.localDate(of: context.clock.now())
        let (first, last) = span(day)
        guard first <= calendar.localDate(of: context.clock.now()) else {
            throw StepFailure(
                code: "no-such-day",
                message: "\(first) has not come yet; at \(profile.name) it is "
                    + "\(calendar.localDate(of: context.clock.now())).",
                hint: "Nothing was written.", isRetryable: false, exitCode: .usage)
        }
        let report = try store.read { reader in
            try ReportGatherer(context: cycleContext, reader: reader, now: context.clock.now())
                .report(reportKind, profile, from: first, through: last, calendar)
        }
        let paths = context.isDryRun ? [] : try ReportFiles(context: cycleContext).write(report)
        let document: JSONValue = [
            "schema": "takt.report-files/1", "kind": .string(kind.rawValue), "profile": JSONValue(profile.name),
            "from": JSONValue(first), "through": JSONValue(last), "verdict": .string(report.verdict.sentence),
            "items": .array(paths.map { ["path": .string($0)] }),
        ]
        try context.output.emit(document) { ([report.verdict.sentence] + paths).joined(separator: "\n") }
    }

    private var reportKind: DailyReport.Kind {
        switch kind {
        case .cycle, .daily: .daily
        case .weekly: .weekly
        case .period: .period
        }
    }

    private func span(_ day: CivilDate) -> (CivilDate, CivilDate) {
        switch kind {
        case .cycle, .daily: return (day, day)
        case .weekly:
            let monday = day.advanced(byDays: 1 - day.isoWeekday)
            return (monday, monday.advanced(byDays: 6))
        case .period:
            return (from.flatMap { CivilDate(iso: $0) } ?? day, through.flatMap { CivilDate(iso: $0) } ?? day)
        }
    }
}
