import Broker
import Core
import Execution
import Risk
import Store
import TestSupport
import Testing

@testable import Cycle

@Suite("Orders that a split or a hand has changed at the broker")
struct AmendedOrderTests {
    /// 200 shares held, and a limit order of ours to sell 100 of them that the broker has taken.
    private func house() async throws -> (House, ClientOrderID, BrokerOrderID) {
        let house = try House(positions: [.nvda: Quantity(200)])
        try await house.openAccount()
        try house.putBar(.nvda)
        let intent = try house.put(house.intent(purpose: .takeProfit, side: .sell, type: .limit(Price(120))))
        try await house.run(.submit)
        house.moveTo(40)
        try await house.run(.reconcile, isForced: true)
        return (house, intent.clientOrderID, try #require(house.broker.number(of: .nvda)))
    }

    /// Executes so much of it, at the house's time.
    private func execute(_ house: House, _ id: ClientOrderID, _ number: BrokerOrderID, _ name: String, _ quantity: Int)
        throws
    {
        guard quantity > 0 else { return }
        try house.broker.execute(
            .fixture(
                name, order: number.text, clientOrderID: id, side: .sell, quantity: Quantity(quantity),
                price: Price(120),
                filledAt: house.clock.now()))
    }

    /// The same house with so many executed, listed and booked.
    private func house(executed: Int) async throws -> (House, ClientOrderID, BrokerOrderID) {
        let (house, id, number) = try await house()
        try execute(house, id, number, "E1", executed)
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(executed))
        house.moveTo(80)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(id).leavesQuantity == Quantity(100 - executed))
        return (house, id, number)
    }

    private func split(_ new: Int, _ old: Int, id: String = "S1", at seconds: Int64 = 90, price: Price? = nil)
        -> AccountActivity
    {
        AccountActivity(
            id: id, at: Instant.fixture.advanced(bySeconds: seconds),
            kind: .split(.nvda, new: new, old: old, cashInLieuPrice: price))
    }

    private func missingFills(_ house: House) throws -> Int {
        try house.store.read { try $0.openBreaks() }.filter { $0.kind == "missing-fills" }.count
    }

    private func exitable(_ house: House) throws -> Quantity {
        let beat = try house.beat(house.cycle())
        return try house.store.read {
            try RiskView(beat, $0).check([]).projection().holding(HoldingKey(symbol: .nvda, broker: .paper)).exitable()
        }
    }

    @Test("An order made larger by hand is followed, told of once, and not called filled while its rest works")
    func enlarged() async throws {
        let (house, id, number) = try await house()
        house.broker.amend(number, quantity: Quantity(150), type: .limit(Price(110)))
        try house.broker.execute(
            .fixture(
                "E1", order: number.text, clientOrderID: id, side: .sell, price: Price(110), filledAt: house.clock.now()
            ))
        house.moveTo(80)
        for _ in 0..<2 { try await house.run(.reconcile, isForced: true) }
        let order = try house.order(id)
        #expect(order.state == .partiallyFilled && order.leavesQuantity == Quantity(50))
        #expect(order.type == .limit(Price(110)) && order.quantity == Quantity(150))
        #expect(try exitable(house) == Quantity(50))
        let alert = try #require(try house.alerts("order-amended").first)
        #expect(try house.alerts("order-amended").count == 1)
        #expect(alert.body.contains("limit 100 at 120 day") && alert.body.contains("limit 150 at 110 day"))
        #expect(try house.audit("order.amended").count == 1)
        // The operator wants out: what is left is withdrawn.
        try house.wish(.flatten, "all")
        try await house.run(.riskCheck, isForced: true)
        try await house.run(.submit, isForced: true)
        #expect(house.broker.cancels.map(\.brokerOrderID) == [number])
    }

    @Test("After a split an exit leaves what the standing order takes now, not what it took before")
    func split() async throws {
        let (house, id, number) = try await house()
        house.broker.setPosition(.nvda, Quantity(400))
        house.broker.amend(number, quantity: Quantity(200), type: .limit(Price(60)))
        house.broker.setActivities([
            AccountActivity(
                id: "S1", at: Instant.fixture.advanced(bySeconds: 200),
                kind: .split(.nvda, new: 2, old: 1, cashInLieuPrice: nil))
        ])
        try house.putBar(.nvda, number: 1, close: Price(50))
        house.moveTo(310)
        try await house.run(.riskCheck, house.cycle(1))
        #expect(try house.position(.nvda) == Quantity(400))
        #expect(try house.order(id).quantity == Quantity(200))
        #expect(try exitable(house) == Quantity(200))
    }

    @Test(
        "A broker that restates what was executed together with what was ordered makes no order filled, and leaves what it leaves",
        arguments: [(new: 1, old: 10), (1, 3), (2, 1), (3, 2)])
    func restatedTogether(new: Int, old: Int) async throws {
        let (house, id, number) = try await house(executed: 40)
        // Overnight; a few of the new shares are executed before anybody looks.
        let (ordered, executed, held) = (100 * new / old, 40 * new / old, 160 * new / old)
        house.moveTo(100)
        house.broker.setPosition(.nvda, Quantity(held))
        try execute(house, id, number, "E2", 2)
        house.broker.amend(number, quantity: Quantity(ordered), type: .limit(Price(60)))
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(executed + 2))
        house.broker.setActivities([split(new, old, price: Price(100))])
        house.moveTo(120)
        try await house.run(.reconcile, isForced: true)
        let order = try house.order(id)
        #expect(order.state == .partiallyFilled && order.filledQuantity == Quantity(42))
        #expect(order.leavesQuantity == Quantity(ordered - executed - 2))
        #expect(try missingFills(house) == 0)
        // The rest is executed.
        try execute(house, id, number, "E3", ordered - executed - 2)
        house.broker.close(number, as: .filled, filled: Quantity(ordered))
        house.moveTo(160)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(id).state == .filled)
        #expect(try missingFills(house) == 0)
    }

    @Test(
        "A split that the order list shows before the account posts it changes nothing until then, and is followed from then on",
        arguments: [(new: 2, old: 1, executed: 40, listed: "80"), (1, 10, 5, "0.5"), (1, 10, 5, "1"), (3, 2, 40, "60")])
    func listAheadOfAccount(new: Int, old: Int, executed: Int, listed: String) async throws {
        let (house, id, number) = try await house(executed: executed)
        let ordered = Quantity(100 * new / old)
        house.moveTo(100)
        house.broker.amend(number, quantity: ordered, type: .limit(Price(60)))
        house.broker.close(number, as: .partiallyFilled, filled: try Quantity(listed))
        for seconds: Int64 in [120, 160] {
            house.moveTo(seconds)
            try await house.run(.reconcile, isForced: true)
            // Held and open are of one scale, that of the books.
            let order = try house.order(id)
            #expect(order.state == .partiallyFilled && order.leavesQuantity == Quantity(100 - executed))
            #expect(try exitable(house) == Quantity(100))
        }
        house.broker.setPosition(.nvda, Quantity((200 - executed) * new / old))
        house.broker.setActivities([split(new, old, price: Price(100))])
        house.moveTo(200)
        for _ in 0..<2 { try await house.run(.reconcile, isForced: true) }
        #expect(try house.order(id).leavesQuantity == ordered - Quantity(listed))
        house.broker.close(number, as: .cancelled, filled: try Quantity(listed))
        house.moveTo(240)
        for _ in 0..<2 { try await house.run(.reconcile, isForced: true) }
        #expect(try house.order(id).state == .cancelled)
    }

    @Test("While the account has not posted the split, executions go on, and no live order becomes a filled one")
    func executionsAheadOfAccount() async throws {
        let (house, id, number) = try await house(executed: 40)
        // 10:1; fifty of the new shares are executed, then nine more than would be left on the old scale.
        house.moveTo(100)
        house.broker.amend(number, quantity: Quantity(1000), type: .limit(Price(12)))
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(400))
        try execute(house, id, number, "E2", 50)
        house.moveTo(120)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(id).state == .partiallyFilled && house.order(id).leavesQuantity == Quantity(10))
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(450))
        house.moveTo(160)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(id).state == .partiallyFilled && house.order(id).leavesQuantity == Quantity(10))
        try execute(house, id, number, "E3", 19)
        house.moveTo(200)
        try await house.run(.reconcile, isForced: true)
        let order = try house.order(id)
        #expect(order.state == .partiallyFilled && order.leavesQuantity.isPositive)
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(469))
        house.broker.setPosition(.nvda, Quantity(1531))
        house.broker.setActivities([split(10, 1)])
        house.moveTo(240)
        for _ in 0..<2 { try await house.run(.reconcile, isForced: true) }
        #expect(try house.order(id).leavesQuantity == Quantity(531) && missingFills(house) == 0)
    }

    @Test("An order that was cancelled after a split is listed with what it had executed: it is cancelled, not filled")
    func cancelledShortAfterSplit() async throws {
        let (house, id, number) = try await house(executed: 40)
        house.moveTo(100)
        house.broker.amend(number, quantity: Quantity(1000), type: .limit(Price(12)))
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(400))
        house.broker.setPosition(.nvda, Quantity(1600))
        house.broker.setActivities([split(10, 1)])
        house.moveTo(120)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(id).leavesQuantity == Quantity(600))
        house.broker.amend(number, quantity: Quantity(400), type: .limit(Price(12)))
        house.broker.close(number, as: .cancelled, filled: Quantity(400))
        house.moveTo(160)
        for _ in 0..<2 { try await house.run(.reconcile, isForced: true) }
        #expect(try house.order(id).state == .cancelled && missingFills(house) == 0)
    }

    @Test("A list of before the split's last executions does not hide a split that is posted")
    func postedAheadOfList() async throws {
        let (house, id, number) = try await house(executed: 30)
        house.moveTo(100)
        house.broker.amend(number, quantity: Quantity(200), type: .limit(Price(60)))
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(60))
        try execute(house, id, number, "E2", 50)
        house.moveTo(120)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(id).leavesQuantity >= Quantity(45))
        // The split is posted, and the list still lacks the fifty.
        house.broker.setPosition(.nvda, Quantity(290))
        house.broker.setActivities([split(2, 1)])
        house.moveTo(140)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(id).quantity == Quantity(200) && house.order(id).leavesQuantity == Quantity(90))
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(110))
        house.moveTo(180)
        for _ in 0..<2 { try await house.run(.reconcile, isForced: true) }
        #expect(try house.order(id).leavesQuantity == Quantity(90) && missingFills(house) == 0)
    }

    @Test("A split that is not posted is none by hand because a late list would explain its count")
    func equalSlices() async throws {
        let (house, id, number) = try await house(executed: 20)
        try execute(house, id, number, "E2", 20)
        house.moveTo(100)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(id).leavesQuantity == Quantity(60))
        // 1:2: of forty shares twenty are left in the count, as if the second slice were not in it yet.
        house.broker.amend(number, quantity: Quantity(50), type: .limit(Price(240)))
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(20))
        house.moveTo(140)
        for _ in 0..<2 { try await house.run(.reconcile, isForced: true) }
        #expect(try house.order(id).leavesQuantity == Quantity(60))
        // Ten of the new shares; twenty stand.
        try execute(house, id, number, "E3", 10)
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(30))
        house.moveTo(180)
        for _ in 0..<2 { try await house.run(.reconcile, isForced: true) }
        #expect(try house.order(id).state == .partiallyFilled && house.order(id).leavesQuantity >= Quantity(40))
    }

    @Test("A split that is not posted is seen though by chance the list counts what is booked")
    func equalCounts() async throws {
        let (house, id, number) = try await house(executed: 20)
        try execute(house, id, number, "E2", 10)
        house.moveTo(100)
        try await house.run(.reconcile, isForced: true)
        // 1:2, then ten and five of the new shares: the list counts thirty, as our books did.
        house.broker.amend(number, quantity: Quantity(50), type: .limit(Price(240)))
        try execute(house, id, number, "E3", 10)
        try execute(house, id, number, "E4", 5)
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(30))
        house.moveTo(140)
        for _ in 0..<2 { try await house.run(.reconcile, isForced: true) }
        #expect(try house.order(id).leavesQuantity >= Quantity(40))
        try execute(house, id, number, "E5", 19)
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(49))
        house.moveTo(180)
        for _ in 0..<2 { try await house.run(.reconcile, isForced: true) }
        #expect(try house.order(id).state == .partiallyFilled && house.order(id).leavesQuantity.isPositive)
    }

    @Test("A risk check between a split and its first executions leaves a foreign order all that it takes now")
    func foreignThroughSplit() async throws {
        let house = try House(positions: [.nvda: Quantity(100)])
        try await house.openAccount()
        try house.putBar(.nvda)
        house.broker.place(
            .fixture(
                "F1", side: .sell, type: .limit(Price(120)), quantity: Quantity(100), timeInForce: .goodTillCancelled,
                placedAt: house.clock.now()))
        house.moveTo(40)
        try await house.run(.reconcile, isForced: true)
        let id = try #require(try house.store.read { try $0.openOrders() }.first).clientOrderID
        #expect(try exitable(house).isZero)
        // 2:1 overnight, and twenty are executed at the open.
        house.moveTo(100)
        let number = BrokerOrderID("F1")
        house.broker.amend(number, quantity: Quantity(200), type: .limit(Price(60)))
        house.broker.setPosition(.nvda, Quantity(200))
        house.broker.setActivities([split(2, 1)])
        try execute(house, id, number, "E1", 20)
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(20))
        house.moveTo(310)
        try house.putBar(.nvda, number: 1, close: Price(60))
        try await house.run(.riskCheck, house.cycle(1))
        #expect(try house.position(.nvda) == Quantity(200))
        #expect(try house.order(id).leavesQuantity == Quantity(200) && exitable(house).isZero)
        for _ in 0..<2 { try await house.run(.reconcile, house.cycle(1), isForced: true) }
        #expect(try house.order(id).leavesQuantity == Quantity(180) && exitable(house).isZero)
    }

    @Test(
        "A risk check between a split that multiplies only what an order leaves and its first executions sees all of it"
    )
    func restThroughSplit() async throws {
        let (house, id, number) = try await house(executed: 40)
        // 2:1 as the paper exchange does it: sixty become 120 beside the forty. Twenty are executed at the open.
        house.moveTo(100)
        house.broker.setPosition(.nvda, Quantity(320))
        house.broker.amend(number, quantity: Quantity(160), type: .limit(Price(60)))
        house.broker.setActivities([split(2, 1)])
        try execute(house, id, number, "E2", 20)
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(60))
        house.moveTo(310)
        try house.putBar(.nvda, number: 1, close: Price(60))
        try await house.run(.riskCheck, house.cycle(1))
        #expect(try house.position(.nvda) == Quantity(320))
        #expect(try house.order(id).leavesQuantity == Quantity(120) && exitable(house) == Quantity(200))
        for _ in 0..<2 { try await house.run(.reconcile, house.cycle(1), isForced: true) }
        #expect(try house.order(id).leavesQuantity == Quantity(100) && exitable(house) == Quantity(200))
    }

    @Test("A cancellation that is asked for while the list is read does not hide what the split has made of the order")
    func cancelledMeanwhile() async throws {
        let (house, id, number) = try await house()
        house.moveTo(100)
        house.broker.amend(number, quantity: Quantity(200), type: .limit(Price(60)))
        house.broker.setPosition(.nvda, Quantity(400))
        house.broker.setActivities([split(2, 1)])
        house.broker.afterNextOrders {
            let now = house.clock.now()
            try? house.store.write(durable: true) { writer in
                guard let order = try writer.order(id) else { return }
                try OrderRecorder(context: house.context, now: now).record(
                    OrderMachine.apply(.cancelRequested, to: order, at: now), before: order, in: writer)
            }
        }
        house.moveTo(120)
        try await house.run(.riskCheck, isForced: true)
        let order = try house.order(id)
        #expect(order.state == .cancelling && order.leavesQuantity == Quantity(200))
        #expect(try house.position(.nvda) == Quantity(400) && exitable(house) == Quantity(200))
    }

    @Test("A list that is older than what another process has recorded meanwhile is not written over it")
    func olderList() async throws {
        let (house, id, number) = try await house(executed: 40)
        house.moveTo(100)
        house.broker.setActivities([split(2, 1)])
        house.broker.afterNextOrders {
            house.broker.amend(number, quantity: Quantity(200), type: .limit(Price(60)))
            house.broker.close(number, as: .partiallyFilled, filled: Quantity(80))
            house.broker.setPosition(.nvda, Quantity(320))
            let reconciled = try? await house.run(.reconcile, isForced: true)
            #expect(reconciled?.json["status"]?.stringValue == "succeeded")
            #expect((try? house.order(id).leavesQuantity) == Quantity(120))
        }
        house.moveTo(120)
        try await house.run(.riskCheck, isForced: true)
        #expect(try house.order(id).leavesQuantity == Quantity(120) && exitable(house) == Quantity(200))
    }

    @Test(
        "What a list ahead of the executions once looked like fills no order that stands, nor one that was cancelled",
        arguments: [BrokerOrder.Status.partiallyFilled, .cancelled])
    func restatesNothing(status: BrokerOrder.Status) async throws {
        let (house, id, number) = try await house(executed: 40)
        house.moveTo(100)
        house.broker.setActivities([split(2, 1)])
        house.broker.setPosition(.nvda, Quantity(320))
        // Forty new shares are listed before their execution is: as if the forty old ones were restated.
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(80))
        house.moveTo(120)
        try await house.run(.reconcile, isForced: true)
        try execute(house, id, number, "E2", 40)
        house.broker.close(number, as: status, filled: Quantity(status == .cancelled ? 80 : 90))
        house.moveTo(160)
        for _ in 0..<2 { try await house.run(.reconcile, isForced: true) }
        let order = try house.order(id)
        #expect(order.state == status.ended && order.filledQuantity == Quantity(80))
        #expect(status == .cancelled || order.leavesQuantity >= Quantity(10))
    }

    @Test("Ten shares that nobody explains are no rounding of a split that was taken back")
    func takenBack() async throws {
        let (house, id, number) = try await house(executed: 30)
        house.moveTo(130)
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(40))
        house.broker.setActivities([split(1, 10), split(10, 1, id: "S2", at: 95)])
        house.moveTo(140)
        for _ in 0..<2 { try await house.run(.reconcile, isForced: true) }
        #expect(try house.order(id).leavesQuantity == Quantity(70) && missingFills(house) == 1)
    }

    @Test("A list that lags behind what is booked takes back nothing of what was known of the split")
    func laggingList() async throws {
        let (house, id, number) = try await house(executed: 40)
        house.moveTo(100)
        house.broker.amend(number, quantity: Quantity(1000), type: .limit(Price(12)))
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(400))
        house.broker.setPosition(.nvda, Quantity(1500))
        house.broker.setActivities([split(10, 1)])
        try execute(house, id, number, "E2", 100)
        house.moveTo(120)
        for _ in 0..<3 {
            try await house.run(.reconcile, isForced: true)
            #expect(try house.order(id).leavesQuantity == Quantity(500))
            #expect(try missingFills(house) == 0)
        }
    }

    @Test(
        "Of an order that nothing was executed of, a quantity that changed ahead of the split is followed once the split is known"
    )
    func listAheadWithoutExecutions() async throws {
        let (house, id, number) = try await house()
        house.broker.amend(number, quantity: Quantity(200), type: .limit(Price(60)))
        house.moveTo(80)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(id).quantity == Quantity(200))
        house.broker.setActivities([split(2, 1)])
        house.broker.setPosition(.nvda, Quantity(400))
        house.moveTo(120)
        try await house.run(.reconcile, isForced: true)
        try execute(house, id, number, "E1", 30)
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(30))
        house.moveTo(160)
        for _ in 0..<2 { try await house.run(.reconcile, isForced: true) }
        #expect(try house.order(id).leavesQuantity == Quantity(170))
    }

    @Test("What was executed before a split counts on its scale however little it is and whenever it is booked")
    func littleBeforeSplit() async throws {
        let (house, id, number) = try await house(executed: 40)
        // Four more of the old shares come to less than one of the new.
        house.moveTo(85)
        try execute(house, id, number, "E2", 4)
        house.moveTo(100)
        house.broker.amend(number, quantity: Quantity(10), type: .limit(Price(1200)))
        house.broker.close(number, as: .partiallyFilled, filled: try Quantity("4.4"))
        house.broker.setPosition(.nvda, try Quantity("15.6"))
        house.broker.setActivities([split(1, 10)])
        house.moveTo(120)
        for _ in 0..<2 {
            try await house.run(.reconcile, isForced: true)
            #expect(try house.order(id).leavesQuantity == Quantity("5.6"))
            #expect(try missingFills(house) == 0)
        }
    }

    @Test(
        "Executions that are listed a moment after the orders do not hide that the broker restates", arguments: [50, 2])
    func executionsAfterList(news: Int) async throws {
        let (house, id, number) = try await house(executed: 40)
        house.moveTo(100)
        house.broker.amend(number, quantity: Quantity(200), type: .limit(Price(60)))
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(80))
        try execute(house, id, number, "E2", news)
        house.broker.setPosition(.nvda, Quantity(320 - news))
        house.broker.setActivities([split(2, 1)])
        house.moveTo(120)
        try await house.run(.reconcile, isForced: true)
        #expect(try house.order(id).leavesQuantity == Quantity(120 - news))
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(80 + news))
        for _ in 0..<2 { try await house.run(.reconcile, isForced: true) }
        #expect(try house.order(id).leavesQuantity == Quantity(120 - news))
    }

    @Test("Two splits in a row, seen at once, are followed by what they come to")
    func twoSplits() async throws {
        let (house, id, number) = try await house(executed: 40)
        house.moveTo(130)
        house.broker.amend(number, quantity: Quantity(150), type: .limit(Price(80)))
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(60))
        house.broker.setPosition(.nvda, Quantity(240))
        house.broker.setActivities([split(2, 1), split(3, 4, id: "S2", at: 95)])
        house.moveTo(140)
        for _ in 0..<2 { try await house.run(.reconcile, isForced: true) }
        #expect(try house.order(id).leavesQuantity == Quantity(90) && missingFills(house) == 0)
        house.broker.close(number, as: .cancelled, filled: Quantity(60))
        house.moveTo(180)
        for _ in 0..<2 { try await house.run(.reconcile, isForced: true) }
        #expect(try house.order(id).state == .cancelled)
    }

    @Test("A broker that leaves standing orders as they were through a split is followed as well")
    func untouched() async throws {
        let (house, id, _) = try await house(executed: 40)
        house.moveTo(100)
        house.broker.setActivities([split(2, 1)])
        house.broker.setPosition(.nvda, Quantity(320))
        house.moveTo(120)
        for _ in 0..<2 { try await house.run(.reconcile, isForced: true) }
        #expect(try house.order(id).leavesQuantity == Quantity(60) && missingFills(house) == 0)
    }

    @Test(
        "An order made smaller or larger by hand keeps the count of what it has executed, whenever the lists were read")
    func amendedHalfway() async throws {
        // By hand to this quantity, while the orders say this was executed and the executions, a moment apart, one more.
        for (quantity, listed) in [(70, 40), (150, 40), (98, 40), (98, 41), (102, 41), (102, 40)] {
            let (house, id, number) = try await house(executed: 40)
            house.broker.amend(number, quantity: Quantity(quantity), type: .limit(Price(120)))
            house.broker.close(number, as: .partiallyFilled, filled: Quantity(listed))
            try execute(house, id, number, "E2", 1)
            house.moveTo(120)
            for _ in 0..<2 { try await house.run(.reconcile, isForced: true) }
            let order = try house.order(id)
            #expect(order.leavesQuantity == Quantity(quantity - 41), "\(quantity), \(listed)")
            #expect(order.filledBefore.isZero && order.state == .partiallyFilled)
        }
    }

    @Test(
        "A split that is booked ahead of the executions made around it calls no live order filled", arguments: [0, 2])
    func executionsAroundSplit(news: Int) async throws {
        let (house, id, number) = try await house(executed: 40)
        // The box is off. Ten more before the split of 1:10, some after it.
        try execute(house, id, number, "E2", 10)
        house.moveTo(100)
        try execute(house, id, number, "E3", news)
        house.broker.amend(number, quantity: Quantity(10), type: .limit(Price(1200)))
        house.broker.close(number, as: .partiallyFilled, filled: Quantity(5 + news))
        house.broker.setPosition(.nvda, Quantity(15 - news))
        house.broker.setActivities([split(1, 10)])
        try house.putBar(.nvda, number: 1, close: Price(1000))
        house.moveTo(310)
        try await house.run(.riskCheck, house.cycle(1))
        // What the list says is not understood yet: more counts as open, not less.
        #expect(try house.order(id).leavesQuantity == Quantity(60) && house.order(id).filledBefore.isZero)
        try await house.run(.reconcile, house.cycle(1), isForced: true)
        for _ in 0..<2 {
            let order = try house.order(id)
            #expect(order.state == .partiallyFilled && order.leavesQuantity == Quantity(5 - news))
            try await house.run(.reconcile, house.cycle(1), isForced: true)
        }
        try execute(house, id, number, "E4", 5 - news)
        house.broker.close(number, as: .filled, filled: Quantity(10))
        house.moveTo(360)
        try await house.run(.reconcile, house.cycle(1), isForced: true)
        #expect(try house.order(id).state == .filled)
    }

    @Test(
        "An order that ended through a split is ended with us too, whatever shares it is listed in", arguments: [10, 1])
    func endedThroughSplit(new: Int) async throws {
        let old = new == 10 ? 1 : 10
        let (house, id, number) = try await house(executed: 40)
        house.broker.amend(number, quantity: Quantity(100 * new / old), type: .limit(Price(12)))
        house.broker.close(number, as: .cancelled, filled: Quantity(40 * new / old))
        house.broker.setActivities([split(new, old)])
        house.moveTo(120)
        for _ in 0..<2 {
            try await house.run(.reconcile, isForced: true)
            let order = try house.order(id)
            #expect(order.state == .cancelled && order.leavesQuantity.isZero && order.filledQuantity == Quantity(40))
        }
        #expect(try house.store.read { try $0.openBreaks() }.filter { $0.kind == "missing-fills" }.isEmpty)
    }

    @Test("A cancelled order that the broker lists with what it had executed is cancelled, not filled")
    func cancelledShort() async throws {
        let (house, id, number) = try await house()
        try house.broker.execute(
            .fixture(
                "E1", order: number.text, clientOrderID: id, side: .sell, quantity: Quantity(30), price: Price(120),
                filledAt: house.clock.now()))
        house.broker.amend(number, quantity: Quantity(30), type: .limit(Price(120)))
        house.broker.close(number, as: .cancelled, filled: Quantity(30))
        house.moveTo(80)
        try await house.run(.reconcile, isForced: true)
        let order = try house.order(id)
        #expect(order.state == .cancelled && order.quantity == Quantity(100) && order.filledQuantity == Quantity(30))
    }
}

extension BrokerOrder.Status {
    /// What an order of ours is by then.
    fileprivate var ended: OrderState { self == .cancelled ? .cancelled : .partiallyFilled }
}
