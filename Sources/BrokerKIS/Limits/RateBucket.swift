internal import Core

/// When the next call of an app key may go, and who waits for it. Pure: who asks gets a yes or a wait, and the bucket that is
/// to be kept for everybody else.
///
/// - A yes takes the only call there is; the next one is there an interval later.
/// - Who has to wait stands in line: orders before inquiries before market data, the longest waiting first within a kind. No
///   lower kind gets a yes while a higher one stands in line.
/// - Nothing starves while there are calls to be had: market data that has waited for ``patience`` stands with the inquiries, by
///   age. Orders are never overtaken by another kind. Whoever runs out of time leaves with an error.
/// - Who stands in line has to ask again when told to. Who is later than ``grace`` (it was killed, or the machine is busy) has
///   lost the place; asking again gives it back, since age goes by the first asking.
/// - A clock that is set back: no time in the bucket can lie further ahead than the rules put it, so what does is cut to that.
///   It costs one interval, and at most what is the longest pause; entries of the line from the future are dropped.
struct RateBucket: Hashable, Sendable {
    /// A place in the line.
    struct Waiter: Hashable, Sendable {
        let id: String
        let kind: KISEndpoint.Kind
        /// When it asked first.
        let since: Instant
        /// When it asked last.
        let askedAt: Instant
        /// Until when its place is kept without its asking again.
        let keptUntil: Instant
    }

    enum Verdict: Hashable, Sendable {
        case go
        /// Ask again after that long.
        case wait(Duration)
    }

    static let patience = Duration.seconds(2)
    static let grace = Duration.milliseconds(300)
    /// The longest wait on those in front beyond the next free call: they may be dead, or have left.
    static let nap = Duration.milliseconds(500)
    /// A quiet time after which a refusal counts as the first one again.
    static let forgiveness = Duration.seconds(60)
    static let waiterLimit = 256

    var nextFree: Instant
    var pausedUntil: Instant?
    /// Refusals for too many calls in a row, and the time of the last one.
    var refusals = 0
    var lastRefusal: Instant?
    var waiters: [Waiter] = []

    /// A bucket nobody has used: it holds one call.
    init(now: Instant) { nextFree = now }

    mutating func ask(
        _ kind: KISEndpoint.Kind, id: String, since: Instant, now: Instant, rate: CallRate
    ) -> Verdict {
        settle(now: now, rate: rate)
        // Who came before the clock was set back has an age from the future; cut anew at each asking it would be the youngest
        // each time, and two such waiters would let each other pass for ever. So the age that stands in the line stays.
        let age = min(since, now, waiters.first { $0.id == id }?.since ?? now)
        let mine = Waiter(id: id, kind: kind, since: age, askedAt: now, keptUntil: now)
        waiters.removeAll { $0.id == id }
        let ahead = waiters.count { Self.precedes($0, mine, now: now) }
        let free = max(now, nextFree, pausedUntil ?? now)
        if free == now, ahead == 0 {
            nextFree = now.advanced(by: rate.interval)
            return .go
        }
        let untilFree = free.duration(since: now)
        let wait = max(untilFree + min(rate.interval * ahead, Self.nap), .milliseconds(1))
        if waiters.count < Self.waiterLimit {
            let kept = now.advanced(by: wait + Self.grace)
            waiters.append(Waiter(id: id, kind: kind, since: mine.since, askedAt: now, keptUntil: kept))
        }
        return .wait(wait)
    }

    /// Somebody will not ask again.
    mutating func leave(id: String) { waiters.removeAll { $0.id == id } }

    /// KIS refused a call for too many calls. Everybody keeps still for a while, twice as long with each such refusal; calls
    /// that were under way when the pause began are counted with the refusal that began it.
    mutating func refused(sentAt: Instant, now: Instant, rate: CallRate) {
        settle(now: now, rate: rate)
        if let last = lastRefusal {
            if sentAt <= last { return }
            if now.duration(since: max(last, pausedUntil ?? last)) > Self.forgiveness { refusals = 0 }
        }
        let pause = min(rate.firstPause * (1 << min(refusals, 10)), rate.longestPause)
        refusals = min(refusals + 1, 10)
        lastRefusal = now
        pausedUntil = now.advanced(by: pause)
    }

    /// Drops what is over, and what cannot be unless the clock has been set back.
    private mutating func settle(now: Instant, rate: CallRate) {
        nextFree = min(nextFree, now.advanced(by: rate.interval))
        if let paused = pausedUntil {
            pausedUntil = paused <= now ? nil : min(paused, now.advanced(by: rate.longestPause))
        }
        if let last = lastRefusal { lastRefusal = min(last, now) }
        waiters.removeAll { $0.keptUntil < now || $0.askedAt > now }
    }

    private static func precedes(_ left: Waiter, _ right: Waiter, now: Instant) -> Bool {
        let (leftRank, rightRank) = (rank(left, now: now), rank(right, now: now))
        if leftRank != rightRank { return leftRank < rightRank }
        return left.since == right.since ? left.id < right.id : left.since < right.since
    }

    private static func rank(_ waiter: Waiter, now: Instant) -> KISEndpoint.Kind {
        switch waiter.kind {
        case .order: .order
        case .inquiry: .inquiry
        case .marketData: now.duration(since: waiter.since) >= patience ? .inquiry : .marketData
        }
    }
}
