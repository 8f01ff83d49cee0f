public import Core

/// One trading session of one exchange: regular continuous trading, without auctions, pre- and after-market.
public struct Session: Hashable, Sendable {
    /// How the hours differ from the usual hours of that time.
    public enum Kind: String, Hashable, Sendable {
        case regular
        case earlyClose = "early-close"
        case lateOpen = "late-open"
        case lateOpenAndClose = "late-open-and-close"
    }

    public let exchange: ExchangeID
    /// The local day of the session.
    public let date: CivilDate
    /// Trading holds in [`open`, `close`) without the breaks.
    public let open: Instant
    public let close: Instant
    /// Lunch breaks [start, end), ascending, inside the session.
    public let breaks: [Range<Instant>]
    public let kind: Kind
    /// Whether trading lasts shorter than usual.
    public let isShortened: Bool

    public init(
        exchange: ExchangeID, date: CivilDate, open: Instant, close: Instant, breaks: [Range<Instant>] = [],
        kind: Kind = .regular, isShortened: Bool = false
    ) {
        self.exchange = exchange
        self.date = date
        self.open = open
        self.close = close
        self.breaks = breaks
        self.kind = kind
        self.isShortened = isShortened
    }

    /// Whether `instant` lies between open (inclusive) and close (exclusive); breaks count as inside.
    public func contains(_ instant: Instant) -> Bool { open <= instant && instant < close }

    public func isBreak(_ instant: Instant) -> Bool { breaks.contains { $0.contains(instant) } }

    /// The parts in which trading takes place: one, or two around a lunch break.
    public var segments: [Range<Instant>] {
        guard !breaks.isEmpty else { return [open..<close] }
        var start = open
        var parts: [Range<Instant>] = []
        for pause in breaks {
            if start < pause.lowerBound { parts.append(start..<pause.lowerBound) }
            start = pause.upperBound
        }
        if start < close { parts.append(start..<close) }
        return parts
    }
}

/// The place of one bar in the calendar.
public struct BarSlot: Hashable, Sendable {
    /// A daily bar opens with its session.
    public let openAt: Instant
    /// The end (exclusive): the next grid line, or the start of the break or the close if that comes first.
    public let closeAt: Instant
    public let session: Session

    public init(openAt: Instant, closeAt: Instant, session: Session) {
        self.openAt = openAt
        self.closeAt = closeAt
        self.session = session
    }
}

public enum MarketState: String, Hashable, Sendable {
    case open
    /// In a session, but in its lunch break.
    case `break`
    case closed
}
