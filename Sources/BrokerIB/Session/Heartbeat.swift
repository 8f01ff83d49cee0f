/// Whether the gateway still answers. The protocol has no sign of life of its own, so a gateway that has been silent is asked
/// for the time; and gateways have been seen that take everything and answer nothing.
struct Heartbeat: Hashable, Sendable {
    enum Verdict: Hashable, Sendable { case fine, ask, dead }

    private let silence: Duration
    private let patience: Duration
    private var heardAt: Duration
    private var askedAt: Duration?

    /// - Parameters:
    ///   - silence: After so long without a message the gateway is asked.
    ///   - patience: So long it has for an answer; any message is one.
    init(silence: Duration, patience: Duration, at now: Duration) {
        self.silence = silence
        self.patience = patience
        heardAt = now
    }

    mutating func heard(at now: Duration) {
        heardAt = max(heardAt, now)
        askedAt = nil
    }

    mutating func tick(at now: Duration) -> Verdict {
        if let askedAt { return now - askedAt >= patience ? .dead : .fine }
        guard now - heardAt >= silence else { return .fine }
        askedAt = now
        return .ask
    }
}
