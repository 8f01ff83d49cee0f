import Broker
import Core
import Execution
import TestSupport

/// A random exchange, a random operator and a process that dies at random, to reconcile against.
///
/// The exchange knows the truth, which our side may only see through its lists: late, sometimes cut short, orders a little
/// older than executions.
struct World {
    struct Listing {
        var order: BrokerOrder
        var visibleAt: Instant
        /// Whose order it is in truth; `nil` for one placed by hand.
        let owner: ClientOrderID?
        let intent: IntentID?
        /// When it was no more open.
        var endedAt: Instant?
        var executions: [(execution: BrokerExecution, visibleAt: Instant)] = []

        var isLive: Bool { [.working, .partiallyFilled].contains(order.status) }
        var executed: Int {
            executions.filter { !$0.execution.isBusted }.reduce(0) { $0 + World.whole($1.execution.quantity) }
        }
    }

    static let broker = BrokerID.paper
    static let account = AccountID("A1")
    let capabilities: BrokerCapabilities
    var random: SeededGenerator
    var now = Instant.fixture
    var listings: [Listing] = []
    var book: [ClientOrderID: ManagedOrder] = [:]
    var fills: [ExecutionID: Fill] = [:]
    /// Intents that wait for their first or next attempt.
    var waiting: [(intent: OrderIntent, attempt: Int)] = []
    var intents = 0
    var executions = 0
    var doubleBooked = 0
    var isOpen = true
    var symbols = ["NVDA", "AAPL", "SPY"]
    /// Whether the exchange takes executions back.
    var takesBack = true
    /// What ended or was executed before is in no list any more.
    var beginsAt: Instant?

    init(seed: UInt64, listsIDs: Bool) {
        random = SeededGenerator(seed: seed)
        capabilities = .fixture(listsClientOrderIDs: listsIDs, visibilityDelay: .seconds(10))
    }

    static func whole(_ quantity: Quantity) -> Int { Int(quantity.value.units / FixedPoint.unitsPerOne) }

    // MARK: our side

    mutating func propose() {
        intents += 1
        waiting.append(
            (
                .fixture(
                    symbol: Symbol(random.pick(symbols)), leg: intents,
                    side: random.pick(Side.allCases),
                    type: random.chance(0.5) ? .market : .limit(Price(random.int(90...110))),
                    quantity: Quantity(random.int(1...5) * 100)),
                1
            ))
    }

    /// Sends what waits and is not blocked by a doubt, and dies before, between or after: the row then stays `submitting`.
    mutating func submit() {
        for (intent, attempt) in waiting {
            guard
                !book.values.contains(where: {
                    $0.symbol == intent.symbol && ($0.state == .inDoubt || $0.state == .submitting)
                })
            else { continue }
            waiting.removeAll { $0.intent.id == intent.id }
            let order = ManagedOrder.fixture(
                id: ClientOrderID(intent: intent.id, attempt: attempt), intentID: intent.id, attempt: attempt,
                symbol: intent.symbol, side: intent.side, type: intent.type, quantity: intent.quantity,
                submittedAt: now)
            book[order.clientOrderID] = order
            switch random.int(0...9) {
            case 0: break  // Died before the request left.
            case 1...3: _ = accept(order)  // Accepted, but died before the answer was recorded.
            case 4: book[order.clientOrderID] = OrderMachine.apply(.notSent(reason("not-sent")), to: order, at: now)
            case 5:
                book[order.clientOrderID] = OrderMachine.apply(.outcomeUnknown(reason("no-answer")), to: order, at: now)
            case 6:
                _ = accept(order)
                book[order.clientOrderID] = OrderMachine.apply(.outcomeUnknown(reason("no-answer")), to: order, at: now)
            default:
                let number = accept(order)
                book[order.clientOrderID] = OrderMachine.apply(.acknowledged(number, at: now), to: order, at: now)
            }
        }
    }

    /// What the next start does with rows of a dead process.
    mutating func recover() {
        for (id, order) in book where order.state == .submitting {
            book[id] = OrderMachine.apply(.outcomeUnknown(reason("process-died")), to: order, at: now)
        }
    }

