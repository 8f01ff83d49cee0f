internal import Core

/// When the next message may go to the gateway: so many in any second, all kinds together, for the whole connection.
///
/// The gateway takes 50 a second and cuts the connection of who sends more; ib_async keeps to 45. What counts is any second,
/// not the one of the clock: each message is remembered until it is a second old.
struct MessagePacing: Hashable, Sendable {
    /// The gateway's own limit is 50.
    static let perSecond = 40
    /// Code 100: the gateway counts more than we do. Everybody keeps still for so long, twice as long each time in a row.
    static let firstPause = Duration.seconds(2)
    static let longestPause = Duration.seconds(60)
    private static let window = Duration.seconds(1)
    /// A quiet time after which a refusal counts as the first one again.
    private static let forgiveness = Duration.seconds(120)

    private let limit: Int
    /// The times of the last messages, the oldest first: as many as the limit at most.
    private var sent: [Duration] = []
    private var pausedUntil: Duration?
    private var refusals = 0

    init(limit: Int = MessagePacing.perSecond) { self.limit = max(1, limit) }

    /// How long the next message has to wait.
    ///
    /// - Parameters:
    ///   - now: On a clock that is never set; from any beginning.
    ///   - reserve: So many messages of any second are left to others.
    func delay(at now: Duration, reserving reserve: Int = 0) -> Duration {
        let paused = pausedUntil.map { $0 - now } ?? .zero
        let limit = max(1, limit - reserve)
        let full = sent.count < limit ? .zero : sent[sent.count - limit] + Self.window - now
        return max(.zero, paused, full)
    }

    /// A message goes; ``delay(at:)`` was zero.
    mutating func take(at now: Duration) {
        if sent.count >= limit { sent.removeFirst(sent.count - limit + 1) }
        sent.append(now)
    }

    /// The gateway says that there were too many.
    mutating func refused(at now: Duration) {
        if let pausedUntil, now - pausedUntil > Self.forgiveness { refusals = 0 }
        pausedUntil = now + min(Self.firstPause * (1 << min(refusals, 10)), Self.longestPause)
        refusals += 1
    }
}
