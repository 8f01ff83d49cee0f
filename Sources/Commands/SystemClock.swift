internal import Core
internal import Glibc

/// The one place in the house that asks the system for the time.
struct SystemClock: WallClock {
    func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}