    private func reason(_ code: String) -> Reason { Reason(code: code, message: "in a test") }

    // MARK: the exchange

    private mutating func accept(_ order: ManagedOrder) -> BrokerOrderID {
        place(
            symbol: order.symbol, side: order.side, type: order.type, quantity: order.quantity,
            owner: order.clientOrderID, intent: order.intentID)
    }

    /// Somebody trades by hand in our account, in odd lots.
    mutating func tradeByHand() {
        _ = place(
            symbol: Symbol(random.pick(symbols)), side: random.pick(Side.allCases), type: .market,
            quantity: Quantity(random.int(1...99)), owner: nil, intent: nil)
    }

    private mutating func place(
        symbol: Symbol, side: Side, type: OrderType, quantity: Quantity, owner: ClientOrderID?, intent: IntentID?
    ) -> BrokerOrderID {
        let number = "B\(listings.count + 1)"
        let rejected = random.chance(0.08)
        let order = BrokerOrder.fixture(
            number, clientOrderID: capabilities.listsClientOrderIDs ? owner : nil, symbol: symbol, side: side,
            type: type, quantity: quantity, status: rejected ? .rejected : .working,
            placedAt: now.advanced(by: .milliseconds(random.int(-1000...1000))))
        let visible = now.advanced(by: .milliseconds(random.int(0...8000)))
        listings.append(
            Listing(
                order: order, visibleAt: visible, owner: owner, intent: intent, endedAt: rejected ? now : nil))
        return BrokerOrderID(number)
    }

    mutating func trade() {
        for index in listings.indices where random.chance(0.4) {
            if listings[index].isLive, random.chance(0.8) { execute(index) }
            if listings[index].isLive, random.chance(0.15) { restate(index, .cancelled) }
            if takesBack, !listings[index].executions.isEmpty, random.chance(0.03) { bust(index) }
        }
    }

    private mutating func execute(_ index: Int) {
        let order = listings[index].order
        let left = Self.whole(order.quantity) - listings[index].executed
        guard left > 0 else { return }
        executions += 1
        let size = random.chance(0.5) ? left : random.int(1...left)
        let execution = BrokerExecution.fixture(
            "E\(executions)", order: order.brokerOrderID.text, clientOrderID: order.clientOrderID, symbol: order.symbol,
            side: order.side, quantity: Quantity(size), price: .cents(random.int(9000...11_000)), filledAt: now)
        let visible = now.advanced(by: .milliseconds(random.int(0...8000)))
        listings[index].executions.append((execution, visible))
        restate(index, size == left ? .filled : .partiallyFilled)
    }

    private mutating func bust(_ index: Int) {
        let which = random.int(0...listings[index].executions.count - 1)
        let old = listings[index].executions[which].execution
        listings[index].executions[which].execution = BrokerExecution.fixture(
            old.executionID.text, order: old.brokerOrderID.text, clientOrderID: old.clientOrderID, symbol: old.symbol,
            side: old.side, quantity: old.quantity, price: old.price, filledAt: old.filledAt, isBusted: true)
        restate(index, listings[index].order.status == .filled ? .cancelled : listings[index].order.status)
    }

    private mutating func restate(_ index: Int, _ status: BrokerOrder.Status) {
        let old = listings[index].order
        listings[index].order = BrokerOrder.fixture(
            old.brokerOrderID.text, clientOrderID: old.clientOrderID, symbol: old.symbol, side: old.side,
            type: old.type,
            quantity: old.quantity, filledQuantity: Quantity(listings[index].executed), status: status,
            placedAt: old.placedAt)
        listings[index].endedAt = listings[index].isLive ? nil : listings[index].endedAt ?? now
    }

    /// The session ends: what still works is cancelled.
    mutating func close() {
        isOpen = false
        for index in listings.indices where listings[index].isLive { restate(index, .cancelled) }
    }

    // MARK: reconciliation

