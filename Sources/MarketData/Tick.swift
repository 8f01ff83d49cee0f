public import Core
public import Sessions

/// One trade as a stream reports it.
public struct Tick: Hashable, Sendable {
    public let price: Price
    /// Shares or contracts.
    public let quantity: Quantity
    /// When it happened, by the exchange's clock; not when it arrived.
    public let at: Instant
    /// Orders trades of the same instant: the exchange's number or, where the exchange has none, the adapter's own count
    /// of arrivals. Trades alike in time and number are ordered by price and quantity, which is arbitrary but always the
    /// same.
    public let sequence: Int64
    /// The exchange's name of the trade, if it has one. Only ticks with an id can be told to be duplicates.
    public let id: String?

    public init(price: Price, quantity: Quantity, at: Instant, sequence: Int64 = 0, id: String? = nil) {
        self.price = price
        self.quantity = quantity
        self.at = at
        self.sequence = sequence
        self.id = id
    }

    /// Exchange time, then sequence; the order of arrival does not count.
    func precedes(_ other: Tick) -> Bool {
        (at, sequence, price, quantity) < (other.at, other.sequence, other.price, other.quantity)
    }
}

/// Why a tick is in no bar.
public enum TickRefusal: String, Hashable, Sendable, CaseIterable {
    case nonPositivePrice = "non-positive-price"
    case nonPositiveQuantity = "non-positive-quantity"
    /// Before the open, in a break, or at the close or later: also the print of a closing auction.
    case outsideSession = "outside-session"
    /// The calendar does not know the day.
    case outsideCalendar = "outside-calendar"
    /// Its bar was over before the builder started.
    case beforeStart = "before-start"
    /// A tick with this id is in a bar already, or was refused as far off.
    case duplicate
    /// Further than the band from what the trades before and around it say.
    case farOff = "far-off"
    /// Its bar can no longer be revised.
    case tooLate = "too-late"
    /// The same, and of another session than the clock's.
    case otherDay = "other-day"
    /// The exchange's clock is ahead of ours by more than the rules allow.
    case fromTheFuture = "from-the-future"
    /// More ticks than the rules keep, or a volume beyond what a number holds.
    case overLimit = "over-limit"
}

/// One edition of a bar made of ticks.
public struct BuiltBar: Hashable, Sendable {
    /// Its `source` is `.stream`.
    public let bar: Bar
    public let slot: BarSlot
    /// 0 is the bar given at its close; each revision counts one up. The latest edition holds, the earlier ones stay
    /// history.
    public let edition: Int
    /// Trades in the bar.
    public let ticks: Int
    /// The builder did not see the whole slot: it started inside, or the stream was interrupted. Such a bar is no basis
    /// for a decision; the broker's own bar heals it.
    public let isPartial: Bool
}

/// What a builder has to say.
public enum TickBarEvent: Hashable, Sendable {
    /// A bar is over. Edition 0, or a higher one after a clock that had run ahead was set back.
    case closed(BuiltBar)
    /// A tick came after the grace; the bar is the revision that contains it.
    case late(Tick, BuiltBar)
    case refused(Tick, TickRefusal)
    /// Nothing traded, so there is no bar. An event, because "no bar" and "no data" must not look alike.
    case quiet(BarSlot)
    /// Trades came, and all of them were far off: there is no bar, and it was not quiet. They count if the next bar bears
    /// them out.
    case doubtful(BarSlot)
    /// Nothing is known of this time: the stream was interrupted, or the builder did not run.
    case unobserved(from: Instant, until: Instant)
    case clockWentBack(from: Instant, to: Instant)
}
