public import Core
public import Sessions

/// How far the bars of one instrument lag behind the market.
///
/// Fresh means fresh data, not a live socket: a bar that is not there by its close plus a grace makes the data stale.
public struct Staleness: Hashable, Sendable {
    /// The bar that must be there by now; `nil` where the calendar does not reach.
    public let expected: BarSlot?
    /// The close of the newest closed bar there is.
    public let latestCloseAt: Instant?
    /// Time since that close; `nil` without a bar.
    public let age: Duration?
    /// Expected bars that are missing at the end; `nil` without any bar, or where the calendar does not reach.
    public let missing: Int?

    /// Whether new risk must not be taken on this data. Unknown counts as stale.
    public var isStale: Bool { missing != 0 }

    /// - Parameters:
    ///   - latestOpenAt: the open of the newest bar there is, or `nil` without one. A bar still forming may be given.
    ///   - grace: how long after its close a bar may take to arrive.
    public init(
        latestOpenAt: Instant?, calendar: ExchangeCalendar, timeframe: Timeframe, now: Instant, grace: Duration
    ) {
        let due = now.advanced(by: .zero - grace)
        expected = calendar.lastClosedSlot(at: due, timeframe: timeframe)
        guard let latestOpenAt else {
            (latestCloseAt, age, missing) = (nil, nil, nil)
            return
        }
        let closeAt =
            calendar.slot(openingAt: latestOpenAt, timeframe: timeframe)?.closeAt
            ?? latestOpenAt.advanced(bySeconds: Int64(timeframe.seconds))
        latestCloseAt = closeAt
        age = max(.zero, now.duration(since: closeAt))
        guard let expected else {
            missing = nil
            return
        }
        missing =
            latestOpenAt >= expected.openAt
            ? 0 : calendar.slots(from: closeAt, until: expected.closeAt, timeframe: timeframe).count
    }
}
