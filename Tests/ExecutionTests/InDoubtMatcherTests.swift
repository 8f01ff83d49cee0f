import Broker
import Core
import Execution
import TestSupport
import Testing

@Suite struct InDoubtMatcherTests {
    private static let order = ManagedOrder.fixture(state: .inDoubt)

    private static func resolve(
        _ doubtful: [ManagedOrder] = [order], listsIDs: Bool = false, orders: [BrokerOrder] = [],
        executions: [BrokerExecution] = [], claimed: Set<BrokerOrderID> = [], ordersComplete: Bool = true,
        executionsComplete: Bool = true, takenAt: Instant = Instant.fixture.advanced(bySeconds: 60)
    ) -> [ClientOrderID: DoubtResolution] {
        InDoubtMatcher(
            capabilities: .fixture(listsClientOrderIDs: listsIDs),
            orders: .fixture(orders, isComplete: ordersComplete, takenAt: takenAt),
            executions: .fixture(executions, isComplete: executionsComplete, takenAt: takenAt), claimed: claimed
        ).resolve(doubtful)
    }

    @Test("Where the broker keeps our id, the id decides and nothing else")
    func byID() {
        let theirs = BrokerOrder.fixture("B1", clientOrderID: Self.order.clientOrderID, quantity: Quantity(7))
        let twin = BrokerOrder.fixture("B2", clientOrderID: ClientOrderID("other"))
        let nameless = BrokerOrder.fixture("B3")
        let resolution = Self.resolve(listsIDs: true, orders: [theirs, twin, nameless])
        #expect(resolution[Self.order.clientOrderID] == .bound(theirs))
        #expect(Self.resolve(listsIDs: true, orders: [twin, nameless])[Self.order.clientOrderID] == .absent)
    }

    @Test("Our id binds even from an incomplete or early list: it cannot be anybody else's")
    func idNeedsNoCompleteness() {
        let theirs = BrokerOrder.fixture(clientOrderID: Self.order.clientOrderID)
        let partial = Self.resolve(listsIDs: true, orders: [theirs], ordersComplete: false, takenAt: .fixture)
        #expect(partial[Self.order.clientOrderID] == .bound(theirs))
    }

    @Test(
        "A send that waited its turn counts from when the doubt was put on record, not from the write-ahead row",
        arguments: [(44, false), (45, true)])
    func slowSend(seconds: Int64, isProof: Bool) {
        // Written ahead at second 1, given up at second 40; an order shows within 5 s.
        let order = ManagedOrder.fixture(state: .inDoubt, doubtedAt: Instant.fixture.advanced(bySeconds: 40))
        let resolution = Self.resolve([order], takenAt: Instant.fixture.advanced(bySeconds: seconds))
        #expect((resolution[order.clientOrderID] == .absent) == isProof)
    }

    @Test("Without ids the one order that agrees in everything is ours")
    func byElimination() {
        let theirs = BrokerOrder.fixture()
        #expect(Self.resolve(orders: [theirs])[Self.order.clientOrderID] == .bound(theirs))
    }

    private static let strangers: [BrokerOrder] = [
        .fixture(symbol: Symbol("AAPL")), .fixture(side: .sell), .fixture(quantity: Quantity(101)),
    ]

    @Test("An order of another instrument, side or quantity is not ours", arguments: strangers)
    func differs(stranger: BrokerOrder) {
        #expect(Self.resolve(orders: [stranger])[Self.order.clientOrderID] == .absent)
    }

    private static let lookalikes: [BrokerOrder] = [
        .fixture(type: .limit(Price(100))), .fixture(timeInForce: .goodTillCancelled),
        .fixture(placedAt: Instant.fixture.advanced(bySeconds: -2)),
        .fixture(placedAt: Instant.fixture.advanced(bySeconds: -3600)),
    ]

    @Test(
        "One whose type, prices, time in force or time read otherwise is neither ours nor the proof of an absence",
        arguments: lookalikes)
    func reads(lookalike: BrokerOrder) {
        #expect(Self.resolve(orders: [lookalike])[Self.order.clientOrderID] == .ambiguous([lookalike.brokerOrderID]))
    }

    @Test("An order under our id is no absence, even where its number belongs to another row of ours")
    func reissuedNumber() {
        let listed = BrokerOrder.fixture(clientOrderID: Self.order.clientOrderID)
        let resolution = Self.resolve(listsIDs: true, orders: [listed], claimed: [listed.brokerOrderID])
        #expect(resolution[Self.order.clientOrderID] == .ambiguous([listed.brokerOrderID]))
        let execution = BrokerExecution.fixture(order: "B1", clientOrderID: Self.order.clientOrderID)
        let traces = Self.resolve(listsIDs: true, executions: [execution], claimed: [listed.brokerOrderID])
        #expect(traces[Self.order.clientOrderID] == .ambiguous([listed.brokerOrderID]))
    }

    @Test(
        "The time window reaches from the send less the clocks' tolerance to the send window plus it",
        arguments: [(-1, true), (0, true), (1, true), (123, true), (124, false), (-2, false)])
    func windowEdges(seconds: Int64, matches: Bool) {
        // Written ahead at second 1, tolerance 2 s, window 120 s: from second -1 to second 123, both included.
        let listed = BrokerOrder.fixture(placedAt: Instant.fixture.advanced(bySeconds: seconds))
        let resolution = Self.resolve(orders: [listed])[Self.order.clientOrderID]
        // One that differs in nothing but its time is a riddle: it is neither ours nor proof of an absence.
        #expect(resolution == (matches ? .bound(listed) : .ambiguous([listed.brokerOrderID])))
        let before = listed.placedAt.microseconds < Instant.fixture.microseconds
        let outside = BrokerOrder.fixture(
            placedAt: Instant(microseconds: Instant.fixture.microseconds + (before ? -1_000_001 : 123_000_001)))
        let verdict = Self.resolve(orders: [outside])[Self.order.clientOrderID]
        #expect(verdict == .ambiguous([outside.brokerOrderID]))
    }

