import Core
import TestSupport
import Testing

@Suite struct OrderTests {
    @Test(
        "An order type is put together again from its name and prices",
        arguments: [.market, .limit(Price(10)), .stop(Price(9)), .stopLimit(stop: Price(9), limit: Price(8))]
            as [OrderType])
    func types(type: OrderType) {
        #expect(OrderType(name: type.name, limitPrice: type.limitPrice, stopPrice: type.stopPrice) == type)
    }

    @Test("Prices that do not fit the name are refused")
    func mismatched() {
        #expect(OrderType(name: "market", limitPrice: Price(1), stopPrice: nil) == nil)
        #expect(OrderType(name: "limit", limitPrice: nil, stopPrice: nil) == nil)
        #expect(OrderType(name: "limit", limitPrice: Price(1), stopPrice: Price(1)) == nil)
        #expect(OrderType(name: "stop", limitPrice: Price(1), stopPrice: nil) == nil)
        #expect(OrderType(name: "stop-limit", limitPrice: nil, stopPrice: Price(1)) == nil)
        #expect(OrderType(name: "iceberg", limitPrice: nil, stopPrice: nil) == nil)
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
