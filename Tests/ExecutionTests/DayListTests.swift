import Broker
import Core
import Execution
import TestSupport
import Testing

/// A broker that lists what is open, and what ended today.
@Suite("Lists that begin later than the order") struct DayListTests {
    private static let id = ClientOrderID("order-1")
    private static let number = BrokerOrderID("B1")
    /// Written ahead at second 1; the clocks agree within two seconds.
    private static let doubtful = ManagedOrder.fixture(state: .inDoubt)

    private static func at(_ seconds: Int64) -> Instant { Instant.fixture.advanced(bySeconds: seconds) }

    private func plan(
        _ ours: [ManagedOrder], fills: [Fill] = [], orders: [BrokerOrder] = [], executions: [BrokerExecution] = [],
        ordersBegin: Int64? = nil, executionsBegin: Int64? = nil, takenAt: Int64 = 600, isComplete: Bool = true,
        holdsAsBooked: Bool = true
    ) throws -> ReconciliationPlan {
        let takenAt = Self.at(takenAt)
        return try Reconciliation.plan(
            ReconciliationInput(
                broker: .paper, account: AccountID("A1"), capabilities: .fixture(), now: takenAt, ours: ours,
                fills: fills,
                orders: .fixture(
                    orders, isComplete: isComplete, takenAt: takenAt, beginsAt: ordersBegin.map(Self.at)),
                executions: .fixture(executions, takenAt: takenAt, beginsAt: executionsBegin.map(Self.at)),
                holdsAsBooked: { _ in holdsAsBooked }))
    }

    @Test(
        "Absence proves something only where both lists begin, by either clock, before the order was sent",
        arguments: [
            (nil, nil, true), (-1, -1, true), (0, nil, false), (nil, 0, false), (300, -1, false), (-1, 300, false),
        ] as [(Int64?, Int64?, Bool)])
    func reach(orders: Int64?, executions: Int64?, isProof: Bool) throws {
        let plan = try plan([Self.doubtful], ordersBegin: orders, executionsBegin: executions)
        if isProof {
            #expect(plan.unsettled == [Self.id: .absent] && plan.updates.map(\.absenceProofs) == [1])
        } else {
            let begins = Self.at(max(orders ?? -9, executions ?? -9))
            #expect(plan.unsettled == [Self.id: .outOfReach(beginsAt: begins)] && plan.updates.isEmpty)
        }
    }

    @Test("However often it is looked for, it stays in doubt: also after one proof from before midnight")
    func neverProven() throws {
        var order = Self.doubtful
        order.absenceProofs = 1
        for round: Int64 in 1...50 {
            let plan = try plan([order], ordersBegin: 200, executionsBegin: 200, takenAt: 600 * round)
            #expect(plan.neverArrived.isEmpty && plan.updates.isEmpty)
            #expect(plan.unsettled == [Self.id: .outOfReach(beginsAt: Self.at(200))])
        }
    }

    @Test("Our id in such a list settles the doubt all the same, and so does an execution under it")
    func found() throws {
        let listed = try plan([Self.doubtful], orders: [.fixture("B1", clientOrderID: Self.id)], ordersBegin: 300)
        #expect(listed.updates.map(\.state) == [.working] && listed.unsettled.isEmpty)
        let executed = try plan(
            [Self.doubtful], executions: [.fixture("E1", clientOrderID: Self.id)], ordersBegin: 300)
        #expect(executed.updates.map(\.state) == [.filled] && executed.newFills.count == 1)
    }

    @Test("An incomplete list is still only incomplete, and an early one early")
    func other() throws {
        for plan in [
            try plan([Self.doubtful], ordersBegin: 300, isComplete: false),
            try plan([Self.doubtful], ordersBegin: 3, takenAt: 4),
        ] {
            guard case .undecided? = plan.unsettled[Self.id] else {
                Issue.record("\(plan.unsettled)")
                continue
            }
        }
    }

    // MARK: Orders that the broker had numbered

