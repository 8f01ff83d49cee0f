import Core
import TestSupport
import Testing

@Suite("Brackets")
struct BracketTests {
    private func bracket(_ profit: Int?, _ loss: Int?) throws -> Bracket {
        try #require(Bracket(takeProfit: profit.map { Price($0) }, stopLoss: loss.map { Price($0) }))
    }

    @Test(
        "An entry lies between both of its prices, whichever side it is on; on them is not between",
        arguments: [
            (110, 90, 100, Side.buy, true), (110, 90, 110, .buy, false), (110, 90, 90, .buy, false),
            (110, nil, 1, .buy, true), (nil, 90, 1000, .buy, true), (nil, 90, 89, .buy, false),
            (90, 110, 100, .sell, true), (110, 90, 100, .sell, false), (90, nil, 100, .sell, true),
            (90, nil, 89, .sell, false), (nil, 110, 111, .sell, false),
        ] as [(Int?, Int?, Int, Side, Bool)])
    func encloses(profit: Int?, loss: Int?, price: Int, side: Side, isBetween: Bool) throws {
        #expect(try bracket(profit, loss).encloses(Price(price), side) == isBetween)
    }

    @Test(
        "Without a price there is none; with one there is one order, with both two, and each closes what the entry opens"
    )
    func legs() throws {
        #expect(Bracket(takeProfit: nil, stopLoss: nil) == nil)
        var entry = OrderIntent.fixture(side: .sell, quantity: Quantity(7))
        #expect(entry.protection(at: .fixture).isEmpty)
        entry = entry.with(try bracket(90, 110))
        let exits = entry.protection(at: .fixture)
        #expect(exits.map(\.purpose) == [.takeProfit, .stopLoss])
        #expect(exits.map(\.type) == [.limit(Price(90)), .stop(Price(110))])
        #expect(exits.allSatisfy { $0.side == .buy && $0.quantity == Quantity(7) && $0.handling.protects == entry.id })
        #expect(exits.allSatisfy { $0.timeInForce == .goodTillCancelled && $0.purpose.reducesRisk })
        #expect(Set(exits.map(\.clientOrderID) + [entry.clientOrderID]).count == 3)
        #expect(
            entry.with(try bracket(nil, 110)).protection(at: .fixture).map(\.purpose) == [.stopLoss])
    }

    @Test("They go through evidence unchanged, and orders without one keep their bytes")
    func evidence() throws {
        #expect(OrderHandling.plain.json == nil)
        for handling in [
            OrderHandling(bracket: try bracket(110, 90)), OrderHandling(bracket: try bracket(nil, 90)),
            OrderHandling(outsideRegularHours: true, protects: IntentID("NVDA-entry-1")),
        ] {
            let json = try #require(handling.json)
            #expect(try OrderHandling(EvidenceReader<Problem>(json, path: "handling")) == handling)
        }
        #expect(throws: Problem.self) {
            try OrderHandling(EvidenceReader<Problem>(["bracket": [:]], path: "handling"))
        }
    }

    struct Problem: Error, EvidenceFailure {
        static func evidence(path: String, problem: String) -> Problem { Problem() }
    }

    // MARK: What may still be executed

    private func order(
        _ id: String, protects: String? = nil, filled: Int = 0, _ state: OrderState = .working, attempt: Int = 1,
        quantity: Int = 100
    ) -> ManagedOrder {
        ManagedOrder(
            clientOrderID: ClientOrderID(id), intentID: IntentID(id), attempt: attempt, origin: .takt,
            profile: ProfileName("us-5m"), broker: .paper, account: AccountID("A1"), brokerOrderID: BrokerOrderID(id),
            symbol: Symbol("NVDA"), side: protects == nil ? .buy : .sell, type: .market, quantity: Quantity(quantity),
            timeInForce: .day, handling: OrderHandling(protects: protects.map { IntentID($0) }), state: state,
            filledQuantity: Quantity(filled), submittedAt: .fixture)
    }

    private func open(_ orders: [ManagedOrder]) throws -> [Int] {
        let executable = try ExecutableQuantities(orders)
        return orders.map { order in (0...200).first { Quantity($0) == executable[order] } ?? -1 }
    }

    @Test("What protects an entry may sell what that has bought, once, and no more")
    func together() throws {
        // Nothing is bought: nothing is sold.
        #expect(try open([order("E"), order("P", protects: "E"), order("S", protects: "E")]) == [100, 0, 0])
        // In part: as much, by one of both.
        let part = [order("E", filled: 40, .partiallyFilled), order("P", protects: "E"), order("S", protects: "E")]
        #expect(try open(part) == [60, 40, 0])
        // In full, and the entry is among the living no more.
        #expect(try open([order("P", protects: "E"), order("S", protects: "E")]) == [100, 0])
        // One has sold some: the other one is smaller by that as soon as it is listed so, and counts too much until then.
        let profit = order("P", protects: "E", filled: 30, .partiallyFilled)
        #expect(try open([profit, order("S", protects: "E", quantity: 70)]) == [70, 0])
        #expect(try open([profit, order("S", protects: "E")]) == [0, 100])
        // Both have sold some, and are listed smaller by that already: what rests is not counted away.
        let smaller = [
            order("P", protects: "E", filled: 30, .partiallyFilled, quantity: 60),
            order("S", protects: "E", filled: 40, .partiallyFilled, quantity: 70),
        ]
        #expect(try open(smaller).reduce(0, +) == 30)
        let even = [
            order("P", protects: "E", filled: 30, .partiallyFilled, quantity: 70),
            order("S", protects: "E", filled: 30, .partiallyFilled, quantity: 70),
        ]
        #expect(try open(even).reduce(0, +) == 40)
        // One is in doubt: it counts, and not twice.
        #expect(try open([order("P", protects: "E", .inDoubt), order("S", protects: "E")]) == [100, 0])
        // Two entries, each with its own; an order that is over counts for nothing.
        let two = [order("P", protects: "E"), order("Q", protects: "F"), order("R", protects: "F", .cancelled)]
        #expect(try open(two) == [100, 100, 0])
        // Another attempt is another group.
        #expect(try open([order("P", protects: "E"), order("P2", protects: "E", attempt: 2)]) == [100, 100])
        #expect(try open([order("X"), order("Y")]) == [100, 100])
    }
}

extension OrderIntent {
    fileprivate func with(_ bracket: Bracket) -> OrderIntent {
        OrderIntent(
            cycle: cycle, symbol: symbol, leg: leg, purpose: purpose, side: side, type: type, quantity: quantity,
            timeInForce: timeInForce, handling: OrderHandling(bracket: bracket), state: state, broker: broker,
            referencePrice: referencePrice, createdAt: createdAt, expiresAt: expiresAt)
    }
}
