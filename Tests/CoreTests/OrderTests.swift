import Core
import TestSupport
import Testing

@Suite struct OrderTests {
    @Test(
        "An order type is put together again from its name and prices",
        arguments: [
            .market, .limit(Price(10)), .stop(Price(9)), .stopLimit(stop: Price(9), limit: Price(8)), .marketToLimit,
            .conditionalLimit(Price(10)), .bestOwnSide, .trailingStop(.amount(Price(2))),
            .trailingStop(.share(Fraction(FixedPoint(int64Units: 2_000_000)))),
            .trailingStopLimit(.amount(Price(2)), firstStop: Price(9), limitOffset: Price(1)),
        ] as [OrderType])
    func types(type: OrderType) throws {
        #expect(OrderType(name: type.name, type.prices) == type)
        let evidence = try EvidenceReader<Unreadable>(type.evidence, path: "type")
        #expect(try OrderType(evidence) == type)
    }

    private struct Unreadable: EvidenceFailure {
        let problem: String
        static func evidence(path: String, problem: String) -> Unreadable { Unreadable(problem: "\(path) \(problem)") }
    }

    @Test("The evidence of the four first types has the bytes it always had")
    func oldEvidence() {
        #expect(OrderType.market.evidence.text == #"{"name":"market","limit":null,"stop":null}"#)
        #expect(
            OrderType.stopLimit(stop: Price(9), limit: Price(8)).evidence.text
                == #"{"name":"stop-limit","limit":"8","stop":"9"}"#)
    }

    @Test("A stop that follows the market is the same order wherever it stands; another distance makes another one")
    func following() {
        func order(_ stop: Int, _ trail: Int) -> OrderType {
            .trailingStopLimit(.amount(Price(trail)), firstStop: Price(stop), limitOffset: Price(1))
        }
        #expect(order(9, 2).isListed(as: order(12, 2)) && !order(9, 2).isListed(as: order(9, 3)))
        #expect(!OrderType.stop(Price(9)).isListed(as: .stop(Price(10))))
    }

    @Test(
        "How an order is worked is read again as it was written; nothing asked for is nothing written",
        arguments: [
            OrderHandling(goodUntil: Instant(epochSeconds: 1_900_000_000)), OrderHandling(outsideRegularHours: true),
            OrderHandling(algorithm: .adaptive(.patient)),
            OrderHandling(algorithm: .timeWeighted(from: nil, until: Instant(epochSeconds: 1_900_000_000))),
            OrderHandling(
                outsideRegularHours: true,
                algorithm: .volumeWeighted(
                    maximumShare: Fraction(FixedPoint(int64Units: 10_000_000)),
                    from: Instant(epochSeconds: 1_900_000_000), until: nil)),
        ])
    func handling(handling: OrderHandling) throws {
        let json = try #require(handling.json)
        let stored = try JSONValue(parsing: json.text)
        #expect(try OrderHandling(EvidenceReader<Unreadable>(stored, path: "handling")) == handling)
        #expect(OrderHandling.plain.json == nil && OrderHandling.plain.wishes.isEmpty)
    }

    @Test("Prices that do not fit the name are refused")
    func mismatched() {
        func type(_ name: String, _ prices: OrderPrices) -> OrderType? { OrderType(name: name, prices) }
        #expect(type("market", OrderPrices(limit: Price(1))) == nil)
        #expect(type("limit", OrderPrices()) == nil)
        #expect(type("limit", OrderPrices(limit: Price(1), stop: Price(1))) == nil)
        #expect(type("stop", OrderPrices(limit: Price(1))) == nil)
        #expect(type("stop-limit", OrderPrices(stop: Price(1))) == nil)
        #expect(type("conditional-limit", OrderPrices()) == nil)
        #expect(type("trailing-stop", OrderPrices(stop: Price(1))) == nil)
        #expect(type("trailing-stop-limit", OrderPrices(trail: .amount(Price(1)), limitOffset: Price(1))) == nil)
        #expect(type("iceberg", OrderPrices()) == nil)
        #expect(
            OrderPrices(limit: nil, stop: nil, trailAmount: Price(1), trailShare: .one, limitOffset: nil) == nil)
    }

    @Test("The names of the states are the contract's")
    func stateNames() {
        #expect(
            OrderState.allCases.map(\.rawValue) == [
                "proposed", "approved", "rejected", "submitting", "in-doubt", "acknowledged", "working",
                "partially-filled", "filled", "cancelling", "cancel-in-doubt", "cancelled", "expired",
                "rejected-by-broker",
            ])
    }

    @Test("No state is both final and live; what is in doubt may be live")
    func stateClasses() {
        #expect(OrderState.allCases.filter { $0.isFinal && $0.mayBeLive }.isEmpty)
        #expect(OrderState.allCases.filter { !$0.isFinal && !$0.mayBeLive } == [.proposed, .approved])
        #expect(OrderState.inDoubt.mayBeLive && OrderState.cancelInDoubt.mayBeLive && OrderState.submitting.mayBeLive)
    }

    @Test("Sides have opposites and signs")
    func sides() {
        #expect(Side.buy.opposite == .sell && Side.sell.opposite == .buy)
        #expect(Side.sell.signed(Quantity(5)) == -Quantity(5))
        #expect(Side.buy.signed(Quantity(5)) == Quantity(5))
    }

    @Test("What is left is the quantity less the fills, and nothing once the order is final")
    func leaves() {
        #expect(ManagedOrder.fixture(state: .inDoubt).leavesQuantity == Quantity(100))
        let part = ManagedOrder.fixture(state: .partiallyFilled, filledQuantity: Quantity(40))
        #expect(part.leavesQuantity == Quantity(60))
        #expect(ManagedOrder.fixture(state: .cancelled, filledQuantity: Quantity(40)).leavesQuantity == .zero)
        #expect(ManagedOrder.fixture(state: .working, filledQuantity: Quantity(120)).leavesQuantity == .zero)
    }

    @Test("A fill's id is broker, account and execution")
    func fillID() {
        #expect(Fill.fixture("E7").id == "paper:A1:E7")
    }

    @Test("A failpoint that is not armed does nothing, an armed one says its name")
    func failpoints() {
        Failpoints.none.hit(.submitAfterSend)
        let names = Failpoint.allCases.map(\.rawValue)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.split(separator: ".").count == 2 })
    }
}
