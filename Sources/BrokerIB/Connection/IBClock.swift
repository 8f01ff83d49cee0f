public import Core

/// The two clocks of a connection: one that tells the time, and one that is never set, for everything that waits.
public struct IBClock: Sendable {
    let wall: any WallClock
    let uptime: @Sendable () -> Duration

    /// - Parameter uptime: From any beginning, only ever forwards. A jump of the wall clock must not look like silence.
    public init(wall: any WallClock, uptime: @escaping @Sendable () -> Duration) {
        self.wall = wall
        self.uptime = uptime
    }

    var moment: IBSession.Moment { IBSession.Moment(uptime: uptime(), wall: wall.now()) }

    /// - Returns: `false` when the calling task is cancelled.
    func sleep(_ duration: Duration) async -> Bool {
        do {
            try await wall.sleep(for: duration)
            return !Task.isCancelled
        } catch {
            return false
        }
    }
}
