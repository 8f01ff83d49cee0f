internal import Alerting
internal import Core
internal import Store
internal import Settings

/// Delivers the outbox. The rows were written in the transactions of the facts they tell about; here they only leave.
struct AlertStep: Step {
    let name = StepName.alert

    /// The outbox belongs to all profiles: one process at a time delivers, so that nothing goes out twice.
    var isShared: Bool { true }

    /// How many messages one run sends at most; the rest goes with the next beat.
    private static let batch = 100

    func hasNewWork(_ beat: Beat) throws -> Bool {
        let channels = beat.context.channels
        return try beat.context.store.read { reader in
            try reader.hasDueAlerts(now: beat.now, channels: channels.map(\.name), taking: Self.severities(channels))
        }
    }

    func run(_ beat: Beat) async throws -> StepResult {
        let context = beat.context
        let names = context.channels.map(\.name)
        if !beat.isDryRun {
            try context.store.write(durable: false) { writer in
                _ = try writer.ensureDeliveries(
                    channels: names, taking: Self.severities(context.channels), now: beat.now)
            }
        }
        let due = try context.store.read { try $0.dueDeliveries(now: beat.now, channels: names, limit: Self.batch) }
        guard !due.isEmpty else {
            return StepResult(.skipped, reason: .nothingToDo, summary: [.init("sent", 0), .init("failed", 0)])
        }
        if beat.isDryRun {
            return StepResult(
                summary: [.init("would_send", .int(Int64(due.count)))], items: due.map { Self.item($0.alert) })
        }
        return try await deliver(due, beat)
    }

    private static func severities(_ channels: [any AlertChannel]) -> [String: Set<AlertSeverity>] {
        Dictionary(
            channels.map { ($0.name, Set($0.levels.compactMap { AlertSeverity(rawValue: $0.rawValue) })) },
            uniquingKeysWith: { first, _ in first })
    }

    private func deliver(_ due: [DueDelivery], _ beat: Beat) async throws -> StepResult {
        let context = beat.context
        let policy = DeliveryPolicy(maxAttempts: context.settings.alerts.maxAttempts)
        let dispatcher = AlertDispatcher(policy: policy, clock: context.clock, failpoints: context.failpoints)
        let pending = due.map {
            PendingDelivery(message: Self.message($0.alert, beat), channel: $0.channel, attempts: $0.attempts)
        }
        var failure: (any Error)?
        let records = await dispatcher.deliver(due: pending, channels: context.channels) { record in
            // Each delivery is recorded the moment it is known: a crash forgets only what was under way.
            do { try record.store(in: context.store) } catch { failure = error }
            context.failpoints.hit(.alertAfterRecord)
        }
        if let failure { throw failure }
        let sent = records.filter(\.isSent)
        let failed = records.filter { !$0.isSent }
        let summary: [JSONValue.Member] = [
            .init("sent", .int(Int64(sent.count))), .init("failed", .int(Int64(failed.count))),
        ]
        let items = due.map { Self.item($0.alert).setting("channel", .string($0.channel)) }
        guard failed.isEmpty else {
            let detail = failed.compactMap(\.detail).first ?? "no detail"
            let trouble = StepFailure(
                code: "alerts-undelivered", message: "\(failed.count) alert(s) could not be delivered: \(detail)",
                hint: "They stay in the outbox and are tried again; `takt alert test` checks the channels.",
                isRetryable: true, exitCode: .unavailable)
            return StepResult(.partial, summary: summary, items: items, failure: trouble, exitCode: .unavailable)
        }
        return StepResult(.succeeded, summary: summary, items: items)
    }

    static func severity(_ alert: StoredAlert) -> Severity { Severity(rawValue: alert.severity.rawValue) ?? .error }

    private static func message(_ alert: StoredAlert, _ beat: Beat) -> AlertMessage {
        var fields: [AlertMessage.Field] = []
        if case .object(let members) = alert.fields {
            fields = members.map { AlertMessage.Field($0.key, $0.value.stringValue ?? $0.value.text) }
        }
        return AlertMessage(
            id: alert.id, severity: severity(alert), kind: alert.kind, title: alert.title, body: alert.body,
            fields: fields,
            createdAt: alert.createdAt, suppressedCount: alert.suppressedCount, cycle: nil, profile: nil)
    }

    private static func item(_ alert: StoredAlert) -> JSONValue {
        [
            "alert_id": .string(String(alert.id)), "severity": .string(alert.severity.rawValue),
            "kind": .string(alert.kind),
            "title": .string(alert.title), "created_at": JSONValue(alert.createdAt),
        ]
    }
}

extension DeliveryRecord {
    fileprivate var isSent: Bool {
        if case .attempted(.done) = result { true } else { false }
    }

    fileprivate var detail: String? {
        switch result {
        case .attempted(.done): nil
        case .attempted(.retry(_, let detail)), .attempted(.dead(let detail)), .notAttempted(let detail): detail
        }
    }

    fileprivate func store(in database: StateDatabase) throws {
        let outcome: Store.DeliveryOutcome
        switch result {
        case .attempted(.done): outcome = .sent
        case .attempted(.retry(let next, let detail)): outcome = .failed(error: detail, nextAttempt: next)
        case .attempted(.dead(let detail)) where pending.message.severity == .critical:
            // What is critical is never given up: an hour later the channel may be mended.
            outcome = .failed(error: detail, nextAttempt: at.advanced(bySeconds: 3600))
        case .attempted(.dead(let detail)): outcome = .dead(error: detail)
        case .notAttempted: return
        }
        try database.write(durable: false) { writer in
            try writer.recordDelivery(pending.message.id, channel: pending.channel, outcome, at: at)
        }
    }
}
