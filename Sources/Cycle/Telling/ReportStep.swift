internal import Core
public import Reporting
internal import Sessions
internal import Settings
internal import Store

/// Writes what happened under `reports/`: one report a cycle, and after the last bar of a session the day's.
///
/// Files are replaced as a whole, so a reader never meets half a page and a rerun writes the same names again.
struct ReportStep: Step {
    let name = StepName.report

    /// A report tells of what was sent and settled: a later run of those steps makes it old.
    func hasNewWork(_ beat: Beat) throws -> Bool {
        try beat.context.store.read { reader in
            let written = try reader.lastJournal(beat.cycle, step: name.rawValue)?.id ?? 0
            for step in [StepName.submit, .reconcile] {
                if let entry = try reader.lastJournal(beat.cycle, step: step.rawValue), entry.id > written {
                    return true
                }
            }
            return false
        }
    }

    func run(_ beat: Beat) async throws -> StepResult {
        let writer = ReportFiles(context: beat.context)
        let isLast = try isLastOfSession(beat)
        let (cycle, daily) = try beat.context.store.read { reader in
            let gatherer = ReportGatherer(context: beat.context, reader: reader, now: beat.now)
            let cycle = try gatherer.cycle(beat.cycle)
            return (cycle, isLast ? try gatherer.day(of: beat.cycle) : nil)
        }
        beat.context.failpoints.hit(.reportBeforeWrite)
        var paths: [String] = []
        if !beat.isDryRun {
            paths += try writer.write(cycle, beat.cycle)
            if let daily { paths += try writer.write(daily) }
        }
        beat.context.failpoints.hit(.reportAfterWrite)
        let summary: [JSONValue.Member] = [
            .init("files", .int(Int64(paths.count))), .init("verdict", .string(cycle.verdict.sentence)),
        ]
        return StepResult(.succeeded, summary: summary, items: paths.map { ["path": .string($0)] })
    }

    private func isLastOfSession(_ beat: Beat) throws -> Bool {
        try beat.members().contains { $0.slot.map { $0.closeAt == $0.session.close } ?? false }
    }
}

/// The files of the reports room of the working folder.
public struct ReportFiles: Sendable {
    private let settings: Settings
    private let zone: ReportZone

    public init(context: CycleContext) {
        settings = context.settings
        let rules = ZoneRules.named(context.settings.reportTimeZone) ?? .utc
        zone = ReportZone(name: rules.identifier) { rules.offsetSeconds(at: $0) }
    }

    func write(_ report: CycleReport, _ cycle: CycleID) throws -> [String] {
        let time = cycle.barClose.description.dropFirst(11).filter(\.isNumber)
        let folder = "\(settings.paths.reports)/cycle/\(cycle.barClose.utcDate)"
        return try write(
            "\(folder)/\(cycle.profile)-\(time)", report.json, report.markdown(zone: zone), report.html(zone: zone))
    }

    public func write(_ report: DailyReport) throws -> [String] {
        let folder = "\(settings.paths.reports)/\(report.kind.rawValue)/\(report.through)"
        // Periods that end on the same day are different reports.
        let span = report.kind == .period ? "-since-\(report.from)" : ""
        return try write(
            "\(folder)/\(report.profile)\(span)", report.json, report.markdown(zone: zone), report.html(zone: zone))
    }

    private func write(_ base: String, _ json: JSONValue, _ markdown: String, _ html: String) throws -> [String] {
        var paths: [String] = []
        for (suffix, text) in [("json", json.text + "\n"), ("md", markdown), ("html", html)] {
            let path = "\(base).\(suffix)"
            try FileWriting.replace(path, with: Array(text.utf8))
            paths.append(path)
        }
        return paths
    }
}