    func orderList(cut: Bool, _ random: inout SeededGenerator) -> Snapshot<BrokerOrder> {
        let visible = listings.filter { $0.visibleAt <= now && isListed($0.endedAt) }.map(\.order)
        return .fixture(
            cut ? visible.filter { _ in random.chance(0.6) } : visible, isComplete: !cut, takenAt: now,
            beginsAt: beginsAt)
    }

    func executionList(cut: Bool, _ random: inout SeededGenerator) -> Snapshot<BrokerExecution> {
        let visible = listings.flatMap(\.executions).map { ($0.execution, $0.visibleAt) }
            .filter { $0.1 <= now && isListed($0.0.filledAt) }.map(\.0)
        // Some brokers repeat rows.
        let repeated = visible + visible.filter { _ in random.chance(0.1) }
        return .fixture(
            cut ? repeated.filter { _ in random.chance(0.6) } : repeated, isComplete: !cut, takenAt: now,
            beginsAt: beginsAt)
    }

    private func isListed(_ at: Instant?) -> Bool {
        guard let at, let beginsAt else { return true }
        return at >= beginsAt
    }

    /// The symbols of which the account holds something else than our books say.
    private var differing: Set<Symbol> {
        var sums: [Symbol: Int] = [:]
        for listing in listings {
            sums[listing.order.symbol, default: 0] += (listing.order.side == .buy ? 1 : -1) * listing.executed
        }
        for fill in fills.values where !fill.isBusted {
            sums[fill.symbol, default: 0] -= Self.whole(fill.side.signed(fill.quantity))
        }
        return Set(sums.filter { $0.value != 0 }.keys)
    }

    func input(_ orders: Snapshot<BrokerOrder>, _ executions: Snapshot<BrokerExecution>) -> ReconciliationInput {
        let numbers = Set(orders.items.map(\.brokerOrderID) + executions.items.map(\.brokerOrderID))
        let ids = Set(orders.items.compactMap(\.clientOrderID) + executions.items.compactMap(\.clientOrderID))
        let ours = book.values.filter { order in
            order.state.mayBeLive || ids.contains(order.clientOrderID)
                || order.brokerOrderID.map(numbers.contains) ?? false
        }.sorted { $0.clientOrderID < $1.clientOrderID }
        let named = Set(ours.map(\.clientOrderID))
        let differing = differing
        return ReconciliationInput(
            broker: Self.broker, account: Self.account, capabilities: capabilities, now: now, ours: ours,
            fills: fills.values.filter { named.contains($0.clientOrderID) }.sorted { $0.executionID < $1.executionID },
            orders: orders, executions: executions, holdsAsBooked: { !differing.contains($0) })
    }

    mutating func write(_ plan: ReconciliationPlan) throws {
        for order in plan.external + plan.updates { book[order.clientOrderID] = order }
        for fill in plan.newFills where fills.updateValue(fill, forKey: fill.executionID) != nil { doubleBooked += 1 }
        for id in plan.busted {
            guard let fill = fills[id], let order = book[fill.clientOrderID] else { continue }
            fills[id] = .fixture(
                id.text, of: order, quantity: fill.quantity, price: fill.price, filledAt: fill.filledAt, isBusted: true)
        }
        for id in plan.neverArrived {
            guard let order = book[id], let intentID = order.intentID else { continue }
            waiting.removeAll { $0.intent.id == intentID }
            let intent = (1...intents).lazy.map { leg in
                OrderIntent.fixture(
                    symbol: order.symbol, leg: leg, side: order.side, type: order.type, quantity: order.quantity)
            }.first { $0.id == intentID }
            if let intent { waiting.append((intent, order.attempt + 1)) }
        }
    }

    mutating func reconcile(cut: Bool) throws -> ReconciliationPlan {
        var draws = random
        let orders = orderList(cut: cut, &draws)
        // The lists are not read at one instant: what trades in between shows in the second only.
        if isOpen, random.chance(0.3) { trade() }
        let executions = executionList(cut: cut && draws.chance(0.5), &draws)
        _ = random.next()
        let plan = try Reconciliation.plan(input(orders, executions))
        try write(plan)
        return plan
    }
}
