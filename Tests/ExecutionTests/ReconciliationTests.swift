import Broker
import Core
import Execution
import TestSupport
import Testing

@Suite struct ReconciliationTests {
    private static let number = BrokerOrderID("B1")
    private static let id = ClientOrderID("order-1")

    private func plan(
        _ ours: [ManagedOrder], fills: [Fill] = [], orders: [BrokerOrder] = [], executions: [BrokerExecution] = [],
        listsIDs: Bool = true, isComplete: Bool = true, takenAt: Instant = Instant.fixture.advanced(bySeconds: 60)
    ) throws -> ReconciliationPlan {
        try Reconciliation.plan(
            ReconciliationInput(
                broker: .paper, account: AccountID("A1"),
                capabilities: .fixture(listsClientOrderIDs: listsIDs), now: takenAt, ours: ours, fills: fills,
                orders: .fixture(orders, isComplete: isComplete, takenAt: takenAt),
                executions: .fixture(executions, isComplete: isComplete, takenAt: takenAt)))
    }

    @Test("Where a broker tells totals alone, an account that holds what our books do not say is no absence")
    func accountKnowsBetter() throws {
        func result(unsettled: Bool, listsExecutions: Bool = false) throws -> ReconciliationPlan {
            var order = ManagedOrder.fixture(state: .inDoubt)
            order.absenceProofs = 1
            let late = Instant.fixture.advanced(bySeconds: 600)
            return try Reconciliation.plan(
                ReconciliationInput(
                    broker: .paper, account: AccountID("A1"),
                    capabilities: BrokerCapabilities(
                        listsClientOrderIDs: false, listsExecutions: listsExecutions, visibilityDelay: .seconds(10),
                        clockTolerance: .zero, orderTypes: ["market"], timesInForce: [.day], allowsShort: false),
                    now: late, ours: [order], fills: [], orders: .fixture([], isComplete: true, takenAt: late),
                    executions: .fixture([], isComplete: true, takenAt: late), isUnsettled: { _ in unsettled }))
        }
        #expect(try result(unsettled: false).neverArrived == [Self.id])
        let held = try result(unsettled: true)
        #expect(held.neverArrived.isEmpty && held.updates.isEmpty)
        guard case .undecided? = held.unsettled[Self.id] else {
            Issue.record("\(held.unsettled)")
            return
        }
        #expect(try result(unsettled: true, listsExecutions: true).neverArrived == [Self.id])
    }

    @Test("A number that stands for another share or side now changes nothing of ours")
    func otherOrderUnderOurNumber() throws {
        for stranger in [
            BrokerOrder.fixture("B1", symbol: Symbol("AAPL"), filledQuantity: Quantity(5)),
            BrokerOrder.fixture("B1", side: .sell, filledQuantity: Quantity(5)),
        ] {
            let ours = ManagedOrder.fixture(brokerOrderID: Self.number, state: .working)
            let result = try plan(
                [ours], orders: [stranger],
                executions: [
                    .fixture("E1", order: "B1", symbol: stranger.symbol, side: stranger.side, quantity: Quantity(5))
                ])
            #expect(result.updates.isEmpty && result.newFills.isEmpty && result.external.isEmpty)
        }
    }

    @Test("Nothing on either side is nothing to do")
    func empty() throws {
        let nothing = try plan([])
        #expect(nothing.updates.isEmpty && nothing.external.isEmpty && nothing.newFills.isEmpty)
        #expect(nothing.busted.isEmpty && nothing.unsettled.isEmpty && nothing.neverArrived.isEmpty)
    }

    @Test(
        "A doubtful order found in the list is bound, and its executions are booked with it", arguments: [true, false])
    func bind(listsIDs: Bool) throws {
        let name = listsIDs ? Self.id : nil
        let result = try plan(
            [.fixture(state: .inDoubt)],
            orders: [.fixture("B1", clientOrderID: name, filledQuantity: Quantity(40), status: .partiallyFilled)],
            executions: [.fixture("E1", order: "B1", clientOrderID: name, quantity: Quantity(40))], listsIDs: listsIDs)
        let order = try #require(result.updates.first)
        #expect(result.updates.count == 1 && result.external.isEmpty && result.unsettled.isEmpty)
        #expect(order.clientOrderID == Self.id && order.brokerOrderID == Self.number)
        #expect(order.state == .partiallyFilled && order.filledQuantity == Quantity(40))
        #expect(result.newFills.map(\.clientOrderID) == [Self.id])
        #expect(result.newFills.map(\.intentID) == [IntentID("order-1")])
        #expect(result.newFills.map(\.id) == ["paper:A1:E1"])
    }

