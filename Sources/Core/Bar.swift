/// The length of a bar.
public struct Timeframe: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Whole seconds; 86,400 means one session, whatever its length.
    public let seconds: Int

    private init(known seconds: Int) { self.seconds = seconds }
    public static let oneMinute = Timeframe(known: 60)
    public static let fiveMinutes = Timeframe(known: 300)
    public static let fifteenMinutes = Timeframe(known: 900)
    public static let oneHour = Timeframe(known: 3600)
    public static let oneDay = Timeframe(known: 86_400)

    /// Reads `1m`, `5m`, `15m`, `30m`, `1h`, `1d`: minutes that divide an hour, hours that divide a day, or one day.
    public init?(_ text: some StringProtocol) {
        guard let unit = text.last, let count = Int(text.dropLast()), count > 0, String(count) == text.dropLast() else {
            return nil
        }
        switch unit {
        case "m" where count <= 60 && 60 % count == 0: seconds = count * 60
        case "h" where count <= 12 && 24 % count == 0: seconds = count * 3600
        case "d" where count == 1: seconds = 86_400
        default: return nil
        }
    }

    public init?(seconds: Int) {
        guard let frame = Timeframe(Self.text(seconds)), frame.seconds == seconds else { return nil }
        self = frame
    }

    /// Whether a bar spans a whole session instead of a fixed number of minutes.
    public var isDaily: Bool { seconds == 86_400 }
    public var description: String { Self.text(seconds) }
    public static func < (left: Timeframe, right: Timeframe) -> Bool { left.seconds < right.seconds }

    private static func text(_ seconds: Int) -> String {
        if seconds % 86_400 == 0 { return "\(seconds / 86_400)d" }
        if seconds % 3600 == 0 { return "\(seconds / 3600)h" }
        return "\(seconds / 60)m"
    }
}

/// Where a bar came from. A later fetch may heal a bar built from the stream.
public enum BarSourceKind: String, Hashable, Sendable, CaseIterable {
    case imported, generator, kis, ib, stream, resampled
}

/// One bar: the trades of one instrument from `openAt` (inclusive) over one timeframe, prices in its currency.
///
/// A value of this type may still break the rules of a sound bar (low above high …): `MarketData` validates.
public struct Bar: Hashable, Sendable {
    public var openAt: Instant
    public var open: Price
    public var high: Price
    public var low: Price
    public var close: Price
    /// Shares or contracts.
    public var volume: Quantity
    public var source: BarSourceKind

    public init(
        openAt: Instant, open: Price, high: Price, low: Price, close: Price, volume: Quantity, source: BarSourceKind
    ) {
        self.openAt = openAt
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.volume = volume
        self.source = source
    }
}
