public import Broker
public import Core

/// Korea Investment & Securities behind the protocol that all brokers share: Korean shares and shares abroad in one
/// account.
///
/// KIS stores no id of ours and lists no single executions. Orders are known by their totals (``KISListedOrder``), and
/// one whose fate is unknown is found again by its terms. What the adapter does not know for certain it says so: a list
/// with a row that makes no sense is incomplete, an answer that names no order is unknown.
public struct KISBroker: Broker {
    public let id: BrokerID
    public let account: AccountID
    public let capabilities: BrokerCapabilities
    let caller: any KISCaller
    let accountNumber: KISAccount
    let rules: KISTradingRules
    let directory: KISDirectory
    let clock: any WallClock
    let desk: OneAtATime
    let organisations: OrganisationMemory
    let trouble: @Sendable (String) -> Void
    /// Whether the process was asked to end: what has not been sent stays here.
    let isStopping: @Sendable () -> Bool

    let fees: FeeSchedule

    /// How far KIS's clock may differ from ours.
    static let clockTolerance: Duration = .seconds(5)

    /// - Parameters:
    ///   - instruments: All that are configured: KIS lists its own codes, and orders are cancelled by symbol.
    ///   - isStopping: Whether the process was asked to end.
    ///   - trouble: Is told, in a sentence, of every row, page and field that kept a list from being complete.
    ///   - fees: What the customer's trades cost: KIS lists the costs of no single order.
    public init(
        _ connection: KISConnection, rules: KISTradingRules, instruments: [Instrument], fees: FeeSchedule,
        clock: any WallClock, id: BrokerID = .kis, isStopping: @escaping @Sendable () -> Bool = { false },
        trouble: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.init(
            connection.client, account: connection.configuration.account, rules: rules, instruments: instruments,
            fees: fees, clock: clock, id: id, isStopping: isStopping, trouble: trouble)
    }

    init(
        _ caller: any KISCaller, account: KISAccount, rules: KISTradingRules, instruments: [Instrument],
        fees: FeeSchedule = .koreaInvestment, clock: any WallClock, id: BrokerID = .kis,
        isStopping: @escaping @Sendable () -> Bool = { false },
        trouble: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.fees = fees
        self.id = id
        self.account = account.id
        self.caller = caller
        accountNumber = account
        self.rules = rules
        directory = KISDirectory(instruments, broker: id)
        self.clock = clock
        self.trouble = trouble
        self.isStopping = isStopping
        desk = OneAtATime()
        organisations = OrganisationMemory()
        capabilities = Self.capabilities(rules)
    }

    /// The virtual account has neither stop limits nor orders that are immediate or cancelled, whole or in part. Korea has its own
    /// types beside: best, first and conditional limits. Abroad there are limits for the day, market orders by way of one, and in the US, on the real host, orders for the opening and the closing
    /// auction. Shares are not sold short.
    static func capabilities(_ rules: KISTradingRules) -> BrokerCapabilities {
        let hasAll = rules.isReal && rules.tradesKorea
        var times: Set<TimeInForce> = hasAll ? [.day, .immediateOrCancel, .fillOrKill] : [.day]
        if rules.isReal, rules.markets.contains(where: { $0.nation == .unitedStates }) {
            times.formUnion([.atOpen, .atClose])
        }
        return BrokerCapabilities(
            listsClientOrderIDs: false, listsExecutions: false, reckonsCosts: true,
            visibilityDelay: rules.visibilityDelay, requestDeadline: rules.requestDeadline,
            clockTolerance: clockTolerance,
            orderTypes: orderTypes(rules),
            timesInForce: times, allowsShort: false)
    }

    private static func orderTypes(_ rules: KISTradingRules) -> Set<String> {
        guard rules.tradesKorea else { return ["market", "limit"] }
        let korean: Set<String> = ["market", "limit", "market-to-limit", "conditional-limit", "best-own-side"]
        return rules.isReal ? korean.union(["stop-limit"]) : korean
    }

    var pager: KISPager { KISPager(caller: caller, clock: clock) }

    /// A read's failure in the words of the protocol.
    func wrap(_ error: KISError) -> BrokerError {
        switch error {
        case .unavailable(let call, let detail), .notSent(let call, let detail), .turnedAway(let call, let detail),
            .outcomeUnknown(let call, let detail):
            .unavailable(broker: id, detail: "\(call): \(detail)")
        case .refused(let call, let code, let message):
            .unavailable(broker: id, detail: "\(call): KIS refused with \(code): \(message)")
        case .configuration(let call, let code, let detail, let cure):
            .credentialsRefused(broker: id, detail: "\(call): \(code) \(detail); \(cure)")
        case .credentialsRefused(let call, let code, let detail):
            .credentialsRefused(broker: id, detail: "\(call): \(code) \(detail)")
        case .malformedAnswer(let call, let detail): .malformedAnswer(broker: id, detail: "\(call): \(detail)")
        }
    }

    /// A list, with what is wrong with it told to whoever listens.
    func snapshot<Item: Sendable>(_ listing: KISListing<Item>) -> Snapshot<Item> {
        listing.problems.forEach(trouble)
        return Snapshot(items: listing.items, isComplete: listing.isComplete, takenAt: listing.takenAt)
    }
}

/// Organisation numbers of the orders that this process sent: for a cancellation before the list shows the order.
actor OrganisationMemory {
    /// More than a day's orders; the oldest go first.
    private static let limit = 1000
    private var known: [KISOrderNumber: KISAcceptance] = [:]
    private var order: [KISOrderNumber] = []

    func remember(_ acceptance: KISAcceptance, as number: KISOrderNumber) {
        if known.updateValue(acceptance, forKey: number) == nil { order.append(number) }
        if order.count > Self.limit { known[order.removeFirst()] = nil }
    }

    subscript(number: KISOrderNumber) -> KISAcceptance? { known[number] }
}
