import Core
import Testing

@testable import Store

@Suite("Intents, orders, messages")
struct OrdersTableTests {
    private static let types: [OrderType] = [
        .market, .limit(Price(101)), .stop(Price(99)), .stopLimit(stop: Price(99), limit: Price(98)),
    ]

    @Test("An intent comes back as it was stored, and the same decision again stores nothing", arguments: types)
    func intent(type: OrderType) throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        let intent = OrderIntent.fixture(type: type)
        try database.write(durable: true) { writer throws in
            #expect(try writer.insertIntent(intent))
            #expect(try !writer.insertIntent(intent))
            #expect(try writer.intent(intent.id) == intent)
            #expect(try writer.intents(cycle: .fixture()) == [intent])
            #expect(try writer.intents(states: [.proposed], profile: ProfileName("us-5m")) == [intent])
            #expect(try writer.intents(states: [.approved]) == [])
            #expect(try writer.intents(states: []) == [])
        }
    }

    @Test("The same intent with other terms is refused")
    func conflictingIntent() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: true) { try $0.insertIntent(.fixture(quantity: 10)) }
        #expect(throws: StoreError.self) {
            try database.write(durable: true) { try $0.insertIntent(.fixture(quantity: 11)) }
        }
    }

    @Test("A quantity of zero never reaches the database")
    func zeroQuantity() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        #expect(throws: StoreError.self) {
            try database.write(durable: true) { try $0.insertIntent(.fixture(quantity: 0)) }
        }
    }

    @Test("An intent moves on only from the state that was seen")
    func staleIntent() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        let id = OrderIntent.fixture().id
        try database.write(durable: true) { writer throws in
            try writer.insertIntent(.fixture())
            try writer.updateIntent(id, expecting: .proposed, state: .approved)
            try writer.updateIntent(id, expecting: .approved, state: .submitting, attempt: 2, reasons: [])
            #expect(try writer.intent(id)?.attempt == 2)
            #expect(try writer.intent(id)?.reasons == [])
        }
        let stale = StoreError.staleState(what: "intent \(id)", expected: "approved", found: "submitting")
        #expect(throws: stale) {
            try database.write(durable: true) { try $0.updateIntent(id, expecting: .approved, state: .expired) }
        }
        #expect(throws: StoreError.notFound(what: "intent nobody")) {
            try database.write(durable: true) {
                try $0.updateIntent(IntentID("nobody"), expecting: .approved, state: .expired)
            }
        }
    }

    @Test("An order is found by either id, moves on from the state seen, and shows among the open ones")
    func orders() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: true) { writer throws in
            try writer.insertIntent(.fixture())
            var order = ManagedOrder.fixture()
            try writer.insertOrder(order)
            #expect(try writer.openOrders(broker: .paper) == [order])
            #expect(try writer.openOrders(broker: BrokerID("kis")) == [])
            order.brokerOrderID = BrokerOrderID("77")
            order.state = .partiallyFilled
            order.filledQuantity = Quantity(4)
            order.averageFillPrice = Price(101)
            order.acknowledgedAt = .fixture
            order.absenceProofs = 1
            try writer.updateOrder(order, expecting: .submitting)
            let found = try writer.order(
                broker: .paper, account: AccountID("A1"), brokerOrderID: BrokerOrderID("77"))
            #expect(found == order)
            #expect(try writer.orders(intent: OrderIntent.fixture().id) == [order])
            #expect(throws: StoreError.self) { try writer.updateOrder(order, expecting: .submitting) }
            order.state = .filled
            order.finishedAt = .fixture
            try writer.updateOrder(order, expecting: .partiallyFilled)
            #expect(try writer.order(order.clientOrderID) == order)
            #expect(try writer.openOrders() == [])
            #expect(try writer.orders(states: [.filled]).count == 1)
            let end = Instant.fixture.advanced(bySeconds: 1)
            #expect(try writer.countOrders(submittedFrom: .fixture, until: end) == 1)
            #expect(try writer.countOrders(submittedFrom: end, until: end.advanced(bySeconds: 1)) == 0)
        }
    }

    @Test("One broker order id belongs to one order")
    func brokerOrderID() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        #expect(throws: StoreError.self) {
            try database.write(durable: true) { writer throws in
                for minutes in [0, 5] as [Int64] {
                    let intent = OrderIntent.fixture(cycle: .fixture(minutes))
                    try writer.insertIntent(intent)
                    try writer.insertOrder(.fixture(intent: intent, brokerOrderID: "7"))
                }
            }
        }
    }

    @Test("Messages come back word for word and in order, by order and by intent")
    func messages() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        try database.write(durable: true) { writer throws in
            try writer.insertIntent(.fixture())
            let order = ManagedOrder.fixture()
            try writer.insertOrder(order)
            let body: JSONValue = ["ODNO": "0000117057", "note": "주문 전송 완료"]
            try writer.appendOrderMessage(
                order.clientOrderID, attempt: 1, direction: .request, at: .fixture, body: ["a": 1])
            try writer.appendOrderMessage(order.clientOrderID, attempt: 1, direction: .answer, at: .fixture, body: body)
            let messages = try writer.orderMessages(order: order.clientOrderID)
            #expect(messages.map(\.direction) == [.request, .answer])
            #expect(messages.last?.body == body)
            #expect(messages.last?.digest == body.digest)
            #expect(try writer.orderMessages(intent: OrderIntent.fixture().id) == messages)
        }
    }

    @Test("A verdict replaces the one before")
    func verdicts() throws {
        let scratch = try Scratch()
        let database = try scratch.open()
        func verdict(_ verdict: RiskVerdict.Verdict) -> RiskVerdict {
            RiskVerdict(
                intentID: OrderIntent.fixture().id, cycle: .fixture(), verdict: verdict,
                reasons: [Reason(code: "max-daily-orders", message: "101 of 100")], numbers: ["orders": 101],
                decidedAt: .fixture)
        }
        try database.write(durable: true) { writer throws in
            try writer.insertIntent(.fixture())
            try writer.putRiskVerdict(verdict(.rejected))
            try writer.putRiskVerdict(verdict(.approved))
            #expect(try writer.riskVerdicts(cycle: .fixture()) == [verdict(.approved)])
            #expect(try writer.riskVerdict(OrderIntent.fixture().id) == verdict(.approved))
        }
    }
}
