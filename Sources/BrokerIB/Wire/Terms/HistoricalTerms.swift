/// The size of a historical bar. The spelling is the gateway's, and matters.
enum IBBarSize: String, Hashable, Sendable, CaseIterable {
    case second1 = "1 secs"
    case seconds5 = "5 secs"
    case seconds10 = "10 secs"
    case seconds15 = "15 secs"
    case seconds30 = "30 secs"
    case minute1 = "1 min"
    case minutes2 = "2 mins"
    case minutes3 = "3 mins"
    case minutes5 = "5 mins"
    case minutes10 = "10 mins"
    case minutes15 = "15 mins"
    case minutes20 = "20 mins"
    case minutes30 = "30 mins"
    case hour1 = "1 hour"
    case hours2 = "2 hours"
    case hours3 = "3 hours"
    case hours4 = "4 hours"
    case hours8 = "8 hours"
    case day1 = "1 day"
    case week1 = "1 week"
    case month1 = "1 month"
}

/// How far a request goes back from its end.
struct IBBarSpan: Hashable, Sendable, CustomStringConvertible {
    enum Unit: String, Hashable, Sendable { case seconds = "S", days = "D", weeks = "W", months = "M", years = "Y" }

    var count: Int
    var unit: Unit

    /// `3600 S`
    var description: String { "\(count) \(unit.rawValue)" }
}

/// What the prices of a bar are prices of.
enum IBPriceKind: String, Hashable, Sendable, CaseIterable {
    /// Adjusted for splits.
    case trades = "TRADES"
    /// Adjusted for splits and dividends.
    case adjustedLast = "ADJUSTED_LAST"
    case midpoint = "MIDPOINT"
    case bid = "BID"
    case ask = "ASK"
    /// Counts twice in the pacing of requests.
    case bidAndAsk = "BID_ASK"
}

/// What a subscription of market data delivers.
enum IBMarketDataType: Int64, Hashable, Sendable, CaseIterable {
    case live = 1
    /// What was last at the close, while the market is closed.
    case frozen = 2
    /// Some 15 to 20 minutes old; never traded on.
    case delayed = 3
    case delayedFrozen = 4
}
