public import Core

/// When a failed delivery is tried again, and when it is given up. Pure and reproducible.
///
/// The wait after attempt n is `min(base × 2ⁿ⁻¹, cap)`, moved by up to ±`jitter`; the jitter is seeded by alert, channel
/// and attempt, so that a hundred alerts of one outage do not return in one burst, yet every run computes the same time.
/// With the standard values: about 30 s, 1 min, 2, 4, 8, 16, 32 min, then hourly; dead after 24 attempts, some 17 hours.
public struct DeliveryPolicy: Hashable, Sendable {
    public let base: Duration
    public let cap: Duration
    /// A share of the wait, 0 up to 1.
    public let jitter: Double
    public let maxAttempts: Int
    /// The most that a server's `Retry-After` may ask for.
    public let longestRetryAfter: Duration

    public static let standard = DeliveryPolicy()

    public init(
        base: Duration = .seconds(30), cap: Duration = .seconds(3600), jitter: Double = 0.1, maxAttempts: Int = 24,
        longestRetryAfter: Duration = .seconds(6 * 3600)
    ) {
        self.base = base
        self.cap = cap
        self.jitter = min(max(jitter, 0), 1)
        self.maxAttempts = maxAttempts
        self.longestRetryAfter = longestRetryAfter
    }

    public enum Next: Hashable, Sendable {
        case done
        /// Due again then.
        case retry(at: Instant, detail: String)
        /// Never tried again by itself.
        case dead(detail: String)
    }

    /// What follows from the outcome of that attempt (the first is 1), which ended at `now`.
    public func next(
        after outcome: DeliveryOutcome, attempt: Int, alert: Int64, channel: String, now: Instant
    ) -> Next {
        switch outcome {
        case .delivered: return .done
        case .retry(_, let detail) where attempt >= maxAttempts, .refused(let detail) where attempt >= maxAttempts:
            return .dead(detail: "given up after \(attempt) attempts; the last one: \(detail)")
        case .retry(let wished, let detail):
            let wait = wait(attempt: attempt, alert: alert, channel: channel)
            let least = min(wished ?? .zero, longestRetryAfter)
            return .retry(at: now.advanced(by: max(wait, least)), detail: detail)
        case .refused(let detail):
            // It stays wrong until somebody acts, and then what waits has to go out: a webhook renewed in the morning
            // brings the alerts of the night.
            return .retry(at: now.advanced(by: wait(attempt: attempt, alert: alert, channel: channel)), detail: detail)
        }
    }

    /// The wait after that attempt; never less than `base` without its jitter, never more than `cap` with it.
    public func wait(attempt: Int, alert: Int64, channel: String) -> Duration {
        var generator = SeededGenerator(seed: UInt64(bitPattern: alert), stream: "\(channel)|\(attempt)")
        let step = min(cap, base * (1 << min(max(attempt - 1, 0), 20)))
        return min(cap, step * (1 + jitter * (2 * generator.uniform() - 1)))
    }
}

/// Holds back repetitions: one alert of a key in a window, the others only counted. Pure; the outbox keeps the state.
public struct AlertThrottle: Hashable, Sendable {
    /// What the outbox knows about a key (kind and object, `broker-away|kis`).
    public struct History: Hashable, Sendable {
        public let lastSentAt: Instant
        public let lastSeverity: Severity
        public let suppressed: Int
        public init(lastSentAt: Instant, lastSeverity: Severity, suppressed: Int) {
            self.lastSentAt = lastSentAt
            self.lastSeverity = lastSeverity
            self.suppressed = suppressed
        }
    }

    public enum Verdict: Hashable, Sendable {
        /// Send, saying that so many were held back before.
        case send(suppressed: Int)
        /// Count it only.
        case hold
    }

    public let window: Duration

    public init(window: Duration = .seconds(900)) { self.window = window }

    /// What grows worse is sent at once, whatever the window; a clock set back never silences an alert.
    public func judge(_ severity: Severity, history: History?, now: Instant) -> Verdict {
        guard let history else { return .send(suppressed: 0) }
        let age = now.duration(since: history.lastSentAt)
        let isFresh = age >= .zero && age < window
        return isFresh && severity <= history.lastSeverity ? .hold : .send(suppressed: history.suppressed)
    }
}
