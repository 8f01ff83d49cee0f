public import Core

/// How long a piece of work may wait in all, whatever the wall clock does meanwhile.
///
/// What has passed is the larger of what the clock shows and what was slept: a clock that is set back cannot lengthen the
/// wait, one that is set forward ends it early.
public struct WaitBudget: Hashable, Sendable {
    public let limit: Duration
    private let start: Instant
    private var slept: Duration = .zero

    public init(_ limit: Duration, from start: Instant) {
        self.limit = limit
        self.start = start
    }

    /// Zero when it is used up.
    public func left(at now: Instant) -> Duration { max(.zero, limit - max(slept, now.duration(since: start))) }

    /// Sleeps, but not beyond the budget. `false` when nothing is left to sleep with, or the task was cancelled.
    public mutating func sleep(for wish: Duration, clock: any WallClock) async -> Bool {
        let nap = min(wish, left(at: clock.now()))
        guard nap > .zero else { return false }
        slept += nap
        return (try? await clock.sleep(for: nap)) != nil && !Task.isCancelled
    }

    /// The same budget with that much kept back for what comes after the wait.
    public func keepingBack(_ reserve: Duration) -> WaitBudget {
        var shorter = WaitBudget(max(.zero, limit - reserve), from: start)
        shorter.slept = slept
        return shorter
    }

    /// Counts what a budget made of this one by ``keepingBack(_:)`` has slept.
    public mutating func count(_ other: WaitBudget) { slept = max(slept, other.slept) }
}
