public import Core

/// A number with its name and its unit, as exact text.
public struct Figure: Hashable, Sendable {
    /// `rsi_14`, `max_position_share`
    public let name: String
    /// `62.5`; `not available` for a number that is not finite.
    public let value: String
    /// `percent`, `USD`, `standard deviations`, `share of equity`
    public let unit: String

    /// Unicode scalars of a name or a unit.
    public static let wordsLimit = 40

    public init(_ name: String, _ value: FixedPoint, unit: String) {
        self.init(name, text: value.description, unit: unit)
    }

    public init(_ name: String, _ value: Double, unit: String) {
        self.init(name, text: value.isFinite ? "\(value)" : "not available", unit: unit)
    }

    private init(_ name: String, text: String, unit: String) {
        self.name = DisplayText.clean(name, limit: Self.wordsLimit)
        value = text
        self.unit = DisplayText.clean(unit, limit: Self.wordsLimit)
    }
}

/// Words that others wrote: news, filings, messages.
public struct OutsideText: Hashable, Sendable {
    public let source: String
    public let text: String

    /// Unicode scalars.
    public static let textLimit = 400

    /// Cleaned and cut: nothing in it can hide from a reader or break out of its quotes.
    public init(source: String, text: String) {
        self.source = DisplayText.clean(source, limit: 60)
        self.text = DisplayText.clean(text, limit: Self.textLimit)
    }
}

/// What a consultant is told of one symbol at one bar: raw values with units, no normalised features.
///
/// A value without a clock in it: the same question has the same digest and leads to the same bytes on the wire, whenever
/// it is asked.
public struct MarketQuestion: Hashable, Sendable {
    public struct Position: Hashable, Sendable {
        /// Short is negative.
        public let quantity: Quantity
        /// Per unit; `nil` when flat.
        public let averageCost: Price?
        public let unrealisedPnL: Money?
        /// Bars since the position was opened; `nil` when flat or unknown.
        public let barsHeld: Int?

        public init(
            quantity: Quantity, averageCost: Price? = nil, unrealisedPnL: Money? = nil, barsHeld: Int? = nil
        ) {
            self.quantity = quantity
            self.averageCost = averageCost
            self.unrealisedPnL = unrealisedPnL
            self.barsHeld = barsHeld
        }
    }

    public let instrument: Instrument
    public let timeframe: Timeframe
    public let barClose: Instant
    /// Oldest first; the last one closed at ``barClose``.
    public let bars: [Bar]
    public let features: [Figure]
    public let position: Position
    /// `nil` where it is not known.
    public let equity: Money?
    /// The limits in force, and how much of them is used.
    public let limits: [Figure]
    /// What the policy wants; `nil` if none voted.
    public let vote: Vote?
    public let outsideTexts: [OutsideText]

    // Together short enough for ClaudeRequest.bytesLimit, whatever characters they hold.
    public static let barsLimit = 60
    public static let figuresLimit = 40
    public static let outsideTextsLimit = 8

    /// Of bars the newest are kept, of the other lists the first: up to the limits.
    public init(
        instrument: Instrument, timeframe: Timeframe, barClose: Instant, bars: [Bar], features: [Figure] = [],
        position: Position, equity: Money?, limits: [Figure] = [], vote: Vote? = nil, outsideTexts: [OutsideText] = []
    ) {
        self.instrument = instrument
        self.timeframe = timeframe
        self.barClose = barClose
        self.bars = Array(bars.suffix(Self.barsLimit))
        self.features = Array(features.prefix(Self.figuresLimit))
        self.position = position
        self.equity = equity
        self.limits = Array(limits.prefix(Self.figuresLimit))
        self.vote = vote
        self.outsideTexts = Array(outsideTexts.prefix(Self.outsideTextsLimit))
    }
}
