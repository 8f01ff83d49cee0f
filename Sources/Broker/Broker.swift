public import Core

/// One account at one broker. The only way orders leave the machine.
///
/// Reads may be retried by the adapter. `submit` and `cancel` are never retried by anyone: their outcome says what is known,
/// and the order state machine in `Execution` decides what happens next.
public protocol Broker: Sendable {
    var id: BrokerID { get }
    var account: AccountID { get }
    var capabilities: BrokerCapabilities { get }

    /// The order as this broker will be sent it, and will list it: checked, and with a limit in the place of a market order
    /// where there are none. Only reads; it is asked before the order is written ahead, so that what is on record is found
    /// again among what the broker lists.
    func prepared(_ request: OrderRequest) async -> PreparedOrder

    /// Whether it is asked what entries would come to before risk approves them: it can tell, and the configuration wants it.
    var asksBeforeOrders: Bool { get }

    /// What an order would come to, asked of the broker and sent to no market.
    func preview(_ request: OrderRequest) async -> OrderPreview

    /// Sends every order once, in the given order; one outcome for each, at the same index. Never throws: what is not known
    /// to have been refused or accepted is ``SubmitOutcome/unknown(detail:)``.
    func submit(_ requests: [OrderRequest]) async -> [SubmitOutcome]

    /// Asks for a cancellation once. What became of the order is what ``orders(since:)`` lists afterwards.
    func cancel(_ request: CancelRequest) async -> ChangeOutcome

    /// Asks for new prices of a working order once. At which price it stands is what ``orders(since:)`` lists afterwards, under
    /// the number the order has had from the first.
    func revise(_ request: RevisionRequest) async -> ChangeOutcome

    /// All orders placed or changed at or after `since`, and all that are still open.
    func orders(since: Instant) async throws(BrokerError) -> Snapshot<BrokerOrder>

    /// All executions at or after `since`, busts and corrections included; none, and complete, where the broker lists no
    /// single executions.
    func executions(since: Instant) async throws(BrokerError) -> Snapshot<BrokerExecution>

    func positions() async throws(BrokerError) -> Snapshot<BrokerPosition>

    /// Cash by currency, trades booked at once (not at settlement).
    func cash() async throws(BrokerError) -> Snapshot<Money>

    /// Nothing more is asked for now: what other processes wait for is let go. What is asked later takes it up again.
    func release() async

    /// Dividends, splits, conversions, deposits: what changes the books without an execution.
    func activities(since: Instant) async throws(BrokerError) -> Snapshot<AccountActivity>
}

extension Broker {
    /// A broker that takes orders as they are.
    public func prepared(_ request: OrderRequest) async -> PreparedOrder { .ready(request, note: nil) }

    /// A broker that is not asked.
    public var asksBeforeOrders: Bool { false }
    public func preview(_ request: OrderRequest) async -> OrderPreview { .unknown("\(id) tells no previews") }

    /// A broker that holds nothing.
    public func release() async {}

    /// A broker that changes no orders.
    public func revise(_ request: RevisionRequest) async -> ChangeOutcome {
        .refused(
            code: "no-revisions", message: "\(id) changes no orders: cancel it and propose another (`takt propose`)")
    }
}

/// A broker's answer to a read, with the mark that decides what absence means.
public struct Snapshot<Item: Sendable>: Sendable {
    public let items: [Item]
    /// `true` only when the broker delivered the list to its end. Absence from an incomplete list means nothing.
    public let isComplete: Bool
    /// When the list was read, on our clock.
    public let takenAt: Instant
    /// What ended before that is not in the list, however far back was asked: some brokers list their day alone. `nil` where
    /// the list has everything since what was asked. What is still open is in the list either way.
    public let beginsAt: Instant?

    public init(items: [Item], isComplete: Bool, takenAt: Instant, beginsAt: Instant? = nil) {
        self.items = items
        self.isComplete = isComplete
        self.takenAt = takenAt
        self.beginsAt = beginsAt
    }

    /// The same list with other items.
    public func with<Other: Sendable>(_ items: [Other]) -> Snapshot<Other> {
        Snapshot<Other>(items: items, isComplete: isComplete, takenAt: takenAt, beginsAt: beginsAt)
    }
}

/// What differs between brokers, as data: no code outside an adapter asks for a broker's name.
public struct BrokerCapabilities: Hashable, Sendable {
    /// The broker stores our client order id and lists it again.
    public let listsClientOrderIDs: Bool
    /// The broker lists single executions. Where it does not, its orders tell what their executions came to
    /// (``BrokerOrder/executed``), and what is booked follows from the growth of these totals.
    public let listsExecutions: Bool
    /// The broker tells the costs of no single execution: they are reckoned by rates, and may differ from what is charged by how
    /// it is rounded.
    public let reckonsCosts: Bool
    /// How long after acceptance an order may still be missing from the lists.
    public let visibilityDelay: Duration
    /// How long after its send a request may still arrive: no list read before that says anything about its absence.
    public let requestDeadline: Duration
    /// How far the broker's clock may differ from ours when orders are matched by time.
    public let clockTolerance: Duration
    public let orderTypes: Set<String>
    public let timesInForce: Set<TimeInForce>
    /// What it does beside, by the words of ``OrderHandling/wishes``.
    public let handling: Set<String>
    /// Whether short sales are accepted.
    public let allowsShort: Bool

    public init(
        listsClientOrderIDs: Bool, listsExecutions: Bool = true, reckonsCosts: Bool = false, visibilityDelay: Duration,
        requestDeadline: Duration = .zero,
        clockTolerance: Duration,
        orderTypes: Set<String>, timesInForce: Set<TimeInForce>, handling: Set<String> = [], allowsShort: Bool
    ) {
        self.listsClientOrderIDs = listsClientOrderIDs
        self.listsExecutions = listsExecutions
        self.reckonsCosts = reckonsCosts
        self.visibilityDelay = visibilityDelay
        self.requestDeadline = requestDeadline
        self.clockTolerance = clockTolerance
        self.orderTypes = orderTypes
        self.timesInForce = timesInForce
        self.handling = handling
        self.allowsShort = allowsShort
    }

    /// The same of a broker whose lists take that long to show an order.
    public func with(visibilityDelay: Duration) -> BrokerCapabilities {
        BrokerCapabilities(
            listsClientOrderIDs: listsClientOrderIDs, listsExecutions: listsExecutions, reckonsCosts: reckonsCosts,
            visibilityDelay: visibilityDelay, requestDeadline: requestDeadline, clockTolerance: clockTolerance,
            orderTypes: orderTypes, timesInForce: timesInForce, handling: handling, allowsShort: allowsShort)
    }
}

/// Why a read failed. Writes have outcomes instead.
public enum BrokerError: Error, Hashable, Sendable {
    /// The broker cannot be reached or did not answer in time; the same call may work later.
    case unavailable(broker: BrokerID, detail: String)
    case credentialsRefused(broker: BrokerID, detail: String)
    /// The broker said no, or has nothing that fits what is configured: asked again it says the same, until somebody changes
    /// what `detail` names.
    case refused(broker: BrokerID, detail: String)
    /// The answer could not be understood; `detail` holds it, redacted.
    case malformedAnswer(broker: BrokerID, detail: String)
}