    @Test("An order that nobody here placed becomes external, whole, and counts")
    func externalOrder() throws {
        let listed = BrokerOrder.fixture("B7", side: .sell, type: .limit(Price(120)), quantity: Quantity(7))
        let result = try plan([], orders: [listed])
        let order = try #require(result.external.first)
        #expect(result.external.count == 1 && result.updates.isEmpty)
        #expect(order.origin == .external && order.intentID == nil && order.profile == nil)
        #expect(order.clientOrderID.text == "external-paper-A1-B7" && order.state == .working)
        #expect(order.side == .sell && order.type == .limit(Price(120)) && order.leavesQuantity == Quantity(7))
    }

    @Test("An execution of an order that is not listed becomes an external order of all its executions")
    func externalExecution() throws {
        let result = try plan(
            [],
            executions: [
                .fixture("E1", order: "B7", quantity: Quantity(3)), .fixture("E2", order: "B7", quantity: Quantity(4)),
                .fixture("E2", order: "B7", quantity: Quantity(4)),
            ])
        #expect(result.external.map(\.quantity) == [Quantity(7)])
        #expect(result.external.map(\.state) == [.filled])
        #expect(result.newFills.map(\.executionID.text) == ["E1", "E2"])
        #expect(Set(result.newFills.map(\.clientOrderID)) == [ClientOrderID("external-paper-A1-B7")])
    }

    @Test("An order filled as far as we had ordered lives while the broker lists more of it, whenever that is seen")
    func enlarged() throws {
        let listed = BrokerOrder.fixture(
            "B1", quantity: Quantity(160), filledQuantity: Quantity(100), status: .partiallyFilled)
        let working = ManagedOrder.fixture(
            brokerOrderID: Self.number, state: .partiallyFilled, filledQuantity: Quantity(40), acknowledgedAt: .fixture)
        let first = Fill.fixture("E1", of: working, quantity: Quantity(40))
        let atOnce = try plan(
            [working], fills: [first], orders: [listed], executions: [.fixture("E2", quantity: Quantity(60))])
        let done = ManagedOrder.fixture(
            brokerOrderID: Self.number, state: .filled, filledQuantity: Quantity(100), acknowledgedAt: .fixture,
            finishedAt: .fixture)
        let later = try plan([done], fills: [.fixture("E1", of: done)], orders: [listed])
        for result in [atOnce, later] {
            let order = try #require(result.updates.first)
            #expect(order.state == .partiallyFilled && order.finishedAt == nil)
            #expect(order.quantity == Quantity(160) && order.leavesQuantity == Quantity(60))
        }
    }

    @Test("A filled order that the broker lists anew in shares of after a split stays filled")
    func restatedHistory() throws {
        let done = ManagedOrder.fixture(
            brokerOrderID: Self.number, state: .filled, filledQuantity: Quantity(100), averageFillPrice: Price(100),
            acknowledgedAt: .fixture, finishedAt: .fixture)
        let listed = BrokerOrder.fixture("B1", quantity: Quantity(200), filledQuantity: Quantity(200), status: .filled)
        #expect(try plan([done], fills: [.fixture("E1", of: done)], orders: [listed]).updates.isEmpty)
    }

    @Test("An execution that is on the books, or stands twice in the list, is not booked again")
    func duplicateExecutions() throws {
        let order = ManagedOrder.fixture(
            brokerOrderID: Self.number, state: .filled, filledQuantity: Quantity(100), averageFillPrice: Price(100),
            acknowledgedAt: .fixture, finishedAt: Instant.fixture.advanced(bySeconds: 2))
        let known = try plan(
            [order], fills: [.fixture("E1", of: order)], executions: [.fixture("E1"), .fixture("E1")])
        #expect(known.newFills.isEmpty && known.updates.isEmpty && known.external.isEmpty)
        let open = ManagedOrder.fixture(brokerOrderID: Self.number, state: .working)
        let twice = try plan([open], executions: [.fixture("E1"), .fixture("E1")])
        #expect(twice.newFills.count == 1 && twice.updates.map(\.state) == [.filled])
    }

    @Test("An order that is listed in a way nobody reads keeps the type that was sent")
    func unreadType() throws {
        let order = ManagedOrder.fixture(brokerOrderID: Self.number, type: .limit(Price(90)), state: .working)
        func type(tells: Bool) throws -> OrderType? {
            let listed = BrokerOrder(
                brokerOrderID: Self.number, clientOrderID: Self.id, symbol: order.symbol, side: order.side,
                type: .market,
                quantity: order.quantity, filledQuantity: .zero, timeInForce: order.timeInForce, status: .working,
                placedAt: .fixture, message: nil, tellsType: tells)
            return try plan([order], orders: [listed]).updates.first?.type ?? order.type
        }
        #expect(try type(tells: false) == .limit(Price(90)))
        #expect(try type(tells: true) == .market)
    }