    private static func missing(
        _ time: TimeInForce = .day, id: String = "order-1", side: Side = .buy, state: OrderState = .working
    ) -> ManagedOrder {
        .fixture(
            id: ClientOrderID(id), brokerOrderID: state == .inDoubt ? nil : BrokerOrderID("N-\(id)"), side: side,
            timeInForce: time, state: state, acknowledgedAt: at(2), absenceProofs: state == .inDoubt ? 0 : 1)
    }

    @Test("Good for its day, absent twice, and the account holds what the books say: it is over, and arrived")
    func ended() throws {
        let plan = try plan([Self.missing()], ordersBegin: 300, executionsBegin: 300)
        let order = try #require(plan.updates.first)
        #expect(order.state == .expired && plan.endedUnseen == [Self.id])
        #expect(order.reasons.last?.code == OrderMachine.endedUnseenCode)
        // What arrived is never sent again.
        #expect(!order.neverReachedItsBroker && !order.isThoughtNeverArrived)
    }

    @Test("One look is not enough")
    func once() throws {
        let fresh = ManagedOrder.fixture(brokerOrderID: Self.number, state: .working, acknowledgedAt: Self.at(2))
        let plan = try plan([fresh], ordersBegin: 300)
        #expect(plan.updates.map(\.state) == [.working] && plan.endedUnseen.isEmpty)
    }

    @Test("Where the account says otherwise, or cannot tell, it stays missing and counts on")
    func unwitnessed() throws {
        func isMissing(_ plan: ReconciliationPlan, _ place: SourceLocation = #_sourceLocation) {
            #expect(plan.endedUnseen.isEmpty, sourceLocation: place)
            let order = plan.updates.first { $0.clientOrderID == Self.id }
            #expect(order?.isMissing == true && order?.state == .working, sourceLocation: place)
        }
        isMissing(try plan([Self.missing()], ordersBegin: 300, holdsAsBooked: false))
        // A list that reaches back lacks it: it is lost at the broker, and no day has ended it.
        isMissing(try plan([Self.missing()]))
        isMissing(try plan([Self.missing()], ordersBegin: -1))
        for time: TimeInForce in [.goodTillCancelled, .goodTillDate] {
            isMissing(try plan([Self.missing(time)], ordersBegin: 300))
        }
        // Another one of unknown fate may have undone what it executed.
        for state: OrderState in [.working, .inDoubt, .submitting] {
            let other = Self.missing(id: "order-2", side: .sell, state: state)
            isMissing(try plan([Self.missing(), other], ordersBegin: 300))
        }
        isMissing(
            try plan(
                [Self.missing()],
                executions: [.fixture("E9", order: "B9", side: .sell, filledAt: Self.at(400))], ordersBegin: 300))
    }

    @Test("A foreign order that has ended and is listed without a size is left aside; with one it is a row")
    func sizeless() throws {
        let plan = try plan(
            [], orders: [.fixture("B1", quantity: .zero, status: .cancelled), .fixture("B2", status: .cancelled)])
        #expect(plan.external.map(\.brokerOrderID) == [BrokerOrderID("B2")])
    }

    @Test(
        "After a restore an order of unknown age under an id of our form is ours for a week",
        arguments: [(0, true), (7 * 86_400, true), (7 * 86_400 + 1, false)] as [(Int64, Bool)])
    func restored(seconds: Int64, isOurs: Bool) throws {
        let id = ClientOrderID(intent: OrderIntent.fixture().id, attempt: 1)
        let listed = BrokerOrder(
            brokerOrderID: Self.number, clientOrderID: id, symbol: Symbol("NVDA"), side: .buy, type: .market,
            quantity: Quantity(100), filledQuantity: .zero, timeInForce: .day, status: .working,
            placedAt: Self.at(seconds), message: nil, tellsPlacedAt: false)
        let plan = try Reconciliation.plan(
            ReconciliationInput(
                broker: .paper, account: AccountID("A1"), capabilities: .fixture(), now: Self.at(seconds), ours: [],
                fills: [], orders: .fixture([listed], takenAt: Self.at(seconds)),
                executions: .fixture([], takenAt: Self.at(seconds)), restoredAt: Self.at(0)))
        #expect((plan.external.first?.clientOrderID == id) == isOurs)
    }
}
