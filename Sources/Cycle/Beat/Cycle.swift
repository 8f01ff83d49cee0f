internal import Broker
public import Core
public import Settings

/// The beat: seven steps in order, for one closed bar of one profile.
///
/// This is the spine of the house. A timer may run the steps one by one through ``run(_:cycle:)`` or all at once through
/// ``run(from:until:cycle:)``; the rows they leave are the same.
public struct TradingCycle: Sendable {
    /// In the order in which they work.
    static let steps: [any Step] = [
        FetchBarsStep(), DecideStep(), RiskCheckStep(), SubmitStep(), ReconcileStep(), ReportStep(), AlertStep(),
    ]

    private let context: CycleContext
    private let profile: Profile
    private let isDryRun: Bool
    private let isForced: Bool

    public init(context: CycleContext, profile: Profile, isDryRun: Bool = false, isForced: Bool = false) {
        self.context = context
        self.profile = profile
        self.isDryRun = isDryRun
        self.isForced = isForced
    }

    /// Runs one step.
    public func run(_ name: StepName, cycle: CycleID) async -> StepDocument {
        let beat = Beat(
            context: context, cycle: cycle, profile: profile, now: context.clock.now(), isDryRun: isDryRun,
            isForced: isForced)
        return await StepRunner(context: context).run(Self.steps[name.order], beat)
    }

    /// Runs the steps from one to another, both included. A step that fails does not stop the later ones: each knows what it
    /// needs, protection and reconciliation are owed most of all when something went wrong. A signal does stop them.
    public func run(from first: StepName, until last: StepName, cycle: CycleID) async -> CycleDocument {
        let startedAt = context.clock.now()
        var documents: [StepDocument] = []
        for step in StepName.allCases where step >= first && step <= last {
            let document = await run(step, cycle: cycle)
            documents.append(document)
            // Nothing after it asks a broker: what only one process can have at a time is another profile's.
            if step == .reconcile, step < last { for broker in context.brokers.values { await broker.release() } }
            if document.exitCode == .interrupted || document.exitCode == .terminated { break }
        }
        return CycleDocument(
            cycle: cycle, mode: context.settings.mode.rawValue, startedAt: startedAt, finishedAt: context.clock.now(),
            steps: documents)
    }
}

/// What `takt cycle` prints (`takt.cycle/1`): the documents of its steps.
public struct CycleDocument: Sendable {
    public let json: JSONValue
    public let exitCode: ExitCode
    public let steps: [StepDocument]

    /// The steps whose outcome still stands at the end: a doubt that submit found and reconcile has settled is none any more.
    private static func standing(_ steps: [StepDocument]) -> [StepDocument] {
        let isSettled = steps.contains { step in
            step.json["step"]?.stringValue == StepName.reconcile.rawValue && step.exitCode != .ordersInDoubt
                && step.json["summary"]?["in_doubt"]?.intValue == 0
        }
        guard isSettled else { return steps }
        return steps.filter {
            $0.json["step"]?.stringValue != StepName.submit.rawValue || $0.exitCode != .ordersInDoubt
        }
    }

    init(cycle: CycleID, mode: String, startedAt: Instant, finishedAt: Instant, steps: [StepDocument]) {
        self.steps = steps
        exitCode = ExitCode.mostUrgent(Self.standing(steps).map(\.exitCode))
        let statuses = steps.compactMap(\.status)
        let status: StepStatus
        if statuses.contains(.failed) {
            status = .failed
        } else if statuses.contains(.busy) {
            status = .busy
        } else if statuses.contains(.partial) {
            status = .partial
        } else if statuses.allSatisfy({ $0 == .skipped }) {
            status = .skipped
        } else {
            status = .succeeded
        }
        json = [
            "schema": "takt.cycle/1", "cycle": JSONValue(cycle), "profile": JSONValue(cycle.profile),
            "mode": .string(mode),
            "status": .string(status.rawValue), "replayed": .bool(!steps.isEmpty && steps.allSatisfy(\.isReplayed)),
            "started_at": JSONValue(startedAt), "finished_at": JSONValue(finishedAt),
            "exit_code": .int(Int64(exitCode.rawValue)),
            "items": .array(steps.map(\.json)),
        ]
    }
}