    @Test("Costs that come after the execution was booked are added once; those on record stay")
    func lateCosts() throws {
        let order = ManagedOrder.fixture(
            brokerOrderID: Self.number, state: .filled, filledQuantity: Quantity(100), averageFillPrice: Price(100))
        let told = BrokerExecution.fixture("E1", fee: try FixedPoint("1.25"))
        func late(_ fill: Fill, _ execution: BrokerExecution) throws -> [FixedPoint] {
            let result = try plan([order], fills: [fill], executions: [execution, execution])
            #expect(result.newFills.isEmpty)
            return result.lateCosts.map(\.fee)
        }
        #expect(try late(.fixture("E1", of: order), told) == [told.fee])
        #expect(try late(.fixture("E1", of: order), .fixture("E1", awaitsCosts: true)).isEmpty)
        #expect(try late(.fixture("E1", of: order, fee: .one), told).isEmpty)
        #expect(try late(.fixture("E1", of: order, isBusted: true), told).isEmpty)
    }

    @Test("A bust takes the fill back once; the order is open again")
    func bust() throws {
        let order = ManagedOrder.fixture(
            brokerOrderID: Self.number, state: .filled, filledQuantity: Quantity(100), averageFillPrice: Price(100))
        let busted = BrokerExecution.fixture("E1", isBusted: true)
        let result = try plan([order], fills: [.fixture("E1", of: order)], executions: [busted, busted])
        #expect(result.busted == [ExecutionID("E1")] && result.newFills.isEmpty)
        #expect(result.updates.map(\.state) == [.working] && result.updates.map(\.filledQuantity) == [.zero])
        let again = try plan(
            result.updates, fills: [.fixture("E1", of: order, isBusted: true)], executions: [busted])
        #expect(again.busted.isEmpty && again.updates.isEmpty)
    }

    @Test("An execution and its bust in one list leave nothing executed")
    func bustInOneList() throws {
        let order = ManagedOrder.fixture(brokerOrderID: Self.number, state: .working)
        let result = try plan([order], executions: [.fixture("E1"), .fixture("E1", isBusted: true)])
        #expect(result.newFills.count == 1 && result.updates.allSatisfy { $0.filledQuantity.isZero })
        #expect(result.newFills.allSatisfy(\.isBusted) || result.busted == [ExecutionID("E1")])
    }

    @Test("Two complete lists without it prove that an order never arrived; one does not", arguments: [true, false])
    func neverArrived(listsIDs: Bool) throws {
        let first = try plan([.fixture(state: .inDoubt)], listsIDs: listsIDs)
        #expect(first.updates.map(\.state) == [.inDoubt] && first.updates.map(\.absenceProofs) == [1])
        #expect(first.unsettled == [Self.id: .absent] && first.neverArrived.isEmpty)
        // A second look at the same moment is no second proof; one a visibility delay later is.
        let sameMoment = try plan(first.updates, listsIDs: listsIDs)
        #expect(sameMoment.updates.isEmpty && sameMoment.unsettled == [Self.id: .absent])
        let second = try plan(first.updates, listsIDs: listsIDs, takenAt: Instant.fixture.advanced(bySeconds: 65))
        #expect(second.updates.map(\.state) == [.expired] && second.neverArrived == [Self.id])
        #expect(second.unsettled.isEmpty)
    }

    @Test("Incomplete or early lists count no absence, however often they are read")
    func noProof() throws {
        var orders = [ManagedOrder.fixture(state: .inDoubt)]
        for _ in 0..<5 {
            for (isComplete, seconds) in [(false, 60), (true, 3)] as [(Bool, Int64)] {
                let result = try plan(
                    orders, isComplete: isComplete, takenAt: Instant.fixture.advanced(bySeconds: seconds))
                #expect(result.updates.isEmpty && result.neverArrived.isEmpty)
                guard case .undecided = result.unsettled[Self.id] else {
                    Issue.record("the order should be undecided")
                    return
                }
                orders = result.updates.isEmpty ? orders : result.updates
            }
        }
    }

