internal import Core
internal import Settings
internal import Store

/// One of the seven steps. A step is a function of (state database, configuration, clock, brokers).
protocol Step: Sendable {
    var name: StepName { get }

    /// Whether something has turned up since the step last succeeded for this cycle that a rerun has to take care of: an
    /// approved intent to send, an alert that is due. Without it a rerun replays the recorded document.
    func hasNewWork(_ beat: Beat) throws -> Bool

    /// Whether the step works for all profiles at once: then one process of the whole house runs it at a time.
    var isShared: Bool { get }

    /// Does the work, resuming from whatever an earlier, interrupted attempt has made durable.
    func run(_ beat: Beat) async throws -> StepResult
}

extension Step {
    var isShared: Bool { false }
    func hasNewWork(_ beat: Beat) throws -> Bool { false }
}

/// Runs a step under its lock and its journal: the same few rules for all seven.
///
/// 1. A cycle whose step has succeeded is replayed: the recorded document again, nothing touched.
/// 2. The lock makes sure that the step runs once at a time per profile; the second comer ends with `busy`.
/// 3. A journal row is written before and after. A row that was begun and never ended shows a killed attempt.
struct StepRunner {
    let context: CycleContext

    func run(_ step: any Step, _ beat: Beat) async -> StepDocument {
        do {
            if beat.isDryRun { return try await rehearse(step, beat) }
            if let recorded = try replay(step, beat) { return recorded }
            switch try await StepLock.acquire(
                path: lockPath(step, beat), holder: holder(step, beat), tries: Self.briefly)
            {
            case .busy(let holder): return busy(step, beat, holder)
            case .acquired(let lock):
                // Another process may have finished the step between the look at the journal and the lock.
                if let recorded = try replay(step, beat) { return recorded }
                defer { lock.release() }
                return try await runAlone(step, beat)
            }
        } catch {
            return document(step, beat, attempt: 0, startedAt: beat.now, .failed(StepFailure(describing: error)))
        }
    }

    /// Tries, 50 ms apart, for a lock that another process may hold for a moment only (orphan recovery).
    private static let briefly = 4
    /// Tries for a lock that another profile's run of the same step holds: its work ends soon.
    private static let patiently = 200

    /// A shared step waits its turn behind the other profiles.
    private func runAlone(_ step: any Step, _ beat: Beat) async throws -> StepDocument {
        guard step.isShared else { return try await runJournaled(step, beat) }
        let path = context.lockPath(step.name.rawValue)
        switch try await StepLock.acquire(path: path, holder: holder(step, beat), tries: Self.patiently) {
        case .busy(let holder): return busy(step, beat, holder)
        case .acquired(let lock):
            defer { lock.release() }
            return try await runJournaled(step, beat)
        }
    }

    /// The recorded result of this cycle's step, if it stands.
    private func replay(_ step: any Step, _ beat: Beat) throws -> StepDocument? {
        guard !beat.isForced,
            let last = try context.store.read({ try $0.lastJournal(beat.cycle, step: step.name.rawValue) }),
            let recorded = last.document, let code = last.exitCode.flatMap({ ExitCode(rawValue: Int32($0)) })
        else { return nil }
        switch last.status {
        case .succeeded: break
        case .skipped:
            guard last.reason.flatMap(SkipReason.init(rawValue:))?.isLasting ?? false else { return nil }
        case .running, .partial, .failed, .busy, .interrupted: return nil
        }
        guard try !step.hasNewWork(beat) else { return nil }
        return StepDocument(json: recorded.setting("replayed", true), exitCode: code)
    }

    private func runJournaled(_ step: any Step, _ beat: Beat) async throws -> StepDocument {
        context.failpoints.hit(.stepBeforeJournalStart)
        let entry = try context.store.write(durable: false) { writer in
            // The lease is what `status` shows; the lock itself is the operating system's.
            try writer.recordLease(
                Lease(
                    step: step.name.rawValue, cycle: beat.cycle, pid: context.process.pid, host: context.process.host,
                    acquiredAt: beat.now))
            return try writer.startJournal(
                beat.cycle, step: step.name.rawValue, pid: context.process.pid, host: context.process.host, at: beat.now
            )
        }
        context.failpoints.hit(.stepAfterJournalStart)
        let result: StepResult
        do { result = try await step.run(beat.attempting(entry.attempt)) } catch {
            result = .failed(StepFailure(describing: error))
        }
        let document = document(step, beat, attempt: entry.attempt, startedAt: beat.now, result)
        context.failpoints.hit(.stepBeforeJournalFinish)
        try context.store.write(durable: false) { writer in
            try writer.clearLease(profile: beat.cycle.profile, step: step.name.rawValue)
            try writer.finishJournal(
                entry.id, at: context.clock.now(), status: JournalStatus(result.status),
                reason: result.reason?.rawValue,
                exitCode: Int(result.exitCode.rawValue), inputDigest: result.inputDigest,
                outputDigest: outputDigest(result), document: document.json)
        }
        context.failpoints.hit(.stepAfterJournalFinish)
        context.log.step(document)
        return document
    }

    /// A dry run computes from the state as it is, under no lock and into no journal.
    private func rehearse(_ step: any Step, _ beat: Beat) async throws -> StepDocument {
        let result = try await step.run(beat)
        return document(step, beat, attempt: 0, startedAt: beat.now, result)
    }

    private func busy(_ step: any Step, _ beat: Beat, _ holder: String) -> StepDocument {
        let failure = StepFailure(
            code: "busy", message: "\(step.name.rawValue) of \(beat.cycle.profile) is already running: \(holder).",
            hint: "Nothing was done and nothing is wrong; the running step will finish, or its lock ends with it.",
            isRetryable: true, exitCode: .busy)
        let result = StepResult(.busy, failure: failure, exitCode: .busy)
        return document(step, beat, attempt: 0, startedAt: beat.now, result)
    }

    private func document(
        _ step: any Step, _ beat: Beat, attempt: Int, startedAt: Instant, _ result: StepResult
    ) -> StepDocument {
        let header = StepDocument.Header(
            step: step.name, cycle: beat.cycle, mode: context.settings.mode.rawValue, attempt: attempt,
            startedAt: startedAt, finishedAt: context.clock.now())
        return StepDocument.make(header, result)
    }

    /// What the step answered, without the times and numbers of this one attempt.
    private func outputDigest(_ result: StepResult) -> Digest {
        let content: JSONValue = ["summary": .object(result.summary), "items": .array(result.items)]
        return content.digest
    }

    private func lockPath(_ step: any Step, _ beat: Beat) -> String {
        context.lockPath("\(beat.cycle.profile).\(step.name.rawValue)")
    }

    private func holder(_ step: any Step, _ beat: Beat) -> String {
        "process \(context.process.pid) on \(context.process.host) since \(beat.now) for \(beat.cycle)"
    }
}

extension JournalStatus {
    fileprivate init(_ status: StepStatus) {
        switch status {
        case .succeeded: self = .succeeded
        case .skipped: self = .skipped
        case .partial: self = .partial
        case .failed: self = .failed
        case .busy: self = .busy
        }
    }
}