    @Test("An order that another channel gave is never ours, however alike; alone it is a riddle, beside ours no rival")
    func knownForeign() {
        let (ours, theirs) = (BrokerOrder.fixture("B1"), BrokerOrder.fixture("B2", isKnownForeign: true))
        #expect(Self.resolve(orders: [theirs])[Self.order.clientOrderID] == .ambiguous([theirs.brokerOrderID]))
        #expect(Self.resolve(orders: [ours, theirs])[Self.order.clientOrderID] == .bound(ours))
    }

    @Test("Where a list does not say how long an order is good for, the rest of its terms decide")
    func silentTimeInForce() {
        let listed = BrokerOrder.fixture("B1", timeInForce: .atClose, tellsTimeInForce: false)
        #expect(Self.resolve(orders: [listed])[Self.order.clientOrderID] == .bound(listed))
    }

    @Test("Two candidates for one order: nothing is guessed")
    func twoCandidates() {
        let resolution = Self.resolve(orders: [.fixture("B2"), .fixture("B1")])
        #expect(resolution[Self.order.clientOrderID] == .ambiguous([BrokerOrderID("B1"), BrokerOrderID("B2")]))
    }

    @Test("Two doubtful orders for one candidate: neither gets it")
    func twoClaimants() {
        let other = ManagedOrder.fixture(id: ClientOrderID("order-2"), state: .inDoubt)
        let resolution = Self.resolve([Self.order, other], orders: [.fixture()])
        #expect(resolution[Self.order.clientOrderID] == .ambiguous([BrokerOrderID("B1")]))
        #expect(resolution[other.clientOrderID] == .ambiguous([BrokerOrderID("B1")]))
    }

    @Test("Orders that are already ours are eliminated, which leaves the one")
    func claimed() {
        let free = BrokerOrder.fixture("B2")
        let resolution = Self.resolve(orders: [.fixture("B1"), free], claimed: [BrokerOrderID("B1")])
        #expect(resolution[Self.order.clientOrderID] == .bound(free))
        let none = Self.resolve(orders: [.fixture("B1")], claimed: [BrokerOrderID("B1")])
        #expect(none[Self.order.clientOrderID] == .absent)
    }

    @Test("An incomplete list proves nothing: neither absence nor uniqueness", arguments: [true, false])
    func incomplete(ordersComplete: Bool) {
        for orders in [[], [BrokerOrder.fixture()]] {
            let resolution = Self.resolve(
                orders: orders, ordersComplete: ordersComplete, executionsComplete: !ordersComplete)
            #expect(resolution[Self.order.clientOrderID] == .undecided("the broker's list is incomplete"))
        }
    }

    @Test(
        "A list read before the visibility delay has passed proves nothing",
        arguments: [(5, false), (6, true), (7, true)])
    func visibilityDelay(seconds: Int64, proves: Bool) {
        // Written ahead at second 1, visible within 5 s.
        let takenAt = Instant.fixture.advanced(bySeconds: seconds)
        #expect((Self.resolve(takenAt: takenAt)[Self.order.clientOrderID] == .absent) == proves)
        let one = BrokerOrder.fixture()
        #expect((Self.resolve(orders: [one], takenAt: takenAt)[Self.order.clientOrderID] == .bound(one)) == proves)
    }

    @Test("An execution nobody owns, whose order is not listed, blocks the proof of absence")
    func strayExecution() {
        let stray = BrokerExecution.fixture("E1", order: "B9", quantity: Quantity(40))
        let id = Self.order.clientOrderID
        #expect(Self.resolve(executions: [stray])[id] == .ambiguous([BrokerOrderID("B9")]))
        #expect(Self.resolve(executions: [stray], claimed: [BrokerOrderID("B9")])[id] == .absent)
        #expect(Self.resolve(orders: [.fixture("B9", side: .sell)], executions: [stray])[id] == .absent)
        for harmless: BrokerExecution in [
            .fixture(order: "B9", symbol: Symbol("AAPL")), .fixture(order: "B9", side: .sell),
            .fixture(order: "B9", filledAt: Instant.fixture.advanced(bySeconds: -2)),
        ] {
            #expect(Self.resolve(executions: [harmless])[id] == .absent)
        }
    }

    @Test("Where the broker keeps our ids, an execution of another id is no trace of ours")
    func strayWithIDs() {
        let id = Self.order.clientOrderID
        func resolution(_ owner: ClientOrderID?) -> DoubtResolution? {
            Self.resolve(listsIDs: true, executions: [.fixture(order: "B9", clientOrderID: owner)])[id]
        }
        #expect(resolution(ClientOrderID("other")) == .absent)
        #expect(resolution(id) == .ambiguous([BrokerOrderID("B9")]))
        #expect(resolution(nil) == .ambiguous([BrokerOrderID("B9")]))
    }

    @Test("Several executions of one stray order count as one")
    func strayTwice() {
        let strays: [BrokerExecution] = [.fixture("E1", order: "B9"), .fixture("E2", order: "B9")]
        #expect(Self.resolve(executions: strays)[Self.order.clientOrderID] == .ambiguous([BrokerOrderID("B9")]))
    }
}