    @Test("Candidates of an order that stays in doubt are nobody's: neither they nor their executions become external")
    func contested() throws {
        let result = try plan(
            [.fixture(state: .inDoubt)],
            orders: [.fixture("B1"), .fixture("B2"), .fixture("B3", quantity: Quantity(7))],
            executions: [.fixture("E1", order: "B1"), .fixture("E3", order: "B3", quantity: Quantity(7))],
            listsIDs: false)
        #expect(result.unsettled == [Self.id: .ambiguous([BrokerOrderID("B1"), BrokerOrderID("B2")])])
        #expect(result.updates.isEmpty)
        #expect(result.external.map(\.brokerOrderID) == [BrokerOrderID("B3")])
        #expect(result.newFills.map(\.executionID.text) == ["E3"])
    }

    @Test(
        "A lookalike of another time keeps the doubt open round after round: it is neither foreign nor a proof of absence"
    )
    func lateLookalike() throws {
        var order = ManagedOrder.fixture(state: .inDoubt)
        let listed = [BrokerOrder.fixture("B1", placedAt: Instant.fixture.advanced(bySeconds: 400))]
        for round: Int64 in 1...4 {
            let result = try plan(
                [order], orders: listed, listsIDs: false,
                takenAt: Instant.fixture.advanced(bySeconds: 500 + 60 * round))
            #expect(result.external.isEmpty && result.neverArrived.isEmpty)
            #expect(result.unsettled == [Self.id: .ambiguous([Self.number])])
            order = result.updates.first ?? order
            #expect(order.state == .inDoubt && order.absenceProofs == 0)
        }
        // While it is being sent, too.
        let sending = try plan([.fixture(state: .submitting)], orders: listed, listsIDs: false)
        #expect(sending.external.isEmpty)
    }

    @Test("An order that the broker calls filled with less than ordered, after a bust, is over")
    func filledShort() throws {
        let order = ManagedOrder.fixture(
            brokerOrderID: Self.number, state: .filled, filledQuantity: Quantity(100), averageFillPrice: Price(100))
        let fills = [
            Fill.fixture("E1", of: order, quantity: Quantity(60)), .fixture("E2", of: order, quantity: Quantity(40)),
        ]
        let result = try plan(
            [order], fills: fills,
            orders: [.fixture("B1", clientOrderID: Self.id, filledQuantity: Quantity(60), status: .filled)],
            executions: [
                .fixture("E1", quantity: Quantity(60)), .fixture("E2", quantity: Quantity(40), isBusted: true),
            ])
        #expect(result.updates.map(\.state) == [.cancelled])
        #expect(result.updates.map(\.filledQuantity) == [Quantity(60)])
        #expect(result.updates.map(\.leavesQuantity) == [.zero])
    }

    @Test("An order just seen executing starts its count of absences anew")
    func seenExecuting() throws {
        let order = ManagedOrder.fixture(brokerOrderID: Self.number, state: .working, absenceProofs: 1)
        let result = try plan([order], executions: [.fixture("E1", quantity: Quantity(40))])
        #expect(result.updates.map(\.absenceProofs) == [1])
        #expect(result.updates.map(\.isMissing) == [false])
    }

    @Test("What an early list shows of a doubtful order is held back and booked once the list is late enough")
    func heldBack() throws {
        let order = ManagedOrder.fixture(state: .inDoubt)
        let listed = BrokerOrder.fixture("B1", filledQuantity: Quantity(100), status: .filled)
        let executions = [BrokerExecution.fixture("E1", order: "B1")]
        let early = try plan(
            [order], orders: [listed], executions: executions, listsIDs: false,
            takenAt: Instant.fixture.advanced(bySeconds: 4))
        #expect(early.external.isEmpty && early.newFills.isEmpty && early.updates.isEmpty)
        let late = try plan([order], orders: [listed], executions: executions, listsIDs: false)
        #expect(late.updates.map(\.state) == [.filled] && late.external.isEmpty)
        #expect(late.newFills.map(\.clientOrderID) == [Self.id])
    }

    @Test("A stray execution keeps the doubt open for ever rather than have the order sent again")
    func stray() throws {
        var order = ManagedOrder.fixture(state: .inDoubt)
        let strays = [BrokerExecution.fixture("E1", order: "B9", quantity: Quantity(40))]
        for _ in 0..<4 {
            let result = try plan([order], executions: strays, listsIDs: false)
            #expect(result.neverArrived.isEmpty && result.external.isEmpty)
            order = result.updates.first ?? order
            #expect(order.state == .inDoubt && order.absenceProofs == 0)
        }
        // Once its order is listed and is not ours, it is external and absence can be proven.
        let listed = [BrokerOrder.fixture("B9", quantity: Quantity(40))]
        let result = try plan([order], orders: listed, executions: strays, listsIDs: false)
        #expect(result.external.count == 1 && result.newFills.count == 1)
        #expect(result.updates.map(\.absenceProofs) == [1])
    }

