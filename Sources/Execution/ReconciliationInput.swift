public import Broker
public import Core

/// What is compared: our rows and one round of the broker's lists.
public struct ReconciliationInput: Sendable {
    public let broker: BrokerID
    public let account: AccountID
    public let capabilities: BrokerCapabilities
    public let now: Instant
    /// Every order of ours that may be live or that the broker's lists name, read after the lists were: an order written
    /// ahead between the two would otherwise look like a foreign one.
    public let ours: [ManagedOrder]
    /// All fills on record for the executions that the broker lists and for the orders in `ours`.
    public let fills: [Fill]
    /// Reaches back, like `executions`, to before the oldest order in `ours` that may be live: what is held back while a
    /// doubt stands is found again once it is settled.
    public let orders: Snapshot<BrokerOrder>
    public let executions: Snapshot<BrokerExecution>
    /// What foreign orders had executed when the account was opened in our books: it is in the opening balances.
    public let executedBefore: [BrokerOrderID: Quantity]
    /// When the database was put back from a copy, if it ever was: what was sent between copy and restore is not in it.
    public let restoredAt: Instant?
    /// Splits in the account, booked or listed, each once.
    public let splits: [AccountSplit]
    /// What the account holds of a symbol is not known to be what our books say.
    public let isUnsettled: @Sendable (Symbol) -> Bool
    /// The account is known to hold of a symbol just what our books say: by complete positions, read after the other lists.
    public let holdsAsBooked: @Sendable (Symbol) -> Bool

    public init(
        broker: BrokerID, account: AccountID, capabilities: BrokerCapabilities, now: Instant, ours: [ManagedOrder],
        fills: [Fill], orders: Snapshot<BrokerOrder>, executions: Snapshot<BrokerExecution>,
        executedBefore: [BrokerOrderID: Quantity] = [:], restoredAt: Instant? = nil,
        splits: [AccountSplit] = [], isUnsettled: @escaping @Sendable (Symbol) -> Bool = { _ in false },
        holdsAsBooked: @escaping @Sendable (Symbol) -> Bool = { _ in false }
    ) {
        self.broker = broker
        self.account = account
        self.capabilities = capabilities
        self.now = now
        self.ours = ours
        self.fills = fills
        self.orders = orders
        self.executions = executions
        self.executedBefore = executedBefore
        self.restoredAt = restoredAt
        self.splits = splits
        self.isUnsettled = isUnsettled
        self.holdsAsBooked = holdsAsBooked
    }
}

/// What has to be written so that our books agree with what the broker showed.
public struct ReconciliationPlan: Sendable {
    /// Orders that changed, by their new value; the old state is the one given in the input.
    public var updates: [ManagedOrder] = []
    /// Orders in our account that nobody here placed.
    public var external: [ManagedOrder] = []
    public var newFills: [Fill] = []
    public var busted: [ExecutionID] = []
    /// Executions that were booked without costs, and of which the broker tells them now.
    public var lateCosts: [BrokerExecution] = []
    /// Doubtful orders that stay so, with what was found.
    public var unsettled: [ClientOrderID: DoubtResolution] = [:]
    /// Orders that were proven never to have arrived.
    public var neverArrived: [ClientOrderID] = []
    /// Orders that ended before the broker's lists begin, and that the account shows to have executed nothing unknown.
    public var endedUnseen: [ClientOrderID] = []

    public init() {}
}
