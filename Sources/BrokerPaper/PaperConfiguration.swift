public import Broker
public import Core

/// How the embedded exchange behaves. Everything that can differ between real brokers is a value here.
public struct PaperConfiguration: Sendable {
    /// Bars have no order book that an order could join, and no auctions.
    public static let orderTypes: Set<String> = [
        "market", "limit", "stop", "stop-limit", "trailing-stop", "trailing-stop-limit",
    ]
    public static let timesInForce: Set<TimeInForce> = [.day, .goodTillCancelled, .goodTillDate, .immediateOrCancel]
    public static let handling: Set<String> = [Bracket.name]

    /// What happens to an order that arrives while its market is closed.
    public enum ClosedMarket: Hashable, Sendable {
        /// Refused as `market-closed`.
        case refuse
        /// Kept for the next session.
        case queue
        /// Kept when the symbol trades on daily bars (their decisions fall after the close), else refused.
        case queueDailyBars
    }

    /// The account the database file holds.
    public var account: AccountID
    /// The opening balance of new or reset books, one amount per currency.
    public var initialCash: [Money]
    /// `false`: client order ids are neither stored nor listed, as with a broker that has no such field.
    public var knowsClientOrderIDs: Bool
    /// The share of a bar's volume that all our orders together can take, in (0, 1].
    public var participation: Fraction
    /// What market and stop orders pay beyond the price, as a share of it; rounded to the tick against us.
    public var slippage: Fraction
    public var allowShort: Bool
    /// How long new orders and executions stay out of the lists, although the lists call themselves complete.
    public var visibilityDelay: Duration
    public var fees: FeeSchedule
    /// What can be traded; any other symbol is refused.
    public var instruments: [Symbol: Instrument]
    /// Splits and dividends to come. With bars that are already adjusted, leave them out.
    public var actions: [CorporateAction]
    /// What was taken back without another action in its place: where it has been applied, it is undone.
    public var withdrawnActions: [CorporateAction]
    public var closedMarket: ClosedMarket
    /// How long after the session's end a day order waits for a late last bar before it expires.
    public var lateBarGrace: Duration
    /// `true`: every commit is on the disk before the call returns (SQLite `synchronous=FULL`). `false`: a power cut
    /// may cost the last commits, never the file.
    public var isDurable: Bool
    /// Misbehaviour on purpose; empty in earnest.
    public var faults: Set<PaperFault>

    public init(
        account: AccountID, initialCash: [Money], knowsClientOrderIDs: Bool = true,
        participation: Fraction = Fraction(FixedPoint(int64Units: 10_000_000)), slippage: Fraction = .zero,
        allowShort: Bool = false, visibilityDelay: Duration = .zero, fees: FeeSchedule = .auto,
        instruments: [Symbol: Instrument], actions: [CorporateAction] = [],
        withdrawnActions: [CorporateAction] = [], closedMarket: ClosedMarket = .queueDailyBars,
        lateBarGrace: Duration = .seconds(600), isDurable: Bool = true, faults: Set<PaperFault> = []
    ) {
        self.account = account
        self.initialCash = initialCash
        self.knowsClientOrderIDs = knowsClientOrderIDs
        self.participation = participation
        self.slippage = slippage
        self.allowShort = allowShort
        self.visibilityDelay = visibilityDelay
        self.fees = fees
        self.instruments = instruments
        self.actions = actions
        self.withdrawnActions = withdrawnActions
        self.closedMarket = closedMarket
        self.lateBarGrace = lateBarGrace
        self.isDurable = isDurable
        self.faults = faults
    }
}

/// A way in which a broker fails its caller, for rehearsals and tests of what the caller then does.
///
/// Orders are counted from 1 over all processes and restarts, refused ones included.
public enum PaperFault: Hashable, Sendable {
    /// The n-th order is lost on the way: the caller gets `SubmitOutcome.unknown` and the exchange never sees it.
    case dropBeforeAccept(Int)
    /// The n-th order is taken and may trade, but its answer is lost: the caller gets `SubmitOutcome.unknown`.
    case dropAfterAccept(Int)
    /// Every list ends half-way and says so.
    case incompleteSnapshot
    /// Every execution is listed twice.
    case duplicateExecutions
}