    @Test("An execution with our id settles a doubt even before its order is listed")
    func executionWithOurID() throws {
        let result = try plan(
            [.fixture(state: .inDoubt)], executions: [.fixture("E1", order: "B1", clientOrderID: Self.id)])
        #expect(result.updates.map(\.state) == [.filled] && result.updates.map(\.brokerOrderID) == [Self.number])
        #expect(result.unsettled.isEmpty && result.external.isEmpty)
    }

    @Test(
        "An order that is being sent belongs to its sender: it is left alone, and its trace is nobody's",
        arguments: [true, false])
    func submitting(listsIDs: Bool) throws {
        let name = listsIDs ? Self.id : nil
        let result = try plan(
            [.fixture(state: .submitting)], orders: [.fixture("B1", clientOrderID: name)],
            executions: [.fixture("E1", order: "B1", clientOrderID: name)], listsIDs: listsIDs)
        #expect(result.updates.isEmpty && result.external.isEmpty && result.newFills.isEmpty)
        #expect(result.unsettled.isEmpty && result.neverArrived.isEmpty)
    }

    @Test("Two broker orders under one id of ours: one is ours, the other external and a break")
    func duplicateOrder() throws {
        let twins: [BrokerOrder] = [.fixture("B1", clientOrderID: Self.id), .fixture("B2", clientOrderID: Self.id)]
        let ours = ManagedOrder.fixture(brokerOrderID: Self.number, state: .acknowledged)
        let result = try plan([ours], orders: twins)
        #expect(result.updates.map(\.state) == [.working])
        #expect(result.external.map(\.brokerOrderID) == [BrokerOrderID("B2")])
        let breaks = BookComparison(broker: .paper, account: AccountID("A1")).duplicates(.fixture(twins))
        #expect(breaks.map(\.kind) == [.duplicateOrder])
    }

    @Test("Two broker orders under the id of a doubtful order: no guess is made")
    func duplicateDoubt() throws {
        let twins: [BrokerOrder] = [.fixture("B1", clientOrderID: Self.id), .fixture("B2", clientOrderID: Self.id)]
        let result = try plan([.fixture(state: .inDoubt)], orders: twins)
        #expect(result.unsettled == [Self.id: .ambiguous([BrokerOrderID("B1"), BrokerOrderID("B2")])])
        #expect(result.external.isEmpty && result.updates.isEmpty)
    }

    @Test("A cancelled order is closed only with all its executions, in whatever round they come")
    func cancelled() throws {
        let order = ManagedOrder.fixture(brokerOrderID: Self.number, state: .cancelling)
        let listed = [BrokerOrder.fixture("B1", filledQuantity: Quantity(40), status: .cancelled)]
        let early = try plan([order], orders: listed)
        #expect(early.updates.allSatisfy { $0.state == .cancelling && $0.finishedAt == nil })
        let late = try plan([order], orders: listed, executions: [.fixture("E1", quantity: Quantity(40))])
        #expect(late.updates.map(\.state) == [.cancelled] && late.updates.map(\.filledQuantity) == [Quantity(40)])
    }

    @Test("A late fill of an order thought dead is booked to it")
    func lateFill() throws {
        for state in [OrderState.cancelled, .expired, .rejectedByBroker] {
            let order = ManagedOrder.fixture(brokerOrderID: Self.number, state: state)
            let result = try plan([order], executions: [.fixture("E1", quantity: Quantity(40))])
            #expect(result.newFills.map(\.clientOrderID) == [Self.id])
            #expect(result.updates.map(\.filledQuantity) == [Quantity(40)] && result.updates.map(\.state) == [state])
        }
    }

    @Test("An order proven absent that turns up after all is taken back under its id")
    func ghost() throws {
        let ghost = ManagedOrder.fixture(state: .expired, absenceProofs: 2)
        let result = try plan([ghost], orders: [.fixture("B1", clientOrderID: Self.id)])
        #expect(result.updates.map(\.state) == [.working] && result.external.isEmpty)
    }

    @Test("Rows given twice are taken once")
    func doubledInput() throws {
        let order = ManagedOrder.fixture(brokerOrderID: Self.number, state: .working)
        let fill = Fill.fixture("E1", of: order, quantity: Quantity(40))
        let result = try plan([order, order], fills: [fill, fill], orders: [.fixture("B1")])
        #expect(result.updates.map(\.filledQuantity) == [Quantity(40)])
    }
}
