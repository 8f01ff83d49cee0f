public import Core
import Synchronization

/// A clock that tests set; a sleep moves it on at once.
public final class ManualClock: WallClock {
    private let instant: Mutex<Instant>

    public init(_ start: Instant) { instant = Mutex(start) }

    public func now() -> Instant { instant.withLock { $0 } }
    public func set(_ moment: Instant) { instant.withLock { $0 = moment } }
    public func advance(seconds: Int64) { instant.withLock { $0 = $0.advanced(bySeconds: seconds) } }
    public func sleep(for duration: Duration) async throws { instant.withLock { $0 = $0.advanced(by: duration) } }
}
