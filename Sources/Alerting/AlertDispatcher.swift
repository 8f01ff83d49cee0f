public import Core

/// One row of the outbox that is due: an alert for one channel.
public struct PendingDelivery: Hashable, Sendable {
    public let message: AlertMessage
    public let channel: String
    /// Attempts made so far.
    public let attempts: Int

    public init(message: AlertMessage, channel: String, attempts: Int) {
        self.message = message
        self.channel = channel
        self.attempts = attempts
    }
}

/// What became of a pending delivery: what the outbox has to record.
public struct DeliveryRecord: Hashable, Sendable {
    public enum Result: Hashable, Sendable {
        case attempted(DeliveryPolicy.Next)
        /// Nothing was sent and no attempt is counted; the row stays due.
        case notAttempted(detail: String)
    }

    public let pending: PendingDelivery
    public let result: Result
    /// When the attempt ended.
    public let at: Instant

    /// Attempts made so far, this one included.
    public var attempts: Int {
        switch result {
        case .attempted: pending.attempts + 1
        case .notAttempted: pending.attempts
        }
    }
}

/// Sends what is due: a few at a time, and no longer than the beat allows.
///
/// Delivery is *at least once*: a process that dies between the other side's acceptance and our record sends again. The
/// mail's message id is the same then; in Slack the operator sees it twice, which beats not at all.
public struct AlertDispatcher: Sendable {
    public let policy: DeliveryPolicy
    /// Deliveries under way at the same time.
    public let width: Int
    /// For all deliveries together. What is under way then is cut off and counts as an attempt; the rest stays due.
    public let deadline: Duration
    private let clock: any WallClock
    private let failpoints: Failpoints

    public init(
        policy: DeliveryPolicy = .standard, width: Int = 4, deadline: Duration = .seconds(30), clock: any WallClock,
        failpoints: Failpoints = .none
    ) {
        self.policy = policy
        self.width = max(1, width)
        self.deadline = deadline
        self.clock = clock
        self.failpoints = failpoints
    }

    /// Records come back in the order of `due`; `onRecord` gets each as soon as it is known, one at a time, so that a
    /// crash forgets only what was under way.
    public func deliver(
        due: [PendingDelivery], channels: [any AlertChannel],
        onRecord: (DeliveryRecord) async -> Void = { _ in }
    ) async -> [DeliveryRecord] {
        let byName = Dictionary(channels.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var records: [Int: DeliveryRecord] = [:]
        var waiting = due.indices.makeIterator()
        var isOver = false

        await withTaskGroup(of: Event.self) { group in
            let limit = deadline
            // Measures a span, not a time of day, so the wall clock that a replay holds still has no say in it.
            group.addTask {
                try? await Task.sleep(for: limit)
                return .deadline
            }
            var running = 0
            func startNext() {
                while running < width, !isOver, !Task.isCancelled, let index = waiting.next() {
                    running += 1
                    let pending = due[index]
                    group.addTask { .finished(index, await attempt(pending, channel: byName[pending.channel])) }
                }
            }
            startNext()
            while running > 0, let event = await group.next() {
                switch event {
                case .deadline:
                    isOver = true
                    group.cancelAll()
                case .finished(let index, let record):
                    running -= 1
                    records[index] = record
                    await onRecord(record)
                    startNext()
                }
            }
            group.cancelAll()
        }
        while let index = waiting.next() {
            let detail = "the time for alerts was used up; it is tried at the next beat"
            let record = DeliveryRecord(pending: due[index], result: .notAttempted(detail: detail), at: clock.now())
            records[index] = record
            await onRecord(record)
        }
        return due.indices.compactMap { records[$0] }
    }

    private enum Event: Sendable {
        case deadline
        case finished(Int, DeliveryRecord)
    }

    private func attempt(_ pending: PendingDelivery, channel: (any AlertChannel)?) async -> DeliveryRecord {
        guard let channel else {
            let name = pending.channel.debugDescription
            let detail = "the channel \(name) is not configured; configure it or drop the alert"
            return DeliveryRecord(pending: pending, result: .notAttempted(detail: detail), at: clock.now())
        }
        failpoints.hit(.alertBeforeSend)
        let outcome = await channel.deliver(pending.message)
        failpoints.hit(.alertAfterSend)
        let now = clock.now()
        let next = policy.next(
            after: outcome, attempt: pending.attempts + 1, alert: pending.message.id, channel: pending.channel, now: now
        )
        return DeliveryRecord(pending: pending, result: .attempted(next), at: now)
    }
}
